//! SQL as clients see it. One program: each would be linked with everything below it.

#![allow(clippy::unwrap_used)] // these are tests

mod copy_files;
#[allow(clippy::disallowed_methods)] // it reads what people keep in folders
mod corpora;
#[allow(clippy::disallowed_methods)] // it needs sessions that run at the same time
mod databases;
mod direct;
mod estimates;
#[allow(clippy::disallowed_methods)] // it reads what people keep in folders
mod isolation;
mod nearest;
#[allow(clippy::disallowed_methods, clippy::disallowed_types)] // the same, on a larger stack
mod regress;
mod result_cache;
#[allow(clippy::disallowed_methods, clippy::disallowed_types)] // on a larger stack
mod scripts;
mod sessions;
#[allow(clippy::disallowed_methods)] // it needs sessions that run at the same time
mod waiting;
