//! Type modifiers: what stands in the parentheses after a type's name, in PostgreSQL's encoding.
//!
//! Lengths of `char` and `varchar` are stored with four added, as if a length word came before the text; `numeric` has
//! its precision in the upper half and its scale in eleven bits below, four added; `interval` has a mask of fields in
//! the upper half and the precision below. Bit strings and times store the number alone.

use super::modifier_error::ModifierError;
use super::{builtin, oid};

const HEADER: i32 = 4;
const CHARACTERS_MAX: i32 = 10_485_760;
const BITS_MAX: i32 = 83_886_080;
const PRECISION_MAX: i32 = 1000;
const FRACTION_MAX: i32 = 6;
/// All fields of an interval.
const FULL_RANGE: i32 = 0x7fff;
/// No precision is given.
const FULL_PRECISION: i32 = 0xffff;

/// A precision that was larger than any and is taken for the largest; a warning tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reduced {
    name: &'static str,
    zone: &'static str,
    precision: i32,
}

impl std::fmt::Display for Reduced {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Reduced { name, zone, precision } = self;
        write!(formatter, "{name}({precision}){zone} precision reduced to maximum allowed, {FRACTION_MAX}")
    }
}

/// Which fields an interval keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each says itself what it is
pub enum IntervalFields {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    YearToMonth,
    DayToHour,
    DayToMinute,
    DayToSecond,
    HourToMinute,
    HourToSecond,
    MinuteToSecond,
    All,
}

/// The modifier that the arguments in the parentheses make for a type, and whether a precision was cut. `written` is
/// the type's name as the user wrote it.
///
/// An interval's arguments are what the grammar makes of its fields: their mask, then the precision.
pub fn modifier_from_arguments(
    type_oid: u32,
    arguments: &[&str],
    written: &str,
) -> Result<(i32, Option<Reduced>), ModifierError> {
    let element =
        builtin(type_oid).filter(|entry| entry.form == super::Form::Array).map(|entry| entry.element);
    let plain = |modifier: Result<i32, ModifierError>| modifier.map(|modifier| (modifier, None));
    match element.unwrap_or(type_oid) {
        oid::BPCHAR => plain(length("char", CHARACTERS_MAX, arguments).map(|length| length + HEADER)),
        oid::VARCHAR => plain(length("varchar", CHARACTERS_MAX, arguments).map(|length| length + HEADER)),
        oid::BIT => plain(length("bit", BITS_MAX, arguments)),
        oid::VARBIT => plain(length("varbit", BITS_MAX, arguments)),
        oid::NUMERIC => plain(numeric(arguments)),
        oid::TIME => fraction("TIME", "", arguments),
        oid::TIMETZ => fraction("TIME", " WITH TIME ZONE", arguments),
        oid::TIMESTAMP => fraction("TIMESTAMP", "", arguments),
        oid::TIMESTAMPTZ => fraction("TIMESTAMP", " WITH TIME ZONE", arguments),
        oid::INTERVAL => interval(arguments),
        _ => Err(ModifierError::NotAllowed(written.to_owned())),
    }
}

fn integers(arguments: &[&str]) -> Result<Vec<i32>, ModifierError> {
    arguments.iter().map(|argument| integer(argument)).collect()
}

fn integer(argument: &str) -> Result<i32, ModifierError> {
    let trimmed = argument.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ModifierError::NoInteger(argument.to_owned()));
    }
    trimmed.parse().map_err(|_| ModifierError::OutOfRange(argument.to_owned()))
}

fn single(arguments: &[&str]) -> Result<i32, ModifierError> {
    match integers(arguments)?[..] {
        [argument] => Ok(argument),
        _ => Err(ModifierError::Invalid),
    }
}

fn length(type_name: &'static str, limit: i32, arguments: &[&str]) -> Result<i32, ModifierError> {
    match single(arguments)? {
        length if length < 1 => Err(ModifierError::TooShort(type_name)),
        length if length > limit => Err(ModifierError::TooLong { type_name, limit }),
        length => Ok(length),
    }
}

fn numeric(arguments: &[&str]) -> Result<i32, ModifierError> {
    let (precision, scale) = match integers(arguments)?[..] {
        [precision] => (precision, 0),
        [precision, scale] => (precision, scale),
        _ => return Err(ModifierError::InvalidNumeric),
    };
    if !(1..=PRECISION_MAX).contains(&precision) {
        return Err(ModifierError::Precision(precision));
    }
    if !(-PRECISION_MAX..=PRECISION_MAX).contains(&scale) {
        return Err(ModifierError::Scale(scale));
    }
    Ok((precision << 16 | (scale & 0x7ff)) + HEADER)
}

fn cut(
    name: &'static str,
    zone: &'static str,
    precision: i32,
) -> Result<(i32, Option<Reduced>), ModifierError> {
    match precision {
        precision if precision < 0 => Err(ModifierError::Negative { name, zone, precision }),
        precision if precision > FRACTION_MAX => Ok((FRACTION_MAX, Some(Reduced { name, zone, precision }))),
        precision => Ok((precision, None)),
    }
}

fn fraction(
    name: &'static str,
    zone: &'static str,
    arguments: &[&str],
) -> Result<(i32, Option<Reduced>), ModifierError> {
    cut(name, zone, single(arguments)?)
}

fn interval(arguments: &[&str]) -> Result<(i32, Option<Reduced>), ModifierError> {
    let arguments = integers(arguments)?;
    let Some(range) = arguments.first().copied().filter(|range| fields_of(*range).is_some()) else {
        return Err(ModifierError::InvalidInterval);
    };
    match arguments[..] {
        [FULL_RANGE] => Ok((-1, None)),
        [_] => Ok((range << 16 | FULL_PRECISION, None)),
        [_, precision] => {
            let (precision, reduced) = cut("INTERVAL", "", precision)?;
            Ok((range << 16 | precision, reduced))
        }
        _ => Err(ModifierError::InvalidInterval),
    }
}

fn fields_of(mask: i32) -> Option<IntervalFields> {
    const MONTH: i32 = 1 << 1;
    const YEAR: i32 = 1 << 2;
    const DAY: i32 = 1 << 3;
    const HOUR: i32 = 1 << 10;
    const MINUTE: i32 = 1 << 11;
    const SECOND: i32 = 1 << 12;
    let masks = [
        (YEAR, IntervalFields::Year),
        (MONTH, IntervalFields::Month),
        (DAY, IntervalFields::Day),
        (HOUR, IntervalFields::Hour),
        (MINUTE, IntervalFields::Minute),
        (SECOND, IntervalFields::Second),
        (YEAR | MONTH, IntervalFields::YearToMonth),
        (DAY | HOUR, IntervalFields::DayToHour),
        (DAY | HOUR | MINUTE, IntervalFields::DayToMinute),
        (DAY | HOUR | MINUTE | SECOND, IntervalFields::DayToSecond),
        (HOUR | MINUTE, IntervalFields::HourToMinute),
        (HOUR | MINUTE | SECOND, IntervalFields::HourToSecond),
        (MINUTE | SECOND, IntervalFields::MinuteToSecond),
        (FULL_RANGE, IntervalFields::All),
    ];
    masks.into_iter().find(|(known, _)| *known == mask).map(|(_, fields)| fields)
}

/// Which fields an interval of this modifier keeps, and how many digits of the second; `None` if there is no such
/// modifier.
pub fn interval_fields(modifier: i32) -> Option<(IntervalFields, Option<u8>)> {
    if modifier < 0 {
        return Some((IntervalFields::All, None));
    }
    let precision = modifier & FULL_PRECISION;
    let fields = fields_of(modifier >> 16 & FULL_RANGE)?;
    Some((fields, (precision != FULL_PRECISION).then_some(precision.min(255) as u8)))
}

/// How many characters `char` or `varchar` of this modifier has at most.
pub fn character_length(modifier: i32) -> Option<usize> {
    (modifier >= HEADER).then_some((modifier - HEADER) as usize)
}

/// Precision and scale of a `numeric` of this modifier.
pub fn numeric_shape(modifier: i32) -> Option<(u16, i16)> {
    let bits = modifier.checked_sub(HEADER).filter(|_| modifier >= HEADER)?;
    // Eleven bits with their sign.
    let scale = ((bits & 0x7ff) ^ 1024) - 1024;
    Some((((bits >> 16) & 0xffff) as u16, scale as i16))
}
