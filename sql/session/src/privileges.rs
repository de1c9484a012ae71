//! What a statement uses is looked at before it runs: relations, their columns, functions.
//!
//! Each relation is used by somebody: the session's role, or the owner of the view that it stands in. For a superuser nothing
//! is looked at besides that he is one.

use crate::error::SessionError;
use catalog::object::{FIRST_USER_OID, Object, Oid, Privileges};
use catalog::{AccessResult, Actor, Relation, Scope};
use diagnostic::SqlState;
use functions::FunctionError;
use plan::expression::Expression;
use plan::logical::RelationUse;

/// That `role`, in the database that is this branch, may use relations as a statement does.
///
/// # Errors
/// When it may not.
pub fn may_use(scope: &Scope, role: Oid, branch: u64, relations: &[RelationUse]) -> AccessResult<()> {
    let mut relations: Vec<&RelationUse> = relations.iter().collect();
    relations.sort_unstable_by_key(|used| used.place);
    for used in relations {
        let who = used.check_as.unwrap_or(role);
        if used.inherited || scope.is_superuser(who) {
            continue;
        }
        let actor = Actor::new(scope, who, branch);
        match scope.relation(used.relation) {
            Some(Relation::System(table)) => actor.require_system(&table, Some(&used.columns_read))?,
            Some(
                Relation::Table(_)
                | Relation::View(_)
                | Relation::Sequence(_)
                | Relation::Index(_)
                | Relation::Composite(_),
            )
            | None => {
                if let Some(object) = scope.object(used.relation) {
                    use_one(scope, &actor, object, used)?;
                }
            }
        }
    }
    Ok(())
}

/// That no view is used but those of the system (`restrict_nonsystem_relation_kind`).
///
/// # Errors
/// When one is.
pub(crate) fn refuse_views(scope: &Scope, relations: &[RelationUse]) -> Result<(), SessionError> {
    let made = |used: &RelationUse| scope.view(used.relation).is_some_and(|view| view.oid >= FIRST_USER_OID);
    match relations.iter().find(|used| made(used)).and_then(|used| scope.view(used.relation)) {
        Some(view) => {
            let message = format!("access to non-system view \"{}\" is restricted", view.name);
            Err(FunctionError::plain(SqlState::ObjectNotInPrerequisiteState, message).into())
        }
        None => Ok(()),
    }
}

/// That `role` may call functions. Those that come with the program everybody may.
///
/// # Errors
/// When it may not.
pub fn may_execute(
    scope: &Scope,
    role: Oid,
    branch: u64,
    functions: impl IntoIterator<Item = Oid>,
) -> AccessResult<()> {
    if scope.is_superuser(role) {
        return Ok(());
    }
    let mut actor = None;
    for function in functions {
        let Some(object) = scope.object(function) else { continue };
        let actor = actor.get_or_insert_with(|| Actor::new(scope, role, branch));
        if !actor.privileges(scope, object).contains(Privileges::EXECUTE) {
            return Err(catalog::denied(object));
        }
    }
    Ok(())
}

/// That `role` may call all functions that an expression calls.
///
/// # Errors
/// When it may not.
pub(crate) fn may_evaluate(
    scope: &Scope,
    role: Oid,
    branch: u64,
    expression: &Expression,
) -> AccessResult<()> {
    let mut called = Vec::new();
    expression.walk(&mut |part| part.for_each_function(&mut |function| called.push(function.0)));
    may_execute(scope, role, branch, called)
}

/// Whether a function that comes with the program may be called.
pub(crate) fn may_call_builtin(actor: &Actor, function: Oid) -> bool {
    functions::table::callers(function)
        .is_none_or(|callers| actor.superuser || callers.iter().any(|role| actor.has_rights_of(*role)))
}

fn use_one(scope: &Scope, actor: &Actor, object: &Object, used: &RelationUse) -> AccessResult<()> {
    let mut wanted = Privileges::NONE;
    for (on, privilege) in [
        (used.select || used.lock_rows.is_some(), Privileges::SELECT),
        (used.insert, Privileges::INSERT),
        (used.update || used.lock_rows.is_some(), Privileges::UPDATE),
        (used.delete, Privileges::DELETE),
    ] {
        wanted = if on { wanted.with(privilege) } else { wanted };
    }
    let missing = wanted.without(actor.privileges(scope, object));
    if missing.is_empty() {
        return Ok(());
    }
    let of_columns = Privileges::SELECT.with(Privileges::INSERT).with(Privileges::UPDATE);
    let allowed = of_columns.contains(missing)
        && (!missing.contains(Privileges::SELECT)
            || columns_allow(actor, object, Privileges::SELECT, &used.columns_read))
        && (!missing.contains(Privileges::INSERT)
            || columns_allow(actor, object, Privileges::INSERT, &used.columns_written))
        && (!missing.contains(Privileges::UPDATE)
            || columns_allow(actor, object, Privileges::UPDATE, &used.columns_updated));
    if allowed { Ok(()) } else { Err(catalog::denied(object)) }
}

/// Whether grants on columns suffice: on all that are named, or, where none is, on any.
fn columns_allow(actor: &Actor, object: &Object, wanted: Privileges, numbers: &[u16]) -> bool {
    let columns = object.columns_with_acl();
    let may = |acl| actor.column_privileges(acl).contains(wanted);
    if numbers.is_empty() {
        return columns.iter().any(|(_, _, acl)| may(acl));
    }
    let column = |number: &u16| columns.iter().find(|(place, _, _)| place + 1 == usize::from(*number));
    numbers.iter().all(|number| column(number).is_some_and(|(_, _, acl)| may(acl)))
}
