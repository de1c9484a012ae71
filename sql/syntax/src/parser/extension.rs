//! `CREATE EXTENSION`, `ALTER EXTENSION`.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::object::{AlterExtension, CreateExtension, ExtensionAction, ObjectKind};
use crate::tree::{Name, StatementKind};

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
