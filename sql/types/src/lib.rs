//! Types and values: what the executor, the catalog and the server work with.
//!
//! From the bottom up: [`Kind`] says how values lie in memory, [`vector`] holds many of them densely, [`row`] and [`key`]
//! bring them onto pages, [`catalog`] gives them PostgreSQL's names and numbers, [`text`], [`wire`] and [`array`] bring them to
//! the edges and back. The storage engine appears nowhere: pages are borrowed bytes here.

#![forbid(unsafe_code)]

pub mod array;
pub mod catalog;
pub mod combined;
pub mod encoding;
pub mod entry;
pub mod folded;
pub mod geometry;
pub mod hash;
pub mod key;
pub mod kind;
pub mod network;
pub mod path_moments;
pub mod range;
pub mod record;
pub mod row;
pub mod stored;
pub mod text;
pub mod trigram;
pub mod value;
pub mod vector;
pub mod wire;

pub use catalog::{BuiltinTypes, Type, TypeEntry, Types};
pub use datetime::{Interval, TimeTz};
pub use kind::Kind;
pub use numeric::Numeric;
pub use path_moments::PathMoments;
pub use value::{Item, Value};
pub use vector::{Chunk, Vector};
pub use {datetime, json, numeric};
