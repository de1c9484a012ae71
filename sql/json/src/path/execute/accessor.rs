//! Accessors: from an item to those below it.

use super::{Executor, Found, Item, again, single_number};
use crate::MAX_RECURSION;
use crate::error::{JsonError, JsonResult, PathError};
use crate::jsonb::Value;
use crate::path::tree::{Accessor, Expression, LAST_LEVEL};

/// The levels that `.**` wants, and what to apply to what is there.
#[derive(Clone, Copy)]
struct Levels<'a> {
    rest: &'a [Accessor],
    first: u32,
    last: u32,
}

impl<'a> Executor<'a> {
    /// Applies accessors to an item; without any, it is found.
    pub(super) fn apply(
        &mut self,
        accessors: &'a [Accessor],
        item: Item<'a>,
        found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        self.apply_opening(accessors, item, found, self.lax)
    }

    /// The same; `open`: whether an accessor that takes no arrays is applied to their elements.
    fn apply_opening(
        &mut self,
        accessors: &'a [Accessor],
        item: Item<'a>,
        mut found: Found<'_, 'a>,
        open: bool,
    ) -> JsonResult<bool> {
        let (mut accessors, mut item, mut open) = (accessors, item, open);
        // Names that lead straight on are the common case and need no recursion.
        while let [Accessor::Key(name), rest @ ..] = accessors
            && let Item::Value(Value::Object(object)) = item
        {
            match object.get(name) {
                Some(value) => (accessors, item, open) = (rest, Item::Value(value), self.lax),
                None if self.forgiving => return Ok(false),
                None => return Err(PathError::NoKey(name.clone()).into()),
            }
        }
        let Some((accessor, rest)) = accessors.split_first() else {
            if let Some(found) = &mut found {
                found.push(item);
            }
            return Ok(true);
        };
        self.depth += 1;
        if self.depth > MAX_RECURSION {
            return Err(JsonError::TooDeep);
        }
        let result = if open && opens(accessor) && matches!(item, Item::Value(Value::Array(_))) {
            self.children(accessors, item, found, false)
        } else {
            self.accessor(accessor, rest, item, found)
        };
        self.depth -= 1;
        result
    }

    fn accessor(
        &mut self,
        accessor: &'a Accessor,
        rest: &'a [Accessor],
        item: Item<'a>,
        found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        match accessor {
            // Objects have been seen to.
            Accessor::Key(_) => self.forgive(PathError::MemberOfNonObject),
            Accessor::AnyKey => match item {
                Item::Value(Value::Object(_)) => self.children(rest, item, found, self.lax),
                Item::Value(_) | Item::Moment(_) => self.forgive(PathError::WildcardOfNonObject),
            },
            Accessor::AnyElement => match item {
                Item::Value(Value::Array(_)) => self.children(rest, item, found, self.lax),
                Item::Value(_) | Item::Moment(_) if self.lax => self.apply(rest, item, found),
                Item::Value(_) | Item::Moment(_) => self.forgive(PathError::WildcardOfNonArray),
            },
            Accessor::Subscript(ranges) => {
                if !self.lax && !matches!(item, Item::Value(Value::Array(_))) {
                    return self.forgive(PathError::SubscriptOfNonArray);
                }
                let outer = self.array_size;
                let result = self.subscript(ranges, rest, item, found);
                self.array_size = outer;
                result
            }
            Accessor::AnyLevel { first, last } => {
                self.any_level(Levels { rest, first: *first, last: *last }, item, found)
            }
            Accessor::Filter(predicate) => match self.filter(predicate, item)? {
                Some(true) => self.apply(rest, item, found),
                Some(false) | None => Ok(false),
            },
            Accessor::Method(method) => self.method(*method, rest, item, found),
            Accessor::Datetime(template) => self.datetime(template.as_deref(), rest, item, found),
        }
    }

    /// Structure that is not there: nothing, or an error.
    pub(super) fn forgive(&self, error: PathError) -> JsonResult<bool> {
        if self.forgiving { Ok(false) } else { Err(error.into()) }
    }

    /// Applies accessors to all that an array or object holds.
    fn children(
        &mut self,
        accessors: &'a [Accessor],
        item: Item<'a>,
        mut found: Found<'_, 'a>,
        open: bool,
    ) -> JsonResult<bool> {
        let mut any = false;
        for child in children_of(item) {
            any = self.apply_opening(accessors, Item::Value(child), again(&mut found), open)?;
            if any && found.is_none() {
                return Ok(true);
            }
        }
        Ok(any)
    }

    fn any_level(
        &mut self,
        levels: Levels<'a>,
        item: Item<'a>,
        mut found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        let forgiving = std::mem::replace(&mut self.forgiving, true);
        let result = self.own_and_lower_levels(levels, item, &mut found);
        self.forgiving = forgiving;
        result
    }

    fn own_and_lower_levels(
        &mut self,
        levels: Levels<'a>,
        item: Item<'a>,
        found: &mut Found<'_, 'a>,
    ) -> JsonResult<bool> {
        let scalar = match item {
            Item::Value(value) => value.is_scalar(),
            Item::Moment(_) => true,
        };
        let mut any = false;
        if levels.first == 0 {
            // Where errors are suppressed, PostgreSQL forgets one of the item itself if there is something below it.
            any = if self.throwing || scalar {
                self.apply(levels.rest, item, again(found))?
            } else {
                self.suppressing(|executor| executor.apply(levels.rest, item, again(found)))? == Some(true)
            };
            if any && found.is_none() {
                return Ok(true);
            }
        }
        if scalar { Ok(any) } else { self.descend(levels, item, 1, again(found)) }
    }

    fn descend(
        &mut self,
        levels: Levels<'a>,
        item: Item<'a>,
        level: u32,
        mut found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        if level > levels.last {
            return Ok(false);
        }
        if level as usize + self.depth > MAX_RECURSION {
            return Err(JsonError::TooDeep);
        }
        let leaves_only = levels.first == LAST_LEVEL && levels.last == LAST_LEVEL;
        let mut any = false;
        for child in children_of(item) {
            if level >= levels.first || (leaves_only && child.is_scalar()) {
                any = self.apply(levels.rest, Item::Value(child), again(&mut found))?;
                if any && found.is_none() {
                    return Ok(true);
                }
            }
            if level < levels.last && !child.is_scalar() {
                any = self.descend(levels, Item::Value(child), level + 1, again(&mut found))?;
                if any && found.is_none() {
                    return Ok(true);
                }
            }
        }
        Ok(any)
    }

    fn subscript(
        &mut self,
        ranges: &'a [(Expression, Option<Expression>)],
        rest: &'a [Accessor],
        item: Item<'a>,
        mut found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        let array = match item {
            Item::Value(Value::Array(array)) => Some(array),
            Item::Value(_) | Item::Moment(_) => None,
        };
        let size = array.map_or(1, |array| array.len());
        let mut any = false;
        for (from, to) in ranges {
            self.array_size = Some(size);
            let from = self.index(from, item)?;
            let to = match to {
                Some(to) => self.index(to, item)?,
                None => from,
            };
            let count = i64::try_from(size).unwrap_or(i64::MAX);
            if !self.forgiving && (from < 0 || from > to || to >= count) {
                return Err(PathError::SubscriptOutOfBounds.into());
            }
            for index in from.max(0)..=to.min(count - 1) {
                let element = match array {
                    Some(array) => match array.get(index as usize) {
                        Some(element) => Item::Value(element),
                        None => continue,
                    },
                    None => item,
                };
                if self.apply(rest, element, again(&mut found))? {
                    any = true;
                    if found.is_none() {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(any)
    }

    fn index(&mut self, expression: &'a Expression, item: Item<'a>) -> JsonResult<i64> {
        let mut items = Vec::new();
        self.evaluate(expression, item, Some(&mut items))?;
        let number = single_number(&items).ok_or(PathError::SubscriptNotNumeric)?;
        let index = number.truncated().and_then(|index| i32::try_from(index).ok());
        Ok(i64::from(index.ok_or(PathError::SubscriptRange)?))
    }
}

/// Whether an accessor is applied to the elements of an array rather than to the array, on a lax path.
fn opens(accessor: &Accessor) -> bool {
    use crate::path::tree::Method;
    match accessor {
        Accessor::Key(_) | Accessor::AnyKey | Accessor::Filter(_) | Accessor::Datetime(_) => true,
        Accessor::Method(Method::Type | Method::Size) => false,
        Accessor::Method(
            Method::Abs | Method::Floor | Method::Ceiling | Method::Double | Method::KeyValue,
        ) => true,
        Accessor::AnyElement | Accessor::Subscript(_) | Accessor::AnyLevel { .. } => false,
    }
}

fn children_of<'a>(item: Item<'a>) -> impl Iterator<Item = Value<'a>> {
    let (array, object) = match item {
        Item::Value(Value::Array(array)) => (Some(array), None),
        Item::Value(Value::Object(object)) => (None, Some(object)),
        Item::Value(_) | Item::Moment(_) => (None, None),
    };
    let elements = array.into_iter().flat_map(|array| array.iter());
    elements.chain(object.into_iter().flat_map(|object| object.iter().map(|(_, value)| value)))
}
