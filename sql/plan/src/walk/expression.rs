//! The parts of an expression.

use crate::expression::{
    Aggregate, Call, CallForm, Column, Expression, ExpressionKind, FrameBound, FunctionId, RelationId,
    ReplacePath, SubplanTest, SubqueryTest, SubscriptStep, WindowCall,
};
use std::collections::BTreeSet;
use types::{Type, Value};

/// Calls `visit` with every expression of a subscript.
macro_rules! steps {
    ($steps:expr, $visit:expr) => {
        for step in $steps {
            match step {
                SubscriptStep::Index(index) => $visit(index),
                SubscriptStep::Slice(low, high) => {
                    for bound in low.into_iter().chain(high) {
                        $visit(bound);
                    }
                }
            }
        }
    };
}

/// Calls `visit` with every part of an expression's kind, once by reference and once by mutable reference: the two differ
/// in nothing but that.
macro_rules! parts {
    ([$($reference:tt)+], $kind:expr, $visit:expr) => {{
        let visit = $visit;
        match $($reference)+ $kind {
            ExpressionKind::Constant(_)
            | ExpressionKind::Parameter(_)
            | ExpressionKind::Column(_)
            | ExpressionKind::Slot(_)
            | ExpressionKind::Outer(_)
            | ExpressionKind::CaseOperand
            | ExpressionKind::Element
            | ExpressionKind::SqlValue(_)
            | ExpressionKind::Grouping(_) => {}
            ExpressionKind::Call(Call { arguments: parts, .. })
            | ExpressionKind::And(parts)
            | ExpressionKind::Or(parts)
            | ExpressionKind::Coalesce(parts)
            | ExpressionKind::Extreme { operands: parts, .. }
            | ExpressionKind::Array { elements: parts, .. }
            | ExpressionKind::Row(parts) => {
                for part in parts {
                    visit(part);
                }
            }
            ExpressionKind::Not(operand)
            | ExpressionKind::Relabel(operand)
            | ExpressionKind::Collate { operand, .. }
            | ExpressionKind::ThroughText(operand)
            | ExpressionKind::IsNull { operand, .. }
            | ExpressionKind::IsBoolean { operand, .. }
            | ExpressionKind::DomainCheck { operand, .. }
            | ExpressionKind::Field { operand, .. } => visit(operand),
            ExpressionKind::IsDistinct { operands, .. }
            | ExpressionKind::NullIf { operands, .. }
            | ExpressionKind::Quantified { operands, .. } => {
                visit($($reference)+ operands.0);
                visit($($reference)+ operands.1);
            }
            ExpressionKind::Case { operand, arms, otherwise } => {
                if let Some(part) = operand {
                    visit(part);
                }
                for (condition, result) in arms {
                    visit(condition);
                    visit(result);
                }
                if let Some(part) = otherwise {
                    visit(part);
                }
            }
            ExpressionKind::ArrayCast { operand, element } => {
                visit(operand);
                visit(element);
            }
            ExpressionKind::RowCast { operand, fields } => {
                visit(operand);
                for (_, cast) in fields {
                    if let Some(cast) = cast {
                        visit(cast);
                    }
                }
            }
            ExpressionKind::Subscript { operand, steps } => {
                visit(operand);
                steps!(steps, visit);
            }
            ExpressionKind::Replace { operand, path, value } => {
                visit(operand);
                match path {
                    ReplacePath::Subscript(steps) => steps!(steps, visit),
                    ReplacePath::Field(_) => {}
                }
                visit(value);
            }
            ExpressionKind::InList { operand, list, .. } => {
                visit(operand);
                for part in list {
                    visit(part);
                }
            }
            ExpressionKind::RowCompare { fields, .. } => {
                for field in fields {
                    visit($($reference)+ field.operands.0);
                    visit($($reference)+ field.operands.1);
                }
            }
            ExpressionKind::Subquery(subquery) => match $($reference)+ subquery.test {
                SubqueryTest::Any(comparison) | SubqueryTest::All(comparison) => visit(comparison),
                SubqueryTest::Scalar
                | SubqueryTest::Exists
                | SubqueryTest::Array { .. }
                | SubqueryTest::RowField(_) => {}
            },
            // The comparison of a subplan is over other slots: it is no part of what is evaluated here.
            ExpressionKind::Subplan { outer, .. } => {
                for (_, part) in outer {
                    visit(part);
                }
            }
        }
    }};
}

impl Expression {
    /// An expression of a kind and a type.
    pub fn new(kind: ExpressionKind, result: Type) -> Expression {
        Expression { kind, result }
    }

    /// The same, brought to the type that a comparison goes by.
    #[must_use]
    pub fn brought(&self, function: Option<FunctionId>, to: Type) -> Expression {
        let expression = self.clone();
        let Some(function) = function else { return expression };
        let form = CallForm::ImplicitCast;
        let arguments = vec![expression];
        let call = Call { function, arguments, operator: None, form, variadic: false, written: None };
        Expression::new(ExpressionKind::Call(call), to)
    }

    /// A column.
    pub fn column(column: Column, result: Type) -> Expression {
        Expression::new(ExpressionKind::Column(column), result)
    }

    /// A slot.
    pub fn slot(slot: usize, result: Type) -> Expression {
        Expression::new(ExpressionKind::Slot(slot as u32), result)
    }

    /// A value.
    pub fn constant(value: Value, result: Type) -> Expression {
        Expression::new(ExpressionKind::Constant(value), result)
    }

    /// A boolean value.
    pub fn truth(value: bool) -> Expression {
        Expression::constant(Value::Bool(value), Type::of(types::catalog::oid::BOOL))
    }

    /// The column, if it is nothing else.
    pub fn as_column(&self) -> Option<Column> {
        if let ExpressionKind::Column(column) = &self.kind { Some(*column) } else { None }
    }

    /// The value, if it is one known beforehand.
    pub fn as_constant(&self) -> Option<&Value> {
        if let ExpressionKind::Constant(value) = &self.kind { Some(value) } else { None }
    }

    /// Its parts, in the order in which they are written.
    pub fn for_each_part<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        parts!([&], self.kind, visit);
    }

    /// Its parts, to be changed.
    pub fn for_each_part_mut(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        parts!([&mut], self.kind, visit);
    }

    /// Itself, its parts, their parts. Queries within are not entered.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        visit(self);
        self.for_each_part(&mut |part| part.walk(visit));
    }

    /// As [`Expression::walk`], without what defaults have put into calls: nobody has written it.
    pub fn walk_written<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        visit(self);
        match &self.kind {
            ExpressionKind::Call(Call { written: Some(written), arguments, .. }) => {
                let given = written.iter().filter_map(|argument| arguments.get(argument.place as usize));
                given.for_each(|argument| argument.walk_written(visit));
            }
            _ => self.for_each_part(&mut |part| part.walk_written(visit)), // nothing is left out there
        }
    }

    /// Parts before wholes, to be changed. Queries within are not entered.
    pub fn rewrite(&mut self, change: &mut dyn FnMut(&mut Expression)) {
        self.for_each_part_mut(&mut |part| part.rewrite(change));
        change(self);
    }

    /// The functions that it calls itself, its parts aside: that of a call, and those by which it compares.
    pub fn for_each_function(&self, visit: &mut dyn FnMut(FunctionId)) {
        match &self.kind {
            ExpressionKind::Call(call) => visit(call.function),
            ExpressionKind::IsDistinct { equality, .. } | ExpressionKind::NullIf { equality, .. } => {
                visit(*equality);
            }
            ExpressionKind::Quantified { function, .. } => visit(*function),
            ExpressionKind::RowCompare { fields, .. } => {
                for field in fields {
                    [field.equality, field.comparison, field.strict].into_iter().for_each(&mut *visit);
                }
            }
            ExpressionKind::Constant(_)
            | ExpressionKind::Parameter(_)
            | ExpressionKind::Column(_)
            | ExpressionKind::Slot(_)
            | ExpressionKind::Outer(_)
            | ExpressionKind::And(_)
            | ExpressionKind::Or(_)
            | ExpressionKind::Not(_)
            | ExpressionKind::IsNull { .. }
            | ExpressionKind::IsBoolean { .. }
            | ExpressionKind::Case { .. }
            | ExpressionKind::CaseOperand
            | ExpressionKind::Coalesce(_)
            | ExpressionKind::Extreme { .. }
            | ExpressionKind::Relabel(_)
            | ExpressionKind::Collate { .. }
            | ExpressionKind::ThroughText(_)
            | ExpressionKind::ArrayCast { .. }
            | ExpressionKind::Element
            | ExpressionKind::RowCast { .. }
            | ExpressionKind::DomainCheck { .. }
            | ExpressionKind::Array { .. }
            | ExpressionKind::Field { .. }
            | ExpressionKind::Row(_)
            | ExpressionKind::Subscript { .. }
            | ExpressionKind::Replace { .. }
            | ExpressionKind::InList { .. }
            | ExpressionKind::SqlValue(_)
            | ExpressionKind::Grouping(_)
            | ExpressionKind::Subquery(_)
            | ExpressionKind::Subplan { .. } => {}
        }
    }

    /// Whether it calls a function like this itself, its parts aside.
    pub fn calls(&self, mut test: impl FnMut(FunctionId) -> bool) -> bool {
        let mut found = false;
        self.for_each_function(&mut |function| found = found || test(function));
        found
    }

    /// Whether it or any part fulfils something. Queries within are not entered.
    pub fn any(&self, test: &mut dyn FnMut(&Expression) -> bool) -> bool {
        if test(self) {
            return true;
        }
        let mut found = false;
        self.for_each_part(&mut |part| found = found || part.any(test));
        found
    }

    /// Whether it names a column of any of these relations, in queries within too.
    pub fn names_any(&self, relations: &BTreeSet<RelationId>) -> bool {
        let mut found = false;
        self.for_each_column(&mut |column| found = found || relations.contains(&column.relation));
        found
    }

    /// How deep its parts are within each other, itself counted; queries within are not entered.
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        self.for_each_part(&mut |part| deepest = deepest.max(part.depth()));
        deepest + 1
    }

    /// How many parts it has, itself counted; queries within are not entered.
    pub fn parts(&self) -> usize {
        let mut parts = 0;
        self.walk(&mut |_| parts += 1);
        parts
    }

    /// The columns that it names, those in queries within among them.
    pub fn for_each_column(&self, visit: &mut dyn FnMut(Column)) {
        self.walk(&mut |part| match &part.kind {
            ExpressionKind::Column(column) => visit(*column),
            ExpressionKind::Subquery(subquery) => subquery.query.for_each_column(visit),
            _ => {}
        });
    }

    /// Whether a query is within it.
    pub fn has_subquery(&self) -> bool {
        self.any(&mut |part| matches!(part.kind, ExpressionKind::Subquery(_)))
    }

    /// Whether it names a column, a query within counting as one.
    pub fn has_column(&self) -> bool {
        self.any(&mut |part| matches!(part.kind, ExpressionKind::Column(_) | ExpressionKind::Subquery(_)))
    }
}

/// Calls with every expression of an aggregate.
macro_rules! aggregate_parts {
    ([$($reference:tt)+], $aggregate:expr, $visit:expr) => {{
        let visit = $visit;
        for argument in $($reference)+ $aggregate.arguments {
            visit(argument);
        }
        for key in $($reference)+ $aggregate.order {
            visit($($reference)+ key.expression);
        }
        if let Some(filter) = $($reference)+ $aggregate.filter {
            visit(filter);
        }
    }};
}

/// Calls with every expression of a window function.
macro_rules! window_parts {
    ([$($reference:tt)+], $call:expr, $visit:expr) => {{
        let visit = $visit;
        for argument in $($reference)+ $call.arguments {
            visit(argument);
        }
        if let Some(filter) = $($reference)+ $call.filter {
            visit(filter);
        }
        for bound in [$($reference)+ $call.frame.start, $($reference)+ $call.frame.end] {
            match bound {
                FrameBound::Preceding(offset, _) | FrameBound::Following(offset, _) => visit(offset),
                FrameBound::UnboundedPreceding | FrameBound::CurrentRow | FrameBound::UnboundedFollowing => {}
            }
        }
    }};
}

impl Aggregate {
    /// Its expressions.
    pub fn for_each_part<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        aggregate_parts!([&], self, visit);
    }

    /// Its expressions, to be changed.
    pub fn for_each_part_mut(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        aggregate_parts!([&mut], self, visit);
    }
}

impl WindowCall {
    /// Its expressions.
    pub fn for_each_part<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        window_parts!([&], self, visit);
    }

    /// Its expressions, to be changed.
    pub fn for_each_part_mut(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        window_parts!([&mut], self, visit);
    }
}

impl SubplanTest {
    /// The comparison, if there is one: over the columns of the subplan and outer values.
    pub fn comparison(&self) -> Option<&Expression> {
        match self {
            SubplanTest::Any(comparison) | SubplanTest::All(comparison) => Some(comparison),
            SubplanTest::Among(among) => Some(&among.comparison),
            SubplanTest::Field(_) | SubplanTest::Exists | SubplanTest::Array { .. } => None,
        }
    }
}
