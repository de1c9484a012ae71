//! Indexes and what they are on.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::{Keyword, KeywordClass};
use crate::lexer::TokenKind;
use crate::tree::StatementKind;
use crate::tree::index::{CreateIndex, IndexElement, IndexKey};
use crate::tree::select::SortDirection;

impl<'a> Parser<'a> {
    /// `CREATE [UNIQUE] INDEX …`; the current token is `UNIQUE` or `INDEX`.
    pub(super) fn create_index(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let unique = self.eat_keyword(Keyword::Unique)?;
        self.expect_keyword(Keyword::Index)?;
        let concurrently = self.eat_keyword(Keyword::Concurrently)?;
        let if_not_exists = self.if_not_exists()?;
        let name = match if_not_exists || !self.at_keyword(Keyword::On) {
            true => Some(self.name()?),
            false => None,
        };
        self.expect_keyword(Keyword::On)?;
        let table = self.relation()?;
        let method = self.name_after(Keyword::Using)?;
        let elements = self.parenthesised(Parser::index_element)?;
        let include = match self.eat_keyword(Keyword::Include)? {
            true => self.parenthesised(Parser::index_element)?,
            false => &[],
        };
        let nulls_distinct = self.nulls_distinct()?;
        let options = self.with_relation_options()?;
        let tablespace = self.name_after(Keyword::Tablespace)?;
        let condition = self.optional_after(Keyword::Where)?;
        Ok(StatementKind::CreateIndex(self.boxed(CreateIndex {
            unique,
            concurrently,
            if_not_exists,
            name,
            table,
            method,
            elements,
            include,
            nulls_distinct,
            options,
            tablespace,
            condition,
        })))
    }

    /// `NULLS [NOT] DISTINCT`, which are distinct if nothing is said.
    pub(super) fn nulls_distinct(&mut self) -> SyntaxResult<bool> {
        if !self.eat_keyword(Keyword::Nulls)? {
            return Ok(true);
        }
        let distinct = !self.eat_keyword(Keyword::Not)?;
        self.expect_keyword(Keyword::Distinct)?;
        Ok(distinct)
    }

    /// A column, a call, or an expression in parentheses, with its collation, class and order (`index_elem`).
    pub(crate) fn index_element(&mut self) -> SyntaxResult<IndexElement<'a>> {
        let position = self.position();
        let key = self.index_key()?;
        self.index_element_from(key, position)
    }

    pub(super) fn index_key(&mut self) -> SyntaxResult<IndexKey<'a>> {
        if self.at(TokenKind::LeftParenthesis) {
            return Ok(IndexKey::Expression(self.expression_in_parentheses()?));
        }
        let next = self.next()?.kind;
        let calls = match self.kind() {
            TokenKind::Identifier => {
                matches!(next, TokenKind::LeftParenthesis | TokenKind::Dot | TokenKind::LeftBracket)
            }
            TokenKind::Keyword(Keyword::Collation) => true,
            TokenKind::Keyword(keyword) => match keyword.class() {
                KeywordClass::Unreserved => {
                    matches!(next, TokenKind::LeftParenthesis | TokenKind::Dot | TokenKind::LeftBracket)
                }
                KeywordClass::ColumnName => {
                    next == TokenKind::LeftParenthesis && self.has_call_syntax(keyword)
                        || next == TokenKind::Dot
                }
                KeywordClass::TypeOrFunctionName | KeywordClass::Reserved => true,
            },
            _ => return Err(self.unexpected()),
        };
        match calls {
            true => Ok(IndexKey::Expression(self.windowless_call()?)),
            false => Ok(IndexKey::Column(self.name()?)),
        }
    }

    fn index_element_from(&mut self, key: IndexKey<'a>, position: u32) -> SyntaxResult<IndexElement<'a>> {
        let collation = match self.eat_keyword(Keyword::Collate)? {
            true => Some(self.qualified_name()?),
            false => None,
        };
        let begins_nulls = self.at_nulls_order()?;
        let class = match self.at_name() && !begins_nulls {
            true => Some(self.qualified_name()?),
            false => None,
        };
        let class_options = match class.is_some() && self.at(TokenKind::LeftParenthesis) {
            true => self.relation_options()?,
            false => &[],
        };
        let direction = match self.kind() {
            TokenKind::Keyword(Keyword::Asc) => SortDirection::Ascending,
            TokenKind::Keyword(Keyword::Desc) => SortDirection::Descending,
            _ => SortDirection::Default,
        };
        if direction != SortDirection::Default {
            self.take()?;
        }
        let nulls = self.nulls_order()?;
        Ok(IndexElement { key, collation, class, class_options, direction, nulls, position })
    }

    /// What a table is partitioned by: a key with its collation and class (`part_elem`).
    pub(super) fn partition_element(&mut self) -> SyntaxResult<IndexElement<'a>> {
        let position = self.position();
        let key = self.index_key()?;
        let collation = match self.eat_keyword(Keyword::Collate)? {
            true => Some(self.qualified_name()?),
            false => None,
        };
        let class = match self.at_name() {
            true => Some(self.qualified_name()?),
            false => None,
        };
        let direction = SortDirection::Default;
        Ok(IndexElement { key, collation, class, class_options: &[], direction, nulls: None, position })
    }

    fn at_nulls_order(&mut self) -> SyntaxResult<bool> {
        Ok(self.at_keywords(Keyword::Nulls, Keyword::First)?
            || self.at_keywords(Keyword::Nulls, Keyword::Last)?)
    }
}
