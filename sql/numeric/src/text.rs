//! A numeric's text, both ways.

use crate::decimal::{Decimal, SCALE_MAX, WHOLE_DIGITS_MAX, power_of_ten};
use crate::error::{NumberType, NumericError, NumericResult};
use crate::modifier::Modifier;
use crate::value::{Numeric, Special, View};
use num_bigint::BigUint;
use std::fmt;
use std::str::FromStr;

/// Exponents from here on are refused whatever they stand behind.
const EXPONENT_LIMIT: i64 = i32::MAX as i64 / 2;

/// What C calls white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| u8::try_from(character).is_ok_and(is_space))
}

/// A number as it is written: nothing is calculated yet.
struct Written<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

/// Why a text is no number.
enum Fault {
    Syntax,
    Exponent,
}

impl Numeric {
    /// Reads a text as PostgreSQL's input function does, and fits it to a type's precision and scale.
    ///
    /// Precision and scale come before the limits of the format: a text with 20,000 decimals is fine for `numeric(5,2)`.
    pub fn parse(text: &str, modifier: Option<Modifier>) -> NumericResult<Numeric> {
        let syntax = || NumericError::InvalidSyntax { number: NumberType::Numeric, text: text.to_owned() };
        let trimmed = trim(text);
        if let Some(special) = special(trimmed) {
            let value = Numeric::special(special);
            return match modifier {
                Some(modifier) => modifier.fit(&value),
                None => Ok(value),
            };
        }
        let written = match scan(trimmed.as_bytes()) {
            Ok(written) => written,
            Err(Fault::Syntax) => return Err(syntax()),
            Err(Fault::Exponent) => return Err(NumericError::Overflow),
        };
        written.value(modifier)
    }

    /// Appends the text: all decimals of its scale, no exponent.
    pub fn write_to(&self, out: &mut String) {
        match self.view() {
            View::Small(mantissa, scale) => write_small(mantissa, u32::from(scale), out),
            View::Big(decimal) => {
                place_point(
                    decimal.is_negative(),
                    &decimal.mantissa.magnitude().to_string(),
                    decimal.scale,
                    out,
                );
            }
            View::Special(special) => out.push_str(match special {
                Special::NaN => "NaN",
                Special::Infinity => "Infinity",
                Special::NegativeInfinity => "-Infinity",
            }),
        }
    }
}

impl FromStr for Numeric {
    type Err = NumericError;

    fn from_str(text: &str) -> NumericResult<Numeric> {
        Numeric::parse(text, None)
    }
}

impl fmt::Display for Numeric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write_to(&mut text);
        formatter.write_str(&text)
    }
}

impl fmt::Debug for Numeric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

fn special(text: &str) -> Option<Special> {
    if text.eq_ignore_ascii_case("nan") {
        return Some(Special::NaN);
    }
    let (negative, name) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if name.eq_ignore_ascii_case("infinity") || name.eq_ignore_ascii_case("inf") {
        return Some(if negative { Special::NegativeInfinity } else { Special::Infinity });
    }
    None
}

fn scan(text: &[u8]) -> Result<Written<'_>, Fault> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => digits(rest),
        _ => (&[][..], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(Fault::Syntax);
    }
    let exponent = match rest {
        [] => 0,
        [b'e' | b'E', rest @ ..] => exponent(rest)?,
        _ => return Err(Fault::Syntax),
    };
    Ok(Written { negative, whole, fraction, exponent })
}

pub(crate) fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

/// An exponent; spaces before its sign are allowed, as C's `strtol` allows them.
fn exponent(text: &[u8]) -> Result<i64, Fault> {
    let text = text.trim_ascii_start();
    let text = &text[text.iter().position(|byte| !is_space(*byte)).unwrap_or(text.len())..];
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (digits, rest) = digits(text);
    if digits.is_empty() {
        return Err(Fault::Syntax);
    }
    let magnitude = digits.iter().fold(0_i64, |sum, digit| {
        (sum * 10 + i64::from(digit - b'0')).min(EXPONENT_LIMIT) // stops growing, so it cannot overflow
    });
    // PostgreSQL looks at the size before it looks at what follows.
    if magnitude >= EXPONENT_LIMIT {
        return Err(Fault::Exponent);
    }
    if !rest.is_empty() {
        return Err(Fault::Syntax);
    }
    Ok(if negative { -magnitude } else { magnitude })
}

impl Written<'_> {
    fn value(&self, modifier: Option<Modifier>) -> NumericResult<Numeric> {
        let scale = (self.fraction.len() as i64).saturating_sub(self.exponent).max(0);
        let leading_zeros = |digits: &[u8]| digits.iter().take_while(|digit| **digit == b'0').count();
        let whole = &self.whole[leading_zeros(self.whole)..];
        let mut fraction = self.fraction;
        // How many digits stand before the point once the exponent has moved it.
        let mut before = whole.len() as i64 + self.exponent;
        if whole.is_empty() {
            let zeros = leading_zeros(fraction);
            fraction = &fraction[zeros..];
            before -= zeros as i64;
        }
        let zero = whole.is_empty() && fraction.is_empty();
        match modifier {
            // Decided without the digits, of which there may be a thousand million.
            Some(modifier) if !zero && before > WHOLE_DIGITS_MAX => Err(modifier.overflow(false)),
            Some(modifier) => {
                // What fits inline, as nearly all does, needs no number of any length.
                if scale <= i64::from(SCALE_MAX)
                    && let Some(mantissa) = self.small(whole, fraction)
                {
                    return modifier.fit(&Numeric::small(mantissa, scale as u16));
                }
                // One digit more than the scale decides how it is rounded; the others do not matter.
                let kept = (before + modifier.scale().max(0) as i64 + 1).max(0) as usize;
                let decimal = self.decimal(whole, fraction, kept);
                let fitted = modifier.fit_decimal(&decimal)?;
                fitted.into_numeric()
            }
            None if scale > i64::from(SCALE_MAX) || (!zero && before > WHOLE_DIGITS_MAX) => {
                Err(NumericError::Overflow)
            }
            None => match (zero, self.small(whole, fraction)) {
                (true, _) => Ok(Numeric::small(0, scale as u16)),
                (false, Some(mantissa)) => Ok(Numeric::small(mantissa, scale as u16)),
                (false, None) => self.decimal(whole, fraction, usize::MAX).into_numeric(),
            },
        }
    }

    /// The mantissa, if it plainly fits inline.
    fn small(&self, whole: &[u8], fraction: &[u8]) -> Option<i128> {
        let zeros = usize::try_from((self.exponent - self.fraction.len() as i64).max(0)).ok()?;
        let count = whole.len() + fraction.len();
        if count + zeros > 38 {
            return None;
        }
        let digits = || whole.iter().chain(fraction).map(|digit| digit - b'0');
        let mantissa = match count <= 18 {
            true => i128::from(digits().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit))),
            false => digits().fold(0_i128, |sum, digit| sum * 10 + i128::from(digit)),
        };
        let mantissa = if zeros > 0 { mantissa * crate::decimal::POWERS[zeros] } else { mantissa };
        Some(if self.negative { -mantissa } else { mantissa })
    }

    /// The value of the first `kept` digits.
    fn decimal(&self, whole: &[u8], fraction: &[u8], kept: usize) -> Decimal {
        let whole_kept = &whole[..whole.len().min(kept)];
        let fraction_kept = &fraction[..fraction.len().min(kept - whole_kept.len())];
        let dropped = (whole.len() - whole_kept.len() + fraction.len() - fraction_kept.len()) as i64;
        let digits = [whole_kept, fraction_kept].concat();
        let magnitude = BigUint::parse_bytes(&digits, 10).unwrap_or(BigUint::ZERO);
        // The value is the digits times ten to the power of this.
        let exponent = self.exponent - self.fraction.len() as i64 + dropped;
        let magnitude = match magnitude == BigUint::ZERO {
            true => return Decimal::zero(u32::try_from(-exponent).unwrap_or(0)),
            false if exponent > 0 => magnitude * power_of_ten(exponent as u64),
            false => magnitude,
        };
        let sign = if self.negative { num_bigint::Sign::Minus } else { num_bigint::Sign::Plus };
        Decimal::new(num_bigint::BigInt::from_biguint(sign, magnitude), u32::try_from(-exponent).unwrap_or(0))
    }
}

/// Room for 39 digits.
pub(crate) struct Digits([u8; 40], usize);

impl Digits {
    pub(crate) fn new(magnitude: u128) -> Digits {
        let mut digits = Digits([b'0'; 40], 40);
        let mut rest = magnitude;
        while let Err(_) | Ok(0x0de0_b6b3_a764_0000..) = u64::try_from(rest) {
            const CHUNK: u128 = 1_000_000_000_000_000_000;
            let start = digits.1 - 18;
            digits.word((rest % CHUNK) as u64);
            digits.1 = start;
            rest /= CHUNK;
        }
        digits.word(rest as u64);
        digits
    }

    fn word(&mut self, mut rest: u64) {
        while rest > 0 {
            self.1 -= 1;
            self.0[self.1] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }

    pub(crate) fn text(&self) -> &str {
        // They are ASCII digits.
        std::str::from_utf8(&self.0[self.1..]).unwrap_or("")
    }
}

fn write_small(mantissa: i128, scale: u32, out: &mut String) {
    place_point(mantissa < 0, Digits::new(mantissa.unsigned_abs()).text(), scale, out);
}

/// Writes digits without leading zeros, the last `scale` of them behind a point.
pub(crate) fn place_point(negative: bool, digits: &str, scale: u32, out: &mut String) {
    if negative {
        out.push('-');
    }
    let scale = scale as usize;
    let digits = if digits == "0" { "" } else { digits };
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if scale > 0 {
        out.push('.');
        out.extend(std::iter::repeat_n('0', scale - fraction.len()));
        out.push_str(fraction);
    }
}
