//! Bit strings: a byte that counts the unused bits of the last byte, then the bits.

use crate::error::{FunctionError, FunctionResult};
use diagnostic::SqlState;

/// How many bits there are.
pub(crate) fn length(bits: &[u8]) -> usize {
    bits.split_first().map_or(0, |(unused, data)| data.len() * 8 - usize::from(*unused).min(data.len() * 8))
}

/// Two strings of one length joined byte by byte.
pub(crate) fn join(
    left: &[u8],
    right: &[u8],
    name: &'static str,
    each: impl Fn(u8, u8) -> u8,
) -> FunctionResult<Vec<u8>> {
    if length(left) != length(right) {
        let message = format!("cannot {name} bit strings of different sizes");
        return Err(FunctionError::plain(SqlState::StringDataLengthMismatch, message));
    }
    let unused = left.first().copied().into_iter();
    Ok(unused.chain(left.iter().zip(right).skip(1).map(|(left, right)| each(*left, *right))).collect())
}
