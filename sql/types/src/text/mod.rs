//! Values as text: PostgreSQL's input and output functions, errors to the letter.
//!
//! `input` and `output` know every built-in type of this crate and those that the catalog made. **Seam:** the types of
//! `sql/numeric`, `sql/datetime` and `sql/json` are refused as not supported until their crates are merged; the two
//! matches in `dispatch` are the place.

mod bits;
mod bytea;
mod dispatch;
mod error;
mod float;
mod number;
mod record;
mod scalar;
mod string;

pub(crate) use bits::bit_length;
pub use bits::{bits_from_text, fit_bits, fit_varbits};
pub(crate) use dispatch::is_space;
pub use dispatch::{TextSettings, input, output};
pub use error::{ArrayProblem, InputError, InputResult, RecordProblem};
pub(crate) use number::{append as append_integer, leading_oid};
pub(crate) use record::kind_of;
pub use string::{NAME_BYTES, fit_char, fit_varchar, truncate_name};
