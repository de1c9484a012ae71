//! What every error that a user may see has in common: a SQLSTATE, a message, and what goes with it.
//!
//! Each crate of the language has an error enum of its own; this is the face that all of them show to a session, a client
//! and the shell. Nothing here knows where an error comes from.

#![forbid(unsafe_code)]

mod room;
mod sqlstate;

pub use room::{OutOfRoom, VALUE_MAX, room};
pub use sqlstate::SqlState;

use std::fmt;

/// An error or notice as PostgreSQL's protocol tells it. Its message is its `Display`.
pub trait Diagnostic: fmt::Display {
    /// Its class and kind.
    fn sqlstate(&self) -> SqlState;

    /// `DETAIL`: what exactly was found.
    fn detail(&self) -> Option<String> {
        None
    }

    /// `HINT`: what to do about it.
    fn hint(&self) -> Option<String> {
        None
    }

    /// `CONTEXT`: where in what was given it was found.
    fn context(&self) -> Option<String> {
        None
    }

    /// Byte offset into the statement's text.
    fn position(&self) -> Option<u32> {
        None
    }

    /// The text that the position is in, where that is none that was sent: SQL within a function.
    fn query(&self) -> Option<String> {
        None
    }

    /// By which routine of PostgreSQL's it is told, where programs go by that: some prepare a statement anew after one error only.
    fn routine(&self) -> Option<&'static str> {
        None
    }

    /// The object it is about, where one is named to programs.
    fn subject(&self) -> Subject {
        Subject::default()
    }
}

/// Names of what an error is about, for programs (fields `s`, `t`, `c`, `d`, `n` of the protocol).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// Its schema.
    pub schema: Option<String>,
    /// Its table.
    pub table: Option<String>,
    /// Its column.
    pub column: Option<String>,
    /// Its data type.
    pub data_type: Option<String>,
    /// Its constraint.
    pub constraint: Option<String>,
}
