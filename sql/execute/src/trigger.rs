//! Calls of triggers' functions: those of the program itself, and those that users have made.
//!
//! Whoever changes rows knows when which trigger fires (`change`); here is what happens then.

use crate::error::{ExecuteError, ExecuteResult};
use crate::world::World;
use diagnostic::SqlState;
use plan::expression::FunctionId;
use plan::trigger::{TriggerCall, TriggerColumn, TriggerEvent, TriggerLevel, TriggerWhen};
use std::ops::RangeInclusive;
use types::Value;
use types::catalog::oid;

/// A row as a trigger's function answers it; none for null.
type Answer = Option<Vec<Value>>;

/// `suppress_redundant_updates_trigger`
const SUPPRESS: u32 = 1291;
/// `unique_key_recheck`, which PostgreSQL runs for a deferred key alone: there are no triggers for those here.
const UNIQUE_RECHECK: u32 = 1250;
/// Functions of foreign keys, `RI_FKey_…`: a foreign key here is no trigger.
const OF_FOREIGN_KEYS: RangeInclusive<u32> = 1644..=1655;
/// `tsvector_update_trigger`
const VECTOR: u32 = 3752;
/// `tsvector_update_trigger_column`
const VECTOR_BY_COLUMN: u32 = 3753;

impl World<'_> {
    /// Calls a trigger's function. The row that it answers, in the form of the table's columns; none for null. What it is asked for
    /// where no row is wanted (`AFTER`, statements) nobody looks at.
    ///
    /// # Errors
    /// Those of the function.
    pub fn call_trigger(&mut self, function: FunctionId, call: &TriggerCall) -> ExecuteResult<Answer> {
        self.settings.may_call()?;
        self.settings.depth += 1;
        self.context.session.enter_trigger();
        self.events.give(call.transitions.clone());
        let answer = match function.0 {
            SUPPRESS => suppress_updates(call),
            UNIQUE_RECHECK if call.trigger.when == TriggerWhen::After => Ok(None),
            UNIQUE_RECHECK => Err(protocol("function \"unique_key_recheck\" must be fired AFTER ROW")),
            of_key if OF_FOREIGN_KEYS.contains(&of_key) => Err(refuse_key_function(of_key, call)),
            VECTOR => update_vector(self, call, false),
            VECTOR_BY_COLUMN => update_vector(self, call, true),
            _ => {
                let catalog = self.catalog;
                self.counted(function.0, true, |world| catalog.call_trigger(world, function.0, call))
            }
        };
        self.events.take_back();
        self.context.session.leave_trigger();
        self.settings.depth -= 1;
        answer
    }
}

fn protocol(message: &str) -> ExecuteError {
    ExecuteError::plain(SqlState::ERIETriggerProtocolViolated, message)
}

/// What a function of a foreign key says where it is a trigger that somebody has made.
fn refuse_key_function(function: u32, call: &TriggerCall) -> ExecuteError {
    let name = functions::table::function(function).map_or("", |entry| entry.name);
    let wanted = match name.rsplit('_').next() {
        Some("ins") => (TriggerEvent::Insert, "INSERT"),
        Some("upd") => (TriggerEvent::Update, "UPDATE"),
        Some(_) | None => (TriggerEvent::Delete, "DELETE"),
    };
    let after = call.trigger.when == TriggerWhen::After;
    // PostgreSQL asks for the key of such a row before it calls the function.
    let asks_first = after && matches!(call.event, TriggerEvent::Update | TriggerEvent::Delete);
    if !asks_first {
        if !after || call.trigger.level != TriggerLevel::Row {
            return protocol(&format!("function \"{name}\" must be fired AFTER ROW"));
        }
        if call.event != wanted.0 {
            return protocol(&format!("function \"{name}\" must be fired for {}", wanted.1));
        }
    }
    let (trigger, table) = (&call.trigger.name, &call.table.name);
    let message = format!("no pg_constraint entry for trigger \"{trigger}\" on table \"{table}\"");
    let hint = "Remove this referential integrity trigger and its mates, then do ALTER TABLE ADD CONSTRAINT.";
    let (state, hint) = (SqlState::InvalidObjectDefinition, Some(hint.to_owned()));
    ExecuteError::Plain { state, message, detail: None, hint }
}

/// Lets no row be written that stays as it is.
fn suppress_updates(call: &TriggerCall) -> ExecuteResult<Answer> {
    let name = "suppress_redundant_updates_trigger";
    if call.event != TriggerEvent::Update {
        return Err(protocol(&format!("{name}: must be called on update")));
    }
    if call.trigger.when != TriggerWhen::Before {
        return Err(protocol(&format!("{name}: must be called before update")));
    }
    if call.trigger.level != TriggerLevel::Row {
        return Err(protocol(&format!("{name}: must be called for each row")));
    }
    Ok(if call.old == call.new { None } else { call.new.clone() })
}

/// Keeps a column that is what text search knows of others: `tsvector_update_trigger(column, configuration, texts…)`.
fn update_vector(world: &mut World<'_>, call: &TriggerCall, by_column: bool) -> ExecuteResult<Answer> {
    let internal = |message: &str| {
        let message = format!("tsvector_update_trigger: {message}");
        Err(ExecuteError::plain(SqlState::InternalError, message))
    };
    if call.trigger.level != TriggerLevel::Row {
        return internal("must be fired for row");
    }
    if call.trigger.when != TriggerWhen::Before {
        return internal("must be fired BEFORE event");
    }
    let mut needed = match call.event {
        TriggerEvent::Insert => true,
        TriggerEvent::Update => false,
        TriggerEvent::Delete | TriggerEvent::Truncate => {
            return internal("must be fired for INSERT or UPDATE");
        }
    };
    let [vector, configuration, texts @ ..] = &*call.trigger.arguments else {
        return internal("arguments must be tsvector_field, ts_config, text_field1, ...)");
    };
    if texts.is_empty() {
        return internal("arguments must be tsvector_field, ts_config, text_field1, ...)");
    }
    let Some(mut row) = call.new.clone() else { return Ok(None) };
    let place = typed(call, vector, "tsvector column", oid::TSVECTOR, "of tsvector type")?;
    let configuration = match by_column {
        true => configuration_of(call, configuration, &row)?,
        false => configuration_named(world, configuration)?,
    };
    let mut document = String::new();
    for name in texts {
        let (at, column) = found(call, name, "column")?;
        if !matches!(column.column_type.oid, oid::TEXT | oid::VARCHAR | oid::BPCHAR) {
            let message = format!("column \"{name}\" is not of a character type");
            return Err(ExecuteError::plain(SqlState::DatatypeMismatch, message));
        }
        needed |= call.assigned.contains(&(at as u32));
        if let Some(bytes) = row[at].as_bytes() {
            document.push_str(&String::from_utf8_lossy(bytes));
            document.push('\n');
        }
    }
    if needed {
        row[place] = functions::search_document(&mut world.context, configuration, &document)?;
    }
    Ok(Some(row))
}

/// A column of a name; the words are what the message calls it.
fn found<'c>(call: &'c TriggerCall, name: &str, words: &str) -> ExecuteResult<(usize, &'c TriggerColumn)> {
    let place = call.table.columns.iter().position(|column| column.name == name);
    let place = place.ok_or_else(|| {
        let message = format!("{words} \"{name}\" does not exist");
        ExecuteError::plain(SqlState::UndefinedColumn, message)
    })?;
    Ok((place, &call.table.columns[place]))
}

/// The place of a column of a name that is of a type.
fn typed(call: &TriggerCall, name: &str, words: &str, of: u32, type_words: &str) -> ExecuteResult<usize> {
    let (place, column) = found(call, name, words)?;
    if column.column_type.oid != of {
        let message = format!("column \"{name}\" is not {type_words}");
        return Err(ExecuteError::plain(SqlState::DatatypeMismatch, message));
    }
    Ok(place)
}

/// The configuration that a row itself names.
fn configuration_of(call: &TriggerCall, name: &str, row: &[Value]) -> ExecuteResult<u32> {
    let place = typed(call, name, "configuration column", oid::REGCONFIG, "of regconfig type")?;
    match row[place] {
        Value::Int32(number) => Ok(number.cast_unsigned()),
        _ => {
            let message = format!("configuration column \"{name}\" must not be null");
            Err(ExecuteError::plain(SqlState::NullValueNotAllowed, message))
        }
    }
}

/// The configuration of a name, which has to have its schema, so that it is the same whoever changes rows.
fn configuration_named(world: &mut World<'_>, name: &str) -> ExecuteResult<u32> {
    if !name.contains('.') {
        let message = format!("text search configuration name \"{name}\" must be schema-qualified");
        return Err(ExecuteError::plain(SqlState::InvalidParameterValue, message));
    }
    world.context.session.search_configuration_named(name).ok_or_else(|| {
        let message = format!("text search configuration \"{name}\" does not exist");
        ExecuteError::plain(SqlState::UndefinedObject, message)
    })
}
