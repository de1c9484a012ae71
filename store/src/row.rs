//! Rows of versioned trees: the writer's transaction id, then the content.
//!
//! Invariants
//!
//! 1. The id is a LEB128 number of at most ten bytes at the front of the stored value.
//! 2. A stored value without one is damage that its page's checksum cannot have let through; it is reported, not trusted.

use crate::error::{StoreError, StoreResult};
use crate::ids::TransactionId;
use btree::{TreeError, Value};
use pager::Pager;

/// The most bytes that a writer's id takes.
pub const WRITER_BYTES: usize = 10;
/// The longest content, in every tree: what is put before it counts for nobody.
pub const CONTENT_LIMIT: usize = 1 << 30;

/// Whether a row's content may be that long.
///
/// # Errors
/// When it is longer.
pub fn check_length(content: &[u8]) -> StoreResult<()> {
    let (length, limit) = (content.len() as u64, CONTENT_LIMIT as u64);
    if length > limit { Err(TreeError::ValueTooLong { length, limit }.into()) } else { Ok(()) }
}

/// Appends the stored form of a row.
pub fn encode(writer: TransactionId, content: &[u8], stored: &mut Vec<u8>) {
    let mut rest = writer.0;
    while rest >= 0x80 {
        stored.push((rest as u8) | 0x80);
        rest >>= 7;
    }
    stored.push(rest as u8);
    stored.extend_from_slice(content);
}

/// Splits a stored row into its writer and its content; `None` when it is none.
pub fn decode(stored: &[u8]) -> Option<(TransactionId, &[u8])> {
    let mut writer = 0u64;
    for (index, byte) in stored.iter().enumerate().take(WRITER_BYTES) {
        let bits = u64::from(byte & 0x7f);
        if index == 9 && bits > 1 {
            return None;
        }
        writer |= bits << (7 * index);
        if byte & 0x80 == 0 {
            return Some((TransactionId(writer), &stored[index + 1..]));
        }
    }
    None
}

/// Who wrote a row last.
///
/// # Errors
/// When the row cannot be read, or is damaged.
pub fn writer(pager: &Pager, value: &Value) -> StoreResult<TransactionId> {
    let front = match value.as_inline() {
        Some(bytes) => decode(bytes).map(|(writer, _)| writer),
        None => decode(&value.read_range(pager, 0..WRITER_BYTES)?).map(|(writer, _)| writer),
    };
    front.ok_or_else(|| damaged(pager, value.len()))
}

/// Hands a row's content to `read`, in place when the row is a small one.
///
/// # Errors
/// When the row cannot be read, or is damaged.
pub fn with_content<R>(
    pager: &Pager,
    value: &Value,
    versioned: bool,
    read: impl FnOnce(&[u8]) -> R,
) -> StoreResult<R> {
    with_writer(pager, value, versioned, |_, content| read(content))
}

/// As [`with_content`]; `read` is also told who wrote the row last, in a versioned tree.
///
/// # Errors
/// When the row cannot be read, or is damaged.
pub fn with_writer<R>(
    pager: &Pager,
    value: &Value,
    versioned: bool,
    read: impl FnOnce(Option<TransactionId>, &[u8]) -> R,
) -> StoreResult<R> {
    let large;
    let stored = match value.as_inline() {
        Some(bytes) => bytes,
        None => {
            large = value.read(pager)?;
            &large
        }
    };
    let (writer, content) = split(pager, stored, versioned)?;
    Ok(read(writer, content))
}

/// The writer, in a versioned tree, and the content of a stored row.
///
/// # Errors
/// When the row is damaged.
pub fn split<'a>(
    pager: &Pager,
    stored: &'a [u8],
    versioned: bool,
) -> StoreResult<(Option<TransactionId>, &'a [u8])> {
    if !versioned {
        return Ok((None, stored));
    }
    match decode(stored) {
        Some((writer, content)) => Ok((Some(writer), content)),
        None => Err(damaged(pager, stored.len())),
    }
}

fn damaged(pager: &Pager, length: usize) -> StoreError {
    StoreError::corrupt(pager, "row of length", length as u64, "a writer's id before the content")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_whoever_wrote_it() {
        for writer in [0, 1, 127, 128, 16_383, 16_384, u64::MAX] {
            let mut stored = Vec::new();
            encode(TransactionId(writer), b"content", &mut stored);
            assert_eq!(decode(&stored), Some((TransactionId(writer), b"content".as_slice())));
        }
    }

    #[test]
    fn bytes_that_are_no_row_are_refused() {
        assert_eq!(decode(&[]), None);
        assert_eq!(decode(&[0x80; 10]), None);
        assert_eq!(decode(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]), None);
    }
}
