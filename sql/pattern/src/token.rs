//! What stands at a place of a pattern's text.

use crate::parse::{Anchor, Repeat};
use crate::set::{Class, Item, Set};
use crate::{Dialect, Flags, PatternError};

/// The greatest count of a repetition.
pub(crate) const COUNT_MAX: u32 = 255;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    End,
    Character(char),
    Any,
    Anchor(Anchor),
    /// `(`; whether it captures.
    Open(bool),
    /// `(?=`, `(?!`, `(?<=`, `(?<!`
    Look {
        ahead: bool,
        negated: bool,
    },
    Close,
    Or,
    Repeat(Repeat),
    Bracket,
    Set(Set),
    BackReference(usize),
}

/// Reads tokens.
#[derive(Debug)]
pub(crate) struct Lexer {
    pub(crate) text: Vec<char>,
    pub(crate) at: usize,
    pub(crate) flags: Flags,
    /// Groups that were opened so far: they decide what `\12` is.
    pub(crate) opened: usize,
    /// Whether a basic pattern's `*` or `^` is at a beginning.
    fresh: bool,
}

impl Lexer {
    pub(crate) fn new(text: Vec<char>, flags: Flags) -> Lexer {
        Lexer { text, at: 0, flags, opened: 0, fresh: true }
    }

    pub(crate) fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, wanted)| self.peek(ahead) == Some(wanted))
    }

    fn advanced(&self) -> bool {
        self.flags.dialect == Dialect::Advanced
    }

    /// Skips what means nothing.
    fn skip(&mut self) {
        loop {
            let begin = self.at;
            if self.flags.expanded {
                self.skip_while(|found| Class::Space.has(found));
                if self.peek(0) == Some('#') {
                    self.skip_while(|found| found != '\n');
                }
            }
            if self.advanced() && self.looking_at("(?#") {
                self.skip_while(|found| found != ')');
                self.at = (self.at + 1).min(self.text.len());
            }
            if self.at == begin {
                return;
            }
        }
    }

    fn skip_while(&mut self, skipped: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&skipped) {
            self.at += 1;
        }
    }

    pub(crate) fn token(&mut self) -> Result<Token, PatternError> {
        if self.flags.dialect == Dialect::Literal {
            let Some(found) = self.peek(0) else { return Ok(Token::End) };
            self.at += 1;
            return Ok(Token::Character(found));
        }
        self.skip();
        let Some(found) = self.peek(0) else { return Ok(Token::End) };
        self.at += 1;
        if self.flags.dialect == Dialect::Basic {
            let fresh = std::mem::replace(&mut self.fresh, false);
            return self.basic(found, fresh);
        }
        Ok(match found {
            '|' => Token::Or,
            '*' => Token::Repeat(self.greed(0, None)),
            '+' => Token::Repeat(self.greed(1, None)),
            '?' => Token::Repeat(self.greed(0, Some(1))),
            '{' => {
                if self.flags.expanded {
                    self.skip();
                }
                match self.peek(0) {
                    Some('0'..='9') => Token::Repeat(self.bound()?),
                    _ => Token::Character('{'),
                }
            }
            '(' if self.advanced() && self.peek(0) == Some('?') => self.special()?,
            '(' => {
                self.opened += 1;
                Token::Open(true)
            }
            ')' => Token::Close,
            '[' => self.bracket(),
            '.' => Token::Any,
            '^' => Token::Anchor(Anchor::LineBegin),
            '$' => Token::Anchor(Anchor::LineEnd),
            '\\' if self.advanced() => self.escape()?,
            '\\' => {
                let Some(escaped) = self.peek(0) else { return Err(PatternError::Escape) };
                self.at += 1;
                Token::Character(escaped)
            }
            found => Token::Character(found),
        })
    }

    fn bracket(&mut self) -> Token {
        for (text, anchor) in [("[:<:]]", Anchor::WordBegin), ("[:>:]]", Anchor::WordEnd)] {
            if self.looking_at(text) {
                self.at += text.len();
                return Token::Anchor(anchor);
            }
        }
        Token::Bracket
    }

    /// A quantifier, which a `?` makes prefer less.
    fn greed(&mut self, least: u32, most: Option<u32>) -> Repeat {
        let lazy = self.advanced() && self.peek(0) == Some('?');
        if lazy {
            self.at += 1;
        }
        Repeat { least, most, lazy, prefers: true }
    }

    fn number(&mut self) -> Result<u32, PatternError> {
        let mut number = 0;
        let begin = self.at;
        while let Some(digit) = self.peek(0).and_then(|found| found.to_digit(10)) {
            self.at += 1;
            number = number * 10 + digit;
            if number > COUNT_MAX {
                return Err(PatternError::RepetitionCount);
            }
        }
        if self.at == begin {
            return Err(self.unclosed());
        }
        Ok(number)
    }

    /// What is wrong where a bound neither goes on nor ends.
    fn unclosed(&self) -> PatternError {
        if self.peek(0).is_none() { PatternError::Braces } else { PatternError::RepetitionCount }
    }

    /// The rest of `{m}`, `{m,}`, `{m,n}`.
    fn bound(&mut self) -> Result<Repeat, PatternError> {
        let least = self.number()?;
        let mut most = Some(least);
        let prefers = self.peek(0) == Some(',');
        if prefers {
            self.at += 1;
            most = match self.peek(0) {
                Some('0'..='9') => Some(self.number()?),
                _ => None,
            };
        }
        let closing = if self.flags.dialect == Dialect::Basic { "\\}" } else { "}" };
        if !self.looking_at(closing) {
            return Err(self.unclosed());
        }
        self.at += closing.len();
        if most.is_some_and(|most| most < least) {
            return Err(PatternError::RepetitionCount);
        }
        Ok(Repeat { prefers, ..self.greed(least, most) })
    }

    /// What begins with `(?`.
    fn special(&mut self) -> Result<Token, PatternError> {
        self.at += 1;
        let looks = [("=", true, false), ("!", true, true), ("<=", false, false), ("<!", false, true)];
        if self.peek(0) == Some(':') {
            self.at += 1;
            return Ok(Token::Open(false));
        }
        for (text, ahead, negated) in looks {
            if self.looking_at(text) {
                self.at += text.len();
                return Ok(Token::Look { ahead, negated });
            }
        }
        Err(PatternError::Quantifier)
    }

    /// What a backslash begins in an advanced pattern.
    pub(crate) fn escape(&mut self) -> Result<Token, PatternError> {
        let Some(found) = self.peek(0) else { return Err(PatternError::Escape) };
        self.at += 1;
        if !found.is_ascii_alphanumeric() {
            return Ok(Token::Character(found));
        }
        let class = |class: Class| Token::Set(Set::of(Item::Class(class)));
        let other = |class: Class| Token::Set(Set::of(Item::NotClass(class)));
        Ok(match found {
            'a' => Token::Character('\u{7}'),
            'b' => Token::Character('\u{8}'),
            'B' => Token::Character('\\'),
            'c' => {
                let Some(named) = self.peek(0) else { return Err(PatternError::Escape) };
                self.at += 1;
                Token::Character(char::from((u32::from(named) & 0o37) as u8))
            }
            'e' => Token::Character('\u{1b}'),
            'f' => Token::Character('\u{c}'),
            'n' => Token::Character('\n'),
            'r' => Token::Character('\r'),
            't' => Token::Character('\t'),
            'v' => Token::Character('\u{b}'),
            'u' => Token::Character(self.digits(16, 4, 4)?),
            'U' => Token::Character(self.digits(16, 8, 8)?),
            'x' => Token::Character(self.digits(16, 1, 255)?),
            'd' => class(Class::Digit),
            's' => class(Class::Space),
            'w' => class(Class::Word),
            'D' => other(Class::Digit),
            'S' => other(Class::Space),
            'W' => other(Class::Word),
            'A' => Token::Anchor(Anchor::TextBegin),
            'Z' => Token::Anchor(Anchor::TextEnd),
            'm' => Token::Anchor(Anchor::WordBegin),
            'M' => Token::Anchor(Anchor::WordEnd),
            'y' => Token::Anchor(Anchor::WordEdge),
            'Y' => Token::Anchor(Anchor::NoWordEdge),
            '0' => {
                self.at -= 1;
                Token::Character(self.octal()?)
            }
            '1'..='9' => self.reference_or_octal()?,
            _ => return Err(PatternError::Escape),
        })
    }

    /// One digit is a back reference, and so are more if there are as many groups; else it is a character's number.
    fn reference_or_octal(&mut self) -> Result<Token, PatternError> {
        let begin = self.at - 1;
        let mut number = 0usize;
        self.at = begin;
        while let Some(digit) = self.peek(0).and_then(|found| found.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(digit as usize);
            self.at += 1;
        }
        if self.at == begin + 1 || number <= self.opened {
            return Ok(Token::BackReference(number));
        }
        self.at = begin;
        Ok(Token::Character(self.octal()?))
    }

    fn octal(&mut self) -> Result<char, PatternError> {
        let begin = self.at;
        let found = self.digits(8, 1, 3)?;
        if u32::from(found) > 0xff {
            self.at = begin;
            return self.digits(8, 1, 2);
        }
        Ok(found)
    }

    fn digits(&mut self, base: u32, least: usize, most: usize) -> Result<char, PatternError> {
        let (mut number, mut count) = (0u32, 0);
        while count < most {
            let Some(digit) = self.peek(0).and_then(|found| found.to_digit(base)) else { break };
            number = number.saturating_mul(base).saturating_add(digit);
            count += 1;
            self.at += 1;
        }
        match char::from_u32(number) {
            Some(found) if count >= least => Ok(found),
            _ => Err(PatternError::Escape),
        }
    }

    fn basic(&mut self, found: char, fresh: bool) -> Result<Token, PatternError> {
        Ok(match found {
            '*' if !fresh => Token::Repeat(self.greed(0, None)),
            '[' => self.bracket(),
            '.' => Token::Any,
            '^' if fresh => {
                self.fresh = true;
                Token::Anchor(Anchor::LineBegin)
            }
            '$' if self.peek(0).is_none() || self.looking_at("\\)") => Token::Anchor(Anchor::LineEnd),
            '\\' => {
                let Some(escaped) = self.peek(0) else { return Err(PatternError::Escape) };
                self.at += 1;
                match escaped {
                    '(' => {
                        self.opened += 1;
                        self.fresh = true;
                        Token::Open(true)
                    }
                    ')' => Token::Close,
                    '{' => Token::Repeat(self.bound()?),
                    '<' => Token::Anchor(Anchor::WordBegin),
                    '>' => Token::Anchor(Anchor::WordEnd),
                    '1'..='9' => Token::BackReference(escaped as usize - '0' as usize),
                    escaped => Token::Character(escaped),
                }
            }
            found => Token::Character(found),
        })
    }
}
