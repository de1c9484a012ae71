//! What nobody names is not made: columns of scans, projections, groupings, windows, set operations. What may differ each time is made
//! all the same, as in PostgreSQL (`remove_unused_subquery_outputs`): it may do something besides.

use super::substitute::{Substitution, substitute_everywhere};
use crate::expression::{Column, Expression, ExpressionKind, RelationId};
use crate::facts::Facts;
use crate::logical::{Grouping, Logical, Query, RangeName, Window};
use std::collections::{BTreeMap, BTreeSet};
use types::Type;

/// Takes away columns until nothing more goes: what one operator does not make any more, another need not either.
pub(super) fn prune(query: &mut Query, facts: &dyn Facts) {
    // Each round takes at least one column away; the bound is for trees that are deeper than anybody writes.
    for _ in 0..64 {
        let mut named = BTreeSet::new();
        for table in &query.common_tables {
            table.query.for_each_column(&mut |column| {
                named.insert(column);
            });
            named.extend(&table.columns);
        }
        query.root.for_each_column(&mut |column| {
            named.insert(column);
        });
        named.extend(query.output.iter().map(|output| output.column));
        collect_subquery_columns(query, &mut named);
        let mut moved = Moved::default();
        let mut names = std::mem::take(&mut query.names);
        let asked = Asked { named: &named, facts };
        super::for_each_query(query, &mut |logical| prune_in(logical, &asked, &mut names, &mut moved));
        query.names = names;
        if !moved.some_went {
            return;
        }
        substitute_everywhere(query, &moved.places);
    }
}

/// Columns of subqueries are named by the expressions that they are in.
fn collect_subquery_columns(query: &mut Query, named: &mut BTreeSet<Column>) {
    super::for_each_query(query, &mut |logical| {
        logical.walk(&mut |operator| {
            operator.for_each_expression(&mut |expression| {
                expression.walk(&mut |part| {
                    if let ExpressionKind::Subquery(subquery) = &part.kind {
                        named.extend(&subquery.columns);
                    }
                });
            });
        });
    });
}

/// What became of columns.
#[derive(Default)]
struct Moved {
    /// The new places of those that stay behind others that went.
    places: Substitution,
    some_went: bool,
}

/// Which columns are named, and what functions do.
struct Asked<'a> {
    named: &'a BTreeSet<Column>,
    facts: &'a dyn Facts,
}

fn prune_in(
    logical: &mut Logical,
    asked: &Asked<'_>,
    names: &mut BTreeMap<RelationId, RangeName>,
    moved: &mut Moved,
) {
    let Asked { named, facts } = *asked;
    match logical {
        Logical::Scan(scan) => {
            let types = scan.columns.iter().map(|column| column.column_type).collect::<Vec<_>>();
            keep(scan.relation, &types, named, moved, |wanted| {
                retain(&mut scan.columns, wanted);
                scan.members.iter_mut().for_each(|member| retain(&mut member.columns, wanted));
            });
        }
        Logical::SystemScan { relation, columns, .. } => {
            let types = columns.iter().map(|column| column.1).collect::<Vec<_>>();
            keep(*relation, &types, named, moved, |wanted| retain(columns, wanted));
        }
        Logical::Project { relation, expressions, .. } => {
            prune_projection(*relation, expressions, asked, names, moved);
        }
        Logical::Values { relation, types, rows } => {
            let all: Vec<&Vec<Expression>> = rows.iter().collect();
            let wanted = wanted_of_rows(*relation, types.len(), &all, named, facts);
            if renumber(*relation, types, &wanted, moved) {
                retain(types, &wanted);
                rows.iter_mut().for_each(|row| retain(row, &wanted));
            }
        }
        Logical::Empty { .. }
        | Logical::Functions { .. }
        | Logical::CommonTable { .. }
        | Logical::WorkTable { .. }
        | Logical::Given { .. }
        | Logical::Filter { .. }
        | Logical::ProjectSet { .. }
        | Logical::Join(_)
        | Logical::Sort { .. }
        | Logical::Limit { .. }
        | Logical::Distinct { .. }
        | Logical::Recursive(_)
        | Logical::LockRows { .. }
        | Logical::Insert(_)
        | Logical::Update(_)
        | Logical::Delete(_)
        | Logical::Merge(_) => {}
        Logical::Aggregate(grouping) => prune_grouping(grouping, asked, moved),
        Logical::Window(window) => {
            prune_window(window, asked, moved);
            if window.functions.is_empty() {
                super::replace(logical, without_window);
                return prune_in(logical, asked, names, moved);
            }
        }
        Logical::Set(operation) if operation.orders.is_empty() => {
            let relation = operation.relation;
            let all = operation.types.clone();
            keep(relation, &all, named, moved, |wanted| {
                retain(&mut operation.types, wanted);
                operation.inputs.iter_mut().for_each(|input| retain(&mut input.1, wanted));
                names.entry(relation).and_modify(|name| retain(&mut name.columns, wanted));
            });
        }
        Logical::Set(_) => {}
    }
    prune_below(logical, asked, names, moved);
}

/// The same in subqueries of expressions, and in inputs.
fn prune_below(
    logical: &mut Logical,
    asked: &Asked<'_>,
    names: &mut BTreeMap<RelationId, RangeName>,
    moved: &mut Moved,
) {
    logical.for_each_expression_mut(&mut |expression| {
        expression.rewrite(&mut |part| {
            if let ExpressionKind::Subquery(subquery) = &mut part.kind {
                prune_in(&mut subquery.query, asked, names, moved);
            }
        });
    });
    logical.for_each_input_mut(&mut |input| prune_in(input, asked, names, moved));
}

/// Expressions that nobody asks for.
fn prune_projection(
    relation: RelationId,
    expressions: &mut Vec<Expression>,
    asked: &Asked<'_>,
    names: &mut BTreeMap<RelationId, RangeName>,
    moved: &mut Moved,
) {
    let types = expressions.iter().map(|expression| expression.result).collect::<Vec<_>>();
    let wanted = wanted_of_rows(relation, types.len(), &[&*expressions], asked.named, asked.facts);
    if renumber(relation, &types, &wanted, moved) {
        retain(expressions, &wanted);
        names.entry(relation).and_modify(|name| retain(&mut name.columns, &wanted));
    }
}

/// What a window without functions is of.
fn without_window(logical: Logical) -> Logical {
    match logical {
        Logical::Window(window) => window.input,
        other => other,
    }
}

/// Window functions that nobody asks for. Keys that are computed are computed all the same, as in PostgreSQL: one function stays
/// for that.
fn prune_window(window: &mut Window, asked: &Asked<'_>, moved: &mut Moved) {
    let types = window.functions.iter().map(|call| call.result).collect::<Vec<_>>();
    let mut wanted = wanted(window.relation, types.len(), asked.named);
    for (call, wanted) in window.functions.iter().zip(&mut wanted) {
        call.for_each_part(&mut |part| *wanted = *wanted || super::is_volatile(asked.facts, part));
    }
    let mut keys = window.partition.iter().chain(&window.order);
    let computes = keys.any(|key| !matches!(key.expression.kind, ExpressionKind::Column(_)));
    if computes
        && !wanted.contains(&true)
        && let Some(first) = wanted.first_mut()
    {
        *first = true;
    }
    if renumber(window.relation, &types, &wanted, moved) {
        retain(&mut window.functions, &wanted);
    }
}

/// Aggregates that nobody asks for.
fn prune_grouping(grouping: &mut Grouping, asked: &Asked<'_>, moved: &mut Moved) {
    let keys = grouping.keys.len();
    let types = grouping
        .keys
        .iter()
        .map(|key| key.expression.result)
        .chain(grouping.aggregates.iter().map(|aggregate| aggregate.result))
        .chain(grouping.grouping_calls.iter().map(|_| Type::of(types::catalog::oid::INT4)))
        .collect::<Vec<_>>();
    let aggregates = keys..keys + grouping.aggregates.len();
    let mut wanted = wanted(grouping.relation, types.len(), asked.named);
    // Only aggregates go: keys make the groups.
    for (place, wanted) in wanted.iter_mut().enumerate() {
        match place.checked_sub(keys).and_then(|place| grouping.aggregates.get(place)) {
            Some(call) => {
                call.for_each_part(&mut |part| *wanted = *wanted || super::is_volatile(asked.facts, part));
            }
            None => *wanted = true,
        }
    }
    if renumber(grouping.relation, &types, &wanted, moved) {
        retain(&mut grouping.aggregates, &wanted[aggregates]);
    }
}

/// Which columns of rows of expressions are named, or may differ each time.
fn wanted_of_rows(
    relation: RelationId,
    count: usize,
    rows: &[&Vec<Expression>],
    named: &BTreeSet<Column>,
    facts: &dyn Facts,
) -> Vec<bool> {
    let mut wanted = wanted(relation, count, named);
    for row in rows {
        for (wanted, expression) in wanted.iter_mut().zip(*row) {
            *wanted = *wanted || super::is_volatile(facts, expression);
        }
    }
    wanted
}

fn wanted(relation: RelationId, count: usize, named: &BTreeSet<Column>) -> Vec<bool> {
    (0..count as u32).map(|index| named.contains(&Column { relation, index })).collect()
}

fn keep(
    relation: RelationId,
    types: &[Type],
    named: &BTreeSet<Column>,
    moved: &mut Moved,
    take: impl FnOnce(&[bool]),
) {
    let wanted = wanted(relation, types.len(), named);
    if renumber(relation, types, &wanted, moved) {
        take(&wanted);
    }
}

/// Gives the columns that stay their new places; false if all stay.
fn renumber(relation: RelationId, types: &[Type], wanted: &[bool], moved: &mut Moved) -> bool {
    if wanted.iter().all(|wanted| *wanted) {
        return false;
    }
    moved.some_went = true;
    let mut place = 0u32;
    for ((index, of), wanted) in (0u32..).zip(types).zip(wanted) {
        if *wanted && place != index {
            let stays = Column { relation, index: place };
            moved.places.insert(Column { relation, index }, Expression::column(stays, *of));
        }
        place += u32::from(*wanted);
    }
    true
}

fn retain<T>(values: &mut Vec<T>, wanted: &[bool]) {
    let mut wanted = wanted.iter();
    values.retain(|_| wanted.next().copied().unwrap_or(true));
}
