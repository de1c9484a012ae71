//! Operators that users make.

use super::TypeName;
use super::expression::Operator;
use super::option::Definition;

/// `CREATE OPERATOR …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateOperator<'a> {
    /// Its symbol, perhaps with a schema.
    pub name: Operator<'a>,
    /// `(name = value, …)`
    pub options: &'a [Definition<'a>],
}

/// `ALTER OPERATOR … SET (…)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterOperator<'a> {
    /// Its symbol, perhaps with a schema.
    pub name: Operator<'a>,
    /// The types of its operands.
    pub operands: [Option<TypeName<'a>>; 2],
    /// `(name = value, …)`
    pub options: &'a [Definition<'a>],
}
