//! Sums of whole vectors, exact for integers of any width.

use super::{Data, Vector};

/// The sum of a vector of integers, and of how many rows: nulls are left out. A numeric vector that is uniform counts as
/// one of integers, its mantissas. `None` for every other vector.
pub fn sum_int(vector: &Vector) -> Option<(i128, usize)> {
    let rows = vector.len() - vector.null_count();
    let total = match vector.data() {
        Data::Int16(values) => {
            sum_of(vector, values, |values| values.iter().map(|value| i64::from(*value)).sum())
        }
        Data::Int32(values) => {
            sum_of(vector, values, |values| values.iter().map(|value| i64::from(*value)).sum())
        }
        Data::Int64(values) => sum_of_wide(vector, values),
        Data::Numeric(super::NumericVector::Uniform { mantissas, .. }) => sum_of_wide(vector, mantissas),
        Data::Numeric(super::NumericVector::General(_))
        | Data::Bool(_)
        | Data::Float32(_)
        | Data::Float64(_)
        | Data::Bytes(_)
        | Data::Interval(_)
        | Data::TimeTz(_)
        | Data::Uuid(_) => return None,
    };
    Some((total, rows))
}

/// The sum of a vector of floats in the order of its rows, as PostgreSQL adds them, and of how many.
pub fn sum_float(vector: &Vector) -> Option<(f64, usize)> {
    let rows = vector.len() - vector.null_count();
    let add = |value: &dyn Fn(usize) -> f64| {
        (0..vector.len()).filter(|row| !vector.is_null(*row)).map(|row| value(vector.place(row))).sum()
    };
    match vector.data() {
        Data::Float32(values) => Some((add(&|place| f64::from(values[place])), rows)),
        Data::Float64(values) if vector.is_constant() || vector.has_nulls() => {
            Some((add(&|place| values[place]), rows))
        }
        Data::Float64(values) => Some((values.iter().sum(), rows)),
        Data::Bool(_)
        | Data::Int16(_)
        | Data::Int32(_)
        | Data::Int64(_)
        | Data::Numeric(_)
        | Data::Bytes(_)
        | Data::Interval(_)
        | Data::TimeTz(_)
        | Data::Uuid(_) => None,
    }
}

/// Rows of narrow integers add up in an `i64` without looking: there are fewer than 2^31 in a vector.
fn sum_of<T: Copy + Into<i64>>(vector: &Vector, values: &[T], all: impl Fn(&[T]) -> i64) -> i128 {
    match (vector.is_constant(), vector.nulls()) {
        (true, _) => i128::from(values[0].into()) * (vector.len() - vector.null_count()) as i128,
        (false, None) => i128::from(all(values)),
        (false, Some(nulls)) => {
            let value = |(row, value): (usize, &T)| (*value).into() * i64::from(!nulls.get(row));
            i128::from(values.iter().enumerate().map(value).sum::<i64>())
        }
    }
}

/// The halves of the values are added apart, so that neither sum overflows and both run in vector registers.
fn sum_of_wide(vector: &Vector, values: &[i64]) -> i128 {
    let (mut high, mut low) = (0i64, 0u64);
    match (vector.is_constant(), vector.nulls()) {
        (true, _) => return i128::from(values[0]) * (vector.len() - vector.null_count()) as i128,
        (false, None) => {
            for value in values {
                high += value >> 32;
                low += *value as u64 & 0xffff_ffff;
            }
        }
        (false, Some(nulls)) => {
            for (row, value) in values.iter().enumerate() {
                let value = value * i64::from(!nulls.get(row));
                high += value >> 32;
                low += value as u64 & 0xffff_ffff;
            }
        }
    }
    (i128::from(high) << 32) + i128::from(low)
}
