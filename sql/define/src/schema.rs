//! `CREATE SCHEMA`; the statements within it are run by whoever runs statements.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use catalog::object::{Object, Schema};
use std::sync::Arc;
use syntax::tree::option::{RoleKind, RoleName};
use syntax::tree::schema::CreateSchema;

/// Makes the schema. Answers its name; none if it was there already.
///
/// # Errors
/// PostgreSQL's.
pub fn create_schema(
    definer: &mut Definer<'_>,
    statement: &CreateSchema<'_>,
) -> DefineResult<Option<String>> {
    let owner = match &statement.owner {
        Some(owner) => definer.role_named(owner)?,
        None => definer.role,
    };
    let name = match (statement.name, &statement.owner) {
        (Some(name), _) => name.text.to_owned(),
        (None, Some(RoleName { kind: RoleKind::Named(name), .. })) => (*name).to_owned(),
        (None, _) => definer.snapshot().role(owner).map_or_else(String::new, |role| role.name.clone()),
    };
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
    Ok(Some(name))
}
