//! Operators that users make.

use super::expression::Operator;
use super::object::Signature;
use super::option::Definition;
use super::{Name, QualifiedName, TypeName};

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

/// `CREATE OPERATOR CLASS …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateOperatorClass<'a> {
    /// Its name.
    pub name: QualifiedName<'a>,
    /// `DEFAULT`
    pub is_default: bool,
    /// `FOR TYPE …`
    pub of: TypeName<'a>,
    /// `USING method`
    pub method: Name<'a>,
    /// `FAMILY …`
    pub family: Option<QualifiedName<'a>>,
    /// `AS …`
    pub items: &'a [ClassItem<'a>],
}

/// `CREATE OPERATOR FAMILY …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateOperatorFamily<'a> {
    /// Its name.
    pub name: QualifiedName<'a>,
    /// `USING method`
    pub method: Name<'a>,
}

/// `ALTER OPERATOR FAMILY … ADD …`, `… DROP …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterOperatorFamily<'a> {
    /// Its name.
    pub name: QualifiedName<'a>,
    /// `USING method`
    pub method: Name<'a>,
    /// What is added.
    pub added: &'a [ClassItem<'a>],
    /// What is dropped.
    pub dropped: &'a [DroppedItem<'a>],
}

/// What an operator class, or a family, holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClassItem<'a> {
    /// `OPERATOR number operator [(left, right)] [FOR ORDER BY family]`
    Operator {
        /// Its strategy.
        number: i32,
        /// It.
        operator: Operator<'a>,
        /// The types of its operands.
        operands: Option<[Option<TypeName<'a>>; 2]>,
        /// By which family its results are ordered, if rows are had in the order of these.
        order_by: Option<QualifiedName<'a>>,
    },
    /// `FUNCTION number [(left, right)] function (…)`
    Function {
        /// What it is for.
        number: i32,
        /// The types that it is for.
        of: Option<&'a [TypeName<'a>]>,
        /// It.
        function: Signature<'a>,
    },
    /// `STORAGE type`
    Storage(TypeName<'a>),
}

/// `OPERATOR number (left, right)` or `FUNCTION number (left, right)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DroppedItem<'a> {
    /// Whether it is an operator.
    pub is_operator: bool,
    /// Its strategy, or what it is for.
    pub number: i32,
    /// The types that it is for.
    pub of: &'a [TypeName<'a>],
}
