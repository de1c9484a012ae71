//! Texts, in their order: an entry is how a text begins, with an end if that is all of it.

use super::{LONGEST, Question, SOME, Wanted, some};

/// What ends a text: a byte that is in none.
const END: u8 = 0;
/// What comes behind all texts that begin so.
const BEHIND: u8 = 0xff;

/// The entry of a text.
pub(super) fn entry(text: &[u8]) -> Vec<u8> {
    let mut ended = text[..text.len().min(LONGEST)].to_vec();
    ended.push(END);
    some(&ended)
}

/// Which entries a text must have. An entry that was cut off stands for all texts that begin so.
pub(super) fn wanted(question: Question, with: &[u8]) -> Option<Wanted> {
    let entry = entry(with);
    let mut behind = entry.clone();
    if let Some(last) = behind.last_mut().filter(|last| **last == END) {
        *last = END + 1;
    } else {
        behind.push(BEHIND);
    }
    Some(match question {
        Question::Less | Question::LessOrEqual => Wanted::Between(vec![SOME], behind),
        Question::Greater | Question::GreaterOrEqual => Wanted::Between(entry, vec![SOME + 1]),
        Question::Equal => Wanted::Beginning(entry),
        Question::BeginsWith => Wanted::Beginning(some(with)),
        _ => return None,
    })
}
