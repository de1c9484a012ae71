//! Pages that readers keep in memory for themselves, whatever the cache does. However many readers there are, all of them together
//! have no more than a part of what the cache may hold.
//!
//! Invariants
//!
//! 1. The sum of all [`KeptPages`] is what is counted: a grant adds its pages, and its end takes them off.
//! 2. A grant is refused where the sum would exceed the bound as it is then. A cache that is made smaller takes nothing away.

use crate::pager::Pager;
use env::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// All readers together keep no more than such a part of the pages that the cache may hold.
const CACHE_PART: usize = 8;

/// A reader may keep so many pages, until this goes.
#[derive(Debug)]
pub struct KeptPages {
    all: Arc<AtomicUsize>,
    pages: usize,
}

impl KeptPages {
    /// Takes over what another grant of the same pager says.
    pub fn join(&mut self, mut other: KeptPages) {
        self.pages += std::mem::take(&mut other.pages);
    }
}

impl Drop for KeptPages {
    fn drop(&mut self) {
        self.all.fetch_sub(self.pages, Ordering::Relaxed);
    }
}

impl Pager {
    /// Lets a reader keep some more pages; none if all readers together would keep too many.
    pub fn keep_pages(&self, pages: usize) -> Option<KeptPages> {
        let most = (self.cache_budget() / self.page_size() / CACHE_PART).max(1);
        let within = |all: usize| all.checked_add(pages).filter(|all| *all <= most);
        self.kept.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).ok()?;
        Some(KeptPages { all: Arc::clone(&self.kept), pages })
    }

    /// How many pages readers may keep now by what they were granted.
    pub fn kept_pages(&self) -> usize {
        self.kept.load(Ordering::Relaxed)
    }
}
