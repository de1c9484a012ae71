//! Queries within expressions.

use crate::binder::{Binder, Bound, internal};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::names::column_expression;
use crate::query::BoundQuery;
use crate::shape::yielding;
use catalog::object::Oid;
use functions::resolve::common_array_type;
use plan::expression::{Expression, ExpressionKind, Subquery, SubqueryTest};
use syntax::tree::Query;
use syntax::tree::expression::{Operator, Quantifier};
use types::Type;
use types::catalog::oid;

impl Binder<'_> {
    /// A query, where one may stand.
    fn subquery(&mut self, query: &Query<'_>, position: u32) -> BindResult<BoundQuery> {
        if let Some(place) = self.level().clause.refuses_subqueries() {
            return Err(BindError::at(BindErrorKind::SubqueryNotAllowed { place }, position));
        }
        self.refuse_endless_policy()?;
        self.subqueries += 1;
        let bound = self.query(query);
        self.subqueries -= 1;
        let mut bound = bound?;
        if let Some(shapes) = &mut self.shapes
            && let (Some(relation), Some(shape)) = (yielding(&bound.logical), bound.shape.take())
        {
            shapes.subqueries.insert(relation, *shape);
        }
        Ok(bound)
    }

    fn single_column(&mut self, query: &Query<'_>, position: u32) -> BindResult<(BoundQuery, Type)> {
        let bound = self.subquery(query, position)?;
        match bound.columns[..] {
            [ref column] => {
                let of = column.column_type;
                Ok((bound, of))
            }
            _ => Err(BindError::at(BindErrorKind::OneColumn, position)),
        }
    }

    pub(super) fn scalar_subquery(&mut self, query: &Query<'_>, position: u32) -> BindResult<Bound> {
        let (bound, result) = self.single_column(query, position)?;
        if let Some(column) = bound.columns.first() {
            self.first_names.insert(query.position, column.name.to_string());
        }
        Ok(asked(bound, SubqueryTest::Scalar, result, position))
    }

    pub(super) fn array_subquery(&mut self, query: &Query<'_>, position: u32) -> BindResult<Bound> {
        let (bound, of) = self.single_column(query, position)?;
        let nested = self.is_array(of.oid);
        let array = if nested {
            self.types().undomained(of).oid
        } else {
            common_array_type(self.types(), of.oid)
                .map_err(|error| crate::binder::carried(&error, position))?
        };
        Ok(asked(bound, SubqueryTest::Array { nested }, Type::of(array), position))
    }

    pub(super) fn exists(&mut self, query: &Query<'_>, position: u32) -> BindResult<Bound> {
        let bound = self.subquery(query, position)?;
        Ok(asked(bound, SubqueryTest::Exists, Type::of(oid::BOOL), position))
    }

    /// `left IN (query)`
    pub(super) fn in_subquery(
        &mut self,
        left: Bound,
        query: &Query<'_>,
        negated: bool,
        position: u32,
    ) -> BindResult<Bound> {
        let found = self.compared_subquery(left, (None, "="), Quantifier::Any, query, position)?;
        let expression = if negated { super::negation(found.expression) } else { found.expression };
        Ok(Bound { expression, position: found.position })
    }

    /// `left operator ANY (query)`
    pub(super) fn quantified_subquery(
        &mut self,
        left: Bound,
        operator: &Operator<'_>,
        quantifier: Quantifier,
        query: &Query<'_>,
        position: u32,
    ) -> BindResult<Bound> {
        let schema = self.operator_schema(operator, position)?;
        self.compared_subquery(left, (schema, operator.symbol), quantifier, query, position)
    }

    fn compared_subquery(
        &mut self,
        left: Bound,
        name: (Option<Oid>, &str),
        quantifier: Quantifier,
        query: &Query<'_>,
        position: u32,
    ) -> BindResult<Bound> {
        let start = left.position.min(position);
        let bound = self.subquery(query, position)?;
        let comparison = self.compare_with(left, name, &bound, position)?;
        let comparison = Box::new(comparison);
        let test = match quantifier {
            Quantifier::Any => SubqueryTest::Any(comparison),
            Quantifier::All => SubqueryTest::All(comparison),
        };
        Ok(asked(bound, test, Type::of(oid::BOOL), start))
    }

    /// The comparison of what stands at the left with the columns of a query.
    fn compare_with(
        &mut self,
        left: Bound,
        name: (Option<Oid>, &str),
        query: &BoundQuery,
        position: u32,
    ) -> BindResult<Expression> {
        let start = left.position;
        let fields: Vec<Bound> = match left.expression.kind {
            ExpressionKind::Row(fields) if left.expression.result.oid == oid::RECORD => {
                fields.into_iter().map(|expression| Bound { expression, position: start }).collect()
            }
            kind => {
                let expression = Expression { kind, result: left.expression.result };
                vec![Bound { expression, position: start }]
            }
        };
        if fields.len() < query.columns.len() {
            return Err(BindError::at(BindErrorKind::TooManySubqueryColumns, position));
        }
        if fields.len() > query.columns.len() {
            return Err(BindError::at(BindErrorKind::TooFewSubqueryColumns, position));
        }
        let columns = query.columns.iter().map(|column| Bound {
            expression: column_expression(column.column, column.column_type),
            position: start,
        });
        self.compare_rows(name, fields, columns.collect(), position)
    }

    /// `(a, b) operator (query)`: the query has one row.
    pub(super) fn row_subquery(
        &mut self,
        left: Bound,
        operator: &Operator<'_>,
        query: &Query<'_>,
        position: u32,
    ) -> BindResult<Bound> {
        let start = left.position.min(position);
        let bound = self.subquery(query, position)?;
        let ExpressionKind::Row(fields) = left.expression.kind else {
            return Err(internal("a row is none"));
        };
        if fields.len() < bound.columns.len() {
            return Err(BindError::at(BindErrorKind::TooManySubqueryColumns, position));
        }
        if fields.len() > bound.columns.len() {
            return Err(BindError::at(BindErrorKind::TooFewSubqueryColumns, position));
        }
        let left: Vec<Bound> =
            fields.into_iter().map(|expression| Bound { expression, position: start }).collect();
        let right = row_fields_of(&bound, start);
        let schema = self.operator_schema(operator, position)?;
        let expression = self.compare_rows((schema, operator.symbol), left, right, position)?;
        Ok(Bound { expression, position: start })
    }

    /// The values of the one row of a query, for `SET (a, b) = (SELECT …)`.
    pub fn row_of_query(&mut self, query: &Query<'_>, position: u32) -> BindResult<Vec<Bound>> {
        let bound = self.subquery(query, position)?;
        Ok(row_fields_of(&bound, position))
    }
}

/// For each column of a query that has one row, its value. The copies of the query are equal: the optimiser runs it once.
fn row_fields_of(query: &BoundQuery, position: u32) -> Vec<Bound> {
    let field = |(place, of): (usize, Type)| {
        let subquery = Subquery {
            test: SubqueryTest::RowField(place as u32),
            query: query.logical.clone(),
            columns: query.columns.iter().map(|column| column.column).collect(),
        };
        let kind = ExpressionKind::Subquery(Box::new(subquery));
        Bound { expression: Expression { kind, result: of }, position }
    };
    query.columns.iter().map(|column| column.column_type).enumerate().map(field).collect()
}

pub(super) fn asked(query: BoundQuery, test: SubqueryTest, result: Type, position: u32) -> Bound {
    let columns = query.columns.iter().map(|column| column.column).collect();
    let subquery = Subquery { test, query: query.logical, columns };
    let kind = ExpressionKind::Subquery(Box::new(subquery));
    Bound { expression: Expression { kind, result }, position }
}
