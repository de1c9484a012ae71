//! Roles: `CREATE ROLE`, `ALTER ROLE`, `DROP ROLE`, and who is a member of which.
//!
//! Roles stand in the main database's catalog: the definer's transaction and catalog are those of the main database here.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::role_error::{RoleError, RoleNotice};
use catalog::object::{Membership, Object, Oid, Role};
use catalog::{CatalogError, is_database_owner};
use std::sync::Arc;
use syntax::tree::option::{RoleKind, RoleName};
use syntax::tree::role::{
    AlterRole, AlterRoleAction, CreateRole, DropRole, GrantRole, RoleOption, RoleOptionKind, RoleStatement,
};
use types::catalog::oid;
use types::{Type, Value};

/// Makes what is kept of a role's password; nothing of an empty one, whatever is written of it.
pub type Verifier<'v> = dyn FnMut(&str, &str) -> DefineResult<Option<String>> + 'v;

/// What options say, each at most once.
#[derive(Default)]
struct Options<'a> {
    password: Option<Option<&'a str>>,
    superuser: Option<bool>,
    create_database: Option<bool>,
    create_role: Option<bool>,
    inherit: Option<bool>,
    login: Option<bool>,
    replication: Option<bool>,
    bypass_row_security: Option<bool>,
    connection_limit: Option<i32>,
    valid_until: Option<&'a str>,
    system_id: bool,
    members: Option<(&'a [RoleName<'a>], bool)>,
    in_roles: Option<&'a [RoleName<'a>]>,
    admins: Option<&'a [RoleName<'a>]>,
}

impl<'a> Options<'a> {
    fn read(options: &[RoleOption<'a>]) -> DefineResult<Options<'a>> {
        let mut read = Options::default();
        for option in options {
            let fresh = match option.kind {
                RoleOptionKind::Password(password) => read.password.replace(password).is_none(),
                RoleOptionKind::Superuser(on) => read.superuser.replace(on).is_none(),
                RoleOptionKind::CreateDatabase(on) => read.create_database.replace(on).is_none(),
                RoleOptionKind::CreateRole(on) => read.create_role.replace(on).is_none(),
                RoleOptionKind::Inherit(on) => read.inherit.replace(on).is_none(),
                RoleOptionKind::Login(on) => read.login.replace(on).is_none(),
                RoleOptionKind::Replication(on) => read.replication.replace(on).is_none(),
                RoleOptionKind::BypassRowSecurity(on) => read.bypass_row_security.replace(on).is_none(),
                RoleOptionKind::ConnectionLimit(limit) => read.connection_limit.replace(limit).is_none(),
                RoleOptionKind::ValidUntil(until) => read.valid_until.replace(until).is_none(),
                RoleOptionKind::SystemId(_) => {
                    read.system_id = true;
                    true
                }
                RoleOptionKind::Members(roles) => read.members.replace((roles, true)).is_none(),
                RoleOptionKind::DropMembers(roles) => read.members.replace((roles, false)).is_none(),
                RoleOptionKind::InRole(roles) => read.in_roles.replace(roles).is_none(),
                RoleOptionKind::Admin(roles) => read.admins.replace(roles).is_none(),
            };
            if !fresh {
                return Err(DefineError::ConflictingOptions { position: option.position });
            }
        }
        if let Some(limit) = read.connection_limit
            && limit < -1
        {
            return Err(RoleError::ConnectionLimit { limit }.into());
        }
        Ok(read)
    }

    /// Whether nothing but the password is said.
    fn is_password_alone(&self) -> bool {
        self.password.is_some()
            && self.create_database.is_none()
            && self.create_role.is_none()
            && self.inherit.is_none()
            && self.login.is_none()
            && self.connection_limit.is_none()
            && self.valid_until.is_none()
            && self.members.is_none()
    }

    /// Writes what is said into a role.
    fn apply(&self, role: &mut Role, until: Option<i64>, password: Option<Option<String>>) {
        let set = |of: &mut bool, said: Option<bool>| *of = said.unwrap_or(*of);
        set(&mut role.superuser, self.superuser);
        set(&mut role.create_database, self.create_database);
        set(&mut role.create_role, self.create_role);
        set(&mut role.inherit, self.inherit);
        set(&mut role.can_login, self.login);
        set(&mut role.replication, self.replication);
        set(&mut role.bypass_row_security, self.bypass_row_security);
        role.connection_limit = self.connection_limit.unwrap_or(role.connection_limit);
        role.valid_until = until.or(role.valid_until);
        if let Some(password) = password {
            role.password = password;
        }
    }

    fn until(&self, definer: &Definer<'_>) -> DefineResult<Option<i64>> {
        let Some(text) = self.valid_until else { return Ok(None) };
        match definer.literals.read(&definer.scope, Type::of(oid::TIMESTAMPTZ), text) {
            Ok(Value::Int64(until)) => Ok(Some(until)),
            Ok(_) => Ok(None),
            Err(error) => {
                Err(RoleError::ValidUntil { state: error.sqlstate(), message: error.to_string() }.into())
            }
        }
    }

    /// What is kept of the password; `None` if nothing is said of it.
    fn password(
        &self,
        definer: &mut Definer<'_>,
        role: &str,
        verifier: &mut Verifier<'_>,
    ) -> DefineResult<Option<Option<String>>> {
        let Some(password) = self.password else { return Ok(None) };
        let Some(password) = password else { return Ok(Some(None)) };
        let kept = verifier(role, password)?;
        if kept.is_none() {
            definer.notice(DefineNotice::Role(RoleNotice::EmptyPassword));
        }
        Ok(Some(kept))
    }
}

/// `CREATE ROLE`
///
/// # Errors
/// PostgreSQL's.
pub fn create_role(
    definer: &mut Definer<'_>,
    statement: &CreateRole<'_>,
    verifier: &mut Verifier<'_>,
) -> DefineResult<()> {
    let options = Options::read(statement.options)?;
    if options.system_id {
        definer.notice(DefineNotice::Role(RoleNotice::SystemId));
    }
    may_create(definer, &options)?;
    let RoleKind::Named(name) = statement.name.kind else { return Err(RoleError::DropSpecial.into()) };
    refuse_reserved(name)?;
    if definer.scope.role_named(name).is_some() {
        return Err(CatalogError::DuplicateRole { name: name.to_owned() }.into());
    }
    let until = options.until(definer)?;
    let password = options.password(definer, name, verifier)?;
    let mut role = Role {
        oid: definer.new_oid()?,
        name: name.to_owned(),
        superuser: false,
        inherit: true,
        create_role: false,
        create_database: false,
        can_login: statement.kind == RoleStatement::User,
        replication: false,
        bypass_row_security: false,
        connection_limit: -1,
        password: None,
        valid_until: None,
        member_of: Vec::new(),
    };
    options.apply(&mut role, until, password);
    let made = role.oid;
    definer.create(&Object::Role(Arc::new(role)), &[])?;
    definer.refresh()?;
    for of in options.in_roles.unwrap_or_default() {
        let of = definer.role_named(of)?;
        add_members(definer, of, &[made], definer.role, false)?;
    }
    let members = roles_named(definer, options.members.map_or(&[], |members| members.0))?;
    let admins = roles_named(definer, options.admins.unwrap_or_default())?;
    add_members(definer, made, &admins, definer.role, true)?;
    add_members(definer, made, &members, definer.role, false)
}

fn may_create(definer: &Definer<'_>, options: &Options<'_>) -> DefineResult<()> {
    if definer.scope.is_superuser(definer.role) {
        return Ok(());
    }
    Err(match options {
        Options { superuser: Some(true), .. } => RoleError::CreateSuperuser,
        Options { replication: Some(true), .. } => RoleError::CreateReplication,
        Options { bypass_row_security: Some(true), .. } => RoleError::CreateBypass,
        _ if !may_make_roles(definer) => RoleError::Create,
        _ => return Ok(()),
    }
    .into())
}

/// Whether the role has CREATEROLE. It is not inherited.
fn may_make_roles(definer: &Definer<'_>) -> bool {
    definer.scope.role(definer.role).is_some_and(|role| role.superuser || role.create_role)
}

fn is_reserved(name: &str) -> bool {
    name.starts_with("pg_")
}

fn refuse_reserved(name: &str) -> DefineResult<()> {
    let detail = "Role names starting with \"pg_\" are reserved.";
    match is_reserved(name) {
        true => Err(RoleError::ReservedName { name: name.to_owned(), detail }.into()),
        false => Ok(()),
    }
}

fn roles_named(definer: &Definer<'_>, names: &[RoleName<'_>]) -> DefineResult<Vec<Oid>> {
    names.iter().map(|name| definer.role_named(name)).collect()
}

fn role_of(definer: &Definer<'_>, oid: Oid) -> DefineResult<Arc<Role>> {
    let found = definer.scope.role(oid).cloned();
    Ok(found.ok_or(CatalogError::UndefinedObject { oid })?)
}

fn change(definer: &mut Definer<'_>, role: Oid, change: impl FnOnce(&mut Role)) -> DefineResult<()> {
    definer.catalog.alter::<CatalogError>(definer.transaction, role, |object| {
        if let Object::Role(role) = object {
            change(Arc::make_mut(role));
        }
        Ok(())
    })?;
    definer.refresh()
}

/// `ALTER ROLE` with options; `ALTER GROUP`. Settings of roles are the session's matter.
///
/// # Errors
/// PostgreSQL's.
pub fn alter_role(
    definer: &mut Definer<'_>,
    statement: &AlterRole<'_>,
    verifier: &mut Verifier<'_>,
) -> DefineResult<()> {
    let (Some(name), AlterRoleAction::Options(options)) = (&statement.name, statement.action) else {
        return definer.unsupported("ALTER ROLE ALL", None);
    };
    let options = Options::read(options)?;
    if let RoleKind::Named(name) = name.kind
        && is_reserved(name)
    {
        let detail = "Cannot alter reserved roles.";
        return Err(RoleError::ReservedName { name: name.to_owned(), detail }.into());
    }
    let role = role_of(definer, definer.role_named(name)?)?;
    may_alter(definer, &role, &options)?;
    let until = options.until(definer)?;
    let password = options.password(definer, &role.name, verifier)?;
    if let Some((members, adds)) = options.members {
        let members = roles_named(definer, members)?;
        return match adds {
            true => add_members(definer, role.oid, &members, definer.role, false),
            false => remove_members(definer, role.oid, &members, false),
        };
    }
    change(definer, role.oid, |role| options.apply(role, until, password))
}

fn may_alter(definer: &Definer<'_>, role: &Role, options: &Options<'_>) -> DefineResult<()> {
    if definer.scope.is_superuser(definer.role) {
        return Ok(());
    }
    let own_password = options.is_password_alone() && role.oid == definer.role;
    Err(if options.superuser.is_some() || role.superuser {
        RoleError::AlterSuperuser
    } else if options.replication.is_some() || role.replication {
        RoleError::AlterReplication
    } else if options.bypass_row_security.is_some() {
        RoleError::AlterBypass
    } else if !may_make_roles(definer) && !own_password {
        RoleError::Alter
    } else {
        return Ok(());
    }
    .into())
}

/// Whether the role that is at work may change the settings of another.
///
/// # Errors
/// When it may not.
pub fn may_set(definer: &Definer<'_>, of: &RoleName<'_>) -> DefineResult<Oid> {
    let role = role_of(definer, definer.role_named(of)?)?;
    if definer.scope.is_superuser(definer.role) {
        return Ok(role.oid);
    }
    if role.superuser {
        return Err(RoleError::AlterSuperuser.into());
    }
    if !may_make_roles(definer) && role.oid != definer.role {
        return Err(RoleError::Alter.into());
    }
    Ok(role.oid)
}

/// `ALTER ROLE … RENAME TO`
///
/// # Errors
/// PostgreSQL's.
pub fn rename_role(definer: &mut Definer<'_>, from: &str, to: &str) -> DefineResult<()> {
    let role = role_of(definer, definer.scope.find_role(from)?)?;
    if role.oid == definer.session_role {
        return Err(RoleError::RenameSessionUser.into());
    }
    if role.oid == definer.role {
        return Err(RoleError::RenameCurrentUser.into());
    }
    refuse_reserved(from)?;
    refuse_reserved(to)?;
    if definer.scope.role_named(to).is_some() {
        return Err(CatalogError::DuplicateRole { name: to.to_owned() }.into());
    }
    if role.superuser && !definer.scope.is_superuser(definer.role) {
        return Err(RoleError::RenameSuperuser.into());
    }
    if !may_make_roles(definer) {
        return Err(RoleError::Rename.into());
    }
    // The name is part of what is kept.
    let goes = role.password.as_deref().is_some_and(|password| password.starts_with("md5"));
    if goes {
        definer.notice(DefineNotice::Role(RoleNotice::PasswordCleared));
    }
    change(definer, role.oid, |role| {
        role.name = to.to_owned();
        role.password = role.password.take().filter(|_| !goes);
    })
}

/// `DROP ROLE`. `others` tells what other databases have of a role.
///
/// # Errors
/// PostgreSQL's.
pub fn drop_role(
    definer: &mut Definer<'_>,
    statement: &DropRole<'_>,
    others: &mut dyn FnMut(Oid) -> DefineResult<Vec<String>>,
) -> DefineResult<()> {
    if !may_make_roles(definer) {
        return Err(RoleError::Drop.into());
    }
    for name in statement.roles {
        let RoleKind::Named(text) = name.kind else { return Err(RoleError::DropSpecial.into()) };
        let Some(role) = definer.scope.role_named(text) else {
            if !statement.if_exists {
                return Err(CatalogError::UndefinedRole { name: text.to_owned() }.into());
            }
            definer.notice(DefineNotice::DoesNotExist { kind: "role", name: text.to_owned() });
            continue;
        };
        if role == definer.role {
            return Err(RoleError::DropCurrentUser.into());
        }
        if role == definer.session_role {
            return Err(RoleError::DropSessionUser.into());
        }
        if definer.scope.is_superuser(role) && !definer.scope.is_superuser(definer.role) {
            return Err(RoleError::DropSuperuser.into());
        }
        // Who is about to name it is waited for, and then looked at.
        definer.hold_newest(role)?;
        let elsewhere = others(role)?;
        definer.catalog.drop_role(definer.transaction, &definer.scope, role, elsewhere)?;
        definer.refresh()?;
    }
    Ok(())
}

/// `GRANT role TO role`, `REVOKE role FROM role`
///
/// # Errors
/// PostgreSQL's.
pub fn grant_role(definer: &mut Definer<'_>, statement: &GrantRole<'_>) -> DefineResult<()> {
    let grantor = match &statement.granted_by {
        Some(grantor) => definer.role_named(grantor)?,
        None => definer.role,
    };
    let members = roles_named(definer, statement.grantees)?;
    for role in statement.roles {
        if !role.columns.is_empty() {
            return Err(RoleError::RoleWithColumns.into());
        }
        let role = definer.scope.find_role(role.name.text)?;
        if statement.grant {
            add_members(definer, role, &members, grantor, statement.admin_option)?;
        } else {
            remove_members(definer, role, &members, statement.admin_option)?;
        }
    }
    Ok(())
}

fn may_grant(definer: &Definer<'_>, role: &Role) -> DefineResult<()> {
    if definer.scope.is_superuser(definer.role) {
        return Ok(());
    }
    if role.superuser {
        return Err(RoleError::MembersOfSuperuser.into());
    }
    let is_admin = || {
        let mine = definer.scope.roles_of(definer.role, 0);
        let admin = |own: Oid| {
            let memberships = definer.scope.role(own).map(|own| own.member_of.as_slice()).unwrap_or_default();
            memberships.iter().any(|membership| membership.role == role.oid && membership.admin)
        };
        mine.into_iter().any(admin)
    };
    if may_make_roles(definer) || is_admin() {
        return Ok(());
    }
    Err(RoleError::NoAdminOption { role: role.name.clone() }.into())
}

fn add_members(
    definer: &mut Definer<'_>,
    role: Oid,
    members: &[Oid],
    grantor: Oid,
    admin: bool,
) -> DefineResult<()> {
    if members.is_empty() {
        return Ok(());
    }
    let of = role_of(definer, role)?;
    may_grant(definer, &of)?;
    if is_database_owner(role) {
        return Err(RoleError::NoMembers { role: of.name.clone() }.into());
    }
    if grantor != definer.role && !definer.scope.is_superuser(definer.role) {
        return Err(RoleError::SetGrantor.into());
    }
    for member in members {
        let known = role_of(definer, *member)?;
        if is_database_owner(*member) {
            return Err(RoleError::NoMember { role: known.name.clone() }.into());
        }
        if definer.scope.roles_of(role, 0).contains(member) {
            let (role, member) = (of.name.clone(), known.name.clone());
            return Err(RoleError::Circular { role, member }.into());
        }
        let old = known.member_of.iter().find(|membership| membership.role == role);
        if old.is_some_and(|old| old.admin || !admin) {
            let (member, role) = (known.name.clone(), of.name.clone());
            definer.notice(DefineNotice::Role(RoleNotice::AlreadyMember { member, role }));
            continue;
        }
        change(definer, *member, |member| {
            member.member_of.retain(|membership| membership.role != role);
            member.member_of.push(Membership { role, grantor, admin });
        })?;
    }
    Ok(())
}

fn remove_members(
    definer: &mut Definer<'_>,
    role: Oid,
    members: &[Oid],
    only_admin: bool,
) -> DefineResult<()> {
    let of = role_of(definer, role)?;
    may_grant(definer, &of)?;
    for member in members {
        let known = role_of(definer, *member)?;
        if !known.member_of.iter().any(|membership| membership.role == role) {
            let (member, role) = (known.name.clone(), of.name.clone());
            definer.notice(DefineNotice::Role(RoleNotice::NotMember { member, role }));
            continue;
        }
        change(definer, *member, |member| {
            if only_admin {
                let same = |membership: &&mut Membership| membership.role == role;
                member.member_of.iter_mut().filter(same).for_each(|membership| membership.admin = false);
            } else {
                member.member_of.retain(|membership| membership.role != role);
            }
        })?;
    }
    Ok(())
}
