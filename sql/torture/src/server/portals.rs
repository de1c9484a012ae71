//! Portals: executed piece by piece, several at once, over savepoints and changes, gone with their transactions.

use super::client::{Client, Stopped};
use super::marks;
use super::messages::{bind, execute, parse, query, sync};
use super::model::{ACCOUNTS, FIRST_BALANCE};
use super::reading::{BALANCES, Row, number};
use super::transfer::LEVELS;
use crate::labels;
use torture::promise::Promise;

/// What the rows of a portal are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// All accounts, again and again: of one snapshot.
    Accounts,
    /// Numbers.
    Numbers,
}

impl Source {
    fn text(self) -> &'static str {
        match self {
            Source::Accounts => {
                "SELECT g, id, balance FROM generate_series(1, $1::bigint) AS g, accounts ORDER BY g, id"
            }
            Source::Numbers => "SELECT g FROM generate_series(1, $1::bigint) AS g",
        }
    }
}

/// A portal, and how far it has come.
struct Portal {
    name: &'static str,
    source: Source,
    count: i64,
    next: i64,
    /// What the accounts had when the portal was bound, as far as that is known, or when they were first read.
    balances: Vec<i64>,
}

impl Portal {
    fn new(name: &'static str, source: Source, count: i64) -> Portal {
        Portal { name, source, count, next: 0, balances: Vec::new() }
    }

    fn total(&self) -> i64 {
        match self.source {
            Source::Accounts => self.count * ACCOUNTS,
            Source::Numbers => self.count,
        }
    }

    /// `Parse` and `Bind`.
    fn opens(&self) -> Vec<u8> {
        [parse("", self.source.text()), bind(self.name, "", &[self.count.to_string()])].concat()
    }

    /// Whether this is its next row.
    fn takes(&mut self, row: &Row) -> bool {
        let place = self.next;
        self.next += 1;
        match self.source {
            Source::Numbers => number(row, 0) == place + 1,
            Source::Accounts => {
                let (group, id, balance) = (place / ACCOUNTS, place % ACCOUNTS, number(row, 2));
                if self.balances.len() as i64 <= id {
                    self.balances.push(balance);
                }
                let sum: i64 = self.balances.iter().sum();
                let adds_up = id < ACCOUNTS - 1 || sum == ACCOUNTS * FIRST_BALANCE;
                let same = self.balances.get(id as usize) == Some(&balance);
                number(row, 0) == group + 1 && number(row, 1) == id && same && adds_up
            }
        }
    }
}

/// A portal's rows are at their end when the transaction is.
const NO_PORTAL: &str = "34000";

impl Client<'_> {
    /// Executes portals piece by piece.
    pub fn portals(&mut self) -> Result<(), Stopped> {
        self.note("opens portals");
        if self.choose(&labels::PORTAL, 4) == 3 {
            return self.portal_without_block();
        }
        let level = LEVELS[self.choose(&labels::MESSAGES, 3) as usize];
        let Some(_) = self.begins(level)? else { return Ok(()) };
        let count = i64::from(2 + self.choose(&labels::PORTAL, 5));
        let mut one = Portal::new("one", Source::Accounts, count);
        if level != LEVELS[0] {
            // One snapshot for both: the portal has no other, whatever others do until its first piece.
            let Some(answer) = self.simply(BALANCES)? else { return Ok(()) };
            one.balances = answer.rows.iter().map(|row| number(row, 1)).collect();
        }
        let mut two = Portal::new("two", Source::Numbers, 3 * count);
        let opens = [one.opens(), two.opens(), sync()].concat();
        let answer = self.ask(&opens, &[])?;
        if self.or_back(answer)?.is_none() {
            return Ok(());
        }
        for _ in 0..2 + self.choose(&labels::PORTAL, 8) {
            let goes_on = match self.choose(&labels::PORTAL, 6) {
                0 | 1 => self.piece(&mut one)?,
                2 => self.piece(&mut two)?,
                3 => self.changes_beside()?,
                4 => self.savepoint_beside(&mut one)?,
                _ => self.failure_beside(&mut one)?,
            };
            if !goes_on {
                return Ok(());
            }
        }
        let Some(_) = self.simply("ROLLBACK")? else { return Ok(()) };
        if self.portal_is_gone("one")? {
            self.reached(&marks::PORTAL_ENDED);
        }
        Ok(())
    }

    /// Executes so much of a portal; whether the transaction goes on.
    fn piece(&mut self, portal: &mut Portal) -> Result<bool, Stopped> {
        let limit = self.choose(&labels::PORTAL, 9);
        if portal.next > 0 && portal.next < portal.total() {
            self.reached(&marks::PORTAL_GOES_ON);
        }
        let answer = self.ask(&[execute(portal.name, limit), sync()].concat(), &[])?;
        let Some(answer) = self.or_back(answer)? else { return Ok(false) };
        let left = portal.total() - portal.next;
        let limit = i64::from(limit);
        let is_suspended = limit > 0 && left >= limit;
        let expected = if is_suspended { limit } else { left };
        let from = portal.next;
        let all = answer.rows.len() as i64 == expected && answer.is_suspended == is_suspended;
        if !all || !answer.rows.iter().all(|row| portal.takes(row)) {
            let detail = format!(
                "portal {:?} of {} rows gave, from row {from} on with limit {limit}, {:?}, suspended: {}",
                portal.name,
                portal.total(),
                answer.rows,
                answer.is_suspended
            );
            return Err(self.broken(Promise::StatementsMatchModel, detail));
        }
        self.kept.with(|kept| kept.model.read_verified());
        Ok(true)
    }

    /// What its own transaction changes afterwards no portal shows.
    fn changes_beside(&mut self) -> Result<bool, Stopped> {
        let account = self.choose(&labels::ACCOUNTS, ACCOUNTS as u32);
        let text = format!("UPDATE accounts SET balance = balance + 500 WHERE id = {account}");
        Ok(self.simply(&text)?.is_some())
    }

    /// A portal that is opened within a savepoint is gone when that is gone back to; the others are not.
    fn savepoint_beside(&mut self, outer: &mut Portal) -> Result<bool, Stopped> {
        let Some(_) = self.simply("SAVEPOINT beside")? else { return Ok(false) };
        let mut inner = Portal::new("three", Source::Numbers, 5);
        let answer = self.ask(&[inner.opens(), sync()].concat(), &[])?;
        if self.or_back(answer)?.is_none() || !self.piece(&mut inner)? || !self.piece(outer)? {
            return Ok(false);
        }
        if self.choose(&labels::PORTAL, 2) == 0 {
            let Some(_) = self.simply("RELEASE beside")? else { return Ok(false) };
            let goes_on = self.piece(&mut inner)?;
            return Ok(goes_on && self.simply("CLOSE three")?.is_some());
        }
        let Some(_) = self.simply("ROLLBACK TO beside")? else { return Ok(false) };
        self.reached(&marks::PORTAL_OVER_SAVEPOINT);
        // That this fails makes the transaction fail.
        if !self.portal_is_gone("three")? || self.simply("ROLLBACK TO beside")?.is_none() {
            return Ok(false);
        }
        self.piece(outer)
    }

    /// After a failure a portal goes on where it was, once the transaction has gone back to before it.
    fn failure_beside(&mut self, portal: &mut Portal) -> Result<bool, Stopped> {
        let Some(_) = self.simply("SAVEPOINT beside")? else { return Ok(false) };
        if !self.fails("SELECT 1 / (balance - balance) FROM accounts", "22012")? {
            return Ok(false);
        }
        let answer = self.ask(&[execute(portal.name, 1), sync()].concat(), &["25P02"])?;
        if answer.error.is_none() {
            let detail = "a portal was executed in a transaction that has failed".to_owned();
            return Err(self.broken(Promise::StatementsMatchModel, detail));
        }
        let Some(_) = self.simply("ROLLBACK TO beside")? else { return Ok(false) };
        self.piece(portal)
    }

    /// There must be no portal of this name; false if something else came between.
    fn portal_is_gone(&mut self, name: &str) -> Result<bool, Stopped> {
        let answer = self.ask(&[execute(name, 0), sync()].concat(), &[NO_PORTAL])?;
        match &answer.error {
            Some(told) if told.state == NO_PORTAL => Ok(true),
            Some(_) => self.or_back(answer).map(|_| false),
            None => {
                let detail = format!("portal {name:?} gives {:?} when it must be gone", answer.rows);
                Err(self.broken(Promise::StatementsMatchModel, detail))
            }
        }
    }

    /// Without a transaction block a portal lasts until `Sync`.
    fn portal_without_block(&mut self) -> Result<(), Stopped> {
        let mut portal = Portal::new("one", Source::Accounts, 3);
        let (first, second) = (1 + self.choose(&labels::PORTAL, 6), 1 + self.choose(&labels::PORTAL, 6));
        let steps = [portal.opens(), execute("one", first), execute("one", second), sync()].concat();
        let answer = self.ask(&steps, &[])?;
        let Some(answer) = self.or_back(answer)? else { return Ok(()) };
        let expected = (first + second) as usize;
        if answer.rows.len() != expected || !answer.rows.iter().all(|row| portal.takes(row)) {
            let detail = format!("{first} and {second} rows of a portal are {:?}", answer.rows);
            return Err(self.broken(Promise::StatementsMatchModel, detail));
        }
        if self.portal_is_gone("one")? {
            self.reached(&marks::PORTAL_ENDED);
        }
        self.ask(&query("SELECT 1"), &[]).map(drop)
    }
}
