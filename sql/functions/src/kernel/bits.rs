//! Bit strings: a byte that counts the unused bits of the last byte, then the bits.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use crate::kernel::text::part::end_of;
use diagnostic::SqlState;
use numeric::{NumberType, NumericError};
use types::text::{BITS_MAX, fit_bits, fit_varbits};

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

fn bit(bits: &[u8], place: usize) -> bool {
    bits.get(1 + place / 8).is_some_and(|byte| byte >> (7 - place % 8) & 1 == 1)
}

/// The string of these bits.
fn pack(bits: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut made = vec![0];
    let mut count = 0_usize;
    for bit in bits {
        if count.is_multiple_of(8) {
            made.push(0);
        }
        if let (true, Some(last)) = (bit, made.last_mut()) {
            *last |= 0x80 >> (count % 8);
        }
        count += 1;
    }
    made[0] = (count.next_multiple_of(8) - count) as u8;
    made
}

/// Refuses a string of so many bits that there is none so long.
fn room_for_bits(count: usize) -> FunctionResult<()> {
    match count <= BITS_MAX as usize {
        true => Ok(()),
        false => {
            let message = format!("bit string length exceeds the maximum allowed ({BITS_MAX})");
            Err(FunctionError::plain(SqlState::ProgramLimitExceeded, message))
        }
    }
}

fn joined(left: &[u8], right: &[u8]) -> FunctionResult<Vec<u8>> {
    room_for_bits(length(left) + length(right))?;
    Ok(pack(all(left).chain(all(right))))
}

fn all(bits: &[u8]) -> impl Iterator<Item = bool> + '_ {
    (0..length(bits)).map(|place| bit(bits, place))
}

fn substring(bits: &[u8], start: i32, count: Option<i32>) -> FunctionResult<Vec<u8>> {
    let most = length(bits);
    let place = |place: i32| ((i64::from(place) - 1).max(0) as usize).min(most);
    let end = end_of(start, count)?.map_or(most, place);
    Ok(pack((place(start)..end.max(place(start))).map(|at| bit(bits, at))))
}

/// Moved to the left, or right if negative; what falls off is gone.
fn shift(bits: &[u8], by: i64) -> Vec<u8> {
    let count = length(bits) as i64;
    pack((0..count).map(|place| {
        let from = place.saturating_add(by);
        (0..count).contains(&from) && bit(bits, from as usize)
    }))
}

/// The last `count` bits of an integer, its sign in front of them.
fn of_integer(value: i64, count: i32) -> FunctionResult<Vec<u8>> {
    const MOST: i32 = 83_886_080;
    let count = if (1..=MOST).contains(&count) { count } else { 1 };
    Ok(pack((0..count).rev().map(|place| value >> place.min(63) & 1 == 1)))
}

fn integer(bits: &[u8], most: usize, number: NumberType) -> FunctionResult<i64> {
    if length(bits) > most {
        return Err(NumericError::IntegerOutOfRange(number).into());
    }
    Ok(all(bits).fold(0, |value, bit| value << 1 | i64::from(bit)))
}

fn place(bits: &[u8], index: i32) -> FunctionResult<usize> {
    let count = length(bits);
    usize::try_from(index).ok().filter(|index| *index < count).ok_or_else(|| {
        let message = format!("bit index {index} out of valid range (0..{})", count as i64 - 1);
        FunctionError::plain(SqlState::ArrayElementError, message)
    })
}

fn overlay(bits: &[u8], by: &[u8], start: i32, count: i32) -> FunctionResult<Vec<u8>> {
    if start <= 0 {
        let message = "negative substring length not allowed";
        return Err(FunctionError::plain(SqlState::SubstringError, message));
    }
    let after = start.checked_add(count).ok_or(NumericError::IntegerOutOfRange(NumberType::Int4))?;
    let (head, tail) = (substring(bits, 1, Some(start - 1))?, substring(bits, after, None)?);
    joined(&joined(&head, by)?, &tail)
}

fn position(bits: &[u8], part: &[u8]) -> i32 {
    let (whole, wanted) = (length(bits), length(part));
    if wanted == 0 {
        return i32::from(whole > 0);
    }
    let found = (0..(whole + 1).saturating_sub(wanted))
        .find(|start| (0..wanted).all(|place| bit(bits, start + place) == bit(part, place)));
    found.map_or(0, |start| start as i32 + 1)
}

scalar! {
    fn bit_and(a: &[u8], b: &[u8]) -> Vec<u8> { join(a, b, "AND", |a, b| a & b)? }
    fn bit_or(a: &[u8], b: &[u8]) -> Vec<u8> { join(a, b, "OR", |a, b| a | b)? }
    fn bitxor(a: &[u8], b: &[u8]) -> Vec<u8> { join(a, b, "XOR", |a, b| a ^ b)? }
    fn bitnot(a: &[u8]) -> Vec<u8> { pack(all(a).map(|bit| !bit)) }
    fn bitcat(a: &[u8], b: &[u8]) -> Vec<u8> { joined(a, b)? }
    fn bitlength(a: &[u8]) -> i32 { length(a) as i32 }
    fn bitoctetlength(a: &[u8]) -> i32 { length(a).div_ceil(8) as i32 }
    fn bit_bit_count(a: &[u8]) -> i64 { all(a).filter(|bit| *bit).count() as i64 }
    fn bitshiftleft(a: &[u8], by: i32) -> Vec<u8> { shift(a, i64::from(by)) }
    fn bitshiftright(a: &[u8], by: i32) -> Vec<u8> { shift(a, -i64::from(by)) }
    fn bitsubstr(a: &[u8], start: i32, count: i32) -> Vec<u8> { substring(a, start, Some(count))? }
    fn bitsubstr_no_len(a: &[u8], start: i32) -> Vec<u8> { substring(a, start, None)? }
    fn bitposition(a: &[u8], part: &[u8]) -> i32 { position(a, part) }
    fn bitoverlay(a: &[u8], by: &[u8], start: i32, count: i32) -> Vec<u8> { overlay(a, by, start, count)? }
    fn bitoverlay_no_len(a: &[u8], by: &[u8], start: i32) -> Vec<u8> { overlay(a, by, start, length(by) as i32)? }
    fn bitgetbit(a: &[u8], index: i32) -> i32 { i32::from(bit(a, place(a, index)?)) }
    fn bitsetbit(a: &[u8], index: i32, value: i32) -> Vec<u8> {
        let at = place(a, index)?;
        if !matches!(value, 0 | 1) {
            return Err(FunctionError::plain(SqlState::InvalidParameterValue, "new bit must be 0 or 1"));
        }
        pack(all(a).enumerate().map(|(place, bit)| if place == at { value == 1 } else { bit }))
    }
    fn bitfromint4(a: i32, count: i32) -> Vec<u8> { of_integer(i64::from(a), count)? }
    fn bitfromint8(a: i64, count: i32) -> Vec<u8> { of_integer(a, count)? }
    fn bittoint4(a: &[u8]) -> i32 { integer(a, 32, NumberType::Int4)? as i32 }
    fn bittoint8(a: &[u8]) -> i64 { integer(a, 64, NumberType::Int8)? }
    fn fit_bit(a: &[u8], modifier: i32, explicit: bool) -> Vec<u8> { fit_bits(a, modifier, explicit)? }
    fn fit_varbit(a: &[u8], modifier: i32, explicit: bool) -> Vec<u8> { fit_varbits(a, modifier, explicit)? }
}
