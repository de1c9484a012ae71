//! What a branch took from the file and what it gave up.
//!
//! Invariants
//!
//! 1. A page is in `allocated` only if the branch's own write took it.
//! 2. A place that a write gave to another owner's frame is handed to that owner, never to the branch that
//!    wrote.

use crate::{FreedPage, OwnerId, PageSet};
use std::collections::BTreeMap;

/// Pages that a branch took and gave up: what its commit or its end hands to the store.
#[derive(Debug, Clone, Default)]
pub struct PageChanges {
    /// Places taken for pages that the branch itself wrote (overflow pages, spilled frames).
    pub allocated: PageSet,
    /// Pages that the branch no longer refers to.
    pub freed: Vec<FreedPage>,
}

impl PageChanges {
    /// Whether nothing was taken or given up.
    pub fn is_empty(&self) -> bool {
        self.allocated.is_empty() && self.freed.is_empty()
    }

    /// Adds what another stretch of the same branch took and gave up.
    pub fn append(&mut self, mut other: PageChanges) {
        self.allocated.union(&other.allocated);
        self.freed.append(&mut other.freed);
    }
}

/// Places that one write gave to frames, by the branch that made each frame.
///
/// A branch that spills reaches frames of commits that nobody has written yet. Those places do not belong to the
/// branch: if it rolls back, they stay in use. So whoever writes must hand each owner's places to that owner.
#[derive(Debug, Clone, Default)]
pub struct Placements {
    by_owner: BTreeMap<OwnerId, PageSet>,
}

impl Placements {
    /// An empty list.
    pub fn new() -> Placements {
        Placements::default()
    }

    /// Records that a frame of `owner` got place `number`.
    pub(crate) fn add(&mut self, owner: OwnerId, number: u64) {
        self.by_owner.entry(owner).or_default().insert(number);
    }

    /// Takes out the places of frames that `owner` made.
    pub fn take(&mut self, owner: OwnerId) -> PageSet {
        self.by_owner.remove(&owner).unwrap_or_default()
    }

    /// Takes out everything that is left, whoever made it.
    pub fn take_all(&mut self) -> PageSet {
        let mut all = PageSet::default();
        for pages in std::mem::take(&mut self.by_owner).values() {
            all.union(pages);
        }
        all
    }

    /// Owners and their places, by owner.
    pub fn iter(&self) -> impl Iterator<Item = (OwnerId, &PageSet)> {
        self.by_owner.iter().map(|(owner, pages)| (*owner, pages))
    }

    /// Whether no place was given.
    pub fn is_empty(&self) -> bool {
        self.by_owner.is_empty()
    }
}
