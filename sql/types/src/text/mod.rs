//! Values as text: PostgreSQL's input and output functions, errors to the letter.
//!
//! `input` and `output` know every built-in type that has values and those that the catalog made; `batch` does the same
//! for whole vectors. What they depend on beside the value is in [`TextSettings`]: there is no clock here.

mod acl;
mod batch;
mod bits;
mod bytea;
mod dispatch;
mod error;
mod fit;
mod geometry;
mod money;
mod network;
mod number;
mod record;
mod scalar;
mod search;
mod settings;
mod string;
mod transaction;

pub use acl::{AclText, LETTERS as PRIVILEGE_LETTERS};
pub use batch::{RowInputError, TextReader, input_vector, output_vector};
pub(crate) use bits::bit_length;
pub use bits::{BITS_MAX, bits_from_text, fit_bits, fit_varbits};
pub(crate) use dispatch::{append_path, is_space};
pub use dispatch::{input, input_item, names_objects, output, refuse_new_label};
pub use error::{ArrayProblem, InputError, InputResult, RangeProblem, RecordProblem};
pub use fit::{fit_item, fit_vector, needs_fitting, round_timestamp};
pub use network::{append_address, append_host};
pub(crate) use number::{append as append_integer, leading_oid};
pub(crate) use record::kind_of;
pub use settings::TextSettings;
pub(crate) use string::room_for_quoted;
pub use string::{NAME_BYTES, fit_char, fit_varchar, truncate_name};
pub use transaction::SnapshotText;
pub(crate) use transaction::{place_of, row_at};
