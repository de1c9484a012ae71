//! Comparisons of `numeric`: as integers where both sides are uniform.

use super::Vector;
use super::compare::{Operator, Side, zip_by};
use super::numeric::NumericVector;

/// The largest power of ten by which an `i64` may be multiplied within an `i128`.
const SHIFT_MAX: u16 = 19;

/// What the values say, whatever lies below nulls.
pub(super) fn values(
    operator: Operator,
    (left, left_values): (&Vector, &NumericVector),
    (right, right_values): (&Vector, &NumericVector),
) -> Vec<bool> {
    let rows = left.len();
    match (left_values, right_values) {
        (
            NumericVector::Uniform { mantissas: l, scale: left_scale },
            NumericVector::Uniform { mantissas: r, scale: right_scale },
        ) if left_scale.abs_diff(*right_scale) <= SHIFT_MAX => {
            let sides = (Side::new(left, l), Side::new(right, r));
            if left_scale == right_scale {
                return zip_by(operator, sides, rows, |a, b| a == b, |a, b| a < b);
            }
            if let Some(sides) = same_scale(sides, *left_scale, *right_scale) {
                return zip_by(operator, sides, rows, |a, b| a == b, |a, b| a < b);
            }
            let power = |more: u16, less: u16| 10i128.pow(u32::from(more.saturating_sub(less)));
            let (left_power, right_power) =
                (power(*right_scale, *left_scale), power(*left_scale, *right_scale));
            // The scale is not the same on both sides, so what is less asks which side a value came from; wide
            // integers carry it.
            (0..rows)
                .map(|row| {
                    let l = i128::from(l[left.place(row)]) * left_power;
                    let r = i128::from(r[right.place(row)]) * right_power;
                    operator.holds(l.cmp(&r))
                })
                .collect()
        }
        (NumericVector::Uniform { .. } | NumericVector::General(_), _) => (0..rows)
            .map(|row| {
                let (l, r) = (left_values.get(left.place(row)), right_values.get(right.place(row)));
                operator.holds(l.cmp(&r))
            })
            .collect(),
    }
}

/// Brings a constant to the other side's larger scale, if it fits: `price < 10` over `numeric(15,2)` is `price < 10.00`.
fn same_scale<'a>(
    (left, right): (Side<'a, i64>, Side<'a, i64>),
    left_scale: u16,
    right_scale: u16,
) -> Option<(Side<'a, i64>, Side<'a, i64>)> {
    let raise = |value: i64, by: u16| value.checked_mul(10i64.checked_pow(u32::from(by))?);
    match (left, right) {
        (Side::Many(_), Side::One(value)) if right_scale < left_scale => {
            Some((left, Side::One(raise(value, left_scale - right_scale)?)))
        }
        (Side::One(value), Side::Many(_)) if left_scale < right_scale => {
            Some((Side::One(raise(value, right_scale - left_scale)?), right))
        }
        (Side::Many(_) | Side::One(_), Side::Many(_) | Side::One(_)) => None,
    }
}
