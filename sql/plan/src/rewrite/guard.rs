//! Guards go before the conditions of whoever reads a table: what may tell of a row what it sees must not see rows that it is not
//! shown (PostgreSQL's levels of security).

use super::order::sort;
use super::push::conjuncts;
use crate::expression::{Expression, ExpressionKind, FunctionId, RelationId};
use crate::facts::Facts;
use crate::logical::{Logical, Scan};
use types::catalog::oid;

/// Puts all guards of a statement into filters, before what is asked there besides.
pub(super) fn put_guards(logical: &mut Logical, facts: &dyn Facts) {
    if let Logical::Filter { input, conditions } = logical
        && let Logical::Scan(scan) = &mut **input
        && !scan.guards.is_empty()
    {
        *conditions = guarded(scan, std::mem::take(conditions), facts);
    }
    if let Logical::Scan(scan) = logical
        && !scan.guards.is_empty()
    {
        let conditions = guarded(scan, Vec::new(), facts);
        if !conditions.is_empty() {
            let scan = std::mem::replace(logical, Logical::nothing(RelationId(u32::MAX)));
            *logical = Logical::Filter { input: Box::new(scan), conditions };
        }
    }
    logical.for_each_expression_mut(&mut |expression| {
        expression.rewrite(&mut |part| {
            if let ExpressionKind::Subquery(subquery) = &mut part.kind {
                put_guards(&mut subquery.query, facts);
            }
        });
    });
    logical.for_each_input_mut(&mut |input| put_guards(input, facts));
}

/// The guards of a scan and the conditions that are asked besides, in the order in which they may be asked.
fn guarded(scan: &mut Scan, conditions: Vec<Expression>, facts: &dyn Facts) -> Vec<Expression> {
    scan.guarded = true;
    let mut levels: Vec<Vec<Expression>> = Vec::new();
    for guard in std::mem::take(&mut scan.guards) {
        levels.push(conjuncts(vec![guard]));
    }
    levels.push(conditions);
    let mut first: Vec<Expression> = Vec::new();
    for (place, level) in levels.iter_mut().enumerate() {
        let (safe, others) = std::mem::take(level)
            .into_iter()
            .partition(|condition| place == 0 || is_leakproof(condition, facts));
        first.extend::<Vec<_>>(safe);
        *level = others;
    }
    levels.insert(0, first);
    levels.iter_mut().for_each(|level| sort(level, facts));
    levels.into_iter().flatten().collect()
}

/// Whether an expression tells nothing of columns but its value: what it calls with any has no other effect, not even an error
/// (`contain_leaked_vars`).
pub(crate) fn is_leakproof(expression: &Expression, facts: &dyn Facts) -> bool {
    let leaks = |called: FunctionId| !facts.function(called).leakproof;
    !expression.any(&mut |part| match &part.kind {
        ExpressionKind::Call(_)
        | ExpressionKind::Quantified { .. }
        | ExpressionKind::IsDistinct { .. }
        | ExpressionKind::NullIf { .. }
        | ExpressionKind::RowCompare { .. } => part.calls(leaks) && part.has_column(),
        ExpressionKind::InList { operand, .. } => {
            !is_compared_quietly(operand.result.oid) && part.has_column()
        }
        ExpressionKind::Extreme { .. } => !is_compared_quietly(part.result.oid) && part.has_column(),
        ExpressionKind::ThroughText(_)
        | ExpressionKind::ArrayCast { .. }
        | ExpressionKind::DomainCheck { .. }
        | ExpressionKind::Subscript { .. }
        | ExpressionKind::Replace { .. } => part.has_column(),
        ExpressionKind::Subquery(_) | ExpressionKind::Subplan { .. } => true,
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
        | ExpressionKind::Relabel(_)
        | ExpressionKind::Collate { .. }
        | ExpressionKind::Element
        | ExpressionKind::RowCast { .. }
        | ExpressionKind::Array { .. }
        | ExpressionKind::Row(_)
        | ExpressionKind::Field { .. }
        | ExpressionKind::SqlValue(_)
        | ExpressionKind::Grouping(_) => false,
    })
}

/// Whether values of a type are compared by functions that are leakproof.
fn is_compared_quietly(of: u32) -> bool {
    matches!(
        of,
        oid::BOOL
            | oid::BYTEA
            | oid::CHAR
            | oid::NAME
            | oid::INT8
            | oid::INT2
            | oid::INT4
            | oid::TEXT
            | oid::OID
            | oid::FLOAT4
            | oid::FLOAT8
            | oid::BPCHAR
            | oid::VARCHAR
            | oid::DATE
            | oid::TIME
            | oid::TIMESTAMP
            | oid::TIMESTAMPTZ
            | oid::INTERVAL
            | oid::TIMETZ
            | oid::UUID
    )
}
