//! How long relations live: `SET LOGGED`, `SET UNLOGGED`, and what is done with temporary tables at the end of a
//! transaction (`ON COMMIT`) or of all (`DISCARD TEMP`).

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use catalog::object::{Object, Oid, Persistence, Rule, Sequence, TEMPORARY_SCHEMA};
use catalog::{Address, Behavior, CatalogError};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::TreeId;
use syntax::tree::table::OnCommit;

/// A sequence is logged from now on, or not.
pub(crate) fn set_sequence_logged(
    definer: &mut Definer<'_>,
    sequence: &Sequence,
    logged: bool,
) -> DefineResult<()> {
    if sequence.persistence == Persistence::Temporary {
        return Err(DefineError::LoggedTemporary { table: sequence.name.clone() });
    }
    let wanted = if logged { Persistence::Permanent } else { Persistence::Unlogged };
    definer.change_object(sequence.oid, |object| {
        if let Object::Sequence(sequence) = object {
            Arc::make_mut(sequence).persistence = wanted;
        }
    })
}

/// A table is logged from now on, or not. Its rows lie where they lay: unlogged ones are logged all the same.
pub(crate) fn set_logged(definer: &mut Definer<'_>, table: Oid, logged: bool) -> DefineResult<()> {
    let of = definer.table(table)?;
    let wanted = match (of.persistence, logged) {
        (Persistence::Temporary, _) => {
            return Err(DefineError::LoggedTemporary { table: of.name.clone() });
        }
        // What has no rows of its own keeps what it was made with, as PostgreSQL's does.
        _ if of.is_partitioned() => return Ok(()),
        (Persistence::Permanent, true) | (Persistence::Unlogged, false) => return Ok(()),
        (Persistence::Permanent, false) => {
            crate::replication::refuse_unlogged(definer, &of)?;
            Persistence::Unlogged
        }
        (Persistence::Unlogged, true) => Persistence::Permanent,
    };
    // A logged table refers to logged ones only. What refers to itself changes with itself.
    let others: Vec<Oid> = if logged {
        let referred = definer.scope.constraints_of(table).filter_map(|key| match key.rule {
            Rule::ForeignKey { table, .. } => Some(table),
            Rule::Check(_) | Rule::Unique(_) | Rule::PrimaryKey(_) | Rule::Exclude(..) => None,
        });
        referred.collect()
    } else {
        definer.scope.foreign_keys_to(table).map(|key| key.table).collect()
    };
    for other in others.into_iter().filter(|other| *other != table) {
        let other = definer.table(other)?;
        if other.persistence != wanted {
            let (to, is) = if logged { ("logged", "unlogged") } else { ("unlogged", "logged") };
            let (table, other) = (of.name.clone(), other.name.clone());
            return Err(DefineError::LoggedReference { table, to, is, other });
        }
    }
    let told = definer.rows.rewrites(definer.transaction, &definer.scope, table, 1);
    told.map_err(DefineError::Build)?;
    definer.alter_table(table, |table| table.persistence = wanted)?;
    // Sequences that belong to the table go along.
    let owned = definer.scope.objects().filter_map(|object| match object {
        Object::Sequence(sequence) if sequence.owned_by.is_some_and(|owner| owner.0 == table) => {
            Some(sequence.oid)
        }
        _ => None,
    });
    for sequence in owned.collect::<Vec<Oid>>() {
        definer.catalog.alter::<CatalogError>(definer.transaction, sequence, |object| {
            if let Object::Sequence(sequence) = object {
                Arc::make_mut(sequence).persistence = wanted;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// What the end of a transaction does to temporary tables: those that are gone by now are left out.
///
/// # Errors
/// When tables refer to each other that are not treated alike.
pub fn on_commit(definer: &mut Definer<'_>, actions: &BTreeMap<Oid, OnCommit>) -> DefineResult<()> {
    let there = |definer: &Definer<'_>, wanted: OnCommit| -> Vec<Oid> {
        let wanted =
            actions.iter().filter(|(oid, action)| **action == wanted && definer.scope.table(**oid).is_some());
        wanted.map(|(oid, _)| *oid).collect()
    };
    let emptied = there(definer, OnCommit::DeleteRows);
    for oid in &emptied {
        let referring = definer.scope.foreign_keys_to(*oid).find(|key| !emptied.contains(&key.table));
        if let Some(key) = referring {
            let (from, to) = (definer.table(key.table)?, definer.table(*oid)?);
            return Err(DefineError::OnCommitReference { from: from.name.clone(), to: to.name.clone() });
        }
    }
    for oid in &emptied {
        let table = definer.table(*oid)?;
        if definer.transaction.count(TreeId(table.tree))? > 0 {
            crate::truncate::empty(definer, &table)?;
        }
    }
    let dropped: Vec<Address> = there(definer, OnCommit::Drop).into_iter().map(Address::of).collect();
    if !dropped.is_empty() {
        definer.refresh()?;
        definer.catalog.drop(definer.transaction, &definer.scope, &dropped, Behavior::Cascade)?;
    }
    definer.refresh()
}

/// `DISCARD TEMP`: all that is in the temporary schema.
///
/// # Errors
/// When the store cannot.
pub fn discard(definer: &mut Definer<'_>) -> DefineResult<()> {
    let roots: Vec<Address> = definer
        .scope
        .objects()
        .filter(|object| stands_there(object))
        .map(|object| Address::of(object.oid()))
        .collect();
    if !roots.is_empty() {
        definer.catalog.drop(definer.transaction, &definer.scope, &roots, Behavior::Cascade)?;
        definer.refresh()?;
    }
    Ok(())
}

/// Whether an object stands in the temporary schema by itself.
fn stands_there(object: &Object) -> bool {
    let by_itself = match object {
        Object::Table(_)
        | Object::Sequence(_)
        | Object::View(_)
        | Object::Enum(_)
        | Object::Domain(_)
        | Object::Composite(_)
        | Object::Base(_)
        | Object::Range(_)
        | Object::Multirange(_)
        | Object::Cast(_)
        | Object::Collation(_)
        | Object::Conversion(_)
        | Object::EventTrigger(_)
        | Object::Extension(_)
        | Object::Operator(_)
        | Object::OperatorClass(_)
        | Object::OperatorFamily(_)
        | Object::Statistics(_)
        | Object::Function(_) => true,
        // They go with what they belong to.
        Object::Index(_)
        | Object::Constraint(_)
        | Object::Rewrite(_)
        | Object::Trigger(_)
        | Object::Foreign(_)
        | Object::Replication(_)
        | Object::Search(_)
        | Object::Policy(_) => false,
        Object::Schema(_) | Object::Role(_) | Object::Tablespace(_) | Object::Database(_) => false,
    };
    by_itself && object.schema() == Some(TEMPORARY_SCHEMA)
}
