//! What a result depends on: whether nothing but rows of tables, parameters and settings, and which tables.

use crate::expression::{Expression, ExpressionKind, FunctionId};
use crate::facts::{Facts, Volatility};
use crate::logical::{CommonTable, Logical};
use std::collections::BTreeSet;
use types::catalog::oid;

/// The trees of the tables that a query reads, if its result depends on nothing else: the same rows come of the same trees.
pub(crate) fn reads_only(root: &Logical, common: &[CommonTable], facts: &dyn Facts) -> Option<Vec<u64>> {
    let mut trees = BTreeSet::new();
    let mut only = true;
    for query in std::iter::once(root).chain(common.iter().map(|table| &table.query)) {
        query.walk(&mut |operator| {
            only = only && depends_on_rows(operator, &mut trees, facts);
        });
    }
    (only && !trees.is_empty()).then(|| trees.into_iter().collect())
}

/// Whether one operator's rows follow from those below it and from tables, whose trees are noted.
fn depends_on_rows(operator: &Logical, trees: &mut BTreeSet<u64>, facts: &dyn Facts) -> bool {
    let same = |function: FunctionId| is_same_again(function, facts);
    let itself = match operator {
        Logical::Scan(scan) => {
            // Rows of a family come of the trees of all its members.
            trees.insert(scan.tree);
            trees.extend(scan.members.iter().map(|member| member.tree));
            scan.sample.is_none()
        }
        Logical::Aggregate(grouping) => grouping.aggregates.iter().all(|aggregate| same(aggregate.function)),
        Logical::Window(window) => window.functions.iter().all(|call| same(call.function)),
        Logical::SystemScan { .. }
        | Logical::Given { .. }
        | Logical::LockRows { .. }
        | Logical::Insert(_)
        | Logical::Update(_)
        | Logical::Delete(_)
        | Logical::Merge(_) => false,
        Logical::Values { .. }
        | Logical::Empty { .. }
        | Logical::Functions { .. }
        | Logical::CommonTable { .. }
        | Logical::WorkTable { .. }
        | Logical::Filter { .. }
        | Logical::Project { .. }
        | Logical::ProjectSet { .. }
        | Logical::Join(_)
        | Logical::Set(_)
        | Logical::Recursive(_)
        | Logical::Sort { .. }
        | Logical::Limit { .. }
        | Logical::Distinct { .. } => true,
    };
    let mut only = itself;
    operator.for_each_expression(&mut |expression| only = only && is_fixed(expression, facts));
    only
}

/// Whether an expression's value follows from the values in it.
fn is_fixed(expression: &Expression, facts: &dyn Facts) -> bool {
    !expression.any(&mut |part| match &part.kind {
        ExpressionKind::Call(_)
        | ExpressionKind::IsDistinct { .. }
        | ExpressionKind::NullIf { .. }
        | ExpressionKind::Quantified { .. }
        | ExpressionKind::RowCompare { .. } => part.calls(|function| !is_same_again(function, facts)),
        // Texts of dates may say `now`.
        ExpressionKind::ThroughText(_) => names_moments(part.result.oid),
        ExpressionKind::SqlValue(_) | ExpressionKind::DomainCheck { .. } => true,
        ExpressionKind::Constant(_)
        | ExpressionKind::Parameter(_)
        | ExpressionKind::Column(_)
        | ExpressionKind::Slot(_)
        | ExpressionKind::Outer(_)
        | ExpressionKind::And(_)
        | ExpressionKind::Or(_)
        | ExpressionKind::Not(_)
        | ExpressionKind::IsNull { .. }
        | ExpressionKind::IsBoolean { .. }
        | ExpressionKind::Case { .. }
        | ExpressionKind::CaseOperand
        | ExpressionKind::Coalesce(_)
        | ExpressionKind::Extreme { .. }
        | ExpressionKind::Relabel(_)
        | ExpressionKind::Collate { .. }
        | ExpressionKind::ArrayCast { .. }
        | ExpressionKind::Element
        | ExpressionKind::RowCast { .. }
        | ExpressionKind::Array { .. }
        | ExpressionKind::Row(_)
        | ExpressionKind::Field { .. }
        | ExpressionKind::Subscript { .. }
        | ExpressionKind::Replace { .. }
        | ExpressionKind::InList { .. }
        | ExpressionKind::Grouping(_)
        | ExpressionKind::Subquery(_)
        | ExpressionKind::Subplan { .. } => false,
    })
}

/// Whether a function gives the same whenever it is called, as far as the system itself knows.
fn is_same_again(function: FunctionId, facts: &dyn Facts) -> bool {
    function.0 < super::walk::FIRST_USERS_FUNCTION
        && facts.function(function).volatility == Volatility::Immutable
}

/// Whether texts of a type may name the present. Of what is made of other types nothing is known.
pub(crate) fn names_moments(of: u32) -> bool {
    !matches!(
        of,
        oid::TEXT
            | oid::VARCHAR
            | oid::BPCHAR
            | oid::NAME
            | oid::INT2
            | oid::INT4
            | oid::INT8
            | oid::FLOAT4
            | oid::FLOAT8
            | oid::NUMERIC
            | oid::BOOL
            | oid::UUID
            | oid::JSON
            | oid::JSONB
    )
}
