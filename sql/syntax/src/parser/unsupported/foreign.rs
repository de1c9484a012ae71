//! Foreign data: wrappers, servers, tables, mappings of users.

use super::super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::StatementKind;

impl<'a> Parser<'a> {
    /// `CREATE FOREIGN …`; the current token is `FOREIGN`.
    pub(super) fn create_foreign(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        if self.at_keyword(Keyword::Table) {
            return self.create_foreign_table();
        }
        self.expect_keyword(Keyword::Data)?;
        self.expect_keyword(Keyword::Wrapper)?;
        self.name()?;
        self.wrapper_functions()?;
        self.foreign_options()?;
        Ok(StatementKind::Unsupported("CREATE FOREIGN DATA WRAPPER"))
    }

    /// `HANDLER f`, `NO HANDLER`, `VALIDATOR f`, `NO VALIDATOR`; whether there were any.
    fn wrapper_functions(&mut self) -> SyntaxResult<bool> {
        let mut any = false;
        loop {
            match self.kind() {
                TokenKind::Keyword(Keyword::Handler | Keyword::Validator) => {
                    self.take()?;
                    self.qualified_name()?;
                }
                TokenKind::Keyword(Keyword::No) => {
                    self.take()?;
                    if !self.eat_keyword(Keyword::Handler)? {
                        self.expect_keyword(Keyword::Validator)?;
                    }
                }
                _ => return Ok(any),
            }
            any = true;
        }
    }

    pub(super) fn alter_foreign_data_wrapper(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let any = self.wrapper_functions()?;
        if !any || self.at_keyword(Keyword::Options) {
            self.alter_foreign_options()?;
        }
        Ok(StatementKind::Unsupported("ALTER FOREIGN DATA WRAPPER"))
    }

    fn create_foreign_table(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.if_not_exists()?;
        self.relation_name()?;
        if self.eat_keyword(Keyword::Partition)? {
            self.expect_keyword(Keyword::Of)?;
            self.relation_name()?;
            self.typed_elements()?;
            self.partition_bound()?;
        } else {
            self.table_elements()?;
            if self.eat_keyword(Keyword::Inherits)? {
                self.parenthesised(Parser::relation_name)?;
            }
        }
        self.expect_keyword(Keyword::Server)?;
        self.name()?;
        self.foreign_options()?;
        Ok(StatementKind::Unsupported("CREATE FOREIGN TABLE"))
    }

    pub(super) fn create_server(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.if_not_exists()?;
        self.name()?;
        if self.eat_keyword(Keyword::Type)? {
            self.string()?;
        }
        self.server_version()?;
        self.expect_keyword(Keyword::Foreign)?;
        self.expect_keyword(Keyword::Data)?;
        self.expect_keyword(Keyword::Wrapper)?;
        self.name()?;
        self.foreign_options()?;
        Ok(StatementKind::Unsupported("CREATE SERVER"))
    }

    fn server_version(&mut self) -> SyntaxResult<bool> {
        let found = self.eat_keyword(Keyword::Version)?;
        if found && !self.eat_keyword(Keyword::Null)? {
            self.string()?;
        }
        Ok(found)
    }

    pub(super) fn alter_server(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let version = self.server_version()?;
        if !version || self.at_keyword(Keyword::Options) {
            self.alter_foreign_options()?;
        }
        Ok(StatementKind::Unsupported("ALTER SERVER"))
    }

    /// `CREATE USER MAPPING …`; the current token is `USER`.
    pub(in super::super) fn create_user_mapping(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.take()?;
        self.if_not_exists()?;
        self.expect_keyword(Keyword::For)?;
        self.mapped_user()?;
        self.expect_keyword(Keyword::Server)?;
        self.name()?;
        self.foreign_options()?;
        Ok(StatementKind::Unsupported("CREATE USER MAPPING"))
    }

    /// `ALTER USER MAPPING …`; the current token is `USER`.
    pub(in super::super) fn alter_user_mapping(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.take()?;
        self.expect_keyword(Keyword::For)?;
        self.mapped_user()?;
        self.expect_keyword(Keyword::Server)?;
        self.name()?;
        self.alter_foreign_options()?;
        Ok(StatementKind::Unsupported("ALTER USER MAPPING"))
    }

    /// `IMPORT FOREIGN SCHEMA …`
    pub(in super::super) fn import_foreign_schema(&mut self) -> SyntaxResult<StatementKind<'a>> {
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
        self.name()?;
        self.expect_keyword(Keyword::Into)?;
        self.name()?;
        self.foreign_options()?;
        Ok(StatementKind::Unsupported("IMPORT FOREIGN SCHEMA"))
    }
}
