//! A document as a sequence, without recursion.

use super::{Array, ENTRY, Object, Value};

/// A piece of a document.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Visit<'a> {
    ObjectStart(Object<'a>),
    Key(&'a str),
    ObjectEnd,
    ArrayStart(Array<'a>),
    ArrayEnd,
    Scalar(Value<'a>),
}

enum Level<'a> {
    Array { array: Array<'a>, next: usize },
    Object { object: Object<'a>, next: usize, value: Option<Value<'a>> },
}

/// Walks over a document in its order.
pub struct Walk<'a> {
    root: Option<Value<'a>>,
    levels: Vec<Level<'a>>,
    /// How many steps bytes of that length can mean: broken ones could be parts of themselves many times over.
    budget: usize,
}

impl<'a> Walk<'a> {
    /// A walk over all of `value`.
    pub fn new(value: Value<'a>) -> Walk<'a> {
        // Each value and name within has four bytes of its own, each array and object four more.
        Walk { root: Some(value), levels: Vec::new(), budget: value.kind_and_payload().1.len() / ENTRY + 2 }
    }

    fn enter(&mut self, value: Value<'a>) -> Visit<'a> {
        match value {
            Value::Array(array) => {
                self.levels.push(Level::Array { array, next: 0 });
                Visit::ArrayStart(array)
            }
            Value::Object(object) => {
                self.levels.push(Level::Object { object, next: 0, value: None });
                Visit::ObjectStart(object)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Visit::Scalar(value),
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Visit<'a>;

    fn next(&mut self) -> Option<Visit<'a>> {
        self.budget = self.budget.checked_sub(1)?;
        if let Some(root) = self.root.take() {
            return Some(self.enter(root));
        }
        match self.levels.last_mut()? {
            Level::Array { array, next } => match array.get(*next) {
                Some(value) => {
                    *next += 1;
                    Some(self.enter(value))
                }
                None => {
                    self.levels.pop();
                    Some(Visit::ArrayEnd)
                }
            },
            Level::Object { object, next, value } => {
                if let Some(value) = value.take() {
                    return Some(self.enter(value));
                }
                match object.at(*next) {
                    Some((name, found)) => {
                        *next += 1;
                        *value = Some(found);
                        Some(Visit::Key(name))
                    }
                    None => {
                        self.levels.pop();
                        Some(Visit::ObjectEnd)
                    }
                }
            }
        }
    }
}
