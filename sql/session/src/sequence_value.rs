//! Values of sequences: from the ordinal that the store counts to the number that `nextval` gives.

use catalog::object::Sequence;
use diagnostic::{Diagnostic, SqlState};
use store::{DatabaseId, SequenceId, Session as StoreSession, StoreError};

/// PostgreSQL's errors about values of sequences.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum SequenceError {
    #[error("nextval: reached maximum value of sequence \"{name}\" ({limit})")]
    Maximum { name: String, limit: i64 },
    #[error("nextval: reached minimum value of sequence \"{name}\" ({limit})")]
    Minimum { name: String, limit: i64 },
    #[error("currval of sequence \"{name}\" is not yet defined in this session")]
    NotYetDefined { name: String },
    #[error("lastval is not yet defined in this session")]
    LastNotYetDefined,
    #[error("setval: value {value} is out of bounds for sequence \"{name}\" ({minimum}..{maximum})")]
    OutOfBounds { value: i64, name: String, minimum: i64, maximum: i64 },
}

impl Diagnostic for SequenceError {
    fn sqlstate(&self) -> SqlState {
        match self {
            SequenceError::Maximum { .. } | SequenceError::Minimum { .. } => {
                SqlState::SequenceGeneratorLimitExceeded
            }
            SequenceError::NotYetDefined { .. } | SequenceError::LastNotYetDefined => {
                SqlState::ObjectNotInPrerequisiteState
            }
            SequenceError::OutOfBounds { .. } => SqlState::NumericValueOutOfRange,
        }
    }
}

/// The last value of a sequence, and whether it was given. None is taken to know it.
///
/// # Errors
/// As reading the counter fails.
pub fn last_value(
    session: &StoreSession,
    database: DatabaseId,
    sequence: &Sequence,
) -> Result<(i64, bool), StoreError> {
    let next = match session.take_row_numbers(database, SequenceId(sequence.tree), 0) {
        Ok(next) => next,
        // Nobody has ever taken one, and of a store that is only read nobody will.
        Err(StoreError::ReadOnly { .. }) => 0,
        Err(error) => return Err(error),
    };
    let Some(last) = next.checked_sub(1) else { return Ok(sequence.before) };
    // One that has come to its end gave its last value.
    let end = if sequence.increment > 0 { sequence.maximum } else { sequence.minimum };
    Ok((value_of(sequence, last).unwrap_or(end), true))
}

/// The value of an ordinal: `first` and so many steps on, from the other end again where a sequence cycles.
///
/// # Errors
/// When the sequence ends before it.
pub fn value_of(sequence: &Sequence, ordinal: u64) -> Result<i64, SequenceError> {
    let (first, step) = (i128::from(sequence.first), i128::from(sequence.increment));
    let (low, high) = (i128::from(sequence.minimum), i128::from(sequence.maximum));
    let (end, again) = if step > 0 { (high, low) } else { (low, high) };
    let beyond = |value: i128| if step > 0 { value > end } else { value < end };
    // How many values there are from one to the end.
    let count = |from: i128| if beyond(from) { 0 } else { (end - from) / step + 1 };
    let ordinal = i128::from(ordinal);
    let before = count(first);
    let value = if ordinal < before {
        first + ordinal * step
    } else if sequence.cycle {
        again + (ordinal - before) % count(again) * step
    } else {
        let name = sequence.name.clone();
        return Err(match step > 0 {
            true => SequenceError::Maximum { name, limit: sequence.maximum },
            false => SequenceError::Minimum { name, limit: sequence.minimum },
        });
    };
    // Within the limits, which are 64 bits wide.
    i64::try_from(value).map_err(|_| SequenceError::LastNotYetDefined)
}
