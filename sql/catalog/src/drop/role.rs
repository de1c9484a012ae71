//! DROP ROLE. Who owns what, and who may do what, stands in the objects: that is looked through.

use super::report::{LINES, with_rest};
use crate::change::names_of;
use crate::error::{CatalogError, CatalogResult};
use crate::handle::Catalog;
use crate::keys;
use crate::object::{Acl, FIRST_USER_OID, Object, Oid, SettingsOf, class};
use crate::snapshot::{Scope, Snapshot};
use std::sync::Arc;
use store::Transaction;
use store::locks::RowMode;

impl Snapshot {
    /// How many objects of this database a role owns, or has privileges on.
    pub fn count_uses_of_role(&self, role: Oid) -> usize {
        let uses = |object: &&Object| {
            object.owner() == Some(role)
                || mentions(object.acl(), role)
                || is_about(object, role)
                || !columns_with(object, role).is_empty()
        };
        let defaults = self.all_default_acls().into_iter().filter(|of| of.role == role);
        self.objects().filter(uses).count() + defaults.count()
    }
}

impl Scope {
    /// What a role owns and has privileges on, by numbers, as the message that refuses to drop it lists it. Default privileges
    /// come last.
    pub fn uses_of_role(&self, role: Oid) -> Vec<(Oid, String)> {
        let mut uses = Vec::new();
        for object in self.objects().chain(self.shared_objects()) {
            let described = || self.describe(object);
            if object.owner() == Some(role) {
                uses.push((object.oid(), format!("owner of {}", described())));
            } else if mentions(object.acl(), role) {
                uses.push((object.oid(), format!("privileges for {}", described())));
            }
            if is_about(object, role) {
                uses.push((object.oid(), format!("target of {}", described())));
            }
            for column in columns_with(object, role) {
                uses.push((object.oid(), format!("privileges for column {column} of {}", described())));
            }
        }
        for of in self.all_default_acls() {
            let mut described = format!("default privileges on new {} belonging to role ", of.kind.words());
            described.push_str(&self.role_name(of.role));
            if let Some(schema) = self.schema(of.schema) {
                described.push_str(&format!(" in schema {}", schema.name));
            }
            let grants = self.default_grants_of(of);
            if of.role == role {
                uses.push((Oid::MAX, format!("owner of {described}")));
            } else if grants.is_some_and(|grants| grants.iter().any(|grant| grant.grantee == role)) {
                uses.push((Oid::MAX, format!("privileges for {described}")));
            }
        }
        uses
    }
}

fn mentions(acl: &Acl, role: Oid) -> bool {
    acl.iter().flatten().any(|grant| grant.grantee == role || grant.grantor == role)
}

/// Whether it is a policy for a role.
fn is_about(object: &Object, role: Oid) -> bool {
    matches!(object, Object::Policy(policy) if policy.roles.contains(&role))
}

/// The names of the columns on which a role that does not own the relation has privileges.
fn columns_with(object: &Object, role: Oid) -> Vec<&str> {
    if object.owner() == Some(role) {
        return Vec::new();
    }
    let columns = object.columns_with_acl();
    columns.into_iter().filter(|(_, _, acl)| mentions(acl, role)).map(|(_, name, _)| name).collect()
}

impl Catalog {
    /// Drops a role that nothing depends on, with its memberships and its settings. To be called on the catalog of the main
    /// database; what stands in other databases is the caller's to look at ([`Scope::uses_of_role`]) and to tell.
    ///
    /// # Errors
    /// When the role owns something or has privileges on something, when it comes with the program, when it is gone.
    pub fn drop_role(
        &self,
        transaction: &mut Transaction,
        scope: &Scope,
        role: Oid,
        elsewhere: Vec<String>,
    ) -> CatalogResult<()> {
        let key = keys::of(keys::OBJECTS, role);
        self.lock(transaction, &key, RowMode::Update)?;
        if role < FIRST_USER_OID {
            return Err(CatalogError::Fixed { what: format!("role {}", scope.role_name(role)) });
        }
        let object = self.newest(transaction, role)?.ok_or(CatalogError::UndefinedObject { oid: role })?;
        let mut uses = scope.uses_of_role(role);
        uses.extend(self.uses_of_large_objects(transaction, role)?);
        uses.sort_by_key(|(oid, _)| *oid);
        let mut uses: Vec<String> = uses.into_iter().map(|(_, told)| told).collect();
        uses.extend(elsewhere);
        if !uses.is_empty() {
            let count = uses.len();
            uses.truncate(LINES);
            return Err(CatalogError::RoleInUse {
                name: object.name().to_owned(),
                detail: with_rest(uses, count),
            });
        }
        self.leave(transaction, scope, role)?;
        for (kind, space, name) in names_of(&object) {
            self.delete(transaction, &keys::name(kind, space, &name))?;
        }
        self.delete(transaction, &key)?;
        self.comment(transaction, class::ROLE, crate::Address::of(role), None)?;
        let settings: Vec<SettingsOf> = scope.all_settings().filter(|of_whom| of_whom.role == role).collect();
        for of_whom in settings {
            self.set_settings(transaction, of_whom, &[])?;
        }
        Ok(())
    }

    /// Nobody is a member of the role any more.
    fn leave(&self, transaction: &mut Transaction, scope: &Scope, role: Oid) -> CatalogResult<()> {
        for object in scope.shared_objects() {
            let Object::Role(member) = object else { continue };
            if !member.member_of.iter().any(|membership| membership.role == role) {
                continue;
            }
            self.alter(transaction, member.oid, |object| {
                if let Object::Role(member) = object {
                    Arc::make_mut(member).member_of.retain(|membership| membership.role != role);
                }
                CatalogResult::Ok(())
            })?;
        }
        Ok(())
    }
}
