//! A session: statement by statement, from text to rows.
//!
//! * [`settings`]: `SET`, `SHOW`, `RESET`. [`block`]: transactions and savepoints as statements make them.

#![forbid(unsafe_code)]

pub mod block;
mod error;
pub mod settings;
mod store_error;

pub use error::{SessionError, Warning};
pub use store_error::StoreFailure;
