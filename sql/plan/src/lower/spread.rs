//! What an index can do for a scan whose entries are not in the order of its keys: conditions that ask its entries.

use super::Lowering;
use super::access::{Matched, bare, over_scan};
use crate::expression::{Call, Expression, ExpressionKind, SortKey};
use crate::logical::Scan;
use crate::spread::{Nearest, Question, Search, SpreadKey};

impl Lowering<'_> {
    /// Finds the conditions that ask the entries of an index.
    pub(super) fn match_spread(&self, scan: &Scan, conditions: &[Expression], matched: &mut Matched) {
        let spread = matched.index.index.spread.clone();
        for (place, of) in spread.iter().enumerate() {
            let Some(key) = matched.keys[place].clone() else { continue };
            for (number, condition) in conditions.iter().enumerate() {
                let Some((question, value, asked)) = self.question(scan, condition, &key, *of) else {
                    continue;
                };
                let of_key = key.result;
                let search = Search { place: place as u32, kind: of.kind, of: of_key, question, value };
                matched.searches.push(search);
                matched.asked.push(asked);
                matched.exact[number] = true;
                matched.bound(number);
            }
        }
    }

    /// The indexes that give the rows of a table in a wanted order, which is one of distances: all of it, as there is no telling which
    /// rows are equally far.
    pub(super) fn nearest(&self, scan: &Scan, conditions: &[Expression], wanted: &[SortKey]) -> Vec<Matched> {
        if wanted.is_empty() {
            return Vec::new();
        }
        self.of_indexes(scan, conditions, |index, conditions| {
            if index.index.spread.is_empty() {
                return None;
            }
            let mut matched = self.unbounded(scan, index, conditions)?;
            matched.nearest = self.distances(scan, &matched, wanted);
            matched.nearest.is_some().then(|| {
                self.match_spread(scan, conditions, &mut matched);
                matched
            })
        })
    }

    /// The keys of an order as distances of an index's keys.
    fn distances(&self, scan: &Scan, matched: &Matched, wanted: &[SortKey]) -> Option<Nearest> {
        let distances = wanted.iter().map(|key| {
            let nearest_first = !key.descending && !key.nulls_first;
            let of_keys = matched.index.index.spread.iter().zip(&matched.keys).enumerate();
            let mut of_keys = of_keys.filter_map(|(place, (of, own))| Some((place, *of, own.as_ref()?)));
            let found = of_keys.find_map(|(place, of, own)| {
                Some((place as u32, of.kind, self.distance(scan, &key.expression, own, of)?))
            });
            found.filter(|_| nearest_first)
        });
        let distances = distances.collect::<Option<Vec<_>>>()?;
        let (place, kind, _) = *distances.first()?;
        Some(Nearest { place, kind, by: distances.into_iter().map(|distance| distance.2).collect() })
    }

    /// An expression as a distance of a key, with the key on its left.
    fn distance(
        &self,
        scan: &Scan,
        expression: &Expression,
        key: &Expression,
        of: SpreadKey,
    ) -> Option<Expression> {
        let ExpressionKind::Call(call) = &expression.kind else { return None };
        let [left, right] = call.arguments.as_slice() else { return None };
        let usable = |value: &Expression| self.is_given(scan, value);
        if bare(left) == bare(key) && usable(right) && self.facts.is_distance(of, call.function) {
            return Some(expression.clone());
        }
        let turned = self.turned(call).filter(|_| bare(right) == bare(key) && usable(left))?;
        self.facts
            .is_distance(of, turned.function)
            .then(|| Expression::new(ExpressionKind::Call(turned), expression.result))
    }

    /// A call of an operator's function with its sides exchanged.
    fn turned(&self, call: &Call) -> Option<Call> {
        let [left, right] = call.arguments.as_slice() else { return None };
        let (function, name) = self.facts.commutator(call.function)?;
        let arguments = vec![right.clone(), left.clone()];
        Some(Call { function, arguments, operator: Some(name), ..call.clone() })
    }

    /// Whether a condition asks the entries of some index of a table with the value of an expression.
    pub(super) fn may_ask(&self, scan: &Scan, condition: &Expression) -> bool {
        let table = self.facts.table(scan.table);
        scan.sample.is_none()
            && scan.members.is_empty()
            && table.indexes.iter().any(|index| {
                let keys = index.index.keys.iter().zip(&index.index.spread);
                keys.filter_map(|(key, of)| Some((over_scan(scan, index, &key.expression)?, *of)))
                    .filter_map(|(key, of)| self.question(scan, condition, &key, of))
                    .any(|(_, value, _)| value.is_some())
            })
    }

    /// What a condition asks of a key, the value that it asks with, and the condition with the key on its left.
    fn question(
        &self,
        scan: &Scan,
        condition: &Expression,
        key: &Expression,
        of: SpreadKey,
    ) -> Option<(Question, Option<Expression>, Expression)> {
        if let ExpressionKind::IsNull { operand, negated } = &condition.kind {
            let question = if *negated { Question::NotNull } else { Question::Null };
            return (of.tells_nulls && bare(operand) == bare(key))
                .then(|| (question, None, condition.clone()));
        }
        let ExpressionKind::Call(call) = &condition.kind else { return None };
        let [left, right] = call.arguments.as_slice() else { return None };
        let usable = |value: &Expression| self.is_given(scan, value);
        if bare(left) == bare(key) && usable(right) {
            let question = self.facts.question(of, call.function)?;
            return Some((question, Some(right.clone()), condition.clone()));
        }
        if bare(right) != bare(key) || !usable(left) {
            return None;
        }
        let turned = self.turned(call)?;
        let question = self.facts.question(of, turned.function)?;
        let asked = Expression::new(ExpressionKind::Call(turned), condition.result);
        Some((question, Some(left.clone()), asked))
    }
}

impl Matched {
    /// Whether the index tells row ids of many rows alone, and not one row after the other.
    pub(super) fn is_for_bitmaps(&self) -> bool {
        let spread = &self.index.index.spread;
        !spread.is_empty() && spread.iter().any(|key| !key.tells_nulls)
    }
}
