//! Functions over windows: `row_number`, `lag`, `first_value` and their like.

use std::ops::Range;
use types::Vector;

/// The rows of a frame, by their places in the partition. `EXCLUDE` may cut it into three stretches; stretches that are
/// not needed are empty. They ascend and do not overlap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame(pub [Range<usize>; 3]);

impl Frame {
    /// One stretch.
    pub fn whole(rows: Range<usize>) -> Frame {
        Frame([rows, 0..0, 0..0])
    }

    /// All rows, ascending.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.0.iter().flat_map(Clone::clone)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(ExactSizeIterator::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Range::is_empty)
    }
}

/// Some neighbouring partitions, their rows in the window's order.
#[derive(Debug, Clone, Copy)]
pub struct WindowInput<'a> {
    /// How many rows.
    pub rows: usize,
    /// The call's arguments for each row.
    pub arguments: &'a [Vector],
    /// The first row of each partition, ascending from 0.
    pub partitions: &'a [usize],
    /// The first row of each group of peers, ascending from 0; those of the partitions without `ORDER BY`.
    pub peers: &'a [usize],
    /// The frame of each row. Only `first_value`, `last_value`, `nth_value` look; for others it may be empty.
    pub frames: &'a [Frame],
}
