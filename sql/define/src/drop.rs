//! `DROP` of everything that stands in the catalog of a database.

use crate::cast::{self, Ends};
use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::fixed::{self, Fixed};
use crate::named_routine::{self, Routine};
use catalog::object::{FunctionKind, Object, Table};
use catalog::{Address, Behavior, Dropped, Relation};
use diagnostic::{Diagnostic, SqlState};
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::object::{Drop, ObjectKind, ObjectName, Signature};
use syntax::tree::option::DropBehavior;
use syntax::tree::type_name::TypeNameKind;
use syntax::tree::{QualifiedName, TypeName};
use types::Types;
use types::catalog::Form;

/// What stands where a name points.
enum Found {
    /// It.
    There(Address),
    /// Nothing: what to say of it.
    Missing(DefineNotice, DefineError),
}

/// Drops what is named. Answers the objects that are gone, so that whoever keeps something of them can forget it.
///
/// # Errors
/// PostgreSQL's.
pub fn drop(definer: &mut Definer<'_>, statement: &Drop<'_>) -> DefineResult<Vec<Object>> {
    if statement.concurrently {
        refuse_concurrently(statement)?;
    }
    let mut roots = Vec::with_capacity(statement.objects.len());
    for object in statement.objects {
        lock_relation_of(definer, statement, object)?;
        match find(definer, statement.kind, object)? {
            Found::There(address) => {
                if statement.kind != ObjectKind::Cast {
                    definer.require_droppable(address.oid)?;
                }
                crate::replication::before_drop(definer, address.oid)?;
                if let Some(table) = definer.scope.table(address.oid) {
                    definer.refuse_awaited(table, "DROP TABLE")?;
                }
                if statement.concurrently {
                    refuse_partitioned(definer, address.oid)?;
                }
                if let Some(index) = definer.scope.index(address.oid).filter(|index| index.parent != 0) {
                    crate::partition::refuse_part(definer, index)?;
                }
                if !roots.contains(&address) {
                    roots.push(address);
                }
            }
            Found::Missing(notice, _) if statement.if_exists => definer.notice(notice),
            Found::Missing(_, error) => return Err(error),
        }
    }
    let dropped = take_away(definer, &roots, statement.behavior)?;
    // Who uses a table that loses something goes on with it until his transaction ends, as what is told has been told.
    for table in &dropped.bereft {
        if let Some(table) = definer.scope.table(*table).cloned() {
            crate::partition::lock_with_parts(definer, &table, RelationMode::AccessExclusive)?;
        }
    }
    Ok(dropped.objects)
}

/// Waits until nobody uses the relation of an index, a trigger, a rule or a policy that is about to be dropped, nor its
/// partitions: who writes by what he knows of it would go on with what is gone. Of statistics, until nobody makes them.
fn lock_relation_of(
    definer: &mut Definer<'_>,
    statement: &Drop<'_>,
    object: &ObjectName<'_>,
) -> DefineResult<()> {
    let kind = statement.kind;
    let is_part =
        matches!(kind, ObjectKind::Index | ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy);
    if !is_part && !matches!(kind, ObjectKind::Statistics | ObjectKind::Table) {
        return Ok(());
    }
    let Found::There(address) = find(definer, kind, object)? else { return Ok(()) };
    definer.require_droppable(address.oid)?;
    if let Some(statistics) = definer.scope.statistics(address.oid) {
        let table = definer.table(statistics.table)?;
        return definer.lock_table(&table, RelationMode::ShareUpdateExclusive).map(std::mem::drop);
    }
    if let Some(table) = definer.scope.table(address.oid).cloned() {
        return lock_to_drop(definer, &table);
    }
    let relation = if let ObjectName::Of(_, relation) = object {
        let (schema, name) = crate::names::split_relation(&definer.scope, relation)?;
        definer.scope.find_relation(schema, name)?
    } else {
        let Some(index) = definer.scope.index(address.oid) else { return Ok(()) };
        let table = definer.table(index.table)?;
        if statement.concurrently && !table.is_partitioned() {
            definer.await_others(&table, RelationMode::AccessExclusive, RelationMode::AccessExclusive)?;
        }
        Relation::Table(table)
    };
    crate::partition::lock_relation(definer, relation, RelationMode::AccessExclusive)?;
    Ok(())
}

/// Waits until nobody uses a table, before anything stands in its way: as in PostgreSQL, first of all the table that it is a
/// partition of.
fn lock_to_drop(definer: &mut Definer<'_>, table: &Arc<Table>) -> DefineResult<()> {
    if let Some(above) = table.partition_of() {
        let above = definer.table(above)?;
        definer.lock_table(&above, RelationMode::AccessExclusive)?;
    }
    definer.lock_table(table, RelationMode::AccessExclusive).map(std::mem::drop)
}

/// What `CONCURRENTLY` cannot do. An index is dropped no otherwise with it: it waits for those who use its table.
fn refuse_concurrently(statement: &Drop<'_>) -> DefineResult<()> {
    let what = if statement.objects.len() > 1 {
        "dropping multiple objects"
    } else if statement.behavior == DropBehavior::Cascade {
        "CASCADE"
    } else {
        return Ok(());
    };
    Err(DefineError::Plain {
        state: SqlState::FeatureNotSupported,
        message: format!("DROP INDEX CONCURRENTLY does not support {what}"),
        detail: None,
        hint: None,
        position: None,
    })
}

/// An index of a partitioned table goes with all of its parts, in one transaction.
fn refuse_partitioned(definer: &Definer<'_>, index: u32) -> DefineResult<()> {
    let Some(index) = definer.scope.index(index) else { return Ok(()) };
    match definer.scope.table(index.table).is_some_and(|table| table.is_partitioned()) {
        true => Err(crate::error::plain(
            SqlState::FeatureNotSupported,
            format!("cannot drop partitioned index \"{}\" concurrently", index.name),
        )),
        false => Ok(()),
    }
}

/// The class and the number of what is named, if it is there.
pub(crate) fn there(
    definer: &Definer<'_>,
    kind: ObjectKind,
    object: &ObjectName<'_>,
) -> Option<(catalog::Oid, Address)> {
    match find(definer, kind, object) {
        Ok(Found::There(address)) => {
            let class = definer.scope.object(address.oid).map(Object::class)?;
            Some((class, address))
        }
        Ok(Found::Missing(..)) | Err(_) => None,
    }
}

/// Drops objects or parts of them.
///
/// # Errors
/// When others depend on them.
pub(crate) fn remove(
    definer: &mut Definer<'_>,
    roots: &[Address],
    behavior: DropBehavior,
) -> DefineResult<Vec<Object>> {
    take_away(definer, roots, behavior).map(|dropped| dropped.objects)
}

fn take_away(definer: &mut Definer<'_>, roots: &[Address], behavior: DropBehavior) -> DefineResult<Dropped> {
    let behavior = match behavior {
        DropBehavior::Restrict => Behavior::Restrict,
        DropBehavior::Cascade => Behavior::Cascade,
    };
    let dropped = definer.catalog.drop(definer.transaction, &definer.scope, roots, behavior)?;
    if let Some(notice) = &dropped.notice {
        definer.notice(DefineNotice::Cascades(notice.message.clone(), notice.detail.clone()));
    }
    for object in &dropped.objects {
        if let Object::Table(table) = object {
            definer.refuse_awaited(table, "DROP TABLE")?;
        }
    }
    definer.refresh()?;
    crate::operator::forget(definer, &dropped.objects)?;
    Ok(dropped)
}

fn find_collation(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Found> {
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    if let Some(schema) = schema {
        if definer.scope.find_schema(schema).is_err() {
            return Ok(missing("schema", schema.into(), SqlState::InvalidSchemaName));
        }
        definer.scope.may_look_in(schema)?;
    }
    if let Some(oid) = crate::collation::droppable(definer, schema, object)? {
        return Ok(Found::There(Address::of(oid)));
    }
    let (kind, name_text) = ("collation", name.to_string());
    let notice = DefineNotice::DoesNotExist { kind, name: name_text.clone() };
    let state = SqlState::UndefinedObject;
    let error = crate::collation::named(definer, name).err();
    Ok(Found::Missing(notice, error.unwrap_or(DefineError::NoObject { kind, name: name_text, state })))
}

fn find(definer: &Definer<'_>, kind: ObjectKind, object: &ObjectName<'_>) -> DefineResult<Found> {
    match (kind, object) {
        (
            ObjectKind::Table
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::ForeignTable
            | ObjectKind::Index
            | ObjectKind::Sequence,
            ObjectName::Named(name),
        ) => find_relation(definer, kind, name),
        (ObjectKind::Schema, ObjectName::Named(name)) => {
            let name = name.object();
            Ok(match definer.scope.schema_named(name) {
                Some(schema) => Found::There(Address::of(schema)),
                None => missing("schema", name.into(), SqlState::InvalidSchemaName),
            })
        }
        (ObjectKind::Extension, ObjectName::Named(name)) => Ok(find_extension(definer, name.object())),
        (ObjectKind::Type | ObjectKind::Domain, ObjectName::Type(name)) => find_type(definer, kind, name),
        (
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate,
            ObjectName::Routine(signature),
        ) => find_routine(definer, kind, signature),
        (ObjectKind::Operator, ObjectName::Operator(operator, operands)) => {
            match crate::operator::droppable(definer, operator, operands)? {
                crate::operator::Dropped::There(oid) => Ok(Found::There(Address::of(oid))),
                crate::operator::Dropped::Missing(notice, error) => Ok(Found::Missing(notice, error)),
            }
        }
        (ObjectKind::OperatorClass | ObjectKind::OperatorFamily, ObjectName::Using(name, method))
            if let Some(oid) = crate::operator_class::made(definer, kind, name, method)? =>
        {
            Ok(Found::There(Address::of(oid)))
        }
        (ObjectKind::Collation, ObjectName::Named(name)) => find_collation(definer, name),
        (ObjectKind::ForeignDataWrapper | ObjectKind::Server, name)
            if let Some(oid) = crate::foreign::find(definer, kind, name) =>
        {
            Ok(Found::There(Address::of(oid)))
        }
        (kind @ (ObjectKind::Publication | ObjectKind::Subscription), name)
            if let Some(found) = crate::replication::find(definer, kind, name) =>
        {
            or_missing(found)
        }
        (kind, name) if let Some(oid) = of_own_kind(definer, kind, name)? => {
            Ok(Found::There(Address::of(oid)))
        }
        (ObjectKind::Cast, ObjectName::Cast(source, target)) => find_cast(definer, source, target),
        (ObjectKind::Rule, ObjectName::Of(name, relation))
            if let Some(rule) = crate::rule::find(definer, name.text, relation)? =>
        {
            Ok(Found::There(Address::of(rule.oid)))
        }
        (ObjectKind::Trigger, ObjectName::Of(name, relation))
            if let Some(trigger) = crate::trigger::find(definer, name.text, relation)? =>
        {
            crate::trigger::refuse_clone(definer, &trigger)?;
            Ok(Found::There(Address::of(trigger.oid)))
        }
        (ObjectKind::Statistics, ObjectName::Named(name)) => find_statistics(definer, name, object),
        (ObjectKind::Policy, ObjectName::Of(name, relation)) => {
            find_policy(definer, name.text, relation, object)
        }
        _ => find_fixed(definer, kind, object),
    }
}

/// What belongs to text search, or a trigger of definitions.
fn of_own_kind(
    definer: &Definer<'_>,
    kind: ObjectKind,
    name: &ObjectName<'_>,
) -> DefineResult<Option<catalog::Oid>> {
    let search = crate::search::find(definer, kind, name)?.map(|(_, oid)| oid);
    let conversion = crate::conversion::made(definer, kind, name)?;
    Ok(search.or(conversion).or_else(|| crate::event_trigger::find(definer, kind, name)))
}

fn find_extension(definer: &Definer<'_>, name: &str) -> Found {
    match definer.scope.extension_named(name) {
        Some(extension) => Found::There(Address::of(extension.oid)),
        None => missing("extension", name.into(), SqlState::UndefinedObject),
    }
}

fn find_routine(definer: &Definer<'_>, kind: ObjectKind, signature: &Signature<'_>) -> DefineResult<Found> {
    let found = match named_routine::look_for(definer, kind, signature) {
        Ok(found) => found,
        Err(error) if error.sqlstate() == SqlState::UndefinedFunction => {
            let (word, name) = named_routine::shown(kind, signature);
            return Ok(Found::Missing(DefineNotice::NoRoutine { word, name }, error));
        }
        Err(error) => return fixed::skipped(error).map(|(notice, error)| Found::Missing(notice, error)),
    };
    let of_any_kind = matches!(kind, ObjectKind::Aggregate | ObjectKind::Routine);
    if !of_any_kind && found.kind() == FunctionKind::Aggregate {
        return Err(DefineError::Plain {
            state: SqlState::WrongObjectType,
            message: format!("\"{}\" is an aggregate function", found.name()),
            detail: None,
            hint: Some("Use DROP AGGREGATE to drop aggregate functions.".to_owned()),
            position: None,
        });
    }
    match &found {
        Routine::Made(function) => Ok(Found::There(Address::of(function.oid))),
        Routine::BuiltIn(entry) => {
            fixed::require_owner(definer, "function", entry.name)?;
            Err(fixed::required(&named_routine::described(definer, entry)))
        }
    }
}

fn find_policy(
    definer: &Definer<'_>,
    name: &str,
    table: &QualifiedName<'_>,
    object: &ObjectName<'_>,
) -> DefineResult<Found> {
    match crate::policy::find(definer, name, table)? {
        Some(policy) => Ok(Found::There(Address::of(policy.oid))),
        None => find_fixed(definer, ObjectKind::Policy, object),
    }
}

fn find_statistics(
    definer: &Definer<'_>,
    name: &QualifiedName<'_>,
    object: &ObjectName<'_>,
) -> DefineResult<Found> {
    match crate::statistics::find(definer, name)? {
        Some(found) => Ok(Found::There(Address::of(found.oid))),
        None => find_fixed(definer, ObjectKind::Statistics, object),
    }
}

/// What nobody can make, or what is not there.
fn find_fixed(definer: &Definer<'_>, kind: ObjectKind, object: &ObjectName<'_>) -> DefineResult<Found> {
    match fixed::find(definer, kind, object)? {
        Some(Fixed::There(_, _, words)) => Err(fixed::required(&words)),
        Some(Fixed::Missing(notice, error)) => Ok(Found::Missing(notice, error)),
        None => definer.unsupported(&format!("DROP {}", crate::names::kind_words(kind)), None),
    }
}

/// A cast. Whoever owns one of its types owns it.
fn find_cast(definer: &Definer<'_>, source: &TypeName<'_>, target: &TypeName<'_>) -> DefineResult<Found> {
    for written in [source, target] {
        if let Err(error) = definer.resolve_type(written) {
            let (notice, error) = crate::fixed::skipped(error.without_position())?;
            return Ok(Found::Missing(notice, error));
        }
    }
    let ends = Ends::read(definer, source, target)?;
    let Some((oid, fixed)) = ends.found(definer) else {
        let notice = DefineNotice::NoRoutine {
            word: "cast",
            name: format!(
                "from type {} to type {}",
                crate::written::listed_type(source),
                crate::written::listed_type(target)
            ),
        };
        return Ok(Found::Missing(notice, cast::missing(definer, ends)));
    };
    ends.require_owner(definer)?;
    if fixed { Err(cast::fixed(definer, ends)) } else { Ok(Found::There(Address::of(oid))) }
}

/// What was found by its name, or that it is missing.
fn or_missing(found: DefineResult<u32>) -> DefineResult<Found> {
    match found {
        Ok(oid) => Ok(Found::There(Address::of(oid))),
        Err(DefineError::NoObject { kind, name, state }) => Ok(missing(kind, name, state)),
        Err(error) => Err(error),
    }
}

fn missing(kind: &'static str, name: String, state: SqlState) -> Found {
    Found::Missing(
        DefineNotice::DoesNotExist { kind, name: name.clone() },
        DefineError::NoObject { kind, name, state },
    )
}

fn find_relation(definer: &Definer<'_>, kind: ObjectKind, name: &QualifiedName<'_>) -> DefineResult<Found> {
    let (schema, object) = crate::names::split_relation(&definer.scope, name)?;
    if let Some(schema) = schema
        && definer.scope.find_schema(schema).is_err()
    {
        return Ok(missing("schema", schema.into(), SqlState::InvalidSchemaName));
    }
    schema.map_or(Ok(()), |schema| definer.scope.may_look_in(schema))?;
    let (called, article) = words(kind);
    let Some(found) = definer.scope.look_for_relation(schema, object) else {
        let state = match kind {
            ObjectKind::Index | ObjectKind::ForeignTable => SqlState::UndefinedObject,
            _ => SqlState::UndefinedTable,
        };
        return Ok(missing(called, object.into(), state));
    };
    let is = match &found {
        Relation::Table(table) if table.is_materialized() => ObjectKind::MaterializedView,
        Relation::Table(table) if table.is_foreign() => ObjectKind::ForeignTable,
        Relation::Table(_) => ObjectKind::Table,
        Relation::View(_) => ObjectKind::View,
        Relation::Index(_) => ObjectKind::Index,
        Relation::Sequence(_) => ObjectKind::Sequence,
        Relation::Composite(_) => ObjectKind::Type,
        Relation::System(_) => return Err(DefineError::SystemCatalog { name: object.into() }),
    };
    if is != kind {
        let (other, article_of_other) = words(is);
        let hint = format!("Use DROP {} to remove {article_of_other}.", other.to_uppercase());
        return Err(DefineError::WrongKind { name: object.into(), wanted: article, hint: Some(hint) });
    }
    Ok(Found::There(Address::of(found.oid())))
}

/// What messages call a kind of relation, alone and with its article.
fn words(kind: ObjectKind) -> (&'static str, &'static str) {
    match kind {
        ObjectKind::View => ("view", "a view"),
        ObjectKind::MaterializedView => ("materialized view", "a materialized view"),
        ObjectKind::ForeignTable => ("foreign table", "a foreign table"),
        ObjectKind::Index => ("index", "an index"),
        ObjectKind::Sequence => ("sequence", "a sequence"),
        ObjectKind::Type => ("type", "a type"),
        _ => ("table", "a table"),
    }
}

/// The schema that a type is written with, if it is not there.
fn missing_schema<'n>(definer: &Definer<'_>, name: &TypeName<'n>) -> Option<&'n str> {
    let TypeNameKind::Named(QualifiedName { parts: [schema, _] }) = name.kind else { return None };
    definer.scope.find_schema(schema.text).is_err().then_some(schema.text)
}

fn find_type(definer: &Definer<'_>, kind: ObjectKind, name: &TypeName<'_>) -> DefineResult<Found> {
    if let TypeNameKind::Named(QualifiedName { parts: [schema, _] }) = name.kind {
        definer.scope.may_look_in(schema.text)?;
    }
    let Ok(found) = crate::program_routine::type_or_shell(definer, name) else {
        if let Some(schema) = missing_schema(definer, name) {
            return Ok(missing("schema", schema.into(), SqlState::InvalidSchemaName));
        }
        return Ok(missing("type", crate::written::type_name(name), SqlState::UndefinedObject));
    };
    let is_domain = definer.scope.entry(found.oid).is_some_and(|entry| entry.form == Form::Domain);
    if kind == ObjectKind::Domain && !is_domain {
        return Err(DefineError::WrongKind {
            name: crate::written::type_name(name),
            wanted: "a domain",
            hint: None,
        });
    }
    Ok(Found::There(definer.scope.type_address(found.oid).unwrap_or(Address::of(found.oid))))
}
