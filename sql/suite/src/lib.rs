//! SQL scripts run against a database in memory, for tests: psql's view of a script, statement cases, SQLLogicTest files.
//!
//! * [`Database`]: a fresh database and one session of it. [`script`]: a script as `psql -a` shows it, for snapshots.
//! * [`logic`]: SQLLogicTest. [`cases`]: statement cases with what they are expected to print.

#![forbid(unsafe_code)]

pub mod cases;
pub mod logic;
pub mod script;

use env::memory::MemoryEnv;
use session::{Engine, Session};
use std::path::Path;
use std::sync::Arc;
use store::{Store, StoreOptions};

/// A fresh database in memory, and a session of it.
pub struct Database {
    engine: Engine,
    /// The session.
    pub session: Session,
}

impl Database {
    /// An empty one.
    ///
    /// # Panics
    /// When a database cannot even be made in memory: then no test can run.
    #[allow(clippy::expect_used)]
    pub fn new() -> Database {
        let env = Arc::new(MemoryEnv::new());
        let store = Store::open(env.clone(), Path::new("suite.db"), StoreOptions::default())
            .expect("a store in memory");
        let engine = Engine::new(env, store).expect("a catalog in memory");
        let session = Session::new(&engine).expect("a session");
        Database { engine, session }
    }

    /// What its sessions share.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Another session of the same database.
    ///
    /// # Panics
    /// As [`Database::new`].
    #[allow(clippy::expect_used)]
    pub fn another(&self) -> Session {
        Session::new(&self.engine).expect("a session")
    }
}

impl Default for Database {
    fn default() -> Database {
        Database::new()
    }
}
