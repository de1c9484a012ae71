//! Fewer rows at once where their values are large.
//!
//! What expressions make of a chunk may take far more room than the chunk. Nobody knows before: so whoever computes says how much
//! room there is, and where that is not enough, a part of the rows is computed. Where a function with effects was called, nothing
//! is computed again; and from then on there is as much room as anybody takes (`Run::note_effect`).

use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
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
        loop {
            let rows = self.0.min(chunk.len() - start);
            let effects = run.state.effects;
            let made = match rows == chunk.len() {
                true => within_room(run, rows, |run| of(run, chunk)),
                false => within_room(run, rows, |run| of(run, &chunk.slice(start, rows))),
            };
            match made {
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
    // Whoever is around computes fewer rows.
    if run.world.context.room != usize::MAX || chunk.len() <= 1 {
        return of(run, chunk);
    }
    let mut at_once = AtOnce::default();
    let (first, rows) = at_once.front(run, (chunk, 0), &mut of)?;
    if rows == chunk.len() {
        return Ok(first);
    }
    let (mut made, mut next) = (vec![first], rows);
    while next < chunk.len() {
        run.check()?;
        let (more, rows) = at_once.front(run, (chunk, next), &mut of)?;
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
