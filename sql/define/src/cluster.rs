//! `CLUSTER`: a table's rows are laid in the order of an index, which the table remembers; and `REPLICA IDENTITY`, which names
//! an index, too.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use catalog::Relation;
use catalog::object::{Index, IndexMethod, IndexedValue, Object, Oid, Replica, Table};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::Name;
use syntax::tree::alter::ReplicaIdentity;
use syntax::tree::session::Cluster;

/// `CLUSTER`
///
/// # Errors
/// PostgreSQL's.
pub fn cluster(definer: &mut Definer<'_>, statement: &Cluster<'_>) -> DefineResult<()> {
    for option in statement.options {
        match option.name.text {
            // What it tells of its work is of pages that do not exist here.
            "verbose" if crate::replication::option::boolean(option)? => {
                return definer.unsupported("CLUSTER (VERBOSE)", Some(option.name.position));
            }
            "verbose" => {}
            name => {
                return Err(DefineError::Plain {
                    state: SqlState::SyntaxError,
                    message: format!("unrecognized CLUSTER option \"{name}\""),
                    detail: None,
                    hint: None,
                    position: Some(option.name.position),
                });
            }
        }
    }
    let Some(name) = &statement.table else { return cluster_all(definer) };
    let (schema, name) = crate::names::split_name(&definer.scope, name)?;
    let found = definer.scope.find_relation(schema, name)?;
    let table = match found {
        Relation::Table(table) if !table.is_foreign() => table,
        found => {
            let (name, wanted) = (found.name().to_owned(), "a table or materialized view");
            return Err(DefineError::WrongKind { name, wanted, hint: None });
        }
    };
    definer.require_owner(table.oid)?;
    let table = definer.lock_table(&table, RelationMode::AccessExclusive)?;
    let index = match statement.index {
        Some(index) => index_named(definer, &table, index)?,
        None => remembered(definer, &table).ok_or_else(|| {
            let message = format!("there is no previously clustered index for table \"{}\"", table.name);
            plain(SqlState::UndefinedObject, message)
        })?,
    };
    definer.refuse_awaited(&table, "CLUSTER")?;
    if table.is_partitioned() {
        return parts(definer, &table, &index);
    }
    refuse_other_order(definer, &table, &index)?;
    lay(definer, &table, &index)
}

/// The partitions of a table, each by its part of the index.
fn parts(definer: &mut Definer<'_>, table: &Table, index: &Index) -> DefineResult<()> {
    let leaves = crate::reindex::leaves(definer, index);
    if leaves.is_empty() {
        // What is refused of the whole is refused all the same.
        let whole = Table { inheritance: catalog::object::Inheritance::default(), ..table.clone() };
        return refuse_other_order(definer, &whole, index);
    }
    for leaf in leaves {
        let Some(leaf) = definer.scope.index(leaf).cloned() else { continue };
        let part = definer.table(leaf.table)?;
        let part = definer.lock_table(&part, RelationMode::AccessExclusive)?;
        definer.refuse_awaited(&part, "CLUSTER")?;
        refuse_other_order(definer, &part, &leaf)?;
        lay(definer, &part, &leaf)?;
    }
    Ok(())
}

/// All tables of the role's that remember an index.
fn cluster_all(definer: &mut Definer<'_>) -> DefineResult<()> {
    let tables: Vec<Arc<Table>> = definer
        .scope
        .objects()
        .filter_map(|object| match object {
            Object::Table(table) if table.clustered != 0 => Some(table.clone()),
            _ => None,
        })
        .collect();
    for table in tables {
        if definer.require_owner(table.oid).is_err() {
            continue;
        }
        let table = definer.lock_table(&table, RelationMode::AccessExclusive)?;
        // Somebody may have dropped it, or taken another, before the table was locked.
        let Some(index) = remembered(definer, &table) else { continue };
        definer.refuse_awaited(&table, "CLUSTER")?;
        lay(definer, &table, &index)?;
    }
    Ok(())
}

fn lay(definer: &mut Definer<'_>, table: &Table, index: &Index) -> DefineResult<()> {
    remember(definer, table.oid, index.oid)?;
    definer
        .rows
        .order_rows(definer.transaction, definer.catalog, &mut definer.scope, table.oid, index.oid)
        .map_err(DefineError::Build)?;
    definer.refresh()
}

fn remember(definer: &mut Definer<'_>, table: Oid, index: Oid) -> DefineResult<()> {
    definer.alter_table(table, |table| table.clustered = index)?;
    definer.refresh()
}

/// The index that a table was clustered by, if it is there.
fn remembered(definer: &Definer<'_>, table: &Table) -> Option<Arc<Index>> {
    definer.scope.index(table.clustered).filter(|index| index.table == table.oid).cloned()
}

/// The index of a name, in the table's schema.
fn index_named(definer: &Definer<'_>, table: &Table, name: Name<'_>) -> DefineResult<Arc<Index>> {
    let found = definer.scope.relation_in(table.schema, name.text);
    let Some(found) = found.and_then(|oid| definer.scope.relation(oid)) else {
        let message = format!("index \"{}\" for table \"{}\" does not exist", name.text, table.name);
        return Err(plain(SqlState::UndefinedObject, message));
    };
    match found {
        Relation::Index(index) if index.table == table.oid => Ok(index),
        other => {
            let message = format!("\"{}\" is not an index for table \"{}\"", other.name(), table.name);
            Err(plain(SqlState::WrongObjectType, message))
        }
    }
}

/// Refuses an index in whose order rows cannot be laid.
fn refuse_other_order(definer: &Definer<'_>, table: &Table, index: &Index) -> DefineResult<()> {
    // There is an order of its own in PostgreSQL's, which no index has here.
    if index.method == IndexMethod::Gist {
        return definer.unsupported("CLUSTER by a gist index", None);
    }
    let refused = |message: String| Err(plain(SqlState::FeatureNotSupported, message));
    if index.method != IndexMethod::Ordered {
        return refused(format!(
            "cannot cluster on index \"{}\" because access method does not support clustering",
            index.name
        ));
    }
    if index.predicate.is_some() {
        return refused(format!("cannot cluster on partial index \"{}\"", index.name));
    }
    if !index.valid {
        return refused(format!("cannot cluster on invalid index \"{}\"", index.name));
    }
    if table.is_partitioned() {
        return refused("cannot mark index clustered in partitioned table".to_owned());
    }
    Ok(())
}

/// `ALTER TABLE … CLUSTER ON`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn cluster_on(definer: &mut Definer<'_>, table: Oid, name: Name<'_>) -> DefineResult<()> {
    let of = definer.table(table)?;
    let index = index_named(definer, &of, name)?;
    refuse_other_order(definer, &of, &index)?;
    remember(definer, table, index.oid)
}

/// `ALTER TABLE … SET WITHOUT CLUSTER`
///
/// # Errors
/// Of a partitioned table.
pub(crate) fn without_cluster(definer: &mut Definer<'_>, table: Oid) -> DefineResult<()> {
    if definer.table(table)?.is_partitioned() {
        let message = "cannot mark index clustered in partitioned table";
        return Err(plain(SqlState::FeatureNotSupported, message));
    }
    remember(definer, table, 0)
}

/// `ALTER TABLE … REPLICA IDENTITY`. Nothing is replicated here: what would tell rows is looked at and kept.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn replica_identity(
    definer: &mut Definer<'_>,
    table: Oid,
    identity: &ReplicaIdentity<'_>,
) -> DefineResult<()> {
    let replica = match identity {
        ReplicaIdentity::Default => Replica::Default,
        ReplicaIdentity::Full => Replica::Full,
        ReplicaIdentity::Nothing => Replica::Nothing,
        ReplicaIdentity::Index(name) => {
            let of = definer.table(table)?;
            let index = index_named(definer, &of, *name)?;
            refuse_identity(&of, &index)?;
            Replica::Index(index.oid)
        }
    };
    definer.alter_table(table, |table| table.replica = replica)
}

/// Refuses an index that does not tell all rows apart.
fn refuse_identity(table: &Table, index: &Index) -> DefineResult<()> {
    let name = &index.name;
    let refused = |state, message: String| Err(plain(state, message));
    if !index.unique {
        let message = format!("cannot use non-unique index \"{name}\" as replica identity");
        return refused(SqlState::WrongObjectType, message);
    }
    if !index.immediate {
        let message = format!("cannot use non-immediate index \"{name}\" as replica identity");
        return refused(SqlState::FeatureNotSupported, message);
    }
    if index.keys.iter().any(|key| matches!(key.value, IndexedValue::Expression(_))) {
        let message = format!("cannot use expression index \"{name}\" as replica identity");
        return refused(SqlState::FeatureNotSupported, message);
    }
    if index.predicate.is_some() {
        let message = format!("cannot use partial index \"{name}\" as replica identity");
        return refused(SqlState::FeatureNotSupported, message);
    }
    for key in &index.keys {
        let IndexedValue::Column(place) = key.value else { continue };
        let column = table.columns.get(usize::from(place)).filter(|column| !column.not_null);
        if let Some(column) = column {
            let message = format!(
                "index \"{name}\" cannot be used as replica identity because column \"{}\" is nullable",
                column.name
            );
            return refused(SqlState::WrongObjectType, message);
        }
    }
    Ok(())
}

/// Refuses to let nulls into a column of the index that tells a table's rows.
///
/// # Errors
/// When it is in that index.
pub(crate) fn refuse_nullable_identity(definer: &Definer<'_>, table: &Table, at: u16) -> DefineResult<()> {
    let Replica::Index(index) = table.replica else { return Ok(()) };
    let within = definer
        .scope
        .index(index)
        .is_some_and(|index| index.keys.iter().any(|key| key.value == IndexedValue::Column(at)));
    match within {
        true => {
            let name = &table.columns[usize::from(at)].name;
            let message = format!("column \"{name}\" is in index used as replica identity");
            Err(plain(SqlState::InvalidTableDefinition, message))
        }
        false => Ok(()),
    }
}
