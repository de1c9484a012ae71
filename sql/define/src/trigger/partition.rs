//! Row triggers of partitioned tables: each partition has one like it, which goes with it.

use super::References;
use crate::definer::Definer;
use crate::error::{DefineResult, detailed, plain};
use catalog::object::{Object, Oid, Table, Trigger, TriggerConstraint};
use catalog::{Address, CatalogError, DependencyKind};
use diagnostic::SqlState;
use std::sync::Arc;

/// The triggers of partitions that come from a trigger, by number.
pub(super) fn clones(definer: &Definer<'_>, trigger: &Trigger) -> Vec<Arc<Trigger>> {
    definer.scope.clones_of_trigger(trigger).cloned().collect()
}

/// Gives partitions what a row trigger of their table is to them.
pub(super) fn make_clones(definer: &mut Definer<'_>, trigger: &Arc<Trigger>) -> DefineResult<()> {
    let partitioned = definer.scope.table(trigger.relation).is_some_and(|table| table.is_partitioned());
    if !partitioned || !trigger.each_row {
        return Ok(());
    }
    let parts: Vec<Arc<Table>> = definer.scope.attached_to(trigger.relation).cloned().collect();
    parts.iter().try_for_each(|part| make_clone(definer, trigger, part))
}

fn make_clone(definer: &mut Definer<'_>, trigger: &Arc<Trigger>, part: &Arc<Table>) -> DefineResult<()> {
    let Some(above) = definer.scope.table(trigger.relation).cloned() else { return Ok(()) };
    if trigger.constraint.is_some() && part.is_foreign() {
        let message = format!("\"{}\" is a foreign table", part.name);
        return Err(detailed(SqlState::WrongObjectType, message, super::NO_CONSTRAINT_TRIGGERS));
    }
    if super::alter::named(definer, part.oid, &trigger.name).is_some() {
        let (name, relation) = (trigger.name.clone(), part.name.clone());
        return Err(CatalogError::DuplicateTrigger { name, relation }.into());
    }
    let moved = |place: &u16| {
        let column = above.columns.get(usize::from(*place))?;
        part.column(&column.name).map(|(place, _)| crate::table::place(place))
    };
    let oid = definer.new_oids_beside(if trigger.constraint.is_some() { 2 } else { 1 }, part.oid)?;
    let clone = Arc::new(Trigger {
        oid,
        relation: part.oid,
        columns: trigger.columns.iter().filter_map(moved).collect(),
        constraint: trigger.constraint.map(|constraint| TriggerConstraint { oid: oid + 1, ..constraint }),
        parent: trigger.oid,
        ..Trigger::clone(trigger)
    });
    let mut references: References =
        vec![(Address::of(part.oid), DependencyKind::Auto), (Address::of(trigger.oid), DependencyKind::Auto)];
    references.extend(
        crate::expression::named_function(definer, trigger.function)
            .map(|oid| (Address::of(oid), DependencyKind::Auto)),
    );
    definer.create(&Object::Trigger(clone.clone()), &references)?;
    definer.refresh()?;
    make_clones(definer, &clone)
}

/// Takes them away again.
pub(super) fn remove_clones(definer: &mut Definer<'_>, trigger: &Trigger) -> DefineResult<()> {
    let roots: Vec<Address> = clones(definer, trigger).iter().map(|clone| Address::of(clone.oid)).collect();
    if roots.is_empty() {
        return Ok(());
    }
    crate::drop::remove(definer, &roots, syntax::tree::option::DropBehavior::Cascade)?;
    definer.refresh()
}

/// Gives a table that has become a partition the row triggers of its parent.
///
/// # Errors
/// When it has one of the same name.
pub(crate) fn take_over(definer: &mut Definer<'_>, table: Oid, parent: &Arc<Table>) -> DefineResult<()> {
    let triggers: Vec<Arc<Trigger>> = definer.scope.triggers_of(parent.oid).into_iter().cloned().collect();
    let part = definer.table(table)?;
    for trigger in triggers.iter().filter(|trigger| trigger.each_row) {
        make_clone(definer, trigger, &part)?;
    }
    Ok(())
}

/// Takes from a table that is no partition any more what it has because of its parent.
///
/// # Errors
/// When it cannot be taken away.
pub(crate) fn give_back(definer: &mut Definer<'_>, table: Oid) -> DefineResult<()> {
    let own: Vec<Address> = definer
        .scope
        .triggers_of(table)
        .into_iter()
        .filter(|trigger| trigger.parent != 0)
        .map(|trigger| Address::of(trigger.oid))
        .collect();
    if own.is_empty() {
        return Ok(());
    }
    crate::drop::remove(definer, &own, syntax::tree::option::DropBehavior::Cascade)?;
    definer.refresh()
}

/// Refuses a table with row triggers that have transition tables as a partition or heir.
///
/// # Errors
/// When it has such a trigger.
pub(crate) fn refuse_transitions(definer: &Definer<'_>, table: &Table, as_what: &str) -> DefineResult<()> {
    let triggers = definer.scope.triggers_of(table.oid);
    let Some(found) = triggers.into_iter().find(|trigger| trigger.each_row && trigger.has_transitions())
    else {
        return Ok(());
    };
    let message =
        format!("trigger \"{}\" prevents table \"{}\" from becoming {as_what}", found.name, table.name);
    let error = plain(SqlState::FeatureNotSupported, message);
    Err(match error {
        crate::error::DefineError::Plain { state, message, hint, position, .. } => {
            let detail = Some(format!(
                "ROW triggers with transition tables are not supported {}.",
                if as_what == "a partition" { "on partitions" } else { "in inheritance hierarchies" }
            ));
            crate::error::DefineError::Plain { state, message, detail, hint, position }
        }
        other => other,
    })
}
