//! `pg_catalog` and `information_schema`: relations without rows of their own.
//!
//! Which there are and what columns they have stands in `relations.txt`, as PostgreSQL 15 answers; one that is not there
//! is not known. Their rows are computed when they are asked for.

mod describe;

pub(crate) use describe::system_tables;
pub use describe::{SystemColumn, SystemTable};
