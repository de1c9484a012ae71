//! Locks in memory, with PostgreSQL's meaning: relations in eight modes, rows and unique keys in four, advisory keys.
//!
//! A [`LockTable`] serves one database. Each session registers a [`Locker`], which holds locks for its transactions,
//! releases them by savepoint or at the end, and sleeps when it must. Locks live in memory only: after a crash there
//! are no transactions left to hold any.
//!
//! * `mode.rs`: the modes and their conflict tables. `target.rs`: what is locked.
//! * `row_set.rs`, `few.rs`, `shard.rs`: what is held, in as little memory as can be.
//! * `queue.rs`, `slot.rs`, `deadlock.rs`: who waits, where it sleeps, whether that would ever end.
//! * `table.rs` puts both together; `locker.rs`, `acquire.rs` and `run.rs` are a session's side; `view.rs` lists
//!   everything.
//! * `implicit.rs`: locks of transactions too large to list. `claims.rs`: values that exclude others.
//!   `insertion.rs`: rows that may be taken back alone.
//!
//! Invariants
//!
//! 1. No two lockers hold one target in conflicting modes, but for a row that all of them except one have handed over: their
//!    commits are published, and wait to be durable.
//! 2. Queues are fair: a request waits behind every conflicting one that came before it, unless those wait for the
//!    requester itself, or the passing opens a deadlock. Rows are an exception, as they are in PostgreSQL: a request that
//!    conflicts with no *holder* is granted whoever waits, so a stream of sharers can keep a writer waiting.
//! 3. A wait ends: by a grant, its time limit, a cancellation, or a refusal as the victim of a deadlock.
//! 4. Same calls in the same order give the same grants, victims and listings: nothing depends on addresses or on the
//!    order of a hash map.
//!
//! How it fails: every refusal is a [`LockError`] that says what was wanted and who is in the way; it takes nothing
//! and releases nothing.

mod acquire;
mod claims;
mod deadlock;
mod error;
pub(crate) mod few;
mod implicit;
mod insertion;
pub mod labels;
mod locker;
mod mode;
mod queue;
mod row_set;
mod run;
mod shard;
mod slot;
mod table;
mod target;
mod view;

pub use acquire::{Acquired, Look, WaitPolicy};
pub use claims::Claim;
pub use error::{DeadlockStep, LockError};
pub use implicit::ImplicitLocks;
pub use locker::{AdvisoryMode, AdvisoryScope, Canceller, Locker, SavepointDepth};
pub use mode::{LockMode, RelationMode, RowMode};
pub use queue::Holder;
pub use run::LockedRun;
pub use table::{LockOptions, LockTable};
pub use target::{AdvisoryKey, Running, Span, Target};
pub use view::{LockView, ViewTarget};
