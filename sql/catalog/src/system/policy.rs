//! Policies: `pg_policy`, `pg_policies`.

use super::emit::{Emit, SystemContext, bytes, flag, letter, maybe, number, numbers, text, texts};
use crate::error::CatalogResult;
use crate::object::{Object, Oid, Policy};
use crate::snapshot::Scope;
use std::sync::Arc;
use types::value::Item;

/// `name[]`
const NAMES: Oid = 1003;

/// All policies, by number.
fn all(scope: &Scope) -> impl Iterator<Item = &Arc<Policy>> {
    scope.objects().filter_map(|object| match object {
        Object::Policy(policy) => Some(policy),
        _ => None, // others have tables of their own
    })
}

/// `pg_policy`.
pub(super) fn policies(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for policy in all(context.scope) {
        emit.row(&[
            number(policy.oid),
            text(&policy.name),
            number(policy.table),
            letter(policy.command.letter()),
            flag(policy.permissive),
            Item::Bytes(&numbers(policy.roles.iter().copied())),
            maybe(policy.using.as_deref()),
            maybe(policy.check.as_deref()),
        ])?;
    }
    Ok(())
}

/// `pg_policies`.
pub(super) fn readable(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for policy in all(scope) {
        let Some(table) = scope.table(policy.table) else { continue };
        let shown =
            |kept: &Option<String>| kept.as_ref().map(|kept| context.session.expression(kept, policy.table));
        let (using, check) = (shown(&policy.using), shown(&policy.check));
        let mut roles: Vec<&str> = match policy.roles.as_slice() {
            [0] => vec!["public"],
            roles => roles.iter().filter_map(|role| Some(scope.role(*role)?.name.as_str())).collect(),
        };
        roles.sort_unstable();
        emit.row(&[
            text(scope.schema(table.schema).map_or("", |schema| &schema.name)),
            text(&table.name),
            text(&policy.name),
            text(if policy.permissive { "PERMISSIVE" } else { "RESTRICTIVE" }),
            bytes(&Some(texts(NAMES, roles))),
            text(policy.command.word()),
            maybe(using.as_deref()),
            maybe(check.as_deref()),
        ])?;
    }
    Ok(())
}
