//! `money`: whole hundredths.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use diagnostic::SqlState;
use numeric::Numeric;

const HUNDREDTHS: i64 = 100;

fn divisor<T: PartialEq + Default>(value: T) -> FunctionResult<T> {
    if value == T::default() {
        return Err(FunctionError::plain(SqlState::DivisionByZero, "division by zero"));
    }
    Ok(value)
}

fn of_whole(amount: i64) -> FunctionResult<i64> {
    amount
        .checked_mul(HUNDREDTHS)
        .ok_or_else(|| FunctionError::plain(SqlState::NumericValueOutOfRange, "bigint out of range"))
}

fn in_range(amount: Option<i64>) -> FunctionResult<i64> {
    amount.ok_or_else(|| FunctionError::plain(SqlState::NumericValueOutOfRange, "money out of range"))
}

/// A number of hundredths, to the even one of two that are equally far.
fn rounded(amount: f64) -> FunctionResult<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let amount = amount.round_ties_even();
    in_range((-LIMIT..LIMIT).contains(&amount).then_some(amount as i64))
}

fn numeric(amount: i64) -> FunctionResult<Numeric> {
    let sign = if amount < 0 { "-" } else { "" };
    let (whole, part) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
    Ok(Numeric::parse(&format!("{sign}{whole}.{part:02}"), None)?)
}

fn times(amount: i64, by: i64) -> FunctionResult<i64> {
    in_range(amount.checked_mul(by))
}

fn over(amount: i64, by: i64) -> FunctionResult<i64> {
    in_range(amount.checked_div(divisor(by)?))
}

scalar! {
    fn cash_pl(a: i64, b: i64) -> i64 { in_range(a.checked_add(b))? }
    fn cash_mi(a: i64, b: i64) -> i64 { in_range(a.checked_sub(b))? }
    fn cash_div_cash(a: i64, b: i64) -> f64 { a as f64 / divisor(b)? as f64 }
    fn cash_mul_int8(a: i64, b: i64) -> i64 { times(a, b)? }
    fn int8_mul_cash(a: i64, b: i64) -> i64 { times(b, a)? }
    fn cash_div_int8(a: i64, b: i64) -> i64 { over(a, b)? }
    fn cash_mul_int4(a: i64, b: i32) -> i64 { times(a, b.into())? }
    fn int4_mul_cash(a: i32, b: i64) -> i64 { times(b, a.into())? }
    fn cash_div_int4(a: i64, b: i32) -> i64 { over(a, b.into())? }
    fn cash_mul_int2(a: i64, b: i16) -> i64 { times(a, b.into())? }
    fn int2_mul_cash(a: i16, b: i64) -> i64 { times(b, a.into())? }
    fn cash_div_int2(a: i64, b: i16) -> i64 { over(a, b.into())? }
    fn cash_mul_flt8(a: i64, b: f64) -> i64 { rounded(a as f64 * b)? }
    fn flt8_mul_cash(a: f64, b: i64) -> i64 { rounded(b as f64 * a)? }
    fn cash_div_flt8(a: i64, b: f64) -> i64 { rounded(a as f64 / divisor(b)?)? }
    fn cash_mul_flt4(a: i64, b: f32) -> i64 { rounded(a as f64 * f64::from(b))? }
    fn flt4_mul_cash(a: f32, b: i64) -> i64 { rounded(b as f64 * f64::from(a))? }
    fn cash_div_flt4(a: i64, b: f32) -> i64 { rounded(a as f64 / f64::from(divisor(b)?))? }
    fn cashlarger(a: i64, b: i64) -> i64 { a.max(b) }
    fn cashsmaller(a: i64, b: i64) -> i64 { a.min(b) }
    fn cash_cmp(a: i64, b: i64) -> i32 { a.cmp(&b) as i32 }
    fn int4_cash(a: i32) -> i64 { of_whole(i64::from(a))? }
    fn int8_cash(a: i64) -> i64 { of_whole(a)? }
    fn cash_numeric(a: i64) -> Numeric { numeric(a)? }
    fn numeric_cash(a: Numeric) -> i64 { a.multiply(&Numeric::from_mantissa(HUNDREDTHS, 0))?.to_int8()? }
    fn cash_words(a: i64) -> String { words(a) }
}

const SMALL: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const TENS: [&str; 10] =
    ["", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const GROUPS: [&str; 6] = ["", " thousand ", " million ", " billion ", " trillion ", " quadrillion "];

/// A number below a thousand.
fn group(value: u64, out: &mut String) {
    let (hundreds, rest) = ((value / 100) as usize, (value % 100) as usize);
    if hundreds > 0 {
        out.extend([SMALL[hundreds], " hundred"]);
        match rest {
            0 => return,
            1..20 => out.push_str(" and "),
            _ => out.push(' '),
        }
    }
    match rest {
        0..20 => out.push_str(SMALL[rest]),
        _ if rest % 10 == 0 => out.push_str(TENS[rest / 10]),
        _ => out.extend([TENS[rest / 10], " ", SMALL[rest % 10]]),
    }
}

fn words(value: i64) -> String {
    let mut out = String::from(if value < 0 { "minus " } else { "" });
    let begin = out.len();
    let (whole, cents) = (value.unsigned_abs() / 100, value.unsigned_abs() % 100);
    for (place, name) in GROUPS.iter().enumerate().rev() {
        let part = whole / 1000u64.pow(place as u32) % 1000;
        if part > 0 {
            group(part, &mut out);
            out.push_str(name);
        }
    }
    if out.len() == begin {
        out.push_str(SMALL[0]);
    }
    out.push_str(if whole == 1 { " dollar and " } else { " dollars and " });
    group(cents, &mut out);
    out.push_str(if cents == 1 { " cent" } else { " cents" });
    out[..1].make_ascii_uppercase();
    out
}
