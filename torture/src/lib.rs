//! Torture: workloads, judges, runner, replay and minimiser for the engine in the simulator's world.
//!
//! One *run* is a seed and a profile. It makes a world, lives several *lives* in it (each opens the database, checks
//! what it finds, works, and ends in a crash), and compares what survives with a reference model.
//!
//! * [`promise`]: what is promised, and how a broken promise is told.
//! * [`subject`]: the face of an engine that can be tortured; [`engine`]: ours behind it.
//! * [`model`]: the reference model; [`oracle`]: the judges.
//! * [`history`]: which isolation a history of list-append transactions really had.
//! * [`stage`]: what the workload asks of the world it runs in.
//! * [`workload`]: the clients, their transactions, and what they hold against the engine.
//! * [`profile`], [`run`], [`life`]: what a run is about, a run, one life in it.
//! * [`exhaustive`]: every crash of a short scenario. [`victim`]: a real process to be killed.
//! * [`jobs`]: many runs on many threads. [`scenario`], [`minimise`]: one run as a story, and a shorter story.
//! * [`report`]: counts over many runs, failures, JSON, tables.
#![forbid(unsafe_code)]

pub mod engine;
pub mod exhaustive;
pub mod history;
pub mod jobs;
pub mod labels;
pub mod life;
pub mod minimise;
pub mod model;
pub mod oracle;
pub mod profile;
pub mod promise;
pub mod report;
pub mod run;
pub mod scenario;
pub mod stage;
pub mod subject;
pub mod victim;
pub mod workload;
pub mod world_stage;
