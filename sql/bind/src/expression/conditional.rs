//! `CASE`, `COALESCE`, `NULLIF`, `GREATEST`, `LEAST`.

use crate::binder::{Binder, Bound, carried};
use crate::constant::constant;
use crate::error::{BindError, BindErrorKind, BindResult};
use functions::resolve::common_type;
use plan::expression::{Expression, ExpressionKind};
use syntax::tree::expression::{CaseArm, Expression as Syntax};
use types::catalog::oid;
use types::{Type, Value};

impl Binder<'_> {
    /// Runs `inner` where functions that return sets may not stand.
    fn conditionally<T>(
        &mut self,
        construct: &'static str,
        inner: impl FnOnce(&mut Self) -> BindResult<T>,
    ) -> BindResult<T> {
        let around = self.level().conditional.replace(construct);
        let result = inner(self);
        self.level().conditional = around;
        result
    }

    /// The type that several have in common; an error points at the one that does not go with the others.
    pub fn common(&self, bound: &[&Bound], context: &'static str) -> BindResult<u32> {
        let given: Vec<u32> = bound.iter().map(|bound| bound.oid()).collect();
        common_type(self.types(), &given, context).map_err(|(place, error)| {
            carried(&error, bound.get(place).or(bound.last()).map_or(0, |bound| bound.position))
        })
    }

    pub(super) fn case(
        &mut self,
        operand: Option<&Syntax<'_>>,
        arms: &[CaseArm<'_>],
        otherwise: Option<&Syntax<'_>>,
        position: u32,
    ) -> BindResult<Bound> {
        self.conditionally("CASE", |binder| {
            let operand = match operand {
                Some(operand) => {
                    let bound = binder.expression(operand)?;
                    Some(binder.settle(bound)?)
                }
                None => None,
            };
            let mut conditions = Vec::with_capacity(arms.len());
            let mut results = Vec::with_capacity(arms.len());
            for arm in arms {
                let when = binder.expression(&arm.when)?;
                conditions.push(binder.when(operand.as_ref(), when, arm.position)?);
                results.push(binder.expression(&arm.then)?);
            }
            let otherwise = match otherwise {
                Some(otherwise) => binder.expression(otherwise)?,
                None => constant(Value::Null, oid::UNKNOWN, position),
            };
            // What is chosen first decides first.
            let all: Vec<&Bound> = std::iter::once(&otherwise).chain(&results).collect();
            let common = binder.common(&all, "CASE")?;
            let otherwise = binder.cast_to_common(otherwise, common)?;
            let mut bound = Vec::with_capacity(arms.len());
            for (condition, result) in conditions.into_iter().zip(results) {
                bound.push((condition, binder.cast_to_common(result, common)?));
            }
            let operand = operand.map(|operand| Box::new(operand.expression));
            let kind = ExpressionKind::Case { operand, arms: bound, otherwise: Some(Box::new(otherwise)) };
            Ok(Bound { expression: Expression { kind, result: Type::of(common) }, position })
        })
    }

    fn when(&mut self, operand: Option<&Bound>, when: Bound, position: u32) -> BindResult<Expression> {
        let Some(operand) = operand else { return self.boolean(when, "CASE/WHEN") };
        let value = Expression { kind: ExpressionKind::CaseOperand, result: operand.expression.result };
        let value = Bound { expression: value, position };
        let test = self.operation_or_row("=", value, when, position)?;
        self.boolean(test, "CASE/WHEN")
    }

    pub(super) fn coalesce(&mut self, terms: &[Syntax<'_>], position: u32) -> BindResult<Bound> {
        self.conditionally("COALESCE", |binder| {
            let bound = binder.expressions(terms)?;
            let common = binder.common(&bound.iter().collect::<Vec<_>>(), "COALESCE")?;
            let mut coerced = Vec::with_capacity(bound.len());
            for term in bound {
                coerced.push(binder.cast_to_common(term, common)?);
            }
            let kind = ExpressionKind::Coalesce(coerced);
            Ok(Bound { expression: Expression { kind, result: Type::of(common) }, position })
        })
    }

    pub(super) fn null_if(
        &mut self,
        one: &Syntax<'_>,
        other: &Syntax<'_>,
        position: u32,
    ) -> BindResult<Bound> {
        let (one, other) = (self.expression(one)?, self.expression(other)?);
        let (equality, operands) = self.equality("NULLIF", one, other, position)?;
        let result = operands.0.result;
        let kind = ExpressionKind::NullIf { equality, operands: Box::new(operands) };
        Ok(Bound { expression: Expression { kind, result }, position })
    }

    pub(super) fn extreme(
        &mut self,
        terms: &[Syntax<'_>],
        greatest: bool,
        position: u32,
    ) -> BindResult<Bound> {
        let bound = self.expressions(terms)?;
        let context = if greatest { "GREATEST" } else { "LEAST" };
        let common = self.common(&bound.iter().collect::<Vec<_>>(), context)?;
        let mut operands = Vec::with_capacity(bound.len());
        for term in bound {
            operands.push(self.cast_to_common(term, common)?);
        }
        let Some(order) = self.types().order(Type::of(common)) else {
            let type_name = self.type_name(common);
            return Err(BindError::new(BindErrorKind::NoComparison { type_name }));
        };
        let kind = ExpressionKind::Extreme { greatest, order, operands };
        Ok(Bound { expression: Expression { kind, result: Type::of(common) }, position })
    }
}
