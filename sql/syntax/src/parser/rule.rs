//! `CREATE RULE`.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::rule::{CreateRule, RuleEvent};
use crate::tree::{Statement, StatementKind};

impl<'a> Parser<'a> {
    /// `CREATE RULE …`; the current token is `RULE`.
    pub(super) fn create_rule(&mut self, or_replace: bool) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let name = self.name()?;
        self.expect_keyword(Keyword::As)?;
        self.expect_keyword(Keyword::On)?;
        let event = match self.kind() {
            TokenKind::Keyword(Keyword::Select) => RuleEvent::Select,
            TokenKind::Keyword(Keyword::Insert) => RuleEvent::Insert,
            TokenKind::Keyword(Keyword::Update) => RuleEvent::Update,
            TokenKind::Keyword(Keyword::Delete) => RuleEvent::Delete,
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        self.expect_keyword(Keyword::To)?;
        let table = self.relation_name()?;
        let condition = self.optional_after(Keyword::Where)?;
        self.expect_keyword(Keyword::Do)?;
        let instead = self.eat_keyword(Keyword::Instead)?;
        if !instead {
            self.eat_keyword(Keyword::Also)?;
        }
        let actions = self.rule_actions()?;
        let rule = CreateRule { or_replace, name, event, table, condition, instead, actions };
        Ok(StatementKind::CreateRule(self.boxed(rule)))
    }

    /// `NOTHING`, one statement, or several in parentheses.
    fn rule_actions(&mut self) -> SyntaxResult<&'a [Statement<'a>]> {
        let mut actions = self.list();
        if self.eat_keyword(Keyword::Nothing)? {
            return Ok(actions.into_bump_slice());
        }
        if !self.eat(TokenKind::LeftParenthesis)? {
            actions.push(self.rule_action()?);
            return Ok(actions.into_bump_slice());
        }
        loop {
            match self.kind() {
                TokenKind::Semicolon => {
                    self.take()?;
                }
                TokenKind::RightParenthesis => break,
                _ => {
                    actions.push(self.rule_action()?);
                    if !self.at(TokenKind::Semicolon) && !self.at(TokenKind::RightParenthesis) {
                        return Err(self.unexpected());
                    }
                }
            }
        }
        self.expect(TokenKind::RightParenthesis)?;
        Ok(actions.into_bump_slice())
    }

    fn rule_action(&mut self) -> SyntaxResult<Statement<'a>> {
        let start = self.position();
        if self.at_keyword(Keyword::Merge) {
            return Err(self.unexpected());
        }
        let kind = match self.at_keyword(Keyword::Notify) {
            true => self.notify()?,
            false => self.preparable_kind()?,
        };
        match kind {
            StatementKind::Merge(_) => Err(self.unexpected()),
            kind => Ok(Statement { kind, start, end: self.taken_to }),
        }
    }
}
