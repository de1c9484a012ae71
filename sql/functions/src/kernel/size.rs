//! Sizes in words: `pg_size_pretty`, `pg_size_bytes`.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use diagnostic::SqlState;
use numeric::{NumberType, Numeric, NumericError};

const UNITS: [&str; 6] = ["bytes", "kB", "MB", "GB", "TB", "PB"];

/// A number of bytes in the largest unit of which there are enough, rounded half away from zero.
fn size(bytes: i64) -> String {
    /// So much of a unit is told in the next one.
    const ENOUGH: u64 = 10 * 1024;
    if bytes.unsigned_abs() < ENOUGH {
        return format!("{bytes} bytes");
    }
    // Twice as many as there are of a unit, cut towards zero.
    let mut doubled = bytes / 512;
    let last = UNITS.len() - 1;
    for unit in &UNITS[1..last] {
        if doubled.unsigned_abs() < 2 * ENOUGH - 1 {
            return format!("{} {unit}", (doubled + doubled.signum()) / 2);
        }
        doubled /= 1024;
    }
    format!("{} {}", (doubled + doubled.signum()) / 2, UNITS[last])
}

/// The same of a number with digits behind its point.
fn exact_size(bytes: &Numeric) -> FunctionResult<String> {
    let told = |number: &Numeric, unit: &str| {
        let mut text = String::new();
        number.write_to(&mut text);
        format!("{text} {unit}")
    };
    let (enough, twice) = (Numeric::from(10 * 1024), Numeric::from(20 * 1024 - 1));
    let half = |doubled: &Numeric| -> FunctionResult<Numeric> {
        let one = Numeric::from(if *doubled < Numeric::from(0) { -1 } else { 1 });
        Ok(doubled.add(&one)?.divide_whole(&Numeric::from(2))?)
    };
    if bytes.abs() < enough {
        return Ok(told(bytes, UNITS[0]));
    }
    let mut doubled = bytes.divide_whole(&Numeric::from(512))?;
    let last = UNITS.len() - 1;
    for unit in &UNITS[1..last] {
        if doubled.abs() < twice {
            return Ok(told(&half(&doubled)?, unit));
        }
        doubled = doubled.divide_whole(&Numeric::from(1024))?;
    }
    Ok(told(&half(&doubled)?, UNITS[last]))
}

/// How far a number reaches at the beginning of a text; 0 if there is none.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes.get(from..).unwrap_or(&[]).iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(end);
    end += whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return 0;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        // Without digits it is the beginning of a unit.
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

fn bytes_of(text: &str) -> FunctionResult<i64> {
    let is_space = |character: char| character.is_ascii_whitespace() || character == '\u{b}';
    let trimmed = text.trim_start_matches(is_space);
    let wrong = || format!("invalid size: \"{text}\"");
    let (number, rest) = trimmed.split_at(number_length(trimmed));
    if number.is_empty() {
        return Err(FunctionError::plain(SqlState::InvalidParameterValue, wrong()));
    }
    let (number, unit) = (Numeric::parse(number, None)?, rest.trim_matches(is_space));
    let factor = match UNITS.iter().position(|known| known.eq_ignore_ascii_case(unit)) {
        Some(power) => 1_i64 << (10 * power),
        None if unit.is_empty() => 1,
        None => {
            return Err(FunctionError::Plain {
                state: SqlState::InvalidParameterValue,
                message: wrong(),
                detail: Some(format!("Invalid size unit: \"{unit}\".")),
                hint: Some(
                    "Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".".to_owned(),
                ),
            });
        }
    };
    let size = number.multiply(&Numeric::from(factor))?;
    Ok(size.to_int8().map_err(|_| NumericError::IntegerOutOfRange(NumberType::Int8))?)
}

scalar! {
    fn pg_size_pretty(a: i64) -> String { size(a) }
    fn pg_size_pretty_numeric(a: Numeric) -> String { exact_size(&a)? }
    fn pg_size_bytes(a: &str) -> i64 { bytes_of(a)? }
}
