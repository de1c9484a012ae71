//! Typed tables: `CREATE TABLE … OF type`, `ALTER TABLE … OF`, `NOT OF`.
//!
//! A typed table has the fields of its type as columns. They are changed with the type alone, which says with `CASCADE` that its
//! tables are to follow. Who makes a table of a type holds it, so that nobody changes its fields meanwhile.

use super::column::ColumnDraft;
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use catalog::object::{Composite, Oid, Table};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::{RelationMode, RowMode};
use store::{ConflictAction, StoreError};
use syntax::tree::QualifiedName;
use syntax::tree::alter::{AlterActionKind, ColumnAction};
use syntax::tree::option::DropBehavior;
use types::Type;
use types::catalog::type_name;

/// The type that a table is to be of, held.
///
/// # Errors
/// When there is none of this name, or it is no composite type.
pub(super) fn named(definer: &mut Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Arc<Composite>> {
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    let oid = definer.scope.find_type(schema, object)?;
    if definer.scope.composite(oid).is_none() {
        let shown = type_name(&definer.scope, oid, None);
        return Err(plain(SqlState::WrongObjectType, format!("type {shown} is not a composite type")));
    }
    hold(definer, oid, RowMode::Share)
}

/// Waits until nobody else changes the fields of a type, or makes a table of it if it is held for a change, and until this
/// transaction sees what they did.
fn hold(definer: &mut Definer<'_>, oid: Oid, mode: RowMode) -> DefineResult<Arc<Composite>> {
    definer.catalog.hold_for_change(definer.transaction, oid, mode)?;
    if !is_seen(definer, oid)? {
        definer.transaction.refresh()?;
        definer.refresh()?;
    }
    if !is_seen(definer, oid)? {
        let tree = definer.catalog.tree();
        return Err(StoreError::Conflict { action: ConflictAction::Update, tree }.into());
    }
    let found = definer.scope.composite(oid).cloned();
    Ok(found.ok_or(catalog::CatalogError::UndefinedObject { oid })?)
}

/// Whether the newest of a type is seen, and all that is made of it.
fn is_seen(definer: &mut Definer<'_>, oid: Oid) -> DefineResult<bool> {
    let (catalog, snapshot) = (&*definer.catalog, definer.scope.snapshot());
    Ok(catalog.is_current(definer.transaction, snapshot, oid)?
        && catalog.sees_dependents(definer.transaction, snapshot, oid)?)
}

/// The columns of a table of a type.
pub(super) fn columns(of: &Composite) -> Vec<ColumnDraft<'_>> {
    let fields = of.columns.iter().filter(|field| !field.dropped);
    let draft = |field| {
        let field: &catalog::object::CompositeColumn = field;
        let of = Type { oid: field.type_oid, modifier: field.modifier };
        let mut draft = super::column_of_result(&field.name, of);
        draft.collation = field.collation;
        draft
    };
    fields.map(draft).collect()
}

/// Puts down of which type a table is, or that it is of none any more.
pub(super) fn set(definer: &mut Definer<'_>, table: Oid, of: Oid) -> DefineResult<()> {
    let before = definer.table(table)?.of_type;
    if before != 0 {
        definer.undepend(table, before)?;
    }
    if of != 0 {
        definer.depend(table, &[(Address::of(of), DependencyKind::Normal)])?;
    }
    definer.alter_table(table, |table| table.of_type = of)?;
    definer.refresh()
}

/// `ALTER TABLE … OF type`
///
/// # Errors
/// When the table's columns are not the type's fields.
pub(crate) fn become_of(definer: &mut Definer<'_>, table: Oid, name: &QualifiedName<'_>) -> DefineResult<()> {
    let of = named(definer, name)?;
    let known = definer.table(table)?;
    if !known.inheritance.parents.is_empty() {
        return Err(plain(SqlState::WrongObjectType, "typed tables cannot inherit"));
    }
    let differs = |message: String| Err(plain(SqlState::DatatypeMismatch, message));
    let mut columns = known.live_columns().map(|(_, column)| column);
    for field in of.columns.iter().filter(|field| !field.dropped) {
        let Some(column) = columns.next() else {
            return differs(format!("table is missing column \"{}\"", field.name));
        };
        if column.name != field.name {
            let (has, wanted) = (&column.name, &field.name);
            return differs(format!("table has column \"{has}\" where type requires \"{wanted}\""));
        }
        if column.column_type() != field.column_type() || column.collation != field.collation {
            let (table, name) = (&known.name, &field.name);
            return differs(format!("table \"{table}\" has different type for column \"{name}\""));
        }
    }
    if let Some(column) = columns.next() {
        return differs(format!("table has extra column \"{}\"", column.name));
    }
    set(definer, table, of.oid)
}

/// `ALTER TABLE … NOT OF`
///
/// # Errors
/// When it is of no type.
pub(crate) fn become_plain(definer: &mut Definer<'_>, table: Oid) -> DefineResult<()> {
    let known = definer.table(table)?;
    if known.of_type == 0 {
        return Err(plain(SqlState::WrongObjectType, format!("\"{}\" is not a typed table", known.name)));
    }
    set(definer, table, 0)
}

/// Refuses to change of a typed table what is its type's.
///
/// # Errors
/// When the action is such a change.
pub(crate) fn refuse_action(table: &Table, action: &AlterActionKind<'_>) -> DefineResult<()> {
    if table.of_type == 0 {
        return Ok(());
    }
    let message = match action {
        AlterActionKind::AddColumn { .. } => "cannot add column to typed table",
        AlterActionKind::DropColumn { .. } => "cannot drop column from typed table",
        AlterActionKind::Column(_, ColumnAction::Type { .. }) => "cannot alter column type of typed table",
        AlterActionKind::Inherit(_, true) => "cannot change inheritance of typed table",
        _ => return Ok(()), // what a type does not say
    };
    Err(plain(SqlState::WrongObjectType, message))
}

/// The tables of a type whose fields are to be changed, which is held, and they are locked.
///
/// # Errors
/// When there are some, and they are not to follow; when one is not the role's own.
pub(crate) fn followers(
    definer: &mut Definer<'_>,
    composite: Oid,
    behavior: DropBehavior,
) -> DefineResult<Vec<Oid>> {
    let of = hold(definer, composite, RowMode::NoKeyUpdate)?;
    let found = definer.scope.objects().filter_map(|object| match object {
        catalog::Object::Table(table) if table.of_type == composite => Some(table.clone()),
        _ => None, // nothing else is of a type
    });
    let found: Vec<Arc<Table>> = found.collect();
    if behavior == DropBehavior::Restrict && !found.is_empty() {
        return Err(DefineError::Plain {
            state: SqlState::DependentObjectsStillExist,
            message: format!("cannot alter type \"{}\" because it is the type of a typed table", of.name),
            detail: None,
            hint: Some("Use ALTER ... CASCADE to alter the typed tables too.".into()),
            position: None,
        });
    }
    let mut followers = Vec::with_capacity(found.len());
    for table in &found {
        definer.require_owner(table.oid)?;
        let table = definer.lock_table(table, RelationMode::AccessExclusive)?;
        definer.refuse_awaited(&table, "ALTER TABLE")?;
        // Whoever had it before the wait may have freed it from its type.
        followers.extend((table.of_type == composite).then_some(table.oid));
    }
    Ok(followers)
}
