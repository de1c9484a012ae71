//! What is nearest first: entries of an index of shapes and rows that were found by them, in one queue.
//!
//! Entries are cells of a plane (`types::entry`). Those of a level that lie in a cell further up are a stretch of the index, and all
//! of them are as far as that cell at least. So a stretch waits in the queue as far as that; when nothing is nearer, its quarters
//! take its place, or its entries if they are few. An entry tells how far its row is at least, and only the row tells how far it is.
//!
//! Invariants
//!
//! 1. Whatever waits is no nearer than it is said to be; so a row that comes first in the queue is among the nearest that are left.
//! 2. Nothing is read of the index before everything that is nearer has been handed on.
//! 3. What has no distance, as something is null, comes last.

use crate::error::ExecuteResult;
use crate::spread::{Entries, Seen, split, within};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use store::{Bounds, TreeView};
use types::entry::{Block, Cell, Origin, Window};
use types::key::KeyError;

/// Up to how many entries are read at once.
const PORTION: u64 = 64;

/// What entries of null begin with, and those of a cell.
const NULL: u8 = 0;
const CELL: u8 = 3;

/// How far something is; `None` if that is null.
pub type Distance = Option<f64>;

/// Entries and rows, the nearest first.
pub struct Queue {
    place: u8,
    /// From where distances are; none if that is null.
    origin: Option<Origin>,
    /// Windows into all of which a shape must reach.
    windows: Vec<Window>,
    /// Whether rows are in the order of several distances, of which entries tell the first.
    several: bool,
    waiting: BinaryHeap<Reverse<Waiting>>,
    /// How many stretches have come to wait: of those that are equally far the first goes first.
    stretches: i64,
    /// How many entries were read since that was asked.
    read: u64,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A row, by the place where whoever asks keeps it.
    Row(usize, u32),
    /// A row of which an entry tells, by its id.
    Entry(i64),
    /// What lies in the index.
    Stretch,
}

struct Waiting {
    first: Distance,
    /// Which goes first of those that are equally far: where there are several distances a row has to wait for all whose others are
    /// not known, otherwise it goes before anything is read.
    rank: u8,
    others: Vec<Distance>,
    tie: i64,
    what: What,
}

enum What {
    Row(usize, u32),
    Entry,
    Block(Block),
    /// Entries that are read one after the other.
    Rest(Bounds),
}

/// Nulls come last, and before them what is no number.
fn compare(one: Distance, other: Distance) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => {
            one.partial_cmp(&other).unwrap_or_else(|| one.is_nan().cmp(&other.is_nan()))
        }
        (one, other) => one.is_none().cmp(&other.is_none()),
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Waiting) -> Ordering {
        let others = || {
            let pairs = self.others.iter().zip(&other.others);
            pairs.map(|(own, theirs)| compare(*own, *theirs)).find(|order| order.is_ne())
        };
        compare(self.first, other.first)
            .then(self.rank.cmp(&other.rank))
            .then_with(|| others().unwrap_or(Ordering::Equal))
            .then(self.tie.cmp(&other.tie))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Waiting) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Waiting) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

impl Queue {
    /// For rows in the order of one distance, or of several.
    pub fn new(place: u8, origin: Option<Origin>, several: bool) -> Queue {
        let (waiting, windows) = (BinaryHeap::new(), Vec::new());
        Queue { place, origin, windows, several, waiting, stretches: 0, read: 0 }
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        let others = if self.several { size_of::<Distance>() } else { 0 };
        self.waiting.len() * (size_of::<Waiting>() + others)
    }

    /// How many entries were read since that was asked.
    pub fn take_read(&mut self) -> u64 {
        std::mem::take(&mut self.read)
    }

    /// Entries of which nothing is known but their rows' ids.
    pub fn add_ids(&mut self, ids: &[i64]) {
        ids.iter().for_each(|id| self.add(Some(0.0), *id, What::Entry));
    }

    /// A row.
    pub fn add_row(&mut self, distances: &[Distance], id: i64, (batch, row): (usize, u32)) {
        let (first, others) = distances.split_first().map_or((None, &[][..]), |(first, rest)| (*first, rest));
        let rank = if self.several { 3 } else { 0 };
        let what = What::Row(batch, row);
        self.waiting.push(Reverse(Waiting { first, rank, others: others.to_vec(), tie: id, what }));
    }

    /// All entries of the index whose shapes reach into these windows, those of null among them if they may be.
    pub fn add_index(&mut self, index: &TreeView, windows: Vec<Window>, nulls: bool) -> ExecuteResult<()> {
        self.windows = windows;
        let place = self.place;
        let null = Bounds::prefix(&[place, NULL]);
        let to = Bounds::prefix(&[place]).to;
        if self.origin.is_none() {
            let from = if nulls { null.from } else { vec![place, CELL] };
            self.add_stretch(None, What::Rest(Bounds { from, to }));
            return Ok(());
        }
        if nulls {
            self.add_stretch(None, What::Rest(null));
        }
        let mut entries = Seen::new(index.clone());
        let mut from = vec![place, CELL];
        loop {
            entries.seek(Bounds { from, to: to.clone() })?;
            if !entries.next()? {
                return Ok(());
            }
            let level = cell_of(split(entries.key())?.0)?.level();
            self.add_block(Block::of_level(level));
            from = within(place, &[CELL, level + 1]);
        }
    }

    /// What comes next; nothing is read for that.
    pub fn peek(&self) -> Option<Next> {
        self.waiting.peek().map(|Reverse(first)| match first.what {
            What::Row(batch, row) => Next::Row(batch, row),
            What::Entry => Next::Entry(first.tie),
            What::Block(_) | What::Rest(_) => Next::Stretch,
        })
    }

    /// Takes what comes next; of the index it reads a little, which comes to wait then.
    pub fn advance(&mut self, index: &TreeView) -> ExecuteResult<()> {
        let Some(Reverse(Waiting { first, what, .. })) = self.waiting.pop() else { return Ok(()) };
        match what {
            What::Row(..) | What::Entry => Ok(()),
            What::Rest(bounds) => self.read(index, bounds, first),
            What::Block(block) => self.open(index, block, first),
        }
    }

    fn add(&mut self, first: Distance, tie: i64, what: What) {
        let rank = match what {
            What::Row(..) => 0,
            What::Entry => 1,
            What::Block(_) | What::Rest(_) => 2,
        };
        self.waiting.push(Reverse(Waiting { first, rank, others: Vec::new(), tie, what }));
    }

    fn add_stretch(&mut self, first: Distance, what: What) {
        self.stretches += 1;
        self.add(first, self.stretches, what);
    }

    fn add_block(&mut self, block: Block) {
        if self.windows.iter().all(|window| block.meets(window)) {
            let first = self.origin.map(|origin| origin.distance(&block));
            self.add_stretch(first, What::Block(block));
        }
    }

    /// Puts the parts of a block in its place.
    fn open(&mut self, index: &TreeView, block: Block, first: Distance) -> ExecuteResult<()> {
        let bounds = self.bounds(&block);
        let mut scan = index.scan(bounds.clone())?;
        if !scan.next()? {
            return Ok(());
        }
        let least = cell_of(split(scan.key())?.0)?;
        index.scan_on(&mut scan, bounds)?;
        if !scan.prev()? {
            return Ok(());
        }
        let least = Block::around(least, cell_of(split(scan.key())?.0)?);
        let own = self.origin.map(|origin| origin.distance(&least));
        if compare(own, first).is_gt() {
            // Its cells are further away than it had seemed.
            self.add_block(least);
            return Ok(());
        }
        let bounds = self.bounds(&least);
        if least.is_cell() || index.count(&bounds)? <= PORTION {
            return self.read(index, bounds, first);
        }
        least.quarters().for_each(|quarter| self.add_block(quarter));
        Ok(())
    }

    /// The keys of a block's entries.
    fn bounds(&self, block: &Block) -> Bounds {
        let (from, to) = block.entries();
        Bounds { from: within(self.place, &from), to: Some(within(self.place, &to)) }
    }

    /// Reads entries; what is left of many waits where they have waited.
    fn read(&mut self, index: &TreeView, bounds: Bounds, first: Distance) -> ExecuteResult<()> {
        let mut entries = Seen::new(index.clone());
        let to = bounds.to.clone();
        entries.seek(bounds)?;
        for _ in 0..PORTION {
            if !entries.next()? {
                return Ok(());
            }
            self.read += 1;
            let (entry, id) = split(entries.key())?;
            if entry.first() == Some(&NULL) {
                self.add(None, id, What::Entry);
                continue;
            }
            let block = Block::from(cell_of(entry)?);
            if self.windows.iter().all(|window| block.meets(window)) {
                self.add(self.origin.map(|origin| origin.distance(&block)), id, What::Entry);
            }
        }
        let from = [entries.key(), &[0]].concat();
        self.add_stretch(first, What::Rest(Bounds { from, to }));
        Ok(())
    }
}

fn cell_of(entry: &[u8]) -> ExecuteResult<Cell> {
    Ok(Cell::read(true, entry).ok_or(KeyError { column: 0 })?)
}
