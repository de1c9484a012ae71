//! What operators are like, as those who run them and hand out their rows ask.

use crate::physical::{Node, NodeKind};

/// What an operator is to whoever asks for changes and locks above or below it.
enum Role<'n> {
    Changes,
    Locks,
    Projects(&'n Node),
    ProjectsSets(&'n Node),
    Limits(&'n Node),
    Other,
}

impl NodeKind {
    fn role(&self) -> Role<'_> {
        match self {
            NodeKind::Insert { .. }
            | NodeKind::Update { .. }
            | NodeKind::Delete { .. }
            | NodeKind::Merge { .. } => Role::Changes,
            NodeKind::LockRows { .. } => Role::Locks,
            NodeKind::Project { input, .. } => Role::Projects(input),
            NodeKind::ProjectSet { input, .. } => Role::ProjectsSets(input),
            NodeKind::Limit { input, .. } => Role::Limits(input),
            NodeKind::Values { .. }
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
            | NodeKind::Recursive { .. } => Role::Other,
        }
    }

    /// Whether it changes rows, or makes what `RETURNING` gives of them.
    pub fn changes_rows(&self) -> bool {
        match self.role() {
            Role::Changes => true,
            Role::Projects(input) | Role::ProjectsSets(input) => input.kind.changes_rows(),
            Role::Locks | Role::Limits(_) | Role::Other => false,
        }
    }

    /// Whether it locks the rows that it hands up.
    pub fn locks_rows(&self) -> bool {
        match self.role() {
            Role::Locks => true,
            Role::Projects(input) | Role::Limits(input) => input.kind.locks_rows(),
            Role::Changes | Role::ProjectsSets(_) | Role::Other => false,
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
