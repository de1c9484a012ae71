//! Which commit the newest transactions made, and which trees they changed: the table behind every row's `xmin`.
//!
//! A row carries the id of the transaction that wrote it last. Whether that write is part of a snapshot is decided by
//! the transaction's commit number. Only commits that some snapshot may not show have to be known.
//!
//! Invariants
//!
//! 1. A transaction that is not listed committed at or before every live snapshot (or before the last restart).
//! 2. Entries are forgotten only up to the snapshots' horizon.
//! 3. Which rows went on in another tree is known as long as some snapshot shows them where they were, but only of so many, of
//!    each commit ([`MOVED_ROWS_MAX`]) and of all: of the others nobody hears more than that they are gone.
//! 4. `trees` has every tree that was changed since the store was opened, with the newest such commit; one that was
//!    dropped, with its database or alone, goes when no snapshot shows it any more: a view names its content until then.

use crate::ids::{CommitNumber, DatabaseId, TransactionId, TreeId};
use crate::labels;
use env::sync::Mutex;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many rows that go on in another tree a transaction remembers.
pub const MOVED_ROWS_MAX: usize = 10_000;
/// And all together, as long as snapshots keep them from being forgotten.
const MOVED_ROWS_TOTAL: usize = 100_000;

/// A row that goes on in another tree: where it was.
pub type MovedRow = (TreeId, Box<[u8]>);

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
    moved: BTreeSet<(DatabaseId, MovedRow)>,
    /// The same in order of commit.
    moved_by: VecDeque<(CommitNumber, DatabaseId, MovedRow)>,
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
        state.forget_moved(horizon);
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

    /// `commit` moved these rows to other trees. Told before it is visible.
    pub fn moved(&self, commit: CommitNumber, database: DatabaseId, rows: Vec<MovedRow>) {
        if rows.is_empty() {
            return;
        }
        let mut state = self.state.lock();
        let room = MOVED_ROWS_TOTAL.saturating_sub(state.moved_by.len());
        for row in rows.into_iter().take(room) {
            state.moved.insert((database, row.clone()));
            state.moved_by.push_back((commit, database, row));
        }
    }

    /// Whether a row that is gone went on in another tree.
    pub fn was_moved(&self, database: DatabaseId, tree: TreeId, key: &[u8]) -> bool {
        let state = self.state.lock();
        !state.moved.is_empty() && state.moved.contains(&(database, (tree, key.into())))
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
    fn forget_moved(&mut self, horizon: CommitNumber) {
        while let Some((commit, ..)) = self.moved_by.front()
            && *commit <= horizon
            && let Some((_, database, row)) = self.moved_by.pop_front()
        {
            self.moved.remove(&(database, row));
        }
    }

    fn forget_dropped(&mut self, horizon: CommitNumber) {
        while let Some((tree, commit)) = self.dropped.front().copied()
            && commit <= horizon
        {
            self.dropped.pop_front();
            self.trees.remove(&tree);
        }
    }
}
