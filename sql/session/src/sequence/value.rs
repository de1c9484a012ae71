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
    if let Ok(value) = value_of(sequence, last) {
        return Ok((value, true));
    }
    // It has come to its end: the last one that it gave, if it gave any.
    let given = Steps::of(sequence).before_end();
    let last = u64::try_from(given - 1).ok().and_then(|last| value_of(sequence, last).ok());
    Ok(last.map_or(sequence.before, |value| (value, true)))
}

/// The way of a sequence.
struct Steps {
    first: i128,
    step: i128,
    /// The end that it goes to, and the one from which it comes when it cycles.
    end: i128,
    again: i128,
}

impl Steps {
    fn of(sequence: &Sequence) -> Steps {
        let (low, high) = (i128::from(sequence.minimum), i128::from(sequence.maximum));
        let step = i128::from(sequence.increment);
        let (end, again) = if step > 0 { (high, low) } else { (low, high) };
        Steps { first: sequence.ordinal_zero(), step, end, again }
    }

    /// How many values there are from one to the end.
    fn count(&self, from: i128) -> i128 {
        let beyond = if self.step > 0 { from > self.end } else { from < self.end };
        if beyond { 0 } else { (self.end - from) / self.step + 1 }
    }

    /// How many there are before it comes to the end for the first time.
    fn before_end(&self) -> i128 {
        self.count(self.first)
    }
}

/// The value of an ordinal: `first` and so many steps on, from the other end again where a sequence cycles.
///
/// # Errors
/// When the sequence ends before it.
pub fn value_of(sequence: &Sequence, ordinal: u64) -> Result<i64, SequenceError> {
    let steps = Steps::of(sequence);
    let (ordinal, before) = (i128::from(ordinal), steps.before_end());
    let value = if ordinal < before {
        Some(steps.first + ordinal * steps.step)
    } else if sequence.cycle {
        Some(steps.again + (ordinal - before) % steps.count(steps.again) * steps.step)
    } else {
        None
    };
    // Within the limits, which are 64 bits wide.
    value.and_then(|value| i64::try_from(value).ok()).ok_or_else(|| {
        let name = sequence.name.clone();
        match steps.step > 0 {
            true => SequenceError::Maximum { name, limit: sequence.maximum },
            false => SequenceError::Minimum { name, limit: sequence.minimum },
        }
    })
}
