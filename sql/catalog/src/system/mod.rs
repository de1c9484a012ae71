//! `pg_catalog` and `information_schema`: relations without rows of their own.
//!
//! Which there are and what columns they have stands in `relations.txt`, as PostgreSQL 15 answers; one that is not there
//! is not known. Their rows are computed when they are asked for: [`system_rows`].

mod aggregate;
mod aggregate_steps;
mod class;
mod constraint;
mod describe;
mod emit;
mod event_trigger;
mod extended;
mod extension;
mod foreign;
mod information;
mod information_columns;
mod information_grants;
mod information_routines;
mod information_usage;
mod inheritance;
mod large_object;
mod operator_family;
mod policy;
mod range;
mod replication;
mod role;
mod routine;
mod routine_facts;
mod search;
mod source;
mod standard;
mod statistics;
mod trigger;
mod typed;
mod views;

pub use class::file_of;
pub(crate) use describe::system_tables;
pub use describe::{SystemColumn, SystemTable};
pub use emit::{Counted, FunctionFigures, IndexFigures, SessionRows, SystemContext, TableFigures};
pub use large_object::LargeObjectPages;
pub(crate) use operator_family::all_parts;
pub(crate) use operator_family::{orders_by, strategy_of};
pub use routine::{LANGUAGES, builtin_cast};
pub use search::{search_function, search_token};
pub use source::system_rows;
pub use typed::{
    DEFAULT_COLLATION, alignment_of as type_alignment, collation_of, storage_of as type_storage,
};
