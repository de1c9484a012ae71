//! A table from end to end, in the order of row ids; or the rows whose ids conditions tell. Where no column is asked for, the tree tells
//! how many rows there are, and none is read. Where whoever is above has told of few keys that are of use, and an index knows their
//! rows, those alone are read, in the same order.

use super::decode::{RowDecoder, RowSource, StoredRows};
use super::keyed::Keyed;
use super::known::KnownRows;
use super::leaves::{Leaves, Parts};
use super::restrict::{Restriction, Restrictions};
use super::row_ids::{NamedRows, RowIds, Told};
use super::sample::Sampler;
use crate::error::ExecuteResult;
use crate::evaluate::Compiler;
use crate::operator::rows::{Pieces, join};
use crate::operator::{Late, Operator};
use crate::parallel::Stretch;
use crate::run::Run;
use plan::physical;
use store::{Bounds, Scan};
use types::vector::Chunk;

/// The operator.
pub struct TableScan {
    table: u32,
    tree: u64,
    decoder: RowDecoder,
    sampler: Option<Sampler>,
    row_ids: Option<RowIds>,
    restrictions: Restrictions,
    keyed: Vec<Keyed>,
    /// Which rows are read.
    bounds: Bounds,
    place: Place,
}

enum Place {
    Before,
    In(Box<Inside>),
    /// Leaf by leaf, for a sample.
    Sampled(Box<Scan>),
    Known(KnownRows),
    Named(NamedRows),
    /// Nobody asks what rows hold: how many are left to be told of.
    Counting(u64),
    Behind,
}

struct Inside {
    parts: Parts,
    /// How often rows are read for one chunk.
    reach: usize,
    /// What was read and is more than is handed up at once.
    pieces: Pieces,
}

/// The most that it may become: where nearly all rows are left out, whoever is above still gets chunks that are worth the trouble.
const REACH_MAX: usize = 16;

impl TableScan {
    /// As the plan says.
    pub fn new(compiler: &Compiler<'_>, plan: &physical::TableScan, late: Late) -> ExecuteResult<TableScan> {
        let layout = plan.layout.clone();
        let decoder = RowDecoder::new(compiler, plan.table, layout, &plan.columns, &plan.filter)?;
        Ok(TableScan {
            table: plan.table,
            tree: plan.tree,
            decoder: decoder.with_late(late),
            sampler: plan.sample.as_ref().map(|sample| Sampler::new(compiler, sample)).transpose()?,
            row_ids: plan.row_ids.as_ref().map(|ids| RowIds::new(compiler, ids)).transpose()?,
            restrictions: Restrictions::default(),
            keyed: plan.keyed.iter().filter_map(Keyed::new).collect(),
            bounds: Bounds::all(),
            place: Place::Before,
        })
    }

    /// The same, where nobody asks for some of the columns, by their places.
    #[must_use]
    pub fn without(mut self, unasked: &[u32]) -> TableScan {
        self.decoder = self.decoder.without(unasked);
        self
    }

    /// The same of some rows only, if they are some.
    #[must_use]
    pub fn within(mut self, stretch: Option<&Stretch>) -> TableScan {
        if let Some(stretch) = stretch {
            self.bounds = stretch.bounds.clone();
        }
        self
    }

    fn begin(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        match self.row_ids.as_ref().map(|ids| ids.told(run)).transpose()? {
            Some(Told::Named(rows)) => {
                self.place = Place::Named(rows);
                return Ok(());
            }
            Some(Told::Between(bounds)) => self.bounds = bounds,
            None => {}
        }
        if let Some(ids) = self.known_ids(run)? {
            self.place = Place::Known(KnownRows::new(ids, run)?);
            return Ok(());
        }
        if self.row_ids.is_none() {
            run.count(|tally| tally.table(self.table).scans += 1);
        }
        if let Some(sampler) = &mut self.sampler {
            sampler.begin(run)?;
        }
        if self.sampler.is_none() && self.decoder.reads_nothing() {
            let rows = run.tree(self.tree)?.count(&self.bounds)?;
            run.count(|tally| tally.table(self.table).rows_scanned += rows);
            self.place = Place::Counting(rows);
            return Ok(());
        }
        let tree = run.tree(self.tree)?;
        self.place = match &self.sampler {
            Some(_) => Place::Sampled(Box::new(tree.scan(self.bounds.clone())?)),
            None => {
                let parts = Parts::new(tree.scan_leaves(self.bounds.clone())?);
                Place::In(Box::new(Inside { parts, reach: 1, pieces: Pieces::default() }))
            }
        };
        Ok(())
    }

    /// Whether its rows are named one by one.
    fn names_rows(&self) -> bool {
        self.row_ids.as_ref().is_some_and(RowIds::names_rows)
    }

    /// The ids of all rows of use, if an index tells them and they are few.
    fn known_ids(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Vec<i64>>> {
        if self.keyed.is_empty() || self.restrictions.is_empty() || !self.decoder.cannot_fail() {
            return Ok(None);
        }
        let rows = run.tree(self.tree)?.estimate(&Bounds::all())?;
        let keyed = &self.keyed;
        let ids = self.restrictions.take_first(|restriction| {
            match keyed.iter().find(|keyed| keyed.is_of(restriction)) {
                Some(keyed) => keyed.ids(restriction, rows, run),
                None => Ok(None),
            }
        })?;
        Ok(ids.map(|mut ids| {
            ids.retain(|id| self.bounds.contains(&id.to_be_bytes()));
            ids
        }))
    }

    /// The next rows, maybe none of those that were read; `None` behind the last.
    fn read(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let inside = match &mut self.place {
            Place::In(inside) => inside,
            Place::Sampled(scan) => return sample(scan, run, &self.decoder, self.sampler.as_ref()),
            Place::Known(known) => {
                let of = (self.table, self.tree);
                return known.next(of, &self.decoder, &mut self.restrictions, run);
            }
            Place::Named(rows) => return rows.next(self.tree, &self.decoder, run),
            Place::Before | Place::Counting(_) | Place::Behind => return Ok(None),
        };
        if let Some(chunk) = inside.pieces.next(run.chunk_rows())? {
            return Ok(Some(chunk));
        }
        let (mut chunks, mut read, mut left) = (Vec::new(), 0, 0);
        for _ in 0..inside.reach {
            let mut parts = inside.parts.take(run.chunk_rows(), &self.decoder)?;
            if parts.is_empty() {
                break;
            }
            let mut leaves = Leaves::new(&mut parts);
            let rows = leaves.rows();
            run.count(|tally| tally.table(self.table).rows_scanned += rows as u64);
            let chunk = self.decoder.decode_some(run, &mut leaves, &mut self.restrictions)?.0;
            inside.parts.learn(&parts);
            (read, left) = (read + rows, left + chunk.len());
            if !chunk.is_empty() {
                chunks.push(chunk);
            }
            if left >= run.chunk_rows() / 2 {
                break;
            }
        }
        if read == 0 {
            return Ok(None);
        }
        if self.decoder.cannot_fail() {
            inside.adapt(read, left);
        }
        if left <= run.chunk_rows() {
            return Ok(Some(join(&self.decoder.kinds(), chunks)?));
        }
        inside.pieces = Pieces::new(join(&self.decoder.kinds(), chunks)?);
        inside.pieces.next(run.chunk_rows())
    }
}

impl Inside {
    /// Reads more at once the next time if few of so many rows were left, and fewer if many were.
    fn adapt(&mut self, read: usize, left: usize) {
        let most = (read / left.max(1)).clamp(1, REACH_MAX);
        self.reach = most.min(self.reach * 2);
    }
}

/// The rows of the next leaf that are in a sample, decoded by themselves. `None` behind the last leaf.
fn sample(
    scan: &mut Scan,
    run: &mut Run<'_, '_>,
    decoder: &RowDecoder,
    sampler: Option<&Sampler>,
) -> ExecuteResult<Option<Chunk>> {
    let Some(batch) = scan.next_batch()? else { return Ok(None) };
    let mut buffers = vec![Vec::new(); batch.len()];
    let mut stored = StoredRows::default();
    let first = batch.row_number(0).unwrap_or(0);
    for (index, buffer) in buffers.iter_mut().enumerate() {
        let number = batch.row_number(index).unwrap_or(0);
        if !sampler.is_none_or(|sampler| sampler.keeps(number, first)) {
            continue;
        }
        stored.ids.push(number.cast_signed());
        if decoder.needs_writer() {
            stored.writers.push(batch.writer(index)?.map_or(0, |writer| writer.0 as i32));
        }
        stored.rows.push(batch.value(index, buffer)?);
    }
    Ok(Some(decoder.decode(run, &mut stored)?.0))
}

impl Operator for TableScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        loop {
            match &mut self.place {
                Place::Before => {
                    self.begin(run)?;
                    continue;
                }
                Place::Behind | Place::Counting(0) => return Ok(None),
                Place::Counting(left) => {
                    let rows = usize::try_from(*left).unwrap_or(usize::MAX).min(run.chunk_rows());
                    *left -= rows as u64;
                    return Ok(Some(Chunk::new(Vec::new(), rows)));
                }
                Place::In(_) | Place::Sampled(_) | Place::Known(_) | Place::Named(_) => {}
            }
            run.check()?;
            self.decoder.check()?;
            let chunk = self.read(run)?;
            let Some(chunk) = chunk else {
                self.place = Place::Behind;
                return Ok(None);
            };
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.place = Place::Before;
        self.decoder.forget();
        self.restrictions.clear();
        Ok(())
    }

    fn take_count(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<u64>> {
        if let Place::Before = self.place
            && !self.names_rows()
        {
            self.begin(run)?;
        }
        let Place::Counting(left) = self.place else { return Ok(None) };
        self.place = Place::Behind;
        Ok(Some(left))
    }

    fn restrictable(&self, slot: usize) -> bool {
        self.sampler.is_none() && !self.names_rows() && self.decoder.is_stored(slot)
    }

    fn restrict(&mut self, restriction: Restriction) {
        self.restrictions.push(restriction);
    }
}
