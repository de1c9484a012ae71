//! Runs plans: pulls chunks of rows through operators, changes rows, keeps constraints.
//!
//! * [`World`]: what a session lends to a running statement; [`Execution`]: a statement that runs; [`Point`], [`Few`],
//!   [`SingleChange`]: the shortest.
//! * `evaluate`: expressions, compiled once, computed over whole chunks.
//! * `operator`: scans, joins, aggregation, windows, sorting; each hands up chunks when it is asked.
//! * `change`: INSERT, UPDATE, DELETE, MERGE on the store, indexes, and the events that run after rows have changed.
//! * [`parallel`]: several tasks do one statement's work.
//! * `spill`: what does not fit into memory. `keys`: tables of keys by hash, and orders of rows, which grouping, joining, sorting share.
//!
//! Invariants
//!
//! 1. A statement reads from the view it began with; what it writes itself it does not see.
//! 2. Between two chunks it asks whether it is cancelled.
//! 3. The order of what comes out depends on nothing but the plan and the rows.

#![forbid(unsafe_code)]

mod change;
mod combined;
mod error;
mod evaluate;
mod execution;
mod few;
pub mod keys;
pub mod labels;
mod memory;
mod near;
mod operator;
pub mod parallel;
mod point;
mod routine;
mod row_guess;
mod run;
mod spill;
mod spread;
mod statistics;
mod tally;
mod text;
mod trigger;
mod world;

pub use change::{
    Event, Events, Load, LoadError, LoadPlan, Mark, SingleChange, Step, When, build_index, count_rows,
    fire_truncate, keeps_within, order_rows, refuse_published, rewrite_table, run_events, sample_rows,
    sampled_expressions, validate_foreign_key, validate_rows,
};
pub use combined::{CombinedSample, CommonValues, StopCheck};
pub use error::{DEADLOCK_HINT, ExecuteError, ExecuteResult, store_detail};
pub use evaluate::Lone;
pub use execution::{Execution, prunes_at_start};
pub use few::Few;
pub use memory::chunk_bytes;
pub use operator::Watching;
pub use point::Point;
pub use routine::{
    CalledTypes, Caller, PlannedStatement, Routine, RoutineCall, RoutineStatement, in_statement, run_inner,
    run_one, run_routine,
};
pub use spill::Kept;
pub use statistics::{Sampled, Statistics, column_statistics};
pub use tally::{CountedCall, Followed, FunctionCounts, IndexCounts, TableCounts, Tally, Totals};
pub use world::{Catalog, Settings, World, depth_limit};
