//! Identifiers as text: quoted where they must be, joined by points.

use std::fmt::Write;
use syntax::keyword::{Keyword, KeywordClass};

/// The longest name, in bytes. What is longer is cut.
pub const NAME_BYTES_MAX: usize = 63;

/// Appends an identifier, in quotes where it would be read as something else without.
pub fn append_identifier(name: &str, text: &mut String) {
    let mut bytes = name.bytes();
    let plain = bytes.next().is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && Keyword::find(name).is_none_or(|keyword| keyword.class() == KeywordClass::Unreserved);
    if plain {
        text.push_str(name);
        return;
    }
    text.push('"');
    for character in name.chars() {
        if character == '"' {
            text.push('"');
        }
        text.push(character);
    }
    text.push('"');
}

/// An identifier, in quotes where it would be read as something else without.
pub fn quote_identifier(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    append_identifier(name, &mut text);
    text
}

/// `schema.name`, each in quotes where it must be.
pub fn qualified(schema: &str, name: &str) -> String {
    let mut text = String::with_capacity(schema.len() + name.len() + 1);
    append_identifier(schema, &mut text);
    text.push('.');
    append_identifier(name, &mut text);
    text
}

/// The part of `name` that a name may have: at most [`NAME_BYTES_MAX`] bytes, and no half character.
pub fn truncate(name: &str) -> &str {
    truncate_to(name, NAME_BYTES_MAX)
}

/// The first bytes of a name, and no half character.
pub fn truncate_to(name: &str, bytes: usize) -> &str {
    if name.len() <= bytes {
        return name;
    }
    // The beginning of a text is a boundary, so one is found.
    let end = (0..=bytes).rev().find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    name.split_at(end).0
}

/// The name that PostgreSQL makes for an object of a table: `table_columns_label`, the longer of the first two parts cut
/// until it fits.
pub fn object_name(table: &str, columns: Option<&str>, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(columns.is_some());
    let available = NAME_BYTES_MAX.saturating_sub(overhead);
    let (mut first, mut second) = (table.len(), columns.map_or(0, str::len));
    while first + second > available {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let mut name = truncate_to(table, first).to_owned();
    if let Some(columns) = columns {
        // Writing to a string cannot fail.
        let _ = write!(name, "_{}", truncate_to(columns, second));
    }
    let _ = write!(name, "_{label}");
    name
}

/// The names of a list as settings keep it: between commas, quoted where they must be.
pub fn identifier_list(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut characters = text.chars().peekable();
    loop {
        while characters.next_if(|next| next.is_whitespace() || *next == ',').is_some() {}
        let Some(first) = characters.next() else { return names };
        let mut name = String::new();
        if first == '"' {
            while let Some(next) = characters.next() {
                if next == '"' && characters.next_if_eq(&'"').is_none() {
                    break;
                }
                name.push(next);
            }
        } else {
            name.extend(first.to_lowercase());
            while let Some(next) = characters.next_if(|next| *next != ',' && !next.is_whitespace()) {
                name.extend(next.to_lowercase());
            }
        }
        names.push(name);
    }
}

/// Takes a name up to the quote that ends it: what stands behind that. `None` without one.
fn quoted_name<'t>(quoted: &'t str, name: &mut String) -> Option<&'t str> {
    let mut characters = quoted.char_indices().peekable();
    loop {
        match characters.next()? {
            (_, '"') if characters.next_if(|(_, next)| *next == '"').is_some() => name.push('"'),
            (end, '"') => return Some(&quoted[end + 1..]),
            (_, other) => name.push(other),
        }
    }
}

/// The same of a text that must be such a list, or nothing but blanks: `None` of another one.
pub fn strict_identifier_list(text: &str) -> Option<Vec<String>> {
    const BLANK: [char; 5] = [' ', '\t', '\n', '\r', '\x0c'];
    let (mut names, mut rest) = (Vec::new(), text.trim_start_matches(BLANK));
    if rest.is_empty() {
        return Some(names);
    }
    loop {
        let mut name = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted_name(quoted, &mut name)?;
        } else {
            let end = rest.find(|next: char| next == ',' || BLANK.contains(&next)).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            name.extend(rest[..end].chars().flat_map(char::to_lowercase));
            rest = &rest[end..];
        }
        names.push(types::text::truncate_name(&name).to_owned());
        rest = rest.trim_start_matches(BLANK);
        match rest.strip_prefix(',') {
            Some(after) => rest = after.trim_start_matches(BLANK),
            None => return rest.is_empty().then_some(names),
        }
    }
}

/// The names of an object between points, as texts give them: a quoted one may hold anything, another all but blanks and points.
/// `None` of a text that is no such names.
pub fn qualified_names(text: &str) -> Option<Vec<String>> {
    let (mut names, mut rest) = (Vec::new(), text.trim_start());
    loop {
        let mut name = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted_name(quoted, &mut name)?;
        } else {
            let end = rest.find(|next: char| next == '.' || next.is_ascii_whitespace()).unwrap_or(rest.len());
            name.extend(rest[..end].chars().flat_map(char::to_lowercase));
            rest = &rest[end..];
        }
        if name.is_empty() {
            return None;
        }
        names.push(types::text::truncate_name(&name).to_owned());
        rest = rest.trim_start();
        match rest.strip_prefix('.') {
            Some(after) => rest = after.trim_start(),
            None => return rest.is_empty().then_some(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{object_name, quote_identifier, truncate};

    #[test]
    fn quotes_stand_where_postgres_puts_them() {
        for (name, quoted) in [
            ("a", "a"),
            ("A", "\"A\""),
            ("a b", "\"a b\""),
            ("select", "\"select\""),
            ("text", "text"),
            ("int", "\"int\""),
            ("left", "\"left\""),
            ("name", "name"),
            ("1a", "\"1a\""),
            ("_1", "_1"),
            ("a\"b", "\"a\"\"b\""),
            ("", "\"\""),
            ("é", "\"é\""),
            ("a$", "\"a$\""),
        ] {
            assert_eq!(quote_identifier(name), quoted);
        }
    }

    #[test]
    fn made_names_fit() {
        assert_eq!(object_name("t", Some("a_b"), "key"), "t_a_b_key");
        assert_eq!(object_name("t", None, "pkey"), "t_pkey");
        let long = "x".repeat(63);
        assert_eq!(object_name(&long, Some("ab"), "idx").len(), 63);
        assert_eq!(truncate(&"é".repeat(40)).len(), 62);
    }
}
