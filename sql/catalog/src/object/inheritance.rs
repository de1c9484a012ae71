//! Inheritance: the parents of a table, what it is partitioned by, and which rows of its parent it has as a partition.

use super::datum::Datum;
use super::{IndexedValue, Oid};
use bincode::de::Decoder;
use bincode::enc::Encoder;
use bincode::error::{DecodeError, EncodeError};
use bincode::{Decode, Encode};
use types::Type;

/// What stands before a partition's bound: there is none, there is one, there is one of a partition that is being detached.
const NO_BOUND: u8 = 0;
const BOUND: u8 = 1;
const BOUND_DETACHING: u8 = 2;

/// Where a table stands among those that it inherits from and those that inherit from it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inheritance {
    /// The tables that it inherits from, in the order in which it says so; a partition has one.
    pub parents: Vec<Oid>,
    /// Which rows of its parent it has, if it is a partition.
    pub bound: Option<PartitionBound>,
    /// That it is a partition that is being detached `CONCURRENTLY`: snapshots taken since then do not show it as one. With the
    /// revision that the table had before that was said.
    pub detaching: Option<u64>,
    /// What its rows are divided by, if it is partitioned: then it has none itself.
    pub key: Option<PartitionKey>,
}

impl Encode for Inheritance {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        self.parents.encode(encoder)?;
        match (&self.bound, self.detaching) {
            (None, _) => NO_BOUND.encode(encoder)?,
            (Some(bound), None) => {
                BOUND.encode(encoder)?;
                bound.encode(encoder)?;
            }
            (Some(bound), Some(revision)) => {
                BOUND_DETACHING.encode(encoder)?;
                bound.encode(encoder)?;
                revision.encode(encoder)?;
            }
        }
        self.key.encode(encoder)
    }
}

impl<C> Decode<C> for Inheritance {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Inheritance, DecodeError> {
        let parents = Vec::decode(decoder)?;
        let (bound, detaching) = match u8::decode(decoder)? {
            NO_BOUND => (None, None),
            BOUND => (Some(PartitionBound::decode(decoder)?), None),
            BOUND_DETACHING => (Some(PartitionBound::decode(decoder)?), Some(u64::decode(decoder)?)),
            other => return Err(DecodeError::OtherString(format!("no bound of a partition is {other}"))),
        };
        Ok(Inheritance { parents, bound, detaching, key: Option::decode(decoder)? })
    }
}

bincode::impl_borrow_decode!(Inheritance);

/// How rows are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // each is what it is called
pub enum PartitionStrategy {
    List,
    Range,
    Hash,
}

impl PartitionStrategy {
    /// As SQL writes it.
    pub fn word(self) -> &'static str {
        match self {
            PartitionStrategy::List => "LIST",
            PartitionStrategy::Range => "RANGE",
            PartitionStrategy::Hash => "HASH",
        }
    }

    /// `pg_partitioned_table.partstrat`.
    pub fn letter(self) -> u8 {
        match self {
            PartitionStrategy::List => b'l',
            PartitionStrategy::Range => b'r',
            PartitionStrategy::Hash => b'h',
        }
    }
}

/// What a table's rows are divided by.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct PartitionKey {
    /// How.
    pub strategy: PartitionStrategy,
    /// By what, in order.
    pub columns: Vec<PartitionColumn>,
}

/// One of the things that rows are divided by.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct PartitionColumn {
    /// What it is.
    pub value: IndexedValue,
    /// The columns that it is made of.
    pub uses: Vec<u16>,
    /// Its type.
    pub type_oid: Oid,
    /// Its modifier.
    pub modifier: i32,
    /// Its collation, 0 without.
    pub collation: Oid,
    /// Its operator class, if it is not the type's own.
    pub class: Option<Oid>,
}

impl PartitionColumn {
    /// Its type with its modifier.
    pub fn column_type(&self) -> Type {
        Type { oid: self.type_oid, modifier: self.modifier }
    }
}

/// Which rows a partition has.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub enum PartitionBound {
    /// Those that no other has.
    Default,
    /// Those with one of these values; a null is one.
    List(Vec<Datum>),
    /// Those from the first on and before the second.
    Range(Vec<RangeEdge>, Vec<RangeEdge>),
    /// Those whose hash leaves a remainder.
    Hash {
        /// MODULUS.
        modulus: u32,
        /// REMAINDER.
        remainder: u32,
    },
}

/// One value of an edge of a range.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub enum RangeEdge {
    /// MINVALUE: before everything.
    Least,
    /// A value.
    Value(Datum),
    /// MAXVALUE: after everything.
    Greatest,
}
