//! Texts whose letters are told apart by what they are, not by whether they are small.

use std::borrow::Cow;

/// The lower case of a character, as the C library maps it: one for one.
pub fn lower_of(character: char) -> char {
    let mut mapped = character.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(lower), None) => lower,
        _ if character == '\u{130}' => 'i',
        _ => character,
    }
}

/// Appends a text in lower case.
pub fn lower_into(text: &str, out: &mut Vec<u8>) {
    if text.is_ascii() {
        out.extend(text.bytes().map(|byte| byte.to_ascii_lowercase()));
    } else {
        let mut push = |character: char| {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        };
        text.chars().for_each(|character| push(lower_of(character)));
    }
}

/// A text in lower case; what is no text stays as it is.
pub fn folded(text: &[u8]) -> Cow<'_, [u8]> {
    let is_small = |byte: &u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if text.iter().all(is_small) {
        return Cow::Borrowed(text);
    }
    match std::str::from_utf8(text) {
        Ok(text) => {
            let mut out = Vec::with_capacity(text.len());
            lower_into(text, &mut out);
            Cow::Owned(out)
        }
        Err(_) => Cow::Borrowed(text),
    }
}
