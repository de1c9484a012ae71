//! Thousands of generated cases that a PostgreSQL 15 has answered: `data/*.tsv.zst`.
//!
//! A line is the name of an operation, its arguments, and the answer, separated by tabs and escaped as COPY does it. An
//! answer is `=` and a result, or `!` and SQLSTATE, message, detail, hint and context, separated by bars.

#![allow(clippy::unwrap_used)]

mod operations;

use std::fmt::Write;

fn unescape(field: &str) -> String {
    let mut out = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('b') => out.push('\u{8}'),
                Some('f') => out.push('\u{c}'),
                Some('v') => out.push('\u{b}'),
                Some(other) => out.push(other),
                None => {}
            },
            (character, false) => out.push(character),
        }
    }
    out
}

fn compare_all(name: &str, data: &str) {
    let mut report = String::new();
    let (mut count, mut wrong) = (0, 0);
    for line in data.lines().filter(|line| !line.is_empty()) {
        let mut fields: Vec<Option<String>> =
            line.split('\t').map(|field| (field != "\\N").then(|| unescape(field))).collect();
        let expected = fields.pop().unwrap().unwrap();
        let operation = fields.remove(0).unwrap();
        let found = operations::run(&operation, &fields);
        count += 1;
        if found != expected {
            wrong += 1;
            if wrong <= 25 {
                let _ = writeln!(report, "{operation} {fields:?}\n  postgres {expected}\n  here     {found}");
            }
        }
    }
    assert!(count > 0, "{name} has no cases");
    assert_eq!(wrong, 0, "{name}: {wrong} of {count} differ\n{report}");
    println!("{name}: {count} cases agree");
}

macro_rules! suites {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            let compressed = include_bytes!(concat!("data/", stringify!($name), ".tsv.zst"));
            compare_all(stringify!($name), &answers::text(compressed));
        })*
    };
}

suites! { text access binary order change build path_text path_query path_datetime }
