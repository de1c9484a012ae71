//! Vectors in the making, value by value.

use super::bitmap::BitmapBuilder;
use super::bytes::BytesBuilder;
use super::error::VectorResult;
use super::numeric::NumericBuilder;
use super::{Data, Fixed, Vector};
use crate::Numeric;
use crate::kind::Kind;
use crate::value::{Item, Value};
use crate::{Interval, TimeTz};

#[derive(Debug, Clone)]
enum Values {
    Bool(Vec<bool>),
    Int16(Vec<i16>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Float32(Vec<f32>),
    Float64(Vec<f64>),
    Numeric(NumericBuilder),
    Bytes(BytesBuilder),
    Interval(Vec<Interval>),
    TimeTz(Vec<TimeTz>),
    Uuid(Vec<[u8; 16]>),
}

macro_rules! each_kind_of_values {
    ($values:expr, fixed $fixed:ident => $on_fixed:expr, numeric $numeric:ident => $on_numeric:expr, bytes $bytes:ident => $on_bytes:expr $(,)?) => {
        match $values {
            Values::Bool($fixed) => $on_fixed,
            Values::Int16($fixed) => $on_fixed,
            Values::Int32($fixed) => $on_fixed,
            Values::Int64($fixed) => $on_fixed,
            Values::Float32($fixed) => $on_fixed,
            Values::Float64($fixed) => $on_fixed,
            Values::Numeric($numeric) => $on_numeric,
            Values::Bytes($bytes) => $on_bytes,
            Values::Interval($fixed) => $on_fixed,
            Values::TimeTz($fixed) => $on_fixed,
            Values::Uuid($fixed) => $on_fixed,
        }
    };
}

/// A vector of one kind in the making.
///
/// Pushing a value of another kind is a mistake of the caller, not of the data: it panics, as the binder has given
/// everything its type before values are made.
#[derive(Debug, Clone)]
pub struct VectorBuilder {
    values: Values,
    nulls: BitmapBuilder,
}

impl VectorBuilder {
    /// A builder with room for `rows` values.
    pub fn new(kind: Kind, rows: usize) -> VectorBuilder {
        let values = match kind {
            Kind::Bool => Values::Bool(Vec::with_capacity(rows)),
            Kind::Int16 => Values::Int16(Vec::with_capacity(rows)),
            Kind::Int32 => Values::Int32(Vec::with_capacity(rows)),
            Kind::Int64 => Values::Int64(Vec::with_capacity(rows)),
            Kind::Float32 => Values::Float32(Vec::with_capacity(rows)),
            Kind::Float64 => Values::Float64(Vec::with_capacity(rows)),
            Kind::Numeric => Values::Numeric(NumericBuilder::with_capacity(rows)),
            Kind::Bytes => Values::Bytes(BytesBuilder::with_capacity(rows, 0)),
            Kind::Interval => Values::Interval(Vec::with_capacity(rows)),
            Kind::TimeTz => Values::TimeTz(Vec::with_capacity(rows)),
            Kind::Uuid => Values::Uuid(Vec::with_capacity(rows)),
        };
        VectorBuilder { values, nulls: BitmapBuilder::default() }
    }

    /// The kind of its values.
    pub fn kind(&self) -> Kind {
        match &self.values {
            Values::Bool(_) => Kind::Bool,
            Values::Int16(_) => Kind::Int16,
            Values::Int32(_) => Kind::Int32,
            Values::Int64(_) => Kind::Int64,
            Values::Float32(_) => Kind::Float32,
            Values::Float64(_) => Kind::Float64,
            Values::Numeric(_) => Kind::Numeric,
            Values::Bytes(_) => Kind::Bytes,
            Values::Interval(_) => Kind::Interval,
            Values::TimeTz(_) => Kind::TimeTz,
            Values::Uuid(_) => Kind::Uuid,
        }
    }

    /// How many values there are so far.
    pub fn len(&self) -> usize {
        each_kind_of_values!(&self.values, fixed values => values.len(), numeric values => values.len(), bytes values => values.len())
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a null.
    pub fn push_null(&mut self) {
        each_kind_of_values!(
            &mut self.values,
            fixed values => values.push(Default::default()),
            numeric values => values.push_nulls(1),
            bytes values => values.push_empty(1),
        );
        self.nulls.push(true);
    }

    /// Appends a value.
    pub fn push(&mut self, value: &Value) -> VectorResult<()> {
        self.push_item(&Item::from(value))
    }

    /// Appends a value whose bytes somebody else holds.
    pub fn push_item(&mut self, item: &Item<'_>) -> VectorResult<()> {
        match (&mut self.values, item) {
            (_, Item::Null) => {
                self.push_null();
                return Ok(());
            }
            (Values::Bool(values), Item::Bool(value)) => values.push(*value),
            (Values::Int16(values), Item::Int16(value)) => values.push(*value),
            (Values::Int32(values), Item::Int32(value)) => values.push(*value),
            (Values::Int64(values), Item::Int64(value)) => values.push(*value),
            (Values::Float32(values), Item::Float32(value)) => values.push(*value),
            (Values::Float64(values), Item::Float64(value)) => values.push(*value),
            (Values::Numeric(values), Item::Numeric(value)) => values.push(value.clone()),
            (Values::Bytes(values), Item::Bytes(value)) => values.push(value)?,
            (Values::Interval(values), Item::Interval(value)) => values.push(*value),
            (Values::TimeTz(values), Item::TimeTz(value)) => values.push(*value),
            (Values::Uuid(values), Item::Uuid(value)) => values.push(*value),
            _ => panic!("a value of kind {:?} among those of kind {:?}", item.kind(), self.kind()),
        }
        self.nulls.push(false);
        Ok(())
    }

    /// Appends a value of kind `Bytes` without owning it.
    pub fn push_bytes(&mut self, value: &[u8]) -> VectorResult<()> {
        match &mut self.values {
            Values::Bytes(values) => values.push(value)?,
            Values::Bool(_)
            | Values::Int16(_)
            | Values::Int32(_)
            | Values::Int64(_)
            | Values::Float32(_)
            | Values::Float64(_)
            | Values::Numeric(_)
            | Values::Interval(_)
            | Values::TimeTz(_)
            | Values::Uuid(_) => panic!("bytes among values of kind {:?}", self.kind()),
        }
        self.nulls.push(false);
        Ok(())
    }

    /// Appends a number.
    pub fn push_numeric(&mut self, value: Numeric) {
        match &mut self.values {
            Values::Numeric(values) => values.push(value),
            Values::Bool(_)
            | Values::Int16(_)
            | Values::Int32(_)
            | Values::Int64(_)
            | Values::Float32(_)
            | Values::Float64(_)
            | Values::Bytes(_)
            | Values::Interval(_)
            | Values::TimeTz(_)
            | Values::Uuid(_) => panic!("a number among values of kind {:?}", self.kind()),
        }
        self.nulls.push(false);
    }

    /// Appends a row of a vector of the same kind.
    pub fn push_from(&mut self, vector: &Vector, row: usize) -> VectorResult<()> {
        match vector.bytes() {
            Some(values) if !vector.is_null(row) => self.push_bytes(values.get(vector.place(row))),
            _ => self.push(&vector.value(row)),
        }
    }

    /// Appends all rows of a vector of the same kind.
    pub fn append(&mut self, vector: &Vector) -> VectorResult<()> {
        if vector.is_constant() {
            return (0..vector.len()).try_for_each(|row| self.push_from(vector, row));
        }
        match (&mut self.values, vector.data()) {
            (Values::Bool(values), Data::Bool(more)) => values.extend_from_slice(more),
            (Values::Int16(values), Data::Int16(more)) => values.extend_from_slice(more),
            (Values::Int32(values), Data::Int32(more)) => values.extend_from_slice(more),
            (Values::Int64(values), Data::Int64(more)) => values.extend_from_slice(more),
            (Values::Float32(values), Data::Float32(more)) => values.extend_from_slice(more),
            (Values::Float64(values), Data::Float64(more)) => values.extend_from_slice(more),
            (Values::Numeric(values), Data::Numeric(more)) => values.append(more),
            (Values::Bytes(values), Data::Bytes(more)) => values.append(more)?,
            (Values::Interval(values), Data::Interval(more)) => values.extend_from_slice(more),
            (Values::TimeTz(values), Data::TimeTz(more)) => values.extend_from_slice(more),
            (Values::Uuid(values), Data::Uuid(more)) => values.extend_from_slice(more),
            _ => panic!("a vector of kind {:?} among values of kind {:?}", vector.kind(), self.kind()),
        }
        match vector.nulls() {
            None => self.nulls.push_zeros(vector.len()),
            Some(nulls) => (0..vector.len()).for_each(|row| self.nulls.push(nulls.get(row))),
        }
        Ok(())
    }

    /// Appends rows of a vector of the same kind by their numbers.
    pub fn append_rows(&mut self, vector: &Vector, rows: &[u32]) -> VectorResult<()> {
        fn pick<T: Copy>(values: &mut Vec<T>, from: &[T], rows: &[u32]) {
            values.extend(rows.iter().map(|row| from[*row as usize]));
        }
        if vector.is_constant() {
            return rows.iter().try_for_each(|row| self.push_from(vector, *row as usize));
        }
        match (&mut self.values, vector.data()) {
            (Values::Bool(values), Data::Bool(more)) => pick(values, more, rows),
            (Values::Int16(values), Data::Int16(more)) => pick(values, more, rows),
            (Values::Int32(values), Data::Int32(more)) => pick(values, more, rows),
            (Values::Int64(values), Data::Int64(more)) => pick(values, more, rows),
            (Values::Float32(values), Data::Float32(more)) => pick(values, more, rows),
            (Values::Float64(values), Data::Float64(more)) => pick(values, more, rows),
            (Values::Numeric(values), Data::Numeric(more)) => values.append_rows(more, rows),
            (Values::Bytes(values), Data::Bytes(more)) => values.append_rows(more, rows)?,
            (Values::Interval(values), Data::Interval(more)) => pick(values, more, rows),
            (Values::TimeTz(values), Data::TimeTz(more)) => pick(values, more, rows),
            (Values::Uuid(values), Data::Uuid(more)) => pick(values, more, rows),
            _ => panic!("a vector of kind {:?} among values of kind {:?}", vector.kind(), self.kind()),
        }
        match vector.nulls() {
            None => self.nulls.push_zeros(rows.len()),
            Some(nulls) => rows.iter().for_each(|row| self.nulls.push(nulls.get(*row as usize))),
        }
        Ok(())
    }

    /// The vector.
    pub fn finish(self) -> Vector {
        fn wrap<T: Fixed>(values: Vec<T>) -> Data {
            T::wrap(values.into())
        }
        let data = each_kind_of_values!(
            self.values,
            fixed values => wrap(values),
            numeric values => Data::Numeric(values.finish()),
            bytes values => Data::Bytes(values.finish()),
        );
        Vector::new(data, self.nulls.finish())
    }
}
