//! What `ON UPDATE` and `ON DELETE` say is done with rows that refer to a key that is gone.
//!
//! It is done as by a statement of PostgreSQL's: to the table that the constraint was made for, and where that is
//! partitioned to all of its partitions, so that rows go to the partition that their new key asks for. A part of a
//! partitioned table's key does nothing by itself.

use super::super::constraint::key_text;
use super::super::index::entry_row;
use super::super::member::Targets;
use super::super::published::{self, Done};
use super::super::table::Table;
use super::counterpart::{assigned, counterparts, types_of};
use super::statement;
use super::{covers, find_key, key_names, places, prefix, row_now, subject, table_of_key};
use crate::error::{ConstraintError, ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator};
use crate::run::Run;
use diagnostic::SqlState;
use plan::target::{ForeignKey, ReferentialAction, TargetTable};
use plan::trigger::TriggerEvent;
use std::sync::Arc;
use store::Bounds;
use store::locks::RowMode;
use types::{Item, Value, Vector};

/// A row that refers: the member of the table that it is of, if it has some, and its id.
type Row = (Option<usize>, i64);

/// A key that is gone, and who may refer to it.
struct Gone<'k> {
    plan: &'k ForeignKey,
    /// The table that had the key.
    target: &'k TargetTable,
    /// The table that refers.
    child: Arc<Targets>,
    /// The places of its columns that refer.
    own: Vec<usize>,
    /// The key.
    old: &'k [Value],
    /// The same as rows that refer have it; none if none can.
    sought: Option<Vec<Value>>,
}

/// A row that others may refer to is gone, or has another key.
pub(super) fn referred(
    run: &mut Run<'_, '_>,
    target: &Arc<TargetTable>,
    key: usize,
    old: &[Value],
    new: Option<&[Value]>,
) -> ExecuteResult<()> {
    let plan = &target.referenced_by[key];
    let action = if new.is_some() { plan.on_update } else { plan.on_delete.0 };
    let child = run.world.catalog.referring(plan.from.0)?;
    // Somebody may have taken the key since.
    if action == ReferentialAction::NoAction && is_there(run, &child, plan, old)? {
        return Ok(());
    }
    let own = places(&child, &plan.from_columns)?;
    let types = types_of(target, &places(target, &plan.to_columns)?);
    let sought = counterparts(run, (old, &types), &child, &own)?;
    let gone = Gone { plan, target, child: changed_whole(run, child)?, own, old, sought };
    let mut rows = gone.rows(run)?;
    if matches!(action, ReferentialAction::NoAction | ReferentialAction::Restrict) {
        // Whoever removes a row that refers may be about to commit; one that nobody removes is enough.
        while gone.await_others(run, rows.first())? {
            rows = gone.rows(run)?;
        }
    }
    // Rows that refer are changed as by a statement of a trigger's function: triggers are a level deeper.
    run.world.context.session.enter_trigger();
    let done = gone.act(run, action, &rows, new);
    run.world.context.session.leave_trigger();
    done
}

/// A table that refers, compiled once for all events that are run together: with its partitions, but without tables that
/// inherit from it.
fn changed_whole(run: &mut Run<'_, '_>, mut target: Arc<TargetTable>) -> ExecuteResult<Arc<Targets>> {
    if let Some(found) = run.state.referring.get(&target.table) {
        return Ok(found.clone());
    }
    if target.routing.is_none() && !target.members.is_empty() {
        Arc::make_mut(&mut target).members.clear();
    }
    let found = Arc::new(Targets::new(&Compiler::new(run.world.context.types), &target)?);
    run.state.referring.insert(target.table, found.clone());
    Ok(found)
}

/// Whether there is a row with a key that a table refers to.
fn is_there(
    run: &mut Run<'_, '_>,
    child: &TargetTable,
    plan: &ForeignKey,
    key: &[Value],
) -> ExecuteResult<bool> {
    let forward = child.references.iter().find(|forward| forward.constraint == plan.written);
    match table_of_key(run, forward.unwrap_or(plan), key)? {
        Some((table, places)) => Ok(find_key(&table, run, &places, key)?.is_some()),
        None => Ok(false),
    }
}

fn default_of(run: &mut Run<'_, '_>, target: &TargetTable, place: usize) -> ExecuteResult<Value> {
    match run.world.catalog.default_of(target.table, target.columns[place].number)? {
        None => Ok(Value::Null),
        Some(expression) => Evaluator::new(&Compiler::new(run.world.context.types), &expression)?.value(run),
    }
}

impl Gone<'_> {
    /// What is to be done with rows that refer.
    fn act(
        &self,
        run: &mut Run<'_, '_>,
        action: ReferentialAction,
        rows: &[Row],
        new: Option<&[Value]>,
    ) -> ExecuteResult<()> {
        match (action, new) {
            (ReferentialAction::NoAction | ReferentialAction::Restrict, _) => match rows.is_empty() {
                true => Ok(()),
                false => Err(self.still_referred(run)?),
            },
            (ReferentialAction::Cascade, None) => {
                let done = self.refuse_published(Done::Delete).and_then(|()| self.remove(run, rows));
                done.map_err(|error| self.within(run, error, None))
            }
            (ReferentialAction::Cascade, Some(new)) => self.cascade(run, rows, new),
            (ReferentialAction::SetNull | ReferentialAction::SetDefault, _) => {
                let chosen = match new {
                    None if !self.plan.on_delete.1.is_empty() => {
                        places(&self.child.named.target, &self.plan.on_delete.1)?
                    }
                    _ => self.own.clone(),
                };
                self.set(run, action, rows, &chosen)
            }
        }
    }

    /// Refuses to change rows that are published where nobody could tell which they were.
    fn refuse_published(&self, done: Done) -> ExecuteResult<()> {
        if self.child.members.is_empty() {
            return published::refuse(&self.child.named.target, done);
        }
        self.child.members.iter().try_for_each(|member| published::refuse(&member.table.target, done))
    }

    /// `SET NULL`, `SET DEFAULT`
    fn set(
        &self,
        run: &mut Run<'_, '_>,
        action: ReferentialAction,
        rows: &[Row],
        chosen: &[usize],
    ) -> ExecuteResult<()> {
        let resets = action == ReferentialAction::SetDefault;
        let child = &self.child.named.target;
        let done = self.refuse_published(Done::Update).and_then(|()| match rows {
            // Where there are no rows, nothing is computed for them.
            [] => self.change(run, rows, chosen, &[]),
            _ => self.reset(run, chosen, resets).and_then(|values| self.change(run, rows, chosen, &values)),
        });
        let to = if resets { statement::Assigned::Default } else { statement::Assigned::Null };
        done.map_err(|error| self.within(run, error, Some((chosen, to))))?;
        // Rows whose defaults are the very key that is gone refer to it still.
        let refer_still =
            resets && !self.rows(run)?.is_empty() && !is_there(run, child, self.plan, self.old)?;
        if refer_still { Err(self.still_referred(run)?) } else { Ok(()) }
    }

    /// NULL, or the defaults, for columns; a domain may not allow the former.
    fn reset(&self, run: &mut Run<'_, '_>, chosen: &[usize], defaults: bool) -> ExecuteResult<Vec<Value>> {
        let child = &self.child.named.target;
        let mut values = Vec::with_capacity(chosen.len());
        for (place, to) in chosen.iter().zip(types_of(child, chosen)) {
            values.push(match defaults {
                true => default_of(run, child, *place)?,
                false => assigned(run, &Value::Null, run.world.context.types.undomained(to), to)?,
            });
        }
        Ok(values)
    }

    /// `ON UPDATE CASCADE`
    fn cascade(&self, run: &mut Run<'_, '_>, rows: &[Row], new: &[Value]) -> ExecuteResult<()> {
        let done = self.refuse_published(Done::Update).and_then(|()| self.assigned_key(run, rows, new));
        let done = done.and_then(|values| self.change(run, rows, &self.own, &values));
        done.map_err(|error| self.within(run, error, Some((&self.own, statement::Assigned::Key))))
    }

    /// A key as it is assigned to the columns that refer; where there are no rows, nothing is computed for them.
    fn assigned_key(&self, run: &mut Run<'_, '_>, rows: &[Row], new: &[Value]) -> ExecuteResult<Vec<Value>> {
        if rows.is_empty() {
            return Ok(new.to_vec());
        }
        let child = &self.child.named.target;
        let from = types_of(self.target, &places(self.target, &self.plan.to_columns)?);
        let pairs = new.iter().zip(from).zip(types_of(child, &self.own));
        pairs.map(|((value, from), to)| assigned(run, value, from, to)).collect()
    }

    /// An error of the statement that PostgreSQL would run.
    fn within(
        &self,
        run: &Run<'_, '_>,
        error: ExecuteError,
        set: Option<(&[usize], statement::Assigned)>,
    ) -> ExecuteError {
        let (child, types) = (&self.child.named.target, run.world.context.types);
        let text = statement::text(types, (child, &self.own), (self.target, self.plan), set);
        error.within(format!("SQL statement \"{text}\""))
    }

    fn still_referred(&self, run: &Run<'_, '_>) -> ExecuteResult<ExecuteError> {
        let (plan, target) = (self.plan, self.target);
        let own = places(target, &plan.to_columns)?;
        let types: Vec<types::Type> = own.iter().map(|place| target.columns[*place].column_type).collect();
        let mut keys = Vec::with_capacity(self.old.len());
        for (value, of) in self.old.iter().zip(&types) {
            keys.push(Vector::constant(crate::run::kind_of(run.world.context.types, *of)?, value, 1)?);
        }
        let shown = match target.tells(own.iter().copied().map(Some)) {
            false => String::new(),
            true => {
                format!("{} ", key_text(&run.world.context, &key_names(target, &own), &types, &keys, 0)?)
            }
        };
        Ok(ConstraintError {
            state: SqlState::ForeignKeyViolation,
            message: format!(
                "update or delete on table \"{}\" violates foreign key constraint \"{}\" on table \"{}\"",
                plan.to.1, plan.name, plan.from.1
            ),
            detail: Some(format!("Key {shown}is still referenced from table \"{}\".", plan.from.1)),
            subject: subject(plan, target),
        }
        .into())
    }

    /// The table that a row is of, and the places of the columns that refer.
    fn table(&self, member: Option<usize>) -> (&Table, Vec<usize>) {
        match member {
            None => (&self.child.named, self.own.clone()),
            Some(member) => {
                let member = &self.child.members[member];
                (&member.table, self.own.iter().map(|place| member.place(*place as u32) as usize).collect())
            }
        }
    }

    /// The rows that refer to the key, as they are now.
    fn rows(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<Row>> {
        let mut found = Vec::new();
        let Some(sought) = &self.sought else { return Ok(found) };
        let members = (0..self.child.members.len()).map(Some);
        let alone = self.child.members.is_empty().then_some(None);
        for member in alone.into_iter().chain(members) {
            let (table, own) = self.table(member);
            found.extend(referring_rows(table, run, &own, sought)?.into_iter().map(|id| (member, id)));
        }
        Ok(found)
    }

    /// Waits for somebody who is changing a row; whether there was anybody.
    fn await_others(&self, run: &mut Run<'_, '_>, row: Option<&Row>) -> ExecuteResult<bool> {
        let Some((member, id)) = row else { return Ok(false) };
        let (tree, id) = (self.table(*member).0.tree(), id.to_be_bytes());
        let held = run.world.transaction.held_by_others(tree, RowMode::KeyShare, vec![id])?.is_some();
        if held {
            run.world.transaction.await_row(tree, &id, RowMode::KeyShare)?;
        }
        Ok(held)
    }

    /// A row that refers to the key, locked; `None` if it does not any more.
    fn locked(
        &self,
        run: &mut Run<'_, '_>,
        (member, id): Row,
        mode: RowMode,
    ) -> ExecuteResult<Option<Vec<Vector>>> {
        let (table, own) = self.table(member);
        let wait = run.world.transaction.wait();
        run.world.transaction.lock_row(table.tree(), &id.to_be_bytes(), mode, wait)?;
        let Some(columns) = row_now(table, run, id)? else { return Ok(None) };
        let refers = match &self.sought {
            Some(sought) => refers(table, run, &columns, &own, sought)?,
            None => false,
        };
        Ok(refers.then_some(columns))
    }

    /// Removes rows.
    fn remove(&self, run: &mut Run<'_, '_>, rows: &[Row]) -> ExecuteResult<()> {
        let named = &self.child.named;
        named.before_statement(run, TriggerEvent::Delete, &[])?;
        for (member, id) in rows {
            run.check()?;
            let Some(columns) = self.locked(run, (*member, *id), RowMode::Update)? else { continue };
            self.child.remove(run, *member, &[*id], columns)?;
        }
        named.after_statement(run, TriggerEvent::Delete, &[])
    }

    /// Puts values into columns of rows.
    fn change(
        &self,
        run: &mut Run<'_, '_>,
        rows: &[Row],
        chosen: &[usize],
        values: &[Value],
    ) -> ExecuteResult<()> {
        let named = &self.child.named;
        let assigned = named.with_generated(chosen.iter().map(|place| *place as u32));
        named.before_statement(run, TriggerEvent::Update, &assigned)?;
        for (member, id) in rows {
            run.check()?;
            let Some(before) = self.locked(run, (*member, *id), RowMode::NoKeyUpdate)? else { continue };
            let mut after = match member {
                None => before.clone(),
                Some(member) => self.child.members[*member].to_named(&before),
            };
            for (place, value) in chosen.iter().zip(values) {
                after[*place] = Vector::constant(named.kinds[*place], value, 1)?;
            }
            self.child.update(run, *member, &[*id], (before, after), &assigned)?;
        }
        named.after_statement(run, TriggerEvent::Update, &assigned)
    }
}

/// Ids of the rows that refer to a key, as they are now.
fn referring_rows(
    child: &Table,
    run: &mut Run<'_, '_>,
    own: &[usize],
    key: &[Value],
) -> ExecuteResult<Vec<i64>> {
    let mut rows = Vec::new();
    let index =
        child.indexes.iter().find(|index| index.is_ordered() && index.is_whole() && covers(index, own));
    if let Some(index) = index {
        let Some(prefix) = prefix(index, own, key) else { return Ok(rows) };
        let bounds = Bounds::prefix(&prefix);
        run.world.transaction.note_newest(index.tree, &bounds)?;
        let mut scan = run.world.transaction.scan_newest(index.tree, bounds)?;
        while scan.next()? {
            rows.push(entry_row(&scan.value()?)?);
        }
        return Ok(rows);
    }
    run.world.transaction.note_newest(child.tree(), &Bounds::all())?;
    let mut scan = run.world.transaction.scan_newest(child.tree(), Bounds::all())?;
    while scan.next()? {
        let columns = child.decode(&[scan.value()?])?;
        if refers(child, run, &columns, own, key)? {
            rows.extend(scan.key().first_chunk::<8>().map(|id| i64::from_be_bytes(*id)));
        }
    }
    Ok(rows)
}

/// Whether a row has a key.
fn refers(
    child: &Table,
    run: &Run<'_, '_>,
    columns: &[Vector],
    own: &[usize],
    key: &[Value],
) -> ExecuteResult<bool> {
    for (place, value) in own.iter().zip(key) {
        let of = child.target.columns[*place].column_type;
        let order = run.world.context.types.order(of);
        let order = order.ok_or_else(|| ExecuteError::plan("a foreign key of a type without order"))?;
        let item = columns[*place].item(0);
        if item.is_null() || order.compare(&item, &Item::from(value)).is_ne() {
            return Ok(false);
        }
    }
    Ok(true)
}
