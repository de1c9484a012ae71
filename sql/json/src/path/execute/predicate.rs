//! Predicates: true, false or unknown, in which errors end that may.

use super::{Executor, Item, Truth, is_suppressible};
use crate::error::JsonResult;
use crate::jsonb::Value;
use crate::path::datetime;
use crate::path::tree::{Comparison, Expression};
use std::cmp::Ordering;

impl<'a> Executor<'a> {
    /// Whether a filter lets an item pass.
    pub(super) fn filter(&mut self, predicate: &'a Expression, item: Item<'a>) -> JsonResult<Truth> {
        let outer = self.current.replace(item);
        let result = self.truth(predicate, item);
        self.current = outer;
        result
    }

    /// What a predicate says of an item.
    pub(super) fn truth(&mut self, predicate: &'a Expression, item: Item<'a>) -> JsonResult<Truth> {
        match predicate {
            Expression::And(left, right) => {
                let left = self.truth(left, item)?;
                if left == Some(false) {
                    return Ok(left);
                }
                let right = self.truth(right, item)?;
                Ok(if right == Some(true) { left } else { right })
            }
            Expression::Or(left, right) => {
                let left = self.truth(left, item)?;
                if left == Some(true) {
                    return Ok(left);
                }
                let right = self.truth(right, item)?;
                Ok(if right == Some(false) { left } else { right })
            }
            Expression::Not(operand) => Ok(self.truth(operand, item)?.map(|truth| !truth)),
            Expression::IsUnknown(operand) => Ok(Some(self.truth(operand, item)?.is_none())),
            Expression::Exists(operand) => self.exists(operand, item),
            Expression::Compare(comparison, left, right) => {
                let Some(left) = self.items(left, item, true)? else { return Ok(None) };
                let Some(right) = self.items(right, item, true)? else { return Ok(None) };
                self.any_pair(&left, &right, |executor, one, two| executor.compare(*comparison, one, two))
            }
            Expression::StartsWith(whole, initial) => {
                let Some(whole) = self.items(whole, item, true)? else { return Ok(None) };
                let Some(initial) = self.items(initial, item, false)? else { return Ok(None) };
                self.any_pair(&whole, &initial, |_, whole, initial| Ok(starts_with(whole, initial)))
            }
            Expression::LikeRegex(operand, pattern) => {
                let Some(items) = self.items(operand, item, true)? else { return Ok(None) };
                let nothing = [Item::Value(Value::Null)];
                self.any_pair(&items, &nothing, |_, item, _| match item {
                    Item::Value(Value::String(text)) => pattern.matches(text).map(Some),
                    Item::Value(_) | Item::Moment(_) => Ok(None),
                })
            }
            // The parser has only predicates where one is asked for.
            Expression::Root
            | Expression::Current
            | Expression::Last
            | Expression::Literal(_)
            | Expression::Variable(_)
            | Expression::Chain(..)
            | Expression::Arithmetic(..)
            | Expression::Sign { .. } => Ok(None),
        }
    }

    /// Runs a part of a predicate, in which errors that may be suppressed are `None`.
    pub(super) fn suppressing<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> JsonResult<T>,
    ) -> JsonResult<Option<T>> {
        let throwing = std::mem::replace(&mut self.throwing, false);
        let (depth, forgiving, current) = (self.depth, self.forgiving, self.current);
        let (base, array_size) = (self.base, self.array_size);
        let result = run(self);
        self.throwing = throwing;
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if is_suppressible(&error) => {
                (self.depth, self.forgiving, self.current) = (depth, forgiving, current);
                (self.base, self.array_size) = (base, array_size);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// All items of an operand, opened on a lax path if `open`.
    fn items(
        &mut self,
        expression: &'a Expression,
        item: Item<'a>,
        open: bool,
    ) -> JsonResult<Option<Vec<Item<'a>>>> {
        self.suppressing(|executor| {
            if open {
                return executor.unwrapped(expression, item);
            }
            let mut items = Vec::new();
            executor.evaluate(expression, item, Some(&mut items))?;
            Ok(items)
        })
    }

    fn exists(&mut self, operand: &'a Expression, item: Item<'a>) -> JsonResult<Truth> {
        if self.lax {
            return self.suppressing(|executor| executor.evaluate(operand, item, None));
        }
        Ok(self.items(operand, item, false)?.map(|items| !items.is_empty()))
    }

    /// Whether a test holds for any pair. A lax path is content with the first that does, a strict one wants all to be
    /// known.
    fn any_pair(
        &mut self,
        left: &[Item<'a>],
        right: &[Item<'a>],
        mut test: impl FnMut(&mut Self, Item<'a>, Item<'a>) -> JsonResult<Truth>,
    ) -> JsonResult<Truth> {
        let (mut any, mut unknown) = (false, false);
        for one in left {
            for two in right {
                match test(self, *one, *two)? {
                    Some(true) if self.lax => return Ok(Some(true)),
                    Some(true) => any = true,
                    Some(false) => {}
                    None if self.lax => unknown = true,
                    None => return Ok(None),
                }
            }
        }
        Ok(match (any, unknown) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        })
    }

    fn compare(&mut self, comparison: Comparison, one: Item<'a>, two: Item<'a>) -> JsonResult<Truth> {
        let (one, two) = match (one, two) {
            (Item::Value(one), Item::Value(two)) => (one, two),
            (Item::Moment(one), Item::Moment(two)) => {
                return datetime::compare(self.datetimes, comparison, (one, two), self.zone_aware);
            }
            (Item::Value(Value::Null), Item::Moment(_)) | (Item::Moment(_), Item::Value(Value::Null)) => {
                return Ok(Some(comparison == Comparison::NotEqual));
            }
            (Item::Value(_), Item::Moment(_)) | (Item::Moment(_), Item::Value(_)) => return Ok(None),
        };
        let order = match (one, two) {
            (Value::Null, Value::Null) => Ordering::Equal,
            (Value::Bool(one), Value::Bool(two)) => one.cmp(&two),
            (Value::Number(one), Value::Number(two)) => one.cmp(&two),
            (Value::String(one), Value::String(two)) => one.cmp(two),
            // Null is different from everything else, and neither less nor greater.
            (Value::Null, _) | (_, Value::Null) => return Ok(Some(comparison == Comparison::NotEqual)),
            (
                Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
                _,
            ) => {
                return Ok(None);
            }
        };
        Ok(Some(comparison.holds(order)))
    }
}

fn starts_with(whole: Item<'_>, initial: Item<'_>) -> Truth {
    match (whole, initial) {
        (Item::Value(Value::String(whole)), Item::Value(Value::String(initial))) => {
            Some(whole.starts_with(initial))
        }
        (Item::Value(_) | Item::Moment(_), _) => None,
    }
}
