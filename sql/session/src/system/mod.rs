//! Rows of `pg_catalog` and `information_schema`, as the executor pulls them.

mod live;

use crate::describe::Describe;
use crate::sequence_value::last_value;
use crate::settings::{SETTINGS, Settings};
use catalog::object::{Object, Sequence, View};
use catalog::{CatalogResult, Oid, SessionRows, SystemContext, SystemTable, system_rows};
use functions::{Context, FunctionResult, RowSource};
use std::sync::Arc;
use store::DatabaseId;
use types::text::TextSettings;
use types::vector::Vector;
use types::{Item, Kind};

pub use live::Live;

/// What the session tells of itself in the system's tables.
pub struct Told<'t> {
    settings: &'t Settings,
    live: Live<'t>,
    describe: Describe<'t>,
}

impl SessionRows for Told<'_> {
    fn rows(
        &self,
        table: &SystemTable,
        emit: &mut dyn FnMut(&[Item<'_>]) -> CatalogResult<()>,
    ) -> CatalogResult<()> {
        if table.name != "pg_settings" {
            return self.live.rows(self.describe.context.scope, table, emit);
        }
        for setting in SETTINGS {
            let kept = self.settings.kept(setting.name).to_owned();
            let row: Vec<Item<'_>> = table
                .columns
                .iter()
                .map(|column| match column.name {
                    "name" => Item::Bytes(setting.name.as_bytes()),
                    "setting" | "reset_val" => Item::Bytes(kept.as_bytes()),
                    "boot_val" => Item::Bytes(setting.default.as_bytes()),
                    "category" => Item::Bytes(setting.category.as_bytes()),
                    "vartype" => Item::Bytes(setting.kind.name().as_bytes()),
                    "context" => Item::Bytes(b"user"),
                    "source" => Item::Bytes(b"default"),
                    "short_desc" => Item::Bytes(b""),
                    "pending_restart" => Item::Bool(false),
                    _ => Item::Null,
                })
                .collect();
            emit(&row)?;
        }
        Ok(())
    }

    fn materialized_definition(&self, table: &catalog::object::Table) -> Option<String> {
        self.describe.materialized(table, false)
    }

    fn view_definition(&self, view: &View) -> String {
        self.describe.view(view, false)
    }

    fn updatable_columns(&self, view: &Arc<View>) -> Option<Vec<bool>> {
        self.describe.updatable(view)
    }

    fn last_value(&self, sequence: &Sequence) -> CatalogResult<Option<i64>> {
        let (session, database) = self.live.store;
        let (value, given) = last_value(session, database, &self.live.sets.borrow().as_set(sequence))?;
        Ok(given.then_some(value))
    }
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
    text: &TextSettings,
    (settings, live): (&Settings, Live<'_>),
) -> CatalogResult<Box<dyn RowSource>> {
    let scope = context.scope;
    let named = scope.shared_objects().find_map(|object| match object {
        Object::Database(found) if found.branch == database.0 => Some(found.oid),
        _ => None,
    });
    let told = Told { settings, live, describe: Describe { context, text } };
    let context = SystemContext {
        scope,
        database: named.unwrap_or(catalog::MAIN_DATABASE_OID),
        user,
        settings: text,
        session: &told,
    };
    let wanted: Vec<u16> = columns.iter().map(|column| column.saturating_sub(1)).collect();
    let chunk = system_rows(table, &wanted, &context)?;
    let rows = chunk.rows();
    Ok(made(chunk.into_columns(), rows))
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
    let ((session, database), sequence) = (live.store, &*live.sets.borrow().as_set(sequence));
    let (value, given) = last_value(session, database, sequence)?;
    let logged = if given { logged_ahead(sequence, value) } else { 0 };
    let column = |number: &u16| match number {
        1 => Vector::constant(Kind::Int64, &types::Value::Int64(value), 1),
        2 => Vector::constant(Kind::Int64, &types::Value::Int64(logged), 1),
        _ => Vector::constant(Kind::Bool, &types::Value::Bool(given), 1),
    };
    Ok(made(columns.iter().filter_map(|number| column(number).ok()).collect(), 1))
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

fn made(mut columns: Vec<Vector>, rows: usize) -> Box<dyn RowSource> {
    if columns.is_empty() && rows > 0 {
        // Somebody counts rows and reads no column: one that says nothing carries their number.
        let nothing = Vector::constant(Kind::Bool, &types::Value::Bool(true), rows);
        columns.extend(nothing.ok());
    }
    Box::new(Made { columns, rows, given: 0 })
}
