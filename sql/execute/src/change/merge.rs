//! MERGE: a row of the source at a time.

use super::constraint::ExistingChecks;
use super::delete::remove_asked;
use super::locked::{Locked, lock, moved_away};
use super::member::Targets;
use super::recheck::Rechecker;
use super::table::Table;
use super::trigger::StatementTriggers;
use super::update::assign;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions, Evaluator, evaluate_all};
use crate::operator::{BoxedOperator, Builder, Operator};
use crate::run::Run;
use diagnostic::SqlState;
use plan::logical::{MergeAction, MergeWhat};
use plan::physical::{Node, PinnedScan};
use plan::target::TargetTable;
use plan::trigger::TriggerEvent;
use std::sync::Arc;
use store::locks::RowMode;
use types::Item;
use types::vector::Chunk;

/// The operator.
pub struct Merge {
    targets: Targets,
    input: BoxedOperator,
    row_id: usize,
    table_oid: Option<usize>,
    actions: Vec<Action>,
    rechecker: Rechecker,
    counts: bool,
    triggers: StatementTriggers,
    /// The columns that are assigned to by any of the actions, and those that are generated from them.
    assigned: Vec<u32>,
}

/// `WHEN … THEN …`, compiled.
struct Action {
    matched: bool,
    condition: Conditions,
    /// What policies ask of the row that is there.
    existing_checks: ExistingChecks,
    what: What,
}

enum What {
    Nothing,
    Delete,
    Update(Vec<(usize, Evaluator)>),
    Insert(Vec<Evaluator>),
}

impl Action {
    fn new(compiler: &Compiler<'_>, plan: &MergeAction) -> ExecuteResult<Action> {
        let what = match &plan.what {
            MergeWhat::Nothing => What::Nothing,
            MergeWhat::Delete => What::Delete,
            MergeWhat::Update(assignments) => {
                let compiled = assignments
                    .iter()
                    .map(|(place, value)| Ok((*place as usize, Evaluator::new(compiler, value)?)));
                What::Update(compiled.collect::<ExecuteResult<_>>()?)
            }
            MergeWhat::Insert(values) => What::Insert(Evaluator::list(compiler, values)?),
        };
        let condition = Conditions::new(compiler, plan.condition.as_slice())?;
        let existing_checks = ExistingChecks::new(compiler, &plan.existing_checks)?;
        Ok(Action { matched: plan.matched, condition, existing_checks, what })
    }
}

impl Merge {
    /// As the plan says.
    pub fn new(
        builder: &Builder<'_>,
        target: &Arc<TargetTable>,
        input: &Node,
        (row_id, table_oid, scans): (u32, Option<u32>, &[PinnedScan]),
        actions: &[MergeAction],
    ) -> ExecuteResult<Merge> {
        let targets = Targets::new(&builder.compiler, target)?;
        let compiled = actions.iter().map(|action| Action::new(&builder.compiler, action));
        let assigned = targets.named.with_generated(assigned_by(actions).into_iter());
        let triggers = StatementTriggers::new(events_of(actions, &assigned));
        Ok(Merge {
            input: builder.build(input)?,
            row_id: row_id as usize,
            table_oid: table_oid.map(|slot| slot as usize),
            actions: compiled.collect::<ExecuteResult<_>>()?,
            rechecker: Rechecker::new(input, scans),
            targets,
            counts: builder.counts,
            triggers,
            assigned,
        })
    }

    fn table_of(&self, member: Option<usize>) -> &Table {
        member.map_or(&self.targets.named, |member| &self.targets.members[member].table)
    }

    /// The place of the first action whose condition a row fulfils.
    fn choose(&self, row: &Chunk, matched: bool, run: &mut Run<'_, '_>) -> ExecuteResult<Option<usize>> {
        for (place, action) in self.actions.iter().enumerate() {
            if action.matched != matched {
                continue;
            }
            let mut row = row.clone();
            action.condition.filter(run, &mut row)?;
            if !row.is_empty() {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// In which mode a row is locked for an action; who writes another key locks it for that.
    fn mode(&self, chosen: usize) -> RowMode {
        match &self.actions[chosen].what {
            What::Update(_) => RowMode::NoKeyUpdate,
            What::Delete | What::Nothing | What::Insert(_) => RowMode::Update,
        }
    }

    /// Does what is to be done with a row of the source; whether anything was.
    fn row(&mut self, row: Chunk, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        let Item::Int64(id) = row.column(self.row_id).item(0) else {
            return self.not_matched(&row, run);
        };
        let member = match self.table_oid.map(|slot| row.column(slot).item(0)) {
            Some(Item::Int32(number)) if !self.targets.members.is_empty() => {
                Some(self.targets.member(number.cast_unsigned())?)
            }
            Some(_) | None => None,
        };
        // Looked at before the row is locked: most rows are left alone.
        let Some(mut chosen) = self.choose(&row, true, run)? else { return Ok(false) };
        if matches!(self.actions[chosen].what, What::Nothing) {
            return Ok(false);
        }
        let table = self.table_of(member);
        let (tree, tree_id) = (table.target.tree, table.tree());
        if run.was_changed(tree, id) {
            return Err(second_time());
        }
        run.refuse_changed_by_routine(tree, &[id], "updated")?;
        let wait = run.world.transaction.wait();
        let mode = self.mode(chosen);
        match lock(run, tree_id, id, mode, wait)? {
            Locked::Same(bytes) => self.matched(&row, (id, bytes), member, chosen, run),
            Locked::Changed(bytes) => {
                let changed = [(self.row_id, bytes)];
                let Some(fresh) = self.rechecker.again(run, (&row, 0), &changed)? else {
                    // A row that does not fit any more is not matched: what the source has stays as it is.
                    return self.not_matched(&row, run);
                };
                match self.choose(&fresh, true, run)? {
                    Some(other) => chosen = other,
                    None => return Ok(false),
                }
                let [(_, bytes)] = changed;
                self.matched(&fresh, (id, bytes), member, chosen, run)
            }
            Locked::Gone => self.not_matched(&row, run),
            Locked::Moved => Err(moved_away()),
            Locked::Skipped => Ok(false),
        }
    }

    /// What is to be done with a row of the source that no row of the target matches.
    fn not_matched(&mut self, row: &Chunk, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        let Some(chosen) = self.choose(row, false, run)? else { return Ok(false) };
        match &self.actions[chosen].what {
            What::Nothing => Ok(false),
            What::Insert(values) => {
                let columns = evaluate_all(values, run, row)?;
                Ok(!self.targets.insert(run, columns, 1)?.is_empty())
            }
            What::Update(_) | What::Delete => Err(ExecuteError::plan("a change of a row that is not there")),
        }
    }

    /// Does what was chosen for a row of the source, with the row of the target that matches it and is locked.
    fn matched(
        &mut self,
        row: &Chunk,
        (id, bytes): (i64, Vec<u8>),
        member: Option<usize>,
        chosen: usize,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<bool> {
        let table = self.table_of(member);
        let own = member.map(|member| &self.targets.members[member]);
        let before = table.decode(&[bytes])?;
        self.actions[chosen].existing_checks.ask(run, row, &self.targets.named.target.name)?;
        match &self.actions[chosen].what {
            What::Nothing => return Ok(false),
            What::Insert(_) => return Err(ExecuteError::plan("a row that is inserted where there is one")),
            What::Delete => {
                if remove_asked(table, run, &[id], &before)?.is_some_and(|gone| gone.is_empty()) {
                    return Ok(false);
                }
                let before = own.map_or_else(|| before.clone(), |own| own.to_named(&before));
                self.targets.named.keep_changed(run, TriggerEvent::Delete, (Some(&before), None), 1);
            }
            What::Update(assignments) => {
                let mut after = own.map_or_else(|| before.clone(), |own| own.to_named(&before));
                assign(assignments, run, row, &mut after)?;
                run.refuse_changed_by_routine(table.target.tree, &[id], "updated")?;
                let sides = (before, after);
                return Ok(self.targets.update(run, member, &[id], sides, &self.assigned)?.rows > 0);
            }
        }
        Ok(true)
    }
}

/// The columns that actions assign to.
fn assigned_by(actions: &[MergeAction]) -> Vec<u32> {
    let places = |action: &MergeAction| match &action.what {
        MergeWhat::Update(assignments) => assignments.iter().map(|(place, _)| *place).collect(),
        MergeWhat::Nothing | MergeWhat::Delete | MergeWhat::Insert(_) => Vec::new(),
    };
    actions.iter().flat_map(places).collect()
}

/// What actions do, in the order in which PostgreSQL has it.
fn events_of(actions: &[MergeAction], assigned: &[u32]) -> Vec<(TriggerEvent, Vec<u32>)> {
    let does = |wanted: fn(&MergeWhat) -> bool| actions.iter().any(|action| wanted(&action.what));
    let mut events = Vec::new();
    if does(|what| matches!(what, MergeWhat::Insert(_))) {
        events.push((TriggerEvent::Insert, Vec::new()));
    }
    if does(|what| matches!(what, MergeWhat::Update(_))) {
        events.push((TriggerEvent::Update, assigned.to_vec()));
    }
    if does(|what| matches!(what, MergeWhat::Delete)) {
        events.push((TriggerEvent::Delete, Vec::new()));
    }
    events
}

fn second_time() -> ExecuteError {
    ExecuteError::Plain {
        state: SqlState::CardinalityViolation,
        message: "MERGE command cannot affect row a second time".to_owned(),
        detail: None,
        hint: Some("Ensure that not more than one source row matches any one target row.".to_owned()),
    }
}

impl Operator for Merge {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        run.view()?;
        run.state.merges = true;
        self.triggers.begin(&self.targets.named, run)?;
        while let Some(chunk) = self.input.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            for row in 0..chunk.rows() {
                let done = self.row(chunk.slice(row, 1), run)?;
                if done && self.counts {
                    run.state.affected += 1;
                }
            }
        }
        self.triggers.end(&self.targets.named, run)?;
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.triggers.rewind();
        self.rechecker.release();
        self.input.rewind(run)
    }
}
