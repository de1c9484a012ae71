//! `REINDEX`: indexes are built anew from their tables' rows.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::replication::option::boolean;
use catalog::object::{Index, Object, Oid, Table};
use catalog::{CatalogError, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::Name;
use syntax::tree::session::{Reindex, ReindexWhat};

/// Builds indexes anew. One that is built concurrently is built no otherwise: readers have their snapshots anyway.
///
/// # Errors
/// PostgreSQL's, and where a key stands twice.
pub fn reindex(definer: &mut Definer<'_>, statement: &Reindex<'_>) -> DefineResult<()> {
    let how = read_options(definer, statement)?;
    let How { mode, concurrently, .. } = how;
    let (schema, name) = crate::names::split_name(&definer.scope, &statement.name)?;
    match statement.what {
        ReindexWhat::Index => {
            let found = definer.scope.find_relation(schema, name)?;
            let Relation::Index(index) = found else {
                return Err(wrong_kind(&found, "an index"));
            };
            definer.require_owner(index.table)?;
            let table = definer.table(index.table)?;
            let parts = leaves(definer, &index);
            if table.is_partitioned() {
                return parts.into_iter().try_for_each(|part| rebuild_locked(definer, part, how));
            }
            await_users(definer, &table, how)?;
            definer.lock_table(&table, mode)?;
            rebuild(definer, index.oid)?;
            how.tell_index(definer, index.oid);
            Ok(())
        }
        ReindexWhat::Table => {
            let found = definer.scope.find_relation(schema, name)?;
            if let Relation::System(system) = &found
                && !system.is_view
            {
                return if concurrently { Err(refused_concurrently()) } else { Ok(()) };
            }
            let table = match found {
                Relation::Table(table) if !table.is_foreign() => table,
                found => return Err(wrong_kind(&found, "a table or materialized view")),
            };
            definer.require_owner(table.oid)?;
            if table.is_partitioned() {
                let parts = leaf_tables(definer, table.oid);
                return parts.iter().try_for_each(|part| table_anew(definer, part, how));
            }
            await_users(definer, &table, how)?;
            if !indexes_anew(definer, &table, how)? {
                definer.notice(DefineNotice::NoIndexes { name: table.name.clone() });
            }
            Ok(())
        }
        ReindexWhat::Schema => {
            let schema = definer.scope.find_schema(name)?;
            definer.require_owner(schema)?;
            all_anew(definer, |table| table.schema == schema, how)
        }
        ReindexWhat::System if concurrently => Err(refused_concurrently()),
        // Relations of the system are computed when they are read, and have no indexes.
        ReindexWhat::System => refuse_other_database(definer, name),
        ReindexWhat::Database => {
            refuse_other_database(definer, name)?;
            all_anew(definer, |_| true, how)
        }
    }
}

/// How a statement says that indexes are to be built anew, and where they are to lie then.
fn read_options(definer: &mut Definer<'_>, statement: &Reindex<'_>) -> DefineResult<How> {
    let concurrently = is_concurrent(statement)?;
    let mut verbose = false;
    for option in statement.options {
        let position = option.name.position;
        match option.name.text {
            "concurrently" => {}
            "verbose" => verbose = boolean(option)?,
            "tablespace" => {
                let name = option.value.as_ref().map(crate::storage_option::value_text).unwrap_or_default();
                let name = Name { text: &name, position };
                definer.places.rebuilt = crate::tablespace::written(definer, Some(name))?;
            }
            name => return Err(DefineError::ReindexOption { name: name.into(), position }),
        }
    }
    // Whoever reads the table may be reading by the index.
    let mode = if concurrently { RelationMode::Share } else { RelationMode::AccessExclusive };
    Ok(How { mode, concurrently, verbose })
}

/// Whether indexes are to be built anew `CONCURRENTLY`.
///
/// # Errors
/// When that is said by an option that is neither on nor off.
pub fn is_concurrent(statement: &Reindex<'_>) -> DefineResult<bool> {
    let mut concurrently = statement.concurrently;
    for option in statement.options.iter().filter(|option| option.name.text == "concurrently") {
        concurrently = boolean(option)?;
    }
    Ok(concurrently)
}

/// How indexes are built anew.
#[derive(Clone, Copy)]
struct How {
    mode: RelationMode,
    concurrently: bool,
    /// Whether is told what was done. How long it took is not: nobody has looked at a clock.
    verbose: bool,
}

impl How {
    fn tell_index(self, definer: &mut Definer<'_>, index: Oid) {
        let Some(index) = definer.scope.index(index).filter(|_| self.verbose) else { return };
        let name = match definer.scope.schema(index.schema).filter(|_| self.concurrently) {
            Some(schema) => format!("{}.{}", schema.name, index.name),
            None => index.name.clone(),
        };
        definer.notice(DefineNotice::Info(format!("index \"{name}\" was reindexed")));
    }

    fn tell_table(self, definer: &mut Definer<'_>, table: &Table) {
        if self.verbose {
            let schema = definer.scope.schema(table.schema).map_or("", |schema| &schema.name);
            let message = format!("table \"{schema}.{}\" was reindexed", table.name);
            definer.notice(DefineNotice::Info(message));
        }
    }
}

/// Waits `CONCURRENTLY` for whoever writes to a table, and, as the old indexes are about to go, for whoever reads it.
fn await_users(definer: &mut Definer<'_>, table: &Arc<Table>, how: How) -> DefineResult<()> {
    match how.concurrently {
        true => definer.await_others(table, RelationMode::Share, RelationMode::AccessExclusive),
        false => Ok(()),
    }
}

/// The indexes of partitions that a partitioned index is made of.
pub(crate) fn leaves(definer: &Definer<'_>, index: &Index) -> Vec<Oid> {
    let mut found = Vec::new();
    for part in definer.scope.parts_of_index(index) {
        match definer.scope.table(part.table).is_some_and(|table| table.is_partitioned()) {
            true => found.extend(leaves(definer, part)),
            false => found.push(part.oid),
        }
    }
    found
}

fn rebuild_locked(definer: &mut Definer<'_>, index: Oid, how: How) -> DefineResult<()> {
    let Some(known) = definer.scope.index(index).cloned() else { return Ok(()) };
    let table = definer.table(known.table)?;
    definer.lock_table(&table, how.mode)?;
    rebuild(definer, index)?;
    how.tell_index(definer, index);
    Ok(())
}

/// The partitions of a table, at every level, that have rows.
fn leaf_tables(definer: &Definer<'_>, table: Oid) -> Vec<Arc<Table>> {
    let mut found = Vec::new();
    for part in definer.scope.children_of(table) {
        match part.is_partitioned() {
            true => found.extend(leaf_tables(definer, part.oid)),
            false => found.push(Arc::clone(part)),
        }
    }
    found.retain(|part| !part.is_foreign());
    found
}

/// One of several tables whose indexes are built anew.
fn table_anew(definer: &mut Definer<'_>, table: &Arc<Table>, how: How) -> DefineResult<()> {
    if indexes_anew(definer, table, how)? && !how.concurrently {
        how.tell_table(definer, table);
    }
    Ok(())
}

/// Builds the indexes of tables anew.
fn all_anew(definer: &mut Definer<'_>, which: impl Fn(&Table) -> bool, how: How) -> DefineResult<()> {
    let tables: Vec<Arc<Table>> = definer
        .scope
        .objects()
        .filter_map(|object| match object {
            Object::Table(table) if which(table) && !table.is_partitioned() => Some(Arc::clone(table)),
            _ => None,
        })
        .collect();
    let how = How { mode: RelationMode::Share, ..how };
    tables.iter().try_for_each(|table| table_anew(definer, table, how))
}

fn refused_concurrently() -> DefineError {
    DefineError::Plain {
        state: SqlState::FeatureNotSupported,
        message: "cannot reindex system catalogs concurrently".into(),
        detail: None,
        hint: None,
        position: None,
    }
}

/// Only the database that the session is in is built anew.
fn refuse_other_database(definer: &Definer<'_>, name: &str) -> DefineResult<()> {
    let branch = definer.transaction.database().0;
    if definer.scope.database_of(branch).is_some_and(|database| database.name == name) {
        return Ok(());
    }
    Err(DefineError::Plain {
        state: SqlState::FeatureNotSupported,
        message: "can only reindex the currently open database".into(),
        detail: None,
        hint: None,
        position: None,
    })
}

fn wrong_kind(found: &Relation, wanted: &'static str) -> DefineError {
    DefineError::WrongKind { name: found.name().to_owned(), wanted, hint: None }
}

/// Whether there was one.
fn indexes_anew(definer: &mut Definer<'_>, table: &Arc<Table>, how: How) -> DefineResult<bool> {
    let has_some = definer.scope.indexes_of(table.oid).next().is_some();
    definer.lock_table(table, if has_some { how.mode } else { RelationMode::Share })?;
    let indexes: Vec<Oid> = definer.scope.indexes_of(table.oid).map(|index| index.oid).collect();
    for index in &indexes {
        rebuild(definer, *index)?;
        how.tell_index(definer, *index);
    }
    if how.concurrently && !indexes.is_empty() {
        how.tell_table(definer, table);
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
    if let Some(tablespace) = definer.places.rebuilt {
        definer.catalog.place(definer.transaction, index, tablespace)?;
    }
    definer.refresh()?;
    definer.build(index)
}
