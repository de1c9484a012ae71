//! Triggers of events.

use super::super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::StatementKind;

impl<'a> Parser<'a> {
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
        self.executed_function()?;
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
