//! Lists of options, which many statements have: a name and perhaps a value.

use super::expression::{Expression, Operator};
use super::{Name, TypeName};

/// `name = value`, `namespace.name = value`, `name`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Definition<'a> {
    /// `toast` of `toast.autovacuum_enabled`.
    pub namespace: Option<Name<'a>>,
    /// Its name.
    pub name: Name<'a>,
    /// Its value, if one is written.
    pub value: Option<DefinitionValue<'a>>,
}

/// The value of an option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DefinitionValue<'a> {
    /// A word or a type: a word cannot be told from the name of a type.
    Type(TypeName<'a>),
    /// A key word that names nothing: `true`, `on`, `none`.
    Word(&'a str),
    /// A string.
    String(&'a str),
    /// A number.
    Number(Expression<'a>),
    /// An operator.
    Operator(Operator<'a>),
    /// `*`
    Star,
    /// `(a, b)`
    List(&'a [&'a str]),
}

/// A name that says who: a role, or who is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleName<'a> {
    /// Which.
    pub kind: RoleKind<'a>,
    /// Where it stands.
    pub position: u32,
}

/// Who is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum RoleKind<'a> {
    Named(&'a str),
    CurrentRole,
    CurrentUser,
    SessionUser,
    Public,
}

/// `CASCADE`, or `RESTRICT`, which is what is meant if nothing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum DropBehavior {
    Restrict,
    Cascade,
}
