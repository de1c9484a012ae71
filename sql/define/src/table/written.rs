//! What is found wrong with a CREATE TABLE from its text alone, before anything is asked of the tables it inherits from or of its
//! name: PostgreSQL's `transformCreateStmt`, which comes before all that `DefineRelation` looks at. What is wrong in two ways is
//! told in the same words as there.

use super::column::{ColumnDraft, KeyDraft, RuleDraft};
use super::exclusion;
use super::inherit::inherited_table;
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use crate::sequence::Options;
use catalog::CatalogError;
use catalog::object::{Composite, Oid};
use syntax::tree::Name;
use syntax::tree::table::{CreateTable, TableShape};
use types::catalog::oid;

/// Refuses an exclusion constraint of a partitioned table.
///
/// # Errors
/// PostgreSQL's.
pub(super) fn refuse_exclusion(statement: &CreateTable<'_>, key: &KeyDraft<'_>) -> DefineResult<()> {
    match &key.rule {
        RuleDraft::Exclude(_) if statement.partition_by.is_some() => {
            Err(exclusion::of_partitioned(key.position))
        }
        RuleDraft::Exclude(_) | RuleDraft::Check(_) | RuleDraft::Key { .. } | RuleDraft::Foreign { .. } => {
            Ok(())
        }
    }
}

/// Looks at the keys that are written, and at the sequences of identity columns.
///
/// # Errors
/// PostgreSQL's.
pub(super) fn check(
    definer: &Definer<'_>,
    (name, statement): (&str, &CreateTable<'_>),
    (columns, of_type): (&[ColumnDraft<'_>], Option<&Composite>),
    keys: &[KeyDraft<'_>],
) -> DefineResult<()> {
    let mut has_primary = false;
    for key in keys {
        let RuleDraft::Key { primary, columns: named, include, .. } = &key.rule else { continue };
        if *primary && std::mem::replace(&mut has_primary, true) {
            let position = Some(key.position);
            return Err(DefineError::MultiplePrimaryKeys { table: name.to_owned(), position });
        }
        for (place, wanted) in named.iter().chain(include).enumerate() {
            let of_type = of_type.iter().flat_map(|of| &of.columns);
            let mut own = columns
                .iter()
                .map(|column| column.name)
                .chain(of_type.filter(|field| !field.dropped).map(|field| field.name.as_str()));
            if !own.any(|own| own == wanted.text) && !is_inherited(definer, statement, wanted)? {
                let column = wanted.text.into();
                return Err(DefineError::KeyColumn { column, position: key.position });
            }
            let before = if place < named.len() { &named[..place] } else { &include[..place - named.len()] };
            if before.iter().any(|other| other.text == wanted.text) {
                let constraint = if *primary { "primary key" } else { "unique" };
                let (column, position) = (wanted.text.into(), key.position);
                return Err(DefineError::KeyColumnTwice { column, constraint, position });
            }
        }
    }
    for column in columns {
        if let Some((_, options)) = column.identity {
            let options = Options::of_identity(definer, options)?;
            refuse_identity_type(column.column_type.oid)?;
            options.create(column.column_type.oid)?;
        }
    }
    Ok(())
}

/// Refuses a type that no sequence counts in.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn refuse_identity_type(of: Oid) -> DefineResult<()> {
    if [oid::INT2, oid::INT4, oid::INT8].contains(&of) { Ok(()) } else { Err(DefineError::IdentityType) }
}

/// Whether one of the tables that a new one inherits from has a column.
fn is_inherited(definer: &Definer<'_>, statement: &CreateTable<'_>, column: &Name<'_>) -> DefineResult<bool> {
    let parents = match &statement.shape {
        TableShape::Columns => statement.inherits,
        TableShape::Partition(parent, _) => std::slice::from_ref(parent),
        TableShape::Type(_) => &[],
    };
    for parent in parents {
        if inherited_table(definer, parent)?.column(column.text).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Refuses a name that a relation of the schema has.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn refuse_taken(definer: &Definer<'_>, schema: Oid, name: &str) -> DefineResult<()> {
    match definer.scope.relation_in(schema, name) {
        Some(_) => Err(CatalogError::DuplicateRelation { name: name.to_owned() }.into()),
        None => Ok(()),
    }
}
