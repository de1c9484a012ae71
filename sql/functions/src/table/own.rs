//! Functions that are not in `pg_catalog`: what the program itself puts into statements, which no statement can name, and what
//! clients ask of `information_schema`.
//!
//! pg_proc does not have them. PostgreSQL gives no function a number from 8000 to 9999
//! in a release.

use super::entry::{FunctionEntry, Implementation};
use crate::evaluate::SessionFunction;
use crate::kernel::array;
use types::catalog::oid;

/// The next value of an identity column's sequence, which whoever may insert into the table is given. Source: PostgreSQL's
/// `NextValueExpr`, which asks for no privilege on the sequence.
pub const NEXT_IDENTITY: u32 = 9999;

static OWN: [FunctionEntry; 2] = [
    FunctionEntry::new(
        NEXT_IDENTITY,
        "nextval",
        &[oid::REGCLASS],
        oid::INT8,
        "nextval_oid",
        Implementation::Session(SessionFunction::NextIdentity),
    )
    .volatile(),
    // Clients read which columns a key has by it.
    FunctionEntry::new(
        EXPAND_ARRAY,
        "_pg_expandarray",
        &[oid::ANYARRAY],
        oid::RECORD,
        "_pg_expandarray",
        Implementation::Set(array::rows::expand_array),
    )
    .set()
    .columns(&[("x", oid::ANYELEMENT), ("n", oid::INT4)]),
];

/// The functions of a name that stand in `information_schema`.
pub fn information_functions(name: &str) -> impl Iterator<Item = &'static FunctionEntry> {
    OWN.iter().filter(move |entry| entry.oid == EXPAND_ARRAY && entry.name == name)
}

/// `information_schema._pg_expandarray`
const EXPAND_ARRAY: u32 = 9998;

pub(super) fn own(oid: u32) -> Option<&'static FunctionEntry> {
    OWN.iter().find(|entry| entry.oid == oid)
}
