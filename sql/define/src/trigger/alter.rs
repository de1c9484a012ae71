//! What becomes of triggers: other names, on and off.

use super::partition;
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use catalog::object::{Object, Oid, Rule, RuleState, Trigger};
use catalog::{CatalogError, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::alter::{Switch, SwitchState, SwitchTarget};

/// A relation's trigger of a name.
pub(super) fn named(definer: &Definer<'_>, relation: Oid, name: &str) -> Option<Arc<Trigger>> {
    definer.scope.triggers_of(relation).into_iter().find(|trigger| trigger.name == name).cloned()
}

fn missing(name: &str, table: &str) -> DefineError {
    let message = format!("trigger \"{name}\" for table \"{table}\" does not exist");
    plain(SqlState::UndefinedObject, message)
}

/// A trigger as statements name it; none if it is not there.
///
/// # Errors
/// When the name is none.
pub(crate) fn find(
    definer: &Definer<'_>,
    name: &str,
    relation: &QualifiedName<'_>,
) -> DefineResult<Option<Arc<Trigger>>> {
    let (schema, object) = crate::names::split_name(&definer.scope, relation)?;
    let Ok(found) = definer.scope.find_relation(schema, object) else { return Ok(None) };
    Ok(named(definer, found.oid(), name))
}

/// `ALTER TRIGGER … RENAME TO …`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn rename(
    definer: &mut Definer<'_>,
    name: &str,
    relation: &QualifiedName<'_>,
    to: &str,
) -> DefineResult<()> {
    let found = super::triggered(definer, relation)?;
    let found = crate::rename::owned_alone(definer, found)?;
    let Some(trigger) = named(definer, found.oid(), name) else { return Err(missing(name, found.name())) };
    if trigger.parent != 0 {
        let above = definer.scope.trigger(trigger.parent).map_or(0, |above| above.relation);
        let above = definer.scope.relation(above).map(|above| above.name().to_owned()).unwrap_or_default();
        return Err(DefineError::Plain {
            state: SqlState::InternalError,
            message: format!("cannot rename trigger \"{name}\" on table \"{}\"", found.name()),
            detail: None,
            hint: Some(format!("Rename the trigger on the partitioned table \"{above}\" instead.")),
            position: None,
        });
    }
    rename_all(definer, &trigger, to)
}

/// Gives a trigger and those of partitions that come from it another name.
fn rename_all(definer: &mut Definer<'_>, trigger: &Trigger, to: &str) -> DefineResult<()> {
    if named(definer, trigger.relation, to).is_some() {
        let of = definer.scope.relation(trigger.relation);
        let relation = of.map(|of| of.name().to_owned()).unwrap_or_default();
        return Err(CatalogError::DuplicateTrigger { name: to.to_owned(), relation }.into());
    }
    definer.change_object(trigger.oid, |object| {
        if let Object::Trigger(trigger) = object {
            Arc::make_mut(trigger).name = to.to_owned();
        }
    })?;
    for clone in partition::clones(definer, trigger) {
        rename_all(definer, &clone, to)?;
    }
    Ok(())
}

/// `ALTER TABLE … ENABLE TRIGGER`, `DISABLE TRIGGER`
///
/// # Errors
/// When there is no such trigger.
pub(crate) fn switch(
    definer: &mut Definer<'_>,
    relation: Oid,
    switch: &Switch<'_>,
    only: bool,
) -> DefineResult<()> {
    let state = match switch.state {
        SwitchState::Enabled => RuleState::Enabled,
        SwitchState::Always => RuleState::Always,
        SwitchState::Replica => RuleState::Replica,
        SwitchState::Disabled => RuleState::Disabled,
    };
    let of_users = || definer.scope.triggers_of(relation).into_iter().cloned().collect();
    let (found, keys): (Vec<Arc<Trigger>>, _) = match switch.target {
        SwitchTarget::Named(name) => {
            let of = definer.scope.relation(relation).map(|of| of.name().to_owned()).unwrap_or_default();
            let found = named(definer, relation, name.text);
            let mut keys = definer.scope.key_triggers_of(relation);
            keys.retain(|(_, trigger)| found.is_none() && trigger.name == name.text);
            if found.is_none() && keys.is_empty() {
                return Err(missing(name.text, &of));
            }
            (found.into_iter().collect(), keys)
        }
        SwitchTarget::User => (of_users(), Vec::new()),
        SwitchTarget::All => (of_users(), definer.scope.key_triggers_of(relation)),
    };
    if let Some((_, trigger)) = keys.first()
        && !definer.scope.is_superuser(definer.role)
    {
        let message = format!("permission denied: \"{}\" is a system trigger", trigger.name);
        return Err(plain(SqlState::InsufficientPrivilege, message));
    }
    for (key, trigger) in &keys {
        if let Rule::ForeignKey { triggers, .. } = &key.rule {
            let place = trigger.oid.saturating_sub(triggers.first) as usize;
            crate::table::switch_key(definer, key, place, (state, only))?;
        }
    }
    found.iter().try_for_each(|trigger| switch_all(definer, trigger, state, only))
}

fn switch_all(
    definer: &mut Definer<'_>,
    trigger: &Trigger,
    state: RuleState,
    only: bool,
) -> DefineResult<()> {
    definer.change_object(trigger.oid, |object| {
        if let Object::Trigger(trigger) = object {
            Arc::make_mut(trigger).state = state;
        }
    })?;
    if only {
        return Ok(());
    }
    for clone in partition::clones(definer, trigger) {
        switch_all(definer, &clone, state, only)?;
    }
    Ok(())
}

/// That the constraint that a trigger is does not go without it.
pub(crate) fn required_by_trigger(definer: &Definer<'_>, trigger: &Arc<Trigger>) -> DefineError {
    let words = definer.scope.describe(&Object::Trigger(trigger.clone()));
    let constraint = words.replacen("trigger", "constraint", 1);
    DefineError::Plain {
        state: SqlState::DependentObjectsStillExist,
        message: format!("cannot drop {constraint} because {words} requires it"),
        detail: None,
        hint: Some(format!("You can drop {words} instead.")),
        position: None,
    }
}

/// Refuses to drop what is a partition's because its table has it.
pub(crate) fn refuse_clone(definer: &Definer<'_>, trigger: &Trigger) -> DefineResult<()> {
    let Some(above) = definer.scope.trigger(trigger.parent) else { return Ok(()) };
    let words = |it: &Arc<Trigger>| definer.scope.describe(&Object::Trigger(it.clone()));
    let (own, above) = (words(&Arc::new(trigger.clone())), words(above));
    Err(DefineError::Plain {
        state: SqlState::DependentObjectsStillExist,
        message: format!("cannot drop {own} because {above} requires it"),
        detail: None,
        hint: Some(format!("You can drop {above} instead.")),
        position: None,
    })
}

/// Refuses to switch triggers of what is no table.
///
/// # Errors
/// If it is none.
pub(crate) fn refuse_switch(relation: &Relation, switch: &Switch<'_>) -> DefineResult<()> {
    let kind = match relation {
        Relation::Table(_) => return Ok(()),
        Relation::View(_) => "views",
        Relation::Sequence(_) => "sequences",
        Relation::Index(_) => "indexes",
        Relation::Composite(_) => "composite types",
        Relation::System(_) => return Ok(()), // refused as such
    };
    let state = match switch.state {
        SwitchState::Enabled => "ENABLE TRIGGER",
        SwitchState::Always => "ENABLE ALWAYS TRIGGER",
        SwitchState::Replica => "ENABLE REPLICA TRIGGER",
        SwitchState::Disabled => "DISABLE TRIGGER",
    };
    let which = match switch.target {
        SwitchTarget::Named(_) => "",
        SwitchTarget::All => " ALL",
        SwitchTarget::User => " USER",
    };
    let name = relation.name();
    let message = format!("ALTER action {state}{which} cannot be performed on relation \"{name}\"");
    let detail = format!("This operation is not supported for {kind}.");
    Err(super::detailed(SqlState::WrongObjectType, message, &detail))
}
