//! `hornbeam FILE`: SQL at a terminal, from a pipe, or from the command line.

use crate::arguments::ShellArguments;
use crate::errors::CliError;
use crate::files::{Output, read_text};
use env::Env;
use rustyline::error::ReadlineError;
use session::{Engine, Session};
use shell::{Shell, Surroundings};
use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreOptions};

env::labels! {
    TIMING: "cli.timing", Clock, "\\timing tells nothing";
}

/// Opens the database, making it when it is missing, and runs what is said; whether every statement succeeded.
pub fn run(env: &Arc<dyn Env>, arguments: &ShellArguments) -> Result<bool, CliError> {
    let Some(file) = &arguments.file else { return Err(CliError::NoFile) };
    let store = Store::open(env.clone(), file, StoreOptions::default()).map_err(CliError::Store)?;
    let engine = Engine::new(env.clone(), store.clone()).map_err(|error| CliError::Sql(error.to_string()))?;
    let session = Session::new(&engine).map_err(|error| CliError::Sql(error.to_string()))?;
    let name = file.file_stem().map_or_else(|| "hornbeam".into(), |name| name.to_string_lossy().into_owned());
    let mut shell = Shell::new(session, &name);
    let mut around = Terminal { env: env.clone(), output: None };
    if !arguments.commands.is_empty() {
        shell.set_stop_on_error(true);
        for command in &arguments.commands {
            shell.script(command, &mut around);
        }
    } else if std::io::stdin().is_terminal() {
        converse(&mut shell, &mut around)?;
    } else {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|error| CliError::Terminal(error.to_string()))?;
        shell.script(&text, &mut around);
    }
    let failed = shell.has_failed();
    drop(shell);
    drop(engine);
    store.close().map_err(CliError::Store)?;
    Ok(!failed)
}

/// Line by line, with editing and history.
fn converse(shell: &mut Shell, around: &mut Terminal) -> Result<(), CliError> {
    let told = |error: ReadlineError| CliError::Terminal(error.to_string());
    let mut editor = rustyline::DefaultEditor::new().map_err(told)?;
    println!("hornbeam {}. \\? lists commands, \\q leaves.", env!("CARGO_PKG_VERSION"));
    while !shell.is_over() {
        match editor.readline(&shell.prompt()) {
            Ok(line) => {
                if !line.trim().is_empty() {
                    let _ = editor.add_history_entry(&line);
                }
                shell.line(&line, around);
            }
            Err(ReadlineError::Interrupted) => shell.interrupt(),
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(told(error)),
        }
    }
    Ok(())
}

/// The terminal, the files and the clock, as the shell asks for them.
struct Terminal {
    env: Arc<dyn Env>,
    /// Where results are written to instead, and what is to be written.
    output: Option<(Output, String)>,
}

impl Terminal {
    fn flush(&mut self) -> Result<(), String> {
        let Some((file, text)) = self.output.take() else { return Ok(()) };
        file.write(text.as_bytes()).map_err(|error| error.to_string())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Err(reason) = self.flush() {
            eprintln!("{reason}");
        }
    }
}

impl Surroundings for Terminal {
    fn read_file(&mut self, path: &str) -> Result<String, String> {
        read_text(&*self.env, Path::new(path)).map_err(|error| error.to_string())
    }

    fn redirect(&mut self, path: Option<&str>) -> Result<(), String> {
        self.flush()?;
        if let Some(path) = path {
            let file = Output::open(&*self.env, Path::new(path)).map_err(|error| error.to_string())?;
            self.output = Some((file, String::new()));
        }
        Ok(())
    }

    fn print(&mut self, text: &str) {
        match &mut self.output {
            Some((_, output)) => output.push_str(text),
            None => {
                let mut out = std::io::stdout().lock();
                // Nobody reads any more: there is nobody to tell.
                let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            }
        }
    }

    fn complain(&mut self, text: &str) {
        eprint!("{text}");
    }

    fn milliseconds(&mut self) -> f64 {
        let now: Duration = self.env.monotonic(&TIMING);
        now.as_secs_f64() * 1000.0
    }
}
