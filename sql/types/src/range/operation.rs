//! What two ranges are to each other, and what is made of them.

use super::{Bound, Range, RangeError, RangeResult, RangeType};
use crate::value::Value;
use std::cmp::Ordering;

/// Which bound of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum SideOf {
    Lower,
    Upper,
}

/// A bound of a range that is not empty, with which one it is; without value it is at infinity.
#[derive(Debug, Clone, Copy)]
pub struct Side<'r> {
    bound: Option<&'r Bound>,
    of: SideOf,
}

impl Range {
    /// Its lower side.
    pub fn lower_side(&self) -> Side<'_> {
        Side { bound: self.lower.as_ref(), of: SideOf::Lower }
    }

    /// Its upper side.
    pub fn upper_side(&self) -> Side<'_> {
        Side { bound: self.upper.as_ref(), of: SideOf::Upper }
    }
}

/// What is on the other side of a bound begins with the same value, which it has if the bound does not.
fn turned(bound: Option<&Bound>) -> Option<Bound> {
    bound.map(|bound| Bound { value: bound.value.clone(), inclusive: !bound.inclusive })
}

impl RangeType {
    /// Compares places: a lower bound without its value lies behind the value, an upper one before it.
    pub fn compare_sides(&self, left: Side<'_>, right: Side<'_>) -> Ordering {
        let outwards = |of: SideOf| if of == SideOf::Lower { Ordering::Less } else { Ordering::Greater };
        let (one, other) = match (left.bound, right.bound) {
            (None, None) if left.of == right.of => return Ordering::Equal,
            (None, _) => return outwards(left.of),
            (_, None) => return outwards(right.of).reverse(),
            (Some(one), Some(other)) => (one, other),
        };
        let inwards = |side: Side<'_>| outwards(side.of).reverse();
        self.compare_values(&one.value, &other.value).then_with(|| match (one.inclusive, other.inclusive) {
            (true, true) => Ordering::Equal,
            (false, false) if left.of == right.of => Ordering::Equal,
            (false, _) => inwards(left),
            (true, false) => inwards(right).reverse(),
        })
    }

    /// By which ranges are sorted.
    pub fn compare(&self, left: &Range, right: &Range) -> Ordering {
        match (left.empty, right.empty) {
            (false, false) => self
                .compare_sides(left.lower_side(), right.lower_side())
                .then_with(|| self.compare_sides(left.upper_side(), right.upper_side())),
            (left, right) => right.cmp(&left),
        }
    }

    /// Whether a value is in a range.
    pub fn has(&self, range: &Range, value: &Value) -> bool {
        let within = |bound: &Option<Bound>, wanted: Ordering| {
            bound.as_ref().is_none_or(|bound| match self.compare_values(&bound.value, value) {
                Ordering::Equal => bound.inclusive,
                found => found == wanted,
            })
        };
        !range.empty && within(&range.lower, Ordering::Less) && within(&range.upper, Ordering::Greater)
    }

    /// Whether all of the second is in the first.
    pub fn contains(&self, whole: &Range, part: &Range) -> bool {
        part.empty
            || (!whole.empty
                && self.compare_sides(whole.lower_side(), part.lower_side()).is_le()
                && self.compare_sides(whole.upper_side(), part.upper_side()).is_ge())
    }

    /// Whether they have anything in common.
    pub fn overlaps(&self, left: &Range, right: &Range) -> bool {
        !left.empty
            && !right.empty
            && self.compare_sides(left.lower_side(), right.upper_side()).is_le()
            && self.compare_sides(right.lower_side(), left.upper_side()).is_le()
    }

    /// Whether the first ends before the second begins.
    pub fn before(&self, left: &Range, right: &Range) -> bool {
        !left.empty && !right.empty && self.compare_sides(left.upper_side(), right.lower_side()).is_lt()
    }

    /// Whether the first does not reach beyond the second's end.
    pub fn ends_within(&self, left: &Range, right: &Range) -> bool {
        !left.empty && !right.empty && self.compare_sides(left.upper_side(), right.upper_side()).is_le()
    }

    /// Whether the first does not reach before the second's beginning.
    pub fn begins_within(&self, left: &Range, right: &Range) -> bool {
        !left.empty && !right.empty && self.compare_sides(left.lower_side(), right.lower_side()).is_ge()
    }

    /// Whether nothing is between them, and nothing is in both.
    pub fn adjacent(&self, left: &Range, right: &Range) -> bool {
        !left.empty && !right.empty && (self.meets(left, right) || self.meets(right, left))
    }

    /// Whether nothing lies between the end of the first and the beginning of the second.
    pub fn meets(&self, left: &Range, right: &Range) -> bool {
        let (Some(end), Some(begin)) = (&left.upper, &right.lower) else { return false };
        match self.compare_values(&end.value, &begin.value) {
            Ordering::Greater => false,
            Ordering::Equal => end.inclusive != begin.inclusive,
            Ordering::Less => {
                self.make(turned(Some(end)), turned(Some(begin))).is_ok_and(|between| between.empty)
            }
        }
    }

    /// From where the first of them begins to where the last ends.
    ///
    /// # Errors
    /// Not in fact: bounds of ranges are in order.
    pub fn span(&self, left: &Range, right: &Range) -> RangeResult<Range> {
        if left.empty {
            return Ok(right.clone());
        }
        if right.empty {
            return Ok(left.clone());
        }
        let lower =
            if self.compare_sides(left.lower_side(), right.lower_side()).is_le() { left } else { right };
        let upper =
            if self.compare_sides(left.upper_side(), right.upper_side()).is_ge() { left } else { right };
        self.make(lower.lower.clone(), upper.upper.clone())
    }

    /// What is in either.
    ///
    /// # Errors
    /// When that is no range.
    pub fn union(&self, left: &Range, right: &Range) -> RangeResult<Range> {
        let apart = !left.empty && !right.empty && !self.overlaps(left, right) && !self.adjacent(left, right);
        if apart { Err(RangeError::Union) } else { self.span(left, right) }
    }

    /// What is in both.
    ///
    /// # Errors
    /// Not in fact: bounds of ranges are in order.
    pub fn intersect(&self, left: &Range, right: &Range) -> RangeResult<Range> {
        if !self.overlaps(left, right) {
            return Ok(Range::EMPTY);
        }
        let lower =
            if self.compare_sides(left.lower_side(), right.lower_side()).is_ge() { left } else { right };
        let upper =
            if self.compare_sides(left.upper_side(), right.upper_side()).is_le() { left } else { right };
        self.make(lower.lower.clone(), upper.upper.clone())
    }

    /// What is in the first and not in the second: what is left of it before, and behind.
    ///
    /// # Errors
    /// Not in fact: bounds of ranges are in order.
    pub fn rests(&self, left: &Range, right: &Range) -> RangeResult<Vec<Range>> {
        if !self.overlaps(left, right) {
            return Ok(vec![left.clone()]);
        }
        let mut rests = Vec::new();
        if self.compare_sides(left.lower_side(), right.lower_side()).is_lt() {
            rests.push(self.make(left.lower.clone(), turned(right.lower.as_ref()))?);
        }
        if self.compare_sides(left.upper_side(), right.upper_side()).is_gt() {
            rests.push(self.make(turned(right.upper.as_ref()), left.upper.clone())?);
        }
        rests.retain(|rest| !rest.empty);
        Ok(rests)
    }

    /// What is in the first and not in the second.
    ///
    /// # Errors
    /// When that is no range.
    pub fn minus(&self, left: &Range, right: &Range) -> RangeResult<Range> {
        let inside = !left.empty
            && !right.empty
            && self.compare_sides(left.lower_side(), right.lower_side()).is_lt()
            && self.compare_sides(left.upper_side(), right.upper_side()).is_gt();
        if inside {
            return Err(RangeError::Difference);
        }
        Ok(self.rests(left, right)?.pop().unwrap_or(Range::EMPTY))
    }
}
