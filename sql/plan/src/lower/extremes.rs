//! The least and greatest values of a whole table, each of which is the first that an index gives: a query of its own, run
//! once (PostgreSQL's `preprocess_minmax_aggregates`).

use super::{Lowering, Planned, Wanted, columns_of_relation};
use crate::cost::{Grouped, hash_group_cost};
use crate::error::PlanResult;
use crate::expression::{
    Aggregate, Column, Expression, ExpressionKind, RelationId, SortKey, Subquery, SubqueryTest,
};
use crate::facts::AggregateKind;
use crate::logical::Logical;
use crate::physical::NodeKind;
use types::catalog::oid;
use types::{Type, Value};

/// Whether rows of a table, or of several, are looked at one by one.
fn reads_tables(logical: &Logical) -> bool {
    match logical {
        Logical::Scan(_) => true,
        Logical::Filter { input, .. } | Logical::Project { input, .. } => reads_tables(input),
        Logical::Set(operation) => {
            operation.all && operation.inputs.iter().all(|(input, _)| reads_tables(input))
        }
        _ => false, // of anything else no index gives the first
    }
}

impl Lowering<'_> {
    /// Least and greatest values by indexes, if they give all that is asked for and it is cheaper than looking at all rows.
    pub(super) fn lower_extremes(
        &mut self,
        relation: RelationId,
        input: &Logical,
        sets: &[Vec<u32>],
        aggregates: &[Aggregate],
    ) -> PlanResult<Option<Planned>> {
        if sets.len() != 1 || aggregates.is_empty() || !self.facts.settings().optimise || !reads_tables(input)
        {
            return Ok(None);
        }
        let mut queries = Vec::with_capacity(aggregates.len());
        for aggregate in aggregates {
            match self.extreme(input, aggregate) {
                Some(query) => queries.push(query),
                None => return Ok(None),
            }
        }
        let trial = self.begin_trial();
        let before = self.subplans.len();
        let mut cost = 0.0;
        for (input, key) in &queries {
            let wanted = Wanted { keys: vec![key.clone()], limit: Some(1.0), strict: false };
            let planned = self.lower_wanted(input.clone(), &wanted)?;
            if !wanted.is_met(planned.presorted) || self.subplans.len() != before {
                self.give_up(trial);
                return Ok(None);
            }
            cost += wanted.cost(self.facts.settings(), planned.node.estimate, planned.presorted, 1.0);
        }
        let all = self.lower(input.clone())?;
        let counted = Grouped { keys: 0.0, aggregates: aggregates.len() as f64, groups: 1.0 };
        let whole = hash_group_cost(self.facts.settings(), all.node.estimate, counted);
        self.give_up(trial);
        if cost >= whole.total_cost {
            return Ok(None);
        }
        let mut row = Vec::with_capacity(queries.len());
        for ((input, key), aggregate) in queries.into_iter().zip(aggregates) {
            row.push(self.first_of(input, key, aggregate.result)?);
        }
        let columns: Vec<Type> = aggregates.iter().map(|aggregate| aggregate.result).collect();
        let layout = columns_of_relation(relation, columns.len()).collect();
        let kind = NodeKind::Values { rows: vec![row] };
        Ok(Some(Planned::new(self.node(kind, columns), layout)))
    }

    /// The rows among which an extreme is, and by what they are sorted for it to be the first.
    fn extreme(&self, input: &Logical, aggregate: &Aggregate) -> Option<(Logical, SortKey)> {
        let descending = match self.facts.function(aggregate.function).aggregate {
            AggregateKind::Least => false,
            AggregateKind::Greatest => true,
            AggregateKind::Other | AggregateKind::CountRows | AggregateKind::CountValues => return None,
        };
        let [argument] = aggregate.arguments.as_slice() else { return None };
        if aggregate.filter.is_some() || !argument.has_column() || argument.has_subquery() {
            return None;
        }
        let order = self.facts.order(argument.result)?;
        let key = SortKey { expression: argument.clone(), order, descending, nulls_first: descending };
        let not_null = Expression::new(
            ExpressionKind::IsNull { operand: Box::new(argument.clone()), negated: true },
            Type::of(oid::BOOL),
        );
        Some((crate::rewrite::restricted(input.clone(), vec![not_null], self.facts, &self.names), key))
    }

    /// The first value of rows in an order, which is asked for once.
    fn first_of(&mut self, input: Logical, key: SortKey, of: Type) -> PlanResult<Expression> {
        let limit = Some(Expression::constant(Value::Int64(1), Type::of(oid::INT8)));
        let expression = key.expression.clone();
        let sorted = Logical::Sort { input: Box::new(input), keys: vec![key] };
        let limited = Logical::Limit { input: Box::new(sorted), limit, offset: None, with_ties: Vec::new() };
        let (query, column) = match expression.as_column() {
            Some(column) => (limited, column),
            None => {
                // Nothing else is made by it.
                let relation = RelationId(u32::MAX);
                let project =
                    Logical::Project { relation, input: Box::new(limited), expressions: vec![expression] };
                (project, Column { relation, index: 0 })
            }
        };
        let subquery = Subquery { test: SubqueryTest::Scalar, query, columns: vec![column] };
        let mut value = Expression::new(ExpressionKind::Subquery(Box::new(subquery)), of);
        self.resolve(&mut value, &[])?;
        Ok(value)
    }
}
