//! Runs of operator characters, and where PostgreSQL cuts them.
//!
//! An operator is the longest run of `~!@#^&|?+-*/%<>=` that begins no comment; a trailing `+` or `-` belongs to it only
//! if it also has one of `~!@#^&|?%` (so that `a=-1` needs no space). Documentation, section 4.1.3.

use super::{Lexer, NAME_BYTES, Token, TokenKind};
use crate::error::{SyntaxResult, TokenProblem};

/// Whether the character may be a token of its own.
pub(super) fn is_self(byte: u8) -> bool {
    matches!(
        byte,
        b',' | b'('
            | b')'
            | b'['
            | b']'
            | b'.'
            | b';'
            | b':'
            | b'+'
            | b'-'
            | b'*'
            | b'/'
            | b'%'
            | b'^'
            | b'<'
            | b'>'
            | b'='
    )
}

/// Whether the character may be part of an operator.
pub(super) fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'~' | b'!'
            | b'@'
            | b'#'
            | b'^'
            | b'&'
            | b'|'
            | b'`'
            | b'?'
            | b'+'
            | b'-'
            | b'*'
            | b'/'
            | b'%'
            | b'<'
            | b'>'
            | b'='
    )
}

fn allows_trailing_sign(byte: u8) -> bool {
    matches!(byte, b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'%')
}

impl<'a> Lexer<'a> {
    pub(super) fn operator_or_self(&mut self, start: usize) -> SyntaxResult<Token<'a>> {
        let length = operator_length(self.rest());
        if length > NAME_BYTES {
            self.place += length;
            return Err(self.problem(TokenProblem::OperatorTooLong, start));
        }
        if length > 1 {
            self.place += length;
            let text = &self.source[start..self.place];
            let kind = match text {
                "<=" => TokenKind::LessEquals,
                ">=" => TokenKind::GreaterEquals,
                "<>" | "!=" => TokenKind::NotEquals,
                "=>" => TokenKind::EqualsGreater,
                _ => TokenKind::Operator,
            };
            return Ok(self.token(kind, start, text));
        }
        match self.rest() {
            [b':', b':', ..] => Ok(self.cut(TokenKind::DoubleColon, start, 2)),
            [b':', b'=', ..] => Ok(self.cut(TokenKind::ColonEquals, start, 2)),
            [b'.', b'.', ..] => Ok(self.cut(TokenKind::DoubleDot, start, 2)),
            [byte, ..] => Ok(self.cut(single(*byte), start, 1)),
            // The caller has seen a byte.
            [] => Ok(self.token(TokenKind::End, start, "")),
        }
    }

    fn cut(&mut self, kind: TokenKind, start: usize, length: usize) -> Token<'a> {
        self.place += length;
        self.token(kind, start, &self.source[start..start + length])
    }
}

fn single(byte: u8) -> TokenKind {
    match byte {
        b',' => TokenKind::Comma,
        b'(' => TokenKind::LeftParenthesis,
        b')' => TokenKind::RightParenthesis,
        b'[' => TokenKind::LeftBracket,
        b']' => TokenKind::RightBracket,
        b'.' => TokenKind::Dot,
        b';' => TokenKind::Semicolon,
        b':' => TokenKind::Colon,
        b'+' => TokenKind::Plus,
        b'-' => TokenKind::Minus,
        b'*' => TokenKind::Star,
        b'/' => TokenKind::Slash,
        b'%' => TokenKind::Percent,
        b'^' => TokenKind::Caret,
        b'<' => TokenKind::Less,
        b'>' => TokenKind::Greater,
        b'=' => TokenKind::Equals,
        _ => TokenKind::Operator,
    }
}

/// The length of the operator at the start of `text`; 0 if there is none.
fn operator_length(text: &[u8]) -> usize {
    let run = text.iter().position(|byte| !is_operator(*byte)).unwrap_or(text.len());
    let comment = text[..run].windows(2).position(|pair| pair == b"--" || pair == b"/*");
    let mut length = comment.unwrap_or(run);
    while length > 1
        && matches!(text[length - 1], b'+' | b'-')
        && !text[..length - 1].iter().any(|byte| allows_trailing_sign(*byte))
    {
        length -= 1;
    }
    length
}
