//! Operators: each hands up its rows a chunk at a time.
//!
//! * `build`: from plans to operators.
//! * `scan`: what has no input; `row_wise`: what looks at a row at a time; `join`, `aggregate`, `window`, `sort`, `limit`, `distinct`,
//!   `set_operation`, `recursive` (which rows have been `seen`; `single_step`: one row at a time): the rest. `observed`: any of
//!   them while it is watched. `divided`: the input of one, read by several tasks.
//!
//! Invariants
//!
//! 1. A chunk that is handed up has at least one row that counts, and as many columns as the plan says.
//! 2. After the last chunk an operator goes on saying that there is none, until it is rewound.
//! 3. Rewinding an operator makes it run again with the outer values of then.

mod aggregate;
mod append;
mod build;
mod distinct;
mod divided;
mod effects;
mod join;
mod late;
mod limit;
mod memoize;
mod merge_append;
mod observed;
mod project_set;
mod pruned;
mod recursive;
mod row_wise;
mod rows;
mod scan;
mod seen;
mod set_operation;
mod shared;
mod single_step;
mod sort;
mod sorted_set;
mod window;

pub use build::Builder;
pub use effects::{calls_routines, effects, has_effects, subplans_with_effects};
pub use late::Late;
pub use observed::{Numbers, Observation, Observations, Watching};
pub use pruned::Pruned;
pub use rows::{gather as gather_rows, join as join_rows};
pub(crate) use scan::Fitted;
pub use scan::{
    Edges, Restriction, RowDecoder, StoredRows, dangling, include_layout, key_columns, lie_together, row_id,
};
pub use shared::make_more;

use crate::error::ExecuteResult;
use crate::run::Run;
use types::vector::Chunk;

/// Something that hands up rows.
pub trait Operator {
    /// The next rows; `None` when there are no more.
    ///
    /// # Errors
    /// Whatever can go wrong with rows.
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>>;

    /// Begins again. To be called before the first rows are asked for, too.
    ///
    /// # Errors
    /// When what lies below cannot begin again.
    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()>;

    /// How many rows are left, if that is known without making them; then it hands up no more.
    ///
    /// # Errors
    /// As [`Operator::next`].
    fn take_count(&mut self, _run: &mut Run<'_, '_>) -> ExecuteResult<Option<u64>> {
        Ok(None)
    }

    /// Whether it would make use of a [`Restriction`] of this column.
    fn restrictable(&self, _slot: usize) -> bool {
        false
    }

    /// Told, until it is rewound, which rows are of use: others may be left out, if nobody can tell but by their absence.
    fn restrict(&mut self, _restriction: Restriction) {}
}

/// An operator of any kind.
pub type BoxedOperator = Box<dyn Operator>;
