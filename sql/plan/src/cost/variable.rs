//! What is known of the values of an expression, and which part of rows compares with a value so: as PostgreSQL estimates it
//! (`var_eq_const`, `scalarineqsel` and what they call).

use super::scalar::part_between;
use super::selectivity::{EQUAL, ROW_ID, Statistics, UNEQUAL, plain};
use crate::expression::{Call, Column, Expression, ExpressionKind, RelationId};
use crate::facts::{ColumnStatistics, Facts, TableFacts, Volatility};
use crate::walk::FIRST_USERS_FUNCTION;
use std::sync::Arc;
use types::Value;
use types::catalog::oid;
use types::kind::Kind;
use types::value::Item;
use types::vector::{Operator, Order};

/// How many different values there are where nothing is known.
pub(super) const DISTINCT: f64 = 200.0;

/// What is known of an expression with columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Variable<'s> {
    /// The table that all its columns are of.
    pub(super) table: Option<&'s Arc<TableFacts>>,
    /// The relation that they are of, if it is one.
    pub(super) relation: Option<RelationId>,
    /// What ANALYZE found of it.
    pub(super) statistics: Option<&'s ColumnStatistics>,
    /// Whether no two rows have the same value of it.
    pub(super) unique: bool,
    /// Whether it is the id of the table's rows, by which they lie.
    pub(super) row_id: bool,
    /// Whether it is true or false.
    boolean: bool,
}

/// A comparison that is estimated: `variable operator other`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared<'c> {
    /// How.
    pub(super) operator: Operator,
    /// By which order, if it is known.
    pub(super) order: Option<&'c Order>,
    /// The call with the variable as its first argument, which can be tried.
    pub(super) call: Option<&'c Call>,
    /// The variable.
    pub(super) variable: &'c Expression,
    /// The other side.
    pub(super) other: &'c Expression,
}

impl Variable<'_> {
    /// Which part of the values is null, as far as that is known.
    pub(super) fn null_fraction(&self) -> f64 {
        self.statistics.map_or(0.0, |statistics| statistics.null_fraction)
    }

    /// How many different values there are, and whether that is a guess.
    pub(super) fn distinct(&self) -> (f64, bool) {
        let known = match self.statistics {
            _ if self.unique => self.null_fraction() - 1.0,
            Some(statistics) => statistics.distinct,
            None if self.boolean => 2.0,
            None => 0.0,
        };
        if known > 0.0 {
            return (super::clamp_rows(known), false);
        }
        let Some(rows) = self.table.map(|table| table.rows).filter(|rows| *rows > 0.0) else {
            return (DISTINCT, true);
        };
        if known < 0.0 {
            return (super::clamp_rows(-known * rows), false);
        }
        (super::clamp_rows(rows.min(DISTINCT)), rows >= DISTINCT)
    }

    /// How many different ones there are besides the most common.
    fn other_distinct(&self) -> f64 {
        self.distinct().0 - self.statistics.map_or(0.0, |known| known.common.len() as f64)
    }
}

impl Statistics {
    /// What is known of an expression; nothing of one without columns.
    pub(super) fn variable(&self, expression: &Expression) -> Option<Variable<'_>> {
        let boolean = expression.result.oid == oid::BOOL;
        let plain = plain(expression);
        if let Some(column) = plain.as_column() {
            return Some(self.column_variable(column, boolean));
        }
        if !varies(plain) {
            return None;
        }
        let mut relations: Vec<RelationId> = Vec::new();
        plain.for_each_column(&mut |column| {
            if !relations.contains(&column.relation) {
                relations.push(column.relation);
            }
        });
        let mut found =
            Variable { table: None, relation: None, statistics: None, unique: false, row_id: false, boolean };
        // Of several together nothing is known.
        if let [relation] = relations.as_slice() {
            found.relation = Some(*relation);
            found.table = self.table_of_relation(*relation);
            let gathered = found.table.filter(|table| table.has_gathered());
            if let Some((table, own)) = gathered.zip(self.over_numbers(plain, *relation)) {
                found.statistics = table.combined.iter().find_map(|known| {
                    let place = known.expressions.iter().position(|of| *of == own)?;
                    known.of_expressions.get(place)?.as_ref()
                });
            }
        }
        Some(found)
    }

    fn column_variable(&self, column: Column, boolean: bool) -> Variable<'_> {
        let relation = Some(column.relation);
        match self.origin(column) {
            Some(origin) => Variable {
                table: Some(&origin.table),
                relation,
                statistics: origin.table.statistics_of(origin.number),
                unique: super::selectivity::is_unique(origin),
                row_id: origin.number == ROW_ID,
                boolean,
            },
            None => {
                Variable { table: None, relation, statistics: None, unique: false, row_id: false, boolean }
            }
        }
    }

    /// Which part of the rows a comparison is true for.
    pub(super) fn compared(&self, known: &Variable<'_>, compared: &Compared<'_>, facts: &dyn Facts) -> f64 {
        let told = compared.other.as_constant().cloned().or_else(|| told_now(compared.other, facts));
        let constant = told.as_ref();
        match (compared.operator, constant) {
            (Operator::Equal | Operator::NotEqual, None) => equal_to_any(known, compared.operator),
            (Operator::Equal | Operator::NotEqual, Some(constant)) => equal(known, compared, constant, facts),
            (_, None) => UNEQUAL,
            (_, Some(constant)) if constant.is_null() => 0.0,
            (_, Some(constant)) => unequal(known, compared, constant, facts),
        }
    }
}

/// What an expression is at this moment that may be something else when the plan runs, of functions that come with the program and have
/// no effects: PostgreSQL takes that for what it will be about.
pub(super) fn told_now(expression: &Expression, facts: &dyn Facts) -> Option<Value> {
    let is_open = |part: &Expression| match &part.kind {
        ExpressionKind::Parameter(_)
        | ExpressionKind::Column(_)
        | ExpressionKind::Slot(_)
        | ExpressionKind::Outer(_)
        | ExpressionKind::Subquery(_)
        | ExpressionKind::Subplan { .. } => true,
        ExpressionKind::Call(call) => {
            call.function.0 >= FIRST_USERS_FUNCTION
                || facts.function(call.function).volatility == Volatility::Volatile
                || facts.function(call.function).returns_set.is_some()
        }
        ExpressionKind::Constant(_) | ExpressionKind::Relabel(_) | ExpressionKind::SqlValue(_) => false,
        _ => true, // what else a moment is seldom made of is not tried
    };
    (!expression.any(&mut |part| is_open(part))).then(|| facts.fold(expression))?
}

/// Whether an expression names columns of the rows that are asked: what queries within it name is not told apart, and their
/// results are taken for values that are the same for all rows.
pub(super) fn varies(expression: &Expression) -> bool {
    expression.has_column() && !expression.has_subquery()
}

/// What a comparison of two values of which nothing is known is true for.
pub(super) fn default_of(operator: Operator) -> f64 {
    match operator {
        Operator::Equal => EQUAL,
        Operator::NotEqual => 1.0 - EQUAL,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => UNEQUAL,
    }
}

fn negated(part: f64, known: &Variable<'_>, operator: Operator) -> f64 {
    let part = if operator == Operator::NotEqual { 1.0 - part - known.null_fraction() } else { part };
    part.clamp(0.0, 1.0)
}

/// Equality with a value that is not known yet.
fn equal_to_any(known: &Variable<'_>, operator: Operator) -> f64 {
    let rows = known.table.map_or(0.0, |table| table.rows);
    let part = match known.statistics {
        _ if known.unique && rows >= 1.0 => 1.0 / rows,
        Some(statistics) => {
            let (part, (distinct, _)) = (1.0 - statistics.null_fraction, known.distinct());
            let part = if distinct > 1.0 { part / distinct } else { part };
            statistics.common.first().map_or(part, |most| part.min(most.1))
        }
        None => 1.0 / known.distinct().0,
    };
    negated(part, known, operator)
}

fn equal(known: &Variable<'_>, compared: &Compared<'_>, constant: &Value, facts: &dyn Facts) -> f64 {
    if constant.is_null() {
        return 0.0;
    }
    let rows = known.table.map_or(0.0, |table| table.rows);
    let part = match known.statistics {
        _ if known.unique && rows >= 1.0 => 1.0 / rows,
        Some(statistics) => {
            let values: Vec<&Value> = statistics.common.iter().map(|common| &common.0).collect();
            let (found, is_same) =
                (truths(compared, &values, constant, facts), compared.operator == Operator::Equal);
            let place = found.as_ref().and_then(|found| found.iter().position(|is| *is == is_same));
            match place.and_then(|place| statistics.common.get(place)) {
                Some(common) => common.1,
                None => among_others(known, statistics),
            }
        }
        None => 1.0 / known.distinct().0,
    };
    negated(part, known, compared.operator)
}

/// Which part of the rows has a value that is none of the most common.
fn among_others(known: &Variable<'_>, statistics: &ColumnStatistics) -> f64 {
    let common = statistics.common.iter().map(|common| common.1).sum::<f64>();
    let (rest, others) = ((1.0 - common - statistics.null_fraction).clamp(0.0, 1.0), known.other_distinct());
    let part = if others > 1.0 { rest / others } else { rest };
    // It is not more common than the least common of those.
    statistics.common.last().map_or(part, |least| part.min(least.1))
}

fn unequal(known: &Variable<'_>, compared: &Compared<'_>, constant: &Value, facts: &dyn Facts) -> f64 {
    if let (true, Some(table), Value::Int64(id)) = (known.row_id, known.table, constant) {
        return part_of_ids(table.rows, compared.operator, *id);
    }
    let Some(statistics) = known.statistics else { return UNEQUAL };
    let values: Vec<&Value> = statistics.common.iter().map(|common| &common.0).collect();
    let holds = truths(compared, &values, constant, facts).unwrap_or_else(|| vec![false; values.len()]);
    let shares = statistics.common.iter().map(|common| common.1);
    let common = shares.clone().zip(holds).filter(|pair| pair.1).map(|pair| pair.0).sum::<f64>();
    let rest = 1.0 - statistics.null_fraction - shares.sum::<f64>();
    // Without bounds half of the others are thought to be among them.
    let part = in_histogram(known, compared, constant, facts).unwrap_or(0.5);
    (rest * part + common).clamp(0.0, 1.0)
}

/// Which part of a table's rows has an id below or above one: they are numbered from nought on.
fn part_of_ids(rows: f64, operator: Operator, id: i64) -> f64 {
    let up_to = if rows >= 1.0 { ((id as f64 + 1.0) / rows).clamp(0.0, 1.0) } else { 1.0 };
    let one = if rows >= 1.0 { 1.0 / rows } else { 0.0 };
    let part = match operator {
        Operator::LessOrEqual => up_to,
        Operator::Less => up_to - one,
        Operator::Greater => 1.0 - up_to,
        Operator::GreaterOrEqual => 1.0 - (up_to - one),
        Operator::Equal => one,
        Operator::NotEqual => 1.0 - one,
    };
    part.clamp(0.0, 1.0)
}

/// For which values a comparison with a constant is true; nothing where that cannot be told.
pub(super) fn truths(
    compared: &Compared<'_>,
    values: &[&Value],
    constant: &Value,
    facts: &dyn Facts,
) -> Option<Vec<bool>> {
    if let Some(order) = compared.order {
        let kind = order.kind();
        let constant = widened(constant, kind)?;
        let holds = |value: &&Value| {
            let value = widened(value, kind)?;
            Some(!value.is_null() && compared.operator.holds(order.compare(&value, &constant)))
        };
        return values.iter().map(holds).collect();
    }
    facts.matches(compared.call?, plain(compared.variable).result, values)
}

/// A value as one of a kind that has all values of its own; nothing if it is no such kind.
fn widened(value: &Value, kind: Kind) -> Option<Item<'_>> {
    if value.is_null() || value.kind() == Some(kind) {
        return Some(Item::from(value));
    }
    Some(match (value, kind) {
        (Value::Int16(value), Kind::Int32) => Item::Int32(i32::from(*value)),
        (Value::Int16(value), Kind::Int64) => Item::Int64(i64::from(*value)),
        (Value::Int32(value), Kind::Int64) => Item::Int64(i64::from(*value)),
        (Value::Float32(value), Kind::Float64) => Item::Float64(f64::from(*value)),
        _ => return None, // it would lose something, or means something else
    })
}

/// Which part of the values that are not among the most common a comparison is true for (`ineq_histogram_selectivity`).
pub(super) fn in_histogram(
    known: &Variable<'_>,
    compared: &Compared<'_>,
    constant: &Value,
    facts: &dyn Facts,
) -> Option<f64> {
    let bounds = &known.statistics?.histogram;
    if bounds.len() < 2 {
        return None;
    }
    let (greater, or_equal) = match compared.operator {
        Operator::Greater => (true, false),
        Operator::GreaterOrEqual => (true, true),
        Operator::LessOrEqual => (false, true),
        Operator::Less | Operator::Equal | Operator::NotEqual => (false, false),
    };
    let below = first_above(compared, bounds, (constant, greater), facts)?;
    let parts = (bounds.len() - 1) as f64;
    let part = if below == 0 {
        0.0
    } else if below >= bounds.len() {
        1.0
    } else {
        let others = known.other_distinct();
        // What is equal to the constant, where that counts.
        let same = if (below == 1 || greater == or_equal) && others > 1.0 { 1.0 / others } else { 0.0 };
        let (low, high) = (&bounds[below - 1], &bounds[below]);
        let types = (plain(compared.variable).result, compared.other.result);
        let within = part_between((low, high), constant, types).unwrap_or(0.5);
        let mut part = ((below - 1) as f64 + within) / parts;
        if below == 1 {
            part += same * (1.0 - within);
        }
        if greater == or_equal { part - same } else { part }
    };
    let part = if greater { 1.0 - part } else { part };
    // Neither end is believed wholly: there may be rows beyond the bounds.
    let least = 0.01 / parts;
    Some(part.clamp(least, 1.0 - least))
}

/// The place of the first bound that is not below a constant.
fn first_above(
    compared: &Compared<'_>,
    bounds: &[Value],
    (constant, greater): (&Value, bool),
    facts: &dyn Facts,
) -> Option<usize> {
    let Some(order) = compared.order else {
        let holds = truths(compared, &bounds.iter().collect::<Vec<_>>(), constant, facts)?;
        return Some(holds.iter().take_while(|is| **is != greater).count());
    };
    let kind = order.kind();
    let constant = widened(constant, kind)?;
    let mut told = true;
    let place = bounds.partition_point(|bound| match widened(bound, kind) {
        Some(bound) => compared.operator.holds(order.compare(&bound, &constant)) != greater,
        None => {
            told = false;
            false
        }
    });
    told.then_some(place)
}
