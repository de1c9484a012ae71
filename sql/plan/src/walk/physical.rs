//! The parts of physical operators: inputs and expressions.

use crate::expression::Expression;
use crate::physical::{IndexScan, Node, NodeKind, TableScan};
use crate::row_ids::RowIds;

impl NodeKind {
    /// Its inputs, from left to right. The right side of a lookup join is no input: it is an index.
    pub fn for_each_input<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        match self {
            NodeKind::Values { .. }
            | NodeKind::TableScan(_)
            | NodeKind::IndexScan(_)
            | NodeKind::BitmapScan(_)
            | NodeKind::SystemScan { .. }
            | NodeKind::FunctionScan { .. }
            | NodeKind::CommonTableScan { .. }
            | NodeKind::WorkTableScan { .. }
            | NodeKind::GivenScan { .. } => {}
            NodeKind::Filter { input, .. }
            | NodeKind::Project { input, .. }
            | NodeKind::ProjectSet { input, .. }
            | NodeKind::Window { input, .. }
            | NodeKind::Sort { input, .. }
            | NodeKind::TopN { input, .. }
            | NodeKind::Limit { input, .. }
            | NodeKind::HashDistinct { input, .. }
            | NodeKind::SortedDistinct { input, .. }
            | NodeKind::Memoize { input, .. }
            | NodeKind::SortedSetOperation { input, .. }
            | NodeKind::LockRows { input, .. }
            | NodeKind::Insert { input, .. }
            | NodeKind::Update { input, .. }
            | NodeKind::Delete { input, .. }
            | NodeKind::Merge { input, .. } => visit(input),
            NodeKind::HashJoin(join) => {
                visit(&join.left);
                visit(&join.right);
            }
            NodeKind::MergeJoin(join) => {
                visit(&join.left);
                visit(&join.right);
            }
            NodeKind::NestedLoopJoin { left, right, .. } | NodeKind::Apply { left, right, .. } => {
                visit(left);
                visit(right);
            }
            NodeKind::LookupJoin { left, .. } => visit(left),
            NodeKind::HashAggregate(aggregate) | NodeKind::SortedAggregate(aggregate) => {
                visit(&aggregate.input)
            }
            NodeKind::Append { inputs, .. } | NodeKind::MergeAppend { inputs, .. } => {
                inputs.iter().for_each(visit)
            }
            NodeKind::SetOperation { inputs, .. } => {
                visit(&inputs.0);
                visit(&inputs.1);
            }
            NodeKind::Recursive { start, step, .. } => {
                visit(start);
                visit(step);
            }
        }
    }
}

impl TableScan {
    /// Its expressions.
    pub fn for_each_expression<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        self.filter.iter().for_each(&mut *visit);
        self.row_ids.iter().flat_map(RowIds::tests).for_each(|test| visit(&test.value));
        if let Some(sample) = &self.sample {
            visit(&sample.percentage);
            sample.seed.iter().for_each(|seed| visit(seed));
        }
    }
}

impl IndexScan {
    /// The expressions of its bounds.
    pub fn for_each_bound<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        for range in &self.ranges {
            range.equal.iter().flatten().chain(&range.among).for_each(&mut *visit);
            range.low.iter().chain(&range.high).for_each(|bound| visit(&bound.0));
        }
        self.searches.iter().filter_map(|search| search.value.as_ref()).for_each(&mut *visit);
        self.nearest.iter().flat_map(|nearest| nearest.values()).for_each(visit);
    }
}
