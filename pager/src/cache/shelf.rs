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
use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

/// What somebody made of a page and keeps beside it: it depends on the page's bytes and on nothing else, or says itself
/// on what.
pub type Companion = Arc<dyn Any + Send + Sync>;

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
/// One such part of the budget may be taken by companions though pages have to go for them.
const BESIDE_PART: usize = 8;

struct Slot<H> {
    number: u64,
    /// A guess is enough here: readers count side by side, under a shared lock.
    hits: AtomicU8,
    in_main: bool,
    bytes: usize,
    held: Option<H>,
    /// What is kept beside it, and its bytes.
    beside: Option<(Companion, usize)>,
}

impl<H> Slot<H> {
    #[inline]
    fn count_use(&self) {
        let hits = self.hits.load(Ordering::Relaxed);
        // A hot page's counter is read only: its readers do not take the cache line from one another.
        if hits < HITS_MAX {
            self.hits.store(hits + 1, Ordering::Relaxed);
        }
    }

    fn both(&self) -> Option<(&H, &Companion)> {
        self.held.as_ref().zip(self.beside.as_ref().map(|(companion, _)| companion))
    }
}

/// What had to go: to be dropped where no lock is held.
pub(crate) struct Gone<H> {
    pub held: Vec<H>,
    pub beside: Vec<Companion>,
}

impl<H> Default for Gone<H> {
    fn default() -> Gone<H> {
        Gone { held: Vec::new(), beside: Vec::new() }
    }
}

/// See the module's text.
pub(crate) struct Shelf<H> {
    budget: usize,
    bytes: usize,
    small_bytes: usize,
    beside_bytes: usize,
    /// The slot at which the search goes on for companions to be given up.
    hand: usize,
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
            beside_bytes: 0,
            hand: 0,
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
        self.bytes + self.beside_bytes
    }

    pub fn budget(&self) -> usize {
        self.budget
    }

    /// Changes the budget; answers what had to go.
    pub fn set_budget(&mut self, budget: usize) -> Gone<H> {
        self.budget = budget;
        let mut gone = Gone::default();
        self.make_room(&mut gone);
        gone
    }

    /// What is held under `number`; counts as a use of it.
    #[inline]
    pub fn get(&self, number: u64) -> Option<&H> {
        let slot = &self.slots[*self.numbers.get(&number)? as usize];
        slot.count_use();
        slot.held.as_ref()
    }

    /// What is held under `number`, and what is kept beside it. Does not count as a use, where whoever asks has the page.
    pub fn beside(&self, number: u64) -> Option<(&H, &Companion)> {
        self.slots[*self.numbers.get(&number)? as usize].both()
    }

    /// The same in place of the page: counts as a use of it.
    pub fn beside_in_use(&self, number: u64) -> Option<(&H, &Companion)> {
        let slot = &self.slots[*self.numbers.get(&number)? as usize];
        slot.count_use();
        slot.both()
    }

    /// What is held under `number`, without counting as a use.
    pub fn peek(&self, number: u64) -> Option<&H> {
        self.slots[*self.numbers.get(&number)? as usize].held.as_ref()
    }

    /// Keeps a companion beside what is held under `number`, in place of one that was there, if there is room. Answers
    /// what had to go: the companion itself where it is not kept.
    pub fn keep(&mut self, number: u64, companion: Companion, bytes: usize) -> Gone<H> {
        let mut gone = Gone::default();
        let Some(&index) = self.numbers.get(&number) else {
            gone.beside.push(companion);
            return gone;
        };
        let slot = &mut self.slots[index as usize];
        let before = slot.beside.as_ref().map_or(0, |(_, bytes)| *bytes);
        let beside = self.beside_bytes - before + bytes;
        if self.bytes + beside > self.budget && beside > self.budget / BESIDE_PART {
            gone.beside.push(companion);
            return gone;
        }
        self.beside_bytes = beside;
        gone.beside.extend(slot.beside.replace((companion, bytes)).map(|(companion, _)| companion));
        self.make_room(&mut gone);
        gone
    }

    /// Holds `held` under `number` in place of what was there; answers what had to go.
    pub fn insert(&mut self, number: u64, held: H) -> Gone<H> {
        let bytes = held.bytes();
        let mut gone = Gone::default();
        if let Some(&index) = self.numbers.get(&number) {
            self.strip(index, &mut gone);
            let slot = &mut self.slots[index as usize];
            let before = std::mem::replace(&mut slot.bytes, bytes);
            let in_main = slot.in_main;
            gone.held.extend(slot.held.replace(held));
            self.bytes = self.bytes - before + bytes;
            if !in_main {
                self.small_bytes = self.small_bytes - before + bytes;
            }
        } else {
            let in_main = self.ghost_numbers.remove(&number);
            let held = Some(held);
            let slot = Slot { number, hits: AtomicU8::new(0), in_main, bytes, held, beside: None };
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
        self.make_room(&mut gone);
        gone
    }

    fn make_room(&mut self, gone: &mut Gone<H>) {
        while self.bytes() > self.budget && self.beside_bytes > self.budget / BESIDE_PART {
            self.strip_next(gone);
        }
        let mut passes = PASSES_MAX.min(self.numbers.len());
        while self.bytes() > self.budget && self.numbers.len() > 1 {
            let evicted = self.evict(&mut passes, gone);
            gone.held.extend(evicted);
        }
    }

    /// Gives up the companion in a slot, if there is one.
    fn strip(&mut self, index: u32, gone: &mut Gone<H>) {
        if let Some((companion, bytes)) = self.slots[index as usize].beside.take() {
            self.beside_bytes -= bytes;
            gone.beside.push(companion);
        }
    }

    /// Gives up the next companion; there is one.
    fn strip_next(&mut self, gone: &mut Gone<H>) {
        let before = gone.beside.len();
        while gone.beside.len() == before {
            self.hand = if self.hand + 1 < self.slots.len() { self.hand + 1 } else { 0 };
            self.strip(self.hand as u32, gone);
        }
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
    fn evict(&mut self, passes: &mut usize, gone: &mut Gone<H>) -> Option<H> {
        if self.main.is_empty() || self.small_bytes > self.budget / 10 {
            self.evict_small(passes, gone)
        } else {
            self.evict_main(passes, gone)
        }
    }

    fn evict_small(&mut self, passes: &mut usize, gone: &mut Gone<H>) -> Option<H> {
        let Some(index) = self.small.pop_front() else {
            return self.evict_main(passes, gone);
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
        self.release(index, gone)
    }

    fn evict_main(&mut self, passes: &mut usize, gone: &mut Gone<H>) -> Option<H> {
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
        self.release(index, gone)
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

    fn release(&mut self, index: u32, gone: &mut Gone<H>) -> Option<H> {
        self.strip(index, gone);
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
        let beside = self.slots.iter().filter_map(|slot| slot.beside.as_ref());
        assert_eq!(beside.map(|(_, bytes)| bytes).sum::<usize>(), self.beside_bytes);
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
        assert_eq!(shelf.set_budget(50).held.len(), 95);
        shelf.check();
        assert!(shelf.bytes() <= 50);
        assert!(shelf.set_budget(1000).held.is_empty());
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
        assert_eq!(gone.held.iter().map(|held| **held).collect::<Vec<_>>(), vec![1]);
        assert_eq!(shelf.get(1).map(|held| **held), Some(2));
        shelf.check();
    }

    #[test]
    fn what_is_kept_beside_a_page_goes_with_it() {
        let mut shelf = Shelf::new(100);
        shelf.insert(1, Arc::new(1));
        assert!(shelf.keep(1, Arc::new("one"), 5).beside.is_empty());
        assert_eq!(shelf.keep(2, Arc::new("none"), 5).beside.len(), 1, "there is no such page");
        assert_eq!(shelf.keep(1, Arc::new("more"), 7).beside.len(), 1, "the one before goes");
        shelf.check();
        assert_eq!(shelf.bytes(), 17);
        assert_eq!(shelf.beside(1).and_then(|(_, beside)| beside.downcast_ref::<&str>()), Some(&"more"));
        assert_eq!(shelf.insert(1, Arc::new(2)).beside.len(), 1, "another version of the page has none");
        assert!(shelf.beside(1).is_none());
        shelf.check();
    }

    #[test]
    fn companions_take_free_room_and_an_eighth_of_what_is_not() {
        let mut shelf = Shelf::new(1000);
        for page in 0..80u64 {
            shelf.insert(page, Arc::new(page));
        }
        let kept = (0..80u64).filter(|page| shelf.keep(*page, Arc::new(()), 10).beside.is_empty()).count();
        assert_eq!(kept, 20, "as many as there was room for");
        for page in 80..100u64 {
            assert!(shelf.insert(page, Arc::new(page)).held.is_empty() || page >= 88);
            shelf.check();
            assert!(shelf.bytes() <= 1000);
        }
        // Pages that went took theirs along.
        assert!((1..=125).contains(&shelf.beside_bytes), "they gave their room to pages, but for an eighth");
        let mut full = Shelf::new(1000);
        for page in 0..100u64 {
            full.insert(page, Arc::new(page));
        }
        let kept = (50..100u64).filter(|page| full.keep(*page, Arc::new(()), 10).beside.is_empty()).count();
        full.check();
        assert_eq!((kept, full.beside_bytes, full.bytes()), (12, 120, 1000));
    }
}
