//! Calls of functions that return rows.

use super::compile::{Compiler, function};
use super::{Evaluator, Scope};
use crate::error::ExecuteResult;
use crate::routine::RoutineCall;
use crate::run::Run;
use functions::{Context, FunctionResult, RowSource, Site, Volatility};
use plan::expression::{Expression, ExpressionKind};
use types::Vector;

/// A call, compiled; what is no such function gives one row.
pub enum SetCall {
    /// A function that returns rows.
    Rows {
        /// Which.
        site: Box<Site>,
        /// Of what.
        arguments: Vec<Evaluator>,
    },
    /// A function in SQL.
    Routine {
        /// Which.
        call: Box<RoutineCall>,
        /// Of what.
        arguments: Vec<Evaluator>,
    },
    /// Any other expression.
    One(Evaluator),
}

/// Rows of one column, which are there already.
pub struct OneColumn(Option<Vector>);

impl OneColumn {
    /// These.
    pub fn new(values: Vector) -> OneColumn {
        OneColumn((!values.is_empty()).then_some(values))
    }
}

impl RowSource for OneColumn {
    fn next(&mut self, _: &mut Context<'_>, _: usize) -> FunctionResult<Option<Vec<Vector>>> {
        Ok(self.0.take().map(|vector| vec![vector]))
    }
}

impl SetCall {
    /// Compiles a call.
    pub fn new(compiler: &Compiler<'_>, expression: &Expression) -> ExecuteResult<SetCall> {
        if let ExpressionKind::Call(call) = &expression.kind {
            if let Some(routine) = compiler.routine(call, expression.result)? {
                let arguments = Evaluator::list(compiler, &call.arguments)?;
                return Ok(SetCall::Routine { call: Box::new(routine), arguments });
            }
            let entry = function(call.function)?;
            if entry.returns_set {
                let arguments: Vec<&Expression> = call.arguments.iter().collect();
                return Ok(SetCall::Rows {
                    site: compiler.site(call.function, &arguments, expression.result)?,
                    arguments: Evaluator::list(compiler, &call.arguments)?,
                });
            }
        }
        Ok(SetCall::One(Evaluator::new(compiler, expression)?))
    }

    /// The rows that it gives for a row of these columns.
    pub fn start(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Vector],
        row: u32,
    ) -> ExecuteResult<Box<dyn RowSource>> {
        let whole = Scope::new(columns, 1);
        let narrowed = if columns.is_empty() { None } else { Some(whole.narrow(&[row])?) };
        let scope = narrowed.as_ref().map_or(whole, |narrowed| narrowed.scope(columns));
        Ok(match self {
            SetCall::Rows { site, arguments } => {
                let vectors: ExecuteResult<Vec<Vector>> =
                    arguments.iter().map(|argument| argument.evaluate_in(run, &scope)).collect();
                if site.function.volatility == Volatility::Volatile {
                    run.note_volatile();
                }
                site.rows(&mut run.world.context, &vectors?, 0)?
            }
            SetCall::Routine { call, arguments } => {
                let vectors: ExecuteResult<Vec<Vector>> =
                    arguments.iter().map(|argument| argument.evaluate_in(run, &scope)).collect();
                Box::new(call.rows(run, &vectors?)?)
            }
            SetCall::One(value) => Box::new(OneColumn(Some(value.evaluate_in(run, &scope)?))),
        })
    }
}
