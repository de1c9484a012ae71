//! `REINDEX`: indexes are built anew from their tables' rows.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use catalog::object::{Object, Oid, Table};
use catalog::{CatalogError, Relation};
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::session::{Reindex, ReindexWhat};

/// Builds indexes anew. One that is built concurrently is built no otherwise: readers have their snapshots anyway.
///
/// # Errors
/// PostgreSQL's, and where a key stands twice.
pub fn reindex(definer: &mut Definer<'_>, statement: &Reindex<'_>) -> DefineResult<()> {
    for option in statement.options {
        let position = option.name.position;
        match option.name.text {
            "concurrently" => {}
            "verbose" => return definer.unsupported("REINDEX (VERBOSE)", Some(position)),
            "tablespace" => return definer.unsupported("tablespace", Some(position)),
            name => return Err(DefineError::ReindexOption { name: name.into(), position }),
        }
    }
    let (schema, name) = crate::names::split_name(&statement.name)?;
    match statement.what {
        ReindexWhat::Index => {
            let found = definer.scope.find_relation(schema, name)?;
            let Relation::Index(index) = found else {
                return Err(wrong_kind(&found, "an index"));
            };
            let table = definer.table(index.table)?;
            definer.lock_table(&table, RelationMode::Share)?;
            rebuild(definer, index.oid)
        }
        ReindexWhat::Table => {
            let found = definer.scope.find_relation(schema, name)?;
            let Relation::Table(table) = found else {
                return Err(wrong_kind(&found, "a table or materialized view"));
            };
            if !indexes_anew(definer, &table)? {
                definer.notice(DefineNotice::NoIndexes { name: table.name.clone() });
            }
            Ok(())
        }
        ReindexWhat::Schema => {
            let schema = definer.scope.find_schema(name)?;
            let tables: Vec<Arc<Table>> = definer
                .scope
                .objects()
                .filter_map(|object| match object {
                    Object::Table(table) if table.schema == schema => Some(Arc::clone(table)),
                    _ => None,
                })
                .collect();
            for table in tables {
                indexes_anew(definer, &table)?;
            }
            Ok(())
        }
        ReindexWhat::System => definer.unsupported("REINDEX SYSTEM", None),
        ReindexWhat::Database => definer.unsupported("REINDEX DATABASE", None),
    }
}

fn wrong_kind(found: &Relation, wanted: &'static str) -> DefineError {
    DefineError::WrongKind { name: found.name().to_owned(), wanted, hint: None }
}

/// Whether there was one.
fn indexes_anew(definer: &mut Definer<'_>, table: &Arc<Table>) -> DefineResult<bool> {
    definer.lock_table(table, RelationMode::Share)?;
    let indexes: Vec<Oid> = definer.scope.indexes_of(table.oid).map(|index| index.oid).collect();
    for index in &indexes {
        rebuild(definer, *index)?;
    }
    Ok(!indexes.is_empty())
}

pub(crate) fn rebuild(definer: &mut Definer<'_>, index: Oid) -> DefineResult<()> {
    let keys = definer.transaction.create_tree(false)?.0;
    definer.catalog.alter::<CatalogError>(definer.transaction, index, |object| {
        if let Object::Index(index) = object {
            Arc::make_mut(index).tree = keys;
        }
        Ok(())
    })?;
    definer.refresh()?;
    definer.build(index)
}
