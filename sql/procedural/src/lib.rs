//! PL/pgSQL: from a body's text to a tree of statements, and from the tree to what it does.
//!
//! * [`parse`]: the body, read by PostgreSQL's rules and refused in its words; SQL within it is checked for its syntax alone.
//! * [`tree`]: what a body is once it is read; [`names`]: what its names stand for at each of its expressions.
//! * [`settings`]: what settings say of both.
//! * [`run`]: the statements carried out, over a [`Host`] that runs SQL.
//!
//! Invariants
//!
//! 1. Nothing here knows a catalog, a plan or a transaction: who knows is the host.
//! 2. A failure goes up through the statements as it came, with a line of context for each function that it leaves.
//! 3. Bodies nest no deeper than the caller allows, neither when they are read nor when they run.

#![forbid(unsafe_code)]

pub mod conditions;
pub mod failure;
pub mod host;
pub mod names;
pub mod parse;
pub mod run;
pub mod settings;
pub mod tree;

pub use failure::{Failure, Origin, Outcome};
pub use host::{Catalog, Host};
pub use parse::{Declared, compile};
pub use run::{Call, Returned, run};
pub use settings::Settings;
