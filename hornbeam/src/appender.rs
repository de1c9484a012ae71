//! Rows appended in bulk.

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::parameter::Parameters;
use session::copying::Append;
use types::vector::VectorBuilder;

/// So many rows are checked and written together.
const BATCH_ROWS: usize = 1000;

/// Appends rows to a table, as fast as `COPY`: made by [`Connection::appender`].
///
/// Rows are checked and written a thousand at a time, so an error may be that of a row that was given before; it says which.
/// Outside of a transaction all of them are one: [`Appender::finish`] commits it, and without that nothing is appended. Within
/// a transaction they are a part of that.
pub struct Appender<'c> {
    connection: &'c mut Connection,
    append: Append,
    builders: Vec<VectorBuilder>,
    rows: usize,
    /// Whether the transaction is the appender's own, and not over.
    own: bool,
}

impl<'c> Appender<'c> {
    pub(crate) fn new(connection: &'c mut Connection, table: &str, columns: &[&str]) -> Result<Appender<'c>> {
        let own = !connection.is_in_transaction();
        if own {
            connection.batch("begin")?;
        }
        let (schema, name) = match table.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, table),
        };
        let begun = connection.session().begin_append(schema, name, columns);
        match begun {
            Ok(append) => {
                let mut appender = Appender { connection, append, builders: Vec::new(), rows: 0, own };
                appender.begin_batch();
                Ok(appender)
            }
            Err(error) => {
                if own {
                    connection.batch("rollback")?;
                }
                Err(error.into())
            }
        }
    }

    fn begin_batch(&mut self) {
        let kinds = self.append.kinds().iter();
        self.builders = kinds.map(|kind| VectorBuilder::new(*kind, BATCH_ROWS)).collect();
        self.rows = 0;
    }

    /// Appends a row: a value for each column.
    ///
    /// # Errors
    /// When there are more values or fewer than columns, one of them is none of its column's type, or a row that was given
    /// before may not be.
    pub fn append(&mut self, row: impl Parameters) -> Result<()> {
        let (expected, found) = (self.builders.len(), row.count());
        if expected != found {
            return Err(Error::ValueCount { expected, found });
        }
        // A row is put down when all of it has been read.
        let mut values = Vec::with_capacity(expected);
        let Appender { connection, append, .. } = self;
        row.each(&mut |parameter| {
            let place = values.len();
            values.push(match parameter.exactly(append.types()[place]) {
                Some(value) => value,
                None => connection.session().read_appended(append, place, &parameter.text())?,
            });
            Ok(())
        })?;
        for (builder, value) in self.builders.iter_mut().zip(&values) {
            builder.push(value).map_err(Error::TooMuch)?;
        }
        self.rows += 1;
        if self.rows >= BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    /// Checks and writes the rows that were given up to now.
    ///
    /// # Errors
    /// When one of them may not be.
    pub fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let (builders, rows) = (std::mem::take(&mut self.builders), self.rows);
        self.begin_batch();
        let columns = builders.into_iter().map(VectorBuilder::finish).collect();
        Ok(self.connection.session().append(&mut self.append, columns, rows)?)
    }

    /// Writes what is left, and commits if the transaction is the appender's own.
    ///
    /// # Errors
    /// When a row may not be, or the transaction cannot be committed.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        if self.own {
            self.own = false;
            self.connection.commit()?;
        }
        Ok(())
    }
}

impl Drop for Appender<'_> {
    fn drop(&mut self) {
        if self.own {
            // Outside of a failed connection this does not fail, and nobody is there to be told.
            let _ = self.connection.batch("rollback");
        }
    }
}
