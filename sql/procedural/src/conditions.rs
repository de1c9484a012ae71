//! Conditions by the names that handlers and `RAISE` give them.

use crate::failure::Failure;
use crate::tree::Condition;
use diagnostic::SqlState;

/// Those of a name: several, where classes have conditions of the same.
pub fn named(name: &str) -> impl Iterator<Item = SqlState> + '_ {
    SqlState::all().filter(move |state| state.condition() == name && *state != SqlState::SuccessfulCompletion)
}

/// Whether a handler for these conditions takes a failure.
pub fn takes(conditions: &[Condition], failure: &Failure) -> bool {
    conditions.iter().any(|condition| match condition {
        Condition::Others => {
            !matches!(failure.state, SqlState::QueryCanceled | SqlState::AssertFailure) && !failure.is_final
        }
        Condition::State(state) => {
            let (wanted, found) = (state.code(), failure.state.code());
            !failure.is_final && (wanted == found || wanted.ends_with("000") && wanted[..2] == found[..2])
        }
    })
}
