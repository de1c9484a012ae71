//! Arguments that were left out, in texts that the catalog keeps.
//!
//! Such a text says of which type an argument is that is not given, so that the function is found again whatever others there will be
//! of its name: it calls [`LEFT_OUT`] with a null of the type in its place. Who shows the text to others, and cannot bind it, leaves that
//! out as its author did.

use std::borrow::Cow;

/// What stands for an argument that was left out; it is no function.
pub const LEFT_OUT: &str = "default";

/// How that begins. Nothing else that is kept does: no schema of the program has such a function, and strings are passed over.
const MARK: &str = "pg_catalog.\"default\"(NULL::";

/// A kept text as it is to be written down: without what stands for arguments that were left out.
pub fn as_written(text: &str) -> Cow<'_, str> {
    if !text.contains(MARK) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix(MARK) {
            let mut of = behind;
            while let Some(next) = of.chars().next().filter(|next| *next != ')') {
                of = &of[if next == '"' { quoted(of, next, false) } else { next.len_utf8() }..];
            }
            rest = of.strip_prefix(')').unwrap_or(of);
            cut_beginning(&mut written);
            continue;
        }
        let escapes = written.ends_with(['E', 'e']);
        let length =
            if matches!(first, '\'' | '"') { quoted(rest, first, escapes) } else { first.len_utf8() };
        written.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Cow::Owned(written)
}

/// How long what is between quotes is that a text begins with, both of them included.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut characters = text.char_indices().skip(1);
    while let Some((place, character)) = characters.next() {
        if character == quote {
            return place + 1;
        }
        if character == '\\' && escapes {
            characters.next();
        }
    }
    text.len()
}

/// Takes away what stands before an argument's value: its name, `VARIADIC`, the comma.
fn cut_beginning(written: &mut String) {
    if let Some(named) = written.strip_suffix(" => ") {
        let start = match named.strip_suffix('"') {
            Some(inner) => inner.rfind('"'),
            None => named.rfind([' ', '(']).map(|before| before + 1),
        };
        written.truncate(start.unwrap_or(0));
    }
    for part in ["VARIADIC ", ", "] {
        if written.ends_with(part) {
            written.truncate(written.len() - part.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_were_left_out_are_not_written() {
        let int = "pg_catalog.\"default\"(NULL::integer)";
        assert_eq!(as_written("public.f(1)"), "public.f(1)");
        assert_eq!(as_written(&format!("public.f({int})")), "public.f()");
        assert_eq!(as_written(&format!("(public.f(a, {int}, {int}) > 0)")), "(public.f(a) > 0)");
        assert_eq!(as_written(&format!("f(c => 3, b => {int}, \"A b\" => {int})")), "f(c => 3)");
        assert_eq!(as_written(&format!("f(2, VARIADIC {int}) + g({int}, {int})")), "f(2) + g()");
        let odd = "f(1, pg_catalog.\"default\"(NULL::s.\"a)\"\"b\")) || 'pg_catalog.\"default\"(NULL::x)'";
        assert_eq!(as_written(odd), "f(1) || 'pg_catalog.\"default\"(NULL::x)'");
    }
}
