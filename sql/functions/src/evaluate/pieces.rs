//! Calls that are much work are done in pieces, between which it is asked whether the statement is to stop.
//!
//! What a call costs is not known before. It shows in what it is given and in what it makes: a piece has so many rows as are given a
//! megabyte together, and ends where a megabyte was made (`collect` of the kernels' loops), but has one row at least. Where no
//! more is given and made than that, as nearly always, there is one piece, and nothing is asked or copied.

use super::context::Context;
use crate::error::FunctionError;
use diagnostic::SqlState;
use numeric::Numeric;
use types::Vector;
use types::vector::{BytesVector, NumericVector, VectorError};

/// How many bytes a piece is given, or makes.
pub(crate) const PIECE_BYTES: usize = 1 << 20;

/// By how much less a value counts that is given with every row: mostly a part of it is asked for.
const SAME_FOR_ALL: usize = 8;

/// By how much more a byte of a long number counts: what is done with such grows faster than they do.
const OF_NUMBER: usize = 64;

/// What `run` makes of the rows of some vectors: it is given a stretch of them, and answers all of it or the first of its rows.
///
/// # Errors
/// Those of `run`; that the statement is to stop.
pub fn in_pieces<E: From<FunctionError>>(
    context: &mut Context<'_>,
    vectors: &[Vector],
    rows: usize,
    mut run: impl FnMut(&mut Context<'_>, &[Vector], usize) -> Result<Vector, E>,
) -> Result<Vector, E> {
    let is_much = vectors.iter().map(weight).sum::<usize>() > PIECE_BYTES;
    let pieces = is_much.then(|| Pieces::new(vectors, rows));
    let first = pieces.as_ref().map_or(rows, |pieces| pieces.rows(0));
    if first < rows {
        let found = run(context, &stretch(vectors, 0, first), first)?;
        return rest(context, (vectors, rows, pieces), found, run);
    }
    let found = run(context, vectors, rows)?;
    if found.len() >= rows {
        return Ok(found);
    }
    rest(context, (vectors, rows, pieces), found, run)
}

/// The same when something was found of the first rows.
#[cold]
fn rest<E: From<FunctionError>>(
    context: &mut Context<'_>,
    (vectors, rows, pieces): (&[Vector], usize, Option<Pieces>),
    found: Vector,
    mut run: impl FnMut(&mut Context<'_>, &[Vector], usize) -> Result<Vector, E>,
) -> Result<Vector, E> {
    let (kind, mut next, mut bytes) = (found.kind(), found.len(), weight(&found));
    let mut made = vec![found];
    while next < rows {
        if bytes > context.room {
            return Err(FunctionError::from(VectorError::TooLarge).into());
        }
        context.session.check()?;
        let wanted = pieces.as_ref().map_or(rows - next, |pieces| pieces.rows(next));
        let found = run(context, &stretch(vectors, next, wanted), wanted)?;
        if found.is_empty() {
            return Err(FunctionError::plain(SqlState::InternalError, "a call without a result").into());
        }
        next += found.len();
        bytes = bytes.saturating_add(weight(&found));
        made.push(found);
    }
    let made: Vec<&Vector> = made.iter().collect();
    Ok(Vector::concat(kind, &made).map_err(FunctionError::from)?)
}

fn stretch(vectors: &[Vector], start: usize, rows: usize) -> Vec<Vector> {
    vectors.iter().map(|vector| vector.slice(start, rows)).collect()
}

/// How much the rows of vectors weigh that are much together.
struct Pieces {
    /// What all rows up to each one, and that one, weigh together: summed up once, however many pieces there are.
    until: Vec<usize>,
}

impl Pieces {
    fn new(vectors: &[Vector], rows: usize) -> Pieces {
        let until = (0..rows).scan(0_usize, |total, row| {
            let weights = vectors.iter().map(|vector| weight_at(vector, row));
            *total = weights.fold(*total, usize::saturating_add);
            Some(*total)
        });
        Pieces { until: until.collect() }
    }

    /// How many rows from one on, of which there is one at least, make a piece.
    fn rows(&self, start: usize) -> usize {
        let before = start.checked_sub(1).map_or(0, |row| self.until[row]);
        let fits = self.until[start..].partition_point(|total| *total - before <= PIECE_BYTES);
        fits.max(1)
    }
}

/// What all rows of a vector weigh. Values of fixed width weigh nothing.
fn weight(vector: &Vector) -> usize {
    if vector.is_constant() {
        return weight_at(vector, 0).saturating_mul(vector.len());
    }
    let numbers = vector.numeric().map_or(0, |numbers| match numbers {
        NumericVector::General(numbers) => numbers.iter().map(weight_of_number).sum(),
        NumericVector::Uniform { .. } => 0,
    });
    vector.bytes().map_or(numbers, BytesVector::total)
}

/// What a row of it weighs.
fn weight_at(vector: &Vector, row: usize) -> usize {
    if vector.is_empty() {
        return 0;
    }
    let place = vector.place(row);
    let number = vector.numeric().map_or(0, |numbers| match numbers {
        NumericVector::General(numbers) => weight_of_number(&numbers[place]),
        NumericVector::Uniform { .. } => 0,
    });
    let alone = vector.bytes().map_or(number, |values| values.get(place).len());
    if vector.is_constant() { alone / SAME_FOR_ALL } else { alone }
}

/// What a number weighs, if it is long.
#[inline]
pub(crate) fn weight_of_number(number: &Numeric) -> usize {
    /// A number of a few words is no work.
    const SHORT: usize = 128;
    let bytes = number.heap_size();
    if bytes > SHORT { bytes * OF_NUMBER } else { 0 }
}
