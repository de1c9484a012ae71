//! Types as which the values of extensions' types lie, are read, written and compared.
//!
//! `pg_type` does not have them, and no statement can name them: an extension's script makes a type that is like one
//! ([`super::Types::made_like`]). Their numbers are kept in files; PostgreSQL gives none from 8000 to 9999 in a release.

use super::entry::{Category, Form, TypeEntry};
use crate::kind::Kind;

/// `citext`: text whose letters compare as if all were small.
pub const CITEXT: u32 = 9_000;

/// `gtrgm`: what an index keeps of trigrams. There are no values.
pub const GTRGM: u32 = 9_001;

/// `gbtreekey4` and its like: what an index keeps of values in their order. There are no values.
pub const GBTREEKEY: u32 = 9_002;

static TABLE: [TypeEntry<'static>; 3] = [
    row(CITEXT, "citext", Category::String),
    row(GTRGM, "gtrgm", Category::User),
    row(GBTREEKEY, "gbtreekey", Category::User),
];

const fn row(oid: u32, name: &'static str, category: Category) -> TypeEntry<'static> {
    TypeEntry {
        oid,
        name,
        displayed: name,
        length: -1,
        by_value: false,
        form: Form::Base,
        category,
        preferred: false,
        delimiter: b',',
        element: 0,
        array: 0,
        kind: Some(Kind::Bytes),
    }
}

/// The type of this number.
pub(super) fn module_type(oid: u32) -> Option<&'static TypeEntry<'static>> {
    TABLE.iter().find(|entry| entry.oid == oid)
}
