//! How likely each option of a choice is.

use super::stream::below;
use rand_chacha::ChaCha8Rng;
use rand_core::Rng;

/// How likely a choice deviates from its default.
#[derive(Debug, Clone, Copy)]
pub enum Chance<'a> {
    /// It does not: nothing is drawn.
    Never,
    /// All options are equally likely.
    Even,
    /// So many times in a million; then all options but the default are equally likely.
    PerMillion(u32),
    /// Each option as likely as the table says.
    Weighted(&'a Weights),
}

/// For each option but the default, how many times in a million choices it is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weights {
    /// Upper bounds, cumulative, as fractions of 2^32: option `i + 1` is taken by a draw below `bounds[i]` that is not
    /// below the bound before it.
    bounds: Vec<u32>,
}

impl Weights {
    /// A table in which option `i + 1` is taken `per_million[i]` times in a million. Beyond a sum of one million
    /// the later options are cut.
    pub fn new(per_million: &[u32]) -> Weights {
        let mut sum = 0u64;
        let bounds = per_million
            .iter()
            .map(|&rate| {
                sum = (sum + u64::from(rate)).min(1_000_000);
                u32::try_from(sum * (1u64 << 32) / 1_000_000).unwrap_or(u32::MAX)
            })
            .collect();
        Weights { bounds }
    }

    /// Whether every option but the default has no chance.
    pub fn is_empty(&self) -> bool {
        self.bounds.last().is_none_or(|&bound| bound == 0)
    }

    /// Whether `option` can be taken.
    pub fn allows(&self, option: u32) -> bool {
        let Some(index) = (option as usize).checked_sub(1) else { return true };
        let before = index.checked_sub(1).map_or(0, |before| self.bounds[before]);
        self.bounds.get(index).is_some_and(|&bound| bound > before)
    }

    #[inline]
    fn pick(&self, draw: u32) -> u32 {
        // Nearly every draw lies beyond the last bound: nothing happens.
        match self.bounds.last() {
            Some(&total) if draw < total => {
                self.bounds.iter().position(|&bound| draw < bound).map_or(0, |index| index as u32 + 1)
            }
            Some(_) | None => 0,
        }
    }
}

impl Chance<'_> {
    /// One draw. Options beyond `options` count as the default.
    #[inline]
    pub(super) fn draw(self, stream: &mut ChaCha8Rng, options: u32) -> u32 {
        if options <= 1 {
            return 0;
        }
        match self {
            Chance::Never => 0,
            Chance::Even => below(stream.next_u32(), options),
            Chance::PerMillion(rate) => {
                if rate == 0 || below(stream.next_u32(), 1_000_000) >= rate {
                    return 0;
                }
                1 + below(stream.next_u32(), options - 1)
            }
            Chance::Weighted(weights) => {
                if weights.is_empty() {
                    return 0;
                }
                let chosen = weights.pick(stream.next_u32());
                if chosen < options { chosen } else { 0 }
            }
        }
    }

    /// Whether `option` is possible at all: what an exhaustive search has to visit.
    pub(super) fn allows(self, option: u32) -> bool {
        option == 0
            || match self {
                Chance::Never | Chance::PerMillion(0) => false,
                Chance::Even | Chance::PerMillion(_) => true,
                Chance::Weighted(weights) => weights.allows(option),
            }
    }
}
