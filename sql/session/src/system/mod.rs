//! Rows of `pg_catalog` and `information_schema`, as the executor pulls them.

mod figures;
mod live;
mod pages;

use crate::sequence::value::last_value;
use crate::services::describe::Describe;
use crate::settings::{Kind, SETTINGS, Setting, Settings};
use crate::statistics::{Fetch, Reader};
use catalog::object::{Object, Sequence, View, class};
use catalog::{
    CatalogResult, Counted, FunctionFigures, IndexFigures, Oid, SessionRows, SystemContext, SystemTable,
    TableFigures, system_rows,
};
use functions::{Context, FunctionResult, RowSource};
use plan::logical::SYSTEM_TABLE_OID;
use store::DatabaseId;
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::text::TextSettings;
use types::vector::{Chunk, Vector, VectorBuilder, VectorResult};
use types::{Item, Value};

pub use live::Live;
pub(crate) use live::inet;

/// What the session tells of itself in the system's tables.
pub struct Told<'t> {
    settings: &'t Settings,
    live: Live<'t>,
    reader: Reader<'t>,
    describe: Describe<'t>,
}

impl SessionRows for Told<'_> {
    fn rows(
        &self,
        table: &SystemTable,
        emit: &mut dyn FnMut(&[Item<'_>]) -> CatalogResult<()>,
    ) -> CatalogResult<()> {
        if table.name != "pg_settings" {
            return self.live.rows(&self.reader, self.describe.context.scope, table, emit);
        }
        for setting in SETTINGS {
            let cells = told(setting, self.settings);
            let cell =
                |name: &str| cells.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
            let row: Vec<Item<'_>> =
                table.columns.iter().map(|column| cell(column.name).unwrap_or(Item::Null)).collect();
            emit(&row)?;
        }
        Ok(())
    }

    fn materialized_definition(&self, table: &catalog::object::Table) -> Option<String> {
        self.describe.materialized(table, false)
    }

    fn expression(&self, kept: &str, relation: Oid) -> String {
        self.describe.expression(kept, relation, false)
    }

    fn gathered_expressions(&self, statistics: &catalog::object::ExtendedStatistics) -> Vec<String> {
        self.describe.gathered_expressions(statistics)
    }

    fn rule_definition(&self, rule: &catalog::object::RewriteRule) -> Option<String> {
        self.describe.rule(rule, false)
    }

    fn trigger_definition(&self, trigger: &catalog::object::Trigger) -> Option<String> {
        self.describe.trigger(trigger, false)
    }

    fn view_definition(&self, view: &View) -> String {
        self.describe.view(view, false)
    }

    fn updatable_events(&self, relation: Oid) -> i32 {
        self.describe.events(relation, None, false)
    }

    fn column_is_updatable(&self, relation: Oid, number: i32) -> bool {
        self.describe.column_is_updatable(relation, number, false)
    }

    fn table_figures(&self, table: &catalog::object::Table, counted: Counted) -> Option<TableFigures> {
        Some(figures::table(&self.reader, table, counted))
    }

    fn index_figures(&self, index: &catalog::object::Index, counted: Counted) -> Option<IndexFigures> {
        Some(figures::index(&self.reader, index, counted))
    }

    fn function_figures(&self, function: Oid, counted: Counted) -> Option<FunctionFigures> {
        figures::function(&self.reader, function, counted)
    }

    fn last_value(&self, sequence: &Sequence) -> CatalogResult<Option<i64>> {
        let (session, database) = self.live.store;
        let (value, given) = last_value(session, database, &self.live.sets.borrow().as_set(sequence))?;
        Ok(given.then_some(value))
    }
}

/// What `pg_settings` tells of a setting, by the names of its columns.
fn told(setting: &Setting, settings: &Settings) -> [(&'static str, Value); 17] {
    let text = |text: &str| Value::text(text);
    let (source, reset) = settings.origin(setting);
    let (unit, least, greatest) = match setting.kind.bounds() {
        Some(("", least, greatest)) => (Value::Null, text(&least), text(&greatest)),
        Some((unit, least, greatest)) => (text(unit), text(&least), text(&greatest)),
        None => (Value::Null, Value::Null, Value::Null),
    };
    let choices = match setting.kind {
        Kind::Choice(choices) => {
            let mut array = ArrayBuilder::new(oid::TEXT, types::Kind::Bytes);
            choices.iter().for_each(|choice| array.push(&Item::Bytes(choice.as_bytes())));
            Value::Bytes(array.finish_list().into())
        }
        _ => Value::Null,
    };
    [
        ("name", text(setting.name)),
        ("setting", text(settings.kept(setting.name))),
        ("unit", unit),
        ("category", text(setting.category)),
        ("short_desc", text("")),
        ("extra_desc", Value::Null),
        ("context", text(setting.access.name())),
        ("vartype", text(setting.kind.name())),
        ("source", text(source)),
        ("min_val", least),
        ("max_val", greatest),
        ("enumvals", choices),
        ("boot_val", text(setting.default)),
        ("reset_val", text(reset)),
        ("sourcefile", Value::Null),
        ("sourceline", Value::Null),
        ("pending_restart", Value::Bool(false)),
    ]
}

/// The rows of a view about what goes on now, all of its columns.
///
/// # Errors
/// When they do not fit into memory.
pub fn live_rows(live: Live<'_>, scope: &catalog::Scope, table: &SystemTable) -> FunctionResult<Vec<Vector>> {
    let kind = |of: u32| types::Types::entry(scope, of).and_then(|entry| entry.kind);
    let mut columns: Vec<VectorBuilder> = table
        .columns
        .iter()
        .map(|column| VectorBuilder::new(kind(column.type_oid).unwrap_or(types::Kind::Bytes), 0))
        .collect();
    let reader = Reader::new(live, scope, Fetch::None);
    let emitted = live.rows(&reader, scope, table, &mut |row| {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push_item(value)?;
        }
        Ok(())
    });
    emitted.map_err(|error| functions::FunctionError::Other(Box::new(error)))?;
    Ok(columns.into_iter().map(VectorBuilder::finish).collect())
}

/// The rows of `pg_show_all_settings`.
///
/// # Errors
/// When they do not fit into memory.
pub fn all_settings(settings: &Settings) -> FunctionResult<Vec<Vector>> {
    let kind = |place: usize| match place {
        15 => types::Kind::Int32,
        16 => types::Kind::Bool,
        _ => types::Kind::Bytes,
    };
    let mut columns: Vec<VectorBuilder> =
        (0..17).map(|place| VectorBuilder::new(kind(place), SETTINGS.len())).collect();
    for setting in SETTINGS {
        for (column, (_, value)) in columns.iter_mut().zip(told(setting, settings)) {
            column.push(&value)?;
        }
    }
    Ok(columns.into_iter().map(VectorBuilder::finish).collect())
}

/// Rows that were made at once, handed over in pieces.
struct Made {
    columns: Vec<Vector>,
    rows: usize,
    given: usize,
}

impl RowSource for Made {
    fn next(&mut self, _: &mut Context<'_>, limit: usize) -> FunctionResult<Option<Vec<Vector>>> {
        if self.given >= self.rows {
            return Ok(None);
        }
        let length = limit.max(1).min(self.rows - self.given);
        let piece = self.columns.iter().map(|column| column.slice(self.given, length)).collect();
        self.given += length;
        Ok(Some(piece))
    }
}

/// The rows of a table of the system: its columns of these numbers, from 1.
///
/// # Errors
/// When they do not fit into memory.
pub fn rows(
    context: bind::Context<'_>,
    table: &SystemTable,
    columns: &[u16],
    (database, user): (DatabaseId, Oid),
    (text, view): (&TextSettings, &store::View),
    (settings, live): (&Settings, Live<'_>),
) -> CatalogResult<Box<dyn RowSource>> {
    let is_own = |column: &&u16| **column != SYSTEM_TABLE_OID;
    let wanted: Vec<u16> = columns.iter().filter(is_own).map(|column| column.saturating_sub(1)).collect();
    if table.oid == class::LARGE_OBJECT {
        return Ok(pages::source(context.scope, view, (wanted, columns)));
    }
    let scope = context.scope;
    let named = scope.shared_objects().find_map(|object| match object {
        Object::Database(found) if found.branch == database.0 => Some(found.oid),
        _ => None,
    });
    let reader = Reader::new(live, scope, settings.typed().fetch);
    let told = Told { settings, live, reader, describe: Describe { context, text } };
    let context = SystemContext {
        scope,
        database: named.unwrap_or(catalog::MAIN_DATABASE_OID),
        user,
        settings: text,
        view: Some(view),
        session: &told,
    };
    let chunk = system_rows(table, &wanted, &context)?;
    let rows = chunk.rows();
    Ok(Box::new(Made { columns: asked(chunk, columns, table.oid)?, rows, given: 0 }))
}

/// The columns that are asked for, of rows whose own are there: the table's number among them. One at least: somebody may count
/// rows and read no column, then one that says nothing carries their number.
fn asked(chunk: Chunk, columns: &[u16], table: Oid) -> VectorResult<Vec<Vector>> {
    let rows = chunk.rows();
    let mut own = chunk.into_columns().into_iter();
    let mut asked = Vec::with_capacity(columns.len().max(1));
    for column in columns {
        asked.extend(match *column {
            SYSTEM_TABLE_OID => {
                Some(Vector::constant(types::Kind::Int32, &Value::Int32(table.cast_signed()), rows)?)
            }
            _ => own.next(),
        });
    }
    if asked.is_empty() {
        asked.push(Vector::constant(types::Kind::Bool, &Value::Bool(true), rows)?);
    }
    Ok(asked)
}

/// How many values of a sequence PostgreSQL logs ahead.
const LOGGED_AHEAD: i64 = 32;

/// The only row of a sequence that is read as a table: its columns of these numbers, from 1.
///
/// # Errors
/// When its counter cannot be read.
pub fn sequence_row(
    live: Live<'_>,
    sequence: &Sequence,
    columns: &[u16],
) -> Result<Box<dyn RowSource>, crate::StoreFailure> {
    let ((session, database), sets) = (live.store, live.sets.borrow());
    let sequence = &*sets.as_set(sequence);
    let (value, given) = last_value(session, database, sequence)?;
    let logged = if given { logged_ahead(sequence, value) } else { 0 };
    let column = |number: &u16| match number {
        1 => Vector::constant(types::Kind::Int64, &Value::Int64(value), 1),
        2 => Vector::constant(types::Kind::Int64, &Value::Int64(logged), 1),
        _ => Vector::constant(types::Kind::Bool, &Value::Bool(given), 1),
    };
    let mut columns: Vec<Vector> = columns.iter().filter_map(|number| column(number).ok()).collect();
    if columns.is_empty() {
        columns.extend(Vector::constant(types::Kind::Bool, &Value::Bool(true), 1).ok());
    }
    Ok(Box::new(Made { columns, rows: 1, given: 0 }))
}

/// `log_cnt` of a sequence that has given a value. Nothing is logged ahead here; it reads as if each piece of the cache after the
/// first were taken from what is, and no more were logged than there is.
fn logged_ahead(sequence: &Sequence, value: i64) -> i64 {
    let step = i128::from(sequence.increment);
    let end = if step > 0 { sequence.maximum } else { sequence.minimum };
    let steps = |from: i64, to: i64| (i128::from(to) - i128::from(from)).checked_div(step).unwrap_or(0);
    let (cache, most) = (i128::from(sequence.cache.max(1)), i128::from(LOGGED_AHEAD));
    let pieces = steps(sequence.first, value) / cache;
    let logged = most - cache * pieces.rem_euclid(most / cache + 1);
    // Between nothing and what is logged at most.
    i64::try_from(logged.min(steps(value, end))).unwrap_or(0)
}
