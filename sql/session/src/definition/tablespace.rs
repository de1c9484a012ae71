//! Statements about tablespaces, which all databases share.

use crate::client::Client;
use crate::engine::Engine;
use crate::error::SessionError;
use crate::services::{Services, other};
use crate::session::Session;
use crate::settings::Settings;
use catalog::object::{DEFAULT_TABLESPACE, Object};
use catalog::{FirstNames, Oid};
use define::DefineResult;
use define::tablespace::{self, NewTablespace, Places};
use functions::FunctionResult;
use store::{DatabaseId, MAIN_DATABASE};
use syntax::tree::object::{ObjectKind, ObjectName};
use syntax::tree::statement::StatementKind;
use syntax::tree::tablespace::TablespaceStatement;
use types::Vector;

/// Where settings have new relations lie.
pub(crate) fn places(settings: &Settings) -> Places {
    let text = |name| settings.kept(name).to_owned();
    Places::of_settings(text("default_tablespace"), text("temp_tablespaces"))
}

/// The tag of a statement about tablespaces; none of another.
pub(crate) fn tag(statement: &StatementKind<'_>) -> Option<&'static str> {
    let is_one = |kind: ObjectKind| kind == ObjectKind::Tablespace;
    match statement {
        StatementKind::Tablespace(TablespaceStatement::Create { .. }) => Some("CREATE TABLESPACE"),
        StatementKind::Tablespace(TablespaceStatement::SetOptions { .. }) => Some("ALTER TABLESPACE"),
        StatementKind::Drop(dropped) if is_one(dropped.kind) => Some("DROP TABLESPACE"),
        StatementKind::Rename(rename) if is_one(rename.kind) => Some("ALTER TABLESPACE"),
        StatementKind::SetOwner(owner) if is_one(owner.kind) => Some("ALTER TABLESPACE"),
        StatementKind::Comment(comment) if is_one(comment.kind) => Some("COMMENT"),
        StatementKind::Tablespace(TablespaceStatement::MoveAll(moved)) => Some(match moved.kind {
            ObjectKind::Index => "ALTER INDEX",
            ObjectKind::MaterializedView => "ALTER MATERIALIZED VIEW",
            _ => "ALTER TABLE",
        }),
        _ => None, // all others are about something else
    }
}

impl Session {
    /// Runs a statement about tablespaces.
    pub(crate) fn run_tablespace(
        &mut self,
        statement: &StatementKind<'_>,
        tag: &'static str,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        match statement {
            StatementKind::Tablespace(TablespaceStatement::Create { name, owner, location, options }) => {
                self.refuse_in_block("CREATE TABLESPACE")?;
                let in_place = self.settings.is_on("allow_in_place_tablespaces");
                let new = NewTablespace { name: *name, owner: *owner, location, options };
                self.define_shared(client, |definer| tablespace::create(definer, new, in_place))?;
            }
            StatementKind::Tablespace(TablespaceStatement::SetOptions { name, options, reset }) => {
                self.define_shared(client, |definer| {
                    tablespace::set_options(definer, name.text, options, *reset)
                })?;
            }
            StatementKind::Tablespace(TablespaceStatement::MoveAll(moved)) => {
                self.define(client, |definer| tablespace::move_all(definer, moved))?;
            }
            StatementKind::Drop(dropped) => {
                self.refuse_in_block("DROP TABLESPACE")?;
                let engine = self.engine.clone();
                let elsewhere = |tablespace| is_used_elsewhere(&engine, tablespace);
                for object in dropped.objects {
                    let name = object_name(object)?;
                    self.define_shared(client, |definer| {
                        tablespace::drop(definer, name, dropped.if_exists, &elsewhere)
                    })?;
                }
            }
            StatementKind::Rename(rename) => {
                let (from, to) = (object_name(&rename.object)?, rename.to.text);
                self.define_shared(client, |definer| tablespace::rename(definer, from, to))?;
            }
            StatementKind::SetOwner(owner) => {
                let name = object_name(&owner.object)?;
                self.define_shared(client, |definer| tablespace::set_owner(definer, name, &owner.owner))?;
            }
            StatementKind::Comment(comment) => {
                let name = object_name(&comment.object)?;
                self.define_shared(client, |definer| tablespace::comment(definer, name, comment.text))?;
            }
            _ => return Err(SessionError::NotSupported { feature: "such a statement about tablespaces" }),
        }
        client.complete(tag);
        Ok(())
    }
}

fn object_name<'n>(name: &ObjectName<'n>) -> Result<&'n str, SessionError> {
    match name {
        ObjectName::Named(name) => Ok(name.object()),
        _ => Err(SessionError::NotSupported { feature: "such a name of a tablespace" }),
    }
}

/// Whether a relation of a database other than the main one is to lie in a tablespace.
fn is_used_elsewhere(engine: &Engine, tablespace: Oid) -> DefineResult<bool> {
    let store = &engine.store;
    let mut others = store.databases().into_iter().filter(|other| *other != MAIN_DATABASE);
    others.try_fold(false, |found, database| Ok(found || uses(engine, database, tablespace)?))
}

/// Whether a relation of a database is to lie in a tablespace.
fn uses(engine: &Engine, database: DatabaseId, tablespace: Oid) -> DefineResult<bool> {
    let store = &engine.store;
    let view = store.view(database)?;
    let mut catalog = engine.catalogs.open(store, database, FirstNames::default())?;
    let snapshot = catalog.shared_snapshot(store, &view)?;
    // A branch that nobody names is no database.
    Ok(snapshot.database_of(database.0).is_some() && snapshot.lying_in(tablespace).next().is_some())
}

impl Services<'_> {
    /// The databases of which something is to lie in a tablespace.
    pub(crate) fn tablespace_databases(&self, tablespace: Oid) -> FunctionResult<Vec<Vector>> {
        let mut found: Vec<i32> = Vec::new();
        for object in self.scope.shared_objects() {
            let Object::Database(database) = object else { continue };
            let is_there = match tablespace {
                DEFAULT_TABLESPACE => true,
                _ if database.branch == self.database.0 => self.scope.lying_in(tablespace).next().is_some(),
                _ => uses(self.engine, DatabaseId(database.branch), tablespace).map_err(other)?,
            };
            if is_there {
                found.push(database.oid.cast_signed());
            }
        }
        Ok(vec![Vector::from_values::<i32>(found)])
    }
}
