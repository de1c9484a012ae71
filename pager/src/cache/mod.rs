//! The page cache: clean frames by page number, within a byte budget.
//!
//! Invariants
//!
//! 1. Only clean frames are here, and each is what its pointer names: whoever asks gives the whole pointer, and a
//!    frame of the same number with another checksum or birth is no answer.
//! 2. Frames are handed out as `Arc`s: they stay valid for their holder when the cache gives them up.
//! 3. A failed read leaves no trace here.
//! 4. What is kept beside a frame is given to whoever names the frame's pointer, whole, and to nobody else.

mod shelf;

pub use shelf::Companion;

use crate::labels::CACHE_LOCK;
use crate::{Frame, PagePointer};
use env::sync::RwLock;
use shelf::{Gone, Held, Shelf};
use std::sync::Arc;

impl Held for Arc<Frame> {
    fn is_shared(&self) -> bool {
        Arc::strong_count(self) > 1
    }

    fn bytes(&self) -> usize {
        self.memory_bytes()
    }
}

/// What asking the cache came to.
pub(crate) enum Lookup {
    /// The page itself.
    Hit(Arc<Frame>),
    /// Another version of the page.
    Stale,
    /// Nothing under this number.
    Miss,
}

/// What one shelf holds of a page.
#[derive(Clone)]
struct Cached {
    checksum: u32,
    birth: u64,
    frame: Arc<Frame>,
}

impl Cached {
    fn is_at(&self, pointer: &PagePointer) -> bool {
        self.checksum == pointer.checksum && self.birth == pointer.birth
    }
}

impl Held for Cached {
    fn is_shared(&self) -> bool {
        self.frame.is_shared()
    }

    fn bytes(&self) -> usize {
        self.frame.bytes()
    }
}

/// See the module's text. Split into shelves by page number, so that tasks seldom wait for one another.
pub(crate) struct Cache {
    shelves: Vec<RwLock<Shelf<Cached>>>,
    shift: u32,
}

/// A shelf has room for at least this many pages: below, its queues are too short to tell hot from cold.
const SHELF_PAGES_MIN: usize = 256;
const SHELVES_MAX: usize = 64;

impl Cache {
    pub fn new(budget: usize, page_size: usize) -> Cache {
        let wanted = (budget / (page_size * SHELF_PAGES_MIN)).clamp(1, SHELVES_MAX);
        let count = 1usize << wanted.ilog2();
        let shelves = (0..count).map(|_| RwLock::new(&CACHE_LOCK, Shelf::new(budget / count))).collect();
        Cache { shelves, shift: 64 - count.ilog2() }
    }

    pub fn get(&self, pointer: &PagePointer) -> Lookup {
        match self.shelf(pointer.number).read().get(pointer.number) {
            None => Lookup::Miss,
            Some(cached) if cached.is_at(pointer) => Lookup::Hit(Arc::clone(&cached.frame)),
            Some(_) => Lookup::Stale,
        }
    }

    /// Puts a frame that was read or written at `pointer` into the cache; answers the frame that is there now (the
    /// one of another task that read the page meanwhile, if there is one), and how many others had to go.
    pub fn insert(&self, pointer: &PagePointer, frame: Arc<Frame>) -> (Arc<Frame>, usize) {
        let mut shelf = self.shelf(pointer.number).write();
        if let Some(cached) = shelf.get(pointer.number)
            && cached.is_at(pointer)
        {
            return (Arc::clone(&cached.frame), 0);
        }
        let cached = Cached { checksum: pointer.checksum, birth: pointer.birth, frame: Arc::clone(&frame) };
        let evicted = shelf.insert(pointer.number, cached);
        drop(shelf);
        (frame, freed(evicted))
    }

    /// What is kept beside the frame at `pointer`.
    pub fn companion(&self, pointer: &PagePointer) -> Option<Companion> {
        let shelf = self.shelf(pointer.number).read();
        let (cached, companion) = shelf.beside(pointer.number)?;
        cached.is_at(pointer).then(|| Arc::clone(companion))
    }

    /// The same, in place of the frame: counts as a use of it.
    pub fn companion_in_use(&self, pointer: &PagePointer) -> Option<Companion> {
        let shelf = self.shelf(pointer.number).read();
        let (cached, companion) = shelf.beside_in_use(pointer.number)?;
        cached.is_at(pointer).then(|| Arc::clone(companion))
    }

    /// Keeps `companion` beside the frame at `pointer`, if that is here and there is room. Answers how many frames had to
    /// go.
    pub fn keep(&self, pointer: &PagePointer, companion: Companion, bytes: usize) -> usize {
        let mut shelf = self.shelf(pointer.number).write();
        if !shelf.peek(pointer.number).is_some_and(|cached| cached.is_at(pointer)) {
            return 0;
        }
        let evicted = shelf.keep(pointer.number, companion, bytes);
        drop(shelf);
        freed(evicted)
    }

    /// Changes the budget; answers how many pages had to go. The shelves stay as many as they are.
    pub fn set_budget(&self, budget: usize) -> usize {
        let mut count = 0;
        for shelf in &self.shelves {
            let evicted = shelf.write().set_budget(budget / self.shelves.len());
            count += freed(evicted);
        }
        count
    }

    /// The budget, as its shelves have it.
    pub fn budget(&self) -> usize {
        self.shelves.iter().map(|shelf| shelf.read().budget()).sum()
    }

    /// Bytes of all frames in the cache, and of what is kept beside them.
    pub fn bytes(&self) -> usize {
        self.shelves.iter().map(|shelf| shelf.read().bytes()).sum()
    }

    fn shelf(&self, number: u64) -> &RwLock<Shelf<Cached>> {
        if self.shelves.len() == 1 {
            return &self.shelves[0];
        }
        // Neighbours are spread: the high bits of a product with an odd constant.
        let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        &self.shelves[spread as usize]
    }
}

/// How many frames went. Freeing pages takes time; it happens here, after the lock.
fn freed(gone: Gone<Cached>) -> usize {
    gone.held.len()
}
