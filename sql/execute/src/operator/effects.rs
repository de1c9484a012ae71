//! Functions with effects are called row by row: what is called later sees what was called before, and what nobody asks for
//! is not called, as in PostgreSQL, where every operator makes one row at a time.
//!
//! What computes such a function gets its rows one by one, so that all that is computed of a row comes before the next row;
//! what is above it gets them one by one as well. Everything else goes on in chunks.

use super::{BoxedOperator, Operator};
use crate::error::ExecuteResult;
use crate::evaluate::Compiler;
use crate::run::Run;
use functions::Volatility;
use functions::table::{self, FunctionEntry};
use plan::expression::{Expression, ExpressionKind};
use plan::physical::{Making, Plan, Subplan};
use types::Types;
use types::vector::Chunk;

/// Volatile functions whose calls know nothing of each other. (`random` does after `setseed`; numbers by chance have no order
/// that would be worth its price.)
const WITHOUT_EFFECT: [&str; 4] = ["clock_timestamp", "gen_random_uuid", "random", "timeofday"];

/// How many calls in expressions have effects; one of a function that a user has made counts twice, as there may be several
/// things that it does, and so does a question to a subplan.
pub fn effects<'e>(compiler: &Compiler<'_>, expressions: impl IntoIterator<Item = &'e Expression>) -> usize {
    let mut expressions = expressions.into_iter();
    effects_within(compiler, &mut expressions)
}

fn effects_within(compiler: &Compiler<'_>, expressions: &mut dyn Iterator<Item = &Expression>) -> usize {
    let (types, mut found) = (compiler.types(), 0);
    for expression in expressions {
        expression.walk(&mut |part| {
            part.for_each_function(&mut |function| found += effects_of(types, function.0));
            match &part.kind {
                ExpressionKind::DomainCheck { domain, .. } => {
                    found += effects_within(compiler, &mut domain.checks.iter().map(|(_, check)| check));
                }
                ExpressionKind::Subplan { plan, .. } if compiler.has_effects(*plan) => found += 2,
                _ => {} // its parts are looked at, and its functions
            }
        });
    }
    found
}

/// Which subplans may have effects whenever they are asked: those that are run once for all have them then.
pub fn subplans_with_effects(plan: &Plan) -> Vec<bool> {
    let once = |subplan: &Subplan| subplan.once && subplan.making != Making::Anew;
    plan.subplans.iter().map(|subplan| subplan.volatile && !once(subplan)).collect()
}

/// Whether expressions may call functions that a user has made, those of domains among them.
pub fn calls_routines<'e>(types: &dyn Types, expressions: impl IntoIterator<Item = &'e Expression>) -> bool {
    let mut found = false;
    for expression in expressions {
        expression.walk(&mut |part| {
            found |= may_check_domains(&part.kind);
            part.for_each_function(&mut |function| found |= entry_of(types, function.0).is_none());
        });
    }
    found
}

fn may_check_domains(kind: &ExpressionKind) -> bool {
    matches!(
        kind,
        ExpressionKind::DomainCheck { .. }
            | ExpressionKind::ArrayCast { .. }
            | ExpressionKind::RowCast { .. }
            | ExpressionKind::ThroughText(_)
    )
}

fn entry_of(types: &dyn Types, function: u32) -> Option<&'static FunctionEntry> {
    table::function(types.worker(function).unwrap_or(function))
}

/// Whether a function of the program is not to be called once more than is asked for.
pub fn has_effects(entry: &FunctionEntry) -> bool {
    entry.volatility == Volatility::Volatile && !WITHOUT_EFFECT.contains(&entry.name)
}

fn effects_of(types: &dyn Types, function: u32) -> usize {
    match entry_of(types, function) {
        None => 2,
        Some(entry) => usize::from(has_effects(entry)),
    }
}

/// Hands up rows one by one.
pub struct RowByRow {
    input: BoxedOperator,
    /// Rows that are being handed up, and the next of them.
    present: Option<(Chunk, usize)>,
}

impl RowByRow {
    /// Those of an operator.
    pub fn new(input: BoxedOperator) -> RowByRow {
        RowByRow { input, present: None }
    }
}

impl Operator for RowByRow {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        loop {
            if let Some((chunk, next)) = &mut self.present {
                if *next < chunk.rows() {
                    *next += 1;
                    return Ok(Some(chunk.slice(*next - 1, 1)));
                }
                self.present = None;
            }
            let Some(chunk) = self.input.next(run)? else { return Ok(None) };
            self.present = Some((chunk.densify()?, 0));
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.present = None;
        self.input.rewind(run)
    }
}

/// A scan whose filter has effects: it reads one row at a time.
pub struct Stepwise {
    input: BoxedOperator,
}

impl Stepwise {
    /// Of a scan.
    pub fn new(input: BoxedOperator) -> Stepwise {
        Stepwise { input }
    }
}

impl Operator for Stepwise {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let usual = std::mem::replace(&mut run.world.settings.chunk_rows, 1);
        let chunk = self.input.next(run);
        run.world.settings.chunk_rows = usual;
        chunk
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.input.rewind(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::expression::DomainRules;
    use std::sync::Arc;
    use types::catalog::oid;
    use types::{BuiltinTypes, Type, Value};

    /// A domain's check may call whatever a user has made, also where no function is named.
    #[test]
    fn what_checks_a_domain_may_call_routines() {
        let of = |kind| Expression { kind, result: Type::of(oid::INT4) };
        let plain = of(ExpressionKind::Constant(Value::Int32(1)));
        assert!(!calls_routines(&BuiltinTypes, [&plain]));
        let rules =
            DomainRules { schema: "public".into(), name: "d".into(), not_null: false, checks: Vec::new() };
        let checked = of(ExpressionKind::DomainCheck { operand: Box::new(plain), domain: Arc::new(rules) });
        assert!(calls_routines(&BuiltinTypes, [&checked]));
        assert!(calls_routines(&BuiltinTypes, [&of(ExpressionKind::Not(Box::new(checked)))]));
    }
}
