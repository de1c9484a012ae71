//! A statement that runs.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::Compiler;
use crate::memory::Held;
use crate::operator::{
    BoxedOperator, Builder, Numbers, Observation, Pruned, Watching, subplans_with_effects,
};
use crate::run::{ChangedRows, CommonTable, Run, Side, State};
use crate::spill::Kept;
use crate::world::World;
use plan::explain::{Actual, ReadInputs, numbered};
use plan::physical::{NodeKind, Plan, Subplan};
use plan::pruning::Pruning;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::View;
use types::Kind;
use types::vector::Chunk;

fn pruning_of(kind: &NodeKind) -> Option<&Arc<Pruning>> {
    match kind {
        NodeKind::Append { pruning, .. } | NodeKind::MergeAppend { pruning, .. } => pruning.as_ref(),
        _ => None, // takes the rows of no members
    }
}

/// Whether values that are known when a plan begins say which inputs of its operators are read.
pub fn prunes_at_start(plan: &Plan) -> bool {
    numbered(plan).into_iter().filter_map(|node| pruning_of(&node.kind)).any(|pruning| {
        let mut known = pruning.known_at_start();
        known.any(|known| known)
    })
}

/// A statement that runs, or may: it can be run any number of times, and be asked for its rows piece by piece.
pub struct Execution {
    plan: Arc<Plan>,
    root: BoxedOperator,
    output: Vec<usize>,
    state: State,
    /// Whether what rules have done before it has been done.
    begun: bool,
    ended: bool,
    /// Rows that were kept, as far as they were not handed over.
    kept: Option<Kept>,
}

impl Execution {
    /// Makes a plan's operators. Nothing is run yet.
    ///
    /// # Errors
    /// When something in it is not supported, or the plan is damaged.
    pub fn new(plan: Arc<Plan>, world: &World<'_>) -> ExecuteResult<Execution> {
        Execution::build(plan, world, None)
    }

    /// The same, with operators that are watched.
    ///
    /// # Errors
    /// As [`Execution::new`].
    pub fn watched(plan: Arc<Plan>, world: &World<'_>, watching: Watching) -> ExecuteResult<Execution> {
        let numbers = Numbers::of(&plan);
        let mut execution = Execution::build(plan, world, Some(&numbers))?;
        execution.state.observed.operators = vec![Observation::default(); numbers.count()];
        execution.state.observed.watching = watching;
        Ok(execution)
    }

    fn build(plan: Arc<Plan>, world: &World<'_>, watched: Option<&Numbers>) -> ExecuteResult<Execution> {
        let types = world.context.types;
        let with_effects = subplans_with_effects(&plan);
        let mut builder = Builder::new(Compiler::new(types).beside(&with_effects));
        builder.watched = watched;
        builder.helping = world.settings.helping;
        builder.alone = plan.subplans.is_empty() && plan.common_tables.is_empty();
        let root = builder.build(&plan.root)?;
        let mut state = new_state(&builder, &plan)?;
        state.given = world.events.given();
        let output = plan.output.iter().map(|(place, _)| *place as usize).collect();
        Ok(Execution { plan, root, output, state, begun: false, ended: false, kept: None })
    }

    /// What each operator did, by its number in [`plan::explain::numbered`], if they are watched.
    pub fn actual(&self) -> Vec<Actual> {
        let mut actual: Vec<Actual> = self.state.observed.operators.iter().map(Observation::actual).collect();
        if let Some(root) = actual.first_mut()
            && self.plan.root.kind.changes_rows()
            && self.output.is_empty()
        {
            // Without RETURNING nobody is handed what was changed.
            root.rows = 0;
        }
        actual
    }

    /// Which inputs of its operators are read, as far as that is known when it begins. It is not run.
    ///
    /// # Errors
    /// When a value cannot be computed.
    pub fn read_at_start(&mut self, world: &mut World<'_>) -> ExecuteResult<ReadInputs> {
        let types = world.context.types;
        let plan = self.plan.clone();
        let mut run = Run { world, state: &mut self.state };
        run.began();
        let mut found = ReadInputs::new();
        for (number, node) in numbered(&plan).into_iter().enumerate() {
            if let Some(pruning) = pruning_of(&node.kind) {
                let mut pruned = Pruned::at_start(&Compiler::new(types), pruning)?;
                found.insert(number, pruned.read(&mut run)?.to_vec());
            }
        }
        Ok(found)
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Whether it changes rows, and does not only lock some.
    pub fn writes(&self) -> bool {
        self.plan.root.kind.changes_rows()
            || self.plan.has_steps()
            || self.plan.common_tables.iter().chain(&self.plan.subplans).any(|side| side.changes)
    }

    /// Whether it changes rows, or locks some; then it is to be run to its end at once, by [`Execution::run`].
    pub fn changes(&self) -> bool {
        self.writes() || self.plan.root.kind.locks_rows()
    }

    /// How many rows its outermost change has changed so far.
    pub fn affected(&self) -> u64 {
        self.state.affected
    }

    /// It reads from the view that its transaction has now, whenever it is run.
    ///
    /// # Errors
    /// When there is no such view.
    pub fn take_view(&mut self, world: &mut World<'_>) -> ExecuteResult<()> {
        self.state.view = Some(world.transaction.view()?);
        Ok(())
    }

    /// It reads from a view that is given: as the statement around it does.
    pub fn read_from(&mut self, view: View) {
        self.state.view = Some(view);
    }

    /// The rows that it has changed so far, which it knows no more from now on.
    pub(crate) fn take_changed(&mut self) -> ChangedRows {
        std::mem::take(&mut self.state.changed)
    }

    /// The next rows, as the client sees them.
    ///
    /// # Errors
    /// Whatever can go wrong with rows.
    pub fn next(&mut self, world: &mut World<'_>) -> ExecuteResult<Option<Chunk>> {
        if let Some(kept) = &mut self.kept {
            return kept.take_first();
        }
        if self.ended {
            return Ok(None);
        }
        if !self.begun {
            self.begun = true;
            run_steps(&self.plan.before, world)?;
        }
        let mut run = Run { world, state: &mut self.state };
        run.began();
        // What functions in SQL write while it runs, it does not see.
        if !self.plan.functions.is_empty() {
            run.view()?;
        }
        let chunk = self.root.next(&mut run)?;
        if chunk.is_none() {
            finish_changes(&mut run)?;
            self.ended = true;
            if !self.plan.after.is_empty() {
                crate::change::run_events(world, crate::change::When::Statement)?;
            }
            run_steps(&self.plan.after, world)?;
        }
        Ok(chunk.map(|chunk| chunk.project(&self.output)))
    }

    /// Computes all rows that are left, and keeps them: whoever goes on asking gets them without its transaction.
    ///
    /// # Errors
    /// Whatever can go wrong with rows.
    pub fn keep(&mut self, world: &mut World<'_>) -> ExecuteResult<()> {
        if self.kept.is_some() {
            return Ok(());
        }
        let mut kept = Kept::default();
        while let Some(chunk) = self.next(world)? {
            kept.push(&mut Run { world, state: &mut self.state }, chunk)?;
        }
        self.kept = Some(kept);
        Ok(())
    }

    /// Puts rows that it has given, in chunks without selections, as one chunk with others that are kept.
    ///
    /// # Errors
    /// As writing them fails, if they do not fit into memory.
    pub fn keep_chunks(
        &mut self,
        world: &mut World<'_>,
        kept: &mut Kept,
        chunks: Vec<Chunk>,
    ) -> ExecuteResult<()> {
        let Some(first) = chunks.first() else { return Ok(()) };
        let kinds: Vec<Kind> = first.columns().iter().map(types::Vector::kind).collect();
        let chunk = crate::operator::join_rows(&kinds, chunks)?;
        kept.push(&mut Run { world, state: &mut self.state }, chunk)
    }

    /// Whether its rows are kept.
    pub fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// Runs a statement to its end: `rows` gets what the client sees.
    ///
    /// # Errors
    /// Whatever can go wrong, here and with the rows.
    pub fn run<E: From<ExecuteError>>(
        &mut self,
        world: &mut World<'_>,
        rows: &mut dyn FnMut(Chunk) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.changes() {
            while let Some(chunk) = self.next(world)? {
                rows(chunk)?;
            }
            return Ok(());
        }
        let mut found = Kept::default();
        let ran = self.run_change(world, &mut found);
        while let Some(chunk) = found.take_first()? {
            rows(chunk)?;
        }
        Ok(ran?)
    }

    /// Runs a statement that changes rows to its end, and puts into `found` what the client sees. One that fails leaves no trace; what
    /// only locks rows hands up those that came before, however.
    ///
    /// # Errors
    /// Whatever can go wrong.
    pub fn run_change(&mut self, world: &mut World<'_>, found: &mut Kept) -> ExecuteResult<()> {
        world.transaction.begin_statement();
        let before = world.events.mark();
        match self.run_to_end(world, found) {
            Ok(()) => {
                world.transaction.end_statement();
                Ok(())
            }
            Err(error) => {
                world.events.forget(before);
                world.transaction.undo_statement()?;
                if self.writes() {
                    *found = Kept::default();
                }
                Err(error)
            }
        }
    }

    fn run_to_end(&mut self, world: &mut World<'_>, found: &mut Kept) -> ExecuteResult<()> {
        while let Some(chunk) = self.next(world)? {
            // What the client does not see is not kept.
            if !self.output.is_empty() {
                found.push(&mut Run { world, state: &mut self.state }, chunk)?;
            }
        }
        crate::change::run_events(world, crate::change::When::Statement)?;
        if world.settings.depth == 0 {
            world.events.routine_changes_mut().forget_rows();
        }
        Ok(())
    }

    /// Begins again: with other parameters, or on another snapshot.
    ///
    /// # Errors
    /// When what was built cannot begin again.
    pub fn rewind(&mut self, world: &mut World<'_>) -> ExecuteResult<()> {
        if self.plan.subplans.is_empty() && self.plan.common_tables.is_empty() {
            self.state.begin_again();
        } else {
            let types = world.context.types;
            let with_effects = subplans_with_effects(&self.plan);
            let mut builder = Builder::new(Compiler::new(types).beside(&with_effects));
            builder.helping = world.settings.helping;
            // Operators of the root know by that number what they have kept of a run before.
            let beginnings = self.state.beginnings + 1;
            self.state = State { beginnings, ..new_state(&builder, &self.plan)? };
        }
        (self.begun, self.ended) = (false, false);
        self.kept = None;
        self.state.given = world.events.given();
        let mut run = Run { world, state: &mut self.state };
        self.root.rewind(&mut run)
    }
}

/// Runs statements of rules to their ends, one after the other, with what they leave to be looked at: each sees what those
/// before it have done.
fn run_steps(steps: &[Arc<Plan>], world: &mut World<'_>) -> ExecuteResult<()> {
    for step in steps {
        let mut execution = Execution::new(step.clone(), world)?;
        while execution.next(world)?.is_some() {}
        crate::change::run_events(world, crate::change::When::Statement)?;
    }
    Ok(())
}

fn new_state(builder: &Builder<'_>, plan: &Plan) -> ExecuteResult<State> {
    let builder = &builder.uncounted();
    let side = |subplan: &Subplan| {
        let side = Side {
            root: builder.build(&subplan.root)?,
            once: subplan.once,
            making: subplan.making,
            rows: None,
            ended: false,
            answers: BTreeMap::new(),
            held: Held::default(),
            members: None,
        };
        Ok(Some(Box::new(side)))
    };
    let mut renewed: BTreeSet<u32> = BTreeSet::new();
    let nodes = if plan.common_tables.is_empty() { Vec::new() } else { numbered(plan) };
    for node in nodes {
        if let NodeKind::Recursive { renewed: own, .. } = &node.kind {
            renewed.extend(own);
        }
    }
    let common = |(number, subplan): (u32, &Subplan)| {
        Ok(CommonTable {
            source: Some(builder.build(&subplan.root)?),
            failed: None,
            rows: Kept::default(),
            renews: renewed.contains(&number),
            spent: None,
            changes: subplan.changes,
        })
    };
    Ok(State {
        written: None,
        outer: vec![types::Value::Null; plan.outer_values as usize],
        subplans: plan.subplans.iter().map(side).collect::<ExecuteResult<_>>()?,
        common: (0..).zip(&plan.common_tables).map(common).collect::<ExecuteResult<_>>()?,
        work_tables: vec![Arc::default(); plan.work_tables as usize],
        ..State::default()
    })
}

/// Tables of `WITH` that change rows are run to their ends, whether anybody has read them or not.
fn finish_changes(run: &mut Run<'_, '_>) -> ExecuteResult<()> {
    for table in 0..run.state.common.len() {
        if run.state.common[table].changes {
            while crate::operator::make_more(table, run)? {}
        }
    }
    Ok(())
}
