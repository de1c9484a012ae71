//! Collations. All of them compare by bytes; what differs are their names and what they say of themselves.

use super::Oid;
use bincode::{Decode, Encode};

/// A collation that a user has made.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Collation {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// `pg_collation.collencoding`: that of the database, or -1 for all.
    pub encoding: i32,
    /// LC_COLLATE: `C` or `POSIX`.
    pub collate: String,
    /// LC_CTYPE: the same.
    pub ctype: String,
    /// VERSION, as it is written.
    pub version: Option<String>,
}

/// A collation that comes with the program, in `pg_catalog`.
#[derive(Debug, Clone, Copy)]
pub struct FixedCollation {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: &'static str,
    /// `pg_collation.collprovider`.
    pub provider: u8,
    /// `pg_collation.collencoding`.
    pub encoding: i32,
    /// LC_COLLATE and LC_CTYPE; the database's without.
    pub locale: Option<&'static str>,
}

/// All that come with the program.
pub const FIXED_COLLATIONS: [FixedCollation; 4] = [
    FixedCollation { oid: 100, name: "default", provider: b'd', encoding: -1, locale: None },
    FixedCollation { oid: 950, name: "C", provider: b'c', encoding: -1, locale: Some("C") },
    FixedCollation { oid: 951, name: "POSIX", provider: b'c', encoding: -1, locale: Some("POSIX") },
    FixedCollation { oid: 12340, name: "ucs_basic", provider: b'c', encoding: 6, locale: Some("C") },
];
