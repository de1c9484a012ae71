//! Which part of the rows fulfils a condition: from statistics where there are any, by PostgreSQL's defaults where not.

use super::pattern::Matches;
use crate::expression::{CallForm, Column, Expression, ExpressionKind, FunctionId, RelationId};
use crate::facts::{ColumnStatistics, Comparison, Facts, TableFacts};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::Value;
use types::value::Item;
use types::vector::{Operator, Order};

const EQUAL: f64 = 0.005;
const UNEQUAL: f64 = 1.0 / 3.0;
const RANGE: f64 = 0.005;
/// What matches a pattern of which nothing is known.
pub(super) const MATCH: f64 = 0.005;
const NULLS: f64 = 0.005;
const BOOLEAN: f64 = 0.5;
const DISTINCT: f64 = 200.0;
/// Which part of the rows several columns tell apart at most.
const RELATED: f64 = 0.1;

/// Where a column's values come from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    table: Arc<TableFacts>,
    number: u16,
}

/// Which columns of a statement are columns of tables, and what is known of those.
#[derive(Debug, Default)]
pub(crate) struct Statistics {
    origins: BTreeMap<Column, Origin>,
    /// What patterns came to.
    pub(super) matches: Matches,
}

impl Statistics {
    /// A column is one of a table.
    pub(crate) fn insert(&mut self, column: Column, table: &Arc<TableFacts>, number: u16) {
        self.origins.insert(column, Origin { table: Arc::clone(table), number });
    }

    /// A column has the values of another.
    pub(crate) fn alias(&mut self, column: Column, of: &Expression) {
        if let Some(origin) = of.as_column().and_then(|of| self.origins.get(&of)).cloned() {
            self.origins.insert(column, origin);
        }
    }

    pub(super) fn column(&self, expression: &Expression) -> Option<(&Origin, Option<&ColumnStatistics>)> {
        let origin = self.origins.get(&bare(expression).as_column()?)?;
        Some((origin, origin.table.statistics_of(origin.number)))
    }

    /// The table that a column is of, and its number.
    pub(crate) fn table_of_column(&self, column: Column) -> Option<(&Arc<TableFacts>, u16)> {
        self.origins.get(&column).map(|origin| (&origin.table, origin.number))
    }

    /// The same of an expression that is a column.
    pub(super) fn table_of(&self, expression: &Expression) -> Option<(&Arc<TableFacts>, u16)> {
        self.table_of_column(bare(expression).as_column()?)
    }

    /// Bytes of a column on average.
    pub(crate) fn width(&self, column: Column) -> Option<u32> {
        let origin = self.origins.get(&column)?;
        Some(origin.table.statistics_of(origin.number)?.width)
    }

    /// How far the order of a column's values is that of its rows.
    pub(crate) fn correlation(&self, column: Column) -> Option<f64> {
        let origin = self.origins.get(&column)?;
        Some(origin.table.statistics_of(origin.number)?.correlation)
    }

    /// Whether how many different values a column has was measured.
    pub(crate) fn is_measured(&self, column: Column) -> bool {
        let origin = self.origins.get(&column);
        origin.is_some_and(|origin| origin.table.statistics_of(origin.number).is_some() || is_unique(origin))
    }

    /// How many different values an expression has in so many rows.
    pub(crate) fn distinct_values(&self, expression: &Expression, rows: f64) -> f64 {
        if expression.as_constant().is_some() {
            return 1.0;
        }
        let known = match self.column(expression) {
            Some((origin, Some(statistics))) => statistics.distinct_values(origin.table.rows),
            Some((origin, None)) if is_unique(origin) => origin.table.rows,
            Some((_, None)) if expression.result.oid == types::catalog::oid::BOOL => 2.0,
            Some((origin, None)) => DISTINCT.min(origin.table.rows),
            None if expression.result.oid == types::catalog::oid::BOOL => 2.0,
            None => DISTINCT,
        };
        known.clamp(1.0, rows.max(1.0))
    }

    /// How many groups keys make of so many rows: the product of what each table's columns make, as far as these have not more
    /// to do with one another than nothing.
    pub(crate) fn groups(&self, keys: &[&Expression], rows: f64) -> f64 {
        let mut keys = keys.to_vec();
        let mut product = 1.0;
        while let Some(first) = keys.first().copied() {
            let Some((relation, table)) = self.relation_of(first) else {
                product *= self.distinct_values(first, rows);
                keys.remove(0);
                continue;
            };
            let is_own = |key: &&Expression| {
                let of = self.relation_of(key);
                of.is_some_and(|(other, of)| other == relation && Arc::ptr_eq(of, table))
            };
            let (own, others): (Vec<&Expression>, Vec<&Expression>) = keys.into_iter().partition(is_own);
            product *= self.groups_of_table(table, own, rows);
            keys = others;
        }
        super::clamp_rows(product.min(rows))
    }

    /// The relation that a column is of, and its table.
    fn relation_of(&self, expression: &Expression) -> Option<(RelationId, &Arc<TableFacts>)> {
        let column = bare(expression).as_column()?;
        Some((column.relation, &self.origins.get(&column)?.table))
    }

    /// How many groups columns of one table make of so many of its rows.
    fn groups_of_table(&self, table: &TableFacts, mut keys: Vec<&Expression>, rows: f64) -> f64 {
        let all = table.rows.max(1.0);
        let (mut product, mut most, mut factors) = (1.0, 1.0f64, 0);
        let mut count = |distinct: f64| {
            product *= distinct;
            most = most.max(distinct);
            factors += 1;
        };
        while let Some((together, distinct)) = self.distinct_together(&keys) {
            count(distinct.clamp(1.0, all));
            let mut place = 0..;
            keys.retain(|_| place.next().is_some_and(|place| !together.contains(&place)));
        }
        keys.iter().for_each(|key| count(self.distinct_values(key, all)));
        if factors > 1 {
            // Columns that are independent are rare.
            product = product.min((all * RELATED).max(most).min(all));
        }
        super::clamp_rows(super::combined::in_rows(product, all, rows))
    }

    /// Which part of the rows fulfils all conditions.
    pub(crate) fn all(&self, conditions: &[&Expression], facts: &dyn Facts) -> f64 {
        let (part, others) = self.together(conditions, facts);
        part * self.each(&others, facts)
    }

    /// The same as if columns had nothing to do with one another.
    pub(super) fn each(&self, conditions: &[&Expression], facts: &dyn Facts) -> f64 {
        let mut ranges = BTreeMap::<Column, (f64, f64)>::new();
        let mut product = 1.0;
        for condition in conditions {
            let part = self.one(condition, facts);
            // Two bounds of one column are one range.
            match self.bound(condition, facts) {
                Some((column, true)) => ranges.entry(column).or_insert((1.0, 1.0)).0 *= part,
                Some((column, false)) => ranges.entry(column).or_insert((1.0, 1.0)).1 *= part,
                None => product *= part,
            }
        }
        for (column, (low, high)) in ranges {
            product *= if low >= 1.0 || high >= 1.0 {
                low * high
            } else if (low - UNEQUAL).abs() < 1e-9 && (high - UNEQUAL).abs() < 1e-9 {
                RANGE
            } else {
                // What lies below one bound or above the other is neither, and null is both.
                (low + high - 1.0 + self.null_fraction(column)).max(1.0e-10)
            };
        }
        product.clamp(0.0, 1.0)
    }

    /// Which part of a column's values is null, as far as that is known.
    fn null_fraction(&self, column: Column) -> f64 {
        let origin = self.origins.get(&column);
        let statistics = origin.and_then(|origin| origin.table.statistics_of(origin.number));
        statistics.map_or(0.0, |statistics| statistics.null_fraction)
    }

    /// The column that a condition bounds, and whether from below.
    fn bound(&self, condition: &Expression, facts: &dyn Facts) -> Option<(Column, bool)> {
        let ExpressionKind::Call(call) = &condition.kind else { return None };
        let [left, right] = call.arguments.as_slice() else { return None };
        let operator = facts.comparison_of_sides(call.function, left.result, right.result)?.operator;
        let (column, operator) = match (bare(left).as_column(), bare(right).as_column()) {
            (Some(column), None) => (column, operator),
            (None, Some(column)) => (column, operator.flipped()),
            _ => return None,
        };
        match operator {
            Operator::Less | Operator::LessOrEqual => Some((column, false)),
            Operator::Greater | Operator::GreaterOrEqual => Some((column, true)),
            Operator::Equal | Operator::NotEqual => None,
        }
    }

    /// Which part of the rows fulfils a condition.
    pub(crate) fn one(&self, condition: &Expression, facts: &dyn Facts) -> f64 {
        let part = match &condition.kind {
            ExpressionKind::Constant(Value::Bool(true)) => 1.0,
            ExpressionKind::Constant(_) => 0.0,
            ExpressionKind::And(terms) => self.all(&terms.iter().collect::<Vec<_>>(), facts),
            ExpressionKind::Or(terms) => terms.iter().fold(0.0, |so_far, term| {
                let part = self.one(term, facts);
                so_far + part - so_far * part
            }),
            ExpressionKind::Not(operand) => 1.0 - self.one(operand, facts),
            ExpressionKind::IsNull { operand, negated } => {
                let nulls = match self.column(operand) {
                    Some((_, Some(statistics))) => statistics.null_fraction,
                    Some((origin, None)) if origin.table.not_null.contains(&origin.number) => 0.0,
                    Some((_, None)) | None => NULLS,
                };
                if *negated { 1.0 - nulls } else { nulls }
            }
            ExpressionKind::IsBoolean { operand, wanted, negated } => {
                let part = match wanted {
                    Some(true) => self.one(operand, facts),
                    Some(false) => 1.0 - self.one(operand, facts),
                    None => NULLS,
                };
                if *negated { 1.0 - part } else { part }
            }
            ExpressionKind::IsDistinct { equality, operands, negated } => {
                let (left, right) = &**operands;
                let known = facts.comparison_of_sides(*equality, left.result, right.result);
                let part = known.map_or(UNEQUAL, |known| self.compare(&known, left, right));
                if *negated { part } else { 1.0 - part }
            }
            ExpressionKind::InList { operand, list, order, negated } => {
                let parts = list.iter().map(|value| self.equal(operand, value, order)).sum::<f64>().min(1.0);
                if *negated { 1.0 - parts } else { parts }
            }
            ExpressionKind::Quantified { function, all: false, operands } => {
                self.among((*function, operands), facts)
            }
            ExpressionKind::Quantified { .. } => (EQUAL * 10.0).min(1.0),
            ExpressionKind::Column(_) => self.truth(condition),
            ExpressionKind::Call(call) => match call.arguments.as_slice() {
                [left, right] => match facts.comparison_of_sides(call.function, left.result, right.result) {
                    Some(known) => self.compare(&known, left, right),
                    None => match right.as_constant().filter(|value| !value.is_null()) {
                        Some(pattern) => self.matching(call, left, pattern, facts),
                        None => BOOLEAN,
                    },
                },
                _ => UNEQUAL,
            },
            _ => BOOLEAN,
        };
        part.clamp(0.0, 1.0)
    }

    /// A boolean column.
    fn truth(&self, column: &Expression) -> f64 {
        match self.column(column) {
            Some((_, Some(statistics))) => {
                let known = statistics.common.iter().find(|common| matches!(common.0, Value::Bool(true)));
                known.map_or(BOOLEAN, |common| common.1)
            }
            Some((_, None)) | None => BOOLEAN,
        }
    }

    fn compare(&self, known: &Comparison, left: &Expression, right: &Expression) -> f64 {
        let operator = known.operator;
        let (column, value, operator) = match (self.column(left), self.column(right)) {
            (Some(_), Some(_)) => return self.join(operator, left, right),
            (None, Some(_)) => (right, left, operator.flipped()),
            (Some(_), None) | (None, None) => (left, right, operator),
        };
        match operator {
            Operator::Equal => self.equal(column, value, &known.order),
            Operator::NotEqual => 1.0 - self.equal(column, value, &known.order),
            Operator::Less | Operator::LessOrEqual => self.less(column, value, operator, &known.order),
            Operator::Greater | Operator::GreaterOrEqual => {
                self.greater(column, value, operator, &known.order)
            }
        }
    }

    fn less(&self, column: &Expression, value: &Expression, operator: Operator, order: &Order) -> f64 {
        let Some((_, Some(statistics))) = self.column(column) else { return UNEQUAL };
        let Some(value) = value.as_constant() else { return UNEQUAL };
        below(statistics, value, order, operator == Operator::LessOrEqual).unwrap_or(UNEQUAL)
    }

    fn greater(&self, column: &Expression, value: &Expression, operator: Operator, order: &Order) -> f64 {
        let Some((_, Some(statistics))) = self.column(column) else { return UNEQUAL };
        let Some(value) = value.as_constant() else { return UNEQUAL };
        let below = below(statistics, value, order, operator == Operator::Greater);
        below.map_or(UNEQUAL, |below| (1.0 - statistics.null_fraction - below).max(0.0))
    }

    /// Which part of the rows has a value.
    pub(super) fn equal(&self, column: &Expression, value: &Expression, order: &Order) -> f64 {
        let Some((origin, statistics)) = self.column(column) else {
            return EQUAL;
        };
        let rows = origin.table.rows.max(1.0);
        let Some(statistics) = statistics else {
            return if is_unique(origin) { 1.0 / rows } else { 1.0 / DISTINCT.min(rows) };
        };
        let distinct = statistics.distinct_values(rows);
        let Some(value) = value.as_constant() else {
            return (1.0 - statistics.null_fraction) / distinct;
        };
        let same = |common: &&(Value, f64)| order.compare(&Item::from(&common.0), &Item::from(value)).is_eq();
        if let Some(common) = statistics.common.iter().find(same) {
            return common.1;
        }
        let common = statistics.common.iter().map(|common| common.1).sum::<f64>();
        let others = (distinct - statistics.common.len() as f64).max(1.0);
        let rest = (1.0 - statistics.null_fraction - common).max(0.0) / others;
        // A value that is not among the most common ones is not more common than the least common of them.
        statistics.common.last().map_or(rest, |least| rest.min(least.1))
    }

    /// Which part of the rows has a column among the elements of an array.
    fn among(&self, (function, operands): (FunctionId, &(Expression, Expression)), facts: &dyn Facts) -> f64 {
        let (operand, array) = operands;
        let element = facts.element_type(array.result).unwrap_or(operand.result);
        let known = facts.comparison_of_sides(function, operand.result, element);
        let count = elements_of(array);
        match known.filter(|known| known.operator == Operator::Equal) {
            // Which value an element is, is not asked.
            Some(known) => (self.equal(operand, operand, &known.order) * count).min(1.0),
            None => (EQUAL * count).min(1.0),
        }
    }

    /// Which part of all pairs of rows of two tables fulfils a comparison of their columns.
    fn join(&self, operator: Operator, left: &Expression, right: &Expression) -> f64 {
        let side = |expression: &Expression| match self.column(expression) {
            Some((origin, statistics)) => (
                self.distinct_values(expression, origin.table.rows),
                statistics.map_or(0.0, |statistics| statistics.null_fraction),
            ),
            None => (DISTINCT, 0.0),
        };
        let ((left_distinct, left_nulls), (right_distinct, right_nulls)) = (side(left), side(right));
        let equal = (1.0 - left_nulls) * (1.0 - right_nulls) / left_distinct.max(right_distinct).max(1.0);
        match operator {
            Operator::Equal => equal,
            Operator::NotEqual => 1.0 - equal,
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => UNEQUAL,
        }
    }
}

/// An expression without changes of its type's name.
pub(crate) fn bare(expression: &Expression) -> &Expression {
    match &expression.kind {
        ExpressionKind::Relabel(operand) | ExpressionKind::Collate { operand, .. } => bare(operand),
        // A cast that nobody wrote, as of a comparison of two types, changes no order.
        ExpressionKind::Call(call) if call.form == CallForm::ImplicitCast && call.arguments.len() == 1 => {
            bare(&call.arguments[0])
        }
        _ => expression,
    }
}

/// Whether a column's values are all different, by an index.
fn is_unique(origin: &Origin) -> bool {
    origin.table.indexes.iter().any(|index| {
        index.index.unique
            && index.index.predicate.is_none()
            && matches!(index.index.keys.as_slice(), [key] if key
                .expression
                .as_column()
                .and_then(|column| index.columns.get(column.index as usize))
                == Some(&origin.number))
    })
}

/// Which part of the rows is less than a value (or equal).
fn below(statistics: &ColumnStatistics, value: &Value, order: &Order, or_equal: bool) -> Option<f64> {
    let compare = |other: &Value| order.compare(&Item::from(other), &Item::from(value));
    if value.is_null() || value.kind() != Some(order.kind()) {
        return None;
    }
    let counts = |ordering: Ordering| ordering.is_lt() || or_equal && ordering.is_eq();
    let common = statistics.common.iter().filter(|common| counts(compare(&common.0))).map(|common| common.1);
    let of_common = common.sum::<f64>();
    let all_common = statistics.common.iter().map(|common| common.1).sum::<f64>();
    let rest = (1.0 - statistics.null_fraction - all_common).max(0.0);
    if statistics.histogram.len() < 2 {
        return (!statistics.common.is_empty()).then_some(of_common + rest * UNEQUAL);
    }
    let part = within_histogram(statistics, value, order)?;
    Some((of_common + rest * part).clamp(0.0, 1.0))
}

/// Which part of the rows that are not among the most common is less than a value.
pub(super) fn within_histogram(statistics: &ColumnStatistics, value: &Value, order: &Order) -> Option<f64> {
    if statistics.histogram.len() < 2 {
        return None;
    }
    let compare = |other: &Value| order.compare(&Item::from(other), &Item::from(value));
    let parts = (statistics.histogram.len() - 1) as f64;
    let first = statistics.histogram.partition_point(|bound| compare(bound).is_lt());
    let within = match first {
        0 => 0.0,
        first if first >= statistics.histogram.len() => parts,
        first => {
            let between = between(&statistics.histogram[first - 1], &statistics.histogram[first], value);
            (first - 1) as f64 + between
        }
    };
    // Neither end is believed wholly: there may be rows beyond the histogram.
    Some((within / parts).clamp(0.0001, 0.9999))
}

/// How far a value lies from one bound to the next, from 0 to 1.
fn between(low: &Value, high: &Value, value: &Value) -> f64 {
    match (number(low), number(high), number(value)) {
        (Some(low), Some(high), Some(value)) if high > low => ((value - low) / (high - low)).clamp(0.0, 1.0),
        _ => 0.5,
    }
}

/// A value as a number, for interpolation.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Null => None,
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Int16(value) => Some(f64::from(*value)),
        Value::Int32(value) => Some(f64::from(*value)),
        Value::Int64(value) => Some(*value as f64),
        Value::Float32(value) => Some(f64::from(*value)),
        Value::Float64(value) => Some(*value),
        Value::Bytes(bytes) => {
            let mut number = 0.0;
            for place in 0..8 {
                number = number * 256.0 + f64::from(bytes.get(place).copied().unwrap_or(0));
            }
            Some(number)
        }
        Value::Numeric(value) => value.to_string().parse().ok(),
        Value::Interval(_) | Value::TimeTz(_) | Value::Uuid(_) => None,
    }
}

/// How many elements an array will have: as many as it is written with, ten where nothing is known (as PostgreSQL assumes).
pub(crate) fn elements_of(array: &Expression) -> f64 {
    match &array.kind {
        ExpressionKind::Array { elements, nested: false } => elements.len() as f64,
        ExpressionKind::Constant(Value::Bytes(bytes)) => {
            types::array::ArrayView::new(bytes).map_or(1.0, |array| array.len() as f64)
        }
        ExpressionKind::Constant(_) => 1.0,
        ExpressionKind::Relabel(operand) | ExpressionKind::ArrayCast { operand, .. } => elements_of(operand),
        _ => 10.0,
    }
}
