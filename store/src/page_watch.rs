//! Pages that a session's statements touch, counted while somebody watches: those of the file, and those of the session's
//! temporary forest.
//!
//! Invariants
//!
//! 1. As the pager's: what others touch is never counted.
//! 2. Pages of one forest are never counted as the other's.

use crate::session::Session;
use env::sync::OnceLock;
use pager::PageCounts;

/// Counts the pages that the task touches which began it, until it goes.
pub struct PageWatch {
    session: Session,
    shared: pager::PageWatch,
    /// Once there is a temporary forest.
    local: OnceLock<pager::PageWatch>,
}

impl PageWatch {
    /// Pages of the file, and of the temporary forest, that were touched since it began. A forest that is made meanwhile is
    /// counted from the first time on that this is asked for.
    pub fn counts(&self) -> (PageCounts, PageCounts) {
        let local = self.local().map(pager::PageWatch::counts);
        (self.shared.counts(), local.unwrap_or_default())
    }

    fn local(&self) -> Option<&pager::PageWatch> {
        let temporary = self.session.temporary()?;
        Some(self.local.get_or_init(|| temporary.inner().pager.watch_pages()))
    }
}

impl Session {
    /// Counts pages that the calling task touches from now on.
    pub fn watch_pages(&self) -> PageWatch {
        let shared = self.inner().pager.watch_pages();
        let watch = PageWatch { session: self.clone(), shared, local: OnceLock::new() };
        watch.local();
        watch
    }
}
