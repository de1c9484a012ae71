//! Triggers of definitions.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::event_trigger::{AlterEventTrigger, CreateEventTrigger, EnabledEvents};
use crate::tree::{Name, StatementKind};

impl<'a> Parser<'a> {
    pub(super) fn create_event_trigger(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.expect_keyword(Keyword::Trigger)?;
        let name = self.name()?;
        self.expect_keyword(Keyword::On)?;
        let event = self.label()?;
        let mut filters = self.list();
        if self.eat_keyword(Keyword::When)? {
            loop {
                let variable = self.name()?;
                self.expect_keyword(Keyword::In)?;
                filters.push((variable, self.parenthesised(Parser::string)?));
                if !self.eat_keyword(Keyword::And)? {
                    break;
                }
            }
        }
        let filters = filters.into_bump_slice();
        let function = self.executed_function()?;
        self.expect(TokenKind::LeftParenthesis)?;
        self.expect(TokenKind::RightParenthesis)?;
        let create = CreateEventTrigger { name, event, filters, function };
        Ok(StatementKind::CreateEventTrigger(self.boxed(create)))
    }

    pub(super) fn alter_event_trigger(&mut self, name: Name<'a>) -> SyntaxResult<StatementKind<'a>> {
        let enabled = if self.eat_keyword(Keyword::Disable)? {
            EnabledEvents::Disabled
        } else {
            self.expect_keyword(Keyword::Enable)?;
            if self.eat_keyword(Keyword::Always)? {
                EnabledEvents::Always
            } else if self.eat_keyword(Keyword::Replica)? {
                EnabledEvents::Replica
            } else {
                EnabledEvents::Origin
            }
        };
        Ok(StatementKind::AlterEventTrigger(self.boxed(AlterEventTrigger { name, enabled })))
    }
}
