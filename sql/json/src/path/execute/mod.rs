//! What a path finds in a document.
//!
//! Items are values where they lie: of the document, of the variables, of the path, or in an arena that holds what is
//! made on the way. Whatever goes wrong is an error; a filter and `silent` take those that PostgreSQL suppresses for
//! nothing, all others end the query.
//!
//! Where nothing is collected, the first item found ends the search, errors behind it are never met, and lax and strict
//! differ in that as they do in PostgreSQL.

mod accessor;
mod method;
mod predicate;

use super::JsonPath;
use super::datetime::{Datetimes, Moment};
use super::tree::{Accessor, Expression, operator_text};
use crate::MAX_RECURSION;
use crate::error::{JsonError, JsonResult, PathError};
use crate::jsonb::{Builder, Jsonb, Object, Value};
use crate::number::{self, Number};
use bumpalo::Bump;

/// Something that a path has found.
#[derive(Clone, Copy)]
enum Item<'a> {
    Value(Value<'a>),
    Moment(Moment),
}

/// What a predicate says; `None` is unknown.
type Truth = Option<bool>;

/// Items that are collected, or nobody to collect them: then the first is enough.
type Found<'f, 'a> = Option<&'f mut Vec<Item<'a>>>;

/// Lends `found` once more.
fn again<'g, 'a>(found: &'g mut Found<'_, 'a>) -> Found<'g, 'a> {
    found.as_deref_mut()
}

/// A path, a document and how the one is to be applied to the other.
#[derive(Clone, Copy)]
pub struct Query<'q> {
    /// The path.
    pub path: &'q JsonPath,
    /// The document.
    pub target: Value<'q>,
    /// Values of its variables, an object.
    pub variables: Option<Value<'q>>,
    /// Whether errors that a path may make are nothing.
    pub silent: bool,
    /// Whether comparing what has a zone with what has none takes the session's (functions `…_tz`).
    pub zone_aware: bool,
    /// Whoever knows dates and times.
    pub datetimes: &'q dyn Datetimes,
}

impl<'q> Query<'q> {
    fn run<'a>(&self, arena: &'a Bump, found: Found<'_, 'a>) -> JsonResult<bool>
    where
        'q: 'a,
    {
        let variables = match self.variables {
            None => None,
            Some(Value::Object(object)) => Some(object),
            Some(_) => return Err(PathError::VariablesNotObject.into()),
        };
        let mut executor = Executor {
            lax: self.path.lax,
            forgiving: self.path.lax,
            root: self.target,
            current: None,
            variables,
            throwing: !self.silent,
            base: (self.target, 0),
            next_base: if variables.is_some() { 2 } else { 1 },
            array_size: None,
            depth: 0,
            arena,
            zone_aware: self.zone_aware,
            datetimes: self.datetimes,
        };
        let target = Item::Value(self.target);
        if found.is_none() && !self.path.lax {
            // A strict path must meet all its errors.
            let mut all = Vec::new();
            executor.evaluate(&self.path.expression, target, Some(&mut all))?;
            return Ok(!all.is_empty());
        }
        executor.evaluate(&self.path.expression, target, found)
    }

    /// What an error comes to: nothing, if the query is silent and it may be.
    fn unless_silent<T>(&self, result: JsonResult<T>) -> JsonResult<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.silent && is_suppressible(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `jsonb_path_exists`, and `@?` if silent.
    pub fn exists(&self) -> JsonResult<Option<bool>> {
        let arena = Bump::new();
        self.unless_silent(self.run(&arena, None))
    }

    /// `jsonb_path_match`, and `@@` if silent.
    pub fn matches(&self) -> JsonResult<Option<bool>> {
        let arena = Bump::new();
        let mut found = Vec::new();
        self.unless_silent(self.run(&arena, Some(&mut found)))?;
        if let [Item::Value(value)] = found[..] {
            match value {
                Value::Bool(value) => return Ok(Some(value)),
                Value::Null => return Ok(None),
                Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {}
            }
        }
        if self.silent { Ok(None) } else { Err(PathError::NotSingleBoolean.into()) }
    }

    /// `jsonb_path_query`. An error that is silenced leaves what was found before it.
    pub fn all(&self) -> JsonResult<Vec<Jsonb>> {
        let arena = Bump::new();
        let mut found = Vec::new();
        self.unless_silent(self.run(&arena, Some(&mut found)))?;
        found.into_iter().map(|item| self.document(item)).collect()
    }

    /// `jsonb_path_query_array`.
    pub fn array(&self) -> JsonResult<Jsonb> {
        let found = self.all()?;
        let mut builder = Builder::new();
        builder.begin_array()?;
        found.iter().try_for_each(|item| builder.value(item.value()))?;
        builder.finish()
    }

    /// `jsonb_path_query_first`.
    pub fn first(&self) -> JsonResult<Option<Jsonb>> {
        Ok(self.all()?.into_iter().next())
    }

    fn document(&self, item: Item<'_>) -> JsonResult<Jsonb> {
        match item {
            Item::Value(value) => Ok(value.to_jsonb()),
            Item::Moment(moment) => {
                let mut text = String::new();
                self.datetimes.write(moment, &mut text);
                let mut builder = Builder::new();
                builder.string(&text)?;
                builder.finish()
            }
        }
    }
}

/// Whether a filter and `silent` may take an error for nothing.
fn is_suppressible(error: &JsonError) -> bool {
    match error {
        JsonError::Path(error) => error.is_suppressible(),
        JsonError::NumericOverflow | JsonError::DivisionByZero => true,
        JsonError::Text(_)
        | JsonError::TooDeep
        | JsonError::OutOfRoom(_)
        | JsonError::TooLarge(_)
        | JsonError::Operation(_)
        | JsonError::PathSyntax(_)
        | JsonError::Regex(_)
        | JsonError::WireVersion(_)
        | JsonError::WireShort
        | JsonError::Encoding(_) => false,
    }
}

struct Executor<'a> {
    lax: bool,
    /// Whether missing structure is no error here: on a lax path, and below `.**`.
    forgiving: bool,
    /// Whether errors come to light that may be suppressed.
    throwing: bool,
    root: Value<'a>,
    /// What `@` is.
    current: Option<Item<'a>>,
    variables: Option<Object<'a>>,
    /// The document that the items come from, and its number, for the ids of `keyvalue()`.
    base: (Value<'a>, i64),
    next_base: i64,
    /// The length of the array whose subscript is being evaluated, for `last`.
    array_size: Option<usize>,
    depth: usize,
    arena: &'a Bump,
    zone_aware: bool,
    datetimes: &'a dyn Datetimes,
}

impl<'a> Executor<'a> {
    /// Applies an expression to an item. Whether anything was found.
    fn evaluate(
        &mut self,
        expression: &'a Expression,
        item: Item<'a>,
        found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        match expression {
            Expression::Chain(base, accessors) => self.chain(base, item, accessors, found),
            Expression::Root
            | Expression::Current
            | Expression::Last
            | Expression::Literal(_)
            | Expression::Variable(_)
            | Expression::Arithmetic(..)
            | Expression::Sign { .. }
            | Expression::And(..)
            | Expression::Or(..)
            | Expression::Not(_)
            | Expression::IsUnknown(_)
            | Expression::Exists(_)
            | Expression::Compare(..)
            | Expression::StartsWith(..)
            | Expression::LikeRegex(..) => self.chain(expression, item, &[], found),
        }
    }

    /// Applies an expression and what follows it.
    fn chain(
        &mut self,
        expression: &'a Expression,
        item: Item<'a>,
        rest: &'a [Accessor],
        found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        self.depth += 1;
        if self.depth > MAX_RECURSION {
            return Err(JsonError::TooDeep);
        }
        let base = self.base;
        let result = self.start(expression, item, rest, found);
        self.base = base;
        self.depth -= 1;
        result
    }

    fn start(
        &mut self,
        expression: &'a Expression,
        item: Item<'a>,
        rest: &'a [Accessor],
        found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        // Nobody wants to know what a constant is, only that it is there.
        let only_there = rest.is_empty() && found.is_none();
        match expression {
            Expression::Root => {
                self.base = (self.root, 0);
                self.apply(rest, Item::Value(self.root), found)
            }
            Expression::Current => {
                // The parser lets it stand in filters only, where there is one.
                let current = self.current.unwrap_or(item);
                self.apply(rest, current, found)
            }
            Expression::Last if only_there => Ok(true),
            Expression::Last => {
                let size = i64::try_from(self.array_size.unwrap_or(0)).unwrap_or(i64::MAX);
                let last = self.made(|out| {
                    number::encode_integer(size - 1, out);
                    Ok(())
                })?;
                self.apply(rest, last, found)
            }
            Expression::Literal(_) if only_there => Ok(true),
            Expression::Literal(literal) => self.apply(rest, Item::Value(literal.value()), found),
            Expression::Variable(name) => {
                let value = self.variable(name)?;
                self.apply(rest, Item::Value(value), found)
            }
            Expression::Chain(base, accessors) => {
                // A chain never starts with another: the parser joins them.
                debug_assert!(rest.is_empty());
                self.chain(base, item, accessors, found)
            }
            Expression::Arithmetic(operator, left, right) => {
                let name = operator_text(*operator);
                let left = self.unwrapped(left, item)?;
                let right = self.unwrapped(right, item)?;
                let left = single_number(&left).ok_or(PathError::LeftOperand(name))?;
                let right = single_number(&right).ok_or(PathError::RightOperand(name))?;
                let result = self.made(|out| number::calculate(*operator, left, right, out))?;
                self.apply(rest, result, found)
            }
            Expression::Sign { minus, operand } => self.sign(*minus, operand, item, rest, found),
            Expression::And(..)
            | Expression::Or(..)
            | Expression::Not(_)
            | Expression::IsUnknown(_)
            | Expression::Exists(_)
            | Expression::Compare(..)
            | Expression::StartsWith(..)
            | Expression::LikeRegex(..) => {
                let truth = self.truth(expression, item)?;
                if only_there {
                    return Ok(true);
                }
                let value = truth.map_or(Value::Null, Value::Bool);
                self.apply(rest, Item::Value(value), found)
            }
        }
    }

    fn variable(&mut self, name: &str) -> JsonResult<Value<'a>> {
        let found = self.variables.and_then(|variables| variables.get(name));
        let Some(value) = found else { return Err(PathError::NoVariable(name.to_owned()).into()) };
        if let Some(variables) = self.variables {
            self.base = (Value::Object(variables), 1);
        }
        Ok(value)
    }

    fn sign(
        &mut self,
        minus: bool,
        operand: &'a Expression,
        item: Item<'a>,
        rest: &'a [Accessor],
        mut found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        let operands = self.unwrapped(operand, item)?;
        let mut any = false;
        for operand in operands {
            let only_there = rest.is_empty() && found.is_none();
            let Item::Value(Value::Number(number)) = operand else {
                if only_there {
                    continue;
                }
                return Err(PathError::UnaryOperand(if minus { "-" } else { "+" }).into());
            };
            if only_there {
                return Ok(true);
            }
            let result = if minus { self.made(|out| number::negate(number, out))? } else { operand };
            if self.apply(rest, result, again(&mut found))? {
                if found.is_none() {
                    return Ok(true);
                }
                any = true;
            }
        }
        Ok(any)
    }

    /// A number that is written into the arena.
    fn made(&self, write: impl FnOnce(&mut Vec<u8>) -> JsonResult<()>) -> JsonResult<Item<'a>> {
        let mut bytes = Vec::new();
        write(&mut bytes)?;
        let bytes: &'a [u8] = self.arena.alloc_slice_copy(&bytes);
        Ok(Item::Value(Value::Number(Number::from_bytes(bytes))))
    }

    /// All items of an expression; on a lax path those that are arrays are opened.
    fn unwrapped(&mut self, expression: &'a Expression, item: Item<'a>) -> JsonResult<Vec<Item<'a>>> {
        let mut items = Vec::new();
        self.evaluate(expression, item, Some(&mut items))?;
        if !self.lax || !items.iter().any(|item| matches!(item, Item::Value(Value::Array(_)))) {
            return Ok(items);
        }
        let mut opened = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Value(Value::Array(array)) => opened.extend(array.iter().map(Item::Value)),
                Item::Value(_) | Item::Moment(_) => opened.push(item),
            }
        }
        Ok(opened)
    }
}

fn single_number<'a>(items: &[Item<'a>]) -> Option<Number<'a>> {
    match items {
        [Item::Value(Value::Number(number))] => Some(*number),
        _ => None,
    }
}
