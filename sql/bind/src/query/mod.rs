//! Queries.

mod assemble;
mod from;
mod function;
mod group;
mod grouped;
mod join;
mod limit;
mod lock;
mod order;
mod postpone;
mod select;
mod set;
mod values;
mod window_order;

pub(crate) use assemble::{filtered, with_sets};
pub(crate) use from::{FromEntry, SEQUENCE_COLUMNS, renamed};
pub(crate) use join::joined;
pub(crate) use plan::implied::terms_of;
pub(crate) use select::{DistinctBy, Target};
pub(crate) use set::result_columns;

use crate::binder::{Binder, Bound};
use crate::error::BindResult;
use crate::shape::Shape;
use functions::table::CastContext;
use plan::expression::{Column, Expression, RelationId};
use plan::logical::Logical;
use syntax::tree::select::{Query, QueryBody};
use types::Type;
use types::catalog::oid;

/// A query that has been bound.
#[derive(Debug, Clone)]
pub(crate) struct BoundQuery {
    pub logical: Logical,
    /// What it yields, in order.
    pub columns: Vec<QueryColumn>,
    /// How it was written, if that is wanted.
    pub shape: Option<Box<Shape>>,
}

impl BoundQuery {
    /// One value for each row of `input`, as the only column.
    pub fn of_value(relation: RelationId, name: &str, input: Logical, value: Expression) -> BoundQuery {
        let column = QueryColumn {
            name: name.to_owned(),
            column: Column { relation, index: 0 },
            column_type: value.result,
            literal: None,
            position: 0,
            origin: None,
        };
        let logical = Logical::Project { relation, input: Box::new(input), expressions: vec![value] };
        BoundQuery { logical, columns: vec![column], shape: None }
    }
}

/// A column of a query.
#[derive(Debug, Clone)]
pub(crate) struct QueryColumn {
    pub name: String,
    pub column: Column,
    pub column_type: Type,
    /// What it is, if it is nothing but a literal or a parameter whose type nobody knows yet.
    pub literal: Option<Expression>,
    /// Where its expression stands.
    pub position: u32,
    /// The table and the number of the column that it is.
    pub origin: Option<(u32, u16)>,
}

impl Binder<'_> {
    /// A query whose columns all have types.
    pub fn query(&mut self, query: &Query<'_>) -> BindResult<BoundQuery> {
        let bound = self.open_query(query)?;
        self.settled(bound)
    }

    /// A query whose literals may still become of another type.
    pub fn open_query(&mut self, query: &Query<'_>) -> BindResult<BoundQuery> {
        let bound = self.query_with_tables(query)?;
        Ok(self.with_common_shapes(query, bound))
    }

    fn query_with_tables(&mut self, query: &Query<'_>) -> BindResult<BoundQuery> {
        self.deeper(|binder| match query.body {
            QueryBody::Nested(inner) => {
                // What stands around parentheses is of the same query.
                let merged = Query {
                    with: query.with.or(inner.with),
                    body: inner.body,
                    order: if query.order.is_empty() { inner.order } else { query.order },
                    limit: query.limit.or(inner.limit),
                    offset: query.offset.or(inner.offset),
                    locking: if query.locking.is_empty() { inner.locking } else { query.locking },
                    position: query.position,
                };
                binder.open_query(&merged)
            }
            QueryBody::Select(_) | QueryBody::Values(_) | QueryBody::Table(_) | QueryBody::Set(_) => {
                // Tables of `WITH` are locked by nobody but themselves.
                let inherited = std::mem::take(&mut binder.inherited_locks);
                let row_ids_wanted = std::mem::take(&mut binder.row_ids_wanted);
                binder.with_tables(query.with.as_ref(), |binder| {
                    binder.inherited_locks = inherited;
                    binder.row_ids_wanted = row_ids_wanted;
                    binder.body(query)
                })
            }
        })
    }

    /// The query with how its `WITH` was written, if that is wanted.
    pub(crate) fn with_common_shapes(&mut self, query: &Query<'_>, mut bound: BoundQuery) -> BoundQuery {
        // Of parentheses around a query the query itself has been told already.
        let alone = !matches!(query.body, QueryBody::Nested(_));
        if let (Some(with), Some(shapes), Some(shape), true) =
            (&query.with, &mut self.shapes, &mut bound.shape, alone)
        {
            shape.common = std::mem::take(&mut shapes.common);
            shape.recursive = with.recursive;
        }
        bound
    }

    fn body(&mut self, query: &Query<'_>) -> BindResult<BoundQuery> {
        match &query.body {
            QueryBody::Select(select) => self.select(query, select),
            QueryBody::Values(rows) => self.values_query(query, rows),
            QueryBody::Table(relation) => self.table_query(query, relation),
            QueryBody::Set(set) => self.set_query(query, set),
            QueryBody::Nested(inner) => self.open_query(inner),
        }
    }

    /// The query with text for what has no type.
    pub fn settled(&mut self, query: BoundQuery) -> BindResult<BoundQuery> {
        let types: Vec<Type> = query
            .columns
            .iter()
            .map(|column| match column.column_type.oid {
                oid::UNKNOWN => Type::of(oid::TEXT),
                _ => column.column_type,
            })
            .collect();
        self.with_types(query, &types, CastContext::Implicit)
    }

    /// The query with its columns cast to these types.
    pub fn with_types(
        &mut self,
        query: BoundQuery,
        types: &[Type],
        context: CastContext,
    ) -> BindResult<BoundQuery> {
        let same = query.columns.iter().zip(types).all(|(column, of)| column.column_type == *of);
        if same {
            return Ok(query);
        }
        let relation = self.inner_relation();
        let mut expressions = Vec::with_capacity(types.len());
        let mut columns = Vec::with_capacity(types.len());
        let mut shape = query.shape;
        for (place, (column, of)) in query.columns.into_iter().zip(types).enumerate() {
            let bound = column_value(&column);
            let is_literal = column.literal.is_some();
            let expression = self.cast(bound, *of, context, column.position)?;
            let own = Column { relation, index: place as u32 };
            self.note_collation_of(own, &expression)?;
            if self.explicit_collations.contains(&column.column) {
                self.explicit_collations.insert(own);
            }
            columns.push(QueryColumn {
                column: Column { relation, index: place as u32 },
                column_type: expression.result,
                literal: None,
                ..column
            });
            if is_literal && let Some(shape) = &mut shape {
                shape.settle(place, &expression);
            }
            expressions.push(expression);
        }
        let logical = Logical::Project { relation, input: Box::new(query.logical), expressions };
        Ok(BoundQuery { logical, columns, shape })
    }
}

/// A column of a query as an expression of whoever is above it; what it is, if it is a literal.
pub(crate) fn column_value(column: &QueryColumn) -> Bound {
    let expression = match &column.literal {
        Some(literal) => literal.clone(),
        None => Expression::column(column.column, column.column_type),
    };
    Bound { expression, position: column.position }
}
