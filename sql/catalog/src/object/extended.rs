//! Statistics of several columns and expressions together, or of an expression alone: what is to be gathered, and what ANALYZE
//! has found.

use super::{ColumnStatistics, Datum, Oid};
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
    /// The places of its columns, ascending; with its expressions at least two, but for an expression alone.
    pub columns: Vec<u16>,
    /// Its expressions, in the order in which they are written. Behind the columns they are counted on.
    pub expressions: Vec<GatheredExpression>,
    /// What is gathered.
    pub kinds: ExtendedKinds,
    /// How many most common values are wanted; -1 for what is wanted of the columns.
    pub target: i32,
    /// What ANALYZE has found in the table's own rows.
    pub found: Option<Combined>,
    /// The same of rows of those that inherit from it, or are its partitions, among its own.
    pub inherited: Option<Combined>,
}

/// An expression over the columns of a table whose values are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct GatheredExpression {
    /// Its text.
    pub text: String,
    /// The type of its values.
    pub type_oid: Oid,
    /// That type's modifier.
    pub modifier: i32,
}

impl ExtendedStatistics {
    /// How many columns and expressions there are.
    pub fn width(&self) -> usize {
        self.columns.len() + self.expressions.len()
    }

    /// What ANALYZE has found, and whether it is of those that inherit among them.
    pub fn all_found(&self) -> impl Iterator<Item = (bool, &Combined)> {
        let own = self.found.iter().map(|found| (false, found));
        own.chain(self.inherited.iter().map(|found| (true, found)))
    }

    /// The letters of what is gathered, `e` for statistics of the expressions among them.
    pub fn letters(&self) -> impl Iterator<Item = u8> {
        let expressions = (!self.expressions.is_empty()).then_some(b'e');
        self.kinds.shown().map(|(_, letter)| letter).chain(expressions)
    }
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

/// What ANALYZE has found of several columns together. Columns are places in [`ExtendedStatistics::columns`], and behind
/// them in [`ExtendedStatistics::expressions`].
#[derive(Debug, Clone, Default, PartialEq, Encode, Decode)]
pub struct Combined {
    /// How many different combinations some columns have.
    pub distinct: Vec<(Vec<u16>, f64)>,
    /// Which part of the rows some columns, all but the last, tell the last one in.
    pub dependencies: Vec<(Vec<u16>, f64)>,
    /// The most common combinations of all columns, the most common first.
    pub common: Vec<CommonCombination>,
    /// What is known of each expression's values; nothing of one of which nothing could be found.
    pub expressions: Vec<Option<ColumnStatistics>>,
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
