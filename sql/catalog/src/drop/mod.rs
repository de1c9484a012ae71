//! DROP: what goes along, what stands in the way, and what is said about it.
//!
//! * `walk`: from what is to be dropped to all that depends on it, locked as it is met.
//! * `report`: what the user is told. `remove`: the entries go. `role`: roles, which no edge leads to.

mod database;
mod remove;
mod report;
mod role;
mod walk;

use crate::dependency::Address;
use crate::error::{CatalogError, CatalogResult};
use crate::handle::Catalog;
use crate::object::{FIRST_USER_OID, Object, Oid, PUBLIC, Rule};
use crate::snapshot::Scope;
use std::collections::BTreeSet;
use store::Transaction;
use walk::{Node, Target, Walk};

/// What DROP does with dependents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behavior {
    /// They are an error.
    Restrict,
    /// They go along.
    Cascade,
}

/// A message that is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub message: String,
    /// Its lines.
    pub detail: Option<String>,
}

/// What a DROP did.
#[derive(Debug)]
pub struct Dropped {
    /// The objects that are gone, dependents before what they depended on.
    pub objects: Vec<Object>,
    /// The tables that stay and have lost something: a column, a default, what belongs to them, or who refers to them.
    pub bereft: BTreeSet<Oid>,
    /// What the user is told.
    pub notice: Option<Notice>,
}

impl Catalog {
    /// Drops objects, columns ([`Address::column`]) or defaults (by the numbers of their expressions) with their parts, and
    /// with [`Behavior::Cascade`] all that depends on them. Trees of relations go, too.
    ///
    /// # Errors
    /// When others depend on them, when one is a part of another, when one is gone.
    pub fn drop(
        &self,
        transaction: &mut Transaction,
        scope: &Scope,
        roots: &[Address],
        behavior: Behavior,
    ) -> CatalogResult<Dropped> {
        for root in roots {
            refuse_fixed(scope, *root)?;
        }
        let mut walk = Walk::new(self, transaction, scope, roots);
        for root in roots {
            walk.start(*root)?;
        }
        let targets = walk.finish();
        let notice = report::report(scope, roots, &targets, behavior)?;
        let objects = self.remove(transaction, &targets)?;
        Ok(Dropped { objects, bereft: bereft(&targets), notice })
    }
}

fn bereft(targets: &[Target]) -> BTreeSet<Oid> {
    let mut bereft = BTreeSet::new();
    for target in targets {
        match &target.node {
            Node::Object(object) => {
                bereft.extend(object.relation());
                if let Object::Constraint(constraint) = object
                    && let Rule::ForeignKey { table, .. } = &constraint.rule
                {
                    bereft.insert(*table);
                }
            }
            Node::Column { of, .. } | Node::Default { table: of, .. } => {
                bereft.insert(of.oid());
            }
            Node::Type { .. } => {}
        }
    }
    for target in targets {
        if let Node::Object(Object::Table(table)) = &target.node {
            bereft.remove(&table.oid);
        }
    }
    bereft
}

/// What comes with the program stays; a type that comes with an object goes with it only.
fn refuse_fixed(scope: &Scope, root: Address) -> CatalogResult<()> {
    if let Some(made) = scope.made_type(root.oid)
        && made.object != root.oid
        && let Some(owner) = scope.object(made.object)
    {
        let array_of = scope.made_types().find(|element| element.entry(true).array == root.oid);
        let owner = match array_of {
            Some(element) => format!("type {}", types::catalog::type_name(scope, element.oid, None)),
            None => scope.describe(owner),
        };
        let what = format!("type {}", types::catalog::type_name(scope, root.oid, None));
        return Err(CatalogError::Required { what, owner });
    }
    let native = scope.function(root.oid).is_some_and(|function| function.is_native());
    if (root.oid >= FIRST_USER_OID && !native) || root.oid == PUBLIC {
        return Ok(());
    }
    let what = match (scope.object(root.oid), scope.relation(root.oid)) {
        (Some(object), _) => scope.describe(object),
        (None, Some(relation)) => {
            format!("{} {}", relation.kind(), scope.relation_name(relation.schema(), relation.name()))
        }
        (None, None) => format!("type {}", types::catalog::type_name(scope, root.oid, None)),
    };
    Err(CatalogError::Fixed { what })
}
