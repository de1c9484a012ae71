//! Bytes as they come, cut into whole messages.
//!
//! A message begins with its kind, one byte, and its length, four, which counts itself; the first packet of a connection has no
//! kind. A length that no message may have is refused before its bytes are waited for.

use super::ProtocolError;

/// The longest first packet (PostgreSQL's MAX_STARTUP_PACKET_LENGTH).
const OPENING_MAX: usize = 10_000;
/// The longest message of a kind that carries no statement and no data.
const SHORT_MAX: usize = 10_000;
/// The longest message of somebody who is not logged in: what proves who he is.
const PROOF_MAX: usize = 64 << 10;
/// As much memory is kept for bytes that come.
const KEPT_MAX: usize = 64 << 10;

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its kind.
    pub kind: u8,
    /// What follows its length.
    pub body: Vec<u8>,
}

/// Bytes that have come and are no message yet.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    /// Where the next message begins.
    start: usize,
}

impl Frames {
    /// These have come.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > self.bytes.len() / 2 {
            // Half is done with: what is left is moved at most once for each byte that came.
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }

    /// The body of the first packet, if it is there.
    ///
    /// # Errors
    /// When its length is none.
    pub fn opening(&mut self) -> Result<Option<Vec<u8>>, ProtocolError> {
        let rest = &self.bytes[self.start..];
        let Some(length) = rest.first_chunk().map(|bytes| u32::from_be_bytes(*bytes) as usize) else {
            return Ok(None);
        };
        // It has the version at least.
        if !(8..=OPENING_MAX).contains(&length) {
            return Err(ProtocolError::OpeningLength);
        }
        let Some(body) = rest.get(4..length) else { return Ok(None) };
        let body = body.to_vec();
        self.start += length;
        Ok(Some(body))
    }

    /// The next message, if all of it is there; of those that carry statements or data none is longer than `limit`.
    ///
    /// # Errors
    /// When its kind or its length is none.
    pub fn message(&mut self, limit: usize) -> Result<Option<Frame>, ProtocolError> {
        self.frame(|kind| match kind {
            b'Q' | b'P' | b'B' | b'd' | b'F' => Ok(limit),
            b'C' | b'D' | b'E' | b'H' | b'S' | b'X' | b'c' | b'f' | b'p' => Ok(SHORT_MAX.min(limit)),
            kind => Err(ProtocolError::Kind(kind)),
        })
    }

    /// The next message of somebody who is not logged in, if all of it is there: he may only prove who he is.
    ///
    /// # Errors
    /// When it is of another kind, as soon as that is there; when its length is none.
    pub fn proof(&mut self) -> Result<Option<Frame>, ProtocolError> {
        self.frame(|kind| match kind {
            b'p' => Ok(PROOF_MAX),
            kind => Err(ProtocolError::NotPassword(kind)),
        })
    }

    fn frame(
        &mut self,
        limit_of: impl Fn(u8) -> Result<usize, ProtocolError>,
    ) -> Result<Option<Frame>, ProtocolError> {
        let rest = &self.bytes[self.start..];
        let Some((&kind, rest)) = rest.split_first() else { return Ok(None) };
        let limit = limit_of(kind)?;
        let Some(length) = rest.first_chunk().map(|bytes| u32::from_be_bytes(*bytes) as usize) else {
            return Ok(None);
        };
        if length < 4 {
            return Err(ProtocolError::Length);
        }
        if length - 4 > limit {
            return Err(ProtocolError::TooLong { length: length - 4, limit });
        }
        let Some(body) = rest.get(4..length) else { return Ok(None) };
        let body = body.to_vec();
        self.start += 1 + length;
        if self.is_empty() {
            self.bytes.clear();
            // What one long message took is given back: the client may rest for long.
            self.bytes.shrink_to(KEPT_MAX);
            self.start = 0;
        }
        Ok(Some(Frame { kind, body }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_in_pieces_of_any_size() {
        let sent = [b"Q\0\0\0\x06a\0".as_slice(), b"S\0\0\0\x04", b"d\0\0\0\x07xyz"].concat();
        for piece in 1..=sent.len() {
            let mut frames = Frames::default();
            let mut found = Vec::new();
            for bytes in sent.chunks(piece) {
                frames.push(bytes);
                while let Some(frame) = frames.message(100).unwrap() {
                    found.push((frame.kind, frame.body));
                }
            }
            let expected = [(b'Q', b"a\0".to_vec()), (b'S', Vec::new()), (b'd', b"xyz".to_vec())];
            assert_eq!(found, expected, "in pieces of {piece}");
            assert!(frames.is_empty());
        }
    }

    #[test]
    fn what_a_long_message_took_is_given_back_with_it() {
        let mut frames = Frames::default();
        let long = vec![b'x'; 4 * KEPT_MAX];
        frames.push(b"d");
        frames.push(&(long.len() as u32 + 4).to_be_bytes());
        frames.push(&long);
        assert!(frames.bytes.capacity() > long.len());
        assert_eq!(frames.message(long.len()).unwrap().map(|frame| frame.body.len()), Some(long.len()));
        assert!(frames.bytes.capacity() <= KEPT_MAX);
    }

    #[test]
    fn lengths_are_refused_before_their_bytes_are_there() {
        let first = |bytes: &[u8]| {
            let mut frames = Frames::default();
            frames.push(bytes);
            frames.message(50)
        };
        assert_eq!(first(b"Q\0\0\0\x03"), Err(ProtocolError::Length));
        assert_eq!(first(b"Q\0\0\0\x37"), Err(ProtocolError::TooLong { length: 51, limit: 50 }));
        assert_eq!(first(b"Q\0\0\0\x36"), Ok(None));
        assert_eq!(first(b"\x80"), Err(ProtocolError::Kind(0x80)));
        let before = |bytes: &[u8]| {
            let mut frames = Frames::default();
            frames.push(bytes);
            frames.proof()
        };
        assert_eq!(before(b"Q"), Err(ProtocolError::NotPassword(b'Q')));
        assert_eq!(before(b"p\0\x01\0\x04"), Ok(None));
        assert_eq!(
            before(b"p\0\x01\0\x05"),
            Err(ProtocolError::TooLong { length: (64 << 10) + 1, limit: 64 << 10 })
        );
        let mut frames = Frames::default();
        frames.push(b"\0\0\0\x07");
        assert_eq!(frames.opening(), Err(ProtocolError::OpeningLength));
        let mut frames = Frames::default();
        frames.push(&10_001_u32.to_be_bytes());
        assert_eq!(frames.opening(), Err(ProtocolError::OpeningLength));
    }
}
