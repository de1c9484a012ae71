//! `tsvector` and `tsquery` as values: changed, joined, compared, matched.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::{Give, Take, internal, scalar};
use diagnostic::SqlState;
use search::query::DISTANCE_MAX;
use search::{Lexeme, Lexemes, Node, Query, SearchError, Weight};
use std::borrow::Cow;
use types::array::{ArrayBuilder, ArrayView};
use types::catalog::oid;
use types::vector::{BytesBuilder, BytesView, Data};
use types::{Item, Kind, Vector};

impl<'a> Take<'a> for Lexemes<'a> {
    type Column = BytesView<'a>;

    fn column(vector: &'a Vector) -> FunctionResult<BytesView<'a>> {
        <&[u8] as Take<'a>>::column(vector)
    }

    fn at(column: BytesView<'a>, place: usize) -> FunctionResult<Lexemes<'a>> {
        Lexemes::from_bytes(column.get(place)).ok_or_else(|| internal("damaged tsvector"))
    }
}

impl<'a> Take<'a> for Query {
    type Column = BytesView<'a>;

    fn column(vector: &'a Vector) -> FunctionResult<BytesView<'a>> {
        <&[u8] as Take<'a>>::column(vector)
    }

    fn at(column: BytesView<'a>, place: usize) -> FunctionResult<Query> {
        Query::from_bytes(column.get(place)).ok_or_else(|| internal("damaged tsquery"))
    }
}

macro_rules! give {
    ($($type:ty;)*) => {
        $(impl Give for $type {
            type Builder = BytesBuilder;

            fn builder(rows: usize) -> BytesBuilder {
                BytesBuilder::with_capacity(rows, 0)
            }

            fn give(self, builder: &mut BytesBuilder) -> FunctionResult<bool> {
                builder.push(&self.to_bytes())?;
                Ok(true)
            }

            fn give_null(builder: &mut BytesBuilder) {
                builder.push_empty(1);
            }

            fn data(builder: BytesBuilder) -> Data {
                Data::Bytes(builder.finish())
            }
        })*
    };
}

give! {
    Lexemes<'_>;
    Query;
}

/// The weight that a `"char"` says.
fn weight_of(letter: i16) -> FunctionResult<Weight> {
    let letter = letter as u8;
    let unknown = || match letter {
        b' '..=b'~' => char::from(letter).to_string(),
        0..b' ' | 127.. => format!("\\{letter:03o}"),
    };
    let found = Weight::from_letter(char::from(letter));
    Ok(found.ok_or_else(|| SearchError::UnknownWeight(unknown()))?)
}

/// The texts of an array that are not null.
pub(super) fn texts<'a>(array: &ArrayView<'a>) -> Vec<&'a str> {
    let text = |item| match item {
        Item::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    };
    array.items().filter_map(text).collect()
}

fn filtered<'a>(vector: Lexemes<'a>, weights: &ArrayView<'_>) -> FunctionResult<Lexemes<'a>> {
    let mut bits = 0;
    for item in weights.items() {
        let letter = match item {
            Item::Null => {
                return Err(FunctionError::plain(
                    SqlState::NullValueNotAllowed,
                    "weight array may not contain nulls",
                ));
            }
            Item::Int16(letter) => letter,
            _ => return Err(internal("an argument of another kind")),
        };
        bits |= weight_of(letter)?.bit();
    }
    Ok(vector.filtered(bits))
}

fn of_array(array: &ArrayView<'_>) -> FunctionResult<Lexemes<'static>> {
    let refused = |state, what: &str| Err(FunctionError::plain(state, what));
    if array.has_nulls() {
        return refused(SqlState::NullValueNotAllowed, "lexeme array may not contain nulls");
    }
    let texts = texts(array);
    if texts.contains(&"") {
        return refused(SqlState::ZeroLengthCharacterString, "lexeme array may not contain empty strings");
    }
    let lexeme = |text: &str| Lexeme { text: Cow::Owned(text.to_owned()), positions: Vec::new() };
    Ok(Lexemes::gathered(texts.into_iter().map(lexeme).collect())?)
}

fn to_array(vector: &Lexemes<'_>) -> Vec<u8> {
    let mut array = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
    for entry in vector.entries() {
        array.push(&Item::Bytes(entry.text.as_bytes()));
    }
    array.finish_list()
}

/// Two queries joined; an empty one is as if it were not there.
fn joined(left: Query, right: Query, join: impl FnOnce(Node, Node) -> Node) -> FunctionResult<Query> {
    Ok(match (left.root, right.root) {
        (Some(left), Some(right)) => Query::of(Some(join(left, right)))?,
        (left, right) => Query { root: left.or(right) },
    })
}

fn phrase(left: Query, right: Query, distance: i32) -> FunctionResult<Query> {
    let far = u16::try_from(distance).ok().filter(|distance| u32::from(*distance) <= DISTANCE_MAX);
    let far = far.ok_or(SearchError::Distance)?;
    joined(left, right, |left, right| Node::Phrase(Box::new(left), Box::new(right), far))
}

scalar! {
    fn tsvector_cmp(a: &[u8], b: &[u8]) -> i32 { a.cmp(b) as i32 }
    fn tsquery_cmp(a: &[u8], b: &[u8]) -> i32 { a.cmp(b) as i32 }
    fn tsvector_length(a: Lexemes<'_>) -> i32 { i32::try_from(a.entries().len()).unwrap_or(i32::MAX) }
    fn tsvector_strip(a: Lexemes<'_>) -> Lexemes<'_> { a.stripped() }
    fn tsvector_setweight(a: Lexemes<'_>, weight: i16) -> Lexemes<'_> { a.weighted(weight_of(weight)?, None) }
    fn tsvector_setweight_by_filter(a: Lexemes<'_>, weight: i16, only: ArrayView<'_>) -> Lexemes<'_> {
        a.weighted(weight_of(weight)?, Some(&texts(&only)))
    }
    fn tsvector_concat(a: Lexemes<'_>, b: Lexemes<'_>) -> Lexemes<'_> { a.concatenated(b)? }
    fn tsvector_delete_str(a: Lexemes<'_>, lexeme: &str) -> Lexemes<'_> { a.without(&[lexeme]) }
    fn tsvector_delete_arr(a: Lexemes<'_>, lexemes: ArrayView<'_>) -> Lexemes<'_> { a.without(&texts(&lexemes)) }
    fn tsvector_filter(a: Lexemes<'_>, weights: ArrayView<'_>) -> Lexemes<'_> { filtered(a, &weights)? }
    fn tsvector_to_array(a: Lexemes<'_>) -> Vec<u8> { to_array(&a) }
    fn array_to_tsvector(a: ArrayView<'_>) -> Lexemes<'_> { of_array(&a)? }
    fn ts_match_vq(a: Lexemes<'_>, query: Query) -> bool { a.matches(&query) }
    fn ts_match_qv(query: Query, a: Lexemes<'_>) -> bool { a.matches(&query) }
    fn tsquery_and(a: Query, b: Query) -> Query { joined(a, b, Node::and)? }
    fn tsquery_or(a: Query, b: Query) -> Query { joined(a, b, Node::or)? }
    fn tsquery_not(a: Query) -> Query { Query::of(a.root.map(|node| Node::Not(Box::new(node))))? }
    fn tsquery_phrase(a: Query, b: Query) -> Query { phrase(a, b, 1)? }
    fn tsquery_phrase_distance(a: Query, b: Query, distance: i32) -> Query { phrase(a, b, distance)? }
    fn tsquery_numnode(a: Query) -> i32 { i32::try_from(a.count()).unwrap_or(i32::MAX) }
    fn tsquerytree(a: Query) -> String { a.indexable() }
    fn tsquery_rewrite(a: Query, wanted: Query, by: Query) -> Query { a.rewritten(&wanted, &by) }
    fn tsq_mcontains(a: Query, b: Query) -> bool { a.contains(&b) }
    fn tsq_mcontained(a: Query, b: Query) -> bool { b.contains(&a) }
}
