//! Words that are replaced by others, one by one.

use super::options::{OptionValue, Source, file_name, truth};
use super::simple::unknown;
use super::{Answer, Normal, lower};
use crate::error::{SearchError, SearchResult};
use std::collections::BTreeMap;

/// `synonym`
#[derive(Debug)]
pub(super) struct Synonyms {
    words: BTreeMap<String, (String, bool)>,
    by_case: bool,
}

impl Synonyms {
    pub(super) fn make(options: &[(String, OptionValue)], source: &dyn Source) -> SearchResult<Synonyms> {
        let (mut file, mut by_case) = (None, false);
        for (name, value) in options {
            match name.as_str() {
                "synonyms" => file = Some(value.text.as_str()),
                "casesensitive" => by_case = truth(name, value)?,
                _ => return Err(unknown("synonym", name)),
            }
        }
        let missing = || SearchError::Parameter("missing Synonyms parameter".to_owned());
        let text = source.file("synonym file", &file_name(file.ok_or_else(missing)?, "syn")?)?;
        let mut words = BTreeMap::new();
        for line in text.lines() {
            let mut parts = line.split_whitespace();
            let (Some(word), Some(other)) = (parts.next(), parts.next()) else { continue };
            let (other, prefix) = match other.strip_suffix('*') {
                Some(other) => (other, true),
                None => (other, false),
            };
            let (word, other) = match by_case {
                true => (word.to_owned(), other.to_owned()),
                false => (lower(word), lower(other)),
            };
            words.insert(word, (other, prefix));
        }
        Ok(Synonyms { words, by_case })
    }

    pub(super) fn answer(&self, word: &str) -> Answer {
        let found = if self.by_case { self.words.get(word) } else { self.words.get(&lower(word)) };
        let (text, prefix) = found?;
        Some(vec![Normal { prefix: *prefix, ..Normal::of(text.clone()) }])
    }
}
