//! What the sessions of one open database share.

use crate::definition::databases::Sessions;
use crate::error::SessionError;
use crate::labels::CLOCK;
use crate::native::Natives;
use crate::notify::Listeners;
use crate::query::result_cache::{KeptResults, ResultCache};
use crate::statistics::Statistics;
use crate::statistics::watch::Watched;
use crate::transaction::exported::Exports;
use catalog::{Catalogs, FirstNames};
use datetime::TimestampTz;
use env::Env;
use env::sync::atomic::{AtomicUsize, Ordering};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{MAIN_DATABASE, Store};

/// Microseconds from 1970 to 2000, where PostgreSQL's time begins.
const EPOCH: i64 = 946_684_800_000_000;

/// Bytes of a block, in which settings count (`block_size`), whatever a page of the file has.
const BLOCK_BYTES: usize = 8192;

/// An open database with SQL on it. Clones share it.
#[derive(Clone)]
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) env: Arc<dyn Env>,
    pub(crate) catalogs: Arc<Catalogs>,
    /// Who is there.
    pub(crate) sessions: Arc<Sessions>,
    /// Results that are kept.
    pub(crate) results: Arc<ResultCache>,
    /// Statements that were watched.
    pub(crate) watched: Arc<Watched>,
    /// Who listens to what others tell.
    pub(crate) listeners: Arc<Listeners>,
    /// Functions that the program has given.
    pub(crate) natives: Arc<Natives>,
    pub(crate) statistics: Arc<Statistics>,
    /// Snapshots that one session has for others.
    pub(crate) exports: Arc<Exports>,
    /// Dictionaries and configurations of text search.
    pub(crate) search: Arc<crate::services::dictionaries::SearchCache>,
    /// When it was opened.
    pub(crate) opened: TimestampTz,
    /// How many tasks help statements.
    pub(crate) helping: Arc<AtomicUsize>,
    /// How many may be logged in at once, where somebody has said so.
    connection_limit: Arc<AtomicUsize>,
}

impl Engine {
    /// SQL on an open store. A new file gets its catalog; branches that a crash left without a name go.
    ///
    /// # Errors
    /// When the catalog cannot be read or made.
    pub fn new(env: Arc<dyn Env>, store: Store) -> Result<Engine, SessionError> {
        let catalogs = Arc::new(Catalogs::new());
        catalogs.open(&store, MAIN_DATABASE, FirstNames::default())?;
        let opened = now(&*env);
        let (sessions, listeners, watched) = (Arc::default(), Arc::default(), Arc::default());
        let (results, natives, connection_limit) = (Arc::default(), Arc::default(), Arc::default());
        let engine = Engine {
            store,
            env,
            catalogs,
            sessions,
            results,
            watched,
            listeners,
            natives,
            statistics: Arc::default(),
            helping: Arc::default(),
            exports: Arc::default(),
            search: Arc::default(),
            opened,
            connection_limit,
        };
        engine.drop_nameless()?;
        Ok(engine)
    }

    /// How many results are kept, and how often one was found.
    pub fn kept_results(&self) -> KeptResults {
        self.results.figures()
    }

    /// Whether it is counted how often statements are run, and how long they take: `pg_stat_statements`. At first it is not.
    pub fn watch_statements(&self, on: bool) {
        self.watched.watch(on);
    }

    /// Statements that take as long as this or longer are logged, where sessions do not say something else by
    /// `log_min_duration_statement`. At first none is.
    pub fn log_slow_statements(&self, limit: Option<Duration>) {
        self.watched.set_slow(limit);
    }

    /// Sessions that begin from now on tell by `max_connections` that so many may be logged in at once. Whoever lets them in
    /// sees to it.
    pub fn tell_connection_limit(&self, limit: usize) {
        self.connection_limit.store(limit, Ordering::Release);
    }

    /// What settings are by how the engine is run: names as they are kept, and values.
    pub(crate) fn settings(&self) -> BTreeMap<String, String> {
        let blocks = (self.store.cache_bytes() / BLOCK_BYTES).to_string();
        let mut settings = BTreeMap::from([("shared_buffers".to_owned(), blocks)]);
        let limit = self.connection_limit.load(Ordering::Acquire);
        if limit > 0 {
            settings.insert("max_connections".to_owned(), limit.to_string());
        }
        settings
    }

    /// The store below.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

/// What time it is.
pub(crate) fn now(env: &dyn Env) -> TimestampTz {
    TimestampTz(env.wall_clock(&CLOCK) - EPOCH)
}
