//! Quicksort with three partitions, after Bentley and McIlroy, "Engineering a Sort Function" (1993), with a look beforehand
//! at whether everything is in order already.
//!
//! It is not stable, and that is what it is for: where rows are equal by their keys nothing says which comes first, and
//! PostgreSQL's results show what this algorithm makes of the order in which rows came. The order is a function of that order
//! alone. Long inputs are not for it: it has inputs for which it takes quadratic time.

use std::cmp::Ordering;

/// Fewer are sorted by insertion.
const INSERTED: usize = 7;
/// Of more than these the middle one of nine is the pivot, of fewer that of three.
const NINE: usize = 40;

/// Sorts by a comparison.
pub(crate) fn sort<T: Copy, F: FnMut(&T, &T) -> Ordering>(mut rows: &mut [T], compare: &mut F) {
    loop {
        if rows.is_sorted_by(|one, next| compare(one, next).is_le()) {
            return;
        }
        if rows.len() < INSERTED {
            return insert(rows, compare);
        }
        let (less, greater) = divide(rows, compare);
        let (left, rest) = rows.split_at_mut(less);
        let from = rest.len() - greater;
        let right = &mut rest[from..];
        // The shorter part goes on within, so that the depth stays small.
        let (shorter, longer) = if less <= greater { (left, right) } else { (right, left) };
        if shorter.len() > 1 {
            sort(shorter, compare);
        }
        if longer.len() <= 1 {
            return;
        }
        rows = longer;
    }
}

fn insert<T: Copy, F: FnMut(&T, &T) -> Ordering>(rows: &mut [T], compare: &mut F) {
    for place in 1..rows.len() {
        let mut at = place;
        while at > 0 && compare(&rows[at - 1], &rows[at]).is_gt() {
            rows.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Brings what is less than a pivot to the left, what is greater to the right; answers how many these are.
fn divide<T: Copy, F: FnMut(&T, &T) -> Ordering>(rows: &mut [T], compare: &mut F) -> (usize, usize) {
    let pivot = pivot(rows, compare);
    rows.swap(0, pivot);
    // Equal ones are kept at both ends: before `equal`, and from `last_equal` on.
    let (mut equal, mut next) = (1, 1);
    let (mut end, mut last_equal) = (rows.len(), rows.len());
    loop {
        while next < end {
            match compare(&rows[next], &rows[0]) {
                Ordering::Greater => break,
                Ordering::Equal => {
                    rows.swap(equal, next);
                    equal += 1;
                }
                Ordering::Less => {}
            }
            next += 1;
        }
        while next < end {
            match compare(&rows[end - 1], &rows[0]) {
                Ordering::Less => break,
                Ordering::Equal => {
                    rows.swap(end - 1, last_equal - 1);
                    last_equal -= 1;
                }
                Ordering::Greater => {}
            }
            end -= 1;
        }
        if next >= end {
            break;
        }
        rows.swap(next, end - 1);
        next += 1;
        end -= 1;
    }
    let (less, greater) = (next - equal, last_equal - end);
    exchange(rows, 0, next, equal.min(less));
    let count = rows.len();
    exchange(rows, next, count, greater.min(count - last_equal));
    (less, greater)
}

/// Exchanges the first `count` from a place on with the last `count` before another.
fn exchange<T: Copy>(rows: &mut [T], from: usize, to: usize, count: usize) {
    for place in 0..count {
        rows.swap(from + place, to - count + place);
    }
}

fn pivot<T: Copy, F: FnMut(&T, &T) -> Ordering>(rows: &[T], compare: &mut F) -> usize {
    let (mut first, mut middle, mut last) = (0, rows.len() / 2, rows.len() - 1);
    if rows.len() == INSERTED {
        return middle;
    }
    if rows.len() > NINE {
        let eighth = rows.len() / 8;
        first = middle_of(rows, [first, first + eighth, first + 2 * eighth], compare);
        middle = middle_of(rows, [middle - eighth, middle, middle + eighth], compare);
        last = middle_of(rows, [last - 2 * eighth, last - eighth, last], compare);
    }
    middle_of(rows, [first, middle, last], compare)
}

fn middle_of<T: Copy, F: FnMut(&T, &T) -> Ordering>(
    rows: &[T],
    [one, two, three]: [usize; 3],
    compare: &mut F,
) -> usize {
    let mut order = |left: usize, right: usize| compare(&rows[left], &rows[right]);
    if order(one, two).is_lt() {
        if order(two, three).is_lt() {
            two
        } else if order(one, three).is_lt() {
            three
        } else {
            one
        }
    } else if order(two, three).is_gt() {
        two
    } else if order(one, three).is_lt() {
        one
    } else {
        three
    }
}

#[cfg(test)]
mod tests {
    use super::sort;

    #[test]
    fn everything_is_in_order_and_nothing_is_lost() {
        let mut state = 1u32;
        for length in 0..300u32 {
            for kinds in [1, 2, 7, 1000] {
                let mut rows: Vec<(u32, u32)> = Vec::new();
                for place in 0..length {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    rows.push(((state >> 16) % kinds, place));
                }
                let mut sorted = rows.clone();
                sort(&mut sorted, &mut |one, other| one.0.cmp(&other.0));
                assert!(sorted.is_sorted_by_key(|row| row.0));
                rows.sort_unstable();
                sorted.sort_unstable();
                assert_eq!(rows, sorted);
            }
        }
    }

    #[test]
    fn equal_ones_come_as_the_algorithm_leaves_them() {
        let mut rows = [(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd'), (2, 'e'), (1, 'f'), (0, 'g'), (2, 'h')];
        sort(&mut rows, &mut |one, other| one.0.cmp(&other.0));
        let order: String = rows.iter().map(|row| row.1).collect();
        assert_eq!(order.len(), 8);
        assert!(order.starts_with(['d', 'g']));
    }
}
