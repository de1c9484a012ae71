//! Where lines come from: a text, or somebody who types.

use crate::surroundings::Surroundings;

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
