//! Roles and what belongs to them; databases.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::object::{ObjectKind, ObjectName, Rename};
use crate::tree::option::{DefinitionValue, DropBehavior, RoleKind, RoleName};
use crate::tree::role::{
    AlterRole, AlterRoleAction, CreateRole, DatabaseOption, DatabaseOptions, DatabaseSetting, Owned,
    RoleOption, RoleOptionKind, RoleStatement,
};
use crate::tree::{Name, QualifiedName, StatementKind};

impl<'a> Parser<'a> {
    /// `CREATE ROLE …` and its like; the current token is that word.
    pub(super) fn create_role(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let kind = self.role_word()?;
        let name = self.role_id()?;
        let name = RoleName { kind: RoleKind::Named(name.text), position: name.position };
        self.eat_plain_with()?;
        let options = self.role_options(true)?;
        Ok(StatementKind::CreateRole(self.boxed(CreateRole { kind, name, options })))
    }

    fn role_word(&mut self) -> SyntaxResult<RoleStatement> {
        let kind = match self.kind() {
            TokenKind::Keyword(Keyword::Role) => RoleStatement::Role,
            TokenKind::Keyword(Keyword::User) => RoleStatement::User,
            TokenKind::Keyword(Keyword::Group) => RoleStatement::Group,
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        Ok(kind)
    }

    fn role_options(&mut self, create: bool) -> SyntaxResult<&'a [RoleOption<'a>]> {
        let mut options = self.list();
        loop {
            let position = self.position();
            match self.role_option(create)? {
                Some(kind) => options.push(RoleOption { kind, position }),
                None => return Ok(options.into_bump_slice()),
            }
        }
    }

    fn role_option(&mut self, create: bool) -> SyntaxResult<Option<RoleOptionKind<'a>>> {
        let token = self.current();
        let keyword = match token.kind {
            TokenKind::Keyword(keyword) => keyword,
            TokenKind::Identifier => {
                let Some(option) = flag(token.text) else {
                    let rule = Rule::UnknownRoleOption(token.text.to_owned());
                    return Err(self.refused(rule, token.start));
                };
                self.take()?;
                return Ok(Some(option));
            }
            _ => return Ok(None),
        };
        let always = matches!(
            keyword,
            Keyword::Password
                | Keyword::Encrypted
                | Keyword::Unencrypted
                | Keyword::Inherit
                | Keyword::Connection
                | Keyword::Valid
                | Keyword::User
        );
        let on_create = matches!(keyword, Keyword::Sysid | Keyword::Admin | Keyword::Role | Keyword::In);
        let known = always || create && on_create;
        if !known {
            return Ok(None);
        }
        self.take()?;
        Ok(Some(match keyword {
            Keyword::Password => match self.eat_keyword(Keyword::Null)? {
                true => RoleOptionKind::Password(None),
                false => RoleOptionKind::Password(Some(self.string()?)),
            },
            Keyword::Encrypted => {
                self.expect_keyword(Keyword::Password)?;
                RoleOptionKind::Password(Some(self.string()?))
            }
            Keyword::Unencrypted => {
                self.expect_keyword(Keyword::Password)?;
                self.string()?;
                return Err(self.refused(Rule::UnencryptedPassword, token.start));
            }
            Keyword::Inherit => RoleOptionKind::Inherit(true),
            Keyword::Connection => {
                self.expect_keyword(Keyword::Limit)?;
                RoleOptionKind::ConnectionLimit(self.signed_integer()?)
            }
            Keyword::Valid => {
                self.expect_keyword(Keyword::Until)?;
                RoleOptionKind::ValidUntil(self.string()?)
            }
            Keyword::User | Keyword::Role => RoleOptionKind::Members(self.separated(Parser::role)?),
            Keyword::Sysid => RoleOptionKind::SystemId(self.integer()?),
            Keyword::Admin => RoleOptionKind::Admin(self.separated(Parser::role)?),
            // `IN`: the last of the words above.
            _ => {
                if !self.eat_keyword(Keyword::Role)? {
                    self.expect_keyword(Keyword::Group)?;
                }
                RoleOptionKind::InRole(self.separated(Parser::role)?)
            }
        }))
    }

    /// `ALTER ROLE …` and its like; the current token is that word.
    pub(super) fn alter_role(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let kind = self.role_word()?;
        let all = kind != RoleStatement::Group && self.eat_keyword(Keyword::All)?;
        let name = match all {
            true => None,
            false => Some(self.role()?),
        };
        if let Some(role) = name
            && self.at_keyword(Keyword::Rename)
        {
            return self.rename_role(role);
        }
        let mut alter = AlterRole { name, database: None, action: AlterRoleAction::Options(&[]) };
        if kind == RoleStatement::Group {
            let position = self.position();
            let adds = self.eat_keyword(Keyword::Add)?;
            if !adds {
                self.expect_keyword(Keyword::Drop)?;
            }
            self.expect_keyword(Keyword::User)?;
            let members = self.separated(Parser::role)?;
            let kind = match adds {
                true => RoleOptionKind::Members(members),
                false => RoleOptionKind::DropMembers(members),
            };
            let option = self.boxed(RoleOption { kind, position });
            alter.action = AlterRoleAction::Options(std::slice::from_ref(option));
            return Ok(StatementKind::AlterRole(self.boxed(alter)));
        }
        if self.eat_keyword(Keyword::In)? {
            self.expect_keyword(Keyword::Database)?;
            alter.database = Some(self.name()?);
        }
        let sets = self.at_keyword(Keyword::Set) || self.at_keyword(Keyword::Reset);
        if sets || all || alter.database.is_some() {
            alter.action = AlterRoleAction::Set(self.any_set_or_reset()?);
        } else {
            self.eat_plain_with()?;
            alter.action = AlterRoleAction::Options(self.role_options(false)?);
        }
        Ok(StatementKind::AlterRole(self.boxed(alter)))
    }

    fn rename_role(&mut self, role: RoleName<'a>) -> SyntaxResult<StatementKind<'a>> {
        let name = self.named_role(role)?;
        self.take()?;
        self.expect_keyword(Keyword::To)?;
        let to = self.role_id()?;
        let object = ObjectName::Named(QualifiedName { parts: std::slice::from_ref(self.boxed(name)) });
        let behavior = DropBehavior::Restrict;
        let kind = ObjectKind::Role;
        let rename =
            Rename { kind, of: None, if_exists: false, only: false, object, part: None, to, behavior };
        Ok(StatementKind::Rename(self.boxed(rename)))
    }

    /// `DROP OWNED BY …` behind `DROP`.
    pub(super) fn drop_owned(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.expect_keyword(Keyword::By)?;
        let roles = self.separated(Parser::role)?;
        let behavior = self.drop_behavior()?;
        Ok(StatementKind::Owned(self.boxed(Owned { roles, to: None, behavior })))
    }

    /// `REASSIGN OWNED BY … TO …`
    pub(super) fn reassign_owned(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Reassign)?;
        self.expect_keyword(Keyword::Owned)?;
        self.expect_keyword(Keyword::By)?;
        let roles = self.separated(Parser::role)?;
        self.expect_keyword(Keyword::To)?;
        let to = Some(self.role()?);
        Ok(StatementKind::Owned(self.boxed(Owned { roles, to, behavior: DropBehavior::Restrict })))
    }

    /// `CREATE DATABASE …`; the current token is `DATABASE`.
    pub(super) fn create_database(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let name = self.name()?;
        self.eat_plain_with()?;
        let options = self.database_options()?;
        Ok(StatementKind::CreateDatabase(self.boxed(DatabaseOptions { name, options })))
    }

    fn database_options(&mut self) -> SyntaxResult<&'a [DatabaseOption<'a>]> {
        let mut options = self.list();
        loop {
            let name = match self.kind() {
                TokenKind::Identifier
                | TokenKind::Keyword(
                    Keyword::Encoding
                    | Keyword::Location
                    | Keyword::Owner
                    | Keyword::Tablespace
                    | Keyword::Template,
                ) => self.label()?,
                TokenKind::Keyword(Keyword::Connection) => {
                    let position = self.take()?.start;
                    self.expect_keyword(Keyword::Limit)?;
                    Name { text: "connection_limit", position }
                }
                _ => return Ok(options.into_bump_slice()),
            };
            self.eat(TokenKind::Equals)?;
            let value = match self.kind() {
                TokenKind::Keyword(Keyword::Default) => {
                    self.take()?;
                    None
                }
                TokenKind::Integer(_) | TokenKind::Decimal | TokenKind::Plus | TokenKind::Minus => {
                    Some(DefinitionValue::Number(self.signed_number()?))
                }
                _ => Some(DefinitionValue::String(self.boolean_or_string()?)),
            };
            options.push(DatabaseOption { name, value });
        }
    }

    /// What only a database is told, behind its name.
    pub(super) fn alter_database(&mut self, name: Name<'a>) -> SyntaxResult<StatementKind<'a>> {
        match self.kind() {
            TokenKind::Keyword(Keyword::Set | Keyword::Reset) => {
                if self.at_keywords(Keyword::Set, Keyword::Tablespace)? && !self.third_sets()? {
                    self.take()?;
                    self.take()?;
                    self.name()?;
                    return Ok(StatementKind::Unsupported("ALTER DATABASE SET TABLESPACE"));
                }
                let set = self.any_set_or_reset()?;
                Ok(StatementKind::SetDatabase(self.boxed(DatabaseSetting { name, set })))
            }
            TokenKind::Keyword(Keyword::Refresh) => {
                self.take()?;
                self.expect_keyword(Keyword::Collation)?;
                self.expect_keyword(Keyword::Version)?;
                Ok(StatementKind::Unsupported("ALTER DATABASE REFRESH COLLATION VERSION"))
            }
            _ => {
                self.eat_plain_with()?;
                let options = self.database_options()?;
                Ok(StatementKind::AlterDatabase(self.boxed(DatabaseOptions { name, options })))
            }
        }
    }

    /// Whether the token behind the next one makes a setting of the next one.
    fn third_sets(&mut self) -> SyntaxResult<bool> {
        Ok(matches!(
            self.third()?.kind,
            TokenKind::Equals | TokenKind::Dot | TokenKind::Keyword(Keyword::To | Keyword::From)
        ))
    }
}

/// Options of a role that are one word, which is no key word.
fn flag<'a>(word: &str) -> Option<RoleOptionKind<'a>> {
    Some(match word {
        "superuser" => RoleOptionKind::Superuser(true),
        "nosuperuser" => RoleOptionKind::Superuser(false),
        "createrole" => RoleOptionKind::CreateRole(true),
        "nocreaterole" => RoleOptionKind::CreateRole(false),
        "createdb" => RoleOptionKind::CreateDatabase(true),
        "nocreatedb" => RoleOptionKind::CreateDatabase(false),
        "login" => RoleOptionKind::Login(true),
        "nologin" => RoleOptionKind::Login(false),
        "replication" => RoleOptionKind::Replication(true),
        "noreplication" => RoleOptionKind::Replication(false),
        "bypassrls" => RoleOptionKind::BypassRowSecurity(true),
        "nobypassrls" => RoleOptionKind::BypassRowSecurity(false),
        "noinherit" => RoleOptionKind::Inherit(false),
        _ => return None,
    })
}
