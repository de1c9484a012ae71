//! Floats as text: the shortest that is read back as the same float, or as many digits as a session asks for.

use std::fmt::{self, Write};

/// Room for a float's digits and exponent, so that nothing is allocated.
struct Buffer {
    bytes: [u8; 40],
    length: usize,
}

impl Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// A float's significant digits and the power of ten of the first.
struct Digits {
    digits: [u8; 20],
    count: usize,
    exponent: i32,
}

/// What the two types have in common here.
trait Printed: Copy + fmt::LowerExp + PartialEq {
    /// From this exponent on, powers of ten are written.
    const EXPONENT_FROM: i32;
    /// Digits that every decimal number of so many keeps.
    const SAFE_DIGITS: i32;
    /// Digits that tell any two apart.
    const DIGITS_MAX: usize;

    /// Its mantissa and exponent of two, and whether the numbers below it lie closer.
    fn parts(self) -> (u64, i32, bool);
    fn read(text: &str) -> Option<Self>;
}

impl Printed for f64 {
    const EXPONENT_FROM: i32 = 15;
    const SAFE_DIGITS: i32 = 15;
    const DIGITS_MAX: usize = 17;

    fn parts(self) -> (u64, i32, bool) {
        let (field, fraction) = ((self.to_bits() >> 52 & 0x7ff) as i32, self.to_bits() & ((1 << 52) - 1));
        match field {
            0 => (fraction, -1074, false),
            _ => (fraction | 1 << 52, field - 1075, fraction == 0 && field > 1),
        }
    }

    fn read(text: &str) -> Option<f64> {
        text.parse().ok()
    }
}

impl Printed for f32 {
    const EXPONENT_FROM: i32 = 6;
    const SAFE_DIGITS: i32 = 6;
    const DIGITS_MAX: usize = 9;

    fn parts(self) -> (u64, i32, bool) {
        let (field, fraction) =
            ((self.to_bits() >> 23 & 0xff) as i32, u64::from(self.to_bits() & ((1 << 23) - 1)));
        match field {
            0 => (fraction, -149, false),
            _ => (fraction | 1 << 23, field - 150, fraction == 0 && field > 1),
        }
    }

    fn read(text: &str) -> Option<f32> {
        text.parse().ok()
    }
}

/// Appends a `double precision`; `extra_float_digits` is the session's setting: 1 and more ask for the shortest exact text.
pub fn write_float8(float: f64, extra_float_digits: i32, out: &mut String) {
    match special(float.is_nan(), float.is_infinite(), float.is_sign_negative()) {
        Some(text) => out.push_str(text),
        None => write(float, float.is_sign_negative(), extra_float_digits, out),
    }
}

/// Appends a `real`.
pub fn write_float4(float: f32, extra_float_digits: i32, out: &mut String) {
    match special(float.is_nan(), float.is_infinite(), float.is_sign_negative()) {
        Some(text) => out.push_str(text),
        None => write(float, float.is_sign_negative(), extra_float_digits, out),
    }
}

fn special(nan: bool, infinite: bool, negative: bool) -> Option<&'static str> {
    match (nan, infinite, negative) {
        (true, ..) => Some("NaN"),
        (false, true, false) => Some("Infinity"),
        (false, true, true) => Some("-Infinity"),
        (false, false, _) => None,
    }
}

fn write<F: Printed>(float: F, negative: bool, extra_float_digits: i32, out: &mut String) {
    let (digits, exponent_from) = if extra_float_digits > 0 {
        (shortest(float), F::EXPONENT_FROM)
    } else {
        let count = (F::SAFE_DIGITS + extra_float_digits).max(1);
        (rounded(float, count as usize), count)
    };
    if negative {
        out.push('-');
    }
    digits.lay_out(exponent_from, out);
}

/// The digits that Rust writes for a float: all it needs, or `count` of them.
fn digits<F: Printed>(float: F, count: Option<usize>) -> Digits {
    let mut buffer = Buffer { bytes: [0; 40], length: 0 };
    let written = match count {
        Some(count) => write!(buffer, "{float:.*e}", count - 1),
        None => write!(buffer, "{float:e}"),
    };
    // Seventeen digits, a point, a sign and an exponent are less than the buffer.
    debug_assert!(written.is_ok());
    let text = std::str::from_utf8(&buffer.bytes[..buffer.length]).unwrap_or("0e0");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mut digits = Digits { digits: [b'0'; 20], count: 0, exponent: exponent.parse().unwrap_or(0) };
    for digit in mantissa.bytes().filter(u8::is_ascii_digit).take(20) {
        digits.digits[digits.count] = digit;
        digits.count += 1;
    }
    digits.trim();
    digits
}

fn rounded<F: Printed>(float: F, count: usize) -> Digits {
    digits(float, Some(count))
}

/// The fewest digits that lie nearer to the float than to any other; of two that are equally near, the even ones.
///
/// Rust is content with a number half-way to a neighbour where reading would round it to this float. PostgreSQL is not: such
/// a number (1e23 is one) gets more digits.
fn shortest<F: Printed>(float: F) -> Digits {
    let mut digits = digits(float, None);
    while digits.is_half_way(float) && digits.count < F::DIGITS_MAX {
        let mut count = digits.count + 1;
        loop {
            let longer = rounded(float, count);
            if count >= F::DIGITS_MAX || longer.count == count && longer.is_read_as(float) {
                digits = longer;
                break;
            }
            count += 1;
        }
    }
    digits.choose_even(float);
    digits
}

impl Digits {
    fn trim(&mut self) {
        while self.count > 1 && self.digits[self.count - 1] == b'0' {
            self.count -= 1;
        }
    }

    fn text(&self) -> &str {
        // They are ASCII digits.
        std::str::from_utf8(&self.digits[..self.count]).unwrap_or("0")
    }

    fn is_read_as<F: Printed>(&self, float: F) -> bool {
        let exponent = self.exponent - self.count as i32 + 1;
        let read = F::read(&format!("{}e{exponent}", self.text()));
        read.is_some_and(|read| read.parts() == float.parts())
    }

    /// Where the float lies exactly half-way to the digits' even neighbour, takes that.
    fn choose_even<F: Printed>(&mut self, float: F) {
        let Some(last) = self.count.checked_sub(1).filter(|last| self.digits[*last] % 2 == 1) else { return };
        let odd = self.digits[last];
        let (mantissa, exponent, closer_below) = float.parts();
        let twos = mantissa.trailing_zeros();
        let exact = (u128::from(mantissa >> twos), exponent + twos as i32);
        let between = |half: fn(u64) -> u64| {
            let digits: u64 = self.text().parse().ok()?;
            binary(half(digits * 10), self.exponent - self.count as i32)
        };
        if between(|tens| tens - 5) == Some(exact) {
            self.digits[last] -= 1;
        } else if between(|tens| tens + 5) == Some(exact) && self.digits[last] < b'9' {
            self.digits[last] += 1;
        }
        // Below a power of two the neighbour is half as far away: the even digits may be that one's.
        if closer_below && self.digits[last] != odd && !self.is_read_as(float) {
            self.digits[last] = odd;
        }
        self.trim();
    }

    /// Whether the number lies exactly between the float and a neighbour.
    fn is_half_way<F: Printed>(&self, float: F) -> bool {
        let (mantissa, exponent, closer_below) = float.parts();
        if mantissa & 1 == 1 {
            return false; // reading would round to the neighbour
        }
        let Some((odd, twos)) = self.binary() else { return false };
        let above = (u128::from(mantissa) * 2 + 1, exponent - 1);
        let below = match closer_below {
            true => (u128::from(mantissa) * 4 - 1, exponent - 2),
            false => ((u128::from(mantissa) * 2).saturating_sub(1), exponent - 1),
        };
        (odd, twos) == above || (odd, twos) == below
    }

    /// The number as an odd integer times a power of two, if it is one.
    fn binary(&self) -> Option<(u128, i32)> {
        binary(self.text().parse().ok()?, self.exponent - self.count as i32 + 1)
    }

    /// Writes the digits as C's `%g` does.
    fn lay_out(&self, exponent_from: i32, out: &mut String) {
        let text = self.text();
        if self.exponent < -4 || self.exponent >= exponent_from {
            let (first, rest) = text.split_at(1);
            out.push_str(first);
            if !rest.is_empty() {
                out.push('.');
                out.push_str(rest);
            }
            out.push_str(if self.exponent < 0 { "e-" } else { "e+" });
            if self.exponent.abs() < 10 {
                out.push('0');
            }
            crate::integer::write(i64::from(self.exponent.abs()), out);
        } else if self.exponent < 0 {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', (-self.exponent - 1) as usize));
            out.push_str(text);
        } else {
            let before = self.exponent as usize + 1;
            let (whole, fraction) = text.split_at(before.min(text.len()));
            out.push_str(whole);
            out.extend(std::iter::repeat_n('0', before - whole.len()));
            if !fraction.is_empty() {
                out.push('.');
                out.push_str(fraction);
            }
        }
    }
}

/// `number * 10^tens` as an odd integer times a power of two; `None` where it is none, or too great to lie between floats.
fn binary(number: u64, tens: i32) -> Option<(u128, i32)> {
    // Half-ways have up to 55 bits, so that they are no multiples of greater powers of five; nor are numbers of 18 digits.
    let fives = 5_u64.checked_pow(tens.unsigned_abs())?;
    let number = match tens >= 0 {
        true => u128::from(number) * u128::from(fives),
        false if number.is_multiple_of(fives) => u128::from(number / fives),
        false => return None,
    };
    let twos = number.checked_ilog2().map(|_| number.trailing_zeros())?;
    Some((number >> twos, tens + twos as i32))
}
