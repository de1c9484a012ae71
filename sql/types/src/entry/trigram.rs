//! Texts by their trigrams: an entry for each.

use super::{Question, Wanted, some};
use crate::trigram::{Trigram, of_pattern, sorted};

fn entry(trigram: Trigram) -> Vec<u8> {
    some(&trigram.map(i8::cast_unsigned))
}

/// The entries of a text.
pub(super) fn entries(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    Some(sorted(std::str::from_utf8(text).ok()?).into_iter().map(entry).collect())
}

/// Which entries a text must have. What is similar has one trigram at least in common.
pub(super) fn wanted(question: Question, with: &[u8]) -> Option<Wanted> {
    let with = std::str::from_utf8(with).ok()?;
    let wanted = |trigrams: Vec<Trigram>| trigrams.into_iter().map(|found| Wanted::Beginning(entry(found)));
    Some(match question {
        Question::Like => Wanted::all(wanted(of_pattern(with))),
        Question::Equal => Wanted::all(wanted(sorted(with))),
        Question::Similar => Wanted::one(wanted(sorted(with))),
        _ => return None,
    })
}
