//! Files of questions and PostgreSQL's answers: columns between tabs, with COPY's escapes.

#![allow(dead_code)] // each test file uses its part

use diagnostic::Diagnostic;

/// The lines of such a file.
pub fn rows(text: &str) -> impl Iterator<Item = Vec<String>> {
    text.lines().map(|line| line.split('\t').map(unescape).collect())
}

fn unescape(column: &str) -> String {
    let mut text = String::new();
    let mut characters = column.chars();
    while let Some(character) = characters.next() {
        text.push(match (character, character == '\\') {
            (_, false) => character,
            (_, true) => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('v') => '\u{b}',
                Some(other) => other,
                None => '\\',
            },
        });
    }
    text
}

/// An error as the files have it.
pub fn refusal(error: &impl Diagnostic) -> String {
    let detail = error.detail().map(|detail| format!("|D:{detail}")).unwrap_or_default();
    let hint = error.hint().map(|hint| format!("|H:{hint}")).unwrap_or_default();
    format!("!{}|{error}{detail}{hint}", error.sqlstate().code())
}
