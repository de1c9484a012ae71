//! Sort keys of fixed width, packed into 128 bits that compare as the rows do.

use super::order::SortColumn;
use types::Vector;
use types::vector::{Data, NumericVector, Order};

/// Packed keys.
pub struct Sortable {
    /// One for each row.
    pub keys: Vec<u128>,
    /// How many bits they take.
    pub bits: u32,
}

/// The bits of a column's values.
fn width(order: &Order, vector: &Vector) -> Option<u32> {
    match order {
        Order::Bool => Some(1),
        Order::Int16 => Some(16),
        Order::Int32 | Order::Unsigned32 | Order::Float32 => Some(32),
        Order::Int64 | Order::Unsigned64 | Order::Float64 => Some(64),
        Order::Numeric => match vector.data() {
            Data::Numeric(NumericVector::Uniform { .. }) => Some(64),
            _ => None, // of scales of their own
        },
        Order::Bytes
        | Order::Padded
        | Order::Bits
        | Order::Enum(_)
        | Order::Jsonb
        | Order::Interval
        | Order::TimeTz
        | Order::Uuid
        | Order::Array(_)
        | Order::Record(_)
        | Order::Anonymous => None,
    }
}

impl Sortable {
    /// The keys of some rows; nothing if a column has no fixed width, or all together do not fit.
    pub fn new(columns: &[SortColumn], vectors: &[Vector], rows: usize) -> Option<Sortable> {
        let mut bits = 0;
        for (column, vector) in columns.iter().zip(vectors) {
            bits += width(&column.order, vector)? + u32::from(vector.has_nulls());
        }
        if bits > u128::BITS {
            return None;
        }
        let mut keys = vec![0; rows];
        for (column, vector) in columns.iter().zip(vectors) {
            append(column, vector, &mut keys);
        }
        Some(Sortable { keys, bits })
    }
}

/// Bits whose order is that of numbers with a sign.
fn signed(value: i64, width: u32) -> u64 {
    (value as u64 & mask(width)) ^ 1 << (width - 1)
}

fn mask(width: u32) -> u64 {
    u64::MAX >> (u64::BITS - width)
}

fn float(bits: u64, width: u32) -> u64 {
    let sign = 1 << (width - 1);
    if bits & sign == 0 { bits | sign } else { !bits & mask(width) }
}

fn append(column: &SortColumn, vector: &Vector, keys: &mut [u128]) {
    let unsigned = matches!(column.order, Order::Unsigned32 | Order::Unsigned64);
    let whole = |value: i64, width: u32| match unsigned {
        true => value as u64 & mask(width),
        false => signed(value, width),
    };
    match vector.data() {
        Data::Bool(values) => join(column, vector, (values, 1), keys, u64::from),
        Data::Int16(values) => join(column, vector, (values, 16), keys, |value| whole(i64::from(value), 16)),
        Data::Int32(values) => join(column, vector, (values, 32), keys, |value| whole(i64::from(value), 32)),
        Data::Int64(values) => join(column, vector, (values, 64), keys, |value| whole(value, 64)),
        Data::Float32(values) => join(column, vector, (values, 32), keys, |value| {
            let value = if value.is_nan() { f32::NAN.abs() } else { value + 0.0 };
            float(u64::from(value.to_bits()), 32)
        }),
        Data::Float64(values) => join(column, vector, (values, 64), keys, |value| {
            let value = if value.is_nan() { f64::NAN.abs() } else { value + 0.0 };
            float(value.to_bits(), 64)
        }),
        Data::Numeric(NumericVector::Uniform { mantissas, .. }) => {
            join(column, vector, (mantissas, 64), keys, |value| signed(value, 64));
        }
        // These have no width.
        Data::Numeric(NumericVector::General(_))
        | Data::Bytes(_)
        | Data::Interval(_)
        | Data::TimeTz(_)
        | Data::Uuid(_) => {}
    }
}

/// Appends a column's bits to the keys, below a bit for null if there is any.
fn join<T: Copy>(
    column: &SortColumn,
    vector: &Vector,
    (values, width): (&[T], u32),
    keys: &mut [u128],
    bits: impl Fn(T) -> u64,
) {
    let turned = if column.descending { mask(width) } else { 0 };
    let step = usize::from(!vector.is_constant());
    if !vector.has_nulls() {
        for (row, key) in keys.iter_mut().enumerate() {
            *key = *key << width | u128::from(bits(values[row * step]) ^ turned);
        }
        return;
    }
    let (null, other) = match column.nulls_first {
        true => (0, 1 << width),
        false => (1 << width, 0),
    };
    for (row, key) in keys.iter_mut().enumerate() {
        let next = match vector.is_null(row) {
            true => null,
            false => other | u128::from(bits(values[row * step]) ^ turned),
        };
        // A single column of 64 bits with nulls takes 65.
        *key = *key << (width + 1) | next;
    }
}

#[cfg(test)]
mod tests {
    use super::Sortable;
    use crate::keys::{SortColumn, compare_rows};
    use types::vector::{Order, VectorBuilder};
    use types::{Kind, Numeric, Value, Vector};

    fn column(kind: Kind, values: &[Value]) -> Vector {
        let mut builder = VectorBuilder::new(kind, values.len());
        values.iter().for_each(|value| builder.push(value).unwrap());
        builder.finish()
    }

    fn numeric(text: &str) -> Value {
        Value::Numeric(Numeric::parse(text, None).unwrap())
    }

    /// Packed keys compare as the rows do, whatever the direction and wherever nulls stand.
    #[test]
    fn keys_compare_as_rows_do() {
        let floats = [0.0, -0.0, 1.5, -1.5, f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-300];
        let cases: Vec<(Order, Kind, Vec<Value>)> = vec![
            (Order::Bool, Kind::Bool, vec![Value::Bool(true), Value::Bool(false)]),
            (Order::Int16, Kind::Int16, [i16::MIN, -1, 0, 1, i16::MAX].map(Value::Int16).to_vec()),
            (Order::Int32, Kind::Int32, [i32::MIN, -1, 0, 1, i32::MAX].map(Value::Int32).to_vec()),
            (Order::Unsigned32, Kind::Int32, [i32::MIN, -1, 0, 1, i32::MAX].map(Value::Int32).to_vec()),
            (Order::Int64, Kind::Int64, [i64::MIN, -1, 0, 1, i64::MAX].map(Value::Int64).to_vec()),
            (Order::Unsigned64, Kind::Int64, [i64::MIN, -1, 0, 1, i64::MAX].map(Value::Int64).to_vec()),
            (Order::Float32, Kind::Float32, floats.map(|value| Value::Float32(value as f32)).to_vec()),
            (Order::Float64, Kind::Float64, floats.map(Value::Float64).to_vec()),
            (Order::Numeric, Kind::Numeric, ["-1.50", "0.00", "1.50", "99999.99"].map(numeric).to_vec()),
        ];
        for (order, kind, mut values) in cases {
            for with_nulls in [false, true] {
                if with_nulls {
                    values.push(Value::Null);
                }
                let keys = [column(kind, &values), column(Kind::Int16, &vec![Value::Int16(7); values.len()])];
                for (descending, nulls_first) in [(false, false), (false, true), (true, false), (true, true)]
                {
                    let of = |order: &Order| SortColumn { order: order.clone(), descending, nulls_first };
                    let columns = [of(&order), of(&Order::Int16)];
                    let packed = Sortable::new(&columns, &keys, values.len()).unwrap();
                    for left in 0..values.len() {
                        for right in 0..values.len() {
                            let told = packed.keys[left].cmp(&packed.keys[right]);
                            let wanted = compare_rows(&columns, (&keys, left), (&keys, right));
                            assert_eq!(told, wanted, "{order:?}: {:?}, {:?}", values[left], values[right]);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_not_packed() {
        let keys = [Kind::Int64, Kind::Int64, Kind::Bool].map(|kind| column(kind, &[Value::Null]));
        let of = |order| SortColumn { order, descending: false, nulls_first: false };
        let columns = [of(Order::Int64), of(Order::Int64), of(Order::Bool)];
        assert!(Sortable::new(&columns, &keys, 1).is_none());
    }
}
