//! Expressions.
//!
//! What leans to the left (operators, casts, subscripts …) is as long as the text: it is bound in a loop, from its
//! leftmost operand outwards. Everything else nests, and is counted.

mod aggregate;
mod asked_query;
mod call;
mod conditional;
mod hypothetical;
mod made_aggregate;
mod operator;
mod pattern;
mod row;
mod subquery;
mod subscript;
mod test;
mod value;
mod window;

pub use made_aggregate::{StepFunction, step_function};

use crate::binder::{Binder, Bound, unsupported};
use crate::constant::{constant, unknown};
use crate::error::{BindError, BindErrorKind, BindResult};
use functions::table::CastContext;
use plan::expression as bound;
use syntax::tree::TypeName;
use syntax::tree::expression::{
    CastSyntax, Expression, ExpressionKind as Tree, Indirection, QuantifiedOperand,
};
use types::catalog::oid;
use types::{Type, Value};

impl Binder<'_> {
    /// An expression. A literal stays of unknown type.
    pub fn expression(&mut self, expression: &Expression<'_>) -> BindResult<Bound> {
        self.deeper(|binder| binder.spine(expression))
    }

    /// Several.
    pub fn expressions(&mut self, expressions: &[Expression<'_>]) -> BindResult<Vec<Bound>> {
        expressions.iter().map(|expression| self.expression(expression)).collect()
    }

    /// A condition of a clause.
    pub fn condition(
        &mut self,
        expression: &Expression<'_>,
        construct: &str,
    ) -> BindResult<bound::Expression> {
        let bound = self.expression(expression)?;
        self.boolean(bound, construct)
    }

    fn spine(&mut self, expression: &Expression<'_>) -> BindResult<Bound> {
        let mut links = Vec::new();
        let mut leftmost = expression;
        while let Some(left) = left_of(leftmost) {
            links.push(leftmost);
            leftmost = left;
        }
        if links.len() > self.chain_limit() {
            return Err(BindError::new(BindErrorKind::TooDeep));
        }
        let before = self.violations_so_far();
        let mut bound = self.leaf(leftmost)?;
        self.look_at_filter(&bound, leftmost, before);
        for link in links.into_iter().rev() {
            bound = self.link(link, bound)?;
            self.look_at_filter(&bound, link, before);
        }
        self.look_at_collation(&bound.expression)?;
        Ok(bound)
    }

    /// An expression whose left operand has been bound.
    fn link(&mut self, expression: &Expression<'_>, left: Bound) -> BindResult<Bound> {
        let position = expression.position;
        match &expression.kind {
            Tree::Operation { operator, right, .. } => {
                if let (bound::ExpressionKind::Row(_), Tree::Subquery(query)) =
                    (&left.expression.kind, &right.kind)
                {
                    return self.row_subquery(left, operator, query, position);
                }
                let right = self.expression(right)?;
                self.binary(operator, left, right, position)
            }
            Tree::Quantified { operator, quantifier, right, .. } => match right {
                QuantifiedOperand::Array(array) => {
                    self.quantified(left, operator, *quantifier, array, position)
                }
                QuantifiedOperand::Subquery(query) => {
                    self.quantified_subquery(left, operator, *quantifier, query, position)
                }
            },
            Tree::IsDistinct { right, negated, .. } => {
                let right = self.expression(right)?;
                self.is_distinct(left, right, *negated, position)
            }
            Tree::Indirection { path, .. } => self.indirection(left, path, position),
            Tree::Is { test, negated, .. } => self.is_test(left, *test, *negated, position),
            Tree::Between { low, high, symmetric, negated, .. } => {
                let (low, high) = (self.expression(low)?, self.expression(high)?);
                self.between(left, low, high, (*symmetric, *negated), position)
            }
            Tree::In { list, negated, .. } => self.in_list(left, list, *negated, position),
            Tree::InSubquery { query, negated, .. } => self.in_subquery(left, query, *negated, position),
            Tree::Like { matching, pattern, escape, negated, .. } => {
                self.like(left, *matching, pattern, *escape, *negated, position)
            }
            Tree::Cast { target, syntax, .. } => self.cast_to(left, target, *syntax, position),
            Tree::Collate { collation, .. } => self.collate(left, collation, position),
            Tree::AtTimeZone { zone, .. } => {
                let zone = self.expression(zone)?;
                self.system_call("timezone", vec![zone, left], position)
            }
            // `left_of` knows no others.
            _ => Err(crate::binder::internal("an expression leans to no side")),
        }
    }

    fn leaf(&mut self, expression: &Expression<'_>) -> BindResult<Bound> {
        let position = expression.position;
        match &expression.kind {
            Tree::Null => Ok(constant(Value::Null, oid::UNKNOWN, position)),
            Tree::Boolean(value) => Ok(constant(Value::Bool(*value), oid::BOOL, position)),
            Tree::Integer(value) => Ok(constant(Value::Int32(*value), oid::INT4, position)),
            Tree::Decimal(text) => self.number(text, position),
            Tree::String(text) => Ok(unknown(text, position)),
            Tree::BitString(digits) => self.bits(digits, false, position),
            Tree::HexString(digits) => self.bits(digits, true, position),
            Tree::Parameter(number) => self.parameter(*number, position),
            Tree::Default => Err(BindError::at(BindErrorKind::DefaultNotAllowed, position)),
            Tree::Column(name) => self.column(name, position),
            Tree::Star(names) => self.star_value(names, position),
            Tree::Operation { operator, right, .. } => {
                let right = self.expression(right)?;
                self.prefix(operator, right, position)
            }
            Tree::And(terms) => self.connected(terms, true),
            Tree::Or(terms) => self.connected(terms, false),
            Tree::Not(operand) => self.not(operand, position),
            Tree::Call(call) => self.call(call, position),
            Tree::SqlValue(value, precision) => Ok(self.sql_value(*value, *precision, position)),
            Tree::Case { operand, arms, otherwise } => self.case(*operand, arms, *otherwise, position),
            Tree::Coalesce(terms) => self.coalesce(terms, position),
            Tree::NullIf(one, other) => self.null_if(one, other, position),
            Tree::Greatest(terms) => self.extreme(terms, true, position),
            Tree::Least(terms) => self.extreme(terms, false, position),
            Tree::Row { fields, .. } => self.row(fields, position),
            Tree::Array(elements) => self.array(elements, None, position),
            Tree::ArraySubquery(query) => self.array_subquery(query, position),
            Tree::Exists(query) => self.exists(query, position),
            Tree::Subquery(query) => self.scalar_subquery(query, position),
            Tree::Grouping(arguments) => self.grouping_call(arguments, position),
            Tree::CurrentOf(cursor) => self.current_of(cursor, position),
            Tree::Xml(name, _) => Err(unsupported(*name, position)),
            Tree::Indirection { base, path } => self.indirection_of(base, path, position),
            Tree::Cast { operand, target, syntax } => {
                // An array takes the type of its elements from the cast around it.
                if let Tree::Array(elements) = &operand.kind {
                    return self.cast_array(elements, target, *syntax, operand.position, position);
                }
                let operand = self.expression(operand)?;
                self.cast_to(operand, target, *syntax, position)
            }
            // All of these have a left operand: see `left_of`.
            Tree::Quantified { .. }
            | Tree::Is { .. }
            | Tree::IsDistinct { .. }
            | Tree::Between { .. }
            | Tree::In { .. }
            | Tree::InSubquery { .. }
            | Tree::Like { .. }
            | Tree::Collate { .. }
            | Tree::AtTimeZone { .. } => Err(crate::binder::internal("an operand is missing")),
        }
    }

    fn cast_array(
        &mut self,
        elements: &[Expression<'_>],
        target: &TypeName<'_>,
        syntax: CastSyntax,
        inner: u32,
        position: u32,
    ) -> BindResult<Bound> {
        let of = self.type_named(target)?;
        let base = self.types().undomained(of);
        let bound = match self.element_of(base.oid) {
            Some(_) => self.array(elements, Some(Type { oid: base.oid, ..base }), inner)?,
            None => self.array(elements, None, inner)?,
        };
        self.cast_bound(bound, of, syntax, position)
    }

    fn cast_to(
        &mut self,
        operand: Bound,
        target: &TypeName<'_>,
        syntax: CastSyntax,
        position: u32,
    ) -> BindResult<Bound> {
        let of = self.type_named(target)?;
        self.cast_bound(operand, of, syntax, position)
    }

    fn cast_bound(
        &mut self,
        operand: Bound,
        of: Type,
        syntax: CastSyntax,
        position: u32,
    ) -> BindResult<Bound> {
        // What is wrong is pointed at by the operator or the word; the whole begins at its operand.
        let start = match syntax {
            CastSyntax::DoubleColon => operand.position,
            CastSyntax::Cast | CastSyntax::Literal => operand.position.min(position),
        };
        let start = if syntax == CastSyntax::Cast { position } else { start };
        let expression = self.cast(operand, of, CastContext::Explicit, position)?;
        Ok(Bound { expression, position: start })
    }

    fn parameter(&mut self, number: i32, position: u32) -> BindResult<Bound> {
        let none = || BindError::at(BindErrorKind::NoParameter { number }, position);
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).ok_or_else(none)?;
        // As many as the protocol can count.
        if place >= usize::from(u16::MAX) {
            return Err(none());
        }
        match &self.parameter_names {
            crate::binder::Parameters::None => return Err(none()),
            crate::binder::Parameters::Variables(variables) => {
                let found = variables.positional(number).ok_or_else(none)?;
                return self.whole_variable(&found, position);
            }
            crate::binder::Parameters::Named { .. } if place >= self.parameters.len() => return Err(none()),
            crate::binder::Parameters::Named { .. } | crate::binder::Parameters::Inferred(_) => {}
        }
        if place >= self.parameters.len() {
            self.parameters.resize(place + 1, None);
        }
        let result = self.parameters[place].unwrap_or(Type::of(oid::UNKNOWN));
        let kind = bound::ExpressionKind::Parameter(place as u32);
        // Whoever gives it a value need not have asked its domain.
        let inferred = matches!(self.parameter_names, crate::binder::Parameters::Inferred(_));
        if inferred && self.types().base(result.oid).is_some() {
            let base = Type::of(self.types().undomained(result).oid);
            let expression = self.as_domain(bound::Expression { kind, result: base }, result)?;
            return Ok(Bound { expression, position });
        }
        Ok(Bound { expression: bound::Expression { kind, result }, position })
    }

    /// What was read as a parameter of no type yet, with the type that it has been found to have meanwhile.
    pub(super) fn read_anew(&mut self, bound: Bound) -> BindResult<Bound> {
        match bound.expression.kind {
            bound::ExpressionKind::Parameter(place) if bound.oid() == oid::UNKNOWN => {
                self.parameter(place as i32 + 1, bound.position)
            }
            _ => Ok(bound),
        }
    }

    /// `t.*` where one value is wanted: the whole row.
    fn star_value(&mut self, names: &[syntax::tree::Name<'_>], position: u32) -> BindResult<Bound> {
        let found = match names {
            [table] => self.table_item(None, table.text, position)?,
            [schema, table] => self.table_item(Some(schema.text), table.text, position)?,
            _ => return Err(BindError::at(BindErrorKind::StarNotAllowed, position)),
        };
        if found.is_none()
            && let Some(expression) = self.starred_argument(names)?
        {
            return Ok(Bound { expression, position });
        }
        match (found, names.last()) {
            (Some(place), _) => Ok(Bound { expression: self.whole_row(place, position)?, position }),
            (None, Some(table)) => Err(self.no_table(table.text, position)),
            (None, None) => Err(BindError::at(BindErrorKind::StarNotAllowed, position)),
        }
    }

    fn connected(&mut self, terms: &[Expression<'_>], all: bool) -> BindResult<Bound> {
        let construct = if all { "AND" } else { "OR" };
        let mut bound = Vec::with_capacity(terms.len());
        let mut position = u32::MAX;
        for term in terms {
            let term = self.expression(term)?;
            position = position.min(term.position);
            bound.push(self.boolean(term, construct)?);
        }
        let kind = if all { bound::ExpressionKind::And(bound) } else { bound::ExpressionKind::Or(bound) };
        Ok(Bound { expression: bound::Expression { kind, result: Type::of(oid::BOOL) }, position })
    }

    fn not(&mut self, operand: &Expression<'_>, position: u32) -> BindResult<Bound> {
        let operand = self.condition(operand, "NOT")?;
        Ok(Bound { expression: negation(operand), position })
    }
}

/// `NOT` of an expression.
pub(crate) fn negation(operand: bound::Expression) -> bound::Expression {
    bound::Expression { kind: bound::ExpressionKind::Not(Box::new(operand)), result: Type::of(oid::BOOL) }
}

/// The operand on the left, of an expression that may have a chain of its like there.
fn left_of<'t>(expression: &'t Expression<'t>) -> Option<&'t Expression<'t>> {
    match &expression.kind {
        Tree::Operation { left, .. } => *left,
        Tree::Quantified { left, .. } | Tree::IsDistinct { left, .. } => Some(left),
        Tree::Is { operand, .. }
        | Tree::Between { operand, .. }
        | Tree::In { operand, .. }
        | Tree::InSubquery { operand, .. }
        | Tree::Like { operand, .. }
        | Tree::Collate { operand, .. }
        | Tree::AtTimeZone { operand, .. } => Some(operand),
        // These look at their operand as it is written.
        Tree::Cast { operand, .. } => (!matches!(operand.kind, Tree::Array(_))).then_some(*operand),
        Tree::Indirection { base, path } => {
            let names = matches!(base.kind, Tree::Column(_)) && matches!(path, [Indirection::Field(_), ..]);
            (!names).then_some(*base)
        }
        Tree::Null
        | Tree::Boolean(_)
        | Tree::Integer(_)
        | Tree::Decimal(_)
        | Tree::String(_)
        | Tree::BitString(_)
        | Tree::HexString(_)
        | Tree::Parameter(_)
        | Tree::Default
        | Tree::Column(_)
        | Tree::Star(_)
        | Tree::And(_)
        | Tree::Or(_)
        | Tree::Not(_)
        | Tree::Call(_)
        | Tree::SqlValue(..)
        | Tree::Case { .. }
        | Tree::Coalesce(_)
        | Tree::NullIf(..)
        | Tree::Greatest(_)
        | Tree::Least(_)
        | Tree::Row { .. }
        | Tree::Array(_)
        | Tree::ArraySubquery(_)
        | Tree::Exists(_)
        | Tree::Subquery(_)
        | Tree::Grouping(_)
        | Tree::CurrentOf(_)
        | Tree::Xml(..) => None,
    }
}
