//! `numeric`: at integer speed where columns are uniform.

use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{Take, collect, internal, scalar, union_nulls};
use numeric::{Modifier, Numeric, NumericResult};
use std::borrow::Cow;
use types::Vector;
use types::vector::{Data, NumericVector};

/// The factor that brings a mantissa to a larger scale.
fn factor(from: u16, to: u16) -> Option<i64> {
    10i64.checked_pow(u32::from(to.checked_sub(from)?))
}

/// Mantissas times a factor; `None` where one does not fit.
fn scaled(mantissas: &[i64], factor: i64) -> Option<Cow<'_, [i64]>> {
    if factor == 1 {
        return Some(Cow::Borrowed(mantissas));
    }
    let mut bad = false;
    let mut one = |mantissa: i64| {
        let (found, found_bad) = mantissa.overflowing_mul(factor);
        bad |= found_bad;
        found
    };
    let found = mantissas.iter().map(|mantissa| one(*mantissa)).collect();
    (!bad).then_some(Cow::Owned(found))
}

/// Two uniform columns, computed as integers; `None` where some value does not fit.
fn integers(
    arguments: &Arguments<'_>,
    scale: impl Fn(u16, u16) -> Option<(u16, i64, i64)>,
    each: impl Fn(i64, i64) -> (i64, bool),
) -> Option<Data> {
    let (left, right) = (&arguments.vectors[0], &arguments.vectors[1]);
    let (
        NumericVector::Uniform { mantissas: a, scale: a_scale },
        NumericVector::Uniform { mantissas: b, scale: b_scale },
    ) = (left.numeric()?, right.numeric()?)
    else {
        return None;
    };
    let (scale, a_factor, b_factor) = scale(*a_scale, *b_scale)?;
    let (a, b) = (scaled(a, a_factor)?, scaled(b, b_factor)?);
    let mut bad = false;
    let mut one = |a: i64, b: i64| {
        let (found, found_bad) = each(a, b);
        bad |= found_bad;
        found
    };
    let found: Vec<i64> = match (left.is_constant(), right.is_constant()) {
        (false, false) => a.iter().zip(b.iter()).map(|(a, b)| one(*a, *b)).collect(),
        (false, true) => a.iter().map(|a| one(*a, b[0])).collect(),
        (true, false) => b.iter().map(|b| one(a[0], *b)).collect(),
        (true, true) => vec![one(a[0], b[0]); arguments.rows],
    };
    (!bad).then(|| Data::Numeric(NumericVector::Uniform { mantissas: found.into(), scale }))
}

fn one_by_one(
    arguments: &Arguments<'_>,
    each: impl Fn(&Numeric, &Numeric) -> NumericResult<Numeric>,
) -> FunctionResult<Vector> {
    let (left, right) = (&arguments.vectors[0], &arguments.vectors[1]);
    let (a, b) = (<Numeric as Take>::column(left)?, <Numeric as Take>::column(right)?);
    collect::<Option<Numeric>>(arguments.rows, |row| {
        if left.is_null(row) || right.is_null(row) {
            return Ok(None);
        }
        Ok(Some(each(&a.get(left.place(row)), &b.get(right.place(row)))?))
    })
}

fn same_scale(a: u16, b: u16) -> Option<(u16, i64, i64)> {
    let scale = a.max(b);
    Some((scale, factor(a, scale)?, factor(b, scale)?))
}

macro_rules! arithmetic {
    ($($name:ident, $scale:expr, $each:expr, $exact:expr;)*) => {
        $(pub(crate) fn $name(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            match integers(arguments, $scale, $each) {
                Some(data) => Ok(Vector::new(data, union_nulls(arguments, arguments.rows))),
                None => one_by_one(arguments, $exact),
            }
        })*
    };
}

// kernel: masked
arithmetic! {
    numeric_add, same_scale, i64::overflowing_add, Numeric::add;
    numeric_sub, same_scale, i64::overflowing_sub, Numeric::subtract;
    numeric_mul, |a, b| Some((a.checked_add(b).filter(|scale| *scale <= 1000)?, 1, 1)), i64::overflowing_mul, Numeric::multiply;
}

/// Fits numbers into precision and scale; a uniform column of that scale is only looked at.
pub(crate) fn numeric(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let [values, modifiers] = arguments.vectors else { return Err(internal("two arguments")) };
    let numbers = <Numeric as Take>::column(values)?;
    let packed = <i32 as Take>::column(modifiers)?;
    if let (NumericVector::Uniform { mantissas, scale }, true) = (numbers, modifiers.is_constant())
        && let Some(modifier) = Modifier::unpack(packed[0])
        && i32::from(modifier.scale()) == i32::from(*scale)
        && let Some(limit) = 10i64.checked_pow(u32::from(modifier.precision()))
        && mantissas.iter().all(|mantissa| mantissa.unsigned_abs() < limit.unsigned_abs())
    {
        return Ok(values.clone());
    }
    collect::<Numeric>(arguments.rows, |row| {
        let value = numbers.get(values.place(row));
        match Modifier::unpack(packed[modifiers.place(row)]) {
            Some(modifier) => Ok(modifier.fit(&value)?),
            None => Ok(value),
        }
    })
}

scalar! {
    fn numeric_div(a: Numeric, b: Numeric) -> Numeric { a.divide(&b)? }
    fn numeric_div_trunc(a: Numeric, b: Numeric) -> Numeric { a.divide_whole(&b)? }
    fn numeric_mod(a: Numeric, b: Numeric) -> Numeric { a.modulo(&b)? }
    fn numeric_uminus(a: Numeric) -> Numeric { a.negate() }
    fn numeric_uplus(a: Numeric) -> Numeric { a }
    fn numeric_abs(a: Numeric) -> Numeric { a.abs() }
    fn numeric_sign(a: Numeric) -> Numeric { a.sign() }
    fn numeric_inc(a: Numeric) -> Numeric { a.add(&Numeric::from(1))? }
    fn numeric_ceil(a: Numeric) -> Numeric { a.ceiling()? }
    fn numeric_floor(a: Numeric) -> Numeric { a.floor()? }
    fn numeric_round(a: Numeric, scale: i32) -> Numeric { a.round(scale)? }
    fn numeric_trunc(a: Numeric, scale: i32) -> Numeric { a.truncate(scale)? }
    fn round_whole(a: Numeric) -> Numeric { a.round(0)? }
    fn trunc_whole(a: Numeric) -> Numeric { a.truncate(0)? }
    fn numeric_sqrt(a: Numeric) -> Numeric { a.sqrt()? }
    fn numeric_exp(a: Numeric) -> Numeric { a.exp()? }
    fn numeric_ln(a: Numeric) -> Numeric { a.ln()? }
    fn numeric_log(base: Numeric, a: Numeric) -> Numeric { a.log(&base)? }
    fn numeric_log10(a: Numeric) -> Numeric { a.log(&Numeric::from(10))? }
    fn numeric_power(a: Numeric, b: Numeric) -> Numeric { a.power(&b)? }
    fn numeric_gcd(a: Numeric, b: Numeric) -> Numeric { a.gcd(&b)? }
    fn numeric_lcm(a: Numeric, b: Numeric) -> Numeric { a.lcm(&b)? }
    fn numeric_fac(a: i64) -> Numeric { Numeric::factorial(a)? }
    fn numeric_scale(a: Numeric) -> Option<i32> { a.scale() }
    fn numeric_min_scale(a: Numeric) -> Option<i32> { a.min_scale() }
    fn numeric_trim_scale(a: Numeric) -> Numeric { a.trim_scale() }
    fn numeric_larger(a: Numeric, b: Numeric) -> Numeric { if a > b { a } else { b } }
    fn numeric_smaller(a: Numeric, b: Numeric) -> Numeric { if a < b { a } else { b } }
    fn numeric_cmp(a: Numeric, b: Numeric) -> i32 { a.cmp(&b) as i32 }
    fn width_bucket_numeric(value: Numeric, low: Numeric, high: Numeric, count: i32) -> i32 {
        numeric::width_bucket(&value, &low, &high, count)?
    }
}
