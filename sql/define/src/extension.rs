//! Extensions: objects that come and go together.
//!
//! The extension is an object; its members depend on it, and are made by its script, which the session runs (`Making`). What
//! comes with the program from the beginning, PL/pgSQL, is an extension that can neither be made nor dropped.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, detailed, plain};
use catalog::extension::{Available, available};
use catalog::object::{Extension, Object, Oid, Privileges, SUPERUSER};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::Name;
use syntax::tree::object::{AlterExtension, CreateExtension, ExtensionAction};

/// An extension whose members are to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Making {
    /// Its number.
    pub extension: Oid,
    /// The schema of its members.
    pub schema: String,
    /// The role that makes them, and owns them.
    pub role: Oid,
    /// The statements that make them.
    pub script: &'static str,
}

/// Makes the extension, whose members are still to be made; none if it is there.
///
/// # Errors
/// PostgreSQL's.
pub fn create_extension(
    definer: &mut Definer<'_>,
    statement: &CreateExtension<'_>,
) -> DefineResult<Option<Making>> {
    let name = statement.name.text;
    refuse_name(name)?;
    if definer.scope.extension_named(name).is_some() {
        let name = name.to_owned();
        if !statement.if_not_exists {
            return Err(DefineError::ExtensionExists { name });
        }
        definer.notice(DefineNotice::ExtensionExists { name });
        return Ok(None);
    }
    if let Some(position) = statement.twice {
        return Err(DefineError::ConflictingOptions { position });
    }
    let known = available(name).ok_or_else(|| DefineError::NoExtension { name: name.to_owned() })?;
    refuse_version(known, statement.version)?;
    let schema = match statement.schema {
        Some(schema) => definer.scope.find_schema(schema.text)?,
        None => definer.scope.creation_schema(None)?,
    };
    let role = maker(definer, name)?;
    let oid = definer.new_oid()?;
    let extension = Extension {
        oid,
        name: name.to_owned(),
        owner: definer.role,
        schema,
        relocatable: known.relocatable,
        version: known.version.to_owned(),
    };
    let within = [(Address::of(schema), DependencyKind::Normal)];
    definer.create(&Object::Extension(Arc::new(extension)), &within)?;
    let of = catalog::object::class::EXTENSION;
    definer.catalog.comment(definer.transaction, of, Address::of(oid), Some(known.comment))?;
    definer.refresh()?;
    let schema = definer.scope.schema(schema).map(|schema| schema.name.clone()).unwrap_or_default();
    Ok(Some(Making { extension: oid, schema, role, script: known.script }))
}

/// The role that makes the members: who may create something in the database need not be a superuser.
fn maker(definer: &Definer<'_>, name: &str) -> DefineResult<Oid> {
    if definer.scope.is_superuser(definer.role) {
        return Ok(definer.role);
    }
    let may_create = definer.scope.database_of(definer.catalog.branch()).is_some_and(|database| {
        let database = Object::Database(Arc::new(database.clone()));
        definer.actor().privileges(&definer.scope, &database).contains(Privileges::CREATE)
    });
    if may_create {
        return Ok(SUPERUSER);
    }
    Err(DefineError::Plain {
        state: SqlState::InsufficientPrivilege,
        message: format!("permission denied to create extension \"{name}\""),
        detail: None,
        hint: Some("Must have CREATE privilege on current database to create this extension.".to_owned()),
        position: None,
    })
}

/// Refuses what no extension is called.
fn refuse_name(name: &str) -> DefineResult<()> {
    let reason = if name.contains("--") {
        "Extension names must not contain \"--\"."
    } else if name.starts_with('-') || name.ends_with('-') {
        "Extension names must not begin or end with \"-\"."
    } else if name.contains('/') {
        "Extension names must not contain directory separator characters."
    } else {
        return Ok(());
    };
    let message = format!("invalid extension name: \"{name}\"");
    Err(detailed(SqlState::InvalidParameterValue, message, reason.to_owned()))
}

fn refuse_version(known: &Available, version: Option<Name<'_>>) -> DefineResult<()> {
    match version.map(|version| version.text).filter(|version| *version != known.version) {
        None => Ok(()),
        Some(version) => {
            let name = known.name;
            let message = format!(
                "extension \"{name}\" has no installation script nor update path for version \"{version}\""
            );
            Err(plain(SqlState::InvalidParameterValue, message))
        }
    }
}

/// The extension that a name means.
///
/// # Errors
/// When there is none.
pub(crate) fn named(definer: &Definer<'_>, name: &str) -> DefineResult<Arc<Extension>> {
    let missing = || plain(SqlState::UndefinedObject, format!("extension \"{name}\" does not exist"));
    definer.scope.extension_named(name).cloned().ok_or_else(missing)
}

/// `ALTER EXTENSION …`
///
/// # Errors
/// PostgreSQL's.
pub fn alter_extension(definer: &mut Definer<'_>, statement: &AlterExtension<'_>) -> DefineResult<()> {
    let extension = named(definer, statement.name.text)?;
    let (version, twice) = match statement.action {
        ExtensionAction::Update(version, twice) => (version, twice),
        ExtensionAction::Add => return definer.unsupported("ALTER EXTENSION ADD", None),
        ExtensionAction::Drop => return definer.unsupported("ALTER EXTENSION DROP", None),
    };
    definer.require_owner(extension.oid)?;
    if let Some(position) = twice {
        return Err(DefineError::ConflictingOptions { position });
    }
    let name = &extension.name;
    let newest = available(name).map_or("", |known| known.version);
    let wanted = version.map_or(newest, |version| version.text);
    if wanted == extension.version {
        let message = format!("version \"{wanted}\" of extension \"{name}\" is already installed");
        definer.notice(DefineNotice::Plain { message });
        return Ok(());
    }
    let from = &extension.version;
    let message =
        format!("extension \"{name}\" has no update path from version \"{from}\" to version \"{wanted}\"");
    Err(plain(SqlState::InvalidParameterValue, message))
}

/// The members of an extension, in the order of their numbers.
fn members(definer: &Definer<'_>, extension: Oid) -> Vec<Oid> {
    let all = definer.scope.objects().map(Object::oid);
    all.filter(|oid| definer.scope.extension_of(*oid).is_some_and(|of| of.oid == extension)).collect()
}

/// `ALTER EXTENSION … SET SCHEMA`: the objects that go to the schema, if they are not there.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn moved(definer: &Definer<'_>, name: &str, schema: &str) -> DefineResult<Vec<Oid>> {
    let extension = named(definer, name)?;
    let schema = definer.scope.find_schema(schema)?;
    definer.require(schema, Privileges::CREATE)?;
    definer.require_owner(extension.oid)?;
    let cannot = || format!("extension \"{name}\" does not support SET SCHEMA");
    if !extension.relocatable {
        return Err(plain(SqlState::FeatureNotSupported, cannot()));
    }
    if extension.schema == schema {
        return Ok(Vec::new());
    }
    let members = members(definer, extension.oid);
    for member in &members {
        let Some(object) = definer.scope.object(*member) else { continue };
        if object.schema().is_some_and(|of| of != extension.schema) {
            let within = definer.scope.schema(extension.schema).map_or("", |schema| &schema.name);
            let what = definer.scope.describe(object);
            let detail = format!("{what} is not in the extension's schema \"{within}\"");
            return Err(detailed(SqlState::FeatureNotSupported, cannot(), detail));
        }
    }
    Ok(members.into_iter().chain([extension.oid]).collect())
}
