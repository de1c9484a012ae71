//! A table by an index, the rows first that are nearest to something: no more of the index and of the table is read than what may be
//! as near as the rows that are handed up.
//!
//! Who wants few rows gets few: the first row by itself, then twice as many with each chunk. So are rows read, as there is no telling
//! by its entry how far one is.

use super::decode::RowDecoder;
use super::index::rows_of;
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, Scope};
use crate::memory::{Held, chunk_bytes};
use crate::near::{Distance, Next, Queue};
use crate::operator::{Late, Operator};
use crate::run::Run;
use crate::spread::{Finder, Left};
use plan::physical;
use plan::spread::Nearest;
use store::TreeView;
use types::entry::{EntryKind, Origin};
use types::value::Item;
use types::vector::{Chunk, VectorBuilder};

/// The operator.
pub struct NearestScan {
    tree: u64,
    index_tree: u64,
    place: u8,
    kind: EntryKind,
    decoder: RowDecoder,
    /// From what the first distance is.
    origin: Option<Evaluator>,
    /// The distances, over the rows.
    by: Vec<Evaluator>,
    /// What conditions ask of the index.
    finder: Option<Finder>,
    begun: Option<Begun>,
}

/// What has been found.
struct Begun {
    queue: Queue,
    batches: Vec<Batch>,
    /// How many rows are handed up next.
    portion: usize,
    held: Held,
}

/// Rows that were read together, and how many of them wait.
struct Batch {
    rows: Chunk,
    waiting: usize,
    bytes: usize,
}

impl NearestScan {
    /// As the plan says; `scan` has what is asked of the index among its conditions, `unasked` are columns by their places that nobody
    /// above reads.
    pub fn new(
        compiler: &Compiler<'_>,
        plan: &physical::IndexScan,
        (nearest, scan): (&Nearest, &physical::TableScan),
        unasked: &[u32],
        late: Late,
    ) -> ExecuteResult<NearestScan> {
        let layout = scan.layout.clone();
        let decoder = RowDecoder::new(compiler, scan.table, layout, &scan.columns, &scan.filter)?;
        let by = Evaluator::list(compiler, &nearest.by)?;
        let of_distances = |slot: &u32| by.iter().any(|distance| distance.slots().any(|own| own == *slot));
        let unasked: Vec<u32> = unasked.iter().copied().filter(|slot| !of_distances(slot)).collect();
        let origin = nearest.values().next().map(|value| Evaluator::new(compiler, value)).transpose()?;
        let finder = match plan.searches.as_slice() {
            [] => None,
            searches => Some(Finder::new(compiler, plan.index_tree, searches)?),
        };
        Ok(NearestScan {
            tree: scan.tree,
            index_tree: plan.index_tree,
            place: nearest.place as u8,
            kind: nearest.kind,
            decoder: decoder.without(&unasked).with_late(late),
            origin,
            by,
            finder,
            begun: None,
        })
    }

    fn begin(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Begun> {
        let value = match &self.origin {
            Some(value) => Some(value.evaluate_in(run, &Scope::new(&[], 1))?),
            None => None,
        };
        let origin = match value.as_ref().map(|value| value.item(0)) {
            Some(Item::Bytes(point)) => Some(Origin::new(self.kind, point)),
            _ => None, // null
        };
        let mut queue = Queue::new(self.place, origin, self.by.len() > 1);
        let left = match &self.finder {
            Some(finder) => finder.left(self.place, run)?,
            None => Left::Within { windows: Vec::new(), nulls: true },
        };
        match left {
            Left::Ids(ids) => queue.add_ids(&ids),
            Left::Within { windows, nulls } => {
                queue.add_index(&run.tree(self.index_tree)?, windows, nulls)?;
            }
        }
        run.count(|tally| tally.index(self.index_tree).scans += 1);
        Ok(Begun { queue, batches: Vec::new(), portion: 1, held: Held::default() })
    }

    /// The next rows, in their order.
    fn rows(&self, begun: &mut Begun, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let index = run.tree(self.index_tree)?;
        let mut found = Vec::new();
        while found.len() < begun.portion {
            run.check()?;
            match begun.queue.peek() {
                None => break,
                Some(Next::Row(batch, row)) => {
                    begun.queue.advance(&index)?;
                    found.push((batch, row));
                }
                // What an error was found behind goes up before it.
                Some(_) if self.decoder.waits() => break,
                Some(_) => self.read(begun, (&index, begun.portion - found.len()), run)?,
            }
        }
        if found.is_empty() {
            self.decoder.check()?;
            return Ok(None);
        }
        begun.portion = (begun.portion * 2).min(run.chunk_rows());
        begun.hand_up(&self.decoder, &found).map(Some)
    }

    /// Reads at most so many rows that may be the next.
    fn read(
        &self,
        begun: &mut Begun,
        (index, most): (&TreeView, usize),
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let mut ids = Vec::new();
        while ids.len() < most {
            match begun.queue.peek() {
                None | Some(Next::Row(..)) => break,
                Some(Next::Entry(id)) => ids.push(id),
                Some(Next::Stretch) => run.check()?,
            }
            begun.queue.advance(index)?;
        }
        let (read, fetched) = (begun.queue.take_read(), ids.len() as u64);
        run.count(|tally| {
            let counts = tally.index(self.index_tree);
            counts.entries += read;
            counts.rows_fetched += fetched;
        });
        let (rows, chosen) = rows_of(ids.clone(), &run.tree(self.tree)?, &self.decoder, run)?;
        let rows = rows.densify()?;
        if let Some(chosen) = chosen {
            ids = chosen.iter().filter_map(|place| ids.get(*place as usize)).copied().collect();
        }
        let bytes = chunk_bytes(&rows);
        begun.held.take(run, bytes)?;
        let by = self.by.iter().map(|distance| distance.evaluate(run, &rows));
        let by = by.collect::<ExecuteResult<Vec<_>>>()?;
        let batch = begun.batches.len();
        let mut distances: Vec<Distance> = Vec::with_capacity(by.len());
        for (row, id) in ids.iter().enumerate().take(rows.rows()) {
            distances.clear();
            distances.extend(by.iter().map(|distance| match distance.item(row) {
                Item::Float64(distance) => Some(distance),
                _ => None, // null
            }));
            begun.queue.add_row(&distances, *id, (batch, row as u32));
        }
        begun.batches.push(Batch { waiting: rows.rows(), rows, bytes });
        begun.held.grow(run, begun.queue.bytes())
    }
}

impl Begun {
    /// Rows of batches, which are given up when none of theirs waits.
    fn hand_up(&mut self, decoder: &RowDecoder, found: &[(usize, u32)]) -> ExecuteResult<Chunk> {
        let kinds = decoder.kinds();
        let mut columns: Vec<VectorBuilder> =
            kinds.iter().map(|kind| VectorBuilder::new(*kind, found.len())).collect();
        for (batch, row) in found {
            let Some(batch) = self.batches.get_mut(*batch) else { continue };
            for (column, own) in columns.iter_mut().zip(batch.rows.columns()) {
                column.push_from(own, *row as usize)?;
            }
            batch.waiting -= 1;
            if batch.waiting == 0 {
                batch.rows = Chunk::default();
                self.held.give(batch.bytes);
            }
        }
        Ok(Chunk::new(columns.into_iter().map(VectorBuilder::finish).collect(), found.len()))
    }
}

impl Operator for NearestScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let mut begun = match self.begun.take() {
            Some(begun) => begun,
            None => self.begin(run)?,
        };
        let rows = self.rows(&mut begun, run);
        self.begun = Some(begun);
        rows
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.decoder.forget();
        self.begun = None;
        Ok(())
    }
}
