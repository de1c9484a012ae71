//! Rows of a table whose ids are known beforehand, read in the order of the ids, a chunk at a time. The ids are held as memory
//! until they are let go.

use super::decode::RowDecoder;
use super::index::rows_among;
use super::restrict::Restrictions;
use crate::error::ExecuteResult;
use crate::memory::Held;
use crate::run::Run;
use types::vector::Chunk;

/// The ids, and how many of them were read.
pub struct KnownRows {
    ids: Vec<i64>,
    _held: Held,
    read: usize,
}

impl KnownRows {
    /// Rows with these ids, which ascend.
    ///
    /// # Errors
    /// When there is no memory for them.
    pub fn new(ids: Vec<i64>, run: &mut Run<'_, '_>) -> ExecuteResult<KnownRows> {
        debug_assert!(ids.is_sorted(), "rows are read in the order in which they lie");
        let mut held = Held::default();
        held.take(run, ids.len() * size_of::<i64>())?;
        Ok(KnownRows { ids, _held: held, read: 0 })
    }

    /// The next of them that pass, maybe none of those that were read; `None` behind the last.
    ///
    /// # Errors
    /// When they cannot be read, or decoded.
    pub fn next(
        &mut self,
        (table, tree): (u32, u64),
        decoder: &RowDecoder,
        restrictions: &mut Restrictions,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<Chunk>> {
        if self.read == self.ids.len() {
            return Ok(None);
        }
        let end = self.ids.len().min(self.read + run.chunk_rows());
        let part = self.ids[self.read..end].to_vec();
        self.read = end;
        run.count(|tally| tally.table(table).rows_fetched += part.len() as u64);
        let tree = run.tree(tree)?;
        Ok(Some(rows_among(part, &tree, decoder, restrictions, run)?.0))
    }
}
