//! Bounds of partitions: as they are written, and whether they fit beside those that are there.

use super::at;
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, detailed, plain};
use catalog::object::{
    Datum, IndexedValue, PartitionBound, PartitionColumn, PartitionKey, PartitionStrategy, RangeEdge, Table,
};
use diagnostic::SqlState;
use std::cmp::Ordering;
use std::sync::Arc;
use syntax::tree::expression::{Expression, ExpressionKind};
use syntax::tree::table::PartitionBound as Written;
use types::vector::Order;
use types::{Item, Types, Value};

/// A bound, and where its values stand.
pub(crate) struct Bounded {
    /// It.
    pub bound: PartitionBound,
    /// Where its values stand, those of the lower edge first.
    positions: Vec<u32>,
    /// Where it begins.
    position: u32,
}

/// Reads a bound of a partition of a table.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn read_bound(
    definer: &mut Definer<'_>,
    parent: &Arc<Table>,
    written: &Written<'_>,
) -> DefineResult<Bounded> {
    let Some(key) = parent.inheritance.key.clone() else {
        let message = format!("\"{}\" is not partitioned", parent.name);
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    };
    let invalid = |kind: &str, position: u32| {
        let message = format!("invalid bound specification for a {kind} partition");
        at(SqlState::InvalidTableDefinition, message, position)
    };
    match (key.strategy, *written) {
        (PartitionStrategy::Hash, Written::Default(_)) => {
            let message = "a hash-partitioned table may not have a default partition";
            Err(plain(SqlState::InvalidTableDefinition, message))
        }
        (_, Written::Default(position)) => {
            Ok(Bounded { bound: PartitionBound::Default, positions: Vec::new(), position })
        }
        (PartitionStrategy::Hash, Written::Hash(modulus, remainder, position)) => {
            let invalid = |message: &str| Err(plain(SqlState::InvalidTableDefinition, message));
            let (Ok(modulus), Ok(remainder)) = (u32::try_from(modulus), u32::try_from(remainder)) else {
                return invalid(if modulus <= 0 {
                    "modulus for hash partition must be an integer value greater than zero"
                } else {
                    "remainder for hash partition must be an integer value greater than or equal to zero"
                });
            };
            if modulus == 0 {
                return invalid("modulus for hash partition must be an integer value greater than zero");
            }
            if remainder >= modulus {
                return invalid("remainder for hash partition must be less than modulus");
            }
            let bound = PartitionBound::Hash { modulus, remainder };
            Ok(Bounded { bound, positions: Vec::new(), position })
        }
        (PartitionStrategy::List, Written::In(values, position)) => {
            read_list(definer, parent, &key, values, position)
        }
        (PartitionStrategy::Range, Written::Range(from, to, position)) => {
            read_range(definer, parent, &key, (from, to), position)
        }
        (PartitionStrategy::Hash, Written::In(_, position) | Written::Range(.., position)) => {
            Err(invalid("hash", position))
        }
        (PartitionStrategy::List, Written::Hash(.., position) | Written::Range(.., position)) => {
            Err(invalid("list", position))
        }
        (PartitionStrategy::Range, Written::Hash(.., position) | Written::In(_, position)) => {
            Err(invalid("range", position))
        }
    }
}

fn read_list(
    definer: &mut Definer<'_>,
    parent: &Arc<Table>,
    key: &PartitionKey,
    written: &[Expression<'_>],
    position: u32,
) -> DefineResult<Bounded> {
    let Some(column) = key.columns.first() else {
        return definer.unsupported("a partition key without columns", None);
    };
    let order = definer.scope.order(column.column_type());
    let (mut values, mut positions): (Vec<Datum>, Vec<u32>) = (Vec::new(), Vec::new());
    for one in written {
        let value = Datum(read_value(definer, parent, column, one)?);
        // Said twice is said once.
        if !values.iter().any(|known| compare_values(order.as_ref(), &known.0, &value.0).is_eq()) {
            values.push(value);
            positions.push(one.start());
        }
    }
    Ok(Bounded { bound: PartitionBound::List(values), positions, position })
}

fn read_range(
    definer: &mut Definer<'_>,
    parent: &Arc<Table>,
    key: &PartitionKey,
    (from, to): (&[Expression<'_>], &[Expression<'_>]),
    position: u32,
) -> DefineResult<Bounded> {
    for (edge, word) in [(from, "FROM"), (to, "TO")] {
        if edge.len() != key.columns.len() {
            let message = format!("{word} must specify exactly one value per partitioning column");
            return Err(plain(SqlState::InvalidTableDefinition, message));
        }
    }
    let mut edges = |written: &[Expression<'_>]| -> DefineResult<Vec<RangeEdge>> {
        let mut edge = Vec::with_capacity(written.len());
        for (one, column) in written.iter().zip(&key.columns) {
            edge.push(match infinite(one) {
                Some(infinite) => infinite,
                None => {
                    let value = read_value(definer, parent, column, one)?;
                    if value.is_null() {
                        let message = "cannot specify NULL in range bound";
                        return Err(plain(SqlState::InvalidObjectDefinition, message));
                    }
                    RangeEdge::Value(Datum(value))
                }
            });
        }
        validate_infinite(&edge, written)?;
        Ok(edge)
    };
    let bound = PartitionBound::Range(edges(from)?, edges(to)?);
    let positions = from.iter().chain(to).map(Expression::start).collect();
    Ok(Bounded { bound, positions, position })
}

/// `MINVALUE` and `MAXVALUE`, which are read as columns.
fn infinite(written: &Expression<'_>) -> Option<RangeEdge> {
    let ExpressionKind::Column(name) = &written.kind else { return None };
    match name.parts {
        [only] if only.text == "minvalue" => Some(RangeEdge::Least),
        [only] if only.text == "maxvalue" => Some(RangeEdge::Greatest),
        _ => None,
    }
}

/// What follows something beyond all values is beyond them in the same way.
fn validate_infinite(edge: &[RangeEdge], written: &[Expression<'_>]) -> DefineResult<()> {
    let mut beyond: Option<&RangeEdge> = None;
    for (one, written) in edge.iter().zip(written) {
        match (beyond, one) {
            (Some(RangeEdge::Least), RangeEdge::Least) | (Some(RangeEdge::Greatest), RangeEdge::Greatest) => {
            }
            (Some(known), _) => {
                let word = if *known == RangeEdge::Least { "MINVALUE" } else { "MAXVALUE" };
                let message = format!("every bound following {word} must also be {word}");
                return Err(at(SqlState::DatatypeMismatch, message, written.start()));
            }
            (None, RangeEdge::Value(_)) => {}
            (None, infinite) => beyond = Some(infinite),
        }
    }
    Ok(())
}

fn read_value(
    definer: &mut Definer<'_>,
    parent: &Arc<Table>,
    column: &PartitionColumn,
    written: &Expression<'_>,
) -> DefineResult<Value> {
    let of = column.column_type();
    let clause = bind::Clause::PartitionBound;
    let name = match &column.value {
        IndexedValue::Column(place) => {
            parent.columns.get(usize::from(*place)).map_or("", |column| &column.name).to_owned()
        }
        IndexedValue::Expression(text) => text.clone(),
    };
    let bound = bind::definition::bound_value(definer.binding(), written, (&name, of), clause)?;
    definer.constant(&bound)
}

fn compare_values(order: Option<&Order>, one: &Value, other: &Value) -> Ordering {
    order.map_or(Ordering::Equal, |order| order.compare(&Item::from(one), &Item::from(other)))
}

/// The place of the first value in which two edges differ, or of the last.
fn differing(from: &[RangeEdge], to: &[RangeEdge]) -> usize {
    let last = from.len().saturating_sub(1);
    from.iter().zip(to).position(|(one, other)| one != other).unwrap_or(last)
}

impl Bounded {
    /// Looks whether it fits beside the bounds of a table's partitions, for one called `name`.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub(crate) fn check(
        &self,
        definer: &mut Definer<'_>,
        parent: &Arc<Table>,
        name: &str,
    ) -> DefineResult<()> {
        let Some(key) = &parent.inheritance.key else { return Ok(()) };
        let orders: Vec<Option<Order>> =
            key.columns.iter().map(|column| definer.scope.order(column.column_type())).collect();
        let siblings: Vec<Arc<Table>> = definer.scope.children_of(parent.oid).cloned().collect();
        match &self.bound {
            PartitionBound::Default => self.check_default(&siblings, name),
            PartitionBound::List(values) => self.check_list(values, &orders, &siblings, name),
            PartitionBound::Range(from, to) => {
                if bind::definition::compare_edges(&orders, from, to) != Ordering::Less {
                    let of = |place: usize| {
                        key.columns.get(place).map_or(types::Type::of(25), PartitionColumn::column_type)
                    };
                    return Err(DefineError::Plain {
                        state: SqlState::InvalidObjectDefinition,
                        message: format!("empty range bound specified for partition \"{name}\""),
                        detail: Some(format!(
                            "Specified lower bound ({}) is greater than or equal to upper bound ({}).",
                            definer.scope.edges_text(from, &of),
                            definer.scope.edges_text(to, &of)
                        )),
                        hint: None,
                        position: self.positions.get(differing(from, to)).copied(),
                    });
                }
                self.check_range((from, to), &orders, &siblings, name)
            }
            PartitionBound::Hash { modulus, remainder } => {
                self.check_hash((*modulus, *remainder), &siblings, name)
            }
        }
    }

    fn overlap(&self, name: &str, sibling: &Table, position: Option<u32>) -> DefineError {
        let message = format!("partition \"{name}\" would overlap partition \"{}\"", sibling.name);
        at(SqlState::InvalidObjectDefinition, message, position.unwrap_or(self.position))
    }

    fn check_default(&self, siblings: &[Arc<Table>], name: &str) -> DefineResult<()> {
        let known =
            siblings.iter().find(|sibling| sibling.inheritance.bound == Some(PartitionBound::Default));
        match known {
            None => Ok(()),
            Some(known) => {
                let message = format!(
                    "partition \"{name}\" conflicts with existing default partition \"{}\"",
                    known.name
                );
                Err(at(SqlState::InvalidObjectDefinition, message, self.position))
            }
        }
    }

    fn check_list(
        &self,
        values: &[Datum],
        orders: &[Option<Order>],
        siblings: &[Arc<Table>],
        name: &str,
    ) -> DefineResult<()> {
        let order = orders.first().and_then(Option::as_ref);
        for (value, position) in values.iter().zip(&self.positions) {
            for sibling in siblings {
                let Some(PartitionBound::List(known)) = &sibling.inheritance.bound else { continue };
                if known.iter().any(|known| compare_values(order, &known.0, &value.0).is_eq()) {
                    return Err(self.overlap(name, sibling, Some(*position)));
                }
            }
        }
        Ok(())
    }

    fn check_range(
        &self,
        (from, to): (&[RangeEdge], &[RangeEdge]),
        orders: &[Option<Order>],
        siblings: &[Arc<Table>],
        name: &str,
    ) -> DefineResult<()> {
        let before = |one: &[RangeEdge], other: &[RangeEdge]| {
            bind::definition::compare_edges(orders, one, other) == Ordering::Less
        };
        let mut met: Vec<(&Arc<Table>, &Vec<RangeEdge>)> = Vec::new();
        for sibling in siblings {
            let Some(PartitionBound::Range(low, high)) = &sibling.inheritance.bound else { continue };
            if before(from, high) && before(low, to) {
                met.push((sibling, low));
            }
        }
        // Of several the one is told of that comes first.
        met.sort_by(|one, other| bind::definition::compare_edges(orders, one.1, other.1));
        match met.first() {
            None => Ok(()),
            Some((sibling, low)) => {
                let inside = before(from, low);
                let place = if inside { from.len() } else { 0 };
                Err(self.overlap(name, sibling, self.positions.get(place).copied()))
            }
        }
    }

    fn check_hash(
        &self,
        (modulus, remainder): (u32, u32),
        siblings: &[Arc<Table>],
        name: &str,
    ) -> DefineResult<()> {
        let mut known: Vec<(u32, u32, &Arc<Table>)> = siblings
            .iter()
            .filter_map(|sibling| match sibling.inheritance.bound {
                Some(PartitionBound::Hash { modulus, remainder }) => Some((modulus, remainder, sibling)),
                _ => None,
            })
            .collect();
        known.sort_by_key(|(modulus, remainder, _)| (*modulus, *remainder));
        let factor = |detail: String| {
            let message = "every hash partition modulus must be a factor of the next larger modulus";
            Err(detailed(SqlState::InvalidObjectDefinition, message.to_owned(), detail))
        };
        let smaller = known.iter().rfind(|(other, ..)| *other <= modulus);
        let larger = known.iter().find(|(other, ..)| *other > modulus);
        if let Some((other, _, sibling)) = smaller
            && modulus % other != 0
        {
            return factor(format!(
                "The new modulus {modulus} is not divisible by {other}, the modulus of existing partition \"{}\".",
                sibling.name
            ));
        }
        if let Some((other, _, sibling)) = larger
            && other % modulus != 0
        {
            return factor(format!(
                "The new modulus {modulus} is not a factor of {other}, the modulus of existing partition \"{}\".",
                sibling.name
            ));
        }
        let meets = |(other, left, _): &&(u32, u32, &Arc<Table>)| {
            let common = modulus.min(*other);
            remainder % common == left % common
        };
        match known.iter().find(meets) {
            None => Ok(()),
            Some((_, _, sibling)) => Err(self.overlap(name, sibling, None)),
        }
    }
}
