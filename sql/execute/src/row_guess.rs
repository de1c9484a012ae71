//! Where the row of a key probably is: rows that were given numbers one after the other, and keys one after the other, stand as far
//! from each other as their keys do. So a row is looked for where its key would have it, and only if another is there, or none, by
//! the index.
//!
//! Invariants
//!
//! 1. A row that has the key is the row: the index has all rows and its keys stand once at any time, and what a transaction sees of the table and of
//!    the index is the same moment.
//! 2. A guess that was wrong makes the next one wait for twice as many keys that agree. So where keys and rows have nothing to do
//!    with each other, nearly no row is looked at in vain.
//!
//! Fails: a row that cannot be read is not the one; whoever finds it by the index tells of it.

use env::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use plan::physical::IndexScan;
use types::row::{RowLayout, RowView};
use types::{Item, Value};

/// Keys that have to agree before the first guess.
const AGREED_FIRST: u32 = 2;
/// And at most, after however many wrong ones.
const AGREED_MOST: u32 = 1 << 16;

/// How far the ids of a table's rows are from their keys. What it says is only tried, so that it may be changed by several at once.
pub struct RowGuess {
    /// The key's place in the rows' layout.
    column: usize,
    /// What is added to a key.
    offset: AtomicI64,
    /// How many keys have agreed on it, one after the other.
    agreed: AtomicU32,
    /// How many have to.
    needed: AtomicU32,
}

impl RowGuess {
    /// For rows by an index over one column of the table, all of whose rows it has; none for another.
    pub fn of(scan: &IndexScan) -> Option<RowGuess> {
        let [key] = scan.keys.as_slice() else { return None };
        if scan.partial {
            // A row that has the key need not be one of its rows.
            return None;
        }
        let column = usize::from(key.column?).checked_sub(1)?;
        Some(RowGuess {
            column,
            offset: AtomicI64::new(0),
            agreed: AtomicU32::new(0),
            needed: AtomicU32::new(AGREED_FIRST),
        })
    }

    /// Where the row of a key is to be looked for first.
    pub fn id_of(&self, key: i64) -> Option<i64> {
        if self.agreed.load(Ordering::Relaxed) < self.needed.load(Ordering::Relaxed) {
            return None;
        }
        key.checked_add(self.offset.load(Ordering::Relaxed))
    }

    /// Whether a row is that of a key.
    pub fn is_row_of(&self, key: i64, layout: &RowLayout, row: &[u8]) -> bool {
        // A row that is older than the column has no key that anyone could have numbered.
        let item = RowView::new(layout, row).and_then(|row| row.item(self.column, &Value::Null));
        item.ok().as_ref().and_then(integer_of) == Some(key)
    }

    /// There was no such row where it was looked for.
    pub fn missed(&self) {
        self.agreed.store(0, Ordering::Relaxed);
        let needed = self.needed.load(Ordering::Relaxed).saturating_mul(2);
        self.needed.store(needed.min(AGREED_MOST), Ordering::Relaxed);
    }

    /// The index has told where the row of a key is.
    pub fn learn(&self, key: i64, id: i64) {
        let Some(offset) = id.checked_sub(key) else { return };
        let agrees = self.offset.swap(offset, Ordering::Relaxed) == offset;
        let agreed = if agrees { self.agreed.load(Ordering::Relaxed).saturating_add(1) } else { 1 };
        self.agreed.store(agreed, Ordering::Relaxed);
    }
}

/// A key as a number.
pub fn as_integer(value: &Value) -> Option<i64> {
    integer_of(&Item::from(value))
}

fn integer_of(item: &Item<'_>) -> Option<i64> {
    match item {
        Item::Int16(value) => Some(i64::from(*value)),
        Item::Int32(value) => Some(i64::from(*value)),
        Item::Int64(value) => Some(*value),
        Item::Null
        | Item::Bool(_)
        | Item::Float32(_)
        | Item::Float64(_)
        | Item::Numeric(_)
        | Item::Interval(_)
        | Item::TimeTz(_)
        | Item::Uuid(_)
        | Item::Bytes(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess() -> RowGuess {
        RowGuess {
            column: 0,
            offset: AtomicI64::new(0),
            agreed: AtomicU32::new(0),
            needed: AtomicU32::new(AGREED_FIRST),
        }
    }

    #[test]
    fn what_keys_agree_on_is_tried() {
        let guess = guess();
        assert_eq!(guess.id_of(1), None);
        guess.learn(1, 11);
        assert_eq!(guess.id_of(2), None, "one key says nothing");
        guess.learn(5, 15);
        assert_eq!((guess.id_of(7), guess.id_of(-3)), (Some(17), Some(7)));
        guess.learn(8, 40);
        assert_eq!(guess.id_of(7), None, "another offset begins anew");
        guess.learn(9, 41);
        assert_eq!(guess.id_of(7), Some(39));
    }

    #[test]
    fn a_wrong_guess_makes_the_next_one_wait_longer() {
        let guess = guess();
        for needed in [2, 4, 8, 16] {
            for key in 0..needed {
                assert_eq!(guess.id_of(key), None, "{key} of {needed}");
                guess.learn(key, key + 3);
            }
            assert_eq!(guess.id_of(0), Some(3));
            guess.missed();
        }
        (0..40).for_each(|_| guess.missed());
        assert_eq!(guess.needed.load(Ordering::Relaxed), AGREED_MOST);
    }

    #[test]
    fn keys_at_the_ends_of_numbers_are_not_guessed() {
        let guess = guess();
        guess.learn(1, 3);
        guess.learn(2, 4);
        assert_eq!(guess.id_of(i64::MAX), None);
        assert_eq!(guess.id_of(i64::MIN), Some(i64::MIN + 2));
        guess.learn(i64::MIN, i64::MAX);
        assert_eq!(guess.id_of(1), Some(3), "what cannot be said is not learnt");
    }
}
