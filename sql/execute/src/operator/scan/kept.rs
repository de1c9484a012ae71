//! Columns that were decoded of neighbouring leaves, and are kept beside the first of them in the page cache, as vectors of all
//! their rows: the next scan shares slices of them, and reads no leaf. A leaf that was written never changes.
//!
//! What holds
//! 1. What is kept depends on the leaves, on the layout of the rows, and for each column on what it is in rows that are older
//!    than the column; all are kept with it and compared. (A column's number is never given again, and its storage is part
//!    of the layout.)
//! 2. A column that is large is decoded and forgotten.
//! 3. Leaves of which one has no place in the file keep nothing: its owner may change it still.

use super::decode::RowDecoder;
use crate::error::ExecuteResult;
use crate::memory::vector_bytes;
use std::sync::Arc;
use store::{Batch, LeafPlaces, Neighbours};
use types::row::{RowLayout, decode_column};
use types::{Value, Vector};

/// Columns that take more bytes than this, for each leaf, are not kept.
const KEPT_BYTES_MAX: usize = 64 << 10;

/// Columns of all rows of some leaves.
pub(super) struct Columns {
    layout: Arc<RowLayout>,
    columns: Vec<Column>,
    rows: usize,
    /// Where the leaves lie; `None` if that may not be told yet.
    leaves: Option<LeafPlaces>,
}

#[derive(Clone)]
struct Column {
    place: usize,
    missing: Value,
    values: Vector,
    /// Bytes that its dictionary takes, if no column before has the same.
    dictionary: usize,
}

impl Columns {
    /// What is kept of leaves, if anything is that serves a decoder.
    pub(super) fn of(leaves: &Neighbours, decoder: &RowDecoder) -> Option<Arc<Columns>> {
        let kept = leaves.kept::<Columns>()?;
        let same = kept.leaves.as_ref().is_some_and(|places| leaves.lie_at(places));
        let fits = same && kept.rows == leaves.all_rows() && decoder.has_layout(&kept.layout);
        if fits {
            leaves.used();
            let mut dictionaries = decoder.dictionaries();
            kept.columns.iter().for_each(|column| dictionaries.found(column.place, &column.values));
        }
        fits.then_some(kept)
    }

    /// A column.
    pub(super) fn find(&self, place: usize, missing: &Value) -> Option<&Vector> {
        let found = self.columns.iter().find(|column| column.place == place && column.missing == *missing);
        found.map(|column| &column.values)
    }

    /// Decodes columns besides those that there are, and keeps what may be kept.
    pub(super) fn with(
        before: Option<&Columns>,
        leaves: &Neighbours,
        decoder: &RowDecoder,
        wanted: Vec<(usize, &Value)>,
    ) -> ExecuteResult<Arc<Columns>> {
        let mut batches = Vec::with_capacity(leaves.len());
        for place in 0..leaves.len() {
            batches.extend(leaves.leaf(place)?);
        }
        let mut buffers = vec![Vec::new(); batches.len()];
        let mut rows = Vec::with_capacity(leaves.all_rows());
        for (batch, buffer) in batches.iter().zip(&mut buffers) {
            rows.extend(read(batch, 0..batch.len(), buffer)?);
        }
        let layout = decoder.layout();
        let mut columns = before.map_or_else(Vec::new, |columns| columns.columns.clone());
        for (place, missing) in wanted {
            let values = decode_column(layout, place, rows.iter().copied(), missing)?;
            let (values, dictionary) = decoder.dictionaries().numbered(place, values);
            columns.push(Column { place, missing: missing.clone(), values, dictionary });
        }
        // Others may have kept something meanwhile.
        for column in Columns::of(leaves, decoder).iter().flat_map(|kept| &kept.columns) {
            let same = |own: &Column| own.place == column.place && own.missing == column.missing;
            if !columns.iter().any(same) {
                columns.push(column.clone());
            }
        }
        let of =
            |columns| Columns { layout: layout.clone(), columns, rows: rows.len(), leaves: leaves.places() };
        let all = Arc::new(of(columns));
        let small = |column: &&Column| vector_bytes(&column.values) <= KEPT_BYTES_MAX * leaves.len();
        let kept = match all.columns.iter().all(|column| small(&column)) {
            true => all.clone(),
            false => Arc::new(of(all.columns.iter().filter(small).cloned().collect())),
        };
        if kept.leaves.is_some() {
            leaves.keep(kept.clone(), kept.bytes());
        }
        Ok(all)
    }

    fn bytes(&self) -> usize {
        let bytes = |column: &Column| vector_bytes(&column.values) + column.dictionary + size_of::<Column>();
        let places = self.leaves.as_ref().map_or(0, LeafPlaces::bytes);
        self.columns.iter().map(bytes).sum::<usize>() + places + size_of::<Columns>()
    }
}

/// Rows of a batch. Only large values are read into buffers; without one there are none.
pub(super) fn read<'b>(
    batch: &'b Batch,
    numbers: impl ExactSizeIterator<Item = usize> + Clone,
    buffers: &'b mut Vec<Vec<u8>>,
) -> ExecuteResult<Vec<&'b [u8]>> {
    let mut rows = Vec::with_capacity(numbers.len());
    for number in numbers.clone() {
        let Some(value) = batch.inline_value(number)? else { break };
        rows.push(value);
    }
    if rows.len() < numbers.len() {
        rows.clear();
        buffers.resize_with(numbers.len(), Vec::new);
        for (number, buffer) in numbers.zip(buffers) {
            rows.push(batch.value(number, buffer)?);
        }
    }
    Ok(rows)
}
