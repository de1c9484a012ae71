//! The floats `real` and `double precision`: text, arithmetic, functions, aggregates.
//!
//! All of them say what PostgreSQL says when a result is no number of the type: an infinity that comes of finite operands is
//! an overflow, a zero that comes of others an underflow.

mod accumulate;
mod arithmetic;
mod degrees;
mod functions;
mod parse;
mod print;

pub use accumulate::{Pairs, Single};
pub use arithmetic::{Float, compare, to_float4};
pub use degrees::{acosd, asind, atan2d, atand, cosd, cotd, sind, tand};
pub use functions::*;
pub use parse::{parse_float4, parse_float8};
pub use print::{write_float4, write_float8};
