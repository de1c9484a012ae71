//! `hornbeam FILE`: SQL at a terminal, from a pipe, or from the command line.

use crate::arguments::ShellArguments;
use crate::errors::CliError;
use crate::files::{Pieces, Reading};
use crate::opening::{self, Opened};
use crate::programs;
use env::Env;
use env::sync::atomic::{AtomicBool, Ordering};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Context, Editor, Helper};
use session::{Engine, Session};
use shell::{Place, Shell, Surroundings};
use std::cell::RefCell;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    TIMING: "cli.timing", Clock, "\\timing tells nothing";
    WATCH: "cli.watch", Clock, "\\watch does not wait";
    TODAY: "cli.today", Clock, "\\watch does not tell what time it is";
}

/// Opens the database, making it when it is missing, and runs what is said; whether every statement succeeded.
pub fn run(env: &Arc<dyn Env>, arguments: &ShellArguments) -> Result<bool, CliError> {
    let Some(file) = &arguments.file else { return Err(CliError::NoFile) };
    // As SQLite calls it.
    let file = (file.as_os_str() != ":memory:").then_some(file.as_path());
    let Opened { world, store, name, notice } =
        opening::open(env, file, arguments.cache, arguments.read_only)?;
    if let Some(notice) = notice {
        eprintln!("hornbeam: {notice}");
    }
    let engine = Engine::new(world, store.clone()).map_err(|error| CliError::Sql(error.to_string()))?;
    let session = Session::new(&engine).map_err(|error| CliError::Sql(error.to_string()))?;
    let shell = Rc::new(RefCell::new(Shell::new(session, &name)));
    let terminal = std::io::stdin().is_terminal();
    let interrupted = Arc::new(AtomicBool::new(false));
    let mut around = Terminal { env: env.clone(), output: None, interrupted, progress: terminal };
    if !arguments.commands.is_empty() {
        let mut shell = shell.borrow_mut();
        shell.set_stop_on_error(true);
        for command in &arguments.commands {
            if !shell.has_failed() {
                shell.script(command, &mut around);
            }
        }
    } else if terminal {
        converse(&shell, &mut around)?;
    } else {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(|error| CliError::Terminal(error.to_string()))?;
        shell.borrow_mut().script(shell::script_text(&bytes)?, &mut around);
    }
    let failed = shell.borrow().has_failed();
    drop(shell);
    drop(engine);
    store.close().map_err(CliError::Store)?;
    Ok(!failed)
}

/// Line by line, with editing, history and completion.
fn converse(shell: &Rc<RefCell<Shell>>, around: &mut Terminal) -> Result<(), CliError> {
    let told = |error: ReadlineError| CliError::Terminal(error.to_string());
    let mut editor: Editor<Completing, DefaultHistory> = Editor::new().map_err(told)?;
    editor.set_helper(Some(Completing { shell: shell.clone() }));
    let (canceller, interrupted) = (shell.borrow().canceller(), around.interrupted.clone());
    // While a line is typed the terminal hands Ctrl-C on as a key; what comes here ends what runs.
    let handled = ctrlc::set_handler(move || {
        interrupted.store(true, Ordering::Relaxed);
        canceller.cancel();
    });
    handled.map_err(|error| CliError::Terminal(error.to_string()))?;
    println!("hornbeam {}. \\? lists commands, \\q leaves.", env!("CARGO_PKG_VERSION"));
    while !shell.borrow().is_over() {
        let prompt = shell.borrow().prompt();
        match editor.readline(&prompt) {
            Ok(line) => {
                if !line.trim().is_empty() {
                    let _ = editor.add_history_entry(&line);
                }
                around.interrupted.store(false, Ordering::Relaxed);
                shell.borrow_mut().typed(&line, around);
            }
            Err(ReadlineError::Interrupted) => shell.borrow_mut().interrupt(),
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(told(error)),
        }
    }
    Ok(())
}

/// Completes what is typed by what the shell knows.
struct Completing {
    shell: Rc<RefCell<Shell>>,
}

impl Completer for Completing {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.shell.borrow_mut().complete(line, position))
    }
}

impl Hinter for Completing {
    type Hint = String;
}

impl Highlighter for Completing {}
impl Validator for Completing {}
impl Helper for Completing {}

/// The terminal, the files and the clock, as the shell asks for them.
struct Terminal {
    env: Arc<dyn Env>,
    /// Where results are written to instead.
    output: Option<shell::Writer>,
    /// Whether somebody pressed Ctrl-C since the line was typed.
    interrupted: Arc<AtomicBool>,
    /// Whether somebody sees how far a copy is.
    progress: bool,
}

impl Surroundings for Terminal {
    fn read_line(&mut self, prompt: &str) -> Option<String> {
        print!("{prompt}");
        let _ = std::io::stdout().flush();
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned())
    }

    fn read(&mut self, place: &Place) -> Result<shell::Pieces, String> {
        match place {
            Place::File(path) => {
                let mut file =
                    Reading::open(&*self.env, Path::new(path)).map_err(|error| error.to_string())?;
                Ok(Box::new(move |bytes| file.read(bytes).map_err(|error| error.to_string())))
            }
            Place::Program(command) => {
                let mut program = programs::Output::start(command)?;
                Ok(Box::new(move |bytes| program.read(bytes)))
            }
        }
    }

    fn write(&mut self, place: &Place) -> Result<shell::Writer, String> {
        match place {
            Place::File(path) => {
                let mut file =
                    Pieces::open(&*self.env, Path::new(path)).map_err(|error| error.to_string())?;
                Ok(Box::new(move |bytes| file.write(bytes).map_err(|error| error.to_string())))
            }
            Place::Program(command) => {
                let mut program = programs::Written::start(command)?;
                Ok(Box::new(move |bytes| program.write(bytes)))
            }
        }
    }

    fn run(&mut self, command: Option<&str>) -> Result<(), String> {
        programs::run(command)
    }

    fn edit(&mut self, text: &str) -> Result<String, String> {
        edit::edit(text).map_err(|error| error.to_string())
    }

    fn redirect(&mut self, place: Option<&Place>) -> Result<(), String> {
        // What is written to now ends before the other begins.
        self.output = None;
        self.output = place.map(|place| self.write(place)).transpose()?;
        Ok(())
    }

    fn print(&mut self, bytes: &[u8]) {
        match &mut self.output {
            Some(write) => {
                if let Err(reason) = write(bytes) {
                    eprintln!("{reason}");
                }
            }
            None => {
                let mut out = std::io::stdout().lock();
                // Nobody reads any more: there is nobody to tell.
                let _ = out.write_all(bytes).and_then(|()| out.flush());
            }
        }
    }

    fn complain(&mut self, text: &str) {
        eprint!("{text}");
    }

    fn progress(&mut self, text: &str) {
        if self.progress {
            eprint!("\r\x1b[K{text}");
        }
    }

    fn milliseconds(&mut self) -> f64 {
        let now: Duration = self.env.monotonic(&TIMING);
        now.as_secs_f64() * 1000.0
    }

    fn now(&mut self) -> String {
        let seconds = self.env.wall_clock(&TODAY) / 1_000_000;
        let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
        format!("{hours:02}:{minutes:02}:{:02} UTC", seconds % 60)
    }

    fn sleep(&mut self, seconds: f64) -> bool {
        /// How long one sleeps before one looks whether one is interrupted.
        const STEP: f64 = 0.1;
        let mut left = seconds;
        while left > 0.0 && !self.interrupted.load(Ordering::Relaxed) {
            self.env.sleep(&WATCH, Duration::from_secs_f64(left.min(STEP)));
            left -= STEP;
        }
        !self.interrupted.load(Ordering::Relaxed)
    }

    fn width(&mut self) -> Option<usize> {
        let (_, columns) = console::Term::stdout().size_checked()?;
        self.output.is_none().then_some(usize::from(columns))
    }
}
