//! Text search: found by name and by number.

use super::{Scope, Snapshot};
use crate::name::{qualified, quote_identifier};
use crate::object::{
    Object, Oid, Search, SearchConfiguration, SearchDictionary, SearchParser, SearchTemplate,
};
use std::sync::Arc;

impl Snapshot {
    /// The parser with this number.
    pub fn search_parser(&self, oid: Oid) -> Option<&SearchParser> {
        match self.search(oid)?.as_ref() {
            Search::Parser(parser) => Some(parser),
            Search::Template(_) | Search::Dictionary(_) | Search::Configuration(_) => None,
        }
    }

    /// The template with this number.
    pub fn search_template(&self, oid: Oid) -> Option<&SearchTemplate> {
        match self.search(oid)?.as_ref() {
            Search::Template(template) => Some(template),
            Search::Parser(_) | Search::Dictionary(_) | Search::Configuration(_) => None,
        }
    }

    /// The dictionary with this number.
    pub fn search_dictionary(&self, oid: Oid) -> Option<&SearchDictionary> {
        match self.search(oid)?.as_ref() {
            Search::Dictionary(dictionary) => Some(dictionary),
            Search::Parser(_) | Search::Template(_) | Search::Configuration(_) => None,
        }
    }

    /// The configuration with this number.
    pub fn search_configuration(&self, oid: Oid) -> Option<&SearchConfiguration> {
        match self.search(oid)?.as_ref() {
            Search::Configuration(configuration) => Some(configuration),
            Search::Parser(_) | Search::Template(_) | Search::Dictionary(_) => None,
        }
    }

    /// All parsers, templates, dictionaries and configurations, by number.
    pub fn all_search(&self) -> impl Iterator<Item = &Arc<Search>> {
        self.objects().filter_map(|object| match object {
            Object::Search(search) => Some(search),
            _ => None, // others are told of elsewhere
        })
    }

    /// What is called `name` in a schema, of what is listed in a catalog.
    pub fn search_in(&self, class: Oid, schema: Oid, name: &str) -> Option<Oid> {
        self.searches.get(&(class, schema)).and_then(|names| names.get(name)).copied()
    }

    pub(super) fn put_search(&mut self, search: &Search) {
        let names = self.searches.entry((search.class(), search.schema())).or_default();
        names.insert(search.name().into(), search.oid());
    }

    pub(super) fn remove_search(&mut self, search: &Search) {
        if let Some(names) = self.searches.get_mut(&(search.class(), search.schema())) {
            super::apply::forget(names, search.name(), search.oid());
        }
    }
}

impl Scope {
    /// What is called `name`, in `schema` or along the path, of what is listed in a catalog.
    pub fn look_for_search(&self, class: Oid, schema: Option<&str>, name: &str) -> Option<Oid> {
        match schema {
            Some(schema) => self.search_in(class, self.find_schema(schema).ok()?, name),
            None => self.path().schemas().find_map(|schema| self.search_in(class, schema, name)),
        }
    }

    /// Whether the name alone finds it.
    pub fn is_search_visible(&self, search: &Search) -> bool {
        self.look_for_search(search.class(), None, search.name()) == Some(search.oid())
    }

    /// Its name, with its schema where it alone does not find it.
    pub fn search_name(&self, search: &Search) -> String {
        if self.is_search_visible(search) {
            return quote_identifier(search.name());
        }
        let schema = self.schema(search.schema()).map_or("", |schema| schema.name.as_str());
        qualified(schema, search.name())
    }
}
