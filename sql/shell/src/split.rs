//! Where statements end in a text, as far as the text alone tells: at semicolons outside of quotes, parentheses and
//! comments, and not within the body of a routine.

use crate::body::{Body, word_length};

/// The statements of a script with the blanks and comments before them, as far as they can be told apart by their text: at
/// semicolons outside of quotes, parentheses and comments.
pub fn statements(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut begin = 0;
    for end in ends(text) {
        push(&text[begin..end], &mut found);
        begin = end;
    }
    push(&text[begin..], &mut found);
    found
}

fn push<'t>(piece: &'t str, found: &mut Vec<&'t str>) {
    let piece = piece.trim();
    let only_comments =
        piece.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with("--"));
    if !only_comments {
        found.push(piece);
    }
}

/// The first statement of a script with the blanks and comments before it, and what follows it; none if there is nothing
/// but blanks and comments.
pub fn first(text: &str) -> Option<(&str, &str)> {
    let end = first_end(text).unwrap_or(text.len());
    let (mut found, rest) = (Vec::new(), &text[end..]);
    push(&text[..end], &mut found);
    match found.first() {
        Some(statement) => Some((statement, rest)),
        None if end < text.len() => first(rest),
        None => None,
    }
}

/// Where the first statement ends.
fn first_end(text: &str) -> Option<usize> {
    walk(text, true).first().copied()
}

/// Where statements end: behind their semicolons.
pub fn ends(text: &str) -> Vec<usize> {
    walk(text, false)
}

fn walk(text: &str, only_first: bool) -> Vec<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut ends, mut body) = (0, 0usize, Vec::new(), Body::default());
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => at = quoted(bytes, at, b'\'', is_escape_string(bytes, at)),
            b'"' => at = quoted(bytes, at, b'"', false),
            b'$' => at = dollar_quoted(text, at),
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = text[at..].find('\n').map_or(bytes.len(), |length| at + length);
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => at = comment(bytes, at),
            b'(' => {
                depth += 1;
                at += 1;
            }
            b')' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b';' if depth == 0 && !body.is_open() => {
                at += 1;
                body = Body::default();
                ends.push(at);
                if only_first {
                    return ends;
                }
            }
            byte if byte == b'_' || byte.is_ascii_alphabetic() => {
                let length = word_length(&text[at..]);
                body.word(&text[at..at + length]);
                at += length;
            }
            // A letter that is no ASCII begins words that nothing depends on.
            _ => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    ends
}

fn is_escape_string(bytes: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|place| bytes[place]);
    let letter = matches!(before(1), Some(b'e' | b'E'));
    letter && !before(2).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn quoted(bytes: &[u8], at: usize, quote: u8, escapes: bool) -> usize {
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escapes => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn dollar_quoted(text: &str, at: usize) -> usize {
    let rest = &text[at + 1..];
    let Some(length) = rest.find('$') else { return at + 1 };
    let tag = &rest[..length];
    let is_tag = tag.chars().all(|found| found.is_alphanumeric() || found == '_')
        && !tag.starts_with(|found: char| found.is_ascii_digit());
    if !is_tag {
        return at + 1;
    }
    let closing = &text[at..at + length + 2];
    let body = at + closing.len();
    text[body..].find(closing).map_or(text.len(), |length| body + length + closing.len())
}

fn comment(bytes: &[u8], at: usize) -> usize {
    let (mut at, mut depth) = (at + 2, 1);
    while at < bytes.len() && depth > 0 {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => (at, depth) = (at + 2, depth + 1),
            (b'*', Some(b'/')) => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn statements_are_told_apart() {
        let text = "select ';'; -- a; b\nselect $x$;$x$; /* ; /* ; */ */ select (1;2); select E'\\';'; ";
        let expected =
            ["select ';';", "-- a; b\nselect $x$;$x$;", "/* ; /* ; */ */ select (1;2);", "select E'\\';';"];
        assert_eq!(statements(text), expected);
        let body =
            "create function f() returns int begin atomic select case when true then 1 end; select 2; end;";
        assert_eq!(statements(&format!("{body} begin; end;")), [body, "begin;", "end;"]);
        assert_eq!(statements("select ä; select é1;"), ["select ä;", "select é1;"]);
    }
}
