//! Foreign data: wrappers, servers, tables, mappings of users.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::foreign::{
    AlterServer, CreateServer, ForeignOption, ForeignStatement, MappingName, OptionChange, Wrapper,
    WrapperFunction,
};
use crate::tree::object::ObjectName;
use crate::tree::option::{RoleKind, RoleName};
use crate::tree::select::Persistence;
use crate::tree::table::{CreateTable, OnServer, TableShape};
use crate::tree::{Name, StatementKind};

impl<'a> Parser<'a> {
    /// `CREATE FOREIGN …`; the current token is `FOREIGN`.
    pub(super) fn create_foreign(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        if self.at_keyword(Keyword::Table) {
            return self.create_foreign_table();
        }
        self.expect_keyword(Keyword::Data)?;
        self.expect_keyword(Keyword::Wrapper)?;
        let name = self.name()?;
        let functions = self.wrapper_functions()?;
        let options = self.foreign_options()?;
        Ok(self.foreign(ForeignStatement::CreateWrapper(Wrapper { name, functions, options })))
    }

    fn foreign(&self, statement: ForeignStatement<'a>) -> StatementKind<'a> {
        StatementKind::Foreign(self.boxed(statement))
    }

    /// `HANDLER f`, `NO HANDLER`, `VALIDATOR f`, `NO VALIDATOR`, as many as there are.
    fn wrapper_functions(&mut self) -> SyntaxResult<&'a [WrapperFunction<'a>]> {
        let mut found = self.list();
        loop {
            let position = self.position();
            found.push(match self.kind() {
                TokenKind::Keyword(Keyword::Handler) => {
                    self.take()?;
                    WrapperFunction::Handler(position, Some(self.qualified_name()?))
                }
                TokenKind::Keyword(Keyword::Validator) => {
                    self.take()?;
                    WrapperFunction::Validator(position, Some(self.qualified_name()?))
                }
                TokenKind::Keyword(Keyword::No) => {
                    self.take()?;
                    match self.eat_keyword(Keyword::Handler)? {
                        true => WrapperFunction::Handler(position, None),
                        false => {
                            self.expect_keyword(Keyword::Validator)?;
                            WrapperFunction::Validator(position, None)
                        }
                    }
                }
                _ => return Ok(found.into_bump_slice()),
            });
        }
    }

    pub(super) fn alter_foreign_data_wrapper(
        &mut self,
        name: ObjectName<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        let name = self.alone(name)?;
        let functions = self.wrapper_functions()?;
        let options = match functions.is_empty() || self.at_keyword(Keyword::Options) {
            true => self.alter_foreign_options()?,
            false => &[],
        };
        Ok(self.foreign(ForeignStatement::AlterWrapper(Wrapper { name, functions, options })))
    }

    /// A name that has no schema before it.
    pub(super) fn alone(&self, name: ObjectName<'a>) -> SyntaxResult<Name<'a>> {
        match name {
            ObjectName::Named(name) => name.parts.last().copied().ok_or_else(|| self.unexpected()),
            _ => Err(self.unexpected()),
        }
    }

    fn create_foreign_table(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.relation_name()?;
        let (mut shape, mut inherits): (_, &[_]) = (TableShape::Columns, &[]);
        let elements = if self.eat_keyword(Keyword::Partition)? {
            self.expect_keyword(Keyword::Of)?;
            let parent = self.relation_name()?;
            let elements = self.typed_elements()?;
            shape = TableShape::Partition(parent, self.partition_bound()?);
            elements
        } else {
            let elements = self.table_elements()?;
            if self.eat_keyword(Keyword::Inherits)? {
                inherits = self.parenthesised(Parser::relation_name)?;
            }
            elements
        };
        self.expect_keyword(Keyword::Server)?;
        let server = self.name()?;
        let on = OnServer { server, options: self.foreign_options()? };
        Ok(StatementKind::CreateTable(self.boxed(CreateTable {
            persistence: Persistence::Permanent,
            if_not_exists,
            name,
            shape,
            elements,
            inherits,
            partition_by: None,
            method: None,
            options: &[],
            on_commit: None,
            tablespace: None,
            foreign: Some(self.boxed(on)),
        })))
    }

    pub(super) fn create_server(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.name()?;
        let server_type = match self.eat_keyword(Keyword::Type)? {
            true => Some(self.string()?),
            false => None,
        };
        let version = self.server_version()?.flatten();
        self.expect_keyword(Keyword::Foreign)?;
        self.expect_keyword(Keyword::Data)?;
        self.expect_keyword(Keyword::Wrapper)?;
        let wrapper = self.name()?;
        let options = self.foreign_options()?;
        let create = CreateServer { if_not_exists, name, server_type, version, wrapper, options };
        Ok(self.foreign(ForeignStatement::CreateServer(create)))
    }

    /// `VERSION '…'`, `VERSION NULL`, if it stands here.
    fn server_version(&mut self) -> SyntaxResult<Option<Option<&'a str>>> {
        if !self.eat_keyword(Keyword::Version)? {
            return Ok(None);
        }
        match self.eat_keyword(Keyword::Null)? {
            true => Ok(Some(None)),
            false => Ok(Some(Some(self.string()?))),
        }
    }

    pub(super) fn alter_server(&mut self, name: ObjectName<'a>) -> SyntaxResult<StatementKind<'a>> {
        let name = self.alone(name)?;
        let version = self.server_version()?;
        let options = match version.is_none() || self.at_keyword(Keyword::Options) {
            true => self.alter_foreign_options()?,
            false => &[],
        };
        Ok(self.foreign(ForeignStatement::AlterServer(AlterServer { name, version, options })))
    }

    /// `CREATE USER MAPPING …`; the current token is `USER`.
    pub(super) fn create_user_mapping(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.take()?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.mapping_name()?;
        let options = self.foreign_options()?;
        Ok(self.foreign(ForeignStatement::CreateMapping(name, if_not_exists, options)))
    }

    /// `ALTER USER MAPPING …`; the current token is `USER`.
    pub(super) fn alter_user_mapping(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.take()?;
        let name = self.mapping_name()?;
        let options = self.alter_foreign_options()?;
        Ok(self.foreign(ForeignStatement::AlterMapping(name, options)))
    }

    /// `DROP USER MAPPING …`; the current token is `USER`.
    pub(super) fn drop_user_mapping(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.take()?;
        let if_exists = self.if_exists()?;
        let name = self.mapping_name()?;
        Ok(self.foreign(ForeignStatement::DropMapping(name, if_exists)))
    }

    /// `FOR user SERVER name`. `USER` is the one at work (`auth_ident`).
    fn mapping_name(&mut self) -> SyntaxResult<MappingName<'a>> {
        self.expect_keyword(Keyword::For)?;
        let position = self.position();
        let user = match self.eat_keyword(Keyword::User)? {
            true => RoleName { kind: RoleKind::CurrentUser, position },
            false => self.role()?,
        };
        self.expect_keyword(Keyword::Server)?;
        Ok(MappingName { user, server: self.name()? })
    }

    /// `IMPORT FOREIGN SCHEMA …`
    pub(super) fn import_foreign_schema(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.expect_keyword(Keyword::Foreign)?;
        self.expect_keyword(Keyword::Schema)?;
        self.name()?;
        let limits = self.eat_keyword(Keyword::Limit)?;
        if limits {
            self.expect_keyword(Keyword::To)?;
        }
        if limits || self.eat_keyword(Keyword::Except)? {
            self.parenthesised(Parser::relation)?;
        }
        self.expect_keyword(Keyword::From)?;
        self.expect_keyword(Keyword::Server)?;
        let server = self.name()?;
        self.expect_keyword(Keyword::Into)?;
        let schema = self.name()?;
        self.foreign_options()?;
        Ok(self.foreign(ForeignStatement::Import(server, schema)))
    }

    /// `OPTIONS (name 'value', …)`, if it stands here (`create_generic_options`): one at least, or it does not.
    pub(super) fn foreign_options(&mut self) -> SyntaxResult<&'a [ForeignOption<'a>]> {
        if !self.eat_keyword(Keyword::Options)? {
            return Ok(&[]);
        }
        self.parenthesised(|parser| {
            let name = parser.label()?;
            Ok(ForeignOption { name, change: OptionChange::Add(parser.string()?) })
        })
    }

    /// `OPTIONS (ADD name 'value', SET …, DROP …)` (`alter_generic_options`).
    pub(super) fn alter_foreign_options(&mut self) -> SyntaxResult<&'a [ForeignOption<'a>]> {
        self.expect_keyword(Keyword::Options)?;
        self.parenthesised(|parser| {
            // `set`, `add` and `drop` may be options' names themselves.
            let is_name = parser.next()?.kind == TokenKind::String;
            if !is_name && parser.eat_keyword(Keyword::Drop)? {
                return Ok(ForeignOption { name: parser.label()?, change: OptionChange::Drop });
            }
            let sets = !is_name && parser.eat_keyword(Keyword::Set)?;
            if !is_name && !sets {
                parser.eat_keyword(Keyword::Add)?;
            }
            let name = parser.label()?;
            let value = parser.string()?;
            let change = if sets { OptionChange::Set(value) } else { OptionChange::Add(value) };
            Ok(ForeignOption { name, change })
        })
    }
}
