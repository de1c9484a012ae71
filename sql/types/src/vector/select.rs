//! From truth values to the rows that remain.

use super::{Data, Vector};

/// The rows among `0..vector.len()` where a vector of booleans is true; a null is not.
pub fn select(condition: &Vector) -> Vec<u32> {
    select_value(condition, true)
}

/// The rows where it is false; a null is not.
pub fn select_false(condition: &Vector) -> Vec<u32> {
    select_value(condition, false)
}

fn select_value(condition: &Vector, wanted: bool) -> Vec<u32> {
    let Data::Bool(values) = condition.data() else { return Vec::new() };
    let rows = condition.len();
    if condition.is_constant() {
        let all = rows > 0 && !condition.has_nulls() && values[0] == wanted;
        return if all { (0..rows as u32).collect() } else { Vec::new() };
    }
    // Every row is written and only a wanted one moves the place on: no branch to mispredict.
    let mut rows = vec![0u32; values.len()];
    let mut found = 0;
    match condition.nulls() {
        None => {
            for (row, value) in values.iter().enumerate() {
                rows[found] = row as u32;
                found += usize::from(*value == wanted);
            }
        }
        Some(nulls) => {
            for (row, value) in values.iter().enumerate() {
                rows[found] = row as u32;
                found += usize::from((*value == wanted) & !nulls.get(row));
            }
        }
    }
    rows.truncate(found);
    rows
}
