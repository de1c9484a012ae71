//! Views: `CREATE [OR REPLACE] VIEW`.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::storage_option::{self, StorageOf};
use bind::Shapes;
use bind::deparse::{Deparse, Style};
use catalog::object::{
    CheckOption, CompositeColumn, Object, Oid, Persistence, View, ViewColumn, is_temporary,
};
use catalog::{Address, CatalogError, DependencyKind, Relation};
use diagnostic::SqlState;
use plan::logical::{OutputColumn, Query, RelationUse};
use std::sync::Arc;
use syntax::tree::Name;
use syntax::tree::alter::ColumnAction;
use syntax::tree::option::DefinitionValue;
use syntax::tree::schema::CreateView;
use types::catalog::{Type, oid, type_name};
use types::text::TextSettings;

/// Makes or replaces the view.
///
/// # Errors
/// PostgreSQL's.
pub fn create_view(definer: &mut Definer<'_>, statement: &CreateView<'_>, source: &str) -> DefineResult<()> {
    let mut persistence = crate::table::persistence(statement.persistence);
    if persistence == Persistence::Unlogged {
        return Err(DefineError::UnloggedView);
    }
    let options = options_of(statement)?;
    let (output, shapes) = shaped(definer, statement)?;
    let mut columns = Vec::with_capacity(output.output.len());
    if statement.columns.len() > output.output.len() {
        return Err(DefineError::ViewNames);
    }
    for (place, made) in output.output.iter().enumerate() {
        let name = statement.columns.get(place).map_or(made.name.as_str(), |written| written.text);
        if made.column_type.oid != oid::UNKNOWN {
            crate::table::column::refuse_pseudo_type(definer, name, made.column_type)?;
        }
        columns.push(column(definer, name, made)?);
    }
    for (place, column) in columns.iter().enumerate() {
        if columns[..place].iter().any(|other: &ViewColumn| other.column.name == column.column.name) {
            return Err(DefineError::DuplicateColumn { name: column.column.name.clone() });
        }
    }
    let used = definer.used_by(&output, &shapes);
    if persistence == Persistence::Permanent && used.iter().any(|(on, _)| is_temporary(on.oid)) {
        definer.notice(DefineNotice::ViewIsTemporary { name: statement.name.object().into() });
        persistence = Persistence::Temporary;
    }
    let (schema, name, persistence) = definer.new_relation_name(&statement.name, persistence, None)?;
    let names: Vec<String> = columns.iter().map(|column| column.column.name.clone()).collect();
    let text = definer.query_text(&shapes, &names).unwrap_or_else(|| {
        // What cannot be written down from what it means is kept as it was written.
        let text = source.get(statement.query.position as usize..).unwrap_or_default();
        without_check(text).to_owned()
    });
    let mut references = vec![(Address::of(schema), DependencyKind::Normal)];
    references.extend(used);
    let columns_of = columns.iter().filter_map(|column| definer.on_type(column.column.column_type()));
    references.extend(columns_of.collect::<Vec<_>>());
    let there = definer.scope.relation_in(schema, name).and_then(|oid| definer.scope.relation(oid));
    match there {
        Some(Relation::View(old)) if statement.or_replace => {
            definer.require_owner(old.oid)?;
            let old = definer.lock_view(&old)?;
            replace(definer, &old, columns, (text, options), &references)?;
        }
        Some(other) if statement.or_replace => {
            return Err(DefineError::WrongKind { name: other.name().into(), wanted: "a view", hint: None });
        }
        Some(_) => return Err(CatalogError::DuplicateRelation { name: name.into() }.into()),
        None => make(definer, (schema, name, persistence), columns, (text, options), &references)?,
    }
    definer.refresh()?;
    refuse_check(definer, (schema, name))
}

/// Only rows of a part of one table can be looked at when they are put in.
fn refuse_check(definer: &Definer<'_>, (schema, name): (Oid, &str)) -> DefineResult<()> {
    let found = definer.scope.relation_in(schema, name).and_then(|oid| definer.scope.view(oid));
    let Some(view) = found.filter(|view| view.check_option() != CheckOption::None) else { return Ok(()) };
    match bind::definition::updatable_part(definer.binding(), view)? {
        Ok(part) if part.places.iter().any(Option::is_some) => Ok(()),
        Ok(_) => Err(no_check("Views that have no updatable columns are not automatically updatable.")),
        Err(reason) => Err(no_check(reason)),
    }
}

fn no_check(reason: &str) -> DefineError {
    DefineError::Plain {
        state: SqlState::FeatureNotSupported,
        message: "WITH CHECK OPTION is supported only on automatically updatable views".into(),
        detail: None,
        hint: Some(reason.into()),
        position: None,
    }
}

/// That a column whose type has collations has one.
///
/// # Errors
/// When none could be told.
pub(crate) fn derived_collation(
    definer: &Definer<'_>,
    name: &str,
    (of, collation): (Type, Oid),
) -> DefineResult<Oid> {
    if collation == 0 && definer.scope.type_collation(of.oid) != 0 {
        let shown = type_name(&definer.scope, of.oid, Some(of.modifier));
        let message = format!("no collation was derived for column \"{name}\" with collatable type {shown}");
        return Err(no_collation(message));
    }
    Ok(collation)
}

/// That no collation could be told, which PostgreSQL wants written then.
pub(crate) fn no_collation(message: String) -> DefineError {
    DefineError::Plain {
        state: SqlState::IndeterminateCollation,
        message,
        detail: None,
        hint: Some("Use the COLLATE clause to set the collation explicitly.".to_owned()),
        position: None,
    }
}

fn column(definer: &Definer<'_>, name: &str, made: &OutputColumn) -> DefineResult<ViewColumn> {
    let column_type = made.column_type;
    let column_type = if column_type.oid == oid::UNKNOWN { Type::of(oid::TEXT) } else { column_type };
    if made.collation == 0 && definer.scope.type_collation(column_type.oid) != 0 {
        let message = format!("could not determine which collation to use for view column \"{name}\"");
        return Err(no_collation(message));
    }
    Ok(ViewColumn {
        column: CompositeColumn {
            name: name.to_owned(),
            type_oid: column_type.oid,
            modifier: column_type.modifier,
            collation: made.collation,
            dropped: false,
        },
        default: None,
        acl: None,
    })
}

fn make(
    definer: &mut Definer<'_>,
    (schema, name, persistence): (Oid, &str, Persistence),
    columns: Vec<ViewColumn>,
    (query, options): (String, Vec<String>),
    references: catalog::References<'_>,
) -> DefineResult<()> {
    let first = definer.new_oids_beside(3, schema)?;
    let view = View {
        oid: first,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        persistence,
        // A view has no rows: the empty tree's id is what it is locked by.
        lock: definer.new_tree_beside(false, schema)?,
        row_type: first + 1,
        array_type: first + 2,
        columns,
        query,
        options,
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
    (query, options): (String, Vec<String>),
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
        if old.column.collation != new.column.collation {
            let shown = |oid: Oid| definer.scope.collation_known(oid).map_or("", |(_, name)| name);
            let message = format!(
                "cannot change collation of view column \"{}\" from \"{}\" to \"{}\"",
                old.column.name,
                shown(old.column.collation),
                shown(new.column.collation),
            );
            let (state, hint) = (SqlState::InvalidTableDefinition, None);
            return Err(DefineError::Plain { state, message, detail: None, hint, position: None });
        }
    }
    definer.with_queries([old.oid], |definer| {
        definer.change_object(old.oid, |object| {
            let Object::View(view) = object else { return };
            let view = Arc::make_mut(view);
            for (place, column) in columns.into_iter().enumerate() {
                match view.columns.get_mut(place) {
                    Some(there) => there.column = column.column,
                    None => view.columns.push(column),
                }
            }
            (view.query, view.options) = (query, options);
        })
    })?;
    let address = Address::of(old.oid);
    definer.catalog.depend_on_nothing(definer.transaction, address)?;
    definer.catalog.depend(definer.transaction, address, references)?;
    Ok(())
}

/// What is bound, with its shape.
fn shaped(definer: &Definer<'_>, statement: &CreateView<'_>) -> DefineResult<(Query, Shapes)> {
    let bound = bind::definition::shaped_query(definer.binding(), statement.query, bind::Parameters::None)?;
    if bound.0.common_tables.iter().any(|table| table.changes) {
        return Err(DefineError::ViewChanges);
    }
    Ok(bound)
}

/// A query's text without `WITH CHECK OPTION` after it.
fn without_check(text: &str) -> &str {
    let text = text.trim().trim_end_matches(';').trim_end();
    let lower = text.to_ascii_lowercase();
    for ending in ["with check option", "with cascaded check option", "with local check option"] {
        if lower.ends_with(ending) {
            return text.get(..text.len() - ending.len()).unwrap_or(text).trim_end();
        }
    }
    text
}

/// What is said of a view besides its query.
fn options_of(statement: &CreateView<'_>) -> DefineResult<Vec<String>> {
    let mut options = storage_option::set(&[], statement.options, StorageOf::View)?;
    if let Some(check) = statement.check {
        if options.iter().any(|option| option.starts_with("check_option=")) {
            return Err(DefineError::OptionTwice { name: "check_option".into() });
        }
        options.push(match check {
            syntax::tree::schema::CheckOption::Local => "check_option=local".into(),
            syntax::tree::schema::CheckOption::Cascaded => "check_option=cascaded".into(),
        });
    }
    Ok(options)
}

/// The word or string that is the value of an option.
fn word(value: &DefinitionValue<'_>) -> Option<String> {
    match value {
        DefinitionValue::Type(name) => Some(crate::written::type_name(name)),
        DefinitionValue::Word(word) | DefinitionValue::String(word) => Some((*word).to_ascii_lowercase()),
        DefinitionValue::Number(_)
        | DefinitionValue::Operator(_)
        | DefinitionValue::Star
        | DefinitionValue::List(_) => None,
    }
}

/// An option that is on or off; on if nothing is said.
pub(crate) fn boolean(name: &str, value: Option<&DefinitionValue<'_>>) -> DefineResult<bool> {
    let Some(value) = value else { return Ok(true) };
    let number = match value {
        DefinitionValue::Number(number) => match number.kind {
            syntax::tree::expression::ExpressionKind::Integer(number) => Some(number.to_string()),
            _ => None,
        },
        _ => None,
    };
    let text = word(value).or(number).unwrap_or_default();
    match text.as_str() {
        "true" | "on" | "yes" | "1" => Ok(true),
        "false" | "off" | "no" | "0" => Ok(false),
        _ => Err(DefineError::NotBoolean { name: name.into(), value: text }),
    }
}

impl Definer<'_> {
    /// The text of a query, as the catalog keeps it: every name in it with its schema. None if a part of it has no text.
    pub fn query_text(&self, shapes: &Shapes, names: &[String]) -> Option<String> {
        let plain = self.scope.plain();
        let settings = TextSettings::default();
        let deparse = Deparse::new(plain, &settings, &|_| String::new());
        deparse.query(shapes, names, Style { pretty: false, indented: false })
    }

    /// The relations that a query reads, column by column, and the functions and types that it names.
    pub(crate) fn used_by(&self, bound: &Query, shapes: &Shapes) -> Vec<(Address, DependencyKind)> {
        self.used_of(&bound.relations, shapes)
    }

    /// The same of relations that are used, and of what is written with them.
    pub(crate) fn used_of(
        &self,
        relations: &[RelationUse],
        shapes: &Shapes,
    ) -> Vec<(Address, DependencyKind)> {
        let mut references = Vec::new();
        // What views read that it reads is theirs; and tables that inherit come and go.
        for used in relations.iter().filter(|used| used.check_as.is_none() && !used.inherited) {
            references.push((Address::of(used.relation), DependencyKind::Normal));
            // The columns of a view come and go with it.
            let columns =
                if self.scope.table(used.relation).is_some() { &used.columns_read[..] } else { &[] };
            let of_rows = |column: &u16| used.columns_of_rows.contains(column);
            for column in columns.iter().filter(|column| **column > 0 && !of_rows(column)) {
                references.push((Address::column(used.relation, column - 1), DependencyKind::Normal));
            }
        }
        references.extend(shapes.constraints().map(|oid| (Address::of(oid), DependencyKind::Normal)));
        let mut called = Vec::new();
        shapes.for_each_part(
            &mut |expression| {
                expression.walk_written(&mut |part| {
                    references.extend(crate::expression::referred_to(self, part));
                });
            },
            &mut |function| called.extend(crate::expression::named_function(self, function.0)),
        );
        references.extend(called.into_iter().map(|oid| (Address::of(oid), DependencyKind::Normal)));
        references
    }
}

/// `ALTER VIEW … SET (…)`, `RESET (…)`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn set_options(definer: &mut Definer<'_>, view: &View, options: Vec<String>) -> DefineResult<()> {
    definer.change_object(view.oid, |object| {
        if let Object::View(view) = object {
            Arc::make_mut(view).options = options;
        }
    })
}

/// `ALTER VIEW … ALTER COLUMN … SET DEFAULT`, `DROP DEFAULT`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn alter_column(
    definer: &mut Definer<'_>,
    view: &View,
    name: Name<'_>,
    change: &ColumnAction<'_>,
) -> DefineResult<()> {
    let place = view.columns.iter().position(|column| column.column.name == name.text);
    let Some(place) = place else {
        return Err(DefineError::NoColumn { column: name.text.into(), relation: view.name.clone() });
    };
    let default = match change {
        ColumnAction::SetDefault(value) => {
            let column = &view.columns[place].column;
            let bound = definer.default_expression((&column.name, column.column_type()), value);
            let bound = bound.map_err(DefineError::without_position)?;
            if definer.is_no_default(&bound.expression, column.column_type()) {
                None
            } else {
                let oid = definer.new_oids_beside(1, view.oid)?;
                let at = crate::table::place(place);
                let mut references = vec![(Address::column(view.oid, at), DependencyKind::Auto)];
                references.extend(bound.references);
                definer.depend(oid, &references)?;
                Some(catalog::object::Expression { oid, text: bound.text })
            }
        }
        ColumnAction::DropDefault => None,
        _ => return definer.unsupported("such a change of a view's column", Some(name.position)),
    };
    if let Some(before) = &view.columns[place].default {
        definer.catalog.depend_on_nothing(definer.transaction, Address::of(before.oid))?;
    }
    definer.change_object(view.oid, |object| {
        if let Object::View(view) = object
            && let Some(column) = Arc::make_mut(view).columns.get_mut(place)
        {
            column.default = default;
        }
    })
}
