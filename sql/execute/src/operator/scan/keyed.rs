//! Rows by keys that a restriction tells: where there are few of them, they are looked up in an index instead of reading the table.
//!
//! What holds
//! 1. The ids are those of all rows whose column is one of the keys, ascending: the rows come in the order of a scan.
//! 2. It is an offer: nothing is lost if it is not taken, but a few descents.

use super::Restriction;
use super::index::row_id;
use super::key_range::key_columns;
use crate::error::ExecuteResult;
use crate::keys::each_number;
use crate::run::Run;
use plan::physical::KeyedColumn;
use store::{Bounds, TreeView};
use types::key::{KeyColumn, encode_item};
use types::vector::Order;
use types::{Item, Vector};

/// What looking for a key costs, and what an entry and its row do, as numbers of rows that a scan passes over.
const KEY_ROWS: usize = 16;
const ENTRY_ROWS: usize = 10;
/// Tables with fewer rows are read.
const ROWS_MIN: usize = 1024;
/// Of so many keys it is looked how many rows they have.
const SAMPLED_KEYS: usize = 8;

/// An index, and how a number is written in it.
pub struct Keyed {
    slot: usize,
    index_tree: u64,
    key: KeyColumn,
}

impl Keyed {
    /// As the plan says; `None` if the column is none of whole numbers.
    pub fn new(plan: &KeyedColumn) -> Option<Keyed> {
        let [key] = <[KeyColumn; 1]>::try_from(key_columns(std::slice::from_ref(&plan.key))).ok()?;
        let known = matches!(key.order, Order::Int16 | Order::Int32 | Order::Int64);
        known.then_some(Keyed { slot: plan.slot as usize, index_tree: plan.index_tree, key })
    }

    /// Whether a restriction is of its column.
    pub fn is_of(&self, restriction: &Restriction) -> bool {
        self.slot == restriction.slot
    }

    /// The keys of entries with a number; `None` if no row can have it.
    fn bounds(&self, number: i64) -> Option<Bounds> {
        let item = match self.key.order {
            Order::Int16 => Item::Int16(number.try_into().ok()?),
            Order::Int32 => Item::Int32(number.try_into().ok()?),
            _ => Item::Int64(number),
        };
        let mut key = Vec::with_capacity(16);
        encode_item(&self.key, &item, &mut key, &mut Vec::new());
        Some(Bounds::with_prefix(key))
    }

    /// The ids of the rows with one of these numbers, if that is thought to cost less than to go through all `rows`.
    pub fn ids(
        &self,
        restriction: &Restriction,
        rows: u64,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<Vec<i64>>> {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        if rows < ROWS_MIN {
            return Ok(None);
        }
        let Some(mut numbers) = numbers(&restriction.values, rows / KEY_ROWS) else { return Ok(None) };
        if self.key.descending {
            numbers.reverse();
        }
        let index = run.tree(self.index_tree)?;
        let entries_max = (rows - numbers.len() * KEY_ROWS) / ENTRY_ROWS;
        if self.expected(&index, &numbers)? > entries_max {
            return Ok(None);
        }
        let ids = self.entries(&numbers, &index, entries_max * 2, run)?;
        if let Some(ids) = &ids {
            let (keys, entries) = (numbers.len() as u64, ids.len() as u64);
            run.count(|tally| {
                let counts = tally.index(self.index_tree);
                counts.scans += keys;
                counts.entries += entries;
            });
        }
        Ok(ids)
    }

    /// How many entries there may be, by those of some keys.
    fn expected(&self, index: &TreeView, numbers: &[i64]) -> ExecuteResult<usize> {
        let every = numbers.len().div_ceil(SAMPLED_KEYS).max(1);
        let (mut entries, mut looked_at) = (0, 0);
        for bounds in numbers.iter().step_by(every).filter_map(|number| self.bounds(*number)) {
            entries += usize::try_from(index.estimate(&bounds)?).unwrap_or(usize::MAX);
            looked_at += 1;
        }
        Ok(entries.saturating_mul(numbers.len()) / looked_at.max(1))
    }

    /// The ids of all entries of numbers, which come in the order of the index, unless there are too many.
    fn entries(
        &self,
        numbers: &[i64],
        index: &TreeView,
        most: usize,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<Vec<i64>>> {
        let mut ids = Vec::new();
        let mut scan = None;
        for bounds in numbers.iter().filter_map(|number| self.bounds(*number)) {
            run.check()?;
            let scan = match &mut scan {
                None => scan.insert(index.scan(bounds)?),
                Some(scan) => {
                    index.scan_on(scan, bounds)?;
                    scan
                }
            };
            while scan.next()? {
                ids.push(scan.value_with(row_id)??);
            }
            if ids.len() > most {
                return Ok(None);
            }
        }
        ids.sort_unstable();
        Ok(Some(ids))
    }
}

/// The different numbers of a column, ascending, if there are at most so many.
fn numbers(column: &Vector, most: usize) -> Option<Vec<i64>> {
    // Many values may be few numbers, but to tell has its price.
    if column.len() > most {
        return None;
    }
    let mut numbers: Vec<i64> = each_number!(column, numbers => {
        let present = numbers.enumerate().filter(|(row, _)| !column.is_null(*row));
        present.map(|(_, number)| number).collect()
    })?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}
