//! `SIMILAR TO`: its patterns as regular expressions.

use super::find::first_part;
use super::options::compiled;
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect, scalar, scalar_lenient};
use ::pattern::Flags;
use diagnostic::SqlState;
use types::Vector;

/// The regular expression of a pattern. Without escape character a backslash is one; an empty one is none.
fn translated(pattern: &str, escape: Option<&str>) -> FunctionResult<String> {
    let mut characters = escape.unwrap_or("\\").chars();
    let escape = characters.next();
    if characters.next().is_some() {
        let hint = "Escape string must be empty or one character.";
        return Err(FunctionError::hinted(SqlState::InvalidEscapeSequence, "invalid escape string", hint));
    }
    let mut out = String::from("^(?:");
    // How many brackets are open, and where their first character stands: a closing bracket there is one of the set.
    let (mut depth, mut first) = (0usize, false);
    let (mut escaped, mut separators) = (false, 0);
    for character in pattern.chars() {
        if escaped {
            if character == '"' && depth == 0 {
                // Between the two separators is what `substring` returns: a group, around which as little as possible.
                out.push_str(match separators {
                    0 => "){1,1}?(",
                    1 => "){1,1}(?:",
                    _ => return Err(too_many_separators()),
                });
                separators += 1;
            } else {
                out.extend(['\\', character]);
            }
            (escaped, first) = (false, false);
        } else if escape == Some(character) {
            escaped = true;
        } else if depth > 0 {
            match character {
                '\\' => out.push('\\'),
                '[' => depth += 1,
                ']' if !first => depth -= 1,
                _ => {}
            }
            first = first && character == '^' && out.ends_with('[');
            out.push(character);
        } else {
            match character {
                '[' => {
                    (depth, first) = (1, true);
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

fn too_many_separators() -> FunctionError {
    let message = "SQL regular expression may not contain more than two escape-double-quote separators";
    FunctionError::plain(SqlState::InvalidUseOfEscapeCharacter, message)
}

/// The part of a text that an SQL pattern marks.
pub(crate) fn substring(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (texts, patterns) = (argument::<&str>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    let escapes = argument::<&str>(arguments, 2)?;
    collect::<Option<String>>(arguments.rows, |row| {
        let translated = translated(patterns.at(row)?, Some(escapes.at(row)?))?;
        let pattern = compiled(context, &translated, Flags::default())?;
        first_part(context, &pattern, texts.at(row)?)
    })
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
