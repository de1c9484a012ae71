//! Statistics of several columns together: what is to be gathered, and what ANALYZE has found.

use super::{Datum, Oid};
use bincode::{Decode, Encode};

/// What `CREATE STATISTICS` makes.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct ExtendedStatistics {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// Of which table.
    pub table: Oid,
    /// The places of its columns, ascending; at least two.
    pub columns: Vec<u16>,
    /// What is gathered.
    pub kinds: ExtendedKinds,
    /// How many most common values are wanted; -1 for what is wanted of the columns.
    pub target: i32,
    /// What ANALYZE has found.
    pub found: Option<Combined>,
}

/// What is gathered of several columns together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
pub struct ExtendedKinds {
    /// `ndistinct`: how many different combinations there are.
    pub distinct: bool,
    /// `dependencies`: how far some columns tell another.
    pub dependencies: bool,
    /// `mcv`: the most common combinations.
    pub common: bool,
}

impl ExtendedKinds {
    /// All there are.
    pub const ALL: ExtendedKinds = ExtendedKinds { distinct: true, dependencies: true, common: true };

    /// The words and the letters of those that are gathered.
    pub fn shown(self) -> impl Iterator<Item = (&'static str, u8)> {
        let all = [
            (self.distinct, "ndistinct", b'd'),
            (self.dependencies, "dependencies", b'f'),
            (self.common, "mcv", b'm'),
        ];
        all.into_iter().filter(|(is, ..)| *is).map(|(_, word, letter)| (word, letter))
    }
}

/// What ANALYZE has found of several columns together. Columns are places in [`ExtendedStatistics::columns`].
#[derive(Debug, Clone, Default, PartialEq, Encode, Decode)]
pub struct Combined {
    /// How many different combinations some columns have.
    pub distinct: Vec<(Vec<u16>, f64)>,
    /// Which part of the rows some columns, all but the last, tell the last one in.
    pub dependencies: Vec<(Vec<u16>, f64)>,
    /// The most common combinations of all columns, the most common first.
    pub common: Vec<CommonCombination>,
}

/// A combination of values that is common.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct CommonCombination {
    /// Its values; null for none.
    pub values: Vec<Datum>,
    /// Which part of the rows has it.
    pub frequency: f64,
    /// Which part would have it if the columns had nothing to do with one another.
    pub base: f64,
}
