//! What a path says.

use super::regex::Pattern;
use crate::jsonb::Jsonb;
use crate::number::Operator;

/// Something that yields items, or a predicate, which yields one boolean.
#[derive(Debug, Clone)]
pub enum Expression {
    /// `$`
    Root,
    /// `@`
    Current,
    /// `last`
    Last,
    /// A scalar.
    Literal(Jsonb),
    /// `$name`
    Variable(String),
    /// Something and what is applied to it.
    Chain(Box<Expression>, Vec<Accessor>),
    /// `left + right` and its like.
    Arithmetic(Operator, Box<Expression>, Box<Expression>),
    /// `+ operand` or `- operand`
    Sign {
        /// Whether it is a minus.
        minus: bool,
        /// Its operand.
        operand: Box<Expression>,
    },
    /// `left && right`
    And(Box<Expression>, Box<Expression>),
    /// `left || right`
    Or(Box<Expression>, Box<Expression>),
    /// `!(operand)`
    Not(Box<Expression>),
    /// `(operand) is unknown`
    IsUnknown(Box<Expression>),
    /// `exists (operand)`
    Exists(Box<Expression>),
    /// `left == right` and its like.
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `whole starts with initial`
    StartsWith(Box<Expression>, Box<Expression>),
    /// `operand like_regex "pattern"`
    LikeRegex(Box<Expression>, Box<Pattern>),
}

/// What is applied to an item.
#[derive(Debug, Clone)]
pub enum Accessor {
    /// `.name`
    Key(String),
    /// `.*`
    AnyKey,
    /// `[*]`
    AnyElement,
    /// `[from to to, …]`
    Subscript(Vec<(Expression, Option<Expression>)>),
    /// `.**{first to last}`; [`LAST_LEVEL`] is `last`.
    AnyLevel {
        /// The first level.
        first: u32,
        /// The last level.
        last: u32,
    },
    /// `?(predicate)`
    Filter(Box<Expression>),
    /// `.method()`
    Method(Method),
    /// `.datetime(template)`
    Datetime(Option<String>),
}

/// The level that `last` means.
pub const LAST_LEVEL: u32 = u32::MAX;

/// Methods without arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Method {
    Abs,
    Size,
    Type,
    Floor,
    Double,
    Ceiling,
    KeyValue,
}

impl Method {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Method::Abs => "abs",
            Method::Size => "size",
            Method::Type => "type",
            Method::Floor => "floor",
            Method::Double => "double",
            Method::Ceiling => "ceiling",
            Method::KeyValue => "keyvalue",
        }
    }
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// How it is written.
    pub fn text(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }

    /// Whether it holds of two things in that order.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Expression {
    /// Whether it yields true, false or unknown.
    pub fn is_predicate(&self) -> bool {
        match self {
            Expression::And(..)
            | Expression::Or(..)
            | Expression::Not(_)
            | Expression::IsUnknown(_)
            | Expression::Exists(_)
            | Expression::Compare(..)
            | Expression::StartsWith(..)
            | Expression::LikeRegex(..) => true,
            Expression::Root
            | Expression::Current
            | Expression::Last
            | Expression::Literal(_)
            | Expression::Variable(_)
            | Expression::Chain(..)
            | Expression::Arithmetic(..)
            | Expression::Sign { .. } => false,
        }
    }
}

/// How an operator of arithmetic is written.
pub fn operator_text(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Modulo => "%",
    }
}
