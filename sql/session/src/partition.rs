//! What functions tell of partitioned tables: their keys, the conditions of partitions, who is above and below them.

use catalog::object::{Index, Oid, Table};
use catalog::{Relation, Scope};
use functions::{FunctionResult, SessionFunction};
use std::sync::Arc;
use types::{Kind, Value, Vector};

/// The table or index that a partition is a part of; of what can be one.
fn parent_of(scope: &Scope, oid: Oid) -> Option<Oid> {
    match scope.relation(oid)? {
        Relation::Table(table) => table.partition_of(),
        Relation::Index(index) => Some(index.parent).filter(|parent| *parent != 0),
        Relation::View(_) | Relation::Sequence(_) | Relation::Composite(_) | Relation::System(_) => None,
    }
}

/// Whether something is divided, or a part.
fn is_member(scope: &Scope, oid: Oid) -> bool {
    parent_of(scope, oid).is_some() || is_divided(scope, oid)
}

fn is_divided(scope: &Scope, oid: Oid) -> bool {
    let divided = |table: &Arc<Table>| table.is_partitioned();
    match scope.relation(oid) {
        Some(Relation::Table(table)) => divided(&table),
        Some(Relation::Index(index)) => scope.table(index.table).is_some_and(divided),
        _ => false, // nothing else is ever divided
    }
}

fn parts_of(scope: &Scope, oid: Oid) -> Vec<Oid> {
    match scope.relation(oid) {
        Some(Relation::Table(table)) if table.is_partitioned() => {
            scope.attached_to(oid).map(|part| part.oid).collect()
        }
        Some(Relation::Index(index)) => {
            let index: &Index = &index;
            scope.parts_of_index(index).map(|part| part.oid).collect()
        }
        _ => Vec::new(), // nothing else has parts
    }
}

/// The tables that inherit from a table, partitions among them, and from those, each once.
pub(crate) fn heirs(scope: &Scope, table: Oid) -> Vec<Arc<Table>> {
    let mut found: Vec<Arc<Table>> = Vec::new();
    let mut open = vec![table];
    while let Some(above) = open.pop() {
        for child in scope.attached_to(above) {
            if !found.iter().any(|known| known.oid == child.oid) {
                found.push(child.clone());
                open.push(child.oid);
            }
        }
    }
    found
}

/// Something and all above it, the nearest first; nothing if it is no part of anything.
fn ancestors(scope: &Scope, oid: Oid) -> Vec<Oid> {
    if !is_member(scope, oid) {
        return Vec::new();
    }
    let mut found = vec![oid];
    while let Some(parent) = found.last().and_then(|last| parent_of(scope, *last)) {
        found.push(parent);
    }
    found
}

/// The answer of a function about one table; none of another function.
pub(crate) fn answer(scope: &Scope, function: SessionFunction, oid: Oid) -> Option<Value> {
    let text = |told: Option<String>| told.map_or(Value::Null, |told| Value::text(&told));
    Some(match function {
        SessionFunction::PartitionKeyDefinition => {
            text(scope.table(oid).and_then(|table| scope.partition_key_text(table)))
        }
        SessionFunction::PartitionConstraint => {
            text(scope.table(oid).and_then(|table| scope.partition_constraint_text(table)))
        }
        SessionFunction::PartitionRoot => {
            let root = ancestors(scope, oid).last().copied();
            root.map_or(Value::Null, |root| Value::Int32(root.cast_signed()))
        }
        _ => return None, // all others are about something else
    })
}

/// The rows of a function that lists tables; none of another function.
pub(crate) fn rows(
    scope: &Scope,
    function: SessionFunction,
    oid: Oid,
) -> Option<FunctionResult<Vec<Vector>>> {
    let numbers =
        |found: &[Oid]| Vector::from_values::<i32>(found.iter().map(|oid| oid.cast_signed()).collect());
    match function {
        SessionFunction::PartitionAncestors => Some(Ok(vec![numbers(&ancestors(scope, oid))])),
        SessionFunction::PartitionTree => Some(tree(scope, oid)),
        _ => None, // all others list something else
    }
}

/// A table and all below it, level by level: their numbers, those of what they are parts of, whether they have rows, levels.
fn tree(scope: &Scope, oid: Oid) -> FunctionResult<Vec<Vector>> {
    let mut found: Vec<(Oid, i32)> = Vec::new();
    if is_member(scope, oid) {
        found.push((oid, 0));
    }
    let mut at = 0;
    while let Some((above, level)) = found.get(at).copied() {
        at += 1;
        found.extend(parts_of(scope, above).into_iter().map(|part| (part, level + 1)));
    }
    let number = |oid: Option<Oid>| oid.map_or(Value::Null, |oid| Value::Int32(oid.cast_signed()));
    let mut columns = [Kind::Int32, Kind::Int32, Kind::Bool, Kind::Int32]
        .map(|kind| types::vector::VectorBuilder::new(kind, found.len()));
    for (part, level) in found {
        let row = [
            number(Some(part)),
            number(parent_of(scope, part)),
            Value::Bool(!is_divided(scope, part)),
            Value::Int32(level),
        ];
        for (builder, value) in columns.iter_mut().zip(&row) {
            builder.push(value)?;
        }
    }
    Ok(columns.into_iter().map(types::vector::VectorBuilder::finish).collect())
}
