//! Foreign keys to partitioned tables: for each partition of what is referred to, at every level, a key has a part of its own.
//!
//! A part is a constraint of the table that refers, as the key is, to the partition; it goes with the key and with the partition.
//! What is done when rows of the partition go, and when, is done by its triggers and told by its name. New rows that refer are
//! looked at by the key alone, which finds the partition of what it looks for.
//!
//! (A key of a partitioned table has parts in that one's partitions besides, for rows that refer: see `parts`.)

use super::parts::moved;
use crate::definer::Definer;
use crate::drop::remove;
use crate::error::DefineResult;
use crate::table::constraint::{joined, unused};
use catalog::object::{Constraint, KeyTriggers, Object, Oid, Rule, Table};
use catalog::{Address, DependencyKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::option::DropBehavior;

/// What is to be made of a key for a partition.
struct Part<'k> {
    /// The key, or the part of it for what the partition is one of.
    whole: &'k Arc<Constraint>,
    /// What that refers to.
    parent: &'k Arc<Table>,
    /// The table that refers.
    from: &'k Arc<Table>,
    /// Whether rows that refer are known to have what they refer to.
    validated: bool,
}

/// The names of the constraints in a schema: none is given twice, whatever table it is of.
fn names_in(definer: &Definer<'_>, schema: Oid) -> BTreeSet<String> {
    let of_schema = |object: &Object| match object {
        Object::Constraint(constraint) if constraint.schema == schema => Some(constraint.name.clone()),
        _ => None, // nothing else is a constraint
    };
    definer.scope.objects().filter_map(of_schema).collect()
}

/// Gives a key the parts for the partitions of what it refers to.
///
/// # Errors
/// When the catalog cannot be changed.
pub(crate) fn refer_to_parts(definer: &mut Definer<'_>, key: &Arc<Constraint>) -> DefineResult<()> {
    let Rule::ForeignKey { table: to, .. } = &key.rule else { return Ok(()) };
    let (from, to) = (definer.table(key.table)?, definer.table(*to)?);
    if !to.is_partitioned() {
        return Ok(());
    }
    let mut names = names_in(definer, from.schema);
    let part = Part { whole: key, parent: &to, from: &from, validated: key.validated };
    make_all(definer, &part, &mut names)?;
    definer.refresh()
}

/// Makes the parts of a key for all partitions of what it refers to.
fn make_all(definer: &mut Definer<'_>, part: &Part<'_>, names: &mut BTreeSet<String>) -> DefineResult<()> {
    let partitions: Vec<Arc<Table>> = definer.scope.attached_to(part.parent.oid).cloned().collect();
    partitions.iter().try_for_each(|partition| make(definer, part, partition, names))
}

/// Makes the part of a key for a partition, and those of that one's partitions.
fn make(
    definer: &mut Definer<'_>,
    part: &Part<'_>,
    partition: &Arc<Table>,
    names: &mut BTreeSet<String>,
) -> DefineResult<()> {
    let Part { whole, parent, from, validated } = *part;
    let mut rule = whole.rule.clone();
    let Rule::ForeignKey { table, columns, index, triggers, .. } = &mut rule else { return Ok(()) };
    let own_index = definer.scope.indexes_of(partition.oid).find(|own| own.parent == *index);
    let Some(own_index) = own_index.map(|own| own.oid) else {
        return definer.unsupported("a foreign key to a partition without the key's index", None);
    };
    let own_columns: Vec<u16> = columns.iter().filter_map(|place| moved(parent, partition, *place)).collect();
    (*table, *columns, *index) = (partition.oid, own_columns.clone(), own_index);
    *triggers = KeyTriggers::new(definer.new_oids_beside(KeyTriggers::COUNT as u32, from.oid)?);
    let shown = whole.columns.iter().filter_map(|place| from.columns.get(usize::from(*place)));
    let shown: Vec<&str> = shown.map(|column| column.name.as_str()).collect();
    let name = unused(&from.name, Some(&joined(&shown)), "fkey", |name| names.contains(name));
    names.insert(name.clone());
    let made = Arc::new(Constraint {
        oid: definer.new_oids_beside(1, from.oid)?,
        name,
        rule,
        validated,
        no_inherit: false,
        local: false,
        inherited: 1,
        parent: whole.oid,
        ..Constraint::clone(whole)
    });
    let on_own = made.columns.iter().map(|place| (Address::column(from.oid, *place), DependencyKind::Auto));
    let mut references: Vec<(Address, DependencyKind)> = on_own.collect();
    let on_others = own_columns.iter().map(|place| Address::column(partition.oid, *place));
    references.extend(on_others.chain([Address::of(own_index)]).map(|on| (on, DependencyKind::Normal)));
    references.push((Address::of(whole.oid), DependencyKind::Internal));
    definer.create(&Object::Constraint(made.clone()), &references)?;
    make_all(definer, &Part { whole: &made, parent: partition, ..*part }, names)
}

/// Gives the keys to a partitioned table the parts for one that has become its partition. The partition has the table's indexes.
///
/// # Errors
/// When the catalog cannot be changed.
pub(super) fn take_over(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    parent: &Arc<Table>,
) -> DefineResult<()> {
    let to_parent: Vec<Arc<Constraint>> = definer.scope.actions_on(parent.oid).cloned().collect();
    let mut names: BTreeMap<Oid, BTreeSet<String>> = BTreeMap::new();
    for key in to_parent {
        let mut from = definer.table(key.table)?;
        if from.oid != parent.oid {
            // Nobody drops the key meanwhile.
            from = definer.lock_table(&from, RelationMode::AccessShare)?;
        }
        let names = names.entry(from.schema).or_insert_with(|| names_in(definer, from.schema));
        // The partition's rows are no rows that anything refers to yet, or the key would not be.
        let part = Part { whole: &key, parent, from: &from, validated: true };
        make(definer, &part, table, names)?;
        definer.refresh()?;
    }
    Ok(())
}

/// Takes away the parts that a key has for partitions of what it refers to: it has become a part itself.
///
/// # Errors
/// When the catalog cannot be changed.
pub(super) fn drop_parts(definer: &mut Definer<'_>, key: Oid) -> DefineResult<()> {
    let Some(key) = definer.scope.constraint(key).cloned() else { return Ok(()) };
    let parts: Vec<Arc<Constraint>> = definer.scope.keys_to_parts(&key).cloned().collect();
    parts.iter().try_for_each(|part| drop_part(definer, part))
}

/// Takes away the parts of all keys for a table that is no partition any more.
///
/// # Errors
/// When the catalog cannot be changed.
pub(super) fn let_go(definer: &mut Definer<'_>, table: Oid) -> DefineResult<()> {
    parts_for(definer, table).iter().try_for_each(|part| drop_part(definer, part))
}

/// The parts of keys that are there for a partition.
pub(super) fn parts_for(definer: &Definer<'_>, table: Oid) -> Vec<Arc<Constraint>> {
    let scope = &definer.scope;
    scope.foreign_keys_to(table).filter(|key| scope.is_key_to_part(key)).cloned().collect()
}

fn drop_part(definer: &mut Definer<'_>, part: &Constraint) -> DefineResult<()> {
    // Else the whole would go along.
    definer.undepend(part.oid, part.parent)?;
    remove(definer, &[Address::of(part.oid)], DropBehavior::Restrict).map(drop)
}
