//! One framed record, or a piece of one: 32 bytes of header, then the payload.
//!
//! ```text
//!  0  u32  checksum: CRC-32 of bytes 4 to the payload's end, begun with the CRC-32 of the database's id
//!  4  u32  kind in the upper 4 bits, payload bytes in the lower 28
//!  8  u32  checksum of the record before (the chain)
//! 12  u32  epoch
//! 16  u64  LSN: the position of this header in the stream
//! 24  u64  durable up to: the position up to which all was durable when this was framed
//! ```
//!
//! Invariants
//!
//! 1. Kind 0 does not exist, so zeros are never a frame.
//! 2. The checksum covers position, epoch and chain, so bytes of another place, time or database never match.
//! 3. `durable up to` is never behind the frame itself.

use crate::Damage;

/// Bytes before the payload.
pub(crate) const FRAME_HEADER_BYTES: usize = 32;
/// The most payload that 28 bits can tell.
const LONGEST_PAYLOAD: usize = (1 << 28) - 1;
/// Set in the kind of frames that a recovery has copied: they do not prove that their epoch's switch was durable.
const KEPT: u32 = 8;

/// What a frame is to its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// The whole record.
    Full,
    /// Its beginning.
    First,
    /// A piece between.
    Middle,
    /// Its end.
    Last,
    /// No record at all: carries "durable up to" when there is nothing else to carry it.
    Mark,
}

impl FrameKind {
    fn code(self) -> u32 {
        match self {
            FrameKind::Full => 1,
            FrameKind::First => 2,
            FrameKind::Middle => 3,
            FrameKind::Last => 4,
            FrameKind::Mark => 5,
        }
    }

    fn from_code(code: u32) -> Option<FrameKind> {
        match code {
            1 => Some(FrameKind::Full),
            2 => Some(FrameKind::First),
            3 => Some(FrameKind::Middle),
            4 => Some(FrameKind::Last),
            5 => Some(FrameKind::Mark),
            _ => None,
        }
    }
}

/// A frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub checksum: u32,
    pub kind: FrameKind,
    /// Whether a recovery has copied it.
    pub kept: bool,
    /// Bytes of payload.
    pub length: usize,
    /// Checksum of the frame before.
    pub previous: u32,
    pub epoch: u32,
    pub lsn: u64,
    pub durable: u64,
}

impl FrameHeader {
    /// Where the frame ends.
    pub fn end(&self) -> u64 {
        self.lsn + (FRAME_HEADER_BYTES + self.length) as u64
    }

    /// Reads a header. Nothing is known about it before its checksum has been verified.
    pub fn decode(bytes: &[u8; FRAME_HEADER_BYTES]) -> Result<FrameHeader, Damage> {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let long = |at: usize| u64::from(word(at)) | u64::from(word(at + 4)) << 32;
        let kind_and_length = word(4);
        let code = kind_and_length >> 28;
        let Some(kind) = FrameKind::from_code(code & !KEPT) else {
            let nothing = bytes.iter().all(|&byte| byte == 0);
            return Err(if nothing {
                Damage::Nothing
            } else {
                Damage::NotARecord { found: kind_and_length }
            });
        };
        Ok(FrameHeader {
            checksum: word(0),
            kind,
            kept: code & KEPT != 0,
            length: kind_and_length as usize & LONGEST_PAYLOAD,
            previous: word(8),
            epoch: word(12),
            lsn: long(16),
            durable: long(24),
        })
    }
}

/// What a new frame says of itself; its checksum follows from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewFrame {
    pub kind: FrameKind,
    pub kept: bool,
    pub previous: u32,
    pub epoch: u32,
    pub lsn: u64,
    pub durable: u64,
}

/// Checksums of one database's frames.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameChecksum {
    seed: u32,
}

impl FrameChecksum {
    pub fn new(database: u128) -> FrameChecksum {
        FrameChecksum { seed: crc32fast::hash(&database.to_le_bytes()) }
    }

    /// The checksum of a whole frame, whose first four bytes (the stored checksum) are left out.
    pub fn of(self, frame: &[u8]) -> u32 {
        let mut hasher = crc32fast::Hasher::new_with_initial(self.seed);
        hasher.update(frame.get(4..).unwrap_or_default());
        hasher.finalize()
    }

    /// Appends a frame to `buffer`; returns its checksum.
    pub fn append(self, buffer: &mut Vec<u8>, frame: NewFrame, payload: &[u8]) -> u32 {
        assert!(payload.len() <= LONGEST_PAYLOAD, "segments, and so frames, are below 2^28 bytes");
        debug_assert!(frame.durable <= frame.lsn, "what is durable was written before");
        let start = buffer.len();
        let code = frame.kind.code() | if frame.kept { KEPT } else { 0 };
        let mut header = [0u8; FRAME_HEADER_BYTES];
        header[4..8].copy_from_slice(&(code << 28 | payload.len() as u32).to_le_bytes());
        header[8..12].copy_from_slice(&frame.previous.to_le_bytes());
        header[12..16].copy_from_slice(&frame.epoch.to_le_bytes());
        header[16..24].copy_from_slice(&frame.lsn.to_le_bytes());
        header[24..32].copy_from_slice(&frame.durable.to_le_bytes());
        buffer.extend_from_slice(&header);
        buffer.extend_from_slice(payload);
        let checksum = self.of(&buffer[start..]);
        buffer[start..start + 4].copy_from_slice(&checksum.to_le_bytes());
        checksum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(database: u128) -> (Vec<u8>, u32) {
        let mut bytes = Vec::new();
        let new =
            NewFrame { kind: FrameKind::First, kept: true, previous: 7, epoch: 3, lsn: 4096, durable: 1000 };
        let checksum = FrameChecksum::new(database).append(&mut bytes, new, b"payload");
        (bytes, checksum)
    }

    #[test]
    fn a_frame_reads_as_it_was_written() {
        let (bytes, checksum) = frame(1);
        let header = FrameHeader::decode(bytes[..FRAME_HEADER_BYTES].try_into().unwrap()).unwrap();
        let expected = FrameHeader {
            checksum,
            kind: FrameKind::First,
            kept: true,
            length: 7,
            previous: 7,
            epoch: 3,
            lsn: 4096,
            durable: 1000,
        };
        assert_eq!(header, expected);
        assert_eq!(header.end(), 4096 + 39);
        assert_eq!(FrameChecksum::new(1).of(&bytes), checksum);
    }

    #[test]
    fn no_flipped_bit_and_no_other_database_keeps_the_checksum() {
        let (mut bytes, checksum) = frame(1);
        for bit in 32..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(FrameChecksum::new(1).of(&bytes), checksum, "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        assert_ne!(FrameChecksum::new(2).of(&bytes), checksum);
    }

    #[test]
    fn zeros_are_no_frame() {
        assert_eq!(FrameHeader::decode(&[0; FRAME_HEADER_BYTES]), Err(Damage::Nothing));
    }
}
