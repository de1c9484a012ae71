//! The pager. One program: each would be linked with everything below it.

#![allow(clippy::unwrap_used)] // these are tests

mod annotate;
mod bad_input;
mod crashes;
mod faults;
mod free_map;
mod index_node;
mod life_cycle;
mod page_set;
mod resealed;
mod support;
#[allow(clippy::disallowed_methods, clippy::disallowed_types)] // real threads are the point
mod threads;
