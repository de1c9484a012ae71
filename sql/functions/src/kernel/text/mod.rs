//! Text: length, parts, case, padding, patterns, quoting, putting together.

pub(crate) mod basic;
pub(crate) mod case;
pub(crate) mod cast;
pub(crate) mod identifier;
pub(crate) mod join;
pub(crate) mod like;
pub(crate) mod normal;
pub(crate) mod pad;
pub(crate) mod part;
pub(crate) mod quote;
mod within;
