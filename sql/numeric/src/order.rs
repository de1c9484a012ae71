//! Comparison and hashing: by value, whatever the scale; NaN is greatest and equals itself.

use crate::arithmetic::aligned;
use crate::rounding::special_rank;
use crate::value::{Numeric, View};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

impl Ord for Numeric {
    #[inline]
    fn cmp(&self, other: &Numeric) -> Ordering {
        if let (View::Small(left, left_scale), View::Small(right, right_scale)) = (self.view(), other.view())
        {
            if left_scale == right_scale {
                return left.cmp(&right);
            }
            if let Some((left, right, _)) = aligned(left, left_scale, right, right_scale) {
                return left.cmp(&right);
            }
        }
        compare_slowly(self, other)
    }
}

impl PartialOrd for Numeric {
    #[inline]
    fn partial_cmp(&self, other: &Numeric) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Numeric {
    #[inline]
    fn eq(&self, other: &Numeric) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Numeric {}

#[cold]
fn compare_slowly(left: &Numeric, right: &Numeric) -> Ordering {
    match (left.decimal(), right.decimal()) {
        (Ok(left), Ok(right)) => left.compare(&right),
        (left, right) => {
            let rank = |value: Result<_, _>| value.map_or_else(special_rank, |_| 0);
            rank(left).cmp(&rank(right))
        }
    }
}

impl Hash for Numeric {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.residue());
    }
}
