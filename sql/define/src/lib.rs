//! Definitions: from statements to changes of the catalog.
//!
//! A file for each kind of thing that can be defined; [`Definer`] is what all of them work with. Everything is written by
//! the transaction it is part of, and goes with it.

#![forbid(unsafe_code)]

mod access_method;
pub mod aggregate;
mod alter_lock;
mod alter_pass;
pub mod alter_table;
pub mod base_type;
pub mod cast;
pub mod cluster;
pub mod collation;
mod column_detail;
pub mod comment;
mod composite;
mod concurrently;
pub mod conversion;
pub mod database;
pub mod default_privileges;
mod definer;
pub mod domain;
pub mod drop;
mod error;
pub mod event_trigger;
mod expression;
pub mod extension;
mod family;
mod fixed;
pub mod foreign;
pub mod grant;
pub mod index;
mod inherit;
mod kept;
mod large_object;
pub mod materialized;
mod named_routine;
pub mod names;
pub mod operator;
pub mod operator_class;
pub mod owner;
pub mod partition;
pub mod persistence;
pub mod policy;
pub mod procedural;
mod program_routine;
mod range;
pub mod reindex;
pub mod rename;
pub mod replication;
mod retype;
mod retype_index;
pub mod role;
mod role_error;
pub mod routine;
mod routine_body;
pub mod rule;
pub mod schema;
pub mod search;
mod select_rule;
pub mod sequence;
pub mod setting;
mod signature;
pub mod statistics;
mod storage_option;
pub mod subject;
pub mod table;
pub mod tablespace;
pub mod trigger;
pub mod truncate;
pub mod types;
mod validate;
pub mod view;
mod written;

pub use definer::{Around, Definer, Rows, RowsError, size_of};
pub use error::{DefineError, DefineNotice, DefineResult};
pub use names::split_name;
pub use role_error::{RoleError, RoleNotice};
