//! Indexes that do not have the values of their keys in one order, but entries made of them (`types::entry`): what is asked of
//! them.
//!
//! What is found by entries is a superset of what was asked for: whoever reads rows by them looks at the condition again.

use crate::expression::{Expression, ExpressionKind};
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

/// That rows come by how far a key of an index is from a value, the nearest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// The key's place.
    pub place: u32,
    /// What its entries are made of.
    pub kind: EntryKind,
    /// The distances that rows come in the order of: calls with a key on the left, and on the right what it is far from. The first is
    /// that of the key.
    pub by: Vec<Expression>,
}

impl Nearest {
    /// What keys are far from.
    pub fn values(&self) -> impl Iterator<Item = &Expression> {
        self.by.iter().filter_map(|distance| match &distance.kind {
            ExpressionKind::Call(call) => call.arguments.get(1),
            _ => None, // a distance is a call
        })
    }
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
