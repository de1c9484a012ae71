//! A transaction that writes, with what it sees and what it changed.
//!
//! Where the client is alone, or the transaction keeps one snapshot, what it sees is known: the model tells what the
//! tables hold at these marks. Every answer is then foretold. Where it is not known (`exact` is false), what the
//! statements changed is taken from what they return.

use super::Client;
use super::judge::Outcome;
use crate::labels;
use crate::model::contents::{Change, Contents};
use crate::model::statement::Statement;
use crate::model::{MARKS, Marks};
use crate::state::{REFERENCE, UNIQUE};
use crate::talk::Refused;
use faults::{Chance, Weights};
use torture::model::Fate;
use torture::oracle::accounting;
use torture::promise::Promise;
use torture::workload::Ended;

/// Statements of a transaction at most.
const LENGTH_MAX: usize = 9;

/// How strongly a transaction is shielded from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Level {
    RepeatableRead,
    ReadCommitted,
    Serializable,
}

impl Level {
    fn sql(self) -> &'static str {
        match self {
            Level::RepeatableRead => "REPEATABLE READ",
            Level::ReadCommitted => "READ COMMITTED",
            Level::Serializable => "SERIALIZABLE",
        }
    }
}

/// What a savepoint goes back to.
#[derive(Debug, Clone)]
pub struct Savepoint {
    changes: usize,
    view: Contents,
    exact: bool,
}

/// A transaction under way.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    /// What it sees.
    pub view: Contents,
    /// Whether it sees just that.
    pub exact: bool,
    /// Whether it works with tables that nobody else sees.
    pub apart: bool,
    /// What it changed.
    pub changes: Vec<Change>,
    /// Its savepoints, named by their places.
    pub savepoints: Vec<Savepoint>,
}

impl Transaction {
    /// One that makes its own tables.
    pub fn apart() -> Transaction {
        Transaction { exact: true, apart: true, ..Transaction::default() }
    }
}

impl Client<'_> {
    /// One transaction of statements.
    ///
    /// # Errors
    /// When it is over, and the client with it perhaps.
    pub fn writes(&mut self) -> Result<(), Ended> {
        let mut transaction = self.begin_transaction()?;
        self.statements(&mut transaction)?;
        self.end(transaction)
    }

    /// Begins one, and finds out what it sees.
    ///
    /// # Errors
    /// When a statement was refused.
    pub fn begin_transaction(&mut self) -> Result<Transaction, Ended> {
        let levels = Weights::new(&[400_000, 250_000]);
        let level = match self.session.stage.choose(self.name, &labels::LEVEL, 3, Chance::Weighted(&levels)) {
            0 => Level::RepeatableRead,
            1 => Level::ReadCommitted,
            _ => Level::Serializable,
        };
        self.simply(&format!("BEGIN ISOLATION LEVEL {}", level.sql()))?;
        let exact = self.alone || level != Level::ReadCommitted;
        let view = if exact { self.seen()? } else { self.kept.with(|kept| kept.model.latest()) };
        Ok(Transaction { view, exact, ..Transaction::default() })
    }

    /// What the transaction's snapshot must show.
    ///
    /// # Errors
    /// When the marks cannot be read, or cannot be.
    pub fn seen(&mut self) -> Result<Contents, Ended> {
        let marks = self.marks()?;
        let expected = self.kept.with(|kept| kept.model.expect(&marks, self.alone));
        expected.map(|expected| expected.contents).map_err(|failure| self.session.broken(failure))
    }

    fn marks(&mut self) -> Result<Marks, Ended> {
        let text = format!("SELECT client, serial FROM {MARKS}");
        let answer = self.talk.ask(&text).map_err(|refused| self.refused(&refused, &text))?;
        let number = |value: &Option<String>| value.as_deref().and_then(|text| text.parse::<u32>().ok());
        let mark = |row: &Vec<Option<String>>| match row.as_slice() {
            [client, serial] => Some((u8::try_from(number(client)?).ok()?, number(serial)?)),
            _ => None,
        };
        Ok(answer.rows.iter().filter_map(mark).collect())
    }

    fn statements(&mut self, transaction: &mut Transaction) -> Result<(), Ended> {
        for _ in 0..=self.choose(&labels::LENGTH, LENGTH_MAX) {
            let sorts =
                Weights::new(&[300_000, 200_000, 90_000, 110_000, 70_000, 60_000, 110_000, 15_000, 40_000]);
            let statement = match self.session.stage.choose(
                self.name,
                &labels::STATEMENT,
                10,
                Chance::Weighted(&sorts),
            ) {
                0 => None,
                1 => self.insert(&transaction.view),
                2 => self.update(&transaction.view),
                3 => self.delete(&transaction.view),
                4 => self.select(&transaction.view),
                5 => {
                    self.savepoint(transaction)?;
                    None
                }
                6 => {
                    self.roll_back_to(transaction)?;
                    None
                }
                7 => self.definition(&transaction.view),
                8 => self.truncate(&transaction.view),
                _ => {
                    // What it has changed itself, it sees.
                    if transaction.exact {
                        self.query(&transaction.view)?;
                    }
                    None
                }
            };
            if let Some(statement) = statement {
                self.statement(transaction, &statement)?;
            }
        }
        Ok(())
    }

    /// Runs a statement; one that fails brings the transaction back to a savepoint, or ends it.
    ///
    /// # Errors
    /// When the transaction is over.
    pub fn statement(&mut self, transaction: &mut Transaction, statement: &Statement) -> Result<(), Ended> {
        match self.judge_statement(transaction, statement)? {
            Outcome::Done => Ok(()),
            // The transaction has failed; a savepoint brings it back.
            Outcome::Failed
                if !transaction.savepoints.is_empty() && self.choose(&labels::AFTER_ERROR, 4) < 3 =>
            {
                self.roll_back_to(transaction)
            }
            Outcome::Failed => Err(Ended::Transaction),
        }
    }

    /// `SAVEPOINT`
    ///
    /// # Errors
    /// When it was refused.
    pub fn savepoint(&mut self, transaction: &mut Transaction) -> Result<(), Ended> {
        self.simply(&format!("SAVEPOINT s{}", transaction.savepoints.len()))?;
        transaction.savepoints.push(Savepoint {
            changes: transaction.changes.len(),
            view: transaction.view.clone(),
            exact: transaction.exact,
        });
        Ok(())
    }

    /// `ROLLBACK TO` one of the savepoints, if there are some.
    ///
    /// # Errors
    /// When it was refused.
    pub fn roll_back_to(&mut self, transaction: &mut Transaction) -> Result<(), Ended> {
        if transaction.savepoints.is_empty() {
            return Ok(());
        }
        let count = transaction.savepoints.len();
        let place = count - 1 - self.choose(&labels::COUNT, count);
        self.simply(&format!("ROLLBACK TO s{place}"))?;
        transaction.savepoints.truncate(place + 1);
        let Savepoint { changes, view, exact } = transaction.savepoints[place].clone();
        transaction.changes.truncate(changes);
        transaction.view = view;
        transaction.exact = exact;
        Ok(())
    }

    /// Commits, or rolls back.
    fn end(&mut self, transaction: Transaction) -> Result<(), Ended> {
        if self.happens(&labels::ENDING, 80_000) {
            return Err(Ended::Transaction);
        }
        let Transaction { view, exact, changes, .. } = transaction;
        if changes.is_empty() {
            return self.simply("COMMIT");
        }
        let serial = self.kept.with(|kept| kept.model.next_serial(self.number));
        self.simply(&format!(
            "INSERT INTO {MARKS} VALUES ({}, {serial}) ON CONFLICT (client) DO UPDATE SET serial = excluded.serial",
            self.number
        ))?;
        let violations = view.violations(true);
        let attempt = self.kept.with(|kept| kept.model.commit_called(self.number, serial, changes));
        let said = self.talk.say("COMMIT");
        let fate = match &said {
            Ok(_) => Fate::Acknowledged(0),
            Err(refused) if refused.unknown => Fate::Unknown,
            Err(_) => Fate::Refused,
        };
        self.kept.with(|kept| kept.model.commit_returned(attempt, fate));
        match said {
            Ok(_) if exact && self.alone && !violations.is_empty() => {
                let detail = format!("COMMIT succeeded although {violations:?} is due");
                Err(self.broken(Promise::ConstraintsHold, detail))
            }
            Ok(_) => self.account(),
            Err(refused) if violations.contains(refused.state()) => Err(Ended::Transaction),
            Err(refused) => Err(self.commit_refused(&refused)),
        }
    }

    /// A commit was refused, or nobody knows what came of it.
    pub fn commit_refused(&self, refused: &Refused) -> Ended {
        let Some(error) = &refused.store else {
            // A condition that waits for the commit may be broken by what others did.
            let deferred = [REFERENCE, UNIQUE].contains(&refused.state());
            return if deferred && !self.alone { Ended::Transaction } else { self.unjust(refused, "COMMIT") };
        };
        if refused.unknown {
            return self.session.unknown(self.name, &torture::engine::refusal(error)).1;
        }
        self.refused(refused, "COMMIT")
    }

    /// Holds what was promised so far against the synced bytes alone, now and then.
    fn account(&mut self) -> Result<(), Ended> {
        if !self.happens(&labels::ACCOUNT, self.session.intensity.accounting) {
            return Ok(());
        }
        accounting::account(self.session).map_err(|failure| self.session.broken(failure))
    }
}
