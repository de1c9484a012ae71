//! PostgreSQL's `json` and `jsonb`: text as it was written, a binary form that is addressed without decoding it, and paths.
//!
//! * [`text`]: what JSON is, as text: validation, access that builds no tree, writing.
//! * [`jsonb`]: the binary form: reading and writing it, operators, changes, order, keys.
//! * [`build`]: documents out of values that somebody else has rendered.
//! * [`path`]: jsonpath: its text, its tree, what it finds in a document.
//! * [`number`]: numbers within documents.
//!
//! Invariants
//!
//! 1. What PostgreSQL 15 accepts is accepted, with the same result; what it refuses is refused with the same words.
//! 2. Nothing that follows the nesting of a document recurses, except where a depth is counted and bounded: a document
//!    of [`MAX_DEPTH`] levels needs no more stack than a flat one.
//! 3. No input makes anything here panic, neither text nor bytes.

#![forbid(unsafe_code)]

pub mod build;
pub mod error;
pub mod jsonb;
pub mod number;
pub mod path;
pub mod text;

pub use error::{JsonError, JsonResult};
pub use jsonb::{Jsonb, Value};
pub use path::JsonPath;

/// How deep a document may nest. PostgreSQL's limit depends on its stack and lies a little higher.
pub const MAX_DEPTH: usize = 10_000;

/// How deep paths recurse, in their own text and in documents, so that half a megabyte of stack is enough.
pub const MAX_RECURSION: usize = 250;
