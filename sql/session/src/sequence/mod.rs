//! Sequences: `nextval`, `currval`, `lastval`, `setval`.
//!
//! `value`: from the ordinal that the store counts to the number that is given. `set`: a count that begins anew, for everybody or with
//! the transaction. `sets`: what the session remembers of those. `answers`: the functions.
//!
//! Invariants
//! * What `nextval` gave is never given again, whatever becomes of the transaction: ordinals are taken outside of it.
//! * A sequence that the transaction itself has made or changed counts from what was set as soon as it is set, and for others when the
//!   transaction commits.

pub(crate) mod answers;
pub(crate) mod set;
pub(crate) mod sets;
pub(crate) mod value;
