//! `CREATE RULE "_RETURN" AS ON SELECT`: a table without rows becomes the view that its query is.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use catalog::object::{CompositeColumn, Object, Source, Table, View, ViewColumn};
use catalog::{Address, DependencyKind, Relation};
use diagnostic::SqlState;
use plan::logical::OutputColumn;
use std::sync::Arc;
use store::{Bounds, TreeId};
use syntax::tree::StatementKind;
use syntax::tree::rule::CreateRule;
use types::catalog::type_name;

/// What the rule that a view is has as its name.
const VIEW: &str = "_RETURN";

fn unsupported(message: &str) -> DefineError {
    plain(SqlState::FeatureNotSupported, message)
}

/// Makes a view of a table by the rule that a view is.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn make_view(
    definer: &mut Definer<'_>,
    statement: &CreateRule<'_>,
    relation: &Relation,
) -> DefineResult<()> {
    let query = match statement.actions {
        [_, _, ..] => {
            return Err(unsupported("multiple actions for rules on SELECT are not implemented"));
        }
        [action] if statement.instead => match action.kind {
            StatementKind::Query(query) => query,
            _ => return Err(unsupported("rules on SELECT must have action INSTEAD SELECT")),
        },
        [] | [_] => return Err(unsupported("rules on SELECT must have action INSTEAD SELECT")),
    };
    if statement.condition.is_some() {
        return Err(unsupported("event qualifications are not implemented for rules on SELECT"));
    }
    let (bound, shapes) = bind::definition::shaped_query(definer.binding(), query, bind::Parameters::None)?;
    let table = match relation {
        Relation::Table(table) => table.clone(),
        Relation::View(view) if !statement.or_replace => {
            let message = format!("\"{}\" is already a view", view.name);
            return Err(plain(SqlState::ObjectNotInPrerequisiteState, message));
        }
        _ => return definer.unsupported("CREATE OR REPLACE RULE of a view's query", None),
    };
    look_at_columns(definer, &table, &bound.output)?;
    if statement.name.text != VIEW {
        let message = format!("view rule for \"{}\" must be named \"{VIEW}\"", table.name);
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    refuse_used(definer, &table)?;
    let names: Vec<String> = table.live_columns().map(|(_, column)| column.name.clone()).collect();
    let Some(text) = definer.query_text(&shapes, &names) else {
        return definer.unsupported("such a query of a rule on SELECT", None);
    };
    let mut references = vec![(Address::of(table.schema), DependencyKind::Normal)];
    references.extend(definer.used_by(&bound, &shapes));
    let view = view_of(&table, text);
    if table.tree != table.lock {
        definer.transaction.drop_tree(TreeId(table.tree))?;
    }
    definer.change_object(table.oid, |object| *object = Object::View(Arc::new(view)))?;
    definer.depend(table.oid, &references)?;
    definer.refresh()
}

/// That the query yields the table's columns.
fn look_at_columns(definer: &Definer<'_>, table: &Table, output: &[OutputColumn]) -> DefineResult<()> {
    let wrong = |message: String, detail: Option<String>| {
        let state = SqlState::InvalidObjectDefinition;
        Err(DefineError::Plain { state, message, detail, hint: None, position: None })
    };
    if table.columns.iter().any(|column| column.dropped) {
        let message = "cannot convert relation containing dropped columns to view";
        return Err(plain(SqlState::FeatureNotSupported, message));
    }
    for (place, made) in output.iter().enumerate() {
        let number = place + 1;
        let Some(column) = table.columns.get(place) else {
            return wrong("SELECT rule's target list has too many entries".into(), None);
        };
        if column.name != made.name {
            return wrong(
                format!(
                    "SELECT rule's target entry {number} has different column name from column \"{}\"",
                    column.name
                ),
                Some(format!("SELECT target entry is named \"{}\".", made.name)),
            );
        }
        let shown = |of: types::Type, modified: bool| {
            type_name(&definer.scope, of.oid, modified.then_some(of.modifier))
        };
        let (own, of) = (column.column_type(), made.column_type);
        if own.oid != of.oid {
            let (own, of) = (shown(own, false), shown(of, false));
            return wrong(
                format!(
                    "SELECT rule's target entry {number} has different type from column \"{}\"",
                    column.name
                ),
                Some(format!("SELECT target entry has type {of}, but column has type {own}.")),
            );
        }
        if own.modifier != of.modifier && of.modifier != -1 {
            let (own, of) = (shown(own, true), shown(of, true));
            return wrong(
                format!(
                    "SELECT rule's target entry {number} has different size from column \"{}\"",
                    column.name
                ),
                Some(format!("SELECT target entry has type {of}, but column has type {own}.")),
            );
        }
    }
    match output.len() < table.columns.len() {
        true => wrong("SELECT rule's target list has too few entries".into(), None),
        false => Ok(()),
    }
}

/// Refuses a table of which something hangs on that a view has not.
fn refuse_used(definer: &mut Definer<'_>, table: &Table) -> DefineResult<()> {
    let name = &table.name;
    let wrong_kind = |what: &str| {
        Err(plain(SqlState::WrongObjectType, format!("cannot convert {what} \"{name}\" to a view")))
    };
    if table.is_partitioned() {
        return wrong_kind("partitioned table");
    }
    if table.partition_of().is_some() {
        return wrong_kind("partition");
    }
    let refused = |why: &str, hint: Option<&str>| {
        Err(DefineError::Plain {
            state: SqlState::ObjectNotInPrerequisiteState,
            message: format!("could not convert table \"{name}\" to a view because it {why}"),
            detail: None,
            hint: hint.map(str::to_owned),
            position: None,
        })
    };
    if definer.transaction.scan(TreeId(table.tree), Bounds::all())?.next()? {
        return refused("is not empty", None);
    }
    let scope = &definer.scope;
    let keys = scope
        .constraints_of(table.oid)
        .any(|constraint| matches!(constraint.rule, catalog::object::Rule::ForeignKey { .. }));
    if keys || scope.foreign_keys_to(table.oid).next().is_some() {
        let hint = "In particular, the table cannot be involved in any foreign key relationships.";
        return refused("has triggers", Some(hint));
    }
    if scope.indexes_of(table.oid).next().is_some() {
        return refused("has indexes", None);
    }
    if scope.children_of(table.oid).next().is_some() {
        return refused("has child tables", None);
    }
    if !table.inheritance.parents.is_empty() {
        return refused("has parent tables", None);
    }
    if scope.constraints_of(table.oid).next().is_some() {
        return definer.unsupported("making a view of a table with constraints", None);
    }
    Ok(())
}

/// The view that a table becomes.
fn view_of(table: &Table, query: String) -> View {
    let column = |column: &catalog::object::Column| ViewColumn {
        column: CompositeColumn {
            name: column.name.clone(),
            type_oid: column.type_oid,
            modifier: column.modifier,
            collation: column.collation,
            dropped: false,
        },
        default: match &column.source {
            Source::Default(expression) => Some(expression.clone()),
            Source::Null | Source::Generated(_) | Source::Identity { .. } => None,
        },
        acl: column.acl.clone(),
    };
    View {
        oid: table.oid,
        name: table.name.clone(),
        schema: table.schema,
        owner: table.owner,
        persistence: table.persistence,
        lock: table.lock,
        row_type: table.row_type,
        array_type: table.array_type,
        columns: table.columns.iter().map(column).collect(),
        query,
        options: Vec::new(),
        acl: table.acl.clone(),
        revision: table.revision,
    }
}
