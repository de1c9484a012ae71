//! Keys as bits: short ones packed into 128 bits, others as bytes that are equal exactly if the keys are. A text or a numeric among
//! the columns of a packed key is a number there, which a table of its own gives it.

use super::decimals::DecimalNumbers;
use super::places::Field;
use super::table::NONE;
use super::texts::TextNumbers;
use types::Vector;
use types::key::{KeyColumn, NullPlace, encode_item};
use types::vector::{Data, Order};

/// How keys of some columns are told apart.
#[derive(Debug)]
pub enum Packing {
    /// One text.
    Text(TextNumbers),
    /// All columns together, a bit for null each, fit into 128 bits.
    Narrow(Vec<Packed>),
    /// As bytes.
    Wide(Vec<KeyColumn>),
}

/// A column of a packed key.
#[derive(Debug)]
pub struct Packed {
    /// How many bits its values take.
    width: u32,
    /// The numbers of its values, if they are not packed themselves.
    numbers: Option<Numbers>,
}

/// Numbers of values that are too long to be packed, in order of appearance.
#[derive(Debug)]
enum Numbers {
    Texts(TextNumbers),
    Decimals(DecimalNumbers),
}

impl Numbers {
    fn insert(&mut self, vector: &Vector, rows: usize, numbers: &mut Vec<u32>) {
        match self {
            Numbers::Texts(texts) => texts.insert(vector, rows, numbers),
            Numbers::Decimals(decimals) => decimals.insert(vector, rows, numbers),
        }
    }

    fn find(&self, vector: &Vector, rows: usize, numbers: &mut Vec<u32>) {
        match self {
            Numbers::Texts(texts) => texts.find(vector, rows, numbers),
            Numbers::Decimals(decimals) => decimals.find(vector, rows, numbers),
        }
    }

    fn size(&self) -> usize {
        match self {
            Numbers::Texts(texts) => texts.size(),
            Numbers::Decimals(decimals) => decimals.size(),
        }
    }

    fn clear(&mut self) {
        match self {
            Numbers::Texts(texts) => texts.clear(),
            Numbers::Decimals(decimals) => decimals.clear(),
        }
    }
}

/// The bits of a value of a column that is packed.
fn width(order: &Order) -> Option<u32> {
    match order {
        Order::Bool => Some(1),
        Order::Int16 => Some(16),
        Order::Int32 | Order::Unsigned32 | Order::Enum(_) | Order::Float32 => Some(32),
        Order::Int64 | Order::Unsigned64 | Order::Float64 => Some(64),
        Order::Numeric
        | Order::Bytes
        | Order::Padded
        | Order::Folded
        | Order::Bits
        | Order::Jsonb
        | Order::Interval
        | Order::TimeTz
        | Order::Uuid
        | Order::Array(_)
        | Order::Record(_)
        | Order::Anonymous => None,
    }
}

impl Packing {
    /// For columns of these orders.
    pub fn new(orders: &[Order]) -> Packing {
        if let [Order::Bytes] = orders {
            return Packing::Text(TextNumbers::default());
        }
        let numbered = |numbers| Packed { width: u32::BITS, numbers: Some(numbers) };
        let packed = |order: &Order| match order {
            Order::Bytes => Some(numbered(Numbers::Texts(TextNumbers::default()))),
            Order::Numeric => Some(numbered(Numbers::Decimals(DecimalNumbers::default()))),
            order => Some(Packed { width: width(order)?, numbers: None }),
        };
        let columns: Option<Vec<Packed>> = orders.iter().map(packed).collect();
        match columns {
            Some(columns) if columns.iter().map(|column| column.width + 1).sum::<u32>() <= u128::BITS => {
                Packing::Narrow(columns)
            }
            _ => {
                let column = |order: &Order| KeyColumn {
                    order: order.clone(),
                    descending: false,
                    nulls: NullPlace::First,
                };
                Packing::Wide(orders.iter().map(column).collect())
            }
        }
    }
}

/// Packs each row's values of these columns; values that are new get numbers.
pub fn pack_new(columns: &mut [Packed], vectors: &[Vector], rows: usize, keys: &mut Vec<u128>) {
    keys.clear();
    keys.resize(rows, 0);
    let mut numbers = Vec::new();
    for (column, vector) in columns.iter_mut().zip(vectors) {
        match &mut column.numbers {
            Some(known) => {
                known.insert(vector, rows, &mut numbers);
                join_numbers(&numbers, keys);
            }
            None => join_vector(vector, column.width, keys),
        }
    }
}

/// Packs each row's values of these columns. Rows with a value that has no number are noted in `unknown`; what
/// their keys are says nothing.
pub fn pack_known(
    columns: &[Packed],
    vectors: &[Vector],
    rows: usize,
    keys: &mut Vec<u128>,
    unknown: &mut Vec<u32>,
) {
    keys.clear();
    keys.resize(rows, 0);
    let mut numbers = Vec::new();
    for (column, vector) in columns.iter().zip(vectors) {
        match &column.numbers {
            Some(known) => {
                known.find(vector, rows, &mut numbers);
                // Fewer than 2^32 rows.
                unknown.extend((0..rows as u32).filter(|row| numbers[*row as usize] == NONE));
                join_numbers(&numbers, keys);
            }
            None => join_vector(vector, column.width, keys),
        }
    }
}

/// Where the values of packed columns are in a key; numbers of values are never null themselves.
pub fn fields(columns: &[Packed]) -> Vec<Field> {
    let mut shift = 0;
    let mut fields: Vec<Field> = Vec::with_capacity(columns.len());
    for column in columns.iter().rev() {
        let null_below = column.numbers.is_none();
        fields.push(Field { shift: shift + 1, width: column.width, null_below });
        shift += column.width + 1;
    }
    fields.reverse();
    fields
}

/// Bytes that the numbers of packed columns' values take.
pub fn numbers_size(columns: &[Packed]) -> usize {
    columns.iter().filter_map(|column| column.numbers.as_ref()).map(Numbers::size).sum()
}

/// Forgets the numbers of packed columns' values.
pub fn clear_numbers(columns: &mut [Packed]) {
    columns.iter_mut().filter_map(|column| column.numbers.as_mut()).for_each(Numbers::clear);
}

fn join_numbers(numbers: &[u32], keys: &mut [u128]) {
    for (key, number) in keys.iter_mut().zip(numbers) {
        *key = *key << (u32::BITS + 1) | u128::from(*number) << 1;
    }
}

fn join_vector(vector: &Vector, width: u32, keys: &mut [u128]) {
    let mask = if width == 64 { u64::MAX } else { (1u64 << width) - 1 };
    match vector.data() {
        Data::Bool(values) => join(vector, values, width, keys, u64::from),
        Data::Int16(values) => join(vector, values, width, keys, |value| i64::from(value) as u64 & mask),
        Data::Int32(values) => join(vector, values, width, keys, |value| i64::from(value) as u64 & mask),
        Data::Int64(values) => join(vector, values, width, keys, |value| value as u64 & mask),
        Data::Float32(values) => join(vector, values, width, keys, |value| {
            let value = if value.is_nan() { f32::NAN } else { value + 0.0 };
            u64::from(value.to_bits())
        }),
        Data::Float64(values) => join(vector, values, width, keys, |value| {
            let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
            value.to_bits()
        }),
        // Orders of these kinds are not narrow.
        Data::Numeric(_) | Data::Bytes(_) | Data::Interval(_) | Data::TimeTz(_) | Data::Uuid(_) => {}
    }
}

fn join<T: Copy>(vector: &Vector, values: &[T], width: u32, keys: &mut [u128], bits: impl Fn(T) -> u64) {
    let shift = width + 1;
    if vector.is_constant() {
        let next = match values.first() {
            Some(value) if !vector.is_null(0) => u128::from(bits(*value)) << 1,
            _ => 1,
        };
        keys.iter_mut().for_each(|key| *key = *key << shift | next);
        return;
    }
    match vector.nulls() {
        None => {
            for (key, value) in keys.iter_mut().zip(values) {
                *key = *key << shift | u128::from(bits(*value)) << 1;
            }
        }
        Some(nulls) => {
            for (row, (key, value)) in keys.iter_mut().zip(values).enumerate() {
                let next = if nulls.get(row) { 1 } else { u128::from(bits(*value)) << 1 };
                *key = *key << shift | next;
            }
        }
    }
}

/// Keys as bytes, one after the other.
#[derive(Debug, Default)]
pub struct ByteKeys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl ByteKeys {
    /// Appends the key of a row.
    pub fn push(&mut self, columns: &[KeyColumn], vectors: &[Vector], row: usize, rest: &mut Vec<u8>) {
        rest.clear();
        for (column, vector) in columns.iter().zip(vectors) {
            encode_item(column, &vector.item(row), &mut self.bytes, rest);
        }
        self.ends.push(self.bytes.len());
    }

    /// Appends a key as it is.
    pub fn push_bytes(&mut self, key: &[u8]) {
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len());
    }

    /// Takes the last key back.
    pub fn pop(&mut self) {
        self.ends.pop();
        self.bytes.truncate(self.ends.last().copied().unwrap_or(0));
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// One of them.
    #[inline]
    pub fn get(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes that they take.
    pub fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * 8
    }
}
