//! Triggers, of tables and of events.

use super::super::Parser;
use super::super::constraint::allowed;
use crate::error::{Near, SyntaxError, SyntaxErrorKind, SyntaxResult, TokenProblem};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::StatementKind;

impl<'a> Parser<'a> {
    pub(super) fn create_trigger(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let constraint = self.eat_keyword(Keyword::Constraint)?;
        self.expect_keyword(Keyword::Trigger)?;
        self.name()?;
        match self.kind() {
            TokenKind::Keyword(Keyword::Before) if !constraint => {
                self.take()?;
            }
            TokenKind::Keyword(Keyword::Instead) if !constraint => {
                self.take()?;
                self.expect_keyword(Keyword::Of)?;
            }
            _ => {
                self.expect_keyword(Keyword::After)?;
            }
        }
        self.trigger_events()?;
        self.expect_keyword(Keyword::On)?;
        self.relation_name()?;
        if constraint {
            if self.eat_keyword(Keyword::From)? {
                self.relation_name()?;
            }
            let attributes = self.constraint_attributes()?;
            self.expect_keyword(Keyword::For)?;
            self.expect_keyword(Keyword::Each)?;
            self.expect_keyword(Keyword::Row)?;
            self.trigger_action()?;
            self.check_attributes(attributes, allowed("TRIGGER", true, false, false))?;
            return Ok(StatementKind::Unsupported("CREATE TRIGGER"));
        }
        self.transition_tables()?;
        if self.eat_keyword(Keyword::For)? {
            self.eat_keyword(Keyword::Each)?;
            if !self.eat_keyword(Keyword::Row)? {
                self.expect_keyword(Keyword::Statement)?;
            }
        }
        self.trigger_action()?;
        Ok(StatementKind::Unsupported("CREATE TRIGGER"))
    }

    fn trigger_events(&mut self) -> SyntaxResult<()> {
        let mut seen = Vec::new();
        loop {
            let TokenKind::Keyword(event) = self.kind() else { return Err(self.unexpected()) };
            match event {
                Keyword::Insert | Keyword::Delete | Keyword::Truncate => {
                    self.take()?;
                }
                Keyword::Update => {
                    self.take()?;
                    if self.eat_keyword(Keyword::Of)? {
                        self.separated(Parser::name)?;
                    }
                }
                _ => return Err(self.unexpected()),
            }
            if seen.contains(&event) {
                return Err(self.two_events());
            }
            seen.push(event);
            if !self.eat_keyword(Keyword::Or)? {
                return Ok(());
            }
        }
    }

    fn two_events(&self) -> SyntaxError {
        self.problem_here(TokenProblem::TwoTriggerEvents)
    }

    /// A complaint about the current token in other words than that it is unexpected.
    pub(in super::super) fn problem_here(&self, problem: TokenProblem) -> SyntaxError {
        let near = match self.kind() {
            TokenKind::End => Near::End,
            _ => Near::Token(self.source_of(self.current()).to_owned()),
        };
        SyntaxError { kind: SyntaxErrorKind::Token { problem, near }, position: Some(self.position()) }
    }

    fn transition_tables(&mut self) -> SyntaxResult<()> {
        if !self.eat_keyword(Keyword::Referencing)? {
            return Ok(());
        }
        loop {
            if !self.eat_keyword(Keyword::New)? {
                self.expect_keyword(Keyword::Old)?;
            }
            if !self.eat_keyword(Keyword::Table)? {
                self.expect_keyword(Keyword::Row)?;
            }
            self.eat_keyword(Keyword::As)?;
            self.name()?;
            if !self.at_keyword(Keyword::New) && !self.at_keyword(Keyword::Old) {
                return Ok(());
            }
        }
    }

    /// `WHEN (…) EXECUTE FUNCTION f(arguments)`
    fn trigger_action(&mut self) -> SyntaxResult<()> {
        if self.eat_keyword(Keyword::When)? {
            self.expression_in_parentheses()?;
        }
        self.execute_function()?;
        self.expect(TokenKind::LeftParenthesis)?;
        if self.eat(TokenKind::RightParenthesis)? {
            return Ok(());
        }
        // An empty first argument is none.
        self.eat(TokenKind::Comma)?;
        self.separated(|parser| match parser.kind() {
            TokenKind::Integer(_) | TokenKind::Decimal | TokenKind::String => {
                parser.take()?;
                Ok(())
            }
            _ => {
                parser.label()?;
                Ok(())
            }
        })?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(())
    }

    fn execute_function(&mut self) -> SyntaxResult<()> {
        self.expect_keyword(Keyword::Execute)?;
        if !self.eat_keyword(Keyword::Function)? {
            self.expect_keyword(Keyword::Procedure)?;
        }
        self.routine_name()?;
        Ok(())
    }

    pub(super) fn create_event_trigger(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.expect_keyword(Keyword::Trigger)?;
        self.name()?;
        self.expect_keyword(Keyword::On)?;
        self.label()?;
        if self.eat_keyword(Keyword::When)? {
            loop {
                self.name()?;
                self.expect_keyword(Keyword::In)?;
                self.parenthesised(Parser::string)?;
                if !self.eat_keyword(Keyword::And)? {
                    break;
                }
            }
        }
        self.execute_function()?;
        self.expect(TokenKind::LeftParenthesis)?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(StatementKind::Unsupported("CREATE EVENT TRIGGER"))
    }

    pub(super) fn alter_event_trigger(&mut self) -> SyntaxResult<StatementKind<'a>> {
        if !self.eat_keyword(Keyword::Disable)? {
            self.expect_keyword(Keyword::Enable)?;
            if !self.eat_keyword(Keyword::Always)? {
                self.eat_keyword(Keyword::Replica)?;
            }
        }
        Ok(StatementKind::Unsupported("ALTER EVENT TRIGGER"))
    }
}
