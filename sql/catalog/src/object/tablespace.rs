//! Tablespaces: names for where relations are to lie, with an owner and options.
//!
//! Everything lies in one file, whatever a tablespace says. All of them stand in the main database's catalog.

use super::access::Acl;
use super::{Oid, SUPERUSER};
use bincode::{Decode, Encode};

/// A tablespace.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Tablespace {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other tablespace has it.
    pub name: String,
    /// The role that owns it.
    pub owner: Oid,
    /// `name=value` each.
    pub options: Vec<String>,
    /// Who may put relations into it.
    pub acl: Acl,
}

/// Where relations are that say nothing else.
pub const DEFAULT_TABLESPACE: Oid = 1663;
/// Where what all databases share is.
pub const SHARED_TABLESPACE: Oid = 1664;

/// Those that come with the program.
pub(crate) fn fixed_tablespaces() -> [Tablespace; 2] {
    [(DEFAULT_TABLESPACE, "pg_default"), (SHARED_TABLESPACE, "pg_global")].map(|(oid, name)| Tablespace {
        oid,
        name: name.to_owned(),
        owner: SUPERUSER,
        options: Vec::new(),
        acl: None,
    })
}
