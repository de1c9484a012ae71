//! PostgreSQL 15's `numeric`, whole, and the text forms of all numbers.
//!
//! | module | question it answers |
//! |---|---|
//! | `value`, `decimal` | how is a numeric held: inline, or of any length? |
//! | `text`, `modifier` | how is it read and written, and fitted to `numeric(p,s)`? |
//! | `arithmetic`, `division`, `rounding`, `order`, `whole` | what do its operators answer, and with how many digits? |
//! | `root`, `fixed`, `logarithm`, `power` | the same for what has no exact answer |
//! | `convert` | which integers and floats is it, and the other way round? |
//! | `accumulate` | sums, averages, variances |
//! | `wire`, `key`, `row` | its bytes for a client, for an index, for a row |
//! | `residue` | what do equal numbers have in common? |
//! | `integer`, `float` | text, arithmetic and functions of the other numbers |
//! | `template` | `to_char` and `to_number` |
//!
//! Two words are used throughout: a value is a *mantissa*, an integer, divided by ten to the power of its *scale*, which is
//! also the number of decimals that it shows. Results have PostgreSQL's scales: how many digits a quotient has is what users
//! see. PostgreSQL thinks in groups of four decimal digits, and where that shows in a result it shows here too (`Magnitude`).

#![forbid(unsafe_code)]

mod accumulate;
mod arithmetic;
mod convert;
mod decimal;
mod division;
mod error;
mod fixed;
pub mod float;
pub mod integer;
mod key;
mod logarithm;
mod modifier;
mod order;
mod power;
mod residue;
mod root;
mod rounding;
mod row;
pub mod template;
mod text;
mod value;
mod whole;
mod wire;

pub use accumulate::{Moments, Sum};
pub use error::{NumberType, NumericError, NumericResult, WireProblem};
pub use modifier::Modifier;
pub use residue::Residues;
pub use value::{Numeric, Sign};
pub use whole::width_bucket;
