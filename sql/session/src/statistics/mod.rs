//! What sessions have read, changed and called, and how their transactions ended, as the statistics views and functions tell it.
//!
//! A statement counts in the session's tally ([`execute::Tally`]). When a text has been run, that is put down beside what the
//! session does ([`crate::services::activity`]), and from there it goes to what is known to all (`shared`): when a transaction is over and a
//! second has gone by since that was done last, or somebody has asked for it (`pg_stat_force_next_flush`). What a session that
//! rests has kept for longer than [`IDLE`] is taken by whoever asks. `reading` is what is seen of it within a transaction
//! (`stats_fetch_consistency`), `answers` are the functions, `outside` is for whoever watches the engine.
//!
//! Invariants
//!
//! 1. Nothing of it outlives the process, and nothing fails because of it.
//! 2. What belongs to an object is told as long as the catalog has the object: numbers of objects are not given twice, so nothing
//!    needs to be done when one goes. What is left of such is swept away now and then.
//! 3. Time is told by the session's world: who keeps what for how long depends on nothing else.

mod answers;
mod outside;
mod reading;
mod shared;
pub(crate) mod watch;

pub(crate) use answers::milliseconds;
pub use outside::Figures;
pub(crate) use reading::{Fetch, Reader, Reading};
pub(crate) use shared::{DatabaseEntry, Logged, Statistics, TableEntry, Told};

use crate::definition::databases::Presence;
use crate::engine::{Engine, now};
use crate::labels::TIMER;
use crate::services::activity::Activity;
use crate::session::Session;
use crate::settings::Typed;
use crate::transaction::block::Status;
use catalog::Oid;
use catalog::object::Object;
use datetime::TimestampTz;
use execute::{Tally, Totals};
use store::{Bounds, DatabaseId, TreeId};

/// What is counted is handed on no more often than this, unless somebody wants it: microseconds.
const LEAST: i64 = 1_000_000;
/// And after this time in any case, of a session that rests.
const IDLE: i64 = 10_000_000;

/// What a session has done and not handed on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub totals: Totals,
    pub commits: u64,
    pub rollbacks: u64,
    pub deadlocks: u64,
    /// Pages that notifications have begun to fill.
    pub pages_told: u64,
}

impl Counts {
    fn is_empty(&self) -> bool {
        self.totals.is_empty()
            && (self.commits, self.rollbacks, self.deadlocks, self.pages_told) == (0, 0, 0, 0)
    }
}

/// What a session counts beside its tally until it is put down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    pub commits: u64,
    pub rollbacks: u64,
    pub deadlocks: u64,
    pub pages_told: u64,
}

/// Adds what was counted to what was put down.
fn put_down(counts: &mut Counts, tally: &mut Tally, ended: &mut Ended) {
    counts.totals.take(tally);
    let ended = std::mem::take(ended);
    counts.commits += ended.commits;
    counts.rollbacks += ended.rollbacks;
    counts.deadlocks += ended.deadlocks;
    counts.pages_told += ended.pages_told;
}

/// What is to be counted now by the settings.
pub(crate) fn followed<'t>(tally: &'t mut Tally, settings: &Typed) -> &'t mut Tally {
    tally.follow(settings.counts_tables, settings.followed);
    tally
}

impl Activity {
    /// What is to be handed on now, if anything is.
    fn take_due(&mut self, at: TimestampTz, wanted: bool) -> Option<Counts> {
        if self.counts.is_empty() {
            self.waits_since = None;
            return None;
        }
        if !wanted && at.0.saturating_sub(self.handed_on.0) < LEAST {
            self.waits_since.get_or_insert(at);
            return None;
        }
        (self.handed_on, self.waits_since) = (at, None);
        Some(std::mem::take(&mut self.counts))
    }

    /// The same of a session that has rested for long.
    fn take_idle(&mut self, at: TimestampTz) -> Option<Counts> {
        let rests = self.state == crate::services::activity::State::Resting(Status::Idle);
        let waits = self.waits_since.is_some_and(|since| at.0.saturating_sub(since.0) >= IDLE);
        if rests && waits { self.take_due(at, true) } else { None }
    }
}

impl Session {
    /// Puts down what was counted, for whoever asks.
    pub(crate) fn put_counts_down(&mut self) {
        let tally = self.tally.get_mut();
        if tally.is_empty() && self.ended == Ended::default() {
            return;
        }
        let mut activity = self.presence.activity.lock();
        put_down(&mut activity.counts, tally, &mut self.ended);
    }

    /// The same when nothing runs any more, and hands on what is due.
    pub(crate) fn rest_counting(&mut self, at: TimestampTz, rest: impl FnOnce(&mut Activity)) {
        let idle = self.block.status() == Status::Idle;
        let wanted = idle && std::mem::take(&mut self.kept.hands_on);
        let due = {
            let mut activity = self.presence.activity.lock();
            put_down(&mut activity.counts, self.tally.get_mut(), &mut self.ended);
            rest(&mut activity);
            if idle { activity.take_due(at, wanted) } else { None }
        };
        if let Some(counts) = due {
            self.engine.hand_on(&self.presence, &counts);
            self.engine.sweep(self.database);
        }
    }

    /// The session goes: what it has counted stays.
    pub(crate) fn leave_counts(&mut self) {
        self.put_counts_down();
        let counts = std::mem::take(&mut self.presence.activity.lock().counts);
        self.engine.hand_on(&self.presence, &counts);
        self.engine.statistics.leave(self.database, self.presence.pid);
    }

    /// Calls a procedure in a procedural language, which is counted if such are.
    pub(crate) fn counting_call<R, E>(
        &mut self,
        procedure: Oid,
        call: impl FnOnce(&mut Session) -> Result<R, E>,
    ) -> Result<R, E> {
        if !self.tally.get_mut().follows(true) {
            return call(self);
        }
        let env = self.engine.env.clone();
        let (counted, first) = self.tally.get_mut().begin_call(procedure, env.monotonic(&TIMER));
        if first {
            self.engine.statistics.know_function((self.database, self.presence.pid), procedure);
        }
        let done = call(self);
        self.tally.get_mut().end_call(&counted, env.monotonic(&TIMER), done.is_ok());
        done
    }

    /// A table was analysed, or vacuumed: it has so many rows.
    pub(crate) fn note_care(&mut self, table: Oid, analyzed: bool, rows: Option<u64>) {
        let at = now(&*self.engine.env);
        self.put_counts_down();
        let counts = std::mem::take(&mut self.presence.activity.lock().counts);
        self.engine.hand_on(&self.presence, &counts);
        let who = (self.database, self.presence.pid);
        let rows = rows.or_else(|| self.engine.rows_of(self.database, table));
        self.engine.statistics.note_care(who, table, (at, analyzed, rows));
    }
}

impl Engine {
    /// What a session has counted is known to all from now on.
    fn hand_on(&self, presence: &Presence, counts: &Counts) {
        self.statistics.add((presence.database, presence.pid), counts);
    }

    /// The same of sessions that have rested for long.
    fn hand_on_idle(&self) {
        let at = now(&*self.env);
        for presence in self.sessions.all() {
            let due = presence.activity.lock().take_idle(at);
            if let Some(counts) = due {
                self.hand_on(&presence, &counts);
            }
        }
    }

    /// How many rows a table has that everyone sees.
    fn rows_of(&self, database: DatabaseId, table: Oid) -> Option<u64> {
        let catalog = self.catalogs.committed(&self.store, database).ok()?;
        let Some(Object::Table(table)) = catalog.object(table) else { return None };
        let view = self.store.view(database).ok()?;
        view.tree(TreeId(table.tree)).ok()?.count(&Bounds::all()).ok()
    }

    /// Forgets what belonged to objects that are gone, where there may be many of them. Where the catalog cannot be read they stay.
    fn sweep(&self, database: DatabaseId) {
        if !self.statistics.is_full(database) {
            return;
        }
        if let Ok(catalog) = self.catalogs.committed(&self.store, database) {
            self.statistics.sweep(database, &catalog);
        }
    }
}
