//! The pages that a branch has given up, as savepoints share them.
//!
//! A savepoint keeps what had been given up when it was made, and there may be as many savepoints as rows: nothing is copied for
//! one. Pages that were given up before it are settled into a chain of blocks that nobody changes; the next savepoint adds a
//! block, and smaller blocks below are joined with it.
//!
//! Invariants
//!
//! 1. A block that somebody else refers to stays as it is.
//! 2. A block is longer than the one above it, so that the chain is as long as the logarithm of the pages' number.
//!
//! Nothing here can fail.

use pager::FreedPage;
use std::sync::Arc;

/// Pages given up, none of which is taken back but with all that were given up later.
#[derive(Clone, Default)]
pub struct Settled(Option<Arc<Block>>);

struct Block {
    pages: Vec<FreedPage>,
    below: Settled,
}

impl Settled {
    /// Adds pages.
    pub fn add(&mut self, pages: Vec<FreedPage>) {
        if pages.is_empty() {
            return;
        }
        let mut block = Block { pages, below: std::mem::take(self) };
        while let Some(below) = block.below.0.take_if(|below| below.pages.len() <= block.pages.len()) {
            // A savepoint that still refers to the block below keeps it as it is.
            let (mut joined, rest) = match Arc::try_unwrap(below) {
                Ok(below) => (below.pages, below.below),
                Err(below) => (below.pages.clone(), below.below.clone()),
            };
            joined.append(&mut block.pages);
            block = Block { pages: joined, below: rest };
        }
        self.0 = Some(Arc::new(block));
    }

    /// All pages, in no order that means anything.
    pub fn pages(&self) -> impl Iterator<Item = &FreedPage> {
        let blocks = std::iter::successors(self.0.as_deref(), |block| block.below.0.as_deref());
        blocks.flat_map(|block| &block.pages)
    }

    /// Keeps those pages only that are asked for.
    pub fn retain(&mut self, keep: impl Fn(&FreedPage) -> bool) {
        if self.pages().all(&keep) {
            return;
        }
        let kept = self.pages().filter(|page| keep(page)).cloned().collect();
        *self = Settled::default();
        self.add(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::Settled;
    use pager::{FreedPage, FreedRef};

    fn page(number: u64) -> FreedPage {
        FreedPage { page: FreedRef::Stored(number), birth: 1 }
    }

    fn numbers(settled: &Settled) -> Vec<u64> {
        let mut numbers: Vec<u64> = settled.pages().filter_map(FreedPage::number).collect();
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn what_was_settled_before_stays_as_it_was() {
        let mut settled = Settled::default();
        let mut before = Vec::new();
        for number in 0..1_000 {
            before.push(settled.clone());
            settled.add(vec![page(number)]);
        }
        for (length, settled) in before.iter().enumerate() {
            assert_eq!(numbers(settled), (0..length as u64).collect::<Vec<_>>());
        }
        let mut some = settled.clone();
        some.retain(|page| page.number().is_some_and(|number| number % 2 == 0));
        assert_eq!(numbers(&some), (0..1_000).step_by(2).collect::<Vec<_>>());
        assert_eq!(numbers(&settled), (0..1_000).collect::<Vec<_>>());
    }

    #[test]
    fn the_chain_is_short() {
        let mut settled = Settled::default();
        for number in 0..10_000 {
            settled.add(vec![page(number)]);
        }
        let mut blocks = 0;
        let mut next = settled.0.as_deref();
        while let Some(block) = next {
            let below = block.below.0.as_deref();
            assert!(below.is_none_or(|below| below.pages.len() > block.pages.len()));
            (blocks, next) = (blocks + 1, below);
        }
        assert!(blocks <= 14, "{blocks} blocks");
    }
}
