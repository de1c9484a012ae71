//! A value against many: IN, ANY and ALL of arrays; and rows against rows.

use super::node::{Comparison, FixedList, Node, RowField};
use super::run::{run_all, truth};
use super::scope::Scope;
use crate::error::ExecuteResult;
use crate::keys::NONE;
use crate::run::Run;
use types::array::ArrayView;
use types::vector::{Bitmap, Data, Order, VectorBuilder};
use types::{Item, Kind, Value, Vector};

/// Truth values, `None` being unknown.
pub fn booleans(values: impl ExactSizeIterator<Item = Option<bool>>) -> Vector {
    let values: Vec<Option<bool>> = values.collect();
    let nulls = values.contains(&None).then(|| Bitmap::from_fn(values.len(), |row| values[row].is_none()));
    let known: Vec<bool> = values.iter().map(|value| value.unwrap_or(false)).collect();
    Vector::new(Data::Bool(known.into()), nulls)
}

/// `a IN (list)`
pub(super) fn in_list(
    operand: &Vector,
    list: &[Node],
    fixed: Option<&FixedList>,
    order: &Order,
    negated: bool,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let rows = operand.len();
    if let Some(fixed) = fixed {
        let plain = !operand.has_nulls() && !fixed.has_null;
        if plain && let Some(mut found) = fixed.short.as_ref().and_then(|short| short.find(operand)) {
            found.iter_mut().for_each(|found| *found = *found != negated);
            return Ok(Vector::from_values::<bool>(found));
        }
        let mut numbers = Vec::new();
        fixed.table.find(std::slice::from_ref(operand), rows, &mut numbers);
        if plain {
            let holds = numbers.iter().map(|number| (*number != NONE) != negated);
            return Ok(Vector::from_values::<bool>(holds.collect()));
        }
        return Ok(booleans((0..rows).map(|row| match numbers[row] {
            _ if operand.is_null(row) => None,
            NONE if fixed.has_null => None,
            number => Some((number != NONE) != negated),
        })));
    }
    let vectors = run_all(list, run, scope)?;
    let holds = |row| {
        let wanted = operand.item(row);
        if wanted.is_null() {
            return None;
        }
        let mut unknown = false;
        for vector in &vectors {
            let item = vector.item(row);
            unknown |= item.is_null();
            if !item.is_null() && order.compare(&wanted, &item).is_eq() {
                return Some(!negated);
            }
        }
        (!unknown).then_some(negated)
    };
    Ok(booleans((0..rows).map(holds)))
}

/// `a op ANY (array)`, `a op ALL (array)`
pub(super) fn quantified(
    comparison: &Comparison,
    all: bool,
    left: &Vector,
    right: &Vector,
    element_kind: Kind,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Vector> {
    // The elements of one row's array at a time; mostly the array is one for all.
    let mut results = Vec::with_capacity(left.len());
    let mut made: Option<Vector> = None;
    for row in 0..left.len() {
        let Item::Bytes(bytes) = right.item(row) else {
            results.push(None);
            continue;
        };
        if made.is_none() || !right.is_constant() {
            made = Some(elements(bytes, element_kind)?);
        }
        let Some(elements) = &made else { continue };
        let count = elements.len();
        if count == 0 {
            results.push(Some(all));
            continue;
        }
        results.push(if comparison.may_fail() {
            let mut asked = Quantified::new(all);
            for place in 0..count {
                let arguments = [left.repeat(row, 1), elements.repeat(place, 1)];
                if asked.is_decided_by(truth(&comparison.evaluate(run, &arguments, 1)?, 0)) {
                    break;
                }
            }
            asked.answer()
        } else {
            let arguments = [left.repeat(row, count), elements.clone()];
            let truths = comparison.evaluate(run, &arguments, count)?;
            quantify((0..count).map(|place| truth(&truths, place)), all)
        });
    }
    Ok(booleans(results.into_iter()))
}

/// Whether any, or all, of some comparisons hold.
pub(super) fn quantify(truths: impl Iterator<Item = Option<bool>>, all: bool) -> Option<bool> {
    let mut asked = Quantified::new(all);
    for truth in truths {
        if asked.is_decided_by(truth) {
            break;
        }
    }
    asked.answer()
}

/// Whether any, or all, of some comparisons hold, which are told one by one: those behind the one that decides need not be made.
struct Quantified {
    all: bool,
    decided: bool,
    unknown: bool,
}

impl Quantified {
    fn new(all: bool) -> Quantified {
        Quantified { all, decided: false, unknown: false }
    }

    fn is_decided_by(&mut self, truth: Option<bool>) -> bool {
        match truth {
            Some(value) => self.decided |= value != self.all,
            None => self.unknown = true,
        }
        self.decided
    }

    fn answer(&self) -> Option<bool> {
        if self.decided { Some(!self.all) } else { (!self.unknown).then_some(self.all) }
    }
}

fn elements(bytes: &[u8], kind: Kind) -> ExecuteResult<Vector> {
    let array = ArrayView::new(bytes);
    let mut builder = VectorBuilder::new(kind, array.as_ref().map_or(0, ArrayView::len));
    for item in array.iter().flat_map(ArrayView::items) {
        match item {
            Item::Bytes(bytes) => builder.push_bytes(bytes)?,
            item => builder.push(&item.to_value())?,
        }
    }
    Ok(builder.finish())
}

/// `(a, b) < (c, d)` and its like: the first pair that is not equal decides.
pub(super) fn row_compare(
    fields: &[RowField],
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let rows = scope.rows();
    let mut results: Vec<Option<bool>> = vec![None; rows];
    let mut open: Vec<u32> = (0..rows as u32).collect();
    for (index, field) in fields.iter().enumerate() {
        if open.is_empty() {
            break;
        }
        let narrowed = scope.narrow(&open)?;
        let inner = narrowed.scope(scope.columns());
        let sides = [field.left.run(run, &inner)?, field.right.run(run, &inner)?];
        if index + 1 == fields.len() {
            let decided = field.comparison.evaluate(run, &sides, open.len())?;
            open.iter().enumerate().for_each(|(at, row)| results[*row as usize] = truth(&decided, at));
            break;
        }
        let equal = field.equality.evaluate(run, &sides, open.len())?;
        let decided = field.strict.evaluate(run, &sides, open.len())?;
        let mut left = Vec::new();
        for (place, row) in open.iter().enumerate() {
            match truth(&equal, place) {
                Some(true) => left.push(*row),
                Some(false) => results[*row as usize] = truth(&decided, place),
                // Whether the rows differ here is unknown, and so what later pairs would say.
                None => {}
            }
        }
        open = left;
    }
    Ok(booleans(results.into_iter()))
}

/// A value for each row, from values.
pub(super) fn vector_of(kind: Kind, values: &[Value]) -> ExecuteResult<Vector> {
    let mut builder = VectorBuilder::new(kind, values.len());
    values.iter().try_for_each(|value| builder.push(value))?;
    Ok(builder.finish())
}
