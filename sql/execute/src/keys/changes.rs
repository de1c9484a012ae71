//! Where neighbouring rows have other keys.

use super::order::{SortColumn, compare_rows};
use types::Vector;
use types::vector::{Data, NumericVector};

/// Which rows differ from the row before them; the first does.
pub fn changes(columns: &[SortColumn], keys: &[Vector], rows: usize) -> Vec<bool> {
    let mut changed = vec![false; rows];
    if let Some(first) = changed.first_mut() {
        *first = true;
    }
    for (place, key) in keys.iter().enumerate().filter(|(_, key)| !key.is_constant()) {
        match (key.data(), key.nulls()) {
            (Data::Int16(values), None) => differ(values, &mut changed),
            (Data::Int32(values), None) => differ(values, &mut changed),
            (Data::Int64(values), None) => differ(values, &mut changed),
            (Data::Numeric(NumericVector::Uniform { mantissas, .. }), None) => {
                differ(mantissas, &mut changed)
            }
            (
                Data::Bool(_)
                | Data::Int16(_)
                | Data::Int32(_)
                | Data::Int64(_)
                | Data::Float32(_)
                | Data::Float64(_)
                | Data::Numeric(_)
                | Data::Bytes(_)
                | Data::Interval(_)
                | Data::TimeTz(_)
                | Data::Uuid(_),
                _,
            ) => {
                let (column, key) = (&columns[place..=place], &keys[place..=place]);
                for (row, changed) in changed.iter_mut().enumerate().skip(1) {
                    *changed = *changed || compare_rows(column, (key, row - 1), (key, row)).is_ne();
                }
            }
        }
    }
    changed
}

fn differ<T: PartialEq>(values: &[T], changed: &mut [bool]) {
    for (changed, pair) in changed.iter_mut().skip(1).zip(values.windows(2)) {
        *changed |= pair[0] != pair[1];
    }
}
