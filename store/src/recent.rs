//! Which commit the newest transactions made, and which trees they changed: the table behind every row's `xmin`.
//!
//! A row carries the id of the transaction that wrote it last. Whether that write is part of a snapshot is decided by
//! the transaction's commit number. Only commits that some snapshot may not show have to be known.
//!
//! Invariants
//!
//! 1. A transaction that is not listed committed at or before every live snapshot (or before the last restart).
//! 2. Entries are forgotten only up to the snapshots' horizon.
//! 3. `trees` has every tree that was changed since the store was opened, with the newest such commit; one that was
//!    dropped, with its database or alone, goes when no snapshot shows it any more: a view names its content until then.

use crate::ids::{CommitNumber, DatabaseId, TransactionId, TreeId};
use crate::labels;
use env::sync::Mutex;
use std::collections::{BTreeMap, VecDeque};

/// Transaction → commit number, for recent commits.
pub struct RecentCommits {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    by_transaction: BTreeMap<TransactionId, CommitNumber>,
    by_commit: BTreeMap<CommitNumber, TransactionId>,
    trees: BTreeMap<(DatabaseId, TreeId), CommitNumber>,
    /// Those that are gone in snapshots of this commit and later, in order of commit.
    dropped: VecDeque<((DatabaseId, TreeId), CommitNumber)>,
}

/// What a commit did to a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was made or changed.
    Changed,
    /// It was dropped.
    Dropped,
}

impl RecentCommits {
    /// An empty table.
    pub fn new() -> RecentCommits {
        RecentCommits { state: Mutex::new(&labels::RECENT_LOCK, State::default()) }
    }

    /// `transaction` committed as `commit` and changed these trees of `database`; forgets what no snapshot needs (commits
    /// up to `horizon`).
    pub fn committed(
        &self,
        transaction: TransactionId,
        commit: CommitNumber,
        horizon: CommitNumber,
        database: DatabaseId,
        trees: impl Iterator<Item = (TreeId, Fate)>,
    ) {
        let mut state = self.state.lock();
        for (tree, fate) in trees {
            state.trees.insert((database, tree), commit);
            if fate == Fate::Dropped {
                state.dropped.push_back(((database, tree), commit));
            }
        }
        state.forget_dropped(horizon);
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

    /// The newest commit that changed a tree, visible or not; 0 when none has since the store was opened.
    pub fn last_change(&self, database: DatabaseId, tree: TreeId) -> CommitNumber {
        self.state.lock().trees.get(&(database, tree)).copied().unwrap_or_default()
    }

    /// A database was dropped: snapshots of `commit` and later do not show its trees.
    pub fn forget(&self, database: DatabaseId, commit: CommitNumber) {
        let mut guard = self.state.lock();
        let State { trees, dropped, .. } = &mut *guard;
        let all = (database, TreeId(0))..=(database, TreeId(u64::MAX));
        dropped.extend(trees.range(all).map(|(tree, _)| (*tree, commit)));
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

impl State {
    fn forget_dropped(&mut self, horizon: CommitNumber) {
        while let Some((tree, commit)) = self.dropped.front().copied()
            && commit <= horizon
        {
            self.dropped.pop_front();
            self.trees.remove(&tree);
        }
    }
}
