//! `ALTER DEFAULT PRIVILEGES`: what objects that a role makes from now on begin with.

use crate::definer::Definer;
use crate::error::DefineResult;
use crate::grant::Change;
use crate::role_error::RoleError;
use catalog::object::{DefaultFor, DefaultKind, Grant, Oid, Privileges};
use syntax::tree::role::{DefaultPrivileges, GrantKind, GrantTarget};

/// Changes what new objects begin with.
///
/// # Errors
/// PostgreSQL's.
pub fn alter(definer: &mut Definer<'_>, statement: &DefaultPrivileges<'_>) -> DefineResult<()> {
    let GrantTarget::Defaults(written) = statement.grant.on else {
        return definer.unsupported("ALTER DEFAULT PRIVILEGES", None);
    };
    let kind = match written {
        GrantKind::Table => DefaultKind::Table,
        GrantKind::Sequence => DefaultKind::Sequence,
        GrantKind::Type => DefaultKind::Type,
        GrantKind::Schema => DefaultKind::Schema,
        _ => DefaultKind::Function,
    };
    let mut privileges = statement.grant.privileges.unwrap_or_default().iter();
    if privileges.any(|privilege| !privilege.columns.is_empty()) {
        return Err(RoleError::DefaultOfColumns.into());
    }
    let change = Change::read(definer, &statement.grant, written)?;
    // A table's defaults are no sequence's.
    let all = kind.all();
    if let Some((_, _, privilege)) =
        Privileges::ALL.iter().find(|known| change.privileges.without(all).contains(known.0))
    {
        return Err(RoleError::InvalidPrivilege { privilege, kind: "relation" }.into());
    }
    if kind == DefaultKind::Schema && !statement.schemas.is_empty() {
        return Err(RoleError::SchemasInSchema.into());
    }
    let mut roles = Vec::with_capacity(statement.roles.len().max(1));
    for role in statement.roles {
        let role = definer.role_named(role)?;
        crate::database::require_member(definer, role)?;
        roles.push(role);
    }
    if statement.roles.is_empty() {
        roles.push(definer.role);
    }
    for role in roles {
        if statement.schemas.is_empty() {
            set(definer, DefaultFor { role, schema: 0, kind }, &change)?;
        }
        for schema in statement.schemas {
            let schema = definer.scope.find_schema(schema.text)?;
            set(definer, DefaultFor { role, schema, kind }, &change)?;
        }
    }
    definer.refresh()
}

fn set(definer: &mut Definer<'_>, of: DefaultFor, change: &Change) -> DefineResult<()> {
    let role: Oid = of.role;
    let old = definer.scope.default_grants_of(of).map_or_else(|| plain(of), |grants| grants.to_vec());
    let privileges = if change.all { of.kind.all() } else { change.privileges };
    let new = change.apply(old, role, role, privileges)?;
    keep(definer, of, new)
}

/// What is granted where nothing was said. Those of a schema come on top of those of everywhere.
fn plain(of: DefaultFor) -> Vec<Grant> {
    if of.schema == 0 { of.kind.grants(of.role) } else { Vec::new() }
}

/// Keeps what is granted, unless that is what there is without a word.
pub(crate) fn keep(definer: &mut Definer<'_>, of: DefaultFor, mut grants: Vec<Grant>) -> DefineResult<()> {
    let plain = plain(of);
    grants.sort_by_key(|grant| (grant.grantee, grant.grantor));
    let same = grants.len() == plain.len() && plain.iter().all(|grant| grants.contains(grant));
    let kept = (!same).then_some(grants);
    definer.catalog.set_default_acl(definer.transaction, of, kept.as_deref())?;
    Ok(())
}
