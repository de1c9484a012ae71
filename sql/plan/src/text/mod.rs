//! Text forms of both trees, for snapshots and for whoever looks: one operator a line, inputs indented below.
//!
//! A column is `#relation.index`, a slot `$index`, an outer value `^number`, a parameter `?number`.

mod expression;
mod logical;
mod physical;

use std::fmt::{self, Display, Formatter};

/// Things one after the other, with commas.
struct List<'a, T>(&'a [T]);

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for (place, item) in self.0.iter().enumerate() {
            if place > 0 {
                formatter.write_str(", ")?;
            }
            write!(formatter, "{item}")?;
        }
        Ok(())
    }
}

/// Conditions, with `and`.
fn conditions<T: Display>(formatter: &mut Formatter<'_>, word: &str, conditions: &[T]) -> fmt::Result {
    for (place, condition) in conditions.iter().enumerate() {
        write!(formatter, " {} {condition}", if place == 0 { word } else { "and" })?;
    }
    Ok(())
}

/// The beginning of an operator's line.
fn indent(formatter: &mut Formatter<'_>, depth: usize) -> fmt::Result {
    write!(formatter, "{:width$}", "", width = depth * 2)
}
