//! What sessions have read and changed, and how their transactions ended, as the statistics views tell it.
//!
//! A session counts for itself and puts down what it has counted beside what it does ([`crate::activity`]), when a text has been
//! run or a longer plan begins; whoever asks adds up what all have put down, those that are gone included. Nothing of it
//! outlives the process.

use crate::activity::State;
use crate::block::Status;
use crate::engine::{Engine, now};
use crate::services::Services;
use crate::session::Session;
use catalog::{Actor, IndexFigures, Oid, TableFigures};
use datetime::TimestampTz;
use diagnostic::SqlState;
use execute::Totals;
use functions::{FunctionError, FunctionResult, SessionFunction};
use std::collections::BTreeMap;
use store::DatabaseId;
use types::Value;

/// What a session, or all of a database, has done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub totals: Totals,
    pub commits: u64,
    pub rollbacks: u64,
}

impl Counts {
    pub fn add(&mut self, other: &Counts) {
        self.totals.add(&other.totals);
        self.commits += other.commits;
        self.rollbacks += other.rollbacks;
    }
}

/// When a table was looked after last, and how often.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Care {
    analyzed: Option<TimestampTz>,
    analyses: u64,
    vacuumed: Option<TimestampTz>,
    vacuums: u64,
    /// How many rows had been changed by the last ANALYZE.
    changed_before: u64,
}

/// What sessions that have gone have done, how many have come, and how tables were looked after.
#[derive(Debug, Default)]
pub(crate) struct Past {
    pub gone: BTreeMap<DatabaseId, Counts>,
    pub come: BTreeMap<DatabaseId, u64>,
    care: BTreeMap<(DatabaseId, Oid), Care>,
}

impl Past {
    /// Forgets what was counted in a database.
    pub fn reset(&mut self, database: DatabaseId) {
        self.gone.remove(&database);
        self.care.retain(|(of, _), _| *of != database);
    }

    /// What is known of a table, with what was counted of it.
    pub fn table(&self, database: DatabaseId, table: Oid, counts: &Counts) -> TableFigures {
        let counted = counts.totals.tables.get(&table).copied().unwrap_or_default();
        let care = self.care.get(&(database, table)).copied().unwrap_or_default();
        TableFigures {
            live: None,
            scans: counted.scans,
            rows_scanned: counted.rows_scanned,
            rows_fetched: counted.rows_fetched,
            inserted: counted.inserted,
            updated: counted.updated,
            deleted: counted.deleted,
            changed_since_analyze: counted.changed().saturating_sub(care.changed_before),
            analyzed: care.analyzed.map(|at| at.0),
            analyses: care.analyses,
            vacuumed: care.vacuumed.map(|at| at.0),
            vacuums: care.vacuums,
        }
    }
}

/// The same of an index.
pub(crate) fn index(tree: u64, counts: &Counts) -> IndexFigures {
    let counted = counts.totals.indexes.get(&tree).copied().unwrap_or_default();
    IndexFigures { scans: counted.scans, entries: counted.entries, rows_fetched: counted.rows_fetched }
}

/// What all sessions of an engine do and have done since it was opened, for whoever watches it from outside.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)] // each is what it is called
pub struct Figures {
    /// Sessions that run a statement, that rest, and that rest within a transaction.
    pub active: usize,
    pub idle: usize,
    pub idle_in_transaction: usize,
    /// Those that wait for a lock.
    pub waiting: usize,
    /// Sessions that have come.
    pub come: u64,
    pub commits: u64,
    pub rollbacks: u64,
    /// Rows that were read one after another, by indexes, and changed.
    pub rows_scanned: u64,
    pub rows_fetched: u64,
    pub inserted: u64,
    pub updated: u64,
    pub deleted: u64,
    /// Statements that were watched, and seconds that they took.
    pub statements: u64,
    pub seconds: f64,
    /// How full the boxes of notifications are, from 0 to 1.
    pub notifications: f64,
}

impl Engine {
    /// What goes on, in all databases together.
    pub fn figures(&self) -> Figures {
        let mut counts = Counts::default();
        let mut figures = Figures::default();
        self.sessions.with_past(|past| {
            past.gone.values().for_each(|gone| counts.add(gone));
            figures.come = past.come.values().sum();
        });
        for presence in self.sessions.all() {
            let activity = presence.activity.lock();
            counts.add(&activity.counts);
            match activity.state {
                State::Active => figures.active += 1,
                State::Resting(Status::Idle) => figures.idle += 1,
                State::Resting(Status::Open | Status::Failed) => figures.idle_in_transaction += 1,
            }
        }
        let (tables, indexes) = (counts.totals.all_tables(), counts.totals.all_indexes());
        let (statements, milliseconds) = self.watched.sums();
        Figures {
            waiting: self.store.locks().iter().filter(|line| !line.granted).count(),
            commits: counts.commits,
            rollbacks: counts.rollbacks,
            rows_scanned: tables.rows_scanned,
            rows_fetched: tables.rows_fetched + indexes.rows_fetched,
            inserted: tables.inserted,
            updated: tables.updated,
            deleted: tables.deleted,
            statements,
            seconds: milliseconds / 1e3,
            notifications: self.listeners.usage(),
            ..figures
        }
    }
}

impl Session {
    /// Puts down what was counted, for whoever asks.
    pub(crate) fn put_counts_down(&mut self) {
        if self.events.tally().is_empty() && self.ended == (0, 0) {
            return;
        }
        let mut activity = self.presence.activity.lock();
        put_down(&mut activity.counts, self.events.tally(), &mut self.ended);
    }

    /// A table was analysed, or vacuumed.
    pub(crate) fn note_care(&mut self, table: Oid, analyzed: bool) {
        self.put_counts_down();
        let at = now(&*self.engine.env);
        let counts = self.engine.sessions.counts(self.database);
        let changed = counts.totals.tables.get(&table).map_or(0, execute::TableCounts::changed);
        self.engine.sessions.with_past(|past| {
            let care = past.care.entry((self.database, table)).or_default();
            if analyzed {
                (care.analyzed, care.changed_before) = (Some(at), changed);
                care.analyses += 1;
            } else {
                care.vacuumed = Some(at);
                care.vacuums += 1;
            }
        });
    }
}

impl Services<'_> {
    /// Does what one of these functions does: it counts from nothing, if whoever asks may do that.
    pub(crate) fn of_counts(&mut self, function: SessionFunction) -> FunctionResult<Option<Value>> {
        let (called, name) = match function {
            SessionFunction::ResetStatistics => (2274, "pg_stat_reset"),
            SessionFunction::ResetStatementStatistics => (13_993, "pg_stat_statements_reset"),
            // What is counted is put down when the statements are over, and asked for anew each time.
            SessionFunction::FlushStatistics | SessionFunction::ClearStatisticsSnapshot => {
                return Ok(Some(Value::Bytes([].into())));
            }
            _ => return Ok(None), // all others are answered elsewhere
        };
        let actor = Actor::new(self.scope, self.roles.0, self.database.0);
        if !crate::privileges::may_call_builtin(&actor, called) {
            let message = format!("permission denied for function {name}");
            return Err(FunctionError::plain(SqlState::InsufficientPrivilege, message));
        }
        match function {
            SessionFunction::ResetStatistics => self.engine.sessions.reset_counts(self.database),
            _ => self.engine.watched.reset(),
        }
        Ok(Some(Value::Bytes([].into())))
    }
}

/// Adds what was counted to what was put down.
pub(crate) fn put_down(counts: &mut Counts, tally: &mut execute::Tally, ended: &mut (u64, u64)) {
    counts.totals.take(tally);
    let (commits, rollbacks) = std::mem::take(ended);
    counts.commits += commits;
    counts.rollbacks += rollbacks;
}
