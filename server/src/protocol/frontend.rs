//! What clients say.

use super::frames::Frame;
use super::{Format, ProtocolError, Target};
use types::encoding::Encoding;

/// Version 3.0, and what stands in its place.
const VERSION_MAJOR: u16 = 3;
const CANCEL: u32 = 80_877_102;
const TLS: u32 = 80_877_103;
const GSS: u32 = 80_877_104;

/// The first packet of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// Who wants what.
    Startup {
        /// The minor version that is asked for.
        minor: u16,
        /// Names and values.
        parameters: Vec<(String, String)>,
    },
    /// Whether the connection may be encrypted by TLS.
    Tls,
    /// Whether it may be by GSS.
    Gss,
    /// What another connection does is to be broken off.
    Cancel {
        /// Its number.
        process: u32,
        /// What it was told in secret.
        secret: u32,
    },
}

/// Values, with how each was written; none is null.
pub type Values<'m> = Vec<(Format, Option<&'m [u8]>)>;

/// A message. Names are empty for the statement or portal without one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // each is what the protocol calls it
pub enum Message<'m> {
    Query(&'m str),
    Parse {
        name: &'m str,
        text: &'m str,
        types: Vec<u32>,
    },
    Bind {
        portal: &'m str,
        statement: &'m str,
        values: Values<'m>,
        formats: Vec<Format>,
    },
    Describe(Target, &'m str),
    Execute {
        portal: &'m str,
        rows: u32,
    },
    Close(Target, &'m str),
    Flush,
    Sync,
    Terminate,
    CopyData(&'m [u8]),
    CopyDone,
    CopyFail(&'m str),
    /// What was said of who one is.
    Password(&'m [u8]),
    /// A function by its number.
    FunctionCall {
        /// Which.
        function: u32,
        /// Its arguments.
        values: Values<'m>,
        /// How the answer is wanted.
        result: Format,
    },
}

/// Reads the first packet.
///
/// # Errors
/// When it is none, or asks for another protocol.
pub fn opening(body: &[u8]) -> Result<Opening, ProtocolError> {
    let mut reader = Reader { bytes: body };
    let code = reader.u32()?;
    match code {
        TLS | GSS if !reader.bytes.is_empty() => Err(ProtocolError::OpeningLength),
        TLS => Ok(Opening::Tls),
        GSS => Ok(Opening::Gss),
        CANCEL => {
            let (process, secret) = (reader.u32()?, reader.u32()?);
            reader.end()?;
            Ok(Opening::Cancel { process, secret })
        }
        _ => {
            let (major, minor) = ((code >> 16) as u16, code as u16);
            if major != VERSION_MAJOR {
                return Err(ProtocolError::Version { major, minor });
            }
            let mut parameters = Vec::new();
            loop {
                let name = reader.text().map_err(|_| ProtocolError::OpeningEnd)?;
                if name.is_empty() {
                    break;
                }
                let value = reader.text().map_err(|_| ProtocolError::OpeningEnd)?;
                parameters.push((name.to_owned(), value.to_owned()));
            }
            reader.end().map_err(|_| ProtocolError::OpeningEnd)?;
            Ok(Opening::Startup { minor, parameters })
        }
    }
}

impl Frame {
    /// Brings its texts from the client's encoding into UTF-8, but for values, which have types. A message begins with its texts.
    ///
    /// # Errors
    /// When one is none of that encoding.
    pub fn translate(&mut self, encoding: Encoding) -> Result<(), ProtocolError> {
        if !encoding.is_translated() {
            return Ok(());
        }
        // Where they begin, and how many there are.
        let (begin, count) = match self.kind {
            b'Q' | b'E' | b'f' => (0, 1),
            b'P' | b'B' => (0, 2),
            b'C' | b'D' => (1, 1),
            _ => return Ok(()), // kinds without texts
        };
        let Some((kept, mut rest)) = self.body.split_at_checked(begin) else { return Ok(()) };
        let mut made = kept.to_vec();
        for _ in 0..count {
            // What is not whole is told of when it is read.
            let Some(end) = rest.iter().position(|byte| *byte == 0) else { break };
            made.extend_from_slice(encoding.decode(&rest[..end], Encoding::UTF8)?.as_bytes());
            made.push(0);
            rest = &rest[end + 1..];
        }
        made.extend_from_slice(rest);
        self.body = made;
        Ok(())
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When its body is none of its kind.
    pub fn read(&self) -> Result<Message<'_>, ProtocolError> {
        let mut reader = Reader { bytes: &self.body };
        let message = match self.kind {
            b'Q' => Message::Query(reader.text()?),
            b'P' => {
                let (name, text) = (reader.text()?, reader.text()?);
                Message::Parse { name, text, types: reader.list(Reader::u32)? }
            }
            b'B' => reader.bind()?,
            b'D' => Message::Describe(reader.target("DESCRIBE")?, reader.text()?),
            b'C' => Message::Close(reader.target("CLOSE")?, reader.text()?),
            b'E' => {
                let portal = reader.text()?;
                // A count that is none asks for all.
                let rows = reader.u32()?;
                Message::Execute { portal, rows: if rows > i32::MAX as u32 { 0 } else { rows } }
            }
            b'H' => Message::Flush,
            b'S' => Message::Sync,
            b'X' => Message::Terminate,
            b'd' => Message::CopyData(reader.rest()),
            b'c' => Message::CopyDone,
            b'f' => Message::CopyFail(reader.text()?),
            b'p' => Message::Password(reader.rest()),
            b'F' => {
                let function = reader.u32()?;
                let values =
                    reader.values(|formats, values| ProtocolError::CallFormats { formats, values })?;
                Message::FunctionCall { function, values, result: reader.format()? }
            }
            kind => return Err(ProtocolError::Kind(kind)),
        };
        reader.end()?;
        Ok(message)
    }
}

/// The bytes of a message that have not been read.
pub struct Reader<'m> {
    bytes: &'m [u8],
}

impl<'m> Reader<'m> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ProtocolError> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>().ok_or(ProtocolError::Insufficient)?;
        self.bytes = rest;
        Ok(*taken)
    }

    fn u32(&mut self) -> Result<u32, ProtocolError> {
        self.take().map(u32::from_be_bytes)
    }

    fn stretch(&mut self, length: usize) -> Result<&'m [u8], ProtocolError> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(ProtocolError::Insufficient)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn rest(&mut self) -> &'m [u8] {
        std::mem::take(&mut self.bytes)
    }

    /// A text up to a zero byte.
    fn text(&mut self) -> Result<&'m str, ProtocolError> {
        let end = self.bytes.iter().position(|byte| *byte == 0).ok_or(ProtocolError::Unterminated)?;
        let (text, rest) = (&self.bytes[..end], &self.bytes[end + 1..]);
        self.bytes = rest;
        std::str::from_utf8(text).map_err(|error| types::text::InputError::encoding(text, &error).into())
    }

    fn list<T>(
        &mut self,
        mut one: impl FnMut(&mut Reader<'m>) -> Result<T, ProtocolError>,
    ) -> Result<Vec<T>, ProtocolError> {
        let count = u16::from_be_bytes(self.take()?);
        (0..count).map(|_| one(self)).collect()
    }

    fn format(&mut self) -> Result<Format, ProtocolError> {
        match i16::from_be_bytes(self.take()?) {
            0 => Ok(Format::Text),
            1 => Ok(Format::Binary),
            code => Err(ProtocolError::FormatCode(code)),
        }
    }

    fn target(&mut self, what: &'static str) -> Result<Target, ProtocolError> {
        match self.take()? {
            [b'S'] => Ok(Target::Statement),
            [b'P'] => Ok(Target::Portal),
            [subtype] => Err(ProtocolError::Subtype { what, subtype }),
        }
    }

    fn bind(&mut self) -> Result<Message<'m>, ProtocolError> {
        let (portal, statement) = (self.text()?, self.text()?);
        let values = self.values(|formats, values| ProtocolError::FormatCount { formats, values })?;
        Ok(Message::Bind { portal, statement, values, formats: self.list(Reader::format)? })
    }

    /// Values, with how each was written; `other` tells that there are formats for others.
    fn values(&mut self, other: fn(usize, usize) -> ProtocolError) -> Result<Values<'m>, ProtocolError> {
        let formats = self.list(Reader::format)?;
        let values = self.list(|reader| match i32::from_be_bytes(reader.take()?) {
            -1 => Ok(None),
            length => {
                let length = usize::try_from(length).map_err(|_| ProtocolError::Insufficient)?;
                reader.stretch(length).map(Some)
            }
        })?;
        if formats.len() > 1 && formats.len() != values.len() {
            return Err(other(formats.len(), values.len()));
        }
        let format_of = |place| of_column(&formats, place);
        Ok(values.into_iter().enumerate().map(|(place, value)| (format_of(place), value)).collect())
    }

    fn end(&self) -> Result<(), ProtocolError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(ProtocolError::Leftover) }
    }
}

/// The format of a column or parameter: none given is text, one is everybody's.
pub fn of_column(formats: &[Format], place: usize) -> Format {
    match formats {
        [] => Format::Text,
        [all] => *all,
        each => each.get(place).copied().unwrap_or(Format::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, body: &[u8]) -> Frame {
        Frame { kind, body: body.to_vec() }
    }

    #[test]
    fn a_bind_has_formats_for_none_one_or_all_of_its_values() {
        let body = |formats: &[u8]| {
            [b"p\0s\0".as_slice(), formats, b"\0\x02\0\0\0\x01x\xff\xff\xff\xff", b"\0\x01\0\x01"].concat()
        };
        let read = |formats: &[u8]| match frame(b'B', &body(formats)).read() {
            Ok(Message::Bind { values, formats, .. }) => {
                assert_eq!(formats, [Format::Binary]);
                values.iter().map(|(format, value)| (*format, value.is_some())).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(read(b"\0\0"), [(Format::Text, true), (Format::Text, false)]);
        assert_eq!(read(b"\0\x01\0\x01"), [(Format::Binary, true), (Format::Binary, false)]);
        assert_eq!(read(b"\0\x02\0\0\0\x01"), [(Format::Text, true), (Format::Binary, false)]);
        let three = frame(b'B', &body(b"\0\x03\0\0\0\0\0\0"));
        assert_eq!(three.read(), Err(ProtocolError::FormatCount { formats: 3, values: 2 }));
    }

    #[test]
    fn whatever_is_cut_off_or_too_long_is_no_message() {
        let whole: [(u8, &[u8]); 7] = [
            (b'Q', b"select\0"),
            (b'P', b"s\0select\0\0\x02\0\0\0\x17\0\0\0\x19"),
            (b'B', b"p\0s\0\0\x01\0\x01\0\x02\0\0\0\x01x\xff\xff\xff\xff\0\x01\0\x01"),
            (b'D', b"Sname\0"),
            (b'C', b"Pname\0"),
            (b'E', b"p\0\0\0\0\x05"),
            (b'f', b"why\0"),
        ];
        for (kind, body) in whole {
            assert!(frame(kind, body).read().is_ok());
            for length in 0..body.len() {
                assert!(frame(kind, &body[..length]).read().is_err(), "{} of {length}", kind as char);
            }
            let longer = [body, b"!"].concat();
            assert_eq!(frame(kind, &longer).read(), Err(ProtocolError::Leftover));
        }
        // A count of values that nobody sent takes no memory.
        assert_eq!(frame(b'B', b"\0\0\0\0\xff\xff").read(), Err(ProtocolError::Insufficient));
        assert_eq!(frame(b'E', b"\0\xff\xff\xff\xff").read(), Ok(Message::Execute { portal: "", rows: 0 }));
    }

    #[test]
    fn the_first_packet_says_what_is_wanted() {
        let startup = b"\0\x03\0\0user\0ann\0database\0shop\0\0";
        let parameters =
            [("user", "ann"), ("database", "shop")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(opening(startup), Ok(Opening::Startup { minor: 0, parameters: parameters.to_vec() }));
        assert_eq!(opening(&startup[..startup.len() - 1]), Err(ProtocolError::OpeningEnd));
        assert_eq!(opening(&TLS.to_be_bytes()), Ok(Opening::Tls));
        assert_eq!(opening(&GSS.to_be_bytes()), Ok(Opening::Gss));
        let cancel = [&CANCEL.to_be_bytes()[..], b"\0\0\0\x07\0\0\0\x08"].concat();
        assert_eq!(opening(&cancel), Ok(Opening::Cancel { process: 7, secret: 8 }));
        assert_eq!(opening(b"\0\x02\0\0"), Err(ProtocolError::Version { major: 2, minor: 0 }));
    }
}
