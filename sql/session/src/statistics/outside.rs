//! What all sessions of an engine do and have done, for whoever watches it from outside.

use super::DatabaseEntry;
use crate::engine::Engine;
use crate::services::activity::State;
use crate::transaction::block::Status;

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
    /// What goes on, in all databases together: what sessions have not handed on is counted, too.
    pub fn figures(&self) -> Figures {
        let mut sum = DatabaseEntry::default();
        let mut figures = Figures::default();
        for entry in self.statistics.databases() {
            sum.tables.add(&entry.tables);
            sum.indexes.add(&entry.indexes);
            sum.commits += entry.commits;
            sum.rollbacks += entry.rollbacks;
            sum.come += entry.come;
        }
        for presence in self.sessions.all() {
            let activity = presence.activity.lock();
            sum.tables.add(&activity.counts.totals.all_tables());
            sum.indexes.add(&activity.counts.totals.all_indexes());
            sum.commits += activity.counts.commits;
            sum.rollbacks += activity.counts.rollbacks;
            match activity.state {
                State::Active => figures.active += 1,
                State::Resting(Status::Idle) => figures.idle += 1,
                State::Resting(Status::Open | Status::Failed) => figures.idle_in_transaction += 1,
            }
        }
        let (statements, milliseconds) = self.watched.sums();
        Figures {
            waiting: self.store.locks().iter().filter(|line| !line.granted).count(),
            come: sum.come,
            commits: sum.commits,
            rollbacks: sum.rollbacks,
            rows_scanned: sum.tables.rows_scanned,
            rows_fetched: sum.tables.rows_fetched + sum.indexes.rows_fetched,
            inserted: sum.tables.inserted,
            updated: sum.tables.updated,
            deleted: sum.tables.deleted,
            statements,
            seconds: milliseconds / 1e3,
            notifications: self.listeners.usage(),
            ..figures
        }
    }
}
