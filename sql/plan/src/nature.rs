//! What operators are like, as those who run them and hand out their rows ask.

use crate::physical::NodeKind;

impl NodeKind {
    /// Whether it changes rows, or makes what `RETURNING` gives of them.
    pub fn changes_rows(&self) -> bool {
        match self {
            NodeKind::Insert { .. }
            | NodeKind::Update { .. }
            | NodeKind::Delete { .. }
            | NodeKind::Merge { .. } => true,
            NodeKind::Project { input, .. } | NodeKind::ProjectSet { input, .. } => input.kind.changes_rows(),
            NodeKind::Limit { .. }
            | NodeKind::LockRows { .. }
            | NodeKind::Values { .. }
            | NodeKind::TableScan(_)
            | NodeKind::IndexScan(_)
            | NodeKind::BitmapScan(_)
            | NodeKind::SystemScan { .. }
            | NodeKind::FunctionScan { .. }
            | NodeKind::CommonTableScan { .. }
            | NodeKind::WorkTableScan { .. }
            | NodeKind::GivenScan { .. }
            | NodeKind::Filter { .. }
            | NodeKind::Append { .. }
            | NodeKind::MergeAppend { .. }
            | NodeKind::Sort { .. }
            | NodeKind::TopN { .. }
            | NodeKind::HashJoin(_)
            | NodeKind::MergeJoin(_)
            | NodeKind::NestedLoopJoin { .. }
            | NodeKind::Apply { .. }
            | NodeKind::LookupJoin { .. }
            | NodeKind::HashAggregate(_)
            | NodeKind::SortedAggregate(_)
            | NodeKind::Window { .. }
            | NodeKind::HashDistinct { .. }
            | NodeKind::SortedDistinct { .. }
            | NodeKind::SetOperation { .. }
            | NodeKind::SortedSetOperation { .. }
            | NodeKind::Memoize { .. }
            | NodeKind::Recursive { .. } => false,
        }
    }

    /// Whether it locks the rows that it hands up.
    pub fn locks_rows(&self) -> bool {
        match self {
            NodeKind::LockRows { .. } => true,
            NodeKind::Project { input, .. } | NodeKind::Limit { input, .. } => input.kind.locks_rows(),
            NodeKind::ProjectSet { .. }
            | NodeKind::Insert { .. }
            | NodeKind::Update { .. }
            | NodeKind::Delete { .. }
            | NodeKind::Merge { .. }
            | NodeKind::Values { .. }
            | NodeKind::TableScan(_)
            | NodeKind::IndexScan(_)
            | NodeKind::BitmapScan(_)
            | NodeKind::SystemScan { .. }
            | NodeKind::FunctionScan { .. }
            | NodeKind::CommonTableScan { .. }
            | NodeKind::WorkTableScan { .. }
            | NodeKind::GivenScan { .. }
            | NodeKind::Filter { .. }
            | NodeKind::Append { .. }
            | NodeKind::MergeAppend { .. }
            | NodeKind::Sort { .. }
            | NodeKind::TopN { .. }
            | NodeKind::HashJoin(_)
            | NodeKind::MergeJoin(_)
            | NodeKind::NestedLoopJoin { .. }
            | NodeKind::Apply { .. }
            | NodeKind::LookupJoin { .. }
            | NodeKind::HashAggregate(_)
            | NodeKind::SortedAggregate(_)
            | NodeKind::Window { .. }
            | NodeKind::HashDistinct { .. }
            | NodeKind::SortedDistinct { .. }
            | NodeKind::SetOperation { .. }
            | NodeKind::SortedSetOperation { .. }
            | NodeKind::Memoize { .. }
            | NodeKind::Recursive { .. } => false,
        }
    }

    /// Whether a plan could be run backwards without keeping rows, as PostgreSQL sees it.
    pub fn goes_back(&self) -> bool {
        match self {
            NodeKind::Values { rows } => rows.len() > 1,
            NodeKind::TableScan(scan) => scan.sample.is_none(),
            NodeKind::IndexScan(_)
            | NodeKind::SystemScan { .. }
            | NodeKind::FunctionScan { .. }
            | NodeKind::CommonTableScan { .. }
            | NodeKind::Sort { presorted: 0, .. }
            | NodeKind::TopN { .. } => true,
            NodeKind::Filter { input, .. }
            | NodeKind::Project { input, .. }
            | NodeKind::Limit { input, .. }
            | NodeKind::LockRows { input, .. } => input.kind.goes_back(),
            NodeKind::Append { inputs, .. } => inputs.iter().all(|input| input.kind.goes_back()),
            NodeKind::BitmapScan(_)
            | NodeKind::Sort { .. }
            | NodeKind::MergeAppend { .. }
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
            | NodeKind::HashDistinct { .. }
            | NodeKind::SortedDistinct { .. }
            | NodeKind::SetOperation { .. }
            | NodeKind::SortedSetOperation { .. }
            | NodeKind::Memoize { .. }
            | NodeKind::Recursive { .. }
            | NodeKind::Insert { .. }
            | NodeKind::Update { .. }
            | NodeKind::Delete { .. }
            | NodeKind::Merge { .. } => false,
        }
    }
}
