//! Pages at hand: those that a reader has looked at lately. Looking at one again takes no lock, counts no reference, and asks no
//! table that all share, each of which is memory to be waited for.
//!
//! Invariants
//!
//! 1. A page is found by its whole pointer, and by nobody who does not expect it in its tree at its level: it was looked at
//!    for that when it came here. What a pointer names never changes, so nothing here becomes untrue.
//! 2. A page that is here stays in memory, whatever the cache does. So they are few beside what the cache may hold, for one reader
//!    and for all of them together ([`KeptPages`]), and a reader that looks at a few pages has the last one alone.
//!
//! Fails as the cache does; what failed leaves no trace here.

use crate::error::Result;
use crate::node::load;
use pager::{Frame, KeptPages, PagePointer, PageRef, Pager, Touched};
use std::sync::Arc;

/// Places in the first table.
const FIRST: usize = 64;
/// Places in the largest.
const MOST: usize = 1024;
/// Pages looked at before there is a table.
const BEFORE: usize = 32;
/// A table that was asked so many times as often as it has places is followed by one so many times as large.
const GROWTH: usize = 4;
/// The largest table has no more places than such a part of the pages that the cache may hold.
const CACHE_PART: usize = 64;

/// See the module's text.
#[derive(Default)]
pub struct AtHand {
    /// By page number, as long as there is a table.
    places: Vec<Option<Page>>,
    /// The last page, as long as there is none.
    last: Option<Page>,
    /// How often a page was asked for.
    asked: usize,
    /// That there may be so many places.
    kept: Option<KeptPages>,
}

struct Page {
    pointer: PagePointer,
    tree: u64,
    level: u8,
    frame: Arc<Frame>,
}

impl AtHand {
    /// The page at `pointer`, which is to be one of `tree` at `level`.
    #[inline]
    pub(crate) fn frame(
        &mut self,
        pager: &Pager,
        pointer: &PagePointer,
        tree: u64,
        level: u8,
    ) -> Result<&Arc<Frame>> {
        self.asked += 1;
        if self.asked > BEFORE && self.asked > GROWTH * self.places.len() {
            self.grow(pager);
        }
        let place = match self.places.len() {
            0 => &mut self.last,
            // A power of two.
            places => &mut self.places[pointer.number as usize & (places - 1)],
        };
        let is_it = |page: &Page| page.pointer == *pointer && page.tree == tree && page.level == level;
        if !place.as_ref().is_some_and(is_it) {
            *place = None;
        }
        Ok(match place {
            Some(page) => {
                pager.touched(Touched::Found, 1);
                &page.frame
            }
            None => {
                let frame = load(pager, &PageRef::Stored(*pointer), tree, level)?;
                &place.insert(Page { pointer: *pointer, tree, level, frame }).frame
            }
        })
    }

    /// Makes the first table, or a larger one.
    #[cold]
    fn grow(&mut self, pager: &Pager) {
        let most = (pager.cache_budget() / pager.page_size() / CACHE_PART).clamp(1, MOST);
        let wanted = (self.places.len() * GROWTH).max(FIRST);
        // Rounded down to a power of two.
        let places: usize = 1 << wanted.min(most).ilog2();
        let more = places.checked_sub(self.places.len()).filter(|more| *more > 0);
        let Some(granted) = more.and_then(|more| pager.keep_pages(more)) else {
            // It is not asked again for a while.
            self.asked = 0;
            return;
        };
        match &mut self.kept {
            Some(kept) => kept.join(granted),
            None => self.kept = Some(granted),
        }
        let mut larger: Vec<Option<Page>> = Vec::new();
        larger.resize_with(places, || None);
        for page in std::mem::take(&mut self.places).into_iter().chain([self.last.take()]).flatten() {
            let place = page.pointer.number as usize & (places - 1);
            larger[place] = Some(page);
        }
        self.places = larger;
    }
}
