//! Options of dictionaries, as they are written and kept, and what they name: files, and other dictionaries.

use super::{Dictionary, lower};
use crate::error::{SearchError, SearchResult};
use std::collections::BTreeSet;
use std::fmt::Write;

/// What an option is set to: numbers are kept without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionValue {
    /// As it was written.
    pub text: String,
    /// Whether it was a number.
    pub number: bool,
}

/// Where dictionaries find what their options name.
pub trait Source {
    /// The text of a file; `what` is what messages call it.
    ///
    /// # Errors
    /// When it cannot be read.
    fn file(&self, what: &'static str, name: &str) -> SearchResult<String>;

    /// Another dictionary.
    ///
    /// # Errors
    /// When there is none of the name.
    fn dictionary(&self, name: &str) -> SearchResult<Dictionary>;
}

/// The name of a file of a base name: what stands there cannot lead anywhere else.
///
/// # Errors
/// When there is something else in it than small letters, digits and lines.
pub fn file_name(base: &str, extension: &str) -> SearchResult<String> {
    let fits = |found: u8| found.is_ascii_lowercase() || found.is_ascii_digit() || found == b'_';
    if !base.bytes().all(fits) {
        return Err(SearchError::FileName(base.to_owned()));
    }
    Ok(format!("{base}.{extension}"))
}

/// The words of a file of words that say nothing.
pub(super) fn stops(base: &str, source: &dyn Source) -> SearchResult<BTreeSet<String>> {
    let name = file_name(base, "stop")?;
    if base == "english" {
        return Ok(super::english::ENGLISH_STOPS.iter().map(|word| (*word).to_owned()).collect());
    }
    let text = source.file("stop-word file", &name)?;
    let words = text.lines().filter_map(|line| line.split(char::is_whitespace).next());
    Ok(words.filter(|word| !word.is_empty()).map(lower).collect())
}

/// A truth, as options are.
pub(super) fn truth(name: &str, value: &OptionValue) -> SearchResult<bool> {
    let text = value.text.to_ascii_lowercase();
    match (text.as_str(), value.number) {
        ("1", true) | ("true" | "on", false) => Ok(true),
        ("0", true) | ("false" | "off", false) => Ok(false),
        _ => Err(SearchError::NoTruth(name.to_owned())),
    }
}

/// Sets what is set once at most; `label` is what messages call it.
pub(super) fn once<T>(
    place: &mut Option<T>,
    label: &'static str,
    value: impl FnOnce() -> SearchResult<T>,
) -> SearchResult<()> {
    if place.is_some() {
        return Err(SearchError::Parameter(format!("multiple {label} parameters")));
    }
    *place = Some(value()?);
    Ok(())
}

/// Options as a catalog keeps them; none of none.
pub fn write_options(options: &[(String, OptionValue)]) -> Option<String> {
    let mut text = String::new();
    for (name, value) in options {
        let separator = if text.is_empty() { "" } else { ", " };
        let plain = name.bytes().enumerate().all(|(at, found)| {
            found.is_ascii_lowercase() || found == b'_' || (at > 0 && found.is_ascii_digit())
        });
        let shown = if plain { name.clone() } else { format!("\"{}\"", name.replace('"', "\"\"")) };
        // Writing to a text cannot fail.
        let _ = if value.number {
            write!(text, "{separator}{shown} = {}", value.text)
        } else {
            let escape = if value.text.contains('\\') { "E" } else { "" };
            let quoted = value.text.replace('\\', "\\\\").replace('\'', "''");
            write!(text, "{separator}{shown} = {escape}'{quoted}'")
        };
    }
    (!text.is_empty()).then_some(text)
}

/// Options as [`write_options`] has written them.
pub fn parse_options(text: &str) -> Vec<(String, OptionValue)> {
    let mut rest = text;
    let mut options = Vec::new();
    while let Some((name, behind)) = taken(rest) {
        let Some(value) = behind.strip_prefix(" = ") else { break };
        let escaped = value.starts_with('E');
        let value = if escaped { &value[1..] } else { value };
        let (value, behind) = if value.starts_with('\'') {
            let Some((text, behind)) = quoted(value, '\'') else { break };
            let text = if escaped { text.replace("\\\\", "\\") } else { text };
            (OptionValue { text, number: false }, behind)
        } else {
            let end = value.find(", ").unwrap_or(value.len());
            (OptionValue { text: value[..end].to_owned(), number: true }, &value[end..])
        };
        options.push((name, value));
        rest = behind.strip_prefix(", ").unwrap_or(behind);
    }
    options
}

/// A name and what stands behind it.
fn taken(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        return quoted(text, '"');
    }
    let end = text.find(' ')?;
    Some((text[..end].to_owned(), &text[end..]))
}

/// What stands between two marks, which are doubled within.
fn quoted(text: &str, mark: char) -> Option<(String, &str)> {
    let (mut found, mut characters) = (String::new(), text.char_indices().skip(1).peekable());
    while let Some((place, next)) = characters.next() {
        if next != mark {
            found.push(next);
        } else if characters.peek().is_some_and(|(_, again)| *again == mark) {
            found.push(mark);
            characters.next();
        } else {
            return Some((found, &text[place + 1..]));
        }
    }
    None
}
