//! Text search: parsers, templates, dictionaries, configurations.

use super::object::ObjectKind;
use super::option::Definition;
use super::{Name, QualifiedName};

/// What is done to a configuration's dictionaries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MappingChange<'a> {
    /// `ADD MAPPING FOR … WITH …`
    Add(&'a [Name<'a>], &'a [QualifiedName<'a>]),
    /// `ALTER MAPPING FOR … WITH …`
    Set(&'a [Name<'a>], &'a [QualifiedName<'a>]),
    /// `ALTER MAPPING … REPLACE … WITH …`; all kinds of tokens without any.
    Replace(&'a [Name<'a>], QualifiedName<'a>, QualifiedName<'a>),
    /// `DROP MAPPING FOR …`, with whether `IF EXISTS`.
    Drop(&'a [Name<'a>], bool),
}

/// A statement about text search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SearchStatement<'a> {
    /// `CREATE TEXT SEARCH … (…)`
    Create(ObjectKind, QualifiedName<'a>, &'a [Definition<'a>]),
    /// `ALTER TEXT SEARCH DICTIONARY … (…)`
    AlterDictionary(QualifiedName<'a>, &'a [Definition<'a>]),
    /// `ALTER TEXT SEARCH CONFIGURATION …`
    AlterConfiguration(QualifiedName<'a>, MappingChange<'a>),
}
