//! `WITH`: common tables, and how a recursive one is searched.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::expression::{CastSyntax, Expression, ExpressionKind};
use crate::tree::select::{CommonTable, CycleClause, SearchClause, With};

impl<'a> Parser<'a> {
    /// `WITH [RECURSIVE] …`, if it stands here.
    pub(crate) fn with_clause(&mut self) -> SyntaxResult<Option<With<'a>>> {
        if !self.at_keyword(Keyword::With) {
            return Ok(None);
        }
        let position = self.take()?.start;
        // A common table may be called `recursive`.
        let recursive = self.at_keyword(Keyword::Recursive)
            && !matches!(self.next()?.kind, TokenKind::LeftParenthesis | TokenKind::Keyword(Keyword::As));
        if recursive {
            self.take()?;
        }
        let tables = self.deeper(|parser| parser.separated(Parser::common_table))?;
        Ok(Some(With { recursive, tables, position }))
    }

    fn common_table(&mut self) -> SyntaxResult<CommonTable<'a>> {
        let name = self.name()?;
        let columns = match self.at(TokenKind::LeftParenthesis) {
            true => self.parenthesised(Parser::name)?,
            false => &[],
        };
        self.expect_keyword(Keyword::As)?;
        let materialized = match self.eat_keyword(Keyword::Not)? {
            true => {
                self.expect_keyword(Keyword::Materialized)?;
                Some(false)
            }
            false => self.eat_keyword(Keyword::Materialized)?.then_some(true),
        };
        self.expect(TokenKind::LeftParenthesis)?;
        let statement = self.preparable_statement()?;
        self.expect(TokenKind::RightParenthesis)?;
        let search = self.search_clause()?;
        let cycle = self.cycle_clause()?;
        Ok(CommonTable { name, columns, materialized, statement, search, cycle })
    }

    fn search_clause(&mut self) -> SyntaxResult<Option<&'a SearchClause<'a>>> {
        if !self.at_keyword(Keyword::Search) {
            return Ok(None);
        }
        let position = self.take()?.start;
        let breadth_first = self.eat_keyword(Keyword::Breadth)?;
        if !breadth_first {
            self.expect_keyword(Keyword::Depth)?;
        }
        self.expect_keyword(Keyword::First)?;
        self.expect_keyword(Keyword::By)?;
        let by = self.separated(Parser::name)?;
        self.expect_keyword(Keyword::Set)?;
        let sequence = self.name()?;
        Ok(Some(self.boxed(SearchClause { breadth_first, by, sequence, position })))
    }

    fn cycle_clause(&mut self) -> SyntaxResult<Option<&'a CycleClause<'a>>> {
        if !self.at_keyword(Keyword::Cycle) {
            return Ok(None);
        }
        let position = self.take()?.start;
        let columns = self.separated(Parser::name)?;
        self.expect_keyword(Keyword::Set)?;
        let mark = self.name()?;
        let values = match self.eat_keyword(Keyword::To)? {
            true => {
                let to = self.cycle_mark()?;
                self.expect_keyword(Keyword::Default)?;
                Some((to, self.cycle_mark()?))
            }
            false => None,
        };
        self.expect_keyword(Keyword::Using)?;
        let path = self.name()?;
        Ok(Some(self.boxed(CycleClause { columns, mark, values, path, position })))
    }

    /// A constant that marks rows. Views are written with its type behind it; PostgreSQL, which writes them so, does not read that.
    fn cycle_mark(&mut self) -> SyntaxResult<Expression<'a>> {
        let constant = self.constant()?;
        if self.kind() != TokenKind::DoubleColon {
            return Ok(constant);
        }
        let position = self.take()?.start;
        let target = self.type_name()?;
        let (operand, target) = (self.boxed(constant), self.boxed(target));
        let kind = ExpressionKind::Cast { operand, target, syntax: CastSyntax::DoubleColon };
        Ok(Expression { kind, position })
    }
}
