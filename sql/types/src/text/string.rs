//! Lengths of `varchar(n)`, `char(n)` and `name`.

use super::error::{InputError, InputResult};
use crate::catalog::character_length;
use crate::value::Item;
use diagnostic::{OutOfRoom, room};
use std::borrow::Cow;

/// The most bytes of a `name`.
pub const NAME_BYTES: usize = 63;

/// The bytes of a value of kind `Bytes`; of another there are none.
pub(super) fn bytes_of<'a>(item: &Item<'a>) -> &'a [u8] {
    if let Item::Bytes(bytes) = item { bytes } else { &[] }
}

/// Appends a text as it is stored. Bytes that are none, which only a damaged file has, are shown as such.
pub(super) fn append(bytes: &[u8], text: &mut String) {
    match std::str::from_utf8(bytes) {
        Ok(stored) => text.push_str(stored),
        Err(_) => text.push_str(&String::from_utf8_lossy(bytes)),
    }
}

/// As many whole characters as a name has room for.
pub fn truncate_name(text: &str) -> &str {
    let mut end = text.len().min(NAME_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Where the first `characters` characters end; `None` if there are no more.
fn end_of(text: &str, characters: usize) -> Option<usize> {
    if text.len() <= characters {
        return None;
    }
    text.char_indices().nth(characters).map(|(place, _)| place)
}

/// Refuses a text in quotes, with quotes and backslashes doubled, behind the `have` bytes of a value where that would be
/// too long with it.
pub(crate) fn room_for_quoted(have: usize, text: &str) -> Result<(), OutOfRoom> {
    // They are counted only where that matters.
    if room(have, text.len().saturating_mul(2) + 2).is_ok() {
        return Ok(());
    }
    let doubled = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    room(have, text.len() + doubled + 2)
}

/// A text as `varchar(n)`: what is too long is cut if the cast is explicit or blanks alone are lost, else refused.
pub fn fit_varchar(text: &str, modifier: i32, explicit: bool) -> InputResult<&str> {
    let Some(limit) = character_length(modifier) else { return Ok(text) };
    let Some(end) = end_of(text, limit) else { return Ok(text) };
    if explicit || text[end..].bytes().all(|byte| byte == b' ') {
        return Ok(&text[..end]);
    }
    Err(InputError::TooLong(format!("character varying({limit})")))
}

/// A text as `char(n)`: filled with blanks to its length, and cut as [`fit_varchar`] cuts.
pub fn fit_char(text: &str, modifier: i32, explicit: bool) -> InputResult<Cow<'_, str>> {
    let Some(limit) = character_length(modifier) else { return Ok(Cow::Borrowed(text)) };
    if let Some(end) = end_of(text, limit) {
        if explicit || text[end..].bytes().all(|byte| byte == b' ') {
            return Ok(Cow::Borrowed(&text[..end]));
        }
        return Err(InputError::TooLong(format!("character({limit})")));
    }
    // At most ten million blanks: the modifier has its limit.
    let missing = limit - text.chars().count();
    if missing == 0 {
        return Ok(Cow::Borrowed(text));
    }
    let mut filled = String::with_capacity(text.len() + missing);
    filled.push_str(text);
    filled.extend(std::iter::repeat_n(' ', missing));
    Ok(Cow::Owned(filled))
}

#[cfg(test)]
mod tests {
    use super::room_for_quoted;
    use diagnostic::{OutOfRoom, VALUE_MAX};

    #[test]
    fn quotes_count_twice_where_room_is_scarce() {
        assert_eq!(room_for_quoted(0, "plain"), Ok(()));
        assert_eq!(room_for_quoted(VALUE_MAX - 7, "plain"), Ok(()));
        assert_eq!(
            room_for_quoted(VALUE_MAX - 8, r#"a"b\c"#),
            Err(OutOfRoom { have: VALUE_MAX - 8, more: 9 })
        );
    }
}
