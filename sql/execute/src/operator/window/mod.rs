//! Window functions.
//!
//! `operator` finds partitions, `functions` has them computed by several tasks, `frame` finds peers and frames, `call` runs functions
//! and aggregates over them.

mod call;
mod frame;
mod functions;
mod operator;

pub use functions::Planned;
pub use operator::Window;
