//! What has no input: tables, indexes, the catalog's tables, functions, values, tables of WITH.

mod catalog;
mod decode;
mod function;
mod index;
mod key_range;
mod sample;
mod table;
mod values;

pub use catalog::SystemScan;
pub use decode::{RowDecoder, StoredRows};
pub use function::FunctionScan;
pub use index::{IndexReader, IndexScan, Walk, include_layout};
pub use table::TableScan;
pub use values::Values;
