//! Casts between numbers, truth values and characters.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{masked, masked_checked, of_each, scalar};
use diagnostic::SqlState;
use numeric::float::{self, Float};
use numeric::{NumberType, Numeric, NumericError};
use types::Vector;
use types::vector::{Data, NumericVector};

const fn out_of(number: NumberType) -> NumericError {
    NumericError::IntegerOutOfRange(number)
}

masked! {
    fn i2toi4(a: i16) -> i32 { i32::from(a) }
    fn int28(a: i16) -> i64 { i64::from(a) }
    fn int48(a: i32) -> i64 { i64::from(a) }
    fn oidtoi8(a: i32) -> i64 { i64::from(a as u32) }
    fn i2tof(a: i16) -> f32 { f32::from(a) }
    fn i2tod(a: i16) -> f64 { f64::from(a) }
    fn i4tof(a: i32) -> f32 { a as f32 }
    fn i4tod(a: i32) -> f64 { f64::from(a) }
    fn i8tof(a: i64) -> f32 { a as f32 }
    fn i8tod(a: i64) -> f64 { a as f64 }
    fn ftod(a: f32) -> f64 { f64::from(a) }
    fn bool_int4(a: bool) -> i32 { i32::from(a) }
    fn int4_bool(a: i32) -> bool { a != 0 }
    fn chartoi4(a: i16) -> i32 { i32::from(a as u8 as i8) }
}

masked_checked! {
    fn i4toi2(a: i32) -> i16, out_of(NumberType::Int2) => { (a as i16, i32::from(a as i16) != a) }
    fn int82(a: i64) -> i16, out_of(NumberType::Int2) => { (a as i16, i64::from(a as i16) != a) }
    fn int84(a: i64) -> i32, out_of(NumberType::Int4) => { (a as i32, i64::from(a as i32) != a) }
    fn i8tooid(a: i64) -> i32, FunctionError::plain(SqlState::NumericValueOutOfRange, "OID out of range") => {
        (a as i32, i64::from(a as u32) != a)
    }
    fn i4tochar(a: i32) -> i16, FunctionError::plain(SqlState::NumericValueOutOfRange, "\"char\" out of range") => {
        (i16::from(a as u8), !(-128..=127).contains(&a))
    }
}

macro_rules! whole_numbers {
    ($($name:ident: $type:ty;)*) => {
        $(pub(crate) fn $name(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            of_each(arguments, |value: $type| i64::from(value), |mantissas| {
                Data::Numeric(NumericVector::Uniform { mantissas: mantissas.into(), scale: 0 })
            })
        })*
    };
}

// kernel: masked
whole_numbers! {
    int2_numeric: i16;
    int4_numeric: i32;
    int8_numeric: i64;
}

scalar! {
    fn ftoi2(a: f32) -> i16 { a.to_int2()? }
    fn ftoi4(a: f32) -> i32 { a.to_int4()? }
    fn ftoi8(a: f32) -> i64 { a.to_int8()? }
    fn dtoi2(a: f64) -> i16 { a.to_int2()? }
    fn dtoi4(a: f64) -> i32 { a.to_int4()? }
    fn dtoi8(a: f64) -> i64 { a.to_int8()? }
    fn dtof(a: f64) -> f32 { float::to_float4(a)? }
    fn float4_numeric(a: f32) -> Numeric { Numeric::from_float4(a)? }
    fn float8_numeric(a: f64) -> Numeric { Numeric::from_float8(a)? }
    fn numeric_int2(a: Numeric) -> i16 { a.to_int2()? }
    fn numeric_int4(a: Numeric) -> i32 { a.to_int4()? }
    fn numeric_int8(a: Numeric) -> i64 { a.to_int8()? }
    fn numeric_float4(a: Numeric) -> f32 { a.to_float4()? }
    fn numeric_float8(a: Numeric) -> f64 { a.to_float8()? }
}
