//! Comparisons over whole vectors.
//!
//! The loops over values of fixed width carry no branch on the data, so that the compiler makes vector instructions of
//! them; a constant side is a case of its own. Where an order needs more than the bits, it is asked value by value.

use super::bytes::BytesVector;
use super::error::VectorResult;
use super::order::{Order, compare_floats};
use super::{Data, Vector, compare_numeric};
use crate::kind::Kind;
use crate::value::{Item, Value};
use std::cmp::Ordering;

/// The six comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each says itself what it is
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// Whether it holds for two values that compare so.
    #[inline]
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Operator::Equal => ordering.is_eq(),
            Operator::NotEqual => ordering.is_ne(),
            Operator::Less => ordering.is_lt(),
            Operator::LessOrEqual => ordering.is_le(),
            Operator::Greater => ordering.is_gt(),
            Operator::GreaterOrEqual => ordering.is_ge(),
        }
    }

    /// The one that holds with the sides exchanged.
    pub fn flipped(self) -> Operator {
        match self {
            Operator::Equal | Operator::NotEqual => self,
            Operator::Less => Operator::Greater,
            Operator::LessOrEqual => Operator::GreaterOrEqual,
            Operator::Greater => Operator::Less,
            Operator::GreaterOrEqual => Operator::LessOrEqual,
        }
    }

    /// The one that holds where this one does not, of values that are not null.
    #[must_use]
    pub fn negated(self) -> Operator {
        match self {
            Operator::Equal => Operator::NotEqual,
            Operator::NotEqual => Operator::Equal,
            Operator::Less => Operator::GreaterOrEqual,
            Operator::LessOrEqual => Operator::Greater,
            Operator::Greater => Operator::LessOrEqual,
            Operator::GreaterOrEqual => Operator::Less,
        }
    }
}

/// One side of a comparison: a value a row, or one for all.
#[derive(Clone, Copy)]
pub(super) enum Side<'a, T> {
    Many(&'a [T]),
    One(T),
}

impl<'a, T: Copy> Side<'a, T> {
    pub(super) fn new(vector: &Vector, values: &'a [T]) -> Side<'a, T> {
        match vector.is_constant() {
            true => Side::One(values[0]),
            false => Side::Many(values),
        }
    }
}

/// `holds` of each pair of values.
#[inline]
fn zip<T: Copy>(
    left: Side<'_, T>,
    right: Side<'_, T>,
    rows: usize,
    holds: impl Fn(T, T) -> bool,
) -> Vec<bool> {
    match (left, right) {
        (Side::Many(left), Side::Many(right)) => {
            left.iter().zip(right).map(|(left, right)| holds(*left, *right)).collect()
        }
        (Side::Many(left), Side::One(right)) => left.iter().map(|left| holds(*left, right)).collect(),
        (Side::One(left), Side::Many(right)) => right.iter().map(|right| holds(left, *right)).collect(),
        (Side::One(left), Side::One(right)) => vec![holds(left, right); rows],
    }
}

/// The comparison `operator` of each pair of values, of which `equal` and `less` tell everything.
#[inline]
pub(super) fn zip_by<T: Copy>(
    operator: Operator,
    (left, right): (Side<'_, T>, Side<'_, T>),
    rows: usize,
    equal: impl Fn(T, T) -> bool,
    less: impl Fn(T, T) -> bool,
) -> Vec<bool> {
    match operator {
        Operator::Equal => zip(left, right, rows, equal),
        Operator::NotEqual => zip(left, right, rows, |left, right| !equal(left, right)),
        Operator::Less => zip(left, right, rows, less),
        Operator::LessOrEqual => zip(left, right, rows, |left, right| !less(right, left)),
        Operator::Greater => zip(left, right, rows, |left, right| less(right, left)),
        Operator::GreaterOrEqual => zip(left, right, rows, |left, right| !less(left, right)),
    }
}

/// Compares row by row; null where a side is null. Both vectors are of one length and of the kind of `order`.
pub fn compare(operator: Operator, left: &Vector, right: &Vector, order: &Order) -> VectorResult<Vector> {
    let rows = left.len();
    debug_assert_eq!(rows, right.len());
    let null = |side: &Vector| side.is_constant() && side.has_nulls();
    if null(left) || null(right) {
        return Vector::constant(Kind::Bool, &Value::Null, rows);
    }
    if left.is_constant() && right.is_constant() && rows > 0 {
        let holds = operator.holds(order.compare(&left.item(0), &right.item(0)));
        return Vector::constant(Kind::Bool, &Value::Bool(holds), rows);
    }
    let holds = match left.bytes().and_then(BytesVector::repeats).filter(|_| right.is_constant()) {
        Some(repeats) => {
            let few = repeats.dictionary().vector();
            let few = values(operator, &few, &right.slice(0, few.len()), order);
            repeats.numbers().iter().map(|number| few[usize::from(*number)]).collect()
        }
        None => values(operator, left, right, order),
    };
    let nulls = match (left.nulls(), right.nulls()) {
        (Some(left), Some(right)) => Some(left.union(right)),
        (Some(nulls), None) | (None, Some(nulls)) => Some(nulls.clone()),
        (None, None) => None,
    };
    Ok(Vector::new(Data::Bool(holds.into()), nulls.filter(|nulls| nulls.len() == rows)))
}

/// Whether the rows differ, nulls being values like others: `IS DISTINCT FROM`.
pub fn distinct(left: &Vector, right: &Vector, order: &Order) -> VectorResult<Vector> {
    let rows = left.len();
    if left.has_nulls() || right.has_nulls() {
        let differs = (0..rows).map(|row| order.compare(&left.item(row), &right.item(row)).is_ne()).collect();
        return Ok(Vector::from_values::<bool>(differs));
    }
    compare(Operator::NotEqual, left, right, order)
}

/// What the values say, whatever lies below nulls.
fn values(operator: Operator, left: &Vector, right: &Vector, order: &Order) -> Vec<bool> {
    macro_rules! by {
        ($left_values:expr, $right_values:expr, $equal:expr, $less:expr) => {{
            let sides = (Side::new(left, $left_values), Side::new(right, $right_values));
            zip_by(operator, sides, left.len(), $equal, $less)
        }};
    }
    if left.is_empty() {
        return Vec::new();
    }
    match (left.data(), right.data(), order) {
        (Data::Bool(l), Data::Bool(r), _) => by!(l, r, |a, b| a == b, |a, b| !a & b),
        (Data::Int16(l), Data::Int16(r), _) => by!(l, r, |a, b| a == b, |a, b| a < b),
        (Data::Int32(l), Data::Int32(r), Order::Unsigned32) => {
            by!(l, r, |a, b| a == b, |a, b| (a as u32) < b as u32)
        }
        (Data::Int32(l), Data::Int32(r), Order::Enum(labels)) => {
            by!(l, r, |a, b| a == b, |a, b| labels.place(a as u32) < labels.place(b as u32))
        }
        (Data::Int32(l), Data::Int32(r), _) => by!(l, r, |a, b| a == b, |a, b| a < b),
        (Data::Int64(l), Data::Int64(r), Order::Unsigned64) => {
            by!(l, r, |a, b| a == b, |a, b| (a as u64) < b as u64)
        }
        (Data::Int64(l), Data::Int64(r), _) => by!(l, r, |a, b| a == b, |a, b| a < b),
        (Data::Float32(l), Data::Float32(r), _) => {
            by!(l, r, |a: f32, b: f32| (a == b) | (a.is_nan() & b.is_nan()), |a: f32, b: f32| (a < b)
                | (!a.is_nan() & b.is_nan()))
        }
        (Data::Float64(l), Data::Float64(r), _) => {
            by!(l, r, |a: f64, b: f64| (a == b) | (a.is_nan() & b.is_nan()), |a: f64, b: f64| (a < b)
                | (!a.is_nan() & b.is_nan()))
        }
        (Data::Interval(l), Data::Interval(r), _) => by!(l, r, |a, b| a == b, |a, b| a < b),
        (Data::TimeTz(l), Data::TimeTz(r), _) => by!(l, r, |a, b| a == b, |a, b| a < b),
        (Data::Uuid(l), Data::Uuid(r), _) => by!(l, r, |a, b| a == b, |a, b| a < b),
        (Data::Numeric(l), Data::Numeric(r), _) => compare_numeric::values(operator, (left, l), (right, r)),
        (Data::Bytes(l), Data::Bytes(r), Order::Bytes) => strings(operator, (left, l), (right, r)),
        _ => one_by_one(operator, left, right, order),
    }
}

/// The first and the last bytes, which are all if there are not more than twice as many.
#[inline]
fn ends<const BYTES: usize>(text: &[u8]) -> Option<([u8; BYTES], [u8; BYTES])> {
    Some((*text.first_chunk()?, *text.last_chunk()?))
}

/// Whether texts are equal to one that is not longer than twice as many bytes, nor shorter than these.
fn are_short<const BYTES: usize>(texts: &BytesVector, wanted: &[u8], equal: bool) -> Vec<bool> {
    let (length, wanted) = (wanted.len(), ends::<BYTES>(wanted));
    texts.iter().map(|text| (text.len() == length && ends::<BYTES>(text) == wanted) == equal).collect()
}

/// Whether texts are equal to one, or all that are not. Short ones are compared as numbers are.
fn are(texts: &BytesVector, wanted: &[u8], equal: bool) -> Vec<bool> {
    match wanted.len() {
        2..4 => are_short::<2>(texts, wanted, equal),
        4..8 => are_short::<4>(texts, wanted, equal),
        8..=16 => are_short::<8>(texts, wanted, equal),
        _ => texts.iter().map(|text| (text == wanted) == equal).collect(),
    }
}

/// Texts: lengths tell most of what equality asks, before any byte is looked at.
fn strings(
    operator: Operator,
    (left, left_values): (&Vector, &BytesVector),
    (right, right_values): (&Vector, &BytesVector),
) -> Vec<bool> {
    let rows = left.len();
    let test = |left: &[u8], right: &[u8]| match operator {
        Operator::Equal => left == right,
        Operator::NotEqual => left != right,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            operator.holds(left.cmp(right))
        }
    };
    let asks_equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    match (left.is_constant(), right.is_constant()) {
        (false, true) if asks_equality => are(left_values, right_values.get(0), operator == Operator::Equal),
        (true, false) if asks_equality => are(right_values, left_values.get(0), operator == Operator::Equal),
        (false, false) => left_values.iter().zip(right_values.iter()).map(|(a, b)| test(a, b)).collect(),
        (false, true) => {
            let right = right_values.get(0);
            left_values.iter().map(|left| test(left, right)).collect()
        }
        (true, false) => {
            let left = left_values.get(0);
            right_values.iter().map(|right| test(left, right)).collect()
        }
        (true, true) => vec![test(left_values.get(0), right_values.get(0)); rows],
    }
}

fn one_by_one(operator: Operator, left: &Vector, right: &Vector, order: &Order) -> Vec<bool> {
    // Below a null anything may lie, so it is not interpreted.
    let holds = |row: usize| {
        let (left, right) = (left.item(row), right.item(row));
        !left.is_null() && !right.is_null() && operator.holds(order.compare(&left, &right))
    };
    (0..left.len()).map(holds).collect()
}

/// Clears in `equal` the pairs of rows that differ: `left_rows[i]` of one vector against `right_rows[i]` of the other.
/// Two nulls are equal if `nulls_equal` says so, as grouping wants it and joins do not.
pub fn equal_rows(
    (left, left_rows): (&Vector, &[u32]),
    (right, right_rows): (&Vector, &[u32]),
    order: &Order,
    nulls_equal: bool,
    equal: &mut [bool],
) {
    macro_rules! by {
        ($l:expr, $r:expr, $same:expr) => {{
            for ((equal, l), r) in equal.iter_mut().zip(left_rows).zip(right_rows) {
                *equal &= $same(&$l[left.place(*l as usize)], &$r[right.place(*r as usize)]);
            }
        }};
    }
    if !left.has_nulls() && !right.has_nulls() && !left.is_empty() && !right.is_empty() {
        match (left.data(), right.data()) {
            (Data::Bool(l), Data::Bool(r)) => return by!(l, r, |a, b| a == b),
            (Data::Int16(l), Data::Int16(r)) => return by!(l, r, |a, b| a == b),
            (Data::Int32(l), Data::Int32(r)) => return by!(l, r, |a, b| a == b),
            (Data::Int64(l), Data::Int64(r)) => return by!(l, r, |a, b| a == b),
            (Data::Float32(l), Data::Float32(r)) => {
                return by!(l, r, |a: &f32, b: &f32| compare_floats(*a, *b).is_eq());
            }
            (Data::Float64(l), Data::Float64(r)) => {
                return by!(l, r, |a: &f64, b: &f64| compare_floats(*a, *b).is_eq());
            }
            (Data::Uuid(l), Data::Uuid(r)) => return by!(l, r, |a, b| a == b),
            _ => {}
        }
    }
    for ((equal, l), r) in equal.iter_mut().zip(left_rows).zip(right_rows) {
        if *equal {
            let (l, r) = (left.item(*l as usize), right.item(*r as usize));
            *equal = match (&l, &r) {
                (Item::Null, Item::Null) => nulls_equal,
                _ => order.compare(&l, &r).is_eq(),
            };
        }
    }
}
