//! What a partition takes over from its table: indexes, unique and primary keys, foreign keys.
//!
//! An index of a partitioned table has no entries: each partition has an index of its own that is a part of it. So it is with
//! constraints. A part goes with the whole, and not alone.

use super::referred;
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use crate::index::{IndexDraft, IndexOf};
use crate::table::constraint::{joined, unused};
use catalog::object::{Constraint, Index, IndexedValue, KeyTriggers, Object, Oid, Rule, Table};
use catalog::{Address, DependencyKind, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::QualifiedName;

/// The place in one table of a column of another, by its name.
pub(super) fn moved(from: &Table, to: &Table, place: u16) -> Option<u16> {
    let column = from.columns.get(usize::from(place))?;
    to.column(&column.name).map(|(place, _)| crate::table::place(place))
}

/// Gives a table that has become a partition what its parent has.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn take_over(definer: &mut Definer<'_>, table: Oid, parent: &Arc<Table>) -> DefineResult<()> {
    let indexes: Vec<Arc<Index>> = definer.scope.indexes_of(parent.oid).cloned().collect();
    // What is elsewhere has no indexes.
    let has_indexes = !definer.table(table)?.is_foreign();
    for index in indexes.into_iter().filter(|_| has_indexes) {
        let own = definer.table(table)?;
        match equal_index(definer, parent, &index, &own) {
            Some(part) => join_index(definer, &index, &part)?,
            None => {
                make_part(definer, parent, &index, &own)?;
            }
        }
        definer.refresh()?;
    }
    let keys: Vec<Arc<Constraint>> = definer
        .scope
        .constraints_of(parent.oid)
        .filter(|constraint| matches!(constraint.rule, Rule::ForeignKey { .. }))
        .filter(|constraint| !definer.scope.is_key_to_part(constraint))
        .cloned()
        .collect();
    for key in keys {
        copy_foreign_key(definer, parent, &key, table)?;
        definer.refresh()?;
    }
    let own = definer.table(table)?;
    referred::take_over(definer, &own, parent)?;
    crate::trigger::take_over(definer, table, parent)
}

/// An index of a table that could be the part of an index of its parent, and is none yet.
fn equal_index(definer: &Definer<'_>, parent: &Table, index: &Index, table: &Table) -> Option<Arc<Index>> {
    let constraint = |oid: Oid| definer.scope.constraint_of_index(oid).is_some();
    let found = definer.scope.indexes_of(table.oid).find(|own| {
        own.parent == 0
            && is_equal(parent, index, table, own)
            && (!constraint(index.oid) || constraint(own.oid))
            && own.primary == index.primary
    });
    found.cloned()
}

fn is_equal(parent: &Table, index: &Index, table: &Table, own: &Index) -> bool {
    let value = |value: &IndexedValue| match value {
        IndexedValue::Column(place) => moved(parent, table, *place).map(IndexedValue::Column),
        IndexedValue::Expression(text) => Some(IndexedValue::Expression(text.clone())),
    };
    let same_keys = index.keys.len() == own.keys.len()
        && index.keys.iter().zip(&own.keys).all(|(one, other)| {
            value(&one.value).as_ref() == Some(&other.value)
                && one.descending == other.descending
                && one.nulls_first == other.nulls_first
        });
    let include: Vec<u16> = index.include.iter().filter_map(|place| moved(parent, table, *place)).collect();
    same_keys
        && include == own.include
        && index.unique == own.unique
        && index.nulls_not_distinct == own.nulls_not_distinct
        && index.predicate == own.predicate
}

/// Makes an index, and its constraint, the part of another's.
fn join_index(definer: &mut Definer<'_>, index: &Index, part: &Index) -> DefineResult<()> {
    let whole = index.oid;
    definer.alter_index(part.oid, |index| index.parent = whole)?;
    definer.depend(part.oid, &[(Address::of(whole), DependencyKind::Auto)])?;
    let above = definer.scope.constraint_of_index(whole).map(|constraint| constraint.oid);
    let own = definer.scope.constraint_of_index(part.oid).map(|constraint| constraint.oid);
    if let (Some(above), Some(own)) = (above, own) {
        definer.alter_constraint(own, |constraint| {
            (constraint.parent, constraint.local) = (above, false);
            constraint.inherited = constraint.inherited.saturating_add(1);
        })?;
        definer.depend(own, &[(Address::of(above), DependencyKind::Auto)])?;
    }
    Ok(())
}

/// A unique index has what each level is divided by.
fn refuse_partial_part(table: &Table, index: &Index, keys: &[IndexOf]) -> DefineResult<()> {
    if !index.unique {
        return Ok(());
    }
    refuse_partial_key(table, index.primary, &crate::index::columns_of(keys))
}

/// Makes the part of an index for a partition, and of its partitions.
fn make_part(
    definer: &mut Definer<'_>,
    parent: &Arc<Table>,
    index: &Arc<Index>,
    table: &Arc<Table>,
) -> DefineResult<Oid> {
    let mut keys = Vec::with_capacity(index.keys.len());
    for key in &index.keys {
        let of = match &key.value {
            IndexedValue::Column(place) => match moved(parent, table, *place) {
                Some(place) => IndexOf::column(place),
                None => return definer.unsupported("an index on a column that a partition lacks", None),
            },
            IndexedValue::Expression(text) => {
                let (text, references) = definer.kept_text(table, text)?;
                IndexOf {
                    value: IndexedValue::Expression(text),
                    value_type: Some(types::Type { oid: key.type_oid, modifier: key.modifier }),
                    name: Some(key.name.clone()),
                    references,
                    ..IndexOf::column(0)
                }
            }
        };
        keys.push(IndexOf {
            collation: Some(key.collation),
            class: key.class.and_then(|class| catalog::operator_class::class_of(&definer.scope, class)),
            descending: key.descending,
            nulls_first: key.nulls_first,
            class_options: key.class_options.clone(),
            ..of
        });
    }
    refuse_partial_part(table, index, &keys)?;
    let predicate = index.predicate.as_ref().map(|text| definer.kept_text(table, text)).transpose()?;
    let include: Vec<u16> = index.include.iter().filter_map(|place| moved(parent, table, *place)).collect();
    let constraint = definer.scope.constraint_of_index(index.oid).cloned();
    let draft = IndexDraft {
        name: part_name(definer, table, index, &include),
        keys,
        include,
        unique: index.unique,
        primary: index.primary,
        nulls_equal: index.nulls_not_distinct,
        immediate: index.immediate,
        predicate,
        parent: index.oid,
        method: index.method,
        options: index.options.clone(),
    };
    let name = draft.name.clone();
    let oid = match constraint {
        None => {
            let oid = draft.create(definer, table, None)?;
            definer.depend(oid, &[(Address::of(index.oid), DependencyKind::Auto)])?;
            oid
        }
        Some(above) => make_key_part(definer, parent, (index, &above), table, draft, name)?,
    };
    definer.refresh()?;
    if !table.is_partitioned() {
        definer.build(oid)?;
    }
    let made = definer.scope.index(oid).cloned();
    if let Some(made) = made {
        add_index_to_parts(definer, table, &made)?;
    }
    Ok(oid)
}

fn part_name(definer: &Definer<'_>, table: &Table, index: &Index, include: &[u16]) -> String {
    let taken = |name: &str| {
        definer.scope.relation_in(table.schema, name).is_some()
            || definer.scope.constraints_of(table.oid).any(|known| known.name == name)
    };
    if index.primary {
        return unused(&table.name, None, "pkey", taken);
    }
    let mut shown: Vec<&str> = index.keys.iter().map(|key| key.name.as_str()).collect();
    shown.extend(
        include.iter().filter_map(|place| table.columns.get(usize::from(*place))).map(|it| it.name.as_str()),
    );
    let label = if definer.scope.constraint_of_index(index.oid).is_some() { "key" } else { "idx" };
    unused(&table.name, Some(&joined(&shown)), label, taken)
}

/// The part of a unique or primary key: a constraint with its index.
fn make_key_part(
    definer: &mut Definer<'_>,
    parent: &Arc<Table>,
    (index, above): (&Arc<Index>, &Arc<Constraint>),
    table: &Arc<Table>,
    draft: IndexDraft,
    name: String,
) -> DefineResult<Oid> {
    if index.primary {
        let known = definer
            .scope
            .constraints_of(table.oid)
            .any(|constraint| matches!(constraint.rule, Rule::PrimaryKey(_)));
        if known {
            let (table, position) = (table.name.clone(), None);
            return Err(DefineError::MultiplePrimaryKeys { table, position });
        }
    }
    let oid = definer.new_oids_beside(1, table.oid)?;
    let included = draft.include.clone();
    let made = draft.create(definer, table, Some(oid))?;
    let columns: Vec<u16> = above.columns.iter().filter_map(|place| moved(parent, table, *place)).collect();
    if index.primary {
        for place in &columns {
            crate::alter_table::set_not_null(definer, table.oid, *place)?;
        }
    }
    let constraint = Constraint {
        oid,
        name,
        schema: table.schema,
        table: table.oid,
        columns: columns.clone(),
        rule: if index.primary { Rule::PrimaryKey(made) } else { Rule::Unique(made) },
        local: false,
        inherited: 1,
        parent: above.oid,
        ..Constraint::clone(above)
    };
    let on_column = |place: &u16| (Address::column(table.oid, *place), DependencyKind::Auto);
    let mut references: Vec<(Address, DependencyKind)> =
        columns.iter().chain(&included).map(on_column).collect();
    references.push((Address::of(above.oid), DependencyKind::Auto));
    definer.create(&Object::Constraint(Arc::new(constraint)), &references)?;
    definer.depend(
        made,
        &[(Address::of(oid), DependencyKind::Internal), (Address::of(index.oid), DependencyKind::Auto)],
    )?;
    Ok(made)
}

/// Locks a table and its partitions, all alike; answers the table as [`Definer::lock_table`] does.
///
/// # Errors
/// As there.
pub(crate) fn lock_with_parts(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    mode: RelationMode,
) -> DefineResult<Arc<Table>> {
    let locked = definer.lock_table(table, mode)?;
    if locked.is_partitioned() {
        let parts: Vec<Arc<Table>> = definer.scope.attached_to(locked.oid).cloned().collect();
        for part in parts {
            lock_with_parts(definer, &part, mode)?;
        }
    }
    Ok(locked)
}

/// The same of a relation of any kind; a view is locked against everybody.
///
/// # Errors
/// As there.
pub(crate) fn lock_relation(
    definer: &mut Definer<'_>,
    relation: Relation,
    mode: RelationMode,
) -> DefineResult<Relation> {
    Ok(match relation {
        Relation::Table(table) => Relation::Table(lock_with_parts(definer, &table, mode)?),
        Relation::View(view) => Relation::View(definer.lock_view(&view)?),
        Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) | Relation::System(_) => relation,
    })
}

/// Gives the partitions of a table the parts of an index that it got.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn add_index_to_parts(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    index: &Arc<Index>,
) -> DefineResult<()> {
    if !table.is_partitioned() {
        return Ok(());
    }
    let parts: Vec<Arc<Table>> = definer.scope.attached_to(table.oid).cloned().collect();
    for part in parts.into_iter().filter(|part| !part.is_foreign()) {
        let part = definer.lock_table(&part, RelationMode::Share)?;
        match equal_index(definer, table, index, &part) {
            Some(own) => join_index(definer, index, &own)?,
            None => {
                make_part(definer, table, index, &part)?;
            }
        }
        definer.refresh()?;
    }
    Ok(())
}

/// A foreign key of a partition that could be the part of one of its table, and is none yet.
fn equal_key(definer: &Definer<'_>, parent: &Table, key: &Constraint, table: &Table) -> Option<Oid> {
    let here = |places: &[u16]| -> Vec<u16> {
        places.iter().filter_map(|place| moved(parent, table, *place)).collect()
    };
    let is_equal = |own: &Constraint| {
        let mut wanted = key.rule.clone();
        if let (Rule::ForeignKey { set_columns, triggers, .. }, Rule::ForeignKey { triggers: of_own, .. }) =
            (&mut wanted, &own.rule)
        {
            *set_columns = here(set_columns);
            *triggers = *of_own;
        }
        own.parent == 0
            && own.validated
            && own.rule == wanted
            && own.columns == here(&key.columns)
            && (own.deferrable, own.initially_deferred) == (key.deferrable, key.initially_deferred)
    };
    definer.scope.constraints_of(table.oid).find(|own| is_equal(own)).map(|own| own.oid)
}

/// The foreign key of a partitioned table for one of its partitions: one that it has already, or a copy.
fn copy_foreign_key(
    definer: &mut Definer<'_>,
    parent: &Arc<Table>,
    key: &Arc<Constraint>,
    table: Oid,
) -> DefineResult<()> {
    let own = definer.table(table)?;
    let Rule::ForeignKey { table: to, columns: to_columns, .. } = &key.rule else { return Ok(()) };
    if own.is_foreign() {
        let message = "foreign key constraints are not supported on foreign tables";
        return Err(crate::error::plain(SqlState::WrongObjectType, message));
    }
    let columns: Vec<u16> = key.columns.iter().filter_map(|place| moved(parent, &own, *place)).collect();
    if let Some(there) = equal_key(definer, parent, key, &own) {
        definer.alter_constraint(there, |own| {
            (own.parent, own.local, own.inherited) = (key.oid, false, 1);
        })?;
        definer.depend(there, &[(Address::of(key.oid), DependencyKind::Auto)])?;
        referred::drop_parts(definer, there)?;
        return definer.refresh();
    }
    let names: Vec<String> =
        definer.scope.constraints_of(table).map(|constraint| constraint.name.clone()).collect();
    let name = if names.contains(&key.name) {
        let shown: Vec<&str> = columns
            .iter()
            .filter_map(|place| own.columns.get(usize::from(*place)))
            .map(|it| it.name.as_str())
            .collect();
        unused(&own.name, Some(&joined(&shown)), "fkey", |name| names.iter().any(|known| known == name))
    } else {
        key.name.clone()
    };
    let set_columns =
        |places: &[u16]| places.iter().filter_map(|place| moved(parent, &own, *place)).collect();
    let mut rule = key.rule.clone();
    if let Rule::ForeignKey { set_columns: set, triggers, .. } = &mut rule {
        *set = set_columns(set);
        *triggers = KeyTriggers::new(definer.new_oids_beside(KeyTriggers::COUNT as u32, table)?);
    }
    let oid = definer.new_oids_beside(1, table)?;
    let constraint = Constraint {
        oid,
        name,
        schema: own.schema,
        table,
        columns: columns.clone(),
        rule: rule.clone(),
        local: false,
        inherited: 1,
        parent: key.oid,
        ..Constraint::clone(key)
    };
    let mut references: Vec<(Address, DependencyKind)> =
        columns.iter().map(|place| (Address::column(table, *place), DependencyKind::Auto)).collect();
    references.extend(to_columns.iter().map(|place| (Address::column(*to, *place), DependencyKind::Normal)));
    references.push((Address::of(key.oid), DependencyKind::Auto));
    definer.create(&Object::Constraint(Arc::new(constraint)), &references)?;
    definer.refresh()?;
    if own.is_partitioned() {
        let Some(made) = definer.scope.constraint(oid).cloned() else { return Ok(()) };
        let parts: Vec<Oid> = definer.scope.attached_to(table).map(|part| part.oid).collect();
        for part in parts {
            copy_foreign_key(definer, &own, &made, part)?;
        }
        return Ok(());
    }
    if key.validated { definer.validate(oid) } else { Ok(()) }
}

/// Gives the partitions of a table the parts of a foreign key that it got.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn add_key_to_parts(definer: &mut Definer<'_>, table: Oid, key: Oid) -> DefineResult<()> {
    let (own, Some(key)) = (definer.table(table)?, definer.scope.constraint(key).cloned()) else {
        return Ok(());
    };
    if !own.is_partitioned() {
        return Ok(());
    }
    let parts: Vec<Arc<Table>> = definer.scope.attached_to(table).cloned().collect();
    for part in parts {
        let part = definer.lock_table(&part, RelationMode::ShareRowExclusive)?.oid;
        copy_foreign_key(definer, &own, &key, part)?;
    }
    Ok(())
}

/// What a partition has as parts of its table's becomes its own; answers the foreign keys among it.
pub(super) fn let_go(definer: &mut Definer<'_>, table: &Arc<Table>) -> DefineResult<Vec<Oid>> {
    let indexes: Vec<Arc<Index>> = definer.scope.indexes_of(table.oid).cloned().collect();
    for index in indexes.iter().filter(|index| index.parent != 0) {
        let above = index.parent;
        definer.alter_index(index.oid, |index| index.parent = 0)?;
        definer.undepend(index.oid, above)?;
    }
    let mut keys = Vec::new();
    let constraints: Vec<Arc<Constraint>> = definer.scope.constraints_of(table.oid).cloned().collect();
    for constraint in constraints.iter().filter(|constraint| constraint.parent != 0) {
        if definer.scope.is_key_to_part(constraint) {
            continue;
        }
        let above = constraint.parent;
        definer.alter_constraint(constraint.oid, |constraint| {
            (constraint.parent, constraint.local, constraint.inherited) = (0, true, 0);
        })?;
        definer.undepend(constraint.oid, above)?;
        if let Rule::ForeignKey { .. } = constraint.rule {
            keys.push(constraint.oid);
        }
    }
    definer.refresh()?;
    Ok(keys)
}

/// `ALTER INDEX … ATTACH PARTITION`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn attach_index(
    definer: &mut Definer<'_>,
    whole: &Arc<Index>,
    name: &QualifiedName<'_>,
) -> DefineResult<()> {
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    let part = match definer.scope.find_relation(schema, object)? {
        catalog::Relation::Index(part) => part,
        other => {
            let message = format!("\"{}\" is not an index", other.name());
            return Err(crate::error::plain(SqlState::InvalidObjectDefinition, message));
        }
    };
    if part.parent == whole.oid {
        return Ok(());
    }
    let refuse = |detail: String| {
        let message =
            format!("cannot attach index \"{}\" as a partition of index \"{}\"", part.name, whole.name);
        let state = SqlState::ObjectNotInPrerequisiteState;
        Err(DefineError::Plain { state, message, detail: Some(detail), hint: None, position: None })
    };
    let (above, own) = (definer.table(whole.table)?, definer.table(part.table)?);
    if definer.scope.indexes_of(own.oid).any(|known| known.parent == whole.oid) {
        return refuse(format!("Another index is already attached for partition \"{}\".", own.name));
    }
    if part.parent != 0 {
        return refuse(format!("Index \"{}\" is already attached to another index.", part.name));
    }
    if own.partition_of() != Some(above.oid) {
        return refuse(format!(
            "Index \"{}\" is not an index on any partition of table \"{}\".",
            part.name, above.name
        ));
    }
    if !is_equal(&above, whole, &own, &part) {
        return refuse("The index definitions do not match.".to_owned());
    }
    join_index(definer, whole, &part)?;
    definer.refresh()?;
    let has_part = |table: &Arc<Table>| {
        definer.scope.indexes_of(table.oid).any(|index| index.parent == whole.oid && index.valid)
    };
    if !whole.valid && definer.scope.attached_to(above.oid).all(has_part) {
        definer.alter_index(whole.oid, |index| index.valid = true)?;
    }
    definer.refresh()
}

/// Refuses a key of a partitioned table that does not have all that the table is divided by: it could not be unique.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn refuse_partial_key(table: &Table, primary: bool, columns: &[Option<u16>]) -> DefineResult<()> {
    let Some(key) = &table.inheritance.key else { return Ok(()) };
    let kind = if primary { "PRIMARY KEY" } else { "UNIQUE" };
    for column in &key.columns {
        match &column.value {
            IndexedValue::Expression(_) => {
                let message = format!("unsupported {kind} constraint with partition key definition");
                let detail =
                    format!("{kind} constraints cannot be used when partition keys include expressions.");
                return Err(crate::error::detailed(SqlState::FeatureNotSupported, message, detail));
            }
            IndexedValue::Column(place) if !columns.contains(&Some(*place)) => {
                let name = table.columns.get(usize::from(*place)).map_or("", |column| &column.name);
                let message = "unique constraint on partitioned table must include all partitioning columns";
                let detail = format!(
                    "{kind} constraint on table \"{}\" lacks column \"{name}\" which is part of the partition key.",
                    table.name
                );
                let state = SqlState::FeatureNotSupported;
                return Err(crate::error::detailed(state, message.to_owned(), detail));
            }
            IndexedValue::Column(_) => {}
        }
    }
    Ok(())
}

/// Refuses to drop a part alone.
///
/// # Errors
/// Always.
pub(crate) fn refuse_part(definer: &Definer<'_>, index: &Index) -> DefineResult<()> {
    let Some(whole) = definer.scope.index(index.parent) else { return Ok(()) };
    Err(DefineError::Plain {
        state: SqlState::DependentObjectsStillExist,
        message: format!(
            "cannot drop {} because {} requires it",
            definer.scope.describe(&Object::Index(Arc::new(index.clone()))),
            definer.scope.describe(&Object::Index(whole.clone()))
        ),
        detail: None,
        hint: Some(format!(
            "You can drop {} instead.",
            definer.scope.describe(&Object::Index(whole.clone()))
        )),
        position: None,
    })
}
