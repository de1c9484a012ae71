//! Roles, databases, settings.

use super::emit::{Emit, SystemContext, acl, bytes, flag, int, letter, maybe, number, numbers, text, texts};
use crate::error::CatalogResult;
use crate::object::{DEFAULT_TABLESPACE, Database, Object, Role, SettingsOf};
use crate::snapshot::Scope;
use types::catalog::oid;
use types::value::Item;

/// All roles, by number.
pub(super) fn all_roles(scope: &Scope) -> impl Iterator<Item = &Role> {
    scope
        .shared_objects()
        .filter_map(|object| if let Object::Role(role) = object { Some(&**role) } else { None })
}

fn all_databases(scope: &Scope) -> impl Iterator<Item = &Database> {
    scope.shared_objects().filter_map(|object| match object {
        Object::Database(database) => Some(&**database),
        _ => None,
    })
}

fn until(role: &Role) -> Item<'static> {
    role.valid_until.map_or(Item::Null, Item::Int64)
}

fn configuration(scope: &Scope, of_whom: SettingsOf) -> Option<Vec<u8>> {
    let settings = scope.settings(of_whom)?;
    let lines: Vec<String> =
        settings.iter().map(|setting| format!("{}={}", setting.name, setting.value)).collect();
    Some(texts(oid::TEXT, lines.iter().map(String::as_str)))
}

/// `pg_authid`.
pub(super) fn authorizations(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for role in all_roles(context.scope) {
        emit.row(&[
            number(role.oid),
            text(&role.name),
            flag(role.superuser),
            flag(role.inherit),
            flag(role.create_role),
            flag(role.create_database),
            flag(role.can_login),
            flag(role.replication),
            flag(role.bypass_row_security),
            int(role.connection_limit),
            maybe(role.password.as_deref()),
            until(role),
        ])?;
    }
    Ok(())
}

/// `pg_roles`.
pub(super) fn roles(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for role in all_roles(context.scope) {
        let settings = configuration(context.scope, SettingsOf { database: 0, role: role.oid });
        emit.row(&[
            text(&role.name),
            flag(role.superuser),
            flag(role.inherit),
            flag(role.create_role),
            flag(role.create_database),
            flag(role.can_login),
            flag(role.replication),
            int(role.connection_limit),
            text("********"),
            until(role),
            flag(role.bypass_row_security),
            bytes(&settings),
            number(role.oid),
        ])?;
    }
    Ok(())
}

fn emit_users(context: &SystemContext<'_>, emit: &mut Emit, hidden: bool) -> CatalogResult<()> {
    for role in all_roles(context.scope).filter(|role| role.can_login) {
        let settings = configuration(context.scope, SettingsOf { database: 0, role: role.oid });
        emit.row(&[
            text(&role.name),
            number(role.oid),
            flag(role.create_database),
            flag(role.superuser),
            flag(role.replication),
            flag(role.bypass_row_security),
            if hidden { text("********") } else { maybe(role.password.as_deref()) },
            until(role),
            bytes(&settings),
        ])?;
    }
    Ok(())
}

/// `pg_shadow`.
pub(super) fn shadow(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_users(context, emit, false)
}

/// `pg_user`.
pub(super) fn users(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_users(context, emit, true)
}

/// `pg_group`.
pub(super) fn groups(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for group in all_roles(scope).filter(|role| !role.can_login) {
        let is_member = |role: &&Role| role.member_of.iter().any(|membership| membership.role == group.oid);
        let members = numbers(all_roles(scope).filter(is_member).map(|role| role.oid));
        emit.row(&[text(&group.name), number(group.oid), Item::Bytes(&members)])?;
    }
    Ok(())
}

/// `pg_auth_members`.
pub(super) fn memberships(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for role in all_roles(context.scope) {
        for membership in &role.member_of {
            emit.row(&[
                number(membership.role),
                number(role.oid),
                number(membership.grantor),
                flag(membership.admin),
            ])?;
        }
    }
    Ok(())
}

/// `pg_db_role_setting`.
pub(super) fn settings(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for of_whom in context.scope.all_settings() {
        let lines = configuration(context.scope, of_whom);
        emit.row(&[number(of_whom.database), number(of_whom.role), bytes(&lines)])?;
    }
    Ok(())
}

/// `pg_database`.
pub(super) fn databases(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for database in all_databases(context.scope) {
        let access = acl(context.scope, &database.acl);
        emit.row(&[
            number(database.oid),
            text(&database.name),
            number(database.owner),
            // UTF8
            int(6),
            letter(b'c'),
            flag(database.is_template),
            flag(database.allow_connections),
            int(database.connection_limit),
            number(0),
            number(0),
            number(DEFAULT_TABLESPACE),
            text("C.UTF-8"),
            text("C.UTF-8"),
            Item::Null,
            Item::Null,
            bytes(&access),
        ])?;
    }
    Ok(())
}

/// `pg_tablespace`.
pub(super) fn tablespaces(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for object in context.scope.shared_objects() {
        let Object::Tablespace(made) = object else { continue };
        let access = acl(context.scope, &made.acl);
        let options = texts(oid::TEXT, made.options.iter().map(String::as_str));
        let options = Some(options).filter(|_| !made.options.is_empty());
        emit.row(&[number(made.oid), text(&made.name), number(made.owner), bytes(&access), bytes(&options)])?;
    }
    Ok(())
}

/// `pg_default_acl`.
pub(super) fn default_privileges(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (place, of) in context.scope.all_default_acls().into_iter().enumerate() {
        let grants = context.scope.default_grants_of(of).map(|grants| grants.to_vec());
        let access = acl(context.scope, &grants);
        emit.row(&[
            // They have no numbers of their own.
            int(place + 1),
            number(of.role),
            number(of.schema),
            letter(of.kind.letter()),
            bytes(&access),
        ])?;
    }
    Ok(())
}
