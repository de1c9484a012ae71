//! Sessions, without the scripts of the suite.
#![allow(clippy::unwrap_used)] // these are tests

mod helpers;
mod password;
mod portal;
mod settings;
mod store_failures;
mod support;
mod tags;
