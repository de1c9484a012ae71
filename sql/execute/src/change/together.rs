//! Many new rows and their index entries, written together.
//!
//! Invariants
//!
//! 1. Together are written rows that nobody stands in the way of. Where somebody has one of their keys, or holds it, where two
//!    of them have one, or where one is too long, nothing is written and no key is held: the way of single rows finds out which
//!    of them may not be, waits for whom it must wait for, and knows the words.
//! 2. All keys that stand once are locked before the first row is written.

use super::index::{Entries, Index};
use super::table::Table;
use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use store::{RunRow, TreeId};
use types::Vector;

/// Fewer rows are written singly.
const FEWEST: usize = 4;
/// Bytes of rows that are put together before they are written.
const TOGETHER_BYTES: usize = 256 << 10;

/// Entries of rows in an index, one after another.
#[derive(Default)]
pub struct Packed {
    bytes: Vec<u8>,
    entries: Vec<PackedEntry>,
}

struct PackedEntry {
    start: usize,
    key_end: usize,
    end: usize,
    alone: bool,
}

impl Packed {
    /// The bytes to append an entry to: its key first, after which its value is appended by [`Packed::end_entry`].
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The key of an entry that began at `start` is complete up to here; its value follows.
    pub fn end_entry(&mut self, start: usize, alone: bool, value: &[u8]) {
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.entries.push(PackedEntry { start, key_end, end: self.bytes.len(), alone });
    }

    /// All entries, or those alone whose keys stand once, in the order of their keys; none if two have the same.
    fn sorted(&self, all: bool) -> Option<Vec<RunRow<'_>>> {
        let row = |entry: &PackedEntry| RunRow {
            key: &self.bytes[entry.start..entry.key_end],
            value: &self.bytes[entry.key_end..entry.end],
        };
        let mut rows: Vec<RunRow<'_>> =
            self.entries.iter().filter(|entry| all || entry.alone).map(row).collect();
        let goes_up = |one: &RunRow<'_>, next: &RunRow<'_>| one.key < next.key;
        if !rows.is_sorted_by(goes_up) {
            rows.sort_unstable_by(|one, next| one.key.cmp(next.key));
            if !rows.is_sorted_by(goes_up) {
                return None;
            }
        }
        Some(rows)
    }

    fn longest_key(&self) -> usize {
        self.entries.iter().map(|entry| entry.key_end - entry.start).max().unwrap_or(0)
    }

    fn all_alone(&self) -> bool {
        self.entries.iter().all(|entry| entry.alone)
    }
}

/// Writes new rows with their entries, if that can be done together; `stored` are their columns as rows store them, and
/// `first` is the number of the first. Of a row that cannot be stored its place is told.
pub fn write_together(
    table: &Table,
    run: &mut Run<'_, '_>,
    stored: &[Vector],
    entries: &[Entries],
    rows: usize,
    first: u64,
) -> Result<bool, (usize, ExecuteError)> {
    let singly = |index: &Index| index.unique && index.deferrable || index.exclusion.is_some();
    if rows < FEWEST || table.indexes.iter().any(singly) {
        return Ok(false);
    }
    let at = |row: usize| move |error: ExecuteError| (row, error);
    let mut packed = Vec::with_capacity(entries.len());
    for (index, entries) in table.indexes.iter().zip(entries) {
        packed.push(pack(index, entries, rows, first).map_err(at(0))?);
    }
    let longest = packed.iter().map(Packed::longest_key).max().unwrap_or(0);
    if longest > run.world.transaction.longest_key() {
        return Ok(false);
    }
    let sorted: Option<Vec<Vec<RunRow<'_>>>> = packed.iter().map(|packed| packed.sorted(true)).collect();
    let Some(sorted) = sorted else { return Ok(false) };
    if !lock_keys(table, run, &packed, &sorted).map_err(at(0))? {
        return Ok(false);
    }
    write_rows(table, run, stored, rows, first)?;
    for (index, entries) in table.indexes.iter().zip(&sorted) {
        run.world.transaction.put_run(index.tree, entries).map_err(|error| at(0)(error.into()))?;
    }
    Ok(true)
}

fn pack(index: &Index, entries: &Entries, rows: usize, first: u64) -> ExecuteResult<Packed> {
    let mut packed = Packed::default();
    for row in 0..rows {
        index.pack(entries, row, (first + row as u64).cast_signed(), &mut packed)?;
    }
    Ok(packed)
}

/// Locks the keys that stand once; answers whether all rows may have theirs.
fn lock_keys(
    table: &Table,
    run: &mut Run<'_, '_>,
    packed: &[Packed],
    sorted: &[Vec<RunRow<'_>>],
) -> ExecuteResult<bool> {
    let mut of_some = Vec::with_capacity(packed.len());
    for (packed, sorted) in packed.iter().zip(sorted) {
        // Their order is that of all entries, among which no two are the same.
        of_some.push(if packed.all_alone() { None } else { packed.sorted(false) }.unwrap_or_default());
        debug_assert!(packed.entries.len() == sorted.len());
    }
    let mut runs: Vec<(TreeId, &[RunRow<'_>])> = Vec::with_capacity(packed.len());
    for (place, index) in table.indexes.iter().enumerate().filter(|(_, index)| index.unique) {
        let keys = if packed[place].all_alone() { &sorted[place] } else { &of_some[place] };
        if !keys.is_empty() {
            runs.push((index.tree, keys));
        }
    }
    Ok(runs.is_empty() || run.world.transaction.lock_new_keys(&runs)?)
}

/// Writes the rows themselves.
fn write_rows(
    table: &Table,
    run: &mut Run<'_, '_>,
    stored: &[Vector],
    rows: usize,
    first: u64,
) -> Result<(), (usize, ExecuteError)> {
    let ids: Vec<[u8; 8]> = (first..first + rows as u64).map(u64::to_be_bytes).collect();
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    let mut begun = 0;
    for row in 0..rows {
        table.append(stored, row, &mut bytes).map_err(|error| (row, error))?;
        ends.push(bytes.len());
        if bytes.len() < TOGETHER_BYTES && row + 1 < rows {
            continue;
        }
        let mut start = 0;
        let run_rows = ids[begun..=row].iter().zip(&ends).map(|(id, end)| {
            let value = &bytes[start..*end];
            start = *end;
            RunRow { key: id, value }
        });
        let run_rows: Vec<RunRow<'_>> = run_rows.collect();
        let written = run.world.transaction.put_run(table.tree(), &run_rows);
        written.map_err(|error| (begun, error.into()))?;
        begun = row + 1;
        bytes.clear();
        ends.clear();
    }
    Ok(())
}
