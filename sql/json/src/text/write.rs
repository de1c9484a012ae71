//! Strings as JSON writes them.

use super::plain::plain_length;

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
