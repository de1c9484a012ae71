//! Where lines end: at a newline, a carriage return or both, of which the first line decides; not behind a backslash in
//! text, not within quotes in CSV. `\.` alone ends the data.
//!
//! Invariants
//!
//! 1. What was looked at is not looked at again when more bytes come: the place and the state are kept.

use crate::error::{CopyError, CopyResult};
use memchr::{memchr2, memchr3};

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Unknown,
    Newline,
    CarriageReturn,
    Both,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A line up to `end`; the next begins at `next`.
    Line { end: usize, next: usize },
    /// The mark that ends the data, behind what may stand before it in its line.
    Marker { end: usize, next: usize },
    /// Nothing yet: there may be more bytes.
    Nothing,
}

/// Looks for the ends of lines.
#[derive(Debug)]
pub struct Lines {
    ending: Ending,
    /// Quote and escape of CSV.
    quoting: Option<(u8, u8)>,
    /// How far the current line was looked at.
    looked: usize,
    in_quotes: bool,
    behind_escape: bool,
    /// Ends of lines within quotes of the current line.
    inner: u64,
}

impl Lines {
    /// Of text, or of CSV with its quote and escape.
    pub fn new(quoting: Option<(u8, u8)>) -> Lines {
        let ending = Ending::Unknown;
        Lines { ending, quoting, looked: 0, in_quotes: false, behind_escape: false, inner: 0 }
    }

    /// A line begins at `start`.
    pub fn begin(&mut self, start: usize) {
        (self.looked, self.in_quotes, self.behind_escape) = (start, false, false);
    }

    /// The buffer lost so many bytes at its beginning.
    pub fn shift(&mut self, bytes: usize) {
        self.looked = self.looked.saturating_sub(bytes);
    }

    /// How many lines have ended within quotes since this was asked last.
    pub fn take_inner(&mut self) -> u64 {
        std::mem::take(&mut self.inner)
    }

    /// Looks on for the end of the line that begins at `start`; `complete` says that no bytes will follow.
    pub fn look(&mut self, buffer: &[u8], start: usize, complete: bool) -> CopyResult<Found> {
        match self.quoting {
            None => self.look_in_text(buffer, complete),
            Some((quote, escape)) => self.look_in_csv(buffer, start, complete, quote, escape),
        }
    }

    fn look_in_text(&mut self, buffer: &[u8], complete: bool) -> CopyResult<Found> {
        loop {
            let rest = buffer.get(self.looked..).unwrap_or_default();
            let Some(found) = memchr3(b'\n', b'\r', b'\\', rest) else {
                self.looked = buffer.len();
                return Ok(Found::Nothing);
            };
            let at = self.looked + found;
            self.looked = at;
            if buffer[at] != b'\\' {
                return self.line_end(buffer, at, complete);
            }
            match buffer.get(at + 1) {
                Some(b'.') => {
                    return Ok(match self.marker(buffer, at + 2, complete)? {
                        Some(next) => Found::Marker { end: at, next },
                        None => Found::Nothing,
                    });
                }
                Some(_) => self.looked = at + 2,
                None if complete => self.looked = at + 1,
                None => return Ok(Found::Nothing),
            }
        }
    }

    fn look_in_csv(
        &mut self,
        buffer: &[u8],
        start: usize,
        complete: bool,
        quote: u8,
        escape: u8,
    ) -> CopyResult<Found> {
        if self.looked == start && buffer.get(start) == Some(&b'\\') {
            // It may be data as well: then nothing is wrong with it.
            match buffer.get(start + 1) {
                Some(b'.') => match self.marker(buffer, start + 2, complete) {
                    Ok(Some(next)) => return Ok(Found::Marker { end: start, next }),
                    Ok(None) => return Ok(Found::Nothing),
                    Err(CopyError::MarkerNewline) => return Err(CopyError::MarkerNewline),
                    Err(_) => {}
                },
                None if !complete => return Ok(Found::Nothing),
                Some(_) | None => {}
            }
        }
        while let Some(byte) = self.next_of_csv(buffer, quote, escape) {
            let at = self.looked;
            if matches!(byte, b'\n' | b'\r') && !self.in_quotes {
                return self.line_end(buffer, at, complete);
            }
            if escape != quote && self.in_quotes && byte == escape {
                self.behind_escape = !self.behind_escape;
            }
            if byte == quote && !self.behind_escape {
                self.in_quotes = !self.in_quotes;
            }
            if escape == quote || byte != escape {
                self.behind_escape = false;
            }
            let counted = if self.ending == Ending::Newline { b'\n' } else { b'\r' };
            self.inner += u64::from(self.in_quotes && byte == counted);
            self.looked = at + 1;
        }
        Ok(Found::Nothing)
    }

    /// The next byte that may mean something.
    fn next_of_csv(&mut self, buffer: &[u8], quote: u8, escape: u8) -> Option<u8> {
        let rest = buffer.get(self.looked..)?;
        let found = match (self.in_quotes, escape == quote) {
            (false, true) => memchr3(b'\n', b'\r', quote, rest),
            (true, true) if self.ending == Ending::Newline => memchr2(quote, b'\n', rest),
            (true, true) => memchr2(quote, b'\r', rest),
            // What stands between an escape and a quote counts.
            (_, false) => (!rest.is_empty()).then_some(0),
        };
        self.looked += found.unwrap_or(rest.len());
        buffer.get(self.looked).copied()
    }

    /// A line ends at `at`.
    fn line_end(&mut self, buffer: &[u8], at: usize, complete: bool) -> CopyResult<Found> {
        let csv = self.quoting.is_some();
        if buffer[at] == b'\n' {
            if matches!(self.ending, Ending::CarriageReturn | Ending::Both) {
                return Err(CopyError::Newline { csv });
            }
            self.ending = Ending::Newline;
            return Ok(Found::Line { end: at, next: at + 1 });
        }
        match (self.ending, buffer.get(at + 1)) {
            (Ending::Newline, _) => return Err(CopyError::CarriageReturn { csv }),
            (Ending::Unknown | Ending::Both, Some(b'\n')) => {
                self.ending = Ending::Both;
                return Ok(Found::Line { end: at, next: at + 2 });
            }
            (Ending::Unknown | Ending::Both, None) if !complete => return Ok(Found::Nothing),
            (Ending::Both, _) => return Err(CopyError::CarriageReturn { csv }),
            (Ending::Unknown | Ending::CarriageReturn, _) => {}
        }
        self.ending = Ending::CarriageReturn;
        Ok(Found::Line { end: at, next: at + 1 })
    }

    /// Whether the line ends at `at`, behind a mark, as lines do; then where the next begins. None if more bytes are needed.
    fn marker(&self, buffer: &[u8], mut at: usize, complete: bool) -> CopyResult<Option<usize>> {
        let unfinished = || if complete { Err(CopyError::MarkerCorrupt) } else { Ok(None) };
        if self.ending == Ending::Both {
            match buffer.get(at) {
                None => return unfinished(),
                Some(b'\r') => at += 1,
                Some(b'\n') if self.quoting.is_none() => return Err(CopyError::MarkerNewline),
                Some(_) => return Err(CopyError::MarkerCorrupt),
            }
        }
        match (self.ending, buffer.get(at)) {
            (_, None) => unfinished(),
            (Ending::Newline | Ending::Both | Ending::Unknown, Some(b'\n'))
            | (Ending::CarriageReturn | Ending::Unknown, Some(b'\r')) => Ok(Some(at + 1)),
            (_, Some(b'\n' | b'\r')) => Err(CopyError::MarkerNewline),
            (_, Some(_)) => Err(CopyError::MarkerCorrupt),
        }
    }
}
