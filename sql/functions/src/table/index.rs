//! Indexes of the table, sorted by the compiler.

use super::entry::{FunctionEntry, OperatorEntry};
use super::{operator, operator_missing, rows};

const FUNCTIONS: usize = {
    let (mut count, mut theme) = (0, 0);
    while theme < rows::THEMES.len() {
        count += rows::THEMES[theme].len();
        theme += 1;
    }
    count
};

const OPERATORS: usize = operator::ROWS.len() + operator_missing::ROWS.len();

const fn all_functions() -> [&'static FunctionEntry; FUNCTIONS] {
    let mut all = [&rows::THEMES[0][0]; FUNCTIONS];
    let (mut theme, mut place) = (0, 0);
    while theme < rows::THEMES.len() {
        let mut row = 0;
        while row < rows::THEMES[theme].len() {
            all[place] = &rows::THEMES[theme][row];
            place += 1;
            row += 1;
        }
        theme += 1;
    }
    all
}

const fn all_operators() -> [&'static OperatorEntry; OPERATORS] {
    let mut all = [&operator::ROWS[0]; OPERATORS];
    let mut place = 0;
    while place < operator::ROWS.len() {
        all[place] = &operator::ROWS[place];
        place += 1;
    }
    while place < OPERATORS {
        all[place] = &operator_missing::ROWS[place - operator::ROWS.len()];
        place += 1;
    }
    all
}

/// Whether `left` comes before `right` by name, then by number.
const fn before((left, left_oid): (&str, u32), (right, right_oid): (&str, u32)) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut at = 0;
    while at < left.len() && at < right.len() {
        if left[at] != right[at] {
            return left[at] < right[at];
        }
        at += 1;
    }
    if left.len() != right.len() {
        return left.len() < right.len();
    }
    left_oid < right_oid
}

/// Sorts by merging runs; the compiler has no other way.
macro_rules! sorted {
    ($all:expr, $count:expr, |$left:ident, $right:ident| $before:expr) => {{
        let mut from = $all;
        let mut width = 1;
        while width < $count {
            let mut to = from;
            let mut start = 0;
            while start < $count {
                let middle = if start + width < $count { start + width } else { $count };
                let end = if middle + width < $count { middle + width } else { $count };
                let (mut left, mut right, mut place) = (start, middle, start);
                while place < end {
                    let take_left = if left >= middle {
                        false
                    } else if right >= end {
                        true
                    } else {
                        let ($left, $right) = (from[right], from[left]);
                        !$before
                    };
                    if take_left {
                        to[place] = from[left];
                        left += 1;
                    } else {
                        to[place] = from[right];
                        right += 1;
                    }
                    place += 1;
                }
                start = end;
            }
            from = to;
            width *= 2;
        }
        from
    }};
}

/// All functions by number.
pub(super) static FUNCTIONS_BY_OID: [&FunctionEntry; FUNCTIONS] =
    sorted!(all_functions(), FUNCTIONS, |left, right| left.oid < right.oid);
/// All functions by name, then number.
pub(super) static FUNCTIONS_BY_NAME: [&FunctionEntry; FUNCTIONS] =
    sorted!(all_functions(), FUNCTIONS, |left, right| before((left.name, left.oid), (right.name, right.oid)));
/// All operators by number.
pub(super) static OPERATORS_BY_OID: [&OperatorEntry; OPERATORS] =
    sorted!(all_operators(), OPERATORS, |left, right| left.oid < right.oid);
/// All operators by name, then number.
pub(super) static OPERATORS_BY_NAME: [&OperatorEntry; OPERATORS] =
    sorted!(all_operators(), OPERATORS, |left, right| before((left.name, left.oid), (right.name, right.oid)));
/// All operators by the function that computes them; those of one function in the table's order.
pub(super) static OPERATORS_BY_FUNCTION: [&OperatorEntry; OPERATORS] =
    sorted!(all_operators(), OPERATORS, |left, right| left.function < right.function);
