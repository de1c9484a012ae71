//! Text search: parsers, templates, dictionaries and configurations.
//!
//! Parsers and templates are made of functions of the program alone, so there is one way to take texts apart, and a template is one of
//! those that the program has, whatever it is called. What dictionaries are made of is options as text; what they find in files is
//! read by whoever uses them.

use super::{Oid, PG_CATALOG, SUPERUSER, class};
use bincode::{Decode, Encode};
use search::Configuration;
use search::dictionary::{LANGUAGES, Template};
use search::token::TokenKind;

/// What stands in a catalog of its own.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // each is what its name says
pub enum Search {
    Parser(SearchParser),
    Template(SearchTemplate),
    Dictionary(SearchDictionary),
    Configuration(SearchConfiguration),
}

/// What takes texts apart.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SearchParser {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other parser of the schema has it.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The function for headlines, 0 without. All others are the same of all parsers.
    pub headline: Oid,
}

/// What dictionaries are made with.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SearchTemplate {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other template of the schema has it.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The function that reads options, 0 without.
    pub begins: Oid,
    /// The function that makes lexemes.
    pub looks_up: Oid,
}

/// What makes lexemes of words.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SearchDictionary {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other dictionary of the schema has it.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// What it is made with.
    pub template: Oid,
    /// Its options, as they are shown.
    pub options: Option<String>,
}

/// Which dictionaries are asked for which tokens.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SearchConfiguration {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other configuration of the schema has it.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// What takes texts apart.
    pub parser: Oid,
    /// The dictionaries of kinds of tokens, by their numbers, each in the order in which they are asked.
    pub mappings: Vec<(i32, Vec<Oid>)>,
}

/// The number of the parser `default`.
pub const DEFAULT_PARSER: Oid = 3722;
/// The functions of parsers: those that begin, give a token, end, make a headline, tell the kinds of tokens.
pub const PARSER_FUNCTIONS: [Oid; 5] = [3717, 3718, 3719, 3720, 3721];
const SIMPLE_DICTIONARY: Oid = 3765;
const SIMPLE_CONFIGURATION: Oid = 3748;
const ENGLISH_DICTIONARY: Oid = 13163;
const LANGUAGES_OF_OTHER_LETTERS: [&str; 1] = ["russian"];

impl SearchConfiguration {
    /// The dictionaries of a kind of token.
    pub fn dictionaries(&self, kind: i32) -> &[Oid] {
        self.mappings.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, dictionaries)| dictionaries)
    }

    /// Says which dictionaries a kind of token has; none takes it out.
    pub fn map(&mut self, kind: i32, dictionaries: Vec<Oid>) {
        self.mappings.retain(|(of, _)| *of != kind);
        if !dictionaries.is_empty() {
            self.mappings.push((kind, dictionaries));
            self.mappings.sort_by_key(|(of, _)| *of);
        }
    }
}

impl Search {
    /// Its number.
    pub fn oid(&self) -> Oid {
        match self {
            Search::Parser(parser) => parser.oid,
            Search::Template(template) => template.oid,
            Search::Dictionary(dictionary) => dictionary.oid,
            Search::Configuration(configuration) => configuration.oid,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Search::Parser(parser) => &parser.name,
            Search::Template(template) => &template.name,
            Search::Dictionary(dictionary) => &dictionary.name,
            Search::Configuration(configuration) => &configuration.name,
        }
    }

    /// Gives it another name.
    pub fn set_name(&mut self, name: String) {
        match self {
            Search::Parser(parser) => parser.name = name,
            Search::Template(template) => template.name = name,
            Search::Dictionary(dictionary) => dictionary.name = name,
            Search::Configuration(configuration) => configuration.name = name,
        }
    }

    /// Its schema.
    pub fn schema(&self) -> Oid {
        match self {
            Search::Parser(parser) => parser.schema,
            Search::Template(template) => template.schema,
            Search::Dictionary(dictionary) => dictionary.schema,
            Search::Configuration(configuration) => configuration.schema,
        }
    }

    /// Puts it into another schema.
    pub fn set_schema(&mut self, schema: Oid) {
        match self {
            Search::Parser(parser) => parser.schema = schema,
            Search::Template(template) => template.schema = schema,
            Search::Dictionary(dictionary) => dictionary.schema = schema,
            Search::Configuration(configuration) => configuration.schema = schema,
        }
    }

    /// The role that owns it; parsers and templates are nobody's.
    pub fn owner(&self) -> Option<Oid> {
        match self {
            Search::Parser(_) | Search::Template(_) => None,
            Search::Dictionary(dictionary) => Some(dictionary.owner),
            Search::Configuration(configuration) => Some(configuration.owner),
        }
    }

    /// Gives it to another role.
    pub fn set_owner(&mut self, owner: Oid) {
        match self {
            Search::Parser(_) | Search::Template(_) => {}
            Search::Dictionary(dictionary) => dictionary.owner = owner,
            Search::Configuration(configuration) => configuration.owner = owner,
        }
    }

    /// The catalog that it is listed in.
    pub fn class(&self) -> Oid {
        match self {
            Search::Parser(_) => class::SEARCH_PARSER,
            Search::Template(_) => class::SEARCH_TEMPLATE,
            Search::Dictionary(_) => class::SEARCH_DICTIONARY,
            Search::Configuration(_) => class::SEARCH_CONFIGURATION,
        }
    }

    /// What messages call its kind.
    pub fn kind_word(&self) -> &'static str {
        match self {
            Search::Parser(_) => "text search parser",
            Search::Template(_) => "text search template",
            Search::Dictionary(_) => "text search dictionary",
            Search::Configuration(_) => "text search configuration",
        }
    }
}

/// What comes with the program, and what is said of it.
pub(crate) fn fixed_search() -> Vec<(Search, String)> {
    let own = |name: &str| (name.to_owned(), PG_CATALOG);
    let (name, schema) = own("default");
    let headline = PARSER_FUNCTIONS[3];
    let parser = SearchParser { oid: DEFAULT_PARSER, name, schema, headline };
    let mut all = vec![(Search::Parser(parser), "default word parser".to_owned())];
    for template in Template::FIRST {
        let ((oid, begins, looks_up), (name, text)) = (template.numbers(), template.described());
        let name = name.to_owned();
        let made = SearchTemplate { oid, name, schema: PG_CATALOG, begins, looks_up };
        all.push((Search::Template(made), text.to_owned()));
    }
    let mut add = |(dictionary, name, options, said): (Oid, &str, Option<String>, String)| {
        let template = if options.is_some() { Template::Snowball } else { Template::Simple }.numbers().0;
        let (name, schema) = own(name);
        let oid = dictionary;
        let made = SearchDictionary { oid, name, schema, owner: SUPERUSER, template, options };
        all.push((Search::Dictionary(made), said));
    };
    add((SIMPLE_DICTIONARY, "simple", None, Template::Simple.described().1.to_owned()));
    for (language, dictionary, _, has_stops) in LANGUAGES {
        let stops = if has_stops { format!(", stopwords = '{language}'") } else { String::new() };
        let options = Some(format!("language = '{language}'{stops}"));
        let said = format!("snowball stemmer for {language} language");
        add((dictionary, &format!("{language}_stem"), options, said));
    }
    let mut add = |oid, name: &str, words, said| {
        // Where the language's letters are others, words of ASCII's are taken for English.
        let others = if LANGUAGES_OF_OTHER_LETTERS.contains(&name) { ENGLISH_DICTIONARY } else { words };
        let (name, schema) = own(name);
        let of = |kind: TokenKind| {
            let dictionary = match (Configuration::is_by_language(kind)?, kind) {
                (false, _) => SIMPLE_DICTIONARY,
                (true, TokenKind::AsciiWord | TokenKind::AsciiPart | TokenKind::AsciiHyphenated) => others,
                (true, _) => words,
            };
            Some((kind.number(), vec![dictionary]))
        };
        let mappings = TokenKind::ALL.into_iter().filter_map(of).collect();
        let parser = DEFAULT_PARSER;
        let made = SearchConfiguration { oid, name, schema, owner: SUPERUSER, parser, mappings };
        all.push((Search::Configuration(made), said));
    };
    add(SIMPLE_CONFIGURATION, "simple", SIMPLE_DICTIONARY, "simple configuration".to_owned());
    for (language, dictionary, oid, _) in LANGUAGES {
        add(oid, language, dictionary, format!("configuration for {language} language"));
    }
    all
}
