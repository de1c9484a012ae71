//! What functions tell of partitioned tables: their keys, the conditions of partitions, who is above and below them.

use catalog::object::{Index, Oid, Table};
use catalog::object::{PartitionKey, PartitionStrategy};
use catalog::operator_class;
use catalog::{Relation, Scope};
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult, SessionFunction, Site};
use std::sync::Arc;
use types::array::ArrayView;
use types::catalog::oid;
use types::{Item, Kind, Type, Types, Value, Vector};

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

/// Whether a row with these keys belongs to a hash partition of a table: `satisfies_hash_partition`.
pub(crate) fn satisfies_hash(scope: &Scope, site: &Site, arguments: &[Item<'_>]) -> FunctionResult<Value> {
    let [Item::Int32(table), Item::Int32(modulus), Item::Int32(remainder), ..] = arguments else {
        return Ok(Value::Bool(false));
    };
    if *modulus <= 0 {
        return refused("modulus for hash partition must be an integer value greater than zero");
    }
    if *remainder < 0 {
        return refused(
            "remainder for hash partition must be an integer value greater than or equal to zero",
        );
    }
    if remainder >= modulus {
        return refused("remainder for hash partition must be less than modulus");
    }
    let table = table.cast_unsigned();
    let Some(found) = scope.relation(table) else {
        let message = format!("could not open relation with OID {table}");
        return Err(FunctionError::plain(SqlState::InternalError, message));
    };
    let key = scope.table(table).and_then(|table| table.inheritance.key.as_ref());
    let Some(key) = key.filter(|key| key.strategy == PartitionStrategy::Hash) else {
        return refused(&format!("\"{}\" is not a hash partitioned table", found.name()));
    };
    let (types, given) =
        (site.arguments.get(3..).unwrap_or_default(), arguments.get(3..).unwrap_or_default());
    let elements: Vec<Item<'_>>;
    let items = match (site.variadic, types, given) {
        (true, [of], [array]) => {
            elements = match array {
                Item::Bytes(bytes) => ArrayView::new(bytes),
                _ => None, // a null instead of an array
            }
            .map_or_else(Vec::new, |array| array.items().collect());
            let element = scope.entry(of.oid).map_or(of.oid, |entry| entry.element);
            check_types(scope, key, |_| element, '"')?;
            check_count(key, elements.len())?;
            &elements[..]
        }
        _ => {
            check_count(key, given.len())?;
            check_types(scope, key, |place| types.get(place).map_or(oid::UNKNOWN, |of| of.oid), ' ')?;
            given
        }
    };
    let mut orders = Vec::with_capacity(key.columns.len());
    for column in &key.columns {
        let users = column.class.and_then(|class| operator_class::partition_hash(scope, class));
        match scope.order(column.column_type()).filter(|_| users.is_none()) {
            Some(order) => orders.push(order),
            None => return Err(FunctionError::Unsupported("such a hash of a partition key".to_owned())),
        }
    }
    let hash = types::hash::partition_hash(orders.iter().zip(items));
    let (modulus, remainder) = (u64::from(modulus.unsigned_abs()), u64::from(remainder.unsigned_abs()));
    Ok(Value::Bool(hash % modulus == remainder))
}

fn refused<T>(message: &str) -> FunctionResult<T> {
    Err(FunctionError::plain(SqlState::InvalidParameterValue, message.to_owned()))
}

fn check_count(key: &PartitionKey, given: usize) -> FunctionResult<()> {
    let wanted = key.columns.len();
    match given == wanted {
        true => Ok(()),
        false => refused(&format!(
            "number of partitioning columns ({wanted}) does not match number of partition keys provided ({given})"
        )),
    }
}

/// That what is given is of the types of the keys, or may stand for those.
fn check_types(
    scope: &Scope,
    key: &PartitionKey,
    given: impl Fn(usize) -> Oid,
    quote: char,
) -> FunctionResult<()> {
    for (place, column) in key.columns.iter().enumerate() {
        let (wanted, given) = (column.type_oid, given(place));
        if wanted == given || stands_for(scope, given, wanted) {
            continue;
        }
        let shown = |of: Oid| {
            let name = types::catalog::type_name(scope, of, None);
            if quote == '"' { format!("\"{name}\"") } else { name }
        };
        return refused(&format!(
            "column {} of the partition key has type {}, but supplied value is of type {}",
            place + 1,
            shown(wanted),
            shown(given)
        ));
    }
    Ok(())
}

/// Whether values of a type are values of another as they are.
fn stands_for(scope: &Scope, given: Oid, wanted: Oid) -> bool {
    let text = |of: Oid| matches!(of, oid::TEXT | oid::VARCHAR);
    let of = scope.undomained(Type::of(given)).oid;
    of == wanted || text(of) && text(wanted)
}
