//! Which part of the rows fulfils conditions, by the most common combinations that `CREATE STATISTICS` has found.
//!
//! As PostgreSQL uses it: first the most common combinations, for all conditions on the columns and expressions that statistics
//! cover (here); then what some columns tell of others, for the conditions that are left and name values (`dependency`).

use super::selectivity::{By, Statistics, comparing, plain};
use super::variable::{Compared, truths, varies};
use crate::expression::{Call, Expression, ExpressionKind, FunctionId, RelationId};
use crate::facts::{CombinedStatistics, Facts, TableFacts};
use std::sync::Arc;
use types::Value;
use types::vector::{Operator, Order};

/// A condition that was found to be of one relation.
pub(super) struct Known<'e> {
    pub(super) condition: &'e Expression,
    /// The columns and expressions whose values tell whether it is fulfilled; nothing if values do not tell it.
    asked: Option<Vec<&'e Expression>>,
    /// Whether it is reckoned with.
    pub(super) done: bool,
}

/// What the most common combinations tell of conditions: which part of the rows they are that fulfil them, which part those
/// would be if columns had nothing to do with one another.
#[derive(Clone, Copy, Default)]
struct Told {
    part: f64,
    base: f64,
}

impl Told {
    /// The part of all rows, of which something else is known without combinations, and how many the combinations are.
    fn of_all(self, simple: f64, total: f64) -> f64 {
        // What columns alone say of combinations that are not common.
        let others = (simple - self.base).clamp(0.0, 1.0).min(1.0 - total);
        (self.part + others).clamp(0.0, 1.0)
    }
}

impl Statistics {
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
        let Some((relation, table)) = self.of_one_table(conditions) else { return all() };
        let mut known = self.known(conditions, &table, facts);
        let mut part = 1.0;
        while let Some(combined) = self.best(&table, relation, &known) {
            let (covered, _) = self.taken(combined, relation, &mut known);
            let simple = self.each(&covered, By { facts, together: false });
            let fulfilled = self.fulfilled(combined, relation, (&covered, false), facts);
            let told = told(combined, &fulfilled);
            part *= told.of_all(simple, total(combined));
        }
        part *= self.by_dependencies(&table, relation, &mut known, facts);
        (part, known.iter().filter(|known| !known.done).map(|known| known.condition).collect())
    }

    /// Which part of the rows fulfils any condition.
    pub(super) fn any(&self, conditions: &[&Expression], by: By<'_>) -> f64 {
        let facts = by.facts;
        let either = |one: f64, other: f64| one + other - one * other;
        let table = self.of_one_table(conditions).filter(|_| by.together);
        let Some((relation, table)) = table else {
            return conditions.iter().fold(0.0, |part, term| either(part, self.one_by(term, by)));
        };
        let mut known = self.known(conditions, &table, facts);
        let mut part = 0.0;
        while let Some(combined) = self.best(&table, relation, &known) {
            let (covered, simple) = self.taken(combined, relation, &mut known);
            part = either(part, self.any_of(combined, relation, (&covered, &simple), facts));
        }
        let others = known.iter().filter(|known| !known.done);
        others.fold(part, |part, known| either(part, self.one_by(known.condition, by)))
    }

    /// Which part of the rows fulfils any of the conditions that statistics cover: those that are of one column are estimated by
    /// that, and what they have in common with the ones before by the combinations.
    fn any_of(
        &self,
        combined: &CombinedStatistics,
        relation: RelationId,
        (covered, simple): (&[&Expression], &[bool]),
        facts: &dyn Facts,
    ) -> f64 {
        let total = total(combined);
        let mut before = vec![false; combined.common.len()];
        let (mut all, mut all_simple) = (0.0f64, 0.0f64);
        for (condition, is_simple) in covered.iter().zip(simple) {
            let alone = self.one_by(condition, By { facts, together: false });
            let shared_alone = all_simple * alone;
            all_simple = (all_simple + alone - shared_alone).clamp(0.0, 1.0);
            let fulfilled = self.fulfilled(combined, relation, (&[condition], false), facts);
            let both: Vec<bool> = fulfilled.iter().zip(&before).map(|(one, other)| *one && *other).collect();
            let part = match is_simple {
                true => alone,
                false => told(combined, &fulfilled).of_all(alone, total),
            };
            let shared = told(combined, &both).of_all(shared_alone, total);
            all = (all + part - shared).clamp(0.0, 1.0);
            before.iter_mut().zip(fulfilled).for_each(|(before, is)| *before |= is);
        }
        all
    }

    /// The table that all conditions are about, if there is but one and something is known of its columns together.
    fn of_one_table(&self, conditions: &[&Expression]) -> Option<(RelationId, Arc<TableFacts>)> {
        let (mut relation, mut one) = (None, true);
        for condition in conditions {
            condition.for_each_column(&mut |column| {
                one &= *relation.get_or_insert(column.relation) == column.relation;
            });
        }
        let relation = relation.filter(|_| one)?;
        let table = self.table_of_relation(relation).filter(|table| !table.combined.is_empty())?;
        Some((relation, table.clone()))
    }

    fn known<'e>(
        &self,
        conditions: &[&'e Expression],
        table: &TableFacts,
        facts: &dyn Facts,
    ) -> Vec<Known<'e>> {
        let has_common = table.combined.iter().any(|combined| !combined.common.is_empty());
        let known = |condition: &&'e Expression| {
            let mut asked = Vec::new();
            let told = has_common && varies(condition) && asks(condition, &mut asked, facts);
            Known { condition, asked: told.then_some(asked), done: false }
        };
        conditions.iter().map(known).collect()
    }

    /// The statistics with most common combinations that tell of the most columns, of those the narrowest.
    fn best<'t>(
        &self,
        table: &'t TableFacts,
        relation: RelationId,
        known: &[Known<'_>],
    ) -> Option<&'t CombinedStatistics> {
        let mut best: Option<(usize, &CombinedStatistics)> = None;
        for combined in table.combined.iter().filter(|combined| !combined.common.is_empty()) {
            let mut places: Vec<u16> =
                known.iter().filter_map(|known| self.covered(combined, relation, known)).flatten().collect();
            places.sort_unstable();
            places.dedup();
            let better = best.is_none_or(|(count, found)| {
                places.len() > count || places.len() == count && combined.width() < found.width()
            });
            if places.len() > 1 && better {
                best = Some((places.len(), combined));
            }
        }
        best.map(|(_, combined)| combined)
    }

    /// The places of what a condition asks for, if statistics cover it.
    fn covered(
        &self,
        combined: &CombinedStatistics,
        relation: RelationId,
        known: &Known<'_>,
    ) -> Option<Vec<u16>> {
        let asked = known.asked.as_ref().filter(|_| !known.done)?;
        asked.iter().map(|asked| self.place_in(combined, asked, Some(relation))).collect()
    }

    /// Takes the conditions that statistics cover, and tells which of them ask for one column or expression alone.
    fn taken<'e>(
        &self,
        combined: &CombinedStatistics,
        relation: RelationId,
        known: &mut [Known<'e>],
    ) -> (Vec<&'e Expression>, Vec<bool>) {
        let mut taken = (Vec::new(), Vec::new());
        for known in known {
            let Some(mut places) = self.covered(combined, relation, known) else { continue };
            let columns = places.iter().filter(|place| usize::from(**place) < combined.columns.len()).count();
            let expressions = places.len() - columns;
            places.sort_unstable();
            places.dedup();
            known.done = true;
            taken.0.push(known.condition);
            // An expression that is asked for twice counts twice, a column once.
            taken.1.push(if expressions == 0 { places.len() == 1 } else { columns == 0 && expressions == 1 });
        }
        taken
    }

    /// Which of the most common combinations fulfil all conditions, or any of them.
    fn fulfilled(
        &self,
        combined: &CombinedStatistics,
        relation: RelationId,
        (conditions, any): (&[&Expression], bool),
        facts: &dyn Facts,
    ) -> Vec<bool> {
        let mut all = vec![!any; combined.common.len()];
        for condition in conditions {
            let one = self.fulfils(combined, relation, condition, facts);
            for (all, one) in all.iter_mut().zip(one) {
                *all = if any { *all || one } else { *all && one };
            }
        }
        all
    }

    /// Which of the most common combinations fulfil a condition.
    fn fulfils(
        &self,
        combined: &CombinedStatistics,
        relation: RelationId,
        condition: &Expression,
        facts: &dyn Facts,
    ) -> Vec<bool> {
        let none = || vec![false; combined.common.len()];
        let values = |of: &Expression| -> Option<Vec<&Value>> {
            let place = usize::from(self.place_in(combined, of, Some(relation))?);
            combined.common.iter().map(|common| common.values.get(place)).collect()
        };
        let several = |terms: &[Expression], any: bool| {
            self.fulfilled(combined, relation, (&terms.iter().collect::<Vec<_>>(), any), facts)
        };
        let is_true = |value: &&Value| matches!(value, Value::Bool(true));
        match &condition.kind {
            ExpressionKind::And(terms) => several(terms, false),
            ExpressionKind::Or(terms) => several(terms, true),
            ExpressionKind::Not(operand) => {
                self.fulfils(combined, relation, operand, facts).into_iter().map(|is| !is).collect()
            }
            ExpressionKind::IsNull { operand, negated } if values(operand).is_some() => values(operand)
                .map_or_else(none, |values| values.iter().map(|value| value.is_null() != *negated).collect()),
            _ => {
                let found = compared_with(condition, facts)
                    .and_then(|test| test.holds(&values(test.variable)?, facts));
                found.unwrap_or_else(|| match values(condition) {
                    Some(values) => values.iter().map(is_true).collect(),
                    None => none(),
                })
            }
        }
    }
}

/// What the values of an expression are compared with.
struct Test<'e> {
    variable: &'e Expression,
    operator: Operator,
    order: Option<Order>,
    call: Option<&'e Call>,
    /// Any or all of these; nothing is true of an array that is null.
    wanted: Vec<Expression>,
    any: bool,
}

impl Test<'_> {
    /// For which values it holds; nothing where that cannot be told.
    fn holds(&self, values: &[&Value], facts: &dyn Facts) -> Option<Vec<bool>> {
        let mut all = vec![!self.any; values.len()];
        for wanted in &self.wanted {
            let constant = wanted.as_constant()?;
            let compared = Compared {
                operator: self.operator,
                order: self.order.as_ref(),
                call: self.call,
                variable: self.variable,
                other: wanted,
            };
            let one = match constant.is_null() {
                true => vec![false; values.len()],
                false => truths(&compared, values, constant, facts)?,
            };
            for (all, one) in all.iter_mut().zip(one) {
                *all = if self.any { *all || one } else { *all && one };
            }
        }
        let told = |(is, value): (bool, &&Value)| is && !value.is_null();
        Some(all.into_iter().zip(values).map(told).collect())
    }
}

/// The comparison with constants that a condition is, if it is one.
fn compared_with<'e>(condition: &'e Expression, facts: &dyn Facts) -> Option<Test<'e>> {
    match &condition.kind {
        ExpressionKind::Call(call) => {
            let operator = comparing(call, facts)?;
            let [left, right] = call.arguments.as_slice() else { return None };
            let order = facts.comparison_of_sides(call.function, left.result, right.result);
            let order = order.map(|known| known.order);
            let (variable, operator, call, wanted) = match (left.as_constant(), right.as_constant()) {
                (_, Some(_)) => (left, operator, Some(call), right),
                (Some(_), None) => (right, operator.flipped(), None, left),
                (None, None) => return None,
            };
            Some(Test { variable, operator, order, call, wanted: vec![wanted.clone()], any: true })
        }
        ExpressionKind::InList { operand, list, order, negated } => {
            let constant = list.iter().all(|value| value.as_constant().is_some());
            let operator = if *negated { Operator::NotEqual } else { Operator::Equal };
            constant.then(|| Test {
                variable: operand,
                operator,
                order: Some(order.clone()),
                call: None,
                wanted: list.clone(),
                any: !*negated,
            })
        }
        ExpressionKind::Quantified { function, all, operands } => {
            quantified(*function, operands, *all, facts)
        }
        _ => None, // nothing else is a comparison with what is known
    }
}

fn quantified<'e>(
    function: FunctionId,
    (operand, array): &'e (Expression, Expression),
    all: bool,
    facts: &dyn Facts,
) -> Option<Test<'e>> {
    let constant = plain(array).as_constant()?;
    let element = facts.element_type(array.result)?;
    let known = facts.comparison_of_sides(function, operand.result, element)?;
    let mut wanted = Vec::new();
    match constant {
        Value::Bytes(bytes) => {
            let view = types::array::ArrayView::new(bytes)?;
            wanted.extend(view.items().map(|item| Expression::constant(item.to_value(), element)));
        }
        // Of no array nothing is true.
        _ => wanted.push(Expression::constant(Value::Null, element)),
    }
    let (operator, order) = (known.operator, Some(known.order));
    Some(Test { variable: operand, operator, order, call: None, wanted, any: !all })
}

/// Adds what a condition asks for; false where its values do not tell whether it is fulfilled.
fn asks<'e>(condition: &'e Expression, asked: &mut Vec<&'e Expression>, facts: &dyn Facts) -> bool {
    let condition = plain(condition);
    match &condition.kind {
        ExpressionKind::And(terms) | ExpressionKind::Or(terms) => {
            terms.iter().all(|term| asks(term, asked, facts))
        }
        ExpressionKind::Not(operand) => asks(operand, asked, facts),
        ExpressionKind::IsNull { operand, .. } => {
            asked.push(operand);
            true
        }
        ExpressionKind::InList { .. } | ExpressionKind::Quantified { .. } => {
            compared_with(condition, facts).map(|test| asked.push(test.variable)).is_some()
        }
        ExpressionKind::Call(call) if call.operator.is_some() && call.arguments.len() == 2 => {
            compared_with(condition, facts).map(|test| asked.push(test.variable)).is_some()
        }
        _ => {
            asked.push(condition);
            true
        }
    }
}

fn told(combined: &CombinedStatistics, fulfilled: &[bool]) -> Told {
    let of = combined.common.iter().zip(fulfilled).filter(|(_, is)| **is).map(|(common, _)| common);
    of.fold(Told::default(), |told, common| Told {
        part: told.part + common.frequency,
        base: told.base + common.base,
    })
}

/// Which part of the rows the most common combinations are.
fn total(combined: &CombinedStatistics) -> f64 {
    combined.common.iter().map(|common| common.frequency).sum()
}
