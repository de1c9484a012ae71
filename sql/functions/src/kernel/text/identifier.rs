//! `parse_ident` and `unistr`: text as SQL's tokens have it.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use diagnostic::SqlState;
use types::Item;
use types::Kind;
use types::array::ArrayBuilder;
use types::catalog::oid;

fn not_identifier(text: &str, detail: Option<&str>) -> FunctionError {
    FunctionError::Plain {
        state: SqlState::InvalidParameterValue,
        message: format!("string is not a valid identifier: \"{text}\""),
        detail: detail.map(str::to_owned),
        hint: None,
    }
}

fn begins(found: char) -> bool {
    found == '_' || found.is_ascii_alphabetic() || !found.is_ascii()
}

fn continues(found: char) -> bool {
    begins(found) || found.is_ascii_digit() || found == '$'
}

/// One name, and what stands behind it; `None` if there is none.
fn name<'t>(whole: &str, text: &'t str) -> FunctionResult<Option<(String, &'t str)>> {
    let Some(quoted) = text.strip_prefix('"') else {
        if !text.starts_with(begins) {
            return Ok(None);
        }
        let end = text.find(|found| !continues(found)).unwrap_or(text.len());
        return Ok(Some((text[..end].to_lowercase(), &text[end..])));
    };
    let (mut found, mut rest) = (String::new(), quoted);
    loop {
        let end = rest
            .find('"')
            .ok_or_else(|| not_identifier(whole, Some("String has unclosed double quotes.")))?;
        found.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(behind) => {
                found.push('"');
                rest = behind;
            }
            None if found.is_empty() => {
                return Err(not_identifier(whole, Some("Quoted identifier must not be empty.")));
            }
            None => return Ok(Some((found, rest))),
        }
    }
}

fn parsed(text: &str, strict: bool) -> FunctionResult<Vec<u8>> {
    let mut names = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
    let blank = |found: char| matches!(found, ' ' | '\t' | '\n' | '\r' | '\u{c}');
    let mut rest = text.trim_start_matches(blank);
    let mut behind_point = false;
    loop {
        let Some((found, behind)) = name(text, rest)? else {
            let detail = match (rest.starts_with('.'), behind_point) {
                (true, _) => Some("No valid identifier before \".\"."),
                (false, true) => Some("No valid identifier after \".\"."),
                (false, false) => None,
            };
            return Err(not_identifier(text, detail));
        };
        names.push(&Item::Bytes(found.as_bytes()));
        rest = behind.trim_start_matches(blank);
        match rest.strip_prefix('.') {
            Some(behind) => {
                behind_point = true;
                rest = behind.trim_start_matches(blank);
            }
            None if rest.is_empty() || !strict => return Ok(names.finish_list()),
            None => return Err(not_identifier(text, None)),
        }
    }
}

fn invalid_escape() -> FunctionError {
    let hint = "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.";
    FunctionError::hinted(SqlState::SyntaxError, "invalid Unicode escape", hint)
}

fn invalid_pair() -> FunctionError {
    FunctionError::plain(SqlState::SyntaxError, "invalid Unicode surrogate pair")
}

/// The number of an escape behind its backslash, and what stands behind it.
fn escaped(text: &str) -> FunctionResult<(u32, &str)> {
    let (skipped, digits) = match text.chars().next() {
        Some('+') => (1, 6),
        Some('u') => (1, 4),
        Some('U') => (1, 8),
        _ => (0, 4),
    };
    let number = text.get(skipped..skipped + digits);
    let number = number.filter(|number| number.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let number = number.and_then(|number| u32::from_str_radix(number, 16).ok()).ok_or_else(invalid_escape)?;
    Ok((number, &text[skipped + digits..]))
}

fn unescaped(text: &str) -> FunctionResult<String> {
    const HIGH: std::ops::Range<u32> = 0xd800..0xdc00;
    const LOW: std::ops::Range<u32> = 0xdc00..0xe000;
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(place) = rest.find('\\') {
        out.push_str(&rest[..place]);
        rest = &rest[place + 1..];
        if let Some(behind) = rest.strip_prefix('\\') {
            out.push('\\');
            rest = behind;
            continue;
        }
        let (mut number, behind) = escaped(rest)?;
        rest = behind;
        if HIGH.contains(&number) {
            let next = rest.strip_prefix('\\').ok_or_else(invalid_pair)?;
            let (low, behind) = escaped(next)?;
            if !LOW.contains(&low) {
                return Err(invalid_pair());
            }
            number = 0x1_0000 + ((number - HIGH.start) << 10) + (low - LOW.start);
            rest = behind;
        } else if LOW.contains(&number) {
            return Err(invalid_pair());
        }
        let found = char::from_u32(number).filter(|found| *found != '\0').ok_or_else(|| {
            let message = format!("invalid Unicode code point: {number:04X}");
            FunctionError::plain(SqlState::InvalidParameterValue, message)
        })?;
        out.push(found);
    }
    out.push_str(rest);
    Ok(out)
}

scalar! {
    fn parse_ident(text: &str, strict: bool) -> Vec<u8> { parsed(text, strict)? }
    fn unistr(text: &str) -> String { unescaped(text)? }
}
