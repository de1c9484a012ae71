//! jsonpath: the language of paths into documents.
//!
//! * [`token`] and [`parser`]: its text. [`tree`]: what it says. [`display`]: its text again, as PostgreSQL writes it: which,
//!   PostgreSQL being as it is, does not always say the same, so what is stored is the text that was read.
//! * [`execute`]: what it finds in a document.
//! * [`datetime`]: what must be known of dates and times, from whoever knows it.
//! * The module `regex`: what `like_regex` matches.

pub mod datetime;
mod display;
mod execute;
mod offset;
mod parser;
mod regex;
mod token;
pub mod tree;

pub use datetime::{Datetimes, Moment, MomentKind};
pub use execute::Query;

use crate::error::JsonResult;
use std::fmt;
use tree::Expression;

/// A path.
#[derive(Debug, Clone)]
pub struct JsonPath {
    pub(crate) lax: bool,
    pub(crate) expression: Expression,
}

impl JsonPath {
    /// Reads a path.
    pub fn parse(text: &str) -> JsonResult<JsonPath> {
        parser::parse(text)
    }

    /// What it says.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// Whether missing structure is forgiven, and arrays are opened and made where they help.
    pub fn is_lax(&self) -> bool {
        self.lax
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        display::write(self, &mut out);
        formatter.write_str(&out)
    }
}
