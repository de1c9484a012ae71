//! Where lines come from: a text, or somebody who types.

use crate::surroundings::Surroundings;

/// Why bytes are no script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte 0x{byte:02x} in line {line} is not UTF-8; convert the script, as with `iconv -t UTF-8`")]
pub struct NotText {
    /// The first that is in no text.
    pub byte: u8,
    /// In which line, from 1.
    pub line: usize,
}

/// The text of a script, without the mark of its byte order, which some editors write first.
///
/// # Errors
/// The first byte that is not UTF-8.
pub fn script_text(bytes: &[u8]) -> Result<&str, NotText> {
    const MARK: char = '\u{feff}';
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (before, rest) = bytes.split_at(error.valid_up_to());
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        NotText { byte: rest.first().copied().unwrap_or_default(), line }
    })?;
    Ok(text.strip_prefix(MARK).unwrap_or(text))
}

/// Lines.
#[derive(Debug)]
pub enum Input<'t> {
    /// What is left of a script.
    Text(&'t str),
    /// They are typed one by one.
    Typed,
}

impl Input<'_> {
    /// The next line, without its end.
    pub fn line(&mut self, prompt: &str, around: &mut dyn Surroundings) -> Option<String> {
        match self {
            Input::Typed => around.read_line(prompt),
            Input::Text("") => None,
            Input::Text(text) => {
                let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
                *text = rest;
                Some(line.strip_suffix('\r').unwrap_or(line).to_owned())
            }
        }
    }

    /// Appends data up to `\.` alone in its line, all that are there or one line; whether there are more.
    pub fn data(&mut self, bytes: &mut Vec<u8>, around: &mut dyn Surroundings) -> bool {
        match self {
            Input::Typed => match around.read_line(">> ") {
                Some(line) if line.trim_end() != "\\." => {
                    bytes.extend_from_slice(line.as_bytes());
                    bytes.push(b'\n');
                    true
                }
                Some(_) | None => false,
            },
            Input::Text(text) => {
                let length = crate::data::marked(text);
                bytes.extend_from_slice(&text.as_bytes()[..length]);
                *text = &text[length..];
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NotText, script_text};

    #[test]
    fn a_script_is_text_without_the_mark_of_its_byte_order() {
        assert_eq!(script_text(b"\xef\xbb\xbfselect 1;\n"), Ok("select 1;\n"));
        assert_eq!(script_text("select '\u{feff}';".as_bytes()), Ok("select '\u{feff}';"));
        assert_eq!(script_text(b"select 1;\nselect '\xe4';\n"), Err(NotText { byte: 0xe4, line: 2 }));
        assert_eq!(script_text(b"\xff"), Err(NotText { byte: 0xff, line: 1 }));
    }
}
