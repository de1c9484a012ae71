//! Sort keys of fixed width, packed into numbers that compare as the rows do: of each column as many bits as its least and its
//! greatest value are apart. Texts that come again and again are told by their places among all that there are.

use super::order::SortColumn;
use super::texts::TextNumbers;
use types::Vector;
use types::vector::{BytesVector, Data, NumericVector, Order};

/// Packed keys, one for each row.
pub enum Sortable {
    /// Of so many bits.
    Narrow(Vec<u64>, u32),
    /// Of more.
    Wide(Vec<(u64, u64)>),
}

/// The values of a column as numbers, and the greatest of them.
struct Images {
    images: Vec<u64>,
    greatest: u64,
}

impl Images {
    fn bits(&self) -> u32 {
        u64::BITS - self.greatest.leading_zeros()
    }
}

impl Sortable {
    /// The keys of some rows; nothing if a column has no fixed width, or texts that are mostly new, or all
    /// together do not fit into 128 bits.
    pub fn new(columns: &[SortColumn], vectors: &[Vector], rows: usize) -> Option<Sortable> {
        let images = columns.iter().zip(vectors).map(|(column, vector)| images(column, vector, rows));
        let images = images.collect::<Option<Vec<Images>>>()?;
        let bits = images.iter().map(Images::bits).sum::<u32>();
        if bits <= u64::BITS {
            let mut keys = vec![0; rows];
            for column in &images {
                // A column may take all bits; then nothing stands before it.
                let shift = |key: u64| key.checked_shl(column.bits()).unwrap_or(0);
                keys.iter_mut().zip(&column.images).for_each(|(key, image)| *key = shift(*key) | image);
            }
            return Some(Sortable::Narrow(keys, bits));
        }
        if bits > u128::BITS {
            return None;
        }
        let mut keys = vec![0u128; rows];
        for column in &images {
            let bits = column.bits();
            keys.iter_mut()
                .zip(&column.images)
                .for_each(|(key, image)| *key = *key << bits | u128::from(*image));
        }
        Some(Sortable::Wide(keys.into_iter().map(halves).collect()))
    }
}

/// The halves of a long key, which compare as it does and lie closer together.
pub fn halves(key: u128) -> (u64, u64) {
    ((key >> 64) as u64, key as u64)
}

/// A column's values as numbers from zero on, in its direction, nulls where they belong.
fn images(column: &SortColumn, vector: &Vector, rows: usize) -> Option<Images> {
    let mut images = raw(column, vector, rows)?;
    let (mut least, mut greatest) = (u64::MAX, 0);
    for (row, image) in images.iter().enumerate() {
        if !vector.is_null(row) {
            (least, greatest) = (least.min(*image), greatest.max(*image));
        }
    }
    let apart = greatest.saturating_sub(least);
    for image in &mut images {
        *image = if column.descending { greatest.wrapping_sub(*image) } else { image.wrapping_sub(least) };
    }
    if !vector.has_nulls() {
        return Some(Images { images, greatest: apart });
    }
    let with_null = apart.checked_add(1)?;
    let (null, shift) = if column.nulls_first { (0, 1) } else { (with_null, 0) };
    for (row, image) in images.iter_mut().enumerate() {
        *image = if vector.is_null(row) { null } else { *image + shift };
    }
    Some(Images { images, greatest: with_null })
}

/// Numbers that compare as a column's values do; what stands for nulls says nothing.
fn raw(column: &SortColumn, vector: &Vector, rows: usize) -> Option<Vec<u64>> {
    let whole = |value: i64| value.cast_unsigned() ^ 1 << 63;
    let is_constant = vector.is_constant();
    Some(match (&column.order, vector.data()) {
        (Order::Bool, Data::Bool(values)) => each(values, is_constant, rows, u64::from),
        (Order::Int16, Data::Int16(values)) => each(values, is_constant, rows, |value| whole(value.into())),
        (Order::Int32, Data::Int32(values)) => each(values, is_constant, rows, |value| whole(value.into())),
        (Order::Unsigned32, Data::Int32(values)) => {
            each(values, is_constant, rows, |value| value.cast_unsigned().into())
        }
        (Order::Int64, Data::Int64(values)) => each(values, is_constant, rows, whole),
        (Order::Unsigned64, Data::Int64(values)) => each(values, is_constant, rows, i64::cast_unsigned),
        (Order::Float32, Data::Float32(values)) => {
            each(values, is_constant, rows, |value| float(value.into()))
        }
        (Order::Float64, Data::Float64(values)) => each(values, is_constant, rows, float),
        (Order::Numeric, Data::Numeric(NumericVector::Uniform { mantissas, .. })) => {
            each(mantissas, is_constant, rows, whole)
        }
        (Order::Bytes, Data::Bytes(values)) => places(vector, values, rows)?,
        (
            Order::Bool
            | Order::Int16
            | Order::Int32
            | Order::Unsigned32
            | Order::Int64
            | Order::Unsigned64
            | Order::Float32
            | Order::Float64
            | Order::Numeric
            | Order::Bytes
            | Order::Padded
            | Order::Folded
            | Order::Bits
            | Order::Enum(_)
            | Order::Jsonb
            | Order::Interval
            | Order::TimeTz
            | Order::Uuid
            | Order::Array(_)
            | Order::Record(_)
            | Order::Anonymous,
            _,
        ) => return None, // of no fixed width, or each of its own
    })
}

fn each<T: Copy>(values: &[T], is_constant: bool, rows: usize, image: impl Fn(T) -> u64) -> Vec<u64> {
    match (is_constant, values.first()) {
        (true, Some(value)) => vec![image(*value); rows],
        _ => values.iter().map(|value| image(*value)).collect(),
    }
}

/// Fewer rows than these are not worth the trouble.
const TEXT_ROWS_MIN: usize = 1 << 10;
/// Nor are more texts than one for so many rows.
const ROWS_PER_TEXT: usize = 8;

/// The place of each row's text among all that there are, in their order; nothing if they do not come again and again.
fn places(vector: &Vector, texts: &BytesVector, rows: usize) -> Option<Vec<u64>> {
    if vector.is_constant() || rows < TEXT_ROWS_MIN {
        return None;
    }
    let (mut known, mut piece) = (TextNumbers::default(), Vec::new());
    let (mut numbers, mut firsts) = (Vec::with_capacity(rows), Vec::new());
    for start in (0..rows).step_by(TEXT_ROWS_MIN) {
        let some = vector.slice(start, TEXT_ROWS_MIN);
        known.insert(&some, some.len(), &mut piece);
        for (row, number) in (start..).zip(&piece) {
            if *number as usize == firsts.len() {
                firsts.push(row);
            }
        }
        if known.len() > rows / ROWS_PER_TEXT {
            return None;
        }
        numbers.append(&mut piece);
    }
    let mut order: Vec<usize> = (0..firsts.len()).collect();
    order.sort_unstable_by_key(|number| texts.get(firsts[*number]));
    let mut places = vec![0; order.len()];
    for (place, number) in (0..).zip(order) {
        places[number] = place;
    }
    Some(numbers.into_iter().map(|number| places[number as usize]).collect())
}

/// Zeros are equal, and so is whatever is no number, which is the greatest.
fn float(value: f64) -> u64 {
    let bits = if value.is_nan() { f64::NAN.abs() } else { value + 0.0 }.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
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
            (Order::Int64, Kind::Int64, [i64::MIN, -1, 0, 1, i64::MAX - 1].map(Value::Int64).to_vec()),
            (Order::Unsigned64, Kind::Int64, [i64::MIN, -2, 0, 1, i64::MAX].map(Value::Int64).to_vec()),
            (Order::Float32, Kind::Float32, floats.map(|value| Value::Float32(value as f32)).to_vec()),
            (Order::Float64, Kind::Float64, floats.map(Value::Float64).to_vec()),
            (Order::Numeric, Kind::Numeric, ["-1.50", "0.00", "1.50", "99999.99"].map(numeric).to_vec()),
        ];
        for (order, kind, mut values) in cases {
            for with_nulls in [false, true] {
                if with_nulls {
                    values.push(Value::Null);
                }
                let numbers: Vec<Value> =
                    (0..values.len() as i64).map(|row| Value::Int64(row % 2 - 1)).collect();
                let keys = [column(kind, &values), column(Kind::Int64, &numbers)];
                for (descending, nulls_first) in [(false, false), (false, true), (true, false), (true, true)]
                {
                    let of = |order: &Order| SortColumn { order: order.clone(), descending, nulls_first };
                    let columns = [of(&order), of(&Order::Int64)];
                    let packed = Sortable::new(&columns, &keys, values.len()).unwrap();
                    for left in 0..values.len() {
                        for right in 0..values.len() {
                            let told = match &packed {
                                Sortable::Narrow(keys, _) => keys[left].cmp(&keys[right]),
                                Sortable::Wide(keys) => keys[left].cmp(&keys[right]),
                            };
                            let wanted = compare_rows(&columns, (&keys, left), (&keys, right));
                            assert_eq!(told, wanted, "{order:?}: {:?}, {:?}", values[left], values[right]);
                        }
                    }
                }
            }
        }
    }

    /// Texts that come again and again are packed, with nulls among them; many that are all new are not.
    #[test]
    fn texts_that_come_again_are_packed() {
        let text = |row: usize| match row * 7919 % 100 {
            0..5 => Value::Null,
            number => Value::text(&"abc".repeat(number % 13 + 1)[number % 3..]),
        };
        let again: Vec<Value> = (0..3000).map(|row| text(row + 3)).collect();
        let fresh: Vec<Value> = (0..3000).map(|row| Value::text(&format!("text {row}"))).collect();
        for (descending, nulls_first) in [(false, false), (false, true), (true, false), (true, true)] {
            let columns = [SortColumn { order: Order::Bytes, descending, nulls_first }];
            let keys = [column(Kind::Bytes, &again)];
            let Some(Sortable::Narrow(packed, _)) = Sortable::new(&columns, &keys, again.len()) else {
                panic!("few texts");
            };
            for row in 1..again.len() {
                let told = packed[row - 1].cmp(&packed[row]);
                assert_eq!(told, compare_rows(&columns, (&keys, row - 1), (&keys, row)));
            }
            assert!(Sortable::new(&columns, &[column(Kind::Bytes, &fresh)], fresh.len()).is_none());
        }
    }

    #[test]
    fn what_does_not_fit_is_not_packed() {
        let ends = column(Kind::Int64, &[Value::Int64(i64::MIN), Value::Int64(i64::MAX)]);
        let with_null = column(Kind::Int64, &[Value::Int64(i64::MIN), Value::Int64(i64::MAX), Value::Null]);
        let text = column(Kind::Bytes, &[Value::text("a"), Value::text("b")]);
        let of = |order| SortColumn { order, descending: false, nulls_first: false };
        let columns = [of(Order::Int64), of(Order::Int64), of(Order::Int64)];
        let made = |keys: &[Vector]| Sortable::new(&columns, keys, 2);
        assert!(matches!(made(std::slice::from_ref(&ends)), Some(Sortable::Narrow(_, 64))));
        assert!(matches!(made(&[ends.clone(), ends.clone()]), Some(Sortable::Wide(_))));
        assert!(made(&[ends.clone(), ends.clone(), ends]).is_none());
        assert!(made(&[with_null]).is_none());
        assert!(Sortable::new(&[of(Order::Bytes)], &[text], 2).is_none());
    }
}
