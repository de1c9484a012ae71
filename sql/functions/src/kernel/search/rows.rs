//! Documents and the parser's tokens as rows.

use super::document::configuration;
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::argument;
use diagnostic::SqlState;
use search::Lexemes;
use search::token::{TokenKind, tokens};
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::vector::VectorBuilder;
use types::{Item, Kind, Vector};

type Rows = FunctionResult<Box<dyn RowSource>>;

/// The number of the parser `default`.
pub const PARSER: u32 = 3722;

/// There is one parser, called by its name or its number.
fn parser_is_known(arguments: &Arguments<'_>, row: usize) -> FunctionResult<()> {
    if arguments.type_of(0).oid == oid::OID {
        let number = argument::<u32>(arguments, 0)?.at(row)?;
        let message = format!("cache lookup failed for text search parser {number}");
        return match number {
            PARSER => Ok(()),
            _ => Err(FunctionError::plain(SqlState::InternalError, message)),
        };
    }
    match argument::<&str>(arguments, 0)?.at(row)? {
        "default" | "pg_catalog.default" => Ok(()),
        name => {
            let message = format!("text search parser \"{name}\" does not exist");
            Err(FunctionError::plain(SqlState::UndefinedObject, message))
        }
    }
}

fn rows(columns: Vec<(Kind, Vec<Item<'_>>)>) -> Rows {
    let made: FunctionResult<Vec<Vector>> = columns
        .into_iter()
        .map(|(kind, items)| {
            let mut builder = VectorBuilder::new(kind, items.len());
            for item in &items {
                builder.push_item(item)?;
            }
            Ok(builder.finish())
        })
        .collect();
    Ok(Made::source(made?))
}

pub(crate) fn ts_token_type(_: &mut Context<'_>, arguments: &Arguments<'_>, row: usize) -> Rows {
    parser_is_known(arguments, row)?;
    let all = TokenKind::ALL;
    let text = |text: &'static str| Item::Bytes(text.as_bytes());
    rows(vec![
        (Kind::Int32, all.iter().map(|kind| Item::Int32(kind.number())).collect()),
        (Kind::Bytes, all.iter().map(|kind| text(kind.described().0)).collect()),
        (Kind::Bytes, all.iter().map(|kind| text(kind.described().1)).collect()),
    ])
}

pub(crate) fn ts_parse(_: &mut Context<'_>, arguments: &Arguments<'_>, row: usize) -> Rows {
    parser_is_known(arguments, row)?;
    let tokens = tokens(argument::<&str>(arguments, 1)?.at(row)?);
    rows(vec![
        (Kind::Int32, tokens.iter().map(|token| Item::Int32(token.kind.number())).collect()),
        (Kind::Bytes, tokens.iter().map(|token| Item::Bytes(token.text.as_bytes())).collect()),
    ])
}

/// An array of at most one element.
fn single(of: u32, kind: Kind, element: Option<&Item<'_>>) -> Vec<u8> {
    let mut array = ArrayBuilder::new(of, kind);
    if let Some(element) = element {
        array.push(element);
    }
    array.finish_list()
}

/// How a configuration takes each token of a text.
pub(crate) fn ts_debug(_: &mut Context<'_>, arguments: &Arguments<'_>, row: usize) -> Rows {
    let configuration = configuration(argument::<i32>(arguments, 0)?.at(row)?)?;
    let tokens = tokens(argument::<&str>(arguments, 1)?.at(row)?);
    let mut dictionaries = Vec::with_capacity(tokens.len());
    let mut lexemes = Vec::with_capacity(tokens.len());
    for token in &tokens {
        let dictionary = configuration.dictionary(token.kind);
        let number = dictionary.map(|known| Item::Int32(known.known_as().0.cast_signed()));
        dictionaries.push((single(oid::REGDICTIONARY, Kind::Int32, number.as_ref()), number));
        lexemes.push(dictionary.map(|known| {
            let lexeme = known.lexeme(token.text);
            let lexeme = lexeme.as_ref().map(|lexeme| Item::Bytes(lexeme.as_bytes()));
            single(oid::TEXT, Kind::Bytes, lexeme.as_ref())
        }));
    }
    let text = |text: &'static str| Item::Bytes(text.as_bytes());
    rows(vec![
        (Kind::Bytes, tokens.iter().map(|token| text(token.kind.described().0)).collect()),
        (Kind::Bytes, tokens.iter().map(|token| text(token.kind.described().1)).collect()),
        (Kind::Bytes, tokens.iter().map(|token| Item::Bytes(token.text.as_bytes())).collect()),
        (Kind::Bytes, dictionaries.iter().map(|(all, _)| Item::Bytes(all)).collect()),
        (Kind::Int32, dictionaries.iter().map(|(_, one)| one.clone().unwrap_or(Item::Null)).collect()),
        (Kind::Bytes, lexemes.iter().map(|found| found.as_deref().map_or(Item::Null, Item::Bytes)).collect()),
    ])
}

/// Lexemes with their places and weights.
pub(crate) fn tsvector_unnest(_: &mut Context<'_>, arguments: &Arguments<'_>, row: usize) -> Rows {
    let vector = argument::<Lexemes<'_>>(arguments, 0)?.at(row)?;
    let lists = vector.entries().iter().map(|entry| {
        let mut places = ArrayBuilder::new(oid::INT2, Kind::Int16);
        let mut weights = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
        for position in &entry.positions {
            places.push(&Item::Int16(position.place.cast_signed()));
            weights.push(&Item::Bytes(position.weight.letter().encode_utf8(&mut [0; 4]).as_bytes()));
        }
        let placed = !entry.positions.is_empty();
        placed.then(|| (places.finish_list(), weights.finish_list()))
    });
    let lists: Vec<_> = lists.collect();
    rows(vec![
        (Kind::Bytes, vector.entries().iter().map(|entry| Item::Bytes(entry.text.as_bytes())).collect()),
        (
            Kind::Bytes,
            lists
                .iter()
                .map(|lists| match lists {
                    Some((places, _)) => Item::Bytes(places),
                    None => Item::Null,
                })
                .collect(),
        ),
        (
            Kind::Bytes,
            lists
                .iter()
                .map(|lists| match lists {
                    Some((_, weights)) => Item::Bytes(weights),
                    None => Item::Null,
                })
                .collect(),
        ),
    ])
}
