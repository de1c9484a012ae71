//! Copies of queries, and renaming of columns throughout a query.

use crate::binder::Binder;
use plan::expression::{Column, Expression, ExpressionKind, RelationId};
use plan::logical::{CommonTable, CommonTableId, JoinKind, Logical, WorkTableId};
use plan::walk::made_relations;
use std::collections::BTreeMap;

/// A query and its columns.
pub(crate) type WithColumns = (Logical, Vec<Column>);

/// A first copy of a query, whose relations have numbers of their own. It takes over what its recursions work on, which tables of
/// `WITH` beside it may read.
pub(crate) fn first_copy(binder: &mut Binder<'_>, query: &Logical, columns: &[Column]) -> WithColumns {
    let numbers = fresh_relations(binder, query);
    renumbered(query, columns, &numbers)
}

/// Another copy. Its recursions work on tables of their own, and so it has its own of those among `kept` that read them.
pub(crate) fn fresh_copy(
    binder: &mut Binder<'_>,
    (query, columns): (&Logical, &[Column]),
    kept: &mut Vec<CommonTable>,
) -> WithColumns {
    let (mut copy, columns) = first_copy(binder, query, columns);
    let mut work_tables: BTreeMap<WorkTableId, WorkTableId> = BTreeMap::new();
    each_operator(&mut copy, &mut |operator| {
        if let Logical::Recursive(recursive) = operator {
            let fresh = WorkTableId(binder.work_tables);
            binder.work_tables += 1;
            work_tables.insert(recursive.work_table, fresh);
            recursive.work_table = fresh;
        }
    });
    let tables =
        if work_tables.is_empty() { BTreeMap::new() } else { copied_readers(binder, &work_tables, kept) };
    redirect(&mut copy, &work_tables, &tables);
    (copy, columns)
}

/// Copies the tables of `WITH` that read what recursions work on, themselves or by others of them; answers the numbers of the copies.
fn copied_readers(
    binder: &mut Binder<'_>,
    work_tables: &BTreeMap<WorkTableId, WorkTableId>,
    kept: &mut Vec<CommonTable>,
) -> BTreeMap<CommonTableId, CommonTableId> {
    let mut tables: BTreeMap<CommonTableId, CommonTableId> = BTreeMap::new();
    for number in 0..kept.len() {
        let mut reads = false;
        kept[number].query.walk(&mut |part| {
            reads |= match part {
                Logical::WorkTable { table, .. } => work_tables.contains_key(table),
                Logical::CommonTable { table, .. } => tables.contains_key(table),
                _ => false, // reads nothing that a recursion has made
            };
        });
        if reads {
            let CommonTable { name, query, columns, changes } = kept[number].clone();
            let (mut query, columns) = fresh_copy(binder, (&query, &columns), kept);
            redirect(&mut query, work_tables, &tables);
            tables.insert(CommonTableId(number as u32), CommonTableId(kept.len() as u32));
            kept.push(CommonTable { name, query, columns, changes });
        }
    }
    tables
}

/// Lets a query read other tables.
fn redirect(
    query: &mut Logical,
    work_tables: &BTreeMap<WorkTableId, WorkTableId>,
    tables: &BTreeMap<CommonTableId, CommonTableId>,
) {
    each_operator(query, &mut |operator| match operator {
        Logical::WorkTable { table, .. } => *table = work_tables.get(table).copied().unwrap_or(*table),
        Logical::CommonTable { table, .. } => *table = tables.get(table).copied().unwrap_or(*table),
        _ => {} // reads neither
    });
}

/// New numbers for the relations of a query.
fn fresh_relations(binder: &mut Binder<'_>, query: &Logical) -> BTreeMap<RelationId, RelationId> {
    let mut numbers: BTreeMap<RelationId, RelationId> = BTreeMap::new();
    for relation in made_relations(query) {
        let fresh = binder.relation();
        numbers.insert(relation, fresh);
        if let Some(columns) = binder.system_columns.get(&relation).cloned() {
            binder.system_columns.insert(fresh, columns);
        }
        if let Some(scan) = binder.scans.get(&relation).cloned() {
            binder.scans.insert(fresh, plan::logical::Scan { relation: fresh, ..scan });
        }
    }
    numbers
}

fn renumbered(
    query: &Logical,
    columns: &[Column],
    numbers: &BTreeMap<RelationId, RelationId>,
) -> WithColumns {
    let mut copy = query.clone();
    let number = by_numbers(numbers);
    map_columns(&mut copy, &|column| number(&mut column.relation));
    each_operator(&mut copy, &mut |operator| own_relations(operator, &number));
    let mut columns = columns.to_vec();
    columns.iter_mut().for_each(|column| number(&mut column.relation));
    (copy, columns)
}

/// Gives relations other numbers, those that have some.
fn by_numbers(numbers: &BTreeMap<RelationId, RelationId>) -> impl Fn(&mut RelationId) {
    |relation| {
        if let Some(fresh) = numbers.get(relation) {
            *relation = *fresh;
        }
    }
}

/// Gives the relations of subqueries within an expression other numbers.
pub(crate) fn renumber_within(expression: &mut Expression, numbers: &BTreeMap<RelationId, RelationId>) {
    let number = by_numbers(numbers);
    map_expression(expression, &|column| number(&mut column.relation));
    each_in_expression(expression, &mut |operator| own_relations(operator, &number));
}

/// Calls `visit` with an operator and all below it, those of subqueries among them.
pub(crate) fn each_operator(operator: &mut Logical, visit: &mut dyn FnMut(&mut Logical)) {
    visit(operator);
    operator.for_each_expression_mut(&mut |expression| each_in_expression(expression, visit));
    operator.for_each_input_mut(&mut |input| each_operator(input, visit));
}

fn each_in_expression(expression: &mut Expression, visit: &mut dyn FnMut(&mut Logical)) {
    if let ExpressionKind::Subquery(subquery) = &mut expression.kind {
        each_operator(&mut subquery.query, visit);
    }
    expression.for_each_part_mut(&mut |part| each_in_expression(part, visit));
}

/// Renames every column that is named anywhere in a query.
pub(crate) fn map_columns(operator: &mut Logical, map: &dyn Fn(&mut Column)) {
    operator.for_each_expression_mut(&mut |expression| map_expression(expression, map));
    match operator {
        Logical::Set(set) => set.inputs.iter_mut().flat_map(|input| &mut input.1).for_each(map),
        Logical::Recursive(recursive) => {
            recursive.start.1.iter_mut().chain(&mut recursive.step.1).for_each(map);
        }
        Logical::LockRows { locks, .. } => {
            for lock in locks {
                map(&mut lock.row_id);
                lock.members.iter_mut().for_each(|(column, _)| map(column));
            }
        }
        Logical::Update(update) => {
            map(&mut update.row_id);
            update.table_oid.iter_mut().for_each(map);
        }
        Logical::Delete(delete) => {
            map(&mut delete.row_id);
            delete.table_oid.iter_mut().for_each(map);
        }
        Logical::Merge(merge) => {
            map(&mut merge.row_id);
            merge.table_oid.iter_mut().for_each(map);
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
    operator.for_each_input_mut(&mut |input| map_columns(input, map));
}

/// Renames every column within an expression.
pub(crate) fn map_expression(expression: &mut Expression, map: &dyn Fn(&mut Column)) {
    match &mut expression.kind {
        ExpressionKind::Column(column) => map(column),
        ExpressionKind::Subquery(subquery) => {
            subquery.columns.iter_mut().for_each(map);
            map_columns(&mut subquery.query, map);
        }
        _ => {}
    }
    expression.for_each_part_mut(&mut |part| map_expression(part, map));
}

/// The numbers that an operator gives to what it makes.
pub(crate) fn own_relations(operator: &mut Logical, number: &dyn Fn(&mut RelationId)) {
    match operator {
        Logical::Values { relation, .. }
        | Logical::Empty { relation, .. }
        | Logical::SystemScan { relation, .. }
        | Logical::Functions { relation, .. }
        | Logical::CommonTable { relation, .. }
        | Logical::WorkTable { relation, .. }
        | Logical::Given { relation, .. }
        | Logical::Project { relation, .. }
        | Logical::ProjectSet { relation, .. } => number(relation),
        Logical::Scan(scan) => number(&mut scan.relation),
        Logical::Join(join) => {
            if let JoinKind::Mark(relation) = &mut join.kind {
                number(relation);
            }
        }
        Logical::Aggregate(grouping) => number(&mut grouping.relation),
        Logical::Window(window) => number(&mut window.relation),
        Logical::Set(set) => number(&mut set.relation),
        Logical::Recursive(recursive) => number(&mut recursive.relation),
        Logical::Insert(insert) => {
            number(&mut insert.relation);
            if let Some(update) = insert.conflict.as_mut().and_then(|conflict| conflict.update.as_mut()) {
                number(&mut update.existing);
                number(&mut update.excluded);
            }
        }
        Logical::Update(update) => number(&mut update.relation),
        Logical::Delete(delete) => number(&mut delete.relation),
        Logical::Filter { .. }
        | Logical::Sort { .. }
        | Logical::Limit { .. }
        | Logical::Distinct { .. }
        | Logical::LockRows { .. }
        | Logical::Merge(_) => {}
    }
}
