//! Somebody who is logged in: statements, each with one message or in steps, as the extended query protocol takes them.

use super::sink::Sink;
use super::{Ended, Step, Wire};
use crate::labels::CLOCK;
use crate::protocol::backend::{Answers, Status};
use crate::protocol::frontend::{Message, of_column};
use crate::protocol::{Format, ProtocolError, Target};
use crate::shared::{Seat, Shared};
use diagnostic::{Diagnostic, SqlState};
use env::Env;
use session::client::{Report, ResultColumn, Severity};
use session::{Ender, Parameter, Progress, Session};
use std::time::Duration;
use types::Type;

/// Settings whose values a client is told, at the beginning and whenever they change (PostgreSQL's GUC_REPORT).
const REPORTED: &[&str] = &[
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "IntervalStyle",
    "is_superuser",
    "server_encoding",
    "server_version",
    "session_authorization",
    "standard_conforming_strings",
    "TimeZone",
];

/// Whether it was said that the next statement may come (ReadyForQuery), and since when it is waited for.
enum Rest {
    /// Something is being done, or messages are missing until it is.
    No,
    /// It was said just now.
    Begins,
    /// It was said then.
    Since(Duration),
}

/// A logged-in client.
pub struct Talking {
    session: Session,
    /// It is counted among the callers, and may be cancelled, as long as this is held.
    seat: Seat,
    /// Ends the session, from within what it sends.
    ender: Ender,
    rest: Rest,
    /// Whether what comes is skipped, up to the next `Sync`.
    skips: bool,
    /// What the client knows of the settings that are reported.
    told: Vec<String>,
    settings: session::settings::Mark,
}

impl Talking {
    /// Begins: tells the client what it has to know.
    ///
    /// # Errors
    /// When there is no chance to draw a secret from.
    pub fn begin(
        mut session: Session,
        seat: Seat,
        shared: &Shared,
        answers: &mut Answers,
    ) -> Result<Talking, Box<Report>> {
        answers.speak(session.spoken());
        let settings = session.settings().mark();
        let mut talking = Talking {
            ender: session.ender(),
            session,
            seat,
            rest: Rest::Begins,
            skips: false,
            told: vec![String::new(); REPORTED.len()],
            settings,
        };
        talking.report_settings(answers);
        let process = talking.session.process() as u32;
        let secret = shared.secret()?;
        talking.seat.sit(process, secret, talking.ender.clone());
        answers.key(process, secret);
        answers.ready(Status::Idle);
        Ok(talking)
    }

    /// How long it may still say nothing. Neither parts of a message nor notifications begin that anew.
    pub fn patience(&mut self, env: &dyn Env) -> Option<Duration> {
        let limit = self.limit()?;
        match self.rest {
            Rest::No => None,
            Rest::Begins => {
                self.rest = Rest::Since(env.monotonic(&CLOCK));
                Some(limit)
            }
            Rest::Since(then) => Some(limit.saturating_sub(env.monotonic(&CLOCK).saturating_sub(then))),
        }
    }

    fn limit(&self) -> Option<Duration> {
        let settings = self.session.settings().typed();
        let milliseconds = match self.session.status() {
            Status::Idle => settings.idle_timeout,
            Status::Open | Status::Failed => settings.idle_in_transaction_timeout,
        };
        (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
    }

    /// Whether it is within a transaction.
    pub fn status(&self) -> Status {
        self.session.status()
    }

    /// Whether somebody told it to end.
    pub fn is_ended(&self) -> bool {
        self.session.is_ended()
    }

    /// The next message.
    pub fn go_on(&mut self, wire: &mut Wire<'_>) -> Step {
        let mut frame = match wire.frames.message(wire.message_limit) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Step::Wait,
            Err(error) => {
                // Where the next message begins nobody knows.
                wire.answers.error(&Report::new(Severity::Fatal, &error), "");
                return Step::Over;
            }
        };
        // What was told while nothing was done is heard before what may end the listening.
        match std::mem::replace(&mut self.rest, Rest::No) {
            Rest::Begins | Rest::Since(_) => self.tell_notifications(wire.answers),
            Rest::No => {}
        }
        if self.skips && !matches!(frame.kind, b'S' | b'X') {
            return Step::Further;
        }
        let translated = frame.translate(wire.answers.encoding());
        let step = match translated.and_then(|()| frame.read()) {
            Ok(message) => self.message(frame.kind, message, wire),
            Err(error) => self.misread(frame.kind, &error, wire),
        };
        match step {
            Step::Over => Step::Over,
            Step::Further | Step::Wait | Step::Encrypt if self.is_ended() => {
                wire.answers.error(&Report::new(Severity::Fatal, &Ended::Told), "");
                Step::Over
            }
            further => further,
        }
    }

    fn message(&mut self, kind: u8, message: Message<'_>, wire: &mut Wire<'_>) -> Step {
        match message {
            Message::Query(text) => return self.query(text, wire),
            Message::Parse { name, text, types } => self.parse(name, text, &types, wire.answers),
            Message::Bind { portal, statement, values, formats } => {
                self.bind((portal, statement), &values, formats, wire.answers)
            }
            Message::Describe(Target::Statement, name) => self.describe_statement(name, wire.answers),
            Message::Describe(Target::Portal, name) => self.describe_portal(name, wire.answers),
            Message::Execute { portal, rows } => return self.execute(portal, rows, wire),
            Message::Close(target, name) => self.close(target, name, wire.answers),
            Message::Sync => return self.sync(wire),
            Message::Terminate => return Step::Over,
            // What is left of a COPY that has failed; what is to be flushed is when nothing more is there.
            Message::Flush | Message::CopyData(_) | Message::CopyDone | Message::CopyFail(_) => {}
            Message::Password(_) => return self.misread(kind, &ProtocolError::Kind(kind), wire),
            Message::FunctionCall { function, values, result } => {
                return self.call_function(function, &values, result, wire);
            }
        }
        Step::Further
    }

    /// A message that is none of its kind: an error of the statement, as PostgreSQL has it. What is left of a COPY that has failed
    /// is not looked at.
    fn misread(&mut self, kind: u8, error: &ProtocolError, wire: &mut Wire<'_>) -> Step {
        match (kind, error) {
            (_, ProtocolError::Kind(_)) => {
                wire.answers.error(&Report::new(Severity::Fatal, error), "");
                return Step::Over;
            }
            (b'X', _) => return Step::Over,
            (b'd' | b'c' | b'f', _) => return Step::Further,
            _ => {} // an error of what is done by messages
        }
        // Whether a function may be called is asked before the rest is looked at.
        let refused = if kind == b'F' { self.session.refuse_if_failed().err() } else { None };
        let report = refused.unwrap_or_else(|| self.session.fail_of(error));
        wire.answers.error(&report, "");
        match kind {
            b'S' => return self.sync(wire),
            b'Q' | b'F' => self.ready(wire.answers),
            _ => self.skips = true, // up to the next Sync
        }
        Step::Further
    }

    /// Statements in one message.
    fn query(&mut self, text: &str, wire: &mut Wire<'_>) -> Step {
        // The statement without a name lasts until the next one, prepared or not.
        self.session.close_prepared("");
        let mut sink = Sink::new(wire, text, &self.ender);
        let done = self.session.execute(text, &mut sink);
        let failure = match done {
            Ok(()) => sink.unsent().map(|error| self.session.fail_of(&error)),
            Err(report) => Some(sink.failure(report)),
        };
        let (gone, lost) = (sink.is_gone(), sink.is_lost());
        // Who was told to end while he was asked for his data is told so.
        if self.is_ended() {
            return Step::Further;
        }
        if gone {
            return Step::Over;
        }
        if let Some(report) = failure {
            wire.answers.error(&report, text);
            if lost {
                return lose(wire);
            }
            if report.severity == Severity::Fatal {
                return Step::Over;
            }
        }
        self.ready(wire.answers);
        Step::Further
    }

    /// A function by its number; ReadyForQuery follows, as after a text.
    fn call_function(
        &mut self,
        function: u32,
        values: &[(Format, Option<&[u8]>)],
        result: Format,
        wire: &mut Wire<'_>,
    ) -> Step {
        let formats = [result];
        self.session.begins_step("<FASTPATH>");
        let mut sink = Sink::new(wire, "", &self.ender).of_call(&formats);
        let parameters = parameters_of(values);
        let done = self.session.call_function(function, &parameters, result == Format::Binary, &mut sink);
        let failure = match done {
            Ok(()) => sink.unsent().map(|error| self.session.fail_of(&error)),
            Err(report) => Some(sink.failure(report)),
        };
        let gone = sink.is_gone();
        self.session.ends_step();
        if self.is_ended() {
            return Step::Further;
        }
        if gone {
            return Step::Over;
        }
        if let Some(report) = failure {
            wire.answers.error(&report, "");
            if report.severity == Severity::Fatal {
                return Step::Over;
            }
        }
        self.ready(wire.answers);
        Step::Further
    }

    fn parse(&mut self, name: &str, text: &str, types: &[u32], answers: &mut Answers) {
        let types: Vec<Option<Type>> = types.iter().map(|oid| (*oid != 0).then(|| Type::of(*oid))).collect();
        match self.session.prepare(name, text, &types) {
            Ok(()) => answers.parsed(),
            Err(report) => {
                if name.is_empty() {
                    self.session.close_prepared("");
                }
                self.failed(&report, text, answers);
            }
        }
    }

    fn bind(
        &mut self,
        (portal, statement): (&str, &str),
        values: &[(Format, Option<&[u8]>)],
        formats: Vec<Format>,
        answers: &mut Answers,
    ) {
        let parameters = parameters_of(values);
        let bound = self.session.bind_portal_to(portal, statement, &parameters);
        let bound = bound.and_then(|()| {
            // Of what has no rows nobody asks in which form they are.
            let columns = self.session.portal_columns(portal)?.map(|columns| columns.len());
            match columns {
                Some(columns) if formats.len() > 1 && formats.len() != columns => {
                    let error = FormatCount { formats: formats.len(), columns };
                    Err(self.session.fail_of(&error))
                }
                Some(_) | None => Ok(()),
            }
        });
        match bound {
            Ok(()) => {
                let binary = formats.iter().map(|format| *format == Format::Binary).collect();
                self.session.set_portal_formats(portal, binary);
                answers.bound();
            }
            Err(report) => {
                let text = self.session.prepared_text(statement).unwrap_or_default();
                self.failed(&report, &text, answers);
            }
        }
    }

    fn describe_statement(&mut self, name: &str, answers: &mut Answers) {
        match self.session.describe(name) {
            Ok(description) => {
                answers.parameters(&description.parameters);
                self.tell_columns(description.columns.as_deref(), &[], answers);
            }
            Err(report) => {
                let text = self.session.prepared_text(name).unwrap_or_default();
                self.failed(&report, &text, answers);
            }
        }
    }

    fn describe_portal(&mut self, name: &str, answers: &mut Answers) {
        match self.session.describe_portal(name) {
            Ok(columns) => {
                self.tell_columns(columns.as_deref(), &self.formats_of(name), answers);
            }
            Err(report) => self.failed(&report, "", answers),
        }
    }

    fn execute(&mut self, portal: &str, rows: u32, wire: &mut Wire<'_>) -> Step {
        let text = self.session.portal_text(portal).unwrap_or_default().to_owned();
        let formats = self.formats_of(portal);
        let columns = match self.session.portal_columns(portal) {
            Ok(columns) => columns.map_or(0, |columns| columns.len()),
            Err(report) => {
                self.failed(&report, "", wire.answers);
                return Step::Further;
            }
        };
        self.session.begins_step(&text);
        let mut sink = Sink::new(wire, &text, &self.ender).of_portal(&formats, columns);
        let limit = (rows > 0).then_some(u64::from(rows));
        let done = self.session.run_portal(portal, limit, &mut sink);
        let done = match done {
            Ok(done) => sink.unsent().map_or(Ok(done), |error| Err(self.session.fail_of(&error))),
            Err(report) => Err(sink.failure(report)),
        };
        let (gone, lost) = (sink.is_gone(), sink.is_lost());
        match done {
            _ if self.is_ended() => {}
            _ if gone => return Step::Over,
            Ok(Progress::Complete) => {}
            Ok(Progress::Suspended) => wire.answers.suspended(),
            Err(report) => {
                self.failed(&report, &text, wire.answers);
                if lost {
                    return lose(wire);
                }
                if report.severity == Severity::Fatal {
                    return Step::Over;
                }
            }
        }
        Step::Further
    }

    fn close(&mut self, target: Target, name: &str, answers: &mut Answers) {
        match target {
            Target::Statement => self.session.close_prepared(name),
            Target::Portal => self.session.close_portal(name),
        }
        answers.closed();
    }

    fn sync(&mut self, wire: &mut Wire<'_>) -> Step {
        self.skips = false;
        if let Err(report) = self.session.sync(&mut Sink::new(wire, "", &self.ender)) {
            wire.answers.error(&report, "");
            if report.severity == Severity::Fatal {
                return Step::Over;
            }
        }
        self.session.ends_step();
        self.ready(wire.answers);
        Step::Further
    }

    fn tell_columns(&mut self, columns: Option<&[ResultColumn]>, formats: &[Format], answers: &mut Answers) {
        let Some(columns) = columns else { return answers.no_data() };
        if let Err(error) = answers.columns(columns, |place| of_column(formats, place)) {
            let report = self.session.fail_of(&error);
            self.failed(&report, "", answers);
        }
    }

    /// Tells of a failure between two `Sync`s.
    fn failed(&mut self, report: &Report, text: &str, answers: &mut Answers) {
        answers.error(report, text);
        self.skips = true;
    }

    /// Whether it listens to what others tell.
    pub fn listens(&self) -> bool {
        self.session.listens()
    }

    /// Tells the client what its session was told.
    pub fn tell_notifications(&mut self, answers: &mut Answers) {
        for notification in self.session.take_notifications() {
            answers.notification(&notification);
        }
    }

    fn ready(&mut self, answers: &mut Answers) {
        self.report_settings(answers);
        self.tell_notifications(answers);
        answers.ready(self.session.status());
        self.rest = Rest::Begins;
    }

    /// The formats of a portal's columns.
    fn formats_of(&self, portal: &str) -> Vec<Format> {
        let binary = self.session.portal_formats(portal).iter();
        binary.map(|binary| if *binary { Format::Binary } else { Format::Text }).collect()
    }

    /// Bytes have come that were waited for: whoever cancelled meanwhile meant what had been done by then.
    pub fn wakes(&mut self) {
        self.session.forget_cancel();
    }

    /// Tells what has changed of the settings that a client has to know.
    fn report_settings(&mut self, answers: &mut Answers) {
        let settings = self.session.settings();
        let first = self.told.iter().all(String::is_empty);
        if !first && settings.is_as_at(&self.settings) {
            return;
        }
        self.settings = settings.mark();
        for (name, told) in REPORTED.iter().zip(&mut self.told) {
            // All of them are there.
            let Ok(value) = settings.show(name) else { continue };
            if *told != value || first {
                answers.parameter(name, &value);
                *told = value;
            }
        }
    }
}

/// Values as they were sent.
fn parameters_of<'v>(values: &[(Format, Option<&'v [u8]>)]) -> Vec<Parameter<'v>> {
    let parameter = |value: &(Format, Option<&'v [u8]>)| match value {
        (_, None) => Parameter::Null,
        (Format::Text, Some(bytes)) => Parameter::Text(bytes),
        (Format::Binary, Some(bytes)) => Parameter::Binary(bytes),
    };
    values.iter().map(parameter).collect()
}

/// Nobody knows what the bytes that come next are.
#[derive(Debug, thiserror::Error)]
#[error("terminating connection because protocol synchronization was lost")]
struct Lost;

impl Diagnostic for Lost {
    fn sqlstate(&self) -> SqlState {
        SqlState::ProtocolViolation
    }
}

fn lose(wire: &mut Wire<'_>) -> Step {
    wire.answers.error(&Report::new(Severity::Fatal, &Lost), "");
    Step::Over
}

/// There are other formats than columns.
#[derive(Debug, thiserror::Error)]
#[error("bind message has {formats} result formats but query has {columns} columns")]
struct FormatCount {
    formats: usize,
    columns: usize,
}

impl Diagnostic for FormatCount {
    fn sqlstate(&self) -> SqlState {
        SqlState::ProtocolViolation
    }
}
