//! Tokens: what the lexer hands to the parser.

use crate::keyword::Keyword;

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Offset of its first byte.
    pub start: u32,
    /// Offset behind its last byte.
    pub end: u32,
    /// Names folded, truncated and without their quotes, strings with their escapes resolved, digits of numbers and
    /// operators as written; empty for everything else.
    pub text: &'a str,
}

/// Kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A name that is no key word, or is quoted.
    Identifier,
    /// A key word; the class of the word says whether it may be a name here.
    Keyword(Keyword),
    /// A string, however it is written.
    String,
    /// `B'…'`; the digits are checked by whoever makes a value of them.
    BitString,
    /// `X'…'`.
    HexString,
    /// An integer that fits in 32 bits.
    Integer(i32),
    /// Any other number, as written.
    Decimal,
    /// `$n`.
    Parameter(i32),
    /// An operator that has no kind of its own.
    Operator,
    /// `::`
    DoubleColon,
    /// `..`
    DoubleDot,
    /// `:=`
    ColonEquals,
    /// `=>`
    EqualsGreater,
    /// `<=`
    LessEquals,
    /// `>=`
    GreaterEquals,
    /// `<>`, also written `!=`.
    NotEquals,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `(`
    LeftParenthesis,
    /// `)`
    RightParenthesis,
    /// `[`
    LeftBracket,
    /// `]`
    RightBracket,
    /// `.`
    Dot,
    /// `:`
    Colon,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `^`
    Caret,
    /// `<`
    Less,
    /// `>`
    Greater,
    /// `=`
    Equals,
    /// A character that belongs to no token.
    Stray,
    /// The end of the text.
    End,
}

impl TokenKind {
    /// The operator that the token spells, if it can be one; `!=` is written `<>`.
    pub fn operator_text(self) -> Option<&'static str> {
        match self {
            TokenKind::LessEquals => Some("<="),
            TokenKind::GreaterEquals => Some(">="),
            TokenKind::NotEquals => Some("<>"),
            TokenKind::Plus => Some("+"),
            TokenKind::Minus => Some("-"),
            TokenKind::Star => Some("*"),
            TokenKind::Slash => Some("/"),
            TokenKind::Percent => Some("%"),
            TokenKind::Caret => Some("^"),
            TokenKind::Less => Some("<"),
            TokenKind::Greater => Some(">"),
            TokenKind::Equals => Some("="),
            TokenKind::Identifier
            | TokenKind::Keyword(_)
            | TokenKind::String
            | TokenKind::BitString
            | TokenKind::HexString
            | TokenKind::Integer(_)
            | TokenKind::Decimal
            | TokenKind::Parameter(_)
            | TokenKind::Operator
            | TokenKind::DoubleColon
            | TokenKind::DoubleDot
            | TokenKind::ColonEquals
            | TokenKind::EqualsGreater
            | TokenKind::Comma
            | TokenKind::Semicolon
            | TokenKind::LeftParenthesis
            | TokenKind::RightParenthesis
            | TokenKind::LeftBracket
            | TokenKind::RightBracket
            | TokenKind::Dot
            | TokenKind::Colon
            | TokenKind::Stray
            | TokenKind::End => None,
        }
    }
}
