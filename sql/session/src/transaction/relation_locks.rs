//! Which relations a statement locks, and how: those that it names, and those that refer to what it changes.

use catalog::object::{Action, Rule, Source, Table};
use catalog::{Oid, Scope};
use plan::logical::RelationUse;
use std::collections::BTreeSet;
use store::locks::RelationMode;

/// A lock that a statement takes.
#[derive(Clone, Copy)]
pub(crate) struct RelationLock {
    /// Of what.
    pub relation: Oid,
    /// The tree that stands for it.
    pub tree: u64,
    pub mode: RelationMode,
}

/// How the relations of a statement are locked.
pub(crate) fn locks_of(scope: &Scope, relations: &[RelationUse]) -> Vec<RelationLock> {
    let lock = |used: &RelationUse| {
        let tree = match scope.relation(used.relation)? {
            catalog::Relation::Table(table) => table.lock,
            catalog::Relation::View(view) => view.lock,
            catalog::Relation::Sequence(sequence) => sequence.lock,
            catalog::Relation::Index(_) | catalog::Relation::Composite(_) | catalog::Relation::System(_) => {
                return None;
            }
        };
        let mode = if used.insert || used.update || used.delete {
            RelationMode::RowExclusive
        } else if used.lock_rows.is_some() {
            RelationMode::RowShare
        } else {
            RelationMode::AccessShare
        };
        Some(RelationLock { relation: used.relation, tree, mode })
    };
    let mut locks: Vec<RelationLock> = relations.iter().filter_map(lock).collect();
    let mut changed: Vec<Changed> = Vec::new();
    let written = written_columns(scope, relations);
    for used in relations {
        let Some(table) = scope.table(used.relation) else { continue };
        if used.delete {
            changed.push(Changed { table: table.oid, columns: None });
        }
        if used.update {
            let places = (0..).zip(&table.columns);
            let places = places.filter(|(_, column)| written.contains(column.name.as_str()));
            changed.push(updated(table, places.map(|(place, _)| place).collect()));
        }
    }
    // What is found on the way is looked at, too, once.
    let mut next = 0;
    while let Some(one) = changed.get(next).cloned() {
        next += 1;
        lock_referring(scope, &one, &mut locks, &mut changed);
    }
    locks
}

/// A table whose rows are deleted, or whose columns at these places are written.
#[derive(Clone, PartialEq)]
struct Changed {
    table: Oid,
    columns: Option<Vec<u16>>,
}

/// The names of the columns that a statement writes to tables. Those that inherit from one have theirs by the same names.
fn written_columns<'s>(scope: &'s Scope, relations: &[RelationUse]) -> BTreeSet<&'s str> {
    let mut names = BTreeSet::new();
    for used in relations {
        let Some(table) = scope.table(used.relation) else { continue };
        let column = |number: &u16| table.columns.get(usize::from(*number).checked_sub(1)?);
        names.extend(used.columns_updated.iter().filter_map(column).map(|column| column.name.as_str()));
        names.extend(used.columns_written.iter().filter_map(column).map(|column| column.name.as_str()));
    }
    names
}

/// A table whose columns are written, and with them those that are generated.
fn updated(table: &Table, mut columns: Vec<u16>) -> Changed {
    if !columns.is_empty() {
        let generated = (0..).zip(&table.columns);
        let generated = generated.filter(|(_, column)| matches!(column.source, Source::Generated(_)));
        columns.extend(generated.map(|(place, _)| place));
    }
    Changed { table: table.oid, columns: Some(columns) }
}

/// The locks of the tables whose rows are looked at, or changed, because they refer to those of another: what is known of their
/// indexes must stay true until the statement is over. An update that writes no column that is referred to locks none.
fn lock_referring(
    scope: &Scope,
    change: &Changed,
    locks: &mut Vec<RelationLock>,
    changed: &mut Vec<Changed>,
) {
    let Some(table) = scope.table(change.table).cloned() else { return };
    let name = |of: &Table, place: u16| of.columns.get(usize::from(place)).map(|column| column.name.clone());
    let writes = |of: &Table, referred: u16| {
        let referred = name(of, referred);
        change.columns.iter().flatten().any(|place| name(&table, *place) == referred)
    };
    let mut above = Some(table.clone());
    while let Some(one) = above {
        for constraint in scope.foreign_keys_to(one.oid) {
            let Rule::ForeignKey { on_delete, on_update, columns, set_columns, .. } = &constraint.rule else {
                continue;
            };
            let Some(child) = scope.table(constraint.table) else { continue };
            let deletes = change.columns.is_none();
            if !deletes && !columns.iter().any(|place| writes(&one, *place)) {
                continue;
            }
            let set = if deletes && !set_columns.is_empty() { set_columns } else { &constraint.columns };
            let (mode, changes) = match if deletes { on_delete } else { on_update } {
                Action::Cascade if deletes => {
                    (RelationMode::RowExclusive, Some(Changed { table: child.oid, columns: None }))
                }
                Action::Cascade | Action::SetNull | Action::SetDefault => {
                    (RelationMode::RowExclusive, Some(updated(child, set.clone())))
                }
                Action::NoAction | Action::Restrict => (RelationMode::RowShare, None),
            };
            if !locks.iter().any(|lock| lock.relation == child.oid && lock.mode == mode) {
                locks.push(RelationLock { relation: child.oid, tree: child.lock, mode });
            }
            changed.extend(changes.filter(|changes| !changed.contains(changes)));
        }
        above = one.partition_of().and_then(|oid| scope.table(oid).cloned());
    }
}
