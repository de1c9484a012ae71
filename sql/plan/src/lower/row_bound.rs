//! Comparisons of rows as ranges of an index: `(a, b) > (x, y)` is `a = x AND b > y` and behind it `a > x`.

use super::Lowering;
use super::access::Matched;
use crate::expression::{Call, CallForm, Expression, ExpressionKind, RowCompareField, RowComparison};
use crate::logical::Scan;
use crate::physical::KeyRange;
use types::Type;
use types::catalog::oid;
use types::vector::Operator;

/// What a comparison of rows says of keys of an index.
struct RowBound {
    /// The values, of as many keys as go together.
    values: Vec<Expression>,
    /// Whether keys are greater.
    greater: bool,
    /// Whether the last of them may be equal.
    included: bool,
    /// Whether nothing else is said.
    whole: bool,
}

impl Lowering<'_> {
    /// Bounds the keys from `place` on by a comparison of rows, if it is one.
    pub(super) fn row_bound(
        &self,
        scan: &Scan,
        condition: &Expression,
        matched: &mut Matched,
        place: usize,
        number: usize,
    ) -> bool {
        let free = |range: &KeyRange| range.low.is_none() && range.high.is_none() && range.among.is_none();
        let [base] = matched.ranges.as_slice() else { return false };
        if !free(base) {
            return false;
        }
        let Some(bound) = self.row_bound_of(scan, condition, matched, place) else { return false };
        let last = bound.values.len() - 1;
        // The further from the value, the fewer keys are equal; ranges lie side by side.
        let ranges = (0..=last).rev().map(|equal| {
            let mut range = base.clone();
            range.equal.extend(bound.values[..equal].iter().cloned().map(Some));
            let edge = Some((bound.values[equal].clone(), equal == last && bound.included));
            range.nulls = false;
            *(if bound.greater { &mut range.low } else { &mut range.high }) = edge;
            range
        });
        matched.ranges = ranges.collect();
        matched.exact[number] = bound.whole;
        matched.bound(number);
        matched.compared_from = Some(place as u32);
        true
    }

    fn row_bound_of(
        &self,
        scan: &Scan,
        condition: &Expression,
        matched: &Matched,
        place: usize,
    ) -> Option<RowBound> {
        let ExpressionKind::RowCompare { comparison, fields } = &condition.kind else { return None };
        let mut values = Vec::new();
        let mut greater = None;
        let descending = matched.index.index.keys.get(place)?.descending;
        for (field, at) in fields.iter().zip(place..) {
            let Some((operator, value)) = self.field_bound(scan, field, matched, at) else { break };
            let is_greater = match operator {
                Operator::Greater | Operator::GreaterOrEqual => true,
                Operator::Less | Operator::LessOrEqual => false,
                Operator::Equal | Operator::NotEqual => break,
            };
            if *greater.get_or_insert(is_greater) != is_greater
                || matched.index.index.keys[at].descending != descending
            {
                break;
            }
            values.push(value);
        }
        let whole = values.len() == fields.len();
        let may_be_equal = match comparison {
            RowComparison::Less | RowComparison::Greater => false,
            RowComparison::LessOrEqual | RowComparison::GreaterOrEqual => true,
        };
        (!values.is_empty()).then_some(RowBound {
            values,
            greater: greater?,
            included: may_be_equal || !whole,
            whole,
        })
    }

    /// What a pair of fields says of a key.
    fn field_bound(
        &self,
        scan: &Scan,
        field: &RowCompareField,
        matched: &Matched,
        place: usize,
    ) -> Option<(Operator, Expression)> {
        let key = matched.keys.get(place)?.as_ref()?;
        let call = Call {
            function: field.strict,
            arguments: vec![field.operands.0.clone(), field.operands.1.clone()],
            operator: None,
            form: CallForm::Call,
            variadic: false,
            written: None,
        };
        let compared = Expression::new(ExpressionKind::Call(call), Type::of(oid::BOOL));
        self.compared_by(scan, &compared, key, &matched.index.index.keys.get(place)?.order)
    }
}
