//! The catalog. One program: each would be linked with everything below it.

#![allow(clippy::unwrap_used)] // a test

mod drops;
mod sessions;
mod snapshots;
mod support;
mod system;
