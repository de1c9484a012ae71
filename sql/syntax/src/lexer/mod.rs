//! The lexer: from text to tokens, one at a time, with PostgreSQL's rules (its documentation, section 4.1; `scan.l`).
//!
//! Here are white space, comments, names and single characters; `string` has everything in quotes, `number` numbers and
//! parameters, `operator` the rules by which a run of operator characters is cut.
//!
//! Invariants
//!
//! 1. Every token has at least one byte, except the end; tokens follow one another and never overlap.
//! 2. A token's text borrows from the source where it stands there as it is, and else from the arena.
//! 3. The lexer never fails twice: after an error it is not asked again.

mod number;
mod operator;
mod string;
mod token;

pub use token::{Token, TokenKind};

use crate::error::{Near, SyntaxError, SyntaxErrorKind, SyntaxResult, TokenProblem};
use crate::keyword::Keyword;
use bumpalo::Bump;

/// The longest name in bytes: what PostgreSQL calls `NAMEDATALEN` less one.
pub const NAME_BYTES: usize = 63;

/// The longest text: PostgreSQL's limit for a message.
const TEXT_BYTES: usize = 1 << 30;

/// Reads tokens off a text.
#[derive(Debug, Clone)]
pub struct Lexer<'a> {
    source: &'a str,
    arena: &'a Bump,
    place: usize,
    rules: StringRules,
}

/// What backslashes are in strings: what a session has set of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StringRules {
    /// Whether one in a plain string is nothing else, as the standard has it: `standard_conforming_strings`.
    pub conforming: bool,
    /// Whether one may stand before a quote where they escape: `backslash_quote`.
    pub before_quotes: bool,
}

impl Default for StringRules {
    fn default() -> StringRules {
        StringRules { conforming: true, before_quotes: true }
    }
}

impl<'a> Lexer<'a> {
    /// Before the first token of `source`; what cannot be borrowed from it is put into `arena`.
    ///
    /// # Errors
    /// When the text is longer than 1 GB.
    pub fn new(source: &'a str, arena: &'a Bump) -> SyntaxResult<Lexer<'a>> {
        if source.len() > TEXT_BYTES {
            let kind = SyntaxErrorKind::TooLong(source.len());
            return Err(SyntaxError { kind, position: None });
        }
        Ok(Lexer { source, arena, place: 0, rules: StringRules::default() })
    }

    /// The same by other rules for strings.
    pub fn with_rules(self, rules: StringRules) -> Lexer<'a> {
        Lexer { rules, ..self }
    }

    /// The text.
    pub fn source(&self) -> &'a str {
        self.source
    }

    /// The next token; the end again and again at the end.
    ///
    /// # Errors
    /// When a token does not end, or breaks a rule of its own.
    pub fn next_token(&mut self) -> SyntaxResult<Token<'a>> {
        self.skip_space()?;
        let start = self.place;
        let Some(byte) = self.byte(0) else {
            return Ok(self.token(TokenKind::End, start, ""));
        };
        match byte {
            b'\'' => self.plain_string(start),
            b'"' => self.quoted_identifier(start),
            b'0'..=b'9' => self.number(start),
            b'.' if self.byte(1).is_some_and(|next| next.is_ascii_digit()) => self.number(start),
            b'$' => self.dollar(start),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 128.. => self.word(start),
            _ if operator::is_self(byte) || operator::is_operator(byte) => self.operator_or_self(start),
            _ => Ok(self.stray(start)),
        }
    }

    /// The token that begins at `position`, where one does that has been read before.
    pub(crate) fn read_at(&mut self, position: u32) -> Option<Token<'a>> {
        self.place = position as usize;
        self.next_token().ok()
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.place + ahead).copied()
    }

    fn rest(&self) -> &'a [u8] {
        &self.source.as_bytes()[self.place..]
    }

    fn token(&self, kind: TokenKind, start: usize, text: &'a str) -> Token<'a> {
        // Offsets fit: `new` has refused longer texts.
        Token { kind, start: start as u32, end: self.place as u32, text }
    }

    /// An error about the token from `start` up to here.
    fn problem(&self, problem: TokenProblem, start: usize) -> SyntaxError {
        let near = match self.source.get(start..self.place) {
            Some(text) if !text.is_empty() => Near::Token(text.to_owned()),
            Some(_) | None => Near::End,
        };
        SyntaxError { kind: SyntaxErrorKind::Token { problem, near }, position: Some(start as u32) }
    }

    /// Skips white space and comments; comments nest.
    fn skip_space(&mut self) -> SyntaxResult<()> {
        loop {
            match self.rest() {
                [b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, ..] => self.place += 1,
                [b'-', b'-', ..] => self.skip_line(),
                [b'/', b'*', ..] => self.skip_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_line(&mut self) {
        let line = self.rest().iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        self.place = line.map_or(self.source.len(), |length| self.place + length);
    }

    fn skip_comment(&mut self) -> SyntaxResult<()> {
        let start = self.place;
        let mut depth = 0_usize;
        loop {
            match self.rest() {
                [b'/', b'*', ..] => {
                    depth += 1;
                    self.place += 2;
                }
                [b'*', b'/', ..] => {
                    depth -= 1;
                    self.place += 2;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                [_, ..] => self.place += 1,
                [] => return Err(self.problem(TokenProblem::UnterminatedComment, start)),
            }
        }
    }

    /// A name, a key word, or a letter that introduces a string.
    fn word(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        match self.rest() {
            [b'e' | b'E', b'\'', ..] => return self.escape_string(start),
            [b'b' | b'B', b'\'', ..] => return self.bit_string(start, TokenKind::BitString),
            [b'x' | b'X', b'\'', ..] => return self.bit_string(start, TokenKind::HexString),
            [b'n' | b'N', b'\'', ..] => return self.national(start),
            [b'u' | b'U', b'&', b'\'', ..] => return self.unicode_string(start),
            [b'u' | b'U', b'&', b'"', ..] => return self.unicode_identifier(start),
            _ => {}
        }
        let length = self.rest().iter().position(|byte| !is_name_byte(*byte));
        self.place = length.map_or(self.source.len(), |length| start + length);
        let written = &self.source[start..self.place];
        let folded = self.fold(written);
        match Keyword::find(folded) {
            Some(keyword) => Ok(self.token(TokenKind::Keyword(keyword), start, folded)),
            None => Ok(self.token(TokenKind::Identifier, start, truncate(folded))),
        }
    }

    /// ASCII letters in lower case, everything else as it is, as PostgreSQL does under UTF-8.
    fn fold(&self, written: &'a str) -> &'a str {
        if written.bytes().any(|byte| byte.is_ascii_uppercase()) {
            let folded = self.arena.alloc_str(written);
            folded.make_ascii_lowercase();
            folded
        } else {
            written
        }
    }

    fn stray(&mut self, start: usize) -> Token<'a> {
        // A character may have several bytes; those from 128 on begin names, so this is ASCII.
        self.place += 1;
        self.token(TokenKind::Stray, start, "")
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 128..)
}

/// A name cut to what PostgreSQL keeps of it, at a character's boundary.
pub fn truncate(name: &str) -> &str {
    if name.len() <= NAME_BYTES {
        return name;
    }
    let mut end = NAME_BYTES;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}
