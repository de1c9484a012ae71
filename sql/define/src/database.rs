//! Databases as the catalog has them: their entries stand in the main database. The branches of the store that they are, and who
//! is in them, are the session's matter.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::role_error::RoleError;
use catalog::object::{Database, Object, Oid, Privileges};
use catalog::{AccessError, Address, CatalogError, MAIN_DATABASE_OID};
use diagnostic::{Diagnostic, SqlState};
use std::sync::Arc;
use syntax::tree::expression::ExpressionKind;
use syntax::tree::option::{DefinitionValue, RoleKind, RoleName};
use syntax::tree::role::{DatabaseOption, DatabaseOptions};
use types::encoding::Encoding;

/// Names of templates without anything in them.
const EMPTY_TEMPLATES: [&str; 2] = ["template0", "template1"];
/// Names of the only order of texts and the only characters there are here.
const LOCALES: [&str; 5] = ["C", "POSIX", "C.UTF-8", "C.utf8", "C.UTF8"];

/// What may be wrong with a statement about databases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum DatabaseError {
    #[error("template database \"{name}\" does not exist")]
    NoTemplate { name: String },
    #[error("option \"{name}\" not recognized")]
    Option { name: String, position: u32 },
    #[error("{name} requires a Boolean value")]
    NotBoolean { name: String },
    #[error("{name} is not a valid encoding name")]
    NoEncoding { name: String, position: u32 },
    #[error("{name} requires a numeric value")]
    NotNumber { name: String },
    #[error("permission denied to create database")]
    Create,
    #[error("permission denied to copy database \"{name}\"")]
    Copy { name: String },
    #[error("permission denied to rename database")]
    Rename,
    #[error("unrecognized locale provider: {name}")]
    NoProvider { name: String },
    #[error("permission denied to change owner of database")]
    Owner,
    #[error("current database cannot be renamed")]
    RenameCurrent,
    #[error("cannot drop the currently open database")]
    DropCurrent,
    #[error("cannot drop a template database")]
    DropTemplate,
    #[error("cannot drop the main database")]
    DropMain,
    #[error("database \"{name}\" is being accessed by other users")]
    InUse { name: String, sessions: usize },
    #[error("database \"{name}\" is being used by logical replication subscription")]
    Subscribes { name: String, subscriptions: usize },
    #[error("database \"{name}\" is not currently accepting connections")]
    NotAccepting { name: String },
}

impl Diagnostic for DatabaseError {
    fn sqlstate(&self) -> SqlState {
        use DatabaseError as E;
        match self {
            E::NoTemplate { .. } => SqlState::InvalidCatalogName,
            E::Option { .. } | E::NotBoolean { .. } | E::NotNumber { .. } => SqlState::SyntaxError,
            E::NoEncoding { .. } => SqlState::UndefinedObject,
            E::Create | E::Copy { .. } | E::Rename | E::Owner => SqlState::InsufficientPrivilege,
            E::RenameCurrent | E::DropMain => SqlState::FeatureNotSupported,
            E::DropCurrent | E::InUse { .. } | E::Subscribes { .. } => SqlState::ObjectInUse,
            E::NoProvider { .. } => SqlState::InvalidObjectDefinition,
            E::DropTemplate => SqlState::WrongObjectType,
            E::NotAccepting { .. } => SqlState::ObjectNotInPrerequisiteState,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            DatabaseError::InUse { sessions: 1, .. } => {
                Some("There is 1 other session using the database.".into())
            }
            DatabaseError::InUse { sessions, .. } => {
                Some(format!("There are {sessions} other sessions using the database."))
            }
            DatabaseError::Subscribes { subscriptions: 1, .. } => Some("There is 1 subscription.".into()),
            DatabaseError::Subscribes { subscriptions, .. } => {
                Some(format!("There are {subscriptions} subscriptions."))
            }
            _ => None, // the others have said it all
        }
    }

    fn position(&self) -> Option<u32> {
        match self {
            DatabaseError::Option { position, .. } | DatabaseError::NoEncoding { position, .. } => {
                Some(*position)
            }
            _ => None, // the others are about no place
        }
    }
}

/// What options say.
#[derive(Default)]
struct Options<'a> {
    template: Option<&'a str>,
    owner: Option<&'a str>,
    is_template: Option<bool>,
    allow_connections: Option<bool>,
    connection_limit: Option<i32>,
}

fn text<'a>(option: &DatabaseOption<'a>) -> Option<&'a str> {
    match option.value? {
        DefinitionValue::String(text) | DefinitionValue::Word(text) => Some(text),
        DefinitionValue::Type(_)
        | DefinitionValue::Number(_)
        | DefinitionValue::Operator(_)
        | DefinitionValue::Star
        | DefinitionValue::List(_) => None,
    }
}

fn boolean(option: &DatabaseOption<'_>) -> DefineResult<bool> {
    let wrong = || DatabaseError::NotBoolean { name: option.name.text.to_owned() };
    let word = match option.value {
        None => return Ok(true),
        Some(DefinitionValue::Number(number)) => match number.kind {
            ExpressionKind::Integer(0) => "false",
            ExpressionKind::Integer(1) => "true",
            _ => "",
        },
        Some(_) => text(option).unwrap_or(""),
    };
    match word.to_ascii_lowercase().as_str() {
        "true" | "on" => Ok(true),
        "false" | "off" => Ok(false),
        _ => Err(wrong().into()),
    }
}

fn limit(option: &DatabaseOption<'_>) -> DefineResult<i32> {
    let limit = match option.value {
        None => Some(-1),
        Some(DefinitionValue::Number(number)) => match number.kind {
            ExpressionKind::Integer(limit) => Some(limit),
            _ => None,
        },
        Some(_) => None,
    };
    let limit = limit.ok_or_else(|| DatabaseError::NotNumber { name: option.name.text.to_owned() })?;
    if limit < -1 { Err(RoleError::ConnectionLimit { limit }.into()) } else { Ok(limit) }
}

impl<'a> Options<'a> {
    fn read(
        definer: &Definer<'_>,
        written: &[DatabaseOption<'a>],
        create: bool,
    ) -> DefineResult<Options<'a>> {
        let mut options = Options::default();
        for (place, option) in written.iter().enumerate() {
            let (name, position) = (option.name.text, option.name.position);
            if written[..place].iter().any(|other| other.name.text == name) {
                return Err(DefineError::ConflictingOptions { position });
            }
            match (name, create) {
                ("template", true) => options.template = text(option),
                ("owner", true) => options.owner = text(option),
                ("is_template", _) => options.is_template = Some(boolean(option)?),
                ("allow_connections", _) => options.allow_connections = Some(boolean(option)?),
                ("connection_limit", _) => options.connection_limit = Some(limit(option)?),
                ("encoding", true) => encoding(definer, option)?,
                ("locale_provider", true) => locale_provider(definer, option)?,
                ("lc_collate" | "lc_ctype" | "locale", true) => {
                    if let Some(name) = text(option)
                        && !LOCALES.contains(&name)
                    {
                        return definer.unsupported(&format!("locale \"{name}\""), Some(position));
                    }
                }
                ("tablespace" | "strategy" | "icu_locale" | "collation_version" | "oid", true) => {
                    if option.value.is_some() && text(option) != Some("pg_default") {
                        return definer
                            .unsupported(&format!("option \"{name}\" of a database"), Some(position));
                    }
                }
                (name, _) => return Err(DatabaseError::Option { name: name.to_owned(), position }.into()),
            }
        }
        Ok(options)
    }
}

/// Collations are those of the C library's `C`, as far as anybody can tell.
fn locale_provider(definer: &Definer<'_>, option: &DatabaseOption<'_>) -> DefineResult<()> {
    let Some(name) = text(option) else { return Ok(()) };
    match name.to_ascii_lowercase().as_str() {
        "libc" => Ok(()),
        "icu" => definer.unsupported("locale provider \"icu\"", Some(option.name.position)),
        _ => Err(DatabaseError::NoProvider { name: name.to_owned() }.into()),
    }
}

fn encoding(definer: &Definer<'_>, option: &DatabaseOption<'_>) -> DefineResult<()> {
    let Some(name) = text(option) else { return Ok(()) };
    match Encoding::named(name) {
        Some(Encoding::UTF8) => Ok(()),
        Some(found) if !found.is_for_clients_only() => {
            definer.unsupported(&format!("encoding \"{name}\""), Some(option.name.position))
        }
        Some(_) | None => {
            let (name, position) = (name.to_owned(), option.name.position);
            Err(DatabaseError::NoEncoding { name, position }.into())
        }
    }
}

/// A database by name.
///
/// # Errors
/// When there is none.
pub fn named(definer: &Definer<'_>, name: &str) -> DefineResult<Arc<Database>> {
    let found = definer.scope.database_named(name).and_then(|oid| definer.scope.database(oid));
    let missing = || CatalogError::UndefinedDatabase { name: name.to_owned() };
    Ok(found.cloned().ok_or_else(missing)?)
}

/// A database by name, which the role owns.
///
/// # Errors
/// When there is none, or it does not.
pub fn owned(definer: &Definer<'_>, name: &str) -> DefineResult<Arc<Database>> {
    let found = named(definer, name)?;
    definer.actor().require_owner(&definer.scope, &Object::Database(found.clone()))?;
    Ok(found)
}

fn may_create(definer: &Definer<'_>) -> bool {
    definer.scope.role(definer.role).is_some_and(|role| role.superuser || role.create_database)
}

/// That the role is a member of another: then it may give it a database, or say what it grants by default.
pub(crate) fn require_member(definer: &Definer<'_>, owner: Oid) -> DefineResult<()> {
    let is_member = definer.scope.is_superuser(definer.role)
        || catalog::is_member(&definer.scope, definer.role, owner, definer.transaction.database().0);
    let role = || definer.scope.role_name(owner);
    if is_member { Ok(()) } else { Err(AccessError::NotMember { role: role() }.into()) }
}

/// A database in the making: its entry, whose branch is still to be made of another's.
pub struct Prepared {
    /// The entry.
    pub database: Database,
    /// The branch that is copied; none for an empty one.
    pub source: Option<u64>,
}

/// `CREATE DATABASE`, as far as it can be looked at before there is a branch.
///
/// # Errors
/// PostgreSQL's.
pub fn prepare(definer: &mut Definer<'_>, statement: &DatabaseOptions<'_>) -> DefineResult<Prepared> {
    let options = Options::read(definer, statement.options, true)?;
    let name = statement.name.text;
    let owner = match options.owner {
        Some(owner) => definer.scope.find_role(owner)?,
        None => definer.role,
    };
    if !may_create(definer) {
        return Err(DatabaseError::Create.into());
    }
    require_member(definer, owner)?;
    if definer.scope.database_named(name).is_some() {
        return Err(CatalogError::DuplicateDatabase { name: name.to_owned() }.into());
    }
    let source = match options.template {
        Some(name) => template(definer, name)?,
        None => None,
    };
    let database = Database {
        oid: 0,
        name: name.to_owned(),
        owner,
        branch: 0,
        allow_connections: options.allow_connections.unwrap_or(true),
        connection_limit: options.connection_limit.unwrap_or(-1),
        is_template: options.is_template.unwrap_or(false),
        acl: None,
    };
    Ok(Prepared { database, source })
}

/// Puts the entry of a database whose branch is made.
///
/// # Errors
/// When its name was taken meanwhile.
pub fn create(definer: &mut Definer<'_>, database: &Database) -> DefineResult<()> {
    let database = Database { oid: definer.new_oid()?, ..database.clone() };
    definer.create(&Object::Database(Arc::new(database)), &[])?;
    definer.refresh()
}

/// The branch that is copied; none for an empty one.
fn template(definer: &Definer<'_>, name: &str) -> DefineResult<Option<u64>> {
    let found = definer.scope.database_named(name).and_then(|oid| definer.scope.database(oid)).cloned();
    let Some(found) = found else {
        return match EMPTY_TEMPLATES.contains(&name) {
            true => Ok(None),
            false => Err(DatabaseError::NoTemplate { name: name.to_owned() }.into()),
        };
    };
    if !found.is_template && !definer.actor().has_rights_of(found.owner) {
        return Err(DatabaseError::Copy { name: name.to_owned() }.into());
    }
    Ok(Some(found.branch))
}

fn change(definer: &mut Definer<'_>, oid: Oid, change: impl FnOnce(&mut Database)) -> DefineResult<()> {
    definer.catalog.alter::<CatalogError>(definer.transaction, oid, |object| {
        if let Object::Database(database) = object {
            change(Arc::make_mut(database));
        }
        Ok(())
    })?;
    definer.refresh()
}

/// `ALTER DATABASE … WITH …`
///
/// # Errors
/// PostgreSQL's.
pub fn alter(definer: &mut Definer<'_>, statement: &DatabaseOptions<'_>) -> DefineResult<()> {
    let options = Options::read(definer, statement.options, false)?;
    let database = owned(definer, statement.name.text)?;
    change(definer, database.oid, |database| {
        database.is_template = options.is_template.unwrap_or(database.is_template);
        database.allow_connections = options.allow_connections.unwrap_or(database.allow_connections);
        database.connection_limit = options.connection_limit.unwrap_or(database.connection_limit);
    })
}

/// `ALTER DATABASE … RENAME TO`
///
/// # Errors
/// PostgreSQL's.
pub fn rename(definer: &mut Definer<'_>, from: &str, to: &str, current: u64) -> DefineResult<()> {
    let database = owned(definer, from)?;
    if !may_create(definer) {
        return Err(DatabaseError::Rename.into());
    }
    if definer.scope.database_named(to).is_some() {
        return Err(CatalogError::DuplicateDatabase { name: to.to_owned() }.into());
    }
    if database.branch == current {
        return Err(DatabaseError::RenameCurrent.into());
    }
    change(definer, database.oid, |database| database.name = to.to_owned())
}

/// `ALTER DATABASE … OWNER TO`
///
/// # Errors
/// PostgreSQL's.
pub fn set_owner(definer: &mut Definer<'_>, name: &str, owner: &RoleName<'_>) -> DefineResult<()> {
    let owner = match owner.kind {
        RoleKind::Named(name) => definer.scope.find_role(name)?,
        _ => definer.role_named(owner)?,
    };
    let database = named(definer, name)?;
    if database.owner == owner {
        return Ok(());
    }
    owned(definer, name)?;
    require_member(definer, owner)?;
    if !may_create(definer) {
        return Err(DatabaseError::Owner.into());
    }
    change(definer, database.oid, |database| {
        database.acl = crate::owner::renamed(&database.acl, database.owner, owner);
        database.owner = owner;
    })
}

/// What only the session knows of a database that is to be dropped, by its branch.
pub trait Occupancy {
    /// How many subscriptions are in it.
    ///
    /// # Errors
    /// When it cannot be read.
    fn subscriptions(&self, branch: u64) -> DefineResult<usize>;

    /// How many sessions are in it.
    fn sessions(&self, branch: u64) -> usize;
}

/// The database that `DROP DATABASE` is about, which may go if nobody is in it; nothing if it need not be there. There may be no
/// subscriptions in it.
///
/// # Errors
/// PostgreSQL's.
pub fn to_drop(
    definer: &mut Definer<'_>,
    name: &str,
    if_exists: bool,
    current: u64,
    asked: &dyn Occupancy,
) -> DefineResult<Option<Arc<Database>>> {
    if definer.scope.database_named(name).is_none() && if_exists {
        definer.notice(DefineNotice::DoesNotExist { kind: "database", name: name.to_owned() });
        return Ok(None);
    }
    let database = owned(definer, name)?;
    if database.is_template {
        return Err(DatabaseError::DropTemplate.into());
    }
    if database.branch == current {
        return Err(DatabaseError::DropCurrent.into());
    }
    if database.oid == MAIN_DATABASE_OID {
        return Err(DatabaseError::DropMain.into());
    }
    let subscriptions = asked.subscriptions(database.branch)?;
    if subscriptions > 0 {
        return Err(DatabaseError::Subscribes { name: name.to_owned(), subscriptions }.into());
    }
    Ok(Some(database))
}

/// `DROP DATABASE`. There may be nobody in it. Answers the branch that goes with it.
///
/// # Errors
/// PostgreSQL's.
pub fn drop(
    definer: &mut Definer<'_>,
    name: &str,
    if_exists: bool,
    current: u64,
    asked: &dyn Occupancy,
) -> DefineResult<Option<u64>> {
    let Some(database) = to_drop(definer, name, if_exists, current, asked)? else { return Ok(None) };
    let sessions = asked.sessions(database.branch);
    if sessions > 0 {
        return Err(DatabaseError::InUse { name: name.to_owned(), sessions }.into());
    }
    definer.catalog.drop_database(definer.transaction, &definer.scope, database.oid)?;
    definer.refresh()?;
    Ok(Some(database.branch))
}

/// Whether a role may be in a database.
///
/// # Errors
/// When it may not.
pub fn may_connect(scope: &catalog::Scope, database: &Arc<Database>, role: Oid) -> DefineResult<()> {
    if !database.allow_connections {
        return Err(DatabaseError::NotAccepting { name: database.name.clone() }.into());
    }
    if scope.is_superuser(role) {
        return Ok(());
    }
    let actor = catalog::Actor::new(scope, role, database.branch);
    Ok(actor.require(scope, &Object::Database(database.clone()), Privileges::CONNECT)?)
}

/// `COMMENT ON DATABASE`, `COMMENT ON ROLE`. Answers false, with a warning to be given, if there is no such database.
///
/// # Errors
/// PostgreSQL's.
pub fn comment(definer: &mut Definer<'_>, name: &str, text: Option<&str>) -> DefineResult<()> {
    let class = catalog::object::class::DATABASE;
    let database = match owned(definer, name) {
        Ok(database) => database,
        Err(DefineError::Catalog(CatalogError::UndefinedDatabase { name })) => {
            definer.notice(DefineNotice::NoDatabase { name });
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    definer.catalog.comment(definer.transaction, class, Address::of(database.oid), text)?;
    definer.refresh()
}

/// `COMMENT ON ROLE`
///
/// # Errors
/// PostgreSQL's.
pub fn comment_on_role(definer: &mut Definer<'_>, name: &str, text: Option<&str>) -> DefineResult<()> {
    let role = definer.scope.find_role(name)?;
    let may = definer.scope.role(definer.role).is_some_and(|own| own.superuser || own.create_role);
    if !may {
        return Err(RoleError::NoAdminOption { role: name.to_owned() }.into());
    }
    let class = catalog::object::class::ROLE;
    definer.catalog.comment(definer.transaction, class, Address::of(role), text)?;
    definer.refresh()
}
