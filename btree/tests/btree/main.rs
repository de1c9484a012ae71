//! The trees. One program: each would be linked with everything below it.

#![allow(clippy::unwrap_used)] // these are tests

mod damage;
mod failures;
mod large_values;
mod model;
mod resealed;
mod shape;
mod support;
