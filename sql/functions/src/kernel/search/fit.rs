//! `ts_rank`, `ts_rank_cd`.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect, optional};
use diagnostic::SqlState;
use search::rank::{WEIGHTS, Weights, rank, rank_by_cover};
use search::{Lexemes, Query};
use types::array::ArrayView;
use types::catalog::oid;
use types::{Item, Vector};

/// The weights that an array says, D first.
fn weights(array: &ArrayView<'_>) -> FunctionResult<Weights> {
    let refused = |state, what: &str| Err(FunctionError::plain(state, what));
    if array.dimensions().len() != 1 {
        return refused(SqlState::ArrayElementError, "array of weight must be one-dimensional");
    }
    if array.len() < 4 {
        return refused(SqlState::ArrayElementError, "array of weight is too short");
    }
    if array.has_nulls() {
        return refused(SqlState::NullValueNotAllowed, "array of weight must not contain nulls");
    }
    let mut weights = WEIGHTS;
    for (weight, item) in weights.iter_mut().zip(array.items()) {
        match item {
            Item::Float32(given) if given > 1.0 => {
                return refused(SqlState::InvalidParameterValue, "weight out of range");
            }
            Item::Float32(given) if given >= 0.0 => *weight = given,
            _ => {}
        }
    }
    Ok(weights)
}

/// A rank for each row: weights and normalization may be left out.
fn ranks(
    arguments: &Arguments<'_>,
    rank: fn(&Weights, &Lexemes<'_>, &Query, i32) -> f32,
) -> FunctionResult<Vector> {
    let first = usize::from(arguments.type_of(0).oid != oid::TSVECTOR);
    let given = (first > 0).then(|| argument::<ArrayView<'_>>(arguments, 0)).transpose()?;
    let (documents, queries) =
        (argument::<Lexemes<'_>>(arguments, first)?, argument::<Query>(arguments, first + 1)?);
    let normalizations = optional::<i32>(arguments, first + 2)?;
    collect::<f32>(arguments.rows, |row| {
        let weights = match &given {
            Some(given) => weights(&given.at(row)?)?,
            None => WEIGHTS,
        };
        let normalization = match &normalizations {
            Some(normalizations) => normalizations.at(row)?,
            None => 0,
        };
        Ok(rank(&weights, &documents.at(row)?, &queries.at(row)?, normalization))
    })
}

pub(crate) fn ts_rank(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    ranks(arguments, rank)
}

pub(crate) fn ts_rank_cd(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    ranks(arguments, rank_by_cover)
}
