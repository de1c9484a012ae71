//! `jsonb` as numbers and truth values.

use crate::error::FunctionResult;
use crate::kernel::loops::scalar;
use json::Value;
use numeric::Numeric;

fn number(value: Value<'_>, to: &'static str) -> FunctionResult<Numeric> {
    Ok(Numeric::parse(&value.to_number(to)?.text(), None)?)
}

scalar! {
    fn jsonb_bool(a: Value<'_>) -> bool { a.to_bool()? }
    fn jsonb_numeric(a: Value<'_>) -> Numeric { number(a, "numeric")? }
    fn jsonb_int2(a: Value<'_>) -> i16 { number(a, "smallint")?.to_int2()? }
    fn jsonb_int4(a: Value<'_>) -> i32 { number(a, "integer")?.to_int4()? }
    fn jsonb_int8(a: Value<'_>) -> i64 { number(a, "bigint")?.to_int8()? }
    fn jsonb_float4(a: Value<'_>) -> f32 { number(a, "real")?.to_float4()? }
    fn jsonb_float8(a: Value<'_>) -> f64 { number(a, "double precision")?.to_float8()? }
}
