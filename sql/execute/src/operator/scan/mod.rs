//! What has no input: tables, indexes, the catalog's tables, functions, values, tables of WITH.

mod bitmap;
mod catalog;
mod columns;
mod decode;
mod dictionaries;
mod function;
mod index;
mod kept;
mod key_range;
mod keyed;
mod known;
mod leaves;
mod nearest;
mod restrict;
mod row_ids;
mod sample;
mod table;
mod values;

pub use bitmap::BitmapScan;
pub use catalog::SystemScan;
pub use decode::{RowDecoder, StoredRows};
pub use function::FunctionScan;
pub use index::{IndexReader, IndexScan, Walk, dangling, include_layout, lie_together, row_id};
pub(crate) use key_range::Fitted;
pub use key_range::{Edges, key_columns};
pub use nearest::NearestScan;
pub use restrict::Restriction;
pub use table::TableScan;
pub use values::Values;
