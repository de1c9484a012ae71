//! Operators, their classes and families.

use super::super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::operator::{
    AlterOperatorFamily, ClassItem, CreateOperator, CreateOperatorClass, CreateOperatorFamily, DroppedItem,
};
use crate::tree::option::Definition;
use crate::tree::{Name, QualifiedName, StatementKind};

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
        let name = self.qualified_name()?;
        self.expect_keyword(Keyword::Using)?;
        let method = self.name()?;
        Ok(StatementKind::CreateOperatorFamily(self.boxed(CreateOperatorFamily { name, method })))
    }

    fn create_operator_class(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let name = self.qualified_name()?;
        let is_default = self.eat_keyword(Keyword::Default)?;
        self.expect_keyword(Keyword::For)?;
        self.expect_keyword(Keyword::Type)?;
        let of = self.type_name()?;
        self.expect_keyword(Keyword::Using)?;
        let method = self.name()?;
        let family = match self.eat_keyword(Keyword::Family)? {
            true => Some(self.qualified_name()?),
            false => None,
        };
        self.expect_keyword(Keyword::As)?;
        let items = self.separated(Parser::class_item)?;
        let made = CreateOperatorClass { name, is_default, of, method, family, items };
        Ok(StatementKind::CreateOperatorClass(self.boxed(made)))
    }

    pub(super) fn alter_operator_family(
        &mut self,
        name: QualifiedName<'a>,
        method: Name<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        let (mut added, mut dropped): (&'a [ClassItem<'a>], &'a [DroppedItem<'a>]) = (&[], &[]);
        if self.eat_keyword(Keyword::Add)? {
            added = self.separated(Parser::class_item)?;
        } else {
            self.expect_keyword(Keyword::Drop)?;
            dropped = self.separated(|parser| {
                let is_operator = parser.eat_keyword(Keyword::Operator)?;
                if !is_operator {
                    parser.expect_keyword(Keyword::Function)?;
                }
                let number = parser.integer()?;
                Ok(DroppedItem { is_operator, number, of: parser.parenthesised(Parser::type_name)? })
            })?;
        }
        let altered = AlterOperatorFamily { name, method, added, dropped };
        Ok(StatementKind::AlterOperatorFamily(self.boxed(altered)))
    }

    /// `OPERATOR n …`, `FUNCTION n …`, `STORAGE type`
    fn class_item(&mut self) -> SyntaxResult<ClassItem<'a>> {
        if self.eat_keyword(Keyword::Storage)? {
            return Ok(ClassItem::Storage(self.type_name()?));
        }
        if self.eat_keyword(Keyword::Function)? {
            let number = self.integer()?;
            let of = match self.at(TokenKind::LeftParenthesis) {
                true => Some(self.parenthesised(Parser::type_name)?),
                false => None,
            };
            return Ok(ClassItem::Function { number, of, function: self.signature()? });
        }
        self.expect_keyword(Keyword::Operator)?;
        let number = self.integer()?;
        let operator = self.named_operator()?;
        let operands = match self.at(TokenKind::LeftParenthesis) {
            true => Some(self.operand_types()?),
            false => None,
        };
        let mut order_by = None;
        if self.eat_keyword(Keyword::For)? && !self.eat_keyword(Keyword::Search)? {
            self.expect_keyword(Keyword::Order)?;
            self.expect_keyword(Keyword::By)?;
            order_by = Some(self.qualified_name()?);
        }
        let position = self.position();
        match self.eat_keyword(Keyword::Recheck)? {
            true => Err(self.refused(Rule::Recheck, position)),
            false => Ok(ClassItem::Operator { number, operator, operands, order_by }),
        }
    }

    /// `(name = value, name = NONE, …)` of an operator or a type (`operator_def_list`).
    pub(in super::super) fn operator_definitions(&mut self) -> SyntaxResult<&'a [Definition<'a>]> {
        self.definitions()
    }
}
