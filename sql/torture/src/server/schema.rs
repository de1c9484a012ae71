//! Tables whose columns come and go, and a statement that was prepared when they were others.
//!
//! A column that comes has one value in all rows, so whoever sees the column knows the values.

use super::client::{Client, Stopped};
use super::marks;
use super::messages::{bind, close_statement, describe_portal, execute, sync};
use super::model::{ACCOUNTS, FIRST_BALANCE};
use super::reading::number;
use super::wire::Answer;
use crate::labels;
use std::time::Duration;
use torture::promise::Promise;

/// What a statement fails with whose result would have other columns than it was prepared with.
const OTHER_COLUMNS: &str = "0A000";
/// Columns that come and go, with what defines them and their value.
const COLUMNS: [(&str, &str, &str); 3] = [
    ("mark", "bigint NOT NULL DEFAULT 7", "7"),
    ("label", "text DEFAULT 'seven'", "seven"),
    ("flag", "boolean NOT NULL DEFAULT true", "t"),
];
/// A column that takes the place of another of the same name, with another value.
const STAMP: &str = "stamp";
/// The statements that are prepared once and run again, over all columns that there are.
const STATEMENTS: [(&str, &str, &[&str]); 2] = [
    ("all accounts", "SELECT * FROM accounts ORDER BY id", &[]),
    ("all transfers", "SELECT * FROM transfers WHERE id >= $1 ORDER BY id", &["0"]),
];

impl Client<'_> {
    /// Reads all columns that there are, before and after some change.
    pub fn schema(&mut self) -> Result<(), Stopped> {
        let place = self.choose(&labels::SCHEMA, STATEMENTS.len() as u32) as usize;
        self.reads_columns(place)?;
        match self.choose(&labels::SCHEMA, 4) {
            0 | 1 => self.changes_columns()?,
            // Others may change some meanwhile.
            _ => self.session.stage.env().sleep(&labels::PAUSE, Duration::from_millis(5)),
        }
        self.reads_columns(place)
    }

    fn changes_columns(&mut self) -> Result<(), Stopped> {
        let table = ["accounts", "transfers"][self.choose(&labels::SCHEMA, 2) as usize];
        let (name, definition, _) = COLUMNS[self.choose(&labels::SCHEMA, COLUMNS.len() as u32) as usize];
        let change = match self.choose(&labels::SCHEMA, 3) {
            0 => format!("ADD COLUMN IF NOT EXISTS {name} {definition}"),
            1 => format!("DROP COLUMN IF EXISTS {name}"),
            _ => return self.replaces_column(table),
        };
        let text = format!("ALTER TABLE {table} {change}");
        self.note(&text);
        if self.choose(&labels::SCHEMA, 4) != 3 {
            if self.simply(&text)?.is_some() {
                self.reached(&marks::COLUMNS_CHANGED);
            }
            return Ok(());
        }
        self.note("and takes that back");
        let Some(_) = self.simply("BEGIN")? else { return Ok(()) };
        if self.simply(&text)?.is_none() || !self.sums()? {
            return Ok(());
        }
        self.simply("ROLLBACK").map(drop)
    }

    /// A column takes the place of another of the same name: whoever was to see the former sees this one.
    fn replaces_column(&mut self, table: &'static str) -> Result<(), Stopped> {
        let value = self.next_number();
        let text = format!(
            "ALTER TABLE {table} DROP COLUMN IF EXISTS {STAMP}, ADD COLUMN {STAMP} bigint NOT NULL DEFAULT {value}"
        );
        self.note(&text);
        self.kept.with(|kept| {
            let moment = kept.model.moment();
            kept.stamps.asked(table, value, moment);
        });
        if self.simply(&text)?.is_some() {
            self.reached(&marks::COLUMN_REPLACED);
            self.kept.with(|kept| {
                let moment = kept.model.moment();
                kept.stamps.acknowledged(value, moment);
            });
        }
        Ok(())
    }

    /// The column that takes another's place.
    fn judge_stamp(&self, name: &str, answer: &Answer, spoke: u64) -> Result<(), Stopped> {
        let Some(place) = answer.columns.iter().position(|column| column == STAMP) else { return Ok(()) };
        let table = name.trim_start_matches("all ");
        let mut values: Vec<i64> = answer.rows.iter().map(|row| number(row, place)).collect();
        values.dedup();
        for value in values {
            let judged = self.kept.with(|kept| kept.stamps.judge(table, value, spoke));
            judged.map_err(|failure| self.failed(failure))?;
        }
        Ok(())
    }

    fn reads_columns(&mut self, place: usize) -> Result<(), Stopped> {
        let (name, text, values) = STATEMENTS[place];
        self.note(&format!("reads {name}"));
        if !self.prepares(name, text)? {
            return Ok(());
        }
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let steps = [bind("", name, &values), describe_portal(""), execute("", 0), sync()].concat();
        let spoke = self.moment();
        let answer = self.ask(&steps, &[OTHER_COLUMNS])?;
        match &answer.error {
            Some(told) if told.state == OTHER_COLUMNS => {
                if told.message != "cached plan must not change result type" {
                    return Err(self.broken(Promise::ErrorsAreJust, told.message.clone()));
                }
                self.reached(&marks::PLAN_REFUSED);
                if let Some(wire) = &mut self.wire {
                    wire.prepared.remove(name);
                    wire.columns.remove(name);
                }
                self.ask(&[close_statement(name), sync()].concat(), &[]).map(drop)
            }
            Some(_) => self.or_back(answer).map(drop),
            None => {
                if let Some(wire) = &mut self.wire {
                    let columns = wire.columns.entry(name).or_insert_with(|| answer.columns.clone());
                    if *columns != answer.columns {
                        let detail = format!("{name}: columns {columns:?} became {:?}", answer.columns);
                        return Err(self.broken(Promise::StatementsMatchModel, detail));
                    }
                }
                self.judge_stamp(name, &answer, spoke)?;
                self.judge_columns(name, &answer)
            }
        }
    }

    /// Every value belongs to its column.
    fn judge_columns(&self, name: &str, answer: &Answer) -> Result<(), Stopped> {
        let of_name = |column: &str| COLUMNS.iter().find(|(name, ..)| *name == column);
        let is_whole = |row: &Vec<Option<String>>| {
            row.len() == answer.columns.len()
                && row.iter().zip(&answer.columns).all(|(value, column)| match of_name(column) {
                    Some((_, _, expected)) => value.as_deref() == Some(*expected),
                    None => value.as_ref().is_some_and(|value| value.parse::<i64>().is_ok()),
                })
        };
        let sum: i64 = answer.rows.iter().map(|row| number(row, 1)).sum();
        let adds_up = name != STATEMENTS[0].0
            || (answer.rows.len() as i64, sum) == (ACCOUNTS, ACCOUNTS * FIRST_BALANCE);
        if !adds_up || !answer.rows.iter().all(is_whole) {
            let detail = format!("{name}: columns {:?}, rows {:?}", answer.columns, answer.rows);
            return Err(self.broken(Promise::StatementsMatchModel, detail));
        }
        if answer.columns.iter().any(|column| of_name(column).is_some()) {
            self.reached(&marks::COLUMNS_SEEN);
        }
        self.kept.with(|kept| kept.model.read_verified());
        Ok(())
    }
}
