//! A session: statement by statement, from text to rows.

#![forbid(unsafe_code)]

pub mod settings;
