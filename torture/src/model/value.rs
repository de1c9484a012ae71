//! Values that say who wrote them.
//!
//! A value begins with its writer's [`Tag`] and goes on with bytes that follow from the tag, so that a value that was
//! read can be traced to the transaction that wrote it, and one torn in the middle is noticed.

use std::fmt;
use std::sync::Arc;

/// Bytes of a tag at the front of a value.
pub const TAG_BYTES: usize = 8;

/// Who wrote a value: client, its how-manieth transaction, the how-manieth write of that transaction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u64);

impl Tag {
    /// The tag of write `operation` in transaction `serial` of `client`.
    pub fn new(client: u8, serial: u32, operation: u16) -> Tag {
        Tag(u64::from(client) << 48 | u64::from(serial) << 16 | u64::from(operation))
    }

    /// The client.
    pub fn client(self) -> u8 {
        (self.0 >> 48) as u8
    }

    /// Which transaction of the client.
    pub fn serial(self) -> u32 {
        (self.0 >> 16) as u32
    }

    /// As a number, for list elements.
    pub fn number(self) -> u64 {
        self.0
    }

    /// From a number made by [`Tag::number`].
    pub fn from_number(number: u64) -> Tag {
        Tag(number)
    }

    /// The tag at the front of a value; `None` if it is too short to have one.
    pub fn of(value: &[u8]) -> Option<Tag> {
        let bytes = value.get(..TAG_BYTES)?;
        Some(Tag(u64::from_le_bytes(bytes.try_into().ok()?)))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "client {} transaction {} write {}", self.client(), self.serial(), self.0 & 0xffff)
    }
}

/// The value of `length` bytes (at least a tag) that `tag` writes.
pub fn value(tag: Tag, length: usize) -> Arc<[u8]> {
    let mut bytes = Vec::with_capacity(length.max(TAG_BYTES));
    bytes.extend_from_slice(&tag.0.to_le_bytes());
    let mut state = tag.0 ^ 0x9e37_79b9_7f4a_7c15;
    while bytes.len() < length {
        state = mix(state);
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length.max(TAG_BYTES));
    bytes.into()
}

/// A 64-bit digest of bytes, the same on every machine.
pub fn digest(seed: u64, bytes: &[u8]) -> u64 {
    let mut hash = seed ^ (bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x2545_f491_4f6c_dd1d);
        hash ^= hash >> 29;
    }
    let mut word = [0; 8];
    word[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    mix(hash ^ u64::from_le_bytes(word))
}

/// Spreads a number over all 64 bits.
pub fn mix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_tells_its_writer_and_differs_from_every_other() {
        let tag = Tag::new(3, 70_000, 12);
        let bytes = value(tag, 100);
        assert_eq!((bytes.len(), Tag::of(&bytes)), (100, Some(tag)));
        assert_eq!((tag.client(), tag.serial()), (3, 70_000));
        assert_ne!(value(Tag::new(3, 70_000, 13), 100)[TAG_BYTES..], bytes[TAG_BYTES..]);
        assert_eq!(value(tag, 0).len(), TAG_BYTES);
        assert_eq!(Tag::of(b"short"), None);
    }

    #[test]
    fn digests_tell_lengths_and_tails_apart() {
        assert_ne!(digest(0, b"abc"), digest(0, b"abc\0"));
        assert_ne!(digest(0, b"12345678a"), digest(0, b"12345678b"));
        assert_ne!(digest(0, b""), digest(1, b""));
    }
}
