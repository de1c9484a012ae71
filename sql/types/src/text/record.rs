//! Text of composite values: `(1,"a b",)`.

use super::dispatch::{input as value_input, is_space, output as value_output};
use super::error::{InputError, InputResult, RecordProblem};
use super::settings::TextSettings;
use super::string::{bytes_of, room_for_quoted};
use crate::catalog::{Type, Types};
use crate::kind::Kind;
use crate::record::{RecordView, record};
use crate::value::{Item, Value};
use diagnostic::room;

/// Reads a value of a composite type.
pub(super) fn input(
    types: &dyn Types,
    composite: u32,
    text: &str,
    settings: &TextSettings,
) -> InputResult<Vec<u8>> {
    let malformed = |problem| InputError::Record { text: text.to_owned(), problem };
    let columns = types.columns(composite).unwrap_or_default();
    let start = text.bytes().take_while(|byte| is_space(*byte)).count();
    let mut rest = text[start..].strip_prefix('(').ok_or(malformed(RecordProblem::Start))?;
    let mut values: Vec<(u32, Kind, Value)> = Vec::with_capacity(columns.len());
    let mut first = true;
    for column in columns {
        let kind = kind_of(types, column.column_type);
        if column.dropped {
            values.push((column.column_type.oid, kind, Value::Null));
            continue;
        }
        if !first {
            rest = rest.strip_prefix(',').ok_or(malformed(RecordProblem::Few))?;
        }
        first = false;
        let (field, after) = field(rest).ok_or(malformed(RecordProblem::End))?;
        let value = match field {
            None => Value::Null,
            Some(field) => value_input(types, column.column_type, &field, settings)?,
        };
        values.push((column.column_type.oid, kind, value));
        rest = after;
    }
    let rest = rest.strip_prefix(')').ok_or(malformed(RecordProblem::Many))?;
    if !rest.bytes().all(is_space) {
        return Err(malformed(RecordProblem::Junk));
    }
    let items: Vec<_> = values.iter().map(|(of, kind, value)| (*of, *kind, Item::from(value))).collect();
    Ok(record(&items))
}

/// The kind of a type's values; types that are not supported have no values and any kind.
pub(crate) fn kind_of(types: &dyn Types, of: Type) -> Kind {
    types.entry(types.represented(of).oid).and_then(|entry| entry.kind).unwrap_or(Kind::Bytes)
}

/// A column's text up to the comma or parenthesis after it, `None` if it is null; nothing if the text ends before.
fn field(text: &str) -> Option<(Option<String>, &str)> {
    if text.starts_with([',', ')']) {
        return Some((None, text));
    }
    let mut field = String::new();
    let mut quoted = false;
    let mut characters = text.char_indices().peekable();
    while let Some((place, character)) = characters.next() {
        match character {
            '\\' => field.push(characters.next()?.1),
            '"' if quoted && characters.next_if(|next| next.1 == '"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' | ')' if !quoted => return Some((Some(field), &text[place..])),
            character => field.push(character),
        }
    }
    None
}

/// Appends the text of a composite value, whose columns say themselves of what types they are. Dropped ones of
/// `composite` are left out; an anonymous record has none.
pub(super) fn output(
    types: &dyn Types,
    composite: Option<u32>,
    item: &Item<'_>,
    settings: &TextSettings,
    text: &mut String,
) -> InputResult<()> {
    let Some(record) = RecordView::new(bytes_of(item)) else { return Ok(()) };
    let start = text.len();
    text.push('(');
    let mut field = String::new();
    let columns = composite.and_then(|composite| types.columns(composite)).unwrap_or_default();
    let mut first = true;
    for (column, item) in record.items_of(columns.len()).enumerate() {
        if columns.get(column).is_some_and(|column| column.dropped) {
            continue;
        }
        if !std::mem::take(&mut first) {
            text.push(',');
        }
        if item.is_null() {
            continue;
        }
        field.clear();
        let column_type = Type::of(record.column_type(column).unwrap_or(0));
        value_output(types, column_type, &item, settings, &mut field)?;
        append_quoted(&field, text.len() - start, text)?;
    }
    text.push(')');
    Ok(())
}

/// Appends a column's text to a record's that has `have` bytes so far.
fn append_quoted(field: &str, have: usize, text: &mut String) -> InputResult<()> {
    let needs_quotes = |byte: u8| matches!(byte, b'"' | b'\\' | b'(' | b')' | b',') || is_space(byte);
    if !field.is_empty() && !field.bytes().any(needs_quotes) {
        room(have, field.len())?;
        text.push_str(field);
        return Ok(());
    }
    room_for_quoted(have, field)?;
    text.push('"');
    for character in field.chars() {
        if matches!(character, '"' | '\\') {
            text.push(character);
        }
        text.push(character);
    }
    text.push('"');
    Ok(())
}
