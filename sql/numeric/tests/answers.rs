//! What PostgreSQL 15 answered, case by case.
//!
//! The files in `answers/` hold a case a line: a function, its arguments and the answer, separated by tabs; within a field
//! `\t`, `\n` and `\\` stand for a tab, a line's end and a backslash. An error is `ERROR`, SQLSTATE, message, and what goes
//! with it. The inputs were written or drawn at random, the answers are a server's.

#![allow(clippy::unwrap_used)] // a test

mod functions;

use diagnostic::Diagnostic;
use numeric::NumericError;

/// An error as the files write it.
fn error_text(error: &NumericError) -> String {
    let mut text = format!("ERROR {} {error}", error.sqlstate().code());
    if let Some(detail) = error.detail() {
        text = format!("{text} DETAIL {detail}");
    }
    if let Some(hint) = error.hint() {
        text = format!("{text} HINT {hint}");
    }
    text
}

fn unescape(field: &str) -> String {
    let mut text = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.push(match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            }),
            other => text.push(other),
        }
    }
    text
}

/// Whether two answers of a function that C's library calculates are the same but for the last digit, in which libraries
/// differ. (On the server's own system they do not.)
fn is_library_close(function: &str, answer: &str, expected: &str) -> bool {
    let exact = ["+", "-", "*", "/", "in", "text", "cmp", "round", "sign", "sqrt", "width_bucket", "numeric"];
    let Some(name) = function.strip_prefix("float8.").filter(|name| !exact.contains(name)) else {
        return false;
    };
    let (Ok(answer), Ok(expected)) = (answer.parse::<f64>(), expected.parse::<f64>()) else { return false };
    !name.starts_with("int") && (answer - expected).abs() <= expected.abs() * 1e-14
}

/// Compares all cases of a file; tells the first few that differ and how many they are.
fn compare(file: &str) {
    let mut differing = Vec::new();
    let mut count = 0;
    for line in file.lines() {
        let fields: Vec<String> = line.split('\t').map(unescape).collect();
        let [function, arguments @ .., expected] = fields.as_slice() else { panic!("no case: {line}") };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let answer = functions::call(function, &arguments).unwrap_or_else(|error| error_text(&error));
        count += 1;
        if answer != *expected && !is_library_close(function, &answer, expected) {
            differing.push(format!("{function}{arguments:?}\n  is       {answer}\n  not      {expected}"));
        }
    }
    assert!(count > 0);
    let shown = differing.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(differing.is_empty(), "{} of {count} cases differ:\n{shown}", differing.len());
}

macro_rules! themes {
    ($($theme:ident)*) => {
        $(#[test]
        fn $theme() {
            compare(&answers::text(include_bytes!(concat!("answers/", stringify!($theme), ".tsv.zst"))));
        })*
    };
}

themes!(text arithmetic division transcendental long whole conversions integers floats float_text aggregates to_char to_number);
