//! redb: one table from integers to bytes, every commit immediately durable (its default).

use crate::engine::{Engine, Opening, Outcome, Session, VALUE_BYTES, fill};
use redb::{Database, ReadableDatabase, TableDefinition};
use std::path::Path;

const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("kv");

/// An open database.
pub struct Redb {
    database: Database,
}

impl Redb {
    pub fn open(directory: &Path, opening: Opening) -> Outcome<Redb> {
        let mut builder = Database::builder();
        builder.set_cache_size(opening.cache_bytes);
        let database = builder.create(directory.join("redb.db"))?;
        if database.begin_read()?.open_table(TABLE).is_err() {
            let transaction = database.begin_write()?;
            transaction.open_table(TABLE)?;
            transaction.commit()?;
        }
        Ok(Redb { database })
    }
}

impl Engine for Redb {
    fn with_session(&self, body: &mut dyn FnMut(&mut dyn Session) -> Outcome<()>) -> Outcome<()> {
        body(&mut RedbSession { database: &self.database })
    }

    fn load(&self, rows: u64) -> Outcome<()> {
        let transaction = self.database.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            let mut value = [0; VALUE_BYTES];
            for key in 0..rows {
                fill(key, &mut value);
                table.insert(key, &value[..])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn log_bytes(&self) -> Outcome<Option<u64>> {
        Ok(None)
    }

    fn close(self: Box<Self>) -> Outcome<()> {
        // Dropping it is closing it.
        Ok(())
    }
}

struct RedbSession<'a> {
    database: &'a Database,
}

impl Session for RedbSession<'_> {
    fn get(&mut self, key: u64) -> Outcome<usize> {
        self.get_all(&[key])
    }

    fn get_all(&mut self, keys: &[u64]) -> Outcome<usize> {
        let transaction = self.database.begin_read()?;
        let table = transaction.open_table(TABLE)?;
        let mut bytes = 0;
        for key in keys {
            bytes += table.get(key)?.map_or(0, |value| value.value().len());
        }
        Ok(bytes)
    }

    fn scan(&mut self, from: u64, rows: usize) -> Outcome<usize> {
        let transaction = self.database.begin_read()?;
        let table = transaction.open_table(TABLE)?;
        let mut bytes = 0;
        for entry in table.range(from..)?.take(rows) {
            bytes += entry?.1.value().len();
        }
        Ok(bytes)
    }

    fn put(&mut self, key: u64, value: &[u8]) -> Outcome<()> {
        self.put_all(key..key + 1, value)
    }

    fn put_all(&mut self, keys: std::ops::Range<u64>, value: &[u8]) -> Outcome<()> {
        let transaction = self.database.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            for key in keys {
                table.insert(key, value)?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}
