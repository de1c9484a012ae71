//! What a database must be able to do to be measured with SQL.
//!
//! Everybody gets the same statements, written so that all of them understand them; [`Dialect`] changes the few words in
//! which SQLite differs.

use crate::engine::Outcome;
use std::time::Duration;

/// A value of a row that is loaded, or of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Int(i64),
    /// Hundredths: prices, discounts.
    Cents(i64),
    /// Days since 1970-01-01.
    Date(i32),
    Text(String),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int,
    Cents,
    Date,
    Text,
}

/// A table: its columns, its primary key, and columns that get an index of their own.
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Kind)],
    pub key: &'static str,
    pub indexes: &'static [&'static str],
}

/// Rows of a table, made one after the other.
pub type Rows<'r> = &'r mut dyn Iterator<Item = Vec<Cell>>;

/// The rows of a result: texts, none for nulls.
pub type Answer = Vec<Vec<Option<String>>>;

/// Whose words are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    Sqlite,
}

/// A database that answers queries.
pub trait Database {
    fn name(&self) -> &'static str;
    /// Makes a table and fills it.
    fn load(&mut self, table: &Table, rows: Rows<'_>) -> Outcome<()>;
    /// Has it look at what it was given: statistics.
    fn settle(&mut self) -> Outcome<()>;
    /// Asks a query; how long it took from the question to the last row, and the rows.
    fn ask(&mut self, query: &str) -> Outcome<(Duration, Answer)>;
    /// The same of a query that has been asked before and whose result whoever keeps results has kept; none if nobody does.
    fn ask_kept(&mut self, _query: &str) -> Outcome<Option<(Duration, Answer)>> {
        Ok(None)
    }
}

impl Table {
    /// The statement that makes it.
    pub fn create(&self, dialect: Dialect) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|(name, kind)| {
                let of = match (kind, dialect) {
                    (Kind::Int, _) => "integer",
                    (Kind::Cents, Dialect::Postgres) => "numeric(12,2)",
                    (Kind::Cents, Dialect::Sqlite) => "real",
                    (Kind::Date, Dialect::Postgres) => "date",
                    (Kind::Date | Kind::Text, _) => "text",
                };
                format!("{name} {of} not null")
            })
            .collect();
        format!("create table {} ({}, primary key ({}))", self.name, columns.join(", "), self.key)
    }

    /// The statements that make its indexes.
    pub fn create_indexes(&self) -> Vec<String> {
        let each = self.indexes.iter().enumerate();
        each.map(|(at, columns)| format!("create index {0}_{at} on {0} ({columns})", self.name)).collect()
    }
}

/// A query in somebody's words.
pub fn translate(query: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => query.to_owned(),
        // Dates are texts there, and compare as such.
        Dialect::Sqlite => query
            .replace("date '", "'")
            .replace("extract(year from day)", "(0 + strftime('%Y', day))")
            .replace("extract(year from l_shipdate)", "(0 + strftime('%Y', l_shipdate))")
            .replace("extract(year from o_orderdate)", "(0 + strftime('%Y', o_orderdate))")
            .replace("greatest(", "max("),
    }
}

/// A day as it is written.
pub fn date(days: i32) -> String {
    // Civil from days, by eras of 400 years that begin on the first of March.
    let shifted = i64::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Cents as a decimal number.
pub fn cents(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", value.unsigned_abs() / 100, value.unsigned_abs() % 100)
}

impl Cell {
    /// As it is written in a file.
    pub fn text(&self) -> String {
        match self {
            Cell::Int(value) => value.to_string(),
            Cell::Cents(value) => cents(*value),
            Cell::Date(days) => date(*days),
            Cell::Text(text) => text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_cents_are_written() {
        assert_eq!(
            [0, 59, 60, 10_957, 11_016, -1].map(date),
            ["1970-01-01", "1970-03-01", "1970-03-02", "2000-01-01", "2000-02-29", "1969-12-31"]
        );
        assert_eq!([0, 5, 1234, -7].map(cents), ["0.00", "0.05", "12.34", "-0.07"]);
    }
}
