//! `SIMILAR TO`: its patterns as regular expressions.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::{scalar, scalar_lenient};
use diagnostic::SqlState;

/// The regular expression of a pattern. Without escape character a backslash is one; an empty one is none.
fn translated(pattern: &str, escape: Option<&str>) -> FunctionResult<String> {
    let mut characters = escape.unwrap_or("\\").chars();
    let escape = characters.next();
    if characters.next().is_some() {
        let hint = "Escape string must be empty or one character.";
        return Err(FunctionError::hinted(SqlState::InvalidEscapeSequence, "invalid escape string", hint));
    }
    let mut out = String::from("^(?:");
    let (mut escaped, mut inside) = (false, false);
    for character in pattern.chars() {
        if escaped {
            if character == '"' && !inside {
                return Err(FunctionError::Unsupported(
                    "SUBSTRING with separators in its pattern".to_owned(),
                ));
            }
            out.extend(['\\', character]);
            escaped = false;
        } else if escape == Some(character) {
            escaped = true;
        } else if inside {
            if character == '\\' {
                out.push('\\');
            }
            inside = character != ']';
            out.push(character);
        } else {
            match character {
                '[' => {
                    inside = true;
                    out.push('[');
                }
                '%' => out.push_str(".*"),
                '_' => out.push('.'),
                '(' => out.push_str("(?:"),
                '\\' | '.' | '^' | '$' => out.extend(['\\', character]),
                character => out.push(character),
            }
        }
    }
    out.push_str(")$");
    Ok(out)
}

scalar! {
    fn similar_to_escape_1(pattern: &str) -> String { translated(pattern, None)? }
    fn similar_to_escape_2(pattern: &str, escape: &str) -> String { translated(pattern, Some(escape))? }
}

scalar_lenient! {
    fn similar_escape(pattern: &str, escape: &str) -> Option<String> {
        pattern.map(|pattern| translated(pattern, escape)).transpose()?
    }
}
