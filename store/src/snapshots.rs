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

use crate::forest::Version;
use crate::ids::CommitNumber;
use crate::labels;
use env::sync::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use wal::Lsn;

/// The registry of versions in use.
pub struct Snapshots {
    state: Mutex<State>,
}

struct State {
    visible: Arc<Version>,
    /// Published versions that are not yet durable, oldest first.
    pending: VecDeque<Arc<Version>>,
    /// How many snapshots are held at each commit.
    held: BTreeMap<CommitNumber, usize>,
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
        let state = State { visible: version, pending: VecDeque::new(), held: BTreeMap::new() };
        Snapshots { state: Mutex::new(&labels::VISIBLE_LOCK, state) }
    }

    /// A snapshot of the newest visible version.
    pub fn take(self: &Arc<Self>) -> Snapshot {
        let mut state = self.state.lock();
        let version = state.visible.clone();
        *state.held.entry(version.commit).or_insert(0) += 1;
        drop(state);
        Snapshot { hold: Arc::new(Hold { version, registry: self.clone() }) }
    }

    /// The newest visible version, unregistered: its pages are safe only while an older snapshot is held, or where
    /// nothing but its place in the order of commits is asked for.
    pub fn visible(&self) -> Arc<Version> {
        self.state.lock().visible.clone()
    }

    /// The newest visible version, not protected from reuse of its pages: for comparisons only.
    pub fn visible_commit(&self) -> CommitNumber {
        self.state.lock().visible.commit
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
        let oldest = state.held.keys().next().copied().unwrap_or(state.visible.commit);
        oldest.min(state.visible.commit)
    }

    /// How many snapshots are held.
    pub fn held(&self) -> usize {
        self.state.lock().held.values().sum()
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
        if let Some(count) = state.held.get_mut(&commit) {
            *count -= 1;
            if *count == 0 {
                state.held.remove(&commit);
            }
        }
    }
}
