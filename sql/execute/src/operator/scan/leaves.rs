//! Leaves under a scan, and their columns. What is decoded of leaves that were written is kept beside them ([`Columns`]): the next
//! scan shares or copies slices of it, and does not look at the leaves.
//!
//! What holds
//! 1. A leaf is read when rows of it are wanted of which something is not kept.
//! 2. What is not worth keeping (few rows of the leaves are wanted) is decoded and forgotten.

use super::decode::{RowDecoder, RowSource, Source, push_whole};
use super::kept::Columns;
use crate::error::{ExecuteError, ExecuteResult};
use crate::keys::Present;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use store::{Batch, LeafScan, Neighbours};
use types::row::decode_column;
use types::vector::VectorBuilder;
use types::{Value, Vector};

/// Where fewer of the rows of leaves are wanted than one in so many, only these are decoded: that costs about as much as all of them,
/// which serve the next scan, too.
const WANTED_PART: usize = 32;

/// Some neighbouring rows of leaves that are looked at together.
#[derive(Clone)]
pub struct Part {
    leaves: Neighbours,
    /// Which of all rows of the leaves.
    rows: Range<usize>,
    columns: Option<Arc<Columns>>,
    /// Leaves that were read, in their order, each with the number of its first row.
    read: Vec<(usize, Batch)>,
}

impl Part {
    /// The rows of leaves that are within the bounds of their scan.
    pub fn new(leaves: Neighbours, decoder: &RowDecoder) -> Part {
        let columns = Columns::of(&leaves, decoder);
        Part { rows: leaves.rows(), leaves, columns, read: Vec::new() }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Leaves the first `count` rows to another, and keeps the rest.
    fn take_front(&mut self, count: usize) -> Part {
        let middle = self.rows.end.min(self.rows.start + count);
        let front = Part { rows: self.rows.start..middle, ..self.clone() };
        self.rows.start = middle;
        front
    }

    fn column(&self, place: usize, missing: &Value) -> Option<&Vector> {
        self.columns.as_ref()?.find(place, missing)
    }

    /// Decodes columns of all rows of the leaves, and keeps them.
    fn decode(&mut self, decoder: &RowDecoder, wanted: Vec<(usize, &Value)>) -> ExecuteResult<()> {
        self.columns = Some(Columns::with(self.columns.as_deref(), &self.leaves, decoder, wanted)?);
        Ok(())
    }

    /// Reads the leaves that some rows lie in, whose numbers ascend.
    fn load(&mut self, rows: impl Iterator<Item = usize>) -> ExecuteResult<()> {
        let (mut rows, mut first, mut known) = (rows.peekable(), 0, 0);
        for place in 0..self.leaves.len() {
            let Some(behind) = self.leaves.rows_of_leaf(place).map(|rows| first + rows) else { break };
            let mut wanted = false;
            while rows.next_if(|row| *row < behind).is_some() {
                wanted = true;
            }
            let is_read = self.read.get(known).is_some_and(|(number, _)| *number == first);
            if wanted && !is_read {
                self.read.splice(known..known, self.leaves.leaf(place)?.map(|batch| (first, batch)));
            }
            known += usize::from(wanted || is_read);
            first = behind;
        }
        Ok(())
    }

    /// Calls `each` with rows of leaves that were read, whose numbers ascend: the batch of each and its number there.
    fn each<'p>(
        &'p self,
        rows: impl Iterator<Item = usize>,
        mut each: impl FnMut(&'p Batch, usize) -> ExecuteResult<()>,
    ) -> ExecuteResult<()> {
        let mut read = self.read.iter();
        let mut at = read.next();
        for row in rows {
            while let Some((first, batch)) = at
                && first + batch.len() <= row
            {
                at = read.next();
            }
            let here = at.and_then(|(first, batch)| Some((batch, row.checked_sub(*first)?)));
            let (batch, number) =
                here.ok_or_else(|| ExecuteError::plan("a row of a leaf that was not read"))?;
            each(batch, number)?;
        }
        Ok(())
    }
}

/// The rows of a table, part by part.
pub struct Parts {
    scan: LeafScan,
    /// Neighbours that are looked at one by one, and which of them is the next.
    apart: Option<(Neighbours, usize)>,
    /// What comes next.
    rest: Option<Part>,
    /// Whether that is what is left of a part of which the front was taken.
    split: bool,
}

impl Parts {
    /// Those of a scan.
    pub fn new(scan: LeafScan) -> Parts {
        Parts { scan, apart: None, rest: None, split: false }
    }

    /// The next part. Leaves of which nothing may be kept, as one of them may change still, and those with large values, are looked at
    /// one by one: to read some of them takes nothing of others.
    pub fn next(&mut self, decoder: &RowDecoder) -> ExecuteResult<Option<Part>> {
        if let Some(rest) = self.rest.take() {
            return Ok(Some(rest));
        }
        loop {
            if let Some((leaves, place)) = &mut self.apart {
                while *place < leaves.len() {
                    *place += 1;
                    if let Some(leaf) = leaves.alone(*place - 1) {
                        return Ok(Some(Part::new(leaf, decoder)));
                    }
                }
                self.apart = None;
            }
            let Some(leaves) = self.scan.next()? else { return Ok(None) };
            if leaves.are_written() && !leaves.has_overflow() {
                return Ok(Some(Part::new(leaves, decoder)));
            }
            self.apart = Some((leaves, 0));
        }
    }

    /// The next parts with at most `limit` rows. One that does not fit beside others waits, so that its columns are handed up as they
    /// are kept.
    pub fn take(&mut self, limit: usize, decoder: &RowDecoder) -> ExecuteResult<Vec<Part>> {
        let (mut taken, mut rows) = (Vec::new(), 0);
        while rows < limit {
            let Some(mut part) = self.next(decoder)? else { break };
            if part.len() > limit - rows {
                self.split = rows == 0;
                if !self.split {
                    self.rest = Some(part);
                    break;
                }
                let front = part.take_front(limit);
                self.rest = Some(std::mem::replace(&mut part, front));
            }
            rows += part.len();
            taken.push(part);
        }
        Ok(taken)
    }

    /// What was decoded of parts serves what is left of the last of them, too.
    pub fn learn(&mut self, taken: &[Part]) {
        if let (Some(rest), Some(last), true) = (&mut self.rest, taken.last(), self.split) {
            rest.columns.clone_from(&last.columns);
        }
    }
}

/// Some neighbouring rows of a column; mostly they are all of it.
fn rows_of(values: &Vector, first: usize, count: usize) -> Cow<'_, Vector> {
    match first == 0 && count == values.len() {
        true => Cow::Borrowed(values),
        false => Cow::Owned(values.slice(first, count)),
    }
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

    /// The numbers of the rows of a part that are wanted, among all rows of its leaves.
    fn numbers<'n>(&'n self, part: &Part, picked: &Picked) -> impl ExactSizeIterator<Item = usize> + 'n {
        let start = part.rows.start;
        let (all, some) = match picked {
            Picked::All => (part.len(), None),
            Picked::Some(rows) => (rows.len(), Some(&self.chosen[rows.clone()])),
        };
        (0..all).map(move |index| start + some.map_or(index, |rows| rows[index] as usize))
    }

    /// Calls `each` with every row that is wanted, in order: its batch and its number there.
    fn each(&self, mut each: impl FnMut(&Batch, usize) -> ExecuteResult<()>) -> ExecuteResult<()> {
        let mut parts = self.parts.iter().zip(&self.picked);
        parts.try_for_each(|(part, picked)| part.each(self.numbers(part, picked), &mut each))
    }

    /// Appends the ids of all rows.
    pub fn row_ids(&mut self, ids: &mut Vec<i64>) -> ExecuteResult<()> {
        self.pick(None);
        self.parts.iter_mut().try_for_each(|part| part.load(part.rows.clone()))?;
        self.each(|batch, row| {
            ids.push(batch.row_number(row).unwrap_or(0).cast_signed());
            Ok(())
        })
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
            return Ok(values.slice(part.rows.start, part.len()));
        }
        if let Some(texts) = self.numbered(place, missing)? {
            return Ok(texts);
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
            match (part.column(place, missing), picked) {
                (_, Picked::Some(rows)) if rows.is_empty() => {}
                (Some(values), Picked::All) => {
                    decode(&mut waiting, &mut builder)?;
                    builder.append(&rows_of(values, part.rows.start, part.len()))?;
                }
                (Some(values), Picked::Some(rows)) => {
                    decode(&mut waiting, &mut builder)?;
                    let rows = &self.chosen[rows.clone()];
                    builder.append_rows(&rows_of(values, part.rows.start, part.len()), rows)?;
                }
                (None, picked) => {
                    if self.read_inline(part, picked, &mut waiting)? {
                        continue;
                    }
                    decode(&mut waiting, &mut builder)?;
                    let mut rows = Vec::with_capacity(part.len());
                    part.each(self.numbers(part, picked), |batch, row| {
                        let mut buffer = Vec::new();
                        let value = batch.value(row, &mut buffer)?;
                        rows.push(value.to_vec());
                        Ok(())
                    })?;
                    let rows = rows.iter().map(Vec::as_slice);
                    builder.append(&decode_column(decoder.layout(), place, rows, missing)?)?;
                }
            }
        }
        decode(&mut waiting, &mut builder)?;
        Ok(builder.finish())
    }

    /// A stored column whose texts are known by their numbers in all parts.
    fn numbered(&self, place: usize, missing: &Value) -> ExecuteResult<Option<Vector>> {
        let mut pieces = Vec::with_capacity(self.parts.len());
        for (part, picked) in self.parts.iter().zip(&self.picked) {
            let values = match picked {
                Picked::Some(rows) if rows.is_empty() => continue,
                Picked::All | Picked::Some(_) => part.column(place, missing),
            };
            let is_numbered =
                |values: &&Vector| values.bytes().is_some_and(|texts| texts.numbered().is_some());
            let Some(values) = values.filter(is_numbered) else { return Ok(None) };
            let own = rows_of(values, part.rows.start, part.len());
            pieces.push(match picked {
                Picked::All => own,
                Picked::Some(rows) => Cow::Owned(own.gather(&self.chosen[rows.clone()])?),
            });
        }
        let (Some(first), all) = (pieces.first(), pieces.iter().map(|piece| &**piece).collect::<Vec<_>>())
        else {
            return Ok(None);
        };
        Ok(Some(match &all[..] {
            [only] => Vector::clone(only),
            all => Vector::concat(first.kind(), all)?,
        }))
    }

    /// Appends the bytes of a part's rows that are wanted; `false`, and nothing is appended, if some of them lie elsewhere.
    fn read_inline<'r>(
        &'r self,
        part: &'r Part,
        picked: &Picked,
        into: &mut Vec<&'r [u8]>,
    ) -> ExecuteResult<bool> {
        let (before, mut all) = (into.len(), true);
        part.each(self.numbers(part, picked), |batch, row| {
            if all {
                let value = batch.inline_value(row)?;
                into.extend(value);
                all = value.is_some();
            }
            Ok(())
        })?;
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

    /// Notes which rows of which parts are wanted.
    fn pick(&mut self, chosen: Option<&[u32]>) {
        self.picked.clear();
        self.chosen.clear();
        self.chosen.reserve(chosen.map_or(0, <[u32]>::len));
        let (mut rest, mut first) = (chosen, 0);
        for part in &*self.parts {
            let end = first + part.len();
            self.picked.push(match &mut rest {
                None => Picked::All,
                Some(rest) => {
                    let begin = self.chosen.len();
                    while let Some((row, others)) = rest.split_first().filter(|(row, _)| **row < end as u32) {
                        self.chosen.push(row - first as u32);
                        *rest = others;
                    }
                    Picked::Some(begin..self.chosen.len())
                }
            });
            first = end;
        }
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
        self.pick(chosen);
        let stored = |slot: &usize| match decoder.source(*slot) {
            Source::Stored { column, missing } => Some((*column, missing)),
            Source::RowId | Source::Writer | Source::TableOid | Source::WholeRow(_) => None,
        };
        let of_rows = |slot: &usize| match decoder.source(*slot) {
            Source::RowId | Source::Writer | Source::WholeRow(_) => true,
            Source::Stored { .. } | Source::TableOid => false,
        };
        let reads_rows = slots.iter().any(of_rows);
        for (part, picked) in self.parts.iter_mut().zip(&self.picked) {
            let (many, none) = match picked {
                Picked::All => (true, false),
                Picked::Some(rows) => {
                    (rows.len() * WANTED_PART >= part.len() && !rows.is_empty(), rows.is_empty())
                }
            };
            if none {
                continue;
            }
            let wanted = slots.iter().filter_map(stored);
            let wanted: Vec<(usize, &Value)> =
                wanted.filter(|(place, missing)| part.column(*place, missing).is_none()).collect();
            let few = !wanted.is_empty() && !many;
            if few || reads_rows {
                let start = part.rows.start;
                match picked {
                    Picked::All => part.load(part.rows.clone())?,
                    Picked::Some(rows) => {
                        part.load(self.chosen[rows.clone()].iter().map(|row| start + *row as usize))?;
                    }
                }
            }
            if many && !wanted.is_empty() {
                part.decode(decoder, wanted)?;
            }
        }
        Ok(())
    }

    /// Part by part, on what is kept of them.
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
            let start = part.rows.start;
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
