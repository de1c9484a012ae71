//! Views: `CREATE [OR REPLACE] VIEW`.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use catalog::object::{CheckOption, CompositeColumn, Object, Oid, Persistence, View, ViewColumn};
use catalog::{Address, CatalogError, DependencyKind, Relation};
use std::sync::Arc;
use syntax::tree::schema::CreateView;
use types::catalog::{Type, oid, type_name};

/// Makes or replaces the view.
///
/// # Errors
/// PostgreSQL's.
pub fn create_view(definer: &mut Definer<'_>, statement: &CreateView<'_>, source: &str) -> DefineResult<()> {
    let persistence = crate::table::persistence(definer, statement.persistence)?;
    if statement.check.is_some() {
        return definer.unsupported("WITH CHECK OPTION", Some(statement.name.position()));
    }
    if let Some(option) = statement.options.first() {
        return definer.unsupported("view option", Some(option.name.position));
    }
    let output = bind::definition::query_columns(definer.binding(), statement.query)?;
    let text = source.get(statement.query.position as usize..).unwrap_or_default();
    let text = text.trim().trim_end_matches(';').to_owned();
    let mut columns = Vec::with_capacity(output.len());
    if statement.columns.len() > output.len() {
        return Err(DefineError::ViewNames);
    }
    for (place, made) in output.iter().enumerate() {
        let name = statement.columns.get(place).map_or(made.name.as_str(), |written| written.text);
        columns.push(column(name, made.column_type));
    }
    for (place, column) in columns.iter().enumerate() {
        if columns[..place].iter().any(|other: &ViewColumn| other.column.name == column.column.name) {
            return Err(DefineError::DuplicateColumn { name: column.column.name.clone() });
        }
    }
    let (schema, name) = definer.new_relation_name(&statement.name, persistence)?;
    let mut references = vec![(Address::of(schema), DependencyKind::Normal)];
    references.extend(used_by(definer, statement.query)?);
    let there = definer.scope.relation_in(schema, name).and_then(|oid| definer.scope.relation(oid));
    match there {
        Some(Relation::View(old)) if statement.or_replace => {
            definer.require_owner(old.oid)?;
            replace(definer, &old, columns, text, &references)?;
        }
        Some(other) if statement.or_replace => {
            return Err(DefineError::WrongKind { name: other.name().into(), wanted: "a view", hint: None });
        }
        Some(_) => return Err(CatalogError::DuplicateRelation { name: name.into() }.into()),
        None => make(definer, (schema, name), columns, text, &references)?,
    }
    definer.refresh()
}

fn column(name: &str, column_type: Type) -> ViewColumn {
    let column_type = if column_type.oid == oid::UNKNOWN { Type::of(oid::TEXT) } else { column_type };
    ViewColumn {
        column: CompositeColumn {
            name: name.to_owned(),
            type_oid: column_type.oid,
            modifier: column_type.modifier,
            collation: 0,
            dropped: false,
        },
        default: None,
        acl: None,
    }
}

fn make(
    definer: &mut Definer<'_>,
    (schema, name): (Oid, &str),
    columns: Vec<ViewColumn>,
    query: String,
    references: catalog::References<'_>,
) -> DefineResult<()> {
    let first = definer.new_oids(3)?;
    let view = View {
        oid: first,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        persistence: Persistence::Permanent,
        // A view has no rows: the empty tree's id is what it is locked by.
        lock: definer.transaction.create_tree(false)?.0,
        row_type: first + 1,
        array_type: first + 2,
        columns,
        query,
        check_option: CheckOption::None,
        security_barrier: false,
        security_invoker: false,
        acl: None,
        revision: 0,
    };
    definer.create(&Object::View(Arc::new(view)), references)
}

/// A view may only gain columns at its end: what depends on it goes on.
fn replace(
    definer: &mut Definer<'_>,
    old: &View,
    columns: Vec<ViewColumn>,
    query: String,
    references: catalog::References<'_>,
) -> DefineResult<()> {
    if columns.len() < old.columns.len() {
        return Err(DefineError::ViewColumnsDropped);
    }
    for (old, new) in old.columns.iter().zip(&columns) {
        if old.column.name != new.column.name {
            return Err(DefineError::ViewColumnName {
                from: old.column.name.clone(),
                to: new.column.name.clone(),
            });
        }
        let (from, to) = (old.column.column_type(), new.column.column_type());
        if from != to {
            return Err(DefineError::ViewColumnType {
                name: old.column.name.clone(),
                from: type_name(&definer.scope, from.oid, Some(from.modifier)),
                to: type_name(&definer.scope, to.oid, Some(to.modifier)),
            });
        }
    }
    definer.catalog.alter::<CatalogError>(definer.transaction, old.oid, |object| {
        if let Object::View(view) = object {
            let view = Arc::make_mut(view);
            for (place, column) in columns.into_iter().enumerate() {
                match view.columns.get_mut(place) {
                    Some(there) => there.column = column.column,
                    None => view.columns.push(column),
                }
            }
            view.query = query;
        }
        Ok(())
    })?;
    let address = Address::of(old.oid);
    definer.catalog.depend_on_nothing(definer.transaction, address)?;
    definer.catalog.depend(definer.transaction, address, references)?;
    Ok(())
}

/// The relations that a view's query reads, column by column, and so depends on.
fn used_by(
    definer: &Definer<'_>,
    query: &syntax::tree::Query<'_>,
) -> DefineResult<Vec<(Address, DependencyKind)>> {
    let statement = syntax::tree::Statement {
        kind: syntax::tree::StatementKind::Query(query),
        start: query.position,
        end: query.position,
    };
    let bound = bind::bind(definer.binding(), &statement, bind::Parameters::None)?;
    let mut references = Vec::new();
    for used in &bound.relations {
        references.push((Address::of(used.relation), DependencyKind::Normal));
        for column in used.columns_read.iter().filter(|column| **column > 0) {
            references.push((Address::column(used.relation, column - 1), DependencyKind::Normal));
        }
    }
    Ok(references)
}
