//! All columns of a table, for an index that is gone through from end to end: where rows lie has nothing to do with the order in
//! which it tells of them, and to look for each costs more than to read them all and to pick.
//!
//! What holds
//! 1. It is made only of a table all of whose rows the index has, so that nothing is read that would not be anyway.
//! 2. It is not made before a part of the rows was looked for one by one: who stops early reads no table.

use super::decode::{RowDecoder, RowSource};
use super::index::dangling;
use super::leaves::{Leaves, Parts};
use crate::error::ExecuteResult;
use crate::memory::{Held, chunk_bytes};
use crate::operator::rows::join;
use crate::run::Run;
use store::{Bounds, TreeView};
use types::Vector;
use types::vector::Chunk;

/// Tables with fewer rows are not worth it.
const ROWS_MIN: u64 = 1 << 14;
/// One in so many rows is looked for by itself first.
const LOOKED_FOR: u64 = 32;
/// Row ids may be so many times as many as rows.
const SPAN_MAX: usize = 4;
/// What stands for ids without a row.
const NONE: u32 = u32::MAX;

/// How rows by their ids are found.
#[derive(Default)]
pub(super) enum Finding {
    /// One by one, whatever comes.
    #[default]
    OneByOne,
    /// One by one; so many were.
    Undecided(u64),
    Picked(TableColumns),
}

/// The columns, and where in them the row is that has an id.
pub(super) struct TableColumns {
    columns: Vec<Vector>,
    first: i64,
    places: Vec<u32>,
    _held: Held,
}

/// Some rows of it.
struct Picked<'c> {
    columns: &'c [Vector],
    places: Vec<u32>,
}

impl Finding {
    /// The columns, if so many more rows are better picked of them.
    pub(super) fn columns(
        &mut self,
        more: usize,
        (index, table): (&TreeView, &TreeView),
        decoder: &RowDecoder,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<&TableColumns>> {
        if let Finding::Undecided(looked_for) = self {
            let (rows, entries) = (table.estimate(&Bounds::all())?, index.estimate(&Bounds::all())?);
            if *looked_for < rows.max(ROWS_MIN) / LOOKED_FOR {
                *looked_for += more as u64;
            } else if rows == entries && rows >= ROWS_MIN {
                *self = TableColumns::read(table, decoder, run)?.map_or(Finding::OneByOne, Finding::Picked);
            } else {
                *self = Finding::OneByOne;
            }
        }
        Ok(match self {
            Finding::Picked(columns) => Some(columns),
            Finding::OneByOne | Finding::Undecided(_) => None,
        })
    }
}

impl TableColumns {
    /// All that a decoder reads of a table, without its filter; `None` if that does not fit into memory.
    fn read(
        table: &TreeView,
        decoder: &RowDecoder,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<TableColumns>> {
        let (mut chunks, mut ids, mut held) = (Vec::new(), Vec::new(), 0);
        let mut parts = Parts::new(table.scan_leaves(Bounds::all())?);
        while let Some(part) = parts.next(decoder)? {
            run.check()?;
            let mut part = [part];
            let mut leaves = Leaves::new(&mut part);
            let rows = leaves.rows();
            let chunk = Chunk::new(decoder.all(&mut leaves)?, rows);
            leaves.row_ids(&mut ids)?;
            held += chunk_bytes(&chunk) + rows * size_of::<u32>();
            if held > run.world.settings.work_mem {
                return Ok(None);
            }
            chunks.push(chunk);
        }
        let Some((first, places)) = places(&ids) else { return Ok(None) };
        let mut taken = Held::default();
        taken.take(run, held)?;
        let columns = join(&decoder.kinds(), chunks)?.columns().to_vec();
        Ok(Some(TableColumns { columns, first, places, _held: taken }))
    }

    /// Rows by their ids that pass the decoder's filter, and their places among the ids.
    pub(super) fn rows_of(
        &self,
        ids: &[i64],
        decoder: &RowDecoder,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<(Chunk, Option<Vec<u32>>)> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let behind = usize::try_from(id.wrapping_sub(self.first)).ok();
            let place = behind.and_then(|behind| self.places.get(behind)).filter(|place| **place != NONE);
            found.push(*place.ok_or_else(|| dangling(*id))?);
        }
        decoder.decode(run, &mut Picked { columns: &self.columns, places: found })
    }
}

/// The first of ascending ids, and for each id from there on its place among them; `None` if there are too many without one.
fn places(ids: &[i64]) -> Option<(i64, Vec<u32>)> {
    let (first, last) = (*ids.first()?, *ids.last()?);
    let span = usize::try_from(last.checked_sub(first)?).ok()?;
    if span / SPAN_MAX > ids.len() || ids.len() >= NONE as usize {
        return None;
    }
    let mut places = vec![NONE; span + 1];
    for (place, id) in (0..).zip(ids) {
        places[usize::try_from(id - first).ok()?] = place;
    }
    Some((first, places))
}

impl RowSource for Picked<'_> {
    fn rows(&self) -> usize {
        self.places.len()
    }

    fn prepare(&mut self, _: &RowDecoder, _: &[usize], _: Option<&[u32]>) -> ExecuteResult<()> {
        Ok(())
    }

    fn column(&self, _: &RowDecoder, slot: usize, chosen: Option<&[u32]>) -> ExecuteResult<Vector> {
        Ok(match chosen {
            None => self.columns[slot].gather(&self.places)?,
            Some(chosen) => {
                let places: Vec<u32> = chosen.iter().map(|row| self.places[*row as usize]).collect();
                self.columns[slot].gather(&places)?
            }
        })
    }
}
