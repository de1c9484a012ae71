//! Text search: parsers, templates, dictionaries and configurations, those of the program and those of users.

use super::emit::{Emit, SystemContext, int, number, text};
use crate::error::CatalogResult;
use crate::object::{Oid, PARSER_FUNCTIONS, Search};
use search::token::TokenKind;
use types::value::Item;

/// `pg_ts_parser`.
pub(super) fn parsers(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for search in context.scope.all_search() {
        let Search::Parser(parser) = &**search else { continue };
        let [begins, gives, ends, _, kinds] = PARSER_FUNCTIONS;
        let mut row = vec![number(parser.oid), text(&parser.name), number(parser.schema)];
        row.extend([begins, gives, ends, parser.headline, kinds].map(number));
        emit.row(&row)?;
    }
    Ok(())
}

/// `pg_ts_template`.
pub(super) fn templates(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for search in context.scope.all_search() {
        let Search::Template(template) = &**search else { continue };
        let functions = [template.begins, template.looks_up].map(number);
        let mut row = vec![number(template.oid), text(&template.name), number(template.schema)];
        row.extend(functions);
        emit.row(&row)?;
    }
    Ok(())
}

/// `pg_ts_dict`.
pub(super) fn dictionaries(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for search in context.scope.all_search() {
        let Search::Dictionary(made) = &**search else { continue };
        emit.row(&[
            number(made.oid),
            text(&made.name),
            number(made.schema),
            number(made.owner),
            number(made.template),
            made.options.as_deref().map_or(Item::Null, text),
        ])?;
    }
    Ok(())
}

/// `pg_ts_config`.
pub(super) fn configurations(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for search in context.scope.all_search() {
        let Search::Configuration(made) = &**search else { continue };
        emit.row(&[
            number(made.oid),
            text(&made.name),
            number(made.schema),
            number(made.owner),
            number(made.parser),
        ])?;
    }
    Ok(())
}

/// `pg_ts_config_map`.
pub(super) fn mappings(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for search in context.scope.all_search() {
        let Search::Configuration(made) = &**search else { continue };
        for (kind, dictionaries) in &made.mappings {
            for (place, dictionary) in (1..).zip(dictionaries) {
                emit.row(&[number(made.oid), int(*kind), int(place), number(*dictionary)])?;
            }
        }
    }
    Ok(())
}

/// The name of a function that a parser or a template is made of.
pub fn search_function(oid: Oid) -> &'static str {
    functions::table::function(oid).map_or("", |entry| entry.name)
}

/// The name of a kind of token.
pub fn search_token(kind: i32) -> Option<&'static str> {
    let known = TokenKind::ALL.into_iter().find(|known| known.number() == kind);
    known.map(|known| known.described().0)
}
