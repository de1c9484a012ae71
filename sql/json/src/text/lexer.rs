//! Tokens of JSON.

use super::plain::plain_length;
use crate::error::{Expected, JsonError, TextError, TextProblem};
use std::borrow::Cow;

/// How much of an error's line is shown.
const EXCERPT: usize = 50;

/// Whether escapes must make sense as characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escapes {
    /// Their form is enough: the text is kept.
    Kept,
    /// They must name characters that a text can hold: surrogates in pairs, no zero.
    Resolved,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    End,
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Comma,
    Colon,
    String { escaped: bool },
    Number,
    True,
    False,
    Null,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

/// A string of a document as it is written, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    pub(super) raw: &'a str,
    pub(super) escaped: bool,
}

impl<'a> Text<'a> {
    /// Whether it has escapes.
    pub fn is_escaped(self) -> bool {
        self.escaped
    }

    /// It as it is written.
    pub fn raw(self) -> &'a str {
        self.raw
    }

    /// What it says, its escapes resolved.
    pub fn decode(self) -> Cow<'a, str> {
        if !self.escaped {
            return Cow::Borrowed(self.raw);
        }
        let mut out = String::with_capacity(self.raw.len());
        self.decode_into(&mut out);
        Cow::Owned(out)
    }

    /// Appends what it says.
    pub fn decode_into(self, out: &mut String) {
        self.pieces(|piece| out.push_str(piece));
    }

    /// Appends what it says as bytes.
    pub(crate) fn decode_onto(self, out: &mut Vec<u8>) {
        self.pieces(|piece| out.extend_from_slice(piece.as_bytes()));
    }

    fn pieces(self, mut take: impl FnMut(&str)) {
        if !self.escaped {
            return take(self.raw);
        }
        let mut rest = self.raw;
        let mut buffer = [0; 4];
        while let Some(at) = rest.find('\\') {
            take(&rest[..at]);
            let (character, length) = resolve(&rest.as_bytes()[at..]);
            take(character.encode_utf8(&mut buffer));
            // An escape is of ASCII, or its last byte starts a character: `get` cannot fail on what was validated.
            rest = rest.get(at + length..).unwrap_or("");
        }
        take(rest);
    }
}

/// The character that the escape at the start of `bytes` names, and its length. The lexer has seen that it is one.
fn resolve(bytes: &[u8]) -> (char, usize) {
    let simple = match bytes.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let first = bytes.get(2..6).map_or(0, hexadecimal);
            if (0xd800..0xdc00).contains(&first) {
                let second = bytes.get(8..12).map_or(0, hexadecimal);
                let value = 0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff);
                return (char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
            }
            return (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6);
        }
        Some(other) => char::from(*other),
        None => '\\',
    };
    (simple, 2)
}

fn hexadecimal(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, digit| (value << 4) | char::from(*digit).to_digit(16).unwrap_or(0))
}

#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    pub text: &'a str,
    pub place: usize,
    escapes: Escapes,
    line: u32,
    line_start: usize,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str, escapes: Escapes) -> Lexer<'a> {
        Lexer { text, place: 0, escapes, line: 1, line_start: 0 }
    }

    fn byte(&self, place: usize) -> Option<u8> {
        self.text.as_bytes().get(place).copied()
    }

    pub fn next(&mut self) -> Result<Token, JsonError> {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.byte(self.place) {
            self.place += 1;
            if byte == b'\n' {
                self.line = self.line.saturating_add(1);
                self.line_start = self.place;
            }
        }
        let start = self.place;
        let Some(byte) = self.byte(start) else {
            return Ok(Token { kind: TokenKind::End, start, end: start });
        };
        let kind = match byte {
            b'{' => TokenKind::ObjectStart,
            b'}' => TokenKind::ObjectEnd,
            b'[' => TokenKind::ArrayStart,
            b']' => TokenKind::ArrayEnd,
            b',' => TokenKind::Comma,
            b':' => TokenKind::Colon,
            b'"' => return self.string(start),
            b'-' => return self.number(start, start + 1),
            b'0'..=b'9' => return self.number(start, start),
            _ => return self.word(start),
        };
        self.place = start + 1;
        Ok(Token { kind, start, end: start + 1 })
    }

    fn word(&mut self, start: usize) -> Result<Token, JsonError> {
        let length = self.text.as_bytes()[start..].iter().take_while(|byte| is_word(**byte)).count();
        let end = start + length.max(1);
        let kind = match &self.text[start..end] {
            "true" => TokenKind::True,
            "false" => TokenKind::False,
            "null" => TokenKind::Null,
            _ => return Err(self.invalid_token(start, end)),
        };
        self.place = end;
        Ok(Token { kind, start, end })
    }

    fn digits(&self, from: usize) -> usize {
        let bytes = &self.text.as_bytes()[from.min(self.text.len())..];
        from + bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    fn number(&mut self, start: usize, mut end: usize) -> Result<Token, JsonError> {
        let mut valid = true;
        match self.byte(end) {
            Some(b'0') => end += 1,
            Some(b'1'..=b'9') => end = self.digits(end),
            Some(_) | None => valid = false,
        }
        if self.byte(end) == Some(b'.') {
            let after = self.digits(end + 1);
            valid &= after > end + 1;
            end = after;
        }
        if let Some(b'e' | b'E') = self.byte(end) {
            end += 1;
            if let Some(b'+' | b'-') = self.byte(end) {
                end += 1;
            }
            let after = self.digits(end);
            valid &= after > end;
            end = after;
        }
        while self.byte(end).is_some_and(is_word) {
            end += 1;
            valid = false;
        }
        if !valid {
            return Err(self.invalid_token(start, end));
        }
        self.place = end;
        Ok(Token { kind: TokenKind::Number, start, end })
    }

    fn string(&mut self, start: usize) -> Result<Token, JsonError> {
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        // The first half of a surrogate pair waits for its second.
        let mut waiting = false;
        let mut place = start + 1;
        loop {
            let plain = plain_length(&bytes[place..]);
            if plain > 0 && waiting {
                return Err(self.low_surrogate(place));
            }
            place += plain;
            match bytes.get(place) {
                None => return Err(self.invalid_token(start, place)),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    place = self.escape(start, place, &mut waiting)?;
                }
                Some(byte) => return Err(self.problem(TextProblem::UnescapedControl(*byte), place)),
            }
        }
        if waiting {
            return Err(self.low_surrogate(place));
        }
        self.place = place + 1;
        Ok(Token { kind: TokenKind::String { escaped }, start, end: place + 1 })
    }

    fn low_surrogate(&self, place: usize) -> JsonError {
        self.problem(TextProblem::LowSurrogateAlone, self.character_end(place))
    }

    /// Checks the escape at `place` and returns where it ends.
    fn escape(&self, start: usize, place: usize, waiting: &mut bool) -> Result<usize, JsonError> {
        let at = place + 1;
        match self.byte(at) {
            None => Err(self.invalid_token(start, at)),
            Some(b'u') => self.unicode_escape(start, at, waiting),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                if *waiting {
                    return Err(self.low_surrogate(at));
                }
                Ok(at + 1)
            }
            Some(_) => {
                if *waiting {
                    return Err(self.low_surrogate(at));
                }
                let end = self.character_end(at);
                let escape = self.text.get(at..end).unwrap_or("").to_owned();
                Err(self.problem(TextProblem::InvalidEscape(escape), end))
            }
        }
    }

    /// The `u` of the escape is at `at`.
    fn unicode_escape(&self, start: usize, at: usize, waiting: &mut bool) -> Result<usize, JsonError> {
        let mut value = 0;
        for place in at + 1..at + 5 {
            let Some(byte) = self.byte(place) else { return Err(self.invalid_token(start, place)) };
            let Some(digit) = char::from(byte).to_digit(16) else {
                return Err(self.problem(TextProblem::UnicodeDigits, self.character_end(place)));
            };
            value = (value << 4) | digit;
        }
        let end = at + 5;
        if self.escapes == Escapes::Resolved {
            let problem = match (value, *waiting) {
                (0xd800..0xdc00, true) => Some(TextProblem::HighSurrogateTwice),
                (0xdc00..0xe000, false) => Some(TextProblem::LowSurrogateAlone),
                (0xd800..0xe000, _) => None,
                (_, true) => Some(TextProblem::LowSurrogateAlone),
                (0, false) => Some(TextProblem::Zero),
                (_, false) => None,
            };
            if let Some(problem) = problem {
                return Err(self.problem(problem, end));
            }
            *waiting = (0xd800..0xdc00).contains(&value);
        }
        Ok(end)
    }

    /// Where the character ends that starts at `place`.
    fn character_end(&self, place: usize) -> usize {
        let length = self.text.get(place..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        (place + length).min(self.text.len())
    }

    fn invalid_token(&self, start: usize, end: usize) -> JsonError {
        let token = self.text.get(start..end).unwrap_or("").to_owned();
        self.problem(TextProblem::InvalidToken(token), end)
    }

    /// What to say of a token that the grammar does not expect.
    pub fn unexpected(&self, token: Token, what: Expected) -> JsonError {
        let problem = if token.kind == TokenKind::End {
            TextProblem::EndedEarly
        } else {
            let found = self.text.get(token.start..token.end).unwrap_or("").to_owned();
            TextProblem::Expected { what, found }
        };
        self.problem(problem, token.end)
    }

    fn problem(&self, problem: TextProblem, end: usize) -> JsonError {
        JsonError::Text(Box::new(TextError { problem, line: self.line, excerpt: self.excerpt(end) }))
    }

    /// The line up to `end`, of which the last fifty bytes are enough.
    fn excerpt(&self, end: usize) -> String {
        let line = self.text.get(self.line_start..end).unwrap_or("");
        let mut from = 0;
        for character in line.chars() {
            if line.len() - from < EXCERPT {
                break;
            }
            from += character.len_utf8();
        }
        // Dots would be as long as what they stand for.
        if from <= 3 {
            from = 0;
        }
        let before = if from > 0 { "..." } else { "" };
        let after = match self.byte(end) {
            None | Some(b'\n' | b'\r') => "",
            Some(_) => "...",
        };
        format!("{before}{}{after}", &line[from..])
    }
}
