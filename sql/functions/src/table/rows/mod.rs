//! The functions, by theme.

mod aggregate;
mod array;
mod bits;
mod btree_gist;
mod bytes;
mod citext;
mod comparison;
mod conversion;
mod cryptography;
mod document;
mod estimate;
mod geometry;
mod hash;
mod index_support;
mod io;
mod large_object;
mod lock;
mod missing;
mod missing_aggregate;
mod missing_system;
mod moment;
mod network;
mod number;
mod pattern;
mod range;
mod search;
mod session;
mod step;
mod system;
mod text;
mod transaction;
mod trigram;
mod unaccent;
mod uncallable;
mod unique_number;
mod window;

use super::entry::{FunctionEntry as Row, Implementation};
use super::module::Module;

/// A row as the themes write it: number, name, arguments, result, what `pg_proc.prosrc` has, and what computes it.
const fn row(
    oid: u32,
    name: &'static str,
    arguments: &'static [u32],
    result: u32,
    source: &'static str,
    implementation: Implementation,
) -> Row {
    Row::new(oid, name, arguments, result, source, implementation)
}

/// The libraries that extensions ask for.
pub(super) static MODULES: &[Module] = &[
    Module { entries: btree_gist::ENTRIES, ..Module::of("btree_gist", btree_gist::ROWS) },
    Module { types: &[("citext", types::catalog::module::CITEXT)], ..Module::of("citext", citext::ROWS) },
    Module { entries: trigram::ENTRIES, ..Module::of("pg_trgm", trigram::ROWS) },
    Module::of("pgcrypto", cryptography::ROWS),
    Module::of("unaccent", unaccent::ROWS),
    Module::of("uuid-ossp", unique_number::ROWS),
];

/// Each theme's rows.
pub(super) static THEMES: &[&[Row]] = &[
    aggregate::ROWS,
    array::ROWS,
    bits::ROWS,
    bytes::ROWS,
    comparison::ROWS,
    conversion::ROWS,
    document::ROWS,
    large_object::ROWS,
    lock::ROWS,
    missing::ROWS,
    missing_aggregate::ROWS,
    estimate::ROWS,
    geometry::ROWS,
    hash::ROWS,
    index_support::ROWS,
    io::ROWS,
    missing_system::ROWS,
    moment::ROWS,
    network::ROWS,
    number::ROWS,
    pattern::ROWS,
    range::ROWS,
    search::ROWS,
    session::ROWS,
    step::ROWS,
    system::ROWS,
    text::ROWS,
    transaction::ROWS,
    uncallable::ROWS,
    window::ROWS,
];
