//! Expressions of the model: as SQL writes them, and what they give.
//!
//! Nothing in them fails: numbers stay small, and nothing is divided but where a `CASE` has looked at it. So when an expression is evaluated, and how often, is
//! left to the engine.

use crate::value::Value;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// All of them.
    pub const ALL: [Comparison; 6] = [
        Comparison::Equal,
        Comparison::Less,
        Comparison::Greater,
        Comparison::LessOrEqual,
        Comparison::GreaterOrEqual,
        Comparison::Unequal,
    ];

    /// In SQL.
    pub fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::Unequal => "<>",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }

    /// Whether it holds for two values that are known.
    pub fn holds(self, left: &Value, right: &Value) -> bool {
        match self {
            Comparison::Equal => left == right,
            Comparison::Unequal => left != right,
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
        }
    }
}

/// An expression over the columns of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// A column by its name.
    Column(String),
    /// A value.
    Value(Value),
    /// Both sides are of one type.
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `AND`
    And(Box<Expression>, Box<Expression>),
    /// `OR`
    Or(Box<Expression>, Box<Expression>),
    /// `NOT`
    Not(Box<Expression>),
    /// `IS NULL`
    IsNull(Box<Expression>),
    /// `IN` a list of values, or of parameters.
    In(Box<Expression>, Vec<Expression>),
    /// A number and a small one.
    Plus(Box<Expression>, i64),
    /// `coalesce` with a value.
    Coalesce(Box<Expression>, Value),
    /// A number divided by another, which something around it keeps from being 0.
    Quotient(i64, Box<Expression>),
}

impl Expression {
    /// A column.
    pub fn column(name: &str) -> Expression {
        Expression::Column(name.to_owned())
    }

    /// In SQL; columns carry `prefix`.
    pub fn sql(&self, prefix: &str) -> String {
        match self {
            Expression::Column(name) => format!("{prefix}{name}"),
            Expression::Value(value) => value.literal(),
            Expression::Compare(how, left, right) => {
                format!("({} {} {})", left.sql(prefix), how.sign(), right.sql(prefix))
            }
            Expression::And(left, right) => format!("({} AND {})", left.sql(prefix), right.sql(prefix)),
            Expression::Or(left, right) => format!("({} OR {})", left.sql(prefix), right.sql(prefix)),
            Expression::Not(inner) => format!("(NOT {})", inner.sql(prefix)),
            Expression::IsNull(inner) => format!("({} IS NULL)", inner.sql(prefix)),
            Expression::In(inner, values) => {
                let values: Vec<String> = values.iter().map(|value| value.sql(prefix)).collect();
                format!("({} IN ({}))", inner.sql(prefix), values.join(", "))
            }
            Expression::Plus(inner, number) if *number < 0 => {
                format!("({} - {})", inner.sql(prefix), number.unsigned_abs())
            }
            Expression::Plus(inner, number) => format!("({} + {number})", inner.sql(prefix)),
            Expression::Coalesce(inner, value) => {
                format!("coalesce({}, {})", inner.sql(prefix), value.literal())
            }
            Expression::Quotient(number, by) => format!("({number} / {})", by.sql(prefix)),
        }
    }

    /// What it gives for a row.
    pub fn value(&self, row: &dyn Fn(&str) -> Value) -> Value {
        match self {
            Expression::Column(name) => row(name),
            Expression::Value(value) => value.clone(),
            Expression::Compare(how, left, right) => match (left.value(row), right.value(row)) {
                (Value::Null, _) | (_, Value::Null) => Value::Null,
                (left, right) => Value::Bool(how.holds(&left, &right)),
            },
            Expression::And(left, right) => truth(match (left.is_true(row), right.is_true(row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                (None, _) | (_, None) => None,
            }),
            Expression::Or(left, right) => truth(match (left.is_true(row), right.is_true(row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                (None, _) | (_, None) => None,
            }),
            Expression::Not(inner) => truth(inner.is_true(row).map(|truth| !truth)),
            Expression::IsNull(inner) => Value::Bool(inner.value(row).is_null()),
            Expression::In(inner, values) => {
                let value = inner.value(row);
                let values: Vec<Value> = values.iter().map(|value| value.value(row)).collect();
                if value.is_null() {
                    Value::Null
                } else if values.contains(&value) {
                    Value::Bool(true)
                } else if values.contains(&Value::Null) {
                    Value::Null
                } else {
                    Value::Bool(false)
                }
            }
            Expression::Plus(inner, number) => match inner.value(row) {
                Value::Int(value) => Value::Int(value + number),
                _ => Value::Null,
            },
            Expression::Coalesce(inner, value) => match inner.value(row) {
                Value::Null => value.clone(),
                found => found,
            },
            Expression::Quotient(number, by) => match by.value(row) {
                Value::Int(by) => number.checked_div(by).map_or(Value::Null, Value::Int),
                Value::Text(_) | Value::Bool(_) | Value::Null => Value::Null,
            },
        }
    }

    /// Whether it holds for a row; none for NULL.
    pub fn is_true(&self, row: &dyn Fn(&str) -> Value) -> Option<bool> {
        match self.value(row) {
            Value::Bool(truth) => Some(truth),
            Value::Int(_) | Value::Text(_) | Value::Null => None,
        }
    }

    /// The same with parameters for the values that something is compared with; those of them come behind what is there.
    #[must_use]
    pub fn with_parameters(&self, given: &mut Vec<Value>) -> Expression {
        let mut inner = |of: &Expression| Box::new(of.with_parameters(given));
        match self {
            Expression::Compare(how, left, right) => {
                let left = left.with_parameters(given).into();
                let right = match &**right {
                    Expression::Value(_) => right.as_parameter(given),
                    right => right.with_parameters(given),
                };
                Expression::Compare(*how, left, right.into())
            }
            Expression::In(of, values) => {
                let of = of.with_parameters(given).into();
                Expression::In(of, values.iter().map(|value| value.as_parameter(given)).collect())
            }
            Expression::And(left, right) => {
                let left = inner(left);
                Expression::And(left, inner(right))
            }
            Expression::Or(left, right) => {
                let left = inner(left);
                Expression::Or(left, inner(right))
            }
            Expression::Not(of) => Expression::Not(inner(of)),
            Expression::IsNull(of) => Expression::IsNull(inner(of)),
            Expression::Column(_)
            | Expression::Value(_)
            | Expression::Plus(..)
            | Expression::Coalesce(..)
            | Expression::Quotient(..) => self.clone(),
        }
    }

    /// A parameter in the place of a number.
    fn as_parameter(&self, given: &mut Vec<Value>) -> Expression {
        match self {
            Expression::Value(value @ Value::Int(_)) => {
                given.push(value.clone());
                Expression::Column(format!("${}", given.len()))
            }
            other => other.clone(),
        }
    }

    /// The first comparison of it holds of a little more.
    pub fn weaken(&mut self) {
        match self {
            Expression::Compare(how, ..) => {
                *how = match how {
                    Comparison::Less | Comparison::Equal => Comparison::LessOrEqual,
                    Comparison::Greater => Comparison::GreaterOrEqual,
                    Comparison::Unequal | Comparison::LessOrEqual | Comparison::GreaterOrEqual => *how,
                }
            }
            Expression::And(first, _) | Expression::Or(first, _) => first.weaken(),
            Expression::Not(_)
            | Expression::IsNull(_)
            | Expression::In(..)
            | Expression::Plus(..)
            | Expression::Coalesce(..)
            | Expression::Quotient(..)
            | Expression::Column(_)
            | Expression::Value(_) => {}
        }
    }

    /// A column gets another name.
    pub fn rename(&mut self, from: &str, to: &str) {
        match self {
            Expression::Column(name) if name == from => *name = to.to_owned(),
            Expression::Column(_) | Expression::Value(_) => {}
            Expression::Compare(_, left, right)
            | Expression::And(left, right)
            | Expression::Or(left, right) => {
                left.rename(from, to);
                right.rename(from, to);
            }
            Expression::Not(inner)
            | Expression::IsNull(inner)
            | Expression::In(inner, _)
            | Expression::Plus(inner, _)
            | Expression::Coalesce(inner, _)
            | Expression::Quotient(_, inner) => inner.rename(from, to),
        }
    }

    /// Whether it reads the column.
    pub fn reads(&self, column: &str) -> bool {
        match self {
            Expression::Column(name) => name == column,
            Expression::Value(_) => false,
            Expression::Compare(_, left, right)
            | Expression::And(left, right)
            | Expression::Or(left, right) => left.reads(column) || right.reads(column),
            Expression::Not(inner)
            | Expression::IsNull(inner)
            | Expression::In(inner, _)
            | Expression::Plus(inner, _)
            | Expression::Coalesce(inner, _)
            | Expression::Quotient(_, inner) => inner.reads(column),
        }
    }
}

fn truth(truth: Option<bool>) -> Value {
    truth.map_or(Value::Null, Value::Bool)
}
