//! `GRANT`, `REVOKE`, `ALTER DEFAULT PRIVILEGES`.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::{Keyword, KeywordClass};
use crate::lexer::TokenKind;
use crate::tree::object::{ObjectKind, ObjectName};
use crate::tree::option::{DropBehavior, RoleName};
use crate::tree::role::{DefaultPrivileges, Grant, GrantKind, GrantRole, GrantTarget, Privilege};
use crate::tree::{Name, StatementKind};

impl<'a> Parser<'a> {
    /// `GRANT …`, `REVOKE …`
    pub(super) fn grant(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let grant = self.take()?.kind == TokenKind::Keyword(Keyword::Grant);
        let mut option = !grant && self.grant_option_for()?;
        if !grant && !option && self.at_keywords(Keyword::Admin, Keyword::Option)? {
            self.take()?;
            self.take()?;
            self.expect_keyword(Keyword::For)?;
            let roles = self.separated(Parser::privilege)?;
            return self.grant_role(grant, roles, true);
        }
        let privileges = self.privileges()?;
        if let Some(roles) = privileges
            && !option
            && !self.at_keyword(Keyword::On)
            && self.at_keyword(if grant { Keyword::To } else { Keyword::From })
            && roles.iter().all(|role| role.name.text != "all" || role.columns.is_empty())
        {
            return self.grant_role(grant, roles, false);
        }
        self.expect_keyword(Keyword::On)?;
        let on = self.grant_target()?;
        self.expect_keyword(if grant { Keyword::To } else { Keyword::From })?;
        let grantees = self.separated(Parser::grantee)?;
        if grant {
            option = self.with_grant_option()?;
        }
        let granted_by = self.granted_by()?;
        let behavior = if grant { DropBehavior::Restrict } else { self.drop_behavior()? };
        Ok(StatementKind::Grant(self.boxed(Grant {
            grant,
            privileges,
            on,
            grantees,
            grant_option: option,
            granted_by,
            behavior,
        })))
    }

    fn grant_role(
        &mut self,
        grant: bool,
        roles: &'a [Privilege<'a>],
        admin: bool,
    ) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(if grant { Keyword::To } else { Keyword::From })?;
        let grantees = self.separated(Parser::role)?;
        let mut admin_option = admin;
        if grant && self.eat_keyword(Keyword::With)? {
            self.expect_keyword(Keyword::Admin)?;
            self.expect_keyword(Keyword::Option)?;
            admin_option = true;
        }
        let granted_by = self.granted_by()?;
        let behavior = if grant { DropBehavior::Restrict } else { self.drop_behavior()? };
        Ok(StatementKind::GrantRole(self.boxed(GrantRole {
            grant,
            roles,
            grantees,
            admin_option,
            granted_by,
            behavior,
        })))
    }

    /// `GRANT OPTION FOR`, if it stands here.
    fn grant_option_for(&mut self) -> SyntaxResult<bool> {
        let found = self.eat_keyword(Keyword::Grant)?;
        if found {
            self.expect_keyword(Keyword::Option)?;
            self.expect_keyword(Keyword::For)?;
        }
        Ok(found)
    }

    fn with_grant_option(&mut self) -> SyntaxResult<bool> {
        let found = self.eat_keyword(Keyword::With)?;
        if found {
            self.expect_keyword(Keyword::Grant)?;
            self.expect_keyword(Keyword::Option)?;
        }
        Ok(found)
    }

    fn granted_by(&mut self) -> SyntaxResult<Option<RoleName<'a>>> {
        if !self.eat_keyword(Keyword::Granted)? {
            return Ok(None);
        }
        self.expect_keyword(Keyword::By)?;
        self.role().map(Some)
    }

    fn grantee(&mut self) -> SyntaxResult<RoleName<'a>> {
        self.eat_keyword(Keyword::Group)?;
        self.role()
    }

    /// A list of privileges; `None` for all.
    fn privileges(&mut self) -> SyntaxResult<Option<&'a [Privilege<'a>]>> {
        if !self.at_keyword(Keyword::All) {
            return self.separated(Parser::privilege).map(Some);
        }
        let name = self.label()?;
        self.eat_keyword(Keyword::Privileges)?;
        let columns = self.optional_names()?;
        Ok(match columns.is_empty() {
            true => None,
            false => Some(std::slice::from_ref(self.boxed(Privilege { name, columns }))),
        })
    }

    fn privilege(&mut self) -> SyntaxResult<Privilege<'a>> {
        if self.at_keyword(Keyword::Alter) {
            let position = self.take()?.start;
            self.expect_keyword(Keyword::System)?;
            return Ok(Privilege { name: Name { text: "alter system", position }, columns: &[] });
        }
        let name = match self.kind() {
            TokenKind::Keyword(Keyword::Select | Keyword::References | Keyword::Create) => self.label()?,
            _ => self.name()?,
        };
        Ok(Privilege { name, columns: self.optional_names()? })
    }

    fn grant_target(&mut self) -> SyntaxResult<GrantTarget<'a>> {
        let TokenKind::Keyword(keyword) = self.kind() else { return self.granted_tables() };
        if keyword == Keyword::All {
            return self.all_in_schemas();
        }
        // A word that a table's name cannot go on behind introduces its kind.
        let next = self.next()?.kind;
        let names_table = matches!(
            next,
            TokenKind::Comma
                | TokenKind::Dot
                | TokenKind::LeftBracket
                | TokenKind::Keyword(Keyword::To | Keyword::From)
        ) && keyword.class() != KeywordClass::Reserved;
        if names_table {
            return self.granted_tables();
        }
        let (kind, named_as) = match keyword {
            Keyword::Table => (GrantKind::Table, ObjectKind::Table),
            Keyword::Sequence => (GrantKind::Sequence, ObjectKind::Sequence),
            Keyword::Function => (GrantKind::Function, ObjectKind::Function),
            Keyword::Procedure => (GrantKind::Procedure, ObjectKind::Procedure),
            Keyword::Routine => (GrantKind::Routine, ObjectKind::Routine),
            Keyword::Database => (GrantKind::Database, ObjectKind::Database),
            Keyword::Domain => (GrantKind::Domain, ObjectKind::Table),
            Keyword::Language => (GrantKind::Language, ObjectKind::Language),
            Keyword::Schema => (GrantKind::Schema, ObjectKind::Schema),
            Keyword::Tablespace => (GrantKind::Tablespace, ObjectKind::Tablespace),
            Keyword::Type => (GrantKind::Type, ObjectKind::Table),
            Keyword::Foreign => return self.granted_foreign(),
            Keyword::Large => {
                self.take()?;
                self.expect_keyword(Keyword::Object)?;
                let objects = self.separated(|parser| Ok(ObjectName::Number(parser.signed_number()?)))?;
                return Ok(GrantTarget::Objects(GrantKind::LargeObject, objects));
            }
            Keyword::Parameter => {
                self.take()?;
                let names = self.separated(|parser| Ok(ObjectName::Named(parser.variable_name()?)))?;
                return Ok(GrantTarget::Objects(GrantKind::Parameter, names));
            }
            _ => return self.granted_tables(),
        };
        self.take()?;
        if matches!(kind, GrantKind::Table | GrantKind::Sequence) {
            let objects = self.separated(|parser| Ok(ObjectName::Named(parser.relation_name()?)))?;
            return Ok(GrantTarget::Objects(kind, objects));
        }
        let objects = self.separated(|parser| parser.object_name(named_as))?;
        Ok(GrantTarget::Objects(kind, objects))
    }

    fn granted_tables(&mut self) -> SyntaxResult<GrantTarget<'a>> {
        let objects = self.separated(|parser| Ok(ObjectName::Named(parser.relation_name()?)))?;
        Ok(GrantTarget::Objects(GrantKind::Table, objects))
    }

    fn granted_foreign(&mut self) -> SyntaxResult<GrantTarget<'a>> {
        self.take()?;
        let kind = match self.eat_keyword(Keyword::Server)? {
            true => GrantKind::ForeignServer,
            false => {
                self.expect_keyword(Keyword::Data)?;
                self.expect_keyword(Keyword::Wrapper)?;
                GrantKind::ForeignDataWrapper
            }
        };
        let objects = self.separated(|parser| parser.object_name(ObjectKind::Server))?;
        Ok(GrantTarget::Objects(kind, objects))
    }

    fn all_in_schemas(&mut self) -> SyntaxResult<GrantTarget<'a>> {
        self.take()?;
        let kind = match self.kind() {
            TokenKind::Keyword(Keyword::Tables) => GrantKind::Table,
            TokenKind::Keyword(Keyword::Sequences) => GrantKind::Sequence,
            TokenKind::Keyword(Keyword::Functions) => GrantKind::Function,
            TokenKind::Keyword(Keyword::Procedures) => GrantKind::Procedure,
            TokenKind::Keyword(Keyword::Routines) => GrantKind::Routine,
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        self.expect_keyword(Keyword::In)?;
        self.expect_keyword(Keyword::Schema)?;
        Ok(GrantTarget::AllInSchemas(kind, self.separated(Parser::name)?))
    }

    /// `ALTER DEFAULT PRIVILEGES …` behind `ALTER`.
    pub(super) fn default_privileges(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.expect_keyword(Keyword::Privileges)?;
        let mut schemas = self.list();
        let mut roles = self.list();
        loop {
            if self.eat_keyword(Keyword::In)? {
                self.expect_keyword(Keyword::Schema)?;
                schemas.extend(self.separated(Parser::name)?.iter().copied());
            } else if self.eat_keyword(Keyword::For)? {
                if !self.eat_keyword(Keyword::Role)? {
                    self.expect_keyword(Keyword::User)?;
                }
                roles.extend(self.separated(Parser::role)?.iter().copied());
            } else {
                break;
            }
        }
        let grant = self.default_grant()?;
        let (schemas, roles) = (schemas.into_bump_slice(), roles.into_bump_slice());
        let defaults = DefaultPrivileges { schemas, roles, grant };
        Ok(StatementKind::DefaultPrivileges(self.boxed(defaults)))
    }

    fn default_grant(&mut self) -> SyntaxResult<Grant<'a>> {
        let grant = self.eat_keyword(Keyword::Grant)?;
        if !grant {
            self.expect_keyword(Keyword::Revoke)?;
        }
        let mut grant_option = !grant && self.grant_option_for()?;
        let privileges = self.privileges()?;
        self.expect_keyword(Keyword::On)?;
        let kind = match self.kind() {
            TokenKind::Keyword(Keyword::Tables) => GrantKind::Table,
            TokenKind::Keyword(Keyword::Functions | Keyword::Routines) => GrantKind::Function,
            TokenKind::Keyword(Keyword::Sequences) => GrantKind::Sequence,
            TokenKind::Keyword(Keyword::Types) => GrantKind::Type,
            TokenKind::Keyword(Keyword::Schemas) => GrantKind::Schema,
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        self.expect_keyword(if grant { Keyword::To } else { Keyword::From })?;
        let grantees = self.separated(Parser::grantee)?;
        if grant {
            grant_option = self.with_grant_option()?;
        }
        let behavior = if grant { DropBehavior::Restrict } else { self.drop_behavior()? };
        let on = GrantTarget::Defaults(kind);
        Ok(Grant { grant, privileges, on, grantees, grant_option, granted_by: None, behavior })
    }
}
