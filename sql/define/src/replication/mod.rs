//! Publications and subscriptions.
//!
//! * `publication`: `CREATE PUBLICATION`, `ALTER PUBLICATION`; `published`: the tables and schemas in one.
//! * `subscription`: `CREATE SUBSCRIPTION`, `ALTER SUBSCRIPTION`; `connection`: how the other server would be reached.
//! * `option`: what stands in `WITH (…)` and `SET (…)`.
//!
//! Nothing is sent and nobody is asked: what would take a connection to another server is refused with 0A000. An enabled
//! subscription is one for which PostgreSQL has no worker left.

mod connection;
pub(crate) mod option;
mod publication;
mod published;
mod subscription;

pub(crate) use published::{refuse_retyped, refuse_unlogged};
pub(crate) use subscription::before_drop;

use crate::definer::{Around, Definer};
use crate::error::{DefineError, DefineResult, plain};
use catalog::object::{Object, Oid, Privileges, Replication};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::object::{ObjectKind, ObjectName};
use syntax::tree::replication::ReplicationStatement;

/// Runs a statement about publications or subscriptions.
///
/// # Errors
/// PostgreSQL's.
pub fn define(definer: &mut Definer<'_>, statement: &ReplicationStatement<'_>) -> DefineResult<()> {
    match statement {
        ReplicationStatement::CreatePublication(create) => publication::create(definer, create),
        ReplicationStatement::AlterPublication(alter) => publication::alter(definer, alter),
        ReplicationStatement::CreateSubscription(create) => subscription::create(definer, create),
        ReplicationStatement::AlterSubscription(alter) => subscription::alter(definer, alter),
    }
}

/// The word of a kind of object that is one of these.
fn word(kind: ObjectKind) -> Option<&'static str> {
    match kind {
        ObjectKind::Publication => Some("publication"),
        ObjectKind::Subscription => Some("subscription"),
        _ => None, // others are not of replication
    }
}

/// The number of the publication or subscription of a name; none of another kind. Within: that there is no such one.
pub(crate) fn find(
    definer: &Definer<'_>,
    kind: ObjectKind,
    object: &ObjectName<'_>,
) -> Option<DefineResult<Oid>> {
    let word = word(kind)?;
    let ObjectName::Named(name) = object else { return None };
    let name = name.object();
    let found = match kind {
        ObjectKind::Publication => definer.scope.publication_named(name).map(|known| known.oid),
        _ => definer.scope.subscription_named(name).map(|known| known.oid),
    };
    Some(found.ok_or_else(|| missing(word, name)))
}

/// That there is no such thing.
fn missing(word: &'static str, name: &str) -> DefineError {
    DefineError::NoObject { kind: word, name: name.to_owned(), state: SqlState::UndefinedObject }
}

/// Gives a publication or subscription another name.
pub(crate) fn rename(
    definer: &mut Definer<'_>,
    (kind, oid): (ObjectKind, Oid),
    to: &str,
) -> DefineResult<()> {
    definer.require_owner(oid)?;
    let taken = match kind {
        ObjectKind::Publication => definer.scope.publication_named(to).is_some(),
        _ => definer.scope.subscription_named(to).is_some(),
    };
    if let Some(word) = word(kind).filter(|_| taken) {
        return Err(plain(SqlState::DuplicateObject, format!("{word} \"{to}\" already exists")));
    }
    change(definer, oid, |replication| replication.set_name(to.to_owned()))
}

/// Refuses to give a publication or subscription to somebody who may not own it. `by_owner` if who gives it is no superuser.
pub(crate) fn refuse_owner(definer: &Definer<'_>, object: &Object, owner: Oid) -> DefineResult<()> {
    let Object::Replication(replication) = object else { return Ok(()) };
    if replication.owner() == Some(owner) {
        return Ok(());
    }
    let refused = |word: &str, hint: &str| {
        Err(DefineError::Plain {
            state: SqlState::InsufficientPrivilege,
            message: format!("permission denied to change owner of {word} \"{}\"", replication.name()),
            detail: None,
            hint: Some(hint.to_owned()),
            position: None,
        })
    };
    match &**replication {
        Replication::Subscription(known) => {
            definer.require_owner(known.oid)?;
            match definer.scope.is_superuser(owner) {
                true => Ok(()),
                false => refused("subscription", "The owner of a subscription must be a superuser."),
            }
        }
        Replication::Publication(known) => {
            if definer.scope.is_superuser(definer.role) || definer.scope.is_superuser(owner) {
                return Ok(());
            }
            definer.require_owner(known.oid)?;
            require_database(definer, owner)?;
            if known.all_tables {
                let hint = "The owner of a FOR ALL TABLES publication must be a superuser.";
                return refused("publication", hint);
            }
            if has_schemas(definer, known.oid) {
                let hint = "The owner of a FOR TABLES IN SCHEMA publication must be a superuser.";
                return refused("publication", hint);
            }
            Ok(())
        }
        Replication::Table(_) | Replication::Schema(_) => Ok(()),
    }
}

/// Whether schemas are in a publication.
fn has_schemas(definer: &Definer<'_>, publication: Oid) -> bool {
    let is_schema = |entry: &Arc<Replication>| matches!(&**entry, Replication::Schema(_));
    definer.scope.in_publication(publication).any(is_schema)
}

/// That a role may make things in the database.
fn require_database(definer: &Definer<'_>, role: Oid) -> DefineResult<()> {
    let branch = definer.transaction.database().0;
    if let Some(database) = definer.scope.database_of(branch) {
        let database = Object::Database(Arc::new(database.clone()));
        let actor = catalog::Actor::new(&definer.scope, role, branch);
        actor.require(&definer.scope, &database, Privileges::CREATE)?;
    }
    Ok(())
}

/// That the role is a superuser.
fn require_superuser(definer: &Definer<'_>, to_do: &str) -> DefineResult<()> {
    match definer.scope.is_superuser(definer.role) {
        true => Ok(()),
        false => Err(plain(SqlState::InsufficientPrivilege, format!("must be superuser {to_do}"))),
    }
}

fn change(definer: &mut Definer<'_>, oid: Oid, change: impl FnOnce(&mut Replication)) -> DefineResult<()> {
    definer.change_object(oid, |object| {
        if let Object::Replication(replication) = object {
            change(Arc::make_mut(replication));
        }
    })
}

/// Refuses what could not be taken back where it might have to be.
fn refuse_in_block(definer: &Definer<'_>, statement: &str) -> DefineResult<()> {
    let refused = |how| Err(plain(SqlState::ActiveSqlTransaction, format!("{statement} {how}")));
    match definer.around {
        Around::Nothing => Ok(()),
        Around::Block => refused("cannot run inside a transaction block"),
        Around::Function => refused("cannot be executed from a function"),
    }
}

/// Refuses what only another server could answer.
fn refuse_connection<T>(definer: &Definer<'_>) -> DefineResult<T> {
    definer.unsupported("a connection to another server for replication", None)
}
