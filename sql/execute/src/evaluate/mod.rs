//! Expressions, compiled once and computed over whole chunks.
//!
//! * [`Evaluator`]: one expression; [`Conditions`]: several that must all be true, as a filter.
//! * `node`: what an expression is compiled to; `compile`: how.
//! * `run`: which node is computed where; `single`: the same for one row; `logic`, `conditional`, `composite`, `array`, `convert`,
//!   `list`, `subplan`: the rest.
//! * `room`: fewer rows at once where their values are large.
//!
//! Invariants
//!
//! 1. An expression sees only the rows that need it: `CASE`, `AND`, `OR`, `COALESCE` and filters narrow the scope for
//!    what comes later.
//! 2. What comes out has as many rows as the scope.

mod among;
mod array;
mod array_slice;
mod compile;
mod composite;
mod conditional;
mod convert;
mod list;
mod logic;
mod node;
mod parts;
mod room;
mod run;
mod scope;
mod set_call;
mod single;
mod subplan;

pub use among::Members;
pub(crate) use compile::given_type;
pub use compile::{Compiler, function, native_number};
pub use list::booleans;
pub use room::AtOnce;
pub use run::truth;
pub use scope::Scope;
pub use set_call::{OneColumn, SetCall};
pub use single::SingleEvaluator;

use crate::error::ExecuteResult;
use crate::operator::Late;
use crate::run::Run;
use node::Node;
use plan::expression::Expression;
use std::collections::BTreeSet;
use types::vector::{Chunk, select};
use types::{Kind, Value, Vector};

/// A compiled expression.
#[derive(Debug)]
pub struct Evaluator {
    node: Node,
    /// Slots that it reads, ascending.
    slots: Vec<u32>,
    kind: Kind,
}

impl Evaluator {
    /// The same, where the call that the expression is counts as none: a step of an aggregate.
    pub fn uncounted(mut self) -> Evaluator {
        if let Node::Routine { call, .. } = &mut self.node {
            call.counted = false;
        }
        self
    }

    /// Compiles an expression.
    ///
    /// # Errors
    /// When the plan is damaged, or something is not supported.
    pub fn new(compiler: &Compiler<'_>, expression: &Expression) -> ExecuteResult<Evaluator> {
        let node = compiler.compile(expression, 0)?;
        let kind = compiler.kind(expression)?;
        let mut slots = Vec::new();
        node.slots(&mut slots);
        slots.sort_unstable();
        slots.dedup();
        Ok(Evaluator { node, slots, kind })
    }

    /// Compiles many.
    ///
    /// # Errors
    /// As [`Evaluator::new`].
    pub fn list(compiler: &Compiler<'_>, expressions: &[Expression]) -> ExecuteResult<Vec<Evaluator>> {
        expressions.iter().map(|expression| Evaluator::new(compiler, expression)).collect()
    }

    /// The kind of its values.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Slots that it reads, ascending.
    pub fn slots(&self) -> impl Iterator<Item = u32> + '_ {
        self.slots.iter().copied()
    }

    /// The slot, if it is nothing else.
    pub fn slot(&self) -> Option<usize> {
        if let Node::Slot(slot) = &self.node { Some(*slot as usize) } else { None }
    }

    /// Its value for each of the rows of a chunk that count.
    pub fn evaluate(&self, run: &mut Run<'_, '_>, chunk: &Chunk) -> ExecuteResult<Vector> {
        if let Node::Slot(slot) = &self.node {
            return Ok(chunk.dense(*slot as usize)?);
        }
        let found = room::in_parts(run, chunk, |run, chunk| {
            let dense = dense_of(chunk, std::iter::once(self))?;
            let columns = dense.as_deref().unwrap_or(chunk.columns());
            Ok([self.node.run(run, &Scope::new(columns, chunk.len()))?])
        })?;
        let [found] = found;
        Ok(found)
    }

    /// Its value for each row of a scope.
    pub fn evaluate_in(&self, run: &mut Run<'_, '_>, scope: &Scope<'_>) -> ExecuteResult<Vector> {
        self.node.run(run, scope)
    }

    /// Its value without any row.
    pub fn value(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Value> {
        Ok(self.node.run(run, &Scope::new(&[], 1))?.value(0))
    }
}

/// An expression without rows, compiled to be computed again and again.
#[derive(Debug)]
pub struct Lone {
    evaluator: Evaluator,
    short: Short,
}

/// What needs no more than parameters.
#[derive(Debug)]
enum Short {
    Constant(Value),
    Parameter(u32),
    Single(SingleEvaluator),
    /// It needs more.
    No,
}

impl Lone {
    /// Compiles it.
    ///
    /// # Errors
    /// As [`Evaluator::new`].
    pub fn new(types: &dyn types::Types, expression: &Expression) -> ExecuteResult<Lone> {
        let evaluator = Evaluator::new(&Compiler::new(types), expression)?;
        let short = match &evaluator.node {
            Node::Constant(value) => Short::Constant(value.value(0)),
            Node::Parameter(index, _) => Short::Parameter(*index),
            _ => evaluator.single().map_or(Short::No, Short::Single),
        };
        Ok(Lone { evaluator, short })
    }

    /// Its value, if it is computed of parameters alone and does not fail: else [`Lone::value`] is to be asked.
    #[inline]
    pub fn at_once(&self, parameters: &[Value]) -> Option<Value> {
        match &self.short {
            Short::Constant(value) => Some(value.clone()),
            Short::Parameter(index) => parameters.get(*index as usize).cloned(),
            Short::Single(single) => {
                let value = single.value(&mut single::Parameters(parameters), &[]).ok()?;
                Some(value.item().to_value())
            }
            Short::No => None,
        }
    }

    /// Its value; functions that it calls read from `view`, if one is given.
    ///
    /// # Errors
    /// Those of its functions.
    pub fn value(&self, world: &mut crate::World<'_>, view: Option<&store::View>) -> ExecuteResult<Value> {
        let mut state = crate::run::State { view: view.cloned(), ..crate::run::State::default() };
        self.evaluator.value(&mut Run { world, state: &mut state })
    }
}

/// All values of several expressions for the rows of a chunk that count.
pub fn evaluate_all(
    evaluators: &[Evaluator],
    run: &mut Run<'_, '_>,
    chunk: &Chunk,
) -> ExecuteResult<Vec<Vector>> {
    room::in_parts(run, chunk, |run, chunk| {
        let dense = dense_of(chunk, evaluators.iter())?;
        let columns = dense.as_deref().unwrap_or(chunk.columns());
        let scope = Scope::new(columns, chunk.len());
        evaluators.iter().map(|evaluator| evaluator.node.run(run, &scope)).collect::<ExecuteResult<Vec<_>>>()
    })
}

/// The columns that some expressions read without rows that do not count, once for all of them; `None` if all count.
fn dense_of<'e>(
    chunk: &Chunk,
    evaluators: impl Iterator<Item = &'e Evaluator>,
) -> ExecuteResult<Option<Vec<Vector>>> {
    if chunk.selection().is_none() {
        return Ok(None);
    }
    // Columns that nobody reads stay as they are: nobody looks at their length either.
    let mut columns: Vec<Vector> = chunk.columns().to_vec();
    let mut done = vec![false; columns.len()];
    for slot in evaluators.flat_map(|evaluator| &evaluator.slots) {
        let slot = *slot as usize;
        if slot < columns.len() && !std::mem::replace(&mut done[slot], true) {
            columns[slot] = chunk.dense(slot)?;
        }
    }
    Ok(Some(columns))
}

/// Those of some rows for which a vector of booleans is true.
fn keep_true(mut rows: Vec<u32>, truth: &Vector) -> Vec<u32> {
    match truth.fixed::<bool>().filter(|_| !truth.is_constant() && !truth.has_nulls()) {
        Some(values) => rows.retain(|row| values[*row as usize]),
        None => rows.retain(|row| run::truth(truth, *row as usize) == Some(true)),
    }
    rows
}

/// Conditions that must all be true.
#[derive(Debug, Default)]
pub struct Conditions {
    conditions: Vec<Evaluator>,
}

impl Conditions {
    /// Compiles conditions.
    ///
    /// # Errors
    /// As [`Evaluator::new`].
    pub fn new(compiler: &Compiler<'_>, conditions: &[Expression]) -> ExecuteResult<Conditions> {
        let mut conditions = Evaluator::list(compiler, conditions)?;
        // In which order they are asked shows only in errors: where there are none, what takes least comes first.
        if conditions.iter().all(|condition| condition.node.weight().is_some()) {
            conditions.sort_by_cached_key(|condition| condition.node.weight());
        }
        Ok(Conditions { conditions })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether no row can make one of them fail.
    pub fn cannot_fail(&self) -> bool {
        self.conditions.iter().all(|condition| condition.node.weight().is_some())
    }

    /// One after the other, each with the next ones that read no other slots: whoever reads columns little by little need not
    /// read all for rows that the first leave out.
    pub fn stages(self) -> Vec<Conditions> {
        let (mut read, mut stages) = (BTreeSet::new(), Vec::<Conditions>::new());
        for condition in self.conditions {
            let before = read.len();
            read.extend(condition.slots.iter().copied());
            match stages.last_mut() {
                Some(stage) if read.len() == before => stage.conditions.push(condition),
                _ => stages.push(Conditions { conditions: vec![condition] }),
            }
        }
        stages
    }

    /// Slots that they read, some more than once.
    pub fn slots(&self) -> impl Iterator<Item = u32> + '_ {
        self.conditions.iter().flat_map(|condition| condition.slots.iter().copied())
    }

    /// Keeps the rows of a chunk for which all are true.
    pub fn filter(&self, run: &mut Run<'_, '_>, chunk: &mut Chunk) -> ExecuteResult<()> {
        for condition in &self.conditions {
            if chunk.is_empty() {
                return Ok(());
            }
            let truth = condition.evaluate(run, chunk)?;
            chunk.select(select(&truth));
        }
        Ok(())
    }

    /// The same; where that fails of a row, of the rows before it, and the error waits.
    pub fn filter_front(&self, run: &mut Run<'_, '_>, chunk: &mut Chunk, late: &Late) -> ExecuteResult<()> {
        let effects = run.state.effects;
        let Err(error) = self.filter(run, chunk) else { return Ok(()) };
        *chunk = late.front(run, (chunk, effects), error, |run, mut front| {
            self.filter(run, &mut front)?;
            Ok(front)
        })?;
        Ok(())
    }

    /// What all of them together say of each row of columns of `rows` rows; `None` is unknown.
    pub fn truths(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Vector],
        rows: usize,
    ) -> ExecuteResult<Vec<Option<bool>>> {
        let mut truths = vec![Some(true); rows];
        for condition in &self.conditions {
            let open: Vec<u32> =
                (0..rows as u32).filter(|row| truths[*row as usize] != Some(false)).collect();
            if open.is_empty() {
                break;
            }
            let narrowed = Scope::new(columns, rows).narrow(&open)?;
            let found = room::node_in_parts(run, &condition.node, &narrowed.scope(columns))?;
            for (place, row) in open.iter().enumerate() {
                match run::truth(&found, place) {
                    Some(true) => {}
                    verdict => truths[*row as usize] = verdict,
                }
            }
        }
        Ok(truths)
    }

    /// Which rows of columns of `rows` rows they are true for.
    pub fn select(&self, run: &mut Run<'_, '_>, columns: &[Vector], rows: usize) -> ExecuteResult<Vec<u32>> {
        self.select_among(run, columns, rows, None)
    }

    /// Which of the `chosen` rows they are true for; of all if none are told.
    pub fn select_among(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Vector],
        rows: usize,
        mut chosen: Option<Vec<u32>>,
    ) -> ExecuteResult<Vec<u32>> {
        for condition in &self.conditions {
            let scope = Scope::new(columns, rows);
            chosen = Some(match chosen {
                None => select(&room::node_in_parts(run, &condition.node, &scope)?),
                Some(before) if before.is_empty() => return Ok(before),
                Some(before) if before.len() == rows => {
                    select(&room::node_in_parts(run, &condition.node, &scope)?)
                }
                Some(before) if logic::spares_nothing(&condition.node, &scope, before.len()) => {
                    let truth = room::node_in_parts(run, &condition.node, &scope)?;
                    keep_true(before, &truth)
                }
                Some(before) => {
                    let narrowed = scope.narrow(&before)?;
                    let truth = room::node_in_parts(run, &condition.node, &narrowed.scope(columns))?;
                    select(&truth).iter().map(|place| before[*place as usize]).collect()
                }
            });
        }
        // A chunk has fewer than 2^32 rows.
        Ok(chosen.unwrap_or_else(|| (0..rows as u32).collect()))
    }
}
