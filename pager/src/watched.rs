//! Pages that a task asks for, counted while somebody watches.
//!
//! Invariants
//!
//! 1. A watch counts what the task does that began it, and nobody else's: its stack ends where no other's does that lives
//!    meanwhile. In a world that cannot tell where stacks end, all tasks count as one.
//! 2. While nobody watches, counting costs one look at a number that nobody changes.

use crate::labels::WATCH_LOCK;
use crate::pager::Pager;
use env::sync::Mutex;
use env::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;

/// What was done with a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// It was asked for, and stood in memory.
    Found,
    /// It was asked for, and read from the file.
    Read,
    /// It was made, in place of another or anew.
    Made,
    /// It was written to the file.
    Written,
}

/// How many pages were touched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageCounts {
    /// See [`Touched::Found`].
    pub found: u64,
    /// See [`Touched::Read`].
    pub read: u64,
    /// See [`Touched::Made`].
    pub made: u64,
    /// See [`Touched::Written`].
    pub written: u64,
}

/// All watches of a pager.
pub(crate) struct Watches {
    /// How many there are.
    count: AtomicUsize,
    all: Mutex<Vec<Arc<Counted>>>,
}

struct Counted {
    /// Where the stack of the task ends.
    task: usize,
    /// By [`Touched`].
    pages: [AtomicU64; 4],
}

impl Watches {
    pub fn new() -> Watches {
        Watches { count: AtomicUsize::new(0), all: Mutex::new(&WATCH_LOCK, Vec::new()) }
    }
}

/// Counts the pages of the task that began it, until it goes.
pub struct PageWatch {
    watches: Arc<Watches>,
    counted: Arc<Counted>,
}

impl PageWatch {
    /// What was touched since it began.
    pub fn counts(&self) -> PageCounts {
        let of = |touched: Touched| self.counted.pages[touched as usize].load(Ordering::Relaxed);
        PageCounts {
            found: of(Touched::Found),
            read: of(Touched::Read),
            made: of(Touched::Made),
            written: of(Touched::Written),
        }
    }
}

impl Drop for PageWatch {
    fn drop(&mut self) {
        self.watches.all.lock().retain(|counted| !Arc::ptr_eq(counted, &self.counted));
        self.watches.count.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pager {
    /// Counts pages that the calling task touches from now on.
    pub fn watch_pages(&self) -> PageWatch {
        let counted = Arc::new(Counted { task: self.env.stack_floor(), pages: Default::default() });
        self.watches.all.lock().push(Arc::clone(&counted));
        self.watches.count.fetch_add(1, Ordering::Relaxed);
        PageWatch { watches: Arc::clone(&self.watches), counted }
    }

    /// Notes pages that the calling task has touched. Layers above say so of those that they have at hand themselves.
    #[inline]
    pub fn touched(&self, touched: Touched, pages: usize) {
        if self.watches.count.load(Ordering::Relaxed) > 0 {
            self.touched_watched(touched, pages);
        }
    }

    #[cold]
    fn touched_watched(&self, touched: Touched, pages: usize) {
        let task = self.env.stack_floor();
        for counted in self.watches.all.lock().iter().filter(|counted| counted.task == task) {
            counted.pages[touched as usize].fetch_add(pages as u64, Ordering::Relaxed);
        }
    }
}
