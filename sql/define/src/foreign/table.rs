//! Foreign tables: what of a table's definition is only theirs, and what they cannot have.
//!
//! A foreign table is a table whose rows are on a server ([`Origin::Foreign`]). It has a tree, which stays empty: nothing asks the
//! server for rows, so whoever wants some is refused when his statement is planned.

use super::option::changed;
use super::{server_named, validator_of};
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, detailed, plain};
use crate::table::column::{ColumnDraft, KeyDraft, RuleDraft};
use catalog::object::{ForeignOption, ForeignTable, Oid, Origin, Privileges, Replica, Table, class};
use catalog::{Address, DependencyKind, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::alter::{AlterActionKind, ColumnAction};
use syntax::tree::foreign::ForeignOption as Written;
use syntax::tree::table::{
    ColumnSpecification, CreateTable, OnServer, TableConstraint, TableConstraintKind, TableElement,
    TableShape,
};

/// Refuses a key among the constraints of a foreign table's column.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn refuse_keys_of(column: &ColumnDraft<'_>) -> DefineResult<()> {
    column.constraints.iter().try_for_each(refuse_key)
}

/// Refuses a constraint that a foreign table cannot have: all that are more than a check.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn refuse_key(key: &KeyDraft<'_>) -> DefineResult<()> {
    let kind = match &key.rule {
        RuleDraft::Check(_) => return Ok(()),
        RuleDraft::Key { primary: true, .. } => "primary key",
        RuleDraft::Key { primary: false, .. } => "unique",
        RuleDraft::Foreign { .. } => "foreign key",
        RuleDraft::Exclude(_) => "exclusion",
    };
    Err(refused_key(kind, key.position))
}

/// The same of one that stands for itself.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn refuse_written(written: &TableConstraint<'_>) -> DefineResult<()> {
    let kind = match written.kind {
        TableConstraintKind::Check(_) => return Ok(()),
        TableConstraintKind::PrimaryKey(..) | TableConstraintKind::PrimaryKeyIndex(_) => "primary key",
        TableConstraintKind::Unique(..) | TableConstraintKind::UniqueIndex(_) => "unique",
        TableConstraintKind::ForeignKey(..) => "foreign key",
        TableConstraintKind::Exclude(_) => "exclusion",
    };
    Err(refused_key(kind, written.position))
}

fn refused_key(kind: &str, position: u32) -> DefineError {
    at(format!("{kind} constraints are not supported on foreign tables"), position)
}

/// Refuses `LIKE` in a foreign table's definition.
pub(crate) fn refuse_like(position: u32) -> DefineError {
    at("LIKE is not supported for creating foreign tables".to_owned(), position)
}

fn at(message: String, position: u32) -> DefineError {
    let (state, position) = (SqlState::FeatureNotSupported, Some(position));
    DefineError::Plain { state, message, detail: None, hint: None, position }
}

/// Makes a new table a foreign table, if it is to be one.
///
/// # Errors
/// When there is no such server, or the role may not use it; when options are refused.
pub(crate) fn put_on_server(
    definer: &mut Definer<'_>,
    table: Oid,
    on: Option<&OnServer<'_>>,
) -> DefineResult<()> {
    let Some(on) = on else { return Ok(()) };
    let server = server_named(definer, on.server.text)?.clone();
    definer.require(server.oid, Privileges::USAGE)?;
    let options = changed(validator_of(definer, server.wrapper), class::FOREIGN_TABLE, &[], on.options)?;
    let server = server.oid;
    definer.alter_table(table, |table| {
        table.origin = Origin::Foreign(ForeignTable { server, options, columns: Vec::new() });
        table.replica = Replica::Nothing;
    })?;
    definer.depend(table, &[(Address::of(server), DependencyKind::Normal)])?;
    definer.refresh()
}

/// Gives the columns of a new table the options that are written with them.
///
/// # Errors
/// When it is no foreign table; when options are refused.
pub(crate) fn give_columns_options(
    definer: &mut Definer<'_>,
    table: Oid,
    statement: &CreateTable<'_>,
) -> DefineResult<()> {
    for element in statement.elements {
        if let TableElement::Column(column) = element {
            give_column_options(definer, table, column)?;
        }
    }
    Ok(())
}

/// Gives a new column the options that are written with it.
///
/// # Errors
/// As [`give_columns_options`].
pub(crate) fn give_column_options(
    definer: &mut Definer<'_>,
    table: Oid,
    column: &ColumnSpecification<'_>,
) -> DefineResult<()> {
    if column.foreign_options.is_empty() {
        return Ok(());
    }
    let of = definer.table(table)?;
    if !of.is_foreign() {
        return Err(not_foreign(&of.name));
    }
    let Some((place, _)) = of.column(column.name.text) else { return Ok(()) };
    set_column_options(definer, &of, crate::table::place(place), column.foreign_options)
}

fn not_foreign(name: &str) -> DefineError {
    DefineError::WrongKind { name: name.to_owned(), wanted: "a foreign table", hint: None }
}

/// `ALTER FOREIGN TABLE … OPTIONS (…)`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn set_options(
    definer: &mut Definer<'_>,
    table: Oid,
    written: &[Written<'_>],
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let Some(foreign) = of.foreign() else {
        return Err(refused(&of, "OPTIONS"));
    };
    let validator = validator_of_server(definer, foreign.server);
    let options = changed(validator, class::FOREIGN_TABLE, &foreign.options, written)?;
    change(definer, table, |foreign| foreign.options = options)
}

/// `ALTER COLUMN … OPTIONS (…)`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn set_column_options(
    definer: &mut Definer<'_>,
    table: &Table,
    place: u16,
    written: &[Written<'_>],
) -> DefineResult<()> {
    let Some(foreign) = table.foreign() else {
        return Err(refused(table, "ALTER COLUMN ... OPTIONS"));
    };
    let validator = validator_of_server(definer, foreign.server);
    let there: &[ForeignOption] = foreign.column_options(place);
    let options = changed(validator, class::ATTRIBUTE, there, written)?;
    change(definer, table.oid, |foreign| foreign.set_column_options(place, options))
}

fn validator_of_server(definer: &Definer<'_>, server: Oid) -> super::Validator {
    let wrapper = definer.scope.foreign_server(server).map_or(0, |server| server.wrapper);
    validator_of(definer, wrapper)
}

fn change(definer: &mut Definer<'_>, table: Oid, change: impl FnOnce(&mut ForeignTable)) -> DefineResult<()> {
    definer.alter_table(table, |table| {
        if let Origin::Foreign(foreign) = &mut table.origin {
            change(foreign);
        }
    })?;
    definer.refresh()
}

/// Refuses options of what is no table at all.
///
/// # Errors
/// If it is none.
pub(crate) fn refuse_options(relation: &Relation, words: &str) -> DefineResult<()> {
    let kinds = match relation {
        Relation::Sequence(_) => "sequences",
        Relation::Index(_) => "indexes",
        Relation::Composite(_) => "composite types",
        Relation::Table(_) | Relation::View(_) | Relation::System(_) => return Ok(()), // said elsewhere
    };
    Err(crate::materialized::refused_action(relation.name(), words, kinds))
}

/// That an action is not for such a table.
fn refused(table: &Table, words: &str) -> DefineError {
    let kinds = match (table.is_partitioned(), &table.origin) {
        (true, _) => "partitioned tables",
        (false, Origin::Own) => "tables",
        (false, Origin::Materialized(_)) => "materialized views",
        (false, Origin::Foreign(_)) => "foreign tables",
    };
    crate::materialized::refused_action(&table.name, words, kinds)
}

/// Refuses what `ALTER TABLE` cannot do with a foreign table, and what it can do with nothing else.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn refuse_action(table: &Table, action: &AlterActionKind<'_>) -> DefineResult<()> {
    let only_foreign = match action {
        AlterActionKind::ForeignOptions(_) => Some("OPTIONS"),
        AlterActionKind::Column(_, ColumnAction::ForeignOptions(_)) => Some("ALTER COLUMN ... OPTIONS"),
        _ => None, // whatever other tables have, too
    };
    let words = match only_foreign {
        Some(_) if table.is_foreign() => None,
        Some(words) => Some(words),
        None if table.is_foreign() => words_of(action),
        None => None,
    };
    words.map_or(Ok(()), |words| Err(refused(table, words)))
}

/// What messages call an action; nothing for those that a foreign table takes.
fn words_of(action: &AlterActionKind<'_>) -> Option<&'static str> {
    match action {
        AlterActionKind::SetOptions(_) => Some("SET"),
        AlterActionKind::ResetOptions(_) => Some("RESET"),
        AlterActionKind::Switch(switch) if switch.rule => Some(crate::rule::words(switch)),
        AlterActionKind::SetTablespace(_)
        | AlterActionKind::SetAccessMethod(_)
        | AlterActionKind::ClusterOn(_)
        | AlterActionKind::WithoutCluster
        | AlterActionKind::Column(_, ColumnAction::Compression(_)) => {
            Some(crate::materialized::words_for_view(action))
        }
        AlterActionKind::AlterConstraint { .. }
        | AlterActionKind::SetLogged(_)
        | AlterActionKind::Of(_)
        | AlterActionKind::NotOf
        | AlterActionKind::ReplicaIdentity(_)
        | AlterActionKind::RowSecurity(_)
        | AlterActionKind::AttachPartition(..)
        | AlterActionKind::DetachPartition(..) => crate::materialized::words_of(action),
        AlterActionKind::AddColumn { .. }
        | AlterActionKind::DropColumn { .. }
        | AlterActionKind::Column(..)
        | AlterActionKind::AddConstraint(_)
        | AlterActionKind::ValidateConstraint(_)
        | AlterActionKind::DropConstraint { .. }
        | AlterActionKind::Owner(_)
        | AlterActionKind::WithoutOids
        | AlterActionKind::Inherit(..)
        | AlterActionKind::Switch(_)
        | AlterActionKind::ForeignOptions(_) => None,
    }
}

/// That a foreign table can be no partition of a table that has unique indexes: nobody could say that its rows are unique.
///
/// # Errors
/// If the table has one.
pub(crate) fn refuse_unique_parent(
    definer: &Definer<'_>,
    parent: &Table,
    (message, detail): (String, String),
) -> DefineResult<()> {
    if definer.scope.indexes_of(parent.oid).any(|index| index.unique) {
        return Err(detailed(SqlState::WrongObjectType, message, detail));
    }
    Ok(())
}

/// That a new foreign table may be the partition that it is to be.
///
/// # Errors
/// As [`refuse_unique_parent`].
pub(crate) fn may_be_part(
    definer: &Definer<'_>,
    statement: &CreateTable<'_>,
    parents: &[Arc<Table>],
) -> DefineResult<()> {
    match (&statement.shape, statement.foreign, parents) {
        (TableShape::Partition(..), Some(_), [parent]) => {
            let message = format!("cannot create foreign partition of partitioned table \"{}\"", parent.name);
            let detail = format!("Table \"{}\" contains indexes that are unique.", parent.name);
            refuse_unique_parent(definer, parent, (message, detail))
        }
        _ => Ok(()), // it is none
    }
}

/// That no partition of a table is foreign, at no level, before it gets a unique index. That is told of the table, or, if the index
/// is a constraint's, of the one whose partition is foreign.
///
/// # Errors
/// If one is.
pub(crate) fn refuse_foreign_parts(
    definer: &Definer<'_>,
    table: &Arc<Table>,
    of_constraint: bool,
) -> DefineResult<()> {
    let leaves = crate::partition::leaves(definer, table);
    let Some(foreign) = leaves.iter().find(|leaf| leaf.is_foreign()) else { return Ok(()) };
    let above = foreign.partition_of().and_then(|above| definer.scope.table(above));
    let told = above.filter(|_| of_constraint).unwrap_or(table);
    let message = format!("cannot create unique index on partitioned table \"{}\"", told.name);
    let detail = format!("Table \"{}\" contains partitions that are foreign tables.", told.name);
    Err(detailed(SqlState::WrongObjectType, message, detail))
}

/// What a statement says that wants rows of a foreign table.
///
/// # Errors
/// Always, if it is one.
pub(crate) fn refuse_rows(definer: &Definer<'_>, table: &Table) -> DefineResult<()> {
    let Some(foreign) = table.foreign() else { return Ok(()) };
    let message = definer.scope.no_handler(foreign.server);
    Err(plain(SqlState::ObjectNotInPrerequisiteState, message))
}
