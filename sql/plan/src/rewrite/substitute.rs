//! Columns replaced by what they stand for.

use crate::expression::{Column, Expression, ExpressionKind};
use crate::logical::{Logical, Query};
use std::collections::BTreeMap;

/// What columns stand for.
pub(crate) type Substitution = BTreeMap<Column, Expression>;

/// Replaces columns in an expression, those in queries within among them. What they stand for is taken as it is.
pub(crate) fn substitute(expression: &mut Expression, substitution: &Substitution) {
    if substitution.is_empty() {
        return;
    }
    expression.rewrite(&mut |part| match &mut part.kind {
        ExpressionKind::Column(column) => {
            if let Some(stands_for) = substitution.get(column) {
                *part = stands_for.clone();
            }
        }
        ExpressionKind::Subquery(subquery) => {
            substitute_in(&mut subquery.query, substitution);
            subquery.columns.iter_mut().for_each(|column| rename(column, substitution));
        }
        _ => {}
    });
}

/// Replaces a column by the column that it stands for; one that stands for something else stays.
fn rename(column: &mut Column, substitution: &Substitution) {
    if let Some(next) = substitution.get(column).and_then(Expression::as_column) {
        *column = next;
    }
}

/// Replaces columns in an operator and all below.
pub(crate) fn substitute_in(logical: &mut Logical, substitution: &Substitution) {
    logical.for_each_expression_mut(&mut |expression| substitute(expression, substitution));
    match logical {
        Logical::Set(operation) => {
            operation
                .inputs
                .iter_mut()
                .flat_map(|input| &mut input.1)
                .for_each(|column| rename(column, substitution));
        }
        Logical::Recursive(recursive) => {
            let columns = recursive.start.1.iter_mut().chain(&mut recursive.step.1);
            columns.for_each(|column| rename(column, substitution));
        }
        Logical::LockRows { locks, .. } => {
            for lock in locks {
                rename(&mut lock.row_id, substitution);
                lock.members.iter_mut().for_each(|(column, _)| rename(column, substitution));
            }
        }
        Logical::Update(update) => {
            rename(&mut update.row_id, substitution);
            update.table_oid.iter_mut().for_each(|column| rename(column, substitution));
        }
        Logical::Delete(delete) => {
            rename(&mut delete.row_id, substitution);
            delete.table_oid.iter_mut().for_each(|column| rename(column, substitution));
        }
        Logical::Merge(merge) => {
            rename(&mut merge.row_id, substitution);
            merge.table_oid.iter_mut().for_each(|column| rename(column, substitution));
        }
        Logical::Values { .. }
        | Logical::Empty { .. }
        | Logical::Scan(_)
        | Logical::SystemScan { .. }
        | Logical::Functions { .. }
        | Logical::CommonTable { .. }
        | Logical::WorkTable { .. }
        | Logical::Given { .. }
        | Logical::Filter { .. }
        | Logical::Project { .. }
        | Logical::ProjectSet { .. }
        | Logical::Join(_)
        | Logical::Aggregate(_)
        | Logical::Window(_)
        | Logical::Sort { .. }
        | Logical::Limit { .. }
        | Logical::Distinct { .. }
        | Logical::Insert(_) => {}
    }
    logical.for_each_input_mut(&mut |input| substitute_in(input, substitution));
}

/// Replaces columns in a whole statement.
pub(crate) fn substitute_everywhere(query: &mut Query, substitution: &Substitution) {
    if substitution.is_empty() {
        return;
    }
    for table in &mut query.common_tables {
        substitute_in(&mut table.query, substitution);
        table.columns.iter_mut().for_each(|column| rename(column, substitution));
    }
    substitute_in(&mut query.root, substitution);
    query.output.iter_mut().for_each(|output| rename(&mut output.column, substitution));
}
