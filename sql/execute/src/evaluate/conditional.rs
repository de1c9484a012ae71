//! CASE, COALESCE, NULLIF, GREATEST and LEAST.

use super::node::{Comparison, Node};
use super::parts::Parts;
use super::run::{run_all, run_pair};
use super::scope::Scope;
use crate::error::ExecuteResult;
use crate::run::Run;
use types::vector::{Bitmap, Order, VectorBuilder, select};
use types::{Kind, Vector};

/// Rows of `all` that are not in `some`; both ascend.
fn without(all: &[u32], some: &[u32]) -> Vec<u32> {
    let mut some = some.iter().peekable();
    all.iter().copied().filter(|row| some.next_if(|other| **other == *row).is_none()).collect()
}

/// `CASE`
pub(super) fn case(
    operand: Option<&Node>,
    arms: &[(Node, Node)],
    otherwise: Option<&Node>,
    kind: Kind,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let compared = operand.map(|operand| operand.run(run, scope)).transpose()?;
    // Results do not see the operand of this CASE but that of the one around it.
    let conditions = compared.as_ref().map_or(*scope, |operand| scope.with_case(operand));
    let mut open: Vec<u32> = (0..scope.rows() as u32).collect();
    let mut parts = Parts::new(kind, scope.rows());
    for (condition, result) in arms {
        if open.is_empty() {
            break;
        }
        let narrowed = conditions.narrow(&open)?;
        let truths = condition.run(run, &narrowed.scope(scope.columns()))?;
        let taken: Vec<u32> = select(&truths).iter().map(|place| open[*place as usize]).collect();
        if taken.is_empty() {
            continue;
        }
        let narrowed = scope.narrow(&taken)?;
        let values = result.run(run, &narrowed.scope(scope.columns()))?;
        open = without(&open, &taken);
        parts.push(taken, values);
    }
    if let (Some(otherwise), false) = (otherwise, open.is_empty()) {
        let narrowed = scope.narrow(&open)?;
        let values = otherwise.run(run, &narrowed.scope(scope.columns()))?;
        parts.push(open, values);
    }
    parts.finish()
}

/// `COALESCE`
pub(super) fn coalesce(
    terms: &[Node],
    kind: Kind,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let mut parts = Parts::new(kind, scope.rows());
    let mut open: Vec<u32> = (0..scope.rows() as u32).collect();
    for term in terms {
        if open.is_empty() {
            break;
        }
        let narrowed = scope.narrow(&open)?;
        let values = term.run(run, &narrowed.scope(scope.columns()))?;
        if !values.has_nulls() {
            parts.push(std::mem::take(&mut open), values);
            break;
        }
        let (mut taken, mut places, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for (place, row) in open.iter().enumerate() {
            if values.is_null(place) {
                left.push(*row);
            } else {
                taken.push(*row);
                places.push(place as u32);
            }
        }
        parts.push(taken, values.gather(&places)?);
        open = left;
    }
    parts.finish()
}

/// `NULLIF`
pub(super) fn null_if(
    equality: &Comparison,
    sides: &(Node, Node),
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let (left, right) = run_pair(sides, run, scope)?;
    if left.is_empty() {
        return Ok(left);
    }
    let arguments = [left, right];
    let equal = equality.equal(run, &arguments, scope.rows())?;
    let [left, _] = arguments;
    let nulls = Bitmap::from_fn(scope.rows(), |row| equal[row]);
    Ok(if nulls.count_ones() == 0 { left } else { left.with_nulls(&nulls)? })
}

/// `GREATEST`, `LEAST`
pub(super) fn extreme(
    greatest: bool,
    order: &Order,
    operands: &[Node],
    kind: Kind,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let vectors = run_all(operands, run, scope)?;
    let mut builder = VectorBuilder::new(kind, scope.rows());
    for row in 0..scope.rows() {
        let mut best: Option<&Vector> = None;
        for vector in vectors.iter().filter(|vector| !vector.is_null(row)) {
            let better = best.is_none_or(|best| {
                let ordering = order.compare(&vector.item(row), &best.item(row));
                if greatest { ordering.is_gt() } else { ordering.is_lt() }
            });
            if better {
                best = Some(vector);
            }
        }
        match best {
            Some(vector) => builder.push_from(vector, row)?,
            None => builder.push_null(),
        }
    }
    Ok(builder.finish())
}
