//! Roles are kept as long as somebody is about to name them: as an owner, in a grant, as a member.
//!
//! Roles stand in the catalog of the main database, whichever database names them. Whoever puts a role's number into an object
//! locks the role's entry there, until his transaction ends, and looks whether it still is; whoever drops a role locks it alone,
//! and looks then who names it. It is what PostgreSQL's `shdepLockAndCheckObject` does.
//!
//! Tablespaces are kept likewise, as long as somebody is about to put a relation into one.
//!
//! Invariants
//!
//! 1. A catalog is the same tree in all databases, as they are branches of one another: the first.
//! 2. Roles that come with the program are not dropped, and not locked.

use crate::error::{CatalogError, CatalogResult};
use crate::handle::Catalog;
use crate::keys;
use crate::object::{Acl, FIRST_USER_OID, Object, Oid};
use std::collections::BTreeSet;
use store::locks::RowMode;
use store::{MAIN_DATABASE, Transaction};

impl Catalog {
    /// Keeps the roles that an object names, and did not name before.
    pub(crate) fn keep_roles(
        &self,
        transaction: &mut Transaction,
        before: Option<&Object>,
        now: &Object,
    ) -> CatalogResult<()> {
        let known = before.map(roles_of).unwrap_or_default();
        self.keep_each_role(transaction, roles_of(now).difference(&known).copied())
    }

    pub(crate) fn keep_each_role(
        &self,
        transaction: &mut Transaction,
        roles: impl Iterator<Item = Oid>,
    ) -> CatalogResult<()> {
        let roles: BTreeSet<Oid> = roles.filter(|role| *role >= FIRST_USER_OID).collect();
        for role in roles {
            if !self.keep_shared(transaction, role)? {
                return Err(CatalogError::RoleDropped { role });
            }
        }
        Ok(())
    }

    /// Keeps what all databases have in common, a role or a tablespace, until the transaction ends; whether it is there.
    pub(crate) fn keep_shared(&self, transaction: &mut Transaction, object: Oid) -> CatalogResult<bool> {
        let key = keys::of(keys::OBJECTS, object);
        if transaction.database() == MAIN_DATABASE {
            self.lock(transaction, &key, RowMode::KeyShare)?;
            return Ok(self.get(transaction, &key)?.is_some());
        }
        let wait = transaction.wait();
        Ok(transaction.hold_elsewhere((MAIN_DATABASE, self.tree), &key, RowMode::KeyShare, wait)?)
    }
}

/// The roles that an object names.
fn roles_of(object: &Object) -> BTreeSet<Oid> {
    let mut roles: BTreeSet<Oid> = object.owner().into_iter().collect();
    let mut add = |acl: &Acl| {
        roles.extend(acl.iter().flatten().flat_map(|grant| [grant.grantee, grant.grantor]));
    };
    add(object.acl());
    object.columns_with_acl().into_iter().for_each(|(_, _, acl)| add(acl));
    match object {
        Object::Policy(policy) => roles.extend(&policy.roles),
        Object::Role(role) => {
            roles.extend(role.member_of.iter().flat_map(|of| [of.role, of.grantor]));
        }
        Object::Schema(_)
        | Object::Table(_)
        | Object::View(_)
        | Object::Index(_)
        | Object::Sequence(_)
        | Object::Constraint(_)
        | Object::Enum(_)
        | Object::Domain(_)
        | Object::Composite(_)
        | Object::Base(_)
        | Object::Range(_)
        | Object::Multirange(_)
        | Object::Cast(_)
        | Object::Collation(_)
        | Object::Conversion(_)
        | Object::Extension(_)
        | Object::Operator(_)
        | Object::OperatorClass(_)
        | Object::OperatorFamily(_)
        | Object::Statistics(_)
        | Object::Rewrite(_)
        | Object::Foreign(_)
        | Object::Trigger(_)
        | Object::Function(_)
        | Object::Replication(_)
        | Object::Search(_)
        | Object::EventTrigger(_)
        | Object::Tablespace(_)
        | Object::Database(_) => {}
    }
    roles
}
