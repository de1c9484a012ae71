//! An open database.

use crate::connection::Connection;
use crate::error::Result;
use crate::function::Function;
use env::Env;
use env::memory::MemoryEnv;
use env::real::RealEnv;
use env::sync::Mutex;
use session::Engine;
use std::path::Path;
use std::sync::Arc;
use store::{Durability, Store, StoreOptions};

env::labels! {
    ENGINE: "hornbeam.engine.lock", Lock, "two connections make the first catalog at once";
}

/// The name of an in-memory database's file, which exists in its own world only.
const MEMORY_NAME: &str = "memory.db";

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Database {
    env: Arc<dyn Env>,
    store: Store,
    /// SQL on it, from the first connection on: a file that is only used as a store gets no catalog.
    engine: Arc<Mutex<Option<Engine>>>,
}

impl Database {
    /// Opens the database at `path`, making it when it is missing, and recovers what a crash left.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("app.db");
    /// let database = hornbeam::Database::open(&path)?;
    /// database.connect()?.batch("create table if not exists settings (name text primary key, value text)")?;
    /// database.close()?;
    /// # Ok::<(), hornbeam::Error>(())
    /// ```
    ///
    /// # Errors
    /// Each names the file, what was expected, what was found and what to do.
    pub fn open(path: impl AsRef<Path>) -> Result<Database> {
        Database::open_in(Arc::new(RealEnv::new()), path, StoreOptions::default())
    }

    /// Opens an existing database without writing a byte; several processes may do so together.
    ///
    /// # Errors
    /// As [`Database::open`]; also while another process has it open for writing.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Database> {
        let options = StoreOptions { read_only: true, create: false, ..StoreOptions::default() };
        Database::open_in(Arc::new(RealEnv::new()), path, options)
    }

    /// A database in memory: the same code on a memory-backed file, gone with its last handle.
    ///
    /// # Errors
    /// When memory or threads run out.
    pub fn open_in_memory() -> Result<Database> {
        let options = StoreOptions { durability: Durability::Off, ..StoreOptions::default() };
        Database::open_in(Arc::new(MemoryEnv::new()), MEMORY_NAME, options)
    }

    /// Opens a database in a world of the caller's choosing.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn open_in(env: Arc<dyn Env>, path: impl AsRef<Path>, options: StoreOptions) -> Result<Database> {
        let store = Store::open(env.clone(), path.as_ref(), options)?;
        Ok(Database { env, store, engine: Arc::new(Mutex::new(&ENGINE, None)) })
    }

    /// A connection: a session of its own, for one thread at a time.
    ///
    /// # Errors
    /// When the catalog cannot be read or made.
    pub fn connect(&self) -> Result<Connection> {
        Ok(Connection::new(session::Session::new(&self.engine()?)?))
    }

    fn engine(&self) -> Result<Engine> {
        let mut engine = self.engine.lock();
        if let Some(engine) = &*engine {
            return Ok(engine.clone());
        }
        let made = Engine::new(self.env.clone(), self.store.clone())?;
        *engine = Some(made.clone());
        Ok(made)
    }

    /// Gives a function to SQL: every connection may call it from now on, as if it were built in. It is in no file: what a
    /// file keeps may name it, and means nothing when the function is not given.
    ///
    /// # Errors
    /// When there is one of that name with the same arguments.
    pub fn register(&self, function: Function) -> Result<()> {
        Ok(self.engine()?.register(function.native)?)
    }

    /// The store below: ordered trees of bytes, transactions over them, backup, check. SQL keeps its tables there too;
    /// whoever changes those trees by hand breaks them. A branch of the main database that is made here, and not by CREATE
    /// DATABASE, is taken for what a crash left and dropped when the file is opened next.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Copies the database as it is now to a new file, while it is used.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn backup(&self, target: impl AsRef<Path>) -> Result<()> {
        self.store.backup(target.as_ref(), &mut |_, _| {})?;
        Ok(())
    }

    /// Writes a last checkpoint and removes the log: the database is one file again. Dropping the last handle instead
    /// is safe, too; the next opening then recovers from the log.
    ///
    /// # Errors
    /// When the checkpoint fails; the log then stays.
    pub fn close(self) -> Result<()> {
        let Database { env: _, store, engine } = self;
        drop(engine);
        Ok(store.close()?)
    }
}
