//! The binary form: a document that is addressed where it lies.
//!
//! A document is an entry and its payload. An entry is four bytes, little-endian: the kind in the upper four bits, a
//! length or an end in the others. Payloads:
//!
//! * null, false, true: nothing. string: its UTF-8. number: as [`crate::number`] says.
//! * array: the count as four bytes, an entry for each element, then their payloads. An entry's number is where its
//!   payload ends, counted from where the first begins: so each element is found at once.
//! * object: the same with two entries for each field: first those of all names, then those of all values. Names are
//!   sorted by length, then by bytes, so that one is found by bisection that reads little.
//!
//! A payload says nothing of where it lies: parts are copied between documents as they are.
//!
//! Invariants
//!
//! 1. Names within an object are different and sorted.
//! 2. Nothing is longer than [`MAX_SIZE`], and nesting is at most [`crate::MAX_DEPTH`].
//! 3. Bytes that break this rule are read without panicking, as something.

mod builder;
mod change;
mod compare;
mod contain;
mod display;
mod parse;
mod visit;
mod wire;

pub use builder::Builder;
pub use change::{
    Insertion, NullTreatment, assign, concatenate, delete_index, delete_keys, delete_path, insert, set,
    set_lax, strip_nulls,
};
pub use compare::{hash, key, write_key};
pub use contain::{contains, exists, exists_all, exists_any};
pub(crate) use display::write_scalar;
pub use display::{pretty, write};
pub(crate) use parse::append;
pub use parse::parse;
pub use visit::{Visit, Walk};
pub use wire::{VERSION, receive, text};

use crate::error::{JsonResult, OperationError};
use crate::number::Number;
use std::borrow::Cow;
use std::cmp::Ordering;

/// The longest string, and the longest payload of an object or array.
pub const MAX_SIZE: usize = 0x0fff_ffff;
/// The most fields of an object.
pub const MAX_PAIRS: usize = 14_913_080;
/// The most elements of an array.
pub const MAX_ELEMENTS: usize = 33_554_431;

const ENTRY: usize = 4;

/// Kinds as entries have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null = 0,
    False = 1,
    True = 2,
    Number = 3,
    String = 4,
    Array = 5,
    Object = 6,
}

impl Kind {
    fn of(entry: u32) -> Kind {
        match entry >> 28 {
            1 => Kind::False,
            2 => Kind::True,
            3 => Kind::Number,
            4 => Kind::String,
            5 => Kind::Array,
            6 => Kind::Object,
            // What nobody writes reads as null.
            _ => Kind::Null,
        }
    }

    fn entry(self, number: usize) -> [u8; ENTRY] {
        ((self as u32) << 28 | (number as u32 & MAX_SIZE as u32)).to_le_bytes()
    }
}

/// A document of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jsonb {
    bytes: Vec<u8>,
}

impl Jsonb {
    /// The document that somebody stored as `bytes`.
    pub fn from_bytes(bytes: Vec<u8>) -> Jsonb {
        Jsonb { bytes }
    }

    /// What to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What to store.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The document to read.
    pub fn value(&self) -> Value<'_> {
        Value::from_bytes(&self.bytes)
    }
}

/// A document or a part of one, where it lies.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Number(Number<'a>),
    String(&'a str),
    Array(Array<'a>),
    Object(Object<'a>),
}

fn word(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..).and_then(|rest| rest.first_chunk::<ENTRY>()) {
        Some(chunk) => u32::from_le_bytes(*chunk) as usize,
        None => 0,
    }
}

impl<'a> Value<'a> {
    /// Reads the document that [`Jsonb::as_bytes`] gave.
    pub fn from_bytes(bytes: &'a [u8]) -> Value<'a> {
        Value::new(Kind::of(word(bytes, 0) as u32), bytes.get(ENTRY..).unwrap_or(&[]))
    }

    fn new(kind: Kind, payload: &'a [u8]) -> Value<'a> {
        match kind {
            Kind::Null => Value::Null,
            Kind::False => Value::Bool(false),
            Kind::True => Value::Bool(true),
            Kind::Number => Value::Number(Number::from_bytes(payload)),
            Kind::String => Value::String(std::str::from_utf8(payload).unwrap_or("")),
            Kind::Array => Value::Array(Array { items: Items::new(payload, 1) }),
            Kind::Object => Value::Object(Object { items: Items::new(payload, 2) }),
        }
    }

    fn kind_and_payload(self) -> (Kind, &'a [u8]) {
        match self {
            Value::Null => (Kind::Null, &[]),
            Value::Bool(false) => (Kind::False, &[]),
            Value::Bool(true) => (Kind::True, &[]),
            Value::Number(number) => (Kind::Number, number.as_bytes()),
            Value::String(text) => (Kind::String, text.as_bytes()),
            Value::Array(array) => (Kind::Array, array.items.payload),
            Value::Object(object) => (Kind::Object, object.items.payload),
        }
    }

    /// Where its payload lies; with [`Value::spans`] a way to find a part within a whole.
    pub(crate) fn address(self) -> usize {
        self.kind_and_payload().1.as_ptr() as usize
    }

    /// Whether a payload that lies at `address` lies within this one.
    pub(crate) fn spans(self, address: usize) -> bool {
        let payload = self.kind_and_payload().1;
        let start = payload.as_ptr() as usize;
        (start..start + payload.len()).contains(&address)
    }

    /// A document of its own that is this value.
    pub fn to_jsonb(self) -> Jsonb {
        let (kind, payload) = self.kind_and_payload();
        let mut bytes = Vec::with_capacity(ENTRY + payload.len());
        bytes.extend_from_slice(&kind.entry(payload.len()));
        bytes.extend_from_slice(payload);
        Jsonb { bytes }
    }

    /// `jsonb_typeof`.
    pub fn type_name(self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// Whether it is neither array nor object.
    pub fn is_scalar(self) -> bool {
        match self {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
            Value::Array(_) | Value::Object(_) => false,
        }
    }

    /// `->` with a name.
    pub fn field(self, name: &str) -> Option<Value<'a>> {
        match self {
            Value::Object(object) => object.get(name),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        }
    }

    /// `->` with a number: from the end if negative. To the operator a scalar is an array of itself.
    pub fn element(self, index: i32) -> Option<Value<'a>> {
        match self {
            Value::Array(array) => array.get_signed(index),
            Value::Object(_) => None,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                matches!(index, 0 | -1).then_some(self)
            }
        }
    }

    /// `#>`: fields by their names, elements by what reads like a number.
    pub fn path<'p>(self, steps: impl IntoIterator<Item = &'p str>) -> Option<Value<'a>> {
        let mut value = self;
        for step in steps {
            value = match value {
                Value::Object(object) => object.get(step)?,
                Value::Array(array) => array.get_signed(crate::text::index(step)?)?,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
            };
        }
        Some(value)
    }

    /// As `->>` has it: strings bare, SQL's null for `null`.
    ///
    /// # Errors
    /// When its text is longer than a value may be.
    pub fn text(self) -> JsonResult<Option<Cow<'a, str>>> {
        Ok(match self {
            Value::Null => None,
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                let mut out = String::new();
                display::write(self, &mut out)?;
                Some(Cow::Owned(out))
            }
        })
    }

    /// `jsonb_array_length`.
    pub fn array_length(self) -> JsonResult<usize> {
        match self {
            Value::Array(array) => Ok(array.len()),
            Value::Object(_) => Err(OperationError::LengthOfObject.into()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Err(OperationError::LengthOfScalar.into())
            }
        }
    }

    /// `jsonb_object_keys`.
    pub fn object_keys(self) -> JsonResult<impl Iterator<Item = &'a str>> {
        match self {
            Value::Object(object) => Ok(object.iter().map(|(name, _)| name)),
            Value::Array(_) => Err(OperationError::CallOnArray("jsonb_object_keys").into()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Err(OperationError::CallOnScalar("jsonb_object_keys").into())
            }
        }
    }

    /// `jsonb_each` and `jsonb_each_text`; `function` is the one that complains.
    pub fn object_fields(self, function: &'static str) -> JsonResult<Object<'a>> {
        match self {
            Value::Object(object) => Ok(object),
            Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Err(OperationError::CallOnNonObject(function).into())
            }
        }
    }

    /// `jsonb_array_elements` and `jsonb_array_elements_text`.
    pub fn array_elements(self) -> JsonResult<Array<'a>> {
        match self {
            Value::Array(array) => Ok(array),
            Value::Object(_) => Err(OperationError::ElementsOfObject.into()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Err(OperationError::ElementsOfScalar.into())
            }
        }
    }

    /// What a cast to SQL's boolean makes of it.
    pub fn to_bool(self) -> JsonResult<bool> {
        match self {
            Value::Bool(value) => Ok(value),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Err(self.cannot_cast("boolean"))
            }
        }
    }

    /// What a cast to SQL's numeric types starts from; `to` is the type's name.
    pub fn to_number(self, to: &'static str) -> JsonResult<Number<'a>> {
        match self {
            Value::Number(number) => Ok(number),
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Err(self.cannot_cast(to))
            }
        }
    }

    fn cannot_cast(self, to: &'static str) -> crate::JsonError {
        let from = match self {
            Value::Number(_) => "numeric",
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                self.type_name()
            }
        };
        OperationError::Cast { from, to }.into()
    }
}

/// The payload of an array or object: `count` elements or fields with `entries` entries, then payloads.
#[derive(Debug, Clone, Copy)]
struct Items<'a> {
    payload: &'a [u8],
    count: u32,
    entries: u32,
}

impl<'a> Items<'a> {
    fn new(payload: &'a [u8], per: usize) -> Items<'a> {
        // At most twice 28 bits.
        let count = word(payload, 0) & MAX_SIZE;
        let entries = count * per;
        match ENTRY + entries * ENTRY <= payload.len() {
            true => Items { payload, count: count as u32, entries: entries as u32 },
            false => Items { payload: &[], count: 0, entries: 0 },
        }
    }

    fn count(&self) -> usize {
        self.count as usize
    }

    fn entry(&self, index: usize) -> usize {
        word(self.payload, ENTRY + index * ENTRY)
    }

    fn payload_at(&self, index: usize) -> &'a [u8] {
        self.stretch(index, self.entry(index))
    }

    /// The payload of the entry at `index`, which is `entry`.
    fn stretch(&self, index: usize, entry: usize) -> &'a [u8] {
        let data = ENTRY + self.entries as usize * ENTRY;
        let start = if index == 0 { 0 } else { self.entry(index - 1) & MAX_SIZE };
        self.payload.get(data + start..data + (entry & MAX_SIZE)).unwrap_or(&[])
    }

    fn value(&self, index: usize) -> Value<'a> {
        let entry = self.entry(index);
        Value::new(Kind::of(entry as u32), self.stretch(index, entry))
    }

    fn name(&self, index: usize) -> &'a str {
        std::str::from_utf8(self.payload_at(index)).unwrap_or("")
    }
}

/// An array, where it lies.
#[derive(Debug, Clone, Copy)]
pub struct Array<'a> {
    items: Items<'a>,
}

impl<'a> Array<'a> {
    /// How many elements it has.
    pub fn len(self) -> usize {
        self.items.count()
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.items.count() == 0
    }

    /// The element at `index`.
    pub fn get(self, index: usize) -> Option<Value<'a>> {
        (index < self.items.count()).then(|| self.items.value(index))
    }

    /// The element at `index`, from the end if negative.
    pub fn get_signed(self, index: i32) -> Option<Value<'a>> {
        let place = if index < 0 {
            self.items.count().checked_sub(index.unsigned_abs() as usize)?
        } else {
            index as usize
        };
        self.get(place)
    }

    /// Its elements.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Value<'a>> + Clone {
        (0..self.items.count()).map(move |index| self.items.value(index))
    }
}

/// An object, where it lies.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    items: Items<'a>,
}

impl<'a> Object<'a> {
    /// How many fields it has.
    pub fn len(self) -> usize {
        self.items.count()
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.items.count() == 0
    }

    fn name_bytes(self, index: usize) -> &'a [u8] {
        self.items.payload_at(index)
    }

    /// The field at a place in the order of names.
    pub fn at(self, index: usize) -> Option<(&'a str, Value<'a>)> {
        (index < self.len()).then(|| (self.items.name(index), self.items.value(self.len() + index)))
    }

    /// The place of the field of that name.
    pub fn position(self, name: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.items.count());
        while low < high {
            let middle = low + (high - low) / 2;
            match order_of_names(self.name_bytes(middle), name.as_bytes()) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The value of the field of that name.
    pub fn get(self, name: &str) -> Option<Value<'a>> {
        self.position(name).map(|index| self.items.value(self.items.count() + index))
    }

    /// Its fields, in the order of names.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Value<'a>)> + Clone {
        (0..self.items.count()).filter_map(move |index| self.at(index))
    }
}

/// The order of names within an object.
fn order_of_names(one: &[u8], two: &[u8]) -> Ordering {
    one.len().cmp(&two.len()).then_with(|| one.cmp(two))
}
