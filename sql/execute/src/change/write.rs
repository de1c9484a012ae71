//! A row with its index entries, written and removed.

use super::constraint::duplicate;
use super::events::Event;
use super::index::{Entries, Entry, Index, entry_row};
use super::table::Table;
use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use store::locks::{RowMode, WaitPolicy};
use store::{Bounds, RowLock, StoreError, Transaction, TreeId};
use types::Vector;

/// The mode in which a row is asked for whose key is in the way: whoever writes it has to be done, even if he keeps the key, as
/// PostgreSQL waits for whoever has made the row's newest version. Who only holds it is not waited for: the key is there.
pub const NOT_WRITTEN: RowMode = RowMode::Unwritten;

/// Keys that were locked to look whose they are.
pub type Looked = Vec<(TreeId, Vec<u8>)>;

/// Gives them back, when nothing was written for them.
pub fn give_back(run: &mut Run<'_, '_>, looked: &Looked) -> ExecuteResult<()> {
    for (tree, key) in looked {
        run.world.transaction.give_back_key(*tree, key)?;
    }
    Ok(())
}

/// Entries of rows in all indexes of a table.
pub fn all_entries(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    rows: usize,
) -> ExecuteResult<Vec<Entries>> {
    table.indexes.iter().map(|index| index.entries(run, columns, rows)).collect()
}

/// The same of one row, index by index; none if somebody has one of the keys that `looked_at` names, or is about to. Otherwise
/// these are locked.
pub fn entries_unless_held(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    looked_at: &[usize],
) -> ExecuteResult<Option<Vec<Entries>>> {
    let mut is_held = false;
    let mut all = Vec::with_capacity(table.indexes.len());
    for (place, index) in table.indexes.iter().enumerate() {
        let entries = index.entries(run, columns, 1)?;
        if looked_at.contains(&place)
            && let Some(entry) = index.entry(&entries, 0, 0)?.filter(|entry| entry.alone)
        {
            let transaction = &mut *run.world.transaction;
            is_held |= transaction.is_key_held(index.tree, entry.values())?
                || holder(table, transaction, index, &entry, NOT_WRITTEN)?.is_some();
        }
        all.push(entries);
    }
    Ok((!is_held).then_some(all))
}

/// Who has a unique key, which is locked from now on. Nobody else holds that row in a way that excludes `mode`: whoever was
/// about to remove it, or to give it another key, is done.
pub fn holder(
    table: &Table,
    transaction: &mut Transaction,
    index: &Index,
    entry: &Entry,
    mode: RowMode,
) -> ExecuteResult<Option<i64>> {
    new_holder(table, transaction, index, entry, mode).map(|(id, _)| id)
}

/// The same; keeps in mind a key that was not locked before.
pub fn look(
    table: &Table,
    transaction: &mut Transaction,
    (index, entry): (&Index, &Entry),
    mode: RowMode,
    looked: &mut Looked,
) -> ExecuteResult<Option<i64>> {
    let (found, is_new) = new_holder(table, transaction, index, entry, mode)?;
    if is_new {
        looked.push((index.tree, entry.values().to_vec()));
    }
    Ok(found)
}

fn new_holder(
    table: &Table,
    transaction: &mut Transaction,
    index: &Index,
    entry: &Entry,
    mode: RowMode,
) -> ExecuteResult<(Option<i64>, bool)> {
    transaction.lock_new_key(index.tree, entry.values(), (table.tree(), mode), |transaction| {
        let id = key_owner(transaction, index, entry)?;
        ExecuteResult::Ok((id, id.map(i64::to_be_bytes).into_iter().collect()))
    })
}

/// Who has a unique key now, as far as that is committed or the transaction's own.
pub fn key_owner(transaction: &mut Transaction, index: &Index, entry: &Entry) -> ExecuteResult<Option<i64>> {
    let found = transaction.get_newest(index.tree, entry.values())?;
    found.map(|value| entry_row(&value)).transpose()
}

/// The row that has a unique key, which is locked from now on and wanted for the row `id`.
///
/// Of a key that somebody has committed since the transaction's snapshot PostgreSQL says at every level that it is there
/// already, unless it is refused for what it has read.
pub fn owner_of_key(
    table: &Table,
    transaction: &mut Transaction,
    index: &Index,
    entry: &Entry,
    id: i64,
) -> ExecuteResult<Option<i64>> {
    match holder(table, transaction, index, entry, NOT_WRITTEN) {
        Err(ExecuteError::Store(error)) if matches!(*error, StoreError::Conflict { .. }) => {
            let newest = key_owner(transaction, index, entry)?;
            if newest.is_none_or(|owner| owner == id) {
                return Err(ExecuteError::Store(error));
            }
            transaction.note_taken(index.tree, entry.values())?;
            Ok(newest)
        }
        found => found,
    }
}

/// Takes a key that is looked at later, if nobody else has it or is about to: then there is nothing to be looked at. Who comes
/// later finds it taken, and looks.
fn takes_free_key(
    transaction: &mut Transaction,
    index: &Index,
    entry: &Entry,
    id: i64,
) -> ExecuteResult<bool> {
    let key = entry.values();
    if transaction.lock_row(index.tree, key, RowMode::Update, WaitPolicy::Skip)? == RowLock::Skipped {
        return Ok(false);
    }
    Ok(deferrable_owners(transaction, index.tree, key)?.iter().all(|owner| *owner == id))
}

/// The rows that have a key of an index that is looked at later, as far as that is committed or the transaction's own.
pub fn deferrable_owners(
    transaction: &mut Transaction,
    tree: TreeId,
    values: &[u8],
) -> ExecuteResult<Vec<i64>> {
    let mut scan = transaction.scan_newest(tree, Bounds::prefix(values))?;
    let mut owners = Vec::new();
    while scan.next()? {
        // Behind the values stands an id; a longer key is another one's.
        if scan.key().len() == values.len() + 8 {
            owners.push(entry_row(&scan.value()?)?);
        }
    }
    Ok(owners)
}

/// Puts a row's entry into an index, unless somebody else has a key that stands once.
pub fn put_entry(
    table: &Table,
    index: &Index,
    run: &mut Run<'_, '_>,
    entries: &Entries,
    row: usize,
    entry: &Entry,
    id: i64,
) -> ExecuteResult<()> {
    if entry.alone && index.deferrable {
        if !takes_free_key(run.world.transaction, index, entry, id)? {
            let target = &table.target;
            let deferred = target.indexes[index.place].initially_deferred;
            let event = Event::unique(target, index.place, entry.values().to_vec(), id);
            run.world.events.push(event, target.indexes[index.place].constraint, deferred);
        }
    } else if entry.alone
        && owner_of_key(table, run.world.transaction, index, entry, id)?.is_some_and(|other| other != id)
    {
        return Err(duplicate(table, index, &run.world.context, entries, row)?);
    }
    run.world.transaction.put(index.tree, entry.key(), entry.value())?;
    Ok(())
}

/// Writes a new row with its entries.
pub fn insert_row(
    table: &Table,
    run: &mut Run<'_, '_>,
    bytes: &[u8],
    entries: &[Entries],
    row: usize,
    id: i64,
) -> ExecuteResult<()> {
    run.world.transaction.put(table.tree(), &id.to_be_bytes(), bytes)?;
    let mut indexes = table.indexes.iter().zip(entries);
    indexes.try_for_each(|(index, entries)| put_entries(table, index, run, (entries, row), id))
}

/// The same of a row of these columns whose entries are computed for one index when they are in the one before.
pub fn insert_row_computing(
    table: &Table,
    run: &mut Run<'_, '_>,
    bytes: &[u8],
    (columns, row): (&[Vector], usize),
    id: i64,
) -> ExecuteResult<()> {
    run.world.transaction.put(table.tree(), &id.to_be_bytes(), bytes)?;
    let one: Vec<Vector> = columns.iter().map(|column| column.slice(row, 1)).collect();
    for index in &table.indexes {
        let entries = index.entries(run, &one, 1)?;
        put_entries(table, index, run, (&entries, 0), id)?;
    }
    Ok(())
}

/// Puts all that a row has in an index there.
fn put_entries(
    table: &Table,
    index: &Index,
    run: &mut Run<'_, '_>,
    (entries, row): (&Entries, usize),
    id: i64,
) -> ExecuteResult<()> {
    let own = index.entries_of(entries, row, id)?;
    for entry in &own {
        put_entry(table, index, run, entries, row, entry, id)?;
    }
    match index.exclusion.as_ref().filter(|_| !own.is_empty()) {
        Some(exclusion) => exclusion.written(table, index, run, (entries, row), id),
        None => Ok(()),
    }
}

/// Entries of rows in an index before and after they are written anew.
pub struct Change {
    /// The index's place among the table's.
    place: usize,
    before: Entries,
    after: Entries,
}

/// What becomes of entries when rows are written anew. Indexes that look at nothing that is assigned are left out.
pub fn changes(
    table: &Table,
    run: &mut Run<'_, '_>,
    before: &[Vector],
    after: &[Vector],
    rows: usize,
) -> ExecuteResult<Vec<Change>> {
    let same = |place: usize| before[place].is_clone_of(&after[place]);
    let mut changes = Vec::new();
    for (place, index) in table.indexes.iter().enumerate() {
        if !index.looks_only_at(same) {
            let (before, after) = (index.entries(run, before, rows)?, index.entries(run, after, rows)?);
            changes.push(Change { place, before, after });
        }
    }
    Ok(changes)
}

impl Change {
    /// Whether a row gets another key in an index where it stands once.
    fn has_other_key(&self, table: &Table, row: usize, id: i64) -> ExecuteResult<bool> {
        let index = &table.indexes[self.place];
        if !index.unique {
            return Ok(false);
        }
        let (old, new) = (index.entry(&self.before, row, id)?, index.entry(&self.after, row, id)?);
        Ok(old.as_ref().map(Entry::key) != new.as_ref().map(Entry::key))
    }
}

/// Writes a row anew; its entries follow where they differ. Who refers to its keys waits only if one of them is another.
pub fn update_row(
    table: &Table,
    run: &mut Run<'_, '_>,
    bytes: &[u8],
    changes: &[Change],
    row: usize,
    id: i64,
) -> ExecuteResult<()> {
    let mut keeps_keys = true;
    for change in changes {
        keeps_keys &= !change.has_other_key(table, row, id)?;
    }
    let transaction = &mut *run.world.transaction;
    if keeps_keys {
        transaction.put_keeping_keys(table.tree(), &id.to_be_bytes(), bytes)?;
    } else {
        transaction.put(table.tree(), &id.to_be_bytes(), bytes)?;
    }
    for Change { place, before, after } in changes {
        let index = &table.indexes[*place];
        if !index.is_ordered() {
            rewrite_entries(index, run, (before, after), row, id)?;
            if let Some(exclusion) = index.exclusion.as_ref().filter(|_| after.has(row)) {
                exclusion.written(table, index, run, (after, row), id)?;
            }
            continue;
        }
        let old = index.entry(before, row, id)?;
        let new = index.entry(after, row, id)?;
        if old == new {
            continue;
        }
        let same_key = matches!((&old, &new), (Some(old), Some(new)) if old.key() == new.key());
        if let (Some(old), false) = (&old, same_key) {
            run.world.transaction.delete(index.tree, old.key())?;
        }
        match &new {
            Some(new) if same_key => run.world.transaction.put(index.tree, new.key(), new.value())?,
            Some(new) => put_entry(table, index, run, after, row, new, id)?,
            None => {}
        }
        if let Some(exclusion) = index.exclusion.as_ref().filter(|_| new.is_some()) {
            exclusion.written(table, index, run, (after, row), id)?;
        }
    }
    Ok(())
}

/// Writes what a row that is written anew has in an index that is not in order, where it differs.
fn rewrite_entries(
    index: &Index,
    run: &mut Run<'_, '_>,
    (before, after): (&Entries, &Entries),
    row: usize,
    id: i64,
) -> ExecuteResult<()> {
    // Both ascend.
    let (old, new) = (index.entries_of(before, row, id)?, index.entries_of(after, row, id)?);
    let among = |entry: &Entry, others: &[Entry]| {
        others.binary_search_by(|other| other.key().cmp(entry.key())).is_ok()
    };
    for entry in old.iter().filter(|entry| !among(entry, &new)) {
        run.world.transaction.delete(index.tree, entry.key())?;
    }
    for entry in new.iter().filter(|entry| !among(entry, &old)) {
        run.world.transaction.put(index.tree, entry.key(), entry.value())?;
    }
    Ok(())
}

/// Removes a row that is locked, and its entries.
pub fn delete_row(
    table: &Table,
    run: &mut Run<'_, '_>,
    entries: &[Entries],
    row: usize,
    id: i64,
) -> ExecuteResult<()> {
    let mut found: Vec<(TreeId, Entry)> = Vec::with_capacity(entries.len());
    for (index, entries) in table.indexes.iter().zip(entries) {
        let own = index.entries_of(entries, row, id)?;
        found.extend(own.into_iter().map(|entry| (index.tree, entry)));
    }
    let entries = found.iter().map(|(tree, entry)| (*tree, entry.key()));
    // One that is gone has no entries any more.
    run.world.transaction.delete_row(table.tree(), &id.to_be_bytes(), entries)?;
    Ok(())
}
