//! `ALTER TYPE … ADD, DROP, ALTER ATTRIBUTE`: the fields of composite types.
//!
//! A field that is dropped keeps its place and is null from then on: values that are stored keep their form, and those that were
//! written before a field was added are null there. So only the type of a field cannot change while values are stored.

use crate::definer::Definer;
use crate::drop::remove;
use crate::error::{DefineError, DefineNotice, DefineResult, detailed, plain};
use crate::table::column::refuse_pseudo_type;
use crate::table::typed::followers;
use catalog::object::{Composite, CompositeColumn, FIRST_USER_OID, Index, Object, Oid};
use catalog::{AccessError, Address, CatalogError, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::alter::{AlterActionKind, AlterTable, ColumnAction, ColumnReference};
use syntax::tree::option::DropBehavior;
use syntax::tree::table::ColumnSpecification;
use syntax::tree::{Name, QualifiedName, TypeName};

/// Changes the type, action by action.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn alter_composite(definer: &mut Definer<'_>, statement: &AlterTable<'_>) -> DefineResult<()> {
    let (schema, name) = crate::names::split_name(&definer.scope, &statement.table.name)?;
    let oid = match definer.scope.find_relation(schema, name)? {
        Relation::Composite(composite) => composite.oid,
        other @ (Relation::Table(_)
        | Relation::View(_)
        | Relation::Index(_)
        | Relation::Sequence(_)
        | Relation::System(_)) => {
            let name = other.name().to_owned();
            return Err(DefineError::WrongKind { name, wanted: "a composite type", hint: None });
        }
    };
    definer.require_owner(oid).map_err(as_relation)?;
    for action in crate::alter_pass::in_passes(statement.actions) {
        let Some(composite) = definer.scope.composite(oid).cloned() else { return Ok(()) };
        match &action.kind {
            AlterActionKind::AddColumn { column, behavior, .. } => {
                add(definer, &composite, column, *behavior)?;
            }
            AlterActionKind::DropColumn { if_exists, name, behavior } => {
                drop_field(definer, &composite, *name, *if_exists, *behavior)?;
            }
            AlterActionKind::Column(
                ColumnReference::Name(name),
                change @ ColumnAction::Type { type_name, collation, behavior, .. },
            ) => {
                let tables = followers(definer, oid, *behavior)?;
                retype(definer, &composite, *name, (type_name, collation.as_ref()))?;
                definer.refresh()?;
                let column = ColumnReference::Name(*name);
                tables.into_iter().try_for_each(|table| {
                    crate::inherit::alter_everywhere(definer, table, &column, change, false)
                })?;
            }
            _ => return definer.unsupported("ALTER TYPE", None),
        }
        definer.refresh()?;
    }
    Ok(())
}

/// Who does not own a type is told so as of a relation: its fields are what is changed.
fn as_relation(error: DefineError) -> DefineError {
    match error {
        DefineError::Access(AccessError::NotOwner { name, .. }) => {
            DefineError::Access(AccessError::NotOwner { kind: "table", name })
        }
        other => other,
    }
}

/// The field of this name and its place.
fn field<'c>(composite: &'c Composite, name: &str) -> Option<(u16, &'c CompositeColumn)> {
    let found = composite.columns.iter().enumerate();
    let mut found = found.filter(|(_, column)| !column.dropped && column.name == name);
    found.next().map(|(place, column)| (crate::table::place(place), column))
}

fn no_field(composite: &Composite, name: Name<'_>) -> DefineError {
    DefineError::NoColumn { column: name.text.into(), relation: composite.name.clone() }
}

/// Changes the fields, and what they depend on by their places.
fn change_fields(
    definer: &mut Definer<'_>,
    composite: &Composite,
    change: impl FnOnce(&mut Vec<CompositeColumn>),
) -> DefineResult<()> {
    definer.catalog.alter::<CatalogError>(definer.transaction, composite.oid, |object| {
        if let Object::Composite(composite) = object {
            change(&mut Arc::make_mut(composite).columns);
        }
        Ok(())
    })?;
    Ok(())
}

fn add(
    definer: &mut Definer<'_>,
    composite: &Composite,
    column: &ColumnSpecification<'_>,
    behavior: DropBehavior,
) -> DefineResult<()> {
    let name = column.name;
    let tables = followers(definer, composite.oid, behavior)?;
    if field(composite, name.text).is_some() {
        let (column, relation) = (name.text.to_owned(), composite.name.clone());
        return Err(DefineError::ColumnExists { column, relation });
    }
    let Some(written) = &column.type_name else {
        return definer.unsupported("an attribute without a type", Some(name.position));
    };
    let added = made(definer, composite, name.text, (written, column.collation.as_ref()))?;
    let address = Address::column(composite.oid, crate::table::place(composite.columns.len()));
    let on_type: Vec<_> = definer
        .on_type(added.column_type())
        .into_iter()
        .chain(definer.on_collation(added.collation))
        .collect();
    change_fields(definer, composite, |fields| fields.push(added))?;
    definer.catalog.depend(definer.transaction, address, &on_type)?;
    definer.refresh()?;
    tables
        .into_iter()
        .try_for_each(|table| crate::inherit::add_everywhere(definer, table, column, false, false))
}

/// Refuses a field of type `of` in the row type called `name` whose values would hold values of their own type.
pub(crate) fn refuse_member_of_itself(
    definer: &Definer<'_>,
    name: &str,
    of: u32,
    row_type: u32,
) -> DefineResult<()> {
    if crate::domain::held(&definer.scope, of, row_type, 0).is_some() {
        let message = format!("composite type {name} cannot be made a member of itself");
        return Err(plain(SqlState::InvalidTableDefinition, message));
    }
    Ok(())
}

/// A field as it is written.
fn made(
    definer: &Definer<'_>,
    composite: &Composite,
    name: &str,
    (written, collation): (&TypeName<'_>, Option<&QualifiedName<'_>>),
) -> DefineResult<CompositeColumn> {
    let of = definer.use_type(written)?;
    refuse_pseudo_type(definer, name, of)?;
    refuse_member_of_itself(definer, &composite.name, of.oid, composite.oid)?;
    Ok(CompositeColumn {
        name: name.to_owned(),
        type_oid: of.oid,
        modifier: of.modifier,
        collation: definer.collation(of, collation)?,
        dropped: false,
    })
}

fn drop_field(
    definer: &mut Definer<'_>,
    composite: &Composite,
    name: Name<'_>,
    if_exists: bool,
    behavior: DropBehavior,
) -> DefineResult<()> {
    let tables = followers(definer, composite.oid, behavior)?;
    match field(composite, name.text) {
        Some((place, _)) => {
            remove(definer, &[Address::column(composite.oid, place)], behavior)?;
            rebuild_indexes(definer, composite.oid)?;
        }
        None if if_exists => {
            let (column, relation) = (name.text.to_owned(), composite.name.clone());
            definer.notice(DefineNotice::NoColumn { column, relation });
        }
        None => return Err(no_field(composite, name)),
    }
    tables.into_iter().try_for_each(|table| {
        crate::inherit::drop_everywhere(definer, table, name.text, if_exists, behavior, false)
    })
}

/// Keys of indexes lose what is dropped of the rows that they hold.
///
/// # Errors
/// When rows that were told apart by that have a unique key.
pub(crate) fn rebuild_indexes(definer: &mut Definer<'_>, row_type: Oid) -> DefineResult<()> {
    definer.refresh()?;
    let holds = |index: &&Arc<Index>| {
        let mut keys = index.keys.iter().filter(|key| key.type_oid >= FIRST_USER_OID);
        keys.any(|key| crate::domain::held(&definer.scope, key.type_oid, row_type, 0).is_some())
    };
    let indexes = definer.scope.objects().filter_map(|object| match object {
        Object::Index(index) => Some(index),
        _ => None,
    });
    let stale: Vec<Oid> = indexes.filter(holds).map(|index| index.oid).collect();
    stale.into_iter().try_for_each(|index| crate::reindex::rebuild(definer, index))
}

fn retype(
    definer: &mut Definer<'_>,
    composite: &Composite,
    name: Name<'_>,
    written: (&TypeName<'_>, Option<&QualifiedName<'_>>),
) -> DefineResult<()> {
    let (place, _) = field(composite, name.text).ok_or_else(|| no_field(composite, name))?;
    let changed = made(definer, composite, name.text, written).map_err(DefineError::without_position)?;
    refuse_stored(definer, composite)?;
    let address = Address::column(composite.oid, place);
    refuse_read(definer, address, name.text)?;
    let on_type: Vec<_> = definer
        .on_type(changed.column_type())
        .into_iter()
        .chain(definer.on_collation(changed.collation))
        .collect();
    change_fields(definer, composite, |fields| {
        if let Some(field) = fields.get_mut(usize::from(place)) {
            *field = changed;
        }
    })?;
    definer.catalog.depend_on_nothing(definer.transaction, address)?;
    Ok(definer.catalog.depend(definer.transaction, address, &on_type)?)
}

/// Values that are stored have the type that the field has.
fn refuse_stored(definer: &Definer<'_>, composite: &Composite) -> DefineResult<()> {
    let Some((table, column)) = column_holding(definer, composite.oid) else { return Ok(()) };
    let message =
        format!("cannot alter type \"{}\" because column \"{table}.{column}\" uses it", composite.name);
    Err(plain(SqlState::FeatureNotSupported, message))
}

/// The first table, and its column, whose values are of a row type or have such rows within them.
pub(crate) fn column_holding<'d>(definer: &'d Definer<'_>, row_type: Oid) -> Option<(&'d str, &'d str)> {
    definer.scope.objects().find_map(|object| {
        let Object::Table(table) = object else { return None };
        let holds = |of: Oid| crate::domain::held(&definer.scope, of, row_type, 0).is_some();
        let (_, column) = table.live_columns().find(|(_, column)| holds(column.type_oid))?;
        Some((table.name.as_str(), column.name.as_str()))
    })
}

/// What views show of a column or a field has the type that it has.
pub(crate) fn refuse_read(definer: &Definer<'_>, field: Address, name: &str) -> DefineResult<()> {
    let mut dependents = definer.scope.all_dependencies().filter(|(_, on, _)| *on == field);
    let view = dependents.find_map(|(dependent, _, _)| {
        definer.scope.relation(dependent.oid).filter(|it| matches!(it.kind(), "view" | "materialized view"))
    });
    let Some(view) = view else { return Ok(()) };
    let shown = definer.scope.relation_name(view.schema(), view.name());
    Err(detailed(
        SqlState::FeatureNotSupported,
        "cannot alter type of a column used by a view or rule",
        format!("rule _RETURN on {} {shown} depends on column \"{name}\"", view.kind()),
    ))
}

/// Refuses to change as a type what is that of a relation's rows.
pub(crate) fn refuse_row_type(definer: &Definer<'_>, of: Oid) -> DefineResult<()> {
    let made = definer.scope.made_type(of).and_then(|made| definer.scope.object(made.object));
    let is_relations = match made {
        Some(Object::Table(table)) => table.row_type == of,
        Some(Object::View(view)) => view.row_type == of,
        _ => false, // others are types of their own
    };
    if !is_relations {
        return Ok(());
    }
    Err(DefineError::Plain {
        state: SqlState::WrongObjectType,
        message: format!("{} is a table's row type", types::catalog::type_name(&definer.scope, of, None)),
        detail: None,
        hint: Some("Use ALTER TABLE instead.".to_owned()),
        position: None,
    })
}
