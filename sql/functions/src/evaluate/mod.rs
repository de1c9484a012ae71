//! Running functions: what they get and what they give back.

mod aggregate;
mod cache;
mod call;
mod context;
mod rows;
mod session;
mod window;

pub use aggregate::{AggregateState, Groups};
pub use cache::Cache;
pub use call::{Arguments, Site};
pub use context::Context;
pub use rows::RowSource;
pub use session::{Session, SessionFunction};
pub use window::{Frame, WindowInput};
