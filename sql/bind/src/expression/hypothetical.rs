//! `rank`, `dense_rank`, `percent_rank` and `cume_dist` of a row that is not there: they count rows that come before it, so
//! they are made of `count`, with a condition that says which these are.

use crate::binder::{Binder, Bound, internal};
use crate::constant::constant;
use crate::error::BindResult;
use functions::table::CastContext;
use plan::expression::{Aggregate, Expression, ExpressionKind, FunctionId, SortKey};
use types::catalog::oid;
use types::{Type, Value};

/// `count(*)`
const COUNT_ROWS: FunctionId = FunctionId(2803);
/// `count(…)`
const COUNT: FunctionId = FunctionId(2147);

/// A row that is placed among those of a group.
pub(super) struct HypotheticalRow<'r> {
    /// Its values.
    pub values: &'r [Expression],
    /// What the group's rows are sorted by, in step with the values.
    pub keys: &'r [SortKey],
    pub filter: Option<Expression>,
    pub position: u32,
}

fn boolean(kind: ExpressionKind) -> Expression {
    Expression { kind, result: Type::of(oid::BOOL) }
}

fn truth(truth: bool) -> Expression {
    boolean(ExpressionKind::Constant(Value::Bool(truth)))
}

fn is_null(operand: &Expression) -> Expression {
    boolean(ExpressionKind::IsNull { operand: Box::new(operand.clone()), negated: false })
}

fn all_of(terms: Vec<Expression>) -> Expression {
    match <[Expression; 1]>::try_from(terms) {
        Ok([only]) => only,
        Err(terms) if terms.is_empty() => truth(true),
        Err(terms) => boolean(ExpressionKind::And(terms)),
    }
}

impl Binder<'_> {
    pub(super) fn hypothetical(
        &mut self,
        function: FunctionId,
        row: &HypotheticalRow<'_>,
        uses: &[usize],
    ) -> BindResult<Bound> {
        let position = row.position;
        let (before, same) = self.before(row)?;
        let number = |number| constant(Value::Int64(number), oid::INT8, position);
        match function.0 {
            3986 => {
                let count = self.count_rows(row, before, uses)?;
                self.operation("+", count, number(1), position)
            }
            3992 => {
                let count = self.count_distinct(row, before, uses)?;
                self.operation("+", count, number(1), position)
            }
            3988 => {
                let count = self.count_rows(row, before, uses)?;
                let all = self.count_rows(row, self.any_row(row), uses)?;
                let nothing = self.operation("=", all.clone(), number(0), position)?.expression;
                let all = self.as_float(all)?;
                let share = {
                    let count = self.as_float(count)?;
                    self.operation("/", count, all, position)?
                };
                let zero = ExpressionKind::Constant(Value::Float64(0.0));
                let result = Type::of(oid::FLOAT8);
                let arms = vec![(nothing, Expression { kind: zero, result })];
                let otherwise = Some(Box::new(share.expression));
                let kind = ExpressionKind::Case { operand: None, arms, otherwise };
                Ok(Bound { expression: Expression { kind, result }, position })
            }
            3990 => {
                let reached = boolean(ExpressionKind::Or(vec![before, same]));
                let count = self.count_rows(row, reached, uses)?;
                let all = self.count_rows(row, self.any_row(row), uses)?;
                let count = self.operation("+", count, number(1), position)?;
                let all = self.operation("+", all, number(1), position)?;
                let (count, all) = (self.as_float(count)?, self.as_float(all)?);
                self.operation("/", count, all, position)
            }
            _ => Err(internal("a hypothetical-set aggregate that nobody knows")),
        }
    }

    fn as_float(&mut self, bound: Bound) -> BindResult<Bound> {
        let position = bound.position;
        let expression = self.cast(bound, Type::of(oid::FLOAT8), CastContext::Explicit, position)?;
        Ok(Bound { expression, position })
    }

    /// Whether a row of the group comes before the one that is placed, and whether they are peers. Neither is ever null.
    fn before(&mut self, row: &HypotheticalRow<'_>) -> BindResult<(Expression, Expression)> {
        let (mut alternatives, mut same) = (Vec::new(), Vec::new());
        for (key, value) in row.keys.iter().zip(row.values) {
            let mut terms = same.clone();
            terms.push(self.before_by(key, value, row.position)?);
            alternatives.push(all_of(terms));
            let bound =
                |expression: &Expression| Bound { expression: expression.clone(), position: row.position };
            let equality =
                self.equality("IS DISTINCT FROM", bound(&key.expression), bound(value), row.position)?;
            same.push(boolean(ExpressionKind::IsDistinct {
                equality: equality.0,
                operands: Box::new(equality.1),
                negated: true,
            }));
        }
        let before = match <[Expression; 1]>::try_from(alternatives) {
            Ok([only]) => only,
            Err(alternatives) => boolean(ExpressionKind::Or(alternatives)),
        };
        Ok((before, all_of(same)))
    }

    fn before_by(&mut self, key: &SortKey, value: &Expression, position: u32) -> BindResult<Expression> {
        let bound = |expression: &Expression| Bound { expression: expression.clone(), position };
        let operator = if key.descending { ">" } else { "<" };
        let less = self.operation(operator, bound(&key.expression), bound(value), position)?.expression;
        let is_value = ExpressionKind::IsNull { operand: Box::new(value.clone()), negated: true };
        let null_row = if key.nulls_first { boolean(is_value) } else { truth(false) };
        let arms = vec![(is_null(&key.expression), null_row), (is_null(value), truth(!key.nulls_first))];
        let otherwise = Some(Box::new(less));
        Ok(boolean(ExpressionKind::Case { operand: None, arms, otherwise }))
    }

    /// A condition that holds for every row, but names what is sorted by: the count belongs to the same query.
    fn any_row(&self, row: &HypotheticalRow<'_>) -> Expression {
        let Some(key) = row.keys.first() else { return truth(true) };
        let null = is_null(&key.expression);
        let not = boolean(ExpressionKind::Not(Box::new(null.clone())));
        boolean(ExpressionKind::Or(vec![null, not]))
    }

    fn count_rows(
        &mut self,
        row: &HypotheticalRow<'_>,
        condition: Expression,
        uses: &[usize],
    ) -> BindResult<Bound> {
        let counted = counting(COUNT_ROWS, Vec::new(), row, condition);
        self.place_aggregate(counted, row.position, uses)
    }

    fn count_distinct(
        &mut self,
        row: &HypotheticalRow<'_>,
        condition: Expression,
        uses: &[usize],
    ) -> BindResult<Bound> {
        let fields: Vec<Expression> = row.keys.iter().map(|key| key.expression.clone()).collect();
        let rows = self.unnamed_row(fields);
        let result = rows.result;
        let order = self.types().order(result).ok_or_else(|| self.no_equality(result.oid, row.position))?;
        let mut counted = counting(COUNT, vec![rows], row, condition);
        counted.distinct.push(order);
        self.place_aggregate(counted, row.position, uses)
    }
}

fn counting(
    function: FunctionId,
    arguments: Vec<Expression>,
    row: &HypotheticalRow<'_>,
    condition: Expression,
) -> Aggregate {
    let filter = all_of(row.filter.iter().cloned().chain([condition]).collect());
    Aggregate {
        function,
        arguments,
        direct: 0,
        distinct: Vec::new(),
        order: Vec::new(),
        filter: Some(filter),
        made: None,
        result: Type::of(oid::INT8),
    }
}
