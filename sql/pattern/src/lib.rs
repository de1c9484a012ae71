//! POSIX regular expressions as PostgreSQL has them: advanced, extended and basic ones.
//!
//! Of all matches the one that begins first is taken, and of those the longest, or the shortest where the pattern prefers
//! that; groups follow the same rule from left to right. No library at hand does this, so the steps are our own:
//!
//! * [`parse`]: from text to syntax. [`set`]: sets of characters. [`token`]: what stands at a place of the text.
//! * [`program`]: all places where a match that begins at one place may end, by states in parallel.
//! * [`tree`]: the syntax as far as groups need it, with what each part prefers. [`divide`]: which part of a match is whose.
//! * [`shortcut`]: whether there is a match at all, and where it begins, is the same for every kind of engine; where a pattern
//!   has neither back references nor conditions a library that compiles patterns answers it much faster.
//!
//! One thing differs from PostgreSQL: `{m,n}` of equal counts prefers nothing, as `{m}` does, where PostgreSQL's prefers more.
//!
//! It fails with [`PatternError`]: the pattern is wrong, or a search takes too many steps.

#![forbid(unsafe_code)]

mod divide;
mod parse;
mod program;
mod set;
mod shortcut;
mod token;
mod tree;

use std::ops::Range;

/// Why there is no match to be told of. The texts are PostgreSQL's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // each is what its text says
pub enum PatternError {
    #[error("invalid collating element")]
    CollatingElement,
    #[error("invalid character class")]
    CharacterClass,
    #[error("invalid escape \\ sequence")]
    Escape,
    #[error("invalid backreference number")]
    BackReference,
    #[error("brackets [] not balanced")]
    Brackets,
    #[error("parentheses () not balanced")]
    Parentheses,
    #[error("braces {{}} not balanced")]
    Braces,
    #[error("invalid repetition count(s)")]
    RepetitionCount,
    #[error("invalid character range")]
    CharacterRange,
    #[error("quantifier operand invalid")]
    Quantifier,
    #[error("invalid embedded option")]
    EmbeddedOption,
    #[error("regular expression is too complex")]
    TooComplex,
    #[error("the characters of the text would take {0} bytes")]
    TextTooLong(usize),
}

/// The characters of a text that is searched take no more bytes.
const CHARACTERS_MAX: usize = 0x3fff_ffff;

/// How a pattern is written and meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Flags {
    /// Which language it is written in.
    pub dialect: Dialect,
    /// Upper and lower case are the same.
    pub ignore_case: bool,
    /// `.` and brackets do not match a newline.
    pub newline_stops: bool,
    /// `^` and `$` match at newlines too.
    pub newline_anchors: bool,
    /// White space and comments in the pattern mean nothing.
    pub expanded: bool,
}

/// A language of patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[allow(missing_docs)] // each is what PostgreSQL's manual calls it
pub enum Dialect {
    #[default]
    Advanced,
    Extended,
    Basic,
    /// The pattern is a plain text.
    Literal,
}

impl Flags {
    /// Takes a letter of an option; `false` if there is none of this name.
    pub fn take(&mut self, letter: char) -> bool {
        match letter {
            // What PostgreSQL's letter for extended patterns clears is both bits of them: it takes basic ones.
            'b' | 'e' => self.dialect = Dialect::Basic,
            'q' => self.dialect = Dialect::Literal,
            'i' => self.ignore_case = true,
            'c' => self.ignore_case = false,
            'n' | 'm' => (self.newline_stops, self.newline_anchors) = (true, true),
            'p' => (self.newline_stops, self.newline_anchors) = (true, false),
            'w' => (self.newline_stops, self.newline_anchors) = (false, true),
            's' => (self.newline_stops, self.newline_anchors) = (false, false),
            'x' => self.expanded = true,
            't' => self.expanded = false,
            _ => return false,
        }
        true
    }
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    tree: tree::Tree,
    sets: Vec<set::Set>,
    looks: Vec<program::Look>,
    groups: usize,
    ignore_case: bool,
    newline_anchors: bool,
    shortcut: Option<fancy_regex::Regex>,
}

/// A match: the whole and its groups, as ranges of bytes.
pub type Found = Vec<Option<Range<usize>>>;

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(text: &str, flags: Flags) -> Result<Pattern, PatternError> {
        let parsed = parse::parse(text, flags)?;
        let shortcut = shortcut::compile(&parsed);
        let (tree, looks) = tree::build(&parsed)?;
        Ok(Pattern {
            tree,
            looks,
            groups: parsed.groups,
            ignore_case: parsed.flags.ignore_case,
            newline_anchors: parsed.flags.newline_anchors,
            sets: parsed.sets,
            shortcut,
        })
    }

    /// How many groups it has.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Whether a text has a match.
    ///
    /// # Errors
    /// When the search takes too many steps.
    pub fn is_match(&self, text: &str) -> Result<bool, PatternError> {
        match &self.shortcut {
            Some(library) => library.is_match(text).map_err(|_| PatternError::TooComplex),
            None => Ok(self.search(text)?.next_from(0)?.is_some()),
        }
    }

    /// To search a text, perhaps again and again.
    ///
    /// # Errors
    /// When it is too long to be taken apart into its characters.
    pub fn search<'s>(&'s self, text: &'s str) -> Result<Search<'s>, PatternError> {
        // As PostgreSQL has it, which reckons with a character a byte.
        let reckoned = text.len().saturating_add(1).saturating_mul(size_of::<char>());
        if reckoned > CHARACTERS_MAX {
            return Err(PatternError::TextTooLong(reckoned));
        }
        let count = text.chars().count();
        let (mut characters, mut places) = (Vec::with_capacity(count), Vec::with_capacity(count + 1));
        for (place, character) in text.char_indices() {
            characters.push(character);
            places.push(place as u32);
        }
        places.push(text.len() as u32);
        Ok(Search { pattern: self, text, characters, places })
    }
}

/// A search of one text.
#[derive(Debug)]
pub struct Search<'s> {
    pattern: &'s Pattern,
    text: &'s str,
    characters: Vec<char>,
    /// Where each character begins, and the end. No text that is searched is longer than a quarter of a gigabyte.
    places: Vec<u32>,
}

impl Search<'_> {
    /// Which character begins at a byte.
    fn character_at(&self, byte: usize) -> Result<usize, usize> {
        self.places.binary_search_by_key(&byte, |place| *place as usize)
    }

    /// The first match that begins at or behind this byte, which is the beginning of a character.
    ///
    /// # Errors
    /// When the search takes too many steps.
    pub fn next_from(&mut self, from: usize) -> Result<Option<Found>, PatternError> {
        let Ok(mut begin) = self.character_at(from) else { return Ok(None) };
        if let Some(library) = &self.pattern.shortcut {
            match library.find_from_pos(self.text, from).map_err(|_| PatternError::TooComplex)? {
                // What begins there is sure to match.
                Some(found) => begin = self.character_at(found.start()).unwrap_or(begin),
                None => return Ok(None),
            }
        }
        let found = divide::find(self.pattern, &self.characters, begin)?;
        let bytes = |part: (usize, usize)| self.places[part.0] as usize..self.places[part.1] as usize;
        Ok(found.map(|parts| parts.into_iter().map(|part| part.map(bytes)).collect()))
    }
}

impl<'s> Search<'s> {
    /// All matches, one after the other. After an empty one the search goes on behind the next character.
    pub fn matches(self, from: usize) -> Matches<'s> {
        Matches { search: self, next: Some(from) }
    }
}

/// The matches of a pattern in a text; an error if the search for one takes too many steps.
#[derive(Debug)]
pub struct Matches<'s> {
    search: Search<'s>,
    /// Where the search goes on, unless it is over.
    next: Option<usize>,
}

impl Matches<'_> {
    /// How many bytes there are behind the last match.
    pub fn left(&self) -> usize {
        self.next.map_or(0, |next| self.search.text.len() - next)
    }
}

impl Iterator for Matches<'_> {
    type Item = Result<Found, PatternError>;

    fn next(&mut self) -> Option<Result<Found, PatternError>> {
        let from = self.next.take()?;
        let found = match self.search.next_from(from) {
            Ok(found) => found?,
            Err(error) => return Some(Err(error)),
        };
        let whole = found.first().cloned().flatten().unwrap_or(from..from);
        self.next = match whole.is_empty() {
            false => Some(whole.end),
            true => self.search.text[whole.end..].chars().next().map(|next| whole.end + next.len_utf8()),
        };
        Some(Ok(found))
    }
}
