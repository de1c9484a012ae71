//! Arrays: an entry for each element.

use super::{NULL_WITHIN, Question, Wanted, some};
use crate::array::ArrayView;
use crate::key::{KeyColumn, NullPlace, encode_item};
use crate::value::Item;
use crate::vector::Order;

fn entry(column: &KeyColumn, item: &Item<'_>) -> Vec<u8> {
    if item.is_null() {
        return vec![NULL_WITHIN];
    }
    let mut key = Vec::new();
    encode_item(column, item, &mut key, &mut Vec::new());
    some(&key)
}

fn column(order: &Order) -> KeyColumn {
    KeyColumn { order: order.clone(), descending: false, nulls: NullPlace::Never }
}

/// The entries of an array's elements.
pub(super) fn entries(order: &Order, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let column = column(order);
    Some(ArrayView::new(bytes)?.items().map(|item| entry(&column, &item)).collect())
}

/// Which entries an array must have.
pub(super) fn wanted(order: &Order, question: Question, with: &[u8]) -> Option<Wanted> {
    let (view, column) = (ArrayView::new(with)?, column(order));
    let mut of_elements: Vec<Wanted> = view
        .items()
        .filter(|item| !item.is_null())
        .map(|item| Wanted::Beginning(entry(&column, &item)))
        .collect();
    Some(match question {
        Question::Overlaps => Wanted::one(of_elements),
        // Nothing contains null.
        Question::Contains if view.has_nulls() => Wanted::Nothing,
        Question::Contains => Wanted::all(of_elements),
        Question::ContainedBy => Wanted::one(of_elements.into_iter().chain([Wanted::empty()])),
        Question::Equal if view.is_empty() => Wanted::empty(),
        Question::Equal => {
            if view.has_nulls() {
                of_elements.push(Wanted::Beginning(vec![NULL_WITHIN]));
            }
            Wanted::all(of_elements)
        }
        _ => return None,
    })
}
