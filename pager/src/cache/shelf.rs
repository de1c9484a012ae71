//! One shelf of the cache: an S3-FIFO of whatever can be held by several at once.
//!
//! A new page enters the *small* queue (a tenth of the budget). When it leaves there and was asked for again, it moves
//! to the *main* queue, else it goes, and its number is remembered in the *ghost* queue: a page that comes back soon
//! enters the main queue at once. The main queue gives second chances. So one scan over a large table passes through
//! the small queue and leaves the hot pages where they are.
//!
//! Invariants
//!
//! 1. Every number in `numbers` names a slot in use, and every slot in use stands in exactly one of the two queues.
//! 2. `bytes` is the sum of the slots' bytes, and `small_bytes` of those in the small queue.
//! 3. A held page (its holder's handle makes it shared) is passed over, unless all are held: giving it up would free
//!    no memory, and the next reader would make a second copy. Handles stay valid in either case.
//!
//! No file and no frame is known here.

use env::sync::atomic::{AtomicU8, Ordering};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;

/// Something that the cache and its readers hold together.
pub(crate) trait Held {
    /// Whether anyone but the cache holds it.
    fn is_shared(&self) -> bool;
    /// Bytes that it takes.
    fn bytes(&self) -> usize;
}

/// Hits that are counted at most.
const HITS_MAX: u8 = 3;
/// How many held pages are passed over before one of them goes.
const PASSES_MAX: usize = 16;

struct Slot<H> {
    number: u64,
    /// A guess is enough here: readers count side by side, under a shared lock.
    hits: AtomicU8,
    in_main: bool,
    bytes: usize,
    held: Option<H>,
}

/// See the module's text.
pub(crate) struct Shelf<H> {
    budget: usize,
    bytes: usize,
    small_bytes: usize,
    numbers: HashMap<u64, u32, FixedState>,
    slots: Vec<Slot<H>>,
    unused: Vec<u32>,
    small: VecDeque<u32>,
    main: VecDeque<u32>,
    ghosts: VecDeque<u64>,
    ghost_numbers: HashSet<u64, FixedState>,
}

impl<H: Held> Shelf<H> {
    pub fn new(budget: usize) -> Shelf<H> {
        let hasher = FixedState::with_seed(0);
        Shelf {
            budget,
            bytes: 0,
            small_bytes: 0,
            numbers: HashMap::with_hasher(hasher.clone()),
            slots: Vec::new(),
            unused: Vec::new(),
            small: VecDeque::new(),
            main: VecDeque::new(),
            ghosts: VecDeque::new(),
            ghost_numbers: HashSet::with_hasher(hasher),
        }
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Changes the budget; answers what had to go.
    pub fn set_budget(&mut self, budget: usize) -> Vec<H> {
        self.budget = budget;
        self.make_room()
    }

    /// What is held under `number`; counts as a use of it.
    #[inline]
    pub fn get(&self, number: u64) -> Option<&H> {
        let slot = &self.slots[*self.numbers.get(&number)? as usize];
        let hits = slot.hits.load(Ordering::Relaxed);
        // A hot page's counter is read only: its readers do not take the cache line from one another.
        if hits < HITS_MAX {
            slot.hits.store(hits + 1, Ordering::Relaxed);
        }
        slot.held.as_ref()
    }

    /// Holds `held` under `number` in place of what was there; answers what had to go.
    pub fn insert(&mut self, number: u64, held: H) -> Vec<H> {
        let bytes = held.bytes();
        let mut gone = Vec::new();
        if let Some(&index) = self.numbers.get(&number) {
            let slot = &mut self.slots[index as usize];
            let before = std::mem::replace(&mut slot.bytes, bytes);
            let in_main = slot.in_main;
            gone.extend(slot.held.replace(held));
            self.bytes = self.bytes - before + bytes;
            if !in_main {
                self.small_bytes = self.small_bytes - before + bytes;
            }
        } else {
            let in_main = self.ghost_numbers.remove(&number);
            let slot = Slot { number, hits: AtomicU8::new(0), in_main, bytes, held: Some(held) };
            let index = self.store(slot);
            self.numbers.insert(number, index);
            self.bytes += bytes;
            if in_main {
                self.main.push_back(index);
            } else {
                self.small_bytes += bytes;
                self.small.push_back(index);
            }
        }
        gone.extend(self.make_room());
        gone
    }

    fn make_room(&mut self) -> Vec<H> {
        let mut gone = Vec::new();
        let mut passes = PASSES_MAX.min(self.numbers.len());
        while self.bytes > self.budget && self.numbers.len() > 1 {
            gone.extend(self.evict(&mut passes));
        }
        gone
    }

    fn store(&mut self, slot: Slot<H>) -> u32 {
        match self.unused.pop() {
            Some(index) => {
                self.slots[index as usize] = slot;
                index
            }
            None => {
                self.slots.push(slot);
                (self.slots.len() - 1) as u32
            }
        }
    }

    /// One step of making room: something moves to a queue's end, or goes.
    fn evict(&mut self, passes: &mut usize) -> Option<H> {
        if self.main.is_empty() || self.small_bytes > self.budget / 10 {
            self.evict_small(passes)
        } else {
            self.evict_main(passes)
        }
    }

    fn evict_small(&mut self, passes: &mut usize) -> Option<H> {
        let Some(index) = self.small.pop_front() else {
            return self.evict_main(passes);
        };
        let slot = &mut self.slots[index as usize];
        if slot.hits.load(Ordering::Relaxed) > 1 {
            slot.hits.store(0, Ordering::Relaxed);
            slot.in_main = true;
            self.small_bytes -= slot.bytes;
            self.main.push_back(index);
            return None;
        }
        if pass_over(slot, passes) {
            self.small.push_back(index);
            return None;
        }
        self.small_bytes -= slot.bytes;
        let number = slot.number;
        self.remember(number);
        self.release(index)
    }

    fn evict_main(&mut self, passes: &mut usize) -> Option<H> {
        let index = self.main.pop_front()?;
        let slot = &mut self.slots[index as usize];
        let hits = slot.hits.load(Ordering::Relaxed);
        if hits > 0 {
            slot.hits.store(hits - 1, Ordering::Relaxed);
            self.main.push_back(index);
            return None;
        }
        if pass_over(slot, passes) {
            self.main.push_back(index);
            return None;
        }
        self.release(index)
    }

    /// Keeps the number of a page that leaves the small queue, as many as there are pages in the main queue.
    fn remember(&mut self, number: u64) {
        if self.ghost_numbers.insert(number) {
            self.ghosts.push_back(number);
        }
        // A ghost that came back was taken out of the set only; its entry in the queue goes here in its turn.
        while self.ghosts.len() > self.main.len().max(16) {
            if let Some(oldest) = self.ghosts.pop_front() {
                self.ghost_numbers.remove(&oldest);
            }
        }
    }

    fn release(&mut self, index: u32) -> Option<H> {
        let slot = &mut self.slots[index as usize];
        self.bytes -= slot.bytes;
        self.numbers.remove(&slot.number);
        self.unused.push(index);
        slot.held.take()
    }

    /// Checks invariants 1 and 2.
    #[cfg(test)]
    fn check(&self) {
        let mut bytes = 0;
        let mut small_bytes = 0;
        for (queue, in_main) in [(&self.small, false), (&self.main, true)] {
            for index in queue {
                let slot = &self.slots[*index as usize];
                assert_eq!(slot.in_main, in_main);
                assert_eq!(self.numbers.get(&slot.number), Some(index));
                assert!(slot.held.is_some());
                bytes += slot.bytes;
                small_bytes += if in_main { 0 } else { slot.bytes };
            }
        }
        assert_eq!(self.small.len() + self.main.len(), self.numbers.len());
        assert_eq!((bytes, small_bytes), (self.bytes, self.small_bytes));
    }
}

/// Whether a held page gets another round.
fn pass_over<H: Held>(slot: &Slot<H>, passes: &mut usize) -> bool {
    if *passes == 0 || !slot.held.as_ref().is_some_and(Held::is_shared) {
        return false;
    }
    *passes -= 1;
    true
}

#[cfg(all(test, not(hornbeam_loom)))]
mod tests {
    use super::*;
    use std::sync::Arc;

    impl Held for Arc<u64> {
        fn is_shared(&self) -> bool {
            Arc::strong_count(self) > 1
        }

        fn bytes(&self) -> usize {
            10
        }
    }

    #[test]
    fn a_scan_leaves_the_hot_pages_where_they_are() {
        let mut shelf = Shelf::new(1000);
        for _ in 0..3 {
            for hot in 0..20u64 {
                if shelf.get(hot).is_none() {
                    shelf.insert(hot, Arc::new(hot));
                }
            }
        }
        for cold in 100..100_000u64 {
            shelf.insert(cold, Arc::new(cold));
        }
        shelf.check();
        assert!(shelf.bytes() <= 1000);
        for hot in 0..20u64 {
            assert_eq!(shelf.get(hot).map(|held| **held), Some(hot));
        }
    }

    #[test]
    fn a_held_page_is_passed_over_and_stays_valid_when_all_are_held() {
        let mut shelf = Shelf::new(100);
        let held: Vec<_> = (0..10u64).map(Arc::new).collect();
        for page in &held[..5] {
            shelf.insert(**page, Arc::clone(page));
        }
        for page in 20..40u64 {
            shelf.insert(page, Arc::new(page));
        }
        shelf.check();
        for page in &held[..5] {
            assert!(shelf.get(**page).is_some(), "page {page} was held");
        }
        let more: Vec<_> = (50..90u64).map(Arc::new).collect();
        for page in &more {
            shelf.insert(**page, Arc::clone(page));
        }
        shelf.check();
        assert!(shelf.bytes() <= 100, "held pages do not make the cache outgrow its budget");
        assert!(more.iter().enumerate().all(|(index, page)| **page == 50 + index as u64));
    }

    #[test]
    fn a_page_that_comes_back_soon_is_kept_longer() {
        let mut shelf = Shelf::new(100);
        for page in 0..11u64 {
            shelf.insert(page, Arc::new(page));
        }
        assert!(shelf.get(0).is_none(), "the first of eleven had to go");
        shelf.insert(0, Arc::new(0));
        for page in 20..29u64 {
            shelf.insert(page, Arc::new(page));
        }
        shelf.check();
        assert!(shelf.get(0).is_some());
    }

    #[test]
    fn a_smaller_budget_is_kept_at_once_and_a_larger_one_is_used() {
        let mut shelf = Shelf::new(1000);
        for page in 0..100u64 {
            shelf.insert(page, Arc::new(page));
        }
        assert_eq!(shelf.set_budget(50).len(), 95);
        shelf.check();
        assert!(shelf.bytes() <= 50);
        assert!(shelf.set_budget(1000).is_empty());
        for page in 100..200u64 {
            shelf.insert(page, Arc::new(page));
        }
        shelf.check();
        assert_eq!(shelf.bytes(), 1000);
    }

    #[test]
    fn replacing_a_page_changes_what_is_held() {
        let mut shelf = Shelf::new(100);
        shelf.insert(1, Arc::new(1));
        let gone = shelf.insert(1, Arc::new(2));
        assert_eq!(gone.iter().map(|held| **held).collect::<Vec<_>>(), vec![1]);
        assert_eq!(shelf.get(1).map(|held| **held), Some(2));
        shelf.check();
    }
}
