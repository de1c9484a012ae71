//! Foreign keys: what is looked at, and done, after rows of either table have changed.
//!
//! * `action`: what is done with rows that refer to a key that is gone; `statement`: how PostgreSQL would write that.
//! * `counterpart`: keys of one table as those of another whose columns have other types.
//! * `many`: all rows that are there when a foreign key is made.

mod action;
mod counterpart;
pub mod many;
mod statement;

use super::constraint::key_text;
use super::events::Event;
use super::index::{Index, entry_row};
use super::locked::{Locked, lock_to_keep, moved_away};
use super::route::Router;
use super::table::Table;
use super::trigger::is_here;
use crate::error::{ConstraintError, ExecuteError, ExecuteResult};
use crate::evaluate::Compiler;
use crate::run::Run;
use counterpart::{counterparts, types_of};
use diagnostic::{SqlState, Subject};
use plan::target::{ForeignKey, ReferentialAction, TargetTable};
use plan::trigger::TriggerFires;
use std::sync::Arc;
use store::locks::RowMode;
use store::{Bounds, Isolation, TreeId};
use types::{Item, Value, Vector};

/// Something about a foreign key.
pub enum KeyEvent {
    /// A row that refers is new, or refers to another.
    Referring { target: Arc<TargetTable>, key: usize, id: i64 },
    /// A row referred to is gone, or has another key.
    Referred { target: Arc<TargetTable>, key: usize, old: Vec<Value>, new: Option<Vec<Value>> },
}

/// The places of columns by their numbers.
fn places(target: &TargetTable, numbers: &[u16]) -> ExecuteResult<Vec<usize>> {
    let place = |number: &u16| target.columns.iter().position(|column| column.number == *number);
    let places: Option<Vec<usize>> = numbers.iter().map(place).collect();
    places.ok_or_else(|| ExecuteError::plan("a foreign key of a column that is not there"))
}

fn values(columns: &[Vector], places: &[usize], row: usize) -> Vec<Value> {
    places.iter().map(|place| columns[*place].value(row)).collect()
}

/// A row was inserted.
pub fn inserted(table: &Table, run: &mut Run<'_, '_>, id: i64) {
    for (key, plan) in table.target.references.iter().enumerate() {
        let event = KeyEvent::Referring { target: table.target.clone(), key, id };
        queue(run, plan, plan.fires.insert, Event::key(event));
    }
}

/// A row was updated.
pub fn updated(
    table: &Table,
    run: &mut Run<'_, '_>,
    id: i64,
    (before, after): (&[Vector], &[Vector]),
    row: usize,
) -> ExecuteResult<()> {
    for (key, plan) in table.target.references.iter().enumerate() {
        let places = places(&table.target, &plan.from_columns)?;
        if values(before, &places, row) != values(after, &places, row) {
            let event = KeyEvent::Referring { target: table.target.clone(), key, id };
            queue(run, plan, plan.fires.update, Event::key(event));
        }
    }
    key_changed(table, run, (before, after), row)
}

/// A row that others may refer to is another one, here or in another partition; both in the columns of this table.
pub fn key_changed(
    table: &Table,
    run: &mut Run<'_, '_>,
    (before, after): (&[Vector], &[Vector]),
    row: usize,
) -> ExecuteResult<()> {
    for (key, plan) in table.target.referenced_by.iter().enumerate() {
        let places = places(&table.target, &plan.to_columns)?;
        let (old, new) = (values(before, &places, row), values(after, &places, row));
        if old != new && !old.iter().any(Value::is_null) {
            let event = KeyEvent::Referred { target: table.target.clone(), key, old, new: Some(new) };
            queue_action(run, plan, (plan.on_update, plan.fires.on_update), Event::key(event));
        }
    }
    Ok(())
}

/// A row has moved out of a partition: those who refer to that, and not to the table that the statement names, are told that it is
/// gone.
///
/// # Errors
/// When they refer to what is divided between the two: its rows may have stayed within it, which nobody looks at.
pub fn left(
    named: &Table,
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: &[Vector],
    row: usize,
) -> ExecuteResult<()> {
    for (key, plan) in table.target.referenced_by.iter().enumerate() {
        if named.target.referenced_by.iter().any(|of| of.written == plan.written) {
            continue;
        }
        if plan.constraint != plan.written {
            return Err(moved_past(named, table, run, plan)?);
        }
        gone(table, run, (key, plan), columns, row)?;
    }
    Ok(())
}

/// That a row may not leave a partition while a key refers to what is divided between that and the table that is named.
fn moved_past(
    named: &Table,
    table: &Table,
    run: &Run<'_, '_>,
    plan: &ForeignKey,
) -> ExecuteResult<ExecuteError> {
    let mut ancestor = &table.target.name;
    for within in &table.target.within {
        let target = run.world.catalog.target_if_any(within.routing.table)?;
        let is_referred =
            |target: Arc<TargetTable>| target.referenced_by.iter().any(|key| key.constraint == plan.written);
        if target.is_some_and(is_referred) {
            ancestor = &within.routing.name;
        }
    }
    let root = &named.target.name;
    Ok(ExecuteError::Plain {
        state: SqlState::FeatureNotSupported,
        message: "cannot move tuple across partitions when a non-root ancestor of the source partition is directly \
                  referenced in a foreign key"
            .to_owned(),
        detail: Some(format!("A foreign key points to ancestor \"{ancestor}\" but not the root ancestor \"{root}\".")),
        hint: Some(format!("Consider defining the foreign key on table \"{root}\".")),
    })
}

/// A row was deleted.
pub fn deleted(table: &Table, run: &mut Run<'_, '_>, columns: &[Vector], row: usize) -> ExecuteResult<()> {
    let mut keys = table.target.referenced_by.iter().enumerate();
    keys.try_for_each(|key| gone(table, run, key, columns, row))
}

/// A row that a key may refer to is gone.
fn gone(
    table: &Table,
    run: &mut Run<'_, '_>,
    (key, plan): (usize, &ForeignKey),
    columns: &[Vector],
    row: usize,
) -> ExecuteResult<()> {
    let places = places(&table.target, &plan.to_columns)?;
    let old = values(columns, &places, row);
    if !old.iter().any(Value::is_null) {
        let event = KeyEvent::Referred { target: table.target.clone(), key, old, new: None };
        queue_action(run, plan, (plan.on_delete.0, plan.fires.on_delete), Event::key(event));
    }
    Ok(())
}

fn queue(run: &mut Run<'_, '_>, plan: &ForeignKey, fires: Option<TriggerFires>, event: Event) {
    if !fires.is_some_and(|fires| is_here(run.world.settings.replica, fires)) {
        return;
    }
    if plan.deferrable {
        run.world.events.push(event, Some(plan.constraint), plan.initially_deferred);
    } else {
        run.world.events.push_immediate(event);
    }
}

/// Only what does nothing can be deferred.
fn queue_action(
    run: &mut Run<'_, '_>,
    plan: &ForeignKey,
    (action, fires): (ReferentialAction, Option<TriggerFires>),
    event: Event,
) {
    match action {
        ReferentialAction::NoAction => queue(run, plan, fires, event),
        _ if !fires.is_some_and(|fires| is_here(run.world.settings.replica, fires)) => {}
        ReferentialAction::Restrict
        | ReferentialAction::Cascade
        | ReferentialAction::SetNull
        | ReferentialAction::SetDefault => run.world.events.push_immediate(event),
    }
}

impl KeyEvent {
    /// Looks at it, unless the foreign key was dropped while it waited.
    pub fn run(&self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let plan = match self {
            KeyEvent::Referring { target, key, .. } => &target.references[*key],
            KeyEvent::Referred { target, key, .. } => &target.referenced_by[*key],
        };
        if plan.deferrable && !stands(run, plan)? {
            return Ok(());
        }
        match self {
            KeyEvent::Referring { target, key, id } => referring(run, target, *key, *id),
            KeyEvent::Referred { target, key, old, new } => {
                action::referred(run, target, *key, old, new.as_deref())
            }
        }
    }
}

/// Whether a foreign key is still there: it goes with either table. (A partition has it by its name.)
fn stands(run: &Run<'_, '_>, plan: &ForeignKey) -> ExecuteResult<bool> {
    let is_it = |key: &ForeignKey| key.constraint == plan.written || key.name == plan.name;
    let child = run.world.catalog.target_if_any(plan.from.0)?;
    Ok(child.is_some_and(|child| child.references.iter().any(is_it)))
}

/// A row as it is now.
fn row_now(table: &Table, run: &mut Run<'_, '_>, id: i64) -> ExecuteResult<Option<Vec<Vector>>> {
    let bytes = run.world.transaction.get_newest(table.tree(), &id.to_be_bytes())?;
    bytes.map(|bytes| table.decode(&[bytes])).transpose()
}

/// The row that has a key now, whoever sees it, by a unique index of these columns.
fn find_key(
    table: &Table,
    run: &mut Run<'_, '_>,
    places: &[usize],
    key: &[Value],
) -> ExecuteResult<Option<i64>> {
    let Some((tree, bounds)) = keys_with(table, places, key)? else { return Ok(None) };
    run.world.transaction.note_newest(tree, &bounds)?;
    let mut scan = run.world.transaction.scan_newest(tree, bounds)?;
    if scan.next()? { Ok(Some(entry_row(&scan.value()?)?)) } else { Ok(None) }
}

/// Where the entry of a key is, in a unique index of these columns; none if no row can have it.
fn keys_with(table: &Table, places: &[usize], key: &[Value]) -> ExecuteResult<Option<(TreeId, Bounds)>> {
    let whole = |index: &&Index| {
        index.unique && index.is_whole() && index.key_columns.len() == places.len() && covers(index, places)
    };
    let index = table.indexes.iter().find(whole);
    let index = index.ok_or_else(|| ExecuteError::plan("a foreign key to columns without a unique index"))?;
    Ok(prefix(index, places, key).map(|prefix| (index.tree, Bounds::prefix(&prefix))))
}

/// Whether a row has a key now; it keeps it then until the transaction ends.
fn keep_newest(run: &mut Run<'_, '_>, table: &Table, places: &[usize], key: &[Value]) -> ExecuteResult<bool> {
    while let Some(found) = find_key(table, run, places, key)? {
        let row = found.to_be_bytes();
        let wait = run.world.transaction.wait();
        run.world.transaction.lock_row(table.tree(), &row, RowMode::KeyShare, wait)?;
        match find_key(table, run, places, key)? {
            Some(still) if still == found => return Ok(true),
            Some(_) => {}
            None if run.world.transaction.was_moved(table.tree(), &row) => return Err(moved_away()),
            None => return Ok(false),
        }
    }
    Ok(false)
}

/// The same of what a transaction of one snapshot sees: what that does not show is not there, and what others have taken away of
/// it cannot be referred to.
fn keep_seen(run: &mut Run<'_, '_>, table: &Table, places: &[usize], key: &[Value]) -> ExecuteResult<bool> {
    let Some((tree, bounds)) = keys_with(table, places, key)? else { return Ok(false) };
    let mut scan = run.world.transaction.scan(tree, bounds)?;
    if !scan.next()? {
        return Ok(false);
    }
    let found = entry_row(&scan.value()?)?;
    drop(scan);
    let wait = run.world.transaction.wait();
    let of = (table.target.table, table.tree());
    Ok(match lock_to_keep(run, of, found, RowMode::KeyShare, wait)? {
        Locked::Same(_) | Locked::Changed(_) => true,
        Locked::Moved => return Err(moved_away()),
        Locked::Gone | Locked::Skipped => false,
    })
}

/// Whether the first keys of an index are these columns, in some order.
fn covers(index: &Index, places: &[usize]) -> bool {
    let front = index.key_columns.get(..places.len()).unwrap_or(&[]);
    front.len() == places.len() && places.iter().all(|place| front.contains(&Some(*place as u32)))
}

/// The beginning of an index's keys with these values; `None` if no row can have them.
fn prefix(index: &Index, places: &[usize], key: &[Value]) -> Option<Vec<u8>> {
    let mut ordered = Vec::with_capacity(places.len());
    for column in index.key_columns.iter().take(places.len()) {
        let column = (*column)? as usize;
        let value = &key[places.iter().position(|place| *place == column)?];
        ordered.push(Item::from(value));
    }
    Some(index.prefix(&ordered))
}

/// The table in which a row with a key would be that a foreign key refers to, and the places of its columns: the table itself,
/// or the partition that has such rows; none if there is none.
fn table_of_key(
    run: &mut Run<'_, '_>,
    plan: &ForeignKey,
    key: &[Value],
) -> ExecuteResult<Option<(Arc<Table>, Vec<usize>)>> {
    let parent = run.world.catalog.target(plan.to.0)?;
    let own = places(&parent, &plan.to_columns)?;
    let Some(routing) = &parent.routing else { return Ok(Some((Table::compiled(run, &parent)?, own))) };
    let compiler = Compiler::of_relation(run.world.context.types, parent.relation);
    let router = Router::new(&compiler, routing)?;
    let mut columns = Vec::with_capacity(parent.columns.len());
    for (place, column) in parent.columns.iter().enumerate() {
        let kind = crate::run::kind_of(run.world.context.types, column.column_type)?;
        let value = match own.iter().position(|known| *known == place) {
            Some(at) => key[at].clone(),
            None => Value::Null,
        };
        columns.push(Vector::constant(kind, &value, 1)?);
    }
    let (tables, _) = router.tables(run, &columns, 1)?;
    let member =
        tables.first().and_then(|number| parent.members.iter().find(|member| member.target.table == *number));
    let Some(member) = member else { return Ok(None) };
    if run.world.catalog.has_left(run.world.transaction, member.target.table, parent.table)? {
        return Ok(None);
    }
    let moved = own.iter().map(|place| member.columns.get(*place).map_or(0, |place| *place as usize));
    Ok(Some((Table::compiled(run, &member.target)?, moved.collect())))
}

/// A row refers to one that must be there.
pub fn referring(run: &mut Run<'_, '_>, target: &Arc<TargetTable>, key: usize, id: i64) -> ExecuteResult<()> {
    let plan = &target.references[key];
    let table = Table::compiled(run, target)?;
    // A row that is gone refers to nothing; one that was changed since has an event of its own.
    let Some(columns) = row_now(&table, run, id)? else { return Ok(()) };
    let own = places(target, &plan.from_columns)?;
    let wanted = values(&columns, &own, 0);
    let nulls = wanted.iter().filter(|value| value.is_null()).count();
    if nulls > 0 {
        if plan.match_full && nulls < wanted.len() {
            let detail = "MATCH FULL does not allow mixing of null and nonnull key values.".to_owned();
            return Err(missing(plan, target, detail));
        }
        return Ok(());
    }
    let types = types_of(target, &own);
    let parent = run.world.catalog.target(plan.to.0)?;
    let places_there = places(&parent, &plan.to_columns)?;
    // A value that the other type does not have is not there.
    let sought = counterparts(run, (&wanted, &types), &parent, &places_there)?;
    let found_in = match &sought {
        Some(sought) => table_of_key(run, plan, sought)?,
        None => None,
    };
    if let (Some((parent_table, parent_places)), Some(wanted)) = (&found_in, &sought) {
        // For partitions the newest rows are looked at, whatever the transaction sees (PostgreSQL's `RI_FKey_check`).
        let one_snapshot =
            run.world.transaction.isolation() != Isolation::ReadCommitted && parent.routing.is_none();
        let is_there = match one_snapshot {
            true => keep_seen(run, parent_table, parent_places, wanted)?,
            false => keep_newest(run, parent_table, parent_places, wanted)?,
        };
        if is_there {
            return Ok(());
        }
    }
    if !target.tells(own.iter().copied().map(Some)) {
        return Err(missing(plan, target, format!("Key is not present in table \"{}\".", plan.to.1)));
    }
    let names = key_names(target, &own);
    let keys: Vec<Vector> = own.iter().map(|place| columns[*place].clone()).collect();
    let shown = key_text(&run.world.context, &names, &types, &keys, 0)?;
    Err(missing(plan, target, format!("Key {shown} is not present in table \"{}\".", plan.to.1)))
}

fn key_names(target: &TargetTable, places: &[usize]) -> Vec<String> {
    places.iter().map(|place| target.columns[*place].name.clone()).collect()
}

fn missing(plan: &ForeignKey, target: &TargetTable, detail: String) -> ExecuteError {
    ConstraintError {
        state: SqlState::ForeignKeyViolation,
        message: format!(
            "insert or update on table \"{}\" violates foreign key constraint \"{}\"",
            plan.from.1, plan.name
        ),
        detail: Some(detail),
        subject: subject(plan, target),
    }
    .into()
}

fn subject(plan: &ForeignKey, target: &TargetTable) -> Subject {
    Subject {
        schema: Some(target.schema.clone()),
        table: Some(plan.from.1.clone()),
        constraint: Some(plan.name.clone()),
        ..Subject::default()
    }
}
