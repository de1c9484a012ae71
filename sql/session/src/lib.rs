//! A session: statement by statement, from text to rows.
//!
//! * [`Engine`]: an open database with SQL on it. [`Session`]: runs statements. [`client`]: whom it tells of them.
//! * [`settings`]: `SET`, `SHOW`, `RESET`. [`block`]: transactions and savepoints as statements make them.
//! * `copying`: `COPY`, whose data come and go in pieces through the client, or a file of the world.
//! * `statement`: which part runs a statement. `query`: queries and changes of rows, bound, locked, planned, run.
//!   `definition`: definitions. `cursor`, `explain`: what is left.
//! * `notify`: LISTEN and NOTIFY.
//! * `statistics`: what was read, changed and called, as views and functions tell it; `watch`: how often statements were run, and which were slow.
//! * `login`: who may come in over a connection. `parameters`: values as clients send them.
//! * `prepared`: prepared statements, [`Statement`]s, with what their runs leave for the next; `plan_choice`: plans for all
//!   values or for some. `direct`: run whole; [`portal`]: in steps,
//!   as the extended query protocol and libraries take them.
//! * `facts`, `tables`, `services` (with `describe`, `descriptions`), `literals`, `rows`: what planner, executor, functions,
//!   binder and definitions ask.

#![forbid(unsafe_code)]

mod about;
mod acl;
mod activity;
mod address;
mod advisory;
mod again;
pub mod block;
mod call;
pub mod client;
mod combined;
pub mod copying;
mod cursor;
mod databases;
mod definition;
mod describe;
mod describe_routine;
mod describe_statistics;
mod described;
mod descriptions;
mod direct;
mod engine;
mod error;
mod event_trigger;
mod explain;
mod exported;
mod extension;
mod facts;
mod fast_call;
mod helper;
pub mod identify;
mod identity;
mod index_properties;
mod kind_tags;
mod labels;
mod large_object;
mod literals;
mod lock;
mod login;
mod made_table;
mod maintenance;
pub mod native;
mod notify;
mod objects;
mod parameters;
mod partition;
pub mod password;
pub mod plan_choice;
pub mod portal;
mod prepared;
mod privileges;
mod procedural;
mod query;
mod relation_locks;
mod replication;
mod result_cache;
mod roles;
mod rows;
mod sample;
mod schema_elements;
mod search;
mod select_into;
mod sequence_sets;
mod sequence_value;
mod services;
mod session;
mod set_sequences;
pub mod settings;
mod sizes;
mod statement;
mod statistics;
mod store_error;
mod system;
mod tables;
mod tablespace;
mod tried;
mod watch;
mod words;
mod world;

pub use catalog::name::quote_identifier;
pub use databases::{Ender, Wake};
pub use engine::Engine;
pub use error::{SessionError, Warning};
pub use login::Login;
pub use notify::{Call, Notification};
pub use parameters::Parameter;
pub use portal::{Description, Progress};
pub use prepared::Statement;
pub use session::Session;
pub use statistics::Figures;
pub use store_error::StoreFailure;
