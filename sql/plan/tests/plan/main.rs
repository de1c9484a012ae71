//! The planner. One program: each would be linked with everything below it.

#![allow(clippy::unwrap_used)] // a test that fails says so

mod common;
mod explain;
mod rewrites;
mod volatile;
