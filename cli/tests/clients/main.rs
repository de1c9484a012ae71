//! PostgreSQL's clients, unmodified, against `hornbeam serve`.
//!
//! Each test installs a client by its ordinary package client beneath cargo's target directory, where it stays until what is
//! pinned changes, and gives a script of `clients/` a server of its own. The script says `ok` and a name for everything that it has
//! looked at and found right; how many it says is asserted here, so that a script that looks at nothing fails.
//!
//! A client that cannot be installed is passed over with a message, unless `HORNBEAM_CLIENTS=required`. With
//! `HORNBEAM_CLIENTS_URL` (`postgresql://USER@HOST:PORT`) the scripts talk to that server instead, in databases that are made for
//! them: so it is seen that they say of PostgreSQL what they say of Hornbeam.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types)]

#[path = "../served/mod.rs"]
mod served;

mod command;
mod database;
mod install;
mod node;
mod programs;
mod python;
mod rust;
mod script;
mod sqlalchemy;
