//! Many rows sorted by several tasks: each sorts a part of the keys, and the parts are merged.
//!
//! The order is the one that a single task finds: equal keys stay in the order of their rows.

use super::order::{Encoded, Packed, RowOrder, SortColumn, number_bits, numbered, pack, rows_below, rows_of};
use super::sortable::Sortable;
use crate::error::ExecuteResult;
use crate::parallel::Help;
use crate::run::Run;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;
use types::Vector;

/// The first bytes of a key, and its row.
type Front = ((u64, u64), u32);

impl RowOrder {
    /// As [`RowOrder::sort_loosely`], by as many tasks as the statement may have.
    ///
    /// # Errors
    /// When the statement is cancelled.
    pub fn sort_together(
        columns: &[SortColumn],
        keys: &[Vector],
        rows: usize,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Vec<u32>> {
        let helpers = run.helpers_for(rows);
        if helpers == 0 || columns.is_empty() {
            return Ok(RowOrder::sort_loosely(columns, keys, rows));
        }
        let parts = parts(rows, helpers + 1);
        Ok(match Sortable::new(columns, keys, rows) {
            Some(Sortable::Narrow(keys, bits)) => match pack(keys, bits) {
                Packed::InOne(keys) => rows_below(sort(keys, parts, run)?, number_bits(rows)),
                Packed::Beside(keys) => rows_of(sort(keys, parts, run)?),
            },
            Some(Sortable::Wide(keys)) => rows_of(sort(numbered(keys.into_iter()), parts, run)?),
            None => rows_of(sort_encoded(columns, keys, parts, run)?),
        })
    }
}

/// About equally many rows for each task.
fn parts(rows: usize, tasks: usize) -> Vec<Range<usize>> {
    let length = rows.div_ceil(tasks);
    (0..rows).step_by(length).map(|start| start..rows.min(start + length)).collect()
}

/// Has each part made by a task, the first by this one.
fn by_tasks<T: Send + 'static>(
    make: impl Fn(Range<usize>) -> T + Clone + Send + 'static,
    parts: Vec<Range<usize>>,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Vec<T>> {
    let mut parts = parts.into_iter();
    let first = parts.next();
    let ask = |part: Range<usize>| {
        let (of, make) = (part.clone(), make.clone());
        (part, Help::compute(run, move || make(of)))
    };
    let asked: Vec<_> = parts.map(ask).collect();
    let mut made: Vec<T> = first.into_iter().map(&make).collect();
    for (part, help) in asked {
        let answer = match help {
            Some(help) => help.answer(run)?,
            None => None,
        };
        made.push(answer.unwrap_or_else(|| make(part)));
    }
    Ok(made)
}

/// Sorts keys that are all different.
fn sort<K: Ord + Copy + Send + Sync + 'static>(
    keys: Vec<K>,
    parts: Vec<Range<usize>>,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Vec<K>> {
    let keys = Arc::new(keys);
    let make = move |part: Range<usize>| {
        let mut own = keys[part].to_vec();
        own.sort_unstable();
        own
    };
    let sorted = by_tasks(make, parts, run)?;
    Ok(merge_all(sorted, K::cmp))
}

/// Sorts keys by their bytes.
fn sort_encoded(
    columns: &[SortColumn],
    keys: &[Vector],
    parts: Vec<Range<usize>>,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Vec<Front>> {
    let (columns, keys): (Vec<SortColumn>, Vec<Vector>) = (columns.to_vec(), keys.to_vec());
    let make = move |part: Range<usize>| {
        let own: Vec<Vector> = keys.iter().map(|key| key.slice(part.start, part.len())).collect();
        let encoded = Encoded::with_others(&columns, &own, part.len());
        let order = encoded.sorted(part.len());
        (encoded, order)
    };
    let (mut all, mut orders) = (Encoded::default(), Vec::new());
    for (encoded, mut order) in by_tasks(make, parts, run)? {
        // All rows together are fewer than 2^32.
        let before = all.len() as u32;
        order.iter_mut().for_each(|(_, row)| *row += before);
        all.append(encoded);
        orders.push(order);
    }
    Ok(merge_all(orders, |left: &Front, right: &Front| all.compare(*left, *right).then(left.1.cmp(&right.1))))
}

/// Merges neighbours until one is left.
fn merge_all<K: Copy>(mut sorted: Vec<Vec<K>>, compare: impl Fn(&K, &K) -> Ordering) -> Vec<K> {
    while sorted.len() > 1 {
        let mut pairs = sorted.into_iter();
        let mut merged = Vec::new();
        while let Some(left) = pairs.next() {
            merged.push(match pairs.next() {
                Some(right) => merge(&left, &right, &compare),
                None => left,
            });
        }
        sorted = merged;
    }
    sorted.pop().unwrap_or_default()
}

fn merge<K: Copy>(left: &[K], right: &[K], compare: &impl Fn(&K, &K) -> Ordering) -> Vec<K> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left, right);
    while let (Some(first), Some(second)) = (left.first(), right.first()) {
        if compare(first, second).is_le() {
            merged.push(*first);
            left = &left[1..];
        } else {
            merged.push(*second);
            right = &right[1..];
        }
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
    merged
}
