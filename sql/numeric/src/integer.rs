//! The integers `smallint`, `integer` and `bigint`: their text, and arithmetic that notices what does not fit.

use crate::error::{NumberType, NumericError, NumericResult};
use crate::text::{digits, is_space};

/// An integer type of SQL.
pub trait Integer: Copy + Ord + std::fmt::Display {
    /// Its name.
    const NUMBER: NumberType;

    /// Reads a text as PostgreSQL's input function does.
    fn parse(text: &str) -> NumericResult<Self>;
    /// From a wider integer.
    fn narrow(wide: i64) -> NumericResult<Self>;
    /// `self + other`.
    fn plus(self, other: Self) -> NumericResult<Self>;
    /// `self - other`.
    fn minus(self, other: Self) -> NumericResult<Self>;
    /// `self * other`.
    fn times(self, other: Self) -> NumericResult<Self>;
    /// `self / divisor`, cut off.
    fn over(self, divisor: Self) -> NumericResult<Self>;
    /// `self % divisor`, with the sign of `self`.
    fn modulo(self, divisor: Self) -> NumericResult<Self>;
    /// `-self`.
    fn negated(self) -> NumericResult<Self>;
    /// `abs(self)`.
    fn absolute(self) -> NumericResult<Self>;
    /// `gcd(self, other)`.
    fn gcd(self, other: Self) -> NumericResult<Self>;
    /// `lcm(self, other)`.
    fn lcm(self, other: Self) -> NumericResult<Self>;
    /// `self << by`; only the count's low bits matter, as many as the machine's shift looks at.
    fn shifted_left(self, by: i32) -> Self;
    /// `self >> by`, with the sign coming in from the left.
    fn shifted_right(self, by: i32) -> Self;
}

/// What a text without white space in front begins with.
///
/// PostgreSQL gathers digits on the negative side and gives up at the first that is too many, whatever follows; that the
/// least number has no positive counterpart it notices at the end. So the two errors come in this order.
enum Read<'a> {
    NoDigits,
    TooLong,
    Number { negative: bool, magnitude: u64, rest: &'a [u8] },
}

fn read(text: &[u8], least: u64) -> Read<'_> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (digits, rest) = digits(text);
    if digits.is_empty() {
        return Read::NoDigits;
    }
    let mut magnitude = 0_u64;
    for digit in digits {
        magnitude = match magnitude
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(u64::from(digit - b'0')))
            .filter(|magnitude| *magnitude <= least)
        {
            Some(magnitude) => magnitude,
            None => return Read::TooLong,
        };
    }
    Read::Number { negative, magnitude, rest }
}

/// Reads an integer whose least value is `-least`.
fn parse(text: &str, number: NumberType, least: u64) -> NumericResult<i64> {
    let bytes = text.as_bytes();
    let start = bytes.iter().position(|byte| !is_space(*byte)).unwrap_or(bytes.len());
    let out_of_range = || NumericError::IntegerText { number, text: text.to_owned() };
    match read(&bytes[start..], least) {
        Read::TooLong => Err(out_of_range()),
        Read::Number { negative, magnitude, rest } if rest.iter().all(|byte| is_space(*byte)) => {
            match negative {
                // Wraps for the least number only, to itself.
                true => Ok((magnitude as i64).wrapping_neg()),
                false if magnitude < least => Ok(magnitude as i64),
                false => Err(out_of_range()),
            }
        }
        Read::NoDigits | Read::Number { .. } => {
            Err(NumericError::InvalidSyntax { number, text: text.to_owned() })
        }
    }
}

/// Appends an integer's text.
pub fn write(integer: i64, out: &mut String) {
    let mut buffer = [0_u8; 20];
    let mut start = buffer.len();
    let mut rest = integer.unsigned_abs();
    loop {
        start -= 1;
        buffer[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if integer < 0 {
        out.push('-');
    }
    // They are ASCII digits.
    out.push_str(std::str::from_utf8(&buffer[start..]).unwrap_or(""));
}

macro_rules! integer {
    ($integer:ty, $unsigned:ty, $shifted:ty, $number:expr) => {
        impl Integer for $integer {
            const NUMBER: NumberType = $number;

            fn parse(text: &str) -> NumericResult<$integer> {
                let integer = parse(text, $number, <$integer>::MIN.unsigned_abs().into())?;
                <$integer>::narrow(integer)
            }

            #[inline]
            fn narrow(wide: i64) -> NumericResult<$integer> {
                // The widest of these types is as wide.
                #[allow(irrefutable_let_patterns, clippy::unnecessary_fallible_conversions)]
                <$integer>::try_from(wide).map_err(|_| NumericError::IntegerOutOfRange($number))
            }

            #[inline]
            fn plus(self, other: $integer) -> NumericResult<$integer> {
                self.checked_add(other).ok_or(NumericError::IntegerOutOfRange($number))
            }

            #[inline]
            fn minus(self, other: $integer) -> NumericResult<$integer> {
                self.checked_sub(other).ok_or(NumericError::IntegerOutOfRange($number))
            }

            #[inline]
            fn times(self, other: $integer) -> NumericResult<$integer> {
                self.checked_mul(other).ok_or(NumericError::IntegerOutOfRange($number))
            }

            #[inline]
            fn over(self, divisor: $integer) -> NumericResult<$integer> {
                match divisor {
                    0 => Err(NumericError::DivisionByZero),
                    _ => self.checked_div(divisor).ok_or(NumericError::IntegerOutOfRange($number)),
                }
            }

            #[inline]
            fn modulo(self, divisor: $integer) -> NumericResult<$integer> {
                match divisor {
                    0 => Err(NumericError::DivisionByZero),
                    _ => Ok(self.wrapping_rem(divisor)),
                }
            }

            #[inline]
            fn negated(self) -> NumericResult<$integer> {
                self.checked_neg().ok_or(NumericError::IntegerOutOfRange($number))
            }

            #[inline]
            fn absolute(self) -> NumericResult<$integer> {
                self.checked_abs().ok_or(NumericError::IntegerOutOfRange($number))
            }

            fn gcd(self, other: $integer) -> NumericResult<$integer> {
                let (mut left, mut right): ($unsigned, $unsigned) =
                    (self.unsigned_abs(), other.unsigned_abs());
                while right != 0 {
                    (left, right) = (right, left % right);
                }
                <$integer>::try_from(left).map_err(|_| NumericError::IntegerOutOfRange($number))
            }

            fn lcm(self, other: $integer) -> NumericResult<$integer> {
                if self == 0 || other == 0 {
                    return Ok(0);
                }
                self.over(self.gcd(other)?)?.times(other)?.absolute()
            }

            #[inline]
            fn shifted_left(self, by: i32) -> $integer {
                <$shifted>::from(self).wrapping_shl(by as u32) as $integer
            }

            #[inline]
            fn shifted_right(self, by: i32) -> $integer {
                <$shifted>::from(self).wrapping_shr(by as u32) as $integer
            }
        }
    };
}

integer!(i16, u16, i32, NumberType::Int2);
integer!(i32, u32, i32, NumberType::Int4);
integer!(i64, u64, i64, NumberType::Int8);
