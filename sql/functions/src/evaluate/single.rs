//! Values of single rows: what functions of fixed width compute where there are too few rows for vectors to pay.

use super::call::Site;
use crate::table::{Implementation, SingleFunction};
use types::{Item, Kind};

/// A value of one of the kinds that nearly all arithmetic is of, or null.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // each is the kind of its name
pub enum Single {
    Null,
    Bool(bool),
    Int16(i16),
    Int32(i32),
    Int64(i64),
    Float32(f32),
    Float64(f64),
}

impl Single {
    /// Whether there are values of a kind.
    pub fn has(kind: Kind) -> bool {
        match kind {
            Kind::Bool | Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Float32 | Kind::Float64 => true,
            Kind::Numeric | Kind::Bytes | Kind::Interval | Kind::TimeTz | Kind::Uuid => false,
        }
    }

    /// A value as one; `None` if it is of another kind.
    pub fn from_item(item: &Item<'_>) -> Option<Single> {
        Some(match item {
            Item::Null => Single::Null,
            Item::Bool(value) => Single::Bool(*value),
            Item::Int16(value) => Single::Int16(*value),
            Item::Int32(value) => Single::Int32(*value),
            Item::Int64(value) => Single::Int64(*value),
            Item::Float32(value) => Single::Float32(*value),
            Item::Float64(value) => Single::Float64(*value),
            Item::Numeric(_) | Item::Bytes(_) | Item::Interval(_) | Item::TimeTz(_) | Item::Uuid(_) => {
                return None;
            }
        })
    }

    /// The value as others know it.
    #[inline]
    pub fn item(self) -> Item<'static> {
        match self {
            Single::Null => Item::Null,
            Single::Bool(value) => Item::Bool(value),
            Single::Int16(value) => Item::Int16(value),
            Single::Int32(value) => Item::Int32(value),
            Single::Int64(value) => Item::Int64(value),
            Single::Float32(value) => Item::Float32(value),
            Single::Float64(value) => Item::Float64(value),
        }
    }
}

/// A type of values that there are as [`Single`].
pub(crate) trait Narrow: Sized {
    /// As one.
    fn narrow(self) -> Single;
    /// The value; `None` if it is null or of another kind.
    fn of(value: Single) -> Option<Self>;
}

macro_rules! narrow {
    ($($type:ty, $kind:ident;)*) => {
        $(impl Narrow for $type {
            #[inline]
            fn narrow(self) -> Single {
                Single::$kind(self)
            }

            #[inline]
            fn of(value: Single) -> Option<$type> {
                if let Single::$kind(value) = value { Some(value) } else { None }
            }
        })*
    };
}

narrow! {
    bool, Bool;
    i16, Int16;
    i32, Int32;
    i64, Int64;
    f32, Float32;
    f64, Float64;
}

impl Site {
    /// What computes one row alone, of a strict function that looks at nothing but its arguments; it is shown no nulls.
    pub fn single(&self) -> Option<SingleFunction> {
        match self.function.implementation {
            Implementation::Narrow(kernel) | Implementation::Masked(kernel) => kernel.one,
            Implementation::Scalar(_)
            | Implementation::Comparison(_)
            | Implementation::Session(_)
            | Implementation::SessionSet(_)
            | Implementation::Set(_)
            | Implementation::Aggregate(_)
            | Implementation::Window(_)
            | Implementation::Missing => None,
        }
    }
}
