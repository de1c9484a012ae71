//! Torture: workloads, judges, runner, replay and minimiser for the engine in the simulator's world.
//!
//! One *run* is a seed and a profile. It makes a world, lives several *lives* in it (each opens the database, checks
//! what it finds, works, and ends in a crash), and compares what survives with a reference model.
//!
//! * [`promise`]: what is promised, and how a broken promise is told.
//! * [`report`]: counts over many runs, failures, JSON, tables.
#![forbid(unsafe_code)]

pub mod promise;
pub mod report;
