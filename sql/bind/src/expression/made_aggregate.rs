//! Aggregates that users make: their steps, found when they are made and bound for each call.
//!
//! A step is a call of its function over slots: the state, and the values of a row. What it needs to become of the types of a
//! call is decided as for any call; when the aggregate was made it was looked at whether that needs no casts.

use super::call::{Asked, Found, Resolved, inputs_of};
use crate::binder::{Binder, Bound, Context, Parameters, carried, internal};
use crate::constant::constant;
use crate::error::{BindError, BindErrorKind, BindResult};
use catalog::object::{Aggregate, AggregateSteps as Declared, Oid};
use diagnostic::SqlState;
use functions::resolve::{Candidate, resolve_step, stands_for};
use functions::table::{CastContext, function};
use plan::expression::{AggregateSteps, Expression, ExpressionKind, MadeAggregate};
use std::sync::Arc;
use syntax::tree::QualifiedName;
use types::{Type, Value};

/// A function that is a step of an aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFunction {
    /// Which.
    pub function: Oid,
    /// Type of its result; what stands for many where that decides it.
    pub result: Oid,
    /// Whether it is not called with nulls.
    pub strict: bool,
}

/// The function of a name that takes values of these types, which may stand for many, as a step of an aggregate.
///
/// # Errors
/// When there is none, or it is none for that.
pub fn step_function(
    context: Context<'_>,
    name: &QualifiedName<'_>,
    given: &[u32],
) -> BindResult<StepFunction> {
    let binder = Binder::new(context, Parameters::None);
    let (schema, object) = binder.schema_and_object(name, 0)?;
    binder.look_in_schema(schema, 0).map_err(BindError::nowhere)?;
    let users = binder.users_functions(schema, object);
    let inputs: Vec<Vec<u32>> = users.iter().map(|(_, function)| inputs_of(function)).collect();
    let mut candidates = binder.candidates(schema, object);
    for ((place, function), arguments) in users.iter().zip(&inputs) {
        // A step is given all that it takes.
        candidates.push(Candidate { defaults: 0, ..binder.users_candidate(*place, function, arguments) });
    }
    let shown = |of: &[u32]| {
        let of: Vec<String> = of.iter().map(|of| binder.type_name(*of)).collect();
        format!("{name}({})", of.join(", "))
    };
    let refused = |state, message: String| {
        BindError::new(BindErrorKind::PlainWith { state, message, detail: None, hint: None })
    };
    let displayed = name.to_string();
    let (found, as_is) = resolve_step(context.scope, &displayed, candidates, given)
        .map_err(|error| carried(&error, 0).map_carried(|carried| carried.hint = None).nowhere())?;
    if found.kind != functions::table::FunctionKind::Function {
        return Err(refused(
            SqlState::UndefinedFunction,
            format!("function {} does not exist", shown(given)),
        ));
    }
    if found.returns_set {
        return Err(refused(SqlState::DatatypeMismatch, format!("function {} returns a set", shown(given))));
    }
    if !as_is {
        let message = format!("function {} requires run-time type coercion", shown(&found.arguments));
        return Err(refused(SqlState::DatatypeMismatch, message));
    }
    let function = found.function.0;
    Ok(StepFunction { function, result: found.result, strict: is_strict(context, function) })
}

fn is_strict(context: Context<'_>, oid: Oid) -> bool {
    match function(oid) {
        Some(entry) => entry.strict,
        None => context.scope.function(oid).is_some_and(|function| function.strict),
    }
}

fn slot(place: usize, of: Type) -> Expression {
    // Calls have few arguments.
    let slot = u32::try_from(place).unwrap_or(u32::MAX);
    Expression { kind: ExpressionKind::Slot(slot), result: of }
}

impl Binder<'_> {
    /// The steps of a call's aggregate, if a user has made it.
    pub(super) fn made_aggregate(&mut self, resolved: &Resolved) -> BindResult<Option<Arc<MadeAggregate>>> {
        let Some(found) = self.scope().function(resolved.found.function.0).cloned() else { return Ok(None) };
        let Some(aggregate) = found.aggregate() else { return Ok(None) };
        let given: Vec<Type> = resolved.arguments.iter().map(|argument| argument.result).collect();
        let call = StepCall { given, declared: inputs_of(&found), position: resolved.position };
        Ok(Some(Arc::new(self.made(aggregate, &call, resolved.result())?)))
    }

    /// The steps over a window: a row is not taken back where what it brought may not be had again.
    pub(super) fn moving_or_not<'e>(
        &self,
        mut made: Arc<MadeAggregate>,
        mut given: impl Iterator<Item = &'e Expression>,
    ) -> Arc<MadeAggregate> {
        let again =
            |part: &Expression| matches!(part.kind, ExpressionKind::Subquery(_)) || self.calls_volatile(part);
        if made.moving.is_some() && given.any(|given| given.any(&mut |part| again(part))) {
            Arc::make_mut(&mut made).moving = None;
        }
        made
    }

    fn made(&mut self, aggregate: &Aggregate, call: &StepCall, result: Type) -> BindResult<MadeAggregate> {
        let plain = self.steps(&aggregate.plain, call, result)?;
        let moving = match &aggregate.moving {
            None => None,
            Some((declared, inverse)) => {
                let steps = self.steps(declared, call, result)?;
                let taken_back = self.step_of(*inverse, call.with_state(steps.state), steps.state, call)?;
                Some((steps, taken_back))
            }
        };
        Ok(MadeAggregate { plain, moving })
    }

    fn steps(&mut self, steps: &Declared, call: &StepCall, result: Type) -> BindResult<AggregateSteps> {
        let given: Vec<u32> = call.given.iter().map(|of| of.oid).collect();
        let state = stands_for(self.types(), steps.state, &given, &call.declared)
            .map_err(|error| carried(&error, call.position))?;
        let state = Type::of(state);
        let strict = is_strict(self.context, steps.transition);
        let initial = match &steps.initial {
            None => None,
            Some(text) => {
                let literal = crate::constant::unknown(text, call.position);
                Some(self.cast(literal, state, CastContext::Explicit, call.position)?)
            }
        };
        let first = match (strict && initial.is_none(), call.given.first()) {
            (true, Some(of)) => {
                let bound = Bound { expression: slot(1, *of), position: call.position };
                Some(self.implicit(bound, state.oid)?)
            }
            (true, None) | (false, _) => None,
        };
        let last = match steps.last {
            0 => as_type(slot(0, state), result),
            last => {
                let nulls = call.given.iter().filter(|_| steps.last_extra);
                let nulls = nulls.map(|of| constant(Value::Null, of.oid, call.position).expression);
                let given = [slot(0, state)].into_iter().chain(nulls).collect();
                self.step_of(last, given, result, call)?
            }
        };
        let transition = self.step_of(steps.transition, call.with_state(state), state, call)?;
        Ok(AggregateSteps { state, transition, strict, initial, first, last })
    }

    /// A call of a step's function.
    fn step_of(
        &mut self,
        oid: Oid,
        given: Vec<Expression>,
        result: Type,
        call: &StepCall,
    ) -> BindResult<Expression> {
        let made = self.scope().function(oid).cloned();
        let inputs = made.as_ref().map(|function| inputs_of(function)).unwrap_or_default();
        let mut candidate = match (function(oid), &made) {
            (Some(entry), _) => Candidate::of_entry(entry, 0),
            (None, Some(function)) => self.users_candidate(0, function, &inputs),
            (None, None) => return Err(internal("a step of an aggregate is not there")),
        };
        // What is variadic is given as an array.
        candidate.variadic = 0;
        let name = match (candidate.builtin, &made) {
            (Some(entry), _) => entry.name.to_owned(),
            (None, Some(function)) => function.name.clone(),
            (None, None) => String::new(),
        };
        let position = call.position;
        let names = vec![super::call::Written::default(); given.len()];
        let given = given.into_iter().map(|expression| Bound { expression, position }).collect();
        match self.resolve_among(&name, &[candidate], given, &names, Asked::default(), position)? {
            Found::Call(resolved) => Ok(as_type(self.called(resolved, false), result)),
            Found::Cast(expression) => Ok(as_type(expression, result)),
        }
    }
}

/// The same value under the type that is said of it.
fn as_type(expression: Expression, of: Type) -> Expression {
    if expression.result.oid == of.oid {
        return expression;
    }
    Expression { kind: ExpressionKind::Relabel(Box::new(expression)), result: of }
}

/// A call as its steps see it.
struct StepCall {
    /// The types of its arguments.
    given: Vec<Type>,
    /// The types that the aggregate declares.
    declared: Vec<u32>,
    position: u32,
}

impl StepCall {
    /// The state and the arguments of a row.
    fn with_state(&self, state: Type) -> Vec<Expression> {
        [state].iter().chain(&self.given).enumerate().map(|(place, of)| slot(place, *of)).collect()
    }
}
