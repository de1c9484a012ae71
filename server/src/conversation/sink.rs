//! What a statement sends to its client while it runs.

use super::{Peer, PeerGone, Wire};
use crate::protocol::backend::Answers;
use crate::protocol::frames::Frames;
use crate::protocol::frontend::{Message, of_column};
use crate::protocol::{Format, ProtocolError};
use diagnostic::Diagnostic;
use session::Ender;
use session::client::{
    Client, ClientGone, CopyBroken, CopyShape, Report, ResultColumn, Severity, ValueFormat,
};
use types::Item;
use types::encoding::{Encoding, EncodingError};
use types::vector::Chunk;
use types::wire::WireResult;

/// From so many bytes on, answers leave.
const FULL: usize = 32 * 1024;

/// The client of a statement, on the wire.
pub struct Sink<'s> {
    /// Where answers are put together.
    pub answers: &'s mut Answers,
    /// Who takes them.
    pub peer: &'s mut dyn Peer,
    /// What has come and was not looked at.
    pub frames: &'s mut Frames,
    /// The longest message that is taken.
    pub message_limit: usize,
    /// What positions refer to.
    pub text: &'s str,
    /// The formats of columns.
    pub formats: &'s [Format],
    /// Whether columns are told: those of a portal were when it was described.
    pub tells_columns: bool,
    /// Whether it is a call by a message: the only value is told, and nothing else.
    pub calls: bool,
    /// Ends the session when its client goes while the statement sends nothing but notices.
    ender: &'s Ender,
    state: Sent,
}

/// What has been sent.
#[derive(Default)]
struct Sent {
    columns: usize,
    /// Whether values are bytes, though nobody has said so.
    in_bytes: bool,
    /// Whether data are copied out, and their end is still to be told.
    copies_out: bool,
    /// Where a value's text is made.
    value: String,
    /// Why a value could not be sent.
    failed: Option<Box<Report>>,
    /// Why something else could not.
    unsent: Option<EncodingError>,
    /// Whether nobody is there any more.
    gone: bool,
    /// Whether something else came where data were awaited.
    lost: bool,
}

impl<'s> Sink<'s> {
    /// Of a statement whose columns are told, as texts.
    pub fn new(wire: &'s mut Wire<'_>, text: &'s str, ender: &'s Ender) -> Sink<'s> {
        Sink {
            answers: wire.answers,
            peer: wire.peer,
            frames: wire.frames,
            message_limit: wire.message_limit,
            text,
            formats: &[],
            tells_columns: true,
            calls: false,
            ender,
            state: Sent::default(),
        }
    }

    /// Of a portal's statement, whose columns have these formats.
    pub fn of_portal(self, formats: &'s [Format], columns: usize) -> Sink<'s> {
        let state = Sent { columns, ..self.state };
        Sink { formats, tells_columns: false, state, ..self }
    }

    /// Of a call by a message, whose answer has this format.
    pub fn of_call(self, format: &'s [Format]) -> Sink<'s> {
        Sink { calls: true, ..self.of_portal(format, 1) }
    }

    /// Why a statement failed: what could not be sent, or what it says itself.
    pub fn failure(&mut self, report: Box<Report>) -> Box<Report> {
        let unsent = self.state.unsent.take();
        let unsent = unsent.map(|error| Box::new(Report::new(Severity::Error, &error)));
        self.state.failed.take().or(unsent).unwrap_or(report)
    }

    /// What could not be sent, though the statement was not told of it: it had no rows behind that.
    pub fn unsent(&mut self) -> Option<EncodingError> {
        self.state.unsent.take()
    }

    /// Whether the client has gone.
    pub fn is_gone(&self) -> bool {
        self.state.gone
    }

    /// Whether something else came where data were awaited: it cannot be told where they would go on.
    pub fn is_lost(&self) -> bool {
        self.state.lost
    }

    fn format(&self, column: usize) -> Format {
        format_of(self.formats, self.state.in_bytes, column)
    }

    fn flush(&mut self) -> Result<(), ClientGone> {
        let sent = self.peer.send(self.answers.bytes());
        self.answers.clear();
        sent.map_err(|PeerGone| {
            self.state.gone = true;
            ClientGone
        })
    }

    fn flush_if_full(&mut self) -> Result<(), ClientGone> {
        if self.answers.len() >= FULL { self.flush() } else { Ok(()) }
    }

    /// One row; of each column, whether it is null.
    fn row(
        &mut self,
        row: usize,
        is_null: impl Fn(usize) -> bool,
        format: &mut dyn ValueFormat,
    ) -> Result<(), ClientGone> {
        if self.state.unsent.is_some() {
            return Err(ClientGone);
        }
        let (before, encoding) = (self.answers.len(), self.answers.encoding());
        let start = match self.calls {
            true => self.answers.begin_answer(),
            false => self.answers.begin_row(self.state.columns),
        };
        for column in 0..self.state.columns {
            if is_null(column) {
                self.answers.null();
                continue;
            }
            let wanted = self.format(column);
            let value = &mut self.state.value;
            let put = self.answers.value(|bytes| -> WireResult<()> {
                match wanted {
                    Format::Text => {
                        value.clear();
                        format.text(column, row, value);
                        bytes.extend_from_slice(&encoding.encode(value, Encoding::UTF8)?);
                        Ok(())
                    }
                    Format::Binary => format.binary(column, row, bytes),
                }
            });
            if let Err(error) = put {
                return Err(self.cannot_be_sent(before, &error));
            }
        }
        if let Err(error) = self.answers.end_row(start) {
            return Err(self.cannot_be_sent(before, &error));
        }
        self.flush_if_full()
    }

    /// Takes a row back of which there were so many bytes of answers before it.
    fn cannot_be_sent(&mut self, before: usize, error: &dyn Diagnostic) -> ClientGone {
        self.answers.cut(before);
        self.state.failed = Some(Box::new(Report::new(Severity::Error, error)));
        ClientGone
    }

    /// What is wrong with what came during a COPY: it ends it.
    fn broken(&mut self, error: &dyn Diagnostic) -> CopyBroken {
        let report = Report::new(Severity::Error, error);
        let reason = report.message.clone();
        self.state.failed = Some(Box::new(report));
        CopyBroken::Refused(reason)
    }

    /// The same where nobody can tell what comes next.
    fn lost(&mut self, error: &dyn Diagnostic) -> CopyBroken {
        self.state.lost = true;
        self.broken(error)
    }
}

/// How a column is sent.
fn format_of(formats: &[Format], in_bytes: bool, column: usize) -> Format {
    if in_bytes { Format::Binary } else { of_column(formats, column) }
}

/// Something else than data came during a COPY.
#[derive(Debug, thiserror::Error)]
#[error("unexpected message type 0x{0:02X} during COPY from stdin")]
struct Unexpected(u8);

impl Diagnostic for Unexpected {
    fn sqlstate(&self) -> diagnostic::SqlState {
        diagnostic::SqlState::ProtocolViolation
    }
}

impl Client for Sink<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.state.columns = columns.len();
        if self.tells_columns {
            let (formats, in_bytes) = (self.formats, self.state.in_bytes);
            let told = self.answers.columns(columns, |place| format_of(formats, in_bytes, place));
            self.state.unsent = self.state.unsent.take().or(told.err());
        }
    }

    fn in_bytes(&mut self) {
        self.state.in_bytes = self.tells_columns;
    }

    fn rows(&mut self, chunk: &Chunk, format: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        for place in 0..chunk.len() {
            let row = chunk.selection().map_or(place, |chosen| chosen[place] as usize);
            self.row(row, |column| chunk.column(column).is_null(row), format)?;
        }
        Ok(())
    }

    fn single_row(
        &mut self,
        items: &[Item<'_>],
        format: &mut dyn ValueFormat,
    ) -> Option<Result<(), ClientGone>> {
        Some(self.row(0, |column| items.get(column).is_none_or(Item::is_null), format))
    }

    fn complete(&mut self, tag: &str) {
        if self.state.unsent.is_some() {
            return;
        }
        if std::mem::take(&mut self.state.copies_out) {
            self.answers.copy_done();
        }
        if !self.calls {
            self.answers.complete(tag);
        }
        self.state.in_bytes = false;
    }

    fn notice(&mut self, report: Report) {
        if self.state.gone {
            return;
        }
        let told = self.answers.notice(&report, self.text);
        self.state.unsent = self.state.unsent.take().or(told.err());
        // The statement may take long, and say what it does. If nobody takes that, nobody waits for the statement either, and
        // what it holds must not be held on for nobody.
        if self.flush().is_err() {
            self.ender.end();
        }
    }

    fn copy_in(&mut self, shape: CopyShape) {
        self.answers.copy(false, shape);
    }

    fn copy_read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, CopyBroken> {
        // The client waits to be asked for its data.
        if !self.answers.is_empty() {
            self.flush().map_err(|ClientGone| CopyBroken::Gone)?;
        }
        loop {
            let mut frame = match self.frames.message(self.message_limit) {
                Ok(Some(frame)) => frame,
                Ok(None) => {
                    let mut come = Vec::new();
                    match self.peer.receive(&mut come) {
                        Ok(true) => self.frames.push(&come),
                        Ok(false) | Err(PeerGone) => {
                            self.state.gone = true;
                            return Err(CopyBroken::Gone);
                        }
                    }
                    continue;
                }
                Err(ProtocolError::Kind(kind)) => return Err(self.lost(&Unexpected(kind))),
                Err(error) => return Err(self.lost(&error)),
            };
            if let Err(error) = frame.translate(self.answers.encoding()) {
                return Err(self.broken(&error));
            }
            return match frame.read() {
                // Whatever else it says, the data are at their end.
                Err(_) if frame.kind == b'c' => Ok(false),
                Ok(Message::CopyData(data)) => {
                    bytes.extend_from_slice(data);
                    Ok(true)
                }
                Ok(Message::CopyDone) => Ok(false),
                Ok(Message::CopyFail(reason)) => Err(CopyBroken::Refused(reason.to_owned())),
                Ok(Message::Flush | Message::Sync) => continue,
                Ok(
                    Message::Query(_)
                    | Message::Parse { .. }
                    | Message::Bind { .. }
                    | Message::Describe(..)
                    | Message::Execute { .. }
                    | Message::Close(..)
                    | Message::Terminate
                    | Message::Password(_)
                    | Message::FunctionCall { .. },
                ) => Err(self.lost(&Unexpected(frame.kind))),
                Err(error) => Err(self.broken(&error)),
            };
        }
    }

    fn copy_out(&mut self, shape: CopyShape) {
        self.answers.copy(true, shape);
        self.state.copies_out = true;
    }

    fn copy_write(&mut self, bytes: &[u8], ends: &[usize]) -> Result<(), ClientGone> {
        let mut start = 0;
        for end in ends {
            self.answers.copy_data(&bytes[start..*end]);
            start = *end;
            self.flush_if_full()?;
        }
        Ok(())
    }

    fn empty(&mut self) {
        self.answers.empty();
    }
}
