//! Single values in their order: an entry is the key that an ordered index would have, or how it begins.

use super::{Question, SOME, Wanted, some};
use crate::key::{KeyColumn, NullPlace, encode_item};
use crate::value::Item;
use crate::vector::Order;

/// The entry of a value.
pub(super) fn entry(order: &Order, item: &Item<'_>) -> Vec<u8> {
    let column = KeyColumn { order: order.clone(), descending: false, nulls: NullPlace::Never };
    let (mut key, mut rest) = (Vec::new(), Vec::new());
    encode_item(&column, item, &mut key, &mut rest);
    some(&key)
}

/// Which entries a value must have. An entry that was cut off stands for all keys that begin so.
pub(super) fn wanted(order: &Order, question: Question, with: &Item<'_>) -> Option<Wanted> {
    let entry = entry(order, with);
    Some(match question {
        Question::Less | Question::LessOrEqual => Wanted::Between(vec![SOME], behind(entry)),
        Question::Greater | Question::GreaterOrEqual => Wanted::Between(entry, vec![SOME + 1]),
        Question::Equal => Wanted::Beginning(entry),
        Question::NotEqual => Wanted::Any,
        _ => return None, // no question to a value in an order
    })
}

/// What comes behind all that begins with these bytes, of which the first is not the greatest.
fn behind(mut bytes: Vec<u8>) -> Vec<u8> {
    while let Some(last) = bytes.pop() {
        if last < u8::MAX {
            bytes.push(last + 1);
            break;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{behind, entry, wanted};
    use crate::entry::{LONGEST, Question, SOME, Wanted};
    use crate::value::Item;
    use crate::vector::Order;

    #[test]
    fn entries_are_in_the_order_of_their_values() {
        let numbers = [i32::MIN, -1, 0, 1, i32::MAX].map(|it| entry(&Order::Int32, &Item::Int32(it)));
        assert!(numbers.is_sorted());
        let texts = ["", "a", "ab", "b"].map(|it| entry(&Order::Bytes, &Item::Bytes(it.as_bytes())));
        assert!(texts.is_sorted());
    }

    #[test]
    fn what_is_wanted_of_a_long_text_takes_in_all_that_begin_so() {
        let long = vec![b'x'; LONGEST * 2];
        let kept = entry(&Order::Bytes, &Item::Bytes(&long));
        assert_eq!(kept.len(), LONGEST + 1);
        let Some(Wanted::Between(_, end)) = wanted(&Order::Bytes, Question::Less, &Item::Bytes(&long)) else {
            panic!("a stretch of entries is wanted")
        };
        assert!(kept < end);
        assert_eq!(behind(vec![SOME, 7, 255, 255]), [SOME, 8]);
        assert_eq!(behind(vec![SOME, 255]), [SOME + 1]);
    }
}
