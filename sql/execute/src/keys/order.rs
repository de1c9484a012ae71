//! Rows in the order of keys.
//!
//! Keys of fixed width are packed into numbers; others are brought into a form whose bytes compare as the values do; the first
//! sixteen of them lie beside the row's number, and mostly decide.

use super::sortable::{Sortable, halves};
use plan::expression::SortKey;
use std::cmp::Ordering;
use types::Vector;
use types::key::{KeyColumn, NullPlace, encode_item};
use types::vector::Order;

/// By what rows are sorted.
#[derive(Debug, Clone)]
pub struct SortColumn {
    /// By which order.
    pub order: Order,
    /// The greatest first.
    pub descending: bool,
    /// Nulls first.
    pub nulls_first: bool,
}

/// What keys of a plan say.
pub fn sort_columns(keys: &[SortKey]) -> Vec<SortColumn> {
    let column = |key: &SortKey| SortColumn {
        order: key.order.clone(),
        descending: key.descending,
        nulls_first: key.nulls_first,
    };
    keys.iter().map(column).collect()
}

/// Compares a row of some columns with one of others.
pub fn compare_rows(
    columns: &[SortColumn],
    (left, left_row): (&[Vector], usize),
    (right, right_row): (&[Vector], usize),
) -> Ordering {
    for (column, (left, right)) in columns.iter().zip(left.iter().zip(right)) {
        let (left, right) = (left.item(left_row), right.item(right_row));
        let ordering = match (left.is_null(), right.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) if column.nulls_first => Ordering::Less,
            (false, true) if column.nulls_first => Ordering::Greater,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) if column.descending => column.order.compare(&right, &left),
            (false, false) => column.order.compare(&left, &right),
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
    Ordering::Equal
}

/// The most rows of which equal ones are brought into PostgreSQL's order.
const LOOSELY_MAX: usize = 1 << 14;

/// Rows in order.
pub struct RowOrder;

impl RowOrder {
    /// The numbers of `rows` rows in the order of these keys; equal ones stay in the order that they have.
    pub fn sort(columns: &[SortColumn], keys: &[Vector], rows: usize) -> Vec<u32> {
        // A vector has fewer than 2^32 rows.
        if columns.is_empty() {
            return (0..rows as u32).collect();
        }
        match Sortable::new(columns, keys, rows) {
            Some(Sortable::Narrow(keys, bits)) => narrow(keys, bits),
            Some(Sortable::Wide(keys)) => numbers(keys.into_iter()),
            None => Encoded::new(columns, keys, rows, false).order(rows),
        }
    }

    /// The same, where equal ones may come in another order: that of PostgreSQL, if there are not too many.
    pub fn sort_loosely(columns: &[SortColumn], keys: &[Vector], rows: usize) -> Vec<u32> {
        if columns.is_empty() || rows > LOOSELY_MAX {
            return RowOrder::sort(columns, keys, rows);
        }
        match Sortable::new(columns, keys, rows) {
            Some(Sortable::Narrow(keys, _)) => loosely(keys.into_iter(), |left, right| left.0.cmp(&right.0)),
            Some(Sortable::Wide(keys)) => loosely(keys.into_iter(), |left, right| left.0.cmp(&right.0)),
            None => {
                let encoded = Encoded::new(columns, keys, rows, false);
                let fronts = (0..rows).map(|row| encoded.front(row));
                loosely(fronts, |left, right| encoded.compare(*left, *right))
            }
        }
    }

    /// The same, with the keys as bytes, which compare with those of other rows.
    pub fn sort_with_keys(columns: &[SortColumn], keys: &[Vector], rows: usize) -> (Encoded, Vec<u32>) {
        let encoded = Encoded::with_others(columns, keys, rows);
        let order = encoded.order(rows);
        (encoded, order)
    }
}

/// Keys with the numbers of their rows.
pub(super) fn numbered<K>(keys: impl Iterator<Item = K>) -> Vec<(K, u32)> {
    keys.zip(0..).collect()
}

pub(super) fn rows_of<K>(order: Vec<(K, u32)>) -> Vec<u32> {
    order.into_iter().map(|(_, row)| row).collect()
}

/// The numbers of rows in the order of keys that tell everything.
fn numbers<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<u32> {
    let mut order = numbered(keys);
    order.sort_unstable();
    rows_of(order)
}

/// The same of keys of so many bits.
fn narrow(keys: Vec<u64>, bits: u32) -> Vec<u32> {
    let rows = keys.len();
    match pack(keys, bits) {
        Packed::InOne(mut keys) => {
            keys.sort_unstable();
            rows_below(keys, number_bits(rows))
        }
        Packed::Beside(mut keys) => {
            keys.sort_unstable();
            rows_of(keys)
        }
    }
}

/// Keys with the numbers of their rows.
pub(super) enum Packed {
    /// Below the keys.
    InOne(Vec<u64>),
    /// Beside them.
    Beside(Vec<(u64, u32)>),
}

/// Keys of so many bits with the numbers of their rows: below them there is mostly room for these.
pub(super) fn pack(mut keys: Vec<u64>, bits: u32) -> Packed {
    let below = number_bits(keys.len());
    if bits + below > u64::BITS {
        return Packed::Beside(numbered(keys.into_iter()));
    }
    keys.iter_mut().zip(0..).for_each(|(key, row)| *key = *key << below | row);
    Packed::InOne(keys)
}

/// The bits that numbers of so many rows take.
pub(super) fn number_bits(rows: usize) -> u32 {
    usize::BITS - rows.leading_zeros()
}

/// The numbers of rows that stand in so many bits below keys.
pub(super) fn rows_below(keys: Vec<u64>, below: u32) -> Vec<u32> {
    let mask = (1 << below) - 1;
    keys.into_iter().map(|key| (key & mask) as u32).collect()
}

/// The numbers of rows in an order that says nothing of equal ones.
fn loosely<K: Copy>(
    keys: impl Iterator<Item = K>,
    mut compare: impl FnMut(&(K, u32), &(K, u32)) -> Ordering,
) -> Vec<u32> {
    let mut order = numbered(keys);
    super::quick::sort(&mut order, &mut compare);
    rows_of(order)
}

/// Keys as bytes, one after the other.
#[derive(Default)]
pub struct Encoded {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The bytes of the longest.
    longest: usize,
}

impl Encoded {
    /// The numbers of rows in order.
    fn order(&self, rows: usize) -> Vec<u32> {
        let fronts = (0..rows).map(|row| self.front(row));
        match self.longest {
            0..=8 => numbers(fronts.map(|front| front.0)),
            9..=16 => numbers(fronts),
            _ => rows_of(self.sorted(rows)),
        }
    }

    /// The fronts of the keys with the numbers of their rows, in order.
    pub(super) fn sorted(&self, rows: usize) -> Vec<((u64, u64), u32)> {
        let mut order = numbered((0..rows).map(|row| self.front(row)));
        order.sort_unstable_by(|left, right| self.compare(*left, *right).then(left.1.cmp(&right.1)));
        order
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Puts others behind these.
    pub(super) fn append(&mut self, mut others: Encoded) {
        let before = self.bytes.len();
        self.bytes.append(&mut others.bytes);
        self.ends.extend(others.ends.into_iter().map(|end| before + end));
        self.longest = self.longest.max(others.longest);
    }

    /// Of some keys, which are compared with others.
    pub(super) fn with_others(columns: &[SortColumn], keys: &[Vector], rows: usize) -> Encoded {
        Encoded::new(columns, keys, rows, true)
    }

    /// Compares rows with the fronts of their keys.
    #[inline]
    pub(super) fn compare(&self, left: ((u64, u64), u32), right: ((u64, u64), u32)) -> Ordering {
        let rest = || self.get(left.1 as usize).cmp(self.get(right.1 as usize));
        left.0.cmp(&right.0).then_with(rest)
    }

    /// Of some keys. If they are to be compared with others, nulls have a place even if there is none.
    fn new(columns: &[SortColumn], keys: &[Vector], rows: usize, with_others: bool) -> Encoded {
        let key_columns: Vec<KeyColumn> = columns
            .iter()
            .zip(keys)
            .map(|(column, vector)| KeyColumn {
                order: column.order.clone(),
                descending: column.descending,
                nulls: match (with_others || vector.has_nulls(), column.nulls_first) {
                    (false, _) => NullPlace::Never,
                    (true, true) => NullPlace::First,
                    (true, false) => NullPlace::Last,
                },
            })
            .collect();
        let (mut bytes, mut rest) = (Vec::with_capacity(rows * 8), Vec::new());
        let (mut ends, mut longest) = (Vec::with_capacity(rows), 0);
        for row in 0..rows {
            let start = bytes.len();
            rest.clear();
            for (column, vector) in key_columns.iter().zip(keys) {
                encode_item(column, &vector.item(row), &mut bytes, &mut rest);
            }
            longest = longest.max(bytes.len() - start);
            ends.push(bytes.len());
        }
        Encoded { bytes, ends, longest }
    }

    /// The key of a row.
    pub fn get(&self, row: usize) -> &[u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.bytes[start..self.ends[row]]
    }

    /// The first sixteen bytes; no key is the beginning of another, so zeros may stand behind a short one.
    fn front(&self, row: usize) -> (u64, u64) {
        let key = self.get(row);
        if let Some(front) = key.first_chunk::<16>() {
            return halves(u128::from_be_bytes(*front));
        }
        let mut front = [0; 16];
        front[..key.len()].copy_from_slice(key);
        halves(u128::from_be_bytes(front))
    }
}
