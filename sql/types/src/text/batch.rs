//! Whole vectors of texts and values at once, for COPY and results: the type is looked up once, and nothing is allocated
//! a value.

use super::dispatch::{is_text, typed_input, typed_output, unsupported};
use super::error::{InputError, InputResult};
use super::record::kind_of;
use super::settings::TextSettings;
use crate::Kind;
use crate::catalog::{Form, Type, TypeEntry, Types, oid};
use crate::value::Item;
use crate::vector::{BytesVector, Data, Vector, VectorBuilder, VectorError};
use thiserror::Error;

/// What is wrong with one of many texts.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{error}")]
pub struct RowInputError {
    /// Which of them.
    pub row: usize,
    /// What.
    pub error: InputError,
}

/// Reads texts of one type into a vector in the making.
#[derive(Clone)]
pub struct TextReader<'a> {
    types: &'a dyn Types,
    of: Type,
    entry: TypeEntry<'a>,
    settings: &'a TextSettings,
    scratch: Vec<u8>,
    plain: Plain,
}

/// Types of which many texts are read without more ado.
#[derive(Clone, Copy)]
enum Plain {
    /// None of them.
    No,
    /// A text is what it is.
    Text,
    /// Whole numbers of a few digits.
    Int16,
    Int32,
    Int64,
}

impl Plain {
    fn of(of: Type) -> Plain {
        match of.oid {
            oid::TEXT => Plain::Text,
            oid::VARCHAR if of.modifier < 0 => Plain::Text,
            oid::INT2 => Plain::Int16,
            oid::INT4 => Plain::Int32,
            oid::INT8 => Plain::Int64,
            _ => Plain::No,
        }
    }

    fn item(self, text: &[u8]) -> Option<Item<'_>> {
        match self {
            Plain::No => None,
            Plain::Text => Some(Item::Bytes(text)),
            Plain::Int16 => few_digits(text, 4).map(|number| Item::Int16(number as i16)),
            Plain::Int32 => few_digits(text, 9).map(Item::Int32),
            Plain::Int64 => few_digits(text, 9).map(|number| Item::Int64(number.into())),
        }
    }
}

/// The number that a text of digits is, with a sign before them at most: none if it is more than that, or has more digits
/// than `most`, which is at most nine.
fn few_digits(text: &[u8], most: usize) -> Option<i32> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > most {
        return None;
    }
    let mut number = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number * 10 + i32::from(digit - b'0');
    }
    Some(if negative { -number } else { number })
}

impl<'a> TextReader<'a> {
    /// A reader of values of a type; its modifier is applied as on assignment.
    pub fn new(types: &'a dyn Types, of: Type, settings: &'a TextSettings) -> InputResult<TextReader<'a>> {
        let of = types.represented(of);
        let entry = types.entry(of.oid).ok_or_else(|| unsupported(types, of))?;
        let plain = if entry.form == Form::Base { Plain::of(of) } else { Plain::No };
        Ok(TextReader { types, of, entry, settings, scratch: Vec::new(), plain })
    }

    /// The kind of the values, which is the builder's.
    pub fn kind(&self) -> Kind {
        kind_of(self.types, self.of)
    }

    /// Appends the value that `text` is.
    pub fn read(&mut self, text: &str, builder: &mut VectorBuilder) -> InputResult<()> {
        let item = typed_input(self.types, self.of, &self.entry, text, self.settings, &mut self.scratch)?;
        Ok(builder.push_item(&item)?)
    }

    /// The same of bytes that are known to be a text without zeros.
    pub fn read_known(&mut self, text: &[u8], builder: &mut VectorBuilder) -> InputResult<()> {
        match self.plain.item(text) {
            Some(item) => Ok(builder.push_item(&item)?),
            None => self.read(std::str::from_utf8(text).unwrap_or_default(), builder),
        }
    }
}

/// The values that texts are; nulls stay nulls. The texts are valid UTF-8: bytes that are none are refused.
pub fn input_vector(
    types: &dyn Types,
    of: Type,
    texts: &Vector,
    settings: &TextSettings,
) -> Result<Vector, RowInputError> {
    let at = |row: usize| move |error: InputError| RowInputError { row, error };
    let mut reader = TextReader::new(types, of, settings).map_err(at(0))?;
    if matches!(reader.of.oid, oid::TEXT | oid::REFCURSOR | oid::UNKNOWN | oid::CSTRING)
        && is_plain_text(texts)
    {
        return Ok(texts.clone());
    }
    let rows = if texts.is_constant() { texts.len().min(1) } else { texts.len() };
    let mut builder = VectorBuilder::new(reader.kind(), rows);
    for row in 0..rows {
        match texts.item(row) {
            Item::Bytes(text) => {
                let text =
                    std::str::from_utf8(text).map_err(|error| at(row)(InputError::encoding(text, &error)))?;
                reader.read(text, &mut builder).map_err(at(row))?;
            }
            Item::Null
            | Item::Bool(_)
            | Item::Int16(_)
            | Item::Int32(_)
            | Item::Int64(_)
            | Item::Float32(_)
            | Item::Float64(_)
            | Item::Numeric(_)
            | Item::Interval(_)
            | Item::TimeTz(_)
            | Item::Uuid(_) => builder.push_null(),
        }
    }
    Ok(spread(builder.finish(), texts))
}

/// Whether all values are texts as they stand. What is not is told of one by one.
fn is_plain_text(texts: &Vector) -> bool {
    let is_text = |text: &[u8]| !text.contains(&0) && std::str::from_utf8(text).is_ok();
    texts.bytes().is_some_and(|values| values.iter().all(is_text))
}

/// The texts of values, as a vector of kind `Bytes`; nulls stay nulls.
pub fn output_vector(
    types: &dyn Types,
    of: Type,
    values: &Vector,
    settings: &TextSettings,
) -> InputResult<Vector> {
    let of = types.represented(of);
    let entry = types.entry(of.oid).ok_or_else(|| unsupported(types, of))?;
    if matches!(entry.form, Form::Base | Form::Pseudo) && is_text(of.oid) {
        return Ok(values.clone());
    }
    let rows = if values.is_constant() { values.len().min(1) } else { values.len() };
    let mut text = String::with_capacity(rows * 12);
    let mut ends = Vec::with_capacity(rows);
    for row in 0..rows {
        typed_output(types, of, &entry, &values.item(row), settings, &mut text)?;
        ends.push(u32::try_from(text.len()).map_err(|_| VectorError::TooLarge)?);
    }
    // A constant's bitmap has one bit, as its text is one: but where it stands for no row, there is no text either.
    let nulls = if rows == 0 { None } else { values.nulls().cloned() };
    let texts = Vector::new(Data::Bytes(BytesVector::from_text(text, ends)), nulls);
    Ok(spread(texts, values))
}

/// One value for all rows if `like` has one for all of its.
fn spread(vector: Vector, like: &Vector) -> Vector {
    if like.is_constant() && !vector.is_empty() { vector.repeat(0, like.len()) } else { vector }
}

#[cfg(test)]
mod tests {
    use super::few_digits;

    #[test]
    fn few_digits_are_a_number_and_all_else_is_left_to_others() {
        let read = |text: &str| few_digits(text.as_bytes(), 9);
        assert_eq!(read("0"), Some(0));
        assert_eq!(read("-0042"), Some(-42));
        assert_eq!(read("999999999"), Some(999_999_999));
        for text in ["", "-", "+1", " 1", "1 ", "1.0", "1_0", "--1", "1234567890", "0x1", "\u{661}"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
