//! AND, OR, NOT, and the tests for null, true and distinctness.

use super::node::{Comparison, Node};
use super::run::truth;
use super::scope::Scope;
use crate::error::ExecuteResult;
use crate::run::Run;
use types::vector::{Bitmap, Data};
use types::{Kind, Value, Vector};

/// `AND` (`decides` false) or `OR` (`decides` true): a term with the value that decides makes a row's result, whatever
/// the others are; later terms are computed only for rows that are not decided.
pub(super) fn junction(
    terms: &[Node],
    decides: bool,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let rows = scope.rows();
    let mut result = vec![!decides; rows];
    let mut unknown = vec![false; rows];
    // Rows that are not decided yet; `None` means all.
    let mut open: Option<Vec<u32>> = None;
    for term in terms {
        let truths = match &open {
            None => term.run(run, scope)?,
            Some(open) if open.is_empty() => break,
            Some(open) if spares_nothing(term, scope, open) => {
                let truths = term.run(run, scope)?;
                truths.gather(open)?
            }
            Some(open) => {
                let narrowed = scope.narrow(open)?;
                term.run(run, &narrowed.scope(scope.columns()))?
            }
        };
        let mut left = Vec::with_capacity(truths.len());
        let row_of = |place: usize| open.as_ref().map_or(place as u32, |open| open[place]);
        if let (Some(values), None, false) = (truths.fixed::<bool>(), truths.nulls(), truths.is_constant()) {
            for (place, value) in values.iter().enumerate() {
                let row = row_of(place);
                if *value == decides {
                    result[row as usize] = decides;
                    unknown[row as usize] = false;
                } else {
                    left.push(row);
                }
            }
            open = (left.len() < rows).then_some(left);
            continue;
        }
        for place in 0..truths.len() {
            let row = row_of(place);
            match truth(&truths, place) {
                Some(value) if value == decides => {
                    result[row as usize] = decides;
                    unknown[row as usize] = false;
                    continue;
                }
                Some(_) => {}
                None => unknown[row as usize] = true,
            }
            left.push(row);
        }
        open = (left.len() < rows).then_some(left);
    }
    let nulls = unknown.contains(&true).then(|| Bitmap::from_fn(rows, |row| unknown[row]));
    Ok(Vector::new(Data::Bool(result.into()), nulls))
}

/// Whether it costs less to compute a term for all rows than to gather the columns of those that are open: they are most of
/// them, and no row can make the term fail.
pub(super) fn spares_nothing(term: &Node, scope: &Scope<'_>, open: &[u32]) -> bool {
    open.len() * 2 > scope.rows() && scope.is_whole() && term.only_compares()
}

/// `NOT`
pub(super) fn not(mut operand: Vector) -> ExecuteResult<Vector> {
    if let Some(values) = operand.fixed_mut::<bool>() {
        values.iter_mut().for_each(|value| *value = !*value);
    }
    Ok(operand)
}

/// `IS [NOT] NULL`
pub(super) fn is_null(operand: &Vector, negated: bool) -> Vector {
    Vector::from_values::<bool>((0..operand.len()).map(|row| operand.is_null(row) != negated).collect())
}

/// `IS [NOT] TRUE` and its like.
pub(super) fn is_boolean(operand: &Vector, wanted: Option<bool>, negated: bool) -> Vector {
    let holds = |row| (truth(operand, row) == wanted) != negated;
    Vector::from_values::<bool>((0..operand.len()).map(holds).collect())
}

/// `IS [NOT] DISTINCT FROM`
pub(super) fn is_distinct(
    equality: &Comparison,
    left: Vector,
    right: Vector,
    negated: bool,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Vector> {
    let rows = left.len();
    let equal = if rows == 0 {
        Vector::constant(Kind::Bool, &Value::Null, 0)?
    } else {
        equality.evaluate(run, &[left.clone(), right.clone()], rows)?
    };
    let distinct = |row| match (left.is_null(row), right.is_null(row)) {
        (true, true) => false,
        (true, false) | (false, true) => true,
        (false, false) => truth(&equal, row) != Some(true),
    };
    Ok(Vector::from_values::<bool>((0..rows).map(|row| distinct(row) != negated).collect()))
}
