//! SQL as text: tokens, the tree that a statement is, and the parser between them.
//!
//! * [`lexer`]: PostgreSQL's tokens. [`keyword`]: its key words and their classes.
//! * [`tree`]: the statements, as written: nothing is looked up, nothing is simplified, every node knows its position.
//! * [`parser`]: recursive descent, with binding powers for expressions.
//!
//! A tree lives in an arena (`bumpalo`) and borrows names and strings from the text it was parsed from.
//!
//! Invariants
//!
//! 1. What PostgreSQL 15's parser accepts is accepted, what it refuses is refused at the same token with the same words.
//!    Whether a statement is *supported* is decided by whoever runs it.
//! 2. Nothing here knows a catalog, a type or a setting: parsing depends on the text alone.
//! 3. No input makes the parser panic, and nesting is bounded by a depth that the caller derives from its stack.

#![forbid(unsafe_code)]

pub mod error;
pub mod keyword;
pub mod lexer;
pub mod parser;
pub mod remark;
pub mod standard;
pub mod tree;

pub use error::{SyntaxError, SyntaxErrorKind, SyntaxResult};
pub use parser::{Parser, depth_limit, parse, parse_by};
pub use remark::{Remark, escape_remarks, remarks};
pub use standard::in_standard_form;
