//! What is answered, put together until somebody sends it.

use super::{Format, ProtocolError};
use session::Notification;
use session::client::{CopyShape, Report, ResultColumn};
use session::settings::Spoken;
use types::Type;
use types::encoding::{Encoding, EncodingError};

/// Whether a transaction is open, as ReadyForQuery tells it.
pub use session::transaction::block::Status;

/// Bytes of answers. A message is begun, filled and ended; its length is written at its end.
#[derive(Debug, Default)]
pub struct Answers {
    bytes: Vec<u8>,
    /// The encoding of texts.
    spoken: Spoken,
}

impl Answers {
    /// All of them.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// From now on texts have the encoding that this says.
    pub fn speak(&mut self, spoken: Spoken) {
        self.spoken = spoken;
    }

    /// The encoding of texts.
    pub fn encoding(&self) -> Encoding {
        self.spoken.encoding()
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// They have been sent. Memory that one large answer took is given back.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(64 * 1024);
    }

    /// Takes back what was put together since there were so many bytes.
    pub fn cut(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    fn begin(&mut self, kind: u8) -> usize {
        self.bytes.push(kind);
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.len() - 4
    }

    /// Writes the length; whether a message may be so long.
    fn end(&mut self, start: usize) -> bool {
        let length = length_of(self.bytes.len() - start);
        self.bytes[start..start + 4].copy_from_slice(&length.unwrap_or(i32::MAX).to_be_bytes());
        length.is_some()
    }

    fn message(&mut self, kind: u8, fill: impl FnOnce(&mut Vec<u8>)) {
        let start = self.begin(kind);
        fill(&mut self.bytes);
        if !self.end(start) {
            // The client would take what is behind it for messages.
            self.bytes.truncate(start - 1);
        }
    }

    /// One byte that is no message: the answer to whether TLS or GSS is spoken.
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// `AuthenticationOk`
    pub fn authentication_ok(&mut self) {
        self.message(b'R', |bytes| put_u32(bytes, 0));
    }

    /// `AuthenticationSASL`: by which means somebody may prove who he is.
    pub fn sasl(&mut self, mechanisms: &[&str]) {
        self.message(b'R', |bytes| {
            put_u32(bytes, 10);
            mechanisms.iter().for_each(|mechanism| put_text(bytes, mechanism));
            bytes.push(0);
        });
    }

    /// `AuthenticationMD5Password`: what the hash of a password is to be hashed with.
    pub fn md5_password(&mut self, salt: [u8; 4]) {
        self.message(b'R', |bytes| {
            put_u32(bytes, 5);
            bytes.extend_from_slice(&salt);
        });
    }

    /// `AuthenticationSASLContinue`, or `AuthenticationSASLFinal`.
    pub fn sasl_data(&mut self, last: bool, data: &str) {
        self.message(b'R', |bytes| {
            put_u32(bytes, if last { 12 } else { 11 });
            bytes.extend_from_slice(data.as_bytes());
        });
    }

    /// `NegotiateProtocolVersion`: the newest version there is, 3.0, and options that are not known.
    pub fn negotiate(&mut self, options: &[String]) {
        self.message(b'v', |bytes| {
            put_u32(bytes, 3 << 16);
            put_u32(bytes, options.len() as u32);
            options.iter().for_each(|option| put_text(bytes, option));
        });
    }

    /// A message that is taken back if one of its texts cannot be told.
    fn try_message(
        &mut self,
        kind: u8,
        fill: impl FnOnce(&mut Vec<u8>, Encoding) -> Result<(), EncodingError>,
    ) -> Result<(), EncodingError> {
        let (before, encoding) = (self.bytes.len(), self.encoding());
        let start = self.begin(kind);
        let filled = fill(&mut self.bytes, encoding);
        if filled.is_err() || !self.end(start) {
            self.cut(before);
        }
        filled
    }

    /// `ParameterStatus`
    pub fn parameter(&mut self, name: &str, value: &str) {
        let encoding = self.encoding();
        self.message(b'S', |bytes| {
            put_text(bytes, name);
            put_somehow(bytes, encoding, value);
        });
    }

    /// `BackendKeyData`
    pub fn key(&mut self, process: u32, secret: u32) {
        self.message(b'K', |bytes| {
            put_u32(bytes, process);
            put_u32(bytes, secret);
        });
    }

    /// `ReadyForQuery`
    pub fn ready(&mut self, status: Status) {
        self.message(b'Z', |bytes| {
            bytes.push(match status {
                Status::Idle => b'I',
                Status::Open => b'T',
                Status::Failed => b'E',
            });
        });
    }

    /// `RowDescription`
    ///
    /// # Errors
    /// When a name has no form in the client's encoding: nothing is told.
    pub fn columns(
        &mut self,
        columns: &[ResultColumn],
        format_of: impl Fn(usize) -> Format,
    ) -> Result<(), EncodingError> {
        self.try_message(b'T', |bytes, encoding| {
            put_count(bytes, columns.len());
            for (place, column) in columns.iter().enumerate() {
                put_in(bytes, encoding, &column.name)?;
                let (table, number) = column.origin.unwrap_or((0, 0));
                put_u32(bytes, table);
                bytes.extend_from_slice(&number.to_be_bytes());
                put_u32(bytes, column.column_type.oid);
                bytes.extend_from_slice(&column.length.to_be_bytes());
                bytes.extend_from_slice(&column.column_type.modifier.to_be_bytes());
                bytes.extend_from_slice(&format_of(place).number().to_be_bytes());
            }
            Ok(())
        })
    }

    /// `NoData`
    pub fn no_data(&mut self) {
        self.message(b'n', |_| {});
    }

    /// `ParameterDescription`
    pub fn parameters(&mut self, types: &[Type]) {
        self.message(b't', |bytes| {
            put_count(bytes, types.len());
            types.iter().for_each(|of| put_u32(bytes, of.oid));
        });
    }

    /// `DataRow` begins. Answers where, for [`Answers::end_row`].
    pub fn begin_row(&mut self, columns: usize) -> usize {
        let start = self.begin(b'D');
        put_count(&mut self.bytes, columns);
        start
    }

    /// A null of a row.
    pub fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    /// A value of a row. One that is too long makes the row too long, too.
    pub fn value<E>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        write(&mut self.bytes)?;
        let length = length_of(self.bytes.len() - start - 4).unwrap_or(i32::MAX);
        self.bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }

    /// `FunctionCallResponse` begins, whose value is next. Answers where, for [`Answers::end_row`].
    pub fn begin_answer(&mut self) -> usize {
        self.begin(b'V')
    }

    /// A row has all its values.
    ///
    /// # Errors
    /// When it is longer than a message may be; it is to be cut off again then.
    pub fn end_row(&mut self, start: usize) -> Result<(), ProtocolError> {
        match self.end(start) {
            true => Ok(()),
            false => Err(ProtocolError::RowTooLong { length: self.bytes.len() - start }),
        }
    }

    /// `CommandComplete`
    pub fn complete(&mut self, tag: &str) {
        self.message(b'C', |bytes| put_text(bytes, tag));
    }

    /// `EmptyQueryResponse`
    pub fn empty(&mut self) {
        self.message(b'I', |_| {});
    }

    /// `ParseComplete`
    pub fn parsed(&mut self) {
        self.message(b'1', |_| {});
    }

    /// `BindComplete`
    pub fn bound(&mut self) {
        self.message(b'2', |_| {});
    }

    /// `CloseComplete`
    pub fn closed(&mut self) {
        self.message(b'3', |_| {});
    }

    /// `PortalSuspended`
    pub fn suspended(&mut self) {
        self.message(b's', |_| {});
    }

    /// `CopyInResponse`, or `CopyOutResponse`.
    pub fn copy(&mut self, out: bool, shape: CopyShape) {
        self.message(if out { b'H' } else { b'G' }, |bytes| {
            bytes.push(u8::from(shape.binary));
            put_count(bytes, shape.columns);
            for _ in 0..shape.columns {
                bytes.extend_from_slice(&u16::from(shape.binary).to_be_bytes());
            }
        });
    }

    /// `CopyData`
    pub fn copy_data(&mut self, data: &[u8]) {
        self.message(b'd', |bytes| bytes.extend_from_slice(data));
    }

    /// `CopyDone`
    pub fn copy_done(&mut self) {
        self.message(b'c', |_| {});
    }

    /// `NotificationResponse`
    pub fn notification(&mut self, told: &Notification) {
        let encoding = self.encoding();
        self.message(b'A', |bytes| {
            put_u32(bytes, told.process as u32);
            put_somehow(bytes, encoding, &told.channel);
            put_somehow(bytes, encoding, &told.payload);
        });
    }

    /// `NoticeResponse`; `text` is what positions refer to.
    ///
    /// # Errors
    /// When it has no form in the client's encoding: nothing is told.
    pub fn notice(&mut self, report: &Report, text: &str) -> Result<(), EncodingError> {
        self.try_message(b'N', |bytes, encoding| put_report(bytes, encoding, report, text))
    }

    /// `ErrorResponse`; `text` is what positions refer to. If it has no form in the client's encoding, that is told instead.
    pub fn error(&mut self, report: &Report, text: &str) {
        let told = self.try_message(b'E', |bytes, encoding| put_report(bytes, encoding, report, text));
        if let Err(error) = told {
            let instead = Report::new(report.severity, &error);
            // Its letters are all of ASCII.
            let _ = self.try_message(b'E', |bytes, encoding| put_report(bytes, encoding, &instead, ""));
        }
    }
}

/// A length as messages have it, which are signed.
fn length_of(bytes: usize) -> Option<i32> {
    i32::try_from(bytes).ok()
}

fn put_u32(bytes: &mut Vec<u8>, value: u32) {
    bytes.extend_from_slice(&value.to_be_bytes());
}

/// A count of columns or parameters: there are never more than 65,535.
fn put_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes());
}

/// A text and a zero byte. One that holds a zero byte (a message may quote a `"char"`) ends there, as a string of C does.
fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(text.bytes().take_while(|byte| *byte != 0));
    bytes.push(0);
}

/// The same in an encoding.
fn put_in(bytes: &mut Vec<u8>, encoding: Encoding, text: &str) -> Result<(), EncodingError> {
    let text = encoding.encode(text, Encoding::UTF8)?;
    bytes.extend(text.iter().take_while(|byte| **byte != 0));
    bytes.push(0);
    Ok(())
}

/// The same of a text that has to be told though it may not have a form there.
fn put_somehow(bytes: &mut Vec<u8>, encoding: Encoding, text: &str) {
    bytes.extend(encoding.encode_lossy(text).iter().take_while(|byte| **byte != 0));
    bytes.push(0);
}

/// The fields of a report, as libpq and others read them. Files and lines of the server's source are nobody's business.
fn put_report(
    bytes: &mut Vec<u8>,
    encoding: Encoding,
    report: &Report,
    text: &str,
) -> Result<(), EncodingError> {
    let mut failed = None;
    let mut field = |kind: u8, value: Option<&str>| {
        if let Some(value) = value {
            bytes.push(kind);
            failed = failed.take().or(put_in(bytes, encoding, value).err());
        }
    };
    field(b'S', Some(report.severity.name()));
    field(b'V', Some(report.severity.name()));
    field(b'C', Some(report.sqlstate.code()));
    field(b'M', Some(&report.message));
    field(b'D', report.detail.as_deref());
    field(b'H', report.hint.as_deref());
    // Clients count characters, from 1.
    let text = report.query.as_deref().unwrap_or(text);
    let position = report.position.and_then(|offset| text.get(..offset as usize));
    let position = position.map(|before| (before.chars().count() + 1).to_string());
    field(if report.query.is_some() { b'p' } else { b'P' }, position.as_deref());
    field(b'q', report.query.as_deref());
    field(b'W', report.context.as_deref());
    field(b's', report.subject.schema.as_deref());
    field(b't', report.subject.table.as_deref());
    field(b'c', report.subject.column.as_deref());
    field(b'd', report.subject.data_type.as_deref());
    field(b'n', report.subject.constraint.as_deref());
    field(b'R', report.routine);
    bytes.push(0);
    failed.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_signed() {
        let most = usize::try_from(i32::MAX).unwrap();
        assert_eq!(length_of(most), Some(i32::MAX));
        assert_eq!(length_of(most + 1), None);
        assert_eq!(length_of(u32::MAX as usize), None);
    }
}
