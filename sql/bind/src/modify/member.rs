//! Tables that inherit from others: whose rows are read and changed with a table's own, and how the rows of a partitioned
//! table find their partition.

use crate::binder::{Binder, internal};
use crate::clause::Clause;
use crate::error::BindResult;
use catalog::object::{IndexedValue, PartitionBound, PartitionKey, PartitionStrategy, RangeEdge, Table};
use plan::expression::{Call, CallForm, Column, Expression, ExpressionKind, FunctionId, RelationId};
use plan::logical::{Scan, ScanColumn, ScanSource, StoredField};
use plan::partition::{Bound, Edge, Part, Place, Routing, RoutingKey, Strategy};
use plan::target::{Member, Within};
use std::cmp::Ordering;
use std::sync::Arc;
use types::catalog::oid;
use types::vector::Order;
use types::{Item, Type, Value};

impl Binder<'_> {
    /// The tables whose rows are read with a table's own, itself among them if it has rows; none if it stands alone.
    pub(crate) fn members_of(&mut self, table: &Arc<Table>) -> BindResult<Vec<Arc<Table>>> {
        if table.is_partitioned() {
            let mut members = Vec::new();
            self.leaves(table, &mut members)?;
            // A table without partitions has no rows, and no member that could say so: it is its own.
            return Ok(if members.is_empty() { vec![table.clone()] } else { members });
        }
        let mut members = vec![table.clone()];
        let mut at = 0;
        while let Some(parent) = members.get(at).cloned() {
            at += 1;
            for child in self.scope().children_of(parent.oid) {
                if !members.iter().any(|known| known.oid == child.oid) {
                    members.push(child.clone());
                }
            }
        }
        if members.len() == 1 {
            members.clear();
        }
        Ok(members)
    }

    fn leaves(&mut self, table: &Arc<Table>, found: &mut Vec<Arc<Table>>) -> BindResult<()> {
        self.deeper(|binder| {
            let parts = match binder.with_detaching {
                true => binder.parts_in_order(table),
                false => binder.attached_in_order(table),
            };
            for part in parts {
                if part.is_partitioned() {
                    // It is locked like its partitions, which depend on it.
                    binder.note_inherited(part.oid);
                    binder.leaves(&part, found)?;
                } else {
                    found.push(part);
                }
            }
            Ok(())
        })
    }

    /// The partitions of a table but one that is being detached, in the order of their bounds.
    fn attached_in_order(&self, table: &Table) -> Vec<Arc<Table>> {
        let mut parts = self.parts_in_order(table);
        parts.retain(|part| part.inheritance.detaching.is_none());
        parts
    }

    /// The partitions of a table, one that is being detached among them, in the order of their bounds.
    pub(crate) fn parts_in_order(&self, table: &Table) -> Vec<Arc<Table>> {
        let mut parts: Vec<Arc<Table>> = self.scope().children_of(table.oid).cloned().collect();
        let Some(key) = &table.inheritance.key else { return parts };
        let orders: Vec<Option<Order>> =
            key.columns.iter().map(|column| self.types().order(column.column_type())).collect();
        parts.sort_by(|one, other| {
            match (&one.inheritance.bound, &other.inheritance.bound) {
                (Some(one), Some(other)) => compare_bounds(&orders, one, other),
                (_, _) => Ordering::Equal,
            }
            .then(one.oid.cmp(&other.oid))
        });
        parts
    }

    /// The scan of a member, with the columns of the table that it inherits from.
    pub(crate) fn member_scan(&self, root: &Table, member: &Table, scan: &Scan) -> BindResult<Scan> {
        let mut columns = Vec::with_capacity(scan.columns.len());
        for column in &scan.columns {
            columns.push(member_column(root, member, column)?);
        }
        Ok(Scan {
            relation: scan.relation,
            table: member.oid,
            tree: member.tree,
            name: member.name.as_str().into(),
            alias: scan.alias.clone(),
            layout: Arc::new(member.layout()),
            columns,
            sample: scan.sample.clone(),
            guards: Vec::new(),
            guarded: false,
            members: Vec::new(),
        })
    }

    /// The members of a table that is changed.
    pub(crate) fn target_members(&mut self, table: &Arc<Table>) -> BindResult<Vec<Member>> {
        let mut members = Vec::new();
        for member in self.members_of(table)? {
            self.note_inherited(member.oid);
            members
                .push(Member { columns: member_places(table, &member)?, target: self.lone_target(&member)? });
        }
        Ok(members)
    }

    /// How rows of a partitioned table find their partition, if that is not being detached; keys are over the columns of `over`
    /// under `relation`, which has the table's columns by name.
    pub(crate) fn routing(
        &mut self,
        table: &Arc<Table>,
        over: &Arc<Table>,
        relation: RelationId,
    ) -> BindResult<Option<Routing>> {
        let parts = self.attached_in_order(table);
        self.routing_to(table, parts, over, relation)
    }

    /// The same to these partitions.
    fn routing_to(
        &mut self,
        table: &Arc<Table>,
        partitions: Vec<Arc<Table>>,
        over: &Arc<Table>,
        relation: RelationId,
    ) -> BindResult<Option<Routing>> {
        let Some(key) = &table.inheritance.key else { return Ok(None) };
        let mut keys = Vec::with_capacity(key.columns.len());
        for column in &key.columns {
            let (expression, text) = match &column.value {
                IndexedValue::Column(place) => {
                    let name = table.columns.get(usize::from(*place)).map_or("", |found| &found.name);
                    let index = over.live_columns().position(|(_, found)| found.name == name);
                    let index = index.ok_or_else(|| internal("a partition lacks a column"))? as u32;
                    let expression = Expression::column(Column { relation, index }, column.column_type());
                    (expression, catalog::name::quote_identifier(name))
                }
                IndexedValue::Expression(text) => {
                    let clause = Clause::IndexExpression;
                    let bound = self.over_table(over, relation, clause, text, |binder, tree| {
                        let bound = binder.expression(tree)?;
                        Ok(binder.settle(bound)?.expression)
                    })?;
                    // Only messages show it.
                    let text = self.key_name(over, &bound, text);
                    (bound, text)
                }
            };
            let Some(order) = self.types().order(column.column_type()) else {
                return Err(internal("a partition key is of a type without order"));
            };
            let hash =
                column.class.and_then(|class| catalog::operator_class::partition_hash(self.scope(), class));
            let hash = hash.map(|function| seeded(FunctionId(function), &expression));
            keys.push(RoutingKey { expression, order, text, hash });
        }
        let mut parts = Vec::new();
        for part in partitions {
            let Some(bound) = &part.inheritance.bound else { continue };
            let divided = self.deeper(|binder| binder.routing(&part, over, relation))?;
            let place = divided.map_or(Place::Table(part.oid), |routing| Place::Divided(Box::new(routing)));
            let foreign = part.foreign().map(|foreign| self.scope().no_handler(foreign.server));
            parts.push(Part { bound: bound_values(bound), place, missed: None, foreign });
        }
        let strategy = strategy_of(key);
        let schema = self.scope().schema(table.schema).map_or_else(String::new, |schema| schema.name.clone());
        Ok(Some(Routing { table: table.oid, name: table.name.clone(), schema, strategy, keys, parts }))
    }

    /// What the rows of a partition must be, by the tables above it, the nearest last.
    pub(crate) fn within_parents(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
    ) -> BindResult<Vec<Within>> {
        let mut within = Vec::new();
        let mut part = table.clone();
        while let Some(parent) = part.partition_of().and_then(|parent| self.scope().table(parent).cloned()) {
            // One that is being detached has a check that says what its bound does, unless a hash divides.
            let strategy = parent.inheritance.key.as_ref().map(|key| key.strategy);
            if part.inheritance.detaching.is_some() && strategy != Some(PartitionStrategy::Hash) {
                break;
            }
            let parts = self.parts_in_order(&parent);
            let place = parts.iter().position(|found| found.oid == part.oid);
            let Some(mut routing) = self.routing_to(&parent, parts, table, relation)? else { break };
            let place = place.ok_or_else(|| internal("a partition is not its table's"))?;
            // Only which part a row belongs to matters here.
            for part in &mut routing.parts {
                part.place = Place::Table(0);
            }
            within.push(Within { routing: Arc::new(routing), part: place });
            part = parent;
        }
        within.reverse();
        Ok(within)
    }
}

/// For each column of a table its place among those of one that inherits from it.
pub(crate) fn member_places(root: &Table, member: &Table) -> BindResult<Vec<u32>> {
    root.live_columns()
        .map(|(_, column)| {
            let place = member.live_columns().position(|(_, own)| own.name == column.name);
            place.map(|place| place as u32).ok_or_else(|| internal("a child lacks a column of its parent"))
        })
        .collect()
}

/// Rows of a table, or of one that inherits from it, as values of its row type.
pub(crate) fn whole_row(root: &Table, member: &Table) -> ScanSource {
    let stored = |(at, column): (usize, &catalog::object::Column)| {
        // A table's own columns are known by their places.
        let own = (member.oid == root.oid).then_some((at, column));
        let (place, stored) = own.or_else(|| member.column(&column.name))?;
        let place = u16::try_from(place).ok().filter(|_| !column.dropped)?;
        Some(StoredField { place, missing: missing(stored) })
    };
    ScanSource::WholeRow(root.columns.iter().enumerate().map(stored).collect())
}

/// The value of a column in rows that were written before it was added.
pub(crate) fn missing(column: &catalog::object::Column) -> Value {
    column.missing.as_ref().map_or(Value::Null, |datum| datum.0.clone())
}

fn member_column(root: &Table, member: &Table, column: &ScanColumn) -> BindResult<ScanColumn> {
    let source = match &column.source {
        ScanSource::Column { name, number, .. } => {
            let stored = usize::from(*number).checked_sub(1).and_then(|place| root.columns.get(place));
            let known = stored.map_or(&**name, |stored| &stored.name);
            let Some((place, own)) = member.column(known) else {
                return Err(internal("a child lacks a column of its parent"));
            };
            ScanSource::Column {
                number: place as u16 + 1,
                name: own.name.as_str().into(),
                missing: missing(own),
            }
        }
        ScanSource::WholeRow(_) => whole_row(root, member),
        ScanSource::RowId | ScanSource::Writer | ScanSource::TableOid => column.source.clone(),
    };
    Ok(ScanColumn { source, column_type: column.column_type })
}

/// A column that is read of a table besides those that it has, as its members have it.
pub(crate) fn add_to_members(
    root: &Table,
    scope: &catalog::Scope,
    scan: &mut Scan,
    column: &ScanColumn,
) -> BindResult<()> {
    for member in &mut scan.members {
        if let Some(table) = scope.table(member.table) {
            member.columns.push(member_column(root, table, column)?);
        }
    }
    Ok(())
}

fn strategy_of(key: &PartitionKey) -> Strategy {
    match key.strategy {
        PartitionStrategy::List => Strategy::List,
        PartitionStrategy::Range => Strategy::Range,
        PartitionStrategy::Hash => Strategy::Hash,
    }
}

fn bound_values(bound: &PartitionBound) -> Bound {
    let edges = |edges: &[RangeEdge]| {
        let edge = |edge: &RangeEdge| match edge {
            RangeEdge::Least => Edge::Least,
            RangeEdge::Value(value) => Edge::Value(value.0.clone()),
            RangeEdge::Greatest => Edge::Greatest,
        };
        edges.iter().map(edge).collect()
    };
    match bound {
        PartitionBound::Default => Bound::Default,
        PartitionBound::List(values) => Bound::List(values.iter().map(|value| value.0.clone()).collect()),
        PartitionBound::Range(from, to) => Bound::Range(edges(from), edges(to)),
        PartitionBound::Hash { modulus, remainder } => {
            Bound::Hash { modulus: *modulus, remainder: *remainder }
        }
    }
}

/// In which order partitions come: ranges by where they begin, lists by their least value (one with a null only behind
/// them), hashes by what they are divided by and what is left; the one for all other rows last.
fn compare_bounds(orders: &[Option<Order>], one: &PartitionBound, other: &PartitionBound) -> Ordering {
    match (one, other) {
        (PartitionBound::Range(one, _), PartitionBound::Range(other, _)) => compare_edges(orders, one, other),
        (PartitionBound::List(one), PartitionBound::List(other)) => {
            let order = orders.first().and_then(Option::as_ref);
            let least = |values: &[catalog::object::Datum]| {
                let known = values.iter().map(|value| value.0.clone()).filter(|value| !value.is_null());
                known.reduce(|one, other| match compare_values(order, &one, &other) {
                    Ordering::Greater => other,
                    Ordering::Less | Ordering::Equal => one,
                })
            };
            match (least(one), least(other)) {
                (Some(one), Some(other)) => compare_values(order, &one, &other),
                (one, other) => one.is_none().cmp(&other.is_none()),
            }
        }
        (
            PartitionBound::Hash { modulus: one, remainder: left },
            PartitionBound::Hash { modulus: other, remainder: right },
        ) => (one, left).cmp(&(other, right)),
        (one, other) => {
            let last = |bound: &PartitionBound| matches!(bound, PartitionBound::Default);
            last(one).cmp(&last(other))
        }
    }
}

fn compare_values(order: Option<&Order>, one: &Value, other: &Value) -> Ordering {
    order.map_or(Ordering::Equal, |order| order.compare(&Item::from(one), &Item::from(other)))
}

/// Two edges of ranges, key by key: what is beyond all values ends the comparison.
pub fn compare_edges(orders: &[Option<Order>], one: &[RangeEdge], other: &[RangeEdge]) -> Ordering {
    for (place, (one, other)) in one.iter().zip(other).enumerate() {
        let rank = |edge: &RangeEdge| match edge {
            RangeEdge::Least => 0,
            RangeEdge::Value(_) => 1,
            RangeEdge::Greatest => 2,
        };
        let found = match (one, other) {
            (RangeEdge::Value(one), RangeEdge::Value(other)) => {
                compare_values(orders.get(place).and_then(Option::as_ref), &one.0, &other.0)
            }
            (RangeEdge::Least, RangeEdge::Least) | (RangeEdge::Greatest, RangeEdge::Greatest) => {
                return Ordering::Equal;
            }
            (one, other) => rank(one).cmp(&rank(other)),
        };
        if found != Ordering::Equal {
            return found;
        }
    }
    Ordering::Equal
}

/// A key hashed by a function, with the seed that all are hashed with.
fn seeded(function: FunctionId, key: &Expression) -> Expression {
    let seed = Expression::constant(Value::Int64(types::hash::SEED.cast_signed()), Type::of(oid::INT8));
    let call = Call {
        function,
        arguments: vec![key.clone(), seed],
        operator: None,
        form: CallForm::Call,
        variadic: false,
        written: None,
    };
    Expression { kind: ExpressionKind::Call(call), result: Type::of(oid::INT8) }
}
