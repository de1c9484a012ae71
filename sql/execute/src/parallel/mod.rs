//! Several tasks do one statement's work: each reads a stretch of a table and gathers what it finds, and what they have gathered
//! is put together in the order of the stretches.
//!
//! * [`divided`]: which plans can be done so, and how their table is cut.
//! * [`help`]: what is asked of another task, and its answer; who starts such tasks ([`Helpers`]).
//!
//! Invariants
//!
//! 1. A table is cut by its rows and by how many tasks there are, never by how fast they are: what comes out depends on
//!    nothing that a clock could tell.
//! 2. A helper reads from the view of the statement that it helps, and only trees that the statement has locked. It takes no
//!    lock, writes nothing that others see, and asks nothing of the session.
//! 3. No helper outlives the operator that asked it: who has asked waits, or tells it to stop and waits then. (Where a world is torn
//!    down nobody waits: helpers are told, and end at their next look.)
//! 4. Whatever a helper cannot do (nobody starts it, its memory does not do), who has asked does himself.
//!
//! Sums of floating-point numbers are added up in another order than one task does; so they are in PostgreSQL.

mod divided;
mod help;

pub use divided::{Divided, Stretch, is_known, is_known_function};
pub use help::{Help, HelperWork, Helpers, Lent, Stop};

/// From when on helpers are asked, and how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Helping {
    /// How many a statement may have (`max_parallel_workers_per_gather`).
    pub most: usize,
    /// What the scan of a table is expected to cost at least that is cut: as much as reading the pages of
    /// `min_parallel_table_scan_size`, and as `parallel_setup_cost`.
    pub scan_cost: f64,
}

impl Default for Helping {
    fn default() -> Helping {
        Helping { most: 0, scan_cost: 1024.0 }
    }
}
