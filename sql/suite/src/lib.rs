//! SQL scripts run against a database in memory, for tests: psql's view of a script, statement cases, SQLLogicTest files.
//!
//! * [`Database`]: a fresh database and one session of it. [`script`]: a script as `psql -a` shows it, for snapshots.
//! * [`asked`]: a session that is asked directly.
//! * [`modes`]: ways to run a script that must not change its results. [`logic`]: SQLLogicTest. [`cases`]: statement cases
//!   with what they are expected to print. [`regress`]: PostgreSQL's regression scripts. [`isolation`]: sessions side by side.

#![forbid(unsafe_code)]

pub mod asked;
pub mod cases;
pub mod isolation;
pub mod logic;
pub mod modes;
pub mod regress;
pub mod script;

use env::Env;
use env::memory::{MemoryEnv, MemoryOptions};
use session::{Engine, Session};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Store, StoreOptions};

/// A fresh database in memory, and a session of it.
pub struct Database {
    env: Arc<MemoryEnv>,
    options: StoreOptions,
    engine: Engine,
    /// The session.
    pub session: Session,
}

impl Database {
    /// An empty one.
    ///
    /// # Panics
    /// When a database cannot even be made in memory: then no test can run.
    pub fn new() -> Database {
        Database::with(StoreOptions::default())
    }

    /// An empty one with options of the store.
    ///
    /// # Panics
    /// As [`Database::new`].
    pub fn with(options: StoreOptions) -> Database {
        Database::of(Arc::new(MemoryEnv::new()), options)
    }

    /// An empty one for a thread on which recursion may use so many bytes of stack.
    ///
    /// # Panics
    /// As [`Database::new`].
    pub fn with_stack(bytes: usize) -> Database {
        Database::of(Arc::new(MemoryEnv::new().with_stack_budget(bytes)), StoreOptions::default())
    }

    /// An empty one, in a world that holds files already: what scripts copy from.
    ///
    /// # Panics
    /// As [`Database::new`].
    pub fn with_files(files: BTreeMap<PathBuf, Vec<u8>>) -> Database {
        let env = MemoryEnv::with_options(MemoryOptions::real(), files);
        Database::of(Arc::new(env), StoreOptions::default())
    }

    fn of(env: Arc<MemoryEnv>, options: StoreOptions) -> Database {
        let engine = open(&env, &options);
        let session = session_of(&engine);
        Database { env, options, engine, session }
    }

    /// Closes it and opens it again, unless the session is within a transaction block. Only settings are kept.
    ///
    /// # Panics
    /// As [`Database::new`].
    #[allow(clippy::expect_used)]
    pub fn reopen(&mut self) {
        if self.session.status() != session::transaction::block::Status::Idle {
            return;
        }
        let settings = self.session.settings().clone();
        let (env, options) = (self.env.clone(), self.options.clone());
        // Nobody may have the old one open any more.
        let Database { engine, session, .. } = std::mem::take(self);
        drop(session);
        let store = engine.store().clone();
        drop(engine);
        store.close().expect("a store that closes");
        let engine = open(&env, &options);
        let mut session = session_of(&engine);
        *session.settings_mut() = settings;
        *self = Database { env, options, engine, session };
    }

    /// The world in which it is.
    pub fn world(&self) -> Arc<dyn Env> {
        self.env.clone()
    }

    /// What its sessions share.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Another session of the same database.
    ///
    /// # Panics
    /// As [`Database::new`].
    pub fn another(&self) -> Session {
        session_of(&self.engine)
    }
}

#[allow(clippy::expect_used)] // as Database::new says
fn open(env: &Arc<MemoryEnv>, options: &StoreOptions) -> Engine {
    let store = Store::open(env.clone(), Path::new("suite.db"), options.clone()).expect("a store in memory");
    Engine::new(env.clone(), store).expect("a catalog in memory")
}

#[allow(clippy::expect_used)] // as Database::new says
fn session_of(engine: &Engine) -> Session {
    Session::new(engine).expect("a session")
}

impl Default for Database {
    fn default() -> Database {
        Database::new()
    }
}
