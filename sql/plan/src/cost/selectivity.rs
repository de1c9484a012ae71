//! Which part of the rows fulfils a condition: from statistics where there are any, by PostgreSQL's defaults where not.

use super::pattern::Matches;
use super::unknown::{is_geometric, unknown_part};
use super::variable::{Compared, Variable, default_of, told_now, varies};
use crate::expression::{
    Call, Column, Expression, ExpressionKind, FunctionId, RelationId, RowCompareField, RowComparison,
};
use crate::facts::{Comparison, Facts, GATHERED, TableFacts};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::Value;
use types::vector::{Operator, Order};

pub(super) const EQUAL: f64 = 0.005;
pub(super) const UNEQUAL: f64 = 1.0 / 3.0;
const RANGE: f64 = 0.005;
/// What matches a pattern of which nothing is known.
pub(super) const MATCH: f64 = 0.005;
const NULLS: f64 = 0.005;
const BOOLEAN: f64 = 0.5;
/// What a function is true for that is no operator's.
const CALLED: f64 = 0.333_333_3;

/// By what it is estimated which part of the rows fulfils conditions.
#[derive(Clone, Copy)]
pub(super) struct By<'f> {
    pub(super) facts: &'f dyn Facts,
    /// Whether by what is known of several columns together, too.
    pub(super) together: bool,
}

/// Stands for the number of a column that is the id of its table's rows.
pub(crate) const ROW_ID: u16 = u16::MAX;

/// Where a column's values come from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) table: Arc<TableFacts>,
    pub(super) number: u16,
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

    /// Where a column's values come from, if that is a table.
    pub(super) fn origin(&self, column: Column) -> Option<&Origin> {
        self.origins.get(&column)
    }

    /// The table whose columns a relation has; none of one whose columns are of several tables, whose numbers tell them apart no
    /// more.
    pub(super) fn table_of_relation(&self, relation: RelationId) -> Option<&Arc<TableFacts>> {
        let columns = Column { relation, index: 0 }..=Column { relation, index: u32::MAX };
        let mut origins = self.origins.range(columns).map(|(_, origin)| &origin.table);
        let first = origins.next()?;
        origins.all(|table| Arc::ptr_eq(table, first)).then_some(first)
    }

    /// An expression over the columns of a relation as one over the numbers of its table's columns, as statistics have it; nothing
    /// of one with other columns.
    pub(super) fn over_numbers(&self, expression: &Expression, relation: RelationId) -> Option<Expression> {
        let mut own = plain(expression).clone();
        let mut all = true;
        own.rewrite(&mut |part| match &mut part.kind {
            ExpressionKind::Column(column) => match self.origins.get(column) {
                Some(origin) if column.relation == relation => {
                    *column = Column { relation: GATHERED, index: u32::from(origin.number) };
                }
                Some(_) | None => all = false,
            },
            ExpressionKind::Collate { operand, .. } => *part = operand.as_ref().clone(),
            _ => {} // everything else stays
        });
        all.then_some(own)
    }

    /// The table that a column is of, and its number.
    pub(crate) fn table_of_column(&self, column: Column) -> Option<(&Arc<TableFacts>, u16)> {
        self.origins.get(&column).map(|origin| (&origin.table, origin.number))
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

    /// Which part of the rows fulfils all conditions.
    pub(crate) fn all(&self, conditions: &[&Expression], facts: &dyn Facts) -> f64 {
        self.all_by(conditions, By { facts, together: true })
    }

    /// Which part of the rows fulfils a condition.
    pub(crate) fn one(&self, condition: &Expression, facts: &dyn Facts) -> f64 {
        self.one_by(condition, By { facts, together: true })
    }

    pub(super) fn all_by(&self, conditions: &[&Expression], by: By<'_>) -> f64 {
        if !by.together {
            return self.each(conditions, by);
        }
        let (part, others) = self.together(conditions, by.facts);
        part * self.each(&others, by)
    }

    /// The same, each condition for itself.
    pub(super) fn each(&self, conditions: &[&Expression], by: By<'_>) -> f64 {
        let facts = by.facts;
        let mut ranges: Vec<Range<'_>> = Vec::new();
        let mut product = 1.0;
        for (place, condition) in conditions.iter().enumerate() {
            // What is said twice is said once.
            if conditions[..place].contains(condition) {
                continue;
            }
            let part = self.one_by(condition, by);
            // Two bounds of one expression are one range.
            let Some((of, from_below)) = self.bound(condition, facts) else {
                product *= part;
                continue;
            };
            let known = ranges.iter().position(|range| range.of == of);
            let place = known.unwrap_or_else(|| {
                ranges.push(Range { of, low: None, high: None });
                ranges.len() - 1
            });
            let bound = if from_below { &mut ranges[place].low } else { &mut ranges[place].high };
            *bound = Some(bound.map_or(part, |known| known.min(part)));
        }
        let ranges = ranges.iter().map(|range| self.range(range));
        (product * ranges.product::<f64>()).clamp(0.0, 1.0)
    }

    fn range(&self, range: &Range<'_>) -> f64 {
        let (Some(low), Some(high)) = (range.low, range.high) else {
            return range.low.unwrap_or(1.0) * range.high.unwrap_or(1.0);
        };
        if low == UNEQUAL || high == UNEQUAL {
            return RANGE;
        }
        // What lies below one bound or above the other is neither, and null is both.
        let part = low + high - 1.0 + self.nulls(range.of);
        match part {
            part if part > 0.0 => part,
            part if part < -0.01 => RANGE,
            _ => 1.0e-10,
        }
    }

    /// Which part of an expression's values is null.
    fn nulls(&self, of: &Expression) -> f64 {
        match self.variable(of) {
            Some(known) if known.row_id => 0.0,
            Some(Variable { statistics: Some(statistics), .. }) => statistics.null_fraction,
            Some(_) | None => NULLS,
        }
    }

    /// The expression that a condition bounds, and whether from below.
    fn bound<'e>(&self, condition: &'e Expression, facts: &dyn Facts) -> Option<(&'e Expression, bool)> {
        let ExpressionKind::Call(call) = &condition.kind else { return None };
        let [left, right] = call.arguments.as_slice() else { return None };
        let operator = comparing(call, facts)?;
        let (of, operator) = match (varies(left), varies(right)) {
            (true, false) => (left, operator),
            (false, true) => (right, operator.flipped()),
            (true, true) | (false, false) => return None,
        };
        match operator {
            Operator::Less | Operator::LessOrEqual => Some((plain(of), false)),
            Operator::Greater | Operator::GreaterOrEqual => Some((plain(of), true)),
            Operator::Equal | Operator::NotEqual => None,
        }
    }

    pub(super) fn one_by(&self, condition: &Expression, by: By<'_>) -> f64 {
        let facts = by.facts;
        let part = match &condition.kind {
            ExpressionKind::Constant(Value::Bool(true)) => 1.0,
            ExpressionKind::Constant(_) => 0.0,
            ExpressionKind::And(terms) => self.all_by(&terms.iter().collect::<Vec<_>>(), by),
            ExpressionKind::Or(terms) => self.any(&terms.iter().collect::<Vec<_>>(), by),
            ExpressionKind::Not(operand) => 1.0 - self.one_by(operand, by),
            ExpressionKind::IsNull { operand, negated } => {
                let nulls = self.nulls(operand);
                if *negated { 1.0 - nulls } else { nulls }
            }
            ExpressionKind::IsBoolean { operand, wanted, negated } => {
                self.is_boolean(operand, *wanted, *negated, by)
            }
            ExpressionKind::IsDistinct { equality, operands, negated } => {
                let (left, right) = &**operands;
                let known = facts.comparison_of_sides(*equality, left.result, right.result);
                let operator = known.as_ref().map_or(Operator::Equal, |known| known.operator);
                let order = known.as_ref().map(|known| &known.order);
                let part = self.compare((operator, order), None, (left, right), facts);
                if *negated { part } else { 1.0 - part }
            }
            ExpressionKind::InList { operand, list, order, negated } => {
                let operator = if *negated { Operator::NotEqual } else { Operator::Equal };
                let each = list
                    .iter()
                    .map(|value| self.compare((operator, Some(order)), None, (operand, value), facts));
                among(operator, !*negated, each)
            }
            ExpressionKind::Quantified { function, all, operands } => {
                self.quantified((*function, operands), *all, facts)
            }
            ExpressionKind::RowCompare { comparison, fields } => match fields.first() {
                Some(first) => self.first_compared(*comparison, first, facts),
                None => BOOLEAN,
            },
            ExpressionKind::Relabel(operand) => self.one_by(operand, by),
            ExpressionKind::Call(call) => self.call(call, facts),
            _ => self.truth(condition),
        };
        part.clamp(0.0, 1.0)
    }

    /// Something that is true or false.
    fn truth(&self, condition: &Expression) -> f64 {
        let Some(known) = self.variable(condition) else { return BOOLEAN };
        let Some(statistics) = known.statistics else { return BOOLEAN };
        let of = |wanted: bool| {
            let is = |common: &&(Value, f64)| matches!(common.0, Value::Bool(value) if value == wanted);
            statistics.common.iter().find(is).map(|common| common.1)
        };
        of(true).unwrap_or_else(|| {
            let (rest, others) = (
                1.0 - statistics.null_fraction - of(false).unwrap_or(0.0),
                known.distinct().0 - statistics.common.len() as f64,
            );
            let part = if others > 1.0 { rest / others } else { rest };
            statistics.common.last().map_or(part, |least| part.min(least.1))
        })
    }

    /// `IS [NOT] TRUE`, `FALSE`, `UNKNOWN`.
    fn is_boolean(&self, operand: &Expression, wanted: Option<bool>, negated: bool, by: By<'_>) -> f64 {
        let statistics = self.variable(operand).and_then(|known| known.statistics);
        let part = match (statistics, wanted) {
            (Some(known), None) => known.null_fraction,
            (Some(known), Some(wanted)) => match known.common.first() {
                Some((Value::Bool(first), share)) if *first == wanted => *share,
                Some((_, share)) => 1.0 - share - known.null_fraction,
                None => (1.0 - known.null_fraction) / 2.0,
            },
            (None, None) => NULLS,
            (None, Some(true)) => self.one_by(operand, by),
            (None, Some(false)) => 1.0 - self.one_by(operand, by),
        };
        if negated { 1.0 - part } else { part }
    }

    /// A call: of an operator, or of a function, which may be anything.
    fn call(&self, call: &Call, facts: &dyn Facts) -> f64 {
        if call.operator.is_none() {
            return CALLED;
        }
        let [left, right] = call.arguments.as_slice() else { return MATCH };
        let known = facts.comparison_of_sides(call.function, left.result, right.result);
        let operator = match &known {
            Some(known) => Some(known.operator),
            None => estimated(call.function, facts),
        };
        if let Some(operator) = operator {
            let moments = if known.is_none() { facts.comparison_of_moments(call.function) } else { None };
            if let Some(moments) = moments
                && let Some((left, right)) = brought(&moments, (left, right), facts)
            {
                return self.compare((operator, Some(&moments.order)), Some(call), (&left, &right), facts);
            }
            let order = known.as_ref().map(|known| &known.order);
            return self.compare((operator, order), Some(call), (left, right), facts);
        }
        let estimator = facts.estimator(call.function);
        match right.as_constant().filter(|value| !value.is_null()) {
            Some(pattern) if !is_geometric(estimator) => self.matching(call, left, pattern, facts),
            Some(_) | None => unknown_part(estimator, call),
        }
    }

    /// Of rows that are compared the first fields tell.
    fn first_compared(&self, comparison: RowComparison, first: &RowCompareField, facts: &dyn Facts) -> f64 {
        let (left, right) = &first.operands;
        let operator = match comparison {
            RowComparison::Less => Operator::Less,
            RowComparison::LessOrEqual => Operator::LessOrEqual,
            RowComparison::Greater => Operator::Greater,
            RowComparison::GreaterOrEqual => Operator::GreaterOrEqual,
        };
        let known = facts.comparison_of_sides(first.comparison, left.result, right.result);
        self.compare((operator, known.as_ref().map(|known| &known.order)), None, (left, right), facts)
    }

    /// A comparison of two expressions, by an order if it is known.
    pub(super) fn compare(
        &self,
        (operator, order): (Operator, Option<&Order>),
        call: Option<&Call>,
        (left, right): (&Expression, &Expression),
        facts: &dyn Facts,
    ) -> f64 {
        match (self.variable(left), self.variable(right)) {
            (Some(known), None) => {
                let compared = Compared { operator, order, call, variable: left, other: right };
                self.compared(&known, &compared, facts)
            }
            (None, Some(known)) => {
                let operator = operator.flipped();
                let compared = Compared { operator, order, call: None, variable: right, other: left };
                self.compared(&known, &compared, facts)
            }
            (Some(one), Some(other)) if one.relation != other.relation => joined(operator, &one, &other),
            (Some(_), Some(_)) | (None, None) => default_of(operator),
        }
    }

    /// An operator with any or all elements of an array.
    fn quantified(
        &self,
        (function, operands): (FunctionId, &(Expression, Expression)),
        all: bool,
        facts: &dyn Facts,
    ) -> f64 {
        /// So many elements has an array of which nothing is known.
        const ELEMENTS: usize = 10;
        /// What contains a value where nothing is known of elements.
        const CONTAINED: f64 = 0.005;
        let (operand, array) = operands;
        let Some(element) = facts.element_type(array.result) else { return BOOLEAN };
        let known = facts.comparison_of_sides(function, operand.result, element);
        let operator = known.as_ref().map(|known| known.operator).or_else(|| estimated(function, facts));
        let Some(operator) = operator else { return BOOLEAN };
        let order = known.as_ref().map(|known| &known.order);
        if operand.as_constant().is_some() && varies(array) {
            // It is asked whether an array contains a value.
            match operator {
                Operator::Equal => return CONTAINED,
                Operator::NotEqual => return 1.0 - CONTAINED,
                Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {}
            }
        }
        let one = |value: &Expression| self.compare((operator, order), None, (operand, value), facts);
        match elements(array, element) {
            Elements::Null => 0.0,
            Elements::Known(values) => among(operator, !all, values.iter().map(one)),
            Elements::Unknown => {
                let any = Expression::new(ExpressionKind::Element, element);
                let part = one(&any);
                let times = std::iter::repeat_n(part, ELEMENTS);
                if all {
                    times.product()
                } else {
                    times.fold(0.0, |so_far, part| so_far + part - so_far * part)
                }
            }
        }
    }
}

/// What bounds of one expression leave.
struct Range<'e> {
    of: &'e Expression,
    low: Option<f64>,
    high: Option<f64>,
}

/// The elements of an array, as far as they are known when it is planned.
enum Elements {
    Null,
    Known(Vec<Expression>),
    Unknown,
}

fn elements(array: &Expression, of: types::Type) -> Elements {
    match &array.kind {
        ExpressionKind::Array { elements, nested: false } => Elements::Known(elements.clone()),
        ExpressionKind::Constant(Value::Bytes(bytes)) => match types::array::ArrayView::new(bytes) {
            Some(view) => {
                Elements::Known(view.items().map(|item| Expression::constant(item.to_value(), of)).collect())
            }
            None => Elements::Unknown,
        },
        ExpressionKind::Constant(_) => Elements::Null,
        ExpressionKind::Relabel(operand) => elements(operand, of),
        _ => Elements::Unknown, // it is told when the statement runs
    }
}

/// What any or all of several comparisons with one expression leave: values are thought to differ.
fn among(operator: Operator, any: bool, each: impl Iterator<Item = f64>) -> f64 {
    let apart = if any { operator == Operator::Equal } else { operator == Operator::NotEqual };
    let start = if any { 0.0 } else { 1.0 };
    let (mut part, mut sum) = (start, start);
    for one in each {
        if any {
            part = part + one - part * one;
            sum += one;
        } else {
            part *= one;
            sum += one - 1.0;
        }
    }
    if apart && (0.0..=1.0).contains(&sum) { sum } else { part }
}

/// The sides of a comparison of a moment with what is brought to its type, if its value can be told.
fn brought(
    known: &Comparison,
    (left, right): (&Expression, &Expression),
    facts: &dyn Facts,
) -> Option<(Expression, Expression)> {
    let told = |side: &Expression, function: FunctionId| {
        let value = told_now(&side.brought(Some(function), known.common), facts)?;
        Some(Expression::constant(value, known.common))
    };
    match (known.left_cast, known.right_cast) {
        (Some(function), None) => Some((told(left, function)?, right.clone())),
        (None, Some(function)) => Some((left.clone(), told(right, function)?)),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

/// How an operator's call compares, by its order or by what its part of rows is estimated as.
pub(super) fn comparing(call: &Call, facts: &dyn Facts) -> Option<Operator> {
    call.operator.as_ref()?;
    let [left, right] = call.arguments.as_slice() else { return None };
    match facts.comparison_of_sides(call.function, left.result, right.result) {
        Some(known) => Some(known.operator),
        None => estimated(call.function, facts),
    }
}

fn estimated(function: FunctionId, facts: &dyn Facts) -> Option<Operator> {
    Some(match facts.estimator(function) {
        "eqsel" => Operator::Equal,
        "neqsel" => Operator::NotEqual,
        "scalarltsel" => Operator::Less,
        "scalarlesel" => Operator::LessOrEqual,
        "scalargtsel" => Operator::Greater,
        "scalargesel" => Operator::GreaterOrEqual,
        _ => return None,
    })
}

/// Which part of all pairs of rows of two tables fulfils a comparison of their columns.
fn joined(operator: Operator, left: &Variable<'_>, right: &Variable<'_>) -> f64 {
    let distinct = left.distinct().0.max(right.distinct().0).max(1.0);
    let equal = (1.0 - left.null_fraction()) * (1.0 - right.null_fraction()) / distinct;
    match operator {
        Operator::Equal => equal,
        Operator::NotEqual => 1.0 - equal,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => UNEQUAL,
    }
}

/// An expression without what changes nothing but its type's name or its collation.
pub(super) fn plain(expression: &Expression) -> &Expression {
    match &expression.kind {
        ExpressionKind::Relabel(operand) | ExpressionKind::Collate { operand, .. } => plain(operand),
        _ => expression,
    }
}

/// Whether a column's values are all different, by an index.
pub(super) fn is_unique(origin: &Origin) -> bool {
    if origin.number == ROW_ID {
        return true;
    }
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
