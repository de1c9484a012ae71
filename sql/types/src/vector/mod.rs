//! Columns of a chunk: many values of one kind, dense, with a bitmap of nulls.
//!
//! What holds for every vector:
//! 1. Its data has as many values as the vector, or exactly one if the vector is constant, whatever its length.
//! 2. A bitmap of nulls has as many bits as the data has values and at least one of them is set; without nulls there is
//!    none. Below a null lies some value of the kind, so that loops need not look.
//! 3. Clones and slices share; whoever changes a shared vector changes a copy.

mod bitmap;
mod buffer;
mod builder;
mod bytes;
mod chunk;
mod compare;
mod compare_numeric;
mod dictionary;
mod error;
mod gather;
mod hash;
mod numeric;
mod order;
mod repeats;
mod select;
mod sum;

pub use bitmap::{Bitmap, BitmapBuilder};
pub use buffer::Buffer;
pub use builder::VectorBuilder;
pub use bytes::{BytesBuilder, BytesVector, BytesView, Stretch};
pub use chunk::{CHUNK_ROWS, Chunk, Selection};
pub use compare::{Operator, compare, distinct, equal_rows};
pub use dictionary::{Dictionary, NUMBERS};
pub use error::{VectorError, VectorResult};
pub use hash::hash;
pub use numeric::{NumericBuilder, NumericVector};
pub(crate) use order::order_of_column;
pub use order::{EnumOrder, Order, without_padding};
pub use repeats::Repeats;
pub use select::{select, select_false};
pub use sum::{sum_float, sum_int};

use crate::kind::Kind;
use crate::value::{Item, Value};
use crate::{Interval, TimeTz};

/// The values of a vector.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // each is the kind of its name
pub enum Data {
    Bool(Buffer<bool>),
    Int16(Buffer<i16>),
    Int32(Buffer<i32>),
    Int64(Buffer<i64>),
    Float32(Buffer<f32>),
    Float64(Buffer<f64>),
    Numeric(NumericVector),
    Bytes(BytesVector),
    Interval(Buffer<Interval>),
    TimeTz(Buffer<TimeTz>),
    Uuid(Buffer<[u8; 16]>),
}

/// Runs an expression on the values of every kind: those of fixed width, `numeric` and `bytes` each in its own way.
macro_rules! each_kind {
    ($data:expr, fixed $values:ident => $fixed:expr, numeric $numbers:ident => $numeric:expr, bytes $strings:ident => $bytes:expr $(,)?) => {
        match $data {
            $crate::vector::Data::Bool($values) => $fixed,
            $crate::vector::Data::Int16($values) => $fixed,
            $crate::vector::Data::Int32($values) => $fixed,
            $crate::vector::Data::Int64($values) => $fixed,
            $crate::vector::Data::Float32($values) => $fixed,
            $crate::vector::Data::Float64($values) => $fixed,
            $crate::vector::Data::Numeric($numbers) => $numeric,
            $crate::vector::Data::Bytes($strings) => $bytes,
            $crate::vector::Data::Interval($values) => $fixed,
            $crate::vector::Data::TimeTz($values) => $fixed,
            $crate::vector::Data::Uuid($values) => $fixed,
        }
    };
}
pub(crate) use each_kind;

/// A kind whose values have one width and can be copied.
pub trait Fixed: Copy + Default + 'static {
    /// Which.
    const KIND: Kind;
    /// As data of a vector.
    fn wrap(values: Buffer<Self>) -> Data;
    /// The values, if the data is of this kind.
    fn unwrap(data: &Data) -> Option<&Buffer<Self>>;
    /// The same, to be changed.
    fn unwrap_mut(data: &mut Data) -> Option<&mut Buffer<Self>>;
    /// As a value on its own.
    fn item(self) -> Item<'static>;
}

macro_rules! fixed {
    ($($type:ty, $kind:ident;)*) => {
        $(impl Fixed for $type {
            const KIND: Kind = Kind::$kind;

            fn wrap(values: Buffer<$type>) -> Data {
                Data::$kind(values)
            }

            fn unwrap(data: &Data) -> Option<&Buffer<$type>> {
                if let Data::$kind(values) = data { Some(values) } else { None }
            }

            fn unwrap_mut(data: &mut Data) -> Option<&mut Buffer<$type>> {
                if let Data::$kind(values) = data { Some(values) } else { None }
            }

            #[inline]
            fn item(self) -> Item<'static> {
                Item::$kind(self)
            }
        })*
    };
}

fixed! {
    bool, Bool;
    i16, Int16;
    i32, Int32;
    i64, Int64;
    f32, Float32;
    f64, Float64;
    Interval, Interval;
    TimeTz, TimeTz;
    [u8; 16], Uuid;
}

impl Data {
    /// Whether these are the same values in the same place. False says nothing.
    fn lies_with(&self, other: &Data) -> bool {
        fn fixed<T: Fixed>(values: &Buffer<T>, other: &Data) -> bool {
            T::unwrap(other).is_some_and(|other| std::ptr::eq(&raw const values[..], &raw const other[..]))
        }
        each_kind!(
            self,
            fixed values => fixed(values, other),
            numeric _values => false,
            bytes values => match other {
                Data::Bytes(other) => values.lies_with(other),
                _ => false,
            },
        )
    }

    /// What kind the values are of.
    pub fn kind(&self) -> Kind {
        match self {
            Data::Bool(_) => Kind::Bool,
            Data::Int16(_) => Kind::Int16,
            Data::Int32(_) => Kind::Int32,
            Data::Int64(_) => Kind::Int64,
            Data::Float32(_) => Kind::Float32,
            Data::Float64(_) => Kind::Float64,
            Data::Numeric(_) => Kind::Numeric,
            Data::Bytes(_) => Kind::Bytes,
            Data::Interval(_) => Kind::Interval,
            Data::TimeTz(_) => Kind::TimeTz,
            Data::Uuid(_) => Kind::Uuid,
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        each_kind!(self, fixed values => values.len(), numeric values => values.len(), bytes values => values.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn slice(&self, start: usize, length: usize) -> Data {
        fn wrap<T: Fixed>(values: Buffer<T>) -> Data {
            T::wrap(values)
        }
        each_kind!(
            self,
            fixed values => wrap(values.slice(start, length)),
            numeric values => Data::Numeric(values.slice(start, length)),
            bytes values => Data::Bytes(values.slice(start, length)),
        )
    }
}

/// A column: values and which of them are null, or one value for any number of rows.
#[derive(Debug, Clone)]
pub struct Vector {
    data: Data,
    nulls: Option<Bitmap>,
    length: usize,
    constant: bool,
}

impl Vector {
    /// Whether the other one is a clone of it, so that the values are the same. False says nothing.
    pub fn is_clone_of(&self, other: &Vector) -> bool {
        let same_nulls = match (&self.nulls, &other.nulls) {
            (None, None) => true,
            (Some(nulls), Some(others)) => nulls.lies_with(others),
            (Some(_), None) | (None, Some(_)) => false,
        };
        let same_shape = (self.length, self.constant) == (other.length, other.constant);
        same_nulls && same_shape && self.data.lies_with(&other.data)
    }

    /// A vector of these values; `nulls` has a bit for each.
    pub fn new(data: Data, nulls: Option<Bitmap>) -> Vector {
        let length = data.len();
        let nulls = nulls.filter(|nulls| nulls.count_ones() > 0);
        assert!(nulls.as_ref().is_none_or(|nulls| nulls.len() == length), "a bit for each value");
        Vector { data, nulls, length, constant: false }
    }

    /// A vector of values without nulls.
    pub fn from_values<T: Fixed>(values: Vec<T>) -> Vector {
        Vector::new(T::wrap(values.into()), None)
    }

    /// The same value `length` times. A null needs to be told its kind, so `kind` must be the value's unless it is null.
    pub fn constant(kind: Kind, value: &Value, length: usize) -> VectorResult<Vector> {
        let mut builder = VectorBuilder::new(kind, 1);
        builder.push(value)?;
        Ok(Vector { length, constant: true, ..builder.finish() })
    }

    /// One of the values `length` times.
    pub fn repeat(&self, index: usize, length: usize) -> Vector {
        let index = self.place(index);
        Vector {
            data: self.data.slice(index, 1),
            nulls: self
                .nulls
                .as_ref()
                .map(|nulls| nulls.slice(index, 1))
                .filter(|nulls| nulls.count_ones() > 0),
            length,
            constant: true,
        }
    }

    /// What kind the values are of.
    pub fn kind(&self) -> Kind {
        self.data.kind()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether one value stands for all rows.
    pub fn is_constant(&self) -> bool {
        self.constant
    }

    /// The values: one for each row, or one alone if the vector is constant.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Which of [`Vector::data`] are null, if any is.
    pub fn nulls(&self) -> Option<&Bitmap> {
        self.nulls.as_ref()
    }

    /// Whether any row is null.
    pub fn has_nulls(&self) -> bool {
        self.nulls.is_some() && self.length > 0
    }

    /// How many rows are null.
    pub fn null_count(&self) -> usize {
        match &self.nulls {
            None => 0,
            Some(_) if self.constant => self.length,
            Some(nulls) => nulls.count_ones(),
        }
    }

    /// Where a row's value lies in [`Vector::data`].
    #[inline]
    pub fn place(&self, row: usize) -> usize {
        if self.constant { 0 } else { row }
    }

    /// Whether a row is null.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.get(self.place(row)))
    }

    /// The values of a kind of fixed width, if the vector is of it.
    pub fn fixed<T: Fixed>(&self) -> Option<&[T]> {
        T::unwrap(&self.data).map(|values| &values[..])
    }

    /// The same, to be changed; what others share stays as it is.
    pub fn fixed_mut<T: Fixed>(&mut self) -> Option<&mut [T]> {
        T::unwrap_mut(&mut self.data).map(Buffer::make_mut)
    }

    /// The values of kind `Bytes`, if the vector is of it.
    pub fn bytes(&self) -> Option<&BytesVector> {
        if let Data::Bytes(values) = &self.data { Some(values) } else { None }
    }

    /// The values of kind `Numeric`, if the vector is of it.
    pub fn numeric(&self) -> Option<&NumericVector> {
        if let Data::Numeric(values) = &self.data { Some(values) } else { None }
    }

    /// The value of a row.
    pub fn value(&self, row: usize) -> Value {
        self.item(row).to_value()
    }

    /// The value of a row, borrowed.
    #[inline]
    pub fn item(&self, row: usize) -> Item<'_> {
        if self.is_null(row) {
            return Item::Null;
        }
        let place = self.place(row);
        each_kind!(
            &self.data,
            fixed values => values[place].item(),
            numeric values => Item::Numeric(values.get(place)),
            bytes values => Item::Bytes(values.get(place)),
        )
    }

    /// A stretch of the rows.
    pub fn slice(&self, start: usize, length: usize) -> Vector {
        let start = start.min(self.length);
        let length = length.min(self.length - start);
        if self.constant {
            return Vector { length, ..self.clone() };
        }
        let nulls = self.nulls.as_ref().map(|nulls| nulls.slice(start, length));
        Vector {
            data: self.data.slice(start, length),
            nulls: nulls.filter(|nulls| nulls.count_ones() > 0),
            length,
            constant: false,
        }
    }

    /// The same values with these rows null besides.
    pub fn with_nulls(self, more: &Bitmap) -> VectorResult<Vector> {
        let flat = self.flatten()?;
        let nulls = match &flat.nulls {
            Some(nulls) => nulls.union(more),
            None => more.clone(),
        };
        Ok(Vector::new(flat.data, Some(nulls)))
    }
}
