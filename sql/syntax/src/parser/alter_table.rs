//! `ALTER TABLE` and what has its actions: indexes, views, sequences, foreign tables.

use super::Parser;
use super::constraint::allowed;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::Name;
use crate::tree::alter::{
    AlterAction, AlterActionKind, ColumnAction, ColumnReference, Detach, IdentityChange, ReplicaIdentity,
    RowSecurity, Switch, SwitchState, SwitchTarget,
};
use crate::tree::option::DropBehavior;
use crate::tree::sequence::{SequenceOption, SequenceOptionKind};

impl<'a> Parser<'a> {
    /// Actions with commas between them (`alter_table_cmds`).
    pub(super) fn alter_actions(&mut self) -> SyntaxResult<&'a [AlterAction<'a>]> {
        self.separated(|parser| {
            let position = parser.position();
            let kind = parser.alter_action()?;
            Ok(AlterAction { kind, position })
        })
    }

    /// `ATTACH PARTITION …`, `DETACH PARTITION …`, if one stands here: it stands alone.
    pub(super) fn partition_action(&mut self, has_bound: bool) -> SyntaxResult<Option<AlterAction<'a>>> {
        let position = self.position();
        if self.eat_keyword(Keyword::Attach)? {
            self.expect_keyword(Keyword::Partition)?;
            let partition = self.relation_name()?;
            let bound = match has_bound {
                true => Some(self.partition_bound()?),
                false => None,
            };
            let kind = AlterActionKind::AttachPartition(partition, bound);
            return Ok(Some(AlterAction { kind, position }));
        }
        if !has_bound || !self.eat_keyword(Keyword::Detach)? {
            return Ok(None);
        }
        self.expect_keyword(Keyword::Partition)?;
        let partition = self.relation_name()?;
        let detach = match self.kind() {
            TokenKind::Keyword(Keyword::Concurrently) => Detach::Concurrently,
            TokenKind::Keyword(Keyword::Finalize) => Detach::Finalize,
            _ => Detach::Now,
        };
        if detach != Detach::Now {
            self.take()?;
        }
        let kind = AlterActionKind::DetachPartition(partition, detach);
        Ok(Some(AlterAction { kind, position }))
    }

    fn alter_action(&mut self) -> SyntaxResult<AlterActionKind<'a>> {
        let TokenKind::Keyword(keyword) = self.kind() else { return Err(self.unexpected()) };
        match keyword {
            Keyword::Add => self.add_action(),
            Keyword::Alter => self.alter_column(),
            Keyword::Drop => self.drop_action(),
            Keyword::Validate => {
                self.take()?;
                self.expect_keyword(Keyword::Constraint)?;
                Ok(AlterActionKind::ValidateConstraint(self.name()?))
            }
            Keyword::Set => self.set_action(),
            Keyword::Reset => {
                self.take()?;
                Ok(AlterActionKind::ResetOptions(self.relation_options()?))
            }
            Keyword::Cluster => {
                self.take()?;
                self.expect_keyword(Keyword::On)?;
                Ok(AlterActionKind::ClusterOn(self.name()?))
            }
            Keyword::Enable | Keyword::Disable => self.switch_action(keyword == Keyword::Enable),
            Keyword::Inherit => {
                self.take()?;
                Ok(AlterActionKind::Inherit(self.relation_name()?, true))
            }
            Keyword::No => {
                self.take()?;
                if self.eat_keyword(Keyword::Force)? {
                    self.row_level_security()?;
                    return Ok(AlterActionKind::RowSecurity(RowSecurity::NoForce));
                }
                self.expect_keyword(Keyword::Inherit)?;
                Ok(AlterActionKind::Inherit(self.relation_name()?, false))
            }
            Keyword::Force => {
                self.take()?;
                self.row_level_security()?;
                Ok(AlterActionKind::RowSecurity(RowSecurity::Force))
            }
            Keyword::Of => {
                self.take()?;
                Ok(AlterActionKind::Of(self.qualified_name()?))
            }
            Keyword::Not => {
                self.take()?;
                self.expect_keyword(Keyword::Of)?;
                Ok(AlterActionKind::NotOf)
            }
            Keyword::Owner => {
                self.take()?;
                self.expect_keyword(Keyword::To)?;
                Ok(AlterActionKind::Owner(self.role()?))
            }
            Keyword::Replica => self.replica_identity(),
            Keyword::Options => Ok(AlterActionKind::ForeignOptions(self.alter_foreign_options()?)),
            _ => Err(self.unexpected()),
        }
    }

    fn add_action(&mut self) -> SyntaxResult<AlterActionKind<'a>> {
        self.take()?;
        if self.at_table_constraint()? {
            let constraint = self.table_constraint()?;
            return Ok(AlterActionKind::AddConstraint(self.boxed(constraint)));
        }
        self.eat_keyword(Keyword::Column)?;
        let if_not_exists = self.if_not_exists()?;
        let column = self.column_specification()?;
        let behavior = DropBehavior::Restrict;
        Ok(AlterActionKind::AddColumn { if_not_exists, column: self.boxed(column), behavior })
    }

    fn drop_action(&mut self) -> SyntaxResult<AlterActionKind<'a>> {
        self.take()?;
        if self.eat_keyword(Keyword::Constraint)? {
            let if_exists = self.if_exists()?;
            let name = self.name()?;
            return Ok(AlterActionKind::DropConstraint { if_exists, name, behavior: self.drop_behavior()? });
        }
        self.eat_keyword(Keyword::Column)?;
        let if_exists = self.if_exists()?;
        let name = self.name()?;
        Ok(AlterActionKind::DropColumn { if_exists, name, behavior: self.drop_behavior()? })
    }

    fn alter_column(&mut self) -> SyntaxResult<AlterActionKind<'a>> {
        self.take()?;
        if self.eat_keyword(Keyword::Constraint)? {
            let name = self.name()?;
            let attributes = self.constraint_attributes()?;
            self.check_attributes(attributes, allowed("FOREIGN KEY", true, false, false))?;
            let deferrable = attributes.deferrable || attributes.initially_deferred;
            let initially_deferred = attributes.initially_deferred;
            return Ok(AlterActionKind::AlterConstraint { name, deferrable, initially_deferred });
        }
        self.eat_keyword(Keyword::Column)?;
        if let TokenKind::Integer(number) = self.kind() {
            let position = self.take()?.start;
            self.expect_keyword(Keyword::Set)?;
            self.expect_keyword(Keyword::Statistics)?;
            if !(1..=i32::from(i16::MAX)).contains(&number) {
                return Err(self.refused(Rule::ColumnNumber, position));
            }
            let column = ColumnReference::Number(number, position);
            return Ok(AlterActionKind::Column(column, ColumnAction::Statistics(self.signed_integer()?)));
        }
        let column = ColumnReference::Name(self.name()?);
        let action = match self.kind() {
            TokenKind::Keyword(Keyword::Set) => match self.next()?.kind {
                TokenKind::Keyword(keyword) if begins_identity_change(keyword) => self.identity_changes()?,
                _ => self.set_column()?,
            },
            TokenKind::Keyword(Keyword::Restart) => self.identity_changes()?,
            TokenKind::Keyword(Keyword::Drop) => self.drop_of_column()?,
            TokenKind::Keyword(Keyword::Reset) => {
                self.take()?;
                ColumnAction::ResetOptions(self.relation_options()?)
            }
            TokenKind::Keyword(Keyword::Add) => {
                self.take()?;
                self.expect_keyword(Keyword::Generated)?;
                let always = self.generated_when()?;
                self.expect_keyword(Keyword::As)?;
                self.expect_keyword(Keyword::Identity)?;
                ColumnAction::AddIdentity { always, options: self.optional_sequence_options()? }
            }
            TokenKind::Keyword(Keyword::Options) => {
                ColumnAction::ForeignOptions(self.alter_foreign_options()?)
            }
            _ => {
                self.expect_keyword(Keyword::Type)?;
                self.column_type(false)?
            }
        };
        Ok(AlterActionKind::Column(column, action))
    }

    /// What stands behind `TYPE`; of an attribute `CASCADE` instead of `USING`.
    pub(super) fn column_type(&mut self, attribute: bool) -> SyntaxResult<ColumnAction<'a>> {
        let type_name = self.type_name()?;
        let collation = self.collation_clause()?;
        let using = match !attribute && self.eat_keyword(Keyword::Using)? {
            true => Some(self.boxed_expression()?),
            false => None,
        };
        let behavior = match attribute {
            true => self.drop_behavior()?,
            false => DropBehavior::Restrict,
        };
        Ok(ColumnAction::Type { type_name, collation, using, behavior })
    }

    fn set_column(&mut self) -> SyntaxResult<ColumnAction<'a>> {
        self.take()?;
        match self.kind() {
            TokenKind::LeftParenthesis => Ok(ColumnAction::SetOptions(self.relation_options()?)),
            TokenKind::Keyword(Keyword::Default) => {
                self.take()?;
                Ok(ColumnAction::SetDefault(self.boxed_expression()?))
            }
            TokenKind::Keyword(Keyword::Not) => {
                self.take()?;
                self.expect_keyword(Keyword::Null)?;
                Ok(ColumnAction::SetNotNull)
            }
            TokenKind::Keyword(Keyword::Statistics) => {
                self.take()?;
                Ok(ColumnAction::Statistics(self.signed_integer()?))
            }
            TokenKind::Keyword(Keyword::Storage) => {
                self.take()?;
                Ok(ColumnAction::Storage(self.name()?))
            }
            TokenKind::Keyword(Keyword::Compression) => Ok(ColumnAction::Compression(self.compression()?)),
            _ => {
                self.expect_keyword(Keyword::Data)?;
                self.expect_keyword(Keyword::Type)?;
                self.column_type(false)
            }
        }
    }

    fn drop_of_column(&mut self) -> SyntaxResult<ColumnAction<'a>> {
        self.take()?;
        match self.kind() {
            TokenKind::Keyword(Keyword::Default) => {
                self.take()?;
                Ok(ColumnAction::DropDefault)
            }
            TokenKind::Keyword(Keyword::Not) => {
                self.take()?;
                self.expect_keyword(Keyword::Null)?;
                Ok(ColumnAction::DropNotNull)
            }
            TokenKind::Keyword(Keyword::Expression) => {
                self.take()?;
                Ok(ColumnAction::DropExpression(self.trailing_if_exists()?))
            }
            _ => {
                self.expect_keyword(Keyword::Identity)?;
                Ok(ColumnAction::DropIdentity(self.trailing_if_exists()?))
            }
        }
    }

    /// `IF EXISTS` where nothing else begins with `IF`.
    pub(super) fn trailing_if_exists(&mut self) -> SyntaxResult<bool> {
        let found = self.eat_keyword(Keyword::If)?;
        if found {
            self.expect_keyword(Keyword::Exists)?;
        }
        Ok(found)
    }

    fn identity_changes(&mut self) -> SyntaxResult<ColumnAction<'a>> {
        let mut changes = self.list();
        loop {
            let position = self.position();
            if self.eat_keyword(Keyword::Restart)? {
                let kind = SequenceOptionKind::Restart(self.restart_value()?);
                changes.push(IdentityChange::Sequence(SequenceOption { kind, position }));
                continue;
            }
            if !self.eat_keyword(Keyword::Set)? {
                return Ok(ColumnAction::SetIdentity(changes.into_bump_slice()));
            }
            if self.eat_keyword(Keyword::Generated)? {
                changes.push(IdentityChange::Always(self.generated_when()?));
                continue;
            }
            let place = self.position();
            let Some(option) = self.sequence_option()? else { return Err(self.unexpected()) };
            let refused = match option.kind {
                SequenceOptionKind::Type(_) => Some("as"),
                SequenceOptionKind::Restart(_) => Some("restart"),
                SequenceOptionKind::OwnedBy(_) => Some("owned_by"),
                SequenceOptionKind::Cache(_)
                | SequenceOptionKind::Cycle(_)
                | SequenceOptionKind::Increment(_)
                | SequenceOptionKind::Maximum(_)
                | SequenceOptionKind::Minimum(_)
                | SequenceOptionKind::Name(_)
                | SequenceOptionKind::Start(_) => None,
            };
            if let Some(word) = refused {
                return Err(self.refused(Rule::SequenceOptionHere(word), place));
            }
            changes.push(IdentityChange::Sequence(option));
        }
    }

    fn set_action(&mut self) -> SyntaxResult<AlterActionKind<'a>> {
        self.take()?;
        match self.kind() {
            TokenKind::LeftParenthesis => Ok(AlterActionKind::SetOptions(self.relation_options()?)),
            TokenKind::Keyword(word @ (Keyword::Logged | Keyword::Unlogged)) => {
                self.take()?;
                Ok(AlterActionKind::SetLogged(word == Keyword::Logged))
            }
            TokenKind::Keyword(Keyword::Tablespace) => {
                self.take()?;
                Ok(AlterActionKind::SetTablespace(self.name()?))
            }
            TokenKind::Keyword(Keyword::Access) => {
                self.take()?;
                self.expect_keyword(Keyword::Method)?;
                Ok(AlterActionKind::SetAccessMethod(self.name()?))
            }
            _ => {
                self.expect_keyword(Keyword::Without)?;
                if self.eat_keyword(Keyword::Cluster)? {
                    return Ok(AlterActionKind::WithoutCluster);
                }
                self.expect_keyword(Keyword::Oids)?;
                Ok(AlterActionKind::WithoutOids)
            }
        }
    }

    fn switch_action(&mut self, enable: bool) -> SyntaxResult<AlterActionKind<'a>> {
        self.take()?;
        let state = match self.kind() {
            TokenKind::Keyword(Keyword::Always) if enable => SwitchState::Always,
            TokenKind::Keyword(Keyword::Replica) if enable => SwitchState::Replica,
            TokenKind::Keyword(Keyword::Row) => {
                self.row_level_security()?;
                let security = if enable { RowSecurity::Enable } else { RowSecurity::Disable };
                return Ok(AlterActionKind::RowSecurity(security));
            }
            _ if enable => SwitchState::Enabled,
            _ => SwitchState::Disabled,
        };
        let plain = matches!(state, SwitchState::Enabled | SwitchState::Disabled);
        if !plain {
            self.take()?;
        }
        let rule = self.eat_keyword(Keyword::Rule)?;
        if !rule {
            self.expect_keyword(Keyword::Trigger)?;
        }
        let target = match self.kind() {
            TokenKind::Keyword(Keyword::All) if plain && !rule => SwitchTarget::All,
            TokenKind::Keyword(Keyword::User) if plain && !rule => SwitchTarget::User,
            _ => {
                let target = SwitchTarget::Named(self.name()?);
                return Ok(AlterActionKind::Switch(Switch { state, rule, target }));
            }
        };
        self.take()?;
        Ok(AlterActionKind::Switch(Switch { state, rule, target }))
    }

    fn row_level_security(&mut self) -> SyntaxResult<()> {
        self.expect_keyword(Keyword::Row)?;
        self.expect_keyword(Keyword::Level)?;
        self.expect_keyword(Keyword::Security)?;
        Ok(())
    }

    fn replica_identity(&mut self) -> SyntaxResult<AlterActionKind<'a>> {
        self.take()?;
        self.expect_keyword(Keyword::Identity)?;
        let identity = match self.kind() {
            TokenKind::Keyword(Keyword::Nothing) => ReplicaIdentity::Nothing,
            TokenKind::Keyword(Keyword::Full) => ReplicaIdentity::Full,
            TokenKind::Keyword(Keyword::Default) => ReplicaIdentity::Default,
            _ => {
                self.expect_keyword(Keyword::Using)?;
                self.expect_keyword(Keyword::Index)?;
                let index: Name<'a> = self.name()?;
                return Ok(AlterActionKind::ReplicaIdentity(ReplicaIdentity::Index(index)));
            }
        };
        self.take()?;
        Ok(AlterActionKind::ReplicaIdentity(identity))
    }

    /// Changes of a composite type with commas between them (`alter_type_cmds`).
    pub(super) fn attribute_actions(&mut self) -> SyntaxResult<&'a [AlterAction<'a>]> {
        self.separated(|parser| {
            let position = parser.position();
            let kind = parser.attribute_action()?;
            Ok(AlterAction { kind, position })
        })
    }

    fn attribute_action(&mut self) -> SyntaxResult<AlterActionKind<'a>> {
        match self.kind() {
            TokenKind::Keyword(Keyword::Add) => {
                self.take()?;
                self.expect_keyword(Keyword::Attribute)?;
                let column = self.attribute()?;
                let behavior = self.drop_behavior()?;
                Ok(AlterActionKind::AddColumn { if_not_exists: false, column: self.boxed(column), behavior })
            }
            TokenKind::Keyword(Keyword::Drop) => {
                self.take()?;
                self.expect_keyword(Keyword::Attribute)?;
                let if_exists = self.if_exists()?;
                let name = self.name()?;
                Ok(AlterActionKind::DropColumn { if_exists, name, behavior: self.drop_behavior()? })
            }
            _ => {
                self.expect_keyword(Keyword::Alter)?;
                self.expect_keyword(Keyword::Attribute)?;
                let column = ColumnReference::Name(self.name()?);
                if self.eat_keyword(Keyword::Set)? {
                    self.expect_keyword(Keyword::Data)?;
                }
                self.expect_keyword(Keyword::Type)?;
                Ok(AlterActionKind::Column(column, self.column_type(true)?))
            }
        }
    }
}

/// Whether `SET` and this word change an identity column.
fn begins_identity_change(word: Keyword) -> bool {
    matches!(
        word,
        Keyword::Generated
            | Keyword::As
            | Keyword::Cache
            | Keyword::Cycle
            | Keyword::No
            | Keyword::Increment
            | Keyword::Maxvalue
            | Keyword::Minvalue
            | Keyword::Owned
            | Keyword::Sequence
            | Keyword::Start
            | Keyword::Restart
    )
}
