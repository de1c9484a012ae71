//! Aggregates: each belongs to the innermost query that its arguments name columns of, and stands for a column of that
//! query's grouping.

use super::call::Resolved;
use super::hypothetical::HypotheticalRow;
use crate::binder::{Binder, Bound, carried, internal};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::names::column_expression;
use functions::resolve::common_type;
use functions::table::{CastContext, FunctionKind};
use plan::expression::{Aggregate, Column, Expression, FunctionId, SortKey};
use syntax::tree::expression::{Call, Expression as Syntax};
use types::Type;
use types::catalog::oid;

impl Binder<'_> {
    /// `uses` says how many uses of columns each query had before the arguments.
    pub(super) fn aggregate(
        &mut self,
        call: &Call<'_>,
        resolved: Resolved,
        direct: usize,
        uses: &[usize],
    ) -> BindResult<Bound> {
        let position = resolved.position;
        self.aggregate_shape(call, &resolved, direct)?;
        let function = FunctionId(resolved.found.function.0);
        let (kind, result) = (resolved.found.kind, resolved.result());
        let made = self.made_aggregate(&resolved)?;
        let mut arguments = resolved.arguments;
        let mut direct = if call.within_group { direct } else { 0 };
        let order = if call.within_group {
            if kind == FunctionKind::Hypothetical {
                self.match_hypothetical(&mut arguments, direct, call)?;
            }
            direct = direct.min(arguments.len());
            let sorted = arguments[direct..].to_vec();
            self.aggregate_keys(call, sorted)?
        } else {
            let mut keys = Vec::with_capacity(call.order.len());
            for key in call.order {
                let bound = self.expression(&key.expression)?;
                let mut bound = self.known_argument(bound, &arguments)?;
                if call.distinct && !arguments.contains(&bound.expression) {
                    bound = self.as_argument(bound, &arguments)?;
                }
                keys.push(self.sort_key(bound, key)?);
            }
            keys
        };
        let filter = call.filter.map(|filter| self.filter(filter)).transpose()?;
        self.note_direct_arguments(&arguments[..direct], uses);
        // In a definition it stays as it is written.
        if kind == FunctionKind::Hypothetical && self.shapes.is_none() {
            let row = HypotheticalRow { values: &arguments[..direct], keys: &order, filter, position };
            return self.hypothetical(function, &row, uses);
        }
        let mut distinct = Vec::new();
        if call.distinct {
            for argument in &arguments {
                let order = self.types().order(argument.result);
                distinct.push(order.ok_or_else(|| self.no_equality(argument.result.oid, position))?);
            }
            if let Some(place) = order.iter().position(|key| !arguments.contains(&key.expression)) {
                let written = call.order.get(place).map(|key| key.expression.start());
                return Err(BindError::at(BindErrorKind::DistinctOrder, written.unwrap_or(position)));
            }
        }
        let aggregate =
            Aggregate { function, arguments, direct: direct as u32, distinct, order, filter, made, result };
        self.place_aggregate(aggregate, position, uses)
    }

    /// Notes direct arguments, to be looked at when it is known what is grouped by; `uses` says how many columns had been used
    /// at each level before the call.
    fn note_direct_arguments(&mut self, direct: &[Expression], uses: &[usize]) {
        let Some(before) = uses.get(self.levels.len().saturating_sub(1)).copied() else { return };
        let level = self.level();
        let used = level.uses.get(before..).unwrap_or_default().to_vec();
        level.direct_arguments.extend(direct.iter().map(|argument| (argument.clone(), used.clone())));
    }

    /// A literal that is sorted by within an aggregate has the type that it has as its argument.
    fn known_argument(&mut self, bound: Bound, arguments: &[Expression]) -> BindResult<Bound> {
        if bound.oid() != oid::UNKNOWN {
            return Ok(bound);
        }
        let position = bound.position;
        match arguments {
            [only] => {
                let expression = self.implicit(bound, only.result.oid)?;
                Ok(Bound { expression, position })
            }
            _ => self.settle(bound),
        }
    }

    /// What is sorted by within an aggregate, as the argument that it is if that is of another type without being written so: PostgreSQL
    /// compares it with arguments as they were before, and sorts by what they are then.
    fn as_argument(&mut self, bound: Bound, arguments: &[Expression]) -> BindResult<Bound> {
        for argument in arguments {
            let own = Bound { expression: bound.expression.clone(), position: bound.position };
            let of = Type::of(argument.result.oid);
            if self.coerce(own, of, CastContext::Implicit)?.is_some_and(|coerced| coerced == *argument) {
                return Ok(Bound { expression: argument.clone(), position: bound.position });
            }
        }
        Ok(bound)
    }

    fn aggregate_shape(&self, call: &Call<'_>, resolved: &Resolved, direct: usize) -> BindResult<()> {
        let name = resolved.name.clone();
        let kind = match resolved.found.kind {
            FunctionKind::Aggregate { .. } if call.within_group => BindErrorKind::NoOrderedSet { name },
            FunctionKind::Aggregate { .. } if call.arguments.is_empty() && !call.star => {
                BindErrorKind::StarArgument { name }
            }
            FunctionKind::OrderedSet { .. } | FunctionKind::Hypothetical if !call.within_group => {
                BindErrorKind::WithinGroupNeeded { name }
            }
            FunctionKind::OrderedSet { .. } | FunctionKind::Hypothetical if call.over.is_some() => {
                BindErrorKind::OverOrderedSet { name }
            }
            FunctionKind::Hypothetical if direct != call.order.len() => {
                let given: Vec<String> =
                    resolved.arguments.iter().map(|argument| self.type_name(argument.result.oid)).collect();
                let sorted = call.order.len();
                let aggregate = call.name.object().to_owned();
                let name = format!("{name}({})", given.join(", "));
                BindErrorKind::HypotheticalDirect { name, aggregate, direct, sorted }
            }
            FunctionKind::Aggregate { .. }
            | FunctionKind::OrderedSet { .. }
            | FunctionKind::Hypothetical
            | FunctionKind::Function
            | FunctionKind::Window => return Ok(()),
        };
        Err(BindError::at(kind, resolved.position))
    }

    /// Each value of a hypothetical row has the type of what it is placed among.
    fn match_hypothetical(
        &mut self,
        arguments: &mut [Expression],
        direct: usize,
        call: &Call<'_>,
    ) -> BindResult<()> {
        for place in 0..direct {
            let position = call.arguments.get(place).map_or(0, |argument| argument.value.start());
            let Some(other) = arguments.get(direct + place).map(|argument| argument.result.oid) else {
                return Err(internal("a hypothetical row is too long"));
            };
            let given = [other, arguments[place].result.oid];
            let common = common_type(self.types(), &given, "WITHIN GROUP")
                .map_err(|(_, error)| carried(&error, position))?;
            for at in [place, direct + place] {
                let expression = arguments[at].clone();
                arguments[at] = self.implicit(Bound { expression, position }, common)?;
            }
        }
        Ok(())
    }

    fn aggregate_keys(&mut self, call: &Call<'_>, sorted: Vec<Expression>) -> BindResult<Vec<SortKey>> {
        let mut keys = Vec::with_capacity(sorted.len());
        for (key, expression) in call.order.iter().zip(sorted) {
            let bound = Bound { expression, position: key.expression.start() };
            keys.push(self.sort_key(bound, key)?);
        }
        Ok(keys)
    }

    /// `FILTER (WHERE …)`
    pub(super) fn filter(&mut self, filter: &Syntax<'_>) -> BindResult<Expression> {
        let around = std::mem::replace(&mut self.level().clause, Clause::Filter);
        let condition = self.condition(filter, "FILTER");
        self.level().clause = around;
        condition
    }

    pub(crate) fn no_equality(&self, of: u32, position: u32) -> BindError {
        BindError::at(BindErrorKind::NoEquality { type_name: self.type_name(of) }, position)
    }

    /// The columns that an aggregate uses, and the query that it belongs to.
    fn aggregate_level(&self, columns: &[Column]) -> usize {
        let current = self.levels.len().saturating_sub(1);
        columns
            .iter()
            .map(|column| self.owner(column.relation))
            .filter(|owner| *owner <= current)
            .max()
            .unwrap_or(current)
    }

    pub(super) fn place_aggregate(
        &mut self,
        aggregate: Aggregate,
        position: u32,
        uses: &[usize],
    ) -> BindResult<Bound> {
        let mut columns = Vec::new();
        aggregate.for_each_part(&mut |part| part.for_each_column(&mut |column| columns.push(column)));
        let place = self.aggregate_level(&columns);
        let current = self.levels.len().saturating_sub(1);
        let Some(level) = self.levels.get_mut(place) else {
            return Err(internal("an aggregate belongs to no query"));
        };
        for column in &columns {
            if column.relation == level.aggregate_relation {
                let inner = level.aggregate_positions.get(column.index as usize).copied();
                return Err(BindError::at(BindErrorKind::NestedAggregate, inner.unwrap_or(position)));
            }
            if level.is_window(column.relation) {
                let inner = level.window_positions.last().copied().unwrap_or(position);
                return Err(BindError::at(BindErrorKind::WindowInAggregate, inner));
            }
            if level.is_set(column.relation) {
                return Err(BindError::at(BindErrorKind::SetInAggregate, position));
            }
        }
        if place != current && level.lateral_active {
            return Err(BindError::at(BindErrorKind::AggregateInOwnFrom, position));
        }
        if let Some(place) = level.clause.refuses_aggregates() {
            return Err(BindError::at(BindErrorKind::AggregateNotAllowed { place }, position));
        }
        if let Some(before) = uses.get(place) {
            level.uses.truncate(*before);
        }
        let (called, result) = (aggregate.function, aggregate.result);
        let noted = aggregate.arguments.get(aggregate.direct as usize..).unwrap_or_default().to_vec();
        let index = match level.aggregates.iter().position(|known| *known == aggregate) {
            Some(index) => index,
            None => {
                level.aggregates.push(aggregate);
                level.aggregate_positions.push(position);
                level.aggregates.len() - 1
            }
        };
        let column = Column { relation: level.aggregate_relation, index: index as u32 };
        self.note_collation_of_call(column, called, &noted, result)?;
        Ok(Bound { expression: column_expression(column, result), position })
    }

    /// `GROUPING(…)`
    pub(super) fn grouping_call(&mut self, arguments: &[Syntax<'_>], position: u32) -> BindResult<Bound> {
        if arguments.len() > 31 {
            return Err(BindError::at(BindErrorKind::GroupingArguments, position));
        }
        let bound = self.expressions(arguments)?;
        let mut columns = Vec::new();
        for argument in &bound {
            argument.expression.for_each_column(&mut |column| columns.push(column));
        }
        let place = self.aggregate_level(&columns);
        let Some(level) = self.levels.get_mut(place) else {
            return Err(internal("GROUPING belongs to no query"));
        };
        if let Some(place) = level.clause.refuses_aggregates() {
            return Err(BindError::at(BindErrorKind::GroupingNotAllowed { place }, position));
        }
        level.groupings.push(bound);
        let index = level.groupings.len() as u32 - 1;
        let column = Column { relation: level.grouping_relation, index };
        Ok(Bound { expression: column_expression(column, Type::of(oid::INT4)), position })
    }
}
