//! A document as a sequence of events, checked on the way: one token ahead, and no recursion.

use super::lexer::{Escapes, Lexer, Text, Token, TokenKind};
use crate::MAX_DEPTH;
use crate::error::{Expected, JsonError, JsonResult};

/// A piece of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Event<'a> {
    ObjectStart,
    /// The name of a field; its value follows.
    Key(Text<'a>),
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    String(Text<'a>),
    Number(&'a str),
    Bool(bool),
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing has been read, not even the first token.
    Fresh,
    /// A value must come.
    Value,
    FirstField,
    Field,
    FirstElement,
    /// A value is over.
    After,
}

/// Reads a document's events.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    lexer: Lexer<'a>,
    token: Token,
    open: Vec<Container>,
    state: State,
    start: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `text`.
    pub fn new(text: &'a str, escapes: Escapes) -> Reader<'a> {
        Reader {
            lexer: Lexer::new(text, escapes),
            token: Token { kind: TokenKind::End, start: 0, end: 0 },
            open: Vec::new(),
            state: State::Fresh,
            start: 0,
            end: 0,
        }
    }

    /// Where the last event started.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Where the last event ended.
    pub fn end(&self) -> usize {
        self.end
    }

    /// How many objects and arrays are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The document.
    pub fn text(&self) -> &'a str {
        self.lexer.text
    }

    fn advance(&mut self) -> JsonResult<Token> {
        let token = self.token;
        self.start = token.start;
        self.end = token.end;
        self.token = self.lexer.next()?;
        Ok(token)
    }

    fn unexpected<T>(&self, what: Expected) -> JsonResult<T> {
        Err(self.lexer.unexpected(self.token, what))
    }

    /// The next event; `None` at the end of the document, behind which nothing may stand.
    pub fn next_event(&mut self) -> JsonResult<Option<Event<'a>>> {
        loop {
            match self.state {
                State::Fresh => {
                    self.token = self.lexer.next()?;
                    self.state = State::Value;
                }
                State::Value => return self.value().map(Some),
                State::FirstElement => {
                    if self.token.kind == TokenKind::ArrayEnd {
                        return self.close().map(Some);
                    }
                    self.state = State::Value;
                }
                State::FirstField => match self.token.kind {
                    TokenKind::String { escaped } => return self.key(escaped).map(Some),
                    TokenKind::ObjectEnd => return self.close().map(Some),
                    _ => return self.unexpected(Expected::FirstField),
                },
                State::Field => match self.token.kind {
                    TokenKind::String { escaped } => return self.key(escaped).map(Some),
                    _ => return self.unexpected(Expected::FieldName),
                },
                State::After => {
                    let Some(container) = self.open.last() else {
                        return match self.token.kind {
                            TokenKind::End => Ok(None),
                            _ => self.unexpected(Expected::End),
                        };
                    };
                    match (container, self.token.kind) {
                        (Container::Object, TokenKind::Comma) => self.state = State::Field,
                        (Container::Array, TokenKind::Comma) => self.state = State::Value,
                        (Container::Object, TokenKind::ObjectEnd)
                        | (Container::Array, TokenKind::ArrayEnd) => return self.close().map(Some),
                        (Container::Object, _) => return self.unexpected(Expected::NextField),
                        (Container::Array, _) => return self.unexpected(Expected::NextElement),
                    }
                    self.advance()?;
                }
            }
        }
    }

    fn value(&mut self) -> JsonResult<Event<'a>> {
        let text = self.lexer.text;
        let token = self.token;
        let event = match token.kind {
            TokenKind::ObjectStart => return self.open(Container::Object, State::FirstField),
            TokenKind::ArrayStart => return self.open(Container::Array, State::FirstElement),
            TokenKind::String { escaped } => Event::String(quoted(text, token, escaped)),
            TokenKind::Number => Event::Number(&text[token.start..token.end]),
            TokenKind::True => Event::Bool(true),
            TokenKind::False => Event::Bool(false),
            TokenKind::Null => Event::Null,
            TokenKind::End
            | TokenKind::ObjectEnd
            | TokenKind::ArrayEnd
            | TokenKind::Comma
            | TokenKind::Colon => return self.unexpected(Expected::Value),
        };
        self.advance()?;
        self.state = State::After;
        Ok(event)
    }

    fn open(&mut self, container: Container, state: State) -> JsonResult<Event<'a>> {
        if self.open.len() >= MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.open.push(container);
        self.state = state;
        self.advance()?;
        Ok(match container {
            Container::Object => Event::ObjectStart,
            Container::Array => Event::ArrayStart,
        })
    }

    fn close(&mut self) -> JsonResult<Event<'a>> {
        let event = match self.open.pop() {
            Some(Container::Object) => Event::ObjectEnd,
            Some(Container::Array) | None => Event::ArrayEnd,
        };
        self.state = State::After;
        self.advance()?;
        Ok(event)
    }

    fn key(&mut self, escaped: bool) -> JsonResult<Event<'a>> {
        let token = self.advance()?;
        if self.token.kind != TokenKind::Colon {
            return self.unexpected(Expected::Colon);
        }
        self.advance()?;
        self.start = token.start;
        self.end = token.end;
        self.state = State::Value;
        Ok(Event::Key(quoted(self.lexer.text, token, escaped)))
    }
}

/// What stands between a token's quotes.
fn quoted(text: &str, token: Token, escaped: bool) -> Text<'_> {
    Text { raw: &text[token.start + 1..token.end - 1], escaped }
}
