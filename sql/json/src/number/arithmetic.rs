//! Calculation with numbers of documents, at PostgreSQL's scales.

use super::{MAX_SCALE, Number, Parts, encode_digits, encode_short};
use crate::error::{JsonError, JsonResult};
use num_bigint::{BigInt, Sign};

/// Digits that a quotient has at least.
const MIN_QUOTIENT_DIGITS: i64 = 16;
/// Digits behind the point that a quotient has at most.
const MAX_QUOTIENT_SCALE: i64 = 1000;

/// What two numbers are put through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// A number of any size: `mantissa / 10^scale`.
struct Wide {
    mantissa: BigInt,
    scale: u32,
}

fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

impl Wide {
    fn new(number: Number<'_>) -> Wide {
        match number.parts() {
            Parts::Short { mantissa, scale } => Wide { mantissa: BigInt::from(mantissa), scale },
            Parts::Long { negative, scale, zeros, digits } => {
                let digits = BigInt::parse_bytes(digits, 10).unwrap_or_default();
                let mantissa = digits * power_of_ten(zeros);
                Wide { mantissa: if negative { -mantissa } else { mantissa }, scale }
            }
        }
    }

    /// The mantissa it has at a scale that is not smaller.
    fn at(&self, scale: u32) -> BigInt {
        &self.mantissa * power_of_ten(scale.saturating_sub(self.scale))
    }

    fn encode(&self, out: &mut Vec<u8>) -> JsonResult<()> {
        let digits = self.mantissa.magnitude().to_str_radix(10);
        let digits = if self.mantissa.sign() == Sign::NoSign { "" } else { &digits };
        let negative = self.mantissa.sign() == Sign::Minus;
        encode_digits(negative, digits.as_bytes(), 0, i64::from(self.scale), out)
    }
}

/// Appends `-number`.
pub fn negate(number: Number<'_>, out: &mut Vec<u8>) -> JsonResult<()> {
    if let Some((mantissa, scale)) = number.short()
        && let Some(mantissa) = mantissa.checked_neg()
        && encode_short(mantissa, scale, out)
    {
        return Ok(());
    }
    let wide = Wide::new(number);
    Wide { mantissa: -wide.mantissa, scale: wide.scale }.encode(out)
}

/// Appends the nearest integer that is not above `number`, or the nearest that is not below it.
pub fn floor_or_ceiling(number: Number<'_>, ceiling: bool, out: &mut Vec<u8>) -> JsonResult<()> {
    let wide = Wide::new(number);
    let unit = power_of_ten(wide.scale);
    let mut whole = &wide.mantissa / &unit;
    let rest = &wide.mantissa % &unit;
    match (rest.sign(), ceiling) {
        (Sign::Minus, false) => whole -= 1,
        (Sign::Plus, true) => whole += 1,
        (Sign::Minus, true) | (Sign::Plus, false) | (Sign::NoSign, _) => {}
    }
    Wide { mantissa: whole, scale: 0 }.encode(out)
}

/// Appends the result of `left operator right`.
pub fn calculate(
    operator: Operator,
    left: Number<'_>,
    right: Number<'_>,
    out: &mut Vec<u8>,
) -> JsonResult<()> {
    if let (Some(one), Some(two)) = (left.short(), right.short())
        && let Some((mantissa, scale)) = calculate_short(operator, one, two)
        && encode_short(mantissa, scale, out)
    {
        return Ok(());
    }
    let (one, two) = (Wide::new(left), Wide::new(right));
    let scale = one.scale.max(two.scale);
    let result = match operator {
        Operator::Add => Wide { mantissa: one.at(scale) + two.at(scale), scale },
        Operator::Subtract => Wide { mantissa: one.at(scale) - two.at(scale), scale },
        Operator::Multiply => {
            let product = Wide { mantissa: one.mantissa * two.mantissa, scale: one.scale + two.scale };
            let excess = i64::from(product.scale) - MAX_SCALE;
            if excess > 0 { rounded(&product, excess as u32) } else { product }
        }
        Operator::Divide => divide(&one, &two)?,
        Operator::Modulo => {
            if two.mantissa.sign() == Sign::NoSign {
                return Err(JsonError::DivisionByZero);
            }
            Wide { mantissa: one.at(scale) % two.at(scale), scale }
        }
    };
    result.encode(out)
}

/// The same on mantissas of the machine, where nothing overflows and the scale is as easy to say.
fn calculate_short(operator: Operator, one: (i128, u32), two: (i128, u32)) -> Option<(i128, u32)> {
    let scale = one.1.max(two.1);
    let left = || one.0.checked_mul(10i128.checked_pow(scale - one.1)?);
    let right = || two.0.checked_mul(10i128.checked_pow(scale - two.1)?);
    match operator {
        Operator::Add => Some((left()?.checked_add(right()?)?, scale)),
        Operator::Subtract => Some((left()?.checked_sub(right()?)?, scale)),
        Operator::Multiply => Some((one.0.checked_mul(two.0)?, one.1 + two.1)),
        Operator::Divide => None,
        Operator::Modulo => Some((left()?.checked_rem(right()?)?, scale)),
    }
}

/// `number` with its last `digits` digits rounded away, half away from zero.
fn rounded(number: &Wide, digits: u32) -> Wide {
    let unit = power_of_ten(digits);
    Wide { mantissa: divide_rounded(&number.mantissa, &unit), scale: number.scale - digits }
}

fn divide_rounded(dividend: &BigInt, divisor: &BigInt) -> BigInt {
    let quotient = dividend / divisor;
    let rest: BigInt = (dividend % divisor) * 2;
    if rest.magnitude() < divisor.magnitude() {
        return quotient;
    }
    let away = if dividend.sign() == divisor.sign() { 1 } else { -1 };
    quotient + away
}

fn divide(one: &Wide, two: &Wide) -> JsonResult<Wide> {
    if two.mantissa.sign() == Sign::NoSign {
        return Err(JsonError::DivisionByZero);
    }
    let ((weight, first), (other_weight, other_first)) = (leading(one), leading(two));
    let mut quotient_weight = weight - other_weight;
    if first <= other_first {
        quotient_weight -= 1;
    }
    let scale = (MIN_QUOTIENT_DIGITS - quotient_weight * 4)
        .max(i64::from(one.scale))
        .max(i64::from(two.scale))
        .clamp(0, MAX_QUOTIENT_SCALE) as u32;
    // one / two = (m1 / 10^s1) / (m2 / 10^s2), wanted times 10^scale.
    let raise = i64::from(scale) + i64::from(two.scale) - i64::from(one.scale);
    let power = power_of_ten(raise.unsigned_abs() as u32);
    let mantissa = if raise >= 0 {
        divide_rounded(&(&one.mantissa * power), &two.mantissa)
    } else {
        divide_rounded(&one.mantissa, &(&two.mantissa * power))
    };
    Ok(Wide { mantissa, scale })
}

/// In base 10,000, in which `numeric` counts: the weight of the first digit that is not zero, and that digit.
fn leading(number: &Wide) -> (i64, i64) {
    if number.mantissa.sign() == Sign::NoSign {
        return (0, 0);
    }
    let digits = number.mantissa.magnitude().to_str_radix(10);
    let before = digits.len() as i64 - i64::from(number.scale);
    let weight = (before - 1).div_euclid(4);
    let count = (before - weight * 4) as usize;
    let padded = digits.bytes().chain(std::iter::repeat(b'0'));
    let first = padded.take(count).fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    (weight, first)
}

/// Appends a double as `numeric` takes it: fifteen significant digits. `None`: it is no number or no finite one.
pub fn from_double(value: f64, out: &mut Vec<u8>) -> Option<JsonResult<()>> {
    if !value.is_finite() {
        return None;
    }
    let text = format!("{value:.14e}");
    // Zeros behind the last digit are not significant; the text has exactly one `e`.
    let (decimal, exponent) = text.split_once('e')?;
    let decimal = decimal.trim_end_matches('0').trim_end_matches('.');
    let text = if exponent == "0" { decimal.to_owned() } else { format!("{decimal}e{exponent}") };
    Some(super::encode_text(&text, out))
}
