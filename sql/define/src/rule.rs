//! Rules: `CREATE RULE`, `ALTER RULE`, and what `ALTER TABLE` says of them.
//!
//! A rule is kept as texts in which every name is resolved, `old` and `new` among them, so that it means the same whoever
//! changes the relation's rows. The rule that a view is belongs to the view, and is no object of its own.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use bind::definition::{RuleAction, RuleCondition, rule_action, rule_condition};
use bind::deparse::{Deparse, Style};
use catalog::object::{Object, Oid, RewriteRule, RuleEvent, RuleState};
use catalog::{Address, CatalogError, DependencyKind, Relation};
use diagnostic::SqlState;
use plan::logical::{OutputColumn, RelationUse};
use std::sync::Arc;
use syntax::tree::alter::{Switch, SwitchState, SwitchTarget};
use syntax::tree::rule::{CreateRule, RuleEvent as Written};
use syntax::tree::{QualifiedName, StatementKind};
use types::Type;
use types::text::TextSettings;

/// The name of the rule that a view is.
const VIEW: &str = "_RETURN";

/// What is written of a rule.
struct Texts {
    condition: Option<String>,
    actions: Vec<String>,
    references: Vec<(Address, DependencyKind)>,
}

/// Makes or replaces a rule.
///
/// # Errors
/// PostgreSQL's.
pub fn create_rule(definer: &mut Definer<'_>, statement: &CreateRule<'_>) -> DefineResult<()> {
    let relation = ruled(definer, &statement.table)?;
    let relation = crate::rename::owned_alone(definer, relation)?;
    let event = match statement.event {
        Written::Select => return crate::select_rule::make_view(definer, statement, &relation),
        Written::Insert => RuleEvent::Insert,
        Written::Update => RuleEvent::Update,
        Written::Delete => RuleEvent::Delete,
    };
    let texts = texts_of(definer, statement, &relation, event)?;
    if statement.name.text == VIEW {
        let message = format!("non-view rule for \"{}\" must not be named \"{VIEW}\"", relation.name());
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    let mut references = vec![(Address::of(relation.oid()), DependencyKind::Auto)];
    references.extend(texts.references.into_iter().filter(|(on, _)| on.oid != relation.oid() || on.part > 0));
    let there = named(definer, relation.oid(), statement.name.text);
    let rule = RewriteRule {
        oid: there.as_ref().map_or(0, |rule| rule.oid),
        name: statement.name.text.to_owned(),
        relation: relation.oid(),
        event,
        instead: statement.instead,
        state: RuleState::Enabled,
        condition: texts.condition,
        actions: texts.actions,
    };
    match there {
        Some(there) if statement.or_replace => {
            let rule = Arc::new(RewriteRule { state: there.state, ..rule });
            definer.change_object(there.oid, |object| *object = Object::Rewrite(rule))?;
            let address = Address::of(there.oid);
            definer.catalog.depend_on_nothing(definer.transaction, address)?;
            definer.catalog.depend(definer.transaction, address, &references)?;
        }
        Some(_) => {
            let (name, relation) = (statement.name.text.to_owned(), relation.name().to_owned());
            return Err(CatalogError::DuplicateRule { name, relation }.into());
        }
        None => {
            let oid = definer.new_oids_beside(1, relation.oid())?;
            definer.create(&Object::Rewrite(Arc::new(RewriteRule { oid, ..rule })), &references)?;
        }
    }
    definer.refresh()
}

/// The relation that a rule is to be of.
fn ruled(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Relation> {
    let (schema, object) = crate::names::split_relation(&definer.scope, name)?;
    let found = definer.scope.find_relation(schema, object)?;
    let kind = match &found {
        Relation::Table(table) if table.is_materialized() => "materialized views",
        Relation::Table(table) if table.is_foreign() => "foreign tables",
        Relation::Table(_) | Relation::View(_) => return Ok(found),
        Relation::System(table) => return Err(DefineError::SystemCatalog { name: table.name.into() }),
        Relation::Sequence(_) => "sequences",
        Relation::Index(_) => "indexes",
        Relation::Composite(_) => "composite types",
    };
    Err(DefineError::Plain {
        state: SqlState::WrongObjectType,
        message: format!("relation \"{}\" cannot have rules", found.name()),
        detail: Some(format!("This operation is not supported for {kind}.")),
        hint: None,
        position: None,
    })
}

/// What a rule says, bound and written down.
fn texts_of(
    definer: &Definer<'_>,
    statement: &CreateRule<'_>,
    relation: &Relation,
    event: RuleEvent,
) -> DefineResult<Texts> {
    let mut texts = Texts { condition: None, actions: Vec::new(), references: Vec::new() };
    if let Some(written) = &statement.condition {
        let bound = rule_condition(definer.binding(), relation.oid(), Some(event), written)?;
        texts.condition = Some(condition_text(definer, &bound)?);
        texts.references.extend(definer.statement_uses(&bound.relations, &bound.shapes));
        bound.condition.walk_written(&mut |part| {
            texts.references.extend(crate::expression::referred_to(definer, part));
        });
    }
    let mut returning = false;
    for action in statement.actions {
        match action.kind {
            StatementKind::Notify(_) if statement.condition.is_some() => {
                let message =
                    "rules with WHERE conditions can only have SELECT, INSERT, UPDATE, or DELETE actions";
                return Err(plain(SqlState::InvalidObjectDefinition, message.to_owned()));
            }
            StatementKind::Query(_) => return definer.unsupported("SELECT as an action of a rule", None),
            _ => {}
        }
        let bound = rule_action(definer.binding(), relation.oid(), &action.kind)?;
        if bound.old && event == RuleEvent::Insert {
            return Err(plain(SqlState::InvalidObjectDefinition, "ON INSERT rule cannot use OLD".to_owned()));
        }
        if bound.new && event == RuleEvent::Delete {
            return Err(plain(SqlState::InvalidObjectDefinition, "ON DELETE rule cannot use NEW".to_owned()));
        }
        if !bound.returning.is_empty() {
            may_return(definer, statement, relation, &bound.returning, returning)?;
            returning = true;
        }
        texts.actions.push(action_text(definer, &bound)?);
        texts.references.extend(definer.statement_uses(&bound.relations, &bound.shapes));
    }
    Ok(texts)
}

/// That an action may return rows, which are then those of the relation.
fn may_return(
    definer: &Definer<'_>,
    statement: &CreateRule<'_>,
    relation: &Relation,
    returning: &[OutputColumn],
    several: bool,
) -> DefineResult<()> {
    let unsupported = |message: &str| Err(plain(SqlState::FeatureNotSupported, message.to_owned()));
    if several {
        return unsupported("cannot have multiple RETURNING lists in a rule");
    }
    if statement.condition.is_some() {
        return unsupported("RETURNING lists are not supported in conditional rules");
    }
    if !statement.instead {
        return unsupported("RETURNING lists are not supported in non-INSTEAD rules");
    }
    let columns: Vec<(String, Type)> = match relation {
        Relation::Table(table) => {
            table.live_columns().map(|(_, column)| (column.name.clone(), column.column_type())).collect()
        }
        Relation::View(view) => {
            let live = view.columns.iter().filter(|column| !column.column.dropped);
            live.map(|column| (column.column.name.clone(), column.column.column_type())).collect()
        }
        _ => Vec::new(),
    };
    let invalid = |message: String, detail: Option<String>| {
        let state = SqlState::InvalidObjectDefinition;
        Err(DefineError::Plain { state, message, detail, hint: None, position: None })
    };
    for (place, made) in returning.iter().enumerate() {
        let Some((name, of)) = columns.get(place) else {
            return invalid("RETURNING list has too many entries".to_owned(), None);
        };
        let shown = |of: Type| types::catalog::type_name(&definer.scope, of.oid, Some(of.modifier));
        let (entry, column) = (shown(made.column_type), shown(*of));
        if made.column_type.oid != of.oid {
            let message =
                format!("RETURNING list's entry {} has different type from column \"{name}\"", place + 1);
            let detail = format!("RETURNING list entry has type {entry}, but column has type {column}.");
            return invalid(message, Some(detail));
        }
        if made.column_type.modifier != of.modifier && made.column_type.modifier != -1 {
            let message =
                format!("RETURNING list's entry {} has different size from column \"{name}\"", place + 1);
            let detail = format!("RETURNING list entry has type {entry}, but column has type {column}.");
            return invalid(message, Some(detail));
        }
    }
    if returning.len() < columns.len() {
        return invalid("RETURNING list has too few entries".to_owned(), None);
    }
    Ok(())
}

/// A condition with every name in it resolved.
pub(crate) fn condition_text(definer: &Definer<'_>, bound: &RuleCondition) -> DefineResult<String> {
    let style = Style { pretty: false, indented: false };
    let text = full(definer, |deparse| deparse.rule_condition(&bound.condition, &bound.shapes, style));
    text.map_or_else(|| definer.unsupported("such a condition of a rule", None), Ok)
}

/// An action with every name in it resolved.
pub(crate) fn action_text(definer: &Definer<'_>, bound: &RuleAction) -> DefineResult<String> {
    if let Some(text) = &bound.verbatim {
        return Ok(text.clone());
    }
    let style = Style { pretty: false, indented: false };
    let text = full(definer, |deparse| deparse.action(&bound.shapes, style));
    text.map_or_else(|| definer.unsupported("such an action of a rule", None), Ok)
}

/// Writes something down with all names in full.
pub(crate) fn full(
    definer: &Definer<'_>,
    text: impl FnOnce(&Deparse<'_>) -> Option<String>,
) -> Option<String> {
    let plain = definer.scope.plain();
    let settings = TextSettings::default();
    text(&Deparse::new(plain, &settings, &|_| String::new()))
}

impl Definer<'_> {
    /// What a statement that is kept, or a part of one, depends on: what it reads, calls and writes.
    pub(crate) fn statement_uses(
        &self,
        relations: &[RelationUse],
        shapes: &bind::Shapes,
    ) -> Vec<(Address, DependencyKind)> {
        let mut references = self.used_of(relations, shapes);
        for used in relations.iter().filter(|used| used.check_as.is_none() && !used.inherited) {
            if self.scope.table(used.relation).is_none() {
                continue;
            }
            for column in used.columns_written.iter().chain(&used.columns_updated).filter(|it| **it > 0) {
                references.push((Address::column(used.relation, column - 1), DependencyKind::Normal));
            }
        }
        references
    }
}

/// A relation's rule of a name.
pub(crate) fn named(definer: &Definer<'_>, relation: Oid, name: &str) -> Option<Arc<RewriteRule>> {
    definer.scope.rules_of(relation).into_iter().find(|rule| rule.name == name).cloned()
}

/// A rule as statements name it; none if it is not there, or is the one that a view is.
///
/// # Errors
/// When the name is none.
pub(crate) fn find(
    definer: &Definer<'_>,
    name: &str,
    relation: &QualifiedName<'_>,
) -> DefineResult<Option<Arc<RewriteRule>>> {
    let (schema, object) = crate::names::split_name(&definer.scope, relation)?;
    let Ok(found) = definer.scope.find_relation(schema, object) else { return Ok(None) };
    if let (Relation::View(view), VIEW) = (&found, name) {
        let view = definer.scope.relation_name(view.schema, &view.name);
        return Err(DefineError::Plain {
            state: SqlState::DependentObjectsStillExist,
            message: format!("cannot drop rule {VIEW} on view {view} because view {view} requires it"),
            detail: None,
            hint: Some(format!("You can drop view {view} instead.")),
            position: None,
        });
    }
    Ok(named(definer, found.oid(), name))
}

/// `ALTER RULE … RENAME TO …`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn rename(
    definer: &mut Definer<'_>,
    name: &str,
    relation: &QualifiedName<'_>,
    to: &str,
) -> DefineResult<()> {
    let found = ruled(definer, relation)?;
    let found = crate::rename::owned_alone(definer, found)?;
    if let (Relation::View(_), VIEW) = (&found, name) {
        let message = "renaming an ON SELECT rule is not allowed".to_owned();
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    let Some(rule) = named(definer, found.oid(), name) else { return Err(missing(name, found.name())) };
    if named(definer, found.oid(), to).is_some() || to == VIEW && matches!(found, Relation::View(_)) {
        let (name, relation) = (to.to_owned(), found.name().to_owned());
        return Err(CatalogError::DuplicateRule { name, relation }.into());
    }
    definer.change_object(rule.oid, |object| {
        if let Object::Rewrite(rule) = object {
            Arc::make_mut(rule).name = to.to_owned();
        }
    })
}

/// What messages call the switching of a rule.
pub(crate) fn words(switch: &Switch<'_>) -> &'static str {
    match switch.state {
        SwitchState::Enabled => "ENABLE RULE",
        SwitchState::Always => "ENABLE ALWAYS RULE",
        SwitchState::Replica => "ENABLE REPLICA RULE",
        SwitchState::Disabled => "DISABLE RULE",
    }
}

/// `ALTER TABLE … ENABLE RULE`, `DISABLE RULE`
///
/// # Errors
/// When there is no such rule.
pub(crate) fn switch(definer: &mut Definer<'_>, relation: Oid, switch: &Switch<'_>) -> DefineResult<()> {
    let SwitchTarget::Named(name) = switch.target else {
        return definer.unsupported("switching all rules", None);
    };
    let Some(rule) = named(definer, relation, name.text) else {
        let of = definer.scope.relation(relation).map(|of| of.name().to_owned()).unwrap_or_default();
        return Err(missing(name.text, &of));
    };
    let state = match switch.state {
        SwitchState::Enabled => RuleState::Enabled,
        SwitchState::Always => RuleState::Always,
        SwitchState::Replica => RuleState::Replica,
        SwitchState::Disabled => RuleState::Disabled,
    };
    definer.change_object(rule.oid, |object| {
        if let Object::Rewrite(rule) = object {
            Arc::make_mut(rule).state = state;
        }
    })
}

fn missing(name: &str, relation: &str) -> DefineError {
    let message = format!("rule \"{name}\" for relation \"{relation}\" does not exist");
    plain(SqlState::UndefinedObject, message)
}
