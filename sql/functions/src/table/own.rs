//! Functions that are not in `pg_catalog`: what the program itself puts into statements, which no statement can name, and what
//! clients ask of `information_schema`.
//!
//! pg_proc does not have them. PostgreSQL gives no function a number from 8000 to 9999
//! in a release.

use super::entry::{FunctionEntry, FunctionKind, Implementation};
use crate::evaluate::SessionFunction;
use crate::kernel::text::case;
use crate::kernel::{aggregate, array};
use types::catalog::oid;

/// The next value of an identity column's sequence, which whoever may insert into the table is given. Source: PostgreSQL's
/// `NextValueExpr`, which asks for no privilege on the sequence.
pub const NEXT_IDENTITY: u32 = 9999;

/// What the keys of a group decide: the planner carries it along instead of grouping by it. Source: PostgreSQL's
/// `remove_useless_groupby_columns`.
pub const DECIDED: u32 = 9994;

/// Functions that map letters, with those that do so where the collation knows the letters of ASCII alone. They are written alike.
const OF_ASCII: [(u32, u32); 3] = [(870, LOWER), (871, UPPER), (872, INITCAP)];

const LOWER: u32 = 9997;
const UPPER: u32 = 9996;
const INITCAP: u32 = 9995;

static OWN: [FunctionEntry; 6] = [
    of_ascii(LOWER, "lower", Implementation::Scalar(case::lower_of_ascii)),
    of_ascii(UPPER, "upper", Implementation::Scalar(case::upper_of_ascii)),
    of_ascii(INITCAP, "initcap", Implementation::Scalar(case::initcap_of_ascii)),
    FunctionEntry::new(
        NEXT_IDENTITY,
        "nextval",
        &[oid::REGCLASS],
        oid::INT8,
        "nextval_oid",
        Implementation::Session(SessionFunction::NextIdentity),
    )
    .volatile(),
    FunctionEntry::new(
        DECIDED,
        "decided",
        &[oid::ANYELEMENT],
        oid::ANYELEMENT,
        "decided",
        Implementation::Aggregate(aggregate::decided::decided),
    )
    .kind(FunctionKind::Aggregate { sort_operator: 0 })
    .lenient(),
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

const fn of_ascii(oid: u32, name: &'static str, implementation: Implementation) -> FunctionEntry {
    FunctionEntry::new(oid, name, &[oid::TEXT], oid::TEXT, name, implementation)
}

/// What maps letters as a function does, but those of ASCII alone: by `COLLATE "C"`.
pub fn mapping_ascii(function: u32) -> Option<u32> {
    OF_ASCII.iter().find(|(known, _)| *known == function).map(|(_, own)| *own)
}

/// The functions of a name that stand in `information_schema`.
pub fn information_functions(name: &str) -> impl Iterator<Item = &'static FunctionEntry> {
    OWN.iter().filter(move |entry| entry.oid == EXPAND_ARRAY && entry.name == name)
}

/// `information_schema._pg_expandarray`
const EXPAND_ARRAY: u32 = 9998;

pub(super) fn own(oid: u32) -> Option<&'static FunctionEntry> {
    OWN.iter().find(|entry| entry.oid == oid)
}
