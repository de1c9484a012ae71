//! Tablespaces: names that relations may be said to lie in. Everything lies in one file, so that none has a directory of its own:
//! those are made that PostgreSQL keeps in its own (`allow_in_place_tablespaces`).

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use crate::storage_option::{self, StorageOf};
use catalog::object::{
    DEFAULT_TABLESPACE, FIRST_USER_OID, Object, Oid, Persistence, Privileges, SHARED_TABLESPACE, Table,
    Tablespace, class, is_temporary,
};
use catalog::{AccessError, Address, CatalogError};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::{LockError, RelationMode, WaitPolicy};
use store::{StoreError, TreeId};
use syntax::tree::Name;
use syntax::tree::object::ObjectKind;
use syntax::tree::option::{Definition, RoleKind, RoleName};
use syntax::tree::tablespace::MoveAll;

/// The tablespace of a name.
///
/// # Errors
/// When there is none.
pub fn named(definer: &Definer<'_>, name: &str) -> DefineResult<Arc<Tablespace>> {
    let found = definer.scope.tablespace_named(name).cloned();
    found.ok_or_else(|| plain(SqlState::UndefinedObject, format!("tablespace \"{name}\" does not exist")))
}

/// One that a user has made: what comes with the program stays as it is.
///
/// # Errors
/// When there is none, or it comes with the program.
pub(crate) fn made(definer: &Definer<'_>, name: &str) -> DefineResult<Arc<Tablespace>> {
    let found = named(definer, name)?;
    match found.oid < FIRST_USER_OID {
        true => definer.unsupported("changing a built-in tablespace", None),
        false => Ok(found),
    }
}

/// The tablespace of a name, which is the role's.
///
/// # Errors
/// When there is none, or it is another's.
fn owned(definer: &Definer<'_>, name: &str) -> DefineResult<Arc<Tablespace>> {
    let found = named(definer, name)?;
    definer.actor().require_owner(&definer.scope, &Object::Tablespace(found.clone()))?;
    Ok(found)
}

/// One that is to be changed: those that come with the program are not.
fn changeable(definer: &Definer<'_>, name: &str) -> DefineResult<Arc<Tablespace>> {
    owned(definer, name)?;
    made(definer, name)
}

fn change(definer: &mut Definer<'_>, oid: Oid, change: impl FnOnce(&mut Tablespace)) -> DefineResult<()> {
    definer.catalog.alter::<CatalogError>(definer.transaction, oid, |object| {
        if let Object::Tablespace(tablespace) = object {
            change(Arc::make_mut(tablespace));
        }
        Ok(())
    })?;
    definer.refresh()
}

/// That a name may be a tablespace's.
fn refuse_name(definer: &Definer<'_>, name: &str) -> DefineResult<()> {
    if name.starts_with("pg_") {
        return Err(DefineError::Plain {
            state: SqlState::ReservedName,
            message: format!("unacceptable tablespace name \"{name}\""),
            detail: Some("The prefix \"pg_\" is reserved for system tablespaces.".to_owned()),
            hint: None,
            position: None,
        });
    }
    match definer.scope.tablespace_named(name) {
        Some(_) => Err(plain(SqlState::DuplicateObject, format!("tablespace \"{name}\" already exists"))),
        None => Ok(()),
    }
}

/// What `CREATE TABLESPACE` says.
#[derive(Debug, Clone, Copy)]
pub struct NewTablespace<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// `OWNER …`
    pub owner: Option<RoleName<'a>>,
    /// `LOCATION …`
    pub location: &'a str,
    /// `WITH (…)`
    pub options: &'a [Definition<'a>],
}

/// `CREATE TABLESPACE`; `in_place` is whether one may be made without a directory.
///
/// # Errors
/// PostgreSQL's.
pub fn create(definer: &mut Definer<'_>, statement: NewTablespace<'_>, in_place: bool) -> DefineResult<()> {
    let name = statement.name.text;
    if !definer.actor().superuser {
        return Err(DefineError::Plain {
            state: SqlState::InsufficientPrivilege,
            message: format!("permission denied to create tablespace \"{name}\""),
            detail: None,
            hint: Some("Must be superuser to create a tablespace.".to_owned()),
            position: None,
        });
    }
    let owner = statement.owner.as_ref().map_or(Ok(definer.role), |owner| definer.role_named(owner))?;
    if !(statement.location.starts_with('/') || statement.location.is_empty() && in_place) {
        let message = "tablespace location must be an absolute path";
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    refuse_name(definer, name)?;
    let options = storage_option::set(&[], statement.options, StorageOf::Tablespace)?;
    if !statement.location.is_empty() {
        return Err(DefineError::Plain {
            state: SqlState::FeatureNotSupported,
            message: "tablespaces in directories of their own are not supported".to_owned(),
            detail: Some("All relations lie in the database's file.".to_owned()),
            hint: Some(
                "Set allow_in_place_tablespaces, and make the tablespace with an empty location.".to_owned(),
            ),
            position: None,
        });
    }
    let oid = definer.new_oid()?;
    let made = Tablespace { oid, name: name.to_owned(), owner, options, acl: None };
    definer.create(&Object::Tablespace(Arc::new(made)), &[])?;
    definer.refresh()
}

/// `ALTER TABLESPACE … SET (…)`, `RESET (…)`
///
/// # Errors
/// PostgreSQL's.
pub fn set_options(
    definer: &mut Definer<'_>,
    name: &str,
    written: &[Definition<'_>],
    reset: bool,
) -> DefineResult<()> {
    let found = changeable(definer, name)?;
    definer.hold_newest(found.oid)?;
    let found = named(definer, name)?;
    let options = match reset {
        true => storage_option::reset(&found.options, written, StorageOf::Tablespace)?,
        false => storage_option::set(&found.options, written, StorageOf::Tablespace)?,
    };
    change(definer, found.oid, |tablespace| tablespace.options = options)
}

/// `ALTER TABLESPACE … RENAME TO`
///
/// # Errors
/// PostgreSQL's.
pub fn rename(definer: &mut Definer<'_>, from: &str, to: &str) -> DefineResult<()> {
    let found = changeable(definer, from)?;
    refuse_name(definer, to)?;
    change(definer, found.oid, |tablespace| tablespace.name = to.to_owned())
}

/// `ALTER TABLESPACE … OWNER TO`
///
/// # Errors
/// PostgreSQL's.
pub fn set_owner(definer: &mut Definer<'_>, name: &str, owner: &RoleName<'_>) -> DefineResult<()> {
    let owner = match owner.kind {
        RoleKind::Named(name) => definer.scope.find_role(name)?,
        _ => definer.role_named(owner)?,
    };
    let found = changeable(definer, name)?;
    if found.owner == owner {
        return Ok(());
    }
    let branch = definer.transaction.database().0;
    if !definer.actor().superuser && !catalog::is_member(&definer.scope, definer.role, owner, branch) {
        return Err(AccessError::NotMember { role: definer.scope.role_name(owner) }.into());
    }
    change(definer, found.oid, |tablespace| {
        tablespace.acl = crate::owner::renamed(&tablespace.acl, tablespace.owner, owner);
        tablespace.owner = owner;
    })
}

/// `COMMENT ON TABLESPACE`
///
/// # Errors
/// PostgreSQL's.
pub fn comment(definer: &mut Definer<'_>, name: &str, text: Option<&str>) -> DefineResult<()> {
    let found = owned(definer, name)?;
    definer.catalog.comment(definer.transaction, class::TABLESPACE, Address::of(found.oid), text)?;
    definer.refresh()
}

/// `DROP TABLESPACE`; `elsewhere` tells whether something in another database is to lie in it.
///
/// # Errors
/// PostgreSQL's.
pub fn drop(
    definer: &mut Definer<'_>,
    name: &str,
    if_exists: bool,
    elsewhere: &dyn Fn(Oid) -> DefineResult<bool>,
) -> DefineResult<()> {
    if definer.scope.tablespace_named(name).is_none() && if_exists {
        definer.notice(DefineNotice::DoesNotExist { kind: "tablespace", name: name.to_owned() });
        return Ok(());
    }
    let found = owned(definer, name)?;
    if found.oid < FIRST_USER_OID {
        let message = format!("permission denied for tablespace {name}");
        return Err(plain(SqlState::InsufficientPrivilege, message));
    }
    // Who is about to put something into it is waited for, and nobody begins to.
    definer.hold_newest(found.oid)?;
    refuse_used(definer, &found, elsewhere)?;
    definer.catalog.drop_shared(definer.transaction, found.oid, class::TABLESPACE)?;
    definer.refresh()
}

/// What PostgreSQL has files for is in the way; what is divided has none, and depends on its tablespace instead.
fn refuse_used(
    definer: &Definer<'_>,
    found: &Tablespace,
    elsewhere: &dyn Fn(Oid) -> DefineResult<bool>,
) -> DefineResult<()> {
    let within: Vec<Oid> = definer.scope.lying_in(found.oid).collect();
    let divided = |relation: Oid| {
        let table = definer.scope.index(relation).map_or(relation, |index| index.table);
        definer.scope.table(table).is_some_and(|table| table.is_partitioned())
    };
    let told = within.iter().filter(|relation| divided(**relation)).filter_map(|relation| {
        definer
            .scope
            .object(*relation)
            .map(|object| format!("tablespace for {}", definer.scope.describe(object)))
    });
    let told: Vec<String> = told.collect();
    let name = &found.name;
    if !told.is_empty() {
        return Err(crate::error::detailed(
            SqlState::DependentObjectsStillExist,
            format!("tablespace \"{name}\" cannot be dropped because some objects depend on it"),
            told.join("\n"),
        ));
    }
    if !within.is_empty() || elsewhere(found.oid)? {
        let message = format!("tablespace \"{name}\" is not empty");
        return Err(plain(SqlState::ObjectNotInPrerequisiteState, message));
    }
    Ok(())
}

/// Where new relations are to lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// `default_tablespace`
    default: String,
    /// `temp_tablespaces`
    temporary: String,
    /// What is said of the table that is made; 0 for the default one.
    pub(crate) table: Option<Oid>,
    /// The same of indexes.
    pub(crate) index: Option<Oid>,
    /// Where indexes that are built anew go.
    pub(crate) rebuilt: Option<Oid>,
}

impl Places {
    /// Where settings have them lie: `default_tablespace`, `temp_tablespaces`.
    pub fn of_settings(default: String, temporary: String) -> Places {
        Places { default, temporary, ..Places::default() }
    }
}

/// A tablespace into which the role may put relations; 0 for the default one.
fn usable(definer: &Definer<'_>, found: &Arc<Tablespace>) -> DefineResult<Oid> {
    match found.oid {
        DEFAULT_TABLESPACE => Ok(0),
        SHARED_TABLESPACE => Err(plain(
            SqlState::InvalidParameterValue,
            "only shared relations can be placed in pg_global tablespace",
        )),
        oid => {
            let object = Object::Tablespace(found.clone());
            definer.actor().require(&definer.scope, &object, Privileges::CREATE)?;
            Ok(oid)
        }
    }
}

/// The tablespace that is written, if one is; 0 for the default one.
///
/// # Errors
/// When there is none, or the role may not use it.
pub(crate) fn written(definer: &Definer<'_>, name: Option<Name<'_>>) -> DefineResult<Option<Oid>> {
    let Some(name) = name else { return Ok(None) };
    let found = named(definer, name.text)?;
    usable(definer, &found).map(Some)
}

/// Where a new object is to lie, if it is a relation with rows or entries; 0 for the default tablespace.
///
/// # Errors
/// When the settings name one that the role may not use.
pub(crate) fn of_new(definer: &mut Definer<'_>, object: &Object) -> DefineResult<Oid> {
    let (said, above, temporary) = match object {
        Object::Table(table) if !table.is_foreign() => {
            let above = table.partition_of().unwrap_or(0);
            (definer.places.table.take(), above, table.persistence == Persistence::Temporary)
        }
        Object::Index(index) => (definer.places.index.take(), index.parent, is_temporary(index.table)),
        _ => return Ok(0), // it has neither
    };
    if let Some(said) = said {
        return Ok(said);
    }
    match definer.scope.tablespace_of(above) {
        0 => {}
        above => return Ok(above),
    }
    let name = match temporary {
        true => catalog::name::identifier_list(&definer.places.temporary).into_iter().next(),
        false => Some(definer.places.default.clone()),
    };
    let found = name.and_then(|name| definer.scope.tablespace_named(&name).cloned());
    found.map_or(Ok(0), |found| usable(definer, &found))
}

/// `ALTER … SET TABLESPACE`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn put(definer: &mut Definer<'_>, relation: Oid, name: Name<'_>) -> DefineResult<()> {
    let tablespace = written(definer, Some(name))?.unwrap_or(0);
    definer.catalog.place(definer.transaction, relation, tablespace)?;
    definer.refresh()
}

/// Refuses to wait for others who use a relation.
fn refuse_used_by_others(definer: &mut Definer<'_>, table: &Table, relation: Oid) -> DefineResult<()> {
    let tree = TreeId(table.lock);
    match definer.transaction.lock_tree(tree, RelationMode::AccessExclusive, WaitPolicy::NoWait) {
        Ok(_) | Err(StoreError::NoSuchTree { .. }) => Ok(()),
        Err(StoreError::Lock(LockError::NotAvailable { .. })) => {
            let scope = &definer.scope;
            let schema = scope.schema(table.schema).map_or("", |schema| schema.name.as_str());
            let name = scope.object(relation).map_or("", |object| object.name());
            let message = format!("aborting because lock on relation \"{schema}.{name}\" is not available");
            Err(plain(SqlState::ObjectInUse, message))
        }
        Err(error) => Err(error.into()),
    }
}

/// The relations that are to be moved.
///
/// # Errors
/// When there is no such tablespace or role.
pub fn to_be_moved(definer: &Definer<'_>, moved: &MoveAll<'_>) -> DefineResult<Vec<Oid>> {
    let from = named(definer, moved.from.text)?;
    let from = if from.oid == DEFAULT_TABLESPACE { 0 } else { from.oid };
    let owners = moved.owners.iter().map(|owner| definer.role_named(owner));
    let owners = owners.collect::<DefineResult<Vec<Oid>>>()?;
    let scope = &definer.scope;
    let fits = |object: &Object| {
        let table = match (object, moved.kind) {
            (Object::Table(table), ObjectKind::Table) => Some(table).filter(|table| !table.is_materialized()),
            (Object::Table(table), ObjectKind::MaterializedView) => {
                Some(table).filter(|table| table.is_materialized())
            }
            (Object::Index(index), ObjectKind::Index) => scope.table(index.table),
            _ => None, // another kind
        };
        table.is_some_and(|table| {
            !is_temporary(table.oid)
                && !table.is_foreign()
                && (owners.is_empty() || owners.contains(&table.owner))
        })
    };
    let within = scope.objects().filter(|object| scope.tablespace_of(object.oid()) == from && fits(object));
    Ok(within.map(Object::oid).collect())
}

/// `ALTER TABLE ALL IN TABLESPACE … SET TABLESPACE …`
///
/// # Errors
/// PostgreSQL's.
pub fn move_all(definer: &mut Definer<'_>, moved: &MoveAll<'_>) -> DefineResult<()> {
    let (from, to) = (named(definer, moved.from.text)?, named(definer, moved.to.text)?);
    if from.oid == SHARED_TABLESPACE || to.oid == SHARED_TABLESPACE {
        let message = "cannot move relations in to or out of pg_global tablespace";
        return Err(plain(SqlState::ObjectNotInPrerequisiteState, message));
    }
    let to = usable(definer, &to)?;
    let within = to_be_moved(definer, moved)?;
    if from.oid == to || (from.oid == DEFAULT_TABLESPACE && to == 0) {
        return Ok(());
    }
    for relation in &within {
        definer.require_owner(*relation)?;
    }
    if within.is_empty() {
        let name = if from.oid == DEFAULT_TABLESPACE { "(database default)" } else { &from.name };
        let message = format!("no matching relations in tablespace \"{name}\" found");
        definer.notice(DefineNotice::NoRelations(message));
    }
    for relation in within {
        // Who drops it meanwhile is waited for: what is gone lies nowhere.
        let table = definer.scope.index(relation).map_or(relation, |index| index.table);
        let Some(table) = definer.scope.table(table).cloned() else { continue };
        if moved.nowait {
            refuse_used_by_others(definer, &table, relation)?;
        }
        definer.lock_table(&table, RelationMode::AccessExclusive)?;
        if definer.scope.object(relation).is_some() {
            definer.catalog.place(definer.transaction, relation, to)?;
        }
    }
    definer.refresh()
}
