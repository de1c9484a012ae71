//! Strings as JSON writes them.

use super::plain::plain_length;
use diagnostic::{OutOfRoom, room};

/// Appends `text` in quotes, what must be escaped escaped.
pub fn escape_into(text: &str, out: &mut String) {
    out.reserve(text.len() + 2);
    out.push('"');
    let mut rest = text;
    loop {
        // Only ASCII is escaped, so the text is cut between characters.
        let (plain, after) = rest.split_at(plain_length(rest.as_bytes()));
        out.push_str(plain);
        let Some(byte) = after.bytes().next() else { break };
        escape_byte(byte, out);
        rest = &after[1..];
    }
    out.push('"');
}

/// Refuses `text` in quotes behind the `have` bytes of a value where that would be too long with it.
pub(crate) fn room_for_escaped(have: usize, text: &str) -> Result<(), OutOfRoom> {
    // No escape is longer than six bytes; they are counted only where that matters.
    if room(have, text.len().saturating_mul(6) + 2).is_ok() {
        return Ok(());
    }
    let (mut length, mut rest) = (text.len() + 2, text.as_bytes());
    let mut escape = String::new();
    loop {
        rest = &rest[plain_length(rest)..];
        let Some((byte, after)) = rest.split_first() else { return room(have, length) };
        escape.clear();
        escape_byte(*byte, &mut escape);
        length += escape.len() - 1;
        rest = after;
    }
}

fn escape_byte(byte: u8, out: &mut String) {
    let escape = match byte {
        b'"' => "\\\"",
        b'\\' => "\\\\",
        0x08 => "\\b",
        0x0c => "\\f",
        b'\n' => "\\n",
        b'\r' => "\\r",
        b'\t' => "\\t",
        _ => {
            out.push_str("\\u00");
            let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
            return out.extend([digit(byte >> 4), digit(byte & 15)]);
        }
    };
    out.push_str(escape);
}

/// `text` in quotes, what must be escaped escaped.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    escape_into(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::{escape, room_for_escaped};
    use diagnostic::{OutOfRoom, VALUE_MAX};

    /// What is counted is what is written.
    #[test]
    fn escapes_have_room_or_are_refused_by_their_length() {
        for text in ["", "plain", "\"q\"\\", "\u{1}\u{8}\u{c}\n\r\t\u{1f}", "\u{e9}\n\u{20ac}"] {
            let length = escape(text).len();
            assert_eq!(room_for_escaped(VALUE_MAX - length, text), Ok(()), "{text:?}");
            let have = VALUE_MAX - length + 1;
            assert_eq!(room_for_escaped(have, text), Err(OutOfRoom { have, more: length }), "{text:?}");
        }
    }
}
