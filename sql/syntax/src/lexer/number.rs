//! Numbers, parameters, and what else begins with a digit or a dollar sign.

use super::{Lexer, Token, TokenKind, is_name_byte};
use crate::error::{SyntaxResult, TokenProblem};

impl<'a> Lexer<'a> {
    /// An integer, a decimal, or a number with an exponent. A letter right behind it is an error, as in PostgreSQL 15.
    pub(super) fn number(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        self.digits();
        let mut whole = true;
        // `1..10` is a range of PL/pgSQL's, not a number with two points.
        if self.byte(0) == Some(b'.') && self.byte(1) != Some(b'.') {
            whole = false;
            self.place += 1;
            self.digits();
        }
        if let Some(length) = exponent_length(self.rest()) {
            whole = false;
            self.place += length;
        }
        if self.byte(0).is_some_and(|byte| is_name_byte(byte) && !byte.is_ascii_digit() && byte != b'$') {
            match self.rest() {
                // An exponent that has a sign and no digits.
                [b'e' | b'E', b'+' | b'-', ..] => self.place += 2,
                _ => self.rest_of_word(),
            }
            return Err(self.problem(TokenProblem::JunkAfterNumber, start));
        }
        let text = &self.source[start..self.place];
        match text.parse() {
            Ok(value) if whole => Ok(self.token(TokenKind::Integer(value), start, text)),
            Ok(_) | Err(_) => Ok(self.token(TokenKind::Decimal, start, text)),
        }
    }

    /// `$1`, `$tag$…$tag$`, or a dollar sign that belongs to nothing.
    pub(super) fn dollar(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        if !self.byte(1).is_some_and(|byte| byte.is_ascii_digit()) {
            return self.dollar_string(start);
        }
        self.place += 1;
        self.digits();
        if self.byte(0).is_some_and(|byte| is_name_byte(byte) && byte != b'$') {
            self.rest_of_word();
            return Err(self.problem(TokenProblem::JunkAfterParameter, start));
        }
        match self.source[start + 1..self.place].parse() {
            Ok(number) => Ok(self.token(TokenKind::Parameter(number), start, "")),
            Err(_) => Err(self.problem(TokenProblem::ParameterTooLarge, start)),
        }
    }

    fn digits(&mut self) {
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.place += digits;
    }

    fn rest_of_word(&mut self) {
        let length = self.rest().iter().take_while(|byte| is_name_byte(**byte)).count();
        self.place += length;
    }
}

/// The length of an exponent at the start of `text`: `e`, a sign or none, digits.
fn exponent_length(text: &[u8]) -> Option<usize> {
    let sign = match text {
        [b'e' | b'E', b'+' | b'-', ..] => 1,
        [b'e' | b'E', ..] => 0,
        _ => return None,
    };
    let digits = text[1 + sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then_some(1 + sign + digits)
}
