//! Changes: INSERT, UPDATE, DELETE, MERGE, locking rows, and what follows from them.
//!
//! * `table`: a changed table, compiled; `index`: its indexes; `constraint`: what its rows must be.
//! * `locked`: rows that are locked and read as they are now; `recheck`: rows that others have changed meanwhile.
//! * `member`: tables that are changed together with one that they inherit from; `route`: how rows find their partition.
//! * `insert` (with `conflict`), `update`, `delete`, `merge`, `lock_rows`: the operators; `write`: a row with its index entries; `together`: many
//!   new ones.
//! * `routine_changes`: rows that called routines have changed, which their callers may not write any more.
//! * `published`: rows that are published and may not be changed.
//! * `single`: one row that is given, or found by its key. `load`: rows that come from outside of a statement, in chunks.
//! * `maintain`: what DDL and ANALYZE ask of rows.
//! * `trigger`: which triggers of a table fire, and with which rows.
//! * `events`: what is run after rows have changed; `foreign_key`: most of it.
//!
//! Invariants
//!
//! 1. The statement's view is taken before the first write, if anybody reads after it.
//! 2. A row and its index entries are written together; a statement that fails in between is undone as a whole.

mod conflict;
mod constraint;
mod delete;
mod events;
mod exclusion;
mod foreign_key;
mod index;
mod insert;
mod load;
mod lock_rows;
mod locked;
mod maintain;
mod member;
mod merge;
mod published;
mod recheck;
mod route;
mod routine_changes;
mod single;
mod table;
mod together;
mod trigger;
mod update;
mod write;

pub use events::{Event, Events, Mark, When, run_events};
pub use load::{Load, LoadError, LoadPlan};
pub use maintain::{
    build_index, count_rows, fire_truncate, keeps_within, order_rows, rewrite_table, sample_rows,
    sampled_expressions, validate_foreign_key, validate_rows,
};
pub use member::Targets;
pub use published::refuse_published;
pub use recheck::{RecheckScan, Row, Standing};
pub use single::{SingleChange, Step};
pub use table::Table;

use crate::error::{ExecuteError, ExecuteResult};
use crate::operator::{BoxedOperator, Builder};
use plan::physical::{Node, NodeKind};

/// Whether a change must take a view before it writes. It need not if its input reads at most one row, before that is
/// handed up, and nothing is run beside it: then nobody reads what was written. From a view on each page that the
/// transaction writes again is copied.
pub fn needs_view(builder: &Builder<'_>, input: &Node) -> bool {
    !builder.alone || !reads_one(input)
}

fn reads_one(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Values { .. } => true,
        NodeKind::Project { input, .. } | NodeKind::Filter { input, .. } => reads_one(input),
        NodeKind::IndexScan(scan) => scan.is_point(),
        NodeKind::TableScan(scan) => scan.is_point(),
        NodeKind::BitmapScan(_)
        | NodeKind::SystemScan { .. }
        | NodeKind::FunctionScan { .. }
        | NodeKind::CommonTableScan { .. }
        | NodeKind::WorkTableScan { .. }
        | NodeKind::GivenScan { .. }
        | NodeKind::ProjectSet { .. }
        | NodeKind::HashJoin(_)
        | NodeKind::MergeJoin(_)
        | NodeKind::NestedLoopJoin { .. }
        | NodeKind::Apply { .. }
        | NodeKind::LookupJoin { .. }
        | NodeKind::HashAggregate(_)
        | NodeKind::SortedAggregate(_)
        | NodeKind::Window { .. }
        | NodeKind::Sort { .. }
        | NodeKind::TopN { .. }
        | NodeKind::Limit { .. }
        | NodeKind::HashDistinct { .. }
        | NodeKind::SortedDistinct { .. }
        | NodeKind::Append { .. }
        | NodeKind::MergeAppend { .. }
        | NodeKind::SortedSetOperation { .. }
        | NodeKind::Memoize { .. }
        | NodeKind::SetOperation { .. }
        | NodeKind::Recursive { .. }
        | NodeKind::LockRows { .. }
        | NodeKind::Insert { .. }
        | NodeKind::Update { .. }
        | NodeKind::Delete { .. }
        | NodeKind::Merge { .. } => false,
    }
}

/// The operator of a change.
pub fn build(builder: &Builder<'_>, node: &Node) -> ExecuteResult<BoxedOperator> {
    published::refuse_change(node)?;
    Ok(match &node.kind {
        NodeKind::Insert { target, input, values, conflict, row_ids, called: _ } => {
            let insert = insert::Insert::new(builder, target, input, values, conflict.as_ref())?;
            Box::new(insert.with_ids(*row_ids))
        }
        NodeKind::Update { target, input, row_id, table_oid, scans, assignments, found } => {
            let rows = (*row_id, *table_oid, &scans[..]);
            Box::new(update::Update::new(builder, target, input, rows, assignments, found)?)
        }
        NodeKind::Delete { target, input, row_id, table_oid, scans, found } => {
            let rows = (*row_id, *table_oid, &scans[..]);
            Box::new(delete::Delete::new(builder, target, input, rows, found)?)
        }
        NodeKind::LockRows { input, locks, scans } => {
            Box::new(lock_rows::LockRows::new(builder, input, locks, scans)?)
        }
        NodeKind::Merge { target, input, row_id, table_oid, scans, actions } => {
            let rows = (*row_id, *table_oid, &scans[..]);
            Box::new(merge::Merge::new(builder, target, input, rows, actions)?)
        }
        other => return Err(ExecuteError::plan(format!("not a change: {other:?}"))),
    })
}
