//! A session: statement by statement, from text to rows.
//!
//! * [`Engine`]: an open database with SQL on it. [`Session`]: runs statements. [`client`]: whom it tells of them.
//! * `statement`: which part runs a statement. `query`: queries and changes of rows, bound, locked, planned, run; CALL and EXPLAIN.
//!   `definition`: whatever changes the catalog. `maintenance`: ANALYZE, VACUUM and their like. [`copying`]: COPY, whose data come and
//!   go in pieces through the client, or a file of the world. `cursor`: cursors. `procedural`: bodies in PL/pgSQL.
//! * `prepared`: prepared statements, [`Statement`]s, run whole, with what their runs leave for the next. [`portal`]: in steps, as the
//!   extended query protocol and libraries take them.
//! * [`transaction`]: blocks, savepoints, locks, snapshots that are shared. `notify`: LISTEN and NOTIFY.
//! * [`login`]: who may come in over a connection, and who one is then. `privileges`: what one may. [`settings`]: SET, SHOW, RESET.
//! * `world`: what a statement that runs is lent, and what planner, binder, executor and definitions ask of it. `services`: what functions
//!   ask. `sequence`: values of sequences. `system`: views of the system that show what goes on.
//! * `statistics`: what was read, changed and called, as views and functions tell it; how often statements were run.

#![forbid(unsafe_code)]

pub mod client;
pub mod copying;
mod cursor;
mod definition;
mod engine;
mod error;
mod event_trigger;
mod labels;
pub mod login;
mod maintenance;
pub mod native;
mod notify;
pub mod portal;
mod prepared;
mod privileges;
mod procedural;
mod query;
mod sequence;
mod services;
mod session;
pub mod settings;
mod statement;
mod statistics;
mod store_error;
mod system;
pub mod transaction;
mod words;
mod world;

pub use catalog::name::quote_identifier;
pub use definition::databases::{Ender, Wake};
pub use engine::Engine;
pub use error::{SessionError, Warning};
pub use login::Login;
pub use notify::{Call, Notification};
pub use portal::{Description, Progress};
pub use prepared::Statement;
pub use prepared::parameters::Parameter;
pub use session::Session;
pub use statistics::Figures;
pub use store_error::StoreFailure;
