//! Intervals of a line and rectangles of a plane as cells, so that an ordered tree finds those that meet a window.
//!
//! A line is halved again and again, a plane is quartered: at level `n` there are `2^n` cells, or `4^n`. An interval or a
//! rectangle has one entry, the smallest cell that it lies in. An entry is the level, then the cell's place at the deepest
//! level, of a plane with the bits of both axes by turns. So the cells of a level that meet a window are few runs of
//! entries, and there are as many levels as bits.
//!
//! Invariants
//!
//! 1. What meets a window lies in a cell that meets it.
//! 2. [`Window::next`] tells every cell of a level that meets the window, in the order of entries.

use super::SOME;

/// Bits of a place on an axis.
const BITS: u8 = 64;

/// A cell: of a line or of a plane, on some level, the how manyth of the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    plane: bool,
    level: u8,
    number: u128,
}

/// A part of a line, or of a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    plane: bool,
    low: [u64; 2],
    high: [u64; 2],
}

/// The cells of a level of a plane that lie in one cell further up, or one cell by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    level: u8,
    /// The level of the cell that they lie in, and the how manyth of that level it is.
    depth: u8,
    number: u128,
}

/// The bits of two numbers by turns, the first one's first.
fn interleaved(one: u64, other: u64) -> u128 {
    spread(one) << 1 | spread(other)
}

/// The bits of a number with a clear one before each.
fn spread(number: u64) -> u128 {
    const MASKS: [(u32, u128); 6] = [
        (32, 0x0000_0000_ffff_ffff_0000_0000_ffff_ffff),
        (16, 0x0000_ffff_0000_ffff_0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333_3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555_5555_5555_5555_5555),
    ];
    MASKS.into_iter().fold(u128::from(number), |bits, (by, mask)| (bits | bits << by) & mask)
}

/// Every other bit of a number: the second of two whose bits it has by turns.
fn gathered(bits: u128) -> u64 {
    const STEPS: [(u32, u128); 6] = [
        (1, 0x3333_3333_3333_3333_3333_3333_3333_3333),
        (2, 0x0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f),
        (4, 0x00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff),
        (8, 0x0000_ffff_0000_ffff_0000_ffff_0000_ffff),
        (16, 0x0000_0000_ffff_ffff_0000_0000_ffff_ffff),
        (32, 0x0000_0000_0000_0000_ffff_ffff_ffff_ffff),
    ];
    let every_other = bits & 0x5555_5555_5555_5555_5555_5555_5555_5555;
    STEPS.into_iter().fold(every_other, |bits, (by, mask)| (bits | bits >> by) & mask) as u64
}

/// The first `level` bits of a place.
fn prefix(place: u64, level: u8) -> u64 {
    place.checked_shr(u32::from(BITS - level)).unwrap_or(0)
}

impl Cell {
    /// The whole plane.
    pub(super) const EVERYWHERE: Cell = Cell { plane: true, level: 0, number: 0 };

    /// The smallest cell of a line that an interval lies in.
    pub(super) fn of_line(low: u64, high: u64) -> Cell {
        let level = (low ^ high).leading_zeros() as u8;
        Cell { plane: false, level, number: u128::from(prefix(low, level)) }
    }

    /// The smallest cell of a plane that a rectangle lies in.
    pub(super) fn of_plane(low: [u64; 2], high: [u64; 2]) -> Cell {
        let shared = |axis: usize| (low[axis] ^ high[axis]).leading_zeros() as u8;
        let level = shared(0).min(shared(1));
        Cell { plane: true, level, number: interleaved(prefix(low[0], level), prefix(low[1], level)) }
    }

    /// By how many bits its number is shorter than that of a deepest cell.
    fn shift(plane: bool, level: u8) -> u32 {
        u32::from(BITS - level) * if plane { 2 } else { 1 }
    }

    /// Its level.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// The entry.
    pub fn entry(&self) -> Vec<u8> {
        let place = self.number.checked_shl(Cell::shift(self.plane, self.level)).unwrap_or(0);
        let mut entry = vec![SOME, self.level];
        match self.plane {
            true => entry.extend_from_slice(&place.to_be_bytes()),
            false => entry.extend_from_slice(&(place as u64).to_be_bytes()),
        }
        entry
    }

    /// The cell of an entry; `None` if it is none of a line, or of a plane.
    pub fn read(plane: bool, entry: &[u8]) -> Option<Cell> {
        let [SOME, level, place @ ..] = entry else { return None };
        let place = match plane {
            true => u128::from_be_bytes(*place.first_chunk()?),
            false => u128::from(u64::from_be_bytes(*place.first_chunk()?)),
        };
        let number = place.checked_shr(Cell::shift(plane, (*level).min(BITS))).unwrap_or(0);
        (*level <= BITS).then_some(Cell { plane, level: *level, number })
    }
}

impl Block {
    /// All cells of a level.
    pub fn of_level(level: u8) -> Block {
        Block { level, depth: 0, number: 0 }
    }

    /// The least that has two cells of a plane, of the same level.
    pub fn around(one: Cell, other: Cell) -> Block {
        let (level, unlike) = (one.level, one.number ^ other.number);
        // Bits of a number are by twos, the first of them those of the outermost quarters.
        let depth = level - (u128::BITS - unlike.leading_zeros()).div_ceil(2).min(u32::from(level)) as u8;
        let number = one.number.checked_shr(2 * u32::from(level - depth)).unwrap_or(0);
        Block { level, depth, number }
    }

    /// Whether it is a single cell.
    pub fn is_cell(&self) -> bool {
        self.depth == self.level
    }

    /// The entries of its cells: from the first on, before the second.
    pub fn entries(&self) -> (Vec<u8>, Vec<u8>) {
        let first = |depth: u8, number: u128| {
            let number = number.checked_shl(2 * u32::from(self.level - depth)).unwrap_or(0);
            Cell { plane: true, level: self.level, number }.entry()
        };
        let behind = self.number.checked_add(1);
        let on_level =
            behind.filter(|behind| behind.checked_shr(2 * u32::from(self.depth)).unwrap_or(0) == 0);
        let to = on_level.map_or_else(|| vec![SOME, self.level + 1], |behind| first(self.depth, behind));
        (first(self.depth, self.number), to)
    }

    /// Its quarters, in the order of entries; none of a single cell.
    pub fn quarters(&self) -> impl Iterator<Item = Block> + use<> {
        let Block { level, depth, number } = *self;
        let count = if self.is_cell() { 0 } else { 4 };
        (0..count).map(move |quarter| Block { level, depth: depth + 1, number: number << 2 | quarter })
    }

    /// Its least and its greatest places on both axes.
    pub(super) fn corners(&self) -> ([u64; 2], [u64; 2]) {
        let rest = u64::MAX.checked_shr(u32::from(self.depth)).unwrap_or(0);
        let axes = [gathered(self.number >> 1), gathered(self.number)];
        let low = axes.map(|place| place.checked_shl(u32::from(BITS - self.depth)).unwrap_or(0));
        (low, low.map(|place| place | rest))
    }

    /// Whether a window of a plane reaches into it.
    pub fn meets(&self, window: &Window) -> bool {
        let (low, high) = self.corners();
        (0..2).all(|axis| low[axis] <= window.high[axis] && window.low[axis] <= high[axis])
    }
}

impl From<Cell> for Block {
    fn from(cell: Cell) -> Block {
        Block { level: cell.level, depth: cell.level, number: cell.number }
    }
}

impl Window {
    /// From one place of a line to another.
    pub(super) fn of_line(low: u64, high: u64) -> Window {
        Window { plane: false, low: [low, 0], high: [high.max(low), 0] }
    }

    /// From one corner of a plane to another.
    pub(super) fn of_plane(low: [u64; 2], high: [u64; 2]) -> Window {
        Window { plane: true, low, high: [high[0].max(low[0]), high[1].max(low[1])] }
    }

    /// Whether it is one of a plane.
    pub fn is_of_plane(&self) -> bool {
        self.plane
    }

    /// The first cell that meets it.
    pub fn first(&self) -> Option<Cell> {
        self.next(Cell { plane: self.plane, level: 0, number: 0 })
    }

    /// This cell if it meets the window, or the next one that does, on its level or a deeper one.
    pub fn next(&self, from: Cell) -> Option<Cell> {
        let Cell { plane, level, number } = from;
        if let Some(number) = self.next_of_level(level, number) {
            return Some(Cell { plane, level, number });
        }
        let deeper = (level < BITS).then_some(level + 1)?;
        self.next_of_level(deeper, 0).map(|number| Cell { plane, level: deeper, number })
    }

    fn next_of_level(&self, level: u8, number: u128) -> Option<u128> {
        if self.plane {
            // Behind the last cell of a level there is none: its number has bits that no cell has.
            let behind = number.checked_shr(2 * u32::from(level)).unwrap_or(0) != 0;
            return if behind { None } else { self.descend((0, 0, 0), level, Some(number)) };
        }
        let (low, high) = (u128::from(prefix(self.low[0], level)), u128::from(prefix(self.high[0], level)));
        Some(number.max(low)).filter(|number| *number <= high)
    }

    /// The first cell of a level within one further up, from a number on; all without one.
    fn descend(&self, (depth, x, y): (u8, u64, u64), level: u8, from: Option<u128>) -> Option<u128> {
        if depth == level {
            return Some(interleaved(x, y));
        }
        let below = depth + 1;
        let behind = from.map(|from| from >> (2 * u32::from(level - below)) & 3);
        for quarter in 0..4u64 {
            let (x, y) = (x << 1 | quarter >> 1, y << 1 | quarter & 1);
            let meets = |axis: usize, place: u64| {
                prefix(self.low[axis], below) <= place && place <= prefix(self.high[axis], below)
            };
            let from = match behind {
                Some(first) if u128::from(quarter) < first => continue,
                Some(first) if u128::from(quarter) == first => from,
                Some(_) | None => None,
            };
            if !(meets(0, x) && meets(1, y)) {
                continue;
            }
            if let Some(found) = self.descend((below, x, y), level, from) {
                return Some(found);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Cell {
        /// The least corner of a cell of the deepest level.
        fn corner(&self) -> [u64; 2] {
            Block::from(*self).corners().0
        }
    }

    fn numbers(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % 16
    }

    /// All cells of a window are told, by comparison with all cells.
    #[test]
    fn every_cell_of_a_window_is_told() {
        let mut seed = 7;
        for plane in [false, true] {
            for _ in 0..200 {
                let mut axis = || {
                    let (one, other) = (numbers(&mut seed) << 60, numbers(&mut seed) << 60);
                    (one.min(other), one.max(other))
                };
                let ((low_x, high_x), (low_y, high_y)) = (axis(), axis());
                let window = match plane {
                    true => Window::of_plane([low_x, low_y], [high_x, high_y]),
                    false => Window::of_line(low_x, high_x),
                };
                let level = 4;
                let mut wanted: Vec<u128> = Vec::new();
                for x in low_x >> 60..=high_x >> 60 {
                    match plane {
                        true => wanted.extend((low_y >> 60..=high_y >> 60).map(|y| interleaved(x, y))),
                        false => wanted.push(u128::from(x)),
                    }
                }
                wanted.sort_unstable();
                let mut found = Vec::new();
                let mut next = window.next(Cell { plane, level, number: 0 });
                while let Some(cell) = next.filter(|cell| cell.level == level) {
                    found.push(cell.number);
                    next = window.next(Cell { number: cell.number + 1, ..cell });
                }
                assert_eq!(found, wanted);
            }
        }
    }

    /// A block has what lies in it: corners, entries and quarters say the same of where that is.
    #[test]
    fn blocks_have_what_lies_in_them() {
        let mut seed = 11;
        for _ in 0..500 {
            let mut corner = || [numbers(&mut seed) << 60, numbers(&mut seed) << 60 | numbers(&mut seed)];
            let (one, other) = (corner(), corner());
            let cells = [one, other].map(|at| Cell::of_plane(at, at));
            let mut block = Block::around(cells[0], cells[1]);
            let (low, high) = block.corners();
            for (cell, at) in cells.iter().zip([one, other]) {
                assert!((0..2).all(|axis| low[axis] <= at[axis] && at[axis] <= high[axis]));
                let (from, to) = block.entries();
                assert!(from <= cell.entry() && cell.entry() < to);
                assert!(block.meets(&Window::of_plane(at, at)));
            }
            let of_both = block.quarters().filter(|quarter| {
                cells.iter().all(|cell| quarter.meets(&Window::of_plane(cell.corner(), cell.corner())))
            });
            assert_eq!(of_both.count(), 0, "the least block has both in none of its quarters");
            while !block.is_cell() {
                let window = Window::of_plane(one, one);
                let mut within = block.quarters().filter(|quarter| quarter.meets(&window));
                block = within.next().unwrap();
                assert!(within.next().is_none());
            }
            assert_eq!(block, Block::from(cells[0]));
        }
        assert_eq!(Block::of_level(64).entries(), (Cell::of_plane([0; 2], [0; 2]).entry(), vec![SOME, 65]));
        assert_eq!(Block::of_level(0).corners(), ([0; 2], [u64::MAX; 2]));
        assert!(Block::of_level(0).is_cell());
    }

    #[test]
    fn a_cell_is_read_as_it_was_written() {
        let cells = [
            Cell::of_line(0, u64::MAX),
            Cell::of_line(5, 5),
            Cell::of_line(1 << 63, 1 << 63 | 77),
            Cell::of_plane([3, 1 << 50], [3, 1 << 50]),
            Cell::of_plane([3, 1 << 50], [900, 1 << 51]),
            Cell::EVERYWHERE,
        ];
        for cell in cells {
            assert_eq!(Cell::read(cell.plane, &cell.entry()), Some(cell));
        }
    }
}
