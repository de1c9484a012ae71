//! How the values of a type compare: the type's btree order in PostgreSQL, by which index keys, sorting, grouping and
//! the comparison operators all go.

use crate::array::ArrayView;
use crate::catalog::{BuiltinTypes, Type, Types};
use crate::folded::folded;
use crate::kind::Kind;
use crate::record::RecordView;
use crate::value::Item;
use std::cmp::Ordering;
use std::sync::Arc;

/// The order of a type. Text is compared by its bytes, as `C.UTF-8` does.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// False before true.
    Bool,
    /// `smallint`; `"char"`, whose values are its unsigned bytes.
    Int16,
    /// `integer`, `date`.
    Int32,
    /// `oid` and its relatives.
    Unsigned32,
    /// `bigint`, `time`, `timestamp`, `timestamptz`, `money`.
    Int64,
    /// `xid8`.
    Unsigned64,
    /// `real`: NaN equals itself and is greater than all else; the zeros are equal.
    Float32,
    /// `double precision`, likewise.
    Float64,
    /// `numeric`.
    Numeric,
    /// `text`, `varchar`, `name`, `bytea`.
    Bytes,
    /// `char(n)`: blanks at the end do not count.
    Padded,
    /// `citext`: by its small letters.
    Folded,
    /// `bit`, `varbit`.
    Bits,
    /// `interval`.
    Interval,
    /// `timetz`.
    TimeTz,
    /// `uuid`.
    Uuid,
    /// `jsonb`.
    Jsonb,
    /// An enum: by the places of its labels.
    Enum(Arc<EnumOrder>),
    /// An array of elements of this order.
    Array(Box<Order>),
    /// A row of columns of these orders; those without one are dropped, and do not count.
    Record(Arc<[Option<Order>]>),
    /// A row of whatever it says itself: its columns go by the orders of their types, by the types first where they differ.
    Anonymous,
}

/// The labels of an enum by their numbers, with their places.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EnumOrder {
    /// Ascending by label number.
    labels: Vec<(u32, f32)>,
}

impl EnumOrder {
    /// The order of labels with these numbers and places.
    pub fn new(mut labels: Vec<(u32, f32)>) -> EnumOrder {
        labels.sort_unstable_by_key(|label| label.0);
        EnumOrder { labels }
    }

    /// The place of a label; an unknown one comes after all.
    pub fn place(&self, label: u32) -> f32 {
        match self.labels.binary_search_by_key(&label, |label| label.0) {
            Ok(index) => self.labels[index].1,
            Err(_) => f32::INFINITY,
        }
    }

    /// The label at a place.
    pub fn label(&self, place: f32) -> Option<u32> {
        self.labels.iter().find(|label| label.1.to_bits() == place.to_bits()).map(|label| label.0)
    }

    /// The numbers of all labels, by their places.
    pub fn numbers(&self) -> Vec<u32> {
        let mut labels: Vec<&(u32, f32)> = self.labels.iter().collect();
        labels.sort_by(|left, right| left.1.total_cmp(&right.1));
        labels.into_iter().map(|label| label.0).collect()
    }

    fn compare(&self, left: u32, right: u32) -> Ordering {
        self.place(left).total_cmp(&self.place(right)).then(left.cmp(&right))
    }
}

/// PostgreSQL's order of floats.
#[inline]
pub fn compare_floats<T: PartialOrd + Copy>(left: T, right: T) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| {
        let is_nan = |value: T| value.partial_cmp(&value).is_none();
        is_nan(left).cmp(&is_nan(right))
    })
}

/// Text of `char(n)` without the blanks at its end.
#[inline]
pub fn without_padding(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    &text[..end]
}

/// Bit strings lie as a byte that counts the unused bits of the last byte, then the bits. The bytes decide, then the
/// length.
fn compare_bits(left: &[u8], right: &[u8]) -> Ordering {
    let split = |bits: &'_ [u8]| bits.split_first().map_or((0, 0), |(unused, _)| (bits.len() - 1, *unused));
    let ((left_length, left_unused), (right_length, right_unused)) = (split(left), split(right));
    let data = left.get(1..).unwrap_or(&[]).cmp(right.get(1..).unwrap_or(&[]));
    data.then(left_length.cmp(&right_length)).then(right_unused.cmp(&left_unused))
}

impl Order {
    /// The kind of the values that it compares.
    pub fn kind(&self) -> Kind {
        match self {
            Order::Bool => Kind::Bool,
            Order::Int16 => Kind::Int16,
            Order::Int32 | Order::Unsigned32 | Order::Enum(_) => Kind::Int32,
            Order::Int64 | Order::Unsigned64 => Kind::Int64,
            Order::Float32 => Kind::Float32,
            Order::Float64 => Kind::Float64,
            Order::Numeric => Kind::Numeric,
            Order::Bytes
            | Order::Padded
            | Order::Folded
            | Order::Bits
            | Order::Jsonb
            | Order::Array(_)
            | Order::Record(_)
            | Order::Anonymous => Kind::Bytes,
            Order::Interval => Kind::Interval,
            Order::TimeTz => Kind::TimeTz,
            Order::Uuid => Kind::Uuid,
        }
    }

    /// Compares two values of the type; null equals null and comes after all else.
    ///
    /// Values of another kind than the order's compare as equal: the binder has seen to it that there are none.
    pub fn compare(&self, left: &Item<'_>, right: &Item<'_>) -> Ordering {
        match (left, right) {
            (Item::Null, _) | (_, Item::Null) => left.is_null().cmp(&right.is_null()),
            (Item::Bool(left), Item::Bool(right)) => left.cmp(right),
            (Item::Int16(left), Item::Int16(right)) => left.cmp(right),
            (Item::Int32(left), Item::Int32(right)) => self.compare_int32(*left, *right),
            (Item::Int64(left), Item::Int64(right)) => match self {
                Order::Unsigned64 => (*left as u64).cmp(&(*right as u64)),
                Order::Bool
                | Order::Int16
                | Order::Int32
                | Order::Unsigned32
                | Order::Int64
                | Order::Float32
                | Order::Float64
                | Order::Numeric
                | Order::Bytes
                | Order::Padded
                | Order::Folded
                | Order::Bits
                | Order::Interval
                | Order::TimeTz
                | Order::Uuid
                | Order::Jsonb
                | Order::Enum(_)
                | Order::Array(_)
                | Order::Record(_)
                | Order::Anonymous => left.cmp(right),
            },
            (Item::Float32(left), Item::Float32(right)) => compare_floats(*left, *right),
            (Item::Float64(left), Item::Float64(right)) => compare_floats(*left, *right),
            (Item::Numeric(left), Item::Numeric(right)) => left.cmp(right),
            (Item::Bytes(left), Item::Bytes(right)) => self.compare_bytes(left, right),
            (Item::Interval(left), Item::Interval(right)) => left.cmp(right),
            (Item::TimeTz(left), Item::TimeTz(right)) => left.cmp(right),
            (Item::Uuid(left), Item::Uuid(right)) => left.cmp(right),
            _ => Ordering::Equal,
        }
    }

    fn compare_int32(&self, left: i32, right: i32) -> Ordering {
        match self {
            Order::Unsigned32 => (left as u32).cmp(&(right as u32)),
            Order::Enum(labels) => labels.compare(left as u32, right as u32),
            Order::Bool
            | Order::Int16
            | Order::Int32
            | Order::Int64
            | Order::Unsigned64
            | Order::Float32
            | Order::Float64
            | Order::Numeric
            | Order::Bytes
            | Order::Padded
            | Order::Folded
            | Order::Bits
            | Order::Interval
            | Order::TimeTz
            | Order::Uuid
            | Order::Jsonb
            | Order::Array(_)
            | Order::Record(_)
            | Order::Anonymous => left.cmp(&right),
        }
    }

    /// Compares two values of kind `Bytes`.
    pub fn compare_bytes(&self, left: &[u8], right: &[u8]) -> Ordering {
        match self {
            Order::Padded => without_padding(left).cmp(without_padding(right)),
            Order::Folded => folded(left).cmp(&folded(right)),
            Order::Bits => compare_bits(left, right),
            Order::Jsonb => json::Value::from_bytes(left).cmp(&json::Value::from_bytes(right)),
            Order::Array(element) => compare_arrays(element, left, right),
            Order::Record(fields) => compare_records(fields, left, right),
            Order::Anonymous => compare_anonymous(left, right),
            Order::Bytes
            | Order::Bool
            | Order::Int16
            | Order::Int32
            | Order::Unsigned32
            | Order::Int64
            | Order::Unsigned64
            | Order::Float32
            | Order::Float64
            | Order::Numeric
            | Order::Interval
            | Order::TimeTz
            | Order::Uuid
            | Order::Enum(_) => left.cmp(right),
        }
    }
}

/// Element by element; of two that agree as far as the shorter goes, the shorter comes first, then the one of fewer
/// dimensions, then length and lower bound of each dimension decide. What is no array comes first.
fn compare_arrays(element: &Order, left: &[u8], right: &[u8]) -> Ordering {
    let (Some(left), Some(right)) = (ArrayView::new(left), ArrayView::new(right)) else {
        return ArrayView::new(left).is_some().cmp(&ArrayView::new(right).is_some()).then(left.cmp(right));
    };
    let shared = left.len().min(right.len());
    let elements = (0..shared)
        .map(|index| element.compare(&left.item(index), &right.item(index)))
        .find(|ordering| ordering.is_ne());
    elements.unwrap_or_else(|| {
        let shape = left.len().cmp(&right.len()).then(left.dimensions().len().cmp(&right.dimensions().len()));
        let lengths = || {
            left.dimensions()
                .map(|dimension| dimension.length)
                .cmp(right.dimensions().map(|dimension| dimension.length))
        };
        let bounds = || {
            left.dimensions()
                .map(|dimension| dimension.lower)
                .cmp(right.dimensions().map(|dimension| dimension.lower))
        };
        shape.then_with(lengths).then_with(bounds)
    })
}

/// The order of a column of a row that says itself what its columns are. Of users' types no more is known than their kind.
pub(crate) fn order_of_column(record: &RecordView<'_>, column: usize) -> Order {
    let of = record.column_type(column).unwrap_or(0);
    if let Some(order) = BuiltinTypes.order(Type::of(of)) {
        return order;
    }
    match record.item(column) {
        Item::Null | Item::Int32(_) => Order::Unsigned32,
        Item::Bool(_) => Order::Bool,
        Item::Int16(_) => Order::Int16,
        Item::Int64(_) => Order::Int64,
        Item::Float32(_) => Order::Float32,
        Item::Float64(_) => Order::Float64,
        Item::Numeric(_) => Order::Numeric,
        Item::Bytes(bytes) if RecordView::new(bytes).is_some() => Order::Anonymous,
        Item::Bytes(_) => Order::Bytes,
        Item::Interval(_) => Order::Interval,
        Item::TimeTz(_) => Order::TimeTz,
        Item::Uuid(_) => Order::Uuid,
    }
}

fn compare_anonymous(left: &[u8], right: &[u8]) -> Ordering {
    let (Some(left), Some(right)) = (RecordView::new(left), RecordView::new(right)) else {
        return RecordView::new(left).is_some().cmp(&RecordView::new(right).is_some()).then(left.cmp(right));
    };
    let column = |column: usize| {
        let types = left.column_type(column).cmp(&right.column_type(column));
        types.then_with(|| order_of_column(&left, column).compare(&left.item(column), &right.item(column)))
    };
    (0..left.len().min(right.len()))
        .map(column)
        .find(|ordering| ordering.is_ne())
        .unwrap_or_else(|| left.len().cmp(&right.len()))
}

/// Column by column; a null comes after all else, and so does what a record does not have because it is older.
fn compare_records(orders: &[Option<Order>], left: &[u8], right: &[u8]) -> Ordering {
    let (Some(left), Some(right)) = (RecordView::new(left), RecordView::new(right)) else {
        return RecordView::new(left).is_some().cmp(&RecordView::new(right).is_some()).then(left.cmp(right));
    };
    let columns = left.len().max(right.len()).min(orders.len());
    (0..columns)
        .filter_map(|column| Some((column, orders[column].as_ref()?)))
        .map(|(column, order)| order.compare(&left.item(column), &right.item(column)))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}
