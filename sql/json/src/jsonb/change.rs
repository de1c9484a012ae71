//! Documents made from documents: what is not changed is copied as bytes.

use super::{Array, Builder, Jsonb, MAX_ELEMENTS, Object, Value, Visit, Walk};
use crate::error::{JsonResult, OperationError, TooLarge};
use crate::text::index;
use std::collections::BTreeSet;

/// On which side of an element `jsonb_insert` inserts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Insertion {
    Before,
    After,
}

/// What `jsonb_set_lax` does with SQL's null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum NullTreatment {
    DeleteKey,
    ReturnTarget,
    UseJsonNull,
    RaiseException,
}

impl NullTreatment {
    /// Reads the argument.
    pub fn parse(text: Option<&str>) -> JsonResult<NullTreatment> {
        match text {
            Some("delete_key") => Ok(NullTreatment::DeleteKey),
            Some("return_target") => Ok(NullTreatment::ReturnTarget),
            Some("use_json_null") => Ok(NullTreatment::UseJsonNull),
            Some("raise_exception") => Ok(NullTreatment::RaiseException),
            Some(_) | None => Err(OperationError::NullTreatment.into()),
        }
    }
}

/// `||`: two objects are merged, everything else is put one behind the other as arrays.
pub fn concatenate(one: Value<'_>, two: Value<'_>) -> JsonResult<Jsonb> {
    let mut builder = Builder::new();
    if let (Value::Object(one), Value::Object(two)) = (one, two) {
        builder.begin_object()?;
        copy_fields(one, 0, one.len(), &mut builder)?;
        copy_fields(two, 0, two.len(), &mut builder)?;
    } else {
        builder.begin_array()?;
        for side in [one, two] {
            match side {
                Value::Array(array) => copy_elements(array, 0, array.len(), &mut builder)?,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                    builder.value(side)?
                }
            }
        }
    }
    builder.finish()
}

fn copy_fields<'a>(object: Object<'a>, from: usize, to: usize, builder: &mut Builder<'a>) -> JsonResult<()> {
    for (name, value) in (from..to).filter_map(|place| object.at(place)) {
        builder.key(name)?;
        builder.value(value)?;
    }
    Ok(())
}

fn copy_elements<'a>(array: Array<'a>, from: usize, to: usize, builder: &mut Builder<'a>) -> JsonResult<()> {
    (from..to).filter_map(|place| array.get(place)).try_for_each(|value| builder.value(value))
}

/// `-` with a name or an array of names: without those fields, or those strings among the elements.
pub fn delete_keys<'p>(value: Value<'_>, names: impl IntoIterator<Item = &'p str>) -> JsonResult<Jsonb> {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let mut builder = Builder::new();
    match value {
        Value::Object(object) => {
            builder.begin_object()?;
            for (name, value) in object.iter().filter(|(name, _)| !names.contains(name)) {
                builder.key(name)?;
                builder.value(value)?;
            }
        }
        Value::Array(array) => {
            builder.begin_array()?;
            let goes = |value: &Value<'_>| matches!(value, Value::String(text) if names.contains(text));
            array.iter().filter(|value| !goes(value)).try_for_each(|value| builder.value(value))?;
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(OperationError::DeleteFromScalar.into());
        }
    }
    builder.finish()
}

/// `-` with a number: without that element, counted from the end if negative.
pub fn delete_index(value: Value<'_>, index: i32) -> JsonResult<Jsonb> {
    let array = match value {
        Value::Array(array) => array,
        Value::Object(_) => return Err(OperationError::DeleteIndexFromObject.into()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(OperationError::DeleteFromScalar.into());
        }
    };
    let place =
        if index < 0 { array.len().checked_sub(index.unsigned_abs() as usize) } else { Some(index as usize) };
    match place.filter(|place| *place < array.len()) {
        Some(place) => {
            let mut builder = Builder::new();
            builder.begin_array()?;
            copy_elements(array, 0, place, &mut builder)?;
            copy_elements(array, place + 1, array.len(), &mut builder)?;
            builder.finish()
        }
        None => Ok(value.to_jsonb()),
    }
}

/// `jsonb_strip_nulls`: without fields whose value is null, at all levels.
pub fn strip_nulls(value: Value<'_>) -> JsonResult<Jsonb> {
    let mut builder = Builder::new();
    let mut key = None;
    for visit in Walk::new(value) {
        if let Visit::Scalar(Value::Null) = visit
            && key.take().is_some()
        {
            continue;
        }
        if let Some(name) = key.take() {
            builder.key(name)?;
        }
        match visit {
            Visit::ObjectStart(_) => builder.begin_object()?,
            Visit::ArrayStart(_) => builder.begin_array()?,
            Visit::Key(name) => key = Some(name),
            Visit::Scalar(value) => builder.value(value)?,
            Visit::ObjectEnd | Visit::ArrayEnd => builder.end()?,
        }
    }
    builder.finish()
}

/// What happens at the end of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Delete,
    /// Replaces what is there.
    Replace,
    /// Replaces, or adds what is not there.
    Create,
    Insert(Insertion),
    /// As a subscript does: creates, and makes all that the path names and the document lacks.
    Assign,
}

impl Change {
    fn adds(self) -> bool {
        match self {
            Change::Create | Change::Insert(_) | Change::Assign => true,
            Change::Delete | Change::Replace => false,
        }
    }
}

/// `jsonb_set`.
pub fn set(value: Value<'_>, path: &[Option<&str>], new: Value<'_>, create: bool) -> JsonResult<Jsonb> {
    if value.is_scalar() {
        return Err(OperationError::SetPathInScalar.into());
    }
    if is_empty(value) && !create {
        return Ok(value.to_jsonb());
    }
    change(value, path, new, if create { Change::Create } else { Change::Replace })
}

/// `jsonb_set_lax`, when none of its other arguments is null.
pub fn set_lax(
    value: Value<'_>,
    path: &[Option<&str>],
    new: Option<Value<'_>>,
    create: bool,
    treatment: Option<&str>,
) -> JsonResult<Jsonb> {
    if treatment.is_none() {
        return Err(OperationError::NullTreatment.into());
    }
    if let Some(new) = new {
        return set(value, path, new, create);
    }
    match NullTreatment::parse(treatment)? {
        NullTreatment::RaiseException => Err(OperationError::NullValue.into()),
        NullTreatment::UseJsonNull => set(value, path, Value::Null, create),
        NullTreatment::DeleteKey => delete_path(value, path),
        NullTreatment::ReturnTarget => Ok(value.to_jsonb()),
    }
}

/// `jsonb_insert`.
pub fn insert(
    value: Value<'_>,
    path: &[Option<&str>],
    new: Value<'_>,
    insertion: Insertion,
) -> JsonResult<Jsonb> {
    if value.is_scalar() {
        return Err(OperationError::SetPathInScalar.into());
    }
    change(value, path, new, Change::Insert(insertion))
}

/// `#-`.
pub fn delete_path(value: Value<'_>, path: &[Option<&str>]) -> JsonResult<Jsonb> {
    if value.is_scalar() {
        return Err(OperationError::DeletePathInScalar.into());
    }
    if is_empty(value) {
        return Ok(value.to_jsonb());
    }
    change(value, path, Value::Null, Change::Delete)
}

/// Assigns to a subscripted document. SQL's null becomes an array or an object first: whether the first subscript is an
/// integer decides it, which the texts do not tell.
pub fn assign(
    value: Option<Value<'_>>,
    path: &[Option<&str>],
    new: Value<'_>,
    first_is_integer: bool,
) -> JsonResult<Jsonb> {
    if path.iter().any(Option::is_none) {
        return Err(OperationError::SubscriptNull.into());
    }
    match value {
        Some(value) => change(value, path, new, Change::Assign),
        None => {
            let mut builder = Builder::new();
            if first_is_integer {
                builder.begin_array()?
            } else {
                builder.begin_object()?
            }
            change(builder.finish()?.value(), path, new, Change::Assign)
        }
    }
}

fn is_empty(value: Value<'_>) -> bool {
    match value {
        Value::Array(array) => array.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A level that the path has gone through: what of it is still to be copied.
enum Passed<'a> {
    Object(Object<'a>, usize),
    Array(Array<'a>, usize),
}

fn change<'a>(
    root: Value<'a>,
    path: &'a [Option<&'a str>],
    new: Value<'a>,
    change: Change,
) -> JsonResult<Jsonb> {
    if path.is_empty() {
        return Ok(root.to_jsonb());
    }
    let mut editor = Editor { path, new, change, builder: Builder::new() };
    let mut passed = Vec::new();
    let mut value = root;
    let mut level = 0;
    loop {
        let Some(step) = path[level] else { return Err(OperationError::PathElementNull(level + 1).into()) };
        let inner = match value {
            Value::Object(object) => editor.object(object, step, level, &mut passed)?,
            Value::Array(array) => editor.array(array, step, level, &mut passed)?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                if change == Change::Assign {
                    return Err(OperationError::ScalarOnPath.into());
                }
                editor.builder.value(value)?;
                None
            }
        };
        match inner {
            Some(inner) => value = inner,
            None => break,
        }
        level += 1;
    }
    let mut builder = editor.builder;
    while let Some(level) = passed.pop() {
        match level {
            Passed::Object(object, next) => copy_fields(object, next, object.len(), &mut builder)?,
            Passed::Array(array, next) => copy_elements(array, next, array.len(), &mut builder)?,
        }
        builder.end()?;
    }
    builder.finish()
}

struct Editor<'a> {
    path: &'a [Option<&'a str>],
    new: Value<'a>,
    change: Change,
    builder: Builder<'a>,
}

impl<'a> Editor<'a> {
    fn is_last(&self, level: usize) -> bool {
        level + 1 == self.path.len()
    }

    /// Writes an object up to the field that the path goes through, which is returned; or all of it, changed.
    fn object(
        &mut self,
        object: Object<'a>,
        step: &'a str,
        level: usize,
        passed: &mut Vec<Passed<'a>>,
    ) -> JsonResult<Option<Value<'a>>> {
        self.builder.begin_object()?;
        let Some(place) = object.position(step) else {
            copy_fields(object, 0, object.len(), &mut self.builder)?;
            if self.is_last(level) && self.change.adds() {
                self.builder.key(step)?;
                self.builder.value(self.new)?;
            } else if !self.is_last(level) && self.change == Change::Assign {
                self.builder.key(step)?;
                self.make_path(level)?;
            }
            self.builder.end()?;
            return Ok(None);
        };
        copy_fields(object, 0, place, &mut self.builder)?;
        if !self.is_last(level) {
            self.builder.key(step)?;
            passed.push(Passed::Object(object, place + 1));
            return Ok(object.at(place).map(|(_, value)| value));
        }
        match self.change {
            Change::Insert(_) => return Err(OperationError::KeyExists.into()),
            Change::Delete => {}
            Change::Replace | Change::Create | Change::Assign => {
                self.builder.key(step)?;
                self.builder.value(self.new)?;
            }
        }
        copy_fields(object, place + 1, object.len(), &mut self.builder)?;
        self.builder.end()?;
        Ok(None)
    }

    /// Where in an array the path goes on; before its start if `None`.
    fn place(&self, array: Array<'a>, step: &str, level: usize) -> JsonResult<Option<usize>> {
        let position = level + 1;
        let Some(index) = index(step) else {
            return Err(OperationError::PathElementNotInteger { position, text: step.to_owned() }.into());
        };
        if index >= 0 {
            let place = index as usize;
            return Ok(Some(if self.change == Change::Assign { place } else { place.min(array.len()) }));
        }
        let place = array.len().checked_sub(index.unsigned_abs() as usize);
        if place.is_none() && self.change == Change::Assign {
            return Err(OperationError::PathElementOutOfRange { position, index }.into());
        }
        Ok(place)
    }

    /// Writes an array up to the element that the path goes through, which is returned; or all of it, changed.
    fn array(
        &mut self,
        array: Array<'a>,
        step: &'a str,
        level: usize,
        passed: &mut Vec<Passed<'a>>,
    ) -> JsonResult<Option<Value<'a>>> {
        let place = self.place(array, step, level)?;
        self.builder.begin_array()?;
        let Some(place) = place else {
            if self.is_last(level) && self.change.adds() {
                self.builder.value(self.new)?;
            }
            copy_elements(array, 0, array.len(), &mut self.builder)?;
            self.builder.end()?;
            return Ok(None);
        };
        copy_elements(array, 0, place.min(array.len()), &mut self.builder)?;
        match array.get(place) {
            Some(found) if self.is_last(level) => {
                self.replace_element(found)?;
                copy_elements(array, place + 1, array.len(), &mut self.builder)?;
            }
            Some(found) => {
                passed.push(Passed::Array(array, place + 1));
                return Ok(Some(found));
            }
            None if self.is_last(level) && self.change.adds() => {
                self.nulls(place - array.len())?;
                self.builder.value(self.new)?;
            }
            None if !self.is_last(level) && self.change == Change::Assign => {
                self.nulls(place - array.len())?;
                self.make_path(level)?;
            }
            None => {}
        }
        self.builder.end()?;
        Ok(None)
    }

    fn replace_element(&mut self, found: Value<'a>) -> JsonResult<()> {
        match self.change {
            Change::Delete => Ok(()),
            Change::Replace | Change::Create | Change::Assign => self.builder.value(self.new),
            Change::Insert(Insertion::Before) => {
                self.builder.value(self.new)?;
                self.builder.value(found)
            }
            Change::Insert(Insertion::After) => {
                self.builder.value(found)?;
                self.builder.value(self.new)
            }
        }
    }

    fn nulls(&mut self, count: usize) -> JsonResult<()> {
        if count > MAX_ELEMENTS {
            return Err(TooLarge::Elements.into());
        }
        (0..count).try_for_each(|_| self.builder.null())
    }

    /// Writes all that the path names beyond `level`, and the new value in it.
    fn make_path(&mut self, level: usize) -> JsonResult<()> {
        let path = self.path;
        for step in path[level + 1..].iter().flatten() {
            match index(step) {
                Some(index) => {
                    self.builder.begin_array()?;
                    self.nulls(index.max(0) as usize)?;
                }
                None => {
                    self.builder.begin_object()?;
                    self.builder.key(step)?;
                }
            }
        }
        self.builder.value(self.new)?;
        (level + 1..path.len()).try_for_each(|_| self.builder.end())
    }
}
