//! Geometric values. Numbers that differ by a millionth are the same to their operators, as in PostgreSQL.

pub(crate) mod far;
pub(crate) mod plain;
pub(crate) mod round;
pub(crate) mod shape;
