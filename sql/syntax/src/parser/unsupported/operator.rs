//! Operators, their classes and families.

use super::super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::StatementKind;
use crate::tree::operator::CreateOperator;
use crate::tree::option::Definition;

impl<'a> Parser<'a> {
    /// `CREATE OPERATOR …`, also of classes and families; the current token is `OPERATOR`.
    pub(super) fn create_operator(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let of_many = matches!(self.kind(), TokenKind::Keyword(Keyword::Class | Keyword::Family));
        if of_many && self.next()?.kind != TokenKind::Dot {
            let class = self.take()?.kind == TokenKind::Keyword(Keyword::Class);
            return if class { self.create_operator_class() } else { self.create_operator_family() };
        }
        let name = self.named_operator()?;
        let options = self.definitions()?;
        Ok(StatementKind::CreateOperator(self.boxed(CreateOperator { name, options })))
    }

    fn create_operator_family(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.qualified_name()?;
        self.expect_keyword(Keyword::Using)?;
        self.name()?;
        Ok(StatementKind::Unsupported("CREATE OPERATOR FAMILY"))
    }

    fn create_operator_class(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.qualified_name()?;
        self.eat_keyword(Keyword::Default)?;
        self.expect_keyword(Keyword::For)?;
        self.expect_keyword(Keyword::Type)?;
        self.type_name()?;
        self.expect_keyword(Keyword::Using)?;
        self.name()?;
        if self.eat_keyword(Keyword::Family)? {
            self.qualified_name()?;
        }
        self.expect_keyword(Keyword::As)?;
        self.separated(Parser::class_item)?;
        Ok(StatementKind::Unsupported("CREATE OPERATOR CLASS"))
    }

    pub(super) fn alter_operator_family(&mut self) -> SyntaxResult<StatementKind<'a>> {
        if self.eat_keyword(Keyword::Add)? {
            self.separated(Parser::class_item)?;
        } else {
            self.expect_keyword(Keyword::Drop)?;
            self.separated(|parser| {
                if !parser.eat_keyword(Keyword::Operator)? {
                    parser.expect_keyword(Keyword::Function)?;
                }
                parser.integer()?;
                parser.parenthesised(Parser::type_name)
            })?;
        }
        Ok(StatementKind::Unsupported("ALTER OPERATOR FAMILY"))
    }

    /// `OPERATOR n …`, `FUNCTION n …`, `STORAGE type`
    fn class_item(&mut self) -> SyntaxResult<()> {
        if self.eat_keyword(Keyword::Storage)? {
            self.type_name()?;
            return Ok(());
        }
        if self.eat_keyword(Keyword::Function)? {
            self.integer()?;
            if self.at(TokenKind::LeftParenthesis) {
                self.parenthesised(Parser::type_name)?;
            }
            self.signature()?;
            return Ok(());
        }
        self.expect_keyword(Keyword::Operator)?;
        self.integer()?;
        self.named_operator()?;
        if self.at(TokenKind::LeftParenthesis) {
            self.operand_types()?;
        }
        if self.eat_keyword(Keyword::For)? && !self.eat_keyword(Keyword::Search)? {
            self.expect_keyword(Keyword::Order)?;
            self.expect_keyword(Keyword::By)?;
            self.qualified_name()?;
        }
        let position = self.position();
        match self.eat_keyword(Keyword::Recheck)? {
            true => Err(self.refused(Rule::Recheck, position)),
            false => Ok(()),
        }
    }

    /// `(name = value, name = NONE, …)` of an operator or a type (`operator_def_list`).
    pub(in super::super) fn operator_definitions(&mut self) -> SyntaxResult<&'a [Definition<'a>]> {
        self.definitions()
    }

    /// What statistics are on: a column, a call, an expression in parentheses.
    pub(super) fn statistics_parameter(&mut self) -> SyntaxResult<()> {
        self.index_key()?;
        Ok(())
    }
}
