//! How the rows of a partitioned table find their partition: what they are divided by, and which part has which of them.
//!
//! Values of bounds are of the keys' types. Parts of ranges come in the order of their ranges, those of lists and hashes in
//! the order in which their rows are shown; the one for all other rows is the last.

use crate::expression::Expression;
use std::collections::BTreeSet;
use types::Value;
use types::vector::Order;

/// How rows are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Strategy {
    List,
    Range,
    Hash,
}

/// How rows of a partitioned table find their partition.
#[derive(Debug, Clone, PartialEq)]
pub struct Routing {
    /// The table's number.
    pub table: u32,
    /// Its name and its schema's, for messages.
    pub name: String,
    /// See `name`.
    pub schema: String,
    /// How.
    pub strategy: Strategy,
    /// By what: over the columns of the table that is changed or read, which all have by name.
    pub keys: Vec<RoutingKey>,
    /// The parts.
    pub parts: Vec<Part>,
}

impl Routing {
    /// Marks parts that have come since the rows were to go as `before` says, where that has a part of all other rows: a statement
    /// that waited for that one goes there with what it knows, as in PostgreSQL. Whether there are such.
    pub fn mark_missed(&mut self, before: &Routing, name: &impl Fn(u32) -> Option<String>) -> bool {
        if self.table != before.table {
            return false;
        }
        let rest = before.parts.iter().find(|part| part.bound == Bound::Default);
        let rest = rest.and_then(|rest| match &rest.place {
            Place::Table(table) => name(*table),
            Place::Divided(inner) => Some(inner.name.clone()),
        });
        let mut any = false;
        for part in &mut self.parts {
            let known = before.parts.iter().find(|known| known.place.table() == part.place.table());
            match (known, &mut part.place) {
                (None, _) => part.missed.clone_from(&rest),
                (Some(Part { place: Place::Divided(before), .. }), Place::Divided(inner)) => {
                    any |= inner.mark_missed(before, name);
                }
                (Some(_), _) => {}
            }
            any |= part.missed.is_some();
        }
        any
    }

    /// All tables that have rows of it.
    pub fn all_tables(&self) -> BTreeSet<u32> {
        let of = |part: &Part| match &part.place {
            Place::Table(table) => BTreeSet::from([*table]),
            Place::Divided(inner) => inner.all_tables(),
        };
        self.parts.iter().flat_map(of).collect()
    }
}

/// What rows are divided by.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutingKey {
    /// Its value.
    pub expression: Expression,
    /// By which order values are compared.
    pub order: Order,
    /// What a message calls it: a column's name, an expression's text.
    pub text: String,
    /// What it is hashed by for parts of hashes, if that is a function that a user has named: the call, over the same columns.
    pub hash: Option<Expression>,
}

/// A part.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which rows it has.
    pub bound: Bound,
    /// Where they are.
    pub place: Place,
    /// Where they were to go before it came, if that was while the statement waited: the name of the part of all other rows,
    /// which does not take them any more.
    pub missed: Option<String>,
    /// Of a foreign table, what is said to who brings a row.
    pub foreign: Option<String>,
}

/// Which rows a part has.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// Those that no other has.
    Default,
    /// Those with one of these values; a null is one.
    List(Vec<Value>),
    /// Those from the first on and before the second.
    Range(Vec<Edge>, Vec<Edge>),
    /// Those whose hash leaves a remainder.
    Hash {
        /// By what it is divided.
        modulus: u32,
        /// What is left.
        remainder: u32,
    },
}

/// One value of an edge of a range.
#[derive(Debug, Clone, PartialEq)]
pub enum Edge {
    /// Before everything.
    Least,
    /// A value.
    Value(Value),
    /// After everything.
    Greatest,
}

/// Where the rows of a part are.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// In a table, by its number.
    Table(u32),
    /// Divided further.
    Divided(Box<Routing>),
}

impl Place {
    /// The partition's number.
    pub fn table(&self) -> u32 {
        match self {
            Place::Table(table) => *table,
            Place::Divided(inner) => inner.table,
        }
    }
}
