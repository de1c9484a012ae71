//! Casts: those that are written and those that nobody wrote.

use crate::binder::{Binder, Bound, internal};
use crate::error::{BindError, BindErrorKind, BindResult};
use functions::resolve::{Cast, find_cast};
use functions::table::{CastContext, function, length_cast};
use plan::expression::{Call, CallForm, Expression, ExpressionKind, FunctionId};
use std::sync::Arc;
use types::catalog::oid;
use types::{Type, Value};

/// A cast's further arguments and what it is written as.
#[derive(Clone, Copy)]
struct Wish {
    to: Type,
    context: CastContext,
    position: u32,
}

impl Binder<'_> {
    /// The expression as one of type `to`, if there is such a cast in this context.
    pub fn coerce(&mut self, bound: Bound, to: Type, context: CastContext) -> BindResult<Option<Expression>> {
        let Bound { expression, position } = bound;
        let wish = Wish { to, context, position };
        let from = expression.result;
        if from.oid == oid::UNKNOWN && to.oid != oid::UNKNOWN {
            return self.coerce_unknown(expression, wish).map(Some);
        }
        if from.oid == to.oid {
            return Ok(Some(self.fit(expression, to, context)));
        }
        if self.types().base(to.oid).is_some() {
            return self.coerce_to_domain(expression, wish);
        }
        self.coerce_plain(expression, wish)
    }

    /// The same, where there must be one: `cannot cast type …` without.
    pub fn cast(
        &mut self,
        bound: Bound,
        to: Type,
        context: CastContext,
        position: u32,
    ) -> BindResult<Expression> {
        let from = bound.oid();
        match self.coerce(bound, to, context)? {
            Some(expression) => Ok(expression),
            None => {
                let (from, to) = (self.type_name(from), self.type_name(to.oid));
                Err(BindError::at(BindErrorKind::CannotCast { from, to }, position))
            }
        }
    }

    /// An argument as a resolved call wants it. The resolution has seen to it that there is a cast.
    pub fn implicit(&mut self, bound: Bound, to: u32) -> BindResult<Expression> {
        let position = bound.position;
        self.cast(bound, Type::of(to), CastContext::Implicit, position)
    }

    /// An expression as a condition: `argument of WHERE must be type boolean, not type integer`.
    pub fn boolean(&mut self, bound: Bound, construct: &str) -> BindResult<Expression> {
        let (position, actual) = (bound.position, bound.oid());
        match self.coerce(bound, Type::of(oid::BOOL), CastContext::Assignment)? {
            Some(expression) => Ok(expression),
            None => {
                let actual = self.type_name(actual);
                let kind = BindErrorKind::NotBoolean { construct: construct.to_owned(), actual };
                Err(BindError::at(kind, position))
            }
        }
    }

    /// Text, if the expression is a literal of no type yet.
    pub fn settle(&mut self, bound: Bound) -> BindResult<Bound> {
        if bound.oid() != oid::UNKNOWN {
            return Ok(bound);
        }
        let position = bound.position;
        let expression = self.cast(bound, Type::of(oid::TEXT), CastContext::Implicit, position)?;
        Ok(Bound { expression, position })
    }

    /// The same where a value of any type may stand: a parameter is not taken for text there. That its type is found later in the
    /// statement does not help it.
    pub fn settle_any(&mut self, bound: Bound) -> BindResult<Bound> {
        match &bound.expression.kind {
            ExpressionKind::Parameter(number) if bound.oid() == oid::UNKNOWN => {
                self.untyped_parameters.push((*number, bound.position));
                Ok(bound)
            }
            _ => self.settle(bound),
        }
    }

    /// The type of an array's elements, vectors of the catalog included.
    pub fn element_of(&self, array: u32) -> Option<u32> {
        self.types().element_of(array)
    }

    fn coerce_unknown(&mut self, expression: Expression, wish: Wish) -> BindResult<Expression> {
        let base = self.types().undomained(wish.to);
        let read = match expression.kind {
            ExpressionKind::Constant(value) => {
                let value = self.read_literal(&value, base, wish.position)?;
                Expression { kind: ExpressionKind::Constant(value), result: Type::of(base.oid) }
            }
            ExpressionKind::Parameter(number) => {
                self.infer(number, Type::of(wish.to.oid), wish.position)?;
                Expression { kind: ExpressionKind::Parameter(number), result: Type::of(base.oid) }
            }
            kind => {
                let operand = Box::new(Expression { kind, result: expression.result });
                Expression { kind: ExpressionKind::ThroughText(operand), result: Type::of(base.oid) }
            }
        };
        let null = read.as_constant().is_some_and(Value::is_null);
        let fitted =
            if null { Expression { result: base, ..read } } else { self.fit(read, base, wish.context) };
        let fitted = self.with_checked_parts(fitted, base.oid)?;
        self.as_domain(fitted, wish.to)
    }

    fn coerce_to_domain(&mut self, expression: Expression, wish: Wish) -> BindResult<Option<Expression>> {
        let base = self.types().undomained(wish.to);
        let position = wish.position;
        let Some(of_base) = self.coerce(Bound { expression, position }, base, wish.context)? else {
            return Ok(None);
        };
        self.as_domain(of_base, wish.to).map(Some)
    }

    /// A value of the base type as one of a domain: with its checks, those of domains that it is made of first.
    pub fn as_domain(&mut self, expression: Expression, domain: Type) -> BindResult<Expression> {
        let mut chain = Vec::new();
        let mut of = domain;
        // The bound is for a damaged catalog.
        while let Some(base) = self.types().base(of.oid).filter(|_| chain.len() < 64) {
            chain.push(of.oid);
            of = base;
        }
        let Some(outermost) = chain.first().copied() else { return Ok(expression) };
        let mut rules = self.domain_rules(outermost, of)?;
        // What the domains below it ask is asked first, in its name.
        for domain in &chain[1..] {
            let below = self.domain_rules(*domain, of)?;
            let all = Arc::make_mut(&mut rules);
            all.not_null |= below.not_null;
            all.checks.splice(0..0, below.checks.iter().cloned());
        }
        let kind = ExpressionKind::DomainCheck { operand: Box::new(expression), domain: rules };
        Ok(Expression { kind, result: Type::of(outermost) })
    }

    fn coerce_plain(&mut self, expression: Expression, wish: Wish) -> BindResult<Option<Expression>> {
        let from = expression.result;
        if let ExpressionKind::Row(_) = &expression.kind
            && from.oid == oid::RECORD
            && self.types().columns(wish.to.oid).is_some()
        {
            let row = self.coerce_row(expression, wish)?;
            // What is written stays: the text that is kept of it says of which type the row is.
            let written = wish.context == CastContext::Explicit;
            let result = row.result;
            let relabelled = |row| Expression { kind: ExpressionKind::Relabel(Box::new(row)), result };
            return Ok(Some(if written { relabelled(row) } else { row }));
        }
        let Some(cast) = find_cast(self.types(), from.oid, wish.to.oid, wish.context) else {
            return Ok(None);
        };
        let result = Type::of(wish.to.oid);
        match cast {
            Cast::Binary => {
                // A domain's value is its base's: the modifier goes along.
                let modifier = if self.types().undomained(from).oid == wish.to.oid {
                    self.types().undomained(from).modifier
                } else if wish.to.oid == oid::RECORD {
                    // A row keeps the names of its columns.
                    let columns = self.types().columns(from.oid).map(<[types::catalog::Column]>::to_vec);
                    columns.map_or(-1, |columns| self.scope().record_type(&columns).modifier)
                } else {
                    -1
                };
                let kind = ExpressionKind::Relabel(Box::new(expression));
                let relabelled = Expression { kind, result: Type { oid: wish.to.oid, modifier } };
                Ok(Some(self.fit(relabelled, wish.to, wish.context)))
            }
            Cast::Function(number) => self.call_cast(number, expression, wish).map(Some),
            Cast::Text => {
                let read = Expression { kind: ExpressionKind::ThroughText(Box::new(expression)), result };
                let read = self.with_checked_parts(read, wish.to.oid)?;
                Ok(Some(self.fit(read, wish.to, wish.context)))
            }
            Cast::Elements(cast) => self.cast_elements(&cast, expression, wish).map(Some),
            // Which columns a record has is not known before it is there.
            Cast::Record => Ok(None),
            Cast::Parent(places) => {
                let fields = places.into_iter().map(|place| (place, None)).collect();
                let kind = ExpressionKind::RowCast { operand: Box::new(expression), fields };
                Ok(Some(self.fit(Expression { kind, result }, wish.to, wish.context)))
            }
        }
    }

    fn call_cast(&mut self, number: u32, operand: Expression, wish: Wish) -> BindResult<Expression> {
        let made = || self.scope().function(number).map(|made| made.inputs().count());
        let Some(takes) = function(number).map(|entry| entry.arguments.len()).or_else(made) else {
            return Err(internal("a cast's function is not there"));
        };
        let explicit = wish.context == CastContext::Explicit;
        let arguments = cast_arguments(operand, takes, wish.to.modifier, explicit);
        let modifier = if takes > 1 { wish.to.modifier } else { -1 };
        let call = Call {
            function: FunctionId(number),
            arguments,
            operator: None,
            form: cast_form(explicit),
            variadic: false,
            written: None,
        };
        let result = Type { oid: wish.to.oid, modifier };
        let called = Expression { kind: ExpressionKind::Call(call), result };
        Ok(self.fit(called, wish.to, wish.context))
    }

    fn cast_elements(&mut self, cast: &Cast, operand: Expression, wish: Wish) -> BindResult<Expression> {
        let (Some(source), Some(target)) =
            (self.element_of(operand.result.oid), self.element_of(wish.to.oid))
        else {
            return Err(internal("a cast of elements is of no arrays"));
        };
        let to_domain = self.types().base(target).is_some();
        if *cast == Cast::Binary && wish.to.modifier < 0 && !to_domain {
            return Ok(Expression {
                kind: ExpressionKind::Relabel(Box::new(operand)),
                result: Type::of(wish.to.oid),
            });
        }
        let element = Expression { kind: ExpressionKind::Element, result: Type::of(source) };
        let wanted = Type { oid: target, modifier: wish.to.modifier };
        let bound = Bound { expression: element, position: wish.position };
        let element = self.cast(bound, wanted, wish.context, wish.position)?;
        Ok(Expression {
            kind: ExpressionKind::ArrayCast { operand: Box::new(operand), element: Box::new(element) },
            result: wish.to,
        })
    }

    /// `ROW(…)` as a composite type: its fields one by one. Dropped columns have none.
    fn coerce_row(&mut self, expression: Expression, wish: Wish) -> BindResult<Expression> {
        let ExpressionKind::Row(fields) = expression.kind else {
            return Err(internal("a row is none"));
        };
        let columns = self.types().columns(wish.to.oid).unwrap_or(&[]);
        let mut fields = fields.into_iter();
        let mut coerced = Vec::with_capacity(columns.len());
        let names = |binder: &Self| (binder.type_name(oid::RECORD), binder.type_name(wish.to.oid));
        for column in columns {
            if column.dropped {
                coerced.push(crate::names::null(column.column_type));
                continue;
            }
            let Some(field) = fields.next() else {
                let (from, to) = names(self);
                return Err(BindError::at(BindErrorKind::RowTooShort { from, to }, wish.position));
            };
            let bound = Bound { expression: field, position: wish.position };
            coerced.push(self.cast(bound, column.column_type, wish.context, wish.position)?);
        }
        if fields.next().is_some() {
            let (from, to) = names(self);
            return Err(BindError::at(BindErrorKind::RowTooLong { from, to }, wish.position));
        }
        Ok(Expression { kind: ExpressionKind::Row(coerced), result: Type::of(wish.to.oid) })
    }

    /// Applies a length, a precision, a scale, if the type has one that the expression does not have already.
    fn fit(&mut self, expression: Expression, to: Type, context: CastContext) -> Expression {
        if to.modifier < 0 || expression.result.modifier == to.modifier {
            return expression;
        }
        let explicit = context == CastContext::Explicit;
        if let Some(element) = self.element_of(to.oid)
            && let Some(number) = length_cast(element)
        {
            let of = Type::of(element);
            let value = Expression { kind: ExpressionKind::Element, result: of };
            let result = Type { oid: element, modifier: to.modifier };
            let element = Box::new(length_call(number, value, result, explicit));
            let operand = Box::new(expression);
            return Expression { kind: ExpressionKind::ArrayCast { operand, element }, result: to };
        }
        match length_cast(to.oid) {
            Some(number) => length_call(number, expression, to, explicit),
            None => expression,
        }
    }

    /// Notes the type that a parameter turns out to have.
    fn infer(&mut self, number: u32, of: Type, position: u32) -> BindResult<()> {
        let types = self.types();
        let Some(known) = self.parameters.get_mut(number as usize) else {
            return Err(internal("a parameter is not in the list"));
        };
        match known {
            None => *known = Some(of),
            Some(known) if known.oid == of.oid => {}
            Some(known) => {
                let name = |of: u32| types::catalog::type_name(types, of, None);
                let (one, other) = (name(known.oid), name(of.oid));
                let kind = BindErrorKind::ParameterTypes { number: number as usize + 1, one, other };
                return Err(BindError::at(kind, position));
            }
        }
        Ok(())
    }
}

fn length_call(number: u32, operand: Expression, result: Type, explicit: bool) -> Expression {
    let takes = function(number).map_or(2, |entry| entry.arguments.len());
    let call = Call {
        function: FunctionId(number),
        arguments: cast_arguments(operand, takes, result.modifier, explicit),
        operator: None,
        form: cast_form(explicit),
        variadic: false,
        written: None,
    };
    Expression { kind: ExpressionKind::Call(call), result }
}

/// What a cast's function takes: the value, the modifier, whether the cast is written.
fn cast_arguments(operand: Expression, takes: usize, modifier: i32, explicit: bool) -> Vec<Expression> {
    let mut arguments = vec![operand];
    if takes > 1 {
        arguments.push(Expression::constant(Value::Int32(modifier), Type::of(oid::INT4)));
    }
    if takes > 2 {
        arguments.push(Expression::truth(explicit));
    }
    arguments
}

fn cast_form(explicit: bool) -> CallForm {
    if explicit { CallForm::Cast } else { CallForm::ImplicitCast }
}
