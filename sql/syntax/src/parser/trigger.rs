//! `CREATE TRIGGER`.

use super::Parser;
use super::constraint::allowed;
use crate::error::{Near, SyntaxError, SyntaxErrorKind, SyntaxResult, TokenProblem};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::trigger::{ConstraintTrigger, CreateTrigger, Transition, TriggerEvent, TriggerTiming};
use crate::tree::{Name, QualifiedName, StatementKind};

impl<'a> Parser<'a> {
    /// `CREATE TRIGGER …`; the current token is `TRIGGER` or `CONSTRAINT`.
    pub(super) fn create_trigger(&mut self, or_replace: bool) -> SyntaxResult<StatementKind<'a>> {
        let constraint = self.eat_keyword(Keyword::Constraint)?;
        self.expect_keyword(Keyword::Trigger)?;
        let name = self.name()?;
        let timing = self.trigger_timing(constraint)?;
        let events = self.trigger_events()?;
        self.expect_keyword(Keyword::On)?;
        let table = self.relation_name()?;
        let mut trigger = CreateTrigger {
            or_replace,
            constraint: None,
            name,
            timing,
            events,
            table,
            transitions: &[],
            each_row: constraint,
            condition: None,
            function: table,
            arguments: &[],
        };
        let mut attributes = None;
        if constraint {
            let from = if self.eat_keyword(Keyword::From)? { Some(self.relation_name()?) } else { None };
            let found = self.constraint_attributes()?;
            attributes = Some(found);
            self.expect_keyword(Keyword::For)?;
            self.expect_keyword(Keyword::Each)?;
            self.expect_keyword(Keyword::Row)?;
            let initially_deferred = found.initially_deferred;
            let deferrable = found.deferrable || initially_deferred;
            trigger.constraint = Some(ConstraintTrigger { from, deferrable, initially_deferred });
        } else {
            trigger.transitions = self.transition_tables()?;
            if self.eat_keyword(Keyword::For)? {
                self.eat_keyword(Keyword::Each)?;
                trigger.each_row = self.eat_keyword(Keyword::Row)?;
                if !trigger.each_row {
                    self.expect_keyword(Keyword::Statement)?;
                }
            }
        }
        if self.eat_keyword(Keyword::When)? {
            trigger.condition = Some(self.expression_in_parentheses()?);
        }
        trigger.function = self.executed_function()?;
        trigger.arguments = self.trigger_arguments()?;
        if let Some(attributes) = attributes {
            self.check_attributes(attributes, allowed("TRIGGER", true, false, false))?;
        }
        Ok(StatementKind::CreateTrigger(self.boxed(trigger)))
    }

    fn trigger_timing(&mut self, constraint: bool) -> SyntaxResult<TriggerTiming> {
        if !constraint && self.eat_keyword(Keyword::Before)? {
            return Ok(TriggerTiming::Before);
        }
        if !constraint && self.eat_keyword(Keyword::Instead)? {
            self.expect_keyword(Keyword::Of)?;
            return Ok(TriggerTiming::InsteadOf);
        }
        self.expect_keyword(Keyword::After)?;
        Ok(TriggerTiming::After)
    }

    fn trigger_events(&mut self) -> SyntaxResult<&'a [TriggerEvent<'a>]> {
        let mut seen = Vec::new();
        let mut events = self.list();
        loop {
            let TokenKind::Keyword(event) = self.kind() else { return Err(self.unexpected()) };
            let found = match event {
                Keyword::Insert => TriggerEvent::Insert,
                Keyword::Delete => TriggerEvent::Delete,
                Keyword::Truncate => TriggerEvent::Truncate,
                Keyword::Update => TriggerEvent::Update(&[]),
                _ => return Err(self.unexpected()),
            };
            let twice = seen.contains(&event);
            if twice && !matches!(found, TriggerEvent::Update(_)) {
                return Err(self.problem_here(TokenProblem::TwoTriggerEvents));
            }
            self.take()?;
            events.push(match found {
                TriggerEvent::Update(_) if self.eat_keyword(Keyword::Of)? => {
                    TriggerEvent::Update(self.separated(Parser::name)?)
                }
                other => other,
            });
            if twice {
                return Err(self.problem_here(TokenProblem::TwoTriggerEvents));
            }
            seen.push(event);
            if !self.eat_keyword(Keyword::Or)? {
                return Ok(events.into_bump_slice());
            }
        }
    }

    /// A complaint about the current token in other words than that it is unexpected.
    pub(super) fn problem_here(&self, problem: TokenProblem) -> SyntaxError {
        let near = match self.kind() {
            TokenKind::End => Near::End,
            _ => Near::Token(self.source_of(self.current()).to_owned()),
        };
        SyntaxError { kind: SyntaxErrorKind::Token { problem, near }, position: Some(self.position()) }
    }

    fn transition_tables(&mut self) -> SyntaxResult<&'a [Transition<'a>]> {
        let mut found = self.list();
        if !self.eat_keyword(Keyword::Referencing)? {
            return Ok(found.into_bump_slice());
        }
        loop {
            let new = self.eat_keyword(Keyword::New)?;
            if !new {
                self.expect_keyword(Keyword::Old)?;
            }
            let table = self.eat_keyword(Keyword::Table)?;
            if !table {
                self.expect_keyword(Keyword::Row)?;
            }
            self.eat_keyword(Keyword::As)?;
            let name: Name<'a> = self.name()?;
            found.push(Transition { new, table, name });
            if !self.at_keyword(Keyword::New) && !self.at_keyword(Keyword::Old) {
                return Ok(found.into_bump_slice());
            }
        }
    }

    /// `EXECUTE FUNCTION f`
    pub(super) fn executed_function(&mut self) -> SyntaxResult<QualifiedName<'a>> {
        self.expect_keyword(Keyword::Execute)?;
        if !self.eat_keyword(Keyword::Function)? {
            self.expect_keyword(Keyword::Procedure)?;
        }
        self.routine_name()
    }

    /// What a trigger's function is told, as text, in parentheses.
    fn trigger_arguments(&mut self) -> SyntaxResult<&'a [&'a str]> {
        self.expect(TokenKind::LeftParenthesis)?;
        if self.eat(TokenKind::RightParenthesis)? {
            return Ok(&[]);
        }
        // An empty first argument is none.
        self.eat(TokenKind::Comma)?;
        let arguments = self.separated(|parser| match parser.kind() {
            TokenKind::Integer(number) => {
                parser.take()?;
                Ok(&*parser.arena.alloc_str(&number.to_string()))
            }
            TokenKind::Decimal | TokenKind::String => Ok(parser.take()?.text),
            _ => Ok(parser.label()?.text),
        })?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(arguments)
    }
}
