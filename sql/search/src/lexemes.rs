//! `tsvector`: lexemes with the places where they stand in a document, and their weights.
//!
//! The bytes of a value compare as PostgreSQL compares values: first how many bytes PostgreSQL would need, then how many
//! lexemes there are, then lexeme by lexeme. What comes first for being more is kept inverted.

use crate::error::{SearchError, SearchResult};
use crate::word::{Within, Words};
use std::borrow::Cow;

/// No lexeme is longer, in bytes.
pub const LEXEME_MAX: usize = 2046;
/// The last place that is told apart.
const PLACE_MAX: u16 = 16383;
/// How many places of a lexeme are kept.
const PLACES_MAX: usize = 255;
/// All lexemes and their places together.
const VECTOR_MAX: usize = (1 << 20) - 1;

/// How much an occurrence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // they have no other names
pub enum Weight {
    D,
    C,
    B,
    A,
}

impl Weight {
    /// All, the least first.
    pub const ALL: [Weight; 4] = [Weight::D, Weight::C, Weight::B, Weight::A];

    /// By its letter.
    pub fn from_letter(letter: char) -> Option<Weight> {
        Weight::ALL.into_iter().find(|weight| weight.letter() == letter.to_ascii_uppercase())
    }

    /// Its letter.
    pub fn letter(self) -> char {
        ['D', 'C', 'B', 'A'][self as usize]
    }

    /// A set of it alone.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Where a lexeme stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub place: u16,
    /// How much it counts.
    pub weight: Weight,
}

impl Position {
    /// At a place, or the last that there is.
    pub fn new(place: u32, weight: Weight) -> Position {
        Position { place: u16::try_from(place).unwrap_or(PLACE_MAX).min(PLACE_MAX), weight }
    }
}

/// A lexeme and its places, ascending; there may be none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lexeme<'a> {
    /// It.
    pub text: Cow<'a, str>,
    /// Where it stands.
    pub positions: Vec<Position>,
}

/// The lexemes of a document, ascending by their bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lexemes<'a> {
    entries: Vec<Lexeme<'a>>,
}

impl<'a> Lexemes<'a> {
    /// Reads one as it is written.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> SearchResult<Lexemes<'static>> {
        let words = Words { whole: text, within: Within::Vector };
        let (mut entries, mut place) = (Vec::new(), 0);
        while let Some(word) = words.next(place)? {
            if word.text.len() > LEXEME_MAX {
                return Err(SearchError::LongWord(word.text.len()));
            }
            place = word.end;
            entries.push(Lexeme { text: Cow::Owned(word.text), positions: word.positions });
        }
        Lexemes::gathered(entries)
    }

    /// Of lexemes in any order, of which several may be the same.
    ///
    /// # Errors
    /// When they are too many.
    pub fn gathered(mut entries: Vec<Lexeme<'a>>) -> SearchResult<Lexemes<'a>> {
        entries.sort_by(|one, other| one.text.cmp(&other.text));
        let mut merged: Vec<Lexeme<'a>> = Vec::with_capacity(entries.len());
        for entry in entries {
            match merged.last_mut() {
                Some(last) if last.text == entry.text => last.positions.extend(entry.positions),
                _ => merged.push(entry),
            }
        }
        for entry in &mut merged {
            settle(&mut entry.positions);
        }
        Lexemes { entries: merged }.checked()
    }

    fn checked(self) -> SearchResult<Lexemes<'a>> {
        match self.data_size() {
            size if size > VECTOR_MAX => Err(SearchError::LongVector(size)),
            _ => Ok(self),
        }
    }

    /// The lexemes.
    pub fn entries(&self) -> &[Lexeme<'a>] {
        &self.entries
    }

    /// Reads its bytes; damaged ones are no value.
    pub fn from_bytes(bytes: &'a [u8]) -> Option<Lexemes<'a>> {
        let (count, mut rest) = bytes.get(4..)?.split_first_chunk::<4>()?;
        let mut entries =
            Vec::with_capacity(usize::try_from(u32::from_be_bytes(*count)).ok()?.min(bytes.len()));
        while let Some((unplaced, text)) = rest.split_first() {
            let end = text.iter().position(|byte| *byte == 0)?;
            let lexeme = std::str::from_utf8(&text[..end]).ok()?;
            rest = &text[end + 1..];
            let mut positions = Vec::new();
            if *unplaced == 0 {
                let (count, mut places) = rest.split_first_chunk::<2>()?;
                for _ in 0..!u16::from_be_bytes(*count) {
                    let (place, after) = places.split_first_chunk::<2>()?;
                    let (weight, after) = after.split_first()?;
                    let weight = Weight::ALL.get(usize::from(!weight)).copied()?;
                    positions.push(Position { place: !u16::from_be_bytes(*place), weight });
                    places = after;
                }
                rest = places;
            }
            entries.push(Lexeme { text: Cow::Borrowed(lexeme), positions });
        }
        Some(Lexemes { entries })
    }

    /// Its bytes; see the module's text.
    pub fn to_bytes(&self) -> Vec<u8> {
        let size = 8 + 4 * self.entries.len() + self.data_size();
        let mut bytes = u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes().to_vec();
        bytes.extend(u32::try_from(self.entries.len()).unwrap_or(u32::MAX).to_be_bytes());
        for entry in &self.entries {
            bytes.push(u8::from(entry.positions.is_empty()));
            bytes.extend_from_slice(entry.text.as_bytes());
            bytes.push(0);
            if entry.positions.is_empty() {
                continue;
            }
            bytes.extend((!u16::try_from(entry.positions.len()).unwrap_or(u16::MAX)).to_be_bytes());
            for position in &entry.positions {
                bytes.extend((!position.place).to_be_bytes());
                bytes.push(!(position.weight as u8));
            }
        }
        bytes
    }

    /// How many bytes PostgreSQL needs for texts and places.
    fn data_size(&self) -> usize {
        self.entries.iter().fold(0, |size: usize, entry| {
            let size = size + entry.text.len();
            match entry.positions.len() {
                0 => size,
                count => size.next_multiple_of(2) + 2 + 2 * count,
            }
        })
    }

    /// Appends its text.
    pub fn write(&self, text: &mut String) {
        for (count, entry) in self.entries.iter().enumerate() {
            if count > 0 {
                text.push(' ');
            }
            write_quoted(&entry.text, text);
            for (count, position) in entry.positions.iter().enumerate() {
                text.push(if count == 0 { ':' } else { ',' });
                text.push_str(&position.place.to_string());
                if position.weight != Weight::D {
                    text.push(position.weight.letter());
                }
            }
        }
    }

    /// The lexeme of this text.
    pub fn find(&self, text: &str) -> Option<&Lexeme<'a>> {
        let place = self.entries.binary_search_by(|entry| (*entry.text).cmp(text)).ok()?;
        self.entries.get(place)
    }

    /// The lexemes that begin so.
    pub fn beginning(&self, prefix: &str) -> &[Lexeme<'a>] {
        let first = self.entries.partition_point(|entry| *entry.text < *prefix);
        let rest = &self.entries[first..];
        &rest[..rest.partition_point(|entry| entry.text.starts_with(prefix))]
    }

    /// Without places.
    pub fn stripped(mut self) -> Lexemes<'a> {
        self.entries.iter_mut().for_each(|entry| entry.positions.clear());
        self
    }

    /// With all occurrences of this weight; only those of some lexemes, if they are named.
    pub fn weighted(mut self, weight: Weight, only: Option<&[&str]>) -> Lexemes<'a> {
        for entry in &mut self.entries {
            if only.is_none_or(|only| only.iter().any(|text| *text == entry.text)) {
                entry.positions.iter_mut().for_each(|position| position.weight = weight);
            }
        }
        self
    }

    /// Without some lexemes.
    pub fn without(mut self, texts: &[&str]) -> Lexemes<'a> {
        self.entries.retain(|entry| !texts.iter().any(|text| *text == entry.text));
        self
    }

    /// Only occurrences of some weights, and the lexemes that have such.
    pub fn filtered(mut self, weights: u8) -> Lexemes<'a> {
        for entry in &mut self.entries {
            entry.positions.retain(|position| position.weight.bit() & weights != 0);
        }
        self.entries.retain(|entry| !entry.positions.is_empty());
        self
    }

    /// Both documents, the second behind the first.
    ///
    /// # Errors
    /// When they are too large together.
    pub fn concatenated(self, other: Lexemes<'a>) -> SearchResult<Lexemes<'a>> {
        let places = self.entries.iter().flat_map(|entry| &entry.positions).map(|position| position.place);
        let shift = u32::from(places.max().unwrap_or(0));
        let mut entries = self.entries;
        entries.extend(other.entries.into_iter().map(|mut entry| {
            for position in &mut entry.positions {
                *position = Position::new(u32::from(position.place) + shift, position.weight);
            }
            entry
        }));
        Lexemes::gathered(entries)
    }
}

/// Places in order, each once, with the greatest weight that it was given.
fn settle(positions: &mut Vec<Position>) {
    positions.sort_by_key(|position| (position.place, std::cmp::Reverse(position.weight)));
    positions.dedup_by_key(|position| position.place);
    positions.truncate(PLACES_MAX);
}

/// Appends a lexeme between quotes.
pub(crate) fn write_quoted(lexeme: &str, text: &mut String) {
    text.push('\'');
    for found in lexeme.chars() {
        if matches!(found, '\'' | '\\') {
            text.push(found);
        }
        text.push(found);
    }
    text.push('\'');
}
