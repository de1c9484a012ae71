//! What a value has to show in a template: its sign and the digits that there is room for.

use super::pattern::Layout;
use crate::decimal::Decimal;
use crate::error::NumericResult;
use crate::float::Float;
use crate::integer::Integer;
use crate::value::Numeric;

/// A number ready to be laid into a template.
#[derive(Debug, Clone)]
pub(super) struct Digits {
    /// Digits and point; a number in Roman or with an exponent is complete.
    pub text: String,
    /// `-` or `+`; none for a number that is complete.
    pub sign: Option<char>,
    /// Places before the point that the number does not reach.
    pub blanks: usize,
}

/// Width of what is no Roman number, and of the place for one.
pub(super) const ROMAN_WIDTH: usize = 15;

const ROMAN: &[(i32, &str)] = &[
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
];

impl Digits {
    fn complete(text: String) -> Digits {
        Digits { text, sign: None, blanks: 0 }
    }

    fn roman(number: i32) -> Digits {
        if !(1..=3999).contains(&number) {
            return Digits::complete("#".repeat(ROMAN_WIDTH));
        }
        let mut text = String::new();
        let mut rest = number;
        for (value, letters) in ROMAN {
            while rest >= *value {
                text.push_str(letters);
                rest -= value;
            }
        }
        Digits::complete(text)
    }

    /// A float that is no integer of four bytes is no Roman number either.
    fn roman_of_float(number: f64) -> Digits {
        Digits::roman(number.to_int4().unwrap_or(i32::MIN))
    }

    /// Digits of a text with or without a minus and a point; crosses where there are too many for the template.
    fn laid(text: &str, layout: &Layout) -> Digits {
        let (sign, text) = match text.strip_prefix('-') {
            Some(text) => ('-', text),
            None => ('+', text),
        };
        let before = text.find('.').unwrap_or(text.len());
        if before > layout.before {
            let text = format!("{}.{}", "#".repeat(layout.before), "#".repeat(layout.behind));
            return Digits { text, sign: Some(sign), blanks: 0 };
        }
        Digits { text: text.to_owned(), sign: Some(sign), blanks: layout.before - before }
    }

    /// What a number that is none shows instead of an exponent.
    fn no_exponent(layout: &Layout) -> Digits {
        Digits::complete(format!(" {}.{}", "#".repeat(layout.before), "#".repeat(layout.behind + 4)))
    }

    pub fn of_numeric(value: &Numeric, layout: &mut Layout) -> NumericResult<Digits> {
        if layout.roman {
            return Ok(Digits::roman(value.round(0)?.to_int4()?));
        }
        if layout.exponent {
            return Ok(match value.decimal() {
                Ok(decimal) => Digits::complete(scientific(&decimal, layout.behind)),
                Err(_) => Digits::no_exponent(layout),
            });
        }
        let mut shifted = value.clone();
        if layout.shift {
            let by = Numeric::from(10).power(&Numeric::from(layout.shifted as i64))?;
            shifted = shifted.multiply(&by)?;
            layout.before += layout.shifted;
        }
        let scale = i32::try_from(layout.behind).unwrap_or(i32::MAX);
        Ok(Digits::laid(&shifted.round(scale)?.to_string(), layout))
    }

    pub fn of_int4(value: i32, layout: &mut Layout) -> NumericResult<Digits> {
        if layout.roman {
            return Ok(Digits::roman(value));
        }
        if layout.exponent {
            return Ok(Digits::complete(float_scientific(f64::from(value), layout.behind)));
        }
        let mut shifted = value;
        if layout.shift {
            // Ten to a power that does not fit becomes what the machine makes of it, and so does the product.
            let power = u32::try_from(layout.shifted).ok().and_then(|by| 10_i32.checked_pow(by));
            shifted = value.wrapping_mul(power.unwrap_or(i32::MIN));
            layout.before += layout.shifted;
        }
        Ok(Digits::of_integer(i64::from(shifted), layout))
    }

    pub fn of_int8(value: i64, layout: &mut Layout) -> NumericResult<Digits> {
        if layout.roman {
            return Ok(Digits::roman(i32::narrow(value)?));
        }
        if layout.exponent {
            return Ok(Digits::complete(scientific(&Decimal::new(value, 0), layout.behind)));
        }
        let mut shifted = value;
        if layout.shift {
            let power = 10_f64.powi(i32::try_from(layout.shifted).unwrap_or(i32::MAX)).to_int8()?;
            shifted = value.times(power)?;
            layout.before += layout.shifted;
        }
        Ok(Digits::of_integer(shifted, layout))
    }

    fn of_integer(value: i64, layout: &Layout) -> Digits {
        let mut text = String::new();
        crate::integer::write(value, &mut text);
        if layout.behind > 0 {
            text.push('.');
            text.extend(std::iter::repeat_n('0', layout.behind));
        }
        Digits::laid(&text, layout)
    }

    pub fn of_float4(value: f32, layout: &mut Layout) -> NumericResult<Digits> {
        if layout.roman {
            return Ok(Digits::roman_of_float(f64::from(value)));
        }
        let mut shifted = f64::from(value);
        if layout.shift {
            let power = 10_f64.powi(i32::try_from(layout.shifted).unwrap_or(i32::MAX)) as f32;
            shifted = f64::from(value * power);
        }
        Ok(Digits::of_float(shifted, 6, layout))
    }

    pub fn of_float8(value: f64, layout: &mut Layout) -> NumericResult<Digits> {
        if layout.roman {
            return Ok(Digits::roman_of_float(value));
        }
        let mut shifted = value;
        if layout.shift {
            shifted = value * 10_f64.powi(i32::try_from(layout.shifted).unwrap_or(i32::MAX));
        }
        Ok(Digits::of_float(shifted, 15, layout))
    }

    /// Digits of a float that is good for `reliable` of them.
    fn of_float(value: f64, reliable: usize, layout: &mut Layout) -> Digits {
        if layout.exponent {
            return match value.is_finite() {
                true => Digits::complete(float_scientific(value, layout.behind)),
                false => Digits::no_exponent(layout),
            };
        }
        if layout.shift {
            layout.before += layout.shifted;
        }
        let before = fixed(value.abs(), 0).len();
        layout.behind = layout.behind.min(reliable.saturating_sub(before));
        Digits::laid(&fixed(value, layout.behind), layout)
    }
}

/// A float with some decimals, as C's `%f` writes it.
fn fixed(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else {
        format!("{value:.decimals$}")
    }
}

/// More decimals than any double has.
const DECIMALS_MAX: usize = 1_100;

/// A float with an exponent, a blank in place of a plus.
fn float_scientific(value: f64, decimals: usize) -> String {
    let some = decimals.min(DECIMALS_MAX);
    let text = format!("{value:.some$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut mantissa = mantissa.to_owned();
    mantissa.extend(std::iter::repeat_n('0', decimals - some));
    with_exponent(&mantissa, exponent.parse().unwrap_or(0))
}

/// A decimal with an exponent, a blank in place of a plus.
fn scientific(decimal: &Decimal, decimals: usize) -> String {
    let exponent = match decimal.digits() {
        0 => 0,
        digits => digits as i64 - 1 - i64::from(decimal.scale),
    };
    // A template may ask for any number of decimals; behind the last digit they are zeros.
    let some = decimals.min(decimal.digits() as usize);
    // Rounding may bring a digit more before the point; it stays there, as PostgreSQL leaves it.
    let scale = some as i64 - exponent;
    let rounded = decimal.rounded(scale);
    let magnitude = match scale >= 0 {
        true => rounded.mantissa.magnitude().clone(),
        false => rounded.mantissa.magnitude() / crate::decimal::power_of_ten(scale.unsigned_abs()),
    };
    let mut mantissa = String::new();
    crate::text::place_point(rounded.is_negative(), &magnitude.to_string(), some as u32, &mut mantissa);
    if some == 0 && decimals > 0 {
        mantissa.push('.');
    }
    mantissa.extend(std::iter::repeat_n('0', decimals - some));
    with_exponent(&mantissa, exponent)
}

fn with_exponent(mantissa: &str, exponent: i64) -> String {
    let blank = if mantissa.starts_with('-') { "" } else { " " };
    format!("{blank}{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}
