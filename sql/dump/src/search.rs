//! Text search: parsers, templates, dictionaries, configurations.

use crate::Writer;
use catalog::name::quote_identifier;
use catalog::object::{Oid, PARSER_FUNCTIONS, Search, SearchConfiguration};
use catalog::search_function;
use std::fmt::Write;

impl Writer<'_> {
    /// What something is called in statements about it.
    pub(crate) fn search_subject(&self, search: &Search) -> String {
        let word = search.kind_word().to_ascii_uppercase();
        format!("{word} {}", self.full_name(search.schema(), search.name()))
    }

    fn search_name(&self, oid: Oid) -> String {
        self.scope.search(oid).map_or_else(String::new, |found| self.full_name(found.schema(), found.name()))
    }

    /// What makes it.
    pub(crate) fn search(&self, search: &Search) -> String {
        let subject = self.search_subject(search);
        match search {
            Search::Parser(parser) => {
                let [begins, gives, ends, _, kinds] = PARSER_FUNCTIONS.map(search_function);
                let headline = match parser.headline {
                    0 => String::new(),
                    headline => format!(", HEADLINE = {}", search_function(headline)),
                };
                format!(
                    "CREATE {subject} (START = {begins}, GETTOKEN = {gives}, END = {ends}{headline}, LEXTYPES = {kinds});"
                )
            }
            Search::Template(template) => {
                let begins = match template.begins {
                    0 => String::new(),
                    begins => format!("INIT = {}, ", search_function(begins)),
                };
                format!("CREATE {subject} ({begins}LEXIZE = {});", search_function(template.looks_up))
            }
            Search::Dictionary(dictionary) => {
                let template = self.search_name(dictionary.template);
                let options = dictionary.options.as_ref();
                let options = options.map_or_else(String::new, |options| format!(", {options}"));
                format!("CREATE {subject} (TEMPLATE = {template}{options});")
            }
            Search::Configuration(configuration) => self.search_configuration(&subject, configuration),
        }
    }

    fn search_configuration(&self, subject: &str, made: &SearchConfiguration) -> String {
        let mut text = format!("CREATE {subject} (PARSER = {});", self.search_name(made.parser));
        for (kind, dictionaries) in &made.mappings {
            let Some(kind) = catalog::search_token(*kind) else { continue };
            let names: Vec<_> = dictionaries.iter().map(|oid| self.search_name(*oid)).collect();
            let kind = quote_identifier(kind);
            // Writing to a text cannot fail.
            let _ = write!(text, "\nALTER {subject} ADD MAPPING FOR {kind} WITH {};", names.join(", "));
        }
        text
    }
}
