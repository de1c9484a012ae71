//! The executor, with plans by hand. One program: each would be linked with everything below it.

#![allow(clippy::unwrap_used)] // these are tests

mod basics;
mod changes;
mod common;
mod expressions;
mod key_table;
mod large;
mod operators;
