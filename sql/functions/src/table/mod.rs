//! The catalog of functions, operators and casts as data, with PostgreSQL 15's numbers.
//!
//! Each row says what PostgreSQL's catalog says of it, and what computes it. All that PostgreSQL has is there, because
//! which candidates there are decides what a name means; what is known and cannot be computed here is `Missing` and
//! refused once it is chosen. Indexes by number and by name are made by the compiler.

mod cast;
mod entry;
mod index;
mod leakproof;
mod module;
mod native;
mod oids;
mod operator;
mod operator_missing;
mod own;
mod restricted;
mod rows;

pub use entry::{
    CastEntry, FunctionEntry, FunctionKind, Implementation, Kernel, OperatorEntry, SingleFunction, Volatility,
};
pub use leakproof::is_leakproof;
pub use module::{Module, module_entries, module_functions, module_of};
pub use native::{Native, NativeAggregate, NativeRows, NativeScalar, is_native, native_entry};
pub use own::{DECIDED, NEXT_IDENTITY, information_functions, mapping_ascii};
pub use restricted::callers;
pub use types::catalog::{CastContext, CastMethod};

use types::Types;
use types::catalog::oid;

/// All functions, by theme.
pub fn functions() -> impl Iterator<Item = &'static FunctionEntry> {
    rows::THEMES.iter().flat_map(|theme| theme.iter())
}

/// The function of this number.
pub fn function(oid: u32) -> Option<&'static FunctionEntry> {
    match index::FUNCTIONS_BY_OID.binary_search_by_key(&oid, |entry| entry.oid) {
        Ok(found) => Some(index::FUNCTIONS_BY_OID[found]),
        Err(_) => own::own(oid),
    }
}

/// What computes a call of this number: a function of the table, what stands for those that a program gives, or what works
/// for one that came with a type of a user's.
pub fn working(types: &dyn Types, oid: u32) -> Option<&'static FunctionEntry> {
    function(oid).or_else(|| native_entry(oid)).or_else(|| worker(types.worker(oid)?))
}

/// The function of this number, if it is of the table or of a module: what works for functions that users make.
pub fn worker(oid: u32) -> Option<&'static FunctionEntry> {
    function(oid).or_else(|| module::worker(oid))
}

/// About how many rows a function gives, if it gives a set: `pg_proc.prorows`.
pub fn set_rows(function: &FunctionEntry) -> Option<f32> {
    let rows = match function.oid {
        2763 | 6248 => 1.0,
        2289 => 3.0,
        1689 | 2764 | 3035 | 3099 | 3322 | 3425 | 3781 | 6118 => 10.0,
        3713 | 3714 => 16.0,
        3353 | 3354 | 5029..=5031 | 6270..=6272 => 20.0,
        3400 => 23.0,
        2947 | 5052 | 5064 | 6224 => 50.0,
        1293
        | 1936
        | 2022
        | 2282
        | 2306
        | 2331
        | 3082..=3084
        | 3205
        | 3208
        | 3219
        | 3318
        | 3465
        | 3475
        | 3491
        | 3566
        | 3931
        | 3932
        | 3955
        | 3957..=3959
        | 3961
        | 3969
        | 4568
        | 6014 => 100.0,
        6159 => 250.0,
        1686 => 500.0,
        3689 | 3690 => 10_000.0,
        _ => 1000.0,
    };
    function.returns_set.then_some(rows)
}

/// All functions of this name.
pub fn functions_named(name: &str) -> impl Iterator<Item = &'static FunctionEntry> {
    let start = index::FUNCTIONS_BY_NAME.partition_point(|entry| entry.name < name);
    index::FUNCTIONS_BY_NAME[start..].iter().copied().take_while(move |entry| entry.name == name)
}

/// Whether a function is known and cannot be computed.
pub fn is_missing(oid: u32) -> bool {
    function(oid).is_none_or(FunctionEntry::is_missing)
}

/// All operators.
pub fn operators() -> impl Iterator<Item = &'static OperatorEntry> {
    operator::ROWS.iter().chain(operator_missing::ROWS)
}

/// The operator of this number.
pub fn operator_by_oid(oid: u32) -> Option<&'static OperatorEntry> {
    let found = index::OPERATORS_BY_OID.binary_search_by_key(&oid, |entry| entry.oid).ok()?;
    Some(index::OPERATORS_BY_OID[found])
}

/// All operators of this name.
pub fn operators_named(name: &str) -> impl Iterator<Item = &'static OperatorEntry> {
    let start = index::OPERATORS_BY_NAME.partition_point(|entry| entry.name < name);
    index::OPERATORS_BY_NAME[start..].iter().copied().take_while(move |entry| entry.name == name)
}

/// All operators that a function computes, in the table's order.
pub fn operators_of(function: u32) -> impl Iterator<Item = &'static OperatorEntry> {
    let start = index::OPERATORS_BY_FUNCTION.partition_point(|entry| entry.function < function);
    index::OPERATORS_BY_FUNCTION[start..].iter().copied().take_while(move |entry| entry.function == function)
}

/// All casts.
pub fn casts() -> &'static [CastEntry] {
    cast::ROWS
}

/// The cast between two different types.
pub fn cast_entry(source: u32, target: u32) -> Option<&'static CastEntry> {
    let found =
        cast::ROWS.binary_search_by_key(&(source, target), |entry| (entry.source, entry.target)).ok()?;
    Some(&cast::ROWS[found])
}

/// The function that fits a value of a type into the type's modifier; its arguments are the value, the modifier and, if
/// it has three, whether the cast is explicit.
pub fn length_cast(of: u32) -> Option<u32> {
    match of {
        oid::BPCHAR => Some(668),
        oid::VARCHAR => Some(669),
        oid::BIT => Some(1685),
        oid::VARBIT => Some(1687),
        oid::NUMERIC => Some(1703),
        oid::TIME => Some(1968),
        oid::TIMETZ => Some(1969),
        oid::TIMESTAMP => Some(1961),
        oid::TIMESTAMPTZ => Some(1967),
        oid::INTERVAL => Some(1200),
        _ => None,
    }
}
