//! `GRANT` and `REVOKE` of privileges on objects and columns.
//!
//! Who grants is not always who is at work: whoever owns an object grants as the owner, others as the role that may give on
//! the most of what is wanted. What he may not give on is left out, with a warning.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::fixed::Fixed;
use crate::named_routine::Routine;
use crate::role_error::{RoleError, RoleNotice};
use catalog::object::{Acl, Function, FunctionKind, Grant as Granted, Object, Oid, Privileges};
use catalog::privilege::{self, Revoked};
use catalog::{AccessError, Actor, CatalogError, Relation};
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::object::{ObjectKind, ObjectName, Signature};
use syntax::tree::option::{DropBehavior, RoleKind};
use syntax::tree::role::{Grant, GrantKind, GrantTarget};

/// What is granted or revoked, and whose.
pub(crate) struct Change {
    pub grant: bool,
    /// Everything, whatever the kind of object has.
    pub all: bool,
    pub privileges: Privileges,
    pub grantees: Vec<Oid>,
    pub option: bool,
    pub cascade: bool,
}

impl Change {
    /// What a statement says, without its columns.
    pub(crate) fn read(
        definer: &Definer<'_>,
        statement: &Grant<'_>,
        kind: GrantKind,
    ) -> DefineResult<Change> {
        let mut grantees = Vec::with_capacity(statement.grantees.len());
        for grantee in statement.grantees {
            grantees.push(match grantee.kind {
                RoleKind::Public => 0,
                _ => definer.role_named(grantee)?,
            });
        }
        let mut privileges = Privileges::NONE;
        for written in statement.privileges.unwrap_or_default() {
            if !written.columns.is_empty() {
                continue;
            }
            privileges = privileges.with(privilege_named(written.name.text, kind)?);
        }
        Ok(Change {
            grant: statement.grant,
            all: statement.privileges.is_none(),
            privileges,
            grantees,
            option: statement.grant_option,
            cascade: statement.behavior == DropBehavior::Cascade,
        })
    }

    /// The grants after the change, which `grantor` makes.
    pub(crate) fn apply(
        &self,
        mut grants: Vec<Granted>,
        owner: Oid,
        grantor: Oid,
        privileges: Privileges,
    ) -> DefineResult<Vec<Granted>> {
        for grantee in &self.grantees {
            if !self.grant {
                let how = Revoked { only_option: self.option, cascade: self.cascade };
                privilege::revoke(&mut grants, owner, (*grantee, grantor), privileges, how)?;
                continue;
            }
            if self.option && *grantee == 0 {
                return Err(RoleError::OptionToPublic.into());
            }
            let option = self.option;
            // The owner has the option of everything as it is.
            if option
                && *grantee != owner
                && privilege::is_circular(&grants, owner, *grantee, grantor, privileges)?
            {
                return Err(RoleError::OptionBack.into());
            }
            if !privileges.is_empty() {
                privilege::grant(&mut grants, *grantee, grantor, privileges, option);
            }
        }
        Ok(grants)
    }
}

/// What messages call a kind of object whose privileges are named.
fn words(kind: GrantKind) -> &'static str {
    match kind {
        GrantKind::Table => "relation",
        GrantKind::Sequence => "sequence",
        GrantKind::Database => "database",
        GrantKind::Domain => "domain",
        GrantKind::ForeignDataWrapper => "foreign-data wrapper",
        GrantKind::ForeignServer => "foreign server",
        GrantKind::Function => "function",
        GrantKind::Procedure => "procedure",
        GrantKind::Routine => "routine",
        GrantKind::Language => "language",
        GrantKind::LargeObject => "large object",
        GrantKind::Parameter => "parameter",
        GrantKind::Schema => "schema",
        GrantKind::Tablespace => "tablespace",
        GrantKind::Type => "type",
    }
}

/// What a kind of object may have; a table's name may be a sequence's.
fn all_of(kind: GrantKind) -> Privileges {
    match kind {
        GrantKind::Table => Privileges::TABLE.with(Privileges::SEQUENCE),
        GrantKind::Sequence => Privileges::SEQUENCE,
        GrantKind::Database => Privileges::DATABASE,
        GrantKind::Function | GrantKind::Procedure | GrantKind::Routine => Privileges::EXECUTE,
        GrantKind::Schema => Privileges::SCHEMA,
        GrantKind::Domain | GrantKind::Type | GrantKind::Language => Privileges::USAGE,
        GrantKind::ForeignDataWrapper | GrantKind::ForeignServer => Privileges::USAGE,
        GrantKind::LargeObject => Privileges::SELECT.with(Privileges::UPDATE),
        GrantKind::Tablespace => Privileges::CREATE,
        GrantKind::Parameter => Privileges::NONE,
    }
}

/// A privilege by its name, among `known`.
fn named(name: &str) -> DefineResult<(Privileges, &'static str)> {
    let name = if name == "temp" { "temporary" } else { name };
    let found = Privileges::ALL.iter().find(|known| known.2.eq_ignore_ascii_case(name));
    match found {
        Some((privilege, _, word)) => Ok((*privilege, word)),
        None => Err(RoleError::UnknownPrivilege { name: name.to_owned() }.into()),
    }
}

fn privilege_named(name: &str, kind: GrantKind) -> DefineResult<Privileges> {
    let (found, privilege) = named(name)?;
    if all_of(kind).contains(found) {
        return Ok(found);
    }
    Err(RoleError::InvalidPrivilege { privilege, kind: words(kind) }.into())
}

/// `GRANT`, `REVOKE`
///
/// # Errors
/// PostgreSQL's.
pub fn grant(definer: &mut Definer<'_>, statement: &Grant<'_>) -> DefineResult<()> {
    if let Some(by) = &statement.granted_by
        && definer.role_named(by)? != definer.role
    {
        return Err(RoleError::Grantor.into());
    }
    let (kind, objects) = match statement.on {
        GrantTarget::Objects(GrantKind::LargeObject, names) => {
            return on_large_objects(definer, statement, names);
        }
        GrantTarget::Objects(kind, names) => (kind, named_objects(definer, kind, names)?),
        GrantTarget::AllInSchemas(kind, schemas) => {
            let mut found = Vec::new();
            for schema in schemas {
                let schema = definer.scope.find_schema(schema.text)?;
                definer.require(schema, Privileges::USAGE)?;
                let inside = definer.scope.objects().filter(|object| object.schema() == Some(schema));
                found.extend(inside.filter(|object| is_of(object, kind)).cloned());
            }
            (kind, found)
        }
        // Only ALTER DEFAULT PRIVILEGES has these.
        GrantTarget::Defaults(kind) => (kind, Vec::new()),
    };
    let change = Change::read(definer, statement, kind)?;
    let columns = column_privileges(statement, kind)?;
    for object in &objects {
        look_at_kind(object, kind)?;
        on_object(definer, object, kind == GrantKind::Table, &change, !columns.is_empty())?;
        if kind == GrantKind::Table {
            on_columns(definer, object, &change, &columns)?;
        }
    }
    definer.refresh()
}

/// They are no objects of the catalog's.
fn on_large_objects(
    definer: &mut Definer<'_>,
    statement: &Grant<'_>,
    names: &[ObjectName<'_>],
) -> DefineResult<()> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        if let ObjectName::Number(number) = name {
            found.push(crate::large_object::numbered(definer, number)?);
        }
    }
    let change = Change::read(definer, statement, GrantKind::LargeObject)?;
    column_privileges(statement, GrantKind::LargeObject)?;
    found.into_iter().try_for_each(|object| crate::large_object::grant(definer, object, &change))
}

/// Whether `ALL … IN SCHEMA` of a kind is about an object.
fn is_of(object: &Object, kind: GrantKind) -> bool {
    match object {
        Object::Table(_) | Object::View(_) => kind == GrantKind::Table,
        Object::Sequence(_) => kind == GrantKind::Sequence,
        Object::Function(function) => match function.kind {
            FunctionKind::Procedure => matches!(kind, GrantKind::Procedure | GrantKind::Routine),
            FunctionKind::Function | FunctionKind::Aggregate => {
                matches!(kind, GrantKind::Function | GrantKind::Routine)
            }
        },
        Object::Schema(_)
        | Object::Index(_)
        | Object::Constraint(_)
        | Object::Enum(_)
        | Object::Domain(_)
        | Object::Composite(_)
        | Object::Base(_)
        | Object::Range(_)
        | Object::Multirange(_)
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
        | Object::Policy(_)
        | Object::Trigger(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_) => false,
    }
}

/// The columns that are named, with what is granted on each.
pub(crate) type ColumnPrivileges<'s> = Vec<(&'s str, Privileges)>;

fn column_privileges<'s>(statement: &Grant<'s>, kind: GrantKind) -> DefineResult<ColumnPrivileges<'s>> {
    let mut found = Vec::new();
    for written in statement.privileges.unwrap_or_default() {
        if written.columns.is_empty() {
            continue;
        }
        if kind != GrantKind::Table {
            return Err(RoleError::ColumnPrivileges.into());
        }
        let privileges = if written.name.text == "all" {
            Privileges::COLUMN
        } else {
            let (found, privilege) = named(written.name.text)?;
            if !Privileges::COLUMN.contains(found) {
                return Err(RoleError::InvalidPrivilege { privilege, kind: "column" }.into());
            }
            found
        };
        found.extend(written.columns.iter().map(|column| (column.text, privileges)));
    }
    Ok(found)
}

fn named_objects(
    definer: &Definer<'_>,
    kind: GrantKind,
    names: &[ObjectName<'_>],
) -> DefineResult<Vec<Object>> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        found.push(match (kind, name) {
            (GrantKind::Table | GrantKind::Sequence, ObjectName::Named(name)) => relation(definer, name)?,
            (GrantKind::Schema, ObjectName::Named(name)) => {
                let schema = definer.scope.find_schema(name.object())?;
                object(definer, schema)?
            }
            (GrantKind::Database, ObjectName::Named(name)) => {
                let name = name.object();
                let database = definer.scope.database_named(name);
                let database = database.and_then(|database| definer.scope.database(database));
                let missing = || CatalogError::UndefinedDatabase { name: name.to_owned() };
                Object::Database(database.ok_or_else(missing)?.clone())
            }
            (GrantKind::Tablespace, ObjectName::Named(name)) => {
                Object::Tablespace(crate::tablespace::made(definer, name.object())?)
            }
            (GrantKind::Type | GrantKind::Domain, ObjectName::Named(name)) => named_type(definer, name)?,
            (GrantKind::Function | GrantKind::Procedure | GrantKind::Routine, ObjectName::Routine(name)) => {
                Object::Function(function(definer, kind, name)?)
            }
            (GrantKind::ForeignDataWrapper, ObjectName::Named(name)) => {
                foreign(definer, ObjectKind::ForeignDataWrapper, name)?
            }
            (GrantKind::ForeignServer, ObjectName::Named(name)) => {
                foreign(definer, ObjectKind::Server, name)?
            }
            (kind, _) => {
                return definer.unsupported(&format!("GRANT ON {}", words(kind).to_uppercase()), None);
            }
        });
    }
    Ok(found)
}

fn foreign(definer: &Definer<'_>, kind: ObjectKind, name: &QualifiedName<'_>) -> DefineResult<Object> {
    let of = ObjectName::Named(*name);
    match crate::foreign::find(definer, kind, &of) {
        Some(oid) => object(definer, oid),
        None => match crate::fixed::find(definer, kind, &of)? {
            Some(Fixed::Missing(_, error)) => Err(error),
            Some(Fixed::There(..)) | None => definer.unsupported("GRANT on such an object", None),
        },
    }
}

fn object(definer: &Definer<'_>, oid: Oid) -> DefineResult<Object> {
    Ok(definer.scope.object(oid).cloned().ok_or(CatalogError::UndefinedObject { oid })?)
}

fn relation(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Object> {
    let (schema, relation) = crate::names::split_name(&definer.scope, name)?;
    let found = definer.scope.find_relation(schema, relation)?;
    if let Relation::System(_) = found {
        return definer.unsupported("GRANT on a system catalog", None);
    }
    object(definer, found.oid())
}

/// That an object is of the kind that is written: asked when all that is written has a meaning.
fn look_at_kind(object: &Object, kind: GrantKind) -> DefineResult<()> {
    let name = || object.name().to_owned();
    match (kind, object) {
        (GrantKind::Table | GrantKind::Sequence, Object::Index(_)) => {
            Err(RoleError::NoPrivileges { name: name(), what: "an index" }.into())
        }
        (GrantKind::Table | GrantKind::Sequence, Object::Composite(_)) => {
            Err(RoleError::NoPrivileges { name: name(), what: "a composite type" }.into())
        }
        (GrantKind::Sequence, Object::Table(_) | Object::View(_)) => {
            Err(RoleError::NotSequence { name: name() }.into())
        }
        (GrantKind::Domain, of) if !matches!(of, Object::Domain(_)) => {
            Err(RoleError::NotDomain { name: name() }.into())
        }
        _ => Ok(()), // all others were looked up as what they are
    }
}

fn named_type(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Object> {
    let (schema, of) = crate::names::split_name(&definer.scope, name)?;
    let oid = definer.scope.find_type(schema, of)?;
    let Some(made) = definer.scope.made_type(oid) else {
        if types::Types::entry(&definer.scope, oid)
            .is_some_and(|entry| entry.form == types::catalog::Form::Array)
        {
            return Err(RoleError::ArrayType.into());
        }
        return definer.unsupported("GRANT on a built-in type", None);
    };
    if made.object != oid {
        return Err(RoleError::ArrayType.into());
    }
    object(definer, oid)
}

/// A user's function by its name and the types of its arguments, if they are written.
fn function(definer: &Definer<'_>, kind: GrantKind, written: &Signature<'_>) -> DefineResult<Arc<Function>> {
    let kind = match kind {
        GrantKind::Procedure => ObjectKind::Procedure,
        GrantKind::Routine => ObjectKind::Routine,
        _ => ObjectKind::Function, // what else has a signature
    };
    match crate::named_routine::look_for(definer, kind, written)? {
        Routine::Made(function) => Ok(function),
        Routine::BuiltIn(_) => definer.unsupported("GRANT on a built-in function", None),
    }
}

/// As whom the actor grants, and what that role may give on.
pub(crate) fn best_grantor(
    actor: &Actor,
    grants: &[Granted],
    owner: Oid,
    wanted: Privileges,
) -> (Oid, Privileges) {
    if actor.has_rights_of(owner) {
        return (owner, wanted);
    }
    let mut best = (actor.role, Privileges::NONE);
    for role in actor.roles() {
        let option = Privileges(privilege::option_of(grants, owner, role).0 & wanted.0);
        if option.0.count_ones() > best.1.0.count_ones() {
            best = (role, option);
        }
    }
    best
}

/// Warns of what cannot be given on, or taken back.
pub(crate) fn warn(
    definer: &mut Definer<'_>,
    change: &Change,
    wanted: Privileges,
    done: Privileges,
    what: &dyn Fn() -> String,
) {
    let notice = match (change.grant, done.is_empty(), change.all || done == wanted) {
        (true, true, _) => RoleNotice::NoneGranted { what: what() },
        (false, true, _) => RoleNotice::NoneRevoked { what: what() },
        (_, false, true) => return,
        (true, false, false) => RoleNotice::NotAllGranted { what: what() },
        (false, false, false) => RoleNotice::NotAllRevoked { what: what() },
    };
    definer.notice(DefineNotice::Role(notice));
}

/// What an object is called where rights are given: whatever has rows is a table here.
fn granted_kind(object: &Object) -> &'static str {
    if let Object::View(_) | Object::Table(_) = object { "table" } else { object.kind_word() }
}

/// That nothing may be granted.
fn denied(object: &Object) -> DefineError {
    AccessError::Denied { kind: granted_kind(object), name: object.name().to_owned() }.into()
}

/// What a change does with an object, which is named as a table or as what it is.
pub(crate) fn on_object(
    definer: &mut Definer<'_>,
    object: &Object,
    as_table: bool,
    change: &Change,
    names_columns: bool,
) -> DefineResult<()> {
    let all = Privileges::all_of(object);
    let mut wanted = if change.all { all } else { change.privileges };
    if wanted.is_empty() && names_columns {
        return Ok(());
    }
    if let Object::Sequence(sequence) = object
        && as_table
        && !all.contains(wanted)
    {
        definer.notice(DefineNotice::Role(RoleNotice::SequencePrivileges { name: sequence.name.clone() }));
        wanted = Privileges(wanted.0 & all.0);
    }
    if wanted.is_empty() {
        return Ok(());
    }
    if let Some((_, _, privilege)) =
        Privileges::ALL.iter().find(|known| wanted.without(all).contains(known.0))
    {
        return Err(RoleError::InvalidPrivilege { privilege, kind: granted_kind(object) }.into());
    }
    let owner = object.owner().unwrap_or(0);
    let defaults = || privilege::default_grants(owner, all, Privileges::public_of(object));
    let grants = object.acl().clone().unwrap_or_else(defaults);
    let actor = definer.actor();
    let (grantor, option) = best_grantor(&actor, &grants, owner, wanted);
    if option.is_empty() && actor.privileges(&definer.scope, object).is_empty() {
        return Err(denied(object));
    }
    let done = Privileges(wanted.0 & option.0);
    warn(definer, change, wanted, done, &|| format!("\"{}\"", object.name()));
    let grants = change.apply(grants, owner, grantor, done)?;
    definer.catalog.alter::<CatalogError>(definer.transaction, object.oid(), |object| {
        object.set_acl(Some(grants));
        Ok(())
    })?;
    Ok(())
}

/// Columns that are named; and, where a relation's privileges are revoked, all columns.
pub(crate) fn on_columns(
    definer: &mut Definer<'_>,
    object: &Object,
    change: &Change,
    columns: &ColumnPrivileges<'_>,
) -> DefineResult<()> {
    let known = object.columns_with_acl();
    for (name, _) in columns {
        if !known.iter().any(|(_, column, _)| column == name) {
            let (column, relation) = ((*name).to_owned(), object.name().to_owned());
            return Err(DefineError::NoColumn { column, relation });
        }
    }
    let of_all = match (change.grant, change.all) {
        (true, _) => Privileges::NONE,
        (false, true) => Privileges::COLUMN,
        (false, false) => Privileges(change.privileges.0 & Privileges::COLUMN.0),
    };
    // What is taken from the whole is taken from each of its columns, those of the system too, and is told of each.
    if !of_all.is_empty() && !matches!(object, Object::View(_)) {
        for name in SYSTEM_COLUMNS {
            on_column(definer, object, (None, name, &None), change, of_all)?;
        }
    }
    for (place, name, acl) in known {
        let named = columns.iter().filter(|column| column.0 == name);
        let wanted = named.fold(of_all, |total, column| total.with(column.1));
        if !wanted.is_empty() {
            on_column(definer, object, (Some(place), name, acl), change, wanted)?;
        }
    }
    Ok(())
}

/// Those that all tables have, in the order of their numbers.
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"];

fn on_column(
    definer: &mut Definer<'_>,
    object: &Object,
    (place, name, acl): (Option<usize>, &str, &Acl),
    change: &Change,
    wanted: Privileges,
) -> DefineResult<()> {
    let owner = object.owner().unwrap_or(0);
    let all = Privileges::all_of(object);
    let own = acl.clone().unwrap_or_default();
    let defaults = || privilege::default_grants(owner, all, Privileges::public_of(object));
    // Whoever may give on what the whole has may give on what a column has.
    let mut merged = object.acl().clone().unwrap_or_else(defaults);
    merged.extend(own.iter().cloned());
    let actor = definer.actor();
    let (grantor, option) = best_grantor(&actor, &merged, owner, wanted);
    let mine = actor.privileges(&definer.scope, object).with(actor.column_privileges(acl));
    if option.is_empty() && mine.is_empty() {
        let (column, relation) = (name.to_owned(), object.name().to_owned());
        return Err(RoleError::NothingOfColumn { column, relation }.into());
    }
    let done = Privileges(wanted.0 & option.0);
    let what = || format!("column \"{name}\" of relation \"{}\"", object.name());
    warn(definer, change, wanted, done, &what);
    let grants = change.apply(own, owner, grantor, done)?;
    let new = (!grants.is_empty()).then_some(grants);
    let Some(place) = place.filter(|_| new.is_some() || acl.is_some()) else { return Ok(()) };
    definer.catalog.alter::<CatalogError>(definer.transaction, object.oid(), |object| {
        object.set_column_acl(place, new);
        Ok(())
    })?;
    Ok(())
}
