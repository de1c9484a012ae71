//! `ALTER … RENAME`, `ALTER … SET SCHEMA`.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::table::column::refuse_system_column;
use catalog::object::{Object, Oid, Privileges, Rule, is_temporary};
use catalog::{Address, CatalogError, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::QualifiedName;
use syntax::tree::object::{ObjectKind, ObjectName, Rename, SetSchema};
use syntax::tree::option::DropBehavior;

/// `ALTER … RENAME TO`, `RENAME COLUMN`, `RENAME CONSTRAINT`
///
/// # Errors
/// PostgreSQL's.
pub fn rename(definer: &mut Definer<'_>, statement: &Rename<'_>) -> DefineResult<()> {
    let to = statement.to.text;
    match (statement.kind, &statement.object) {
        (ObjectKind::Schema, ObjectName::Named(name)) => {
            let schema = definer.scope.find_schema(name.object())?;
            definer.require_owner(schema)?;
            if to.starts_with("pg_") {
                return Err(DefineError::ReservedSchema { name: to.into() });
            }
            let within = definer.objects_of_schema(schema);
            definer.with_texts(within, |definer| definer.change_object(schema, |object| set_name(object, to)))
        }
        (ObjectKind::Type | ObjectKind::Domain, name @ (ObjectName::Type(_) | ObjectName::Named(_))) => {
            let found = type_named(definer, name)?;
            let Some(address) = definer.scope.type_address(found) else {
                return definer.unsupported("renaming a built-in type", None);
            };
            crate::composite::refuse_row_type(definer, found)?;
            definer.require_owner(address.oid)?;
            definer.with_texts([address.oid], |definer| {
                definer.change_object(address.oid, |object| set_name(object, to))
            })
        }
        (
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate,
            ObjectName::Routine(signature),
        ) => {
            let function = crate::named_routine::find(definer, statement.kind, signature)?;
            definer.require_owner(function.oid)?;
            may_name(definer, function.oid)?;
            let named = catalog::object::Function { name: to.to_owned(), ..(*function).clone() };
            crate::named_routine::refuse_taken(definer, &named, function.schema)?;
            definer.with_texts([function.oid], |definer| {
                definer.change_object(function.oid, |object| set_name(object, to))
            })
        }
        (ObjectKind::DomainConstraint, ObjectName::Named(name)) => {
            let from = statement.part.map_or("", |part| part.text);
            crate::domain::rename_constraint(definer, name, from, to)
        }
        (ObjectKind::Column, ObjectName::Named(name)) => {
            let Some(relation) = relation(definer, name, statement.if_exists)? else { return Ok(()) };
            let from = statement.part.map_or("", |part| part.text);
            let relation = owned_alone(definer, relation)?;
            rename_column(definer, &relation, (statement.only, statement.behavior), from, to)
        }
        (ObjectKind::Constraint, ObjectName::Named(name)) => {
            let Some(relation) = relation(definer, name, statement.if_exists)? else { return Ok(()) };
            let from = statement.part.map_or("", |part| part.text);
            let relation = owned_alone(definer, relation)?;
            rename_constraint(definer, &relation, statement.only, from, to)
        }
        (
            ObjectKind::Table
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Index
            | ObjectKind::ForeignTable
            | ObjectKind::Sequence,
            ObjectName::Named(name),
        ) => {
            let Some(relation) = relation(definer, name, statement.if_exists)? else { return Ok(()) };
            refuse_other_kind(statement.kind, &relation)?;
            let relation = owned_alone(definer, relation)?;
            may_name(definer, relation.oid())?;
            rename_relation(definer, &relation, to)
        }
        _ => rename_fixed(definer, statement),
    }
}

/// That the role may put a new name into the schema of an object that it owns. Types may be called otherwise without, as in
/// PostgreSQL.
fn may_name(definer: &Definer<'_>, oid: Oid) -> DefineResult<()> {
    match definer.scope.object(oid).and_then(Object::schema) {
        Some(schema) => definer.require(schema, Privileges::CREATE),
        None => Ok(()),
    }
}

/// Something of a kind that few make, or nobody can.
fn rename_fixed(definer: &mut Definer<'_>, statement: &Rename<'_>) -> DefineResult<()> {
    let to = statement.to.text;
    match (statement.kind, &statement.object) {
        (ObjectKind::Collation, ObjectName::Named(name)) => {
            let oid = crate::collation::renamed(definer, name, to)?;
            may_name(definer, oid)?;
            definer.with_texts([oid], |definer| definer.change_object(oid, |object| set_name(object, to)))
        }
        (ObjectKind::Statistics, ObjectName::Named(name)) => {
            let oid = crate::statistics::named(definer, name)?;
            definer.require_owner(oid)?;
            may_name(definer, oid)?;
            crate::statistics::rename(definer, name, to)
        }
        (ObjectKind::OperatorClass | ObjectKind::OperatorFamily, ObjectName::Using(name, method))
            if let Some(oid) = crate::operator_class::made(definer, statement.kind, name, method)? =>
        {
            definer.require_owner(oid)?;
            may_name(definer, oid)?;
            crate::operator_class::refuse_moved(definer, oid, (None, Some(to)))?;
            definer.change_object(oid, |object| set_name(object, to))
        }
        (kind @ (ObjectKind::ForeignDataWrapper | ObjectKind::Server), name)
            if let Some(oid) = crate::foreign::find(definer, kind, name) =>
        {
            crate::foreign::rename(definer, (kind, oid), to)
        }
        (kind @ (ObjectKind::Publication | ObjectKind::Subscription), name)
            if let Some(found) = crate::replication::find(definer, kind, name) =>
        {
            crate::replication::rename(definer, (kind, found?), to)
        }
        (kind, name) if let Some(oid) = crate::conversion::made(definer, kind, name)? => {
            crate::conversion::refuse_rename(definer, oid, to)?;
            may_name(definer, oid)?;
            definer.change_object(oid, |object| set_name(object, to))
        }
        (kind, name) if let Some(oid) = crate::search::changeable(definer, kind, name)? => {
            may_name(definer, oid)?;
            crate::search::rename(definer, oid, to)
        }
        (kind, name) if let Some(oid) = crate::event_trigger::find(definer, kind, name) => {
            crate::event_trigger::rename(definer, oid, to)
        }
        (ObjectKind::Rule, ObjectName::Of(name, of)) => {
            crate::rule::rename(definer, name.text, of, statement.to.text)
        }
        (ObjectKind::Trigger, ObjectName::Of(name, of)) => {
            crate::trigger::rename(definer, name.text, of, statement.to.text)
        }
        (ObjectKind::Policy, ObjectName::Of(name, of)) => {
            crate::policy::rename(definer, name.text, of, statement.to.text)
        }
        (kind, object) => crate::fixed::refuse_change(definer, (kind, object), statement.if_exists, "RENAME"),
    }
}

/// The type of a name, written either way.
fn type_named(definer: &Definer<'_>, name: &ObjectName<'_>) -> DefineResult<Oid> {
    match name {
        ObjectName::Named(name) => {
            let (schema, object) = crate::names::split_name(&definer.scope, name)?;
            Ok(definer.scope.find_type(schema, object)?)
        }
        ObjectName::Type(name) => Ok(definer.resolve_type(name)?.oid),
        _ => definer.unsupported("such a name of a type", None),
    }
}

/// `ALTER TABLE` takes all relations; `ALTER INDEX` takes tables too, as PostgreSQL's does.
pub(crate) fn refuse_other_kind(kind: ObjectKind, relation: &Relation) -> DefineResult<()> {
    let (fits, wanted) = match kind {
        ObjectKind::View => (matches!(relation, Relation::View(_)), "a view"),
        ObjectKind::Sequence => (matches!(relation, Relation::Sequence(_)), "a sequence"),
        ObjectKind::MaterializedView => (relation.kind() == "materialized view", "a materialized view"),
        ObjectKind::ForeignTable => (relation.kind() == "foreign table", "a foreign table"),
        _ => (true, ""),
    };
    if fits {
        return Ok(());
    }
    Err(DefineError::WrongKind { name: relation.name().into(), wanted, hint: None })
}

/// The relation of this name; none if it need not exist and does not.
pub(crate) fn relation(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    if_exists: bool,
) -> DefineResult<Option<Relation>> {
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    match definer.scope.find_relation(schema, object) {
        Ok(relation) => Ok(Some(relation)),
        Err(CatalogError::UndefinedRelation { .. } | CatalogError::UndefinedSchema { .. }) if if_exists => {
            let name = object.to_owned();
            definer.notice(DefineNotice::DoesNotExist { kind: "relation", name });
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// A relation that is the role's own, locked against everybody: who uses it has bound its names, and goes on with them until
/// his transaction ends.
pub(crate) fn owned_alone(definer: &mut Definer<'_>, relation: Relation) -> DefineResult<Relation> {
    definer.require_owner(relation.oid())?;
    let relation = match relation {
        Relation::Table(table) => Relation::Table(definer.lock_table(&table, RelationMode::AccessExclusive)?),
        Relation::View(view) => Relation::View(definer.lock_view(&view)?),
        Relation::Sequence(sequence) => Relation::Sequence(definer.lock_sequence(&sequence)?),
        Relation::System(table) => return Err(DefineError::SystemCatalog { name: table.name.into() }),
        Relation::Index(_) | Relation::Composite(_) => relation,
    };
    // Who had it before the wait may have given it away.
    definer.require_owner(relation.oid())?;
    Ok(relation)
}

/// Gives a relation another name, if nothing has it.
pub(crate) fn rename_relation(definer: &mut Definer<'_>, relation: &Relation, to: &str) -> DefineResult<()> {
    if relation.name() == to {
        return Err(CatalogError::DuplicateRelation { name: to.to_owned() }.into());
    }
    // An index and its constraint have one name.
    if let Relation::Index(index) = relation
        && let Some(constraint) =
            definer.scope.constraint_of_index(index.oid).map(|constraint| constraint.oid)
    {
        change(definer, constraint, |object| set_name(object, to))?;
    }
    let oid = match relation {
        Relation::Composite(composite) => composite.oid,
        Relation::Table(_)
        | Relation::View(_)
        | Relation::Index(_)
        | Relation::Sequence(_)
        | Relation::System(_) => relation.oid(),
    };
    definer.with_texts([oid], |definer| definer.change_object(oid, |object| set_name(object, to)))
}

fn rename_column(
    definer: &mut Definer<'_>,
    relation: &Relation,
    (only, behavior): (bool, DropBehavior),
    from: &str,
    to: &str,
) -> DefineResult<()> {
    if matches!(relation, Relation::Table(table) if table.of_type != 0) {
        return Err(crate::error::plain(SqlState::WrongObjectType, "cannot rename column of typed table"));
    }
    let mut followers = match relation {
        Relation::Composite(composite) => crate::table::typed::followers(definer, composite.oid, behavior)?,
        _ => Vec::new(), // no other has tables that follow it
    };
    refuse_system_column(to)?;
    if let (true, Relation::Table(table)) = (only, relation)
        && definer.scope.attached_to(table.oid).next().is_some()
    {
        let message = format!("inherited column \"{from}\" must be renamed in child tables too");
        return Err(crate::error::plain(SqlState::InvalidTableDefinition, message));
    }
    let names: Vec<String> = match relation {
        Relation::Table(table) => table.live_columns().map(|(_, column)| column.name.clone()).collect(),
        Relation::View(view) => view.columns.iter().map(|column| column.column.name.clone()).collect(),
        Relation::Composite(composite) => {
            composite.columns.iter().map(|column| column.name.clone()).collect()
        }
        Relation::Index(_) | Relation::Sequence(_) | Relation::System(_) => {
            return definer.unsupported("renaming a column of an index or a sequence", None);
        }
    };
    if !names.iter().any(|name| name == from) {
        if matches!(relation, Relation::Table(_)) && refuse_system_column(from).is_err() {
            return Err(DefineError::ChangedSystemColumn { verb: "rename", column: from.into() });
        }
        return Err(definer.no_plain_column(from));
    }
    // A table is asked with those that inherit from it, each of them first whether it has the column from elsewhere, too.
    if !matches!(relation, Relation::Table(_)) && names.iter().any(|name| name == to) {
        return Err(DefineError::ColumnExists { column: to.into(), relation: relation.name().into() });
    }
    let oids = match relation {
        Relation::Composite(composite) => {
            for table in std::mem::take(&mut followers) {
                let table = definer.table(table)?;
                followers.extend(crate::family::renamed_with(definer, &table, from, to)?);
            }
            followers.push(composite.oid);
            followers
        }
        Relation::Table(table) => crate::family::renamed_with(definer, table, from, to)?,
        Relation::View(_) | Relation::Index(_) | Relation::Sequence(_) | Relation::System(_) => {
            vec![relation.oid()]
        }
    };
    definer.with_texts(oids.clone(), |definer| {
        oids.iter().try_for_each(|oid| definer.change_object(*oid, |object| rename_field(object, from, to)))
    })
}

/// Gives a column of a relation, or a field, another name.
fn rename_field(object: &mut Object, from: &str, to: &str) {
    match object {
        Object::Table(table) => {
            let columns = &mut Arc::make_mut(table).columns;
            columns.iter_mut().filter(|column| !column.dropped && column.name == from).for_each(|column| {
                column.name = to.to_owned();
            });
        }
        Object::View(view) => {
            let columns = &mut Arc::make_mut(view).columns;
            columns.iter_mut().filter(|column| column.column.name == from).for_each(|column| {
                column.column.name = to.to_owned();
            });
        }
        Object::Composite(composite) => {
            let columns = &mut Arc::make_mut(composite).columns;
            columns.iter_mut().filter(|column| column.name == from).for_each(|column| {
                column.name = to.to_owned();
            });
        }
        _ => {}
    }
}

fn rename_constraint(
    definer: &mut Definer<'_>,
    relation: &Relation,
    only: bool,
    from: &str,
    to: &str,
) -> DefineResult<()> {
    let found =
        definer.scope.constraints_of(relation.oid()).find(|constraint| constraint.name == from).cloned();
    let Some(constraint) = found else {
        return Err(DefineError::NoConstraintFor { name: from.into(), table: relation.name().into() });
    };
    // Other constraints have a name of their own in each table.
    if constraint.inherited > 0 && matches!(constraint.rule, Rule::Check(_)) {
        let message = format!("cannot rename inherited constraint \"{from}\"");
        let state = diagnostic::SqlState::InvalidTableDefinition;
        return Err(crate::error::plain(state, message));
    }
    if matches!(constraint.rule, Rule::Check(_)) && !constraint.no_inherit {
        let inherited = crate::family::inherited_checks(definer, relation.oid(), from);
        if only && !inherited.is_empty() {
            let message = format!("inherited constraint \"{from}\" must be renamed in child tables too");
            return Err(crate::error::plain(SqlState::InvalidTableDefinition, message));
        }
        for same in inherited {
            refuse_same_name(definer, same, to)?;
            change(definer, same, |object| set_name(object, to))?;
        }
    }
    let index = match constraint.rule {
        Rule::Unique(index) | Rule::PrimaryKey(index) | Rule::Exclude(index, _) => Some(index),
        Rule::Check(_) | Rule::ForeignKey { .. } => None,
    };
    refuse_same_name(definer, constraint.oid, to)?;
    if let Some(index) = index {
        change(definer, index, |object| set_name(object, to))?;
    }
    change(definer, constraint.oid, |object| set_name(object, to))
}

/// Refuses to give a constraint the name that it has.
fn refuse_same_name(definer: &Definer<'_>, constraint: Oid, to: &str) -> DefineResult<()> {
    let Some(known) = definer.scope.constraint(constraint).filter(|known| known.name == to) else {
        return Ok(());
    };
    let name = to.to_owned();
    Err(match known.rule {
        Rule::Unique(_) | Rule::PrimaryKey(_) | Rule::Exclude(..) => CatalogError::DuplicateRelation { name },
        Rule::Check(_) | Rule::ForeignKey { .. } => {
            let relation = definer.scope.relation(known.table);
            let on = format!("\"{}\"", relation.as_ref().map_or("", |relation| relation.name()));
            CatalogError::DuplicateConstraint { name, kind: "relation", on }
        }
    }
    .into())
}

fn change(definer: &mut Definer<'_>, oid: Oid, change: impl FnOnce(&mut Object)) -> DefineResult<()> {
    definer.change_object(oid, change)
}

/// What goes to another schema with an object: what is a part of a table.
fn moved_with(definer: &Definer<'_>, object: &Object) -> Vec<Oid> {
    let oid = object.oid();
    let mut moved = vec![oid];
    if matches!(object, Object::Table(_)) {
        moved.extend(definer.scope.indexes_of(oid).map(|index| index.oid));
        moved.extend(definer.scope.constraints_of(oid).map(|constraint| constraint.oid));
        let own = definer.scope.objects().filter_map(|object| match object {
            Object::Sequence(sequence) => {
                sequence.owned_by.filter(|(of, _)| *of == oid).map(|_| sequence.oid)
            }
            _ => None,
        });
        moved.extend(own);
    }
    if matches!(object, Object::Domain(_)) {
        moved.extend(definer.scope.constraints_of(oid).map(|constraint| constraint.oid));
    }
    moved
}

/// `ALTER … SET SCHEMA`
///
/// # Errors
/// PostgreSQL's.
pub fn set_schema(definer: &mut Definer<'_>, statement: &SetSchema<'_>) -> DefineResult<()> {
    if let (ObjectKind::Extension, ObjectName::Named(name)) = (statement.kind, &statement.object) {
        let moved = crate::extension::moved(definer, name.object(), statement.schema.text)?;
        let schema = definer.scope.find_schema(statement.schema.text)?;
        for oid in &moved {
            let object = definer.scope.object(*oid).cloned();
            object.map_or(Ok(()), |object| refuse_moved(definer, &object, schema))?;
        }
        return move_all(definer, &moved, schema);
    }
    let oid = match (statement.kind, &statement.object) {
        (ObjectKind::Type | ObjectKind::Domain, name @ (ObjectName::Type(_) | ObjectName::Named(_))) => {
            let found = type_named(definer, name)?;
            crate::composite::refuse_row_type(definer, found)?;
            match definer.scope.type_address(found) {
                Some(address) => address.oid,
                None => return definer.unsupported("moving a built-in type", None),
            }
        }
        (
            ObjectKind::Table
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::ForeignTable
            | ObjectKind::Sequence
            | ObjectKind::Index,
            ObjectName::Named(name),
        ) => {
            let Some(relation) = relation(definer, name, statement.if_exists)? else { return Ok(()) };
            refuse_other_kind(statement.kind, &relation)?;
            if let Relation::Index(index) = &relation {
                let name = index.name.clone();
                return Err(DefineError::SchemaOfIndex { name });
            }
            owned_alone(definer, relation)?.oid()
        }
        (
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate,
            ObjectName::Routine(signature),
        ) => crate::named_routine::find(definer, statement.kind, signature)?.oid,
        (ObjectKind::Collation, ObjectName::Named(name)) => crate::collation::made(definer, name)?,
        (ObjectKind::Statistics, ObjectName::Named(name)) => crate::statistics::named(definer, name)?,
        (ObjectKind::Operator, ObjectName::Operator(operator, operands)) => {
            crate::operator::made(definer, operator, operands)?
        }
        (ObjectKind::OperatorClass | ObjectKind::OperatorFamily, ObjectName::Using(name, method))
            if let Some(oid) = crate::operator_class::made(definer, statement.kind, name, method)? =>
        {
            oid
        }
        (kind, name) if let Some(oid) = crate::search::changeable(definer, kind, name)? => oid,
        (kind, name) if let Some(oid) = crate::conversion::made(definer, kind, name)? => oid,
        (kind, object) => {
            return crate::fixed::refuse_change(definer, (kind, object), statement.if_exists, "SET SCHEMA");
        }
    };
    definer.require_owner(oid)?;
    let schema = definer.scope.find_schema(statement.schema.text)?;
    let Some(object) = definer.scope.object(oid).cloned() else { return Ok(()) };
    if object.schema() == Some(schema) {
        return Ok(());
    }
    refuse_moved(definer, &object, schema)?;
    let moved = moved_with(definer, &object);
    move_all(definer, &moved, schema)
}

/// Refuses to put an object into another schema where it cannot be.
fn refuse_moved(definer: &mut Definer<'_>, object: &Object, schema: Oid) -> DefineResult<()> {
    if is_temporary(schema) || object.schema().is_some_and(is_temporary) {
        return Err(DefineError::Plain {
            state: SqlState::FeatureNotSupported,
            message: "cannot move objects into or out of temporary schemas".into(),
            detail: None,
            hint: None,
            position: None,
        });
    }
    refuse_taken_name(definer, object, schema)?;
    match object {
        Object::Collation(made) => crate::collation::refuse_taken(definer, schema, &made.name)?,
        Object::Conversion(made) => crate::conversion::refuse_taken(definer, schema, &made.name)?,
        Object::Statistics(made) => crate::statistics::refuse_taken(definer, schema, &made.name)?,
        Object::Search(made) => crate::search::refuse_taken(definer, made, schema, made.name())?,
        Object::Operator(made) => crate::operator::refuse_taken(definer, made, schema)?,
        Object::Function(made) => crate::named_routine::refuse_taken(definer, made, schema)?,
        _ => {} // others say so themselves
    }
    crate::operator_class::refuse_moved(definer, object.oid(), (Some(schema), None))
}

/// Refuses to put a relation or a type into a schema that has one of its name.
fn refuse_taken_name(definer: &Definer<'_>, object: &Object, schema: Oid) -> DefineResult<()> {
    let (name, scope) = (object.name(), &definer.scope);
    let (kind, state, is_taken) = match object {
        Object::Table(_) | Object::View(_) | Object::Sequence(_) => {
            ("relation", SqlState::DuplicateTable, scope.relation_in(schema, name).is_some())
        }
        Object::Enum(_) | Object::Domain(_) | Object::Composite(_) | Object::Range(_) | Object::Base(_) => {
            ("type", SqlState::DuplicateObject, scope.type_in(schema, name).is_some())
        }
        _ => return Ok(()), // others say so themselves
    };
    if !is_taken {
        return Ok(());
    }
    let within = scope.schema(schema).map_or("", |schema| schema.name.as_str());
    let message = format!("{kind} \"{name}\" already exists in schema \"{within}\"");
    Err(crate::error::plain(state, message))
}

/// Puts objects into another schema, and says so in the texts that name them.
fn move_all(definer: &mut Definer<'_>, moved: &[Oid], schema: Oid) -> DefineResult<()> {
    definer
        .with_texts(moved.to_vec(), |definer| moved.iter().try_for_each(|oid| move_to(definer, *oid, schema)))
}

/// Puts an object into another schema, on which it depends from now on.
fn move_to(definer: &mut Definer<'_>, oid: Oid, schema: Oid) -> DefineResult<()> {
    let before = match definer.scope.object(oid) {
        Some(Object::Extension(extension)) => Some(extension.schema),
        object => object.and_then(Object::schema),
    };
    let address = Address::of(oid);
    let dependencies: Vec<_> = definer
        .scope
        .dependencies_of(oid)
        .filter(|(dependent, _, _)| *dependent == address)
        .map(|(_, on, kind)| match before {
            Some(before) if on == Address::of(before) => (Address::of(schema), kind),
            _ => (on, kind),
        })
        .collect();
    definer.change_object(oid, |object| match object {
        Object::Table(table) => Arc::make_mut(table).schema = schema,
        Object::Index(index) => Arc::make_mut(index).schema = schema,
        Object::Sequence(sequence) => Arc::make_mut(sequence).schema = schema,
        Object::View(view) => Arc::make_mut(view).schema = schema,
        Object::Constraint(constraint) => Arc::make_mut(constraint).schema = schema,
        Object::Enum(enumeration) => Arc::make_mut(enumeration).schema = schema,
        Object::Domain(domain) => Arc::make_mut(domain).schema = schema,
        Object::Composite(composite) => Arc::make_mut(composite).schema = schema,
        Object::Function(function) => Arc::make_mut(function).schema = schema,
        Object::Range(range) => Arc::make_mut(range).schema = schema,
        Object::Base(base) => Arc::make_mut(base).schema = schema,
        Object::Multirange(multirange) => Arc::make_mut(multirange).schema = schema,
        Object::Collation(collation) => Arc::make_mut(collation).schema = schema,
        Object::Conversion(conversion) => Arc::make_mut(conversion).schema = schema,
        Object::Operator(operator) => Arc::make_mut(operator).schema = schema,
        Object::OperatorClass(class) => Arc::make_mut(class).schema = schema,
        Object::OperatorFamily(family) => Arc::make_mut(family).schema = schema,
        Object::Statistics(statistics) => Arc::make_mut(statistics).schema = schema,
        Object::Schema(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_)
        | Object::Cast(_)
        | Object::Rewrite(_)
        | Object::Foreign(_)
        | Object::Replication(_)
        | Object::Policy(_)
        | Object::Trigger(_) => {}
        Object::Extension(extension) => Arc::make_mut(extension).schema = schema,
        Object::Search(search) => Arc::make_mut(search).set_schema(schema),
        Object::EventTrigger(_) => {}
    })?;
    definer.catalog.depend_on_nothing(definer.transaction, address)?;
    definer.catalog.depend(definer.transaction, address, &dependencies)?;
    definer.refresh()
}

/// Gives an object another name.
pub(crate) fn set_name(object: &mut Object, name: &str) {
    let name = name.to_owned();
    match object {
        Object::Schema(schema) => Arc::make_mut(schema).name = name,
        Object::Table(table) => Arc::make_mut(table).name = name,
        Object::Index(index) => Arc::make_mut(index).name = name,
        Object::Sequence(sequence) => Arc::make_mut(sequence).name = name,
        Object::View(view) => Arc::make_mut(view).name = name,
        Object::Constraint(constraint) => Arc::make_mut(constraint).name = name,
        Object::Enum(enumeration) => Arc::make_mut(enumeration).name = name,
        Object::Domain(domain) => Arc::make_mut(domain).name = name,
        Object::Composite(composite) => Arc::make_mut(composite).name = name,
        Object::Function(function) => Arc::make_mut(function).name = name,
        Object::Role(role) => Arc::make_mut(role).name = name,
        Object::Database(database) => Arc::make_mut(database).name = name,
        Object::Tablespace(tablespace) => Arc::make_mut(tablespace).name = name,
        Object::Range(range) => Arc::make_mut(range).name = name,
        Object::Base(base) => Arc::make_mut(base).name = name,
        Object::Multirange(multirange) => Arc::make_mut(multirange).name = name,
        Object::Collation(collation) => Arc::make_mut(collation).name = name,
        Object::Conversion(conversion) => Arc::make_mut(conversion).name = name,
        Object::Operator(operator) => Arc::make_mut(operator).name = name,
        Object::OperatorClass(class) => Arc::make_mut(class).name = name,
        Object::OperatorFamily(family) => Arc::make_mut(family).name = name,
        Object::Statistics(statistics) => Arc::make_mut(statistics).name = name,
        Object::Rewrite(rule) => Arc::make_mut(rule).name = name,
        Object::Trigger(trigger) => Arc::make_mut(trigger).name = name,
        Object::Policy(policy) => Arc::make_mut(policy).name = name,
        Object::Foreign(foreign) => Arc::make_mut(foreign).set_name(name),
        Object::Replication(replication) => Arc::make_mut(replication).set_name(name),
        Object::Search(search) => Arc::make_mut(search).set_name(name),
        Object::Extension(extension) => Arc::make_mut(extension).name = name,
        Object::EventTrigger(trigger) => Arc::make_mut(trigger).name = name,
        // It has none.
        Object::Cast(_) => {}
    }
}
