//! Results that are kept: a query whose rows depend on nothing but tables, its parameters and settings is not run again as long as
//! none of these has changed.
//!
//! Invariants
//!
//! 1. What is kept is exact. A result is found by its database, plan, values, role and the settings that values are read and
//!    written by, and for the catalog and each tree that the plan reads by the commit that last changed it: between two of its
//!    commits a tree is what it is.
//! 2. Nothing is kept, or found, of what a transaction has changed itself, of temporary tables, of a serialisable transaction,
//!    whose reads must be noted, or of a plan whose functions may say something else the next time.
//! 3. Nothing of the store is held: chunks are copies of what stood on pages.
//!
//! A result that is too large is not kept; when all of them are too many, those go that have not been asked for longest.

use crate::error::SessionError;
use crate::labels::RESULTS_LOCK;
use crate::query::Ready;
use crate::session::Session;
use crate::transaction::block::IsolationLevel;
use env::sync::Mutex;
use execute::chunk_bytes;
use plan::physical::Plan;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use store::{CommitNumber, TreeId};
use types::Value;
use types::vector::Chunk;

/// How many bytes of rows are kept, of all results of an engine together.
const BYTES_MAX: usize = 32 << 20;
/// How many bytes one result may have.
const RESULT_BYTES_MAX: usize = BYTES_MAX / 16;
/// What an entry takes besides its rows, roughly.
const ENTRY_BYTES: usize = 1 << 10;
/// Longer values are not compared.
const WORDS_MAX: usize = 4 << 10;

/// Settings by which values are read and written, and names found.
const SETTINGS: &[&str] = &[
    "DateStyle",
    "IntervalStyle",
    "TimeZone",
    "array_nulls",
    "bytea_output",
    "extra_float_digits",
    "pg_trgm.similarity_threshold",
    "pg_trgm.strict_word_similarity_threshold",
    "pg_trgm.word_similarity_threshold",
    "quote_all_identifiers",
    "search_path",
];

/// By what a result is found.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// The database, the role, settings and values.
    words: Arc<str>,
    plan: Arc<Plan>,
    /// The trees that are read, the catalog's among them, with the commits that last changed them.
    trees: Vec<(TreeId, CommitNumber)>,
}

/// What is kept of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptResults {
    /// How many.
    pub count: usize,
    /// How many bytes they take, roughly.
    pub bytes: usize,
    /// How often one was found.
    pub found: u64,
}

/// A result.
struct Entry {
    key: Key,
    rows: Arc<[Chunk]>,
    bytes: usize,
    /// When it was asked for last; no two entries have the same.
    used: u64,
}

#[derive(Default)]
struct Kept {
    entries: BTreeMap<Arc<str>, Vec<Entry>>,
    /// By when they were asked for last.
    order: BTreeMap<u64, Arc<str>>,
    bytes: usize,
    clock: u64,
    found: u64,
}

/// The results that the sessions of an engine have in common.
pub(crate) struct ResultCache(Mutex<Kept>);

impl Default for ResultCache {
    fn default() -> ResultCache {
        ResultCache(Mutex::new(&RESULTS_LOCK, Kept::default()))
    }
}

impl ResultCache {
    /// The rows of a result, if they are kept.
    pub fn get(&self, key: &Key) -> Option<Arc<[Chunk]>> {
        let mut kept = self.0.lock();
        let Kept { entries, order, clock, found, .. } = &mut *kept;
        let entry = entries.get_mut(&key.words)?.iter_mut().find(|entry| entry.key.is_of(key))?;
        if entry.key.trees != key.trees {
            return None;
        }
        *found += 1;
        *clock += 1;
        order.remove(&entry.used);
        order.insert(*clock, key.words.clone());
        entry.used = *clock;
        Some(entry.rows.clone())
    }

    /// How many there are.
    pub fn figures(&self) -> KeptResults {
        let kept = self.0.lock();
        KeptResults { count: kept.order.len(), bytes: kept.bytes, found: kept.found }
    }

    /// Keeps a result in place of what was kept of the same query before.
    fn put(&self, key: Key, rows: Vec<Chunk>, bytes: usize) {
        let mut kept = self.0.lock();
        kept.remove(&key.words, |entry| entry.key.is_of(&key));
        kept.clock += 1;
        let (words, used) = (key.words.clone(), kept.clock);
        kept.order.insert(used, words.clone());
        kept.bytes += bytes;
        kept.entries.entry(words).or_default().push(Entry { key, rows: rows.into(), bytes, used });
        while kept.bytes > BYTES_MAX {
            let Some((oldest, words)) =
                kept.order.first_key_value().map(|(used, words)| (*used, words.clone()))
            else {
                break;
            };
            kept.remove(&words, |entry| entry.used == oldest);
        }
    }
}

impl Kept {
    /// Forgets an entry, if there is such.
    fn remove(&mut self, words: &Arc<str>, which: impl Fn(&Entry) -> bool) {
        let Some(entries) = self.entries.get_mut(words) else { return };
        let Some(place) = entries.iter().position(which) else { return };
        let gone = entries.swap_remove(place);
        if entries.is_empty() {
            self.entries.remove(words);
        }
        self.order.remove(&gone.used);
        self.bytes -= gone.bytes;
    }
}

impl Key {
    /// Whether the two are of one query, whatever its tables hold.
    fn is_of(&self, other: &Key) -> bool {
        self.words == other.words && (Arc::ptr_eq(&self.plan, &other.plan) || self.plan == other.plan)
    }
}

/// A result that is being gathered, to be kept when it is complete.
pub(crate) struct Gathering {
    key: Key,
    rows: Vec<Chunk>,
    bytes: usize,
    /// What functions had said before: what they say is no part of a result.
    notices: usize,
}

impl Gathering {
    /// Of nothing yet.
    pub fn new(key: Key, session: &Session) -> Gathering {
        Gathering { key, rows: Vec::new(), bytes: ENTRY_BYTES, notices: session.notices.len() }
    }

    /// Takes some rows, unless there are too many by now.
    pub fn add(&mut self, chunk: &Chunk) {
        if self.bytes > RESULT_BYTES_MAX {
            return;
        }
        // Rows that were not chosen are not kept.
        let Ok(dense) = chunk.clone().densify() else {
            self.bytes = usize::MAX;
            return;
        };
        self.bytes = self.bytes.saturating_add(chunk_bytes(&dense));
        self.rows.push(dense);
        if self.bytes > RESULT_BYTES_MAX {
            self.rows = Vec::new();
        }
    }

    /// All rows were there: they are kept.
    pub fn keep(self, session: &Session) {
        if self.bytes <= RESULT_BYTES_MAX && self.notices == session.notices.len() {
            session.engine.results.put(self.key, self.rows, self.bytes);
        }
    }
}

impl Session {
    /// By what the result of a plan with these values is found, if it may be kept.
    pub(crate) fn result_key(
        &mut self,
        ready: &Ready,
        values: &[Value],
    ) -> Result<Option<Key>, SessionError> {
        let Some(read) = &ready.plan.reads_only else { return Ok(None) };
        let above = self.settings.typed().results_above_cost;
        let cheap = above.is_none_or(|above| ready.plan.root.estimate.total_cost < above);
        if cheap || self.block.characteristics().isolation == IsolationLevel::Serializable {
            return Ok(None);
        }
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        let version = self.catalog.get_mut().version(transaction).and_then(|version| version.of_all());
        let Some(version) = version else { return Ok(None) };
        let mut trees = vec![(self.catalog.get_mut().tree(), version)];
        for tree in read {
            let tree = TreeId(*tree);
            match transaction.last_change(tree) {
                Some(commit) if !store::is_temporary(tree) => trees.push((tree, commit)),
                Some(_) | None => return Ok(None),
            }
        }
        let words = self.result_words(values);
        Ok(words.map(|words| Key { words, plan: ready.plan.clone(), trees }))
    }

    /// Everything besides the plan and what it reads; none if that is too long.
    fn result_words(&self, values: &[Value]) -> Option<Arc<str>> {
        let mut words = format!("{} {}", self.database.0, self.role);
        for name in SETTINGS {
            // Writing to a string does not fail.
            let _ = write!(words, " {:?}", self.settings.kept(name));
        }
        for value in values {
            let long = value.as_bytes().is_some_and(|bytes| bytes.len() > WORDS_MAX);
            if long || words.len() > WORDS_MAX {
                return None;
            }
            let _ = write!(words, " {value:?}");
        }
        Some(words.into())
    }
}
