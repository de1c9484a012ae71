//! Dates and times. One program: each would be linked with everything below it.

#![allow(clippy::unwrap_used)] // a test that cannot read its own data fails

mod common;
mod format;
mod functions;
mod garbage;
mod input;
