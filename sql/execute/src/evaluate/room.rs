//! Fewer rows at once where their values are large.
//!
//! What expressions make of a chunk may take far more room than the chunk. Nobody knows before: so whoever computes says how much
//! room there is, and where that is not enough, a part of the rows is computed. Where a function with effects was called, nothing
//! is computed again; and from then on there is as much room as anybody takes (`Run::note_effect`).

use super::node::Node;
use super::scope::Scope;
use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use std::ops::Range;
use types::Vector;
use types::vector::Chunk;

/// How many bytes a column of what is computed takes, if it is of many rows.
const ROOM: usize = 16 << 20;

/// How many rows are computed at once.
#[derive(Debug, Clone, Copy)]
pub struct AtOnce(usize);

impl Default for AtOnce {
    fn default() -> AtOnce {
        AtOnce(usize::MAX)
    }
}

impl AtOnce {
    /// More may be tried again.
    pub fn grow(&mut self) {
        self.0 = self.0.saturating_mul(2);
    }

    /// What `of` makes of the first rows of a chunk, and of how many; it is asked again of fewer where there is no room for more.
    ///
    /// # Errors
    /// Those of `of`; it lacks room where it has called a function with effects, or of a single row.
    pub fn front<T>(
        &mut self,
        run: &mut Run<'_, '_>,
        (chunk, start): (&Chunk, usize),
        mut of: impl FnMut(&mut Run<'_, '_>, &Chunk) -> ExecuteResult<T>,
    ) -> ExecuteResult<(T, usize)> {
        self.front_of(run, start..chunk.len(), |run, rows| match rows.len() == chunk.len() {
            true => of(run, chunk),
            false => of(run, &chunk.slice(rows.start, rows.len())),
        })
    }

    /// The same of rows that are told by their places.
    fn front_of<T>(
        &mut self,
        run: &mut Run<'_, '_>,
        all: Range<usize>,
        mut of: impl FnMut(&mut Run<'_, '_>, Range<usize>) -> ExecuteResult<T>,
    ) -> ExecuteResult<(T, usize)> {
        loop {
            let rows = self.0.min(all.len());
            let effects = run.state.effects;
            match within_room(run, rows, |run| of(run, all.start..all.start + rows)) {
                Err(error) if rows > 1 && may_be_parted(run, effects, &error) => {
                    self.0 = rows / 2;
                    run.check()?;
                }
                made => return made.map(|made| (made, rows)),
            }
        }
    }
}

fn may_be_parted(run: &Run<'_, '_>, effects: u64, error: &ExecuteError) -> bool {
    run.state.effects == effects && error.is_too_large()
}

/// What `of` makes of so many rows, where it is told if it takes too much room, unless somebody around is told already.
fn within_room<T>(
    run: &mut Run<'_, '_>,
    rows: usize,
    of: impl FnOnce(&mut Run<'_, '_>) -> ExecuteResult<T>,
) -> ExecuteResult<T> {
    let before = run.world.context.room;
    if rows > 1 {
        run.world.context.room = before.min(ROOM);
    }
    let effects = run.state.effects;
    let made = of(run);
    run.world.context.room = if run.state.effects == effects { before } else { usize::MAX };
    made
}

/// The columns that `of` makes of a chunk, put together of those of its parts where they take too much room at once.
pub(super) fn in_parts<C: AsRef<[Vector]> + TryFrom<Vec<Vector>>>(
    run: &mut Run<'_, '_>,
    chunk: &Chunk,
    mut of: impl FnMut(&mut Run<'_, '_>, &Chunk) -> ExecuteResult<C>,
) -> ExecuteResult<C> {
    parts_of(run, chunk.len(), |run, rows| match rows.len() == chunk.len() {
        true => of(run, chunk),
        false => of(run, &chunk.slice(rows.start, rows.len())),
    })
}

/// What a node is for the rows of a scope, in the same way.
pub(super) fn node_in_parts(run: &mut Run<'_, '_>, node: &Node, scope: &Scope<'_>) -> ExecuteResult<Vector> {
    let [found] = parts_of(run, scope.rows(), |run, rows| {
        if rows.len() == scope.rows() {
            return Ok([node.run(run, scope)?]);
        }
        // A chunk has fewer than 2^32 rows.
        let chosen: Vec<u32> = rows.map(|row| row as u32).collect();
        let narrowed = scope.narrow(&chosen)?;
        Ok([node.run(run, &narrowed.scope(scope.columns()))?])
    })?;
    Ok(found)
}

/// The columns that `of` makes of so many rows, in the same way.
fn parts_of<C: AsRef<[Vector]> + TryFrom<Vec<Vector>>>(
    run: &mut Run<'_, '_>,
    count: usize,
    mut of: impl FnMut(&mut Run<'_, '_>, Range<usize>) -> ExecuteResult<C>,
) -> ExecuteResult<C> {
    // Whoever is around computes fewer rows.
    if run.world.context.room != usize::MAX || count <= 1 {
        return of(run, 0..count);
    }
    let mut at_once = AtOnce::default();
    let (first, rows) = at_once.front_of(run, 0..count, &mut of)?;
    if rows == count {
        return Ok(first);
    }
    let (mut made, mut next) = (vec![first], rows);
    while next < count {
        run.check()?;
        let (more, rows) = at_once.front_of(run, next..count, &mut of)?;
        next += rows;
        made.push(more);
    }
    let columns = (0..made[0].as_ref().len()).map(|column| {
        let parts: Vec<&Vector> = made.iter().map(|part| &part.as_ref()[column]).collect();
        Ok(Vector::concat(parts[0].kind(), &parts)?)
    });
    let columns: ExecuteResult<Vec<Vector>> = columns.collect();
    columns?.try_into().map_err(|_| ExecuteError::plan("parts of other columns"))
}
