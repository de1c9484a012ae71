//! What a session sees of what is known to all: as it is, as it was when it was asked for first within a transaction, or as all
//! of it was then (`stats_fetch_consistency`).

use super::shared::{Entry, Key};
use super::{DatabaseEntry, TableEntry, Told};
use crate::engine::now;
use crate::system::Live;
use catalog::object::{Index, is_temporary};
use catalog::{Oid, Scope, Snapshot};
use datetime::TimestampTz;
use execute::{FunctionCounts, IndexCounts, TableCounts};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::DatabaseId;

/// `stats_fetch_consistency`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fetch {
    /// Whatever is known now.
    None,
    /// What is asked for again is told again.
    #[default]
    Cache,
    /// Everything as it was when something was asked for first.
    Snapshot,
}

/// What a transaction has seen.
#[derive(Default)]
pub(crate) struct Reading {
    fetch: Fetch,
    entries: BTreeMap<(DatabaseId, Key), Option<Entry>>,
    told: Option<Told>,
    /// When all of it was taken.
    taken: Option<TimestampTz>,
}

impl Reading {
    /// The transaction is over, or what was seen is to be forgotten.
    pub fn clear(&mut self) {
        if !self.entries.is_empty() || self.told.is_some() || self.taken.is_some() {
            *self = Reading::default();
        }
    }

    /// What was seen in another way is not seen any more.
    fn begin(&mut self, fetch: Fetch) {
        if self.fetch != fetch {
            self.clear();
            self.fetch = fetch;
        }
    }
}

/// Looks at it.
pub(crate) struct Reader<'r> {
    live: Live<'r>,
    scope: &'r Scope,
    fetch: Fetch,
    committed: OnceCell<Option<Arc<Snapshot>>>,
    /// Whether what resting sessions have counted was taken: once for all that is looked at in one go.
    taken_idle: OnceCell<()>,
}

impl<'r> Reader<'r> {
    /// In a session that sees a catalog so.
    pub fn new(live: Live<'r>, scope: &'r Scope, fetch: Fetch) -> Reader<'r> {
        Reader { live, scope, fetch, committed: OnceCell::new(), taken_idle: OnceCell::new() }
    }

    fn database(&self) -> DatabaseId {
        self.live.store.1
    }

    fn session(&self) -> u64 {
        self.live.store.0.id().0
    }

    /// Whether there is an object of this number: one that is committed, or of the session's own.
    fn exists(&self, oid: Oid) -> bool {
        let engine = self.live.engine;
        let committed = || engine.catalogs.committed(&engine.store, self.database()).ok();
        let is_there = |catalog: &Arc<Snapshot>| catalog.object(oid).is_some();
        (!is_temporary(oid) && self.committed.get_or_init(committed).as_ref().is_some_and(is_there))
            || self.scope.object(oid).is_some()
    }

    fn take_idle(&self) {
        self.taken_idle.get_or_init(|| self.live.engine.hand_on_idle());
    }

    fn is_told(&self, key: Key) -> bool {
        match key {
            Key::Database | Key::Index(..) => true,
            Key::Table(_, oid) | Key::Function(_, oid) => self.exists(oid),
        }
    }

    /// What is known now.
    pub fn newest(&self, database: DatabaseId, key: Key) -> Option<Entry> {
        self.take_idle();
        self.live.engine.statistics.entry(database, key).filter(|_| self.is_told(key))
    }

    /// Does something with what the transaction has seen, if that is kept.
    fn with_kept<R>(&self, what: impl FnOnce(&mut Reading) -> R) -> Option<R> {
        let mut transient = self.live.lent?.transient.try_borrow_mut().ok()?;
        transient.reading.begin(self.fetch);
        match self.fetch {
            Fetch::None => None,
            Fetch::Cache => Some(what(&mut transient.reading)),
            Fetch::Snapshot => {
                let reading = &mut transient.reading;
                if reading.taken.is_none() {
                    self.take_all(reading);
                }
                Some(what(reading))
            }
        }
    }

    fn take_all(&self, reading: &mut Reading) {
        let engine = self.live.engine;
        self.take_idle();
        let mut all = engine.statistics.all(self.database());
        all.retain(|key, _| self.is_told(key.1));
        (reading.entries, reading.told) = (all, Some(engine.statistics.told()));
        reading.taken = Some(now(&*engine.env));
    }

    fn entry(&self, database: DatabaseId, key: Key) -> Option<Entry> {
        let kept = self.with_kept(|reading| match self.fetch {
            Fetch::Snapshot => reading.entries.get(&(database, key)).copied().flatten(),
            Fetch::Cache | Fetch::None => {
                *reading.entries.entry((database, key)).or_insert_with(|| self.newest(database, key))
            }
        });
        kept.unwrap_or_else(|| self.newest(database, key))
    }

    /// When all that is seen was taken, if it was.
    pub fn taken(&self) -> Option<TimestampTz> {
        let mut transient = self.live.lent?.transient.try_borrow_mut().ok()?;
        transient.reading.begin(self.fetch);
        transient.reading.taken
    }

    /// Forgets what was seen.
    pub fn clear(&self) {
        if let Some(lent) = self.live.lent
            && let Ok(mut transient) = lent.transient.try_borrow_mut()
        {
            transient.reading.clear();
        }
    }

    /// The key of a relation: of an index if there is one of this number, else of a table, whether there is one or not.
    pub fn key_of(&self, oid: Oid) -> Key {
        match self.scope.index(oid) {
            Some(index) => Key::index(self.session(), index.tree),
            None => Key::table(self.session(), oid),
        }
    }

    /// The key of a function.
    pub fn key_of_function(&self, oid: Oid) -> Key {
        Key::function(self.session(), oid)
    }

    /// Of a table.
    pub fn table(&self, oid: Oid) -> Option<TableEntry> {
        match self.entry(self.database(), Key::table(self.session(), oid)) {
            Some(Entry::Table(entry)) => Some(entry),
            Some(Entry::Database(_) | Entry::Index(_) | Entry::Function(_)) | None => None,
        }
    }

    /// How many rows a table has: by what was counted, or where that was not from the first on, as they are counted now.
    pub fn live_rows(&self, table: Oid) -> u64 {
        let (entry, engine) = (self.table(table), self.live.engine);
        match entry.map(|entry| entry.live) {
            Some(Some(live)) => live,
            None if engine.statistics.is_new(self.database(), table) => 0,
            Some(None) | None => engine.rows_of(self.database(), table).unwrap_or(0),
        }
    }

    /// Of an index.
    pub fn index(&self, index: &Index) -> IndexCounts {
        match self.entry(self.database(), Key::index(self.session(), index.tree)) {
            Some(Entry::Index(entry)) => entry,
            Some(Entry::Database(_) | Entry::Table(_) | Entry::Function(_)) | None => IndexCounts::default(),
        }
    }

    /// Of a function, if it was called.
    pub fn function(&self, oid: Oid) -> Option<FunctionCounts> {
        match self.entry(self.database(), Key::function(self.session(), oid)) {
            Some(Entry::Function(entry)) => Some(entry),
            Some(Entry::Database(_) | Entry::Table(_) | Entry::Index(_)) | None => None,
        }
    }

    /// Of a database.
    pub fn of_database(&self, database: DatabaseId) -> DatabaseEntry {
        match self.entry(database, Key::Database) {
            Some(Entry::Database(entry)) => entry,
            Some(Entry::Table(_) | Entry::Index(_) | Entry::Function(_)) | None => DatabaseEntry::default(),
        }
    }

    /// Of what was told.
    pub fn told(&self) -> Told {
        let newest = || {
            self.take_idle();
            self.live.engine.statistics.told()
        };
        self.with_kept(|reading| *reading.told.get_or_insert_with(newest)).unwrap_or_else(newest)
    }

    /// What the session itself has counted of a table and not handed on.
    pub fn own_table(&self, oid: Oid) -> TableCounts {
        if !self.exists(oid) {
            return TableCounts::default();
        }
        let mut counts = self.put_down(|totals| totals.tables.get(&oid).copied()).unwrap_or_default();
        counts.add(&self.live.tally.borrow().known_of_table(oid));
        counts
    }

    /// The same of an index.
    pub fn own_index(&self, index: &Index) -> IndexCounts {
        let mut counts = self.put_down(|totals| totals.indexes.get(&index.tree).copied()).unwrap_or_default();
        counts.add(&self.live.tally.borrow().known_of_index(index.tree));
        counts
    }

    /// The same of a function, if it was called.
    pub fn own_function(&self, oid: Oid) -> Option<FunctionCounts> {
        let before = self.put_down(|totals| totals.functions.get(&oid).copied());
        let now = self.live.tally.borrow().known_of_function(oid);
        if (before.is_none() && now.is_none()) || !self.exists(oid) {
            return None;
        }
        let mut counts = before.unwrap_or_default();
        counts.add(&now.unwrap_or_default());
        Some(counts)
    }

    fn put_down<R>(&self, find: impl FnOnce(&execute::Totals) -> Option<R>) -> Option<R> {
        find(&self.live.lent?.presence.activity.lock().counts.totals)
    }
}
