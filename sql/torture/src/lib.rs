//! SQL under torture: sessions that run generated statements in the simulator's world, with crashes and faults.
//!
//! The runner, its lives, its replay and its minimiser are those of `torture`; this crate brings the engine with SQL on it
//! ([`SqlEngine`]) and a workload ([`workload`]) with a model of its own.
//!
//! * [`value`], [`expression`], [`model`]: what tables hold, what statements must give, what of it survives a crash.
//! * [`state`]: how what fails is told. [`talk`]: one session, spoken to in SQL. [`client`]: what the clients say, and what is held against their answers.
//! * [`query`]: queries, as SQL writes them and as the model carries them out.
//! * [`oracle`]: judges: a query against the model, by different plans, in parts; constraints against rows, indexes against
//!   tables.
//! * [`scratch`]: two tables that one transaction makes and takes back, with what is seldom declared.
//! * [`crowd`]: two tables full of rows, of one transaction as well, for queries and changes that want many.
//! * [`server`]: clients of a server over simulated connections, and what transfers between accounts must keep.
//! * [`subject`]: the engine, as the runner takes it.
#![forbid(unsafe_code)]

pub mod client;
pub mod crowd;
pub mod expression;
pub mod labels;
pub mod model;
pub mod oracle;
pub mod query;
pub mod scratch;
pub mod server;
pub mod state;
pub mod subject;
pub mod talk;
pub mod value;
pub mod workload;

pub use subject::SqlEngine;
