//! Publications and subscriptions.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::object::ObjectName;
use crate::tree::replication::{
    AlterPublication, AlterSubscription, CreatePublication, CreateSubscription, Published, PublishedChange,
    PublishedObject, PublishedTable, ReplicationStatement, SubscriptionChange,
};
use crate::tree::select::Relation;
use crate::tree::{Expression, Name, QualifiedName, StatementKind};

/// What an entry of a publication is about, where that goes on to entries that do not say it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Table,
    Schema,
    /// As the entry before it.
    Same,
}

/// An entry of a publication as it is written, of which the one before it may say what it means.
#[derive(Clone, Copy)]
struct Written<'a> {
    entry: Entry,
    position: u32,
    /// What it names; `None` for `CURRENT_SCHEMA`.
    relation: Option<Relation<'a>>,
    /// Whether it can only be a table: with dots, `ONLY` or a star.
    is_table: bool,
    columns: Option<&'a [Name<'a>]>,
    condition: Option<Expression<'a>>,
}

impl<'a> Parser<'a> {
    pub(super) fn create_publication(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let name = self.name()?;
        let mut published = Published::Objects(&[]);
        if self.eat_keyword(Keyword::For)? {
            if self.eat_keyword(Keyword::All)? {
                self.expect_keyword(Keyword::Tables)?;
                published = Published::AllTables;
            } else {
                published = Published::Objects(self.published()?);
            }
        }
        let options = self.with_definitions()?;
        let create = CreatePublication { name, published, options };
        Ok(self.replication(ReplicationStatement::CreatePublication(create)))
    }

    fn replication(&self, statement: ReplicationStatement<'a>) -> StatementKind<'a> {
        StatementKind::Replication(self.boxed(statement))
    }

    pub(super) fn alter_publication(&mut self, name: ObjectName<'a>) -> SyntaxResult<StatementKind<'a>> {
        let name = self.alone(name)?;
        let change = if self.at_keyword(Keyword::Set) && self.next()?.kind == TokenKind::LeftParenthesis {
            self.take()?;
            PublishedChange::Options(self.definitions()?)
        } else {
            let make = match self.kind() {
                TokenKind::Keyword(Keyword::Set) => PublishedChange::Set,
                TokenKind::Keyword(Keyword::Add) => PublishedChange::Add,
                TokenKind::Keyword(Keyword::Drop) => PublishedChange::Drop,
                _ => return Err(self.unexpected()),
            };
            self.take()?;
            make(self.published()?)
        };
        Ok(self.replication(ReplicationStatement::AlterPublication(AlterPublication { name, change })))
    }

    fn published(&mut self) -> SyntaxResult<&'a [PublishedObject<'a>]> {
        let entries = self.separated(Parser::published_entry)?;
        let mut before = None;
        let mut found = self.list();
        for entry in entries {
            let kind = match (entry.entry, before) {
                (Entry::Same, None) => return Err(self.refused(Rule::PublicationList, entry.position)),
                (Entry::Same, Some(kind)) => kind,
                (kind, _) => kind,
            };
            before = Some(kind);
            found.push(self.published_object(kind, entry)?);
        }
        Ok(found.into_bump_slice())
    }

    /// What an entry means, now that its kind is known.
    fn published_object(&self, kind: Entry, entry: &Written<'a>) -> SyntaxResult<PublishedObject<'a>> {
        let Written { position, relation, columns, condition, .. } = *entry;
        let is_schema = kind == Entry::Schema;
        let rule = match relation {
            None if !is_schema => Some(Rule::InvalidTableName),
            _ if is_schema && condition.is_some() => Some(Rule::WhereOfSchema),
            _ if is_schema && columns.is_some() => Some(Rule::ColumnsOfSchema),
            _ if is_schema && entry.is_table => Some(Rule::InvalidSchemaName),
            _ => None,
        };
        if let Some(rule) = rule {
            return Err(self.refused(rule, position));
        }
        Ok(match relation {
            None => PublishedObject::CurrentSchema,
            Some(Relation { name, .. }) if is_schema => match name.parts.last() {
                Some(name) => PublishedObject::Schema(*name),
                None => return Err(self.unexpected()),
            },
            Some(relation) => PublishedObject::Table(PublishedTable { relation, columns, condition }),
        })
    }

    fn published_entry(&mut self) -> SyntaxResult<Written<'a>> {
        let mut found = Written {
            entry: Entry::Same,
            position: self.position(),
            relation: None,
            is_table: false,
            columns: None,
            condition: None,
        };
        if self.eat_keyword(Keyword::Table)? {
            found.entry = Entry::Table;
            found.relation = Some(self.relation()?);
        } else if self.at_keywords(Keyword::Tables, Keyword::In)? {
            self.take()?;
            self.take()?;
            self.expect_keyword(Keyword::Schema)?;
            found.entry = Entry::Schema;
            found.position = self.position();
            if !self.eat_keyword(Keyword::CurrentSchema)? {
                let name = self.name()?;
                let parts = self.boxed([name]);
                found.relation = Some(Relation { name: QualifiedName { parts }, only: true });
            }
            return Ok(found);
        } else if self.eat_keyword(Keyword::CurrentSchema)? {
            return Ok(found);
        } else if self.at_keyword(Keyword::Only) {
            found.relation = Some(self.relation()?);
            found.is_table = true;
        } else {
            let name = self.relation_name()?;
            found.is_table = self.eat(TokenKind::Star)? || name.parts.len() > 1;
            found.relation = Some(Relation { name, only: false });
        }
        if self.at(TokenKind::LeftParenthesis) {
            found.columns = Some(self.optional_names()?);
        }
        if self.eat_keyword(Keyword::Where)? {
            found.condition = Some(self.expression_in_parentheses()?);
        }
        Ok(found)
    }

    pub(super) fn create_subscription(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let name = self.name()?;
        self.expect_keyword(Keyword::Connection)?;
        let connection = self.string()?;
        self.expect_keyword(Keyword::Publication)?;
        let publications = self.separated(Parser::name)?;
        let options = self.with_definitions()?;
        let create = CreateSubscription { name, connection, publications, options };
        Ok(self.replication(ReplicationStatement::CreateSubscription(create)))
    }

    pub(super) fn alter_subscription(&mut self, name: ObjectName<'a>) -> SyntaxResult<StatementKind<'a>> {
        let name = self.alone(name)?;
        let TokenKind::Keyword(word) = self.kind() else { return Err(self.unexpected()) };
        let change = match word {
            Keyword::Set | Keyword::Add | Keyword::Drop => {
                self.take()?;
                if word == Keyword::Set && self.at(TokenKind::LeftParenthesis) {
                    SubscriptionChange::Options(self.definitions()?)
                } else {
                    self.expect_keyword(Keyword::Publication)?;
                    let publications = self.separated(Parser::name)?;
                    let options = self.with_definitions()?;
                    match word {
                        Keyword::Set => SubscriptionChange::Set(publications, options),
                        Keyword::Add => SubscriptionChange::Add(publications, options),
                        _ => SubscriptionChange::Drop(publications, options),
                    }
                }
            }
            Keyword::Connection => {
                self.take()?;
                SubscriptionChange::Connection(self.string()?)
            }
            Keyword::Refresh => {
                self.take()?;
                self.expect_keyword(Keyword::Publication)?;
                SubscriptionChange::Refresh(self.with_definitions()?)
            }
            Keyword::Skip => {
                self.take()?;
                SubscriptionChange::Skip(self.definitions()?)
            }
            Keyword::Enable => {
                self.take()?;
                SubscriptionChange::Enable(true)
            }
            Keyword::Disable => {
                self.take()?;
                SubscriptionChange::Enable(false)
            }
            _ => return Err(self.unexpected()),
        };
        Ok(self.replication(ReplicationStatement::AlterSubscription(AlterSubscription { name, change })))
    }
}
