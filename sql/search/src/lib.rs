//! Text search: documents as lexemes with their places, queries, and what they find.
//!
//! * [`lexemes`]: `tsvector`. [`query`]: `tsquery`; [`parse`] reads it in its three ways, [`rewrite`] replaces parts of it.
//! * [`token`]: texts taken apart. [`dictionary`]: from words to lexemes. [`analyse`]: from texts to lexemes and queries, by a
//!   configuration.
//! * [`matching`]: whether a query finds a document. [`rank`]: how well it fits. [`headline`]: the part of it to show.
//!
//! All of it is a function of its arguments. Values lie so that their bytes compare as PostgreSQL compares values.

#![forbid(unsafe_code)]

pub mod analyse;
pub mod dictionary;
mod error;
pub mod headline;
pub mod lexemes;
mod matching;
mod parse;
mod phrases;
pub mod query;
pub mod rank;
mod rewrite;
pub mod token;
pub mod wire;
mod word;

pub use analyse::Configuration;
pub use dictionary::Dictionary;
pub use error::{SearchError, SearchResult};
pub use lexemes::{Lexeme, Lexemes, Position, Weight};
pub use query::{Node, Operand, Query};
