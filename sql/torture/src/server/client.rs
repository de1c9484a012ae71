//! A client of the server: it comes, moves money, reads, goes away with or without a word, and comes again.
//!
//! A transfer of which it did not hear what became it looks up before it does anything else, behind the lock that its lost session
//! held: where it is missing then it is made again, under the same number.

use super::Kept;
use super::model::{ACCOUNTS, FIRST_BALANCE, Fate};
use super::wire::{Answer, Gone, Told, Wire};
use crate::labels;
use crate::talk::Refused;
use faults::{Chance, Weights};
use std::time::Duration;
use torture::engine::refusal;
use torture::promise::{Failure, Promise};
use torture::stage::Shared;
use torture::subject::{Evidence, Refusal, RefusalKind};
use torture::workload::{Ended, Session};

/// How often a client tries to come in.
const TRIES: u32 = 4;
/// And how long it waits in between.
const PAUSE: Duration = Duration::from_millis(200);

/// What the store said of a statement, for the books.
pub fn refusal_of(refused: &Refused, text: &str) -> Refusal {
    match &refused.store {
        Some(error) => {
            let of_store = refusal(error);
            Refusal { text: format!("{}: {text}", of_store.text), ..of_store }
        }
        None => {
            let told = format!("{} {}: {text}", refused.state(), refused.report.message);
            Refusal { kind: RefusalKind::Other, text: told, evidence: Evidence::None }
        }
    }
}

/// Why a client does not go on with what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// Its connection is over.
    Gone,
    /// It is over itself.
    Over,
}

/// A client of one life.
pub struct Client<'a> {
    /// What it shares with the others.
    pub session: &'a Session,
    /// What outlives this life.
    pub kept: &'a Shared<Kept>,
    /// Its task, and its number.
    pub name: &'a str,
    /// Its number.
    pub number: u8,
    /// Its connection.
    pub wire: Option<Wire>,
    /// Whether somebody was asked to cancel what its session does: that may come late.
    pub cancels: bool,
}

impl<'a> Client<'a> {
    /// Before it comes.
    pub fn new(session: &'a Session, kept: &'a Shared<Kept>, name: &'a str, number: u8) -> Client<'a> {
        Client { session, kept, name, number, wire: None, cancels: false }
    }

    /// Does so many things.
    pub fn run(&mut self, times: u32) {
        for _ in 0..times {
            if !self.session.goes_on() {
                return;
            }
            match self.act() {
                Ok(()) => {}
                Err(Stopped::Gone) => self.wire = None,
                Err(Stopped::Over) => return,
            }
        }
        if let Some(wire) = self.wire.take() {
            wire.leave();
        }
    }

    fn act(&mut self) -> Result<(), Stopped> {
        let sorts = Weights::new(&[600_000, 150_000, 60_000, 60_000, 40_000]);
        let sort = self.session.stage.choose(self.name, &labels::TRANSFER, 6, Chance::Weighted(&sorts));
        if sort == 0 {
            return Ok(());
        }
        if !self.comes()? {
            return Ok(());
        }
        self.look_up()?;
        match sort {
            1 => self.transfer(),
            2 => self.read(),
            3 => self.cancelled(),
            4 => {
                self.note("goes away");
                self.wire = None;
                Ok(())
            }
            _ => {
                self.note("says goodbye");
                if let Some(wire) = self.wire.take() {
                    wire.leave();
                }
                Ok(())
            }
        }
    }

    /// Comes in, if it is not there; whether it is then.
    fn comes(&mut self) -> Result<bool, Stopped> {
        for _ in 0..TRIES {
            if self.wire.is_some() {
                return Ok(true);
            }
            let env = self.session.stage.env();
            match Wire::log_in(&*env) {
                Ok(mut wire) => {
                    self.note("comes");
                    self.cancels = false;
                    let listens = self.choose(&labels::TRANSFER, 2) == 1;
                    let heard = if listens { wire.ask("LISTEN moved") } else { Ok(Answer::default()) };
                    match heard {
                        Ok(answer) => {
                            self.just(answer.error.as_ref())?;
                            self.wire = Some(wire);
                        }
                        Err(Gone(told)) => self.just(told.as_ref())?,
                    }
                }
                Err(Gone(told)) => {
                    self.just(told.as_ref())?;
                    env.sleep(&labels::PAUSE, PAUSE);
                }
            }
        }
        Ok(self.wire.is_some())
    }

    /// Makes certain what became of its transfers of which it did not hear.
    fn look_up(&mut self) -> Result<(), Stopped> {
        for (number, transfer) in self.kept.with(|kept| kept.model.unknown_of(self.number)) {
            self.note(&format!("looks for {number:x}"));
            self.simply("BEGIN")?;
            // Its session of then may still be there, and have it.
            let lock = format!("SELECT pg_advisory_xact_lock({})", self.number);
            self.simply(&lock)?;
            let Some(answer) = self.simply(&format!("SELECT id FROM transfers WHERE id = {number}"))? else {
                continue;
            };
            if answer.rows.is_empty() {
                self.kept.with(|kept| kept.model.refused(number));
                self.make(number, transfer)?;
            } else {
                self.kept.with(|kept| kept.model.acknowledged(number));
                self.simply("COMMIT")?;
            }
        }
        Ok(())
    }

    /// Reads what all transfers leave as it is.
    fn read(&mut self) -> Result<(), Stopped> {
        self.note("reads");
        match self.choose(&labels::MESSAGES, 2) {
            0 => self.sums().map(drop),
            _ => {
                self.simply("BEGIN ISOLATION LEVEL REPEATABLE READ")?;
                let first = self.rows("SELECT id, balance FROM accounts ORDER BY id")?;
                self.sums()?;
                let second = self.rows("SELECT id, balance FROM accounts ORDER BY id")?;
                if let (Some(first), Some(second)) = (&first, &second)
                    && first != second
                {
                    let detail = format!("a snapshot shows {first:?}, and then {second:?}");
                    return Err(self.broken(Promise::SnapshotsStay, detail));
                }
                self.simply("COMMIT").map(drop)
            }
        }
    }

    /// The sum of all balances never changes; whether it could be read.
    pub fn sums(&mut self) -> Result<bool, Stopped> {
        let Some(rows) = self.rows("SELECT sum(balance), count(*) FROM accounts")? else { return Ok(false) };
        let expected = [ACCOUNTS * FIRST_BALANCE, ACCOUNTS].map(|number| Some(number.to_string())).to_vec();
        if rows != [expected] {
            return Err(
                self.broken(Promise::ReadsMatchSnapshot, format!("the accounts have in all {rows:?}"))
            );
        }
        self.kept.with(|kept| kept.model.read_verified());
        Ok(true)
    }

    fn rows(&mut self, text: &str) -> Result<Option<Vec<Vec<Option<String>>>>, Stopped> {
        Ok(self.simply(text)?.map(|answer| answer.rows))
    }

    /// Says something; nothing comes of it when it is refused as it may be, and the transaction is over then.
    pub fn simply(&mut self, text: &str) -> Result<Option<Answer>, Stopped> {
        let answer = self.ask(text)?;
        if answer.error.is_none() {
            return Ok(Some(answer));
        }
        if answer.status == b'E' {
            self.ask("ROLLBACK")?;
        }
        Ok(None)
    }

    /// Says something, and holds against the books what is told.
    pub fn ask(&mut self, text: &str) -> Result<Answer, Stopped> {
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let answered = wire.ask(text);
        self.heard(answered)
    }

    /// What came, or that nothing comes any more.
    pub fn heard(&mut self, answered: Result<Answer, Gone>) -> Result<Answer, Stopped> {
        match answered {
            Ok(answer) => {
                self.just(answer.error.as_ref())?;
                self.told(&answer)?;
                Ok(answer)
            }
            Err(Gone(told)) => {
                self.just(told.as_ref())?;
                self.note("is cut off");
                Err(Stopped::Gone)
            }
        }
    }

    /// What others tell is committed.
    fn told(&self, answer: &Answer) -> Result<(), Stopped> {
        for (_, payload) in &answer.notifications {
            let number = payload.parse().unwrap_or_default();
            match self.kept.with(|kept| kept.model.fate(number)) {
                Some(Fate::Asked | Fate::Unknown | Fate::Acknowledged) => {
                    self.kept.with(|kept| kept.model.acknowledged(number));
                }
                None => {
                    let detail = format!("transfer {payload} was told of, and nobody committed it");
                    return Err(self.broken(Promise::RefusedLeavesNothing, detail));
                }
            }
        }
        Ok(())
    }

    /// An error must have a reason: somebody stood in the way, or somebody asked for it.
    pub fn just(&self, told: Option<&Told>) -> Result<(), Stopped> {
        let Some(told) = told else { return Ok(()) };
        let is_just = match told.state.as_str() {
            "40001" | "40P01" | "53300" | "57P01" => true,
            "57014" => self.cancels,
            _ => false,
        };
        if is_just {
            return Ok(());
        }
        Err(self.broken(Promise::ErrorsAreJust, format!("{} {}", told.state, told.message)))
    }

    /// A promise is broken.
    pub fn broken(&self, promise: Promise, detail: String) -> Stopped {
        match self.session.broken(Failure::new(promise, detail)) {
            Ended::Transaction | Ended::Client => Stopped::Over,
        }
    }

    /// Makes a choice among so many.
    pub fn choose(&self, label: &'static env::Label, options: u32) -> u32 {
        self.session.choose(self.name, label, options)
    }

    /// Whether something happens that does so many times in a million.
    pub fn happens(&self, label: &'static env::Label, per_million: u32) -> bool {
        self.session.stage.choose(self.name, label, 2, Chance::PerMillion(per_million)) == 1
    }

    /// What it does is kept for whoever tells the story.
    pub fn note(&self, what: &str) {
        let life = self.session.state.with(|state| state.life);
        self.kept
            .with(|kept| kept.said.entry((life, self.name.to_owned())).or_default().push(what.to_owned()));
    }
}
