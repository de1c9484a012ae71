//! What may go wrong, and who decides it: fault kinds with their contracts, plans drawn from a seed, the states a
//! crash can leave behind, and the ledger in which every injected fault must be closed.
//!
//! * [`Decisions`] is the one source of everything that is not determined: each choice has a name, is recorded, and can
//!   be replayed, edited or enumerated.
//!
//! This crate does no I/O and knows no world: it decides, the simulator (`sim`) executes.

#![forbid(unsafe_code)]

pub mod decisions;

pub use decisions::{
    Chance, Concern, Decision, Decisions, Drift, DriftReason, Part, Search, Source, TaskId, Weights,
};
