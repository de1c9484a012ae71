//! Subqueries whose rows are made once and looked up: `IN` where nothing of the row around is in the query, and `EXISTS` where all that
//! is of it must equal something (PostgreSQL's hashed subplans, and its `AlternativeSubPlan`).

use super::Lowering;
use super::expression::SubplanDraft;
use crate::expression::{Among, AmongPair, Column, Expression, ExpressionKind, OuterId, SubplanTest};
use crate::expression::{Subquery, SubqueryTest};
use crate::implied::terms_of;
use crate::rewrite::correlation;
use crate::walk::columns_of;
use types::Type;
use types::catalog::oid;
use types::vector::Operator;

/// Bytes of a row in a hash table beside its values.
const ROW_OVERHEAD: f64 = 24.0;
/// How many times as much memory hash tables may take (`hash_mem_multiplier`).
const HASH_MEMORY: f64 = 2.0;

impl Lowering<'_> {
    /// What a comparison looks for among the rows of a subplan, if equalities decide; `outer` is what is set of a row around.
    pub(super) fn looked_for(
        &self,
        comparison: &Expression,
        outer: &[(OuterId, Expression)],
        unknown_is_no: bool,
    ) -> Option<Among> {
        if !self.facts.settings().optimise || self.is_volatile(comparison) {
            return None;
        }
        let terms = terms_of(comparison.clone());
        let pairs = terms.iter().map(|term| self.looked_up(term, outer));
        let pairs = pairs.collect::<Option<Vec<_>>>()?;
        Some(Among { comparison: comparison.clone(), pairs, unknown_is_no })
    }

    fn looked_up(&self, term: &Expression, outer: &[(OuterId, Expression)]) -> Option<AmongPair> {
        let ExpressionKind::Call(call) = &term.kind else { return None };
        let [left, right] = call.arguments.as_slice() else { return None };
        let known = self.facts.comparison_of_sides(call.function, left.result, right.result)?;
        if known.operator != Operator::Equal {
            return None;
        }
        let left = left.brought(known.left_cast, known.common);
        let right = right.brought(known.right_cast, known.common);
        let (given, own) = match (given(&left, outer), given(&right, outer)) {
            (Some(given), None) if is_of_row(&right) => (given, right),
            (None, Some(given)) if is_of_row(&left) => (given, left),
            _ => return None, // both or none are of the row around
        };
        Some(AmongPair { given, own, order: known.order })
    }

    /// The same question as whether values are among the rows of a query in which nothing is of the row around.
    pub(super) fn exists_by_lookup(&self, subquery: &Subquery) -> Option<Subquery> {
        if !matches!(subquery.test, SubqueryTest::Exists)
            || !self.facts.settings().optimise
            || self.executions.is_none()
        {
            return None;
        }
        let (query, conditions) = correlation(subquery.query.clone(), self.facts, &self.names)?;
        let made: Vec<Column> = columns_of(&query).into_iter().map(|(column, _)| column).collect();
        let mut columns = Vec::new();
        for condition in &conditions {
            let ExpressionKind::Call(call) = &condition.kind else { return None };
            let [left, right] = call.arguments.as_slice() else { return None };
            let sides = [left, right].map(|side| {
                let (mut of_query, mut of_others) = (false, false);
                side.for_each_column(&mut |column| match made.contains(&column) {
                    true => of_query = true,
                    false => of_others = true,
                });
                (of_query, of_others)
            });
            if !matches!(sides, [(true, false), (false, true)] | [(false, true), (true, false)]) {
                return None;
            }
            if !self.facts.equality(call.function).0 || condition.has_subquery() {
                return None;
            }
            condition.for_each_column(&mut |column| {
                if made.contains(&column) && !columns.contains(&column) {
                    columns.push(column);
                }
            });
        }
        let comparison = match conditions.len() {
            0 => return None,
            1 => conditions.into_iter().next()?,
            _ => Expression::new(ExpressionKind::And(conditions), Type::of(oid::BOOL)),
        };
        Some(Subquery { test: SubqueryTest::Any(Box::new(comparison)), query, columns })
    }

    /// Whether it costs less to make all rows once than to ask for each row around (`fix_alternative_subplan`).
    pub(super) fn prefers_lookup(&self, plain: &SubplanDraft, by_lookup: &SubplanDraft) -> bool {
        let SubplanTest::Among(among) = &by_lookup.test else { return false };
        let settings = self.facts.settings();
        let (one, all) = (plain.subplan.root.estimate, by_lookup.subplan.root.estimate);
        let bytes = all.rows * (f64::from(all.width) + ROW_OVERHEAD);
        if bytes > HASH_MEMORY * settings.work_mem as f64 * 1024.0 {
            return false;
        }
        let of_one = one.startup_cost + (one.total_cost - one.startup_cost) / one.rows.max(1.0);
        let made = all.total_cost + settings.cpu_operator_cost * all.rows;
        let executions = self.executions.unwrap_or(0.0);
        made + executions * settings.cpu_operator_cost * (among.pairs.len() as f64) < executions * of_one
    }
}

/// What is computed of outer values alone, over their places; none of the columns of a subplan.
fn given(expression: &Expression, outer: &[(OuterId, Expression)]) -> Option<Expression> {
    let mut given = expression.clone();
    let mut alone = true;
    given.rewrite(&mut |part| match &part.kind {
        ExpressionKind::Slot(_) | ExpressionKind::Subplan { .. } => alone = false,
        ExpressionKind::Outer(id) => match outer.iter().position(|(own, _)| own == id) {
            Some(place) => part.kind = Expression::slot(place, part.result).kind,
            None => alone = false,
        },
        _ => {} // whatever it is computed by
    });
    alone.then_some(given)
}

/// Whether something is computed of the columns of a subplan alone.
fn is_of_row(expression: &Expression) -> bool {
    !expression
        .any(&mut |part| matches!(part.kind, ExpressionKind::Outer(_) | ExpressionKind::Subplan { .. }))
}
