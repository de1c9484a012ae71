//! In which order the windows of a query are computed: such that one that is sorted by more keys comes before those that its
//! order serves too, as in PostgreSQL (`select_active_windows`).

use crate::alike::alike;
use crate::level::WindowDraft;
use plan::expression::{Expression, SortKey};
use std::cmp::Ordering;

/// A key of a window: the number of its expression, and its direction.
type Key = (usize, bool, bool);

/// Windows in the order in which they are computed. `first`: what the query itself is sorted by.
pub(super) fn in_order<'e>(
    windows: Vec<WindowDraft>,
    first: impl Iterator<Item = &'e Expression>,
) -> Vec<WindowDraft> {
    // Expressions are numbered as they are met.
    let mut known: Vec<Expression> = Vec::new();
    let mut number = |expression: &Expression| match known.iter().position(|one| alike(one, expression)) {
        Some(place) => place,
        None => {
            known.push(expression.clone());
            known.len() - 1
        }
    };
    first.for_each(|expression| {
        number(expression);
    });
    let mut keyed: Vec<(Vec<Key>, WindowDraft)> = Vec::with_capacity(windows.len());
    for window in windows {
        let mut key = |key: &SortKey| (number(&key.expression), key.descending, key.nulls_first);
        let order: Vec<Key> = window.order.iter().map(&mut key).collect();
        let mut keys: Vec<Key> = window.partition.iter().map(&mut key).collect();
        for key in order {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keyed.push((keys, window));
    }
    keyed.sort_by(|one, other| compare(&one.0, &other.0));
    keyed.into_iter().map(|(_, window)| window).collect()
}

/// What is met later comes first, and what is sorted by more.
fn compare(one: &[Key], other: &[Key]) -> Ordering {
    let differing =
        one.iter().zip(other).map(|(one, other)| other.cmp(one)).find(|ordering| ordering.is_ne());
    differing.unwrap_or_else(|| other.len().cmp(&one.len()))
}
