//! The shell: lines in, statements and commands out; scripts within scripts.

use crate::arguments;
use crate::client::{Channel, Progress, ShellClient};
use crate::collect::{Collect, Event};
use crate::conditions::Conditions;
use crate::formatting::Formatting;
use crate::input::Input;
use crate::message::{self, Verbosity};
use crate::scan::{Found, Scanner};
use crate::surroundings::{Place, Surroundings, Writer};
use crate::variables::Variables;
use display::Table;
use session::Session;
use session::client::Report;
use std::cell::RefCell;
use std::rc::Rc;

/// A shell on a session.
pub struct Shell {
    pub(crate) session: Session,
    /// The name of the database, for the prompt.
    pub(crate) name: String,
    /// What was typed of a statement so far.
    pub(crate) buffer: String,
    pub(crate) scanner: Scanner,
    /// The statement that was run last, for `\g`.
    pub(crate) last: String,
    pub(crate) formatting: Formatting,
    pub(crate) variables: Variables,
    pub(crate) conditions: Conditions,
    /// The last error, and of which statement it is.
    pub(crate) last_error: Option<(String, Report)>,
    pub(crate) timing: bool,
    pub(crate) quit: bool,
    /// Whether a statement has failed.
    pub(crate) failed: bool,
    /// How many scripts include each other, and beside which files the innermost stands.
    pub(crate) depth: usize,
    pub(crate) directory: String,
}

/// What becomes of a statement's results.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    /// How they look, if otherwise than usual.
    pub formatting: Option<Formatting>,
    /// Where they go to.
    pub place: Option<Place>,
}

impl Shell {
    /// On a session of the database called `name`.
    pub fn new(session: Session, name: &str) -> Shell {
        Shell {
            session,
            name: name.to_owned(),
            buffer: String::new(),
            scanner: Scanner::default(),
            last: String::new(),
            formatting: Formatting::default(),
            variables: Variables::default(),
            conditions: Conditions::default(),
            last_error: None,
            timing: false,
            quit: false,
            failed: false,
            depth: 0,
            directory: String::new(),
        }
    }

    /// What stands before the next line.
    pub fn prompt(&self) -> String {
        let state = match self.session.status() {
            session::transaction::block::Status::Idle => "",
            session::transaction::block::Status::Open => "*",
            session::transaction::block::Status::Failed => "!",
        };
        let open = match self.scanner.mark() {
            Some(mark) => mark,
            None if self.buffer.trim().is_empty() => '=',
            None => '-',
        };
        format!("{}{open}{state}# ", self.name)
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.quit
    }

    /// Whether a statement has failed.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// Whether to stop at the first statement that fails.
    pub fn set_stop_on_error(&mut self, stop: bool) {
        self.variables.set("ON_ERROR_STOP", if stop { "on" } else { "off" });
    }

    /// How results look.
    pub fn formatting_mut(&mut self) -> &mut Formatting {
        &mut self.formatting
    }

    /// Variables.
    pub fn variables_mut(&mut self) -> &mut Variables {
        &mut self.variables
    }

    /// What ends whatever runs, from another task.
    pub fn canceller(&self) -> store::Canceller {
        self.session.canceller()
    }

    /// Forgets what was typed: Ctrl-C.
    pub fn interrupt(&mut self) {
        self.buffer.clear();
        self.scanner = Scanner::default();
    }

    /// Takes a line that was typed.
    pub fn typed(&mut self, line: &str, around: &mut dyn Surroundings) {
        self.line(line, &mut Input::Typed, around);
    }

    /// Runs a whole text: a script, or what `-c` says.
    pub fn script(&mut self, text: &str, around: &mut dyn Surroundings) {
        let mut input = Input::Text(text);
        let depth = self.conditions.depth();
        while let Some(line) = input.line("", around) {
            self.line(&line, &mut input, around);
            if self.quit || self.must_stop() {
                return;
            }
        }
        self.finish(&mut input, around);
        if self.conditions.depth() > depth {
            self.complain("reached EOF without finding closing \\endif(s)", around);
            self.conditions.cut(depth);
        }
    }

    pub(crate) fn must_stop(&self) -> bool {
        self.failed && self.variables.is_on("ON_ERROR_STOP")
    }

    /// There are no more lines: what is left is run as it is.
    fn finish(&mut self, input: &mut Input<'_>, around: &mut dyn Surroundings) {
        let left = std::mem::take(&mut self.buffer);
        self.scanner = Scanner::default();
        if !left.trim().is_empty() && self.conditions.is_active() {
            self.run(left.trim(), &Target::default(), input, around);
        }
    }

    pub(crate) fn line(&mut self, line: &str, input: &mut Input<'_>, around: &mut dyn Surroundings) {
        if self.buffer.trim().is_empty() {
            self.buffer.clear();
            if matches!(line.trim(), "quit" | "exit") && self.conditions.is_active() {
                self.quit = true;
                return;
            }
        }
        // As in psql what is set counts from the next line on.
        self.scanner.set_backslashes(!self.session.settings().is_on("standard_conforming_strings"));
        let mut rest = line.to_owned();
        loop {
            let active = self.conditions.is_active();
            let mut unread = String::new();
            let buffer = if active { &mut self.buffer } else { &mut unread };
            match self.scanner.line(rest, &self.variables, buffer) {
                Found::Statement(left) => {
                    let statement = std::mem::take(&mut self.buffer);
                    if active {
                        self.run(statement.trim(), &Target::default(), input, around);
                    }
                    if self.must_stop() {
                        return;
                    }
                    rest = left;
                }
                Found::Command(text) => {
                    let command = arguments::read(&text, &self.variables);
                    self.command(&command, input, around);
                    if self.quit || self.must_stop() {
                        return;
                    }
                    rest = command.following;
                    if rest.is_empty() {
                        if !self.buffer.is_empty() {
                            self.buffer.push('\n');
                        }
                        return;
                    }
                }
                Found::LineEnd => return,
            }
        }
    }

    /// Runs a statement and shows what comes of it.
    pub(crate) fn run(
        &mut self,
        statement: &str,
        target: &Target,
        input: &mut Input<'_>,
        around: &mut dyn Surroundings,
    ) {
        if matches!(self.variables.get("ECHO"), Some("all" | "queries")) {
            around.print(format!("{statement}\n").as_bytes());
        }
        statement.clone_into(&mut self.last);
        let file = match target.place.as_ref().map(|place| around.write(place)).transpose() {
            Ok(file) => file.map(|write| Rc::new(RefCell::new(write))),
            Err(reason) => return self.complain(&reason, around),
        };
        let begun = around.milliseconds();
        let channel = match file.clone() {
            Some(file) => Channel::To(Box::new(move |bytes| (*file.borrow_mut())(bytes))),
            None => Channel::Standard,
        };
        let (collected, failed, copied) = self.execute(statement, channel, input, around);
        match &file {
            Some(file) => {
                self.show_in_file(&collected, target, &mut file.borrow_mut(), around);
            }
            None => self.show(statement, &collected, target, copied, around),
        }
        if let Some(report) = failed {
            self.tell_failure(statement, &report, around);
        }
        self.tell_time(begun, around);
        self.tell_notifications(around);
    }

    /// Shows what the session was told.
    pub(crate) fn tell_notifications(&mut self, around: &mut dyn Surroundings) {
        for told in self.session.take_notifications() {
            let payload = match told.payload.as_str() {
                "" => String::new(),
                payload => format!(" with payload \"{payload}\""),
            };
            let (channel, process) = (told.channel, told.process);
            around.print(
                format!(
                    "Asynchronous notification \"{channel}\"{payload} received from server process with PID {process}.\n"
                )
                .as_bytes(),
            );
        }
    }

    pub(crate) fn tell_time(&mut self, begun: f64, around: &mut dyn Surroundings) {
        if self.timing {
            let passed = around.milliseconds() - begun;
            around.print(format!("Time: {passed:.3} ms\n").as_bytes());
        }
    }

    pub(crate) fn tell_failure(&mut self, statement: &str, report: &Report, around: &mut dyn Surroundings) {
        self.failed = true;
        self.variables.set("SQLSTATE", report.sqlstate.code());
        self.variables.set("LAST_ERROR_SQLSTATE", report.sqlstate.code());
        self.variables.set("LAST_ERROR_MESSAGE", &report.message);
        let mut text = String::new();
        message::write(statement, report, self.verbosity(), &mut text);
        around.complain(&text);
        self.last_error = Some((statement.to_owned(), report.clone()));
    }

    /// Shows the last error with all that is known of it.
    pub(crate) fn tell_error_again(&self, around: &mut dyn Surroundings) {
        let Some((statement, report)) = &self.last_error else {
            return around.print(b"There is no previous error.\n");
        };
        let mut text = String::new();
        message::write(statement, report, Verbosity::Verbose, &mut text);
        around.complain(&text);
    }

    fn verbosity(&self) -> Verbosity {
        match self.variables.get("VERBOSITY") {
            Some("verbose") => Verbosity::Verbose,
            Some("terse") => Verbosity::Terse,
            Some("sqlstate") => Verbosity::State,
            _ => Verbosity::Default,
        }
    }

    /// Runs a statement; what it yields, why it failed, and whether it copied something to where results go.
    pub(crate) fn execute(
        &mut self,
        statement: &str,
        channel: Channel,
        input: &mut Input<'_>,
        around: &mut dyn Surroundings,
    ) -> (Collect<'static>, Option<Box<Report>>, bool) {
        let mut client = ShellClient {
            collected: Collect::default(),
            input,
            around,
            channel,
            awaits: false,
            copied_out: false,
            progress: Progress::default(),
        };
        let failed = self.session.execute(statement, &mut client).err();
        client.skip_data();
        if client.progress.lines > 0 {
            client.around.progress("");
        }
        let (mut collected, copied) = (client.collected, client.copied_out);
        if failed.is_some() {
            collected.forget_unfinished();
        }
        self.variables.set("ERROR", if failed.is_some() { "true" } else { "false" });
        if failed.is_none() {
            self.variables.set("SQLSTATE", "00000");
            self.variables.set("ROW_COUNT", &row_count(&collected).to_string());
        }
        (collected, failed, copied)
    }

    /// The rows of a query of the shell's own.
    pub(crate) fn query(&mut self, query: &str, around: &mut dyn Surroundings) -> Option<Table> {
        let mut collected = Collect::default();
        if let Err(report) = self.session.execute(query, &mut collected) {
            self.tell_failure(query, &report, around);
            return None;
        }
        collected.events.into_iter().find_map(|event| match event {
            Event::Rows(table, _) => Some(table),
            Event::Complete(_) | Event::Notice(_) | Event::Copied(_) => None,
        })
    }

    pub(crate) fn show(
        &mut self,
        statement: &str,
        collected: &Collect<'_>,
        target: &Target,
        copied: bool,
        around: &mut dyn Surroundings,
    ) {
        let verbosity = self.verbosity();
        let formatting = target.formatting.as_ref().unwrap_or(&self.formatting);
        let quiet = self.variables.is_on("QUIET");
        let mut rows = false;
        for event in &collected.events {
            let mut text = String::new();
            match event {
                Event::Rows(table, _) => {
                    formatting.write(table, around.width(), &mut text);
                    around.print(text.as_bytes());
                    rows = true;
                }
                Event::Notice(report) => {
                    message::write(statement, report, verbosity, &mut text);
                    around.complain(&text);
                }
                Event::Complete(tag) => {
                    let shown = !rows || changes_rows(tag);
                    if shown && !quiet && !copied {
                        around.print(format!("{tag}\n").as_bytes());
                    }
                    rows = false;
                }
                Event::Copied(bytes) => around.print(bytes),
            }
        }
    }

    /// Writes results to a file; what else was told is shown.
    fn show_in_file(
        &mut self,
        collected: &Collect<'_>,
        target: &Target,
        write: &mut Writer,
        around: &mut dyn Surroundings,
    ) {
        let formatting = target.formatting.as_ref().unwrap_or(&self.formatting);
        let mut done = Ok(());
        for event in &collected.events {
            match event {
                Event::Rows(table, _) => {
                    let mut text = String::new();
                    formatting.write(table, None, &mut text);
                    done = done.and_then(|()| write(text.as_bytes()));
                }
                Event::Notice(report) => {
                    let mut text = String::new();
                    message::write("", report, self.verbosity(), &mut text);
                    around.complain(&text);
                }
                Event::Complete(_) | Event::Copied(_) => {}
            }
        }
        if let Err(reason) = done {
            self.complain(&reason, around);
        }
    }

    pub(crate) fn complain(&mut self, reason: &str, around: &mut dyn Surroundings) {
        self.failed = true;
        around.complain(&format!("{reason}\n"));
    }
}

/// Changes that return rows have their tags shown, too.
fn changes_rows(tag: &str) -> bool {
    ["INSERT", "UPDATE", "DELETE", "MERGE"].iter().any(|verb| tag.starts_with(verb))
}

/// How many rows the last statement yielded or changed.
fn row_count(collected: &Collect<'_>) -> u64 {
    let tag = collected.events.iter().rev().find_map(|event| match event {
        Event::Complete(tag) => Some(tag),
        Event::Rows(..) | Event::Notice(_) | Event::Copied(_) => None,
    });
    tag.and_then(|tag| tag.rsplit(' ').next()).and_then(|count| count.parse().ok()).unwrap_or(0)
}
