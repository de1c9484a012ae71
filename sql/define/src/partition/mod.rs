//! Partitioned tables: what they are divided by, which rows their partitions have, how tables become partitions and cease to
//! be some.
//!
//! * `bound`: bounds as they are written, and whether they fit beside those that are there.
//! * `detach`: how a partition leaves its table, at once or in two transactions.
//! * `parts`: what a partition takes over from its table: indexes, keys, foreign keys.
//! * `referred`: what foreign keys to a partitioned table have for its partitions.

mod bound;
mod detach;
mod parts;
mod referred;

pub(crate) use bound::{Bounded, read_bound};
pub use detach::{Detaching, finish_detaching};
pub(crate) use detach::{leave, refuse_detaching};
pub(crate) use parts::{
    add_index_to_parts, add_key_to_parts, attach_index, lock_relation, lock_with_parts, refuse_part,
    refuse_partial_key, take_over,
};
pub(crate) use referred::refer_to_parts;

use crate::access_method::operator_class_named;
use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, detailed, plain};
use crate::table::inherit::inherited_table;
use catalog::object::{
    Column, FIRST_USER_OID, IndexMethod, IndexedValue, Oid, PartitionBound, PartitionColumn, PartitionKey,
    PartitionStrategy, Persistence, Source, Table,
};
use catalog::operator_class;
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::QualifiedName;
use syntax::tree::index::{IndexElement, IndexKey};
use syntax::tree::table::PartitionBy;
use types::Types;
use types::catalog::Form;

/// Most things that a table is divided by.
const KEYS_MAX: usize = 32;

fn at(state: SqlState, message: String, position: u32) -> DefineError {
    DefineError::Plain { state, message, detail: None, hint: None, position: Some(position) }
}

/// What a table is to be divided by.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn partition_key(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    written: &PartitionBy<'_>,
) -> DefineResult<(PartitionKey, Vec<(Address, DependencyKind)>)> {
    let strategy = strategy(written)?;
    if written.elements.len() > KEYS_MAX {
        let message = format!("cannot partition using more than {KEYS_MAX} columns");
        return Err(plain(SqlState::TooManyColumns, message));
    }
    if strategy == PartitionStrategy::List && written.elements.len() > 1 {
        let message = "cannot use \"list\" partition strategy with more than one column";
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    let (mut columns, mut references) = (Vec::with_capacity(written.elements.len()), Vec::new());
    for (number, element) in written.elements.iter().enumerate() {
        let mut uses = Vec::new();
        let (value, of, own) = match &element.key {
            IndexKey::Column(name) => plain_key(table, name.text, name.position)?,
            IndexKey::Expression(_) => expression_key(definer, table, element, (&mut uses, &mut references))?,
        };
        if let IndexedValue::Column(place) = value {
            uses.push(place);
        }
        let collation = match &element.collation {
            Some(written) => definer.collation(of, Some(written))?,
            None => own,
        };
        if collation == 0 && definer.scope.type_collation(of.oid) != 0 {
            let what = "could not determine which collation to use for partition expression";
            return Err(crate::view::no_collation(what.into()));
        }
        if let Some(entry) = definer.scope.entry(of.oid).filter(|entry| entry.form == Form::Pseudo) {
            let message = format!("partition key column {} has pseudo-type {}", number + 1, entry.displayed);
            return Err(plain(SqlState::InvalidTableDefinition, message));
        }
        let class = class_of_key(definer, strategy, element, of, &mut references)?;
        references.extend(definer.on_collation(collation));
        let (type_oid, modifier) = (of.oid, of.modifier);
        columns.push(PartitionColumn { value, uses, type_oid, modifier, collation, class });
    }
    Ok((PartitionKey { strategy, columns }, references))
}

/// The operator class of a key, if it is not the one that its type has anyway.
fn class_of_key(
    definer: &mut Definer<'_>,
    strategy: PartitionStrategy,
    element: &IndexElement<'_>,
    of: types::Type,
    references: &mut Vec<(Address, DependencyKind)>,
) -> DefineResult<Option<Oid>> {
    let method = match strategy {
        PartitionStrategy::Hash => IndexMethod::Hash,
        PartitionStrategy::List | PartitionStrategy::Range => IndexMethod::Ordered,
    };
    let class = match &element.class {
        Some(class) => Some(operator_class_named(definer, &[], (method, class), of)?),
        None => None,
    };
    if definer.scope.order(of).is_none() {
        return Err(no_class(definer, of.oid, strategy));
    }
    let Some(class) = class else {
        if strategy == PartitionStrategy::Hash && !hashable(definer, of) {
            return definer.unsupported("hash partitioning by such a type", Some(element.position));
        }
        return Ok(None);
    };
    let own_hash = operator_class::partition_hash(&definer.scope, class.oid).is_some();
    if !operator_class::is_as_own(&definer.scope, &class)
        || strategy == PartitionStrategy::Hash && !own_hash && !hashable(definer, of)
    {
        return definer.unsupported("a partition key by such an operator class", Some(element.position));
    }
    if class.oid >= FIRST_USER_OID {
        references.push((Address::of(class.oid), DependencyKind::Normal));
    }
    let default = operator_class::default_class(&definer.scope, method, of.oid);
    Ok((default.map(|default| default.oid) != Some(class.oid)).then_some(class.oid))
}

fn strategy(written: &PartitionBy<'_>) -> DefineResult<PartitionStrategy> {
    match written.strategy.text.to_ascii_lowercase().as_str() {
        "list" => Ok(PartitionStrategy::List),
        "range" => Ok(PartitionStrategy::Range),
        "hash" => Ok(PartitionStrategy::Hash),
        _ => {
            let message = format!("unrecognized partitioning strategy \"{}\"", written.strategy.text);
            Err(plain(SqlState::InvalidParameterValue, message))
        }
    }
}

fn no_class(definer: &Definer<'_>, of: Oid, strategy: PartitionStrategy) -> DefineError {
    let method = if strategy == PartitionStrategy::Hash { "hash" } else { "btree" };
    let name = types::catalog::type_name(&definer.scope, of, None);
    DefineError::Plain {
        state: SqlState::UndefinedObject,
        message: format!("data type {name} has no default operator class for access method \"{method}\""),
        detail: None,
        hint: Some(format!(
            "You must specify a {method} operator class or define a default {method} operator class for the data type."
        )),
        position: None,
    }
}

/// Whether rows can be told apart by hashes of a type's values: as PostgreSQL hashes them.
fn hashable(definer: &Definer<'_>, of: types::Type) -> bool {
    use types::vector::Order;
    definer.scope.order(of).is_some_and(|order| match order {
        Order::Bool
        | Order::Int16
        | Order::Int32
        | Order::Unsigned32
        | Order::Int64
        | Order::Float32
        | Order::Float64
        | Order::Numeric
        | Order::Bytes
        | Order::Padded
        | Order::Folded
        | Order::Enum(_)
        | Order::Uuid => true,
        Order::Unsigned64
        | Order::Bits
        | Order::Interval
        | Order::TimeTz
        | Order::Jsonb
        | Order::Array(_)
        | Order::Record(_)
        | Order::Anonymous => false,
    })
}

type Key = (IndexedValue, types::Type, Oid);

fn plain_key(table: &Table, name: &str, position: u32) -> DefineResult<Key> {
    let Some((place, column)) = table.column(name) else {
        return Err(if crate::table::column::refuse_system_column(name).is_err() {
            let message = format!("cannot use system column \"{name}\" in partition key");
            at(SqlState::InvalidObjectDefinition, message, position)
        } else {
            let message = format!("column \"{name}\" named in partition key does not exist");
            at(SqlState::UndefinedColumn, message, position)
        });
    };
    refuse_generated(column, position)?;
    Ok((IndexedValue::Column(crate::table::place(place)), column.column_type(), column.collation))
}

fn refuse_generated(column: &Column, position: u32) -> DefineResult<()> {
    if matches!(column.source, Source::Generated(_)) {
        return Err(DefineError::Plain {
            state: SqlState::InvalidObjectDefinition,
            message: "cannot use generated column in partition key".to_owned(),
            detail: Some(format!("Column \"{}\" is a generated column.", column.name)),
            hint: None,
            position: Some(position),
        });
    }
    Ok(())
}

fn expression_key(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    element: &IndexElement<'_>,
    (uses, references): (&mut Vec<u16>, &mut Vec<(Address, DependencyKind)>),
) -> DefineResult<Key> {
    let IndexKey::Expression(written) = &element.key else {
        return definer.unsupported("such a partition key", Some(element.position));
    };
    let bound = definer.table_condition(table, written, bind::Clause::PartitionKey);
    let bound = bound.map_err(DefineError::without_position)?;
    let of = bound.expression.result;
    // A column in parentheses is a column.
    if let (Some(_), Some(place)) = (bound.expression.as_column(), bound.columns.first()) {
        let column = &table.columns[usize::from(*place)];
        refuse_generated(column, element.position)?;
        return Ok((IndexedValue::Column(*place), column.column_type(), bound.collation));
    }
    for place in &bound.columns {
        refuse_generated(&table.columns[usize::from(*place)], element.position)?;
    }
    if !bound.immutable {
        let message = "functions in partition key expression must be marked IMMUTABLE";
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    let is_pseudo = definer.scope.entry(of.oid).is_some_and(|entry| entry.form == Form::Pseudo);
    if bound.columns.is_empty() && !is_pseudo {
        let message = "cannot use constant expression as partition key";
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    references.extend(bound.references.into_iter().filter(|(on, _)| on.oid != table.oid));
    uses.extend(&bound.columns);
    let collation = bound.collation;
    Ok((IndexedValue::Expression(bound.text), of, collation))
}

/// The partitioned table that a partition is made for, locked.
pub(crate) fn parent(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    persistence: Persistence,
) -> DefineResult<Arc<Table>> {
    let table = inherited_table(definer, name)?;
    if !table.is_partitioned() {
        let message = format!("\"{}\" is not partitioned", table.name);
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    let what = "cannot create a permanent relation as partition of temporary relation";
    crate::table::inherit::refuse_temporary(&table, persistence, what)?;
    if persistence == Persistence::Temporary && table.persistence != Persistence::Temporary {
        let message = format!(
            "cannot create a temporary relation as partition of permanent relation \"{}\"",
            table.name
        );
        return Err(plain(SqlState::WrongObjectType, message));
    }
    definer.require_owner(table.oid)?;
    let table = definer.lock_table(&table, RelationMode::AccessExclusive)?;
    lock_default(definer, table.oid)?;
    Ok(table)
}

/// Waits until nobody uses the partition for all other rows, before another one comes: who writes into it by what he knows of
/// its rows would leave some there that are the new one's.
fn lock_default(definer: &mut Definer<'_>, parent: Oid) -> DefineResult<()> {
    let Some(default) = default_of(definer, parent) else { return Ok(()) };
    let default = definer.lock_table(&default, RelationMode::AccessExclusive)?;
    let mut changed = vec![default.oid];
    for leaf in leaves(definer, &default) {
        changed.push(definer.lock_table(&leaf, RelationMode::AccessExclusive)?.oid);
    }
    // Which rows may be there is another question now.
    changed.dedup();
    changed.into_iter().try_for_each(|table| definer.touch(table))?;
    definer.refresh()
}

/// The partition for all other rows.
fn default_of(definer: &Definer<'_>, parent: Oid) -> Option<Arc<Table>> {
    let mut parts = definer.scope.children_of(parent);
    parts.find(|part| part.inheritance.bound == Some(PartitionBound::Default)).cloned()
}

/// Whether a column is part of what its table is divided by, and so cannot be dropped or become another's type.
pub(crate) fn refuse_key_column(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    place: u16,
    verb: &str,
) -> DefineResult<()> {
    let Some(key) = table.inheritance.key.clone() else { return Ok(()) };
    let name = table.columns[usize::from(place)].name.clone();
    for column in &key.columns {
        let how = match &column.value {
            IndexedValue::Column(own) if *own == place => "part of the partition key",
            IndexedValue::Column(_) => continue,
            IndexedValue::Expression(text) => {
                let relation = plan::expression::RelationId(u32::MAX);
                let bound = bind::definition::kept_over_table(definer.binding(), table, relation, text)?;
                let places: Vec<usize> = table.live_columns().map(|(place, _)| place).collect();
                let mut uses = false;
                bound.for_each_column(&mut |column| {
                    uses |= places.get(column.index as usize) == Some(&usize::from(place));
                });
                if !uses {
                    continue;
                }
                "referenced in the partition key expression"
            }
        };
        let message = match how {
            "part of the partition key" => format!(
                "cannot {verb} column \"{name}\" because it is part of the partition key of relation \"{}\"",
                table.name
            ),
            _ => format!(
                "cannot {verb} column \"{name}\" because it is part of the partition key of relation \"{}\"",
                table.name
            ),
        };
        return Err(plain(SqlState::InvalidTableDefinition, message));
    }
    Ok(())
}

/// Rows of the partition for all other rows stay there when another partition comes: looks whether they may. Of one that is
/// divided itself PostgreSQL tells which part has such a row if the other is attached, and not if it is made.
pub(crate) fn check_default(
    definer: &mut Definer<'_>,
    parent: Oid,
    added: Oid,
    attached: bool,
) -> DefineResult<()> {
    let Some(default) = default_of(definer, parent).filter(|default| default.oid != added) else {
        return Ok(());
    };
    for leaf in leaves(definer, &default) {
        if leaf.is_foreign() && attached {
            continue;
        }
        if leaf.is_foreign() {
            let message = format!(
                "skipped scanning foreign table \"{}\" which is a partition of default partition \"{}\"",
                leaf.name, default.name
            );
            definer.notice(DefineNotice::Warning(SqlState::CheckViolation, message));
            continue;
        }
        if !definer.keeps_within(leaf.oid)? {
            let message = format!(
                "updated partition constraint for default partition \"{}\" would be violated by some row",
                if attached { &leaf.name } else { &default.name }
            );
            return Err(plain(SqlState::CheckViolation, message));
        }
    }
    Ok(())
}

/// The tables that have the rows of a table or partition.
pub(crate) fn leaves(definer: &Definer<'_>, table: &Arc<Table>) -> Vec<Arc<Table>> {
    let mut found = Vec::new();
    let mut open = vec![table.clone()];
    while let Some(next) = open.pop() {
        if next.is_partitioned() {
            open.extend(definer.scope.attached_to(next.oid).cloned());
        } else {
            found.push(next);
        }
    }
    found.sort_by_key(|table| table.oid);
    found
}

/// `ALTER TABLE … ATTACH PARTITION`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn attach(
    definer: &mut Definer<'_>,
    parent: Oid,
    name: &QualifiedName<'_>,
    bound: &syntax::tree::table::PartitionBound<'_>,
) -> DefineResult<()> {
    let parent = definer.table(parent)?;
    if !parent.is_partitioned() {
        let message = format!("table \"{}\" is not partitioned", parent.name);
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    let bounded = read_bound(definer, &parent, bound)?;
    let table = inherited_table(definer, name)?;
    definer.require_owner(table.oid)?;
    let table = definer.lock_table(&table, RelationMode::AccessExclusive)?;
    may_attach(definer, &parent, &table)?;
    bounded.check(definer, &parent, &table.name)?;
    lock_default(definer, parent.oid)?;
    crate::inherit::adopt(definer, &table, &parent, true)?;
    let value = bounded.bound.clone();
    let (oid, above) = (table.oid, parent.oid);
    definer.alter_table(oid, |table| {
        table.inheritance.parents = vec![above];
        table.inheritance.bound = Some(value);
    })?;
    definer.depend(oid, &[(Address::of(above), DependencyKind::Auto)])?;
    definer.touch(above)?;
    definer.refresh()?;
    if table.is_foreign() {
        let message = format!(
            "cannot attach foreign table \"{}\" as partition of partitioned table \"{}\"",
            table.name, parent.name
        );
        let detail = format!("Partitioned table \"{}\" contains unique indexes.", parent.name);
        crate::foreign::table::refuse_unique_parent(definer, &parent, (message, detail))?;
    }
    take_over(definer, oid, &parent)?;
    let table = definer.table(oid)?;
    for leaf in leaves(definer, &table) {
        if !definer.keeps_within(leaf.oid)? {
            let message =
                format!("partition constraint of relation \"{}\" is violated by some row", leaf.name);
            return Err(plain(SqlState::CheckViolation, message));
        }
    }
    check_default(definer, above, oid, true)
}

fn may_attach(definer: &Definer<'_>, parent: &Arc<Table>, table: &Arc<Table>) -> DefineResult<()> {
    let wrong = |message: String| Err(plain(SqlState::WrongObjectType, message));
    if table.partition_of().is_some() {
        return wrong(format!("\"{}\" is already a partition", table.name));
    }
    if table.of_type != 0 {
        return wrong("cannot attach a typed table as partition".to_owned());
    }
    if !table.inheritance.parents.is_empty() {
        return wrong("cannot attach inheritance child as partition".to_owned());
    }
    if !table.is_partitioned() && definer.scope.children_of(table.oid).next().is_some() {
        return wrong("cannot attach inheritance parent as partition".to_owned());
    }
    let mut above = Some(parent.clone());
    while let Some(one) = above {
        if one.oid == table.oid {
            let detail = format!("\"{}\" is already a child of \"{}\".", parent.name, table.name);
            let message = "circular inheritance not allowed".to_owned();
            return Err(detailed(SqlState::DuplicateTable, message, detail));
        }
        above = one.partition_of().and_then(|oid| definer.scope.table(oid).cloned());
    }
    let temporary = |table: &Table| table.persistence == Persistence::Temporary;
    match (temporary(parent), temporary(table)) {
        (true, false) => {
            return wrong(format!(
                "cannot attach a permanent relation as partition of temporary relation \"{}\"",
                parent.name
            ));
        }
        (false, true) => {
            return wrong(format!(
                "cannot attach a temporary relation as partition of permanent relation \"{}\"",
                parent.name
            ));
        }
        (true, true) | (false, false) => {}
    }
    for (_, column) in table.live_columns() {
        if parent.column(&column.name).is_none() {
            let message = format!(
                "table \"{}\" contains column \"{}\" not found in parent \"{}\"",
                table.name, column.name, parent.name
            );
            let detail = "The new partition may contain only the columns present in parent.".to_owned();
            return Err(detailed(SqlState::DatatypeMismatch, message, detail));
        }
    }
    crate::trigger::refuse_transitions(definer, table, "a partition")
}
