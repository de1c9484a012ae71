//! Calls of functions that return rows.

use super::compile::{Compiler, function};
use super::run::evaluate_site;
use super::{Evaluator, Scope};
use crate::error::ExecuteResult;
use crate::routine::RoutineCall;
use crate::run::Run;
use functions::resolve::stands_for;
use functions::{Context, FunctionResult, RowSource, Site, Volatility};
use plan::expression::{Expression, ExpressionKind};
use types::catalog::Column;
use types::record::record;
use types::vector::VectorBuilder;
use types::{Item, Kind, Vector};

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
    /// A function that returns a row whose columns the query says.
    Row {
        /// Which.
        site: Box<Site>,
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

/// Rows of a function that declares columns, as records: what a select list makes of them.
struct Records {
    rows: Box<dyn RowSource>,
    types: Vec<u32>,
}

impl RowSource for Records {
    fn next(&mut self, context: &mut Context<'_>, limit: usize) -> FunctionResult<Option<Vec<Vector>>> {
        let Some(columns) = self.rows.next(context, limit)? else { return Ok(None) };
        let rows = columns.first().map_or(0, Vector::len);
        let mut builder = VectorBuilder::new(Kind::Bytes, rows);
        for row in 0..rows {
            let fields = columns.iter().zip(&self.types);
            let fields: Vec<(u32, Kind, Item<'_>)> =
                fields.map(|(column, of)| (*of, column.kind(), column.item(row))).collect();
            builder.push_bytes(&record(&fields))?;
        }
        Ok(Some(vec![builder.finish()]))
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
            // None of those that come with a type of a user's returns a set.
            if function(call.function).is_ok_and(|entry| entry.returns_set) {
                let arguments: Vec<&Expression> = call.arguments.iter().collect();
                return Ok(SetCall::Rows {
                    site: compiler.site(call.function, &arguments, expression.result)?,
                    arguments: Evaluator::list(compiler, &call.arguments)?,
                });
            }
        }
        Ok(SetCall::One(Evaluator::new(compiler, expression)?))
    }

    /// The same where the query says the columns of a `record`.
    pub fn with_columns(
        compiler: &Compiler<'_>,
        expression: &Expression,
        columns: Box<[Column]>,
    ) -> ExecuteResult<SetCall> {
        let ExpressionKind::Call(call) = &expression.kind else {
            return SetCall::new(compiler, expression);
        };
        if let Some(mut routine) = compiler.routine(call, expression.result)? {
            routine.columns = columns.iter().map(|column| column.column_type).collect();
            let arguments = Evaluator::list(compiler, &call.arguments)?;
            return Ok(SetCall::Routine { call: Box::new(routine), arguments });
        }
        let written: Vec<&Expression> = call.arguments.iter().collect();
        let mut site = compiler.site(call.function, &written, expression.result)?;
        site.columns = columns;
        let arguments = Evaluator::list(compiler, &call.arguments)?;
        Ok(match site.function.returns_set {
            true => SetCall::Rows { site, arguments },
            false => SetCall::Row { site, arguments },
        })
    }

    /// Whether rows that it gives are records, not the columns themselves.
    pub fn gives_records(&self) -> bool {
        match self {
            SetCall::Rows { site, .. } => site.function.columns.is_empty(),
            SetCall::Routine { .. } | SetCall::Row { .. } | SetCall::One(_) => true,
        }
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
                    run.note_effect();
                }
                let rows = site.rows(&mut run.world.context, &vectors?, 0)?;
                match site.function.columns {
                    declared @ [_, _, ..] if site.columns.is_empty() => {
                        let given: Vec<u32> = site.arguments.iter().map(|of| of.oid).collect();
                        let known = |of| {
                            let inputs = site.function.arguments;
                            stands_for(run.world.context.types, of, &given, inputs).unwrap_or(of)
                        };
                        let types = declared.iter().map(|(_, of)| known(*of)).collect();
                        Box::new(Records { rows, types })
                    }
                    _ => rows,
                }
            }
            SetCall::Routine { call, arguments } => {
                let vectors: ExecuteResult<Vec<Vector>> =
                    arguments.iter().map(|argument| argument.evaluate_in(run, &scope)).collect();
                Box::new(call.rows(run, &vectors?)?)
            }
            SetCall::Row { site, arguments } => {
                let vectors: ExecuteResult<Vec<Vector>> =
                    arguments.iter().map(|argument| argument.evaluate_in(run, &scope)).collect();
                Box::new(OneColumn(Some(evaluate_site(site, &vectors?, run, 1)?)))
            }
            SetCall::One(value) => Box::new(OneColumn(Some(value.evaluate_in(run, &scope)?))),
        })
    }
}
