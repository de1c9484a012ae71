//! Numbers: arithmetic, casts, mathematics.

pub(crate) mod cast;
pub(crate) mod exact;
pub(crate) mod float;
pub(crate) mod integer;
pub(crate) mod money;
