//! Whether a plan makes its rows one after the other, so that none need be made before it is asked for.

use plan::physical::{Node, NodeKind, Plan};

/// Whether no part of a plan takes many rows before it makes one: such parts would take them few by few for a client that wants few.
pub(super) fn streams(plan: &Plan) -> bool {
    plan.subplans.is_empty() && plan.common_tables.is_empty() && node(&plan.root)
}

fn node(of: &Node) -> bool {
    match &of.kind {
        NodeKind::Values { .. }
        | NodeKind::TableScan(_)
        | NodeKind::IndexScan(_)
        | NodeKind::BitmapScan(_)
        | NodeKind::SystemScan { .. }
        | NodeKind::FunctionScan { .. }
        | NodeKind::GivenScan { .. } => true,
        NodeKind::Filter { .. }
        | NodeKind::Project { .. }
        | NodeKind::ProjectSet { .. }
        | NodeKind::Limit { .. }
        | NodeKind::LockRows { .. }
        | NodeKind::Append { .. }
        | NodeKind::Apply { .. }
        | NodeKind::LookupJoin { .. } => {
            let mut all = true;
            of.kind.for_each_input(&mut |input| all = all && node(input));
            all
        }
        NodeKind::CommonTableScan { .. }
        | NodeKind::WorkTableScan { .. }
        | NodeKind::HashJoin(_)
        | NodeKind::MergeJoin(_)
        | NodeKind::NestedLoopJoin { .. }
        | NodeKind::HashAggregate(_)
        | NodeKind::SortedAggregate(_)
        | NodeKind::Window { .. }
        | NodeKind::Sort { .. }
        | NodeKind::TopN { .. }
        | NodeKind::MergeAppend { .. }
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
