//! INSERT.

use super::conflict::Conflict;
use super::constraint::first_violation;
use super::foreign_key;
use super::index::Entries;
use super::member::{MemberTable, Targets, numbered};
use super::needs_view;
use super::published::{self, Done};
use super::table::Table;
use super::together::write_together;
use super::trigger::StatementTriggers;
use super::write::{all_entries, entries_unless_held, insert_row, insert_row_computing};
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Evaluator, evaluate_all};
use crate::operator::{BoxedOperator, Builder, Operator};
use crate::run::Run;
use diagnostic::{Diagnostic, SqlState};
use plan::expression::Expression;
use plan::physical::{Node, PhysicalConflict};
use plan::target::{PolicyCheck, TargetTable};
use plan::trigger::TriggerEvent;
use std::sync::Arc;
use store::SequenceId;
use types::vector::Chunk;
use types::{Kind, Vector};

/// The operator.
pub struct Insert {
    targets: Targets,
    input: BoxedOperator,
    values: Vec<Evaluator>,
    /// What is done about rows whose keys somebody has: of the named table, or of each member.
    conflicts: Vec<Conflict>,
    counts: bool,
    needs_view: bool,
    triggers: StatementTriggers,
    /// Whether the ids of rows come behind their columns.
    row_ids: bool,
}

impl Insert {
    /// As the plan says.
    pub fn new(
        builder: &Builder<'_>,
        target: &Arc<TargetTable>,
        input: &Node,
        values: &[Expression],
        conflict: Option<&PhysicalConflict>,
    ) -> ExecuteResult<Insert> {
        let targets = Targets::new(&builder.compiler, target)?;
        let conflicts = match conflict {
            None => Vec::new(),
            Some(plan) if targets.routes() => {
                let of_member =
                    |member: &MemberTable| Conflict::of_member(&builder.compiler, member, plan, &target.name);
                targets.members.iter().map(of_member).collect::<ExecuteResult<_>>()?
            }
            Some(plan) => vec![Conflict::new(&builder.compiler, &targets.named, plan, &target.name)?],
        };
        let input_rows = builder.input_of_change(input, values)?;
        let values = Evaluator::list(&builder.compiler, values)?;
        let needs_view = targets.has_triggers() || needs_view(builder, input);
        let mut events = vec![(TriggerEvent::Insert, Vec::new())];
        if let Some(update) = conflict.and_then(|conflict| conflict.update.as_ref()) {
            let assigned = update.assignments.iter().map(|(place, _)| *place);
            events.push((TriggerEvent::Update, targets.named.with_generated(assigned)));
        }
        let triggers = StatementTriggers::new(events);
        let counts = builder.counts;
        Ok(Insert {
            targets,
            input: input_rows,
            values,
            conflicts,
            counts,
            needs_view,
            triggers,
            row_ids: false,
        })
    }

    /// Has the ids of rows come behind their columns.
    #[must_use]
    pub fn with_ids(mut self, row_ids: bool) -> Insert {
        self.row_ids = row_ids;
        self
    }

    /// Inserts rows, or does what is to be done instead.
    fn insert(&self, run: &mut Run<'_, '_>, columns: Vec<Vector>, rows: usize) -> ExecuteResult<Chunk> {
        match self.conflicts.as_slice() {
            _ if self.targets.named.target.is_view => self.targets.insert_instead(run, columns, rows),
            [] => self.targets.insert(run, columns, rows),
            [conflict] if !self.targets.routes() => {
                conflict.insert(&self.targets.named, run, &Chunk::new(columns, rows))
            }
            conflicts => insert_or(&self.targets, conflicts, run, &Chunk::new(columns, rows)),
        }
    }

    /// The same, with the ids of the rows behind their columns. Rows that find their tables by themselves are written table by table,
    /// so they go one by one.
    fn insert_with_ids(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Vector],
        rows: usize,
    ) -> ExecuteResult<Chunk> {
        let step = if self.targets.routes() { 1 } else { rows.max(1) };
        let mut made = Vec::new();
        for first in (0..rows).step_by(step) {
            let count = step.min(rows - first);
            let part = columns.iter().map(|column| column.slice(first, count)).collect();
            let before = run.state.written.replace(Vec::new());
            let done = self.insert(run, part, count);
            let ids = std::mem::replace(&mut run.state.written, before).unwrap_or_default();
            let done = done?;
            let rows = done.len();
            if ids.len() != rows {
                return Err(ExecuteError::plan(format!("{rows} rows with {} ids", ids.len())));
            }
            let mut columns = done.densify()?.into_columns();
            columns.push(Vector::from_values::<i64>(ids));
            made.push(Chunk::new(columns, rows));
        }
        let ender =
            (self.conflicts.iter().any(Conflict::updates) && !self.targets.routes()).then_some(Kind::Int32);
        let kinds: Vec<Kind> =
            self.targets.made_kinds().into_iter().chain(ender).chain([Kind::Int64]).collect();
        crate::operator::join_rows(&kinds, made)
    }
}

/// Inserts rows of these columns, as triggers before it want them; they come back with generated columns.
pub fn insert_rows(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: Vec<Vector>,
    rows: usize,
) -> ExecuteResult<Chunk> {
    if !table.asks_before(TriggerEvent::Insert) {
        return Ok(Chunk::new(insert_ready(table, run, columns, rows)?, rows));
    }
    let mut made = Vec::new();
    for row in 0..rows {
        let one: Vec<Vector> = columns.iter().map(|column| column.slice(row, 1)).collect();
        if let Some(ready) = table.before_row(run, TriggerEvent::Insert, &[], (None, Some(one)))? {
            made.push(Chunk::new(insert_ready(table, run, ready, 1)?, 1));
        }
    }
    crate::operator::join_rows(&table.kinds, made)
}

/// Rows that are about to be written, with what is wrong with one of them.
struct Looked {
    columns: Vec<Vector>,
    /// How many are written before that is told.
    good: usize,
    violation: Option<ExecuteError>,
}

impl Looked {
    /// Generates columns of rows and looks at their constraints.
    fn at(
        table: &Table,
        run: &mut Run<'_, '_>,
        mut columns: Vec<Vector>,
        rows: usize,
    ) -> ExecuteResult<Looked> {
        table.generate(run, &mut columns, rows)?;
        let (good, violation) = match first_violation(table, run, &columns, rows, PolicyCheck::Inserted)? {
            // Rows before one that may not be are inserted first: they may be refused for another reason.
            Some((row, error)) => (row + usize::from(asked_later(&error)), Some(error)),
            None => (rows, None),
        };
        Ok(Looked { columns, good, violation })
    }

    /// What has been written, unless something was wrong.
    fn done(self) -> ExecuteResult<Vec<Vector>> {
        match self.violation {
            Some(error) => Err(error),
            None => Ok(self.columns),
        }
    }
}

/// Inserts rows that triggers have seen, all or none; they come back with generated columns.
pub fn insert_ready(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: Vec<Vector>,
    rows: usize,
) -> ExecuteResult<Vec<Vector>> {
    let looked = Looked::at(table, run, columns, rows)?;
    if looked.good > 0 {
        let kept: Vec<Vector> = looked.columns.iter().map(|column| column.slice(0, looked.good)).collect();
        write_rows(table, run, &kept, looked.good, |run, id| run.note_changed(table.target.tree, id))
            .map_err(|(_, error)| error)?;
    }
    looked.done()
}

/// The same of one row; nothing is done if somebody has one of its keys in the indexes that `looked_at` names.
pub fn insert_unless_held(
    table: &Table,
    run: &mut Run<'_, '_>,
    columns: Vec<Vector>,
    looked_at: &[usize],
) -> ExecuteResult<Option<Vec<Vector>>> {
    if looked_at.is_empty() {
        return insert_ready(table, run, columns, 1).map(Some);
    }
    let looked = Looked::at(table, run, columns, 1)?;
    if looked.good > 0 {
        let held = entries_unless_held(table, run, &looked.columns, looked_at)?;
        let Some(entries) = held else { return Ok(None) };
        let noted = |run: &mut Run<'_, '_>, id| run.note_changed(table.target.tree, id);
        write_with(table, run, (&looked.columns, 1), Some(entries), noted).map_err(|(_, error)| error)?;
    }
    looked.done().map(Some)
}

/// Whether what is wrong with a row is found when it is written: what a view asks is asked after keys have been looked at.
pub fn asked_later(error: &ExecuteError) -> bool {
    error.sqlstate() == SqlState::WithCheckOptionViolation
}

/// Writes rows that may be, with their entries and what is to be looked at because of them; of one that fails its place
/// among them.
pub fn write_rows<'a>(
    table: &Table,
    run: &mut Run<'_, 'a>,
    columns: &[Vector],
    rows: usize,
    written: impl FnMut(&mut Run<'_, 'a>, i64),
) -> Result<(), (usize, ExecuteError)> {
    // What users' functions do for one row's keys is done before they are called for the next.
    let entries = match table.indexes.iter().any(|index| index.calls) {
        true => None,
        false => Some(all_entries(table, run, columns, rows).map_err(|error| (0, error))?),
    };
    write_with(table, run, (columns, rows), entries, written)
}

/// The same with entries that have been computed; where they have not been, they are for one row and index after the other.
fn write_with<'a>(
    table: &Table,
    run: &mut Run<'_, 'a>,
    (columns, rows): (&[Vector], usize),
    entries: Option<Vec<Entries>>,
    mut written: impl FnMut(&mut Run<'_, 'a>, i64),
) -> Result<(), (usize, ExecuteError)> {
    let begin = |run: &mut Run<'_, '_>| {
        let transaction = &*run.world.transaction;
        let sequence = SequenceId(table.target.tree);
        let session = transaction.session();
        let first = session.take_row_numbers(transaction.database(), sequence, rows as u64)?;
        Ok((first, table.stored(columns, rows)?))
    };
    let (first, stored) = begin(run).map_err(|error| (0, error))?;
    let together = match &entries {
        Some(entries) => write_together(table, run, &stored, entries, rows, first)?,
        None => false,
    };
    let after = table.after_rows(run, TriggerEvent::Insert, &[], (None, Some(columns)), rows);
    let after = after.map_err(|error| (0, error))?;
    let mut bytes = Vec::new();
    for row in 0..rows {
        let id = (first + row as u64).cast_signed();
        if !together {
            let done = table.encode(&stored, row, &mut bytes).and_then(|()| match &entries {
                Some(entries) => insert_row(table, run, &bytes, entries, row, id),
                None => insert_row_computing(table, run, &bytes, (columns, row), id),
            });
            if let Err(error) = done {
                // Those before it and the row itself were written, as PostgreSQL sees it.
                run.count(|tally| tally.inserted(table.target.table, row as u64 + 1));
                return Err((row, error));
            }
        }
        written(run, id);
        after.iter().for_each(|after| after.queue(run, row, true));
        foreign_key::inserted(table, run, id);
        after.iter().for_each(|after| after.queue(run, row, false));
    }
    run.count(|tally| tally.inserted(table.target.table, rows as u64));
    Ok(())
}

/// Inserts rows into their partitions one by one, or does what is to be done instead.
fn insert_or(
    targets: &Targets,
    conflicts: &[Conflict],
    run: &mut Run<'_, '_>,
    rows: &Chunk,
) -> ExecuteResult<Chunk> {
    let mut made = Vec::new();
    for row in 0..rows.rows() {
        let one: Vec<Vector> = rows.columns().iter().map(|column| column.slice(row, 1)).collect();
        let place = targets.place_of(run, &one)?;
        let (member, Some(conflict)) = (&targets.members[place], conflicts.get(place)) else { continue };
        if conflict.updates() {
            published::refuse(&member.table.target, Done::Update)?;
        }
        let own = member.to_own(&one, None, 1)?;
        let ready = member.table.before_row(run, TriggerEvent::Insert, &[], (None, Some(own)))?;
        let Some(ready) = ready else { continue };
        // What policies ask of a row is asked before anybody looks whether its keys are there.
        targets.ask_policies(run, &member.to_named(&ready))?;
        if let Some(done) = conflict.insert_ready(&member.table, run, &ready)? {
            done.keep_for(&targets.named, run, |row| member.to_named(row));
            let named = member.to_named(&done.columns);
            if conflict.updates() {
                refuse_moved(targets, run, &named, place)?;
            }
            // What views ask is asked of what is there in the end, and of nothing where nothing was done.
            targets.look(run, &named, 1, done.made_as())?;
            made.push(Chunk::new(numbered(member, named, 1)?, 1));
        }
    }
    crate::operator::join_rows(&targets.made_kinds(), made)
}

/// Refuses a row that was updated in the place of being inserted, and belongs to another partition now.
fn refuse_moved(
    targets: &Targets,
    run: &mut Run<'_, '_>,
    named: &[Vector],
    place: usize,
) -> ExecuteResult<()> {
    let (groups, error) = targets.routed(run, named, 1)?;
    if error.is_none() && groups.iter().all(|(to, _)| *to == place) {
        return Ok(());
    }
    Err(ExecuteError::Plain {
        state: SqlState::FeatureNotSupported,
        message: "invalid ON UPDATE specification".to_owned(),
        detail: Some(
            "The result tuple would appear in a different partition than the original tuple.".to_owned(),
        ),
        hint: None,
    })
}

impl Operator for Insert {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.needs_view {
            run.view()?;
        }
        self.triggers.begin(&self.targets.named, run)?;
        while let Some(chunk) = self.input.next(run)? {
            run.check()?;
            let columns = evaluate_all(&self.values, run, &chunk)?;
            let rows = chunk.len();
            let chunk = match self.row_ids {
                true => self.insert_with_ids(run, &columns, rows)?,
                false => self.insert(run, columns, rows)?,
            };
            if self.counts {
                run.state.affected += chunk.len() as u64;
            }
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
        self.triggers.end(&self.targets.named, run)?;
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.triggers.rewind();
        self.input.rewind(run)
    }
}
