//! Everything in quotes: strings of five kinds, dollar quotes, quoted names.
//!
//! A string goes on behind white space that holds a line end, if a quote follows there (documentation, 4.1.2.1). What it
//! says is borrowed from the source where nothing in it is doubled, escaped or continued.

use super::{Lexer, Token, TokenKind, is_name_byte, truncate};
use crate::error::{SyntaxError, SyntaxErrorKind, SyntaxResult, TokenProblem};
use crate::keyword::Keyword;
use bumpalo::collections::String as ArenaString;

/// How what is in quotes is to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// Only a doubled quote is special.
    Doubled,
    /// Backslashes, as in C.
    Backslash,
}

impl<'a> Lexer<'a> {
    pub(super) fn plain_string(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        let escapes = if self.rules.conforming { Escapes::Doubled } else { Escapes::Backslash };
        let text = self.quoted(start, escapes, TokenProblem::UnterminatedString)?;
        Ok(self.token(TokenKind::String, start, text))
    }

    pub(super) fn escape_string(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        self.place += 1;
        let text = self.quoted(start, Escapes::Backslash, TokenProblem::UnterminatedString)?;
        Ok(self.token(TokenKind::String, start, text))
    }

    pub(super) fn bit_string(&mut self, start: usize, kind: TokenKind) -> SyntaxResult<Token<'a>> {
        let problem = match kind {
            TokenKind::HexString => TokenProblem::UnterminatedHexString,
            _ => TokenProblem::UnterminatedBitString,
        };
        self.place += 1;
        let text = self.quoted(start, Escapes::Doubled, problem)?;
        Ok(self.token(kind, start, text))
    }

    /// `N'…'` is the type `nchar` followed by a string.
    pub(super) fn national(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        self.place += 1;
        Ok(self.token(TokenKind::Keyword(Keyword::Nchar), start, Keyword::Nchar.text()))
    }

    pub(super) fn unicode_string(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        if !self.rules.conforming {
            let kind = SyntaxErrorKind::UnsafeUnicode;
            return Err(SyntaxError { kind, position: u32::try_from(start).ok() });
        }
        self.place += 2;
        let opened = self.place;
        let raw = self.quoted(start, Escapes::Doubled, TokenProblem::UnterminatedString)?;
        let end = self.place;
        let text = self.unicode_escapes(raw, opened)?;
        self.place = self.place.max(end);
        Ok(self.token(TokenKind::String, start, text))
    }

    pub(super) fn unicode_identifier(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        self.place += 2;
        let opened = self.place;
        let raw = self.quoted_name(start)?;
        let text = self.unicode_escapes(raw, opened)?;
        Ok(self.token(TokenKind::Identifier, start, truncate(text)))
    }

    pub(super) fn quoted_identifier(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        let name = self.quoted_name(start)?;
        Ok(self.token(TokenKind::Identifier, start, truncate(name)))
    }

    fn quoted_name(&mut self, start: usize) -> SyntaxResult<&'a str> {
        let from = self.place + 1;
        self.place = from;
        let mut doubled = false;
        loop {
            match self.rest() {
                [b'"', b'"', ..] => {
                    doubled = true;
                    self.place += 2;
                }
                [b'"', ..] => break,
                [_, ..] => self.place += 1,
                [] => return Err(self.problem(TokenProblem::UnterminatedIdentifier, start)),
            }
        }
        let written = &self.source[from..self.place];
        self.place += 1;
        if written.is_empty() {
            return Err(self.problem(TokenProblem::EmptyIdentifier, start));
        }
        Ok(if doubled { self.arena.alloc_str(&written.replace("\"\"", "\"")) } else { written })
    }

    /// What stands in single quotes from here on, continued over lines as it may be.
    fn quoted(&mut self, start: usize, escapes: Escapes, problem: TokenProblem) -> SyntaxResult<&'a str> {
        let first = self.piece(start, escapes, problem)?;
        let mut whole: Option<ArenaString<'a>> = None;
        while let Some(quote) = self.continuation() {
            self.place = quote;
            let more = self.piece(start, escapes, problem)?;
            whole.get_or_insert_with(|| ArenaString::from_str_in(first, self.arena)).push_str(more);
        }
        Ok(whole.map_or(first, ArenaString::into_bump_str))
    }

    /// One quoted piece; the place is at its quote, and afterwards behind its last one.
    fn piece(&mut self, start: usize, escapes: Escapes, problem: TokenProblem) -> SyntaxResult<&'a str> {
        let from = self.place + 1;
        self.place = from;
        let mut plain = true;
        loop {
            let ordinary = self.rest().iter().position(|byte| matches!(byte, b'\'' | b'\\'));
            self.place = ordinary.map_or(self.source.len(), |length| self.place + length);
            match self.rest() {
                [b'\'', b'\'', ..] => {
                    plain = false;
                    self.place += 2;
                }
                [b'\'', ..] => break,
                [b'\\', b'\'', ..] if escapes == Escapes::Backslash && !self.rules.before_quotes => {
                    let kind = SyntaxErrorKind::UnsafeQuote;
                    return Err(SyntaxError { kind, position: u32::try_from(start).ok() });
                }
                [b'\\', _, ..] if escapes == Escapes::Backslash => {
                    plain = false;
                    self.place += 2;
                }
                [_, ..] => self.place += 1,
                [] => return Err(self.problem(problem, start)),
            }
        }
        let to = self.place;
        self.place += 1;
        match (plain, escapes) {
            (true, _) => Ok(&self.source[from..to]),
            (false, Escapes::Doubled) => Ok(self.arena.alloc_str(&self.source[from..to].replace("''", "'"))),
            (false, Escapes::Backslash) => self.unescape(from, to),
        }
    }

    /// Where a string goes on: the place of a quote behind white space with a line end in it.
    fn continuation(&self) -> Option<usize> {
        let mut ahead = Lexer { ..self.clone() };
        let mut line_end = false;
        loop {
            match ahead.rest() {
                [b'\n' | b'\r', ..] => {
                    line_end = true;
                    ahead.place += 1;
                }
                [b' ' | b'\t' | 0x0b | 0x0c, ..] => ahead.place += 1,
                [b'-', b'-', ..] => ahead.skip_line(),
                [b'\'', ..] if line_end => return Some(ahead.place),
                _ => return None,
            }
        }
    }

    /// Resolves backslashes between `from` and `to`.
    fn unescape(&mut self, from: usize, to: usize) -> SyntaxResult<&'a str> {
        let after = self.place;
        let mut bytes = Vec::with_capacity(to - from);
        self.place = from;
        while self.place < to {
            match self.rest() {
                [b'\\', ..] => self.backslash(&mut bytes)?,
                [b'\'', ..] => {
                    bytes.push(b'\'');
                    self.place += 2;
                }
                [byte, ..] => {
                    bytes.push(*byte);
                    self.place += 1;
                }
                [] => break,
            }
        }
        self.place = after;
        match std::str::from_utf8(&bytes) {
            Ok(text) if !text.contains('\0') => Ok(self.arena.alloc_str(text)),
            Ok(_) => Err(invalid_encoding(&[0])),
            Err(error) => {
                let bad = &bytes[error.valid_up_to()..];
                // As many as its first byte says that the letter has.
                let length = match bad.first() {
                    Some(0xc0..=0xdf) => 2,
                    Some(0xe0..=0xef) => 3,
                    Some(0xf0..=0xf7) => 4,
                    Some(_) | None => 1,
                };
                Err(invalid_encoding(&bad[..length.min(bad.len())]))
            }
        }
    }

    /// One escape sequence: octal, hexadecimal, Unicode, a letter of C's, or the character itself.
    fn backslash(&mut self, bytes: &mut Vec<u8>) -> SyntaxResult<()> {
        let start = self.place;
        self.place += 1;
        let Some(byte) = self.byte(0) else { return Ok(()) };
        match byte {
            b'0'..=b'7' => {
                let value = self.digits_of(8, 3);
                bytes.push(value as u8);
            }
            b'x' if self.byte(1).is_some_and(|next| next.is_ascii_hexdigit()) => {
                self.place += 1;
                let value = self.digits_of(16, 2);
                bytes.push(value as u8);
            }
            b'u' | b'U' => {
                let character = self.unicode_in_escape_string(start)?;
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => {
                bytes.push(match byte {
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => other,
                });
                self.place += 1;
            }
        }
        Ok(())
    }

    /// Up to `count` digits of a base, as a number.
    fn digits_of(&mut self, base: u32, count: usize) -> u32 {
        let mut value = 0;
        for _ in 0..count {
            match self.byte(0).and_then(|byte| (byte as char).to_digit(base)) {
                Some(digit) => {
                    value = value * base + digit;
                    self.place += 1;
                }
                None => break,
            }
        }
        value
    }

    /// `\uXXXX` or `\UXXXXXXXX`, two of them for a surrogate pair. The place is at the letter.
    fn unicode_in_escape_string(&mut self, start: usize) -> SyntaxResult<char> {
        let value = self.unicode_digits(start)?;
        match surrogate(value) {
            Surrogate::No => self.character(value, start),
            Surrogate::Second => Err(self.problem(TokenProblem::InvalidSurrogatePair, start)),
            Surrogate::First => {
                let next = self.place;
                let second = match self.rest() {
                    [b'\\', b'u' | b'U', ..] => {
                        self.place += 1;
                        self.unicode_digits(next)?
                    }
                    [_, ..] | [] => 0,
                };
                if surrogate(second) != Surrogate::Second {
                    self.place = self.place.max(next + 1);
                    return Err(self.problem(TokenProblem::InvalidSurrogatePair, next));
                }
                self.character(0x10000 + ((value & 0x3ff) << 10) + (second & 0x3ff), start)
            }
        }
    }

    fn unicode_digits(&mut self, start: usize) -> SyntaxResult<u32> {
        let count = if self.byte(0) == Some(b'u') { 4 } else { 8 };
        self.place += 1;
        let from = self.place;
        let value = self.digits_of(16, count);
        if self.place - from < count {
            let kind = SyntaxErrorKind::Escape(TokenProblem::ShortUnicodeEscape);
            return Err(SyntaxError { kind, position: Some(start as u32) });
        }
        Ok(value)
    }

    fn character(&self, value: u32, start: usize) -> SyntaxResult<char> {
        match char::from_u32(value) {
            Some(character) if character != '\0' => Ok(character),
            Some(_) | None => Err(self.problem(TokenProblem::InvalidUnicodeEscapeValue, start)),
        }
    }

    /// Resolves `\XXXX` and `\+XXXXXX` in `U&'…'` and `U&"…"`, behind which `UESCAPE` may name another escape.
    fn unicode_escapes(&mut self, raw: &'a str, opened: usize) -> SyntaxResult<&'a str> {
        let escape = self.unicode_escape_character()?;
        if !raw.contains(escape) {
            return Ok(raw);
        }
        let mut text = ArenaString::with_capacity_in(raw.len(), self.arena);
        let mut pending: Option<u32> = None;
        let mut rest = raw;
        while let Some(character) = rest.chars().next() {
            let place = opened + 1 + (raw.len() - rest.len());
            let fail = |problem| {
                Err(SyntaxError { kind: SyntaxErrorKind::Escape(problem), position: Some(place as u32) })
            };
            let after = &rest[character.len_utf8()..];
            let (value, length) = if character != escape {
                (character as u32, character.len_utf8())
            } else if after.starts_with(escape) {
                (escape as u32, 2 * escape.len_utf8())
            } else {
                match code_point(after) {
                    Some((value, digits)) => (value, escape.len_utf8() + digits),
                    None => return fail(TokenProblem::InvalidUnicodeEscape),
                }
            };
            rest = &rest[length..];
            match (pending.take(), surrogate(value)) {
                (None, Surrogate::First) => pending = Some(value),
                (Some(first), Surrogate::Second) => {
                    text.extend(char::from_u32(0x10000 + ((first & 0x3ff) << 10) + (value & 0x3ff)));
                }
                (None, Surrogate::No) => match char::from_u32(value) {
                    Some(character) if character != '\0' => text.push(character),
                    Some(_) | None => return fail(TokenProblem::InvalidUnicodeEscapeValue),
                },
                (Some(_), Surrogate::No | Surrogate::First) | (None, Surrogate::Second) => {
                    return fail(TokenProblem::InvalidSurrogatePair);
                }
            }
        }
        if pending.is_some() {
            let position = Some((opened + 1 + raw.len()) as u32);
            return Err(SyntaxError {
                kind: SyntaxErrorKind::Escape(TokenProblem::InvalidSurrogatePair),
                position,
            });
        }
        Ok(text.into_bump_str())
    }

    /// The character that `UESCAPE '…'` behind a string names; the backslash without it.
    fn unicode_escape_character(&mut self) -> SyntaxResult<char> {
        let mut ahead = self.clone();
        let follows = ahead.next_token();
        if !matches!(follows, Ok(Token { kind: TokenKind::Keyword(Keyword::Uescape), .. })) {
            return Ok('\\');
        }
        let given = ahead.next_token()?;
        let fail = |problem| Err(ahead.problem(problem, given.start as usize));
        if given.kind != TokenKind::String {
            return fail(TokenProblem::EscapeWithoutString);
        }
        let mut characters = given.text.chars();
        match (characters.next(), characters.next()) {
            (Some(escape), None) if is_escape(escape) => {
                self.place = ahead.place;
                Ok(escape)
            }
            _ => fail(TokenProblem::InvalidEscapeCharacter),
        }
    }

    /// `$tag$…$tag$`. A dollar sign that begins none is a stray character.
    pub(super) fn dollar_string(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        let Some(delimiter) = dollar_delimiter(self.rest()) else { return Ok(self.stray(start)) };
        let delimiter = &self.source[start..start + delimiter];
        let from = start + delimiter.len();
        match self.source[from..].find(delimiter) {
            Some(length) => {
                self.place = from + length + delimiter.len();
                Ok(self.token(TokenKind::String, start, &self.source[from..from + length]))
            }
            None => {
                self.place = self.source.len();
                Err(self.problem(TokenProblem::UnterminatedDollarString, start))
            }
        }
    }
}

/// The length of `$tag$` at the start of `text`.
fn dollar_delimiter(text: &[u8]) -> Option<usize> {
    let tag = text[1..].iter().position(|byte| *byte == b'$' || !is_name_byte(*byte))?;
    let begins_well = !text[1].is_ascii_digit();
    (text[1 + tag] == b'$' && begins_well).then_some(tag + 2)
}

/// `XXXX` or `+XXXXXX`: the code point and how long it is written.
fn code_point(text: &str) -> Option<(u32, usize)> {
    let (digits, skipped) = match text.strip_prefix('+') {
        Some(rest) => (rest.get(..6)?, 1),
        None => (text.get(..4)?, 0),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some((u32::from_str_radix(digits, 16).ok()?, skipped + digits.len()))
}

/// Whether PostgreSQL takes it as an escape character.
fn is_escape(character: char) -> bool {
    !(character.is_ascii_hexdigit()
        || matches!(character, '+' | '\'' | '"')
        || character.is_ascii_whitespace())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Surrogate {
    No,
    First,
    Second,
}

fn surrogate(value: u32) -> Surrogate {
    match value {
        0xd800..=0xdbff => Surrogate::First,
        0xdc00..=0xdfff => Surrogate::Second,
        _ => Surrogate::No,
    }
}

fn invalid_encoding(bytes: &[u8]) -> SyntaxError {
    let bytes = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect::<Vec<_>>().join(" ");
    SyntaxError { kind: SyntaxErrorKind::Encoding(bytes), position: None }
}
