//! Arrays and records: made, changed, searched, compared, spread out into rows.

pub(crate) mod change;
pub(crate) mod compare;
pub(crate) mod oids;
pub(crate) mod pieces;
pub(crate) mod rows;
pub(crate) mod shape;
