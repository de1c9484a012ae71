//! The binary format: a signature, flags, an extension; then rows, each with the number of its fields, each of these with
//! its length.

use crate::SIGNATURE;
use crate::error::{CopyError, CopyResult};
use crate::fields::{Field, Fields};

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Something that ends there.
    Until(usize),
    /// The mark that ends the data, which ends there.
    End(usize),
    /// Not all of it yet.
    Nothing,
}

/// Bytes of a buffer, one after the other.
struct Cursor<'b> {
    buffer: &'b [u8],
    at: usize,
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.buffer.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        Some(*bytes)
    }
}

/// The header, which stands at the beginning.
///
/// # Errors
/// When it is none, or what is there will not become one.
pub fn header(buffer: &[u8], complete: bool) -> CopyResult<Found> {
    let missing = |error: CopyError| if complete { Err(error) } else { Ok(Found::Nothing) };
    let mut cursor = Cursor { buffer, at: 0 };
    match cursor.take::<11>() {
        None => return missing(CopyError::Signature),
        Some(found) if found != *SIGNATURE => return Err(CopyError::Signature),
        Some(_) => {}
    }
    let Some(flags) = cursor.take().map(u32::from_be_bytes) else {
        return missing(CopyError::MissingFlags);
    };
    if flags & 1 << 16 != 0 {
        return Err(CopyError::WithOids);
    }
    if flags >> 16 != 0 {
        return Err(CopyError::CriticalFlags);
    }
    let Some(length) = cursor.take().map(i32::from_be_bytes) else {
        return missing(CopyError::MissingLength);
    };
    let length = usize::try_from(length).map_err(|_| CopyError::MissingLength)?;
    match cursor.at.checked_add(length).filter(|end| *end <= buffer.len()) {
        Some(end) => Ok(Found::Until(end)),
        None => missing(CopyError::WrongLength),
    }
}

/// The row that begins at `start`.
///
/// # Errors
/// When it is none, or does not have as many fields as there are columns.
pub fn row(
    buffer: &[u8],
    start: usize,
    complete: bool,
    columns: usize,
    fields: &mut Fields,
) -> CopyResult<Found> {
    let missing = || if complete { Err(CopyError::UnexpectedEnd) } else { Ok(Found::Nothing) };
    let mut cursor = Cursor { buffer, at: start };
    // Data may end without its mark.
    let Some(count) = cursor.take().map(i16::from_be_bytes) else {
        return Ok(if complete { Found::End(buffer.len()) } else { Found::Nothing });
    };
    if count == -1 {
        return match (cursor.at < buffer.len(), complete) {
            (true, _) => Err(CopyError::AfterEnd),
            (false, true) => Ok(Found::End(cursor.at)),
            (false, false) => Ok(Found::Nothing),
        };
    }
    if usize::try_from(count) != Ok(columns) {
        return Err(CopyError::FieldCount { found: count, expected: columns });
    }
    for _ in 0..columns {
        let Some(length) = cursor.take().map(i32::from_be_bytes) else { return missing() };
        if length == -1 {
            fields.list.push(Field::Null);
            continue;
        }
        let length = usize::try_from(length).map_err(|_| CopyError::FieldSize)?;
        let Some(end) = cursor.at.checked_add(length).filter(|end| *end <= buffer.len()) else {
            return missing();
        };
        fields.list.push(Field::Stands(cursor.at..end));
        cursor.at = end;
    }
    Ok(Found::Until(cursor.at))
}
