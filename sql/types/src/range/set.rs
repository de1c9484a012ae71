//! Sets of ranges.

use super::{Range, RangeResult, RangeType};

/// Ranges in order, without empty ones, those that overlap or touch joined.
///
/// # Errors
/// Not in fact: bounds of ranges are in order.
pub fn normalised(of: &RangeType, mut ranges: Vec<Range>) -> RangeResult<Vec<Range>> {
    ranges.retain(|range| !range.empty);
    ranges.sort_by(|left, right| of.compare(left, right));
    let mut joined: Vec<Range> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if of.overlaps(last, &range) || of.adjacent(last, &range) => {
                *last = of.span(last, &range)?;
            }
            _ => joined.push(range),
        }
    }
    Ok(joined)
}

impl RangeType {
    /// What is in the first set and not in the second.
    ///
    /// # Errors
    /// Not in fact: bounds of ranges are in order.
    pub fn set_minus(&self, left: &[Range], right: &[Range]) -> RangeResult<Vec<Range>> {
        let mut rests = left.to_vec();
        for gone in right {
            let mut left = Vec::with_capacity(rests.len());
            for range in &rests {
                left.append(&mut self.rests(range, gone)?);
            }
            rests = left;
        }
        normalised(self, rests)
    }

    /// What is in both sets.
    ///
    /// # Errors
    /// Not in fact: bounds of ranges are in order.
    pub fn set_intersect(&self, left: &[Range], right: &[Range]) -> RangeResult<Vec<Range>> {
        let mut shared = Vec::new();
        for one in left {
            for other in right {
                shared.push(self.intersect(one, other)?);
            }
        }
        normalised(self, shared)
    }

    /// From where a set begins to where it ends.
    ///
    /// # Errors
    /// Not in fact: bounds of ranges are in order.
    pub fn set_span(&self, ranges: &[Range]) -> RangeResult<Range> {
        match (ranges.first(), ranges.last()) {
            (Some(first), Some(last)) => self.span(first, last),
            _ => Ok(Range::EMPTY),
        }
    }
}
