//! `smallint`, `integer`, `bigint`: arithmetic, comparisons across widths, bits.

use crate::kernel::loops::{masked, masked_checked, narrow};
use numeric::integer::Integer;
use numeric::{NumberType, NumericError};

const fn out_of(number: NumberType) -> NumericError {
    NumericError::IntegerOutOfRange(number)
}

/// The sum, and whether it is out of range, told by signs so that the loop has no branch.
macro_rules! sum {
    ($a:expr, $b:expr) => {{
        let sum = $a.wrapping_add($b);
        (sum, ($a ^ sum) & ($b ^ sum) < 0)
    }};
}

macro_rules! difference {
    ($a:expr, $b:expr) => {{
        let difference = $a.wrapping_sub($b);
        (difference, ($a ^ $b) & ($a ^ difference) < 0)
    }};
}

masked_checked! {
    fn int2pl(a: i16, b: i16) -> i16, out_of(NumberType::Int2) => { sum!(a, b) }
    fn int2mi(a: i16, b: i16) -> i16, out_of(NumberType::Int2) => { difference!(a, b) }
    fn int2mul(a: i16, b: i16) -> i16, out_of(NumberType::Int2) => { let wide = i32::from(a) * i32::from(b); (wide as i16, i32::from(wide as i16) != wide) }
    fn int4pl(a: i32, b: i32) -> i32, out_of(NumberType::Int4) => { sum!(a, b) }
    fn int4mi(a: i32, b: i32) -> i32, out_of(NumberType::Int4) => { difference!(a, b) }
    fn int4mul(a: i32, b: i32) -> i32, out_of(NumberType::Int4) => { let wide = i64::from(a) * i64::from(b); (wide as i32, i64::from(wide as i32) != wide) }
    fn int8pl(a: i64, b: i64) -> i64, out_of(NumberType::Int8) => { sum!(a, b) }
    fn int8mi(a: i64, b: i64) -> i64, out_of(NumberType::Int8) => { difference!(a, b) }
    fn int8mul(a: i64, b: i64) -> i64, out_of(NumberType::Int8) => { a.overflowing_mul(b) }
    fn int24pl(a: i16, b: i32) -> i32, out_of(NumberType::Int4) => { let a = i32::from(a); sum!(a, b) }
    fn int24mi(a: i16, b: i32) -> i32, out_of(NumberType::Int4) => { let a = i32::from(a); difference!(a, b) }
    fn int24mul(a: i16, b: i32) -> i32, out_of(NumberType::Int4) => { let a = i32::from(a); let wide = i64::from(a) * i64::from(b); (wide as i32, i64::from(wide as i32) != wide) }
    fn int42pl(a: i32, b: i16) -> i32, out_of(NumberType::Int4) => { let b = i32::from(b); sum!(a, b) }
    fn int42mi(a: i32, b: i16) -> i32, out_of(NumberType::Int4) => { let b = i32::from(b); difference!(a, b) }
    fn int42mul(a: i32, b: i16) -> i32, out_of(NumberType::Int4) => { let b = i32::from(b); let wide = i64::from(a) * i64::from(b); (wide as i32, i64::from(wide as i32) != wide) }
    fn int28pl(a: i16, b: i64) -> i64, out_of(NumberType::Int8) => { let a = i64::from(a); sum!(a, b) }
    fn int28mi(a: i16, b: i64) -> i64, out_of(NumberType::Int8) => { let a = i64::from(a); difference!(a, b) }
    fn int28mul(a: i16, b: i64) -> i64, out_of(NumberType::Int8) => { let a = i64::from(a); a.overflowing_mul(b) }
    fn int82pl(a: i64, b: i16) -> i64, out_of(NumberType::Int8) => { let b = i64::from(b); sum!(a, b) }
    fn int82mi(a: i64, b: i16) -> i64, out_of(NumberType::Int8) => { let b = i64::from(b); difference!(a, b) }
    fn int82mul(a: i64, b: i16) -> i64, out_of(NumberType::Int8) => { let b = i64::from(b); a.overflowing_mul(b) }
    fn int48pl(a: i32, b: i64) -> i64, out_of(NumberType::Int8) => { let a = i64::from(a); sum!(a, b) }
    fn int48mi(a: i32, b: i64) -> i64, out_of(NumberType::Int8) => { let a = i64::from(a); difference!(a, b) }
    fn int48mul(a: i32, b: i64) -> i64, out_of(NumberType::Int8) => { let a = i64::from(a); a.overflowing_mul(b) }
    fn int84pl(a: i64, b: i32) -> i64, out_of(NumberType::Int8) => { let b = i64::from(b); sum!(a, b) }
    fn int84mi(a: i64, b: i32) -> i64, out_of(NumberType::Int8) => { let b = i64::from(b); difference!(a, b) }
    fn int84mul(a: i64, b: i32) -> i64, out_of(NumberType::Int8) => { let b = i64::from(b); a.overflowing_mul(b) }
    fn int2um(a: i16) -> i16, out_of(NumberType::Int2) => { (a.wrapping_neg(), a == i16::MIN) }
    fn int2abs(a: i16) -> i16, out_of(NumberType::Int2) => { (a.wrapping_abs(), a == i16::MIN) }
    fn int4um(a: i32) -> i32, out_of(NumberType::Int4) => { (a.wrapping_neg(), a == i32::MIN) }
    fn int4abs(a: i32) -> i32, out_of(NumberType::Int4) => { (a.wrapping_abs(), a == i32::MIN) }
    fn int8um(a: i64) -> i64, out_of(NumberType::Int8) => { (a.wrapping_neg(), a == i64::MIN) }
    fn int8abs(a: i64) -> i64, out_of(NumberType::Int8) => { (a.wrapping_abs(), a == i64::MIN) }
    fn int8inc(a: i64) -> i64, out_of(NumberType::Int8) => { a.overflowing_add(1) }
    fn int8dec(a: i64) -> i64, out_of(NumberType::Int8) => { a.overflowing_sub(1) }
    fn int4inc(a: i32) -> i32, out_of(NumberType::Int4) => { a.overflowing_add(1) }
}

masked! {
    fn int24eq(a: i16, b: i32) -> bool { i32::from(a) == b }
    fn int24ne(a: i16, b: i32) -> bool { i32::from(a) != b }
    fn int24lt(a: i16, b: i32) -> bool { i32::from(a) < b }
    fn int24le(a: i16, b: i32) -> bool { i32::from(a) <= b }
    fn int24gt(a: i16, b: i32) -> bool { i32::from(a) > b }
    fn int24ge(a: i16, b: i32) -> bool { i32::from(a) >= b }
    fn int42eq(a: i32, b: i16) -> bool { a == i32::from(b) }
    fn int42ne(a: i32, b: i16) -> bool { a != i32::from(b) }
    fn int42lt(a: i32, b: i16) -> bool { a < i32::from(b) }
    fn int42le(a: i32, b: i16) -> bool { a <= i32::from(b) }
    fn int42gt(a: i32, b: i16) -> bool { a > i32::from(b) }
    fn int42ge(a: i32, b: i16) -> bool { a >= i32::from(b) }
    fn int28eq(a: i16, b: i64) -> bool { i64::from(a) == b }
    fn int28ne(a: i16, b: i64) -> bool { i64::from(a) != b }
    fn int28lt(a: i16, b: i64) -> bool { i64::from(a) < b }
    fn int28le(a: i16, b: i64) -> bool { i64::from(a) <= b }
    fn int28gt(a: i16, b: i64) -> bool { i64::from(a) > b }
    fn int28ge(a: i16, b: i64) -> bool { i64::from(a) >= b }
    fn int82eq(a: i64, b: i16) -> bool { a == i64::from(b) }
    fn int82ne(a: i64, b: i16) -> bool { a != i64::from(b) }
    fn int82lt(a: i64, b: i16) -> bool { a < i64::from(b) }
    fn int82le(a: i64, b: i16) -> bool { a <= i64::from(b) }
    fn int82gt(a: i64, b: i16) -> bool { a > i64::from(b) }
    fn int82ge(a: i64, b: i16) -> bool { a >= i64::from(b) }
    fn int48eq(a: i32, b: i64) -> bool { i64::from(a) == b }
    fn int48ne(a: i32, b: i64) -> bool { i64::from(a) != b }
    fn int48lt(a: i32, b: i64) -> bool { i64::from(a) < b }
    fn int48le(a: i32, b: i64) -> bool { i64::from(a) <= b }
    fn int48gt(a: i32, b: i64) -> bool { i64::from(a) > b }
    fn int48ge(a: i32, b: i64) -> bool { i64::from(a) >= b }
    fn int84eq(a: i64, b: i32) -> bool { a == i64::from(b) }
    fn int84ne(a: i64, b: i32) -> bool { a != i64::from(b) }
    fn int84lt(a: i64, b: i32) -> bool { a < i64::from(b) }
    fn int84le(a: i64, b: i32) -> bool { a <= i64::from(b) }
    fn int84gt(a: i64, b: i32) -> bool { a > i64::from(b) }
    fn int84ge(a: i64, b: i32) -> bool { a >= i64::from(b) }
    fn int2and(a: i16, b: i16) -> i16 { a & b }
    fn int2or(a: i16, b: i16) -> i16 { a | b }
    fn int2xor(a: i16, b: i16) -> i16 { a ^ b }
    fn int2not(a: i16) -> i16 { !a }
    fn int2up(a: i16) -> i16 { a }
    fn int2shl(a: i16, b: i32) -> i16 { a.shifted_left(b) }
    fn int2shr(a: i16, b: i32) -> i16 { a.shifted_right(b) }
    fn int2larger(a: i16, b: i16) -> i16 { a.max(b) }
    fn int2smaller(a: i16, b: i16) -> i16 { a.min(b) }
    fn int4and(a: i32, b: i32) -> i32 { a & b }
    fn int4or(a: i32, b: i32) -> i32 { a | b }
    fn int4xor(a: i32, b: i32) -> i32 { a ^ b }
    fn int4not(a: i32) -> i32 { !a }
    fn int4up(a: i32) -> i32 { a }
    fn int4shl(a: i32, b: i32) -> i32 { a.shifted_left(b) }
    fn int4shr(a: i32, b: i32) -> i32 { a.shifted_right(b) }
    fn int4larger(a: i32, b: i32) -> i32 { a.max(b) }
    fn int4smaller(a: i32, b: i32) -> i32 { a.min(b) }
    fn int8and(a: i64, b: i64) -> i64 { a & b }
    fn int8or(a: i64, b: i64) -> i64 { a | b }
    fn int8xor(a: i64, b: i64) -> i64 { a ^ b }
    fn int8not(a: i64) -> i64 { !a }
    fn int8up(a: i64) -> i64 { a }
    fn int8shl(a: i64, b: i32) -> i64 { a.shifted_left(b) }
    fn int8shr(a: i64, b: i32) -> i64 { a.shifted_right(b) }
    fn int8larger(a: i64, b: i64) -> i64 { a.max(b) }
    fn int8smaller(a: i64, b: i64) -> i64 { a.min(b) }
    fn oidlarger(a: i32, b: i32) -> i32 { (a as u32).max(b as u32) as i32 }
    fn oidsmaller(a: i32, b: i32) -> i32 { (a as u32).min(b as u32) as i32 }
    fn btint2cmp(a: i16, b: i16) -> i32 { a.cmp(&b) as i32 }
    fn btint4cmp(a: i32, b: i32) -> i32 { a.cmp(&b) as i32 }
    fn btint8cmp(a: i64, b: i64) -> i32 { a.cmp(&b) as i32 }
    fn btint24cmp(a: i16, b: i32) -> i32 { i32::from(a).cmp(&b) as i32 }
    fn btint42cmp(a: i32, b: i16) -> i32 { a.cmp(&i32::from(b)) as i32 }
    fn btint28cmp(a: i16, b: i64) -> i32 { i64::from(a).cmp(&b) as i32 }
    fn btint82cmp(a: i64, b: i16) -> i32 { a.cmp(&i64::from(b)) as i32 }
    fn btint48cmp(a: i32, b: i64) -> i32 { i64::from(a).cmp(&b) as i32 }
    fn btint84cmp(a: i64, b: i32) -> i32 { a.cmp(&i64::from(b)) as i32 }
    fn btoidcmp(a: i32, b: i32) -> i32 { (a as u32).cmp(&(b as u32)) as i32 }
    fn btboolcmp(a: bool, b: bool) -> i32 { a.cmp(&b) as i32 }
    fn btcharcmp(a: i16, b: i16) -> i32 { a.cmp(&b) as i32 }
    fn xideq(a: i32, b: i32) -> bool { a == b }
    fn xidneq(a: i32, b: i32) -> bool { a != b }
    fn cideq(a: i32, b: i32) -> bool { a == b }
}

narrow! {
    fn int2div(a: i16, b: i16) -> i16 { a.over(b)? }
    fn int4div(a: i32, b: i32) -> i32 { a.over(b)? }
    fn int8div(a: i64, b: i64) -> i64 { a.over(b)? }
    fn int24div(a: i16, b: i32) -> i32 { i32::from(a).over(b)? }
    fn int42div(a: i32, b: i16) -> i32 { a.over(i32::from(b))? }
    fn int28div(a: i16, b: i64) -> i64 { i64::from(a).over(b)? }
    fn int82div(a: i64, b: i16) -> i64 { a.over(i64::from(b))? }
    fn int48div(a: i32, b: i64) -> i64 { i64::from(a).over(b)? }
    fn int84div(a: i64, b: i32) -> i64 { a.over(i64::from(b))? }
    fn int2mod(a: i16, b: i16) -> i16 { a.modulo(b)? }
    fn int4mod(a: i32, b: i32) -> i32 { a.modulo(b)? }
    fn int8mod(a: i64, b: i64) -> i64 { a.modulo(b)? }
    fn int4gcd(a: i32, b: i32) -> i32 { Integer::gcd(a, b)? }
    fn int4lcm(a: i32, b: i32) -> i32 { Integer::lcm(a, b)? }
    fn int8gcd(a: i64, b: i64) -> i64 { Integer::gcd(a, b)? }
    fn int8lcm(a: i64, b: i64) -> i64 { Integer::lcm(a, b)? }
}
