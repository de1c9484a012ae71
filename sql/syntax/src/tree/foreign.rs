//! Foreign data: wrappers, servers, mappings of users, the import of schemas.

use super::option::RoleName;
use super::{Name, QualifiedName};

/// What is said of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionChange<'a> {
    /// `name 'value'`, `ADD name 'value'`
    Add(&'a str),
    /// `SET name 'value'`
    Set(&'a str),
    /// `DROP name`
    Drop,
}

/// An option in `OPTIONS (…)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignOption<'a> {
    /// Which.
    pub name: Name<'a>,
    /// What becomes of it.
    pub change: OptionChange<'a>,
}

/// A function of a wrapper; `None` after `NO`. Where the clause stands comes first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WrapperFunction<'a> {
    /// `HANDLER …`
    Handler(u32, Option<QualifiedName<'a>>),
    /// `VALIDATOR …`
    Validator(u32, Option<QualifiedName<'a>>),
}

/// `CREATE FOREIGN DATA WRAPPER …`, `ALTER FOREIGN DATA WRAPPER …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wrapper<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its functions.
    pub functions: &'a [WrapperFunction<'a>],
    /// `OPTIONS (…)`
    pub options: &'a [ForeignOption<'a>],
}

/// `CREATE SERVER …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateServer<'a> {
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Its name.
    pub name: Name<'a>,
    /// `TYPE …`
    pub server_type: Option<&'a str>,
    /// `VERSION …`; `NULL` is none.
    pub version: Option<&'a str>,
    /// `FOREIGN DATA WRAPPER …`
    pub wrapper: Name<'a>,
    /// `OPTIONS (…)`
    pub options: &'a [ForeignOption<'a>],
}

/// `ALTER SERVER …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterServer<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// `VERSION …`, if it is written; `NULL` takes it away.
    pub version: Option<Option<&'a str>>,
    /// `OPTIONS (…)`
    pub options: &'a [ForeignOption<'a>],
}

/// Whose mapping on which server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MappingName<'a> {
    /// `FOR …`
    pub user: RoleName<'a>,
    /// `SERVER …`
    pub server: Name<'a>,
}

/// A statement about foreign data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ForeignStatement<'a> {
    /// `CREATE FOREIGN DATA WRAPPER …`
    CreateWrapper(Wrapper<'a>),
    /// `ALTER FOREIGN DATA WRAPPER …`
    AlterWrapper(Wrapper<'a>),
    /// `CREATE SERVER …`
    CreateServer(CreateServer<'a>),
    /// `ALTER SERVER …`
    AlterServer(AlterServer<'a>),
    /// `CREATE USER MAPPING …`; whether `IF NOT EXISTS`.
    CreateMapping(MappingName<'a>, bool, &'a [ForeignOption<'a>]),
    /// `ALTER USER MAPPING …`
    AlterMapping(MappingName<'a>, &'a [ForeignOption<'a>]),
    /// `DROP USER MAPPING …`; whether `IF EXISTS`.
    DropMapping(MappingName<'a>, bool),
    /// `IMPORT FOREIGN SCHEMA …` from a server into a schema: more is not asked of a wrapper without a handler.
    Import(Name<'a>, Name<'a>),
}
