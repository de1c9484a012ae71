//! Keys of rows: which rows are equal, and in which order they come.
//!
//! * [`KeyTable`]: a number for each key, in order of appearance: grouping, joining, set operations; [`KeySet`]: only which keys there have been.
//! * [`Present`]: which numbers are among keys; [`ShortTexts`]: which texts are among a few.
//! * [`RowOrder`]: rows sorted by keys (`together`: by several tasks); `changes`: where rows that are sorted have other keys.

mod changes;
mod decimals;
mod dense;
mod narrow;
mod order;
mod pack;
mod places;
mod present;
mod quick;
mod set;
mod short;
mod sortable;
mod table;
mod texts;
mod together;

pub(crate) use changes::changes;
pub(crate) use quick::sort as quick_sort;

pub use order::{RowOrder, SortColumn, compare_rows, sort_columns};
pub use present::Present;
pub(crate) use present::each_number;
pub use set::KeySet;
pub use short::ShortTexts;
pub use table::{KeyTable, NONE};
pub(crate) use texts::TextNumbers;
