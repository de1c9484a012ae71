//! How many groups keys make of rows: PostgreSQL's `estimate_num_groups`.
//!
//! A key of which something is known is taken for itself, any other for the columns in it. What several of them are together
//! `CREATE STATISTICS` may tell.

use super::selectivity::{Statistics, plain};
use super::variable::{DISTINCT, Variable};
use crate::expression::{Expression, ExpressionKind, RelationId};
use crate::facts::{CombinedStatistics, TableFacts};
use types::catalog::oid;

/// Which part of the rows several columns tell apart at most.
const RELATED: f64 = 0.1;

/// What groups are told apart by: a column, or an expression of which something is known.
struct Part {
    expression: Expression,
    relation: Option<RelationId>,
    /// How many different values it has.
    distinct: f64,
}

/// How many expressions and columns are known together, by what, and the place of each part there.
type Matched<'c> = ((usize, usize), &'c CombinedStatistics, Vec<Option<u16>>);

impl Statistics {
    /// How many different values an expression has in so many rows.
    pub(crate) fn distinct_values(&self, expression: &Expression, rows: f64) -> f64 {
        if expression.as_constant().is_some() {
            return 1.0;
        }
        let known = match self.variable(expression) {
            Some(known) => known.distinct().0,
            None if expression.result.oid == oid::BOOL => 2.0,
            None => DISTINCT,
        };
        known.clamp(1.0, rows.max(1.0))
    }

    /// How many groups keys make of so many rows.
    pub(crate) fn groups(&self, keys: &[&Expression], rows: f64) -> f64 {
        if keys.is_empty() {
            return 1.0;
        }
        let rows = super::clamp_rows(rows);
        let mut product = 1.0;
        let mut parts: Vec<Part> = Vec::new();
        for key in keys {
            if key.result.oid == oid::BOOL {
                product *= 2.0;
                continue;
            }
            match self.variable(key) {
                None => product *= self.without_columns(key, rows),
                Some(known) if plain(key).as_column().is_some() => add(&mut parts, plain(key), &known),
                Some(known) if known.statistics.is_some() || known.unique => {
                    add(&mut parts, plain(key), &known);
                }
                Some(_) => key.walk(&mut |part| {
                    if part.as_column().is_some()
                        && let Some(known) = self.variable(part)
                    {
                        add(&mut parts, part, &known);
                    }
                }),
            }
        }
        while let Some(first) = parts.first() {
            let relation = first.relation;
            let (own, others): (Vec<Part>, Vec<Part>) =
                parts.into_iter().partition(|part| part.relation == relation);
            let table = relation.and_then(|relation| self.table_of_relation(relation));
            product *= match table {
                Some(table) => self.groups_of_table(table, relation, own, rows),
                None => own.iter().map(|part| part.distinct).product(),
            };
            parts = others;
        }
        product.ceil().clamp(1.0, rows)
    }

    /// What names no column makes no groups, unless it is another value for each row.
    fn without_columns(&self, key: &Expression, rows: f64) -> f64 {
        let called =
            key.any(&mut |part| matches!(part.kind, ExpressionKind::Call(_) | ExpressionKind::Subquery(_)));
        if called { self.distinct_values(key, rows) } else { 1.0 }
    }

    /// How many groups parts of one table make of so many of its rows.
    fn groups_of_table(
        &self,
        table: &TableFacts,
        relation: Option<RelationId>,
        mut parts: Vec<Part>,
        rows: f64,
    ) -> f64 {
        let all = table.rows;
        let (mut product, mut most, mut factors) = (1.0, 1.0f64, 0);
        let mut count = |distinct: f64| {
            product *= distinct;
            most = most.max(distinct);
            factors += 1;
        };
        while let Some((together, distinct)) = self.distinct_together(table, relation, &parts) {
            count(distinct);
            let mut place = 0..;
            parts.retain(|_| place.next().is_some_and(|place| !together.contains(&place)));
        }
        parts.iter().for_each(|part| count(part.distinct));
        if all <= 0.0 {
            return 1.0;
        }
        // Columns that are independent are rare.
        let limit = if factors > 1 { (all * RELATED).max(most).min(all) } else { all };
        super::clamp_rows(in_rows(product.min(limit), all, rows))
    }

    /// Parts that are known together, by their places, and how many different combinations these have.
    fn distinct_together(
        &self,
        table: &TableFacts,
        relation: Option<RelationId>,
        parts: &[Part],
    ) -> Option<(Vec<usize>, f64)> {
        if table.combined.is_empty() || parts.len() < 2 {
            return None;
        }
        let mut best: Option<Matched<'_>> = None;
        for known in table.combined.iter().filter(|known| !known.distinct.is_empty()) {
            let places: Vec<Option<u16>> =
                parts.iter().map(|part| self.place_in(known, &part.expression, relation)).collect();
            let of_columns = |place: &&u16| usize::from(**place) < known.columns.len();
            let columns = places.iter().flatten().filter(of_columns).count();
            let expressions = places.iter().flatten().count() - columns;
            let better = best.as_ref().is_none_or(|(count, ..)| (expressions, columns) > *count);
            if columns + expressions > 1 && better {
                best = Some(((expressions, columns), known, places));
            }
        }
        let (_, known, places) = best?;
        let mut wanted: Vec<u16> = places.iter().flatten().copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let (_, distinct) = known.distinct.iter().find(|(of, _)| *of == wanted)?;
        let matched = places.iter().enumerate().filter(|(_, place)| place.is_some());
        Some((matched.map(|(place, _)| place).collect(), *distinct))
    }

    /// The place of an expression among those that are known together.
    pub(super) fn place_in(
        &self,
        known: &CombinedStatistics,
        expression: &Expression,
        relation: Option<RelationId>,
    ) -> Option<u16> {
        let expression = plain(expression);
        let place = match expression.as_column() {
            Some(column) => {
                let origin = self.origin(column)?;
                known.columns.iter().position(|number| *number == origin.number)
            }
            None if known.expressions.is_empty() => None,
            None => {
                let own = self.over_numbers(expression, relation?)?;
                let place = known.expressions.iter().position(|of| *of == own);
                place.map(|place| known.columns.len() + place)
            }
        };
        place.and_then(|place| u16::try_from(place).ok())
    }
}

fn add(parts: &mut Vec<Part>, expression: &Expression, known: &Variable<'_>) {
    if !parts.iter().any(|part| part.expression == *expression) {
        let (relation, distinct) = (known.relation, known.distinct().0);
        parts.push(Part { expression: expression.clone(), relation, distinct });
    }
}

/// How many of the different combinations of a table so many of its rows have, chosen by chance.
fn in_rows(distinct: f64, of: f64, rows: f64) -> f64 {
    if rows >= of || distinct <= 0.0 {
        return distinct;
    }
    distinct * (1.0 - ((of - rows) / of).powf(of / distinct))
}
