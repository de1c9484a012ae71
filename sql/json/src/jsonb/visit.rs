//! A document as a sequence, without recursion.

use super::{Array, ENTRY, Items, Object, Value};

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

/// An array or object that is open.
struct Level<'a> {
    items: Items<'a>,
    is_object: bool,
    /// How many steps have been made: an element of an array is one, a name and a value of an object two.
    steps: usize,
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
                self.levels.push(Level { items: array.items, is_object: false, steps: 0 });
                Visit::ArrayStart(array)
            }
            Value::Object(object) => {
                self.levels.push(Level { items: object.items, is_object: true, steps: 0 });
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
        let level = self.levels.last_mut()?;
        let (items, step) = (level.items, level.steps);
        level.steps += 1;
        if !level.is_object {
            if step < items.count() {
                return Some(self.enter(items.value(step)));
            }
            self.levels.pop();
            return Some(Visit::ArrayEnd);
        }
        let field = step / 2;
        if field == items.count() {
            self.levels.pop();
            return Some(Visit::ObjectEnd);
        }
        match step.is_multiple_of(2) {
            true => Some(Visit::Key(items.name(field))),
            false => Some(self.enter(items.value(items.count() + field))),
        }
    }
}
