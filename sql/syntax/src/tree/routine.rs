//! Functions and procedures.

use super::expression::Expression;
use super::object::{ObjectKind, Signature};
use super::option::Definition;
use super::session::SetVariable;
use super::statement::Statement;
use super::{Name, QualifiedName, TypeName};

/// `CREATE FUNCTION …`, `CREATE PROCEDURE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateRoutine<'a> {
    /// Whether it is a procedure.
    pub procedure: bool,
    /// `OR REPLACE`
    pub or_replace: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// Its parameters.
    pub parameters: &'a [Parameter<'a>],
    /// What it returns, if that is said.
    pub returns: Option<Returns<'a>>,
    /// What else is said, in order.
    pub options: &'a [RoutineOption<'a>],
    /// `RETURN …`, `BEGIN ATOMIC … END`
    pub body: Option<RoutineBody<'a>>,
}

/// A parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter<'a> {
    /// `IN`, `OUT`, …; `None` if nothing is written, which is `IN`.
    pub mode: Option<ParameterMode>,
    /// Its name.
    pub name: Option<Name<'a>>,
    /// Its type.
    pub type_name: TypeName<'a>,
    /// `DEFAULT …`
    pub default: Option<Expression<'a>>,
}

/// Which way a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum ParameterMode {
    In,
    Out,
    InOut,
    Variadic,
}

/// What a function returns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Returns<'a> {
    /// `RETURNS type`
    Type(TypeName<'a>),
    /// `RETURNS TABLE (…)`
    Table(&'a [(Name<'a>, TypeName<'a>)]),
}

/// An option of a routine, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoutineOption<'a> {
    /// Which.
    pub kind: RoutineOptionKind<'a>,
    /// Where it begins.
    pub position: u32,
}

/// Options of a routine.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // each is what it is called
pub enum RoutineOptionKind<'a> {
    /// `AS body`, `AS file, symbol`
    As(&'a str, Option<&'a str>),
    Language(&'a str),
    /// `TRANSFORM FOR TYPE …`
    Transform(&'a [TypeName<'a>]),
    Window,
    Immutable,
    Stable,
    Volatile,
    /// `STRICT`, `RETURNS NULL ON NULL INPUT`; or `CALLED ON NULL INPUT`.
    Strict(bool),
    /// `SECURITY DEFINER`, not `INVOKER`.
    SecurityDefiner(bool),
    Leakproof(bool),
    Cost(Expression<'a>),
    Rows(Expression<'a>),
    Support(QualifiedName<'a>),
    /// `SET variable …`, `RESET variable`
    Set(SetVariable<'a>),
    Parallel(Name<'a>),
}

/// A body that is no string.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RoutineBody<'a> {
    /// `RETURN …`
    Return {
        /// What.
        value: Expression<'a>,
        /// Where its word begins, and where the value ends.
        start: u32,
        #[allow(missing_docs)] // with `start`
        end: u32,
    },
    /// `BEGIN ATOMIC … END`
    Block(&'a [Statement<'a>]),
}

/// `ALTER FUNCTION …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterRoutine<'a> {
    /// What it says that it alters.
    pub kind: ObjectKind,
    /// Which.
    pub routine: Signature<'a>,
    /// What is said about it from now on.
    pub options: &'a [RoutineOption<'a>],
}

/// `CREATE AGGREGATE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateAggregate<'a> {
    /// `OR REPLACE`
    pub or_replace: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// Its parameters; none in the older form, which has its base type among the options.
    pub parameters: Option<AggregateParameters<'a>>,
    /// Of what it is made.
    pub options: &'a [Definition<'a>],
}

/// The parameters of an aggregate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AggregateParameters<'a> {
    /// All of them.
    pub all: &'a [Parameter<'a>],
    /// How many stand before `ORDER BY`, if that is written.
    pub direct: Option<usize>,
}
