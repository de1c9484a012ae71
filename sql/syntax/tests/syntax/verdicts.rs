//! What PostgreSQL 15's parser says of a few thousand statements, right ones and wrong ones, and what ours says.
//!
//! `data/verdicts.tsv` is written by `oracle -- --table data/statements.sql`: the place in characters from one, the words
//! of the refusal, the statement; the first two are empty for what is accepted.

use bumpalo::Bump;
use diagnostic::Diagnostic;

const VERDICTS: &str = include_str!("../data/verdicts.tsv");

fn verdict(text: &str) -> (String, String) {
    let arena = Bump::new();
    match syntax::parse(text, &arena, 400) {
        Ok(_) => (String::new(), String::new()),
        Err(error) => {
            let place = error.position().map_or(0, |at| text[..at as usize].chars().count() + 1);
            (place.to_string(), error.to_string())
        }
    }
}

#[test]
fn every_verdict_is_postgresqls() {
    let mut differing = Vec::new();
    for line in VERDICTS.lines() {
        let mut parts = line.splitn(3, '\t');
        let (place, words, text) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let ours = verdict(text);
        if (place, words) != (&ours.0, &ours.1) {
            differing.push(format!("{text}\n  postgres: {place} {words}\n  ours: {} {}", ours.0, ours.1));
        }
    }
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
    assert!(VERDICTS.lines().count() > 2_500);
}

/// Asked of a running PostgreSQL 15: statement, SQLSTATE, place in characters, words.
const LEXICAL: &[(&str, &str, usize, &str)] = &[
    ("select 123abc", "42601", 8, "trailing junk after numeric literal at or near \"123abc\""),
    ("select 1_2_3", "42601", 8, "trailing junk after numeric literal at or near \"1_2_3\""),
    ("select 0x0o", "42601", 8, "trailing junk after numeric literal at or near \"0x0o\""),
    ("select 0.0e", "42601", 8, "trailing junk after numeric literal at or near \"0.0e\""),
    ("select 0.0e+a", "42601", 8, "trailing junk after numeric literal at or near \"0.0e+\""),
    ("select $1a", "42601", 8, "trailing junk after parameter at or near \"$1a\""),
    ("select 1, E'wrong: \\u061'", "22025", 20, "invalid Unicode escape"),
    ("select 1, E'\\u00'", "22025", 13, "invalid Unicode escape"),
    ("select 1, E'a\\ud800'", "42601", 20, "invalid Unicode surrogate pair at or near \"'\""),
    ("select 1, E'a\\ud800\\u0041'", "42601", 20, "invalid Unicode surrogate pair at or near \"\\u0041\""),
    ("select 1, E'\\udc00'", "42601", 13, "invalid Unicode surrogate pair at or near \"\\udc00\""),
    ("select 1, E'\\u0000'", "42601", 13, "invalid Unicode escape value at or near \"\\u0000\""),
    ("select 1, U&'\\0000'", "42601", 14, "invalid Unicode escape value"),
    ("select 1, U&'\\d800'", "42601", 19, "invalid Unicode surrogate pair"),
    ("select 1, U&'\\006'", "42601", 14, "invalid Unicode escape"),
    ("select 1, E'\\xff'", "22021", 0, "invalid byte sequence for encoding \"UTF8\": 0xff"),
];

#[test]
fn the_lexers_refusals_are_postgresqls() {
    for (text, state, place, words) in LEXICAL {
        let arena = Bump::new();
        let error = syntax::parse(text, &arena, 400).expect_err(text);
        let at = error.position().map_or(0, |at| text[..at as usize].chars().count() + 1);
        let found = (error.sqlstate().code().to_owned(), at, error.to_string());
        assert_eq!(found, ((*state).to_owned(), *place, (*words).to_owned()), "{text}");
    }
}
