//! Aggregates that users make: the functions of their steps.

use super::Oid;
use bincode::{Decode, Encode};

/// Of what an aggregate is made.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Aggregate {
    /// How values are gathered.
    pub plain: AggregateSteps,
    /// The same for rows that leave a frame, too, with the function that takes one back.
    pub moving: Option<(AggregateSteps, Oid)>,
    /// Makes one state of two; 0 without.
    pub combine: Oid,
    /// The operator by which the first value is the result; 0 without.
    pub sort_operator: Oid,
}

/// How values are gathered to one.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AggregateSteps {
    /// SFUNC: from a state and a row's values to the next state.
    pub transition: Oid,
    /// STYPE.
    pub state: Oid,
    /// SSPACE.
    pub space: i32,
    /// INITCOND; null without.
    pub initial: Option<String>,
    /// FINALFUNC: from the state to the result; 0 if the state is the result.
    pub last: Oid,
    /// FINALFUNC_EXTRA: it takes nulls of the arguments' types besides.
    pub last_extra: bool,
    /// FINALFUNC_MODIFY.
    pub last_modifies: StateUse,
}

/// What a final function does with the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // SQL's words
pub enum StateUse {
    ReadOnly,
    Shareable,
    ReadWrite,
}

impl StateUse {
    /// `pg_aggregate.aggfinalmodify`.
    pub fn letter(self) -> u8 {
        match self {
            StateUse::ReadOnly => b'r',
            StateUse::Shareable => b's',
            StateUse::ReadWrite => b'w',
        }
    }

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            StateUse::ReadOnly => "READ_ONLY",
            StateUse::Shareable => "SHAREABLE",
            StateUse::ReadWrite => "READ_WRITE",
        }
    }
}

impl Aggregate {
    /// The functions that it needs.
    pub fn functions(&self) -> impl Iterator<Item = Oid> {
        let plain = [self.plain.transition, self.plain.last, self.combine];
        let moving = self.moving.as_ref().map(|(steps, inverse)| [steps.transition, steps.last, *inverse]);
        plain.into_iter().chain(moving.into_iter().flatten()).filter(|function| *function != 0)
    }
}
