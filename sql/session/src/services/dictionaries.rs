//! Dictionaries and configurations of text search, made of what the catalog says of them and of files.
//!
//! Files stand in a directory `tsearch_data` beside the database's: their names come from statements, and have nothing but small
//! letters, digits and lines in them, so that they lead nowhere else. What was made is kept for all sessions, and made anew where
//! the catalog says something else; that a file is another is noticed when its dictionary is altered, or the program begins
//! anew, as in PostgreSQL.

use crate::client::Client;
use crate::copying::error::{CopyRefusal, reason};
use crate::copying::file::Input;
use crate::engine::Engine;
use crate::error::SessionError;
use crate::labels::{SEARCH_CONFIGURATIONS_LOCK, SEARCH_DICTIONARIES_LOCK};
use crate::services::{Services, other};
use crate::session::Session;
use catalog::object::{SearchDictionary, SearchTemplate, class};
use catalog::{Oid, Scope};
use diagnostic::SqlState;
use env::sync::Mutex;
use functions::{FunctionError, FunctionResult, no_lookup};
use search::dictionary::{OptionValue, Source, Template, parse_options};
use search::token::TokenKind;
use search::{Configuration, Dictionary, SearchError, SearchResult};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::DatabaseId;
use syntax::tree::search::SearchStatement;
use types::Types;

/// Where files are, beside the database's own.
const DIRECTORY: &str = "tsearch_data";

/// A dictionary that was made: of what, and of which others.
#[derive(Debug)]
struct Made {
    of: SearchDictionary,
    template: SearchTemplate,
    within: Vec<(String, Dictionary)>,
    dictionary: Dictionary,
}

/// A configuration that was put together, and the dictionaries that it was put together of.
#[derive(Debug)]
struct Joined {
    of: Vec<(i32, Dictionary)>,
    configuration: Arc<Configuration>,
}

/// What was made, by database and number.
#[derive(Debug)]
pub(crate) struct SearchCache {
    dictionaries: Mutex<BTreeMap<(DatabaseId, Oid), Arc<Made>>>,
    configurations: Mutex<BTreeMap<(DatabaseId, Oid), Arc<Joined>>>,
}

impl Default for SearchCache {
    fn default() -> SearchCache {
        SearchCache {
            dictionaries: Mutex::new(&SEARCH_DICTIONARIES_LOCK, BTreeMap::new()),
            configurations: Mutex::new(&SEARCH_CONFIGURATIONS_LOCK, BTreeMap::new()),
        }
    }
}

impl SearchCache {
    /// Forgets what was made in a database: files are read again when one of its dictionaries is altered, as PostgreSQL has it
    /// (even by an option that changes nothing), and what is dropped is not kept.
    pub(crate) fn forget(&self, database: DatabaseId) {
        self.dictionaries.lock().retain(|(within, _), _| *within != database);
        self.configurations.lock().retain(|(within, _), _| *within != database);
    }
}

impl Session {
    /// Runs a definition of text search.
    pub(crate) fn define_search(
        &mut self,
        statement: &SearchStatement<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        self.define(client, |definer| define::search::define(definer, statement))?;
        self.engine.search.forget(self.database);
        Ok(())
    }
}

/// What dictionaries are made from.
pub(crate) struct Maker<'m> {
    pub(crate) engine: &'m Engine,
    pub(crate) database: DatabaseId,
    pub(crate) scope: &'m Scope,
    /// The other dictionaries that were asked for.
    pub(crate) asked: RefCell<Vec<(String, Dictionary)>>,
    /// The dictionaries that are made or looked at, each for the one before.
    around: Vec<Oid>,
}

/// A dictionary of a dictionary of a dictionary: more of them are refused.
const DEPTH_MAX: usize = 16;

impl<'m> Maker<'m> {
    pub(crate) fn new(engine: &'m Engine, database: DatabaseId, scope: &'m Scope) -> Maker<'m> {
        Maker { engine, database, scope, asked: RefCell::default(), around: Vec::new() }
    }

    /// A dictionary of a template and options.
    pub(crate) fn make(
        &self,
        template: &SearchTemplate,
        options: &[(String, OptionValue)],
    ) -> FunctionResult<Dictionary> {
        let looks_up = self.scope.worker(template.looks_up).unwrap_or(template.looks_up);
        let kind = Template::ALL.into_iter().find(|template| template.numbers().2 == looks_up);
        let kind = kind.ok_or_else(|| no_lookup("template", template.oid))?;
        if template.begins == 0 {
            return Ok(Dictionary::begun_by_nothing(kind));
        }
        Ok(Dictionary::make(kind, options, self)?)
    }

    /// The dictionary with a number.
    pub(crate) fn dictionary(&self, number: Oid) -> FunctionResult<Dictionary> {
        let missing = || no_lookup("dictionary", number);
        let of = self.scope.search_dictionary(number).ok_or_else(missing)?;
        let template = self.scope.search_template(of.template).ok_or_else(missing)?;
        let key = (self.database, number);
        // By another path a name within one may have come to mean itself.
        if self.around.contains(&number) || self.around.len() >= DEPTH_MAX {
            return Err(SearchError::NestedThesaurus.into());
        }
        let around = self.around.iter().copied().chain([number]).collect();
        let inner = Maker { around, asked: RefCell::default(), ..*self };
        let known = self.engine.search.dictionaries.lock().get(&key).cloned();
        if let Some(known) = known.filter(|known| known.of == *of && known.template == *template)
            && known.within.iter().all(|(name, within)| inner.named(name).is_ok_and(|now| now == *within))
        {
            return Ok(known.dictionary.clone());
        }
        let options = parse_options(of.options.as_deref().unwrap_or_default());
        let dictionary = inner.make(template, &options)?;
        let (of, template, within) = (of.clone(), template.clone(), inner.asked.take());
        let made = Made { of, template, within, dictionary: dictionary.clone() };
        self.engine.search.dictionaries.lock().insert(key, Arc::new(made));
        Ok(dictionary)
    }

    /// The dictionary of a name.
    fn named(&self, name: &str) -> SearchResult<Dictionary> {
        let missing = || SearchError::NoDictionary(name.to_owned());
        let of = types::Type::of(types::catalog::oid::REGDICTIONARY);
        let found = catalog::names::input(self.scope, of, name);
        let Ok(types::Value::Int32(number)) = found else { return Err(missing()) };
        self.dictionary(number.cast_unsigned()).map_err(|error| SearchError::Within(error.to_string()))
    }

    /// The configuration with a number.
    fn configuration(&self, number: Oid) -> FunctionResult<Arc<Configuration>> {
        let of = self.scope.search_configuration(number);
        let of = of.ok_or_else(|| no_lookup("configuration", number))?;
        let mut parts = Vec::new();
        for (kind, dictionaries) in &of.mappings {
            for dictionary in dictionaries {
                parts.push((*kind, self.dictionary(*dictionary)?));
            }
        }
        let key = (self.database, number);
        let known = self.engine.search.configurations.lock().get(&key).cloned();
        if let Some(known) = known.filter(|known| known.of == parts) {
            return Ok(known.configuration.clone());
        }
        let mut made = Configuration::default();
        for (kind, dictionary) in &parts {
            if let Some(kind) = TokenKind::ALL.into_iter().find(|known| known.number() == *kind) {
                made.add(kind, dictionary.clone());
            }
        }
        let configuration = Arc::new(made);
        let joined = Joined { of: parts, configuration: configuration.clone() };
        self.engine.search.configurations.lock().insert(key, Arc::new(joined));
        Ok(configuration)
    }
}

impl Source for Maker<'_> {
    fn file(&self, what: &'static str, name: &str) -> SearchResult<String> {
        let directory = self.engine.store.path().parent().map(|parent| parent.join(DIRECTORY));
        let path = directory.unwrap_or_default().join(name).display().to_string();
        let failed = |error: CopyRefusal| {
            let reason = match &error {
                CopyRefusal::Open { error, .. } | CopyRefusal::File { error, .. } => reason(error),
                other => other.to_string(), // that a directory stands there
            };
            SearchError::File { what, path: path.clone(), reason }
        };
        let mut file = Input::open(&*self.engine.env, &path).map_err(failed)?;
        let mut bytes = Vec::new();
        while file.read(&mut bytes).map_err(failed)? {}
        String::from_utf8(bytes).map_err(|_| SearchError::FileContent {
            message: "invalid byte sequence for encoding \"UTF8\"".to_owned(),
            hint: None,
        })
    }

    fn dictionary(&self, name: &str) -> SearchResult<Dictionary> {
        let found = self.named(name)?;
        self.asked.borrow_mut().push((name.to_owned(), found.clone()));
        Ok(found)
    }
}

impl Services<'_> {
    fn maker(&self) -> Maker<'_> {
        Maker::new(self.engine, self.database, self.scope)
    }

    pub(crate) fn made_configuration(&self, number: Oid) -> FunctionResult<Arc<Configuration>> {
        self.maker().configuration(number)
    }

    pub(crate) fn made_dictionary(&self, number: Oid) -> FunctionResult<Dictionary> {
        self.maker().dictionary(number)
    }

    /// The dictionary that comes with an extension, by the extension's name.
    pub(crate) fn dictionary_of_extension(&self, extension: &str) -> FunctionResult<Oid> {
        let schema = self.scope.extension_named(extension).map(|extension| extension.schema);
        let within = |schema| self.scope.search_in(class::SEARCH_DICTIONARY, schema, extension);
        schema.and_then(within).ok_or_else(|| {
            let message = format!("text search dictionary \"{extension}\" does not exist");
            FunctionError::plain(SqlState::UndefinedObject, message)
        })
    }

    /// The dictionaries of a configuration, in their order, each with the kind of token for which it is asked.
    pub(crate) fn dictionaries_of(&self, number: Oid) -> FunctionResult<Vec<(i32, Oid)>> {
        let of = self.scope.search_configuration(number);
        let of = of.ok_or_else(|| no_lookup("configuration", number))?;
        let pairs = of.mappings.iter().flat_map(|(kind, all)| all.iter().map(|one| (*kind, *one)));
        Ok(pairs.collect())
    }

    /// That there is a parser.
    pub(crate) fn require_parser(&self, parser: Result<Oid, &str>) -> FunctionResult<()> {
        let name = match parser {
            Ok(number) => {
                let found = self.scope.search_parser(number);
                return found.map(|_| ()).ok_or_else(|| no_lookup("parser", number));
            }
            Err(name) => name,
        };
        let (schema, own) = catalog::names::parts(name).map_err(other)?;
        if let Some(schema) = &schema {
            self.scope.find_schema(schema).map_err(other)?;
        }
        match self.scope.look_for_search(class::SEARCH_PARSER, schema.as_deref(), &own) {
            Some(_) => Ok(()),
            None => {
                let message = format!("text search parser \"{name}\" does not exist");
                Err(FunctionError::plain(SqlState::UndefinedObject, message))
            }
        }
    }
}
