//! Tokens of a body: those of SQL, looked at as PL/pgSQL does, and the lines where they stand.

use crate::failure::{Failure, Outcome};
use bumpalo::Bump;
use syntax::lexer::{Lexer, StringRules, Token, TokenKind};

/// PL/pgSQL's own words that are never names.
const RESERVED: [&str; 24] = [
    "all", "begin", "by", "case", "declare", "else", "end", "execute", "for", "foreach", "from", "if", "in",
    "into", "loop", "not", "null", "or", "strict", "then", "to", "using", "when", "while",
];

/// Reads a body's tokens, with as many ahead as are asked for.
pub struct Reader<'a> {
    source: &'a str,
    lexer: Lexer<'a>,
    ahead: Vec<Token<'a>>,
    /// Where the token that was taken last begins and ends.
    last: (u32, u32),
}

impl<'a> Reader<'a> {
    pub fn new(source: &'a str, arena: &'a Bump, strings: StringRules) -> Outcome<Reader<'a>> {
        let lexer = Lexer::new(source, arena).map_err(|error| Failure::of(&error))?;
        let lexer = lexer.with_rules(strings);
        Ok(Reader { source, lexer, ahead: Vec::new(), last: (0, 0) })
    }

    /// A stretch of the text.
    pub fn text(&self, start: u32, end: u32) -> &'a str {
        self.source.get(start as usize..end as usize).unwrap_or("")
    }

    /// Where the token that was taken last ends.
    pub fn taken_to(&self) -> u32 {
        self.last.1
    }

    /// The token so many places ahead, 0 being the next.
    pub fn look(&mut self, ahead: usize) -> Outcome<Token<'a>> {
        while self.ahead.len() <= ahead {
            let token = self.lexer.next_token().map_err(|error| Failure::of(&error))?;
            self.ahead.push(token);
        }
        Ok(self.ahead[ahead])
    }

    /// The next token.
    pub fn peek(&mut self) -> Outcome<Token<'a>> {
        self.look(0)
    }

    /// Takes it.
    pub fn take(&mut self) -> Outcome<Token<'a>> {
        let token = self.peek()?;
        self.ahead.remove(0);
        self.last = (token.start, token.end);
        Ok(token)
    }

    /// Whether a token is this word, unquoted.
    pub fn is(&self, token: &Token<'_>, word: &str) -> bool {
        self.is_word(token) && token.text == word
    }

    /// Whether a token is a word that is not quoted.
    pub fn is_word(&self, token: &Token<'_>) -> bool {
        match token.kind {
            TokenKind::Keyword(_) => true,
            TokenKind::Identifier => {
                !matches!(self.source.as_bytes().get(token.start as usize), Some(b'"'))
                    && !self.text(token.start, token.end).starts_with("U&\"")
                    && !self.text(token.start, token.end).starts_with("u&\"")
            }
            _ => false,
        }
    }

    /// Whether a token may be a name here: any word that PL/pgSQL does not keep for itself, or one in quotes.
    pub fn is_name(&self, token: &Token<'_>) -> bool {
        match token.kind {
            TokenKind::Identifier | TokenKind::Keyword(_) => {
                !self.is_word(token) || !RESERVED.contains(&token.text)
            }
            _ => false,
        }
    }

    /// Whether the next token is this word.
    pub fn at(&mut self, word: &str) -> Outcome<bool> {
        let token = self.peek()?;
        Ok(self.is(&token, word))
    }

    /// Whether the next token is of this kind.
    pub fn at_kind(&mut self, kind: TokenKind) -> Outcome<bool> {
        Ok(self.peek()?.kind == kind)
    }

    /// Takes the next token if it is this word.
    pub fn eat(&mut self, word: &str) -> Outcome<bool> {
        let found = self.at(word)?;
        if found {
            self.take()?;
        }
        Ok(found)
    }

    /// Takes the next token if it is of this kind.
    pub fn eat_kind(&mut self, kind: TokenKind) -> Outcome<bool> {
        let found = self.at_kind(kind)?;
        if found {
            self.take()?;
        }
        Ok(found)
    }

    /// Takes a word that must stand here.
    pub fn expect(&mut self, word: &str) -> Outcome<()> {
        if self.eat(word)? { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Takes a token that must stand here.
    pub fn expect_kind(&mut self, kind: TokenKind) -> Outcome<Token<'a>> {
        if self.at_kind(kind)? { self.take() } else { Err(self.unexpected()) }
    }

    /// Whether the next token is this operator.
    pub fn at_operator(&mut self, operator: &str) -> Outcome<bool> {
        let token = self.peek()?;
        Ok(token.kind == TokenKind::Operator && token.text == operator)
    }

    /// The refusal of the next token.
    pub fn unexpected(&mut self) -> Box<Failure> {
        self.refused("syntax error")
    }

    /// The next token, refused in these words.
    pub fn refused(&mut self, message: &str) -> Box<Failure> {
        match self.peek() {
            Ok(token) => self.refused_at(message, token),
            Err(failure) => failure,
        }
    }

    /// A token, refused in these words.
    pub fn refused_at(&self, message: &str, token: Token<'_>) -> Box<Failure> {
        let text = match token.kind {
            TokenKind::End => format!("{message} at end of input"),
            _ => format!("{message} at or near \"{}\"", self.text(token.start, token.end)),
        };
        Failure::syntax(text).at(token.start)
    }

    /// The line of a place, from 1.
    pub fn line(&self, place: u32) -> u32 {
        let before = self.source.get(..place as usize).unwrap_or(self.source);
        u32::try_from(before.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX - 1) + 1
    }

    /// The line of what was taken last.
    pub fn last_line(&self) -> u32 {
        self.line(self.last.0)
    }

    /// A name: of a variable, a label, a cursor.
    pub fn name(&mut self) -> Outcome<Token<'a>> {
        let token = self.peek()?;
        if self.is_name(&token) { self.take() } else { Err(self.unexpected()) }
    }
}
