//! Which commit the newest transactions made: the table behind every row's `xmin`.
//!
//! A row carries the id of the transaction that wrote it last. Whether that write is part of a snapshot is decided by
//! the transaction's commit number. Only commits that some snapshot may not show have to be known.
//!
//! Invariants
//!
//! 1. A transaction that is not listed committed at or before every live snapshot (or before the last restart).
//! 2. Entries are forgotten only up to the snapshots' horizon.

use crate::ids::{CommitNumber, TransactionId};
use crate::labels;
use env::sync::Mutex;
use std::collections::BTreeMap;

/// Transaction → commit number, for recent commits.
pub struct RecentCommits {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    by_transaction: BTreeMap<TransactionId, CommitNumber>,
    by_commit: BTreeMap<CommitNumber, TransactionId>,
}

impl RecentCommits {
    /// An empty table.
    pub fn new() -> RecentCommits {
        RecentCommits { state: Mutex::new(&labels::RECENT_LOCK, State::default()) }
    }

    /// `transaction` committed as `commit`; forgets what no snapshot needs (commits up to `horizon`).
    pub fn committed(&self, transaction: TransactionId, commit: CommitNumber, horizon: CommitNumber) {
        let mut state = self.state.lock();
        state.by_transaction.insert(transaction, commit);
        state.by_commit.insert(commit, transaction);
        while let Some((&oldest, &writer)) = state.by_commit.first_key_value() {
            if oldest > horizon {
                break;
            }
            state.by_commit.remove(&oldest);
            state.by_transaction.remove(&writer);
        }
    }

    /// The commit number of `transaction`, if it is recent.
    pub fn commit_of(&self, transaction: TransactionId) -> Option<CommitNumber> {
        self.state.lock().by_transaction.get(&transaction).copied()
    }

    /// Whether a row written by `transaction` is newer than a snapshot at `snapshot`.
    pub fn is_newer(&self, transaction: TransactionId, snapshot: CommitNumber) -> bool {
        self.commit_of(transaction).is_some_and(|commit| commit > snapshot)
    }
}
