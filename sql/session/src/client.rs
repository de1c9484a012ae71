//! What a session tells whoever sent a statement: rows, what was done, notices, errors.

use crate::settings::Settings;
use diagnostic::{Diagnostic, SqlState, Subject};
use plan::logical::OutputColumn;
use std::cell::{Cell, RefCell};
use types::catalog::{BuiltinTypes, oid};
use types::vector::Chunk;
use types::wire::WireResult;
use types::{Item, Type, Types};

/// How grave a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each is what it is called
pub enum Severity {
    Debug,
    Log,
    Info,
    Notice,
    Warning,
    Error,
    Fatal,
}

impl Severity {
    /// As the wire protocol and psql write it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Debug => "DEBUG",
            Severity::Log => "LOG",
            Severity::Info => "INFO",
            Severity::Notice => "NOTICE",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
            Severity::Fatal => "FATAL",
        }
    }

    /// Whether the client wants to hear what is so grave.
    pub(crate) fn is_told(self, settings: &Settings) -> bool {
        let least = match settings.kept("client_min_messages") {
            "warning" => Severity::Warning,
            "error" => Severity::Error,
            "notice" => Severity::Notice,
            "log" => Severity::Log,
            _ => Severity::Debug,
        };
        self == Severity::Info || self >= least
    }
}

/// An error, warning or notice with all that is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How grave it is.
    pub severity: Severity,
    /// Its class and kind.
    pub sqlstate: SqlState,
    /// What it says.
    pub message: String,
    /// `DETAIL`
    pub detail: Option<String>,
    /// `HINT`
    pub hint: Option<String>,
    /// `CONTEXT`
    pub context: Option<String>,
    /// Byte offset into the text that was sent.
    pub position: Option<u32>,
    /// The text that the position is in, where it is none that was sent.
    pub query: Option<String>,
    /// What it is about.
    pub subject: Subject,
    /// By which routine of PostgreSQL's it is told, where programs go by that.
    pub routine: Option<&'static str>,
}

impl Report {
    /// Of anything that can be told.
    pub fn new(severity: Severity, told: &(impl Diagnostic + ?Sized)) -> Report {
        Report {
            severity,
            sqlstate: told.sqlstate(),
            message: told.to_string(),
            detail: told.detail(),
            hint: told.hint(),
            context: told.context(),
            position: told.position(),
            query: told.query(),
            subject: told.subject(),
            routine: told.routine(),
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:  {}", self.severity.name(), self.message)?;
        if let Some(detail) = &self.detail {
            write!(formatter, "\nDETAIL:  {detail}")?;
        }
        if let Some(hint) = &self.hint {
            write!(formatter, "\nHINT:  {hint}")?;
        }
        if let Some(context) = &self.context {
            write!(formatter, "\nCONTEXT:  {context}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}

/// What is to be told to a client.
pub enum Notice {
    /// It depends on the client's wishes whether it is.
    New(Box<dyn Diagnostic>),
    /// A function has told it: the client wants to hear it.
    Told(Box<Report>),
}

impl Notice {
    /// What the client hears, if it wants to hear that.
    pub(crate) fn report(self, settings: &Settings) -> Option<Box<Report>> {
        match self {
            Notice::Told(report) => Some(report),
            Notice::New(told) => {
                let severity = match told.sqlstate() {
                    SqlState::Warning | SqlState::NonstandardUseOfEscapeCharacter => Severity::Warning,
                    _ => Severity::Notice,
                };
                severity.is_told(settings).then(|| Box::new(Report::new(severity, &*told)))
            }
        }
    }
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: Type,
    /// The bytes of its type's values in memory, as `pg_type.typlen` says them.
    pub length: i16,
    /// The table and the column's number there, if it is one.
    pub origin: Option<(u32, u16)>,
}

impl ResultColumn {
    /// Of a type that somebody knows, and of no table. A client is told of a domain's base.
    pub(crate) fn new(types: &dyn Types, name: &str, of: Type) -> ResultColumn {
        let column_type = types.undomained(of);
        let length = types.entry(column_type.oid).map_or(-1, |entry| entry.length);
        ResultColumn { name: name.to_owned(), column_type, length, origin: None }
    }

    /// Of a query's output.
    pub(crate) fn of(types: &dyn Types, column: &OutputColumn) -> ResultColumn {
        let origin = column.origin;
        ResultColumn { origin, ..ResultColumn::new(types, &column.name, column.column_type) }
    }

    /// Of texts.
    pub(crate) fn text(name: &str) -> ResultColumn {
        ResultColumn::new(&BuiltinTypes, name, Type::of(oid::TEXT))
    }
}

/// What is copied in or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyShape {
    /// Whether its format is the binary one.
    pub binary: bool,
    /// How many columns it has.
    pub columns: usize,
}

/// Why what is copied in does not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyBroken {
    /// The client breaks it off, and says why.
    #[error("COPY from stdin failed: {0}")]
    Refused(String),
    /// Nobody is there any more.
    #[error("unexpected EOF on client connection with an open transaction")]
    Gone,
}

/// Nobody listens any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientGone;

/// What the values look like that a client is handed, in either format of the protocol. Of nulls it is not asked.
pub trait ValueFormat {
    /// Appends a value's text. Rows are numbered as the chunk's are; a single row is row 0.
    fn text(&mut self, column: usize, row: usize, out: &mut String);

    /// Appends a value's bytes in the binary form.
    ///
    /// # Errors
    /// When its type has none.
    fn binary(&mut self, column: usize, row: usize, out: &mut Vec<u8>) -> WireResult<()>;
}

/// Whoever sent the statements, while they run.
pub trait Client {
    /// A result begins, whose rows have these columns.
    fn columns(&mut self, columns: &[ResultColumn]);

    /// Rows of it. Values lie in the chunk; `format` makes texts or bytes of them.
    ///
    /// # Errors
    /// When nobody listens any more: the statement is broken off.
    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone>;

    /// The only row of a result, whose values lie where they were read; `format` makes the text of a column,
    /// or its bytes. Whoever wants rows
    /// in chunks alone answers `None`, and gets it as one.
    ///
    /// # Errors
    /// As [`Client::rows`].
    fn single_row(
        &mut self,
        items: &[Item<'_>],
        format: &mut dyn ValueFormat,
    ) -> Option<Result<(), ClientGone>> {
        let _ = (items, format);
        None
    }

    /// The result that begins next is one of a `BINARY` cursor: where values are sent as texts or bytes, and nobody says which, they
    /// are bytes.
    fn in_bytes(&mut self) {}

    /// A statement is done: `INSERT 0 3`.
    fn complete(&mut self, tag: &str);

    /// A warning or notice.
    fn notice(&mut self, report: Report);

    /// `COPY … FROM STDIN` begins: its data are awaited.
    fn copy_in(&mut self, shape: CopyShape) {
        let _ = shape;
    }

    /// Appends some of the data that are copied in, in pieces of any size; `false` when there are no more.
    ///
    /// # Errors
    /// When they do not come to their end. Of a client that has none that is always so.
    fn copy_read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, CopyBroken> {
        let _ = bytes;
        Err(CopyBroken::Refused("there is no standard input".to_owned()))
    }

    /// `COPY … TO STDOUT` begins.
    fn copy_out(&mut self, shape: CopyShape) {
        let _ = shape;
    }

    /// Some of what is copied out: whole rows, and where each of them ends.
    ///
    /// # Errors
    /// When nobody takes them.
    fn copy_write(&mut self, bytes: &[u8], ends: &[usize]) -> Result<(), ClientGone> {
        let _ = (bytes, ends);
        Err(ClientGone)
    }

    /// A statement of nothing but blanks.
    fn empty(&mut self) {}
}

/// A client of whose statement somebody wants to know how it was done.
pub(crate) struct Overheard<'c> {
    client: &'c mut dyn Client,
    tag: Option<String>,
    tells: bool,
}

impl<'c> Overheard<'c> {
    /// One that is told so, too.
    pub(crate) fn telling(client: &'c mut dyn Client) -> Overheard<'c> {
        Overheard { client, tag: None, tells: true }
    }

    /// One to whom it is told only when the transaction is done, too: until then the statement may still fail.
    pub(crate) fn holding(client: &'c mut dyn Client) -> Overheard<'c> {
        Overheard { client, tag: None, tells: false }
    }

    /// How it was done; none if it was not.
    pub(crate) fn into_tag(self) -> Option<String> {
        self.tag
    }
}

/// Whom notices are told while what they come from still runs: they are no part of its rows, and may be the last that is heard
/// of it before it waits for somebody.
pub(crate) trait Teller {
    /// Tells it at once.
    ///
    /// # Errors
    /// What cannot be told now, as the client is being told something else: it is told when that is over.
    fn tell(&self, report: Box<Report>) -> Result<(), Box<Report>>;
}

/// A client that takes rows and hears notices by turns.
pub(crate) struct SharedClient<'c> {
    client: RefCell<&'c mut dyn Client>,
    told: Cell<bool>,
}

impl<'c> SharedClient<'c> {
    /// Shares a client for as long as a statement runs.
    pub(crate) fn new(client: &'c mut dyn Client) -> SharedClient<'c> {
        SharedClient { client: RefCell::new(client), told: Cell::new(false) }
    }

    /// Does something with the client. Notices that come of that wait.
    pub(crate) fn with<R>(&self, what: impl FnOnce(&mut dyn Client) -> R) -> R {
        // Nothing that is done with a client comes back here: `tell` only tries.
        what(&mut **self.client.borrow_mut())
    }

    /// Whether something was told.
    pub(crate) fn has_told(&self) -> bool {
        self.told.get()
    }
}

impl Teller for SharedClient<'_> {
    fn tell(&self, report: Box<Report>) -> Result<(), Box<Report>> {
        match self.client.try_borrow_mut() {
            Ok(mut client) => {
                self.told.set(true);
                client.notice(*report);
                Ok(())
            }
            Err(_) => Err(report),
        }
    }
}

/// Hears nothing: what is done for it has no answer.
pub struct Nobody;

impl Client for Nobody {
    fn columns(&mut self, _: &[ResultColumn]) {}

    fn rows(&mut self, _: &Chunk, _: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        Ok(())
    }

    fn complete(&mut self, _: &str) {}

    fn notice(&mut self, _: Report) {}
}

impl Client for Overheard<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.client.columns(columns);
    }

    fn in_bytes(&mut self) {
        self.client.in_bytes();
    }

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        self.client.rows(chunk, format)
    }

    fn single_row(
        &mut self,
        items: &[Item<'_>],
        format: &mut dyn ValueFormat,
    ) -> Option<Result<(), ClientGone>> {
        self.client.single_row(items, format)
    }

    fn complete(&mut self, tag: &str) {
        self.tag = Some(tag.to_owned());
        if self.tells {
            self.client.complete(tag);
        }
    }

    fn notice(&mut self, report: Report) {
        self.client.notice(report);
    }

    fn copy_in(&mut self, shape: CopyShape) {
        self.client.copy_in(shape);
    }

    fn copy_read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, CopyBroken> {
        self.client.copy_read(bytes)
    }

    fn copy_out(&mut self, shape: CopyShape) {
        self.client.copy_out(shape);
    }

    fn copy_write(&mut self, bytes: &[u8], ends: &[usize]) -> Result<(), ClientGone> {
        self.client.copy_write(bytes, ends)
    }

    fn empty(&mut self) {
        self.client.empty();
    }
}
