//! What is known to all sessions: an entry for each table, index, function and database that something was counted of.

use super::Counts;
use crate::labels::STATISTICS_LOCK;
use catalog::object::{Object, is_temporary};
use catalog::{Oid, Snapshot};
use datetime::TimestampTz;
use env::sync::Mutex;
use execute::{FunctionCounts, IndexCounts, TableCounts};
use std::collections::{BTreeMap, BTreeSet};
use store::{DatabaseId, Store, TreeId};

/// Of what something is counted. What is temporary is a session's, by the number that users know it by; else that is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Database,
    Table(u64, Oid),
    /// By its tree.
    Index(u64, u64),
    Function(u64, Oid),
}

impl Key {
    pub fn table(session: u64, table: Oid) -> Key {
        Key::Table(if is_temporary(table) { session } else { 0 }, table)
    }

    pub fn index(session: u64, tree: u64) -> Key {
        Key::Index(if store::is_temporary(TreeId(tree)) { session } else { 0 }, tree)
    }

    pub fn function(session: u64, function: Oid) -> Key {
        Key::Function(if is_temporary(function) { session } else { 0 }, function)
    }

    fn session(self) -> u64 {
        match self {
            Key::Database => 0,
            Key::Table(session, _) | Key::Index(session, _) | Key::Function(session, _) => session,
        }
    }
}

/// What was counted of one of them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry {
    Database(DatabaseEntry),
    Table(TableEntry),
    Index(IndexCounts),
    Function(FunctionCounts),
}

/// Of a database.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DatabaseEntry {
    pub tables: TableCounts,
    pub indexes: IndexCounts,
    pub commits: u64,
    pub rollbacks: u64,
    pub deadlocks: u64,
    /// Sessions that have come.
    pub come: u64,
    /// When somebody let it begin anew.
    pub reset: Option<TimestampTz>,
}

/// Of a table.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TableEntry {
    /// What was read and changed.
    pub counts: TableCounts,
    /// Rows that are there; none where they were not counted from the first on.
    pub live: Option<u64>,
    /// Rows that nobody sees any more, as PostgreSQL would have to clear them away.
    pub dead: u64,
    /// Rows that were changed since the last ANALYZE, and inserted since the last VACUUM.
    pub changed: u64,
    pub inserted: u64,
    /// When it was looked after last, and how often.
    pub analyzed: Option<TimestampTz>,
    pub analyses: u64,
    pub vacuumed: Option<TimestampTz>,
    pub vacuums: u64,
}

impl TableEntry {
    fn add(&mut self, counts: &TableCounts) {
        self.counts.add(counts);
        if counts.emptied {
            (self.live, self.dead, self.inserted) = (Some(0), 0, 0);
        }
        self.live = self.live.map(|live| live.saturating_add_signed(counts.live));
        self.dead = self.dead.saturating_add_signed(counts.dead);
        self.changed += counts.changed;
        self.inserted += counts.inserted;
    }
}

/// What was told by NOTIFY.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Told {
    /// Pages that it has begun to fill.
    pub pages: u64,
    /// Since when that is counted, if somebody let it begin anew.
    pub reset: Option<TimestampTz>,
}

/// What the log had done.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Logged {
    pub records: u64,
    pub bytes: u64,
    pub writes: u64,
    pub syncs: u64,
}

impl Logged {
    /// Since the store was opened.
    pub fn by(store: &Store) -> Logged {
        let log = store.statistics().log.unwrap_or_default();
        let (records, bytes) = (log.records, log.payload_bytes);
        Logged { records, bytes, writes: log.groups, syncs: log.syncs }
    }

    /// Since it had done so much.
    pub fn since(self, before: Logged) -> Logged {
        Logged {
            records: self.records.saturating_sub(before.records),
            bytes: self.bytes.saturating_sub(before.bytes),
            writes: self.writes.saturating_sub(before.writes),
            syncs: self.syncs.saturating_sub(before.syncs),
        }
    }
}

/// When figures were let begin anew, and what the log had done until then.
type SharedReset = (TimestampTz, Logged);

/// What is known to all.
pub(crate) struct Statistics {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    entries: BTreeMap<(DatabaseId, Key), Entry>,
    told: Told,
    /// The first number of a table that was made since sessions have come to a database.
    first: BTreeMap<DatabaseId, Oid>,
    /// How many entries there were of a database when it was swept last.
    swept: BTreeMap<DatabaseId, usize>,
    /// When figures of the server as a whole were let begin anew, by their names.
    resets: BTreeMap<&'static str, SharedReset>,
}

/// So many entries of a database are kept before anybody looks whether objects are gone.
const FEW: usize = 4096;

impl Default for Statistics {
    fn default() -> Statistics {
        Statistics { known: Mutex::new(&STATISTICS_LOCK, Known::default()) }
    }
}

impl Known {
    /// What is known of a database, in which this is changed.
    fn change_database(&mut self, database: DatabaseId, change: impl FnOnce(&mut DatabaseEntry)) {
        let new = || Entry::Database(DatabaseEntry::default());
        let entry = self.entries.entry((database, Key::Database)).or_insert_with(new);
        if let Entry::Database(entry) = entry {
            change(entry);
        }
    }

    fn table(&mut self, (database, session): (DatabaseId, u64), table: Oid) -> Option<&mut TableEntry> {
        let first = self.first.get(&database).copied().unwrap_or(Oid::MAX);
        let new = || {
            let live = (table >= first).then_some(0);
            Entry::Table(TableEntry { live, ..TableEntry::default() })
        };
        match self.entries.entry((database, Key::table(session, table))).or_insert_with(new) {
            Entry::Table(entry) => Some(entry),
            Entry::Database(_) | Entry::Index(_) | Entry::Function(_) => None,
        }
    }

    fn of(&self, database: DatabaseId) -> impl Iterator<Item = (&(DatabaseId, Key), &Entry)> {
        self.entries.range((database, Key::Database)..).take_while(move |((of, _), _)| *of == database)
    }
}

impl Statistics {
    /// A session comes to a database. Answers whether nothing is known yet of the numbers of its objects.
    pub fn come(&self, database: DatabaseId) -> bool {
        let mut known = self.known.lock();
        known.change_database(database, |entry| entry.come += 1);
        !known.first.contains_key(&database)
    }

    /// The objects that are there when the first session comes have smaller numbers than this one.
    pub fn begin(&self, database: DatabaseId, first: Oid) {
        self.known.lock().first.entry(database).or_insert(first);
    }

    /// A session goes: nobody else knows of what was temporary.
    pub fn leave(&self, database: DatabaseId, session: u64) {
        let mut known = self.known.lock();
        let own = |key: &(DatabaseId, Key)| key.1.session() == session && session != 0;
        let gone: Vec<_> = known.of(database).map(|(key, _)| *key).filter(own).collect();
        for key in gone {
            known.entries.remove(&key);
        }
    }

    /// Adds what a session has counted.
    pub fn add(&self, (database, session): (DatabaseId, u64), counts: &Counts) {
        let mut known = self.known.lock();
        for (table, counts) in &counts.totals.tables {
            if let Some(entry) = known.table((database, session), *table) {
                entry.add(counts);
            }
        }
        for (tree, counts) in &counts.totals.indexes {
            let key = (database, Key::index(session, *tree));
            if let Entry::Index(entry) =
                known.entries.entry(key).or_insert_with(|| Entry::Index(IndexCounts::default()))
            {
                entry.add(counts);
            }
        }
        for (function, counts) in &counts.totals.functions {
            let key = (database, Key::function(session, *function));
            if let Entry::Function(entry) =
                known.entries.entry(key).or_insert_with(|| Entry::Function(FunctionCounts::default()))
            {
                entry.add(counts);
            }
        }
        known.change_database(database, |entry| {
            entry.tables.add(&counts.totals.all_tables());
            entry.indexes.add(&counts.totals.all_indexes());
            entry.commits += counts.commits;
            entry.rollbacks += counts.rollbacks;
            entry.deadlocks += counts.deadlocks;
        });
        known.told.pages += counts.pages_told;
    }

    /// A function's calls are counted from now on.
    pub fn know_function(&self, (database, session): (DatabaseId, u64), function: Oid) {
        let key = (database, Key::function(session, function));
        let mut known = self.known.lock();
        known.entries.entry(key).or_insert_with(|| Entry::Function(FunctionCounts::default()));
    }

    /// A table was analysed, or vacuumed.
    pub fn note_care(
        &self,
        who: (DatabaseId, u64),
        table: Oid,
        (at, analyzed, rows): (TimestampTz, bool, Option<u64>),
    ) {
        let mut known = self.known.lock();
        let Some(entry) = known.table(who, table) else { return };
        entry.live = rows.or(entry.live);
        if analyzed {
            (entry.analyzed, entry.changed) = (Some(at), 0);
            entry.analyses += 1;
        } else {
            (entry.vacuumed, entry.dead, entry.inserted) = (Some(at), 0, 0);
            entry.vacuums += 1;
        }
    }

    /// What is known of something now.
    pub fn entry(&self, database: DatabaseId, key: Key) -> Option<Entry> {
        self.known.lock().entries.get(&(database, key)).copied()
    }

    /// All that is known of a database, and of the others as wholes.
    pub fn all(&self, database: DatabaseId) -> BTreeMap<(DatabaseId, Key), Option<Entry>> {
        let known = self.known.lock();
        let seen = |key: &(DatabaseId, Key)| key.0 == database || key.1 == Key::Database;
        let all = known.entries.iter().filter(|(key, _)| seen(key));
        all.map(|(key, entry)| (*key, Some(*entry))).collect()
    }

    /// What was told.
    pub fn told(&self) -> Told {
        self.known.lock().told
    }

    /// Databases as wholes.
    pub fn databases(&self) -> Vec<DatabaseEntry> {
        let known = self.known.lock();
        let entries = known.entries.values().filter_map(|entry| match entry {
            Entry::Database(entry) => Some(*entry),
            Entry::Table(_) | Entry::Index(_) | Entry::Function(_) => None,
        });
        entries.collect()
    }

    /// Whether a table has been counted from its first row on, where there is no entry for it.
    pub fn is_new(&self, database: DatabaseId, table: Oid) -> bool {
        self.known.lock().first.get(&database).is_some_and(|first| table >= *first)
    }

    /// All of a database begins anew.
    pub fn reset(&self, database: DatabaseId, at: TimestampTz) {
        let mut known = self.known.lock();
        let keys: Vec<_> = known.of(database).map(|(key, _)| *key).collect();
        for key in keys {
            if let Some(entry) = known.entries.get_mut(&key) {
                entry.clear();
            }
        }
        known.first.insert(database, 0);
        known.change_database(database, |entry| entry.reset = Some(at));
    }

    /// One entry begins anew.
    pub fn reset_one(&self, database: DatabaseId, key: Key, at: TimestampTz) {
        let mut known = self.known.lock();
        if let Some(entry) = known.entries.get_mut(&(database, key)) {
            entry.clear();
            known.change_database(database, |entry| entry.reset = Some(at));
        }
    }

    /// What was told begins anew.
    pub fn reset_told(&self, at: TimestampTz) {
        self.known.lock().told = Told { pages: 0, reset: Some(at) };
    }

    /// Figures of the server as a whole begin anew.
    pub fn reset_shared(&self, name: &'static str, reset: SharedReset) {
        self.known.lock().resets.insert(name, reset);
    }

    /// When they did.
    pub fn shared_reset(&self, name: &'static str) -> Option<SharedReset> {
        self.known.lock().resets.get(name).copied()
    }

    /// Whether there may be many entries of what is gone.
    pub fn is_full(&self, database: DatabaseId) -> bool {
        let known = self.known.lock();
        if known.entries.len() < FEW {
            return false;
        }
        let before = known.swept.get(&database).copied().unwrap_or(0);
        known.of(database).count() >= FEW.max(before.saturating_mul(2))
    }

    /// Forgets what belonged to objects that a catalog has no more.
    pub fn sweep(&self, database: DatabaseId, catalog: &Snapshot) {
        let trees: BTreeSet<u64> = catalog
            .objects()
            .filter_map(|object| if let Object::Index(index) = object { Some(index.tree) } else { None })
            .collect();
        let mut known = self.known.lock();
        let gone = |key: Key| match key {
            Key::Database => false,
            Key::Table(session, oid) | Key::Function(session, oid) => {
                session == 0 && catalog.object(oid).is_none()
            }
            Key::Index(session, tree) => session == 0 && !trees.contains(&tree),
        };
        known.entries.retain(|(of, key), _| *of != database || !gone(*key));
        let left = known.of(database).count();
        known.swept.insert(database, left);
    }

    /// A database is gone.
    pub fn forget(&self, database: DatabaseId) {
        let mut known = self.known.lock();
        known.entries.retain(|(of, _), _| *of != database);
        known.first.remove(&database);
        known.swept.remove(&database);
    }
}

impl Entry {
    fn clear(&mut self) {
        match self {
            Entry::Database(entry) => *entry = DatabaseEntry { reset: entry.reset, ..Default::default() },
            Entry::Table(entry) => *entry = TableEntry { live: Some(0), ..TableEntry::default() },
            Entry::Index(entry) => *entry = IndexCounts::default(),
            Entry::Function(entry) => *entry = FunctionCounts::default(),
        }
    }
}
