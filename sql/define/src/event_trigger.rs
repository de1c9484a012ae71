//! Triggers of definitions: made, switched, renamed and owned by superusers alone.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use catalog::object::{DefinitionEvent, Enabled, EventTrigger, Object, Oid, Privileges};
use catalog::{Address, CatalogError, DependencyKind};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::event_trigger::{AlterEventTrigger, CreateEventTrigger, EnabledEvents};
use syntax::tree::object::{ObjectKind, ObjectName};
use types::catalog::oid;

/// What may be said of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagOf {
    /// Of a command by which triggers fire.
    Fires,
    /// Of one that also may write tables anew.
    Rewrites,
    /// Of one by which none does.
    Other,
    /// Of none at all.
    Nothing,
}

fn refused(state: SqlState, message: String, hint: &str) -> DefineError {
    DefineError::Plain { state, message, detail: None, hint: Some(hint.to_owned()), position: None }
}

/// `CREATE EVENT TRIGGER`; whoever runs statements knows what their tags are.
///
/// # Errors
/// PostgreSQL's.
pub fn create(
    definer: &mut Definer<'_>,
    statement: &CreateEventTrigger<'_>,
    tag_of: fn(&str) -> TagOf,
) -> DefineResult<()> {
    let name = statement.name.text;
    if !definer.actor().superuser {
        let message = format!("permission denied to create event trigger \"{name}\"");
        let hint = "Must be superuser to create an event trigger.";
        return Err(refused(SqlState::InsufficientPrivilege, message, hint));
    }
    let event = DefinitionEvent::ALL.into_iter().find(|event| event.name() == statement.event.text);
    let Some(event) = event else {
        let message = format!("unrecognized event name \"{}\"", statement.event.text);
        return Err(plain(SqlState::SyntaxError, message));
    };
    let tags = tags(statement, event, tag_of)?;
    if definer.scope.event_trigger_named(name).is_some() {
        let (what, name) = ("event trigger", name.to_owned());
        return Err(CatalogError::DuplicateClass { what, name }.into());
    }
    let function = function_of(definer, &statement.function)?;
    let (oid, owner) = (definer.new_oid()?, definer.role);
    let trigger =
        EventTrigger { oid, name: name.to_owned(), owner, event, function, enabled: Enabled::Origin, tags };
    let references = [(Address::of(function), DependencyKind::Normal)];
    definer.create(&Object::EventTrigger(Arc::new(trigger)), &references)?;
    definer.refresh()
}

/// The tags that the only filter names, as they are written in tags.
fn tags(
    statement: &CreateEventTrigger<'_>,
    event: DefinitionEvent,
    tag_of: fn(&str) -> TagOf,
) -> DefineResult<Vec<String>> {
    for (place, (variable, _)) in statement.filters.iter().enumerate() {
        if variable.text != "tag" {
            let message = format!("unrecognized filter variable \"{}\"", variable.text);
            return Err(plain(SqlState::SyntaxError, message));
        }
        if place > 0 {
            let message = "filter variable \"tag\" specified more than once".to_owned();
            return Err(plain(SqlState::SyntaxError, message));
        }
    }
    let mut tags = Vec::new();
    for written in statement.filters.iter().flat_map(|(_, values)| values.iter()) {
        let tag = written.to_uppercase();
        match (tag_of(&tag), event) {
            (TagOf::Nothing, _) => {
                let message =
                    format!("filter value \"{written}\" not recognized for filter variable \"tag\"");
                return Err(plain(SqlState::SyntaxError, message));
            }
            (TagOf::Other, _) | (TagOf::Fires, DefinitionEvent::Rewrite) => {
                let message = format!("event triggers are not supported for {written}");
                return Err(plain(SqlState::FeatureNotSupported, message));
            }
            (TagOf::Fires | TagOf::Rewrites, _) => tags.push(tag),
        }
    }
    Ok(tags)
}

/// The function of a name, which takes nothing and returns what such triggers' functions do.
fn function_of(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Oid> {
    let Some(found) = crate::signature::exactly(definer, name, &[])? else {
        let message = format!("function {} does not exist", crate::signature::shown(definer, name, &[]));
        return Err(plain(SqlState::UndefinedFunction, message));
    };
    definer.require(found.oid, Privileges::EXECUTE)?;
    if found.result != oid::EVENT_TRIGGER {
        let message = format!("function {name} must return type event_trigger");
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    Ok(found.oid)
}

/// `ALTER EVENT TRIGGER … ENABLE | DISABLE`
///
/// # Errors
/// PostgreSQL's.
pub fn alter(definer: &mut Definer<'_>, statement: &AlterEventTrigger<'_>) -> DefineResult<()> {
    let name = statement.name.text;
    let Some(found) = definer.scope.event_trigger_named(name).map(|found| found.oid) else {
        let message = format!("event trigger \"{name}\" does not exist");
        return Err(plain(SqlState::UndefinedObject, message));
    };
    definer.require_owner(found)?;
    let enabled = match statement.enabled {
        EnabledEvents::Origin => Enabled::Origin,
        EnabledEvents::Disabled => Enabled::Disabled,
        EnabledEvents::Replica => Enabled::Replica,
        EnabledEvents::Always => Enabled::Always,
    };
    definer.change_object(found, |object| {
        if let Object::EventTrigger(trigger) = object {
            Arc::make_mut(trigger).enabled = enabled;
        }
    })
}

/// The trigger that is named, if it is one that is there.
pub(crate) fn find(definer: &Definer<'_>, kind: ObjectKind, object: &ObjectName<'_>) -> Option<Oid> {
    match (kind, object) {
        (ObjectKind::EventTrigger, ObjectName::Named(name)) => {
            definer.scope.event_trigger_named(name.object()).map(|found| found.oid)
        }
        _ => None, // others have ways of their own to be found
    }
}

/// Gives one another name.
pub(crate) fn rename(definer: &mut Definer<'_>, oid: Oid, to: &str) -> DefineResult<()> {
    definer.require_owner(oid)?;
    definer.change_object(oid, |object| crate::rename::set_name(object, to))
}

/// That an object may get an owner: such a trigger only a superuser.
pub(crate) fn refuse_owner(definer: &Definer<'_>, object: &Object, owner: Oid) -> DefineResult<()> {
    let Object::EventTrigger(trigger) = object else { return Ok(()) };
    definer.require_owner(trigger.oid)?;
    if definer.scope.is_superuser(owner) {
        return Ok(());
    }
    let message = format!("permission denied to change owner of event trigger \"{}\"", trigger.name);
    let hint = "The owner of an event trigger must be a superuser.";
    Err(refused(SqlState::InsufficientPrivilege, message, hint))
}
