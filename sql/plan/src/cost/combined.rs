//! What is known of several columns together (`CREATE STATISTICS`): how many groups they make, and which part of the rows fulfils
//! conditions on several of them.
//!
//! As PostgreSQL uses it: first the most common combinations, for all conditions on the columns that statistics cover; then
//! what some columns tell of others, for the conditions that are left and name values of columns.

use super::selectivity::{Statistics, bare};
use crate::expression::{Column, Expression, ExpressionKind, RelationId};
use crate::facts::{CombinedStatistics, Facts, TableFacts};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::Value;
use types::value::Item;
use types::vector::{Operator, Order};

/// Columns by their numbers in the table.
type Numbers = Vec<u16>;

/// A condition that was found to be of one relation.
struct Known<'e> {
    condition: &'e Expression,
    /// The columns that it names.
    columns: Numbers,
    /// Whether it is reckoned with.
    done: bool,
}

impl Statistics {
    /// Keys of groups that are known together, by their places, and how many different combinations these have.
    pub(super) fn distinct_together(&self, keys: &[&Expression]) -> Option<(Vec<usize>, f64)> {
        let columns: Vec<(usize, RelationId, u16, &Arc<TableFacts>)> = keys
            .iter()
            .enumerate()
            .filter_map(|(place, key)| {
                let (table, number) = self.table_of(key)?;
                Some((place, bare(key).as_column()?.relation, number, table))
            })
            .collect();
        let mut best: Option<(Vec<usize>, f64)> = None;
        for (_, relation, _, table) in &columns {
            for combined in table.combined.iter() {
                let of_it = columns
                    .iter()
                    .filter(|(_, of, number, _)| of == relation && combined.columns.contains(number));
                let mut numbers: Numbers = of_it.clone().map(|found| found.2).collect();
                numbers.sort_unstable();
                numbers.dedup();
                let Some((_, distinct)) = combined.distinct.iter().find(|(of, _)| *of == numbers) else {
                    continue;
                };
                let places: Vec<usize> = of_it.map(|found| found.0).collect();
                if best.as_ref().is_none_or(|(known, _)| known.len() < places.len()) {
                    best = Some((places, *distinct));
                }
            }
        }
        best
    }

    /// Which part of the rows fulfils those conditions that statistics of several columns tell of, and the others.
    pub(super) fn together<'e>(
        &self,
        conditions: &[&'e Expression],
        facts: &dyn Facts,
    ) -> (f64, Vec<&'e Expression>) {
        let all = || (1.0, conditions.to_vec());
        if conditions.len() < 2 {
            return all();
        }
        let Some((table, mut known)) = self.of_one_table(conditions) else { return all() };
        let mut part = 1.0;
        while let Some(combined) = self.best(&table, &known, facts) {
            part *= self.by_common(combined, &mut known, facts);
        }
        part *= self.by_dependencies(&table, &mut known, facts);
        (part, known.iter().filter(|known| !known.done).map(|known| known.condition).collect())
    }

    /// The table that all conditions are about, if there is but one and something is known of its columns together.
    fn of_one_table<'e>(&self, conditions: &[&'e Expression]) -> Option<(Arc<TableFacts>, Vec<Known<'e>>)> {
        let mut of: Option<(RelationId, Arc<TableFacts>)> = None;
        let mut known = Vec::with_capacity(conditions.len());
        for condition in conditions {
            let mut named: Vec<Column> = Vec::new();
            condition.for_each_column(&mut |column| named.push(column));
            let mut columns = Vec::with_capacity(named.len());
            for column in named {
                let (table, number) = self.table_of_column(column)?;
                let (relation, _) = of.get_or_insert_with(|| (column.relation, table.clone()));
                if *relation != column.relation || table.combined.is_empty() {
                    return None;
                }
                columns.push(number);
            }
            if columns.is_empty() {
                return None;
            }
            columns.sort_unstable();
            columns.dedup();
            known.push(Known { condition, columns, done: false });
        }
        of.map(|(_, table)| (table, known))
    }

    /// The statistics with most common combinations that tell of the most columns, of those the narrowest.
    fn best<'t>(
        &self,
        table: &'t TableFacts,
        known: &[Known<'_>],
        facts: &dyn Facts,
    ) -> Option<&'t CombinedStatistics> {
        let mut best: Option<(usize, &CombinedStatistics)> = None;
        for combined in table.combined.iter().filter(|combined| !combined.common.is_empty()) {
            let mut columns: Numbers = known
                .iter()
                .filter(|known| self.tells(combined, known, facts))
                .flat_map(|known| known.columns.iter().copied())
                .collect();
            columns.sort_unstable();
            columns.dedup();
            let better = best.is_none_or(|(count, found)| {
                columns.len() > count
                    || columns.len() == count && combined.columns.len() < found.columns.len()
            });
            if columns.len() > 1 && better {
                best = Some((columns.len(), combined));
            }
        }
        best.map(|(_, combined)| combined)
    }

    /// Whether it can be told of combinations whether they fulfil a condition.
    fn tells(&self, combined: &CombinedStatistics, known: &Known<'_>, facts: &dyn Facts) -> bool {
        !known.done
            && known.columns.iter().all(|column| combined.columns.contains(column))
            && combined.common.first().is_some_and(|common| {
                self.fulfils(combined, &common.values, known.condition, facts).is_some()
            })
    }

    /// Which part of the rows fulfils the conditions that statistics cover, by the most common combinations.
    fn by_common(&self, combined: &CombinedStatistics, known: &mut [Known<'_>], facts: &dyn Facts) -> f64 {
        let mut conditions = Vec::new();
        for known in known.iter_mut() {
            if self.tells(combined, known, facts) {
                known.done = true;
                conditions.push(known.condition);
            }
        }
        let alone = self.each(&conditions, facts);
        let (mut part, mut base, mut total) = (0.0, 0.0, 0.0);
        for common in &combined.common {
            total += common.frequency;
            let fulfils = |condition: &&Expression| {
                self.fulfils(combined, &common.values, condition, facts).unwrap_or(false)
            };
            if conditions.iter().all(fulfils) {
                part += common.frequency;
                base += common.base;
            }
        }
        // What the columns alone say of combinations that are not common.
        let others = (alone - base).clamp(0.0, 1.0).min(1.0 - total);
        (part + others).clamp(0.0, 1.0)
    }

    /// Whether values fulfil a condition, as far as that can be told from a list of them.
    fn fulfils(
        &self,
        combined: &CombinedStatistics,
        values: &[Value],
        condition: &Expression,
        facts: &dyn Facts,
    ) -> Option<bool> {
        let inner = |condition: &Expression| self.fulfils(combined, values, condition, facts);
        let value = |column: &Expression| {
            let (_, number) = self.table_of(column)?;
            let place = combined.columns.iter().position(|known| *known == number)?;
            values.get(place)
        };
        match &condition.kind {
            ExpressionKind::And(terms) => {
                let told: Option<Vec<bool>> = terms.iter().map(inner).collect();
                told.map(|told| told.iter().all(|is| *is))
            }
            ExpressionKind::Or(terms) => {
                let told: Option<Vec<bool>> = terms.iter().map(inner).collect();
                told.map(|told| told.iter().any(|is| *is))
            }
            ExpressionKind::Not(operand) => inner(operand).map(|is| !is),
            ExpressionKind::IsNull { operand, negated } => {
                value(operand).map(|value| value.is_null() != *negated)
            }
            ExpressionKind::Column(_) => value(condition).map(|value| matches!(value, Value::Bool(true))),
            ExpressionKind::InList { operand, list, order, negated } => {
                let value = value(operand)?;
                let wanted: Option<Vec<&Value>> = list.iter().map(Expression::as_constant).collect();
                let among = wanted?.iter().any(|wanted| is_equal(order, value, wanted));
                Some(!value.is_null() && among != *negated)
            }
            ExpressionKind::Call(_) => {
                let (column, operator, order, constant) = self.compared(condition, facts)?;
                let value = value(column)?;
                if value.is_null() || constant.is_null() {
                    return Some(false);
                }
                let order = order.compare(&Item::from(value), &Item::from(constant));
                Some(match operator {
                    Operator::Equal => order.is_eq(),
                    Operator::NotEqual => order.is_ne(),
                    Operator::Less => order.is_lt(),
                    Operator::LessOrEqual => order.is_le(),
                    Operator::Greater => order.is_gt(),
                    Operator::GreaterOrEqual => order.is_ge(),
                })
            }
            _ => None, // of anything else values alone tell nothing
        }
    }

    /// A comparison of a column with a value.
    fn compared<'e>(
        &self,
        condition: &'e Expression,
        facts: &dyn Facts,
    ) -> Option<(&'e Expression, Operator, Order, &'e Value)> {
        let ExpressionKind::Call(call) = &condition.kind else { return None };
        let [left, right] = call.arguments.as_slice() else { return None };
        let known = facts.comparison_of_sides(call.function, left.result, right.result)?;
        match (bare(left).as_column(), bare(right).as_column()) {
            (Some(_), None) => Some((left, known.operator, known.order, right.as_constant()?)),
            (None, Some(_)) => Some((right, known.operator.flipped(), known.order, left.as_constant()?)),
            _ => None,
        }
    }

    /// The column that a condition gives values.
    fn valued(&self, condition: &Expression, facts: &dyn Facts) -> Option<u16> {
        let column = |expression: &Expression| self.table_of(expression).map(|(_, number)| number);
        match &condition.kind {
            ExpressionKind::Column(_) => column(condition),
            ExpressionKind::Not(operand) if bare(operand).as_column().is_some() => column(operand),
            ExpressionKind::InList { operand, list, negated: false, .. } => {
                let constant = list.iter().all(|value| value.as_constant().is_some());
                column(operand).filter(|_| constant)
            }
            ExpressionKind::Or(terms) => {
                let mut columns = terms.iter().map(|term| self.valued(term, facts));
                let first = columns.next()??;
                columns.all(|column| column == Some(first)).then_some(first)
            }
            ExpressionKind::Call(_) => {
                let (of, operator, ..) = self.compared(condition, facts)?;
                column(of).filter(|_| operator == Operator::Equal)
            }
            _ => None, // anything else is no value
        }
    }

    /// Which part of the rows fulfils conditions that give columns values, as far as columns tell of others.
    fn by_dependencies(&self, table: &TableFacts, known: &mut [Known<'_>], facts: &dyn Facts) -> f64 {
        let mut valued: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for (place, known) in known.iter().enumerate().filter(|(_, known)| !known.done) {
            if let Some(column) = self.valued(known.condition, facts) {
                valued.entry(column).or_default().push(place);
            }
        }
        let mut left: Numbers = valued.keys().copied().collect();
        let mut used: Vec<&(Numbers, f64)> = Vec::new();
        while let Some(strongest) = strongest(table, &left) {
            used.push(strongest);
            left.retain(|column| strongest.0.last() != Some(column));
        }
        let mut columns: Numbers = used.iter().flat_map(|(columns, _)| columns.iter().copied()).collect();
        columns.sort_unstable();
        columns.dedup();
        let mut parts: BTreeMap<u16, f64> = BTreeMap::new();
        for column in &columns {
            let places = valued.get(column).map_or(&[][..], Vec::as_slice);
            let conditions: Vec<&Expression> = places.iter().map(|place| known[*place].condition).collect();
            parts.insert(*column, self.each(&conditions, facts));
            places.iter().for_each(|place| known[*place].done = true);
        }
        for (columns, degree) in used.iter().rev() {
            let [telling @ .., told] = columns.as_slice() else { continue };
            let telling: f64 = telling.iter().filter_map(|column| parts.get(column)).product();
            if let Some(part) = parts.get_mut(told) {
                let certain = if telling <= *part { *degree } else { degree * *part / telling };
                *part = certain + (1.0 - degree) * *part;
            }
        }
        parts.values().product::<f64>().clamp(0.0, 1.0)
    }
}

/// How many of the different combinations of a table so many of its rows have, chosen by chance.
pub(super) fn in_rows(distinct: f64, of: f64, rows: f64) -> f64 {
    if rows >= of || distinct <= 0.0 {
        return distinct;
    }
    distinct * (1.0 - ((of - rows) / of).powf(of / distinct))
}

fn is_equal(order: &Order, value: &Value, wanted: &Value) -> bool {
    !value.is_null() && !wanted.is_null() && order.compare(&Item::from(value), &Item::from(wanted)).is_eq()
}

/// The dependency among columns that has most of them, of those the strongest.
fn strongest<'t>(table: &'t TableFacts, columns: &[u16]) -> Option<&'t (Numbers, f64)> {
    let mut best: Option<&(Numbers, f64)> = None;
    for dependency in table.combined.iter().flat_map(|combined| &combined.dependencies) {
        let better = best.is_none_or(|known| {
            dependency.0.len() > known.0.len()
                || dependency.0.len() == known.0.len() && dependency.1 > known.1
        });
        if better && dependency.0.iter().all(|column| columns.contains(column)) {
            best = Some(dependency);
        }
    }
    best
}
