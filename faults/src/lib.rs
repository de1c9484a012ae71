//! What may go wrong, and who decides it: fault kinds with their contracts, plans drawn from a seed, the states a
//! crash can leave behind, and the ledger in which every injected fault must be closed.
//!
//! * [`Decisions`] is the one source of everything that is not determined: each choice has a name, is recorded, and can
//!   be replayed, edited or enumerated.
//! * [`FaultKind`] is the table of what can go wrong, each with its contract.
//! * [`Plan`] is one run's mix of kinds and rates, drawn from the seed within a [`Profile`].
//! * [`Ledger`] numbers every injected fault and closes it by evidence.
//! * [`survivor`] builds the states that a power loss can leave of what was not synced.
//! * [`Call`] goes with each simulated call and gives it access to the books.
//!
//! This crate does no I/O and knows no world: it decides, the simulator (`sim`) executes.

#![forbid(unsafe_code)]

mod call;
pub mod decisions;
pub mod document;
mod kind;
mod ledger;
mod plan;
pub mod survivor;

pub use call::Call;
pub use decisions::{
    Chance, Concern, Decision, Decisions, Drift, DriftReason, Part, Search, Source, TaskId, Weights,
};
pub use kind::{Contract, FaultKind, NOT_SIMULATED, Nature, Operation, Verdict};
pub use ledger::{Closing, Fault, FaultNumber, KindCount, Ledger, Place, Pointer, Summary};
pub use plan::{Plan, Profile};
