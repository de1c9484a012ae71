//! What the planner tries: the values of constant expressions, and which values of statistics match a pattern. What fails is as if it
//! had not been tried, unless the planner says that the statement fails by it.

use crate::client::Notice;
use crate::world::Parts;
use catalog::Scope;
use diagnostic::{Diagnostic, SqlState};
use execute::{ExecuteError, ExecuteResult, World};
use functions::Site;
use functions::table::Volatility;
use plan::expression::{Call, Expression, FunctionId};
use std::cell::{Cell, RefCell};
use store::Transaction;
use types::vector::VectorBuilder;
use types::{Type, Value, Vector};

/// For which values, as its first argument, a call of a known function is true whose second argument is a constant.
fn matches(
    world: &mut World<'_>,
    call: &Call,
    of: Type,
    values: &[&Value],
) -> Result<Option<Vec<bool>>, ExecuteError> {
    let (Some(function), [_, pattern]) =
        (functions::table::function(call.function.0), call.arguments.as_slice())
    else {
        return Ok(None);
    };
    // What it does besides, and what not everybody may ask, is not done for an estimate.
    if function.volatility == Volatility::Volatile || functions::table::callers(function.oid).is_some() {
        return Ok(None);
    }
    let kind = |of: Type| world.context.types.entry(of.oid).and_then(|entry| entry.kind);
    let (Some(kind), Some(of_pattern), Some(constant)) =
        (kind(of), kind(pattern.result), pattern.as_constant())
    else {
        return Ok(None);
    };
    let mut builder = VectorBuilder::new(kind, values.len());
    values.iter().try_for_each(|value| builder.push(value))?;
    let vectors = [builder.finish(), Vector::constant(of_pattern, constant, values.len())?];
    let site = Site {
        function,
        native: 0,
        arguments: [of, pattern.result].into(),
        result: Type::of(function.result),
        variadic: false,
        columns: Box::default(),
    };
    let found = site.evaluate(&mut world.context, &vectors, values.len())?;
    Ok(Some((0..values.len()).map(|row| found.value(row) == Value::Bool(true)).collect()))
}

/// The value of an expression that depends on nothing but what the session knows; none where it calls what the role may not, so that
/// the error comes when the statement runs, if it comes at all.
///
/// # Errors
/// Those of the expression.
fn fold(
    scope: &Scope,
    transaction: &mut Transaction,
    parts: &mut Parts<'_>,
    expression: &Expression,
) -> ExecuteResult<Option<Value>> {
    if crate::privileges::may_evaluate(scope, parts.roles.0, parts.database.0, expression).is_err() {
        return Ok(None);
    }
    let evaluated = |world: &mut World<'_>| crate::words::evaluated(world, expression.clone());
    parts.within(scope, transaction, &[], evaluated).map(Some)
}

/// What is tried while a statement is planned.
pub(crate) struct Trials<'t> {
    scope: &'t Scope,
    world: RefCell<(&'t mut Transaction, Parts<'t>)>,
    /// By what the statement fails.
    stopped: RefCell<Option<ExecuteError>>,
    /// Whether what is evaluated says nothing.
    trial: Cell<bool>,
}

impl<'t> Trials<'t> {
    pub fn new(scope: &'t Scope, transaction: &'t mut Transaction, parts: Parts<'t>) -> Trials<'t> {
        let world = RefCell::new((transaction, parts));
        Trials { scope, world, stopped: RefCell::new(None), trial: Cell::new(false) }
    }

    pub fn fold(&self, expression: &Expression) -> Option<Value> {
        let (transaction, parts) = &mut *self.world.borrow_mut();
        if self.stopped.borrow().is_some() {
            return None;
        }
        let said = parts.notices.len();
        parts.tally.borrow_mut().fold(true);
        let done = fold(self.scope, transaction, parts, expression);
        let found = tried(&mut self.stopped.borrow_mut(), done);
        parts.tally.borrow_mut().fold(false);
        if found.is_none() || self.trial.get() {
            // It is said when the statement is planned in truth, or runs.
            parts.notices.truncate(said);
        }
        found
    }

    pub fn demand(&self, expression: &Expression, within: Option<FunctionId>) {
        let (transaction, parts) = &mut *self.world.borrow_mut();
        if self.stopped.borrow().is_none()
            && let Err(error) = fold(self.scope, transaction, parts, expression)
        {
            let error = match within.and_then(|function| self.scope.function(function.0)) {
                Some(function) => error.within(format!("SQL function \"{}\" during inlining", function.name)),
                None => error,
            };
            self.stopped.borrow_mut().get_or_insert(error);
        }
    }

    pub fn try_only(&self, trial: bool) {
        self.trial.set(trial);
    }

    pub fn matches(&self, call: &Call, of: Type, values: &[&Value]) -> Option<Vec<bool>> {
        let (transaction, parts) = &mut *self.world.borrow_mut();
        if self.stopped.borrow().is_some() {
            return None;
        }
        let done = parts.within(self.scope, transaction, &[], |world| matches(world, call, of, values));
        tried(&mut self.stopped.borrow_mut(), done)
    }

    /// What was said, and by what the statement fails.
    pub fn finish(self) -> (Vec<Notice>, Option<ExecuteError>) {
        (std::mem::take(&mut self.world.into_inner().1.notices), self.stopped.into_inner())
    }
}

/// What comes of something that is only tried: nothing if it fails. Whoever stopped it meant the statement: that is kept, for
/// whoever plans it.
fn tried<R>(stopped: &mut Option<ExecuteError>, done: ExecuteResult<Option<R>>) -> Option<R> {
    match done {
        Ok(found) => found,
        Err(error) => {
            if error.sqlstate() == SqlState::QueryCanceled {
                stopped.get_or_insert(error);
            }
            None
        }
    }
}
