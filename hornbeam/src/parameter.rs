//! Values that go into statements.
//!
//! A value is handed over as what it is in Rust; the statement says which type is meant. Where the two are of one kind it
//! goes over as it is; everything else goes by its text, and is read as PostgreSQL reads a literal of that type: a `&str`
//! serves for a date, an `f64` for a `numeric`, an `i64` for an `integer` if it fits.

use crate::error::{Error, Result};
use session::Session;
use std::borrow::Cow;
use types::catalog::oid;
use types::{Type, Value};

/// A value for a parameter.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // each is what it is called
pub enum Parameter<'v> {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(Cow<'v, str>),
    Bytes(Cow<'v, [u8]>),
}

impl Parameter<'_> {
    /// As a value of a type.
    pub(crate) fn value(&self, session: &mut Session, of: Type) -> Result<Value> {
        match self.exactly(of) {
            Some(value) => Ok(value),
            None => Ok(session.read_value(of, &self.text())?),
        }
    }

    /// As a value of a type, if it is one without being read.
    pub(crate) fn exactly(&self, of: Type) -> Option<Value> {
        match (self, of.oid) {
            (Parameter::Null, _) => Some(Value::Null),
            (Parameter::Bool(value), oid::BOOL) => Some(Value::Bool(*value)),
            (Parameter::Integer(value), oid::INT8) => Some(Value::Int64(*value)),
            (Parameter::Integer(value), oid::INT4) => i32::try_from(*value).ok().map(Value::Int32),
            (Parameter::Integer(value), oid::INT2) => i16::try_from(*value).ok().map(Value::Int16),
            (Parameter::Integer(value), oid::FLOAT8) => Some(Value::Float64(*value as f64)),
            (Parameter::Float(value), oid::FLOAT8) => Some(Value::Float64(*value)),
            (Parameter::Text(value), oid::TEXT) if !value.contains('\0') => Some(Value::text(value)),
            (Parameter::Bytes(value), oid::BYTEA) => Some(Value::Bytes(value.as_ref().into())),
            _ => None,
        }
    }

    /// Its text, which is read as a literal is; null has none.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Parameter::Null => Cow::Borrowed(""),
            Parameter::Bool(value) => Cow::Owned(value.to_string()),
            Parameter::Integer(value) => Cow::Owned(value.to_string()),
            Parameter::Float(value) => Cow::Owned(value.to_string()),
            Parameter::Text(value) => Cow::Borrowed(value.as_ref()),
            Parameter::Bytes(value) => Cow::Owned(hexadecimal(value)),
        }
    }
}

/// Bytes as `bytea` is written.
fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::from("\\x"), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

macro_rules! from {
    ($($rust:ty => $variant:ident, |$value:ident| $made:expr;)*) => {$(
        impl<'v> From<$rust> for Parameter<'v> {
            fn from($value: $rust) -> Parameter<'v> {
                Parameter::$variant($made)
            }
        }
    )*};
}

from! {
    bool => Bool, |value| value;
    i8 => Integer, |value| value.into();
    i16 => Integer, |value| value.into();
    i32 => Integer, |value| value.into();
    i64 => Integer, |value| value;
    u8 => Integer, |value| value.into();
    u16 => Integer, |value| value.into();
    u32 => Integer, |value| value.into();
    f32 => Float, |value| value.into();
    f64 => Float, |value| value;
    &'v str => Text, |value| Cow::Borrowed(value);
    &'v String => Text, |value| Cow::Borrowed(value.as_str());
    String => Text, |value| Cow::Owned(value);
    &'v [u8] => Bytes, |value| Cow::Borrowed(value);
    &'v Vec<u8> => Bytes, |value| Cow::Borrowed(value.as_slice());
    Vec<u8> => Bytes, |value| Cow::Owned(value);
}

impl<'v, T: Into<Parameter<'v>>> From<Option<T>> for Parameter<'v> {
    fn from(value: Option<T>) -> Parameter<'v> {
        value.map_or(Parameter::Null, Into::into)
    }
}

/// The values for a statement: `()`, a tuple, or a list of [`Parameter`]s.
pub trait Parameters {
    /// Each of them, in order.
    fn each(&self, take: &mut dyn FnMut(&Parameter<'_>) -> Result<()>) -> Result<()>;

    /// How many there are.
    fn count(&self) -> usize;
}

impl Parameters for () {
    fn each(&self, _take: &mut dyn FnMut(&Parameter<'_>) -> Result<()>) -> Result<()> {
        Ok(())
    }

    fn count(&self) -> usize {
        0
    }
}

impl Parameters for &[Parameter<'_>] {
    fn each(&self, take: &mut dyn FnMut(&Parameter<'_>) -> Result<()>) -> Result<()> {
        self.iter().try_for_each(take)
    }

    fn count(&self) -> usize {
        self.len()
    }
}

impl Parameters for Vec<Parameter<'_>> {
    fn each(&self, take: &mut dyn FnMut(&Parameter<'_>) -> Result<()>) -> Result<()> {
        self.iter().try_for_each(take)
    }

    fn count(&self) -> usize {
        self.len()
    }
}

macro_rules! tuples {
    ($($count:literal: $($name:ident $place:tt),+;)*) => {$(
        impl<'v, $($name),+> Parameters for ($($name,)+)
        where
            $($name: Clone + Into<Parameter<'v>>,)+
        {
            fn each(&self, take: &mut dyn FnMut(&Parameter<'_>) -> Result<()>) -> Result<()> {
                $(take(&self.$place.clone().into())?;)+
                Ok(())
            }

            fn count(&self) -> usize {
                $count
            }
        }
    )*};
}

tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
}

/// The values that a statement's parameters get.
pub(crate) fn values(session: &mut Session, types: &[Type], given: &impl Parameters) -> Result<Vec<Value>> {
    if given.count() != types.len() {
        return Err(Error::ParameterCount { expected: types.len(), found: given.count() });
    }
    let mut values = Vec::with_capacity(types.len());
    given.each(&mut |parameter| {
        values.push(parameter.value(session, types[values.len()])?);
        Ok(())
    })?;
    Ok(values)
}
