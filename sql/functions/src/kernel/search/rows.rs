//! Documents and the parser's tokens as rows.

use super::document::listed;
use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::argument;
use search::Lexemes;
use search::token::{TokenKind, tokens};
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::vector::VectorBuilder;
use types::{Item, Kind, Vector};

type Rows = FunctionResult<Box<dyn RowSource>>;

/// The parser is called by its name or its number. There is one way to take texts apart, whatever parsers are called.
fn parser_is_known(context: &mut Context<'_>, arguments: &Arguments<'_>, row: usize) -> FunctionResult<()> {
    if arguments.type_of(0).oid == oid::OID {
        let number = argument::<u32>(arguments, 0)?.at(row)?;
        return context.session.require_search_parser(Ok(number));
    }
    let name = argument::<&str>(arguments, 0)?.at(row)?;
    context.session.require_search_parser(Err(name))
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

pub(crate) fn ts_token_type(context: &mut Context<'_>, arguments: &Arguments<'_>, row: usize) -> Rows {
    parser_is_known(context, arguments, row)?;
    let all = TokenKind::ALL;
    let text = |text: &'static str| Item::Bytes(text.as_bytes());
    rows(vec![
        (Kind::Int32, all.iter().map(|kind| Item::Int32(kind.number())).collect()),
        (Kind::Bytes, all.iter().map(|kind| text(kind.described().0)).collect()),
        (Kind::Bytes, all.iter().map(|kind| text(kind.described().1)).collect()),
    ])
}

pub(crate) fn ts_parse(context: &mut Context<'_>, arguments: &Arguments<'_>, row: usize) -> Rows {
    parser_is_known(context, arguments, row)?;
    let tokens = tokens(argument::<&str>(arguments, 1)?.at(row)?);
    rows(vec![
        (Kind::Int32, tokens.iter().map(|token| Item::Int32(token.kind.number())).collect()),
        (Kind::Bytes, tokens.iter().map(|token| Item::Bytes(token.text.as_bytes())).collect()),
    ])
}

/// How a configuration takes each token of a text.
pub(crate) fn ts_debug(context: &mut Context<'_>, arguments: &Arguments<'_>, row: usize) -> Rows {
    let (number, document) = match arguments.vectors.len() {
        1 => (super::document::current_number(context, arguments)?, 0),
        _ => (argument::<i32>(arguments, 0)?.at(row)?.cast_unsigned(), 1),
    };
    let configuration = context.session.search_configuration(number)?;
    let numbers = context.session.search_dictionaries(number)?;
    let tokens = tokens(argument::<&str>(arguments, document)?.at(row)?);
    let mut dictionaries = Vec::with_capacity(tokens.len());
    let mut lexemes = Vec::with_capacity(tokens.len());
    for token in &tokens {
        let of_kind = numbers.iter().filter(|(kind, _)| *kind == token.kind.number());
        let asked: Vec<Item<'_>> = of_kind.map(|(_, number)| Item::Int32(number.cast_signed())).collect();
        let mut all = ArrayBuilder::new(oid::REGDICTIONARY, Kind::Int32);
        asked.iter().for_each(|number| all.push(number));
        let known = configuration.dictionaries(token.kind).iter().zip(&asked);
        let mut known = known.map(|(dictionary, number)| (dictionary.lexemes(token.text), number));
        // The first that knows the word, or else the first.
        let found = known.find(|(lexemes, _)| lexemes.is_some());
        let number = found.as_ref().map(|(_, number)| (*number).clone()).or_else(|| asked.first().cloned());
        lexemes.push(found.and_then(|(lexemes, _)| lexemes).map(|lexemes| listed(&lexemes)));
        dictionaries.push((all.finish_list(), number));
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
