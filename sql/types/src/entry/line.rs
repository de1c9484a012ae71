//! Ranges and sets of them, as intervals of a line.
//!
//! A bound's place on the line is how its key begins: what is less lies no further right. So an interval of the line may be
//! wider than the range, never narrower.

use super::grid::{Cell, Window};
use super::{EMPTY, Question, Wanted};
use crate::catalog::Type;
use crate::key::{KeyColumn, NullPlace, encode_item};
use crate::range::{Range, RangeType};
use crate::value::Item;
use crate::vector::Order;

/// The place of a value.
fn place(order: &Order, item: &Item<'_>) -> u64 {
    let column = KeyColumn { order: order.clone(), descending: false, nulls: NullPlace::Never };
    let mut key = Vec::new();
    encode_item(&column, item, &mut key, &mut Vec::new());
    key.resize(8, 0);
    key.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// From where to where a range goes; `None` if it is empty.
fn interval(of: &RangeType, range: &Range) -> Option<(u64, u64)> {
    if range.empty {
        return None;
    }
    let at = |value: &crate::value::Value| place(of.order(), &Item::from(value));
    let low = range.lower.as_ref().map_or(0, |bound| at(&bound.value));
    let high = range.upper.as_ref().map_or(u64::MAX, |bound| at(&bound.value));
    Some((low, high.max(low)))
}

/// From where to where a set goes, as a range.
pub(super) fn span(of: &RangeType, bytes: &[u8]) -> Option<Range> {
    of.set_span(&of.decode_set(bytes).ok()?).ok()
}

/// The entry of a range.
pub(super) fn entries(of: &RangeType, range: &Range) -> Vec<Vec<u8>> {
    interval(of, range).map(|(low, high)| Cell::of_line(low, high).entry()).into_iter().collect()
}

/// Which entries a range, or a set, must have.
pub(super) fn wanted(of: &RangeType, question: Question, with_type: Type, item: &Item<'_>) -> Option<Wanted> {
    let asked = match item {
        Item::Bytes(bytes) if with_type.oid == of.names.range => interval(of, &of.decode(bytes).ok()?),
        Item::Bytes(bytes) if with_type.oid == of.names.multirange => interval(of, &span(of, bytes)?),
        element if with_type.oid == of.names.subtype => {
            let at = place(of.order(), element);
            Some((at, at))
        }
        // Whoever asks has the type wrong.
        _ => return None,
    };
    let Some((low, high)) = asked else {
        // Empty: it is in all, equals what is empty, and is at no place.
        return Some(match question {
            Question::Contains => Wanted::Any,
            Question::ContainedBy | Question::Equal => Wanted::Beginning(vec![EMPTY]),
            Question::Overlaps
            | Question::Adjacent
            | Question::Before
            | Question::NotAfter
            | Question::NotBefore
            | Question::After => Wanted::Nothing,
            _ => return None,
        });
    };
    let within = |low: u64, high: u64| Wanted::Within(Window::of_line(low, high));
    Some(match question {
        Question::Overlaps | Question::Adjacent => within(low, high),
        Question::Contains => within(low, low),
        Question::ContainedBy => Wanted::one([Wanted::empty(), within(low, high)]),
        Question::Equal => Wanted::Beginning(Cell::of_line(low, high).entry()),
        Question::Before => within(0, low),
        Question::NotAfter => within(0, high),
        Question::NotBefore => within(low, u64::MAX),
        Question::After => within(high, u64::MAX),
        _ => return None,
    })
}
