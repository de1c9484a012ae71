//! Expressions of a body that are so short that they are computed at once: variables, constants, and whole numbers added,
//! taken away, multiplied and compared. What overflows is left to the functions themselves, which know the words.

use plan::expression::{Expression, ExpressionKind};
use types::Value;

/// How deep such an expression nests at most.
const DEPTH: u32 = 8;

/// An expression that needs nothing but variables.
#[derive(Debug)]
pub(crate) enum Quick {
    Constant(Value),
    Variable(usize),
    Add(Box<[Quick; 2]>),
    Subtract(Box<[Quick; 2]>),
    Multiply(Box<[Quick; 2]>),
    Compare(Comparison, Box<[Quick; 2]>),
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Quick {
    /// An expression, if it is such a one.
    pub fn of(expression: &Expression) -> Option<Quick> {
        Quick::within(expression, DEPTH)
    }

    fn within(expression: &Expression, depth: u32) -> Option<Quick> {
        let depth = depth.checked_sub(1)?;
        match &expression.kind {
            ExpressionKind::Constant(value) => Some(Quick::Constant(value.clone())),
            ExpressionKind::Parameter(number) => Some(Quick::Variable(*number as usize)),
            ExpressionKind::Call(call) => {
                let [left, right] = &call.arguments[..] else { return None };
                let source = functions::table::function(call.function.0)?.source;
                let pair = || Some(Box::new([Quick::within(left, depth)?, Quick::within(right, depth)?]));
                let comparison = match source {
                    "int4pl" | "int8pl" => return Some(Quick::Add(pair()?)),
                    "int4mi" | "int8mi" => return Some(Quick::Subtract(pair()?)),
                    "int4mul" | "int8mul" => return Some(Quick::Multiply(pair()?)),
                    "int4eq" | "int8eq" => Comparison::Equal,
                    "int4ne" | "int8ne" => Comparison::NotEqual,
                    "int4lt" | "int8lt" => Comparison::Less,
                    "int4le" | "int8le" => Comparison::LessOrEqual,
                    "int4gt" | "int8gt" => Comparison::Greater,
                    "int4ge" | "int8ge" => Comparison::GreaterOrEqual,
                    _ => return None,
                };
                Some(Quick::Compare(comparison, pair()?))
            }
            _ => None, // all others are computed as they are everywhere
        }
    }

    /// Its value; none where it is better computed by the functions themselves.
    pub fn value(&self, variables: &[Value]) -> Option<Value> {
        match self {
            Quick::Constant(value) => Some(value.clone()),
            Quick::Variable(number) => variables.get(*number).cloned(),
            Quick::Add(pair) => number(pair, variables, i32::checked_add, i64::checked_add),
            Quick::Subtract(pair) => number(pair, variables, i32::checked_sub, i64::checked_sub),
            Quick::Multiply(pair) => number(pair, variables, i32::checked_mul, i64::checked_mul),
            Quick::Compare(comparison, pair) => {
                let order = match (pair[0].value(variables)?, pair[1].value(variables)?) {
                    (Value::Null, _) | (_, Value::Null) => return Some(Value::Null),
                    (Value::Int32(left), Value::Int32(right)) => left.cmp(&right),
                    (Value::Int64(left), Value::Int64(right)) => left.cmp(&right),
                    _ => return None,
                };
                Some(Value::Bool(match comparison {
                    Comparison::Equal => order.is_eq(),
                    Comparison::NotEqual => order.is_ne(),
                    Comparison::Less => order.is_lt(),
                    Comparison::LessOrEqual => order.is_le(),
                    Comparison::Greater => order.is_gt(),
                    Comparison::GreaterOrEqual => order.is_ge(),
                }))
            }
        }
    }
}

fn number(
    pair: &[Quick; 2],
    variables: &[Value],
    narrow: fn(i32, i32) -> Option<i32>,
    wide: fn(i64, i64) -> Option<i64>,
) -> Option<Value> {
    match (pair[0].value(variables)?, pair[1].value(variables)?) {
        (Value::Null, _) | (_, Value::Null) => Some(Value::Null),
        (Value::Int32(left), Value::Int32(right)) => narrow(left, right).map(Value::Int32),
        (Value::Int64(left), Value::Int64(right)) => wide(left, right).map(Value::Int64),
        _ => None,
    }
}
