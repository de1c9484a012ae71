//! Bytes that are copied in, as text of UTF-8 whatever encoding they come in.

use super::error::CopyRefusal;
use super::file::Input;
use crate::client::Client;
use crate::error::SessionError;
use types::encoding::{Encoding, EncodingError};

/// Where bytes come from.
pub enum Source<'s> {
    /// From a file.
    File(Input),
    /// From the client.
    Client(&'s mut dyn Client),
}

impl Source<'_> {
    fn read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, SessionError> {
        match self {
            Source::File(file) => Ok(file.read(bytes)?),
            Source::Client(client) => Ok(client.copy_read(bytes).map_err(CopyRefusal::from)?),
        }
    }
}

/// What came of reading.
pub enum Read {
    /// There may be more.
    More,
    /// There is no more.
    End,
    /// The bytes that are next are no text.
    NoText(EncodingError),
}

/// Bytes of an encoding.
pub struct Translated<'s> {
    source: Source<'s>,
    encoding: Encoding,
    /// What came and is no whole character yet.
    rest: Vec<u8>,
    made: String,
    failed: Option<EncodingError>,
}

impl<'s> Translated<'s> {
    /// Of an encoding for which there is a table.
    pub fn new(source: Source<'s>, encoding: Encoding) -> Translated<'s> {
        Translated { source, encoding, rest: Vec::new(), made: String::new(), failed: None }
    }

    /// Appends what comes next.
    pub fn read(&mut self, bytes: &mut Vec<u8>) -> Result<Read, SessionError> {
        if !self.encoding.is_translated() {
            return Ok(if self.source.read(bytes)? { Read::More } else { Read::End });
        }
        if let Some(error) = self.failed.take() {
            return Ok(Read::NoText(error));
        }
        let more = self.source.read(&mut self.rest)?;
        self.made.clear();
        let (taken, failed) = self.encoding.decode_some(&self.rest, Encoding::UTF8, !more, &mut self.made);
        self.rest.drain(..taken);
        bytes.extend_from_slice(self.made.as_bytes());
        match failed {
            // What stands before it is read first.
            Some(error) if !self.made.is_empty() => {
                self.failed = Some(error);
                Ok(Read::More)
            }
            Some(error) => Ok(Read::NoText(error)),
            None => Ok(if more { Read::More } else { Read::End }),
        }
    }
}
