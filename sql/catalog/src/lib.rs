//! The catalog of one database: what objects there are, what they are called, and what depends on what.
//!
//! * [`object`]: the objects as plain values.
//! * [`Snapshot`]: the whole catalog in memory at one version of it, immutable, found by name and by number. [`Scope`]: a
//!   snapshot as a session with its search_path sees it; it knows types ([`types::Types`]).
//! * [`Catalogs`]: what the sessions of a store share; [`Catalog`]: one session's handle, which makes snapshots and changes.
//!
//! Everything stands in one tree of each database, the first, and is written by a transaction like any row, so it rolls
//! back with the transaction, its savepoints and its failed statements. Temporary objects stand in a tree of their session's
//! temporary forest (`private`), and nobody else sees them. Large objects, of which there may be millions, are not part of the
//! snapshot: they have two trees of their own (`large_object`).
//!
//! Invariants
//!
//! 1. A name is locked before it is looked at and written, so two sessions never create it twice.
//! 2. Every dependency is kept in both directions; none outlives either end.
//! 3. Bytes that make no sense are an error that names the object, never a panic.
//! 4. A snapshot is made of what one view shows, and of nothing else: two made of the same version are equal.

#![forbid(unsafe_code)]

mod access;
mod change;
mod codec;
pub mod definition;
mod dependency;
mod describe;
mod drop;
mod error;
pub mod extension;
mod first;
mod handle;
mod keys;
pub mod labels;
mod large_object;
pub mod left_out;
pub mod name;
pub mod names;
mod native;
pub mod object;
pub mod operator_class;
mod partition;
mod private;
pub mod privilege;
pub mod replication;
mod roles_kept;
mod row_security;
mod snapshot;
mod system;

pub use access::{
    AccessError, AccessResult, Actor, denied, has_secret_columns, is_database_owner, is_member,
};
pub use change::References;
pub use dependency::{Address, Dependency, DependencyKind};
pub use drop::{Behavior, Dropped, Notice};
pub use error::{CatalogError, CatalogResult};
pub use first::{FirstNames, MAIN_DATABASE_OID};
pub use handle::{Catalog, Catalogs, Version};
pub use large_object::{
    LARGE_OBJECT_MAX, LargeObject, LargeObjectTrees, PAGE_OF_LARGE_OBJECT, denied_large_object,
};
pub use object::{Object, Oid};
pub use row_security::Reader;
pub use snapshot::{Comment, GivenTable, MadeType, PathEntry, Relation, Scope, SearchPath, Snapshot};
pub use system::{
    Counted, FunctionFigures, IndexFigures, LANGUAGES, LargeObjectPages, SessionRows, SystemColumn,
    SystemContext, SystemTable, TableFigures, builtin_cast, collation_of, file_of, search_function,
    search_token, system_rows, type_alignment, type_storage,
};
