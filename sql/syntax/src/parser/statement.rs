//! Which statement it is.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::object::CreateExtension;
use crate::tree::select::{Persistence, With};
use crate::tree::{Query, Statement, StatementKind};

impl<'a> Parser<'a> {
    /// One statement.
    pub(crate) fn statement(&mut self) -> SyntaxResult<Statement<'a>> {
        let start = self.position();
        let kind = self.statement_kind()?;
        Ok(Statement { kind, start, end: self.taken_to })
    }

    fn statement_kind(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let TokenKind::Keyword(keyword) = self.kind() else { return self.preparable_kind() };
        match keyword {
            Keyword::Create => self.create(),
            Keyword::Alter => self.alter(),
            Keyword::Drop => self.drop_statement(),
            Keyword::Comment => self.comment(),
            Keyword::Security => self.security_label(),
            Keyword::Import => self.import_foreign_schema(),
            Keyword::Truncate => self.truncate(),
            Keyword::Copy => self.copy(),
            Keyword::Refresh => self.refresh(),
            Keyword::Grant | Keyword::Revoke => self.grant(),
            Keyword::Reassign => self.reassign_owned(),
            Keyword::Begin
            | Keyword::Start
            | Keyword::Commit
            | Keyword::End
            | Keyword::Rollback
            | Keyword::Abort
            | Keyword::Savepoint
            | Keyword::Release => self.transaction(keyword),
            Keyword::Set => self.set(),
            Keyword::Reset => self.reset(),
            Keyword::Show => self.show(),
            Keyword::Discard => self.discard(),
            Keyword::Prepare => self.prepare(),
            Keyword::Execute => {
                let execute = self.execute_clause()?;
                Ok(StatementKind::Execute(self.boxed(execute)))
            }
            Keyword::Deallocate => self.deallocate(),
            Keyword::Declare => self.declare(),
            Keyword::Fetch | Keyword::Move => self.fetch_statement(),
            Keyword::Close => self.close(),
            Keyword::Explain => self.explain(),
            Keyword::Vacuum => self.vacuum(),
            Keyword::Analyze | Keyword::Analyse => self.analyze(),
            Keyword::Cluster => self.cluster(),
            Keyword::Reindex => self.reindex(),
            Keyword::Checkpoint => {
                self.take()?;
                Ok(StatementKind::Checkpoint)
            }
            Keyword::Lock => self.lock(),
            Keyword::Call => self.call_statement(),
            Keyword::Do => self.do_statement(),
            Keyword::Listen => {
                self.take()?;
                Ok(StatementKind::Listen(self.name()?))
            }
            Keyword::Unlisten => self.unlisten(),
            Keyword::Notify => self.notify(),
            Keyword::Load => {
                self.take()?;
                Ok(StatementKind::Load(self.string()?))
            }
            _ => self.preparable_kind(),
        }
    }

    /// A query or a change of rows: what `PREPARE`, `COPY` and `WITH` take (`PreparableStmt`).
    pub(super) fn preparable_statement(&mut self) -> SyntaxResult<Statement<'a>> {
        let start = self.position();
        let kind = self.preparable_kind()?;
        Ok(Statement { kind, start, end: self.taken_to })
    }

    pub(super) fn preparable_kind(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let with = self.with_clause()?;
        match self.kind() {
            TokenKind::Keyword(Keyword::Insert) => self.insert(with),
            TokenKind::Keyword(Keyword::Update) => self.update(with),
            TokenKind::Keyword(Keyword::Delete) => self.delete(with),
            TokenKind::Keyword(Keyword::Merge) => self.merge(with),
            _ => Ok(StatementKind::Query(self.statement_query(with)?)),
        }
    }

    /// A query as a statement, which may stand in parentheses (`SelectStmt`).
    pub(super) fn statement_query(&mut self, with: Option<With<'a>>) -> SyntaxResult<&'a Query<'a>> {
        if let Some(with) = with {
            let query = self.query_with(with)?;
            return Ok(self.boxed(query));
        }
        if self.at(TokenKind::LeftParenthesis) {
            let inner = self.parenthesised_query()?;
            return match self.at_query_continuation() {
                true => {
                    let whole = self.query_from(inner)?;
                    Ok(self.boxed(whole))
                }
                false => Ok(inner),
            };
        }
        let query = self.query()?;
        Ok(self.boxed(query))
    }

    /// What `EXPLAIN` takes.
    pub(super) fn explainable_statement(&mut self) -> SyntaxResult<Statement<'a>> {
        let start = self.position();
        let kind = match self.kind() {
            TokenKind::Keyword(Keyword::Declare) => self.declare()?,
            TokenKind::Keyword(Keyword::Refresh) => self.refresh()?,
            TokenKind::Keyword(Keyword::Execute) => {
                let execute = self.execute_clause()?;
                StatementKind::Execute(self.boxed(execute))
            }
            TokenKind::Keyword(Keyword::Create) => {
                self.take()?;
                let persistence = self.persistence()?;
                match self.kind() {
                    TokenKind::Keyword(Keyword::Table) => self.create_table_as(persistence)?,
                    TokenKind::Keyword(Keyword::Materialized) if persistence != Persistence::Temporary => {
                        self.create_materialized_view(persistence)?
                    }
                    _ => return Err(self.unexpected()),
                }
            }
            _ => self.preparable_kind()?,
        };
        Ok(Statement { kind, start, end: self.taken_to })
    }

    /// `CREATE …`
    fn create(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Create)?;
        if self.eat_keyword(Keyword::Or)? {
            self.expect_keyword(Keyword::Replace)?;
            return self.create_or_replace();
        }
        let persistence = self.persistence()?;
        match self.kind() {
            TokenKind::Keyword(Keyword::Table) => return self.create_table(persistence, true),
            TokenKind::Keyword(Keyword::Sequence) => return self.create_sequence(persistence),
            TokenKind::Keyword(Keyword::View | Keyword::Recursive) => {
                return self.create_view(false, persistence);
            }
            TokenKind::Keyword(Keyword::Materialized) if persistence != Persistence::Temporary => {
                return self.create_materialized_view(persistence);
            }
            _ if persistence != Persistence::Permanent => return Err(self.unexpected()),
            _ => {}
        }
        match self.kind() {
            TokenKind::Keyword(Keyword::Unique | Keyword::Index) => self.create_index(),
            TokenKind::Keyword(Keyword::Schema) => self.create_schema(),
            TokenKind::Keyword(Keyword::Type) => self.create_type(),
            TokenKind::Keyword(Keyword::Domain) => self.create_domain(),
            TokenKind::Keyword(Keyword::Function | Keyword::Procedure) => self.create_routine(false),
            TokenKind::Keyword(Keyword::Aggregate) => self.create_aggregate(false),
            TokenKind::Keyword(Keyword::Rule) => self.create_rule(false),
            TokenKind::Keyword(Keyword::Trigger | Keyword::Constraint) => self.create_trigger(false),
            TokenKind::Keyword(Keyword::Database) => self.create_database(),
            TokenKind::Keyword(Keyword::User)
                if self.next()?.kind == TokenKind::Keyword(Keyword::Mapping) =>
            {
                self.create_user_mapping()
            }
            TokenKind::Keyword(Keyword::Role | Keyword::User | Keyword::Group) => self.create_role(),
            _ => self.create_unsupported(),
        }
    }

    fn create_or_replace(&mut self) -> SyntaxResult<StatementKind<'a>> {
        match self.kind() {
            TokenKind::Keyword(Keyword::Function | Keyword::Procedure) => return self.create_routine(true),
            TokenKind::Keyword(Keyword::Aggregate) => return self.create_aggregate(true),
            TokenKind::Keyword(Keyword::Rule) => return self.create_rule(true),
            TokenKind::Keyword(Keyword::Trigger | Keyword::Constraint) => return self.create_trigger(true),
            TokenKind::Keyword(keyword) if is_replaceable(keyword) => {
                return Ok(match self.create_unsupported()? {
                    StatementKind::CreateExtension(extension) => {
                        let again = CreateExtension { if_not_exists: true, ..*extension };
                        StatementKind::CreateExtension(self.boxed(again))
                    }
                    other => other,
                });
            }
            _ => {}
        }
        let persistence = self.persistence()?;
        match self.kind() {
            TokenKind::Keyword(Keyword::View | Keyword::Recursive) => self.create_view(true, persistence),
            _ => Err(self.unexpected()),
        }
    }

    /// What may stand within `CREATE SCHEMA`.
    pub(super) fn create_in_schema(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Create)?;
        if self.eat_keyword(Keyword::Or)? {
            self.expect_keyword(Keyword::Replace)?;
            return match self.kind() {
                TokenKind::Keyword(Keyword::Trigger | Keyword::Constraint) => self.create_trigger(true),
                _ => {
                    let persistence = self.persistence()?;
                    self.create_view(true, persistence)
                }
            };
        }
        let persistence = self.persistence()?;
        match self.kind() {
            TokenKind::Keyword(Keyword::Table) => self.create_table(persistence, false),
            TokenKind::Keyword(Keyword::Sequence) => self.create_sequence(persistence),
            TokenKind::Keyword(Keyword::View | Keyword::Recursive) => self.create_view(false, persistence),
            _ if persistence != Persistence::Permanent => Err(self.unexpected()),
            TokenKind::Keyword(Keyword::Unique | Keyword::Index) => self.create_index(),
            TokenKind::Keyword(Keyword::Trigger | Keyword::Constraint) => self.create_trigger(false),
            _ => Err(self.unexpected()),
        }
    }

    /// `TEMPORARY`, `UNLOGGED` and their like (`OptTemp`).
    fn persistence(&mut self) -> SyntaxResult<Persistence> {
        match self.kind() {
            TokenKind::Keyword(Keyword::Local | Keyword::Global) => {
                self.take()?;
                if !self.eat_keyword(Keyword::Temporary)? {
                    self.expect_keyword(Keyword::Temp)?;
                }
                Ok(Persistence::Temporary)
            }
            TokenKind::Keyword(Keyword::Temporary | Keyword::Temp) => {
                self.take()?;
                Ok(Persistence::Temporary)
            }
            TokenKind::Keyword(Keyword::Unlogged) => {
                self.take()?;
                Ok(Persistence::Unlogged)
            }
            _ => Ok(Persistence::Permanent),
        }
    }
}

/// Words that `OR REPLACE` may stand before, beside routines and views.
fn is_replaceable(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::Aggregate | Keyword::Language | Keyword::Trusted | Keyword::Procedural | Keyword::Transform
    )
}
