//! Leaves under a scan, and their columns. A leaf that was written never changes, so the columns that were decoded of it are
//! kept beside it in the page cache, as vectors of all its rows: the next scan shares or copies slices of them.
//!
//! What holds
//! 1. What is kept depends on the leaf, on the layout of the rows, and for each column on what it is in rows that are older
//!    than the column; both are kept with it and compared. (A column's number is never given again, and its storage is part
//!    of the layout.)
//! 2. What is not worth keeping (few rows of a leaf are wanted, its values are large) is decoded and forgotten.
//! 3. A leaf that has no place in the file keeps nothing: its owner may change it still.

use super::decode::{RowDecoder, RowSource, Source, push_whole};
use crate::error::ExecuteResult;
use crate::keys::Present;
use crate::memory::vector_bytes;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use store::Batch;
use types::row::{RowLayout, decode_column};
use types::vector::VectorBuilder;
use types::{Value, Vector};

/// Columns larger than this are not kept.
const KEPT_BYTES_MAX: usize = 64 << 10;
/// Where fewer of a leaf's rows are wanted than one in so many, only these are decoded: that costs about as much as all of them, which
/// serve the next scan, too.
const WANTED_PART: usize = 32;

/// Columns of all rows of a leaf.
struct Columns {
    layout: Arc<RowLayout>,
    columns: Vec<Column>,
}

#[derive(Clone)]
struct Column {
    place: usize,
    missing: Value,
    values: Vector,
}

impl Columns {
    fn find(&self, place: usize, missing: &Value) -> Option<&Vector> {
        let found = self.columns.iter().find(|column| column.place == place && column.missing == *missing);
        found.map(|column| &column.values)
    }
}

/// Some neighbouring rows of a leaf.
#[derive(Clone)]
pub struct Part {
    batch: Batch,
    /// Which rows of the batch.
    rows: Range<usize>,
    columns: Option<Arc<Columns>>,
}

impl Part {
    /// All rows of a batch.
    pub fn new(batch: Batch, decoder: &RowDecoder) -> Part {
        let kept = batch.kept::<Columns>();
        let columns = kept.filter(|kept| decoder.has_layout(&kept.layout));
        Part { rows: 0..batch.len(), batch, columns }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Leaves the first `count` rows to another, and keeps the rest.
    pub fn take_front(&mut self, count: usize) -> Part {
        let middle = self.rows.end.min(self.rows.start + count);
        let front = Part { rows: self.rows.start..middle, ..self.clone() };
        self.rows.start = middle;
        front
    }

    /// Takes over what was decoded of the same leaf for another part of it.
    pub fn learn(&mut self, other: &Part) {
        self.columns.clone_from(&other.columns);
    }

    fn column(&self, place: usize, missing: &Value) -> Option<&Vector> {
        self.columns.as_ref()?.find(place, missing)
    }

    /// Decodes columns of the whole leaf, and keeps them.
    fn decode(&mut self, layout: &Arc<RowLayout>, wanted: Vec<(usize, &Value)>) -> ExecuteResult<()> {
        let whole = self.batch.whole();
        let mut buffers = Vec::new();
        let rows = read(&whole, 0..whole.len(), &mut buffers)?;
        let mut columns = self.columns.as_ref().map_or_else(Vec::new, |columns| columns.columns.clone());
        for (place, missing) in wanted {
            let values = decode_column(layout, place, rows.iter().copied(), missing)?;
            columns.push(Column { place, missing: missing.clone(), values });
        }
        let all = Arc::new(Columns { layout: layout.clone(), columns });
        let small = |column: &&Column| vector_bytes(&column.values) <= KEPT_BYTES_MAX;
        let kept = if all.columns.iter().all(|column| small(&column)) {
            all.clone()
        } else {
            let columns = all.columns.iter().filter(small).cloned().collect();
            Arc::new(Columns { layout: layout.clone(), columns })
        };
        let bytes = |column: &Column| vector_bytes(&column.values) + std::mem::size_of::<Column>();
        let bytes = kept.columns.iter().map(bytes).sum::<usize>() + std::mem::size_of::<Columns>();
        self.batch.keep(kept, bytes);
        self.columns = Some(all);
        Ok(())
    }
}

/// Some neighbouring rows of a column; mostly they are all of it.
fn rows_of(values: &Vector, first: usize, count: usize) -> Cow<'_, Vector> {
    match first == 0 && count == values.len() {
        true => Cow::Borrowed(values),
        false => Cow::Owned(values.slice(first, count)),
    }
}

/// Rows of a batch. Only large values are read into buffers; without one there are none.
fn read<'b>(
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

/// Which rows of a part are wanted.
enum Picked {
    All,
    /// Some of [`Leaves::chosen`].
    Some(Range<usize>),
}

/// The rows of some leaves.
pub struct Leaves<'p> {
    parts: &'p mut [Part],
    rows: usize,
    picked: Vec<Picked>,
    /// The numbers of rows that are wanted among those of their parts, part by part.
    chosen: Vec<u32>,
}

impl<'p> Leaves<'p> {
    /// One after the other.
    pub fn new(parts: &'p mut [Part]) -> Leaves<'p> {
        let rows = parts.iter().map(Part::len).sum();
        Leaves { parts, rows, picked: Vec::new(), chosen: Vec::new() }
    }

    /// Calls `each` with every row that is wanted, in order: its batch and its number there.
    fn each(&self, mut each: impl FnMut(&Batch, usize) -> ExecuteResult<()>) -> ExecuteResult<()> {
        for (part, picked) in self.parts.iter().zip(&self.picked) {
            let start = part.rows.start;
            match picked {
                Picked::All => part.rows.clone().try_for_each(|row| each(&part.batch, row))?,
                Picked::Some(rows) => {
                    let rows = &self.chosen[rows.clone()];
                    rows.iter().try_for_each(|row| each(&part.batch, start + *row as usize))?;
                }
            }
        }
        Ok(())
    }

    /// A stored column.
    fn stored(
        &self,
        decoder: &RowDecoder,
        slot: usize,
        place: usize,
        missing: &Value,
    ) -> ExecuteResult<Vector> {
        if let ([part], [Picked::All]) = (&*self.parts, &self.picked[..])
            && let Some(values) = part.column(place, missing)
        {
            return Ok(values.slice(part.batch.first_slot() + part.rows.start, part.len()));
        }
        let mut builder = VectorBuilder::new(decoder.kind(slot), self.wanted());
        // Rows of leaves of which the column is not kept; those of neighbouring leaves are decoded together.
        let mut waiting: Vec<&[u8]> = Vec::new();
        let decode = |waiting: &mut Vec<&[u8]>, builder: &mut VectorBuilder| -> ExecuteResult<()> {
            if !waiting.is_empty() {
                let rows = waiting.drain(..);
                builder.append(&decode_column(decoder.layout(), place, rows, missing)?)?;
            }
            Ok(())
        };
        for (part, picked) in self.parts.iter().zip(&self.picked) {
            let first = part.batch.first_slot() + part.rows.start;
            match (part.column(place, missing), picked) {
                (_, Picked::Some(rows)) if rows.is_empty() => {}
                (Some(values), Picked::All) => {
                    decode(&mut waiting, &mut builder)?;
                    builder.append(&rows_of(values, first, part.len()))?;
                }
                (Some(values), Picked::Some(rows)) => {
                    decode(&mut waiting, &mut builder)?;
                    builder.append_rows(&rows_of(values, first, part.len()), &self.chosen[rows.clone()])?;
                }
                (None, picked) => {
                    if self.read_inline(part, picked, &mut waiting)? {
                        continue;
                    }
                    decode(&mut waiting, &mut builder)?;
                    let (mut buffers, numbers) = (Vec::new(), self.numbers(part, picked));
                    let rows = read(&part.batch, numbers.into_iter(), &mut buffers)?;
                    builder.append(&decode_column(decoder.layout(), place, rows.into_iter(), missing)?)?;
                }
            }
        }
        decode(&mut waiting, &mut builder)?;
        Ok(builder.finish())
    }

    /// The rows of a part's batch that are wanted.
    fn numbers(&self, part: &Part, picked: &Picked) -> Vec<usize> {
        match picked {
            Picked::All => part.rows.clone().collect(),
            Picked::Some(rows) => {
                self.chosen[rows.clone()].iter().map(|row| part.rows.start + *row as usize).collect()
            }
        }
    }

    /// Appends the bytes of a part's rows that are wanted; `false`, and nothing is appended, if some of them lie elsewhere.
    fn read_inline<'r>(
        &'r self,
        part: &'r Part,
        picked: &Picked,
        into: &mut Vec<&'r [u8]>,
    ) -> ExecuteResult<bool> {
        let before = into.len();
        let mut push = |row: usize| -> ExecuteResult<bool> {
            let value = part.batch.inline_value(row)?;
            into.extend(value);
            Ok(value.is_some())
        };
        let mut all = true;
        match picked {
            Picked::All => {
                for row in part.rows.clone() {
                    all = all && push(row)?;
                }
            }
            Picked::Some(rows) => {
                for row in &self.chosen[rows.clone()] {
                    all = all && push(part.rows.start + *row as usize)?;
                }
            }
        }
        if !all {
            into.truncate(before);
        }
        Ok(all)
    }

    /// How many rows are wanted.
    fn wanted(&self) -> usize {
        let of = |(part, picked): (&Part, &Picked)| match picked {
            Picked::All => part.len(),
            Picked::Some(rows) => rows.len(),
        };
        self.parts.iter().zip(&self.picked).map(of).sum()
    }
}

impl RowSource for Leaves<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn prepare(
        &mut self,
        decoder: &RowDecoder,
        slots: &[usize],
        chosen: Option<&[u32]>,
    ) -> ExecuteResult<()> {
        self.picked.clear();
        self.chosen.clear();
        self.chosen.reserve(chosen.map_or(0, <[u32]>::len));
        let (mut rest, mut first) = (chosen, 0);
        for part in &mut *self.parts {
            let length = part.len();
            let picked = match &mut rest {
                None => Picked::All,
                Some(rest) => {
                    let (end, begin) = ((first + length) as u32, self.chosen.len());
                    while let Some((row, others)) = rest.split_first().filter(|(row, _)| **row < end) {
                        self.chosen.push(row - first as u32);
                        *rest = others;
                    }
                    Picked::Some(begin..self.chosen.len())
                }
            };
            first += length;
            let many = match &picked {
                Picked::All => true,
                Picked::Some(rows) => rows.len() * WANTED_PART >= length && !rows.is_empty(),
            };
            self.picked.push(picked);
            if !many {
                continue;
            }
            let missing = slots.iter().filter_map(|slot| match decoder.source(*slot) {
                Source::Stored { column, missing } => Some((*column, missing)),
                Source::RowId | Source::Writer | Source::TableOid | Source::WholeRow(_) => None,
            });
            let missing: Vec<(usize, &Value)> =
                missing.filter(|(place, missing)| part.column(*place, missing).is_none()).collect();
            if !missing.is_empty() {
                part.decode(decoder.layout(), missing)?;
            }
        }
        Ok(())
    }

    /// Leaf by leaf, on what is kept of them.
    fn among(
        &mut self,
        decoder: &RowDecoder,
        slot: usize,
        keys: &Present,
        chosen: Option<&[u32]>,
    ) -> ExecuteResult<Option<Vec<u32>>> {
        let Source::Stored { column, missing } = decoder.source(slot) else { return Ok(None) };
        self.prepare(decoder, &[slot], chosen)?;
        let (mut found, mut first) = (Vec::new(), 0);
        for (part, picked) in self.parts.iter().zip(&self.picked) {
            let start = part.batch.first_slot() + part.rows.start;
            let (told, rows) = match (part.column(*column, missing), picked) {
                (Some(values), Picked::All) => {
                    (keys.select_some(values, start..start + part.len(), first, &mut found), part.len())
                }
                (Some(values), Picked::Some(rows)) => {
                    let rows = &self.chosen[rows.clone()];
                    (keys.select_of(values, (start, rows), first, &mut found), rows.len())
                }
                (None, Picked::Some(rows)) if rows.is_empty() => (true, 0),
                (None, Picked::All | Picked::Some(_)) => (false, 0),
            };
            if !told {
                return Ok(None);
            }
            first += rows as u32;
        }
        Ok(Some(found))
    }

    fn column(&self, decoder: &RowDecoder, slot: usize, _: Option<&[u32]>) -> ExecuteResult<Vector> {
        Ok(match decoder.source(slot) {
            Source::Stored { column, missing } => self.stored(decoder, slot, *column, missing)?,
            Source::RowId => {
                let mut ids = Vec::with_capacity(self.wanted());
                self.each(|batch, row| {
                    ids.push(batch.row_number(row).unwrap_or(0).cast_signed());
                    Ok(())
                })?;
                Vector::from_values::<i64>(ids)
            }
            Source::Writer => {
                let mut writers = Vec::with_capacity(self.wanted());
                self.each(|batch, row| {
                    writers.push(batch.writer(row)?.map_or(0, |writer| writer.0 as i32));
                    Ok(())
                })?;
                Vector::from_values::<i32>(writers)
            }
            Source::TableOid => decoder.table_oid(self.wanted())?,
            Source::WholeRow(fields) => {
                let mut builder = VectorBuilder::new(decoder.kind(slot), self.wanted());
                let mut buffer = Vec::new();
                self.each(|batch, row| {
                    push_whole(&mut builder, fields, decoder.layout(), batch.value(row, &mut buffer)?)
                })?;
                builder.finish()
            }
        })
    }
}
