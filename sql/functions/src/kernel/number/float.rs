//! `real` and `double precision`: arithmetic, comparisons across widths, mathematics.

use crate::evaluate::Narrow;
use crate::kernel::loops::{checked2, kernel, masked, scalar};
use numeric::float::{self, Float};

masked! {
    fn float48eq(a: f32, b: f64) -> bool { float::compare(f64::from(a), b).is_eq() }
    fn float48ne(a: f32, b: f64) -> bool { float::compare(f64::from(a), b).is_ne() }
    fn float48lt(a: f32, b: f64) -> bool { float::compare(f64::from(a), b).is_lt() }
    fn float48le(a: f32, b: f64) -> bool { float::compare(f64::from(a), b).is_le() }
    fn float48gt(a: f32, b: f64) -> bool { float::compare(f64::from(a), b).is_gt() }
    fn float48ge(a: f32, b: f64) -> bool { float::compare(f64::from(a), b).is_ge() }
    fn btfloat48cmp(a: f32, b: f64) -> i32 { float::compare(f64::from(a), b) as i32 }
    fn float84eq(a: f64, b: f32) -> bool { float::compare(a, f64::from(b)).is_eq() }
    fn float84ne(a: f64, b: f32) -> bool { float::compare(a, f64::from(b)).is_ne() }
    fn float84lt(a: f64, b: f32) -> bool { float::compare(a, f64::from(b)).is_lt() }
    fn float84le(a: f64, b: f32) -> bool { float::compare(a, f64::from(b)).is_le() }
    fn float84gt(a: f64, b: f32) -> bool { float::compare(a, f64::from(b)).is_gt() }
    fn float84ge(a: f64, b: f32) -> bool { float::compare(a, f64::from(b)).is_ge() }
    fn btfloat84cmp(a: f64, b: f32) -> i32 { float::compare(a, f64::from(b)) as i32 }
    fn btfloat4cmp(a: f32, b: f32) -> i32 { float::compare(a, b) as i32 }
    fn float4um(a: f32) -> f32 { -a }
    fn float4up(a: f32) -> f32 { a }
    fn float4abs(a: f32) -> f32 { a.abs() }
    fn float4larger(a: f32, b: f32) -> f32 { if float::compare(a, b).is_gt() { a } else { b } }
    fn float4smaller(a: f32, b: f32) -> f32 { if float::compare(a, b).is_lt() { a } else { b } }
    fn btfloat8cmp(a: f64, b: f64) -> i32 { float::compare(a, b) as i32 }
    fn float8um(a: f64) -> f64 { -a }
    fn float8up(a: f64) -> f64 { a }
    fn float8abs(a: f64) -> f64 { a.abs() }
    fn float8larger(a: f64, b: f64) -> f64 { if float::compare(a, b).is_gt() { a } else { b } }
    fn float8smaller(a: f64, b: f64) -> f64 { if float::compare(a, b).is_lt() { a } else { b } }
    fn dceil(a: f64) -> f64 { a.ceil() }
    fn dfloor(a: f64) -> f64 { a.floor() }
    fn dtrunc(a: f64) -> f64 { a.trunc() }
    fn dround(a: f64) -> f64 { float::round(a) }
    fn dsign(a: f64) -> f64 { float::sign(a) }
    fn dcbrt(a: f64) -> f64 { float::cbrt(a) }
    fn datan(a: f64) -> f64 { float::atan(a) }
    fn dsinh(a: f64) -> f64 { float::sinh(a) }
    fn dcosh(a: f64) -> f64 { float::cosh(a) }
    fn dtanh(a: f64) -> f64 { float::tanh(a) }
    fn dasinh(a: f64) -> f64 { float::asinh(a) }
    fn datand(a: f64) -> f64 { float::atand(a) }
    fn datan2(a: f64, b: f64) -> f64 { float::atan2(a, b) }
    fn datan2d(a: f64, b: f64) -> f64 { float::atan2d(a, b) }
}

/// Arithmetic that looks closer where a result is infinite or zero.
macro_rules! arithmetic {
    ($($name:ident($a:ident: $ta:ty, $b:ident: $tb:ty) -> $result:ty, $operator:tt, $exact:ident;)*) => {
        $(kernel! { $name ($a: $ta, $b: $tb) {
            rows(arguments) {
                checked2(
                    arguments,
                    |$a: $ta, $b: $tb| {
                        let found = <$result>::from($a) $operator <$result>::from($b);
                        (found, !found.is_finite() | (found == 0.0))
                    },
                    |$a, $b| {
                        <$result>::from($a).$exact(<$result>::from($b))?;
                        Ok(())
                    },
                )
            }
            one { Ok(Narrow::narrow(<$result>::from($a).$exact(<$result>::from($b))?)) }
        }})*
    };
}

// kernel: masked
arithmetic! {
    float4pl(a: f32, b: f32) -> f32, +, plus;
    float4mi(a: f32, b: f32) -> f32, -, minus;
    float4mul(a: f32, b: f32) -> f32, *, times;
    float4div(a: f32, b: f32) -> f32, /, over;
    float8pl(a: f64, b: f64) -> f64, +, plus;
    float8mi(a: f64, b: f64) -> f64, -, minus;
    float8mul(a: f64, b: f64) -> f64, *, times;
    float8div(a: f64, b: f64) -> f64, /, over;
    float48pl(a: f32, b: f64) -> f64, +, plus;
    float48mi(a: f32, b: f64) -> f64, -, minus;
    float48mul(a: f32, b: f64) -> f64, *, times;
    float48div(a: f32, b: f64) -> f64, /, over;
    float84pl(a: f64, b: f32) -> f64, +, plus;
    float84mi(a: f64, b: f32) -> f64, -, minus;
    float84mul(a: f64, b: f32) -> f64, *, times;
    float84div(a: f64, b: f32) -> f64, /, over;
}

scalar! {
    fn dexp(a: f64) -> f64 { float::exp(a)? }
    fn dlog1(a: f64) -> f64 { float::ln(a)? }
    fn dlog10(a: f64) -> f64 { float::log10(a)? }
    fn dsqrt(a: f64) -> f64 { float::sqrt(a)? }
    fn degrees(a: f64) -> f64 { float::degrees(a)? }
    fn radians(a: f64) -> f64 { float::radians(a)? }
    fn dsin(a: f64) -> f64 { float::sin(a)? }
    fn dcos(a: f64) -> f64 { float::cos(a)? }
    fn dtan(a: f64) -> f64 { float::tan(a)? }
    fn dcot(a: f64) -> f64 { float::cot(a)? }
    fn dasin(a: f64) -> f64 { float::asin(a)? }
    fn dacos(a: f64) -> f64 { float::acos(a)? }
    fn dacosh(a: f64) -> f64 { float::acosh(a)? }
    fn datanh(a: f64) -> f64 { float::atanh(a)? }
    fn dsind(a: f64) -> f64 { float::sind(a)? }
    fn dcosd(a: f64) -> f64 { float::cosd(a)? }
    fn dtand(a: f64) -> f64 { float::tand(a)? }
    fn dcotd(a: f64) -> f64 { float::cotd(a)? }
    fn dasind(a: f64) -> f64 { float::asind(a)? }
    fn dacosd(a: f64) -> f64 { float::acosd(a)? }
    fn dpow(a: f64, b: f64) -> f64 { float::power(a, b)? }
    fn width_bucket_float8(value: f64, low: f64, high: f64, count: i32) -> i32 {
        float::width_bucket(value, low, high, count)?
    }
    fn dpi() -> f64 { std::f64::consts::PI }
}
