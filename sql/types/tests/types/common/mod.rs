//! Values drawn from a seed, the edges more often than the rest.

#![allow(dead_code)] // each test file uses its part

pub mod answers;
pub mod made;

use types::array::{ArrayBuilder, Dimension};
use types::record::record;
use types::vector::{EnumOrder, Order, VectorBuilder};
use types::{Interval, Item, Kind, Numeric, TimeTz, Value, Vector};

/// A stream of numbers that is the same in every run.
pub struct Draw(pub u64);

impl Draw {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        ((self.next() >> 33) as usize) % limit
    }

    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

/// Every order with the kind of its values.
pub fn orders() -> Vec<(Kind, Order)> {
    let labels = EnumOrder::new(vec![(100, 1.0), (101, 3.0), (102, 2.0), (103, -1.5)]);
    let mut orders = vec![
        (Kind::Bool, Order::Bool),
        (Kind::Int16, Order::Int16),
        (Kind::Int32, Order::Int32),
        (Kind::Int32, Order::Unsigned32),
        (Kind::Int64, Order::Int64),
        (Kind::Int64, Order::Unsigned64),
        (Kind::Float32, Order::Float32),
        (Kind::Float64, Order::Float64),
        (Kind::Numeric, Order::Numeric),
        (Kind::Bytes, Order::Bytes),
        (Kind::Bytes, Order::Padded),
        (Kind::Bytes, Order::Bits),
        (Kind::Interval, Order::Interval),
        (Kind::TimeTz, Order::TimeTz),
        (Kind::Uuid, Order::Uuid),
        (Kind::Bytes, Order::Jsonb),
        (Kind::Int32, Order::Enum(labels.into())),
        (Kind::Bytes, Order::Folded),
    ];
    let elements = [8, 9, 12, 16, 1, 15].map(|index: usize| orders[index].1.clone());
    orders.extend(elements.map(|order| (Kind::Bytes, Order::Array(Box::new(order)))));
    orders.push((Kind::Bytes, Order::Record([Order::Int32, Order::Bytes, Order::Numeric].map(Some).into())));
    orders
}

pub fn numeric(draw: &mut Draw) -> Numeric {
    match draw.below(12) {
        0 => draw.pick(&[Numeric::NAN, Numeric::INFINITY, Numeric::NEGATIVE_INFINITY]),
        // Up to 200 digits, most of them longer than what is held inline.
        1 => {
            let digits: String = (0..draw.below(200) + 1).map(|_| draw.pick(&['0', '0', '7', '9'])).collect();
            let sign = draw.pick(&["", "-"]);
            format!("{sign}{digits}e{}", draw.below(80) as i32 - 40).parse().expect("a number")
        }
        2 => Numeric::from_mantissa(draw.pick(&[i64::MIN, i64::MAX, 0, -1, 1]), draw.below(30) as u16),
        3 => Numeric::from_mantissa(10i64.pow(draw.below(19) as u32), draw.below(19) as u16),
        _ => Numeric::from_mantissa(draw.below(400) as i64 - 200, draw.below(3) as u16),
    }
}

fn text(draw: &mut Draw) -> Vec<u8> {
    let length = draw.below(6) * draw.below(6);
    (0..length).map(|_| draw.pick(&[0, 1, 2, b' ', b'a', b'b', b'A', 0x7f, 0xfe, 0xff])).collect()
}

fn interval(draw: &mut Draw) -> Interval {
    let small = |draw: &mut Draw| draw.below(5) as i32 - 2;
    if draw.below(8) == 0 {
        return draw.pick(&[
            Interval { months: i32::MAX, days: i32::MAX, microseconds: i64::MAX },
            Interval { months: i32::MIN, days: i32::MIN, microseconds: i64::MIN },
        ]);
    }
    let (months, days) = (small(draw), small(draw) * 15);
    Interval { months, days, microseconds: i64::from(small(draw)) * 43_200_000_000 }
}

fn bits(draw: &mut Draw) -> Vec<u8> {
    let length = draw.below(20);
    let mut bytes = vec![(length.next_multiple_of(8) - length) as u8];
    bytes.resize(1 + length.div_ceil(8), 0);
    for bit in 0..length {
        bytes[1 + bit / 8] |= (draw.below(2) << (7 - bit % 8)) as u8;
    }
    bytes
}

fn document(draw: &mut Draw) -> Vec<u8> {
    let documents = [
        "null",
        "true",
        "false",
        "0",
        "-0.00",
        "1",
        "1.0",
        "1e40",
        "-12.5",
        "\"\"",
        "\"a\"",
        "\"ab\"",
        "[]",
        "[1]",
        "[1.00]",
        "[null]",
        "[1, 2]",
        "[[1], 2]",
        "[\"a\", {}]",
        "{}",
        "{\"a\": 1}",
        "{\"a\": 1.0}",
        "{\"b\": []}",
        "{\"aa\": 1, \"b\": 2}",
        "{\"aa\": 1, \"c\": [true]}",
    ];
    json::jsonb::parse(draw.pick(&documents)).expect("a document").into_bytes()
}

fn array(draw: &mut Draw, element: &Order) -> Vec<u8> {
    let kind = orders().into_iter().find(|(_, order)| order == element).expect("an element's order").0;
    let mut builder = ArrayBuilder::new(25, kind);
    let (rows, columns) = draw.pick(&[(0, 0), (1, 1), (2, 1), (1, 2), (3, 1), (2, 2)]);
    for _ in 0..rows * columns {
        builder.push(&Item::from(&value(draw, kind, element, 6)));
    }
    let dimensions = [rows, columns].map(|length| Dimension { length, lower: draw.below(3) as i32 });
    let one = columns == 1 && draw.below(2) == 0;
    builder.finish(if one { &dimensions[..1] } else { &dimensions })
}

/// A value of this order; one in `nulls` is null, none if it is 0.
pub fn value(draw: &mut Draw, kind: Kind, order: &Order, nulls: usize) -> Value {
    if nulls > 0 && draw.below(nulls) == 0 {
        return Value::Null;
    }
    match (kind, order) {
        (_, Order::Enum(_)) => Value::Int32(draw.pick(&[100, 101, 102, 103])),
        (_, Order::Array(element)) => Value::Bytes(array(draw, element).into()),
        (_, Order::Record(orders)) => {
            let kinds = [Kind::Int32, Kind::Bytes, Kind::Numeric];
            let values: Vec<Value> = (0..3)
                .map(|index| value(draw, kinds[index], orders[index].as_ref().expect("it counts"), 5))
                .collect();
            let columns: Vec<_> =
                values.iter().zip(kinds).map(|(value, kind)| (23, kind, Item::from(value))).collect();
            Value::Bytes(record(&columns).into())
        }
        (_, Order::Bits) => Value::Bytes(bits(draw).into()),
        (Kind::Bool, _) => Value::Bool(draw.below(2) == 0),
        (Kind::Int16, _) => Value::Int16(draw.pick(&[i16::MIN, -1, 0, 1, 255, 256, i16::MAX])),
        (Kind::Int32, _) => Value::Int32(draw.pick(&[i32::MIN, -256, -1, 0, 1, 255, i32::MAX])),
        (Kind::Int64, _) => Value::Int64(draw.pick(&[i64::MIN, -1, 0, 1, 1 << 40, i64::MAX])),
        (Kind::Float32, _) => Value::Float32(draw.pick(&[
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            0.0,
            -0.0,
            1.5,
            -1.5,
            f32::MIN_POSITIVE,
            -1e-45,
        ])),
        (Kind::Float64, _) => Value::Float64(draw.pick(&[
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            0.0,
            -0.0,
            1.5,
            -1.5,
            5e-324,
            -f64::MAX,
        ])),
        (Kind::Numeric, _) => Value::Numeric(numeric(draw)),
        (_, Order::Jsonb) => Value::Bytes(document(draw).into()),
        (Kind::Bytes, _) => Value::Bytes(text(draw).into()),
        (Kind::Interval, _) => Value::Interval(interval(draw)),
        (Kind::TimeTz, _) => Value::TimeTz(TimeTz {
            time: draw.below(4) as i64 * 3_600_000_000,
            zone: (draw.below(5) as i32 - 2) * 3600,
        }),
        (Kind::Uuid, _) => Value::Uuid([draw.pick(&[0, 1, 0xff]); 16]),
    }
}

/// A vector of such values.
pub fn vector(draw: &mut Draw, kind: Kind, order: &Order, rows: usize, nulls: usize) -> Vector {
    let mut builder = VectorBuilder::new(kind, rows);
    for _ in 0..rows {
        builder.push(&value(draw, kind, order, nulls)).expect("small values");
    }
    builder.finish()
}
