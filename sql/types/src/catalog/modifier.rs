//! Type modifiers: what stands in the parentheses after a type's name, in PostgreSQL's encoding.
//!
//! Lengths of `char` and `varchar` are stored with four added, as if a length word came before the text; `numeric` has
//! its precision in the upper half and its scale in eleven bits below, four added; `interval` has a mask of fields in
//! the upper half and the precision below. Bit strings and times store the number alone.

use super::modifier_error::ModifierError;
use super::{builtin, oid};
use datetime::typmod::PRECISION_MAX;
use datetime::{IntervalFields, IntervalTypmod};
use numeric::Modifier;

const HEADER: i32 = 4;
const CHARACTERS_MAX: i32 = 10_485_760;
const BITS_MAX: i32 = 83_886_080;

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
        write!(formatter, "{name}({precision}){zone} precision reduced to maximum allowed, {PRECISION_MAX}")
    }
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
        oid::TIME => fraction("TIME", false, arguments),
        oid::TIMETZ => fraction("TIME", true, arguments),
        oid::TIMESTAMP => fraction("TIMESTAMP", false, arguments),
        oid::TIMESTAMPTZ => fraction("TIMESTAMP", true, arguments),
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
    let arguments: Vec<i64> = integers(arguments)?.into_iter().map(i64::from).collect();
    Ok(Modifier::from_list(&arguments)?.pack())
}

fn cut(name: &'static str, with_zone: bool, asked: i32) -> Result<(u8, Option<Reduced>), ModifierError> {
    let precision = datetime::typmod::precision(name, with_zone, asked)?;
    let reduced = Reduced { name, zone: if with_zone { " WITH TIME ZONE" } else { "" }, precision: asked };
    Ok((precision, (i32::from(precision) < asked).then_some(reduced)))
}

fn fraction(
    name: &'static str,
    with_zone: bool,
    arguments: &[&str],
) -> Result<(i32, Option<Reduced>), ModifierError> {
    let (precision, reduced) = cut(name, with_zone, single(arguments)?)?;
    Ok((i32::from(precision), reduced))
}

fn interval(arguments: &[&str]) -> Result<(i32, Option<Reduced>), ModifierError> {
    let arguments = integers(arguments)?;
    let Some(fields) = arguments.first().and_then(|mask| IntervalFields::from_mask(*mask)) else {
        return Err(ModifierError::InvalidInterval);
    };
    match arguments[..] {
        [_] => Ok((IntervalTypmod { fields, precision: None }.packed(), None)),
        [_, precision] => {
            let (precision, reduced) = cut("INTERVAL", false, precision)?;
            Ok((IntervalTypmod { fields, precision: Some(precision) }.packed(), reduced))
        }
        _ => Err(ModifierError::InvalidInterval),
    }
}

/// How many digits of a second a time or timestamp of this modifier keeps; `None` is all.
pub fn time_precision(modifier: i32) -> Option<u8> {
    u8::try_from(modifier).ok()
}

/// How many characters `char` or `varchar` of this modifier has at most.
pub fn character_length(modifier: i32) -> Option<usize> {
    (modifier >= HEADER).then(|| (modifier - HEADER) as usize)
}

/// Precision and scale of a `numeric` of this modifier, which nobody has checked.
pub fn numeric_shape(modifier: i32) -> Option<(u16, i16)> {
    Modifier::unpack_anything(modifier).map(|shape| (shape.precision(), shape.scale()))
}
