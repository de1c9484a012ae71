//! Operators that users make.

use super::{IndexMethod, Oid};
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

/// What a family of operator classes holds: an operator or a function for two types.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct FamilyMember {
    /// Its number in pg_amop or pg_amproc.
    pub oid: Oid,
    /// The type on the left.
    pub left: Oid,
    /// The type on the right.
    pub right: Oid,
    /// The strategy of an operator, or what a function is for.
    pub number: i16,
    /// It.
    pub what: MemberKind,
}

/// What is a member of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum MemberKind {
    /// An operator, by its number.
    Operator(Oid),
    /// A function, by its number.
    Function(Oid),
    /// An operator by whose results rows come in order, by its number, and the family that orders those.
    OrderBy(Oid, Oid),
    /// The type of what an index keeps, where that is no value of the class's type.
    Kept(Oid),
}

impl MemberKind {
    /// What it names.
    pub fn oid(self) -> Oid {
        match self {
            MemberKind::Operator(oid)
            | MemberKind::Function(oid)
            | MemberKind::OrderBy(oid, _)
            | MemberKind::Kept(oid) => oid,
        }
    }

    /// The type of what an index keeps, if it says that.
    pub fn kept(self) -> Option<Oid> {
        match self {
            MemberKind::Kept(oid) => Some(oid),
            MemberKind::Operator(_) | MemberKind::Function(_) | MemberKind::OrderBy(..) => None,
        }
    }
}

/// A family of operator classes that a user has made.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct OperatorFamily {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// The access method of its indexes.
    pub method: IndexMethod,
    /// What it holds beyond what its classes do.
    pub members: Vec<FamilyMember>,
}

/// An operator class that a user has made.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct OperatorClass {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// The access method of its indexes.
    pub method: IndexMethod,
    /// Its family.
    pub family: Oid,
    /// The type that it is for.
    pub of: Oid,
    /// Whether it is that of its type where none is named.
    pub is_default: bool,
    /// What it holds.
    pub members: Vec<FamilyMember>,
}
