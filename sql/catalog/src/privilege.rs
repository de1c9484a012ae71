//! Who may do what: what an object begins with, what grants and memberships add, GRANT and REVOKE on a list of grants.

use crate::access::{AccessError, AccessResult};
use crate::object::{Acl, Foreign, Grant, Object, Oid, Privileges};
use crate::snapshot::Snapshot;
use std::collections::BTreeSet;

/// The role that stands for the owner of the database.
pub(crate) const DATABASE_OWNER: Oid = 6171;

impl Privileges {
    /// All that an object of this kind has.
    pub fn all_of(object: &Object) -> Privileges {
        match object {
            Object::Schema(_) => Privileges::SCHEMA,
            Object::Table(_) | Object::View(_) => Privileges::TABLE,
            Object::Sequence(_) => Privileges::SEQUENCE,
            Object::Enum(_)
            | Object::Domain(_)
            | Object::Composite(_)
            | Object::Base(_)
            | Object::Range(_)
            | Object::Multirange(_) => Privileges::USAGE,
            Object::Function(_) => Privileges::EXECUTE,
            Object::Database(_) => Privileges::DATABASE,
            Object::Tablespace(_) => Privileges::CREATE,
            Object::Foreign(foreign) => match &**foreign {
                Foreign::Wrapper(_) | Foreign::Server(_) => Privileges::USAGE,
                Foreign::Mapping(_) => Privileges::NONE,
            },
            Object::Index(_)
            | Object::Constraint(_)
            | Object::Replication(_)
            | Object::Search(_)
            | Object::Role(_)
            | Object::Cast(_)
            | Object::Collation(_)
            | Object::Conversion(_)
            | Object::EventTrigger(_)
            | Object::Extension(_)
            | Object::Operator(_)
            | Object::OperatorClass(_)
            | Object::OperatorFamily(_)
            | Object::Statistics(_)
            | Object::Rewrite(_)
            | Object::Policy(_)
            | Object::Trigger(_) => Privileges::NONE,
        }
    }

    /// What everybody has on an object of this kind that nobody has granted anything on.
    pub fn public_of(object: &Object) -> Privileges {
        match object {
            Object::Enum(_)
            | Object::Domain(_)
            | Object::Composite(_)
            | Object::Base(_)
            | Object::Range(_)
            | Object::Multirange(_) => Privileges::USAGE,
            Object::Function(_) => Privileges::EXECUTE,
            Object::Database(_) => Privileges::TEMPORARY.with(Privileges::CONNECT),
            Object::Schema(_)
            | Object::Table(_)
            | Object::View(_)
            | Object::Sequence(_)
            | Object::Index(_)
            | Object::Constraint(_)
            | Object::Cast(_)
            | Object::Collation(_)
            | Object::Conversion(_)
            | Object::EventTrigger(_)
            | Object::Extension(_)
            | Object::Operator(_)
            | Object::OperatorClass(_)
            | Object::OperatorFamily(_)
            | Object::Statistics(_)
            | Object::Rewrite(_)
            | Object::Foreign(_)
            | Object::Replication(_)
            | Object::Search(_)
            | Object::Tablespace(_)
            | Object::Policy(_)
            | Object::Trigger(_)
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

/// Whether a role would give the option of privileges back to one that it has it from itself.
pub fn is_circular(
    grants: &[Grant],
    owner: Oid,
    grantee: Oid,
    grantor: Oid,
    privileges: Privileges,
) -> AccessResult<bool> {
    if grantor == owner {
        return Ok(false);
    }
    // What the grantor may give on without all that comes from the grantee.
    let mut without = grants.to_vec();
    while let Some(index) = without.iter().position(|grant| grant.grantor == grantee) {
        let Grant { grantee: from, privileges, .. } = without[index];
        revoke(&mut without, owner, (from, grantee), privileges, Revoked::WITH_DEPENDENTS)?;
    }
    Ok(!option_of(&without, owner, grantor).contains(privileges))
}

/// What a role may give on.
pub fn option_of(grants: &[Grant], owner: Oid, role: Oid) -> Privileges {
    if role == owner {
        return Privileges(u16::MAX);
    }
    let own = grants.iter().filter(|grant| grant.grantee == role);
    own.fold(Privileges::NONE, |total, grant| total.with(grant.grant_option))
}

/// How REVOKE goes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked {
    /// GRANT OPTION FOR: the privileges stay.
    pub only_option: bool,
    /// CASCADE: what was given on goes too.
    pub cascade: bool,
}

impl Revoked {
    const WITH_DEPENDENTS: Revoked = Revoked { only_option: false, cascade: true };
}

/// REVOKE: takes privileges that `grantor` gave `grantee` out of a list of grants, with what the grantee has given on of them.
///
/// # Errors
/// When he has given something on, and it is not to go.
pub fn revoke(
    grants: &mut Vec<Grant>,
    owner: Oid,
    (grantee, grantor): (Oid, Oid),
    privileges: Privileges,
    how: Revoked,
) -> AccessResult<()> {
    let mut lost = Privileges::NONE;
    for grant in grants.iter_mut().filter(|grant| (grant.grantee, grant.grantor) == (grantee, grantor)) {
        lost = Privileges(grant.grant_option.0 & privileges.0);
        grant.grant_option = grant.grant_option.without(privileges);
        if !how.only_option {
            grant.privileges = grant.privileges.without(privileges);
        }
    }
    grants.retain(|grant| !grant.privileges.is_empty());
    let lost = lost.without(option_of(grants, owner, grantee));
    let given_on = |grant: &Grant| grant.grantor == grantee && grant.privileges.0 & lost.0 != 0;
    while let Some(index) = grants.iter().position(given_on) {
        if !how.cascade {
            return Err(AccessError::DependentPrivileges);
        }
        let next = grants[index].grantee;
        revoke(grants, owner, (next, grantee), lost, Revoked::WITH_DEPENDENTS)?;
    }
    Ok(())
}

/// Adds grants to others, as if each were granted anew: a schema's default privileges to those of everywhere.
pub fn merge(grants: &mut Vec<Grant>, more: &[Grant]) {
    for new in more {
        grant(grants, new.grantee, new.grantor, new.privileges, false);
        grant(grants, new.grantee, new.grantor, new.grant_option, true);
    }
}

impl Snapshot {
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
