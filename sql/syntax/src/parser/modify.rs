//! `INSERT`, `UPDATE`, `DELETE`, `MERGE`.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::Name;
use crate::tree::StatementKind;
use crate::tree::expression::{Expression, ExpressionKind};
use crate::tree::modify::{
    Assignment, ColumnTarget, ConflictAction, ConflictTarget, Delete, Insert, InsertSource, Merge,
    MergeAction, MergeClause, OnConflict, Overriding, Update,
};
use crate::tree::select::{Target, With};

impl<'a> Parser<'a> {
    /// `INSERT INTO …`
    pub(super) fn insert(&mut self, with: Option<With<'a>>) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Insert)?;
        self.expect_keyword(Keyword::Into)?;
        let table = self.relation_name()?;
        let alias = self.name_after(Keyword::As)?;
        let mut columns = None;
        let mut overriding = None;
        let source = if self.at_keyword(Keyword::Default) {
            self.default_values()?;
            InsertSource::Defaults
        } else if self.at(TokenKind::LeftParenthesis) && self.opens_query()? {
            InsertSource::Query(self.statement_query(None)?)
        } else {
            if self.at(TokenKind::LeftParenthesis) {
                columns = Some(self.parenthesised(Parser::column_target)?);
            }
            overriding = self.overriding()?;
            InsertSource::Query(self.statement_query(None)?)
        };
        let conflict = self.on_conflict()?;
        let returning = self.returning()?;
        Ok(StatementKind::Insert(self.boxed(Insert {
            with,
            table,
            alias,
            columns,
            overriding,
            source,
            conflict,
            returning,
        })))
    }

    fn default_values(&mut self) -> SyntaxResult<()> {
        self.expect_keyword(Keyword::Default)?;
        self.expect_keyword(Keyword::Values)?;
        Ok(())
    }

    /// Whether the current parenthesis opens a query, not a list of columns.
    pub(super) fn opens_query(&mut self) -> SyntaxResult<bool> {
        let begins = matches!(
            self.next()?.kind,
            TokenKind::LeftParenthesis | TokenKind::Keyword(Keyword::Select | Keyword::With | Keyword::Table)
        );
        if begins {
            return Ok(true);
        }
        // `VALUES` names a column, too: then no parenthesis follows.
        if self.next()?.kind != TokenKind::Keyword(Keyword::Values) {
            return Ok(false);
        }
        Ok(self.third()?.kind == TokenKind::LeftParenthesis)
    }

    /// `a`, `a.b`, `a[1]`
    pub(super) fn column_target(&mut self) -> SyntaxResult<ColumnTarget<'a>> {
        let name = self.name()?;
        let path = self.checked_indirection()?;
        Ok(ColumnTarget { name, path })
    }

    fn overriding(&mut self) -> SyntaxResult<Option<Overriding>> {
        if !self.eat_keyword(Keyword::Overriding)? {
            return Ok(None);
        }
        let overriding = match self.eat_keyword(Keyword::User)? {
            true => Overriding::User,
            false => {
                self.expect_keyword(Keyword::System)?;
                Overriding::System
            }
        };
        self.expect_keyword(Keyword::Value)?;
        Ok(Some(overriding))
    }

    fn on_conflict(&mut self) -> SyntaxResult<Option<&'a OnConflict<'a>>> {
        if !self.at_keyword(Keyword::On) {
            return Ok(None);
        }
        let position = self.take()?.start;
        self.expect_keyword(Keyword::Conflict)?;
        let target = self.conflict_target()?;
        self.expect_keyword(Keyword::Do)?;
        let action = match self.eat_keyword(Keyword::Nothing)? {
            true => ConflictAction::Nothing,
            false => {
                self.expect_keyword(Keyword::Update)?;
                self.expect_keyword(Keyword::Set)?;
                let assignments = self.separated(Parser::assignment)?;
                let condition = self.optional_after(Keyword::Where)?;
                ConflictAction::Update { assignments, condition }
            }
        };
        Ok(Some(self.boxed(OnConflict { target, action, position })))
    }

    fn conflict_target(&mut self) -> SyntaxResult<ConflictTarget<'a>> {
        if self.eat_keyword(Keyword::On)? {
            self.expect_keyword(Keyword::Constraint)?;
            return Ok(ConflictTarget::Constraint(self.name()?));
        }
        if !self.at(TokenKind::LeftParenthesis) {
            return Ok(ConflictTarget::Any);
        }
        let position = self.position();
        let elements = self.parenthesised(Parser::index_element)?;
        let condition = self.optional_after(Keyword::Where)?;
        Ok(ConflictTarget::Index { elements, condition, position })
    }

    fn returning(&mut self) -> SyntaxResult<&'a [Target<'a>]> {
        match self.eat_keyword(Keyword::Returning)? {
            true => self.separated(Parser::target),
            false => Ok(&[]),
        }
    }

    /// An entry of `SET`.
    pub(super) fn assignment(&mut self) -> SyntaxResult<Assignment<'a>> {
        if self.at(TokenKind::LeftParenthesis) {
            let targets = self.parenthesised(Parser::column_target)?;
            self.expect(TokenKind::Equals)?;
            let position = self.position();
            let value = self.expression()?;
            return Ok(Assignment::Many { targets, value, position });
        }
        let target = self.column_target()?;
        self.expect(TokenKind::Equals)?;
        Ok(Assignment::One { target, value: self.expression()? })
    }

    /// An alias behind the table that is changed; `SET` begins something else (`relation_expr_opt_alias`).
    fn target_alias(&mut self) -> SyntaxResult<Option<Name<'a>>> {
        match self.eat_keyword(Keyword::As)? {
            true => self.name().map(Some),
            false if self.at_name() && !self.at_keyword(Keyword::Set) => self.name().map(Some),
            false => Ok(None),
        }
    }

    /// `WHERE …`, also `WHERE CURRENT OF cursor`.
    fn condition_or_cursor(&mut self) -> SyntaxResult<Option<Expression<'a>>> {
        if !self.eat_keyword(Keyword::Where)? {
            return Ok(None);
        }
        if self.at_keywords(Keyword::Current, Keyword::Of)? {
            let position = self.take()?.start;
            self.take()?;
            let kind = ExpressionKind::CurrentOf(self.name()?);
            return Ok(Some(Expression { kind, position }));
        }
        self.expression().map(Some)
    }

    /// `UPDATE …`
    pub(super) fn update(&mut self, with: Option<With<'a>>) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Update)?;
        let table = self.relation()?;
        let alias = self.target_alias()?;
        self.expect_keyword(Keyword::Set)?;
        let assignments = self.separated(Parser::assignment)?;
        let from = match self.eat_keyword(Keyword::From)? {
            true => self.separated(Parser::table_expression)?,
            false => &[],
        };
        let condition = self.condition_or_cursor()?;
        let returning = self.returning()?;
        let update = Update { with, table, alias, assignments, from, condition, returning };
        Ok(StatementKind::Update(self.boxed(update)))
    }

    /// `DELETE FROM …`
    pub(super) fn delete(&mut self, with: Option<With<'a>>) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Delete)?;
        self.expect_keyword(Keyword::From)?;
        let table = self.relation()?;
        let alias = self.target_alias()?;
        let using = match self.eat_keyword(Keyword::Using)? {
            true => self.separated(Parser::table_expression)?,
            false => &[],
        };
        let condition = self.condition_or_cursor()?;
        let returning = self.returning()?;
        Ok(StatementKind::Delete(self.boxed(Delete { with, table, alias, using, condition, returning })))
    }

    /// `MERGE INTO …`
    pub(super) fn merge(&mut self, with: Option<With<'a>>) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Merge)?;
        self.expect_keyword(Keyword::Into)?;
        let table = self.relation()?;
        let alias = self.target_alias()?;
        self.expect_keyword(Keyword::Using)?;
        let source = self.table_expression()?;
        self.expect_keyword(Keyword::On)?;
        let condition = self.expression()?;
        let mut clauses = self.list();
        loop {
            clauses.push(self.merge_clause()?);
            if !self.at_keyword(Keyword::When) {
                break;
            }
        }
        let clauses = clauses.into_bump_slice();
        Ok(StatementKind::Merge(self.boxed(Merge { with, table, alias, source, condition, clauses })))
    }

    fn merge_clause(&mut self) -> SyntaxResult<MergeClause<'a>> {
        let position = self.expect_keyword(Keyword::When)?.start;
        let matched = !self.eat_keyword(Keyword::Not)?;
        self.expect_keyword(Keyword::Matched)?;
        let condition = self.optional_after(Keyword::And)?;
        self.expect_keyword(Keyword::Then)?;
        let action = match self.kind() {
            TokenKind::Keyword(Keyword::Update) if matched => {
                self.take()?;
                self.expect_keyword(Keyword::Set)?;
                MergeAction::Update(self.separated(Parser::assignment)?)
            }
            TokenKind::Keyword(Keyword::Delete) if matched => {
                self.take()?;
                MergeAction::Delete
            }
            TokenKind::Keyword(Keyword::Insert) if !matched => self.merge_insert()?,
            _ => {
                self.expect_keyword(Keyword::Do)?;
                self.expect_keyword(Keyword::Nothing)?;
                MergeAction::Nothing
            }
        };
        Ok(MergeClause { matched, condition, action, position })
    }

    fn merge_insert(&mut self) -> SyntaxResult<MergeAction<'a>> {
        self.take()?;
        if self.at_keyword(Keyword::Default) {
            self.default_values()?;
            return Ok(MergeAction::Insert { columns: None, overriding: None, values: None });
        }
        let columns = match self.at(TokenKind::LeftParenthesis) {
            true => Some(self.parenthesised(Parser::column_target)?),
            false => None,
        };
        let overriding = self.overriding()?;
        self.expect_keyword(Keyword::Values)?;
        let values = Some(self.parenthesised(Parser::expression)?);
        Ok(MergeAction::Insert { columns, overriding, values })
    }
}
