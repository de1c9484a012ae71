//! The first of rows that are equal.

use crate::error::ExecuteResult;
use crate::evaluate::{Evaluator, evaluate_all};
use crate::keys::{KeySet, SortColumn, compare_rows};
use crate::memory::Held;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use crate::spill::{Merge, Partitions, Rows, hashes, merged, sequence};
use types::vector::{Chunk, Order};
use types::{Kind, Vector};

/// By a hash table. When that is as large as memory is, rows with keys that are not in it are put apart, and come when the
/// input is at its end, in the order in which they came.
pub struct HashDistinct {
    input: BoxedOperator,
    kinds: Vec<Kind>,
    keys: Vec<Evaluator>,
    orders: Vec<Order>,
    seen: KeySet,
    held: Held,
    /// Rows that came so far.
    count: u64,
    apart: Option<Partitions>,
    rest: Option<Merge>,
}

impl HashDistinct {
    /// By these keys.
    pub fn new(
        input: BoxedOperator,
        kinds: Vec<Kind>,
        keys: Vec<Evaluator>,
        columns: &[SortColumn],
    ) -> HashDistinct {
        let orders: Vec<Order> = columns.iter().map(|column| column.order.clone()).collect();
        let seen = KeySet::new(orders.clone());
        let (held, apart, rest) = (Held::default(), None, None);
        HashDistinct { input, kinds, keys, orders, seen, held, count: 0, apart, rest }
    }

    /// The kinds of what is put apart: keys, then columns.
    fn apart_kinds(&self) -> Vec<Kind> {
        self.keys.iter().map(Evaluator::kind).chain(self.kinds.iter().copied()).collect()
    }

    /// The rows of a chunk that are handed up now.
    fn look(&mut self, mut chunk: Chunk, run: &mut Run<'_, '_>) -> ExecuteResult<Chunk> {
        let Some(apart) = &mut self.apart else {
            let keys = evaluate_all(&self.keys, run, &chunk)?;
            let chosen = first_seen((&mut self.seen, &mut self.held), &keys, chunk.len(), run)?;
            self.count += chunk.len() as u64;
            chunk.select(chosen);
            if self.seen.size() > run.world.settings.work_mem {
                self.apart = Partitions::new(&self.apart_kinds(), 0);
            }
            return Ok(chunk);
        };
        let chunk = chunk.densify()?;
        let mut columns = evaluate_all(&self.keys, run, &chunk)?;
        let absent = self.seen.absent(&columns, chunk.rows());
        let hashes = hashes(&columns, &self.orders, chunk.rows());
        columns.extend_from_slice(chunk.columns());
        for row in absent {
            let place = self.count + u64::from(row);
            apart.push(run, (hashes[row as usize], place), &columns, row as usize)?;
        }
        self.count += chunk.rows() as u64;
        Ok(Chunk::default())
    }

    /// The first of equal rows of each part, as sorted sequences.
    fn settle(&self, parts: Partitions, run: &mut Run<'_, '_>, done: &mut Vec<Rows>) -> ExecuteResult<()> {
        let level = parts.below();
        for rows in parts.parts.into_iter().filter(|rows| rows.len() > 0) {
            let (mut seen, mut held) = (KeySet::new(self.orders.clone()), Held::default());
            let (mut first, mut apart) = (Rows::new(&self.kinds), None::<Partitions>);
            let mut reader = rows.reader(run)?;
            while let Some((chunk, places)) = reader.next(run.chunk_rows())? {
                run.check()?;
                let mut columns = chunk.columns().to_vec();
                let own = columns.split_off(self.keys.len());
                if let Some(apart) = &mut apart {
                    let hashes = hashes(&columns, &self.orders, chunk.rows());
                    for row in seen.absent(&columns, chunk.rows()) {
                        let row = row as usize;
                        apart.push(run, (hashes[row], places[row]), chunk.columns(), row)?;
                    }
                    continue;
                }
                let seen_before = (&mut seen, &mut held);
                for row in first_seen(seen_before, &columns, chunk.rows(), run)? {
                    first.push(run, &sequence(places[row as usize]), &own, row as usize)?;
                }
                if seen.size() > run.world.settings.work_mem {
                    apart = Partitions::new(&self.apart_kinds(), level);
                }
            }
            drop((seen, held));
            first.flush(run)?;
            done.push(first);
            if let Some(apart) = apart {
                self.settle(apart, run, done)?;
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.seen.clear();
        self.held.release();
    }
}

impl Operator for HashDistinct {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        loop {
            run.check()?;
            if let Some(rest) = &mut self.rest {
                let limit = run.chunk_rows();
                return rest.next(limit);
            }
            match self.input.next(run)? {
                Some(chunk) => {
                    let chunk = self.look(chunk, run)?;
                    if !chunk.is_empty() {
                        return Ok(Some(chunk));
                    }
                }
                None => {
                    let Some(apart) = self.apart.take() else { return Ok(None) };
                    self.forget();
                    let mut done = Vec::new();
                    self.settle(apart, run, &mut done)?;
                    self.rest = Some(merged(done, run)?);
                }
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.forget();
        (self.count, self.apart, self.rest) = (0, None, None);
        self.input.rewind(run)
    }
}

/// Rows whose keys were not seen before, which they are from now on; and what the keys take, is held.
pub fn first_seen(
    (seen, held): (&mut KeySet, &mut Held),
    keys: &[Vector],
    rows: usize,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Vec<u32>> {
    let chosen = seen.insert(keys, rows);
    held.grow(run, seen.size())?;
    Ok(chosen)
}

/// Of a sorted input.
pub struct SortedDistinct {
    input: BoxedOperator,
    keys: Vec<Evaluator>,
    columns: Vec<SortColumn>,
    /// The keys of the last row.
    last: Option<Vec<Vector>>,
}

impl SortedDistinct {
    /// By these keys.
    pub fn new(input: BoxedOperator, keys: Vec<Evaluator>, columns: Vec<SortColumn>) -> SortedDistinct {
        SortedDistinct { input, keys, columns, last: None }
    }
}

impl Operator for SortedDistinct {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        while let Some(mut chunk) = self.input.next(run)? {
            run.check()?;
            let keys = evaluate_all(&self.keys, run, &chunk)?;
            let rows = chunk.len();
            let mut chosen = Vec::new();
            for row in 0..rows {
                let same = match (row, &self.last) {
                    (0, None) => false,
                    (0, Some(last)) => compare_rows(&self.columns, (&keys, 0), (last, 0)).is_eq(),
                    (row, _) => compare_rows(&self.columns, (&keys, row), (&keys, row - 1)).is_eq(),
                };
                if !same {
                    chosen.push(row as u32);
                }
            }
            self.last = Some(keys.iter().map(|key| key.slice(rows - 1, 1)).collect());
            chunk.select(chosen);
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.last = None;
        self.input.rewind(run)
    }
}
