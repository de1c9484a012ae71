//! A client: a session of its own, transactions one after the other, every answer held against the model.
//!
//! Every choice is a named decision whose default does the plainest thing, so that a failing run shrinks by setting
//! choices back. What cannot be foretold (where others work at the same time at READ COMMITTED) is learned from
//! `RETURNING`, and held against the model after the next crash.
//!
//! * [`transaction`]: a transaction with what it sees and what it changed. * [`judge`]: answers against predictions.
//! * [`generate`], [`definitions`]: which statement comes next. * [`queries`]: transactions of queries only.
//! * [`pair`]: two sessions, one of which holds what the other wants. * [`set_up`]: the first tables.

pub mod definitions;
pub mod generate;
pub mod judge;
pub mod pair;
pub mod queries;
pub mod set_up;
pub mod transaction;

use crate::labels;
use crate::oracle::again::Asked;
use crate::talk::{Refused, Talk};
use crate::workload::{Kept, sql_of};
use env::Label;
use faults::{Chance, Weights};
use torture::engine::refusal;
use torture::promise::{Failure, Promise};
use torture::stage::Shared;
use torture::subject::{Refusal, RefusalKind};
use torture::workload::{Ended, Session};

/// A client of one life.
pub struct Client<'a> {
    /// What it shares with the others.
    pub session: &'a Session,
    /// What outlives this life.
    pub kept: &'a Shared<Kept>,
    /// Its task.
    pub name: &'a str,
    /// Its number.
    pub number: u8,
    /// Whether there is no other: then every answer can be foretold.
    pub alone: bool,
    /// Its session.
    pub talk: Talk,
    /// Queries that are asked again, with the columns that they are over.
    pub asked: Asked,
}

impl<'a> Client<'a> {
    /// A client with a session of its own: its number, and how many there are.
    ///
    /// # Errors
    /// When it gets no session.
    pub fn begin(
        session: &'a Session,
        kept: &'a Shared<Kept>,
        name: &'a str,
        (number, count): (u8, u8),
    ) -> Result<Client<'a>, Ended> {
        let opened = sql_of(&*session.database).and_then(|sql| sql.session());
        let talk = Talk::new(opened.map_err(|refusal| session.refused(name, &refusal))?);
        let asked = Asked::default();
        Ok(Client { session, kept, name, number, alone: count == 1, talk, asked })
    }

    /// Runs so many transactions.
    pub fn run(&mut self, transactions: u32) {
        for _ in 0..transactions {
            if !self.session.goes_on() {
                return;
            }
            let mut done = self.transaction();
            if done == Err(Ended::Transaction) {
                // It may be over already; then that is only a warning.
                done = self.simply("ROLLBACK");
            }
            self.keep_what_was_said();
            if done == Err(Ended::Client) {
                return;
            }
        }
    }

    fn transaction(&mut self) -> Result<(), Ended> {
        self.asked.is_of_crowd = false;
        let sorts = Weights::new(&[545_000, 120_000, 30_000, 20_000, 60_000, 75_000, 15_000]);
        match self.session.stage.choose(self.name, &labels::SORT, 8, Chance::Weighted(&sorts)) {
            0 => Ok(()),
            1 => self.writes(),
            2 => self.queries(),
            3 => self
                .session
                .database
                .checkpoint()
                .map_err(|refusal| self.session.refused(self.name, &refusal)),
            4 => self.session.database.vacuum().map_err(|refusal| self.session.refused(self.name, &refusal)),
            5 => self.scratch(),
            6 => self.crowd(),
            _ => self.pair(),
        }
    }

    /// It says nothing more.
    pub fn ends(&mut self) {
        self.keep_what_was_said();
    }

    /// What was said is kept for whoever tells the story, also if a crash takes the client away.
    pub fn keep_what_was_said(&mut self) {
        let life = self.session.state.with(|state| state.life);
        let said = std::mem::take(&mut self.talk.said);
        self.kept.with(|kept| kept.said.entry((life, self.name.to_owned())).or_default().extend(said));
    }

    /// Makes a choice among so many.
    pub fn choose(&self, label: &'static Label, options: usize) -> usize {
        if options <= 1 {
            return 0;
        }
        self.session.choose(self.name, label, options as u32) as usize
    }

    /// Whether something happens that does so many times in a million.
    pub fn happens(&self, label: &'static Label, per_million: u32) -> bool {
        self.session.stage.choose(self.name, label, 2, Chance::PerMillion(per_million)) == 1
    }

    /// A promise is broken.
    pub fn broken(&self, promise: Promise, detail: String) -> Ended {
        self.session.broken(Failure::new(promise, detail))
    }

    /// The store refused a statement, or nobody knows why it failed: legal if a fault explains it.
    pub fn refused(&self, refused: &Refused, text: &str) -> Ended {
        if refused.is_conflict() && !self.alone {
            return Ended::Transaction;
        }
        let Some(error) = &refused.store else {
            return self.unjust(refused, text);
        };
        let of_store = refusal(error);
        match of_store.kind {
            RefusalKind::Other => self.unjust(refused, text),
            RefusalKind::Conflict | RefusalKind::Cancelled | RefusalKind::Missing if self.alone => {
                self.unjust(refused, text)
            }
            _ => self
                .session
                .refused(self.name, &Refusal { text: format!("{}: {text}", of_store.text), ..of_store }),
        }
    }

    /// An error that nothing explains.
    pub fn unjust(&self, refused: &Refused, text: &str) -> Ended {
        let detail = format!("{} {}: {text}", refused.state(), refused.report.message);
        self.broken(Promise::ErrorsAreJust, detail)
    }
}
