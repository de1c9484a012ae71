//! Range types, and casts that users make or that come with a range type.

use super::Oid;
use super::access::Acl;
use bincode::{Decode, Encode};
use types::catalog::{CastContext, CastMethod};

/// A range type.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct RangeType {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// The type of arrays of it.
    pub array_type: Oid,
    /// The type of its bounds.
    pub subtype: Oid,
    /// The collation by which bounds compare, 0 for a type that has none.
    pub collation: Oid,
    /// The operator class by which bounds compare.
    pub operator_class: Oid,
    /// The function that tells how far bounds lie from each other, 0 without.
    pub difference: Oid,
    /// The type of sets of its ranges.
    pub multirange: Oid,
    /// Who may do what with it.
    pub acl: Acl,
}

/// The type of sets of ranges of a range type.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Multirange {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// The type of arrays of it.
    pub array_type: Oid,
    /// The range type.
    pub range: Oid,
    /// The type of the bounds of its ranges.
    pub subtype: Oid,
    /// Who may do what with it.
    pub acl: Acl,
}

/// A cast from one type to another.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Cast {
    /// Its number.
    pub oid: Oid,
    /// From which type.
    pub source: Oid,
    /// To which type.
    pub target: Oid,
    /// When it is made.
    pub when: CastWhen,
    /// How it is made.
    pub way: CastWay,
}

/// When a cast is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum CastWhen {
    /// Without being asked for.
    Implicit,
    /// Where a value goes into a column.
    Assignment,
    /// Where it is asked for.
    Explicit,
}

/// How a cast is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum CastWay {
    /// The values are the same.
    Binary,
    /// By a function.
    Function(Oid),
    /// Through the text form.
    Text,
}

impl CastWhen {
    /// The same as [`types`] says it.
    pub fn context(self) -> CastContext {
        match self {
            CastWhen::Implicit => CastContext::Implicit,
            CastWhen::Assignment => CastContext::Assignment,
            CastWhen::Explicit => CastContext::Explicit,
        }
    }
}

impl CastWay {
    /// The same as [`types`] says it.
    pub fn method(self) -> CastMethod {
        match self {
            CastWay::Binary => CastMethod::Binary,
            CastWay::Function(function) => CastMethod::Function(function),
            CastWay::Text => CastMethod::Text,
        }
    }
}
