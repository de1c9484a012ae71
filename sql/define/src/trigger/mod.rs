//! Triggers: `CREATE TRIGGER`; `alter`: what becomes of them; `partition`: what partitions get of their table's.
//!
//! A trigger's condition is kept as a text in which every name is resolved, `old` and `new` among them. A constraint trigger
//! is a trigger that has a number in `pg_constraint` besides.

mod alter;
mod condition;
mod partition;

pub(crate) use alter::{find, refuse_clone, refuse_switch, rename, required_by_trigger, switch};
pub(crate) use condition::condition_text;
pub(crate) use partition::{give_back, refuse_transitions, take_over};

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, detailed, plain};
use catalog::object::{
    Object, Oid, Privileges, RuleState, Table, Trigger, TriggerConstraint, TriggerEvents, TriggerTiming,
};
use catalog::{Address, CatalogError, DependencyKind, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::trigger::{CreateTrigger, TriggerEvent, TriggerTiming as Written};
use syntax::tree::{Name, QualifiedName};
use types::catalog::oid;

type References = Vec<(Address, DependencyKind)>;

fn unsupported<T>(message: &str) -> DefineResult<T> {
    Err(plain(SqlState::FeatureNotSupported, message))
}

fn invalid<T>(message: &str) -> DefineResult<T> {
    Err(plain(SqlState::InvalidObjectDefinition, message))
}

/// Makes or replaces a trigger.
///
/// # Errors
/// PostgreSQL's.
pub fn create_trigger(definer: &mut Definer<'_>, statement: &CreateTrigger<'_>) -> DefineResult<()> {
    if statement.or_replace && statement.constraint.is_some() {
        return unsupported("CREATE OR REPLACE CONSTRAINT TRIGGER is not supported");
    }
    let relation = triggered(definer, &statement.table)?;
    fits_relation(statement, &relation)?;
    let from = other_table(definer, statement)?;
    definer.require(relation.oid(), Privileges::TRIGGER)?;
    if let Some(from) = &from {
        definer.require(from.oid, Privileges::TRIGGER)?;
    }
    // Against those who change its rows.
    let relation = crate::partition::lock_relation(definer, relation, RelationMode::ShareRowExclusive)?;
    let events = events_of(statement);
    fits_itself(statement, events)?;
    let (old_table, new_table) = transitions_of(statement, events, &relation)?;
    let mut references: References = vec![(Address::of(relation.oid()), DependencyKind::Auto)];
    references.extend(from.iter().map(|from| (Address::of(from.oid), DependencyKind::Auto)));
    let condition = condition::condition_of(definer, statement, events, &relation, &mut references)?;
    let function = function_of(definer, &statement.function)?;
    references.extend(
        crate::expression::named_function(definer, function)
            .map(|oid| (Address::of(oid), DependencyKind::Normal)),
    );
    let there = replaced(definer, statement, &relation)?;
    let columns = columns_of(statement, &relation, &mut references)?;
    let count = if statement.constraint.is_some() { 2 } else { 1 };
    let first = match &there {
        Some(there) => there.oid,
        None => definer.new_oids_beside(count, relation.oid())?,
    };
    let trigger = Trigger {
        oid: first,
        name: statement.name.text.to_owned(),
        relation: relation.oid(),
        function,
        timing: timing_of(statement),
        each_row: statement.each_row,
        events,
        columns,
        condition,
        arguments: statement.arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        old_table,
        new_table,
        constraint: statement.constraint.map(|written| TriggerConstraint {
            oid: first + 1,
            deferrable: written.deferrable,
            initially_deferred: written.initially_deferred,
            from: from.map_or(0, |from| from.oid),
        }),
        state: RuleState::Enabled,
        parent: 0,
    };
    keep(definer, Arc::new(trigger), there, &references)?;
    definer.refresh()
}

/// Puts a trigger into the place of another, or as a new one, with those of partitions.
fn keep(
    definer: &mut Definer<'_>,
    trigger: Arc<Trigger>,
    there: Option<Arc<Trigger>>,
    references: &References,
) -> DefineResult<()> {
    let address = Address::of(trigger.oid);
    match there {
        Some(there) => {
            partition::remove_clones(definer, &there)?;
            let made = trigger.clone();
            definer.change_object(there.oid, |object| *object = Object::Trigger(made))?;
            definer.catalog.depend_on_nothing(definer.transaction, address)?;
            definer.catalog.depend(definer.transaction, address, references)?;
        }
        None => definer.create(&Object::Trigger(trigger.clone()), references)?,
    }
    definer.refresh()?;
    partition::make_clones(definer, &trigger)
}

/// The relation that a trigger is to be of.
fn triggered(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Relation> {
    let (schema, object) = crate::names::split_relation(&definer.scope, name)?;
    let found = definer.scope.find_relation(schema, object)?;
    let wrong = |message: String| plain(SqlState::WrongObjectType, message);
    let kind = match &found {
        Relation::Table(table) if table.is_materialized() => "materialized views",
        Relation::Table(_) | Relation::View(_) => return Ok(found),
        Relation::System(table) => return Err(DefineError::SystemCatalog { name: table.name.into() }),
        Relation::Sequence(_) => "sequences",
        Relation::Index(index) => return Err(wrong(format!("\"{}\" is an index", index.name))),
        Relation::Composite(made) => return Err(wrong(format!("\"{}\" is a composite type", made.name))),
    };
    let message = format!("relation \"{}\" cannot have triggers", found.name());
    let detail = format!("This operation is not supported for {kind}.");
    Err(detailed(SqlState::WrongObjectType, message, &detail))
}

fn other_table(definer: &Definer<'_>, statement: &CreateTrigger<'_>) -> DefineResult<Option<Arc<Table>>> {
    let Some(from) = statement.constraint.and_then(|constraint| constraint.from) else { return Ok(None) };
    let (schema, object) = crate::names::split_relation(&definer.scope, &from)?;
    match definer.scope.find_relation(schema, object)? {
        Relation::Table(table) => Ok(Some(table)),
        other => Err(DefineError::WrongKind { name: other.name().into(), wanted: "a table", hint: None }),
    }
}

fn timing_of(statement: &CreateTrigger<'_>) -> TriggerTiming {
    match statement.timing {
        Written::Before => TriggerTiming::Before,
        Written::After => TriggerTiming::After,
        Written::InsteadOf => TriggerTiming::InsteadOf,
    }
}

fn events_of(statement: &CreateTrigger<'_>) -> TriggerEvents {
    let mut events = TriggerEvents::default();
    for event in statement.events {
        match event {
            TriggerEvent::Insert => events.insert = true,
            TriggerEvent::Update(_) => events.update = true,
            TriggerEvent::Delete => events.delete = true,
            TriggerEvent::Truncate => events.truncate = true,
        }
    }
    events
}

/// The names of an `UPDATE OF`.
fn columns_written<'s>(statement: &CreateTrigger<'s>) -> &'s [Name<'s>] {
    let columns = statement.events.iter().find_map(|event| match event {
        TriggerEvent::Update(columns) => Some(*columns),
        TriggerEvent::Insert | TriggerEvent::Delete | TriggerEvent::Truncate => None,
    });
    columns.unwrap_or_default()
}

/// What is said of constraint triggers on foreign tables, and on tables that have such partitions.
const NO_CONSTRAINT_TRIGGERS: &str = "Foreign tables cannot have constraint triggers.";

/// That a relation of its kind may have such a trigger.
fn fits_relation(statement: &CreateTrigger<'_>, relation: &Relation) -> DefineResult<()> {
    let name = relation.name();
    let wrong = |kind: &str, detail: &str| {
        Err(detailed(SqlState::WrongObjectType, format!("\"{name}\" is {kind}"), detail))
    };
    match relation {
        Relation::View(_) => {
            if statement.timing != Written::InsteadOf && statement.each_row {
                return wrong("a view", "Views cannot have row-level BEFORE or AFTER triggers.");
            }
            if events_of(statement).truncate {
                return wrong("a view", "Views cannot have TRUNCATE triggers.");
            }
            Ok(())
        }
        Relation::Table(table) if table.is_foreign() => {
            let refused = if statement.timing == Written::InsteadOf {
                "Foreign tables cannot have INSTEAD OF triggers."
            } else if events_of(statement).truncate {
                "Foreign tables cannot have TRUNCATE triggers."
            } else if statement.constraint.is_some() {
                NO_CONSTRAINT_TRIGGERS
            } else if !statement.transitions.is_empty() {
                "Triggers on foreign tables cannot have transition tables."
            } else {
                return Ok(());
            };
            wrong("a foreign table", refused)
        }
        Relation::Table(table) => {
            if statement.timing == Written::InsteadOf {
                return wrong("a table", "Tables cannot have INSTEAD OF triggers.");
            }
            if table.is_partitioned() && statement.each_row && !statement.transitions.is_empty() {
                let detail = "ROW triggers with transition tables are not supported on partitioned tables.";
                let message = format!("\"{name}\" is a partitioned table");
                return Err(detailed(SqlState::FeatureNotSupported, message, detail));
            }
            Ok(())
        }
        Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) | Relation::System(_) => Ok(()),
    }
}

/// That what is said of a trigger goes together.
fn fits_itself(statement: &CreateTrigger<'_>, events: TriggerEvents) -> DefineResult<()> {
    if statement.each_row && events.truncate {
        return unsupported("TRUNCATE FOR EACH ROW triggers are not supported");
    }
    if statement.timing == Written::InsteadOf {
        if !statement.each_row {
            return unsupported("INSTEAD OF triggers must be FOR EACH ROW");
        }
        if statement.condition.is_some() {
            return unsupported("INSTEAD OF triggers cannot have WHEN conditions");
        }
        if !columns_written(statement).is_empty() {
            return unsupported("INSTEAD OF triggers cannot have column lists");
        }
    }
    Ok(())
}

/// The names of the tables of old and of new rows.
fn transitions_of(
    statement: &CreateTrigger<'_>,
    events: TriggerEvents,
    relation: &Relation,
) -> DefineResult<(Option<String>, Option<String>)> {
    let (mut old, mut new) = (None, None);
    for transition in statement.transitions {
        if !transition.table {
            return Err(DefineError::Plain {
                state: SqlState::FeatureNotSupported,
                message: "ROW variable naming in the REFERENCING clause is not supported".to_owned(),
                detail: None,
                hint: Some("Use OLD TABLE or NEW TABLE for naming transition tables.".to_owned()),
                position: None,
            });
        }
        may_have_transitions(statement, events, relation)?;
        let (known, fits, word, when) = match transition.new {
            true => (&mut new, events.insert || events.update, "NEW", "an INSERT or UPDATE"),
            false => (&mut old, events.delete || events.update, "OLD", "a DELETE or UPDATE"),
        };
        if !fits {
            return invalid(&format!("{word} TABLE can only be specified for {when} trigger"));
        }
        if known.is_some() {
            return invalid(&format!("{word} TABLE cannot be specified multiple times"));
        }
        *known = Some(transition.name.text.to_owned());
    }
    if old.is_some() && old == new {
        return invalid("OLD TABLE name and NEW TABLE name cannot be the same");
    }
    Ok((old, new))
}

fn may_have_transitions(
    statement: &CreateTrigger<'_>,
    events: TriggerEvents,
    relation: &Relation,
) -> DefineResult<()> {
    match relation {
        Relation::View(view) => {
            let detail = "Triggers on views cannot have transition tables.";
            return Err(detailed(SqlState::WrongObjectType, format!("\"{}\" is a view", view.name), detail));
        }
        Relation::Table(table) if statement.each_row && table.partition_of().is_some() => {
            return unsupported("ROW triggers with transition tables are not supported on partitions");
        }
        Relation::Table(table) if statement.each_row && !table.inheritance.parents.is_empty() => {
            return unsupported(
                "ROW triggers with transition tables are not supported on inheritance children",
            );
        }
        _ => {}
    }
    if statement.timing != Written::After {
        return invalid("transition table name can only be specified for an AFTER trigger");
    }
    if events.truncate {
        return unsupported("TRUNCATE triggers with transition tables are not supported");
    }
    if statement.events.len() > 1 {
        return unsupported("transition tables cannot be specified for triggers with more than one event");
    }
    if !columns_written(statement).is_empty() {
        return unsupported("transition tables cannot be specified for triggers with column lists");
    }
    Ok(())
}

/// The function of a name, which takes nothing and returns what triggers' functions do.
fn function_of(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Oid> {
    let Some(found) = crate::signature::exactly(definer, name, &[])? else {
        let message = format!("function {} does not exist", crate::signature::shown(definer, name, &[]));
        return Err(plain(SqlState::UndefinedFunction, message));
    };
    definer.require(found.oid, Privileges::EXECUTE)?;
    if found.result != oid::TRIGGER {
        return invalid(&format!("function {name} must return type trigger"));
    }
    Ok(found.oid)
}

/// The trigger that another is put into the place of.
fn replaced(
    definer: &Definer<'_>,
    statement: &CreateTrigger<'_>,
    relation: &Relation,
) -> DefineResult<Option<Arc<Trigger>>> {
    let Some(there) = alter::named(definer, relation.oid(), statement.name.text) else { return Ok(None) };
    let (name, of) = (there.name.clone(), relation.name().to_owned());
    let duplicate = |why: &str| {
        let message = format!("trigger \"{name}\" for relation \"{of}\" is {why}");
        Err(plain(SqlState::DuplicateObject, message))
    };
    if !statement.or_replace {
        return Err(CatalogError::DuplicateTrigger { name, relation: of }.into());
    }
    if there.parent != 0 {
        return duplicate("an internal or a child trigger");
    }
    if there.constraint.is_some() {
        return duplicate("a constraint trigger");
    }
    if let Relation::Table(table) = relation {
        definer.refuse_awaited(table, "CREATE OR REPLACE TRIGGER")?;
    }
    Ok(Some(there))
}

/// The columns of an `UPDATE OF` by their places.
fn columns_of(
    statement: &CreateTrigger<'_>,
    relation: &Relation,
    references: &mut References,
) -> DefineResult<Vec<u16>> {
    let mut columns: Vec<u16> = Vec::new();
    for name in columns_written(statement) {
        let Relation::Table(table) = relation else { continue };
        let Some((place, _)) = table.column(name.text) else {
            let (column, relation) = (name.text, &table.name);
            let message = format!("column \"{column}\" of relation \"{relation}\" does not exist");
            return Err(plain(SqlState::UndefinedColumn, message));
        };
        let place = crate::table::place(place);
        if columns.contains(&place) {
            let message = format!("column \"{}\" specified more than once", name.text);
            return Err(plain(SqlState::DuplicateColumn, message));
        }
        references.push((Address::column(table.oid, place), DependencyKind::Normal));
        columns.push(place);
    }
    Ok(columns)
}
