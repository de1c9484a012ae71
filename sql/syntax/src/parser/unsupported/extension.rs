//! Extensions and text search.

use super::super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::Name;
use crate::tree::StatementKind;
use crate::tree::object::{AlterExtension, CreateExtension, ExtensionAction, ObjectKind};

impl<'a> Parser<'a> {
    pub(super) fn create_extension(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let (if_not_exists, name) = (self.if_not_exists()?, self.name()?);
        let mut create =
            CreateExtension { if_not_exists, name, schema: None, version: None, cascade: false, twice: None };
        self.eat_plain_with()?;
        loop {
            match self.kind() {
                TokenKind::Keyword(Keyword::Schema) => {
                    let position = self.take()?.start;
                    create.twice = create.twice.or(create.schema.map(|_| position));
                    create.schema = Some(self.name()?);
                }
                TokenKind::Keyword(Keyword::Version) => {
                    let position = self.take()?.start;
                    create.twice = create.twice.or(create.version.map(|_| position));
                    create.version = Some(self.unreserved_name_or_string()?);
                }
                TokenKind::Keyword(Keyword::From) => {
                    let position = self.take()?.start;
                    self.unreserved_name_or_string()?;
                    return Err(self.refused(Rule::ExtensionFrom, position));
                }
                TokenKind::Keyword(Keyword::Cascade) => {
                    let position = self.take()?.start;
                    create.twice = create.twice.or(create.cascade.then_some(position));
                    create.cascade = true;
                }
                _ => {
                    return Ok(StatementKind::CreateExtension(self.boxed(create)));
                }
            }
        }
    }

    pub(super) fn alter_extension(&mut self, name: Name<'a>) -> SyntaxResult<StatementKind<'a>> {
        let action = if self.eat_keyword(Keyword::Update)? {
            let (mut version, mut twice) = (None, None);
            while self.at_keyword(Keyword::To) {
                let position = self.take()?.start;
                twice = twice.or(version.map(|_| position));
                version = Some(self.unreserved_name_or_string()?);
            }
            ExtensionAction::Update(version, twice)
        } else {
            let adds = self.eat_keyword(Keyword::Add)?;
            if !adds {
                self.expect_keyword(Keyword::Drop)?;
            }
            let kind = self.object_kind(may_be_member)?;
            self.object_name(kind)?;
            if adds { ExtensionAction::Add } else { ExtensionAction::Drop }
        };
        Ok(StatementKind::AlterExtension(self.boxed(AlterExtension { name, action })))
    }

    pub(super) fn create_text_search(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let kind = self.object_kind(is_text_search)?;
        self.qualified_name()?;
        self.definitions()?;
        Ok(StatementKind::Unsupported(match kind {
            ObjectKind::TextSearchConfiguration => "CREATE TEXT SEARCH CONFIGURATION",
            ObjectKind::TextSearchDictionary => "CREATE TEXT SEARCH DICTIONARY",
            ObjectKind::TextSearchParser => "CREATE TEXT SEARCH PARSER",
            _ => "CREATE TEXT SEARCH TEMPLATE",
        }))
    }

    pub(super) fn alter_text_search_configuration(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let TokenKind::Keyword(word) = self.kind() else { return Err(self.unexpected()) };
        if !matches!(word, Keyword::Add | Keyword::Alter | Keyword::Drop) {
            return Err(self.unexpected());
        }
        self.take()?;
        self.expect_keyword(Keyword::Mapping)?;
        if word == Keyword::Drop {
            self.if_exists()?;
        }
        let replaces = word == Keyword::Alter && self.at_keyword(Keyword::Replace);
        if !replaces {
            self.expect_keyword(Keyword::For)?;
            self.separated(Parser::name)?;
        }
        if word != Keyword::Drop {
            if word == Keyword::Alter && self.eat_keyword(Keyword::Replace)? {
                self.qualified_name()?;
                self.expect_keyword(Keyword::With)?;
                self.qualified_name()?;
            } else {
                self.expect_keyword(Keyword::With)?;
                self.separated(Parser::qualified_name)?;
            }
        }
        Ok(StatementKind::Unsupported("ALTER TEXT SEARCH CONFIGURATION"))
    }
}

fn is_text_search(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::TextSearchConfiguration
            | ObjectKind::TextSearchDictionary
            | ObjectKind::TextSearchParser
            | ObjectKind::TextSearchTemplate
    )
}

/// Whether an extension may own objects of the kind.
fn may_be_member(kind: ObjectKind) -> bool {
    !matches!(
        kind,
        ObjectKind::Column
            | ObjectKind::Constraint
            | ObjectKind::DomainConstraint
            | ObjectKind::LargeObject
            | ObjectKind::Policy
            | ObjectKind::Rule
            | ObjectKind::Trigger
    )
}
