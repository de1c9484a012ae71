//! The texts that are nearly all there are, `1999-01-08 04:05:06.789`, read without a detour.
//!
//! Whatever is not exactly of that form, or is no valid value, is `None` and goes the long way, which also says what is
//! wrong with it.

use crate::calendar::{EPOCH_JULIAN, MICROSECONDS_PER_DAY, days_in_month, to_julian};
use crate::value::Date;

fn digits<const N: usize>(bytes: &[u8]) -> Option<i64> {
    let mut value = 0;
    for byte in bytes.first_chunk::<N>()? {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    Some(value)
}

/// Days of `yyyy-mm-dd`.
fn days(text: &[u8; 10]) -> Option<i64> {
    let year = digits::<4>(text)?;
    let month = digits::<2>(&text[5..])?;
    let day = digits::<2>(&text[8..])?;
    let is_date = text[4] == b'-'
        && text[7] == b'-'
        && year > 0
        && (1..=12).contains(&month)
        && day > 0
        && day <= days_in_month(year, month);
    is_date.then(|| to_julian(year, month, day) - EPOCH_JULIAN)
}

/// Microseconds of `hh:mm:ss` with up to six digits after a point.
fn time_of_day(text: &[u8]) -> Option<i64> {
    let (clock, fraction) = text.split_first_chunk::<8>()?;
    let hour = digits::<2>(clock)?;
    let minute = digits::<2>(&clock[3..])?;
    let second = digits::<2>(&clock[6..])?;
    if clock[2] != b':' || clock[5] != b':' || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut microseconds = 0;
    if let Some((point, fraction)) = fraction.split_first() {
        if *point != b'.' || fraction.is_empty() || fraction.len() > 6 {
            return None;
        }
        for index in 0..6 {
            let digit = fraction.get(index).copied().unwrap_or(b'0');
            microseconds = microseconds * 10 + digits::<1>(&[digit])?;
        }
    }
    Some(((hour * 60 + minute) * 60 + second) * 1_000_000 + microseconds)
}

/// A date.
pub fn date(text: &str) -> Option<Date> {
    let days = days(text.as_bytes().try_into().ok()?)?;
    Some(Date(i32::try_from(days).ok()?))
}

/// A time.
pub fn time(text: &str) -> Option<i64> {
    time_of_day(text.as_bytes())
}

/// An offset, `+hh` or `+hh:mm`, in seconds east.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, rest) = text.split_first()?;
    let hours = digits::<2>(rest)?;
    let minutes = match rest.get(2..)? {
        [] => 0,
        [b':', minutes @ ..] if minutes.len() == 2 => digits::<2>(minutes)?,
        _ => return None,
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    let east = hours * 3600 + minutes * 60;
    Some(if *sign == b'-' { -east } else { east })
}

/// A timestamp as clocks show it, and their offset in seconds east if that is written.
pub fn timestamptz(text: &str) -> Option<(i64, Option<i64>)> {
    let after_date = text.as_bytes().get(11..).unwrap_or_default();
    match after_date.iter().position(|byte| matches!(byte, b'+' | b'-')) {
        None => Some((timestamp(text)?, None)),
        Some(at) => {
            let east = offset(&after_date[at..])?;
            Some((timestamp(text.get(..11 + at)?)?, Some(east)))
        }
    }
}

/// A timestamp without a zone.
pub fn timestamp(text: &str) -> Option<i64> {
    let (date, rest) = text.as_bytes().split_first_chunk::<10>()?;
    let days = days(date)?;
    let time = match rest.split_first() {
        None => 0,
        Some((b' ' | b'T', time)) => time_of_day(time)?,
        Some(_) => return None,
    };
    Some(days * MICROSECONDS_PER_DAY + time)
}
