//! Words in small letters, as they are or as stems, without those that say nothing.

use super::options::{OptionValue, Source, once, stops, truth};
use super::{Answer, Normal, lower};
use crate::error::{SearchError, SearchResult};
use rust_stemmers::{Algorithm, Stemmer};
use std::collections::BTreeSet;

/// Longer words are left as they are.
const STEM_MAX: usize = 1000;

/// `simple`
#[derive(Debug)]
pub(super) struct Simple {
    stops: BTreeSet<String>,
    accepts: bool,
}

impl Default for Simple {
    fn default() -> Simple {
        Simple { stops: BTreeSet::new(), accepts: true }
    }
}

impl Simple {
    pub(super) fn make(options: &[(String, OptionValue)], source: &dyn Source) -> SearchResult<Simple> {
        let (mut words, mut accepts) = (None, None);
        for (name, value) in options {
            match name.as_str() {
                "stopwords" => once(&mut words, "StopWords", || stops(&value.text, source))?,
                "accept" => once(&mut accepts, "Accept", || truth(name, value))?,
                _ => return Err(unknown("simple dictionary", name)),
            }
        }
        Ok(Simple { stops: words.unwrap_or_default(), accepts: accepts.unwrap_or(true) })
    }

    pub(super) fn answer(&self, word: &str) -> Answer {
        let lower = lower(word);
        if lower.is_empty() || self.stops.contains(&lower) {
            return Some(Vec::new());
        }
        self.accepts.then(|| vec![Normal::of(lower)])
    }
}

/// That there is no such option.
pub(super) fn unknown(what: &str, name: &str) -> SearchError {
    SearchError::Parameter(format!("unrecognized {what} parameter: \"{name}\""))
}

/// The languages whose stems can be told, by the numbers of the dictionaries and configurations that there are of them from
/// the beginning, and whether a file has words that say nothing.
pub const LANGUAGES: [(&str, u32, u32, bool); 18] = [
    ("arabic", 13151, 13152, false),
    ("danish", 13159, 13160, true),
    ("dutch", 13161, 13162, true),
    ("english", 13163, 13164, true),
    ("finnish", 13165, 13166, true),
    ("french", 13167, 13168, true),
    ("german", 13169, 13170, true),
    ("greek", 13171, 13172, false),
    ("hungarian", 13175, 13176, true),
    ("italian", 13181, 13182, true),
    ("norwegian", 13187, 13188, true),
    ("portuguese", 13189, 13190, true),
    ("romanian", 13191, 13192, false),
    ("russian", 13193, 13194, true),
    ("spanish", 13197, 13198, true),
    ("swedish", 13199, 13200, true),
    ("tamil", 13201, 13202, false),
    ("turkish", 13203, 13204, true),
];

/// Languages that PostgreSQL has stems of, and nobody here.
const LANGUAGES_ELSEWHERE: [&str; 11] = [
    "armenian",
    "basque",
    "catalan",
    "hindi",
    "indonesian",
    "irish",
    "lithuanian",
    "nepali",
    "porter",
    "serbian",
    "yiddish",
];

fn algorithm(language: &str) -> SearchResult<Algorithm> {
    let lower = language.to_ascii_lowercase();
    Ok(match lower.as_str() {
        "arabic" => Algorithm::Arabic,
        "danish" => Algorithm::Danish,
        "dutch" => Algorithm::Dutch,
        "english" => Algorithm::English,
        "finnish" => Algorithm::Finnish,
        "french" => Algorithm::French,
        "german" => Algorithm::German,
        "greek" => Algorithm::Greek,
        "hungarian" => Algorithm::Hungarian,
        "italian" => Algorithm::Italian,
        "norwegian" => Algorithm::Norwegian,
        "portuguese" => Algorithm::Portuguese,
        "romanian" => Algorithm::Romanian,
        "russian" => Algorithm::Russian,
        "spanish" => Algorithm::Spanish,
        "swedish" => Algorithm::Swedish,
        "tamil" => Algorithm::Tamil,
        "turkish" => Algorithm::Turkish,
        known if LANGUAGES_ELSEWHERE.contains(&known) => return Err(SearchError::NoStems(lower)),
        _ => return Err(SearchError::NoStemmer(language.to_owned())),
    })
}

/// `snowball`
pub struct Snowball {
    stemmer: Stemmer,
    stops: BTreeSet<String>,
}

impl std::fmt::Debug for Snowball {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Snowball").field("stops", &self.stops.len()).finish_non_exhaustive()
    }
}

impl Snowball {
    pub(super) fn english() -> Snowball {
        let stops = super::english::ENGLISH_STOPS.iter().map(|word| (*word).to_owned()).collect();
        Snowball { stemmer: Stemmer::create(Algorithm::English), stops }
    }

    pub(super) fn make(options: &[(String, OptionValue)], source: &dyn Source) -> SearchResult<Snowball> {
        let (mut words, mut language) = (None, None);
        for (name, value) in options {
            match name.as_str() {
                "stopwords" => once(&mut words, "StopWords", || stops(&value.text, source))?,
                "language" => once(&mut language, "Language", || algorithm(&value.text))?,
                _ => return Err(unknown("Snowball", name)),
            }
        }
        let missing = || SearchError::Parameter("missing Language parameter".to_owned());
        let stemmer = Stemmer::create(language.ok_or_else(missing)?);
        Ok(Snowball { stemmer, stops: words.unwrap_or_default() })
    }

    pub(super) fn answer(&self, word: &str) -> Answer {
        let lower = lower(word);
        Some(if lower.len() > STEM_MAX {
            vec![Normal::of(lower)]
        } else if lower.is_empty() || self.stops.contains(&lower) {
            Vec::new()
        } else {
            vec![Normal::of(self.stemmer.stem(&lower).into_owned())]
        })
    }
}
