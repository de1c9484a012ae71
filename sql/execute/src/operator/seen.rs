//! Which rows have come so far, asked again and again: for recursion with `UNION`.
//!
//! When the table of them is as large as memory is, it gets no more keys. Rows that are not in it are put apart by their hashes,
//! round by round, and at the end of a round compared part by part with those that were put apart before, which are kept in
//! the same parts. So a round's rows come in the same order either way. A part is held in memory while it is compared.

use crate::error::ExecuteResult;
use crate::keys::KeySet;
use crate::memory::Held;
use crate::operator::distinct::first_seen;
use crate::run::Run;
use crate::spill::{Merge, Partitions, Rows, hashes, merged, sequence};
use types::Kind;
use types::vector::{Chunk, Order};

/// The rows.
pub struct Seen {
    table: KeySet,
    held: Held,
    orders: Vec<Order>,
    kinds: Vec<Kind>,
    apart: Option<Apart>,
}

/// What the table has no room for.
struct Apart {
    /// Rows of rounds before.
    older: Partitions,
    /// Those of this round, some of which may have come before.
    present: Partitions,
    /// How many those are.
    count: u64,
}

impl Seen {
    /// None yet, of rows whose columns have these orders and kinds.
    pub fn new(orders: Vec<Order>, kinds: Vec<Kind>) -> Seen {
        let (table, held) = (KeySet::new(orders.clone()), Held::default());
        Seen { table, held, orders, kinds, apart: None }
    }

    /// The rows of a chunk that are known not to have come; those of which it is not known come [`Seen::late`].
    pub fn new_rows(&mut self, mut chunk: Chunk, run: &mut Run<'_, '_>) -> ExecuteResult<Chunk> {
        let (columns, rows) = (chunk.columns(), chunk.rows());
        if let Some(apart) = &mut self.apart {
            let hashes = hashes(columns, &self.orders, rows);
            for row in self.table.absent(columns, rows) {
                let row = row as usize;
                apart.present.push(run, (hashes[row], apart.count), columns, row)?;
                apart.count += 1;
            }
            return Ok(Chunk::default());
        }
        let seen = (&mut self.table, &mut self.held);
        let chosen = first_seen(seen, columns, rows, run)?;
        chunk.select(chosen);
        if self.table.size() > run.world.settings.work_mem {
            let parts = || Partitions::new(&self.kinds, 0);
            self.apart = parts().zip(parts()).map(|(older, present)| Apart { older, present, count: 0 });
        }
        chunk.densify().map_err(Into::into)
    }

    /// The round is over: what has not come before of the rows that were put apart in it.
    pub fn late(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Merge>> {
        let Some(apart) = &mut self.apart else { return Ok(None) };
        if apart.count == 0 {
            return Ok(None);
        }
        apart.count = 0;
        let Some(next) = Partitions::new(&self.kinds, 0) else { return Ok(None) };
        let present = std::mem::replace(&mut apart.present, next);
        let mut done = Vec::new();
        for (older, present) in apart.older.parts.iter_mut().zip(present.parts) {
            if present.len() == 0 {
                continue;
            }
            let (mut table, mut held) = (KeySet::new(self.orders.clone()), Held::default());
            let mut first = Rows::new(&self.kinds);
            let mut reader = older.again(run)?;
            while let Some((chunk, _)) = reader.next(run.chunk_rows())? {
                run.check()?;
                let seen = (&mut table, &mut held);
                first_seen(seen, chunk.columns(), chunk.rows(), run)?;
            }
            let mut reader = present.reader(run)?;
            while let Some((chunk, places)) = reader.next(run.chunk_rows())? {
                run.check()?;
                let columns = chunk.columns();
                let seen = (&mut table, &mut held);
                for row in first_seen(seen, columns, chunk.rows(), run)? {
                    let key = sequence(places[row as usize]);
                    first.push(run, &key, columns, row as usize)?;
                    older.push(run, &key, columns, row as usize)?;
                }
            }
            drop((table, held));
            first.flush(run)?;
            done.push(first);
        }
        Ok(Some(merged(done, run)?))
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.table.clear();
        self.held.release();
        self.apart = None;
    }
}
