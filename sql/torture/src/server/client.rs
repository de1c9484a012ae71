//! A client of the server: it comes, does something, goes away with or without a word, and comes again.
//!
//! A deed of which it did not hear what became it looks up before it does anything else, behind the lock that its lost session
//! held: where it is missing then it is made again, under the same number. Whatever it waits for it gets in time: locks within
//! [`LOCK_SECONDS`], any answer within [`super::wire::PATIENCE`].

use super::Kept;
use super::marks;
use super::messages::query;
use super::transfer::LEVELS;
use super::wire::{Answer, Gone, Told, Wire};
use crate::labels;
use crate::talk::Refused;
use env::Label;
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
/// No lock is held longer: transactions have a few statements, and those of clients that are gone are rolled back.
const LOCK_SECONDS: u32 = 120;

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

/// What a client does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Nothing,
    Transfer,
    Read,
    CopyIn,
    CopyOut,
    Portals,
    Schema,
    Lists,
    Listen,
    Stall,
    Disturb,
    Cancelled,
    Silent,
    Dies,
    GoAway,
    SayGoodbye,
}

/// How often in a million each is done; what is left is nothing.
const ACTS: [(Act, u32); 15] = [
    (Act::Transfer, 280_000),
    (Act::Read, 70_000),
    (Act::CopyIn, 90_000),
    (Act::CopyOut, 50_000),
    (Act::Portals, 70_000),
    (Act::Schema, 70_000),
    (Act::Lists, 110_000),
    (Act::Listen, 50_000),
    (Act::Stall, 40_000),
    (Act::Disturb, 50_000),
    (Act::Cancelled, 30_000),
    (Act::Silent, 15_000),
    (Act::Dies, 25_000),
    (Act::GoAway, 15_000),
    (Act::SayGoodbye, 15_000),
];

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
    /// Whether its transaction may be refused for what others have changed: it is above READ COMMITTED.
    conflicts: bool,
}

impl<'a> Client<'a> {
    /// Before it comes.
    pub fn new(session: &'a Session, kept: &'a Shared<Kept>, name: &'a str, number: u8) -> Client<'a> {
        Client { session, kept, name, number, wire: None, conflicts: false }
    }

    /// Does so many things.
    pub fn run(&mut self, times: u32) {
        for _ in 0..times {
            if !self.session.goes_on() {
                return;
            }
            match self.act() {
                Ok(()) => {}
                Err(Stopped::Gone) => drop(self.let_go()),
                Err(Stopped::Over) => return,
            }
        }
        if let Some(wire) = self.let_go() {
            wire.leave();
        }
    }

    fn act(&mut self) -> Result<(), Stopped> {
        let act = self.next();
        if act == Act::Nothing || !self.comes()? {
            return Ok(());
        }
        self.look_up()?;
        match act {
            Act::Nothing => Ok(()),
            Act::Transfer => self.transfer(),
            Act::Read => self.read(),
            Act::CopyIn => self.copy_in(),
            Act::CopyOut => self.copy_out(),
            Act::Portals => self.portals(),
            Act::Schema => self.schema(),
            Act::Lists => self.lists(),
            Act::Listen => self.listen(),
            Act::Stall => self.stall(),
            Act::Disturb => self.disturb(),
            Act::Cancelled => self.cancelled(),
            Act::Silent => self.falls_silent(),
            Act::Dies => self.dies(),
            Act::GoAway => {
                self.note("goes away");
                drop(self.let_go());
                Ok(())
            }
            Act::SayGoodbye => {
                self.note("says goodbye");
                if let Some(wire) = self.let_go() {
                    wire.leave();
                }
                Ok(())
            }
        }
    }

    fn next(&self) -> Act {
        let weights = Weights::new(&ACTS.map(|(_, weight)| weight));
        let chance = Chance::Weighted(&weights);
        let chosen = self.session.stage.choose(self.name, &labels::ACT, ACTS.len() as u32 + 1, chance);
        let place = (chosen as usize).checked_sub(1);
        place.and_then(|place| ACTS.get(place)).map_or(Act::Nothing, |(act, _)| *act)
    }

    /// Comes in, if it is not there; whether it is then.
    pub fn comes(&mut self) -> Result<bool, Stopped> {
        for _ in 0..TRIES {
            if self.wire.is_some() {
                return Ok(true);
            }
            let Some(wire) = self.log_in()? else {
                self.session.stage.env().sleep(&labels::PAUSE, PAUSE);
                continue;
            };
            self.note("comes");
            self.wire = Some(wire);
            match self.settles_in() {
                Ok(true) => {}
                Ok(false) | Err(Stopped::Gone) => drop(self.let_go()),
                Err(Stopped::Over) => return Err(Stopped::Over),
            }
        }
        Ok(self.wire.is_some())
    }

    /// The first that it says; whether it was answered.
    fn settles_in(&mut self) -> Result<bool, Stopped> {
        let Some(_) = self.simply(&format!("SET lock_timeout = '{LOCK_SECONDS}s'"))? else {
            return Ok(false);
        };
        if self.choose(&labels::LISTENING, 2) == 1 {
            self.begins_to_listen()?;
        }
        Ok(true)
    }

    /// A connection, logged in, if there is room.
    pub fn log_in(&mut self) -> Result<Option<Wire>, Stopped> {
        match Wire::log_in(&*self.session.stage.env()) {
            Ok(wire) => {
                let (number, process, key) = (self.number, wire.process(), wire.key);
                self.kept.with(|kept| kept.presence.comes(number, process, key));
                Ok(Some(wire))
            }
            Err(gone) => match &gone.told {
                Some(told) if told.state == "53300" => Ok(None),
                _ => self.cut_off(&gone, 0, &[]).map(|()| None),
            },
        }
    }

    /// Gives up its connection, if it has one.
    pub fn let_go(&mut self) -> Option<Wire> {
        self.conflicts = false;
        let wire = self.wire.take()?;
        self.kept.with(|kept| kept.presence.leaves(wire.process()));
        Some(wire)
    }

    /// Makes certain what became of its deeds of which it did not hear.
    fn look_up(&mut self) -> Result<(), Stopped> {
        for (number, deed) in self.kept.with(|kept| kept.model.unknown_of(self.number)) {
            self.note(&format!("looks for {number:x}"));
            if self.simply("BEGIN")?.is_none() {
                continue;
            }
            // Its session of then may still be there, and have it.
            let lock = format!("SELECT pg_advisory_xact_lock({})", self.number);
            if self.simply(&lock)?.is_none() {
                continue;
            }
            let text = format!(
                "SELECT id FROM transfers WHERE id = {number} UNION ALL SELECT load FROM loads WHERE load = {number} AND line = 1"
            );
            let Some(answer) = self.simply(&text)? else { continue };
            if answer.rows.is_empty() {
                // What was said may still be on its way to the server and be done there later, if it is not made here: until it
                // is, nobody knows.
                self.reached(&marks::MADE_AGAIN);
                self.make(number, deed)?;
            } else {
                self.kept.with(|kept| kept.model.acknowledged(number));
                self.simply("COMMIT")?;
            }
        }
        Ok(())
    }

    /// Says something; nothing comes of it when it is refused as it may be, and the transaction is over then.
    pub fn simply(&mut self, text: &str) -> Result<Option<Answer>, Stopped> {
        self.simply_but(text, &[])
    }

    /// Begins a transaction of a level.
    pub fn begins(&mut self, level: &str) -> Result<Option<Answer>, Stopped> {
        self.conflicts = level != LEVELS[0];
        self.simply(&format!("BEGIN ISOLATION LEVEL {level}"))
    }

    /// The same where errors of these states are nothing bad either.
    pub fn simply_but(&mut self, text: &str, expected: &[&str]) -> Result<Option<Answer>, Stopped> {
        let answer = self.ask(&query(text), expected)?;
        self.or_back(answer)
    }

    /// An answer without error; otherwise the transaction is ended.
    pub fn or_back(&mut self, answer: Answer) -> Result<Option<Answer>, Stopped> {
        if answer.error.is_none() {
            return Ok(Some(answer));
        }
        if answer.status != b'I' {
            self.ask(&query("ROLLBACK"), &[])?;
        }
        Ok(None)
    }

    /// Says something, and holds against the books what is told.
    pub fn ask(&mut self, bytes: &[u8], expected: &[&str]) -> Result<Answer, Stopped> {
        let spoke = self.moment();
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let answered = wire.say(bytes).and_then(|()| wire.answer());
        self.heard(spoke, answered, expected)
    }

    /// What came of what it said at that moment, or that nothing comes any more.
    pub fn heard(
        &mut self,
        spoke: u64,
        answered: Result<Answer, Gone>,
        expected: &[&str],
    ) -> Result<Answer, Stopped> {
        let process = self.wire.as_ref().map_or(0, Wire::process);
        match answered {
            Ok(answer) => {
                self.just(answer.error.as_ref(), process, expected)?;
                self.conflicts &= answer.status != b'I';
                self.told(spoke, &answer)?;
                Ok(answer)
            }
            Err(gone) => {
                self.cut_off(&gone, process, expected)?;
                self.note("is cut off");
                Err(Stopped::Gone)
            }
        }
    }

    /// Its connection is over: it must not only be that nobody answers, or that it is ended for nothing.
    fn cut_off(&self, gone: &Gone, process: u32, expected: &[&str]) -> Result<(), Stopped> {
        if gone.is_late {
            let detail = format!("session {process} has not been answered for ten minutes");
            return Err(self.broken(Promise::EndsInTime, detail));
        }
        self.just(gone.told.as_ref(), process, expected)
    }

    /// An error must have a reason: somebody stood in the way, or somebody asked for it.
    fn just(&self, told: Option<&Told>, process: u32, expected: &[&str]) -> Result<(), Stopped> {
        let Some(told) = told else { return Ok(()) };
        let is_just = match told.state.as_str() {
            state if expected.contains(&state) => true,
            "40001" => self.conflicts,
            "40P01" => true,
            "57P01" => self.kept.with(|kept| kept.presence.may_end(process)),
            "57014" => self.kept.with(|kept| kept.presence.is_cancelled(process)),
            "55P03" => {
                let detail = format!("a lock was held for {LOCK_SECONDS} seconds, by whomever");
                return Err(self.broken(Promise::EndsInTime, detail));
            }
            _ => false,
        };
        if is_just {
            return Ok(());
        }
        let detail = format!("session {process}: {} {}", told.state, told.message);
        Err(self.broken(Promise::ErrorsAreJust, detail))
    }

    /// A promise is broken.
    pub fn broken(&self, promise: Promise, detail: String) -> Stopped {
        self.failed(Failure::new(promise, detail))
    }

    /// The same.
    pub fn failed(&self, failure: Failure) -> Stopped {
        match self.session.broken(failure) {
            Ended::Transaction | Ended::Client => Stopped::Over,
        }
    }

    /// A moment later than all before.
    pub fn moment(&self) -> u64 {
        self.kept.with(|kept| kept.model.moment())
    }

    /// Makes a choice among so many.
    pub fn choose(&self, label: &'static Label, options: u32) -> u32 {
        self.session.choose(self.name, label, options)
    }

    /// Whether something happens that does so many times in a million.
    pub fn happens(&self, label: &'static Label, per_million: u32) -> bool {
        self.session.stage.choose(self.name, label, 2, Chance::PerMillion(per_million)) == 1
    }

    /// Something has happened that must happen sometimes.
    pub fn reached(&self, mark: &'static Label) {
        self.session.stage.env().reached(mark);
    }

    /// What it does is kept for whoever tells the story.
    pub fn note(&self, what: &str) {
        let life = self.session.state.with(|state| state.life);
        self.kept
            .with(|kept| kept.said.entry((life, self.name.to_owned())).or_default().push(what.to_owned()));
    }
}
