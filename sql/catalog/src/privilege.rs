//! Who may do what: what an object begins with, what grants and memberships add, GRANT and REVOKE on a list of grants.

use crate::object::{Acl, Grant, Object, Oid, Privileges};
use crate::snapshot::Scope;
use std::collections::BTreeSet;

/// The role that stands for the owner of the database.
const DATABASE_OWNER: Oid = 6171;

impl Privileges {
    /// All that an object of this kind has.
    pub fn all_of(object: &Object) -> Privileges {
        match object {
            Object::Schema(_) => Privileges::SCHEMA,
            Object::Table(_) | Object::View(_) => Privileges::TABLE,
            Object::Sequence(_) => Privileges::SEQUENCE,
            Object::Enum(_) | Object::Domain(_) | Object::Composite(_) => Privileges::USAGE,
            Object::Function(_) => Privileges::EXECUTE,
            Object::Database(_) => Privileges::DATABASE,
            Object::Index(_) | Object::Constraint(_) | Object::Role(_) => Privileges::NONE,
        }
    }

    /// What everybody has on an object of this kind that nobody has granted anything on.
    pub fn public_of(object: &Object) -> Privileges {
        match object {
            Object::Enum(_) | Object::Domain(_) | Object::Composite(_) => Privileges::USAGE,
            Object::Function(_) => Privileges::EXECUTE,
            Object::Database(_) => Privileges::TEMPORARY.with(Privileges::CONNECT),
            Object::Schema(_)
            | Object::Table(_)
            | Object::View(_)
            | Object::Sequence(_)
            | Object::Index(_)
            | Object::Constraint(_)
            | Object::Role(_) => Privileges::NONE,
        }
    }
}

/// The grants on an object of `owner` that nobody has granted or revoked anything on, written out: with `all` for the owner
/// and `public` for everybody.
pub fn default_grants(owner: Oid, all: Privileges, public: Privileges) -> Vec<Grant> {
    let grant =
        |grantee, privileges| Grant { grantee, grantor: owner, privileges, grant_option: Privileges::NONE };
    // PostgreSQL lists everybody's first.
    let public = (!public.is_empty()).then(|| grant(0, public));
    let own = (!all.is_empty()).then(|| grant(owner, all));
    public.into_iter().chain(own).collect()
}

/// GRANT: adds privileges to a list of grants.
pub fn grant(grants: &mut Vec<Grant>, grantee: Oid, grantor: Oid, privileges: Privileges, with_option: bool) {
    let option = if with_option { privileges } else { Privileges::NONE };
    let same = |grant: &&mut Grant| (grant.grantee, grant.grantor) == (grantee, grantor);
    match grants.iter_mut().find(same) {
        Some(grant) => {
            grant.privileges = grant.privileges.with(privileges);
            grant.grant_option = grant.grant_option.with(option);
        }
        None => grants.push(Grant { grantee, grantor, privileges, grant_option: option }),
    }
}

/// REVOKE: takes privileges, or only the option to give them on, out of a list of grants.
pub fn revoke(
    grants: &mut Vec<Grant>,
    grantee: Oid,
    grantor: Oid,
    privileges: Privileges,
    only_option: bool,
) {
    for grant in grants.iter_mut().filter(|grant| (grant.grantee, grant.grantor) == (grantee, grantor)) {
        grant.grant_option = grant.grant_option.without(privileges);
        if !only_option {
            grant.privileges = grant.privileges.without(privileges);
        }
    }
    grants.retain(|grant| !grant.privileges.is_empty());
}

impl Scope {
    /// The roles whose rights a role has: itself, and what it inherits. `database_owner`: who owns the present database.
    pub fn inherited_roles(&self, role: Oid, database_owner: Oid) -> BTreeSet<Oid> {
        self.roles_above(role, database_owner, true)
    }

    /// The roles that a role is a member of, itself among them, whether it inherits their rights or not.
    pub fn roles_of(&self, role: Oid, database_owner: Oid) -> BTreeSet<Oid> {
        self.roles_above(role, database_owner, false)
    }

    fn roles_above(&self, role: Oid, database_owner: Oid, inheriting: bool) -> BTreeSet<Oid> {
        let mut found = BTreeSet::from([role]);
        let mut waiting = vec![role];
        while let Some(next) = waiting.pop() {
            let Some(known) = self.role(next) else { continue };
            if inheriting && !known.inherit {
                continue;
            }
            let implied = (next == database_owner).then_some(DATABASE_OWNER);
            for above in known.member_of.iter().map(|membership| membership.role).chain(implied) {
                if found.insert(above) {
                    waiting.push(above);
                }
            }
        }
        found
    }

    /// Whether a role may do everything.
    pub fn is_superuser(&self, role: Oid) -> bool {
        self.role(role).is_some_and(|role| role.superuser)
    }

    /// Which of the privileges `roles` ([`Scope::inherited_roles`]) have by these grants. The owner has them unless he has
    /// taken them from himself.
    pub fn granted(
        &self,
        roles: &BTreeSet<Oid>,
        acl: &Acl,
        owner: Oid,
        all: Privileges,
        public: Privileges,
    ) -> Privileges {
        let reaches = |grant: &&Grant| grant.grantee == 0 || roles.contains(&grant.grantee);
        let total = |grants: &[Grant]| {
            let reached = grants.iter().filter(reaches);
            reached.fold(Privileges::NONE, |total, grant| total.with(grant.privileges))
        };
        match acl {
            Some(grants) => total(grants),
            None => total(&default_grants(owner, all, public)),
        }
    }
}
