//! `jsonb`: an entry for each key and scalar, or for each scalar with the keys that lead to it.

use super::{LONGEST, Question, Wanted, some};
use crate::array::ArrayView;
use crate::value::Item;
use json::jsonb::{Value, Visit, Walk, key};
use json::path::JsonPath;
use json::path::tree::{Accessor, Comparison, Expression};

/// What an entry is of: a key or a text in an array, another text, another scalar.
const KEY: u8 = b'k';
const TEXT: u8 = b't';
const SCALAR: u8 = b's';

fn tagged(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut whole = vec![tag];
    whole.extend_from_slice(&bytes[..bytes.len().min(LONGEST)]);
    // An end, since others may begin so.
    whole.push(0);
    some(&whole)
}

fn scalar(value: Value<'_>, in_array: bool) -> Vec<u8> {
    match value {
        // What is in an array may be asked for as if it were a key.
        Value::String(text) => tagged(if in_array { KEY } else { TEXT }, text.as_bytes()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            tagged(SCALAR, &key(value))
        }
    }
}

/// The entries of keys and scalars.
pub(super) fn keys(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    // A scalar that is the whole document is as one in an array.
    let mut in_array = vec![true];
    for visit in Walk::new(Value::from_bytes(bytes)) {
        match visit {
            Visit::ObjectStart(_) => in_array.push(false),
            Visit::ArrayStart(_) => in_array.push(true),
            Visit::ObjectEnd | Visit::ArrayEnd => drop(in_array.pop()),
            Visit::Key(name) => entries.push(tagged(KEY, name.as_bytes())),
            Visit::Scalar(value) => entries.push(scalar(value, in_array.last().copied().unwrap_or(true))),
        }
    }
    entries
}

/// FNV-1a, which stays what it is: it is on pages.
fn hashed(mut state: u64, bytes: &[u8]) -> u64 {
    for byte in bytes {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    state
}

const BEGIN: u64 = 0xcbf2_9ce4_8422_2325;

/// The entries of scalars with the keys that lead to them.
pub(super) fn paths(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    let mut levels = vec![BEGIN];
    // Where what comes next is.
    let mut here = BEGIN;
    for visit in Walk::new(Value::from_bytes(bytes)) {
        match visit {
            Visit::ObjectStart(_) | Visit::ArrayStart(_) => levels.push(here),
            Visit::ObjectEnd | Visit::ArrayEnd => {
                levels.pop();
                here = levels.last().copied().unwrap_or(BEGIN);
            }
            Visit::Key(name) => {
                let above = levels.last().copied().unwrap_or(BEGIN);
                here = hashed(hashed(above, &[1]), name.as_bytes());
            }
            Visit::Scalar(value) => {
                let of_scalar = hashed(hashed(here, &[2]), &scalar(value, true));
                entries.push(some(&of_scalar.to_be_bytes()));
            }
        }
    }
    entries
}

fn all_of(entries: Vec<Vec<u8>>) -> Wanted {
    Wanted::all(entries.into_iter().map(Wanted::Beginning))
}

fn path_of(bytes: &[u8]) -> Option<JsonPath> {
    JsonPath::parse(std::str::from_utf8(bytes).ok()?).ok()
}

/// Which entries a document must have where all keys and scalars have one.
pub(super) fn wanted_keys(question: Question, with: &[u8]) -> Option<Wanted> {
    let of_texts = || {
        let view = ArrayView::new(with)?;
        let of_text = |item: Item<'_>| match item {
            Item::Bytes(text) => Some(Wanted::Beginning(tagged(KEY, text))),
            _ => None,
        };
        Some(view.items().filter_map(of_text).collect::<Vec<_>>())
    };
    Some(match question {
        Question::Contains => all_of(keys(with)),
        Question::Exists => Wanted::Beginning(tagged(KEY, with)),
        Question::ExistsAny => Wanted::one(of_texts()?),
        Question::ExistsAll => Wanted::all(of_texts()?),
        Question::PathExists => found(path_of(with)?.expression()),
        Question::Matches => fulfilled(path_of(with)?.expression()),
        _ => return None,
    })
}

/// The same where scalars have one with the keys that lead to them. Paths may reach a scalar in more ways than can be named.
pub(super) fn wanted_paths(question: Question, with: &[u8]) -> Option<Wanted> {
    match question {
        Question::Contains => Some(all_of(paths(with))),
        Question::PathExists | Question::Matches => Some(Wanted::Any),
        _ => None,
    }
}

/// What must be there for an expression to find something.
fn found(expression: &Expression) -> Wanted {
    match expression {
        Expression::Chain(base, accessors) if matches!(**base, Expression::Root | Expression::Current) => {
            along(accessors)
        }
        _ => Wanted::Any,
    }
}

/// What must be there for the steps of a path to lead somewhere.
fn along(accessors: &[Accessor]) -> Wanted {
    let mut parts = Vec::new();
    for accessor in accessors {
        match accessor {
            Accessor::Key(name) => parts.push(Wanted::Beginning(tagged(KEY, name.as_bytes()))),
            Accessor::Filter(predicate) => parts.push(fulfilled(predicate)),
            Accessor::AnyKey | Accessor::AnyElement | Accessor::Subscript(_) | Accessor::AnyLevel { .. } => {}
            // Behind it is what the document does not have.
            Accessor::Method(_) | Accessor::Datetime(_) => break,
        }
    }
    Wanted::all(parts)
}

/// What must be there for a predicate to be true.
fn fulfilled(predicate: &Expression) -> Wanted {
    match predicate {
        Expression::And(left, right) => Wanted::all([fulfilled(left), fulfilled(right)]),
        Expression::Or(left, right) => Wanted::one([fulfilled(left), fulfilled(right)]),
        Expression::Exists(operand) => found(operand),
        Expression::Compare(comparison, left, right) => {
            let sides = Wanted::all([found(left), found(right)]);
            match comparison {
                Comparison::Equal => {
                    let values = Wanted::all([same_as(left, right), same_as(right, left)]);
                    Wanted::all([sides, values])
                }
                Comparison::NotEqual
                | Comparison::Less
                | Comparison::LessOrEqual
                | Comparison::Greater
                | Comparison::GreaterOrEqual => sides,
            }
        }
        Expression::StartsWith(whole, _) | Expression::LikeRegex(whole, _) => found(whole),
        Expression::Chain(..) => found(predicate),
        Expression::Root
        | Expression::Current
        | Expression::Last
        | Expression::Literal(_)
        | Expression::Variable(_)
        | Expression::Arithmetic(..)
        | Expression::Sign { .. }
        | Expression::Not(_)
        | Expression::IsUnknown(_) => Wanted::Any,
    }
}

/// What must be there for something in a document to equal a literal.
fn same_as(side: &Expression, literal: &Expression) -> Wanted {
    let Expression::Literal(literal) = literal else { return Wanted::Any };
    let as_it_is = |accessor: &Accessor| !matches!(accessor, Accessor::Method(_) | Accessor::Datetime(_));
    let in_document = match side {
        Expression::Root | Expression::Current => true,
        Expression::Chain(base, accessors) => {
            matches!(**base, Expression::Root | Expression::Current) && accessors.iter().all(as_it_is)
        }
        _ => false,
    };
    if !in_document {
        return Wanted::Any;
    }
    let value = literal.value();
    Wanted::one([true, false].map(|in_array| Wanted::Beginning(scalar(value, in_array))))
}
