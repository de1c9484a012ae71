//! A table's triggers: which fire, with which rows, and what becomes of these.
//!
//! Invariants
//!
//! 1. Triggers of one kind fire in the order of their names; each sees the row as those before it have left it.
//! 2. `BEFORE` and `INSTEAD OF` are called at once, row by row; `AFTER` is queued ([`super::events`]) with the rows as they
//!    are then, together with what foreign keys ask, which PostgreSQL has as triggers of a name of theirs.
//! 3. What a statement has changed of the table that it names is kept for triggers that look at all of it.

use super::table::Table;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions};
use crate::run::Run;
use plan::expression::RelationId;
use plan::target::TargetTable;
use plan::trigger::{
    Trigger, TriggerCall, TriggerEvent, TriggerFires, TriggerLevel, TriggerTable, TriggerWhen, Triggers,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::vector::Chunk;
use types::{Kind, Types, Value, Vector};

/// Triggers of names before this fire before foreign keys are looked at.
const KEYS: &str = "RI_ConstraintTrigger";

/// The triggers, compiled.
pub struct TableTriggers {
    /// What the plan says of them.
    pub plan: Arc<Triggers>,
    conditions: Vec<Conditions>,
    /// The places of those of a kind.
    kinds: BTreeMap<(TriggerWhen, TriggerLevel, TriggerEvent), Vec<usize>>,
}

impl TableTriggers {
    /// Compiles their conditions.
    pub fn new(types: &dyn Types, plan: &Arc<Triggers>) -> ExecuteResult<TableTriggers> {
        let compiled = |trigger: &Arc<Trigger>| {
            let mut rows = RelationId(u32::MAX);
            if let Some(condition) = &trigger.condition {
                condition.for_each_column(&mut |column| rows = column.relation);
            }
            Conditions::new(&Compiler::of_relation(types, rows), trigger.condition.as_slice())
        };
        let conditions = plan.all.iter().map(compiled).collect::<ExecuteResult<_>>()?;
        let mut kinds: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (place, trigger) in plan.all.iter().enumerate() {
            for event in &trigger.events {
                kinds.entry((trigger.when, trigger.level, *event)).or_default().push(place);
            }
        }
        Ok(TableTriggers { plan: plan.clone(), conditions, kinds })
    }
}

/// Whether a trigger fires in this session.
fn fires_here(replica: bool, trigger: &Trigger) -> bool {
    is_here(replica, trigger.fires)
}

/// Whether a session, which plays a replica or not, is one in which something fires.
pub(super) fn is_here(replica: bool, fires: TriggerFires) -> bool {
    match fires {
        TriggerFires::Always => true,
        TriggerFires::Origin => !replica,
        TriggerFires::Replica => replica,
    }
}

/// Whether one of the columns is assigned to that a trigger asks for.
fn is_asked(trigger: &Trigger, event: TriggerEvent, assigned: &[u32]) -> bool {
    event != TriggerEvent::Update
        || trigger.columns.is_empty()
        || trigger.columns.iter().any(|column| assigned.contains(column))
}

/// A row or its columns before and after: what a condition of a trigger is over.
fn both(
    kinds: &[Kind],
    old: Option<&[Vector]>,
    new: Option<&[Vector]>,
    rows: usize,
) -> ExecuteResult<Vec<Vector>> {
    let mut columns = Vec::with_capacity(kinds.len() * 2);
    for side in [old, new] {
        match side {
            Some(side) => columns.extend_from_slice(side),
            None => {
                for kind in kinds {
                    columns.push(Vector::constant(*kind, &Value::Null, rows)?);
                }
            }
        }
    }
    Ok(columns)
}

fn values_at(columns: &[Vector], row: usize) -> Vec<Value> {
    columns.iter().map(|column| column.value(row)).collect()
}

/// A call without rows.
pub fn call_of(table: &Arc<TriggerTable>, trigger: &Arc<Trigger>, event: TriggerEvent) -> TriggerCall {
    TriggerCall {
        trigger: trigger.clone(),
        event,
        table: table.clone(),
        assigned: Vec::new(),
        old: None,
        new: None,
        transitions: Arc::default(),
    }
}

/// A row of some kind of trigger.
struct RowKind<'k> {
    when: TriggerWhen,
    event: TriggerEvent,
    assigned: &'k [u32],
}

impl Table {
    /// The triggers of a kind that may fire now, with their places.
    fn firing<'t>(
        &'t self,
        run: &Run<'_, '_>,
        when: TriggerWhen,
        level: TriggerLevel,
        event: TriggerEvent,
    ) -> impl Iterator<Item = (usize, &'t Arc<Trigger>)> + use<'t> {
        let replica = run.world.settings.replica;
        let places = self.triggers.as_ref().into_iter().flat_map(move |triggers| {
            let places = triggers.kinds.get(&(when, level, event)).map_or(&[][..], Vec::as_slice);
            places.iter().map(|place| (*place, &triggers.plan.all[*place]))
        });
        places.filter(move |(_, trigger)| fires_here(replica, trigger))
    }

    /// Whether rows are looked at before this is done with them.
    pub fn asks_before(&self, event: TriggerEvent) -> bool {
        self.triggers.as_ref().is_some_and(|triggers| {
            triggers.kinds.contains_key(&(TriggerWhen::Before, TriggerLevel::Row, event))
        })
    }

    /// Calls triggers before a row is inserted or updated: the row as they want it; none if nothing is to be done.
    pub fn before_row(
        &self,
        run: &mut Run<'_, '_>,
        event: TriggerEvent,
        assigned: &[u32],
        (old, new): (Option<&[Vector]>, Option<Vec<Vector>>),
    ) -> ExecuteResult<Option<Vec<Vector>>> {
        self.call_for_row(run, &RowKind { when: TriggerWhen::Before, event, assigned }, (old, new))
    }

    /// Calls triggers in the place of a change of a view's row.
    pub fn instead_of_row(
        &self,
        run: &mut Run<'_, '_>,
        event: TriggerEvent,
        (old, new): (Option<&[Vector]>, Option<Vec<Vector>>),
    ) -> ExecuteResult<Option<Vec<Vector>>> {
        self.call_for_row(run, &RowKind { when: TriggerWhen::InsteadOf, event, assigned: &[] }, (old, new))
    }

    fn call_for_row(
        &self,
        run: &mut Run<'_, '_>,
        kind: &RowKind<'_>,
        (old, mut new): (Option<&[Vector]>, Option<Vec<Vector>>),
    ) -> ExecuteResult<Option<Vec<Vector>>> {
        let kept = || Ok(old.map_or_else(Vec::new, <[Vector]>::to_vec));
        let Some(triggers) = &self.triggers else { return new.map_or_else(kept, Ok).map(Some) };
        for (place, trigger) in self.firing(run, kind.when, TriggerLevel::Row, kind.event) {
            if !is_asked(trigger, kind.event, kind.assigned)
                || !self.holds(run, place, (old, new.as_deref()), 1)?[0]
            {
                continue;
            }
            let mut call = call_of(&triggers.plan.table, trigger, kind.event);
            call.assigned = kind.assigned.to_vec();
            call.old = old.map(|old| values_at(old, 0));
            call.new = new.as_ref().map(|new| values_at(new, 0));
            let Some(row) = run.world.call_trigger(trigger.function, &call)? else { return Ok(None) };
            if let Some(columns) = &mut new
                && call.new.as_ref() != Some(&row)
            {
                self.put_row(columns, &row)?;
                let inserted = kind.event == TriggerEvent::Insert;
                if trigger.cloned && inserted && !self.is_within(run, columns)? {
                    return Err(moved(trigger, &self.target));
                }
            }
        }
        new.map_or_else(kept, Ok).map(Some)
    }

    /// Puts a trigger's values into the places of a row's.
    fn put_row(&self, columns: &mut [Vector], row: &[Value]) -> ExecuteResult<()> {
        if row.len() != columns.len() {
            return Err(ExecuteError::plan("a trigger's row has other columns than its table"));
        }
        for ((column, kind), value) in columns.iter_mut().zip(&self.kinds).zip(row) {
            if column.value(0) != *value {
                *column = Vector::constant(*kind, value, 1)?;
            }
        }
        Ok(())
    }

    /// For each row whether the condition of the trigger at a place is true.
    fn holds(
        &self,
        run: &mut Run<'_, '_>,
        place: usize,
        (old, new): (Option<&[Vector]>, Option<&[Vector]>),
        rows: usize,
    ) -> ExecuteResult<Vec<bool>> {
        let condition = self.triggers.as_ref().and_then(|triggers| triggers.conditions.get(place));
        let Some(condition) = condition.filter(|condition| !condition.is_empty()) else {
            return Ok(vec![true; rows]);
        };
        let truths = condition.truths(run, &both(&self.kinds, old, new, rows)?, rows)?;
        Ok(truths.into_iter().map(|truth| truth == Some(true)).collect())
    }

    /// What is to be called when rows have been changed; none if nothing is.
    pub fn after_rows(
        &self,
        run: &mut Run<'_, '_>,
        event: TriggerEvent,
        assigned: &[u32],
        (old, new): (Option<&[Vector]>, Option<&[Vector]>),
        rows: usize,
    ) -> ExecuteResult<Option<AfterRows>> {
        let mut fired = Vec::new();
        for (place, trigger) in self.firing(run, TriggerWhen::After, TriggerLevel::Row, event) {
            if is_asked(trigger, event, assigned) {
                fired.push((place, self.holds(run, place, (old, new), rows)?));
            }
        }
        if fired.is_empty() {
            return Ok(None);
        }
        let kept = |side: Option<&[Vector]>| side.map(Arc::from);
        Ok(Some(AfterRows { target: self.target.clone(), event, old: kept(old), new: kept(new), fired }))
    }

    /// Calls triggers before a statement changes rows; once for a statement, whatever else it does to the table.
    pub fn before_statement(
        &self,
        run: &mut Run<'_, '_>,
        event: TriggerEvent,
        assigned: &[u32],
    ) -> ExecuteResult<()> {
        let mut firing = self.firing(run, TriggerWhen::Before, TriggerLevel::Statement, event).peekable();
        let Some(triggers) = self.triggers.as_ref().filter(|_| firing.peek().is_some()) else {
            return Ok(());
        };
        if run.world.events.was_begun(self.target.table, event) {
            return Ok(());
        }
        for (place, trigger) in firing {
            if is_asked(trigger, event, assigned) && self.holds(run, place, (None, None), 1)?[0] {
                let call = call_of(&triggers.plan.table, trigger, event);
                if run.world.call_trigger(trigger.function, &call)?.is_some() {
                    return Err(ExecuteError::plain(
                        diagnostic::SqlState::ERIETriggerProtocolViolated,
                        "BEFORE STATEMENT trigger cannot return a value",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Queues what is called when a statement has changed rows.
    pub fn after_statement(
        &self,
        run: &mut Run<'_, '_>,
        event: TriggerEvent,
        assigned: &[u32],
    ) -> ExecuteResult<()> {
        let mut firing = self.firing(run, TriggerWhen::After, TriggerLevel::Statement, event).peekable();
        if firing.peek().is_none() {
            return Ok(());
        }
        run.world.events.forget_statement(self.target.table, event);
        for (place, trigger) in firing {
            if is_asked(trigger, event, assigned) && self.holds(run, place, (None, None), 1)?[0] {
                let target = self.target.clone();
                let fired = FiredTrigger { target, place, event, old: None, new: None, turn: 0 };
                run.world.events.push_trigger(fired, None);
            }
        }
        Ok(())
    }

    /// Keeps rows that a statement has changed of the table that it names, if triggers look at all of them.
    pub fn keep_changed(
        &self,
        run: &mut Run<'_, '_>,
        event: TriggerEvent,
        (old, new): (Option<&[Vector]>, Option<&[Vector]>),
        rows: usize,
    ) {
        let Some(triggers) = self.triggers.as_ref().filter(|_| rows > 0) else { return };
        let wants = |table: fn(&Trigger) -> &Option<String>| {
            triggers.plan.all.iter().any(|it| it.events.contains(&event) && table(it).is_some())
        };
        let (old, new) = (
            old.filter(|_| wants(|trigger| &trigger.old_table)),
            new.filter(|_| wants(|trigger| &trigger.new_table)),
        );
        if old.is_some() || new.is_some() {
            let chunk = |columns: &[Vector]| Chunk::new(columns.to_vec(), rows);
            run.world.events.keep_changed(self.target.table, event, (old.map(chunk), new.map(chunk)));
        }
    }
}

fn moved(trigger: &Trigger, target: &TargetTable) -> ExecuteError {
    ExecuteError::Plain {
        state: diagnostic::SqlState::FeatureNotSupported,
        message: "moving row to another partition during a BEFORE FOR EACH ROW trigger is not supported"
            .to_owned(),
        detail: Some(format!(
            "Before executing trigger \"{}\", the row was to be in partition \"{}.{}\".",
            trigger.name, target.schema, target.name
        )),
        hint: None,
    }
}

/// What is to be called for rows that were changed.
pub struct AfterRows {
    target: Arc<TargetTable>,
    event: TriggerEvent,
    old: Option<Arc<[Vector]>>,
    new: Option<Arc<[Vector]>>,
    /// The places of triggers, and for which rows.
    fired: Vec<(usize, Vec<bool>)>,
}

impl AfterRows {
    /// Queues it for a row: what comes before foreign keys are looked at, or after that.
    pub fn queue(&self, run: &mut Run<'_, '_>, row: usize, before_keys: bool) {
        let Some(triggers) = &self.target.triggers else { return };
        for (place, rows) in &self.fired {
            let Some(trigger) = triggers.all.get(*place) else { continue };
            if rows[row] && (trigger.name.as_str() < KEYS) == before_keys {
                let image = |side: &Option<Arc<[Vector]>>| side.clone().map(|columns| (columns, row));
                let (old, new) = (image(&self.old), image(&self.new));
                let target = self.target.clone();
                let fired = FiredTrigger { target, place: *place, event: self.event, old, new, turn: 0 };
                run.world.events.push_trigger(fired, trigger.deferrable);
            }
        }
    }
}

/// Columns of rows, and one of them.
type RowImage = (Arc<[Vector]>, usize);

/// A trigger that waits.
pub struct FiredTrigger {
    /// Whose it is.
    pub target: Arc<TargetTable>,
    /// Its place among the table's.
    pub place: usize,
    /// What was done.
    pub event: TriggerEvent,
    old: Option<RowImage>,
    new: Option<RowImage>,
    /// Of a statement's: how often such had been forgotten before it was queued.
    pub turn: u64,
}

impl FiredTrigger {
    /// The trigger.
    pub fn trigger(&self) -> Option<&Arc<Trigger>> {
        self.target.triggers.as_ref()?.all.get(self.place)
    }

    /// Calls it. `data` is where the rows are that the statement has changed.
    pub fn run(&self, run: &mut Run<'_, '_>, data: Option<usize>) -> ExecuteResult<()> {
        let (Some(triggers), Some(trigger)) = (&self.target.triggers, self.trigger()) else { return Ok(()) };
        if trigger.deferrable.is_some() && !self.stands(run, trigger)? {
            let message = format!("could not find trigger {}", trigger.oid);
            return Err(ExecuteError::plain(diagnostic::SqlState::InternalError, message));
        }
        let mut call = call_of(&triggers.table, trigger, self.event);
        let row = |image: &Option<RowImage>| image.as_ref().map(|(columns, row)| values_at(columns, *row));
        (call.old, call.new) = (row(&self.old), row(&self.new));
        call.transitions = run.world.events.transitions(&triggers.table, trigger, data);
        run.world.call_trigger(trigger.function, &call).map(drop)
    }

    /// Whether a trigger that may have been put off is still there.
    fn stands(&self, run: &Run<'_, '_>, trigger: &Trigger) -> ExecuteResult<bool> {
        let Some(table) = run.world.catalog.target_if_any(self.target.table)? else { return Ok(false) };
        let Some(triggers) = &table.triggers else { return Ok(false) };
        Ok(triggers.all.iter().any(|own| own.oid == trigger.oid))
    }

    /// Whether it is for the statement, not for a row.
    pub fn is_for_statement(&self) -> bool {
        self.old.is_none() && self.new.is_none()
    }
}

/// The triggers of a statement, before its first row and after its last.
#[derive(Default)]
pub struct StatementTriggers {
    /// What the statement does, with what it assigns to.
    events: Vec<(TriggerEvent, Vec<u32>)>,
    begun: bool,
    ended: bool,
}

impl StatementTriggers {
    /// Of what a statement does, in the order in which that begins.
    pub fn new(events: Vec<(TriggerEvent, Vec<u32>)>) -> StatementTriggers {
        StatementTriggers { events, begun: false, ended: false }
    }

    /// Before the first row.
    pub fn begin(&mut self, table: &Table, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if table.triggers.is_none() || std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        self.events.iter().try_for_each(|(event, assigned)| table.before_statement(run, *event, assigned))
    }

    /// After the last.
    pub fn end(&mut self, table: &Table, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if table.triggers.is_none() || std::mem::replace(&mut self.ended, true) {
            return Ok(());
        }
        let events = self.events.iter().rev();
        events.clone().try_for_each(|(event, assigned)| table.after_statement(run, *event, assigned))
    }

    /// The statement begins again.
    pub fn rewind(&mut self) {
        (self.begun, self.ended) = (false, false);
    }
}
