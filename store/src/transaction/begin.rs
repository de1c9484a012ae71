//! How a transaction begins: its level, its database, its snapshot.
//!
//! Invariants
//!
//! 1. A serialisable transaction's snapshot is taken while it enters the list of those running, so that no commit falls
//!    between the two.
//!
//! Nothing here can fail.

use crate::forest::MAIN_DATABASE;
use crate::ids::DatabaseId;
use crate::locks::WaitPolicy;
use crate::serializable::{Access, TransactionHandle};
use crate::snapshots::Snapshot;
use crate::store::Inner;

/// What a transaction may see of concurrent ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// Each statement sees what was committed before it began ([`Transaction::refresh`]).
    ReadCommitted,
    /// Everything is read as of the first statement; a row changed since cannot be written.
    RepeatableRead,
    /// As if transactions ran one after another.
    Serializable,
}

/// How a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begin {
    /// What it may see.
    pub isolation: Isolation,
    /// Whether it may write.
    pub read_only: bool,
    /// The database it works in.
    pub database: DatabaseId,
    /// How it waits for locks when a call does not say.
    pub wait: WaitPolicy,
}

impl Default for Begin {
    fn default() -> Begin {
        Begin {
            isolation: Isolation::ReadCommitted,
            read_only: false,
            database: MAIN_DATABASE,
            wait: WaitPolicy::FOREVER,
        }
    }
}

/// The snapshot a transaction starts with, and its name among the serialisable ones, if it is one.
pub(super) fn take_snapshot(inner: &Inner, begin: &Begin) -> (Option<TransactionHandle>, Snapshot) {
    match begin.isolation {
        Isolation::ReadCommitted | Isolation::RepeatableRead => (None, inner.snapshots.take()),
        Isolation::Serializable => {
            let access = if begin.read_only { Access::ReadOnly } else { Access::ReadWrite };
            let (handle, hold) = inner.serializable.begin(access, || {
                let hold = inner.snapshots.take();
                (hold.commit(), hold)
            });
            (Some(handle), hold)
        }
    }
}
