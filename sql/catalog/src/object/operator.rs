//! Operators that users make.

use super::Oid;
use bincode::{Decode, Encode};

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Operator {
    /// Its number.
    pub oid: Oid,
    /// Its symbol.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// The type of what stands on its left, 0 for a prefix operator.
    pub left: Oid,
    /// The type of what stands on its right.
    pub right: Oid,
    /// The type of its result.
    pub result: Oid,
    /// The function that computes it; 0 of one that another was said to be the commutator or the negator of.
    pub function: Oid,
    /// The operator that tells the same with the sides exchanged, 0 without.
    pub commutator: Oid,
    /// The operator that tells the opposite, 0 without.
    pub negator: Oid,
    /// RESTRICT, as it is written.
    pub restrict: Option<String>,
    /// JOIN, as it is written.
    pub join: Option<String>,
    /// HASHES.
    pub hashes: bool,
    /// MERGES.
    pub merges: bool,
}
