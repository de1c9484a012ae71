//! AND, OR, NOT, and the tests for null, true and distinctness.

use super::node::{Comparison, Node};
use super::run::truth;
use super::scope::Scope;
use crate::error::ExecuteResult;
use crate::run::Run;
use types::Vector;
use types::vector::{Bitmap, Data};

/// `AND` (`decides` false) or `OR` (`decides` true): a term with the value that decides makes a row's result, whatever
/// the others are; later terms are computed only for rows that are not decided.
pub(super) fn junction(
    terms: &[Node],
    decides: bool,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let rows = scope.rows();
    let mut verdicts = Verdicts {
        decides,
        result: vec![!decides; rows],
        unknown: Vec::new(),
        undecided: rows,
        open: Vec::new(),
    };
    for term in terms {
        if verdicts.undecided == rows || spares_nothing(term, scope, verdicts.undecided) {
            verdicts.take_all(&term.run(run, scope)?);
        } else if verdicts.undecided > 0 {
            verdicts.gather_open();
            let narrowed = scope.narrow(&verdicts.open)?;
            let truths = term.run(run, &narrowed.scope(scope.columns()))?;
            verdicts.take_open(&truths);
        }
    }
    let Verdicts { result, unknown, .. } = verdicts;
    let nulls = unknown.contains(&true).then(|| Bitmap::from_fn(rows, |row| unknown[row]));
    Ok(Vector::new(Data::Bool(result.into()), nulls))
}

/// What is known of the rows of a junction.
struct Verdicts {
    decides: bool,
    result: Vec<bool>,
    /// Of which rows that are not decided some term is null; empty if of none.
    unknown: Vec<bool>,
    /// How many are not decided.
    undecided: usize,
    /// Which ones these are; empty if that has not been asked since.
    open: Vec<u32>,
}

impl Verdicts {
    /// What a term says of all rows.
    fn take_all(&mut self, truths: &Vector) {
        self.open.clear();
        match truths.fixed::<bool>().filter(|_| truths.nulls().is_none() && !truths.is_constant()) {
            Some(values) if self.decides => {
                self.result.iter_mut().zip(values).for_each(|(result, value)| *result |= *value);
            }
            Some(values) => {
                self.result.iter_mut().zip(values).for_each(|(result, value)| *result &= *value);
            }
            None => (0..truths.len()).for_each(|row| self.take(row, truth(truths, row))),
        }
        if !self.unknown.is_empty() {
            let decided = self.result.iter().map(|result| *result == self.decides);
            self.unknown.iter_mut().zip(decided).for_each(|(unknown, decided)| *unknown &= !decided);
        }
        self.undecided = self.result.iter().filter(|result| **result != self.decides).count();
    }

    /// What a term says of a row that is not decided, or anything of one that is.
    fn take(&mut self, row: usize, truth: Option<bool>) {
        match truth {
            Some(value) if value == self.decides => self.result[row] = value,
            Some(_) => {}
            None => {
                self.unknown.resize(self.result.len(), false);
                self.unknown[row] = true;
            }
        }
    }

    /// What a term says of the rows that are open.
    fn take_open(&mut self, truths: &Vector) {
        let open = std::mem::take(&mut self.open);
        for (place, row) in open.iter().enumerate() {
            self.take(*row as usize, truth(truths, place));
        }
        let decides = self.decides;
        self.open = open;
        let (result, unknown) = (&self.result, &mut self.unknown);
        self.open.retain(|row| {
            let decided = result[*row as usize] == decides;
            if decided && let Some(unknown) = unknown.get_mut(*row as usize) {
                *unknown = false;
            }
            !decided
        });
        self.undecided = self.open.len();
    }

    /// Finds the rows that are not decided.
    fn gather_open(&mut self) {
        if self.open.is_empty() {
            let all = (0..).zip(&self.result).filter(|(_, result)| **result != self.decides);
            self.open.extend(all.map(|(row, _): (u32, _)| row));
        }
    }
}

/// Whether it costs less to compute a term for all rows than to gather the columns of those that are open: they are most of
/// them, and no row can make the term fail.
pub(super) fn spares_nothing(term: &Node, scope: &Scope<'_>, open: usize) -> bool {
    open * 2 > scope.rows() && scope.is_whole() && term.weight().is_some()
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
    let sides = [left, right];
    let equal = equality.equal(run, &sides, rows)?;
    let distinct = |row| match (sides[0].is_null(row), sides[1].is_null(row)) {
        (true, true) => false,
        (true, false) | (false, true) => true,
        (false, false) => !equal[row],
    };
    Ok(Vector::from_values::<bool>((0..rows).map(|row| distinct(row) != negated).collect()))
}
