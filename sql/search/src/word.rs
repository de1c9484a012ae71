//! Words as `tsvector` and `tsquery` are written: plain up to white space or a sign, or between quotes, with escapes.

use crate::error::{SearchError, SearchResult};
use crate::lexemes::{Position, Weight};

/// What the words stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// A `tsvector`: positions may follow a word.
    Vector,
    /// A `tsquery`: operators end a word.
    Query,
    /// What a person types into a search field: quotes are no words' quotes, and nothing is escaped.
    Web,
}

/// A word as it was read.
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) positions: Vec<Position>,
    /// Where what follows it begins.
    pub(crate) end: usize,
}

/// Reads words of a text.
pub(crate) struct Words<'a> {
    pub(crate) whole: &'a str,
    pub(crate) within: Within,
}

/// What the functions of types count as white space.
pub(crate) fn is_space(found: char) -> bool {
    found.is_whitespace()
}

impl Words<'_> {
    fn syntax<T>(&self) -> SearchResult<T> {
        let whole = self.whole.to_owned();
        Err(match self.within {
            Within::Vector => SearchError::VectorSyntax(whole),
            Within::Query | Within::Web => SearchError::QuerySyntax(whole),
        })
    }

    fn at(&self, place: usize) -> Option<char> {
        self.whole[place..].chars().next()
    }

    /// Whether a character ends a word of a query.
    fn is_operator(&self, found: char) -> bool {
        match self.within {
            Within::Vector => false,
            Within::Query => matches!(found, '!' | '&' | '|' | '(' | ')' | '<'),
            Within::Web => matches!(found, '!' | '&' | '|' | '(' | ')' | '<' | '"'),
        }
    }

    /// The next word; none at the end.
    pub(crate) fn next(&self, from: usize) -> SearchResult<Option<Word>> {
        let rest = &self.whole[from..];
        let Some(begin) = rest.find(|found| !is_space(found)).map(|length| from + length) else {
            return Ok(None);
        };
        let quotes = self.within != Within::Web;
        let (text, end) = match self.at(begin) {
            Some('\'') if quotes => self.quoted(begin + 1)?,
            Some(first) if self.is_operator(first) => return self.syntax(),
            _ => self.plain(begin)?,
        };
        if text.is_empty() {
            return self.syntax();
        }
        let (positions, end) = match (self.within, self.at(end)) {
            (Within::Vector, Some(':')) => self.positions(end + 1)?,
            _ => (Vec::new(), end),
        };
        Ok(Some(Word { text, positions, end }))
    }

    fn escaped(&self, place: usize) -> SearchResult<char> {
        self.at(place).ok_or_else(|| SearchError::NoEscaped(self.whole.to_owned()))
    }

    fn quoted(&self, mut place: usize) -> SearchResult<(String, usize)> {
        let mut text = String::new();
        loop {
            match self.at(place) {
                None => return self.syntax(),
                Some('\'') => {
                    place += 1;
                    if self.at(place) != Some('\'') {
                        return Ok((text, place));
                    }
                    text.push('\'');
                    place += 1;
                }
                Some('\\') => {
                    let found = self.escaped(place + 1)?;
                    text.push(found);
                    place += 1 + found.len_utf8();
                }
                Some(found) => {
                    text.push(found);
                    place += found.len_utf8();
                }
            }
        }
    }

    fn plain(&self, mut place: usize) -> SearchResult<(String, usize)> {
        let (begin, mut text) = (place, String::new());
        while let Some(found) = self.at(place) {
            if found == '\\' && self.within != Within::Web {
                let found = self.escaped(place + 1)?;
                text.push(found);
                place += 1 + found.len_utf8();
                continue;
            }
            // A colon is of the word where it is its first character.
            if is_space(found) || self.is_operator(found) || found == ':' && place > begin {
                break;
            }
            text.push(found);
            place += found.len_utf8();
        }
        Ok((text, place))
    }

    /// Places with their weights, between commas.
    fn positions(&self, mut place: usize) -> SearchResult<(Vec<Position>, usize)> {
        let mut found = Vec::new();
        loop {
            let digits = self.whole[place..].bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return self.syntax();
            }
            // What is beyond all numbers is beyond all places.
            let number = self.whole[place..place + digits].parse().unwrap_or(u32::MAX);
            place += digits;
            if number == 0 {
                return Err(SearchError::WrongPosition(self.whole.to_owned()));
            }
            let mut weight = Weight::D;
            loop {
                let given = match self.at(place) {
                    Some('a' | 'A' | '*') => Weight::A,
                    Some('b' | 'B') => Weight::B,
                    Some('c' | 'C') => Weight::C,
                    Some('d' | 'D') => Weight::D,
                    Some('0'..='9') => {
                        place += 1;
                        continue;
                    }
                    _ => break,
                };
                if weight != Weight::D {
                    return self.syntax();
                }
                weight = given;
                place += 1;
            }
            found.push(Position::new(number, weight));
            match self.at(place) {
                Some(',') => place += 1,
                None => return Ok((found, place)),
                Some(next) if is_space(next) => return Ok((found, place)),
                Some(_) => return self.syntax(),
            }
        }
    }
}
