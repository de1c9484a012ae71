//! Rows in the order of keys.
//!
//! Keys are brought into a form whose bytes compare as the values do; the first eight of them lie beside the row's
//! number, and mostly decide.

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
        Encoded::new(columns, keys, rows, false).order(rows)
    }

    /// The same, where equal ones may come in another order: that of PostgreSQL, if there are not too many.
    pub fn sort_loosely(columns: &[SortColumn], keys: &[Vector], rows: usize) -> Vec<u32> {
        if columns.is_empty() || rows > LOOSELY_MAX {
            return RowOrder::sort(columns, keys, rows);
        }
        let encoded = Encoded::new(columns, keys, rows, false);
        let mut order: Vec<(u64, u32)> = (0..rows).map(|row| (encoded.front(row), row as u32)).collect();
        super::quick::sort(&mut order, &mut |left, right| {
            let rest = || encoded.get(left.1 as usize).cmp(encoded.get(right.1 as usize));
            left.0.cmp(&right.0).then_with(rest)
        });
        order.into_iter().map(|(_, row)| row).collect()
    }

    /// The same, with the keys as bytes, which compare with those of other rows.
    pub fn sort_with_keys(columns: &[SortColumn], keys: &[Vector], rows: usize) -> (Encoded, Vec<u32>) {
        let encoded = Encoded::new(columns, keys, rows, true);
        let order = encoded.order(rows);
        (encoded, order)
    }
}

/// Keys as bytes, one after the other.
pub struct Encoded {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Whether eight bytes tell everything.
    short: bool,
}

impl Encoded {
    /// The numbers of rows in order.
    fn order(&self, rows: usize) -> Vec<u32> {
        let encoded = self;
        let mut order: Vec<(u64, u32)> = (0..rows).map(|row| (encoded.front(row), row as u32)).collect();
        if encoded.short {
            order.sort_unstable();
        } else {
            order.sort_unstable_by(|left, right| {
                let rest = || encoded.get(left.1 as usize).cmp(encoded.get(right.1 as usize));
                left.0.cmp(&right.0).then_with(rest).then(left.1.cmp(&right.1))
            });
        }
        order.into_iter().map(|(_, row)| row).collect()
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
        Encoded { bytes, ends, short: longest <= 8 }
    }

    /// The key of a row.
    pub fn get(&self, row: usize) -> &[u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.bytes[start..self.ends[row]]
    }

    /// The first eight bytes; no key is the beginning of another, so zeros may stand behind a short one.
    fn front(&self, row: usize) -> u64 {
        let key = self.get(row);
        if let Some(front) = key.first_chunk::<8>() {
            return u64::from_be_bytes(*front);
        }
        let mut front = [0; 8];
        front[..key.len()].copy_from_slice(key);
        u64::from_be_bytes(front)
    }
}
