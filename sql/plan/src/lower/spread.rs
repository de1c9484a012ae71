//! What an index can do for a scan whose entries are not in the order of its keys: conditions that ask its entries.

use super::Lowering;
use super::access::{Matched, bare, over_scan};
use crate::expression::{Call, Expression, ExpressionKind};
use crate::logical::Scan;
use crate::spread::{Question, Search, SpreadKey};

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
        let usable = |value: &Expression| !self.names_relation(value, scan) && !self.is_volatile(value);
        if bare(left) == bare(key) && usable(right) {
            let question = self.facts.question(of, call.function)?;
            return Some((question, Some(right.clone()), condition.clone()));
        }
        if bare(right) != bare(key) || !usable(left) {
            return None;
        }
        let (function, name) = self.facts.commutator(call.function)?;
        let question = self.facts.question(of, function)?;
        let turned = Call {
            function,
            arguments: vec![right.clone(), left.clone()],
            operator: Some(name),
            ..call.clone()
        };
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
