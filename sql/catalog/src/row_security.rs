//! Row security: for whom it is asked which rows of a table he may see, and by which policies.

use crate::access::Actor;
use crate::object::{Oid, Policy, PolicyCommand, Table};
use crate::snapshot::{Scope, Snapshot};
use std::sync::Arc;

/// Who reads and writes what names are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// The role.
    pub role: Oid,
    /// `row_security = off`: what policies would hide from it is refused instead.
    pub refuses_policies: bool,
}

impl Snapshot {
    /// Whether policies say which rows of a table somebody may have: not to superusers, to roles with BYPASSRLS, or to its owner,
    /// unless that is forced.
    pub fn asks_policies(&self, table: &Table, actor: &Actor) -> bool {
        let bypasses =
            || actor.superuser || self.role(actor.role).is_some_and(|role| role.bypass_row_security);
        table.row_security && !bypasses() && (table.forces_row_security || !actor.has_rights_of(table.owner))
    }

    /// The policies of a table that are about what somebody does: permissive ones, then restrictive ones, each by name.
    pub fn policies_for(
        &self,
        table: Oid,
        actor: &Actor,
        done: PolicyCommand,
    ) -> (Vec<Arc<Policy>>, Vec<Arc<Policy>>) {
        let is_for = |policy: &&&Arc<Policy>| {
            let concerns = |role: &Oid| *role == 0 || actor.has_rights_of(*role);
            policy.command.covers(done) && policy.roles.iter().any(concerns)
        };
        let all = self.policies_of(table);
        all.iter().filter(is_for).map(|policy| Arc::clone(policy)).partition(|policy| policy.permissive)
    }
}

impl Scope {
    /// A role in the database that the session is in.
    pub fn actor(&self, role: Oid) -> Actor {
        Actor::new(self, role, self.path().database().unwrap_or(0))
    }

    /// Whether policies say which rows of a table a role may have.
    pub fn asks_policies_of(&self, table: &Table, role: Oid) -> bool {
        table.row_security && self.asks_policies(table, &self.actor(role))
    }
}
