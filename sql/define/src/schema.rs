//! `CREATE SCHEMA`; the statements within it are run by whoever runs statements.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use catalog::AccessError;
use catalog::object::{Object, Oid, Privileges, Schema};
use std::sync::Arc;
use syntax::tree::option::{RoleKind, RoleName};
use syntax::tree::schema::CreateSchema;

/// Makes the schema. Answers its name and owner; none if it was there already.
///
/// # Errors
/// PostgreSQL's.
pub fn create_schema(
    definer: &mut Definer<'_>,
    statement: &CreateSchema<'_>,
) -> DefineResult<Option<(String, Oid)>> {
    let owner = match &statement.owner {
        Some(owner) => definer.role_named(owner)?,
        None => definer.role,
    };
    let name = match (statement.name, &statement.owner) {
        (Some(name), _) => name.text.to_owned(),
        (None, Some(RoleName { kind: RoleKind::Named(name), .. })) => (*name).to_owned(),
        (None, _) => definer.snapshot().role(owner).map_or_else(String::new, |role| role.name.clone()),
    };
    if !definer.scope.is_superuser(definer.role) {
        may_create(definer, owner)?;
    }
    if name.starts_with("pg_") {
        return Err(DefineError::ReservedSchema { name });
    }
    if statement.if_not_exists && definer.scope.schema_named(&name).is_some() {
        definer.notice(DefineNotice::SchemaExists { name });
        return Ok(None);
    }
    let schema = Schema { oid: definer.new_oid()?, name: name.clone(), owner, acl: None };
    definer.create(&Object::Schema(Arc::new(schema)), &[])?;
    definer.refresh()?;
    Ok(Some((name, owner)))
}

/// Whether the role may make a schema here for an owner.
fn may_create(definer: &Definer<'_>, owner: Oid) -> DefineResult<()> {
    let branch = definer.transaction.database().0;
    if let Some(database) = definer.scope.database_of(branch) {
        let database = Object::Database(Arc::new(database.clone()));
        definer.actor().require(&definer.scope, &database, Privileges::CREATE)?;
    }
    match catalog::is_member(&definer.scope, definer.role, owner, branch) {
        true => Ok(()),
        false => Err(AccessError::NotMember { role: definer.scope.role_name(owner) }.into()),
    }
}
