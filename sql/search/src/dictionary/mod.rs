//! Dictionaries: what makes lexemes of a word, or says that it says nothing, or does not know it.
//!
//! A dictionary is made of a template, options and files ([`Source`]), once, and never changes. Those of several words
//! ([`thesaurus`]) say that they want the next word, too; what they have found so far is the caller's to keep ([`Progress`]).

mod english;
mod ispell;
mod options;
mod simple;
mod synonym;
mod thesaurus;
mod unaccent;

pub use options::{OptionValue, Source, file_name, parse_options, write_options};
pub use simple::{LANGUAGES, Snowball};

use crate::error::SearchResult;
use ispell::Ispell;
use simple::Simple;
use std::sync::Arc;
use synonym::Synonyms;
use thesaurus::Thesaurus;
use unaccent::Unaccent;

/// A lexeme that a word was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Normal {
    /// It.
    pub text: String,
    /// Lexemes of one number belong together; those of another stand instead.
    pub variant: u16,
    /// Whether it stands a place behind the one before.
    pub next_place: bool,
    /// Whether a query looks for all lexemes that begin with it.
    pub prefix: bool,
}

impl Normal {
    /// A lexeme alone.
    pub(crate) fn of(text: String) -> Normal {
        Normal { text, ..Normal::default() }
    }
}

/// What a dictionary says of a word.
pub type Answer = Option<Vec<Normal>>;

/// How far a phrase has been recognised: the rules that it may still become, and how many words they have matched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    rules: Vec<usize>,
    words: usize,
    /// Whether the dictionary wants the next word.
    pub wants_more: bool,
}

/// What a dictionary is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // each is what it is called
pub enum Template {
    Simple,
    Synonym,
    Ispell,
    Thesaurus,
    Snowball,
    Unaccent,
}

impl Template {
    /// Those that a database has from the beginning.
    pub const FIRST: [Template; 5] =
        [Template::Simple, Template::Synonym, Template::Ispell, Template::Thesaurus, Template::Snowball];

    /// All: those that come with extensions, too.
    pub const ALL: [Template; 6] = [
        Template::Simple,
        Template::Synonym,
        Template::Ispell,
        Template::Thesaurus,
        Template::Snowball,
        Template::Unaccent,
    ];

    /// PostgreSQL's numbers: its own, and those of the functions that begin and look up. The last one's are given when a server
    /// is made. What comes with an extension has no number itself, and its functions are a module's.
    pub fn numbers(self) -> (u32, u32, u32) {
        match self {
            Template::Simple => (3727, 3725, 3726),
            Template::Synonym => (3730, 3728, 3729),
            Template::Ispell => (3733, 3731, 3732),
            Template::Thesaurus => (3742, 3740, 3741),
            Template::Snowball => (13150, 13148, 13149),
            Template::Unaccent => (0, 15300, 15301),
        }
    }

    /// Its name and what is said of it.
    pub fn described(self) -> (&'static str, &'static str) {
        match self {
            Template::Simple => ("simple", "simple dictionary: just lower case and check for stopword"),
            Template::Synonym => ("synonym", "synonym dictionary: replace word by its synonym"),
            Template::Ispell => ("ispell", "ispell dictionary"),
            Template::Thesaurus => ("thesaurus", "thesaurus dictionary: phrase by phrase substitution"),
            Template::Snowball => ("snowball", "snowball stemmer"),
            Template::Unaccent => ("unaccent", ""),
        }
    }
}

#[derive(Debug)]
enum Kind {
    Simple(Simple),
    Snowball(Snowball),
    Synonym(Synonyms),
    Thesaurus(Thesaurus),
    Ispell(Ispell),
    Unaccent(Unaccent),
    /// One whose beginning and looking up are of different templates, or that was not begun, knows nothing.
    Nothing,
}

/// A dictionary. Two are the same if they were made together.
#[derive(Debug, Clone)]
pub struct Dictionary(Arc<Kind>);

impl PartialEq for Dictionary {
    fn eq(&self, other: &Dictionary) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Dictionary {
    /// The dictionary `simple`: words in small letters.
    pub fn simple() -> Dictionary {
        Dictionary(Arc::new(Kind::Simple(Simple::default())))
    }

    /// The dictionary `english_stem`: stems, without words that say nothing.
    pub fn english() -> Dictionary {
        Dictionary(Arc::new(Kind::Snowball(Snowball::english())))
    }

    /// One that a template makes of options and files.
    ///
    /// # Errors
    /// When an option is unknown, missing or wrong, or a file cannot be read or is not as it should be.
    pub fn make(
        template: Template,
        options: &[(String, OptionValue)],
        source: &dyn Source,
    ) -> SearchResult<Dictionary> {
        let kind = match template {
            Template::Simple => Kind::Simple(Simple::make(options, source)?),
            Template::Snowball => Kind::Snowball(Snowball::make(options, source)?),
            Template::Synonym => Kind::Synonym(Synonyms::make(options, source)?),
            Template::Thesaurus => Kind::Thesaurus(Thesaurus::make(options, source)?),
            Template::Ispell => Kind::Ispell(Ispell::make(options, source)?),
            Template::Unaccent => Kind::Unaccent(Unaccent::make(options, source)?),
        };
        Ok(Dictionary(Arc::new(kind)))
    }

    /// One of a template whose looking up is `simple`'s, but that begins nothing: it takes no options.
    pub fn begun_by_nothing(template: Template) -> Dictionary {
        match template {
            Template::Simple => Dictionary::simple(),
            Template::Synonym
            | Template::Ispell
            | Template::Thesaurus
            | Template::Snowball
            | Template::Unaccent => Dictionary(Arc::new(Kind::Nothing)),
        }
    }

    /// What it says of a word for itself: none if it does not know it, no lexeme if it says nothing.
    pub fn lexemes(&self, word: &str) -> Answer {
        let mut progress = Progress::default();
        let answer = self.answer(word, &mut progress, false);
        if progress.wants_more {
            // That was the last.
            return self.answer(word, &mut progress, true).or(answer);
        }
        answer
    }

    /// The same where words follow: `progress` is what it has found in those before. At the `end` there is no word any more.
    pub fn answer(&self, word: &str, progress: &mut Progress, end: bool) -> Answer {
        progress.wants_more = false;
        match &*self.0 {
            Kind::Simple(simple) => simple.answer(word),
            Kind::Snowball(snowball) => snowball.answer(word),
            Kind::Synonym(synonyms) => synonyms.answer(word),
            Kind::Thesaurus(thesaurus) => thesaurus.answer(word, progress, end),
            Kind::Ispell(ispell) => ispell.answer(word),
            Kind::Unaccent(unaccent) => unaccent.answer(word),
            Kind::Nothing => None,
        }
    }

    /// Whether what it makes of a word is a word for those behind it, and no lexeme.
    pub(crate) fn filters(&self) -> bool {
        matches!(&*self.0, Kind::Unaccent(_))
    }

    /// Whether it looks at several words at once.
    pub(crate) fn is_of_phrases(&self) -> bool {
        matches!(&*self.0, Kind::Thesaurus(_))
    }
}

/// A word in small letters.
pub(crate) fn lower(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).collect()
}
