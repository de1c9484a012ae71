//! Window functions.
//!
//! `operator` finds partitions and peers, `frame` the frames, `call` runs functions and aggregates over them.

mod call;
mod frame;
mod operator;

pub use operator::Window;
