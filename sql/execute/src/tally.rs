//! What statements have read and changed of tables and indexes, and which functions they have called, counted for whoever tells
//! of it.
//!
//! What is undone afterwards is counted all the same, as in PostgreSQL; but how many rows are there is told by what a transaction
//! keeps. So rows that were changed are counted apart, by table and savepoint, until the transaction ends.

use std::collections::BTreeMap;
use std::time::Duration;

/// What was done with a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableCounts {
    /// How often it was gone through from end to end, and rows that were read so.
    pub scans: u64,
    /// The same.
    pub rows_scanned: u64,
    /// Rows that were read because several entries of indexes were put together.
    pub rows_fetched: u64,
    /// Rows that were inserted, written anew, and removed, by whatever came of it.
    pub inserted: u64,
    /// The same.
    pub updated: u64,
    /// The same.
    pub deleted: u64,
    /// Rows that transactions changed which were committed.
    pub changed: u64,
    /// By how many there are more rows, since the table was emptied if it was.
    pub live: i64,
    /// By how many there are more rows that nobody will see any more.
    pub dead: i64,
    /// Whether it was emptied.
    pub emptied: bool,
}

/// What was done with an index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexCounts {
    /// How often keys were looked for.
    pub scans: u64,
    /// Entries that were read.
    pub entries: u64,
    /// Rows that were read because of them, one by one.
    pub rows_fetched: u64,
}

/// How a function was called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FunctionCounts {
    /// How often; a call that failed does not count.
    pub calls: u64,
    /// How long that took, a call within a call of its own once.
    pub total: Duration,
    /// The same without calls of others.
    pub own: Duration,
}

/// Functions whose calls are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Followed {
    /// None.
    #[default]
    None,
    /// Those in a procedural language.
    Procedural,
    /// Those in SQL, too.
    All,
}

impl TableCounts {
    /// Adds what was done later.
    pub fn add(&mut self, later: &TableCounts) {
        self.scans += later.scans;
        self.rows_scanned += later.rows_scanned;
        self.rows_fetched += later.rows_fetched;
        self.inserted += later.inserted;
        self.updated += later.updated;
        self.deleted += later.deleted;
        self.changed += later.changed;
        if later.emptied {
            (self.live, self.dead, self.emptied) = (0, 0, true);
        }
        self.live += later.live;
        self.dead += later.dead;
    }
}

impl IndexCounts {
    /// Adds what was done later.
    pub fn add(&mut self, later: &IndexCounts) {
        self.scans += later.scans;
        self.entries += later.entries;
        self.rows_fetched += later.rows_fetched;
    }
}

impl FunctionCounts {
    /// Adds later calls.
    pub fn add(&mut self, later: &FunctionCounts) {
        self.calls += later.calls;
        self.total += later.total;
        self.own += later.own;
    }
}

/// Rows of a table that a transaction has changed since a savepoint.
#[derive(Debug, Clone, Copy, Default)]
struct Changed {
    inserted: u64,
    updated: u64,
    deleted: u64,
}

impl Changed {
    fn add(&mut self, later: Changed) {
        self.inserted += later.inserted;
        self.updated += later.updated;
        self.deleted += later.deleted;
    }
}

#[derive(Debug)]
struct Change {
    table: u32,
    /// How many savepoints it stands within.
    level: u32,
    counts: Changed,
    /// What was counted before the table was emptied, if it was.
    before: Option<Changed>,
}

/// A call that is counted when it is over.
#[derive(Debug)]
pub struct CountedCall {
    function: u32,
    /// How many calls stood around it.
    place: usize,
    began: Duration,
    /// How long others had taken that were called within calls.
    inner: Duration,
}

/// What was done since it was asked for last: of the few tables and indexes of a statement.
#[derive(Debug, Default)]
pub struct Tally {
    tables: Vec<(u32, TableCounts)>,
    indexes: Vec<(u64, IndexCounts)>,
    functions: Vec<(u32, FunctionCounts)>,
    /// What the transaction has changed, the innermost levels last.
    changes: Vec<Change>,
    level: u32,
    /// Which functions run, the innermost last, and how long calls have taken that were counted.
    running: Vec<u32>,
    inner: Duration,
    followed: Followed,
    folds: bool,
    /// Whether tables are not to be counted, and what is written over then.
    blind: bool,
    unseen: (TableCounts, IndexCounts),
}

fn entry<K: PartialEq + Copy, V: Default>(entries: &mut Vec<(K, V)>, key: K) -> &mut V {
    let place = entries.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
        entries.push((key, V::default()));
        entries.len() - 1
    });
    &mut entries[place].1
}

impl Tally {
    /// What is to be counted from now on: whether tables are, and which functions.
    pub fn follow(&mut self, tables: bool, functions: Followed) {
        (self.blind, self.followed) = (!tables, functions);
    }

    /// Adds what another has counted that has changed nothing.
    pub fn take_in(&mut self, other: Tally) {
        for (table, counts) in other.tables {
            self.table(table).add(&counts);
        }
        for (tree, counts) in other.indexes {
            self.index(tree).add(&counts);
        }
    }

    /// What is counted of a table that is read, by its number.
    pub fn table(&mut self, table: u32) -> &mut TableCounts {
        if self.blind { &mut self.unseen.0 } else { entry(&mut self.tables, table) }
    }

    /// What is counted of an index, by its tree.
    pub fn index(&mut self, tree: u64) -> &mut IndexCounts {
        if self.blind { &mut self.unseen.1 } else { entry(&mut self.indexes, tree) }
    }

    /// One key was looked for in an index, and so many rows were read because of it.
    pub fn looked_up(&mut self, tree: u64, rows: u64) {
        let counts = self.index(tree);
        counts.scans += 1;
        counts.entries += rows;
        counts.rows_fetched += rows;
    }

    /// Rows were inserted.
    pub fn inserted(&mut self, table: u32, rows: u64) {
        self.change(table, |counts| counts.inserted += rows);
    }

    /// Rows were written anew.
    pub fn updated(&mut self, table: u32, rows: u64) {
        self.change(table, |counts| counts.updated += rows);
    }

    /// Rows were removed.
    pub fn deleted(&mut self, table: u32, rows: u64) {
        self.change(table, |counts| counts.deleted += rows);
    }

    /// A table was emptied.
    pub fn emptied(&mut self, table: u32) {
        if !self.blind {
            self.of(table, self.level).empty();
        }
    }

    fn change(&mut self, table: u32, count: impl FnOnce(&mut Changed)) {
        if !self.blind {
            count(&mut self.of(table, self.level).counts);
        }
    }

    /// What is counted of a table at a level: none is deeper.
    fn of(&mut self, table: u32, level: u32) -> &mut Change {
        let found = self.changes.iter().rposition(|change| (change.table, change.level) == (table, level));
        let place = found.unwrap_or_else(|| {
            self.changes.push(Change { table, level, counts: Changed::default(), before: None });
            self.changes.len() - 1
        });
        &mut self.changes[place]
    }

    /// How many savepoints are set.
    pub fn level(&self) -> u32 {
        self.level
    }

    /// Another savepoint is set.
    pub fn enter(&mut self) {
        self.level += 1;
    }

    /// Savepoints are released until so many are left.
    pub fn keep_to(&mut self, level: u32) {
        while let Some(deepest) = self.changes.last().map(|change| change.level).filter(|of| *of > level) {
            let first = self.changes.partition_point(|change| change.level < deepest);
            for change in self.changes.split_off(first) {
                let above = |known: &&mut Change| (known.table, known.level) == (change.table, deepest - 1);
                match self.changes.iter_mut().rev().find(above) {
                    Some(known) => known.take_in(&change),
                    None => self.changes.push(Change { level: deepest - 1, ..change }),
                }
            }
        }
        self.level = level;
    }

    /// What was done is undone until so many savepoints are left.
    pub fn undo_to(&mut self, level: u32) {
        let first = self.changes.partition_point(|change| change.level <= level);
        for change in self.changes.split_off(first) {
            let counts = change.before.unwrap_or(change.counts);
            let table = entry(&mut self.tables, change.table);
            table.count(counts);
            // Nobody will see what was written; what was removed stays.
            table.dead += difference(counts.inserted + counts.updated, 0);
        }
        self.level = level;
    }

    /// The transaction is over.
    pub fn end(&mut self, committed: bool) {
        self.running.clear();
        if !committed && !self.changes.is_empty() {
            for change in &mut self.changes {
                change.level = 1;
            }
            self.undo_to(0);
        }
        self.keep_to(0);
        for change in self.changes.drain(..) {
            let Change { table, counts, before, .. } = change;
            let table = entry(&mut self.tables, table);
            table.count(counts);
            if before.is_some() {
                (table.live, table.dead, table.emptied) = (0, 0, true);
            }
            table.live += difference(counts.inserted, counts.deleted);
            table.dead += difference(counts.updated + counts.deleted, 0);
            table.changed += counts.inserted + counts.updated + counts.deleted;
        }
    }

    /// What is counted of a table, what the transaction has changed included.
    pub fn known_of_table(&self, table: u32) -> TableCounts {
        let mut counts = self.tables.iter().find(|(of, _)| *of == table).map(|(_, counts)| *counts);
        for change in self.changes.iter().filter(|change| change.table == table) {
            counts.get_or_insert_default().count(change.counts);
        }
        counts.unwrap_or_default()
    }

    /// What is counted of an index.
    pub fn known_of_index(&self, tree: u64) -> IndexCounts {
        let found = self.indexes.iter().find(|(of, _)| *of == tree);
        found.map(|(_, counts)| *counts).unwrap_or_default()
    }

    /// What is counted of a function, if it was called.
    pub fn known_of_function(&self, function: u32) -> Option<FunctionCounts> {
        self.functions.iter().find(|(of, _)| *of == function).map(|(_, counts)| *counts)
    }

    /// Whether calls of a function are counted that is in SQL, or in a procedural language.
    pub fn follows(&self, procedural: bool) -> bool {
        match self.followed {
            Followed::None => false,
            Followed::Procedural => procedural,
            Followed::All => true,
        }
    }

    /// Whether what is called is computed beforehand, by the planner: a function that stands for its expression is called then.
    pub fn fold(&mut self, folds: bool) {
        self.folds = folds;
    }

    /// See [`Tally::fold`].
    pub fn folds(&self) -> bool {
        self.folds
    }

    /// A function is called; whether it is the first call of it.
    pub fn begin_call(&mut self, function: u32, now: Duration) -> (CountedCall, bool) {
        let known = self.functions.iter().any(|(of, _)| *of == function);
        if !known {
            self.functions.push((function, FunctionCounts::default()));
        }
        let call = CountedCall { function, place: self.running.len(), began: now, inner: self.inner };
        self.running.push(function);
        (call, !known)
    }

    /// It is over; one that has failed is not counted.
    pub fn end_call(&mut self, call: &CountedCall, now: Duration, good: bool) {
        let around = self.running.get(..call.place).unwrap_or_default().contains(&call.function);
        self.running.truncate(call.place);
        if !good {
            return;
        }
        let took = now.saturating_sub(call.began);
        let others = self.inner.saturating_sub(call.inner);
        self.inner = call.inner + took;
        let counts = entry(&mut self.functions, call.function);
        counts.calls += 1;
        counts.own += took.saturating_sub(others);
        if !around {
            counts.total += took;
        }
    }

    /// Whether there is nothing to be taken.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.indexes.is_empty() && self.functions.is_empty()
    }
}

/// One number less another.
fn difference(more: u64, less: u64) -> i64 {
    more.cast_signed().wrapping_sub(less.cast_signed())
}

impl Change {
    /// The table is emptied.
    fn empty(&mut self) {
        self.before.get_or_insert(self.counts);
        self.counts = Changed::default();
    }

    /// What was done within a savepoint is kept.
    fn take_in(&mut self, inner: &Change) {
        match inner.before {
            Some(_) => {
                self.empty();
                self.counts = inner.counts;
            }
            None => self.counts.add(inner.counts),
        }
    }
}

impl TableCounts {
    /// Counts rows that were changed, whatever comes of it.
    fn count(&mut self, changed: Changed) {
        self.inserted += changed.inserted;
        self.updated += changed.updated;
        self.deleted += changed.deleted;
    }
}

/// What was done in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// By the numbers of tables.
    pub tables: BTreeMap<u32, TableCounts>,
    /// By the trees of indexes.
    pub indexes: BTreeMap<u64, IndexCounts>,
    /// By the numbers of functions.
    pub functions: BTreeMap<u32, FunctionCounts>,
}

impl Totals {
    /// Adds what was done, which is forgotten there. What a transaction has changed stays until it ends.
    pub fn take(&mut self, tally: &mut Tally) {
        for (table, counts) in tally.tables.drain(..) {
            self.tables.entry(table).or_default().add(&counts);
        }
        for (tree, counts) in tally.indexes.drain(..) {
            self.indexes.entry(tree).or_default().add(&counts);
        }
        for (function, counts) in tally.functions.drain(..) {
            self.functions.entry(function).or_default().add(&counts);
        }
    }

    /// Whether nothing was done.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.indexes.is_empty() && self.functions.is_empty()
    }

    /// All tables together.
    pub fn all_tables(&self) -> TableCounts {
        let mut all = TableCounts::default();
        self.tables.values().for_each(|counts| all.add(counts));
        all
    }

    /// All indexes together.
    pub fn all_indexes(&self) -> IndexCounts {
        let mut all = IndexCounts::default();
        self.indexes.values().for_each(|counts| all.add(counts));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of table 7 when all was taken: rows inserted, updated, deleted, live, dead, changed.
    fn told(tally: &mut Tally) -> (u64, u64, u64, i64, i64, u64) {
        let mut totals = Totals::default();
        totals.take(tally);
        assert!(tally.is_empty());
        let of = totals.tables.get(&7).copied().unwrap_or_default();
        (of.inserted, of.updated, of.deleted, of.live, of.dead, of.changed)
    }

    #[test]
    fn what_is_taken_is_added_and_begins_anew() {
        let (mut tally, mut totals) = (Tally::default(), Totals::default());
        for _ in 0..2 {
            tally.inserted(7, 2);
            tally.looked_up(9, 3);
            tally.looked_up(9, 0);
            tally.end(true);
            totals.take(&mut tally);
            assert!(tally.is_empty());
        }
        let all = totals.all_tables();
        assert_eq!((all.inserted, all.live, all.changed), (4, 4, 4));
        assert_eq!(totals.all_indexes(), IndexCounts { scans: 4, entries: 6, rows_fetched: 6 });
    }

    #[test]
    fn rows_count_by_what_comes_of_their_transaction() {
        let mut tally = Tally::default();
        tally.inserted(7, 3);
        tally.updated(7, 2);
        tally.deleted(7, 1);
        assert_eq!(tally.known_of_table(7).inserted, 3);
        tally.end(false);
        assert_eq!(told(&mut tally), (3, 2, 1, 0, 5, 0));
        tally.inserted(7, 3);
        tally.updated(7, 2);
        tally.deleted(7, 1);
        tally.end(true);
        assert_eq!(told(&mut tally), (3, 2, 1, 2, 3, 6));
    }

    #[test]
    fn savepoints_keep_or_undo_what_came_since() {
        let mut tally = Tally::default();
        tally.updated(7, 1);
        tally.enter();
        tally.emptied(7);
        tally.inserted(7, 3);
        tally.enter();
        tally.deleted(7, 1);
        tally.undo_to(1);
        tally.keep_to(0);
        tally.deleted(7, 1);
        tally.end(true);
        // Emptied: of what came before nothing is live or dead, and what was undone at once is forgotten with it.
        assert_eq!(told(&mut tally), (3, 0, 2, 2, 1, 4));
        tally.updated(7, 1);
        tally.enter();
        tally.emptied(7);
        tally.inserted(7, 3);
        tally.undo_to(0);
        tally.end(true);
        assert_eq!(told(&mut tally), (0, 1, 0, 0, 1, 1));
    }

    #[test]
    fn a_call_within_a_call_is_timed_once() {
        let mut tally = Tally::default();
        let at = Duration::from_millis;
        let (outer, first) = tally.begin_call(1, at(0));
        assert!(first);
        let (inner, _) = tally.begin_call(2, at(1));
        tally.end_call(&inner, at(4), true);
        let (again, first) = tally.begin_call(1, at(5));
        assert!(!first);
        tally.end_call(&again, at(7), true);
        let (failed, _) = tally.begin_call(2, at(7));
        tally.end_call(&failed, at(8), false);
        tally.end_call(&outer, at(10), true);
        let counts = |calls, total, own| FunctionCounts { calls, total: at(total), own: at(own) };
        assert_eq!(tally.known_of_function(1), Some(counts(2, 10, 7)));
        assert_eq!(tally.known_of_function(2), Some(counts(1, 3, 3)));
    }
}
