//! POSIX regular expressions, as PostgreSQL writes them.
//!
//! A pattern is translated once and kept. What differs from PostgreSQL: where a branch of an alternation begins like another, the first
//! that leads to a match is taken and not the longest.

pub(crate) mod find;
pub(crate) mod similar;
pub(crate) mod translate;
