//! Hornbeam, an embedded database in one file: what an application links.
//!
//! ```
//! use hornbeam::{Begin, Database};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let database = Database::open_in_memory()?;
//! let mut transaction = database.begin(Begin::default())?;
//! let tree = transaction.create_tree(true)?;
//! transaction.put(tree, b"key", b"value")?;
//! transaction.commit()?;
//!
//! let mut transaction = database.begin(Begin::default())?;
//! assert_eq!(transaction.get(tree, b"key")?, Some(b"value".to_vec()));
//! # Ok(())
//! # }
//! ```
//!
//! A database is shared by cloning it; every thread begins its own transactions. What a commit acknowledged is on the
//! device. [`Database::open_in`] opens a database in a world of the caller's choosing: with the simulator's, an
//! application's own code runs under seeded crashes and faults.

#![forbid(unsafe_code)]

use env::Env;
use env::memory::MemoryEnv;
use env::real::RealEnv;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

pub use env;
pub use store;
pub use store::{
    Batch, Begin, Bounds, Canceller, CheckReport, CommitError, CommitNumber, DatabaseId, Durability,
    Isolation, MAIN_DATABASE, Problem, RecoveryReport, RowLock, Savepoint, Scan, SequenceId, Session,
    Statistics, Store, StoreError, StoreOptions, StoreResult, Transaction, TransactionId, TreeId, TreeView,
    VacuumReport, View,
};

/// The name of an in-memory database's file, which exists in its own world only.
const MEMORY_NAME: &str = "memory.db";

/// An open database. Clones share it; [`Store`]'s methods are its methods.
#[derive(Clone)]
pub struct Database {
    store: Store,
}

impl Database {
    /// Opens the database at `path`, making it when it is missing, and recovers what a crash left.
    ///
    /// # Errors
    /// Each names the file, what was expected, what was found and what to do.
    pub fn open(path: impl AsRef<Path>) -> StoreResult<Database> {
        Database::open_in(Arc::new(RealEnv::new()), path, StoreOptions::default())
    }

    /// Opens an existing database without writing a byte; several processes may do so together.
    ///
    /// # Errors
    /// As [`Database::open`]; also while another process has it open for writing.
    pub fn open_read_only(path: impl AsRef<Path>) -> StoreResult<Database> {
        let options = StoreOptions { read_only: true, create: false, ..StoreOptions::default() };
        Database::open_in(Arc::new(RealEnv::new()), path, options)
    }

    /// A database in memory: the same code on a memory-backed file, gone with its last handle.
    ///
    /// # Errors
    /// When memory or threads run out.
    pub fn open_in_memory() -> StoreResult<Database> {
        let options = StoreOptions { durability: Durability::Off, ..StoreOptions::default() };
        Database::open_in(Arc::new(MemoryEnv::new()), MEMORY_NAME, options)
    }

    /// Opens a database in a world of the caller's choosing.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn open_in(
        env: Arc<dyn Env>,
        path: impl AsRef<Path>,
        options: StoreOptions,
    ) -> StoreResult<Database> {
        Ok(Database { store: Store::open(env, path.as_ref(), options)? })
    }

    /// Writes a last checkpoint and removes the log: the database is one file again. Dropping the last handle instead
    /// is safe, too; the next opening then recovers from the log.
    ///
    /// # Errors
    /// When the checkpoint fails; the log then stays.
    pub fn close(self) -> StoreResult<()> {
        self.store.close()
    }
}

impl Deref for Database {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}
