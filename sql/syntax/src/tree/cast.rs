//! Casts that users make.

use super::TypeName;
use super::object::Signature;

/// `CREATE CAST (source AS target) …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateCast<'a> {
    /// From which type.
    pub source: TypeName<'a>,
    /// To which type.
    pub target: TypeName<'a>,
    /// How it is made.
    pub by: CastBy<'a>,
    /// When it is made.
    pub when: CastUse,
}

/// How a cast is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CastBy<'a> {
    /// `WITH FUNCTION f(…)`
    Function(Signature<'a>),
    /// `WITHOUT FUNCTION`
    Nothing,
    /// `WITH INOUT`
    Text,
}

/// When a cast is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastUse {
    /// Where it is asked for.
    Explicit,
    /// `AS ASSIGNMENT`
    Assignment,
    /// `AS IMPLICIT`
    Implicit,
}
