//! Rows of a table by their ids: which conditions on `ctid` name rows, or bound where they lie (PostgreSQL's `tidpath`).

use super::Lowering;
use crate::cost::{RowIdCost, elements_of, named_rows_cost, row_range_cost};
use crate::expression::{Call, Expression, ExpressionKind};
use crate::logical::{Scan, ScanSource};
use crate::physical::Estimate;
use crate::row_ids::{RowIdTest, RowIds};
use types::Type;
use types::catalog::oid;
use types::vector::Operator;

/// `tid[]`
const TID_ARRAY: u32 = 1010;

/// A way to the rows of a table by their ids.
pub(super) struct ById {
    pub(super) row_ids: RowIds,
    /// What is left of the conditions.
    pub(super) rest: Vec<Expression>,
    pub(super) estimate: Estimate,
    /// Whether no other way is to be taken: it is a row that is known, as that of a cursor is.
    pub(super) needed: bool,
}

impl Lowering<'_> {
    /// The ways to the rows that fulfil conditions, which are the part `out` of them.
    pub(super) fn ways_by_id(
        &self,
        scan: &Scan,
        conditions: &[Expression],
        out: f64,
        width: u32,
    ) -> Vec<ById> {
        if !self.facts.settings().optimise || scan.sample.is_some() {
            return Vec::new();
        }
        let named = self.rows_named(scan, conditions, out, width);
        named.into_iter().chain(self.rows_between(scan, conditions, out, width)).collect()
    }

    /// Whether a condition names a row by its id.
    pub(super) fn names_row(&self, scan: &Scan, condition: &Expression) -> bool {
        self.named_by(scan, condition).is_some()
    }

    /// Of an equality of the id of a table's rows the id comes first, as it does in what PostgreSQL makes of a class of equal
    /// columns.
    pub(super) fn put_id_first(&self, scan: &Scan, condition: &mut Expression) {
        let turned = self.names_row(scan, condition);
        if let ExpressionKind::Call(call) = &mut condition.kind
            && let [left, right] = call.arguments.as_mut_slice()
            && turned
            && is_id(scan, right)
            && !is_id(scan, left)
            && left.result == right.result
        {
            std::mem::swap(left, right);
        }
    }

    fn rows_named(&self, scan: &Scan, conditions: &[Expression], out: f64, width: u32) -> Option<ById> {
        let (place, tests, whole) = self.first_naming(scan, conditions)?;
        let rest: Vec<Expression> = conditions
            .iter()
            .enumerate()
            .filter(|(other, _)| !whole || *other != place)
            .map(|(_, condition)| condition.clone())
            .collect();
        let settings = self.facts.settings();
        let number = |test: &RowIdTest| if test.any { elements_of(&test.value) } else { 1.0 };
        let looked_at = |test: &RowIdTest| if test.any { elements_of(&test.value) * 0.5 } else { 1.0 };
        let needed = tests.iter().all(|test| !test.any && test.value.result.oid == oid::INT8);
        let asked = RowIdCost {
            tests: tests.iter().map(looked_at).sum::<f64>() * settings.cpu_operator_cost,
            filters: rest.len() as f64,
            out,
            needed,
        };
        let ids = tests.iter().map(number).sum();
        let estimate = named_rows_cost(settings, &self.facts.table(scan.table), asked, ids, width);
        Some(ById { row_ids: RowIds::Named(tests), rest, estimate, needed })
    }

    /// The first of some conditions that names rows: its place, what names them, and whether it says no more.
    fn first_naming(&self, scan: &Scan, conditions: &[Expression]) -> Option<(usize, Vec<RowIdTest>, bool)> {
        conditions.iter().enumerate().find_map(|(place, condition)| {
            let ExpressionKind::Or(arms) = &condition.kind else {
                return Some((place, vec![self.named_by(scan, condition)?], true));
            };
            let (mut tests, mut whole) = (Vec::with_capacity(arms.len()), true);
            for arm in arms {
                match (&arm.kind, self.named_by(scan, arm)) {
                    (_, Some(test)) => tests.push(test),
                    (ExpressionKind::And(terms), None) => {
                        tests.extend(self.first_naming(scan, terms)?.1);
                        whole = false;
                    }
                    (_, None) => return None,
                }
            }
            Some((place, tests, whole))
        })
    }

    /// `ctid = value`, `ctid = ANY (array)`, `ctid IN (list)`.
    fn named_by(&self, scan: &Scan, condition: &Expression) -> Option<RowIdTest> {
        let any =
            |value| RowIdTest { operator: Operator::Equal, any: true, value, turned: false, cursor: None };
        match &condition.kind {
            ExpressionKind::Call(_) => {
                self.compared_id(scan, condition).filter(|test| test.operator == Operator::Equal)
            }
            ExpressionKind::Quantified { function, all: false, operands } => {
                let (operand, array) = &**operands;
                let of_ids = self.facts.element_type(array.result).is_some_and(|of| of.oid == oid::TID);
                let equal = self.facts.comparison(*function)?.operator == Operator::Equal;
                (is_id(scan, operand) && of_ids && equal && self.is_given(scan, array))
                    .then(|| any(array.clone()))
            }
            ExpressionKind::InList { operand, list, negated: false, .. } => {
                let given = |value: &Expression| value.result.oid == oid::TID && self.is_given(scan, value);
                if !is_id(scan, operand) || !list.iter().all(given) {
                    return None;
                }
                let kind = ExpressionKind::Array { elements: list.clone(), nested: false };
                let array = Expression::new(kind, Type::of(TID_ARRAY));
                let known = list.iter().all(|value| value.as_constant().is_some());
                let folded = if known { self.facts.fold(&array) } else { None };
                let result = array.result;
                Some(any(folded.map_or(array, |value| Expression::constant(value, result))))
            }
            _ => None, // nothing else names rows
        }
    }

    fn rows_between(&self, scan: &Scan, conditions: &[Expression], out: f64, width: u32) -> Option<ById> {
        let (mut tests, mut bounds, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for condition in conditions {
            let bounding = self.compared_id(scan, condition).filter(|test| match test.operator {
                Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => true,
                Operator::Equal | Operator::NotEqual => false,
            });
            match bounding {
                Some(test) => {
                    tests.push(test);
                    bounds.push(condition);
                }
                None => rest.push(condition.clone()),
            }
        }
        if tests.is_empty() {
            return None;
        }
        let settings = self.facts.settings();
        let asked = RowIdCost {
            tests: tests.len() as f64 * settings.cpu_operator_cost,
            filters: rest.len() as f64,
            out,
            needed: false,
        };
        let part = self.statistics.all(&bounds, self.facts);
        let estimate = row_range_cost(settings, &self.facts.table(scan.table), asked, part, width);
        Some(ById { row_ids: RowIds::Between(tests), rest, estimate, needed: false })
    }

    /// A comparison of the id of a table's rows with what is known before they are read.
    fn compared_id(&self, scan: &Scan, condition: &Expression) -> Option<RowIdTest> {
        let ExpressionKind::Call(call) = &condition.kind else { return None };
        let [left, right] = call.arguments.as_slice() else { return None };
        let known = self.facts.comparison(call.function)?.operator;
        let (operator, value, turned) = if is_id(scan, left) {
            (known, right, false)
        } else if is_id(scan, right) {
            (known.flipped(), left, true)
        } else {
            return None;
        };
        let fits = matches!(value.result.oid, oid::INT8 | oid::TID) && self.is_given(scan, value);
        let value = value.clone();
        fits.then(|| RowIdTest { operator, any: false, value, turned, cursor: cursor_of(call) })
    }
}

/// Whether an expression is the id of a table's rows.
fn is_id(scan: &Scan, expression: &Expression) -> bool {
    let read = expression.as_column().filter(|column| column.relation == scan.relation);
    read.and_then(|column| scan.columns.get(column.index as usize))
        .is_some_and(|read| matches!(read.source, ScanSource::RowId))
}

/// The cursor that a condition `CURRENT OF` names: its second argument goes by its name.
fn cursor_of(call: &Call) -> Option<std::sync::Arc<str>> {
    call.written.iter().flat_map(|written| written.iter()).find_map(|argument| argument.name.clone())
}
