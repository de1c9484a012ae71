//! `LOCK TABLE`, and `SET CONSTRAINTS`: what a statement says of tables and constraints for the rest of its transaction.

use crate::client::{Client, Severity, SharedClient};
use crate::error::{SessionError, Warning};
use crate::session::Session;
use catalog::object::{Object, Privileges, Trigger};
use catalog::{AccessError, Actor, Oid, Relation, Scope};
use execute::When;
use std::collections::BTreeSet;
use store::locks::{LockError, RelationMode, WaitPolicy};
use store::{StoreError, TreeId};
use syntax::tree::QualifiedName;
use syntax::tree::session::{Lock, LockMode, SetConstraints};

/// What is locked: its number, its name, and the tree that stands for it.
type Target = (Oid, String, TreeId);

/// Gathers what one name of a statement locks.
struct Gathering<'g> {
    scope: &'g Scope,
    /// The database's branch.
    branch: u64,
    mode: RelationMode,
    /// Relations that were come by.
    seen: BTreeSet<Oid>,
    targets: Vec<Target>,
}

impl Session {
    pub(crate) fn run_lock(&mut self, lock: &Lock<'_>, client: &mut dyn Client) -> Result<(), SessionError> {
        self.block.demand("LOCK TABLE")?;
        self.locking(|session| {
            session.begin_snapshot()?;
            for table in lock.tables {
                // Who waited for a relation finds it as it is now, or another of its name.
                while !session.lock_relation((&table.name, table.only), mode(lock.mode), lock.nowait)? {
                    session.renew_snapshot()?;
                }
            }
            Ok(())
        })?;
        client.complete("LOCK TABLE");
        Ok(())
    }

    /// Runs what does not decide yet what the transaction sees, at whatever level.
    pub(crate) fn locking<T>(
        &mut self,
        run: impl FnOnce(&mut Session) -> Result<T, SessionError>,
    ) -> Result<T, SessionError> {
        self.block.set_locks_only(true);
        let done = run(self);
        self.block.set_locks_only(false);
        done
    }

    /// Locks a relation, and what a view reads. The answer is whether all is as it was when it was looked up.
    fn lock_relation(
        &mut self,
        (name, only): (&QualifiedName<'_>, bool),
        mode: RelationMode,
        nowait: bool,
    ) -> Result<bool, SessionError> {
        let scope = self.scope()?;
        let (schema, object) = define::split_name(&scope, name)?;
        let found = scope.find_relation(schema, object)?;
        let heirs = if only { Vec::new() } else { crate::services::partition::heirs(&scope, found.oid()) };
        let (branch, seen) = (self.database.0, BTreeSet::new());
        let mut gathering = Gathering { scope: &scope, branch, mode, seen, targets: Vec::new() };
        gathering.add(found, &Actor::new(&scope, self.role, branch))?;
        let mut targets = gathering.targets;
        // Who may lock a table may lock what inherits from it.
        targets.extend(heirs.iter().map(|heir| (heir.oid, heir.name.clone(), TreeId(heir.lock))));
        let wait = if nowait { WaitPolicy::NoWait } else { self.wait() };
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        self.transient.get_mut().used_temporary |=
            targets.iter().any(|(oid, ..)| catalog::object::is_temporary(*oid));
        for (oid, name, tree) in targets {
            match transaction.lock_tree(tree, mode, wait) {
                Ok(_) => {}
                Err(StoreError::NoSuchTree { .. }) => return Ok(false),
                Err(StoreError::Lock(LockError::NotAvailable { .. })) => {
                    return Err(SessionError::LockHeld { name });
                }
                Err(error) => return Err(error.into()),
            }
            if !self.catalog.get_mut().is_current(transaction, scope.snapshot(), oid)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(crate) fn run_set_constraints(
        &mut self,
        set: &SetConstraints<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        if !self.block.is_shared() && !self.block.is_in_function() {
            self.tell(client, Severity::Warning, &Warning::OnlyInBlock { statement: "SET CONSTRAINTS" });
        }
        if set.constraints.is_empty() {
            self.events.set_all(set.deferred);
            if !set.deferred {
                self.run_deferred_now(When::Commit, Some(&SharedClient::new(client)))?;
            }
            client.complete("SET CONSTRAINTS");
            return Ok(());
        }
        let scope = self.locking(Session::scope)?;
        let mut named = Vec::new();
        for name in set.constraints {
            named.extend(deferrable(&scope, name, set.deferred)?);
        }
        with_parts(&scope, &mut named);
        for constraint in &named {
            self.events.set(*constraint, set.deferred);
        }
        if !set.deferred {
            for constraint in named {
                self.run_deferred_now(When::Constraint(constraint), Some(&SharedClient::new(client)))?;
            }
        }
        client.complete("SET CONSTRAINTS");
        Ok(())
    }
}

/// What is said of a partitioned table's constraint is said of those of its partitions.
fn with_parts(scope: &Scope, named: &mut Vec<u32>) {
    let mut seen = 0;
    while let Some(constraint) = named.get(seen).copied() {
        for object in scope.objects() {
            let part = match object {
                Object::Constraint(part) if part.parent == constraint => part.oid,
                Object::Trigger(part) if is_part(scope, part, constraint) => {
                    part.constraint.map_or(0, |own| own.oid)
                }
                _ => continue,
            };
            if !named.contains(&part) {
                named.push(part);
            }
        }
        seen += 1;
    }
}

/// Whether a trigger comes from the one that is this constraint.
fn is_part(scope: &Scope, part: &Trigger, constraint: u32) -> bool {
    let above = scope.trigger(part.parent);
    above.and_then(|above| above.constraint).is_some_and(|above| above.oid == constraint)
}

fn mode(written: LockMode) -> RelationMode {
    match written {
        LockMode::AccessShare => RelationMode::AccessShare,
        LockMode::RowShare => RelationMode::RowShare,
        LockMode::RowExclusive => RelationMode::RowExclusive,
        LockMode::ShareUpdateExclusive => RelationMode::ShareUpdateExclusive,
        LockMode::Share => RelationMode::Share,
        LockMode::ShareRowExclusive => RelationMode::ShareRowExclusive,
        LockMode::Exclusive => RelationMode::Exclusive,
        LockMode::AccessExclusive => RelationMode::AccessExclusive,
    }
}

impl Gathering<'_> {
    /// A relation and, of a view, all that it reads, each once. What a view reads its owner has to be allowed to lock, unless the
    /// view reads as whoever asks.
    fn add(&mut self, relation: Relation, actor: &Actor) -> Result<(), SessionError> {
        let oid = relation.oid();
        if !self.seen.insert(oid) {
            return Ok(());
        }
        let name = relation.name().to_owned();
        match relation {
            Relation::Table(table) if table.is_materialized() => {
                Err(SessionError::CannotLock { name, kinds: "materialized views" })
            }
            Relation::Table(table) if table.is_foreign() => {
                Err(SessionError::CannotLock { name, kinds: "foreign tables" })
            }
            Relation::Table(table) => {
                self.require(oid, actor)?;
                self.targets.push((oid, name, TreeId(table.lock)));
                Ok(())
            }
            Relation::View(view) => {
                self.require(oid, actor)?;
                // A view of the system has no tree: nobody changes it.
                if view.lock != 0 {
                    self.targets.push((oid, name, TreeId(view.lock)));
                }
                let owner =
                    (!view.security_invoker()).then(|| Actor::new(self.scope, view.owner, self.branch));
                let reads = owner.as_ref().unwrap_or(actor);
                for (_, on, _) in self.scope.dependencies_of(oid) {
                    if let Some(read @ (Relation::Table(_) | Relation::View(_))) = self.scope.relation(on.oid)
                    {
                        self.add(read, reads)?;
                    }
                }
                Ok(())
            }
            // Their rows are computed; what they tell of is locked by whoever changes it.
            Relation::System(table) => {
                if self.mode != RelationMode::AccessShare && !actor.superuser {
                    let kind = if table.is_view { "view" } else { "table" };
                    return Err(AccessError::Denied { kind, name }.into());
                }
                Ok(actor.require_system(&table, None)?)
            }
            Relation::Index(_) => Err(SessionError::CannotLock { name, kinds: "indexes" }),
            Relation::Sequence(_) => Err(SessionError::CannotLock { name, kinds: "sequences" }),
            Relation::Composite(_) => Err(SessionError::CannotLock { name, kinds: "composite types" }),
        }
    }

    /// That somebody may do with a relation what needs such a lock.
    fn require(&self, oid: Oid, actor: &Actor) -> Result<(), SessionError> {
        let Some(object) = self.scope.object(oid) else { return Ok(()) };
        let changes = [Privileges::UPDATE, Privileges::DELETE, Privileges::TRUNCATE];
        let ways: &[Privileges] = match self.mode {
            RelationMode::AccessShare => &[Privileges::SELECT],
            RelationMode::RowExclusive => &[&changes[..], &[Privileges::INSERT]].concat(),
            RelationMode::RowShare
            | RelationMode::ShareUpdateExclusive
            | RelationMode::Share
            | RelationMode::ShareRowExclusive
            | RelationMode::Exclusive
            | RelationMode::AccessExclusive => &changes,
        };
        Ok(actor.require_any(self.scope, object, ways)?)
    }
}

/// The deferrable constraints of a name: in its schema, or in the first of the path that has any. One that is not
/// deferrable is immediate anyway.
fn deferrable(scope: &Scope, name: &QualifiedName<'_>, deferred: bool) -> Result<Vec<Oid>, SessionError> {
    let (schema, object) = define::split_name(scope, name)?;
    let schemas = match schema {
        Some(schema) => vec![scope.find_schema(schema)?],
        None => scope.path().schemas().collect(),
    };
    for schema in schemas {
        let keys = scope.constraints_named(schema, object).map(|key| (key.oid, key.deferrable));
        let triggers = scope.constraint_triggers_named(schema, object);
        let triggers = triggers.filter_map(|trigger| trigger.constraint);
        let triggers = triggers.map(|constraint| (constraint.oid, constraint.deferrable));
        let mut found = keys.chain(triggers).peekable();
        if found.peek().is_none() {
            continue;
        }
        let mut named = Vec::new();
        for (constraint, deferrable) in found {
            if deferrable {
                named.push(constraint);
            } else if deferred {
                return Err(SessionError::NotDeferrable { name: object.to_owned() });
            }
        }
        return Ok(named);
    }
    Err(SessionError::NoConstraint { name: object.to_owned() })
}
