//! A table by row ids that indexes tell: they are gathered first, put together and sorted, so that rows are read in the
//! order in which they lie.

use super::decode::RowDecoder;
use super::index::{IndexReader, Walk};
use super::known::KnownRows;
use super::restrict::Restrictions;
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Scope};
use crate::operator::{Late, Operator};
use crate::run::Run;
use crate::spread::{Finder, keep_shared};
use plan::expression::Expression;
use plan::physical;
use std::collections::VecDeque;
use types::vector::Chunk;

/// The operator.
pub struct BitmapScan {
    table: u32,
    tree: u64,
    decoder: RowDecoder,
    bitmap: Bitmap,
    found: Option<KnownRows>,
}

enum Bitmap {
    Index(Box<IndexReader>),
    /// Of an index that is not in the order of its keys.
    Entries(Finder),
    And(Vec<Bitmap>),
    Or(Vec<Bitmap>),
}

impl BitmapScan {
    /// As the plan says; `unasked` are columns by their places that nobody above reads.
    pub fn new(
        compiler: &Compiler<'_>,
        plan: &physical::BitmapScan,
        unasked: &[u32],
        late: Late,
    ) -> ExecuteResult<BitmapScan> {
        let scan = &plan.scan;
        let layout = scan.layout.clone();
        let looked_at = plan.fulfilled.iter().filter(|_| plan.recheck).chain(&scan.filter);
        let filter: Vec<Expression> = looked_at.cloned().collect();
        let decoder = RowDecoder::new(compiler, scan.table, layout, &scan.columns, &filter)?;
        Ok(BitmapScan {
            table: scan.table,
            tree: scan.tree,
            decoder: decoder.without(unasked).with_late(late),
            bitmap: Bitmap::new(compiler, &plan.bitmap)?,
            found: None,
        })
    }
}

impl Bitmap {
    fn new(compiler: &Compiler<'_>, plan: &physical::Bitmap) -> ExecuteResult<Bitmap> {
        let parts = |parts: &[physical::Bitmap]| {
            parts.iter().map(|part| Bitmap::new(compiler, part)).collect::<ExecuteResult<Vec<_>>>()
        };
        Ok(match plan {
            physical::Bitmap::Index(index, _) if !index.searches.is_empty() => {
                Bitmap::Entries(Finder::new(compiler, index.index_tree, &index.searches)?)
            }
            physical::Bitmap::Index(index, _) => {
                Bitmap::Index(Box::new(IndexReader::new(compiler, index, false)?))
            }
            physical::Bitmap::And(of, _) => Bitmap::And(parts(of)?),
            physical::Bitmap::Or(of, _) => Bitmap::Or(parts(of)?),
        })
    }

    /// The ids of its rows, ascending.
    fn ids(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<i64>> {
        match self {
            Bitmap::Index(reader) => {
                let values = reader.values(run, &Scope::new(&[], 1))?;
                let mut ranges = VecDeque::new();
                reader.add_bounds(&values, 0, 0, &mut ranges);
                let mut walk = Walk::new(ranges);
                let mut ids = walk.all_ids(reader, run)?;
                ids.sort_unstable();
                // Ranges that parameters make may overlap.
                ids.dedup();
                Ok(ids)
            }
            Bitmap::Entries(finder) => finder.ids(run),
            Bitmap::And(parts) => {
                let mut parts = parts.iter();
                let mut ids = parts.next().map_or_else(|| Ok(Vec::new()), |part| part.ids(run))?;
                for part in parts {
                    if ids.is_empty() {
                        break;
                    }
                    keep_shared(&mut ids, &part.ids(run)?);
                }
                Ok(ids)
            }
            Bitmap::Or(parts) => {
                let mut ids = Vec::new();
                for part in parts {
                    ids.extend(part.ids(run)?);
                }
                ids.sort_unstable();
                ids.dedup();
                Ok(ids)
            }
        }
    }
}

impl Operator for BitmapScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let mut found = match self.found.take() {
            Some(found) => found,
            None => KnownRows::new(self.bitmap.ids(run)?, run)?,
        };
        let of = (self.table, self.tree);
        let chunk = loop {
            run.check()?;
            self.decoder.check()?;
            match found.next(of, &self.decoder, &mut Restrictions::default(), run)? {
                Some(chunk) if chunk.is_empty() => {}
                chunk => break chunk,
            }
        };
        self.found = Some(found);
        Ok(chunk)
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.decoder.forget();
        self.found = None;
        Ok(())
    }
}
