//! Which versions are in use, and which one new snapshots get.
//!
//! A commit is *published* when the next commit builds on it, and *visible* when new snapshots show it: only after its
//! log record is durable, so that nothing that leaves the engine can be taken back by a power failure.
//!
//! Invariants
//!
//! 1. `visible` never runs ahead of the durable log (waived under durability `Off`), and never goes backwards.
//! 2. A page is reused only when no registered snapshot, and not the visible version, is older than the commit that gave
//!    it up: [`Snapshots::horizon`]. Registering and reading `visible` happen under one lock.
//! 3. Snapshots of the visible version are counted in `newest`, those of older ones in `older`, which has no zero in it:
//!    whoever comes and goes while nothing is committed only counts.
//! 4. `visible_commit` is the number of `visible`, set under the lock when that changes and read without it. Whoever has
//!    been granted a lock sees at least what the one who gave it up has committed: that one became visible first. Only who
//!    asks for a row ahead of that ([`crate::Transaction::lock_row_ahead`]) has to look at what is published.

use crate::forest::Version;
use crate::ids::CommitNumber;
use crate::labels;
use env::sync::Mutex;
use env::sync::atomic::{AtomicU64, Ordering};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use wal::Lsn;

/// The registry of versions in use.
pub struct Snapshots {
    state: Mutex<State>,
    visible_commit: AtomicU64,
}

struct State {
    visible: Arc<Version>,
    /// Published versions that are not yet durable, oldest first.
    pending: VecDeque<Arc<Version>>,
    /// How many snapshots of `visible` are held.
    newest: usize,
    /// How many snapshots are held at each older commit.
    older: BTreeMap<CommitNumber, usize>,
}

/// A version that is kept readable until this and every clone of it are dropped. Cloning takes no lock: savepoints,
/// scans and statements do it all the time.
#[derive(Clone)]
pub struct Snapshot {
    hold: Arc<Hold>,
}

/// One entry in the registry.
struct Hold {
    version: Arc<Version>,
    registry: Arc<Snapshots>,
}

impl Snapshots {
    /// A registry whose visible version is `version`.
    pub fn new(version: Arc<Version>) -> Snapshots {
        let visible_commit = AtomicU64::new(version.commit.0);
        let state = State { visible: version, pending: VecDeque::new(), newest: 0, older: BTreeMap::new() };
        Snapshots { visible_commit, state: Mutex::new(&labels::VISIBLE_LOCK, state) }
    }

    /// A snapshot of the newest visible version.
    pub fn take(self: &Arc<Self>) -> Snapshot {
        let mut state = self.state.lock();
        let version = state.visible.clone();
        state.newest += 1;
        drop(state);
        Snapshot { hold: Arc::new(Hold { version, registry: self.clone() }) }
    }

    /// The newest published version, and a snapshot of the newest visible one, which keeps its pages too: what is newer is built
    /// on it. Nobody outside may learn of the former before it is visible.
    pub fn take_published(self: &Arc<Self>) -> (Snapshot, Arc<Version>) {
        let mut state = self.state.lock();
        let version = state.visible.clone();
        let published = state.pending.back().unwrap_or(&version).clone();
        state.newest += 1;
        drop(state);
        (Snapshot { hold: Arc::new(Hold { version, registry: self.clone() }) }, published)
    }

    /// The newest visible version, unregistered: its pages are safe only while an older snapshot is held, or where
    /// nothing but its place in the order of commits is asked for.
    pub fn visible(&self) -> Arc<Version> {
        self.state.lock().visible.clone()
    }

    /// The newest published version, unregistered like [`Snapshots::visible`].
    pub fn published_last(&self) -> Arc<Version> {
        let state = self.state.lock();
        state.pending.back().unwrap_or(&state.visible).clone()
    }

    /// The newest visible version, not protected from reuse of its pages: for comparisons only.
    pub fn visible_commit(&self) -> CommitNumber {
        CommitNumber(self.visible_commit.load(Ordering::Acquire))
    }

    /// A version was published; it becomes visible through [`Snapshots::advance`].
    pub fn published(&self, version: Arc<Version>) {
        let mut state = self.state.lock();
        if let Some(last) = state.pending.back() {
            assert!(last.commit < version.commit, "versions are published in order of commit");
        }
        state.pending.push_back(version);
    }

    /// Makes every published version visible whose record ends at or before `durable`.
    pub fn advance(&self, durable: Lsn) {
        let mut state = self.state.lock();
        while state.pending.front().is_some_and(|version| version.lsn <= durable) {
            if let Some(version) = state.pending.pop_front() {
                assert!(state.visible.commit < version.commit, "visibility never goes backwards");
                let newest = std::mem::take(&mut state.newest);
                if newest > 0 {
                    let commit = state.visible.commit;
                    state.older.insert(commit, newest);
                }
                self.visible_commit.store(version.commit.0, Ordering::Release);
                state.visible = version;
            }
        }
    }

    /// Replaces versions by equal ones whose trees are stored rather than resident.
    pub fn replace(&self, stored: &Arc<Version>) {
        let mut state = self.state.lock();
        if state.visible.commit == stored.commit {
            state.visible = stored.clone();
        }
        for version in &mut state.pending {
            if version.commit == stored.commit {
                *version = stored.clone();
            }
        }
    }

    /// No reader is, and none will be, older than this commit.
    pub fn horizon(&self) -> CommitNumber {
        let state = self.state.lock();
        state.older.keys().next().copied().unwrap_or(state.visible.commit)
    }

    /// How many snapshots are held.
    pub fn held(&self) -> usize {
        let state = self.state.lock();
        state.newest + state.older.values().sum::<usize>()
    }
}

impl Snapshot {
    /// The version it shows.
    pub fn version(&self) -> &Arc<Version> {
        &self.hold.version
    }

    /// Its place in the order of commits.
    pub fn commit(&self) -> CommitNumber {
        self.hold.version.commit
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = self.registry.state.lock();
        let commit = self.version.commit;
        if state.visible.commit == commit {
            state.newest -= 1;
        } else if let Some(count) = state.older.get_mut(&commit) {
            *count -= 1;
            if *count == 0 {
                state.older.remove(&commit);
            }
        }
    }
}

#[cfg(all(test, not(hornbeam_loom)))]
mod tests {
    use super::*;
    use crate::forest::Forest;

    fn version(commit: u64) -> Arc<Version> {
        Arc::new(Version {
            commit: CommitNumber(commit),
            lsn: Lsn(commit * 10),
            operations: 0,
            forest: Forest::new(),
        })
    }

    /// Publishes a version and makes it visible.
    fn commit(snapshots: &Snapshots, number: u64) {
        snapshots.published(version(number));
        snapshots.advance(Lsn(number * 10));
    }

    fn state(snapshots: &Snapshots) -> (u64, usize) {
        (snapshots.horizon().0, snapshots.held())
    }

    #[test]
    fn the_horizon_is_that_of_the_oldest_snapshot_wherever_it_is_counted() {
        let snapshots = Arc::new(Snapshots::new(version(1)));
        assert_eq!(state(&snapshots), (1, 0));
        let (one, two) = (snapshots.take(), snapshots.take());
        assert_eq!(state(&snapshots), (1, 2));
        commit(&snapshots, 2);
        assert_eq!(state(&snapshots), (1, 2), "a commit moves nobody's snapshot");
        let three = snapshots.take();
        assert_eq!((three.commit(), state(&snapshots)), (CommitNumber(2), (1, 3)));
        commit(&snapshots, 3);
        drop(one);
        assert_eq!(state(&snapshots), (1, 2));
        drop(two);
        assert_eq!(state(&snapshots), (2, 1), "the last one of the oldest version has gone");
        let clone = three.clone();
        drop(three);
        assert_eq!(state(&snapshots), (2, 1), "a clone holds what it was cloned from");
        drop(clone);
        assert_eq!(state(&snapshots), (3, 0));
    }

    #[test]
    fn versions_that_nobody_holds_leave_nothing_behind() {
        let snapshots = Arc::new(Snapshots::new(version(1)));
        for number in 2..6 {
            drop(snapshots.take());
            commit(&snapshots, number);
            assert_eq!(state(&snapshots), (number, 0));
        }
        // Several at once: those in between were never visible.
        let held = snapshots.take();
        snapshots.published(version(6));
        snapshots.published(version(7));
        assert_eq!(state(&snapshots), (5, 1), "published is not visible");
        snapshots.advance(Lsn(70));
        assert_eq!((snapshots.visible_commit(), state(&snapshots)), (CommitNumber(7), (5, 1)));
        drop(held);
        assert_eq!(state(&snapshots), (7, 0));
    }

    #[test]
    fn a_version_with_stored_trees_takes_the_place_of_its_equal_and_of_its_count() {
        let snapshots = Arc::new(Snapshots::new(version(1)));
        let before = snapshots.take();
        snapshots.replace(&version(1));
        let after = snapshots.take();
        assert!(!Arc::ptr_eq(before.version(), after.version()));
        assert_eq!(state(&snapshots), (1, 2));
        drop(before);
        commit(&snapshots, 2);
        assert_eq!(state(&snapshots), (1, 1));
        drop(after);
        assert_eq!(state(&snapshots), (2, 0));
    }
}
