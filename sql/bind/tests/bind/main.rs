//! The binder. One program: each would be linked with everything below it.

#![allow(clippy::unwrap_used)] // these are tests

mod bound;
#[allow(clippy::disallowed_methods)] // it reads files that are there or not
mod corpora;
mod hostile;
mod support;
mod trees;
