//! The clients: several tasks that run transactions against one open database and hold its answers against the model.
//!
//! A client's every choice is a named decision whose default does nothing, so that a failing run shrinks by setting
//! choices back. Values name their writer; every writing transaction writes its marker; what is read is kept for
//! judgement.
//!
//! * [`session`]: what the clients of one life share. * [`client`]: the loop and the mix. * [`transaction`]: a
//!   transaction together with what it did, as the model will hear it. * [`setup`]: the first trees. * [`lists`]: what
//!   isolation is judged by. * [`special`]: branches, backups, sequences, trees made and dropped. * [`private`]: trees
//!   that only one session sees. * [`mix`]: how often each. * [`script`]: clients that do what a story says, and choose nothing.
//!   * [`work`]: workloads as the runner sees them, this one among them.

pub mod client;
mod key_value;
pub mod labels;
mod lists;
pub mod mix;
mod private;
pub mod script;
pub mod session;
pub mod setup;
mod special;
pub mod transaction;
pub mod work;

pub use client::run_client;
pub use key_value::KeyValue;
pub use session::{Ended, Intensity, Scene, Session, State, Transactions};
pub use setup::{FIRST_ROW_TREE, ROW_TREES};
pub use special::POWER_LOSSES_PRESSED;
pub use work::{Language, Service, Workload};
