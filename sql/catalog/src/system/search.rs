//! Text search: what there is of parsers, dictionaries and configurations. Nobody can make others here.

use super::emit::{Emit, SystemContext, int, number, text};
use crate::error::CatalogResult;
use crate::object::{Oid, PG_CATALOG, SUPERUSER};
use search::token::TokenKind;
use search::{Configuration, Dictionary};
use types::value::Item;

const PARSER: Oid = 3722;

/// `pg_ts_parser`.
pub(super) fn parsers(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let mut row = vec![number(PARSER), text("default"), number(PG_CATALOG)];
    // Functions that begin, give a token, end, make a headline, tell the kinds of tokens.
    row.extend([3717, 3718, 3719, 3720, 3721].map(number));
    emit.row(&row)
}

/// Number, name, and the functions that begin and look up; 13150 and its functions are made when a server is.
const TEMPLATES: &[(Oid, &str, Oid, Oid)] = &[
    (3727, "simple", 3725, 3726),
    (3730, "synonym", 3728, 3729),
    (3733, "ispell", 3731, 3732),
    (3742, "thesaurus", 3740, 3741),
    (SNOWBALL, "snowball", 13148, 13149),
];

const SNOWBALL: Oid = 13150;

/// `pg_ts_template`.
pub(super) fn templates(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (oid, name, begin, look_up) in TEMPLATES {
        emit.row(&[number(*oid), text(name), number(PG_CATALOG), number(*begin), number(*look_up)])?;
    }
    Ok(())
}

/// Whether a template has this number.
pub fn is_search_template(oid: Oid) -> bool {
    TEMPLATES.iter().any(|(template, ..)| *template == oid)
}

/// The number of a template by its name.
pub fn search_template(name: &str) -> Option<Oid> {
    TEMPLATES.iter().find(|(_, known, ..)| *known == name).map(|(oid, ..)| *oid)
}

/// The name of a template by its number.
pub fn search_template_name(oid: Oid) -> Option<&'static str> {
    TEMPLATES.iter().find(|(known, ..)| *known == oid).map(|(_, name, ..)| *name)
}

/// The number of a parser by its name.
pub fn search_parser(name: &str) -> Option<Oid> {
    (name == "default").then_some(PARSER)
}

/// Whether a dictionary has this number.
pub fn is_search_dictionary(oid: Oid) -> bool {
    Dictionary::ALL.into_iter().any(|dictionary| dictionary.known_as().0 == oid)
}

/// Whether a configuration has this number.
pub fn is_search_configuration(oid: Oid) -> bool {
    Configuration::ALL.into_iter().any(|configuration| configuration.known_as().0 == oid)
}

/// Whether a parser has this number.
pub fn is_search_parser(oid: Oid) -> bool {
    oid == PARSER
}

/// `pg_ts_dict`.
pub(super) fn dictionaries(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for dictionary in Dictionary::ALL {
        let (oid, name) = dictionary.known_as();
        let (template, options) = match dictionary {
            Dictionary::Simple => (3727, Item::Null),
            Dictionary::English => (SNOWBALL, text("language = 'english', stopwords = 'english'")),
        };
        emit.row(&[
            number(oid),
            text(name),
            number(PG_CATALOG),
            number(SUPERUSER),
            number(template),
            options,
        ])?;
    }
    Ok(())
}

/// `pg_ts_config`.
pub(super) fn configurations(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (oid, name) in Configuration::ALL.map(Configuration::known_as) {
        emit.row(&[number(oid), text(name), number(PG_CATALOG), number(SUPERUSER), number(PARSER)])?;
    }
    Ok(())
}

/// `pg_ts_config_map`.
pub(super) fn mappings(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for configuration in Configuration::ALL {
        for kind in TokenKind::ALL {
            if let Some(dictionary) = configuration.dictionary(kind) {
                let (configuration, dictionary) = (configuration.known_as().0, dictionary.known_as().0);
                emit.row(&[number(configuration), int(kind.number()), int(1), number(dictionary)])?;
            }
        }
    }
    Ok(())
}
