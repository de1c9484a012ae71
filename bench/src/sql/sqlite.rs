//! SQLite: prepared statements, write-ahead log, `synchronous=FULL`.

use super::database::{Answer, Cell, Database, Dialect, Rows, Table, cents, date, translate};
use super::oltp::{Oltp, Parameter};
use crate::engine::Outcome;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql};
use std::path::Path;
use std::time::{Duration, Instant};

/// A connection.
pub struct Sqlite {
    connection: Connection,
    texts: Vec<String>,
}

impl Sqlite {
    pub fn open(directory: &Path, cache_bytes: usize) -> Outcome<Sqlite> {
        let connection = Connection::open(directory.join("sqlite.db"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "cache_size", -i64::try_from(cache_bytes / 1024)?)?;
        // LIKE is to tell cases apart, as everybody else's does.
        connection.pragma_update(None, "case_sensitive_like", true)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Sqlite { connection, texts: Vec::new() })
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Cell::Int(value) => ToSqlOutput::from(*value),
            Cell::Cents(value) => {
                // As a decimal text is read: the nearest double.
                let parsed = cents(*value).parse().unwrap_or(f64::NAN);
                ToSqlOutput::Owned(Value::Real(parsed))
            }
            Cell::Date(days) => ToSqlOutput::Owned(Value::Text(date(*days))),
            Cell::Text(text) => ToSqlOutput::from(text.as_str()),
        })
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Parameter::Int(value) => ToSqlOutput::from(*value),
            Parameter::Text(text) => ToSqlOutput::from(*text),
        })
    }
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string()),
        ValueRef::Real(value) => Some(value.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

impl Database for Sqlite {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn load(&mut self, table: &Table, rows: Rows<'_>) -> Outcome<()> {
        self.connection.execute_batch(&table.create(Dialect::Sqlite))?;
        let places = vec!["?"; table.columns.len()].join(", ");
        self.connection.execute_batch("begin")?;
        {
            let mut insert =
                self.connection.prepare(&format!("insert into {} values ({places})", table.name))?;
            for row in rows {
                insert.execute(rusqlite::params_from_iter(row))?;
            }
        }
        self.connection.execute_batch("commit")?;
        Ok(table.create_indexes().iter().try_for_each(|index| self.connection.execute_batch(index))?)
    }

    fn settle(&mut self) -> Outcome<()> {
        Ok(self.connection.execute_batch("analyze; pragma wal_checkpoint(truncate)")?)
    }

    fn ask(&mut self, query: &str) -> Outcome<(Duration, Answer)> {
        let query = translate(query, Dialect::Sqlite);
        let began = Instant::now();
        let mut statement = self.connection.prepare(&query)?;
        let columns = statement.column_count();
        let mut answer = Vec::new();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let texts: Result<Vec<_>, _> = (0..columns).map(|column| row.get_ref(column).map(text)).collect();
            answer.push(texts?);
        }
        Ok((began.elapsed(), answer))
    }
}

impl Oltp for Sqlite {
    fn execute(&mut self, text: &str) -> Outcome<()> {
        // The statements that open and end transactions are prepared once, too.
        self.connection.prepare_cached(text)?.execute([])?;
        Ok(())
    }

    fn settle(&mut self) -> Outcome<()> {
        Database::settle(self)
    }

    fn prepare(&mut self, text: &str) -> Outcome<usize> {
        let text = text.replace('$', "?");
        self.connection.prepare_cached(&text)?;
        self.texts.push(text);
        Ok(self.texts.len() - 1)
    }

    fn run(&mut self, statement: usize, parameters: &[Parameter<'_>]) -> Outcome<u64> {
        // A look into a small table of statements, beside which preparing costs nothing.
        let mut statement = self.connection.prepare_cached(&self.texts[statement])?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                std::hint::black_box(row.get_ref(column)?);
            }
            found += 1;
        }
        Ok(found)
    }
}
