//! Text search: documents, queries, and what is made of them by a configuration.

pub(crate) mod asked;
pub(crate) mod document;
pub(crate) mod fit;
pub(crate) mod rows;
pub(crate) mod value;
