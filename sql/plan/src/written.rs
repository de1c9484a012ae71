//! Calls that SQL writes in words of their own, as PostgreSQL writes them again (`ruleutils.c`'s view of SQL syntax).

use crate::expression::Expression;
use types::Value;

/// A piece of such a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Words.
    Words(&'static str),
    /// The argument at this place.
    Argument(usize),
    /// The argument at this place, which has parentheses if it is no simple expression.
    Operand(usize),
    /// A keyword that the argument at this place names: `NFC`.
    Keyword(String),
    /// A name that the argument at this place is: `year`.
    Name(String),
}

/// The pieces of a call of a function of the system that was written in words; none if it has no such form with these
/// arguments.
pub fn in_words(name: &str, arguments: &[Expression]) -> Option<Vec<Piece>> {
    use Piece::{Argument, Name, Operand, Words};
    let two = |begin, first, between, second, end| {
        vec![Words(begin), Argument(first), Words(between), Argument(second), Words(end)]
    };
    let pieces = match (name, arguments.len()) {
        ("timezone", 2) => vec![Words("("), Operand(1), Words(" AT TIME ZONE "), Operand(0), Words(")")],
        ("position", 2) => two("POSITION((", 1, ") IN (", 0, "))"),
        ("overlaps", 4) => {
            let mut pieces = two("((", 0, ", ", 1, ") OVERLAPS (");
            pieces.extend([Argument(2), Words(", "), Argument(3), Words("))")]);
            pieces
        }
        ("extract", 2) => {
            vec![Words("EXTRACT("), Name(word(&arguments[0])?), Words(" FROM "), Argument(1), Words(")")]
        }
        ("is_normalized", 1) => vec![Words("("), Operand(0), Words(" IS NORMALIZED)")],
        ("is_normalized", 2) => {
            // The form that is meant without a word is not written.
            let form = match keyword(&arguments[1])? {
                Piece::Keyword(form) if form == "NFC" => Words(""),
                form => form,
            };
            let blank = if form == Words("") { " IS" } else { " IS " };
            vec![Words("("), Operand(0), Words(blank), form, Words(" NORMALIZED)")]
        }
        ("normalize", 1) => vec![Words("NORMALIZE("), Argument(0), Words(")")],
        ("normalize", 2) if keyword(&arguments[1]) == Some(Piece::Keyword("NFC".to_owned())) => {
            vec![Words("NORMALIZE("), Argument(0), Words(")")]
        }
        ("normalize", 2) => {
            vec![Words("NORMALIZE("), Argument(0), Words(", "), keyword(&arguments[1])?, Words(")")]
        }
        ("pg_collation_for", 1) => vec![Words("COLLATION FOR ("), Argument(0), Words(")")],
        ("overlay", 3 | 4) => {
            let mut pieces = vec![Words("OVERLAY("), Argument(0), Words(" PLACING "), Argument(1)];
            pieces.extend([Words(" FROM "), Argument(2)]);
            if arguments.len() == 4 {
                pieces.extend([Words(" FOR "), Argument(3)]);
            }
            pieces.push(Words(")"));
            pieces
        }
        // A pattern without ESCAPE was never meant to stand behind FROM.
        ("substring", 2) if arguments[1].result.oid == types::catalog::oid::TEXT => return None,
        ("substring", 2) => two("SUBSTRING(", 0, " FROM ", 1, ")"),
        ("substring", 3) => {
            let similar = arguments[1].result.oid == types::catalog::oid::TEXT;
            let (second, third) = if similar { (" SIMILAR ", " ESCAPE ") } else { (" FROM ", " FOR ") };
            let mut pieces = two("SUBSTRING(", 0, second, 1, third);
            pieces.extend([Argument(2), Words(")")]);
            pieces
        }
        ("btrim" | "ltrim" | "rtrim", 1 | 2) => {
            let side = match name {
                "btrim" => "TRIM(BOTH ",
                "ltrim" => "TRIM(LEADING ",
                _ => "TRIM(TRAILING ",
            };
            match arguments.len() {
                1 => vec![Words(side), Words("FROM "), Argument(0), Words(")")],
                _ => two(side, 1, " FROM ", 0, ")"),
            }
        }
        _ => return None,
    };
    Some(pieces)
}

/// An argument that can only have been a keyword.
fn keyword(argument: &Expression) -> Option<Piece> {
    word(argument).map(Piece::Keyword)
}

fn word(argument: &Expression) -> Option<String> {
    match argument.as_constant()? {
        Value::Bytes(text) => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    }
}
