//! The physical form of `numeric`. **Seam:** `sql/numeric`'s `Numeric` takes this enum's place when it comes; what the
//! rest of the crate asks of it is here and nowhere else: a small form for uniform vectors, an order, a hash that does
//! not see trailing zeros, decimal digits for keys, and bytes for pages.

use std::cmp::Ordering;

/// 2^61 - 1: hashes are values modulo this prime, so that `1.0` and `1.00` have one.
const PRIME: u64 = (1 << 61) - 1;
/// The inverse of ten modulo [`PRIME`].
const INVERSE_OF_TEN: u64 = 2_075_258_708_292_324_556;
/// The most digits after the point.
pub const SCALE_MAX: u16 = 16_383;

/// An exact decimal number, or one of the three that are none.
#[derive(Debug, Clone)]
pub enum Numeric {
    /// `mantissa` times ten to the power of minus `scale`; the scale is shown, so it is part of the value's text.
    Finite {
        /// All digits.
        mantissa: i128,
        /// How many of them stand after the point.
        scale: u16,
    },
    /// `-Infinity`.
    NegativeInfinity,
    /// `Infinity`.
    Infinity,
    /// `NaN`: equal to itself and greater than everything, as PostgreSQL orders it.
    NaN,
}

/// The digits of a finite number: `0.d1d2d3… * 10^exponent`, neither leading nor trailing zeros.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digits {
    /// Whether it is below zero.
    pub negative: bool,
    /// Where the point stands.
    pub exponent: i32,
    /// Values 0 to 9, the most significant first; empty for zero.
    pub digits: Vec<u8>,
}

impl Numeric {
    /// The most bytes that [`Numeric::append_bytes`] appends.
    pub const STORED_MAX: u64 = 18;

    /// A number of a uniform vector.
    pub fn from_small(mantissa: i64, scale: u16) -> Numeric {
        Numeric::Finite { mantissa: i128::from(mantissa), scale }
    }

    /// The form that a uniform vector holds, where the number has it.
    pub fn as_small(&self) -> Option<(i64, u16)> {
        match self {
            Numeric::Finite { mantissa, scale } => Some((i64::try_from(*mantissa).ok()?, *scale)),
            Numeric::NegativeInfinity | Numeric::Infinity | Numeric::NaN => None,
        }
    }

    /// The digits of a finite number.
    pub fn digits(&self) -> Option<Digits> {
        match self {
            Numeric::Finite { mantissa, scale } => Some(finite_digits(*mantissa, *scale)),
            Numeric::NegativeInfinity | Numeric::Infinity | Numeric::NaN => None,
        }
    }

    /// The number with these digits, shown with `scale` places; `None` if it does not have that form.
    pub fn from_digits(digits: &Digits, scale: u16) -> Option<Numeric> {
        let mut mantissa = 0i128;
        for digit in &digits.digits {
            mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(*digit))?;
        }
        let length = i64::try_from(digits.digits.len()).ok()?;
        let zeros = i64::from(digits.exponent).checked_add(i64::from(scale))?.checked_sub(length)?;
        if !digits.digits.is_empty() {
            mantissa = mantissa.checked_mul(10i128.checked_pow(u32::try_from(zeros).ok()?)?)?;
        }
        Some(Numeric::Finite { mantissa: if digits.negative { -mantissa } else { mantissa }, scale })
    }

    /// How many digits are shown after the point; none for what is no number.
    pub fn display_scale(&self) -> u16 {
        match self {
            Numeric::Finite { scale, .. } => *scale,
            Numeric::NegativeInfinity | Numeric::Infinity | Numeric::NaN => 0,
        }
    }

    /// The same for equal numbers, whatever their scales.
    pub fn residue(&self) -> u64 {
        match self {
            Numeric::Finite { mantissa, scale } => {
                let magnitude = (mantissa.unsigned_abs() % u128::from(PRIME)) as u64;
                let scaled = multiply(magnitude, inverse_power(*scale));
                if *mantissa < 0 { PRIME - scaled } else { scaled }
            }
            Numeric::NegativeInfinity => PRIME + 1,
            Numeric::Infinity => PRIME + 2,
            Numeric::NaN => PRIME + 3,
        }
    }

    /// Appends its bytes as they lie on pages: a tag, the scale, the mantissa without needless bytes.
    pub fn append_bytes(&self, bytes: &mut Vec<u8>) {
        match self {
            Numeric::Finite { mantissa, scale } => {
                bytes.extend_from_slice(&scale.to_le_bytes());
                let all = mantissa.to_le_bytes();
                let sign = if *mantissa < 0 { 0xff } else { 0 };
                let mut length = all.len();
                while length > 1 && all[length - 1] == sign && (all[length - 2] ^ sign) < 0x80 {
                    length -= 1;
                }
                bytes.extend_from_slice(&all[..length]);
            }
            Numeric::NegativeInfinity => bytes.extend_from_slice(&[0xff, 0xfd]),
            Numeric::Infinity => bytes.extend_from_slice(&[0xff, 0xfe]),
            Numeric::NaN => bytes.extend_from_slice(&[0xff, 0xff]),
        }
    }

    /// The number that these bytes are, and nothing but they.
    pub fn from_bytes(bytes: &[u8]) -> Option<Numeric> {
        let (tag, mantissa) = bytes.split_first_chunk::<2>()?;
        match (tag, mantissa) {
            ([0xff, 0xfd], []) => Some(Numeric::NegativeInfinity),
            ([0xff, 0xfe], []) => Some(Numeric::Infinity),
            ([0xff, 0xff], []) => Some(Numeric::NaN),
            (scale, mantissa) => {
                let scale = u16::from_le_bytes(*scale);
                let last = *mantissa.last()?;
                if scale > SCALE_MAX || mantissa.len() > 16 {
                    return None;
                }
                let mut all = [if last < 0x80 { 0 } else { 0xff }; 16];
                all[..mantissa.len()].copy_from_slice(mantissa);
                Some(Numeric::Finite { mantissa: i128::from_le_bytes(all), scale })
            }
        }
    }
}

/// The residue of a number of a uniform vector, given [`inverse_power`] of the vector's scale.
#[inline]
pub fn small_residue(mantissa: i64, inverse: u64) -> u64 {
    let scaled = multiply(mantissa.unsigned_abs() % PRIME, inverse);
    if mantissa < 0 { PRIME - scaled } else { scaled }
}

/// Ten to the power of minus `scale` modulo [`PRIME`].
pub fn inverse_power(scale: u16) -> u64 {
    let (mut result, mut base, mut left) = (1, INVERSE_OF_TEN, scale);
    while left > 0 {
        if left & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        left >>= 1;
    }
    result
}

#[inline]
fn multiply(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    let folded = (product as u64 & PRIME) + (product >> 61) as u64;
    if folded >= PRIME { folded - PRIME } else { folded }
}

fn finite_digits(mantissa: i128, scale: u16) -> Digits {
    let mut magnitude = mantissa.unsigned_abs();
    let mut digits = Vec::with_capacity(40);
    while magnitude > u128::from(u64::MAX) {
        digits.push((magnitude % 10) as u8);
        magnitude /= 10;
    }
    // Divisions of 64 bits are many times as fast.
    let mut magnitude = magnitude as u64;
    while magnitude > 0 {
        digits.push((magnitude % 10) as u8);
        magnitude /= 10;
    }
    // At most 39 digits, so the cast is exact.
    let exponent = digits.len() as i32 - i32::from(scale);
    let trailing = digits.iter().take_while(|digit| **digit == 0).count();
    digits.drain(..trailing);
    digits.reverse();
    Digits { negative: mantissa < 0, exponent: if digits.is_empty() { 0 } else { exponent }, digits }
}

/// The rank of what is no number among all, numbers standing at zero.
fn rank(number: &Numeric) -> i8 {
    match number {
        Numeric::NegativeInfinity => -1,
        Numeric::Finite { .. } => 0,
        Numeric::Infinity => 1,
        Numeric::NaN => 2,
    }
}

impl PartialEq for Numeric {
    fn eq(&self, other: &Numeric) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Numeric {}

impl PartialOrd for Numeric {
    fn partial_cmp(&self, other: &Numeric) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Numeric {
    fn cmp(&self, other: &Numeric) -> Ordering {
        let (
            Numeric::Finite { mantissa: left, scale: left_scale },
            Numeric::Finite { mantissa: right, scale: right_scale },
        ) = (self, other)
        else {
            return rank(self).cmp(&rank(other));
        };
        if left_scale == right_scale || left.signum() != right.signum() {
            return left.cmp(right);
        }
        let (left, right) = (finite_digits(*left, *left_scale), finite_digits(*right, *right_scale));
        let ascending = left.exponent.cmp(&right.exponent).then_with(|| left.digits.cmp(&right.digits));
        if left.negative { ascending.reverse() } else { ascending }
    }
}

#[cfg(test)]
mod tests {
    use super::{INVERSE_OF_TEN, Numeric, multiply};

    fn number(mantissa: i128, scale: u16) -> Numeric {
        Numeric::Finite { mantissa, scale }
    }

    #[test]
    fn the_constant_is_the_inverse_of_ten() {
        assert_eq!(multiply(10, INVERSE_OF_TEN), 1);
    }

    #[test]
    fn equal_numbers_have_equal_residues_and_digits() {
        for (left, right) in
            [(number(10, 1), number(1, 0)), (number(-2500, 3), number(-25, 1)), (number(0, 5), number(0, 0))]
        {
            assert_eq!(left, right);
            assert_eq!(left.residue(), right.residue());
            assert_eq!(left.digits(), right.digits());
        }
        assert!(
            number(-1, 1) > number(-1, 0) && number(11, 1) > number(1, 0) && number(1, 0) < Numeric::Infinity
        );
        assert!(Numeric::NaN > Numeric::Infinity && Numeric::NegativeInfinity < number(i128::MIN, 0));
    }

    #[test]
    fn bytes_and_digits_come_back() {
        for mantissa in
            [0, 1, -1, 127, 128, -128, -129, 255, 256, i128::from(i64::MAX), i128::MAX, i128::MIN + 1]
        {
            for scale in [0, 2, 300] {
                let mut bytes = Vec::new();
                number(mantissa, scale).append_bytes(&mut bytes);
                let back = Numeric::from_bytes(&bytes).unwrap();
                assert_eq!((&back, back.display_scale()), (&number(mantissa, scale), scale));
                let digits = number(mantissa, scale).digits().unwrap();
                assert_eq!(Numeric::from_digits(&digits, scale), Some(back));
            }
        }
        assert_eq!(Numeric::from_bytes(&[0xff, 0xff, 0]), None);
        assert_eq!(Numeric::from_bytes(&[1]), None);
    }
}
