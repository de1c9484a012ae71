//! Places that a branch has taken, and when they may be taken again before it ends.
//!
//! A transaction that changes a tree in no order writes much of it whenever what is dirty is too much. If a page that is then
//! written to another place kept its old one until the end, the file would grow with how often that happens. An old place is
//! free as soon as nobody refers to it: not the branch's trees, no state to go back to, no reader. This is told as file systems
//! tell it of snapshots (the "dead lists" of ZFS): by when a place was taken and given up, and which references came in between.
//!
//! Invariants
//!
//! 1. Whoever may refer to pages of the branch has a `Reference`. Each begins a layer, above those of all references before it,
//!    unless there would be too many: then it shares the last one's, and what was taken in that is not used again.
//! 2. `Layer::taken` are places of pages that no reference below the layer, nor its own, can refer to. A page that was dirty
//!    when a reference came may have its place later: it counts for the layer in which all that was dirty was last written.
//! 3. `Layer::given_up` are places that were taken in a layer below and given up while this one was the last: the layer's
//!    reference, and those between, may need them.
//! 4. When a reference has gone its layer becomes one with that below: what was taken in either and given up in the other is
//!    needed by nobody.
//! 5. A state to go back to says which places were taken and given up before it. What it says so is not used again as long as it
//!    is there.
//!
//! Nothing here can fail.

use super::Branch;
use crate::error::StoreResult;
use crate::freed::Settled;
use crate::snapshots::Snapshot;
use pager::{FreedPage, PageChanges, PageSet, Pager};
use std::mem::take;
use std::sync::{Arc, Weak};

/// More references share one layer.
const MOST_LAYERS: usize = 32;

/// Kept by whoever may refer to pages of a branch, for as long as he does.
pub(super) type Reference = Arc<()>;

/// Kept by whoever reads pages of a branch beside it.
#[derive(Debug, Clone)]
pub struct Reading {
    _reference: Reference,
    /// What all readers hold ([`Branch::let_go`]).
    _readers: Arc<()>,
}

#[derive(Debug, Default)]
struct Layer {
    /// Who began it; none for the lowest, that of the branch itself.
    reference: Option<Weak<()>>,
    /// Whether it is one of states to go back to.
    of_states: bool,
    taken: PageSet,
    given_up: PageSet,
    /// Places that no reference needs. They wait for the states above, which name them (invariant 5).
    unneeded: PageSet,
}

impl Layer {
    fn reference(&self) -> Option<Reference> {
        self.reference.as_ref()?.upgrade()
    }

    fn is_alive(&self) -> bool {
        self.reference.as_ref().is_none_or(|reference| reference.strong_count() > 0)
    }
}

/// What is known of a branch's places.
#[derive(Debug)]
pub(super) struct Places {
    /// The lowest first; never empty.
    layers: Vec<Layer>,
    /// The layer for which pages count that are written next.
    dirty_since: usize,
    /// How many of the pages that were given up since the last state have been looked at.
    seen: usize,
    /// Nobody refers to these, and the branch does not count them among its own any more.
    free: PageSet,
}

impl Places {
    pub fn new() -> Places {
        Places { layers: vec![Layer::default()], dirty_since: 0, seen: 0, free: PageSet::new() }
    }

    /// Pages got these places.
    pub fn took(&mut self, pages: &PageSet) {
        self.layers[self.dirty_since].taken.union(pages);
    }

    /// All that was dirty has been written: what is written from now on was made since.
    pub fn wrote_all(&mut self) {
        self.dirty_since = self.layers.len() - 1;
    }

    /// Finds what nobody refers to any more, and takes it out of what the branch has taken and given up.
    pub fn collect(&mut self, changes: &mut PageChanges, settled: &mut Settled) {
        self.look_at_given_up(changes);
        self.join_layers();
        let mut unneeded = PageSet::new();
        for layer in self.layers.iter_mut().rev() {
            unneeded.union(&take(&mut layer.unneeded));
            if layer.of_states {
                break;
            }
        }
        if unneeded.is_empty() {
            return;
        }
        let keep = |page: &FreedPage| page.number().is_none_or(|number| !unneeded.contains(number));
        settled.retain(keep);
        changes.freed.retain(keep);
        self.seen = changes.freed.len();
        changes.allocated.difference(&unneeded);
        self.free.union(&unneeded);
    }

    /// Notes in which layer pages were taken that have been given up since the last look.
    fn look_at_given_up(&mut self, changes: &PageChanges) {
        let new = changes.freed.get(self.seen..).unwrap_or_default();
        let Some((last, below)) = self.layers.split_last_mut() else { return };
        for place in new.iter().filter_map(FreedPage::number) {
            if last.taken.remove(place) {
                last.unneeded.insert(place);
            } else if below.iter().any(|layer| layer.taken.contains(place)) {
                last.given_up.insert(place);
            }
        }
        self.seen = changes.freed.len();
    }

    /// Makes layers whose references have gone one with those below.
    fn join_layers(&mut self) {
        for index in (1..self.layers.len()).rev() {
            if self.layers[index].is_alive() {
                continue;
            }
            let gone = self.layers.remove(index);
            let below = &mut self.layers[index - 1];
            for place in gone.given_up.iter() {
                if below.taken.remove(place) {
                    below.unneeded.insert(place);
                } else {
                    below.given_up.insert(place);
                }
            }
            below.unneeded.union(&gone.unneeded);
            below.taken.union(&gone.taken);
            if self.dirty_since >= index {
                self.dirty_since -= 1;
            }
        }
    }

    /// What was given up until now counts among what was given up before a state.
    pub fn settled(&mut self) {
        self.seen = 0;
    }

    /// Somebody refers to all that the trees refer to now. Whatever was given up has been looked at.
    fn refer(&mut self, of_states: bool) -> Reference {
        let (is_full, top) = (self.layers.len() >= MOST_LAYERS, self.layers.len() - 1);
        let last = &mut self.layers[top];
        if let Some(reference) = last.reference()
            && !of_states
            && !last.of_states
            && self.dirty_since < top
            && last.taken.is_empty()
            && last.given_up.is_empty()
        {
            // All is as when that one came.
            return reference;
        }
        if is_full && let Some(reference) = last.reference() {
            last.of_states |= of_states;
            last.taken = PageSet::new();
            last.unneeded = PageSet::new();
            self.dirty_since = self.dirty_since.min(top - 1);
            return reference;
        }
        let reference = Reference::default();
        let layer = Layer { reference: Some(Arc::downgrade(&reference)), of_states, ..Layer::default() };
        self.layers.push(layer);
        reference
    }

    /// The trees are others than they were, by a way that says nothing of pages: what was taken until now is not used again, and
    /// what is dirty may be whosever.
    pub fn forget(&mut self) {
        for layer in &mut self.layers {
            layer.taken = PageSet::new();
            layer.given_up = PageSet::new();
            layer.unneeded = PageSet::new();
        }
        self.dirty_since = 0;
        self.seen = 0;
    }

    /// The places that are free, to be given back to the pager.
    pub fn take_free(&mut self) -> PageSet {
        take(&mut self.free)
    }
}

impl Branch {
    /// A reference to all that the trees refer to now, of a state to go back to.
    pub(super) fn refer_as_state(&mut self) -> Reference {
        self.places.collect(&mut self.changes, &mut self.settled);
        self.places.refer(true)
    }

    /// What a reader of the branch's pages holds, so that none of them is reused before it has gone: the snapshot for
    /// those of the base, and the other for the branch's own.
    pub fn reader(&mut self) -> (Snapshot, Reading) {
        self.newest_read = self.newest_read.max(self.hold.commit());
        self.places.collect(&mut self.changes, &mut self.settled);
        let readers = self.readers.get_or_insert_default().clone();
        (self.hold.clone(), Reading { _reference: self.places.refer(false), _readers: readers })
    }

    /// Takes in places that its pages were written to.
    pub fn took(&mut self, pages: &PageSet) {
        self.changes.allocated.union(pages);
        if self.has_savepoints {
            // Some of the pages may be those of a savepoint.
            self.pinned.union(pages);
        }
        self.places.took(pages);
    }

    /// All that was dirty has been written.
    pub fn wrote_all(&mut self) {
        self.places.wrote_all();
    }

    /// Gives back places that the trees do not refer to any more, and nobody else does; whether there were any.
    ///
    /// # Errors
    /// When the pager finds that a page was free already: the file is damaged.
    pub fn reuse(&mut self, pager: &Pager) -> StoreResult<bool> {
        self.places.collect(&mut self.changes, &mut self.settled);
        self.give_back_free(pager)
    }

    /// Gives back what is known to be free: a commit does not count that among its own.
    ///
    /// # Errors
    /// As [`Branch::reuse`].
    pub fn give_back_free(&mut self, pager: &Pager) -> StoreResult<bool> {
        let free = self.places.take_free();
        if free.is_empty() {
            return Ok(false);
        }
        pager.give_back(&free)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_LAYERS, Places, Reference};
    use crate::freed::Settled;
    use pager::{FreedPage, FreedRef, PageChanges, PageSet};

    /// A branch without trees.
    struct Taker {
        places: Places,
        changes: PageChanges,
        settled: Settled,
    }

    impl Taker {
        fn new() -> Taker {
            Taker { places: Places::new(), changes: PageChanges::default(), settled: Settled::default() }
        }

        /// All that is dirty is written to these places.
        fn write(&mut self, places: &[u64]) {
            let mut pages = PageSet::new();
            for place in places {
                pages.insert(*place);
            }
            self.changes.allocated.union(&pages);
            self.places.took(&pages);
            self.places.wrote_all();
        }

        fn give_up(&mut self, places: &[u64]) {
            let freed = places.iter().map(|place| FreedPage { page: FreedRef::Stored(*place), birth: 1 });
            self.changes.freed.extend(freed);
        }

        fn reader(&mut self) -> Reference {
            self.places.collect(&mut self.changes, &mut self.settled);
            self.places.refer(false)
        }

        fn state(&mut self) -> Reference {
            self.places.collect(&mut self.changes, &mut self.settled);
            let reference = self.places.refer(true);
            self.settled.add(std::mem::take(&mut self.changes.freed));
            self.places.settled();
            reference
        }

        /// What is free, and then is not its own any more.
        fn free(&mut self) -> Vec<u64> {
            self.places.collect(&mut self.changes, &mut self.settled);
            let free = self.places.take_free();
            assert!(free.is_disjoint(&self.changes.allocated));
            let given_up = self.settled.pages().chain(&self.changes.freed);
            assert!(given_up.filter_map(FreedPage::number).all(|place| !free.contains(place)));
            free.iter().collect()
        }
    }

    #[test]
    fn what_nobody_else_refers_to_is_free_when_it_is_given_up() {
        let mut taker = Taker::new();
        taker.write(&[1, 2, 3]);
        // A place of the base is not the branch's.
        taker.give_up(&[2, 100]);
        assert_eq!(taker.free(), [2]);
        taker.give_up(&[3]);
        assert_eq!(taker.free(), [3]);
        assert_eq!(taker.free(), [0; 0]);
    }

    #[test]
    fn what_a_reader_refers_to_is_free_when_he_has_gone() {
        let mut taker = Taker::new();
        taker.write(&[1, 2]);
        let reader = taker.reader();
        taker.write(&[3]);
        taker.give_up(&[1]);
        assert_eq!(taker.free(), [0; 0]);
        taker.write(&[4]);
        // Dirty when the reader came, as far as anybody knows: it was written after him.
        taker.give_up(&[3, 4]);
        assert_eq!(taker.free(), [4]);
        drop(reader);
        assert_eq!(taker.free(), [1, 3]);
    }

    #[test]
    fn of_several_readers_those_count_that_came_between() {
        let mut taker = Taker::new();
        taker.write(&[1]);
        let first = taker.reader();
        taker.write(&[]);
        taker.write(&[2]);
        let second = taker.reader();
        taker.write(&[]);
        taker.give_up(&[2]);
        let third = taker.reader();
        taker.give_up(&[1]);
        drop(first);
        assert_eq!(taker.free(), [0; 0]);
        drop(second);
        assert_eq!(taker.free(), [2]);
        drop(third);
        assert_eq!(taker.free(), [1]);
    }

    #[test]
    fn what_a_state_names_as_given_up_stays_so_as_long_as_it_is_there() {
        let mut taker = Taker::new();
        taker.write(&[1]);
        let reader = taker.reader();
        taker.give_up(&[1]);
        let state = taker.state();
        drop(reader);
        assert_eq!(taker.free(), [0; 0]);
        // What comes and goes meanwhile is not named by it.
        taker.write(&[]);
        taker.write(&[2]);
        taker.give_up(&[2]);
        assert_eq!(taker.free(), [2]);
        drop(state);
        assert_eq!(taker.free(), [1]);
    }

    #[test]
    fn statements_within_a_savepoint_leave_what_they_gave_up() {
        let mut taker = Taker::new();
        taker.write(&[1]);
        let savepoint = taker.state();
        taker.give_up(&[1]);
        for statement in 1..100 {
            let state = taker.state();
            taker.write(&[]);
            taker.write(&[statement * 10, statement * 10 + 1]);
            taker.give_up(&[statement * 10]);
            assert_eq!(taker.free(), [statement * 10]);
            if statement > 1 {
                taker.give_up(&[statement * 10 - 9]);
            }
            drop(state);
            let before = if statement > 1 { vec![statement * 10 - 9] } else { vec![] };
            assert_eq!(taker.free(), before);
        }
        drop(savepoint);
        assert_eq!(taker.free(), [1]);
    }

    #[test]
    fn many_references_share_a_layer_and_nothing_of_theirs_is_free() {
        let mut taker = Taker::new();
        let mut references = Vec::new();
        for number in 0..4 * MOST_LAYERS as u64 {
            taker.write(&[number]);
            references.push(if number % 3 == 0 { taker.state() } else { taker.reader() });
            assert!(taker.places.layers.len() <= MOST_LAYERS);
        }
        taker.give_up(&(0..4 * MOST_LAYERS as u64).collect::<Vec<_>>());
        assert_eq!(taker.free(), [0; 0]);
        references.truncate(1);
        let free = taker.free();
        assert!(!free.contains(&0) && free.len() > MOST_LAYERS / 2, "{free:?}");
    }
}
