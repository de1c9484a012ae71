//! SQLite: a rowid table, write-ahead log, `synchronous=FULL`, prepared statements, a connection for each thread.

use crate::engine::{Engine, Opening, Outcome, Session, VALUE_BYTES, fill};
use rusqlite::{Connection, Statement};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A database file and how to connect to it.
pub struct Sqlite {
    path: PathBuf,
    opening: Opening,
    /// Open as long as the database is: the last connection that closes removes the log.
    _first: Mutex<Connection>,
}

impl Sqlite {
    pub fn open(directory: &Path, opening: Opening) -> Outcome<Sqlite> {
        let path = directory.join("sqlite.db");
        let first = connect(&path, opening)?;
        first.execute_batch("CREATE TABLE IF NOT EXISTS kv (k INTEGER PRIMARY KEY, v BLOB NOT NULL)")?;
        // Read once, so that opening includes recovery of the log.
        first.query_row("SELECT count(*) FROM (SELECT 1 FROM kv LIMIT 1)", [], |_| Ok(()))?;
        Ok(Sqlite { path, opening, _first: Mutex::new(first) })
    }

    fn connect(&self) -> Outcome<Connection> {
        connect(&self.path, self.opening)
    }
}

fn connect(path: &Path, opening: Opening) -> Outcome<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(60))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let kibibytes = i64::try_from(opening.cache_bytes / 1024)?;
    connection.pragma_update(None, "cache_size", -kibibytes)?;
    if opening.keep_log {
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    }
    Ok(connection)
}

impl Engine for Sqlite {
    fn with_session(&self, body: &mut dyn FnMut(&mut dyn Session) -> Outcome<()>) -> Outcome<()> {
        let connection = self.connect()?;
        body(&mut SqliteSession {
            connection: &connection,
            get: connection.prepare("SELECT v FROM kv WHERE k = ?1")?,
            scan: connection.prepare("SELECT k, v FROM kv WHERE k >= ?1 ORDER BY k LIMIT ?2")?,
            put: connection.prepare("INSERT OR REPLACE INTO kv (k, v) VALUES (?1, ?2)")?,
        })
    }

    fn load(&self, rows: u64) -> Outcome<()> {
        let connection = self.connect()?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        {
            let mut put = connection.prepare("INSERT INTO kv (k, v) VALUES (?1, ?2)")?;
            let mut value = [0; VALUE_BYTES];
            for key in 0..rows {
                fill(key, &mut value);
                put.execute((key as i64, &value[..]))?;
            }
        }
        connection.execute_batch("COMMIT")?;
        Ok(())
    }

    fn log_bytes(&self) -> Outcome<Option<u64>> {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        Ok(Some(std::fs::metadata(name).map_or(0, |metadata| metadata.len())))
    }

    fn close(self: Box<Self>) -> Outcome<()> {
        // Dropping the connection is closing it.
        Ok(())
    }
}

struct SqliteSession<'a> {
    connection: &'a Connection,
    get: Statement<'a>,
    scan: Statement<'a>,
    put: Statement<'a>,
}

impl SqliteSession<'_> {
    fn read(get: &mut Statement<'_>, key: u64) -> Outcome<usize> {
        let mut rows = get.query([key as i64])?;
        Ok(match rows.next()? {
            Some(row) => row.get_ref(0)?.as_blob()?.len(),
            None => 0,
        })
    }
}

impl Session for SqliteSession<'_> {
    fn get(&mut self, key: u64) -> Outcome<usize> {
        SqliteSession::read(&mut self.get, key)
    }

    fn get_all(&mut self, keys: &[u64]) -> Outcome<usize> {
        self.connection.execute_batch("BEGIN")?;
        let mut bytes = 0;
        for key in keys {
            bytes += SqliteSession::read(&mut self.get, *key)?;
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(bytes)
    }

    fn scan(&mut self, from: u64, rows: usize) -> Outcome<usize> {
        let mut found = self.scan.query((from as i64, rows as i64))?;
        let mut bytes = 0;
        while let Some(row) = found.next()? {
            bytes += row.get_ref(1)?.as_blob()?.len();
        }
        Ok(bytes)
    }

    fn put(&mut self, key: u64, value: &[u8]) -> Outcome<()> {
        self.put.execute((key as i64, value))?;
        Ok(())
    }

    fn put_all(&mut self, keys: std::ops::Range<u64>, value: &[u8]) -> Outcome<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        for key in keys {
            self.put.execute((key as i64, value))?;
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }
}
