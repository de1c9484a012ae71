//! Schemas, views, types, domains.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::cast::{CastBy, CastUse, CreateCast};
use crate::tree::schema::{
    CheckOption, CreateDomain, CreateSchema, CreateType, CreateTypeKind, CreateView, RefreshView,
};
use crate::tree::select::Persistence;
use crate::tree::table::ColumnSpecification;
use crate::tree::{Statement, StatementKind};

impl<'a> Parser<'a> {
    /// `CREATE SCHEMA …`; the current token is `SCHEMA`.
    pub(super) fn create_schema(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let if_not_exists = self.if_not_exists()?;
        let name = match self.at_keyword(Keyword::Authorization) {
            true => None,
            false => Some(self.name()?),
        };
        let owner = match self.eat_keyword(Keyword::Authorization)? {
            true => Some(self.role()?),
            false => None,
        };
        let place = self.position();
        let mut elements = self.list();
        while matches!(self.kind(), TokenKind::Keyword(Keyword::Create | Keyword::Grant)) {
            elements.push(self.deeper(Parser::schema_element)?);
        }
        if if_not_exists && !elements.is_empty() {
            return Err(self.refused(Rule::ElementsOfExistingSchema, place));
        }
        let elements = elements.into_bump_slice();
        Ok(StatementKind::CreateSchema(self.boxed(CreateSchema { if_not_exists, name, owner, elements })))
    }

    fn schema_element(&mut self) -> SyntaxResult<Statement<'a>> {
        let start = self.position();
        let kind = match self.at_keyword(Keyword::Grant) {
            true => {
                let kind = self.grant()?;
                if !matches!(kind, StatementKind::Grant(_)) {
                    return Err(self.unexpected());
                }
                kind
            }
            false => self.create_in_schema()?,
        };
        Ok(Statement { kind, start, end: self.taken_to })
    }

    /// `CREATE VIEW …`; the current token is `VIEW` or `RECURSIVE`.
    pub(super) fn create_view(
        &mut self,
        or_replace: bool,
        persistence: Persistence,
    ) -> SyntaxResult<StatementKind<'a>> {
        let recursive = self.eat_keyword(Keyword::Recursive)?;
        self.expect_keyword(Keyword::View)?;
        let name = self.relation_name()?;
        let columns = match recursive {
            true => self.parenthesised(Parser::name)?,
            false => self.optional_names()?,
        };
        let options = self.with_relation_options()?;
        self.expect_keyword(Keyword::As)?;
        let mut query = self.statement_query(None)?;
        let place = self.position();
        let check = self.check_option()?;
        if recursive {
            if check.is_some() {
                return Err(self.refused(Rule::CheckOfRecursiveView, place));
            }
            if let Some(last) = name.parts.last() {
                query = self.query_of_recursive_view(*last, columns, query);
            }
        }
        Ok(StatementKind::CreateView(self.boxed(CreateView {
            or_replace,
            persistence,
            name,
            columns,
            options,
            query,
            check,
        })))
    }

    fn check_option(&mut self) -> SyntaxResult<Option<CheckOption>> {
        if !self.eat_keyword(Keyword::With)? {
            return Ok(None);
        }
        let local = self.eat_keyword(Keyword::Local)?;
        if !local {
            self.eat_keyword(Keyword::Cascaded)?;
        }
        self.expect_keyword(Keyword::Check)?;
        self.expect_keyword(Keyword::Option)?;
        Ok(Some(if local { CheckOption::Local } else { CheckOption::Cascaded }))
    }

    /// `REFRESH MATERIALIZED VIEW …`
    pub(super) fn refresh(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Refresh)?;
        self.expect_keyword(Keyword::Materialized)?;
        self.expect_keyword(Keyword::View)?;
        let concurrently = self.eat_keyword(Keyword::Concurrently)?;
        let name = self.relation_name()?;
        let with_data = self.with_data()?;
        Ok(StatementKind::RefreshView(self.boxed(RefreshView { concurrently, name, with_data })))
    }

    /// `CREATE TYPE …`; the current token is `TYPE`.
    pub(super) fn create_type(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let name = self.qualified_name()?;
        let kind = match self.kind() {
            TokenKind::LeftParenthesis => CreateTypeKind::Base(self.definitions()?),
            TokenKind::Keyword(Keyword::As) => {
                self.take()?;
                self.type_contents()?
            }
            _ => CreateTypeKind::Shell,
        };
        Ok(StatementKind::CreateType(self.boxed(CreateType { name, kind })))
    }

    /// `CREATE CAST …`; the current token is `CAST`.
    pub(super) fn create_cast(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let (source, target) = self.cast_types()?;
        let by = if self.eat_keyword(Keyword::Without)? {
            self.expect_keyword(Keyword::Function)?;
            CastBy::Nothing
        } else {
            self.expect_keyword(Keyword::With)?;
            match self.eat_keyword(Keyword::Inout)? {
                true => CastBy::Text,
                false => {
                    self.expect_keyword(Keyword::Function)?;
                    CastBy::Function(self.signature()?)
                }
            }
        };
        let when = match self.eat_keyword(Keyword::As)? {
            false => CastUse::Explicit,
            true if self.eat_keyword(Keyword::Implicit)? => CastUse::Implicit,
            true => {
                self.expect_keyword(Keyword::Assignment)?;
                CastUse::Assignment
            }
        };
        Ok(StatementKind::CreateCast(self.boxed(CreateCast { source, target, by, when })))
    }

    fn type_contents(&mut self) -> SyntaxResult<CreateTypeKind<'a>> {
        if self.eat_keyword(Keyword::Range)? {
            return Ok(CreateTypeKind::Range(self.definitions()?));
        }
        let is_enum = self.eat_keyword(Keyword::Enum)?;
        self.expect(TokenKind::LeftParenthesis)?;
        let empty = self.at(TokenKind::RightParenthesis);
        let kind = match is_enum {
            true if empty => CreateTypeKind::Enum(&[]),
            true => CreateTypeKind::Enum(self.separated(Parser::string_name)?),
            false if empty => CreateTypeKind::Composite(&[]),
            false => CreateTypeKind::Composite(self.separated(Parser::attribute)?),
        };
        self.expect(TokenKind::RightParenthesis)?;
        Ok(kind)
    }

    /// `name type [COLLATE …]` of a composite type (`TableFuncElement`).
    pub(super) fn attribute(&mut self) -> SyntaxResult<ColumnSpecification<'a>> {
        let name = self.name()?;
        let type_name = Some(self.type_name()?);
        let collation = self.collation_clause()?;
        Ok(ColumnSpecification {
            name,
            type_name,
            compression: None,
            foreign_options: &[],
            collation,
            constraints: &[],
        })
    }

    /// `CREATE DOMAIN …`; the current token is `DOMAIN`.
    pub(super) fn create_domain(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let name = self.qualified_name()?;
        self.eat_keyword(Keyword::As)?;
        let type_name = self.type_name()?;
        let (constraints, collation) = self.column_constraints()?;
        Ok(StatementKind::CreateDomain(self.boxed(CreateDomain { name, type_name, collation, constraints })))
    }
}
