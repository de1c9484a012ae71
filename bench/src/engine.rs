//! What a database must be able to do to be measured.

use std::path::Path;

/// Any error of any engine.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Bytes of a value.
pub const VALUE_BYTES: usize = 100;

/// How a database is opened.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// Memory for pages.
    pub cache_bytes: usize,
    /// Whether the log is kept as it is, never brought into the file: for measuring recovery and log bytes.
    pub keep_log: bool,
}

/// An open database with one table from 64-bit keys to values. Every write is durable when it returns.
pub trait Engine: Sync {
    /// Hands a session, what one thread works with, to `body`; it ends afterwards.
    fn with_session(&self, body: &mut dyn FnMut(&mut dyn Session) -> Outcome<()>) -> Outcome<()>;
    /// Sets the keys `0..rows`, in order, in one durable transaction.
    fn load(&self, rows: u64) -> Outcome<()>;
    /// Bytes written to its log since it was opened, if it has one.
    fn log_bytes(&self) -> Outcome<Option<u64>>;
    /// Closes the database as an application would that ends.
    fn close(self: Box<Self>) -> Outcome<()>;
}

/// One thread's access.
pub trait Session {
    /// Reads one value in a transaction of its own; returns its length.
    fn get(&mut self, key: u64) -> Outcome<usize>;
    /// Reads several values in one transaction.
    fn get_all(&mut self, keys: &[u64]) -> Outcome<usize>;
    /// Reads `rows` rows from `from` on; returns how many bytes of values they had.
    fn scan(&mut self, from: u64, rows: usize) -> Outcome<usize>;
    /// Sets one value, durably.
    fn put(&mut self, key: u64, value: &[u8]) -> Outcome<()>;
    /// Sets several values in one durable transaction.
    fn put_all(&mut self, keys: std::ops::Range<u64>, value: &[u8]) -> Outcome<()>;
}

impl dyn Engine + '_ {
    /// Reads one value in a session of its own; returns its length.
    pub fn get_once(&self, key: u64) -> Outcome<usize> {
        let mut length = 0;
        self.with_session(&mut |session| {
            length = session.get(key)?;
            Ok(())
        })?;
        Ok(length)
    }
}

/// The engines, in the order of the table's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    Hornbeam,
    Sqlite,
    Redb,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Hornbeam, Kind::Sqlite, Kind::Redb];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Hornbeam => "hornbeam",
            Kind::Sqlite => "SQLite",
            Kind::Redb => "redb",
        }
    }

    /// Opens, or makes, the database in `directory`.
    pub fn open(self, directory: &Path, opening: Opening) -> Outcome<Box<dyn Engine>> {
        Ok(match self {
            Kind::Hornbeam => Box::new(crate::hornbeam_store::Hornbeam::open(directory, opening)?),
            Kind::Sqlite => Box::new(crate::sqlite::Sqlite::open(directory, opening)?),
            Kind::Redb => Box::new(crate::redb_engine::Redb::open(directory, opening)?),
        })
    }
}

/// The value that a key has after loading.
pub fn fill(key: u64, value: &mut [u8; VALUE_BYTES]) {
    for (chunk, at) in value.chunks_mut(8).zip(0u64..) {
        let bytes = (key ^ at).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
        chunk.copy_from_slice(&bytes[..chunk.len()]);
    }
}
