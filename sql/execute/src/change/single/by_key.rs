//! UPDATE and DELETE of the one row that has a key.
//!
//! The row is found in what the statement sees, locked, and read as it is then. If somebody has changed it meanwhile, it is
//! looked at again as operators do it.

use super::super::published::is_refused;
use super::rewrite::Rewrite;
use super::{Left, Step, keys_of};
use crate::change::index::{Entry, Index};
use crate::change::locked::{Locked, moved_away, read_locked};
use crate::change::recheck::Rechecker;
use crate::change::table::Table;
use crate::error::ExecuteResult;
use crate::evaluate::Compiler;
use crate::operator::{calls_routines, effects};
use crate::point::GivenKey;
use crate::run::Run;
use crate::tally::Tally;
use plan::expression::Expression;
use plan::logical::{ScanColumn, ScanSource};
use plan::physical::{Node, NodeKind, PinnedScan};
use plan::target::TargetTable;
use std::sync::Arc;
use store::locks::RowMode;
use store::{RowLock, Transaction, TreeId};
use types::row::RowView;
use types::{Item, Value};

/// Most rows take no more.
const ROW_BYTES: usize = 128;

/// UPDATE.
pub struct SingleUpdate {
    table: Table,
    row: ByKey,
    rewrite: Rewrite,
    /// Whether no function that it calls may tell of the row, as by a notice.
    tells_nothing: bool,
}

/// DELETE.
pub struct SingleDelete {
    table: Table,
    row: ByKey,
    /// Places of the columns that are keys of indexes.
    keys: Vec<usize>,
}

/// The row.
struct ByKey {
    key: GivenKey,
    /// How operators look for it.
    input: Node,
    scan: PinnedScan,
}

impl ByKey {
    /// What an input yields, if it is the row of a key.
    fn of(input: &Node, row_id: u32) -> Option<(ByKey, &[ScanColumn])> {
        let NodeKind::IndexScan(scan) = &input.kind else { return None };
        let pinned = PinnedScan { relation: scan.scan.relation, row_id, table_oid: None };
        let row = ByKey { key: GivenKey::of(scan)?, input: input.clone(), scan: pinned };
        Some((row, &scan.scan.columns))
    }

    /// Counts that it is looked for.
    fn count(&self, tally: &mut Tally) {
        tally.looked_up(self.key.tree(), 1);
    }

    /// Finds it in what the statement sees and locks it; it may have changed meanwhile.
    fn lock(
        &self,
        table: &Table,
        transaction: &mut Transaction,
        parameters: &[Value],
        mode: RowMode,
    ) -> ExecuteResult<Found> {
        let (wait, began) = (transaction.wait(), transaction.snapshot());
        let Some(id) = self.key.find(transaction, parameters)? else { return Ok(Found::None) };
        let tree = table.tree();
        if transaction.lock_row_ahead(tree, &id.to_be_bytes(), mode, wait)? == RowLock::Skipped {
            return Ok(Found::None);
        }
        Ok(match read_locked((began, None), transaction, tree, id)? {
            Locked::Same(bytes) => Found::Same(id, bytes),
            Locked::Changed(bytes) => Found::Changed(Changed { id, bytes }),
            Locked::Gone | Locked::Skipped => Found::None,
            Locked::Moved => return Err(moved_away()),
        })
    }

    /// Looks again at a row that has changed; its id and what it is now, unless it is the statement's no more.
    fn again(
        &self,
        run: &mut Run<'_, '_>,
        (table, mode): (&Table, RowMode),
        changed: Changed,
    ) -> ExecuteResult<Option<(i64, Vec<u8>)>> {
        let Changed { id, bytes } = changed;
        let mut rechecker = Rechecker::new(&self.input, &[self.scan]);
        if rechecker.still_has(run, id, &bytes)? {
            return Ok(Some((id, bytes)));
        }
        run.world.transaction.leave_unwritten(table.tree(), &id.to_be_bytes(), mode)?;
        Ok(None)
    }
}

/// A row that was looked for.
enum Found {
    /// There is none, or none any more.
    None,
    /// It is as the statement saw it; its id and its bytes.
    Same(i64, Vec<u8>),
    /// Somebody has changed it since.
    Changed(Changed),
}

/// A row that is locked, and that somebody has changed since the statement began.
pub struct Changed {
    id: i64,
    bytes: Vec<u8>,
}

/// The keys of a row's entries, with the trees in which they stand.
#[derive(Clone)]
struct EntryKeys<'e> {
    pairs: std::iter::Zip<std::slice::Iter<'e, Index>, std::slice::Iter<'e, Entry>>,
}

impl<'e> Iterator for EntryKeys<'e> {
    type Item = (TreeId, &'e [u8]);

    fn next(&mut self) -> Option<(TreeId, &'e [u8])> {
        self.pairs.next().map(|(index, entry)| (index.tree, entry.key()))
    }
}

impl SingleUpdate {
    /// As a plan says, if the statement is one.
    pub fn of(
        compiler: &Compiler<'_>,
        target: &Arc<TargetTable>,
        input: &Node,
        row_id: u32,
        assignments: &[(u32, Expression)],
    ) -> ExecuteResult<Option<SingleUpdate>> {
        let Some((row, columns)) = ByKey::of(input, row_id) else { return Ok(None) };
        if is_refused(target) {
            return Ok(None);
        }
        let table = Table::new(compiler, target)?;
        let column = |slot: usize| match &columns.get(slot)?.source {
            ScanSource::Column { number, .. } => {
                target.columns.iter().position(|column| column.number == *number)
            }
            ScanSource::RowId | ScanSource::Writer | ScanSource::TableOid | ScanSource::WholeRow(_) => None,
        };
        // Who may change a key that others refer to may have to look at the row again before he writes it.
        let rewrite = Rewrite::of(compiler, &table, assignments, None, &column)?;
        let rewrite = rewrite.filter(|rewrite| rewrite.mode() == RowMode::NoKeyUpdate);
        let values = || assignments.iter().map(|(_, value)| value);
        let tells_nothing = effects(compiler, values()) == 0 && !calls_routines(compiler.types(), values());
        Ok(rewrite.map(|rewrite| SingleUpdate { table, row, rewrite, tells_nothing }))
    }

    /// Whether nobody hears of what it reads, but of how many rows it changed.
    pub fn tells_nothing(&self) -> bool {
        self.tells_nothing
    }

    /// Answers whether there was a row.
    pub fn run(&self, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        // Who writes another key locks the row for that.
        let (transaction, mode) = (&mut *run.world.transaction, RowMode::NoKeyUpdate);
        self.row.count(&mut run.world.tally.borrow_mut());
        let found = match self.row.lock(&self.table, transaction, run.world.parameters, mode)? {
            Found::None => None,
            Found::Same(id, bytes) => Some((id, bytes)),
            Found::Changed(changed) => self.row.again(run, (&self.table, mode), changed)?,
        };
        match found {
            Some((id, bytes)) => self.rewrite.run(&self.table, run, id, &bytes, &[]),
            None => Ok(false),
        }
    }
}

impl SingleDelete {
    /// As a plan says, if the statement is one.
    pub fn of(
        compiler: &Compiler<'_>,
        target: &Arc<TargetTable>,
        input: &Node,
        row_id: u32,
    ) -> ExecuteResult<Option<SingleDelete>> {
        let Some((row, _)) = ByKey::of(input, row_id) else { return Ok(None) };
        if is_refused(target) {
            return Ok(None);
        }
        let table = Table::new(compiler, target)?;
        // Keys are all that entries are found by, where a row has one that is made of them.
        let plain = |index: &Index| {
            index.is_ordered() && index.is_whole() && index.key_columns.iter().all(Option::is_some)
        };
        let alone = target.members.is_empty() && target.routing.is_none() && target.referenced_by.is_empty();
        if !alone || table.triggers.is_some() || !table.indexes.iter().all(plain) {
            return Ok(None);
        }
        let places = table.indexes.iter().flat_map(|index| index.key_columns.iter().flatten());
        let mut keys: Vec<usize> = places.map(|place| *place as usize).collect();
        keys.sort_unstable();
        keys.dedup();
        Ok(Some(SingleDelete { table, row, keys }))
    }

    /// Answers how many rows there were, unless the one that was found has changed.
    pub fn run_given(
        &self,
        transaction: &mut Transaction,
        parameters: &[Value],
        tally: &mut Tally,
    ) -> ExecuteResult<Step<'_>> {
        self.row.count(tally);
        let (wait, began) = (transaction.wait(), transaction.snapshot());
        let Some(id) = self.row.key.find(transaction, parameters)? else { return Ok(Step::Done(0)) };
        let (tree, key) = (self.table.tree(), id.to_be_bytes());
        if transaction.lock_row_ahead(tree, &key, RowMode::Update, wait)? == RowLock::Skipped {
            return Ok(Step::Done(0));
        }
        let mut bytes = Vec::with_capacity(ROW_BYTES);
        // Whoever was not moved on by the lock sees the row as it is: it is read while it goes.
        if began == transaction.snapshot() && transaction.take_row(tree, &key, &mut bytes)? {
            self.entries(id, &bytes, |entries| Ok(transaction.delete_entries(entries)?))?;
        } else {
            match read_locked((began, None), transaction, tree, id)? {
                Locked::Same(bytes) => self.delete(transaction, id, &bytes)?,
                Locked::Changed(bytes) => {
                    return Ok(Step::More(Left::Delete(self, Changed { id, bytes })));
                }
                Locked::Gone | Locked::Skipped => return Ok(Step::Done(0)),
                Locked::Moved => return Err(moved_away()),
            }
        }
        tally.deleted(self.table.target.table, 1);
        Ok(Step::Done(1))
    }

    /// Answers whether there was a row that is still to be removed.
    pub fn run_changed(&self, run: &mut Run<'_, '_>, changed: Changed) -> ExecuteResult<bool> {
        let again = self.row.again(run, (&self.table, RowMode::Update), changed)?;
        let Some((id, bytes)) = again else { return Ok(false) };
        self.delete(run.world.transaction, id, &bytes)?;
        run.count(|tally| tally.deleted(self.table.target.table, 1));
        Ok(true)
    }

    fn delete(&self, transaction: &mut Transaction, id: i64, bytes: &[u8]) -> ExecuteResult<()> {
        let tree = self.table.tree();
        let removed = self
            .entries(id, bytes, |entries| Ok(transaction.delete_row(tree, &id.to_be_bytes(), entries)?))?;
        debug_assert!(removed, "the row was locked and read, so it is there");
        Ok(())
    }

    /// Does something with the entries of a row.
    fn entries<R>(
        &self,
        id: i64,
        bytes: &[u8],
        what: impl FnOnce(EntryKeys<'_>) -> ExecuteResult<R>,
    ) -> ExecuteResult<R> {
        let columns = &self.table.target.columns;
        let row = RowView::new(&self.table.target.layout, bytes)?;
        let mut items = vec![Item::Null; columns.len()];
        for place in &self.keys {
            let column = &columns[*place];
            // The table's constructor has seen to it that there is such a place.
            items[*place] = row.item(usize::from(column.number) - 1, &column.missing)?;
        }
        let indexes = &self.table.indexes;
        let mut entries: Vec<Entry> = Vec::with_capacity(indexes.len());
        entries.extend(indexes.iter().map(|index| index.entry_of(keys_of(index, &items), id)));
        what(EntryKeys { pairs: indexes.iter().zip(&entries) })
    }
}
