//! `TRUNCATE`: tables get new, empty trees.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use catalog::object::{Object, Oid, Privileges, Source, Table};
use catalog::{CatalogError, Relation};
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::option::DropBehavior;
use syntax::tree::table::Truncate;

/// Empties the tables.
///
/// # Errors
/// PostgreSQL's.
pub fn truncate(definer: &mut Definer<'_>, statement: &Truncate<'_>) -> DefineResult<()> {
    let mut tables: Vec<Oid> = Vec::new();
    for written in statement.tables {
        let (schema, name) = crate::names::split_name(&definer.scope, &written.name)?;
        let table = match definer.scope.find_relation(schema, name)? {
            Relation::Table(table) if !table.is_materialized() => table,
            Relation::System(table) if !table.is_view => {
                return Err(DefineError::SystemCatalog { name: table.name.into() });
            }
            other => {
                let name = other.name().to_owned();
                return Err(DefineError::WrongKind { name, wanted: "a table", hint: None });
            }
        };
        if written.only && table.is_partitioned() {
            return Err(DefineError::Plain {
                state: diagnostic::SqlState::WrongObjectType,
                message: "cannot truncate only a partitioned table".to_owned(),
                detail: None,
                hint: Some(
                    "Do not specify the ONLY keyword, or use TRUNCATE ONLY on the partitions directly."
                        .to_owned(),
                ),
                position: None,
            });
        }
        // Who has its rows is asked before who may do what with it.
        crate::foreign::table::refuse_rows(definer, &table)?;
        definer.require(table.oid, Privileges::TRUNCATE)?;
        let first = tables.len();
        if !tables.contains(&table.oid) {
            tables.push(table.oid);
        }
        let mut at = first;
        while let Some(above) = tables.get(at).copied().filter(|_| !written.only) {
            at += 1;
            for child in definer.scope.attached_to(above) {
                if !tables.contains(&child.oid) {
                    tables.push(child.oid);
                }
            }
        }
    }
    for table in &tables {
        crate::foreign::table::refuse_rows(definer, &*definer.table(*table)?)?;
    }
    // Who uses them is waited for before it is looked at who refers to them, as in PostgreSQL.
    lock(definer, &tables)?;
    let named = tables.len();
    add_referring(definer, &mut tables, statement.behavior)?;
    lock(definer, &tables[named..])?;
    fire(definer, &tables, true)?;
    for table in &tables {
        let table = definer.table(*table)?;
        empty(definer, &table)?;
        let indexes = definer.scope.indexes_of(table.oid).count();
        definer.rows.emptied(table.oid, indexes);
        if statement.restart_identity {
            restart(definer, &table)?;
        }
    }
    definer.refresh()?;
    fire(definer, &tables, false)
}

fn lock(definer: &mut Definer<'_>, tables: &[Oid]) -> DefineResult<()> {
    for table in tables {
        let table = definer.table(*table)?;
        let table = definer.lock_table(&table, RelationMode::AccessExclusive)?;
        definer.refuse_awaited(&table, "TRUNCATE")?;
    }
    Ok(())
}

/// Calls triggers, if there are any.
fn fire(definer: &mut Definer<'_>, tables: &[Oid], before: bool) -> DefineResult<()> {
    if !tables.iter().any(|table| definer.scope.has_triggers(*table)) {
        return Ok(());
    }
    let fired = definer.rows.fire_truncate(definer.transaction, &definer.scope, tables, before);
    fired.map_err(DefineError::Build)?;
    definer.refresh()
}

/// Tables that refer to those that are emptied stand in the way, or go along.
fn add_referring(
    definer: &mut Definer<'_>,
    tables: &mut Vec<Oid>,
    behavior: DropBehavior,
) -> DefineResult<()> {
    let mut at = 0;
    while let Some(table) = tables.get(at).copied() {
        at += 1;
        // Who refers to a partitioned table refers to its partitions.
        let mut referring: Vec<Oid> = Vec::new();
        let mut above = Some(table);
        while let Some(one) = above {
            referring.extend(definer.scope.foreign_keys_to(one).map(|key| key.table));
            above = definer.scope.table(one).and_then(|table| table.partition_of());
        }
        for from in referring {
            if tables.contains(&from) {
                continue;
            }
            let (from_table, to_table) = (definer.table(from)?, definer.table(table)?);
            match behavior {
                DropBehavior::Restrict => {
                    return Err(DefineError::TruncateReferenced {
                        from: from_table.name.clone(),
                        to: to_table.name.clone(),
                    });
                }
                DropBehavior::Cascade => {
                    definer.require(from, Privileges::TRUNCATE)?;
                    definer.notice(DefineNotice::TruncateCascades { name: from_table.name.clone() });
                    tables.push(from);
                }
            }
        }
    }
    Ok(())
}

pub(crate) fn empty(definer: &mut Definer<'_>, table: &Table) -> DefineResult<()> {
    let rows = definer.new_tree_beside(true, table.oid)?;
    definer.alter_table(table.oid, |table| table.tree = rows)?;
    let indexes: Vec<Oid> = definer.scope.indexes_of(table.oid).map(|index| index.oid).collect();
    for index in indexes {
        let keys = definer.new_tree_beside(false, table.oid)?;
        definer.catalog.alter::<CatalogError>(definer.transaction, index, |object| {
            if let Object::Index(index) = object {
                Arc::make_mut(index).tree = keys;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// `RESTART IDENTITY`: the sequences that columns own begin anew.
fn restart(definer: &mut Definer<'_>, table: &Table) -> DefineResult<()> {
    let owned: Vec<Oid> = definer
        .scope
        .objects()
        .filter_map(|object| match object {
            Object::Sequence(sequence) if sequence.owned_by.is_some_and(|owner| owner.0 == table.oid) => {
                Some(sequence.oid)
            }
            _ => None,
        })
        .collect();
    let identity = table.columns.iter().filter_map(|column| match column.source {
        Source::Identity { sequence, .. } => Some(sequence),
        Source::Null | Source::Default(_) | Source::Generated(_) => None,
    });
    let mut sequences: Vec<Oid> = identity.chain(owned).collect();
    sequences.sort_unstable();
    sequences.dedup();
    for sequence in sequences {
        if let Some(found) = definer.scope.sequence(sequence).cloned() {
            definer.lock_sequence(&found)?;
        }
        let tree = definer.new_tree_beside(false, sequence)?;
        definer.catalog.alter::<CatalogError>(definer.transaction, sequence, |object| {
            if let Object::Sequence(sequence) = object {
                let sequence = Arc::make_mut(sequence);
                sequence.tree = tree;
                sequence.first = sequence.start;
                sequence.before = (sequence.start, false);
            }
            Ok(())
        })?;
    }
    Ok(())
}
