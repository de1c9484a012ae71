//! Running functions: what they get and what they give back.

mod aggregate;
mod by_values;
mod cache;
mod call;
mod cast;
mod context;
mod pieces;
mod rows;
mod session;
mod single;
mod window;

pub use aggregate::{AggregateState, Groups};
pub use cache::Cache;
pub(crate) use call::kind_of;
pub use call::{Arguments, Site, compared_type};
pub use cast::{cast, fit};
pub use context::Context;
pub use pieces::in_pieces;
pub(crate) use pieces::{PIECE_BYTES, weight_of_number};
pub(crate) use rows::Made;
pub use rows::RowSource;
pub use session::{Area, Session, SessionFunction, no_lookup};
pub(crate) use single::Narrow;
pub use single::Single;
pub use window::{Frame, WindowInput};
