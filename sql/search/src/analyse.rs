//! Documents to lexemes: which words count, and as what.

use crate::error::SearchResult;
use crate::lexemes::{LEXEME_MAX, Lexeme, Lexemes, Position, Weight};
use crate::parse::{Part, from_web, with_operators};
use crate::query::{Node, Operand, Query};
use crate::token::{Token, TokenKind, tokens};
use rust_stemmers::{Algorithm, Stemmer};
use std::borrow::Cow;

/// What makes lexemes of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dictionary {
    /// The word in small letters.
    Simple,
    /// Its stem, unless it is one of the words that say nothing.
    English,
}

/// Words of English that say nothing of what a text is about.
const ENGLISH_STOPS: &[&str] = &[
    "a",
    "about",
    "above",
    "after",
    "again",
    "against",
    "all",
    "am",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "because",
    "been",
    "before",
    "being",
    "below",
    "between",
    "both",
    "but",
    "by",
    "can",
    "did",
    "do",
    "does",
    "doing",
    "don",
    "down",
    "during",
    "each",
    "few",
    "for",
    "from",
    "further",
    "had",
    "has",
    "have",
    "having",
    "he",
    "her",
    "here",
    "hers",
    "herself",
    "him",
    "himself",
    "his",
    "how",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "itself",
    "just",
    "me",
    "more",
    "most",
    "my",
    "myself",
    "no",
    "nor",
    "not",
    "now",
    "of",
    "off",
    "on",
    "once",
    "only",
    "or",
    "other",
    "our",
    "ours",
    "ourselves",
    "out",
    "over",
    "own",
    "s",
    "same",
    "she",
    "should",
    "so",
    "some",
    "such",
    "t",
    "than",
    "that",
    "the",
    "their",
    "theirs",
    "them",
    "themselves",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "through",
    "to",
    "too",
    "under",
    "until",
    "up",
    "very",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "whom",
    "why",
    "will",
    "with",
    "you",
    "your",
    "yours",
    "yourself",
    "yourselves",
];

/// Longer words are left as they are.
const STEM_MAX: usize = 1000;

impl Dictionary {
    /// All.
    pub const ALL: [Dictionary; 2] = [Dictionary::Simple, Dictionary::English];

    /// PostgreSQL's number and name.
    pub fn known_as(self) -> (u32, &'static str) {
        match self {
            Dictionary::Simple => (3765, "simple"),
            Dictionary::English => (13163, "english_stem"),
        }
    }

    /// The lexeme of a word; none for one that says nothing.
    pub fn lexeme(self, word: &str) -> Option<String> {
        let lower: String = word.chars().flat_map(char::to_lowercase).collect();
        match self {
            Dictionary::Simple => Some(lower),
            Dictionary::English
                if lower.is_empty() || ENGLISH_STOPS.binary_search(&lower.as_str()).is_ok() =>
            {
                None
            }
            Dictionary::English if lower.len() > STEM_MAX => Some(lower),
            Dictionary::English => Some(Stemmer::create(Algorithm::English).stem(&lower).into_owned()),
        }
    }
}

/// Which dictionary has which tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Configuration {
    /// All by [`Dictionary::Simple`].
    Simple,
    /// Words by [`Dictionary::English`].
    English,
}

/// A query as it was made, and whether words were taken out until nothing was left.
#[derive(Debug, Clone, Default)]
pub struct MadeQuery {
    /// It.
    pub query: Query,
    /// Whether there had been something.
    pub emptied: bool,
    /// How many words were too long to be looked for.
    pub long_words: usize,
}

/// How words that are written together are joined in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joined {
    All,
    Phrase,
}

impl Configuration {
    /// All.
    pub const ALL: [Configuration; 2] = [Configuration::Simple, Configuration::English];

    /// PostgreSQL's number and name.
    pub fn known_as(self) -> (u32, &'static str) {
        match self {
            Configuration::Simple => (3748, "simple"),
            Configuration::English => (13164, "english"),
        }
    }

    /// The dictionary of a kind of token; none if it is no lexeme.
    pub fn dictionary(self, kind: TokenKind) -> Option<Dictionary> {
        match kind {
            TokenKind::Blank | TokenKind::Tag | TokenKind::Protocol | TokenKind::Entity => None,
            TokenKind::AsciiWord
            | TokenKind::Word
            | TokenKind::WordPart
            | TokenKind::AsciiPart
            | TokenKind::AsciiHyphenated
            | TokenKind::Hyphenated => Some(match self {
                Configuration::Simple => Dictionary::Simple,
                Configuration::English => Dictionary::English,
            }),
            TokenKind::NumberWord
            | TokenKind::Email
            | TokenKind::Url
            | TokenKind::Host
            | TokenKind::ScientificFloat
            | TokenKind::Version
            | TokenKind::NumberPart
            | TokenKind::NumberHyphenated
            | TokenKind::UrlPath
            | TokenKind::File
            | TokenKind::Float
            | TokenKind::Integer
            | TokenKind::UnsignedInteger => Some(Dictionary::Simple),
        }
    }

    /// What a token is to a document: a lexeme, or a word that says nothing. None if it is neither.
    pub fn analysed(self, token: Token<'_>) -> Option<Option<String>> {
        Some(self.dictionary(token.kind)?.lexeme(token.text))
    }

    /// Calls `each` with every lexeme of a text and its place, counted on from `place`; tells the last place, and how many
    /// words were too long.
    fn each_lexeme(self, text: &str, mut place: u32, mut each: impl FnMut(String, u32)) -> (u32, usize) {
        let mut long = 0;
        for token in tokens(text) {
            if token.text.len() > LEXEME_MAX {
                long += 1;
                continue;
            }
            let Some(lexeme) = self.analysed(token) else { continue };
            place = place.saturating_add(1);
            if let Some(lexeme) = lexeme {
                each(lexeme, place);
            }
        }
        (place, long)
    }

    /// The lexemes of a document that comes in pieces, between which a place is left free.
    ///
    /// # Errors
    /// When they are too many. Beside them: how many words were too long to be kept.
    pub fn document<'t>(
        self,
        pieces: impl IntoIterator<Item = &'t str>,
    ) -> SearchResult<(Lexemes<'static>, usize)> {
        let (mut entries, mut place, mut long) = (Vec::new(), 0, 0);
        for piece in pieces {
            let before = entries.len();
            let (last, left_out) = self.each_lexeme(piece, place, |text, place| {
                let positions = vec![Position::new(place, Weight::D)];
                entries.push(Lexeme { text: Cow::Owned(text), positions });
            });
            place = last + u32::from(entries.len() > before);
            long += left_out;
        }
        Ok((Lexemes::gathered(entries)?, long))
    }

    fn part(self, text: &str, (weights, prefix): (u8, bool), joined: Joined, long: &mut usize) -> Part {
        let mut found: Option<(Part, u32)> = None;
        let join = |left: Part, right: Part| match joined {
            Joined::All => left.and(right),
            Joined::Phrase => left.phrase(right, 1),
        };
        let (_, left_out) = self.each_lexeme(text, 0, |text, place| {
            let mut next = Part::of(Node::Value(Operand { text, weights, prefix }));
            if let Some((mut before, last)) = found.take() {
                for _ in last + 1..place {
                    before = join(before, Part::nothing());
                }
                next = join(before, next);
            }
            found = Some((next, place));
        });
        *long += left_out;
        found.map_or_else(Part::nothing, |(part, _)| part)
    }

    fn made(
        self,
        joined: Joined,
        read: impl FnOnce(&mut dyn FnMut(&str, u8, bool) -> SearchResult<Part>) -> SearchResult<Query>,
    ) -> SearchResult<MadeQuery> {
        let (mut any, mut long_words) = (false, 0);
        let query = read(&mut |word, weights, prefix| {
            any = true;
            Ok(self.part(word, (weights, prefix), joined, &mut long_words))
        })?;
        Ok(MadeQuery { emptied: any && query.root.is_none(), query, long_words })
    }

    /// `to_tsquery`.
    ///
    /// # Errors
    /// When the text is no query.
    pub fn query(self, text: &str) -> SearchResult<MadeQuery> {
        self.made(Joined::Phrase, |make| with_operators(text, make))
    }

    /// `plainto_tsquery`: all words.
    ///
    /// # Errors
    /// When they are too many.
    pub fn plain_query(self, text: &str) -> SearchResult<MadeQuery> {
        self.made(Joined::All, |make| Query::of(make(text, 0, false)?.into_node()))
    }

    /// `phraseto_tsquery`: the words one behind the other.
    ///
    /// # Errors
    /// When they are too many.
    pub fn phrase_query(self, text: &str) -> SearchResult<MadeQuery> {
        self.made(Joined::Phrase, |make| Query::of(make(text, 0, false)?.into_node()))
    }

    /// `websearch_to_tsquery`.
    ///
    /// # Errors
    /// When there are too many words.
    pub fn web_query(self, text: &str) -> SearchResult<MadeQuery> {
        self.made(Joined::Phrase, |make| from_web(text, make))
    }
}
