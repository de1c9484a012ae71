//! A quicksort that leaves what is equal in the places where PostgreSQL's does (Bentley and McIlroy's, with a look whether
//! everything is sorted already): the order of grouping sets of one length is seen in plans.

use std::cmp::Ordering;

/// Below this insertion is used.
const FEW: usize = 7;
/// From here on the middle is sought among nine.
const MANY: usize = 40;

/// Sorts.
pub(super) fn sort<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    part(items, &compare);
}

fn part<T>(mut items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    loop {
        let count = items.len();
        if items.windows(2).all(|pair| compare(&pair[0], &pair[1]).is_le()) {
            return;
        }
        if count < FEW {
            for end in 1..count {
                let mut place = end;
                while place > 0 && compare(&items[place - 1], &items[place]).is_gt() {
                    items.swap(place - 1, place);
                    place -= 1;
                }
            }
            return;
        }
        let middle = pivot(items, compare);
        items.swap(0, middle);
        let (left, right) = divide(items, compare);
        let (below, above) = items.split_at_mut(count - right);
        let below = &mut below[..left];
        if left <= right {
            part(below, compare);
            items = above;
        } else {
            part(above, compare);
            items = below;
        }
    }
}

fn pivot<T>(items: &[T], compare: &impl Fn(&T, &T) -> Ordering) -> usize {
    let count = items.len();
    let mut middle = count / 2;
    if count > FEW {
        let (mut low, mut high) = (0, count - 1);
        if count > MANY {
            let step = count / 8;
            low = median(items, compare, [low, low + step, low + 2 * step]);
            middle = median(items, compare, [middle - step, middle, middle + step]);
            high = median(items, compare, [high - 2 * step, high - step, high]);
        }
        middle = median(items, compare, [low, middle, high]);
    }
    middle
}

fn median<T>(items: &[T], compare: &impl Fn(&T, &T) -> Ordering, [a, b, c]: [usize; 3]) -> usize {
    let less = |one: usize, other: usize| compare(&items[one], &items[other]).is_lt();
    let greater = |one: usize, other: usize| compare(&items[one], &items[other]).is_gt();
    if less(a, b) {
        if less(b, c) {
            b
        } else if less(a, c) {
            c
        } else {
            a
        }
    } else if greater(b, c) {
        b
    } else if less(a, c) {
        a
    } else {
        c
    }
}

/// Divides by the first item; how many are less at the beginning then, and how many greater at the end.
fn divide<T>(items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) -> (usize, usize) {
    let count = items.len();
    let (mut equal_left, mut left) = (1, 1);
    let (mut right, mut equal_right) = (count, count);
    loop {
        while left < right {
            match compare(&items[left], &items[0]) {
                Ordering::Greater => break,
                Ordering::Equal => {
                    items.swap(equal_left, left);
                    equal_left += 1;
                }
                Ordering::Less => {}
            }
            left += 1;
        }
        while left < right {
            match compare(&items[right - 1], &items[0]) {
                Ordering::Less => break,
                Ordering::Equal => {
                    equal_right -= 1;
                    items.swap(right - 1, equal_right);
                }
                Ordering::Greater => {}
            }
            right -= 1;
        }
        if left >= right {
            break;
        }
        items.swap(left, right - 1);
        left += 1;
        right -= 1;
    }
    let moved = equal_left.min(left - equal_left);
    swap_ranges(items, 0, left - moved, moved);
    let moved = (equal_right - right).min(count - equal_right);
    swap_ranges(items, left, count - moved, moved);
    (left - equal_left, equal_right - right)
}

fn swap_ranges<T>(items: &mut [T], one: usize, other: usize, count: usize) {
    for place in 0..count {
        items.swap(one + place, other + place);
    }
}

#[cfg(test)]
mod tests {
    use super::sort;

    #[test]
    fn everything_is_sorted() {
        for count in 0..200u64 {
            let mut items: Vec<u64> = (0..count).map(|place| place * 7919 % 31).collect();
            let mut wanted = items.clone();
            wanted.sort_unstable();
            sort(&mut items, |one, other| one.cmp(other));
            assert_eq!(items, wanted);
        }
    }
}
