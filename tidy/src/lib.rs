//! The house rules, as functions over the sources; `tests/tidy.rs` applies them to the whole workspace.
//!
//! Nothing here understands Rust fully: [`source`] blanks out comments and literals, and the rules look at what is
//! left. That is enough for rules about names, lengths and imports, and keeps the test within a second.

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods)] // it reads the sources themselves, which belong to no simulated world

pub mod imports;
pub mod layers;
pub mod leftovers;
pub mod lengths;
pub mod module_text;
pub mod source;
pub mod unrun;
pub mod workspace;
