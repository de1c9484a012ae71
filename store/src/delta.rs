//! The accounting of page places between two checkpoints.
//!
//! The free-space bitmap of a checkpoint is that of the one before, plus the places taken since by what is still
//! reachable, minus those given up. Both sets are gathered here as commits are published and dirty trees are written.
//!
//! Invariants
//!
//! 1. `added` and `removed` are disjoint. A place in `added` is in no durable checkpoint; one in `removed` is, or is
//!    just being placed by a writer that has not reported yet ([`Delta::writer_ended`] then cancels it).
//! 2. A frame that is given up before it has a place stays in `unresolved` until nobody else holds it (nobody can place
//!    it any more) or a writer has placed it.
//! 3. Writers of published frames (checkpoint, flush, spill) run one at a time and report under the commit lock.

use crate::ids::CommitNumber;
use pager::{FreedPage, FreedRef, PageSet, Pager, Place};
use std::sync::Arc;

/// Places taken and given up since a checkpoint began.
#[derive(Debug, Default)]
pub struct Delta {
    /// Taken, and reachable from the newest version.
    pub added: PageSet,
    /// Used by the last checkpoint, and given up since.
    pub removed: PageSet,
    /// Given up without a place.
    unresolved: Vec<(Arc<Place>, CommitNumber)>,
    /// Sweep `unresolved` when it has grown to this.
    sweep_at: usize,
}

impl Delta {
    /// Whether every page that was given up is accounted for: none was placed that is still to be told of.
    pub fn is_settled(&self) -> bool {
        self.unresolved.iter().all(|(place, _)| place.get().is_none())
    }

    /// Takes in what a published commit did.
    pub fn publish(
        &mut self,
        pager: &Pager,
        allocated: &PageSet,
        freed: impl IntoIterator<Item = FreedPage>,
        commit: CommitNumber,
    ) {
        self.added.union(allocated);
        let mut given_up = Vec::new();
        for page in freed {
            match page.page {
                FreedRef::Stored(number) => {
                    self.forget(number);
                    given_up.push(FreedPage { page: FreedRef::Stored(number), birth: 0 });
                }
                FreedRef::Resident(place) => self.unresolved.push((place, commit)),
            }
        }
        // In one go: the lock of the free space is every writer's.
        if !given_up.is_empty() {
            pager.retire(given_up, commit.0);
        }
        if self.unresolved.len() > self.sweep_at {
            self.unresolved.retain(|(place, _)| place.get().is_some() || Arc::strong_count(place) > 1);
            self.sweep_at = self.unresolved.len() * 2 + 64;
        }
    }

    /// A writer of published frames has ended: what it placed is `allocated`; what was given up meanwhile is settled.
    pub fn writer_ended(&mut self, pager: &Pager, allocated: &PageSet) {
        for number in allocated.iter() {
            if !self.removed.remove(number) {
                self.added.insert(number);
            }
        }
        self.settle(pager);
    }

    /// Settles frames that were given up before they were placed; call it when no writer is at work.
    pub fn settle(&mut self, pager: &Pager) {
        for (place, commit) in std::mem::take(&mut self.unresolved) {
            match place.get() {
                Some(pointer) => {
                    self.forget(pointer.number);
                    let page = FreedRef::Stored(pointer.number);
                    pager.retire(vec![FreedPage { page, birth: 0 }], commit.0);
                }
                None if Arc::strong_count(&place) > 1 => self.unresolved.push((place, commit)),
                None => {}
            }
        }
    }

    /// Hands the sets to a checkpoint that begins now and starts anew.
    pub fn begin_checkpoint(&mut self, pager: &Pager) -> (PageSet, PageSet) {
        self.settle(pager);
        (std::mem::take(&mut self.added), std::mem::take(&mut self.removed))
    }

    /// A checkpoint that had been handed `added` (with all that it placed itself) and `removed` did not come about.
    pub fn checkpoint_failed(&mut self, pager: &Pager, mut added: PageSet, mut removed: PageSet) {
        for number in self.removed.iter() {
            if !added.remove(number) {
                removed.insert(number);
            }
        }
        added.union(&self.added);
        self.added = added;
        self.removed = removed;
        self.settle(pager);
    }

    /// A place is no longer reachable from the newest version.
    fn forget(&mut self, number: u64) {
        if !self.added.remove(number) {
            self.removed.insert(number);
        }
    }
}
