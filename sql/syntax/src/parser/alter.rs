//! `ALTER …`: which object, and what all kinds of objects share: new names, owners, schemas.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::alter::{AlterDomain, AlterTable, DomainAction};
use crate::tree::object::{ObjectKind, ObjectName, Rename, SetOwner, SetSchema};
use crate::tree::option::DropBehavior;
use crate::tree::schema::{AlterBaseType, AlterEnum, EnumAction};
use crate::tree::select::Relation;
use crate::tree::sequence::AlterSequence;
use crate::tree::tablespace::{MoveAll, TablespaceStatement};
use crate::tree::{Name, QualifiedName, StatementKind};

impl<'a> Parser<'a> {
    /// `ALTER …`
    pub(super) fn alter(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Alter)?;
        match self.kind() {
            TokenKind::Keyword(Keyword::Default) => return self.default_privileges(),
            TokenKind::Keyword(Keyword::System) => return self.alter_system(),
            TokenKind::Keyword(Keyword::User)
                if self.next()?.kind == TokenKind::Keyword(Keyword::Mapping) =>
            {
                return self.alter_user_mapping();
            }
            TokenKind::Keyword(Keyword::Role | Keyword::User | Keyword::Group) => return self.alter_role(),
            _ => {}
        }
        let kind = self.object_kind(may_be_altered)?;
        match kind {
            ObjectKind::Table
            | ObjectKind::ForeignTable
            | ObjectKind::Index
            | ObjectKind::Sequence
            | ObjectKind::View
            | ObjectKind::MaterializedView => self.alter_relation(kind),
            ObjectKind::Type => self.alter_type(),
            ObjectKind::Domain => self.alter_domain(),
            ObjectKind::Policy | ObjectKind::Rule | ObjectKind::Trigger => self.alter_part(kind),
            ObjectKind::Statistics => self.alter_statistics(),
            ObjectKind::AccessMethod
            | ObjectKind::Aggregate
            | ObjectKind::Cast
            | ObjectKind::Collation
            | ObjectKind::Column
            | ObjectKind::Constraint
            | ObjectKind::Conversion
            | ObjectKind::Database
            | ObjectKind::DomainConstraint
            | ObjectKind::EventTrigger
            | ObjectKind::Extension
            | ObjectKind::ForeignDataWrapper
            | ObjectKind::Function
            | ObjectKind::Language
            | ObjectKind::LargeObject
            | ObjectKind::Operator
            | ObjectKind::OperatorClass
            | ObjectKind::OperatorFamily
            | ObjectKind::Procedure
            | ObjectKind::Publication
            | ObjectKind::Role
            | ObjectKind::Routine
            | ObjectKind::Schema
            | ObjectKind::Server
            | ObjectKind::Subscription
            | ObjectKind::Tablespace
            | ObjectKind::TextSearchConfiguration
            | ObjectKind::TextSearchDictionary
            | ObjectKind::TextSearchParser
            | ObjectKind::TextSearchTemplate
            | ObjectKind::Transform => {
                let object = self.object_name(kind)?;
                match self.shared_change(kind, object)? {
                    Some(change) => Ok(change),
                    None => self.alter_own(kind, object),
                }
            }
        }
    }

    /// `RENAME TO`, `OWNER TO`, `SET SCHEMA`, `DEPENDS ON EXTENSION`, as far as the kind has them.
    pub(super) fn shared_change(
        &mut self,
        kind: ObjectKind,
        object: ObjectName<'a>,
    ) -> SyntaxResult<Option<StatementKind<'a>>> {
        match self.kind() {
            TokenKind::Keyword(Keyword::Rename) if has_name(kind) => {
                self.take()?;
                self.expect_keyword(Keyword::To)?;
                let to = self.name()?;
                self.renamed(kind, None, false, object, None, to).map(Some)
            }
            TokenKind::Keyword(Keyword::Owner) if has_owner(kind) => {
                self.take()?;
                self.expect_keyword(Keyword::To)?;
                let owner = self.role()?;
                Ok(Some(StatementKind::SetOwner(self.boxed(SetOwner { kind, object, owner }))))
            }
            TokenKind::Keyword(Keyword::Set) if has_schema(kind) => {
                // What else is set of some kinds begins with the same word; a routine has a search path, too.
                let to_schema = self.next()?.kind == TokenKind::Keyword(Keyword::Schema)
                    && self.third()?.kind != TokenKind::String;
                if to_schema {
                    return self.set_schema(kind, false, object).map(Some);
                }
                if sets_more(kind) {
                    return Ok(None);
                }
                self.take()?;
                self.expect_keyword(Keyword::Schema)?;
                Err(self.unexpected())
            }
            TokenKind::Keyword(Keyword::No | Keyword::Depends)
                if matches!(kind, ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine) =>
            {
                self.depends(kind).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// `[NO] DEPENDS ON EXTENSION name`
    fn depends(&mut self, kind: ObjectKind) -> SyntaxResult<StatementKind<'a>> {
        self.eat_keyword(Keyword::No)?;
        self.expect_keyword(Keyword::Depends)?;
        self.expect_keyword(Keyword::On)?;
        self.expect_keyword(Keyword::Extension)?;
        self.name()?;
        Ok(StatementKind::Unsupported(match kind {
            ObjectKind::Function => "ALTER FUNCTION DEPENDS ON EXTENSION",
            ObjectKind::Procedure => "ALTER PROCEDURE DEPENDS ON EXTENSION",
            ObjectKind::Routine => "ALTER ROUTINE DEPENDS ON EXTENSION",
            ObjectKind::Trigger => "ALTER TRIGGER DEPENDS ON EXTENSION",
            ObjectKind::MaterializedView => "ALTER MATERIALIZED VIEW DEPENDS ON EXTENSION",
            _ => "ALTER INDEX DEPENDS ON EXTENSION",
        }))
    }

    fn set_schema(
        &mut self,
        kind: ObjectKind,
        if_exists: bool,
        object: ObjectName<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Set)?;
        self.expect_keyword(Keyword::Schema)?;
        let schema = self.name()?;
        Ok(StatementKind::SetSchema(self.boxed(SetSchema { kind, if_exists, object, schema })))
    }

    fn renamed(
        &self,
        kind: ObjectKind,
        of: Option<ObjectKind>,
        if_exists: bool,
        object: ObjectName<'a>,
        part: Option<Name<'a>>,
        to: Name<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        let behavior = DropBehavior::Restrict;
        Ok(StatementKind::Rename(self.boxed(Rename {
            kind,
            of,
            if_exists,
            only: false,
            object,
            part,
            to,
            behavior,
        })))
    }

    fn alter_relation(&mut self, kind: ObjectKind) -> SyntaxResult<StatementKind<'a>> {
        let moves = matches!(kind, ObjectKind::Table | ObjectKind::Index | ObjectKind::MaterializedView);
        if moves && self.at_keyword(Keyword::All) {
            return self.move_all(kind);
        }
        let if_exists = self.if_exists()?;
        let table = match kind {
            ObjectKind::Table | ObjectKind::ForeignTable => self.relation()?,
            _ => Relation { name: self.relation_name()?, only: false },
        };
        let object = ObjectName::Named(table.name);
        match self.kind() {
            TokenKind::Keyword(Keyword::Rename) => return self.rename_of_relation(kind, if_exists, table),
            TokenKind::Keyword(Keyword::Set)
                if kind != ObjectKind::Index && self.next()?.kind == TokenKind::Keyword(Keyword::Schema) =>
            {
                return self.set_schema(kind, if_exists, object);
            }
            TokenKind::Keyword(Keyword::No | Keyword::Depends)
                if matches!(kind, ObjectKind::Index | ObjectKind::MaterializedView)
                    && !if_exists
                    && (self.at_keyword(Keyword::Depends)
                        || self.next()?.kind == TokenKind::Keyword(Keyword::Depends)) =>
            {
                return self.depends(kind);
            }
            _ => {}
        }
        if kind == ObjectKind::Sequence && self.at_sequence_option()? {
            let options = self.sequence_options()?;
            let name = table.name;
            return Ok(StatementKind::AlterSequence(self.boxed(AlterSequence { if_exists, name, options })));
        }
        let partition = match kind {
            ObjectKind::Table => self.partition_action(true)?,
            ObjectKind::Index => self.partition_action(false)?,
            _ => None,
        };
        let actions = match partition {
            Some(action) => std::slice::from_ref(self.boxed(action)),
            None => self.alter_actions()?,
        };
        Ok(StatementKind::AlterTable(self.boxed(AlterTable { kind, if_exists, table, actions })))
    }

    /// Whether an option of a sequence begins here, not an action of tables: both may begin with `NO`.
    fn at_sequence_option(&mut self) -> SyntaxResult<bool> {
        Ok(match self.kind() {
            TokenKind::Keyword(Keyword::No) => {
                !matches!(self.next()?.kind, TokenKind::Keyword(Keyword::Inherit | Keyword::Force))
            }
            TokenKind::Keyword(keyword) => matches!(
                keyword,
                Keyword::As
                    | Keyword::Cache
                    | Keyword::Cycle
                    | Keyword::Increment
                    | Keyword::Maxvalue
                    | Keyword::Minvalue
                    | Keyword::Owned
                    | Keyword::Sequence
                    | Keyword::Start
                    | Keyword::Restart
            ),
            _ => false,
        })
    }

    /// `ALL IN TABLESPACE name [OWNED BY roles] SET TABLESPACE name [NOWAIT]`
    fn move_all(&mut self, kind: ObjectKind) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.expect_keyword(Keyword::In)?;
        self.expect_keyword(Keyword::Tablespace)?;
        let from = self.name()?;
        let owners: &[_] = if self.eat_keyword(Keyword::Owned)? {
            self.expect_keyword(Keyword::By)?;
            self.separated(Parser::role)?
        } else {
            &[]
        };
        self.expect_keyword(Keyword::Set)?;
        self.expect_keyword(Keyword::Tablespace)?;
        let to = self.name()?;
        let nowait = self.eat_keyword(Keyword::Nowait)?;
        let moved = TablespaceStatement::MoveAll(MoveAll { kind, from, owners, to, nowait });
        Ok(StatementKind::Tablespace(self.boxed(moved)))
    }

    fn rename_of_relation(
        &mut self,
        kind: ObjectKind,
        if_exists: bool,
        table: Relation<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let object = ObjectName::Named(table.name);
        if self.eat_keyword(Keyword::To)? {
            let to = self.name()?;
            return self.renamed(kind, None, if_exists, object, None, to);
        }
        let has_columns = !matches!(kind, ObjectKind::Index | ObjectKind::Sequence);
        if !has_columns {
            return Err(self.unexpected());
        }
        let part_kind = match kind == ObjectKind::Table && self.eat_keyword(Keyword::Constraint)? {
            true => ObjectKind::Constraint,
            false => {
                self.eat_keyword(Keyword::Column)?;
                ObjectKind::Column
            }
        };
        let part = self.name()?;
        self.expect_keyword(Keyword::To)?;
        let to = self.name()?;
        let (of, part, behavior) = (Some(kind), Some(part), DropBehavior::Restrict);
        let rename = Rename { kind: part_kind, of, if_exists, only: table.only, object, part, to, behavior };
        Ok(StatementKind::Rename(self.boxed(rename)))
    }

    fn alter_type(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let name = self.qualified_name()?;
        let object = ObjectName::Named(name);
        match self.kind() {
            TokenKind::Keyword(Keyword::Rename) => return self.rename_of_type(name),
            TokenKind::Keyword(Keyword::Set) if self.next()?.kind == TokenKind::LeftParenthesis => {
                self.take()?;
                let options = self.operator_definitions()?;
                return Ok(StatementKind::AlterBaseType(self.boxed(AlterBaseType { name, options })));
            }
            TokenKind::Keyword(Keyword::Add) if self.next()?.kind == TokenKind::Keyword(Keyword::Value) => {
                return self.add_label(name);
            }
            TokenKind::Keyword(Keyword::Owner | Keyword::Set) => {
                return match self.shared_change(ObjectKind::Type, object)? {
                    Some(change) => Ok(change),
                    None => {
                        self.take()?;
                        Err(self.unexpected())
                    }
                };
            }
            _ => {}
        }
        let actions = self.attribute_actions()?;
        let table = Relation { name, only: false };
        let kind = ObjectKind::Type;
        Ok(StatementKind::AlterTable(self.boxed(AlterTable { kind, if_exists: false, table, actions })))
    }

    fn rename_of_type(&mut self, name: QualifiedName<'a>) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let object = ObjectName::Named(name);
        if self.eat_keyword(Keyword::To)? {
            let to = self.name()?;
            return self.renamed(ObjectKind::Type, None, false, object, None, to);
        }
        if self.eat_keyword(Keyword::Value)? {
            let from = self.string_name()?;
            self.expect_keyword(Keyword::To)?;
            let action = EnumAction::Rename(from, self.string_name()?);
            return Ok(StatementKind::AlterEnum(self.boxed(AlterEnum { name, action })));
        }
        self.expect_keyword(Keyword::Attribute)?;
        let part = Some(self.name()?);
        self.expect_keyword(Keyword::To)?;
        let to = self.name()?;
        let behavior = self.drop_behavior()?;
        let (kind, of) = (ObjectKind::Column, Some(ObjectKind::Type));
        let rename = Rename { kind, of, if_exists: false, only: false, object, part, to, behavior };
        Ok(StatementKind::Rename(self.boxed(rename)))
    }

    fn add_label(&mut self, name: QualifiedName<'a>) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.take()?;
        let if_not_exists = self.eat_keyword(Keyword::If)?;
        if if_not_exists {
            self.expect_keyword(Keyword::Not)?;
            self.expect_keyword(Keyword::Exists)?;
        }
        let label = self.string_name()?;
        let after = self.at_keyword(Keyword::After);
        let beside = match after || self.at_keyword(Keyword::Before) {
            true => {
                self.take()?;
                Some((after, self.string_name()?))
            }
            false => None,
        };
        let action = EnumAction::Add { if_not_exists, label, beside };
        Ok(StatementKind::AlterEnum(self.boxed(AlterEnum { name, action })))
    }

    fn alter_domain(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let name = self.qualified_name()?;
        let object = ObjectName::Named(name);
        if self.at_keywords(Keyword::Rename, Keyword::Constraint)? {
            self.take()?;
            self.take()?;
            let part = self.name()?;
            self.expect_keyword(Keyword::To)?;
            let to = self.name()?;
            let (kind, of) = (ObjectKind::DomainConstraint, Some(ObjectKind::Domain));
            return self.renamed(kind, of, false, object, Some(part), to);
        }
        if let Some(change) = self.shared_change(ObjectKind::Domain, object)? {
            return Ok(change);
        }
        let TokenKind::Keyword(word) = self.kind() else { return Err(self.unexpected()) };
        let known = matches!(word, Keyword::Set | Keyword::Drop | Keyword::Add | Keyword::Validate);
        if !known {
            return Err(self.unexpected());
        }
        self.take()?;
        let action = match (word, self.kind()) {
            (Keyword::Set, TokenKind::Keyword(Keyword::Default)) => {
                self.take()?;
                DomainAction::SetDefault(self.expression()?)
            }
            (Keyword::Drop, TokenKind::Keyword(Keyword::Default)) => {
                self.take()?;
                DomainAction::DropDefault
            }
            (Keyword::Set | Keyword::Drop, TokenKind::Keyword(Keyword::Not)) => {
                self.take()?;
                self.expect_keyword(Keyword::Null)?;
                if word == Keyword::Set { DomainAction::SetNotNull } else { DomainAction::DropNotNull }
            }
            (Keyword::Drop, TokenKind::Keyword(Keyword::Constraint)) => {
                self.take()?;
                let if_exists = self.if_exists()?;
                let name = self.name()?;
                DomainAction::DropConstraint { if_exists, name, behavior: self.drop_behavior()? }
            }
            (Keyword::Validate, TokenKind::Keyword(Keyword::Constraint)) => {
                self.take()?;
                DomainAction::ValidateConstraint(self.name()?)
            }
            (Keyword::Add, _) => {
                let constraint = self.table_constraint()?;
                DomainAction::AddConstraint(self.boxed(constraint))
            }
            _ => return Err(self.unexpected()),
        };
        Ok(StatementKind::AlterDomain(self.boxed(AlterDomain { name, action })))
    }

    /// A policy, a rule, a trigger: of a relation.
    fn alter_part(&mut self, kind: ObjectKind) -> SyntaxResult<StatementKind<'a>> {
        let if_exists = kind == ObjectKind::Policy && self.if_exists()?;
        let name = self.name()?;
        self.expect_keyword(Keyword::On)?;
        let table = self.relation_name()?;
        let object = ObjectName::Of(name, table);
        if self.eat_keyword(Keyword::Rename)? {
            self.expect_keyword(Keyword::To)?;
            let to = self.name()?;
            return self.renamed(kind, None, if_exists, object, None, to);
        }
        match kind {
            ObjectKind::Trigger => self.depends(kind),
            ObjectKind::Policy if !if_exists => self.alter_policy(name, table),
            _ => Err(self.unexpected()),
        }
    }
}

fn may_be_altered(kind: ObjectKind) -> bool {
    !matches!(
        kind,
        ObjectKind::AccessMethod
            | ObjectKind::Cast
            | ObjectKind::Column
            | ObjectKind::Constraint
            | ObjectKind::DomainConstraint
            | ObjectKind::Role
            | ObjectKind::Transform
    )
}

/// Whether `RENAME TO` is for this kind.
fn has_name(kind: ObjectKind) -> bool {
    !matches!(kind, ObjectKind::Extension | ObjectKind::LargeObject | ObjectKind::Operator)
}

/// Whether `OWNER TO` is for this kind.
fn has_owner(kind: ObjectKind) -> bool {
    !matches!(kind, ObjectKind::Extension | ObjectKind::TextSearchParser | ObjectKind::TextSearchTemplate)
}

/// Whether `SET SCHEMA` is for this kind.
fn has_schema(kind: ObjectKind) -> bool {
    !matches!(
        kind,
        ObjectKind::Database
            | ObjectKind::EventTrigger
            | ObjectKind::ForeignDataWrapper
            | ObjectKind::Language
            | ObjectKind::LargeObject
            | ObjectKind::Publication
            | ObjectKind::Schema
            | ObjectKind::Server
            | ObjectKind::Subscription
            | ObjectKind::Tablespace
    )
}

/// Whether `SET` is for more than a schema.
fn sets_more(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Domain
            | ObjectKind::Function
            | ObjectKind::Operator
            | ObjectKind::Procedure
            | ObjectKind::Routine
            | ObjectKind::Statistics
            | ObjectKind::Type
    )
}
