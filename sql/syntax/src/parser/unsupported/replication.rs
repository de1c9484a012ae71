//! Publications and subscriptions.

use super::super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::StatementKind;

/// What an entry of a publication is about, where that goes on to entries that do not say it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Table,
    Schema,
    /// As the entry before it.
    Same,
}

/// An entry of a publication, as far as the rules need it.
#[derive(Clone, Copy)]
struct Published {
    entry: Entry,
    position: u32,
    /// Whether it can only be a table: with dots, `ONLY` or a star.
    is_table: bool,
    /// Whether it is `CURRENT_SCHEMA`.
    is_current: bool,
    has_condition: bool,
    has_columns: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn create_publication(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.name()?;
        if self.eat_keyword(Keyword::For)? {
            if self.eat_keyword(Keyword::All)? {
                self.expect_keyword(Keyword::Tables)?;
            } else {
                self.published()?;
            }
        }
        self.with_definitions()?;
        Ok(StatementKind::Unsupported("CREATE PUBLICATION"))
    }

    pub(super) fn alter_publication(&mut self) -> SyntaxResult<StatementKind<'a>> {
        if self.at_keyword(Keyword::Set) && self.next()?.kind == TokenKind::LeftParenthesis {
            self.take()?;
            self.definitions()?;
        } else {
            match self.kind() {
                TokenKind::Keyword(Keyword::Set | Keyword::Add | Keyword::Drop) => self.take()?,
                _ => return Err(self.unexpected()),
            };
            self.published()?;
        }
        Ok(StatementKind::Unsupported("ALTER PUBLICATION"))
    }

    fn published(&mut self) -> SyntaxResult<()> {
        let entries = self.separated(Parser::published_entry)?;
        let mut before = None;
        for entry in entries {
            let kind = match (entry.entry, before) {
                (Entry::Same, None) => return Err(self.refused(Rule::PublicationList, entry.position)),
                (Entry::Same, Some(kind)) => kind,
                (kind, _) => kind,
            };
            before = Some(kind);
            let rule = match kind {
                Entry::Table | Entry::Same if entry.is_current => Some(Rule::InvalidTableName),
                Entry::Table | Entry::Same => None,
                Entry::Schema if entry.has_condition => Some(Rule::WhereOfSchema),
                Entry::Schema if entry.has_columns => Some(Rule::ColumnsOfSchema),
                Entry::Schema if entry.is_table => Some(Rule::InvalidSchemaName),
                Entry::Schema => None,
            };
            if let Some(rule) = rule {
                return Err(self.refused(rule, entry.position));
            }
        }
        Ok(())
    }

    fn published_entry(&mut self) -> SyntaxResult<Published> {
        let mut found = Published {
            entry: Entry::Same,
            position: self.position(),
            is_table: false,
            is_current: false,
            has_condition: false,
            has_columns: false,
        };
        if self.eat_keyword(Keyword::Table)? {
            found.entry = Entry::Table;
            self.relation()?;
        } else if self.at_keywords(Keyword::Tables, Keyword::In)? {
            self.take()?;
            self.take()?;
            self.expect_keyword(Keyword::Schema)?;
            found.entry = Entry::Schema;
            found.position = self.position();
            if !self.eat_keyword(Keyword::CurrentSchema)? {
                self.name()?;
            }
            return Ok(found);
        } else if self.eat_keyword(Keyword::CurrentSchema)? {
            found.is_current = true;
            return Ok(found);
        } else if self.at_keyword(Keyword::Only) {
            self.relation()?;
            found.is_table = true;
        } else {
            let name = self.relation_name()?;
            found.is_table = self.eat(TokenKind::Star)? || name.parts.len() > 1;
        }
        if self.at(TokenKind::LeftParenthesis) {
            self.optional_names()?;
            found.has_columns = true;
        }
        if self.eat_keyword(Keyword::Where)? {
            self.expression_in_parentheses()?;
            found.has_condition = true;
        }
        Ok(found)
    }

    pub(super) fn create_subscription(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.name()?;
        self.expect_keyword(Keyword::Connection)?;
        self.string()?;
        self.expect_keyword(Keyword::Publication)?;
        self.separated(Parser::name)?;
        self.with_definitions()?;
        Ok(StatementKind::Unsupported("CREATE SUBSCRIPTION"))
    }

    pub(super) fn alter_subscription(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let TokenKind::Keyword(word) = self.kind() else { return Err(self.unexpected()) };
        match word {
            Keyword::Set | Keyword::Add | Keyword::Drop => {
                self.take()?;
                if word == Keyword::Set && self.at(TokenKind::LeftParenthesis) {
                    self.definitions()?;
                } else {
                    self.expect_keyword(Keyword::Publication)?;
                    self.separated(Parser::name)?;
                    self.with_definitions()?;
                }
            }
            Keyword::Connection => {
                self.take()?;
                self.string()?;
            }
            Keyword::Refresh => {
                self.take()?;
                self.expect_keyword(Keyword::Publication)?;
                self.with_definitions()?;
            }
            Keyword::Skip => {
                self.take()?;
                self.definitions()?;
            }
            Keyword::Enable | Keyword::Disable => {
                self.take()?;
            }
            _ => return Err(self.unexpected()),
        }
        Ok(StatementKind::Unsupported("ALTER SUBSCRIPTION"))
    }
}
