//! Options of publications and subscriptions: what is written, and what that means.

use crate::error::{DefineError, DefineResult, plain};
use diagnostic::SqlState;
use syntax::tree::expression::ExpressionKind;
use syntax::tree::option::{Definition, DefinitionValue};

/// What an option is set to, as a text. Options without a value are refused.
pub(super) fn text(option: &Definition<'_>) -> DefineResult<String> {
    let Some(value) = &option.value else {
        return Err(plain(SqlState::SyntaxError, format!("{} requires a parameter", option.name.text)));
    };
    Ok(match value {
        DefinitionValue::Type(name) => crate::written::type_name(name),
        DefinitionValue::Word(text) | DefinitionValue::String(text) => (*text).to_owned(),
        DefinitionValue::Number(number) => match number.kind {
            ExpressionKind::Integer(number) => number.to_string(),
            ExpressionKind::Decimal(text) => text.to_owned(),
            _ => String::new(), // the grammar has no others here
        },
        DefinitionValue::Operator(operator) => operator.symbol.to_owned(),
        DefinitionValue::Star => "*".to_owned(),
        DefinitionValue::List(words) => words.join("."),
    })
}

/// Whether an option is on, as it is if nothing is said.
pub(crate) fn boolean(option: &Definition<'_>) -> DefineResult<bool> {
    if option.value.is_none() {
        return Ok(true);
    }
    let is_number = matches!(&option.value, Some(DefinitionValue::Number(_)));
    let text = text(option)?.to_ascii_lowercase();
    match (text.as_str(), is_number) {
        ("true" | "on", false) | ("1", true) => Ok(true),
        ("false" | "off", false) | ("0", true) => Ok(false),
        _ => {
            let message = format!("{} requires a Boolean value", option.name.text);
            Err(plain(SqlState::SyntaxError, message))
        }
    }
}

/// Puts an option's value where it goes, if none is there yet.
pub(super) fn set<T>(
    place: &mut Option<T>,
    option: &Definition<'_>,
    value: impl FnOnce(&Definition<'_>) -> DefineResult<T>,
) -> DefineResult<()> {
    if place.is_some() {
        return Err(DefineError::ConflictingOptions { position: option.name.position });
    }
    *place = Some(value(option)?);
    Ok(())
}

/// Words with commas between them, in quotes or folded to small letters; none if they are not well written.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    if rest.is_empty() {
        return Some(found);
    }
    loop {
        let word = if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"')?;
            rest = &quoted[end + 1..];
            quoted[..end].to_owned()
        } else {
            let end = rest.find(|letter: char| letter == ',' || letter.is_whitespace()).unwrap_or(rest.len());
            let word = rest[..end].to_ascii_lowercase();
            rest = &rest[end..];
            word
        };
        if word.is_empty() {
            return None;
        }
        found.push(word);
        rest = rest.trim_start();
        if rest.is_empty() {
            return Some(found);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}
