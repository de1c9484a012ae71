//! A table from end to end, in the order of row ids; or the one row with an id. Where no column is asked for, the tree tells
//! how many rows there are, and none is read.

use super::decode::{RowDecoder, StoredRows};
use super::sample::Sampler;
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator};
use crate::operator::Operator;
use crate::run::Run;
use plan::physical;
use std::ops::Range;
use store::{Batch, Bounds, Scan};
use types::Value;
use types::vector::Chunk;

/// The operator.
pub struct TableScan {
    tree: u64,
    decoder: RowDecoder,
    sampler: Option<Sampler>,
    row_id: Option<Evaluator>,
    place: Place,
}

enum Place {
    Before,
    In(Box<Inside>),
    /// Nobody asks what rows hold: how many are left to be told of.
    Counting(u64),
    Behind,
}

struct Inside {
    scan: Scan,
    /// What is left of the leaf that was read last.
    rest: Option<(Batch, Range<usize>)>,
}

impl TableScan {
    /// As the plan says.
    pub fn new(compiler: &Compiler<'_>, plan: &physical::TableScan) -> ExecuteResult<TableScan> {
        let layout = plan.layout.clone();
        Ok(TableScan {
            tree: plan.tree,
            decoder: RowDecoder::new(compiler, plan.table, layout, &plan.columns, &plan.filter)?,
            sampler: plan.sample.as_ref().map(|sample| Sampler::new(compiler, sample)).transpose()?,
            row_id: plan.row_id.as_ref().map(|id| Evaluator::new(compiler, id)).transpose()?,
            place: Place::Before,
        })
    }

    /// The one row with an id.
    fn one(&mut self, id: &Value, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        self.place = Place::Behind;
        let Value::Int64(id) = id else { return Ok(None) };
        let mut found = Vec::new();
        let writer = run.get_row_with(self.tree, &id.to_be_bytes(), |writer, content| {
            found.extend_from_slice(content);
            writer.map_or(0, |writer| writer.0 as i32)
        })?;
        let Some(writer) = writer else { return Ok(None) };
        let stored = StoredRows { ids: vec![*id], rows: vec![&found], writers: vec![writer] };
        let (chunk, _) = self.decoder.decode(run, &stored)?;
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    fn begin(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if let Some(row_id) = &self.row_id {
            let id = row_id.value(run)?;
            return self.one(&id, run);
        }
        if let Some(sampler) = &mut self.sampler {
            sampler.begin(run)?;
        }
        if self.sampler.is_none() && self.decoder.reads_nothing() {
            self.place = Place::Counting(run.tree(self.tree)?.count(&Bounds::all())?);
            return Ok(None);
        }
        let scan = run.tree(self.tree)?.scan(Bounds::all())?;
        self.place = Place::In(Box::new(Inside { scan, rest: None }));
        Ok(None)
    }
}

impl Inside {
    /// Leaves with the next `limit` rows, and which of theirs they are.
    fn take(&mut self, limit: usize) -> ExecuteResult<Vec<(Batch, Range<usize>)>> {
        let (mut taken, mut rows) = (Vec::new(), 0);
        while rows < limit {
            let (batch, left) = match self.rest.take() {
                Some(rest) => rest,
                None => match self.scan.next_batch()? {
                    Some(batch) => {
                        let all = 0..batch.len();
                        (batch, all)
                    }
                    None => break,
                },
            };
            let here = left.start..left.end.min(left.start + limit - rows);
            if here.end < left.end {
                self.rest = Some((batch.clone(), here.end..left.end));
            }
            rows += here.len();
            taken.push((batch, here));
        }
        Ok(taken)
    }
}

/// The rows of some leaves.
fn stored<'b>(
    leaves: &'b [(Batch, Range<usize>)],
    buffers: &'b mut [Vec<u8>],
    decoder: &RowDecoder,
    sampler: Option<&Sampler>,
) -> ExecuteResult<StoredRows<'b>> {
    let mut stored =
        StoredRows { ids: Vec::new(), rows: Vec::with_capacity(buffers.len()), writers: Vec::new() };
    let mut buffers = buffers.iter_mut();
    for (batch, range) in leaves {
        let first = batch.row_number(0).unwrap_or(0);
        for (index, buffer) in range.clone().zip(&mut buffers) {
            if decoder.needs_ids() || sampler.is_some() {
                let number = batch.row_number(index).unwrap_or(0);
                if sampler.is_some_and(|sampler| !sampler.keeps(number, first)) {
                    continue;
                }
                stored.ids.push(number.cast_signed());
            }
            if decoder.needs_writer() {
                stored.writers.push(batch.writer(index)?.map_or(0, |writer| writer.0 as i32));
            }
            stored.rows.push(batch.value(index, buffer)?);
        }
    }
    Ok(stored)
}

impl Operator for TableScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        loop {
            let inside = match &mut self.place {
                Place::Before => match self.begin(run)? {
                    Some(chunk) => return Ok(Some(chunk)),
                    None => continue,
                },
                Place::Behind | Place::Counting(0) => return Ok(None),
                Place::Counting(left) => {
                    let rows = usize::try_from(*left).unwrap_or(usize::MAX).min(run.chunk_rows());
                    *left -= rows as u64;
                    return Ok(Some(Chunk::new(Vec::new(), rows)));
                }
                Place::In(inside) => inside,
            };
            run.check()?;
            let leaves = inside.take(run.chunk_rows())?;
            let rows: usize = leaves.iter().map(|(_, range)| range.len()).sum();
            if rows == 0 {
                self.place = Place::Behind;
                return Ok(None);
            }
            // Only large values are read into buffers; the others cost nothing.
            let mut buffers = vec![Vec::new(); rows];
            let stored = stored(&leaves, &mut buffers, &self.decoder, self.sampler.as_ref())?;
            let (chunk, _) = self.decoder.decode(run, &stored)?;
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.place = Place::Before;
        Ok(())
    }
}
