//! Documents to lexemes: which words count, and as what.

use crate::dictionary::{Dictionary, Normal};
use crate::error::SearchResult;
use crate::lexemes::{Lexeme, Lexemes, Position, Weight};
use crate::parse::{Part, from_web, with_operators};
use crate::phrases::Reading;
use crate::query::{Node, Operand, Query};
use crate::token::TokenKind;
use std::borrow::Cow;

/// Which dictionaries are asked for which tokens, one after the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Configuration {
    /// By the tokens' numbers, less one.
    dictionaries: [Vec<Dictionary>; TokenKind::ALL.len()],
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
    /// What a configuration is that comes with the program: words by one dictionary, other lexemes by `simple`.
    pub fn of(words: &Dictionary) -> Configuration {
        let mut made = Configuration::default();
        for kind in TokenKind::ALL {
            match Configuration::is_by_language(kind) {
                Some(true) => made.add(kind, words.clone()),
                Some(false) => made.add(kind, Dictionary::simple()),
                None => {}
            }
        }
        made
    }

    /// Whether configurations that come with the program have a language's dictionary for a kind of token; none if they have
    /// none at all.
    pub fn is_by_language(kind: TokenKind) -> Option<bool> {
        match kind {
            TokenKind::Blank | TokenKind::Tag | TokenKind::Protocol | TokenKind::Entity => None,
            TokenKind::AsciiWord
            | TokenKind::Word
            | TokenKind::WordPart
            | TokenKind::AsciiPart
            | TokenKind::AsciiHyphenated
            | TokenKind::Hyphenated => Some(true),
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
            | TokenKind::UnsignedInteger => Some(false),
        }
    }

    /// Has one more dictionary asked for a kind of token, behind the others.
    pub fn add(&mut self, kind: TokenKind, dictionary: Dictionary) {
        self.dictionaries[kind as usize - 1].push(dictionary);
    }

    /// The dictionaries of a kind of token, in their order; none if it is no lexeme.
    pub fn dictionaries(&self, kind: TokenKind) -> &[Dictionary] {
        &self.dictionaries[kind as usize - 1]
    }

    /// Calls `each` with every lexeme of a text and its place, counted on from `place`; tells the last place, and how many
    /// words were too long.
    fn each_lexeme(&self, text: &str, mut place: u32, mut each: impl FnMut(Normal, u32)) -> (u32, usize) {
        let mut reading = Reading::new(self, text);
        while let Some((_, lexemes)) = reading.next_known() {
            place = place.saturating_add(1);
            for lexeme in lexemes {
                place = place.saturating_add(u32::from(lexeme.next_place));
                each(lexeme, place);
            }
        }
        (place, reading.long_words)
    }

    /// The lexemes of a document that comes in pieces, between which a place is left free.
    ///
    /// # Errors
    /// When they are too many. Beside them: how many words were too long to be kept.
    pub fn document<'t>(
        &self,
        pieces: impl IntoIterator<Item = &'t str>,
    ) -> SearchResult<(Lexemes<'static>, usize)> {
        let (mut entries, mut place, mut long) = (Vec::new(), 0, 0);
        for piece in pieces {
            let before = entries.len();
            let (last, left_out) = self.each_lexeme(piece, place, |lexeme, place| {
                let positions = vec![Position::new(place, Weight::D)];
                entries.push(Lexeme { text: Cow::Owned(lexeme.text), positions });
            });
            place = last + u32::from(entries.len() > before);
            long += left_out;
        }
        Ok((Lexemes::gathered(entries)?, long))
    }

    /// What a word of a query is: what stands in one place is each of its variants, and places between are gaps.
    fn part(&self, text: &str, (weights, prefix): (u8, bool), joined: Joined, long: &mut usize) -> Part {
        let mut found: Vec<(Normal, u32)> = Vec::new();
        let (_, left_out) = self.each_lexeme(text, 0, |lexeme, place| found.push((lexeme, place)));
        *long += left_out;
        let join = |left: Part, right: Part| match joined {
            Joined::All => left.and(right),
            Joined::Phrase => left.phrase(right, 1),
        };
        let mut whole: Option<(Part, u32)> = None;
        for there in found.chunk_by(|(_, one), (_, other)| one == other) {
            let place = there.first().map_or(0, |(_, place)| *place);
            let variants = there.chunk_by(|(one, _), (other, _)| one.variant == other.variant);
            let variants = variants.filter_map(|variant| {
                let words = variant.iter().map(|(lexeme, _)| {
                    let (text, prefix) = (lexeme.text.clone(), prefix || lexeme.prefix);
                    Part::of(Node::Value(Operand { text, weights, prefix }))
                });
                words.reduce(Part::and)
            });
            let Some(mut next) = variants.reduce(Part::or) else { continue };
            if let Some((mut before, last)) = whole.take() {
                for _ in last + 1..place {
                    before = join(before, Part::nothing());
                }
                next = join(before, next);
            }
            whole = Some((next, place));
        }
        whole.map_or_else(Part::nothing, |(part, _)| part)
    }

    fn made(
        &self,
        joined: Joined,
        read: impl FnOnce(&mut dyn FnMut(&str, u8, bool) -> SearchResult<Part>) -> SearchResult<Query>,
    ) -> SearchResult<MadeQuery> {
        let (mut any, mut long_words) = (false, 0);
        let query = read(&mut |word, weights, prefix| {
            any |= !word.is_empty();
            Ok(self.part(word, (weights, prefix), joined, &mut long_words))
        })?;
        Ok(MadeQuery { emptied: any && query.root.is_none(), query, long_words })
    }

    /// `to_tsquery`.
    ///
    /// # Errors
    /// When the text is no query.
    pub fn query(&self, text: &str) -> SearchResult<MadeQuery> {
        self.made(Joined::Phrase, |make| with_operators(text, make))
    }

    /// `plainto_tsquery`: all words.
    ///
    /// # Errors
    /// When they are too many.
    pub fn plain_query(&self, text: &str) -> SearchResult<MadeQuery> {
        self.made(Joined::All, |make| Query::of(make(text, 0, false)?.into_node()))
    }

    /// `phraseto_tsquery`: the words one behind the other.
    ///
    /// # Errors
    /// When they are too many.
    pub fn phrase_query(&self, text: &str) -> SearchResult<MadeQuery> {
        self.made(Joined::Phrase, |make| Query::of(make(text, 0, false)?.into_node()))
    }

    /// `websearch_to_tsquery`.
    ///
    /// # Errors
    /// When there are too many words.
    pub fn web_query(&self, text: &str) -> SearchResult<MadeQuery> {
        self.made(Joined::Phrase, |make| from_web(text, make))
    }
}
