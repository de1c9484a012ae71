//! `UNION`, `INTERSECT`, `EXCEPT`.

use super::{BoundQuery, QueryColumn, column_value};
use crate::binder::{Binder, Bound, Described, internal};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemKind};
use crate::names::item_columns;
use crate::shape::OrderShape;
use crate::with::set_shape;
use functions::table::CastContext;
use plan::expression::{Column, RelationId, SortKey};
use plan::logical::{Logical, SetOperation, SetOperator};
use std::sync::Arc;
use syntax::tree::expression::{Expression as Syntax, ExpressionKind as Tree};
use syntax::tree::select::{self, Query, QueryBody};
use types::Type;
use types::vector::Order;

impl Binder<'_> {
    pub(super) fn set_query(
        &mut self,
        query: &Query<'_>,
        set: &select::SetOperation<'_>,
    ) -> BindResult<BoundQuery> {
        self.row_ids_wanted = false;
        let inherited = std::mem::take(&mut self.inherited_locks);
        let bound = self.operands(query, set)?;
        let own = query.locking.iter().map(|locking| locking.strength);
        if let Some(first) = own.chain(inherited.iter().map(|lock| lock.strength)).next() {
            let strength = super::lock::strength_name(first);
            let with = "UNION/INTERSECT/EXCEPT";
            return Err(BindError::new(BindErrorKind::LockNotAllowed { strength, with }));
        }
        if query.order.is_empty() && query.limit.is_none() && query.offset.is_none() {
            return Ok(bound);
        }
        let ((logical, columns, shape), _) = self.within(|binder| {
            let keys = binder.set_order(query.order, &bound)?;
            let BoundQuery { mut logical, columns, mut shape } = bound;
            if !keys.is_empty() {
                logical = Logical::Sort { input: Box::new(logical), keys: keys.clone() };
            }
            let logical = binder.limited(logical, query, &keys)?;
            if let Some(shape) = &mut shape {
                shape.order = keys.iter().filter_map(order_of_column).collect();
                shape.cut_as(&logical);
            }
            Ok((logical, columns, shape))
        })?;
        Ok(BoundQuery { logical, columns, shape })
    }

    /// The operands, those at the left in a loop.
    fn operands(&mut self, query: &Query<'_>, set: &select::SetOperation<'_>) -> BindResult<BoundQuery> {
        let mut chain = vec![set];
        while let Some(QueryBody::Set(left)) = chain.last().map(|set| &set.left) {
            chain.push(left);
        }
        if chain.len() > self.chain_limit().saturating_mul(8) {
            return Err(BindError::new(BindErrorKind::TooDeep));
        }
        let Some(first) = chain.last() else { return Err(internal("a set operation has no operands")) };
        let before = self.self_references();
        let mut bound = self.operand(query, &first.left)?;
        for set in chain.into_iter().rev() {
            // A query that refers to itself may not lose rows by what it finds later.
            let refused = match set.operator {
                select::SetOperator::Union => None,
                select::SetOperator::Intersect => set.all.then_some("INTERSECT"),
                select::SetOperator::Except => Some("EXCEPT"),
            };
            if let Some(place) = refused.filter(|_| set.all) {
                self.refuse_self_since(before, place)?;
            }
            let left = self.self_references();
            let right = self.operand(query, &set.right)?;
            if let Some(place) = refused {
                self.refuse_self_since(left, place)?;
            }
            bound = self.set_operation(bound, right, set)?;
        }
        Ok(bound)
    }

    fn operand(&mut self, around: &Query<'_>, body: &QueryBody<'_>) -> BindResult<BoundQuery> {
        self.ranges += 1;
        let alone = Query {
            with: None,
            body: *body,
            order: &[],
            limit: None,
            offset: None,
            locking: &[],
            position: around.position,
        };
        self.open_query(&alone)
    }

    fn set_operation(
        &mut self,
        left: BoundQuery,
        right: BoundQuery,
        set: &select::SetOperation<'_>,
    ) -> BindResult<BoundQuery> {
        let (operator, name) = match set.operator {
            select::SetOperator::Union => (SetOperator::Union, "UNION"),
            select::SetOperator::Intersect => (SetOperator::Intersect, "INTERSECT"),
            select::SetOperator::Except => (SetOperator::Except, "EXCEPT"),
        };
        if left.columns.len() != right.columns.len() {
            let position = right.columns.first().map_or(set.position, |column| column.position);
            let kind = BindErrorKind::UnequalColumns { operator: name };
            return Err(BindError::at(kind, position));
        }
        let types = self.common_types(&left, &right, name)?;
        let left = self.with_types(left, &types, CastContext::Implicit)?;
        let right = self.with_types(right, &types, CastContext::Implicit)?;
        let shape = set_shape(set.operator, set.all, &left, &right);
        let orders = if set.all && operator == SetOperator::Union {
            Vec::new()
        } else {
            self.orders_of(&left.columns, &types)?
        };
        let relation = self.inner_relation();
        let columns = result_columns(&left.columns, &types, relation);
        let names = columns.iter().map(|column| column.name.as_str().into()).collect();
        self.described.insert(relation, Described { alias: "".into(), columns: names, table: None });
        let may_differ = set.all && operator == SetOperator::Union;
        self.common_collations([&left.columns, &right.columns], &columns, may_differ)?;
        let right_columns: Vec<Column> = right.columns.iter().map(|column| column.column).collect();
        let logical = match left.logical {
            // One operation over many, where the order does not matter.
            Logical::Set(mut known)
                if known.operator == operator
                    && known.all == set.all
                    && operator == SetOperator::Union
                    && known.types == types =>
            {
                known.inputs.push((right.logical, right_columns));
                known.relation = relation;
                Logical::Set(known)
            }
            logical => {
                let left_columns = left.columns.iter().map(|column| column.column).collect();
                let inputs = vec![(logical, left_columns), (right.logical, right_columns)];
                let operation = SetOperation { relation, operator, all: set.all, inputs, types, orders };
                Logical::Set(Box::new(operation))
            }
        };
        Ok(BoundQuery { logical, columns, shape })
    }

    /// The types that the columns of two queries have in common.
    pub fn common_types(
        &self,
        left: &BoundQuery,
        right: &BoundQuery,
        context: &'static str,
    ) -> BindResult<Vec<Type>> {
        let mut types = Vec::with_capacity(left.columns.len());
        for (one, other) in left.columns.iter().zip(&right.columns) {
            let (one, other) = (column_value(one), column_value(other));
            let common = self.common(&[&one, &other], context)?;
            let same = one.expression.result == other.expression.result;
            let modifier = if same { one.expression.result.modifier } else { -1 };
            types.push(Type { oid: common, modifier });
        }
        Ok(types)
    }

    /// By which orders rows of these columns are equal.
    pub fn orders_of(&self, columns: &[QueryColumn], types: &[Type]) -> BindResult<Vec<Order>> {
        let order = |(column, of): (&QueryColumn, &Type)| {
            self.types().equality(*of).ok_or_else(|| self.no_equality(of.oid, column.position))
        };
        columns.iter().zip(types).map(order).collect()
    }

    /// `ORDER BY` over a set operation: names and numbers of its columns alone.
    fn set_order(&mut self, keys: &[select::SortKey<'_>], bound: &BoundQuery) -> BindResult<Vec<SortKey>> {
        let Some(relation) = bound.columns.first().map(|column| column.column.relation) else {
            return Ok(Vec::new());
        };
        self.own(relation);
        let named = bound.columns.iter().map(|column| (Arc::from(column.name.as_str()), column.column_type));
        let item = Item::open("*RESULT*".into(), item_columns(relation, named), ItemKind::Rows);
        self.level().items.push(Item { named: false, ..item });
        let mut targets: Vec<super::Target> = bound
            .columns
            .iter()
            .map(|column| super::Target {
                expression: plan::expression::Expression::column(column.column, column.column_type),
                position: column.position,
                name: column.name.clone(),
                hidden: false,
            })
            .collect();
        let count = targets.len();
        let mut sorted = Vec::with_capacity(keys.len());
        for key in keys {
            let place = self.named_target(&key.expression, &mut targets, crate::clause::Clause::OrderBy)?;
            if place >= count {
                return Err(BindError::at(BindErrorKind::SetOrder, start_of(&key.expression)));
            }
            let value =
                Bound { expression: targets[place].expression.clone(), position: targets[place].position };
            sorted.push(self.sort_key(value, key)?);
        }
        Ok(sorted)
    }
}

/// What a set operation is sorted by: the place of its column.
fn order_of_column(key: &SortKey) -> Option<OrderShape> {
    let place = key.expression.as_column()?.index as usize;
    Some(OrderShape { place, descending: key.descending, nulls_first: key.nulls_first })
}

fn start_of(expression: &Syntax<'_>) -> u32 {
    match expression.kind {
        Tree::Operation { .. } => expression.start(),
        _ => expression.position,
    }
}

/// The columns of what is made of a query, named as its own.
pub(crate) fn result_columns(
    columns: &[QueryColumn],
    types: &[Type],
    relation: RelationId,
) -> Vec<QueryColumn> {
    let column = |(place, (column, of)): (usize, (&QueryColumn, &Type))| QueryColumn {
        name: column.name.clone(),
        column: Column { relation, index: place as u32 },
        column_type: *of,
        literal: None,
        position: column.position,
        origin: None,
    };
    columns.iter().zip(types).enumerate().map(column).collect()
}
