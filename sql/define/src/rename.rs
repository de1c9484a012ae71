//! `ALTER … RENAME`, `COMMENT ON`.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::expression::column_names;
use crate::table::column::refuse_system_column;
use catalog::object::{IndexedValue, Object, Oid, Rule, Source, Table, class};
use catalog::{Address, CatalogError, Relation};
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::object::{Comment, ObjectKind, ObjectName, Rename};

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
            // Texts in the catalog name what is in it by its name.
            if definer.scope.objects().any(|object| object.schema() == Some(schema)) {
                return definer.unsupported("renaming a schema that is not empty", None);
            }
            if to.starts_with("pg_") {
                return Err(DefineError::ReservedSchema { name: to.into() });
            }
            change(definer, schema, |object| set_name(object, to))
        }
        (ObjectKind::Type | ObjectKind::Domain, ObjectName::Type(name)) => {
            let found = definer.resolve_type(name)?;
            let Some(address) = definer.scope.type_address(found.oid) else {
                return definer.unsupported("renaming a built-in type", None);
            };
            definer.require_owner(address.oid)?;
            change(definer, address.oid, |object| set_name(object, to))
        }
        (ObjectKind::Column, ObjectName::Named(name)) => {
            let Some(relation) = relation(definer, name, statement.if_exists)? else { return Ok(()) };
            let from = statement.part.map_or("", |part| part.text);
            rename_column(definer, &relation, from, to)
        }
        (ObjectKind::Constraint, ObjectName::Named(name)) => {
            let Some(relation) = relation(definer, name, statement.if_exists)? else { return Ok(()) };
            let from = statement.part.map_or("", |part| part.text);
            rename_constraint(definer, &relation, from, to)
        }
        (
            ObjectKind::Table | ObjectKind::View | ObjectKind::Index | ObjectKind::Sequence,
            ObjectName::Named(name),
        ) => {
            let Some(relation) = relation(definer, name, statement.if_exists)? else { return Ok(()) };
            refuse_other_kind(statement.kind, &relation)?;
            definer.require_owner(relation.oid())?;
            rename_relation(definer, &relation, to)
        }
        (kind, _) => definer.unsupported(&format!("ALTER {} RENAME", crate::names::kind_words(kind)), None),
    }
}

/// `ALTER TABLE` takes all relations; `ALTER INDEX` takes tables too, as PostgreSQL's does.
fn refuse_other_kind(kind: ObjectKind, relation: &Relation) -> DefineResult<()> {
    let (fits, wanted) = match kind {
        ObjectKind::View => (matches!(relation, Relation::View(_)), "a view"),
        ObjectKind::Sequence => (matches!(relation, Relation::Sequence(_)), "a sequence"),
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
    let (schema, object) = crate::names::split_name(name)?;
    match definer.scope.find_relation(schema, object) {
        Ok(relation) => Ok(Some(relation)),
        Err(CatalogError::UndefinedRelation { name }) if if_exists => {
            definer.notice(DefineNotice::DoesNotExist { kind: "relation", name });
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn rename_relation(definer: &mut Definer<'_>, relation: &Relation, to: &str) -> DefineResult<()> {
    refuse_named_in_texts(definer, Address::of(relation.oid()))?;
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
    change(definer, oid, |object| set_name(object, to))
}

fn rename_column(definer: &mut Definer<'_>, relation: &Relation, from: &str, to: &str) -> DefineResult<()> {
    definer.require_owner(relation.oid())?;
    refuse_system_column(to)?;
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
        return Err(definer.no_plain_column(from));
    }
    if names.iter().any(|name| name == to) {
        return Err(DefineError::ColumnExists { column: to.into(), relation: relation.name().into() });
    }
    let oid = match relation {
        Relation::Composite(composite) => composite.oid,
        Relation::Table(_)
        | Relation::View(_)
        | Relation::Index(_)
        | Relation::Sequence(_)
        | Relation::System(_) => relation.oid(),
    };
    if let Relation::Table(table) = relation
        && let Some((place, _)) = table.column(from)
    {
        refuse_named_in_texts(definer, Address::column(table.oid, crate::table::place(place)))?;
        rewrite_texts(definer, table, (from, to))?;
    }
    change(definer, oid, |object| match object {
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
    })
}

/// Views and defaults name what they use in their texts: what they name keeps its name.
fn refuse_named_in_texts(definer: &Definer<'_>, address: Address) -> DefineResult<()> {
    let uses = |oid: Oid| definer.scope.dependencies_of(oid).any(|(_, on, _)| on == address);
    let named = definer.scope.objects().any(|object| match object {
        Object::View(view) => uses(view.oid),
        Object::Table(table) => table.columns.iter().any(|column| match &column.source {
            // A table's own columns are written anew.
            Source::Default(expression) => uses(expression.oid),
            Source::Generated(_) | Source::Identity { .. } | Source::Null => false,
        }),
        _ => false,
    });
    if named {
        return definer.unsupported("renaming what a view or a default uses", None);
    }
    Ok(())
}

/// Writes the expressions over a table's columns anew, with a column's new name.
fn rewrite_texts(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    (from, to): (&str, &str),
) -> DefineResult<()> {
    let target = bind::definition::target_table(definer.binding(), table)?;
    let mut names = column_names(table);
    names.iter_mut().filter(|name| *name == from).for_each(|name| *name = to.to_owned());
    for check in &target.checks {
        let text = definer.text_of(&check.condition, &names)?;
        let found = definer.scope.constraints_of(table.oid).find(|constraint| constraint.name == check.name);
        let Some(oid) = found.map(|constraint| constraint.oid) else { continue };
        change(definer, oid, |object| {
            if let Object::Constraint(constraint) = object {
                Arc::make_mut(constraint).rule = Rule::Check(text);
            }
        })?;
    }
    for column in &target.columns {
        let Some(generated) = &column.generated else { continue };
        let text = definer.text_of(generated, &names)?;
        definer.alter_column(table.oid, column.number - 1, |column| {
            if let Source::Generated(expression) = &mut column.source {
                expression.text = text;
            }
        })?;
    }
    for index in &target.indexes {
        let predicate =
            index.predicate.as_ref().map(|condition| definer.text_of(condition, &names)).transpose()?;
        let mut keys = Vec::with_capacity(index.keys.len());
        for key in &index.keys {
            keys.push(definer.text_of(&key.expression, &names)?);
        }
        change(definer, index.index, |object| {
            if let Object::Index(index) = object {
                let index = Arc::make_mut(index);
                index.predicate = predicate;
                for (key, text) in index.keys.iter_mut().zip(keys) {
                    match &mut key.value {
                        IndexedValue::Expression(written) => *written = text,
                        IndexedValue::Column(_) if key.name == from => key.name = to.to_owned(),
                        IndexedValue::Column(_) => {}
                    }
                }
            }
        })?;
    }
    Ok(())
}

fn rename_constraint(
    definer: &mut Definer<'_>,
    relation: &Relation,
    from: &str,
    to: &str,
) -> DefineResult<()> {
    let found =
        definer.scope.constraints_of(relation.oid()).find(|constraint| constraint.name == from).cloned();
    let Some(constraint) = found else {
        return Err(DefineError::NoConstraintFor { name: from.into(), table: relation.name().into() });
    };
    if let Rule::Unique(index) | Rule::PrimaryKey(index) = constraint.rule {
        change(definer, index, |object| set_name(object, to))?;
    }
    change(definer, constraint.oid, |object| set_name(object, to))
}

fn change(definer: &mut Definer<'_>, oid: Oid, change: impl FnOnce(&mut Object)) -> DefineResult<()> {
    definer.catalog.alter::<CatalogError>(definer.transaction, oid, |object| {
        change(object);
        Ok(())
    })?;
    definer.refresh()
}

fn set_name(object: &mut Object, name: &str) {
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
    }
}

/// `COMMENT ON`
///
/// # Errors
/// PostgreSQL's.
pub fn comment(definer: &mut Definer<'_>, statement: &Comment<'_>) -> DefineResult<()> {
    let (class, address) = match (statement.kind, &statement.object) {
        (ObjectKind::Schema, ObjectName::Named(name)) => {
            (class::NAMESPACE, Address::of(definer.scope.find_schema(name.object())?))
        }
        (
            ObjectKind::Table | ObjectKind::View | ObjectKind::Index | ObjectKind::Sequence,
            ObjectName::Named(name),
        ) => {
            let (schema, object) = crate::names::split_name(name)?;
            let found = definer.scope.find_relation(schema, object)?;
            refuse_wrong_kind(statement.kind, &found)?;
            (class::RELATION, Address::of(found.oid()))
        }
        (ObjectKind::Column, ObjectName::Named(name)) => {
            let [before @ .., column] = name.parts else { return Err(DefineError::ColumnUnqualified) };
            if before.is_empty() {
                return Err(DefineError::ColumnUnqualified);
            }
            let (schema, object) = crate::names::split_name(&QualifiedName { parts: before })?;
            let found = definer.scope.find_relation(schema, object)?;
            (class::RELATION, column_of(&found, column.text)?)
        }
        (ObjectKind::Constraint, ObjectName::Of(constraint, table)) => {
            let (schema, object) = crate::names::split_name(table)?;
            let found = definer.scope.find_relation(schema, object)?;
            let of = definer.scope.constraints_of(found.oid()).find(|of| of.name == constraint.text);
            let missing =
                || DefineError::NoConstraintFor { name: constraint.text.into(), table: object.into() };
            (class::CONSTRAINT, Address::of(of.ok_or_else(missing)?.oid))
        }
        (ObjectKind::Type | ObjectKind::Domain, ObjectName::Type(name)) => {
            let found = definer.resolve_type(name)?;
            (class::TYPE, Address::of(found.oid))
        }
        (ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine, ObjectName::Routine(name)) => {
            (class::FUNCTION, Address::of(crate::grant::function(definer, name)?.oid))
        }
        (ObjectKind::DomainConstraint, ObjectName::OfDomain(constraint, domain)) => {
            let of = definer.resolve_type(domain)?.oid;
            let found = definer.scope.constraints_of(of).find(|found| found.name == constraint.text);
            let name = || crate::written::type_name(domain);
            let missing = || DefineError::NoConstraintFor { name: constraint.text.into(), table: name() };
            (class::CONSTRAINT, Address::of(found.ok_or_else(missing)?.oid))
        }
        (ObjectKind::Extension, ObjectName::Named(name)) if name.object() == crate::extension::PLPGSQL => {
            // What comes with the program is described already; nobody may describe it otherwise.
            return Ok(());
        }
        (kind, _) => {
            return definer.unsupported(&format!("COMMENT ON {}", crate::names::kind_words(kind)), None);
        }
    };
    definer.require_owner(address.oid)?;
    definer.catalog.comment(definer.transaction, class, address, statement.text)?;
    definer.refresh()
}

fn refuse_wrong_kind(kind: ObjectKind, found: &Relation) -> DefineResult<()> {
    let (fits, wanted) = match kind {
        ObjectKind::Table => (matches!(found, Relation::Table(_)), "a table"),
        ObjectKind::View => (matches!(found, Relation::View(_)), "a view"),
        ObjectKind::Index => (matches!(found, Relation::Index(_)), "an index"),
        _ => (matches!(found, Relation::Sequence(_)), "a sequence"),
    };
    if fits { Ok(()) } else { Err(DefineError::WrongKind { name: found.name().into(), wanted, hint: None }) }
}

fn column_of(relation: &Relation, column: &str) -> DefineResult<Address> {
    let place = match relation {
        Relation::Table(table) => table.column(column).map(|(place, _)| place),
        Relation::View(view) => view.columns.iter().position(|of| of.column.name == column),
        Relation::Composite(composite) => {
            composite.columns.iter().position(|of| !of.dropped && of.name == column)
        }
        Relation::Index(_) | Relation::Sequence(_) | Relation::System(_) => None,
    };
    let missing = || DefineError::NoColumn { column: column.into(), relation: relation.name().into() };
    Ok(Address::column(relation.oid(), crate::table::place(place.ok_or_else(missing)?)))
}
