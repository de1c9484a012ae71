//! Reads: what one snapshot holds, over several statements or by one, with nothing missing that was acknowledged before.

use super::client::{Client, Stopped};
use super::marks;
use super::model::{ACCOUNTS, FIRST_BALANCE, Found, Must, Transfer};
use super::transfer::LEVELS;
use crate::labels;
use torture::promise::{Failure, Promise};

/// A row.
pub type Row = Vec<Option<String>>;

/// A column of a row as a number; one that nobody writes where it is none.
pub fn number(row: &[Option<String>], place: usize) -> i64 {
    row.get(place).and_then(Option::as_ref).and_then(|text| text.parse().ok()).unwrap_or(i64::MIN)
}

/// All transfers, one in each row.
pub const TRANSFERS: &str = "SELECT id, source, target, amount FROM transfers ORDER BY id";
/// All accounts.
pub const BALANCES: &str = "SELECT id, balance FROM accounts ORDER BY id";
/// All lines.
pub const LINES: &str = "SELECT load, line, note FROM loads ORDER BY load, line";

impl Found {
    /// Puts in rows of [`TRANSFERS`].
    pub fn put_transfers(&mut self, rows: &[Row]) {
        self.transfers.extend(rows.iter().map(|row| {
            let transfer =
                Transfer { source: number(row, 1), target: number(row, 2), amount: number(row, 3) };
            (number(row, 0), transfer)
        }));
    }

    /// Puts in rows of [`BALANCES`].
    pub fn put_balances(&mut self, rows: &[Row]) {
        self.balances.extend(rows.iter().map(|row| (number(row, 0), number(row, 1))));
    }

    /// Puts in rows of [`LINES`].
    pub fn put_lines(&mut self, rows: Vec<Row>) {
        for mut row in rows {
            let (load, line) = (number(&row, 0), number(&row, 1));
            let note = row.pop().flatten();
            self.loads.entry(load).or_default().insert(line, note);
        }
    }
}

/// What a reader sees that nobody committed he must not have seen; all else is that he sees no snapshot.
pub fn of_read(failure: Failure) -> Failure {
    match failure.promise {
        Promise::RefusedLeavesNothing => failure,
        _ => Failure { promise: Promise::ReadsMatchSnapshot, ..failure },
    }
}

impl Client<'_> {
    /// Reads what all transfers leave as it is.
    pub fn read(&mut self) -> Result<(), Stopped> {
        match self.choose(&labels::MESSAGES, 3) {
            0 => self.sums().map(drop),
            1 => self.read_by_one(),
            _ => self.read_snapshot(),
        }
    }

    /// One statement reads two tables: at every level it sees one snapshot.
    fn read_by_one(&mut self) -> Result<(), Stopped> {
        self.note("reads by one statement");
        let moment = self.moment();
        let text = "SELECT 0, id, balance, 0, 0 FROM accounts \
                    UNION ALL SELECT 1, id, source, target, amount FROM transfers";
        let Some(answer) = self.simply(text)? else { return Ok(()) };
        let mut found = Found::default();
        for row in &answer.rows {
            match number(row, 0) {
                0 => found.put_balances(&[row[1..3].to_vec()]),
                _ => found.put_transfers(&[row[1..].to_vec()]),
            }
        }
        let must = Must::Before(moment);
        let judged = self.kept.with(|kept| kept.model.judge_transfers(&found.transfers, must));
        judged.map_err(|failure| self.failed(of_read(failure)))?;
        found.adds_up().map_err(|failure| self.failed(of_read(failure)))?;
        self.reached(&marks::READ_BY_ONE);
        self.kept.with(|kept| kept.model.read_verified());
        Ok(())
    }

    /// Several statements of one snapshot.
    fn read_snapshot(&mut self) -> Result<(), Stopped> {
        let level = LEVELS[1 + self.choose(&labels::MESSAGES, 2) as usize];
        self.note(&format!("reads a snapshot, {level}"));
        let Some(_) = self.begins(level)? else { return Ok(()) };
        let moment = self.moment();
        let Some(first) = self.rows(BALANCES)? else { return Ok(()) };
        let mut found = Found::default();
        let Some(transfers) = self.rows(TRANSFERS)? else { return Ok(()) };
        found.put_transfers(&transfers);
        let Some(lines) = self.rows(LINES)? else { return Ok(()) };
        found.put_lines(lines);
        if !self.sums()? {
            return Ok(());
        }
        let Some(second) = self.rows(BALANCES)? else { return Ok(()) };
        if first != second {
            let detail = format!("a snapshot shows {first:?}, and then {second:?}");
            return Err(self.broken(Promise::SnapshotsStay, detail));
        }
        found.put_balances(&first);
        let judged = self.kept.with(|kept| kept.model.judge(Some(&found), Must::Before(moment)));
        judged.map_err(|failure| self.failed(of_read(failure)))?;
        self.reached(&marks::READ_SNAPSHOT);
        self.kept.with(|kept| kept.model.read_verified());
        self.simply("COMMIT").map(drop)
    }

    /// The sum of all balances never changes; whether it could be read.
    pub fn sums(&mut self) -> Result<bool, Stopped> {
        let Some(rows) = self.rows("SELECT sum(balance), count(*) FROM accounts")? else { return Ok(false) };
        let expected = [ACCOUNTS * FIRST_BALANCE, ACCOUNTS].map(|number| Some(number.to_string())).to_vec();
        if rows != [expected] {
            let detail = format!("the accounts have in all {rows:?}");
            return Err(self.broken(Promise::ReadsMatchSnapshot, detail));
        }
        self.kept.with(|kept| kept.model.read_verified());
        Ok(true)
    }

    /// The rows of an answer.
    pub fn rows(&mut self, text: &str) -> Result<Option<Vec<Row>>, Stopped> {
        Ok(self.simply(text)?.map(|answer| answer.rows))
    }
}
