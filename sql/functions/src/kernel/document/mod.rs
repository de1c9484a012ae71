//! `json` and `jsonb`.

pub(crate) mod access;
pub(crate) mod aggregate;
pub(crate) mod cast;
pub(crate) mod change;
pub(crate) mod make;
pub(crate) mod path;
pub(crate) mod populate;
pub(crate) mod rows;
