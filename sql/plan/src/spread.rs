//! Indexes that do not have the values of their keys in one order, but entries made of them (`types::entry`): what is asked of
//! them.
//!
//! What is found by entries is a superset of what was asked for: whoever reads rows by them looks at the condition again.

use crate::expression::Expression;
use types::Type;
pub use types::entry::{EntryKind, Question};

/// A key of such an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpreadKey {
    /// What its entries are made of.
    pub kind: EntryKind,
    /// The family of its operator class, which says what may be asked.
    pub family: u32,
    /// Whether it is asked for nulls.
    pub tells_nulls: bool,
}

/// A question to one key of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// The key's place.
    pub place: u32,
    /// What its entries are made of.
    pub kind: EntryKind,
    /// The key's type.
    pub of: Type,
    /// What is asked.
    pub question: Question,
    /// The value on the right of the operator, if there is one.
    pub value: Option<Expression>,
}
