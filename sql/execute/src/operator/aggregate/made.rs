//! Aggregates that users make: their steps are expressions over a state and a row's values, computed row by row.
//!
//! A state is null until something is there. Where the first step is strict, rows with nulls are passed over; if it has no
//! first state, the first row's value is it. A state that has become null stays null.

use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, Scope};
use crate::run::Run;
use diagnostic::SqlState;
use functions::FunctionError;
use functions::evaluate::Groups;
use plan::expression::{AggregateSteps, Expression};
use std::ops::Range;
use std::sync::Arc;
use types::vector::VectorBuilder;
use types::{Kind, Value, Vector};

/// The steps, compiled.
#[derive(Debug)]
pub struct Steps {
    kind: Kind,
    transition: Evaluator,
    /// What becomes of a state when a row goes.
    inverse: Option<Evaluator>,
    strict: bool,
    initial: Option<Evaluator>,
    first: Option<Evaluator>,
    last: Evaluator,
}

/// The states of all groups.
pub struct States {
    steps: Arc<Steps>,
    initial: Value,
    groups: Vec<State>,
}

/// The state of a group.
#[derive(Clone)]
struct State {
    value: Value,
    /// Whether a row or the first state has been taken in.
    begun: bool,
    /// How many rows have been taken in.
    rows: u64,
}

impl Steps {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        plan: &AggregateSteps,
        inverse: Option<&Expression>,
    ) -> ExecuteResult<Steps> {
        let maybe = |expression: Option<&Expression>| {
            expression.map(|expression| Evaluator::new(compiler, expression)).transpose()
        };
        let step = |expression| {
            Ok::<_, crate::error::ExecuteError>(Evaluator::new(compiler, expression)?.uncounted())
        };
        Ok(Steps {
            kind: crate::run::kind_of(compiler.types(), plan.state)?,
            transition: step(&plan.transition)?,
            inverse: inverse.map(step).transpose()?,
            strict: plan.strict,
            initial: maybe(plan.initial.as_ref())?,
            first: maybe(plan.first.as_ref())?,
            last: step(&plan.last)?,
        })
    }

    fn step(
        &self,
        step: &Evaluator,
        state: &Value,
        row: &[Vector],
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Value> {
        let mut columns = Vec::with_capacity(row.len() + 1);
        columns.push(Vector::constant(self.kind, state, 1)?);
        columns.extend_from_slice(row);
        Ok(step.evaluate_in(run, &Scope::new(&columns, 1))?.value(0))
    }
}

impl States {
    /// Nothing seen yet.
    pub fn new(steps: &Arc<Steps>, run: &mut Run<'_, '_>) -> ExecuteResult<States> {
        let initial = steps.initial.as_ref().map(|initial| initial.value(run)).transpose()?;
        Ok(States { steps: steps.clone(), initial: initial.unwrap_or(Value::Null), groups: Vec::new() })
    }

    fn fresh(&self) -> State {
        State { value: self.initial.clone(), begun: !self.initial.is_null(), rows: 0 }
    }

    /// Takes in rows, each of its group.
    pub fn update(
        &mut self,
        run: &mut Run<'_, '_>,
        groups: Groups<'_>,
        group_count: usize,
        rows: usize,
        arguments: &[Vector],
    ) -> ExecuteResult<()> {
        let steps = self.steps.clone();
        if self.groups.len() < group_count {
            let fresh = self.fresh();
            self.groups.resize(group_count, fresh);
        }
        for row in 0..rows {
            if row % 256 == 255 {
                run.check()?;
            }
            let state = &mut self.groups[groups.of(row)];
            if steps.strict && arguments.iter().any(|argument| argument.is_null(row)) {
                continue;
            }
            let given: Vec<Vector> = arguments.iter().map(|argument| argument.slice(row, 1)).collect();
            if steps.strict && state.value.is_null() {
                if let (false, Some(first)) = (state.begun, &steps.first) {
                    state.value = steps.step(first, &Value::Null, &given, run)?;
                    (state.begun, state.rows) = (true, state.rows + 1);
                }
                continue;
            }
            let next = steps.step(&steps.transition, &state.value, &given, run)?;
            if next.is_null() && steps.inverse.is_some() {
                let message = "moving-aggregate transition function must not return null";
                return Err(FunctionError::plain(SqlState::NullValueNotAllowed, message).into());
            }
            *state = State { value: next, begun: true, rows: state.rows + 1 };
        }
        Ok(())
    }

    /// Takes the first rows of the first group back, or answers that it cannot.
    pub fn retract(
        &mut self,
        run: &mut Run<'_, '_>,
        rows: usize,
        arguments: &[Vector],
    ) -> ExecuteResult<bool> {
        let steps = self.steps.clone();
        let (Some(inverse), Some(mut state)) = (&steps.inverse, self.groups.first().cloned()) else {
            return Ok(rows == 0);
        };
        for row in 0..rows {
            if steps.strict && arguments.iter().any(|argument| argument.is_null(row)) {
                continue;
            }
            // The state without rows is the first one, which the inverse need not find.
            if state.rows <= 1 {
                state = self.fresh();
                continue;
            }
            let given: Vec<Vector> = arguments.iter().map(|argument| argument.slice(row, 1)).collect();
            let before = steps.step(inverse, &state.value, &given, run)?;
            if before.is_null() {
                return Ok(false);
            }
            (state.value, state.rows) = (before, state.rows - 1);
        }
        self.groups[0] = state;
        Ok(true)
    }

    /// The results of some groups.
    pub fn finish(&self, run: &mut Run<'_, '_>, groups: Range<usize>) -> ExecuteResult<Vector> {
        let mut builder = VectorBuilder::new(self.steps.last.kind(), groups.len());
        for group in groups {
            let value = self.groups.get(group).map_or(&self.initial, |state| &state.value);
            builder.push(&self.steps.step(&self.steps.last, value, &[], run)?)?;
        }
        Ok(builder.finish())
    }

    /// Forgets all groups.
    pub fn clear(&mut self) {
        self.groups.clear();
    }

    /// Bytes that they hold.
    pub fn memory(&self) -> usize {
        let inside: usize =
            self.groups.iter().filter_map(|state| state.value.as_bytes()).map(<[u8]>::len).sum();
        inside + self.groups.len() * size_of::<State>()
    }
}
