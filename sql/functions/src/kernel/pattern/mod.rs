//! Functions of POSIX regular expressions; the crate `pattern` knows what they match.
//!
//! A pattern is compiled once and kept.

pub(crate) mod count;
pub(crate) mod find;
pub(crate) mod options;
pub(crate) mod similar;
