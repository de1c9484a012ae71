//! Conditions of a window function's values that are false for the rest of a partition once they are not true: the values
//! only grow, or only shrink. The window itself leaves such rows out (PostgreSQL's run conditions).

use super::{Lowering, Planned, Wanted};
use crate::error::PlanResult;
use crate::expression::{
    Column, Expression, ExpressionKind, FrameBound, FrameExclusion, RelationId, WindowCall,
};
use crate::logical::{Logical, Window};
use crate::rewrite::is_volatile;
use types::vector::Operator;

/// How the values of a function go on within a partition.
#[derive(Clone, Copy, PartialEq)]
enum Course {
    Rising,
    Falling,
    /// It is one value throughout.
    Level,
}

/// A condition as it ends the rows of a window, and whether it is asked of the rows all the same.
struct Ending {
    condition: Expression,
    kept: bool,
}

impl Lowering<'_> {
    /// Plans a query whose top is a window, with those of the conditions that end its rows; the other conditions. The query as
    /// it is, if there are none.
    pub(super) fn lower_until(
        &mut self,
        input: Logical,
        conditions: Vec<Expression>,
    ) -> PlanResult<(Result<Planned, Logical>, Vec<Expression>)> {
        let Logical::Project { relation, input: below, expressions } = input else {
            return Ok((Err(input), conditions));
        };
        let Logical::Window(window) = *below else {
            return Ok((Err(Logical::Project { relation, input: below, expressions }), conditions));
        };
        let (mut until, mut rest) = (Vec::new(), Vec::new());
        for condition in conditions {
            match self.ending(&window, relation, &expressions, &condition) {
                Some(ending) if self.facts.settings().optimise => {
                    until.push(ending.condition);
                    if ending.kept {
                        rest.push(condition);
                    }
                }
                Some(_) | None => rest.push(condition),
            }
        }
        if until.is_empty() {
            let below = Box::new(Logical::Window(window));
            return Ok((Err(Logical::Project { relation, input: below, expressions }), rest));
        }
        let planned = self.lower_window_until(*window, until, &Wanted::default())?;
        Ok((Ok(self.project(relation, planned, expressions)?), rest))
    }

    fn ending(
        &self,
        window: &Window,
        relation: RelationId,
        expressions: &[Expression],
        condition: &Expression,
    ) -> Option<Ending> {
        let ExpressionKind::Call(call) = &condition.kind else { return None };
        let [left, right] = call.arguments.as_slice() else { return None };
        let comparison = self.facts.comparison(call.function)?;
        let made = |expression: &Expression| {
            let column = expression.as_column().filter(|column| column.relation == relation)?;
            let column = expressions.get(column.index as usize)?.as_column()?;
            (column.relation == window.relation).then_some(column)
        };
        let (column, value, turned) = match (made(left), made(right)) {
            (Some(column), None) => (column, right, false),
            (None, Some(column)) => (column, left, true),
            _ => return None,
        };
        if value.has_subquery() || names_columns(value) || is_volatile(self.facts, value) {
            return None;
        }
        let course = self.course(window, window.functions.get(column.index as usize)?)?;
        let operator = if turned { comparison.operator.flipped() } else { comparison.operator };
        let (wanted, kept) = match (operator, course) {
            (Operator::Less | Operator::LessOrEqual, Course::Rising | Course::Level)
            | (Operator::Greater | Operator::GreaterOrEqual, Course::Falling | Course::Level)
            | (Operator::Equal, Course::Level) => (operator, false),
            (Operator::Equal, Course::Rising) => (Operator::LessOrEqual, true),
            (Operator::Equal, Course::Falling) => (Operator::GreaterOrEqual, true),
            (
                Operator::Less
                | Operator::LessOrEqual
                | Operator::Greater
                | Operator::GreaterOrEqual
                | Operator::NotEqual,
                _,
            ) => return None,
        };
        let condition = self.as_ending(condition, column, (turned, operator, wanted))?;
        Some(Ending { condition, kept })
    }

    /// A condition of a window function's value, with another operator if another is wanted.
    fn as_ending(
        &self,
        condition: &Expression,
        column: Column,
        (turned, given, wanted): (bool, Operator, Operator),
    ) -> Option<Expression> {
        let mut condition = condition.clone();
        let ExpressionKind::Call(call) = &mut condition.kind else { return None };
        let [left, right] = call.arguments.as_mut_slice() else { return None };
        let (left_type, right_type) = (left.result, right.result);
        let side = if turned { right } else { left };
        *side = Expression::column(column, side.result);
        if wanted != given {
            let wanted = if turned { wanted.flipped() } else { wanted };
            let (function, name) = self.facts.comparison_of(wanted, left_type, right_type)?;
            (call.function, call.operator) = (function, Some(name));
        }
        Some(condition)
    }

    /// How the values of a window function go on.
    fn course(&self, window: &Window, call: &WindowCall) -> Option<Course> {
        if call.made.is_some() || call.filter.is_some() {
            return None;
        }
        match &*self.facts.function_name(call.function) {
            "row_number" | "rank" | "dense_rank" => Some(Course::Rising),
            "count" => {
                let constant = |argument: &Expression| {
                    !names_columns(argument) && !argument.has_subquery() && !is_volatile(self.facts, argument)
                };
                if !call.arguments.iter().all(constant) {
                    return None;
                }
                if window.order.is_empty() {
                    let whole = call.frame.exclusion == FrameExclusion::NoOthers
                        && matches!(call.frame.start, FrameBound::UnboundedPreceding)
                        && !matches!(call.frame.unit, crate::expression::FrameUnit::Rows);
                    return whole.then_some(Course::Level);
                }
                if call.frame.exclusion != FrameExclusion::NoOthers {
                    return None;
                }
                let from_first = call.frame.start == FrameBound::UnboundedPreceding;
                let to_last = call.frame.end == FrameBound::UnboundedFollowing;
                match (from_first, to_last) {
                    (true, true) => Some(Course::Level),
                    (true, false) => Some(Course::Rising),
                    (false, true) => Some(Course::Falling),
                    (false, false) => None,
                }
            }
            _ => None, // of other functions nothing is known
        }
    }
}

/// Whether an expression names a column.
fn names_columns(expression: &Expression) -> bool {
    let mut named = false;
    expression.for_each_column(&mut |_| named = true);
    named
}
