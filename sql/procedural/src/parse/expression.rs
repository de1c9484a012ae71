//! SQL within a body: where it ends, and whether the parser of SQL takes it.

use super::Parser;
use crate::failure::{Failure, Outcome};
use crate::tree::{Expression, Mode, Sort};
use bumpalo::Bump;
use syntax::lexer::{Lexer, StringRules, Token, TokenKind};
use syntax::tree::select::{Query, QueryBody};
use syntax::tree::statement::StatementKind;

/// What expressions are read behind, so that the parser of SQL takes them.
pub(crate) const SELECT: &str = "SELECT ";

/// What ends SQL within a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    Word(&'static str),
    Kind(TokenKind),
}

/// `;`
pub(super) const SEMICOLON: Until = Until::Kind(TokenKind::Semicolon);
/// `,`
pub(super) const COMMA: Until = Until::Kind(TokenKind::Comma);

impl<'a> Parser<'a, '_> {
    fn ends(&self, token: &Token<'_>, until: &[Until]) -> bool {
        until.iter().any(|end| match end {
            Until::Word(word) => self.reader.is(token, word),
            Until::Kind(kind) => token.kind == *kind,
        })
    }

    /// The stretch up to one of these tokens, which is taken; `expected` is what it is called if it is missing.
    pub(super) fn stretch(
        &mut self,
        until: &[Until],
        expected: &str,
        is_expression: bool,
    ) -> Outcome<(u32, u32, Token<'a>)> {
        let start = self.reader.peek()?.start;
        let (mut end, mut open) = (start, 0_u32);
        loop {
            let token = self.reader.peek()?;
            if open == 0 && self.ends(&token, until) {
                break;
            }
            match token.kind {
                TokenKind::LeftParenthesis | TokenKind::LeftBracket => open += 1,
                TokenKind::RightParenthesis | TokenKind::RightBracket => match open.checked_sub(1) {
                    Some(less) => open = less,
                    None => return Err(self.reader.refused("mismatched parentheses")),
                },
                TokenKind::End | TokenKind::Semicolon => {
                    if open != 0 {
                        return Err(self.reader.refused("mismatched parentheses"));
                    }
                    let what = if is_expression { "expression" } else { "statement" };
                    let message = format!("missing \"{expected}\" at end of SQL {what}");
                    return Err(Failure::syntax(message).at(token.start));
                }
                _ => {}
            }
            end = token.end;
            self.reader.take()?;
        }
        if start == end {
            let message = if is_expression { "missing expression" } else { "missing SQL statement" };
            return Err(self.reader.refused(message));
        }
        Ok((start, end, self.reader.take()?))
    }

    /// An expression up to one of these tokens, which is taken.
    pub(super) fn expression(&mut self, until: &[Until], expected: &str) -> Outcome<(Expression, Token<'a>)> {
        let (start, end, token) = self.stretch(until, expected, true)?;
        Ok((self.expression_of(start, end)?, token))
    }

    /// A stretch of the body as an expression.
    pub(super) fn expression_of(&mut self, start: u32, end: u32) -> Outcome<Expression> {
        let text = self.reader.text(start, end).to_owned();
        self.check_expression(&text, start)?;
        Ok(self.numbered(text, Mode::Expression))
    }

    /// A statement up to a semicolon, which is taken.
    pub(super) fn statement_text(&mut self) -> Outcome<Expression> {
        let (start, end, _) = self.stretch(&[SEMICOLON], ";", false)?;
        self.statement_of(start, end)
    }

    /// A stretch of the body as a statement.
    pub(super) fn statement_of(&mut self, start: u32, end: u32) -> Outcome<Expression> {
        let text = self.reader.text(start, end).to_owned();
        self.statement_in(text, start)
    }

    /// That a text is what may stand behind `SELECT`; it begins in the body at `start`.
    pub(super) fn check_expression(&self, text: &str, start: u32) -> Outcome<()> {
        if !self.declared.looks.syntax {
            return Ok(());
        }
        let arena = Bump::new();
        let whole = format!("{SELECT}{text}");
        let statements = self.declared.parse(&whole, &arena).map_err(|error| {
            let failure = Failure::of(&error);
            shifted(failure, start, SELECT.len())
        })?;
        match statements {
            [one] => match one.kind {
                StatementKind::Query(Query { body: QueryBody::Select(_), .. }) => Ok(()),
                StatementKind::Query(Query { body: QueryBody::Set(set), .. }) => {
                    let place = set.position as usize;
                    let word = whole.get(place..).and_then(|rest| rest.split_whitespace().next());
                    let message = format!("syntax error at or near \"{}\"", word.unwrap_or_default());
                    Err(shifted(Failure::syntax(message).at(set.position), start, SELECT.len()))
                }
                _ => Err(Failure::syntax("syntax error").at(start)),
            },
            _ => Err(Failure::syntax("syntax error").at(start)),
        }
    }

    /// A text that must be one statement, and stands in the body at `start`.
    pub(super) fn statement_in(&mut self, text: String, start: u32) -> Outcome<Expression> {
        let arena = Bump::new();
        let sort = match self.declared.parse(&text, &arena) {
            Ok([statement]) => sort_of(&statement.kind),
            Ok(_) => Sort::Other,
            Err(_) if !self.declared.looks.syntax => Sort::Query,
            Err(error) => return Err(shifted(Failure::of(&error), start, 0)),
        };
        drop(arena);
        Ok(Expression { sort, ..self.numbered(text, Mode::Statement) })
    }

    /// `target := expression` up to the semicolon; the variable's names are not taken yet, and it has `names` of them.
    pub(super) fn assignment(&mut self, names: usize) -> Outcome<Expression> {
        let start = self.reader.peek()?.start;
        for _ in 0..names * 2 - 1 {
            self.reader.take()?;
        }
        loop {
            match self.reader.peek()?.kind {
                TokenKind::Dot => {
                    self.reader.take()?;
                    let token = self.reader.peek()?;
                    if !matches!(token.kind, TokenKind::Identifier | TokenKind::Keyword(_)) {
                        return Err(self.reader.unexpected());
                    }
                    self.reader.take()?;
                }
                TokenKind::LeftBracket => {
                    self.reader.take()?;
                    self.stretch(&[Until::Kind(TokenKind::RightBracket)], "]", true)?;
                }
                _ => break,
            }
        }
        let target = self.reader.taken_to();
        if !matches!(self.reader.peek()?.kind, TokenKind::ColonEquals | TokenKind::Equals) {
            return Err(self.reader.unexpected());
        }
        self.reader.take()?;
        if self.reader.at_kind(TokenKind::Semicolon)? {
            return Err(self.reader.unexpected());
        }
        let (value, end, _) = self.stretch(&[SEMICOLON], ";", false)?;
        self.check_expression(self.reader.text(start, target), start)?;
        self.check_expression(self.reader.text(value, end), value)?;
        let text = self.reader.text(start, end).to_owned();
        Ok(self.numbered(text, Mode::Assignment { target: target - start, value: value - start }))
    }
}

/// What sort of statement one is.
fn sort_of(statement: &StatementKind<'_>) -> Sort {
    match statement {
        StatementKind::Query(_) => Sort::Query,
        StatementKind::Insert(_)
        | StatementKind::Update(_)
        | StatementKind::Delete(_)
        | StatementKind::Merge(_) => Sort::Change,
        _ => Sort::Other, // that is what it is called
    }
}

/// Whether SQL is about the row on which a cursor stands.
pub(super) fn names_cursor(text: &str, strings: StringRules) -> bool {
    let arena = Bump::new();
    let Ok(lexer) = Lexer::new(text, &arena) else { return false };
    let mut lexer = lexer.with_rules(strings);
    let mut current = false;
    while let Ok(token) = lexer.next_token() {
        let word = matches!(token.kind, TokenKind::Keyword(_));
        match token.kind {
            TokenKind::End => return false,
            _ if word && current && token.text == "of" => return true,
            _ => current = word && token.text == "current",
        }
    }
    false
}

/// A failure in a stretch that begins in the body at `start`, and was read behind so many bytes.
fn shifted(mut failure: Box<Failure>, start: u32, before: usize) -> Box<Failure> {
    let before = u32::try_from(before).unwrap_or(0);
    failure.position = failure.position.map(|position| (position + start).saturating_sub(before));
    failure
}
