//! Why a serialisable transaction must be rolled back and tried again (40001).
//!
//! Invariants
//!
//! 1. The texts are PostgreSQL's, reason by reason; one is not known there.
//! 2. Each means that the transaction has to be rolled back, and that another try may succeed: of this store, or, when
//!    an unknown commit is the reason, of the store once it has been opened again.

use crate::ids::TransactionId;
use std::fmt;
use thiserror::Error;

/// What was being done when the dangerous structure was found: PostgreSQL's reason codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureReason {
    /// Another transaction's check chose this one, which notices while reading.
    PivotDuringRead,
    /// Another transaction's check chose this one, which notices while writing.
    PivotDuringConflictIn,
    /// This transaction's own write completed the structure.
    PivotDuringWrite,
    /// This transaction read what a committed pivot wrote.
    ConflictOutToPivot(Option<TransactionId>),
    /// This transaction read what a committed transaction of which only a summary is left wrote.
    ConflictOutToOldPivot,
    /// This transaction read what a pivot wrote whose commit is unknown, or was to begin beside such a one.
    ConflictOutToUnknown(Option<TransactionId>),
    /// Another transaction's check chose this one, which notices when it commits.
    PivotDuringCommit,
}

impl fmt::Display for FailureReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Canceled on ")?;
        match self {
            FailureReason::PivotDuringRead => {
                formatter.write_str("identification as a pivot, during conflict out checking.")
            }
            FailureReason::PivotDuringConflictIn => {
                formatter.write_str("identification as a pivot, during conflict in checking.")
            }
            FailureReason::PivotDuringWrite => {
                formatter.write_str("identification as a pivot, during write.")
            }
            FailureReason::ConflictOutToPivot(Some(pivot)) => {
                write!(formatter, "conflict out to pivot {pivot}, during read.")
            }
            FailureReason::ConflictOutToPivot(None) => {
                formatter.write_str("conflict out to pivot, during read.")
            }
            FailureReason::ConflictOutToUnknown(pivot) => {
                formatter.write_str("conflict out to pivot")?;
                if let Some(pivot) = pivot {
                    write!(formatter, " {pivot}")?;
                }
                formatter.write_str(", whose commit is unknown until the database is opened again.")
            }
            FailureReason::ConflictOutToOldPivot => formatter.write_str("conflict out to old pivot."),
            FailureReason::PivotDuringCommit => {
                formatter.write_str("identification as a pivot, during commit attempt.")
            }
        }
    }
}

/// The transaction must be rolled back; tried again, it may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "could not serialize access due to read/write dependencies among transactions (reason code: {reason})"
)]
pub struct SerializationFailure {
    /// What was being done, and why this transaction was chosen.
    pub reason: FailureReason,
}

impl SerializationFailure {
    /// Whether another try may succeed while this store stays open.
    pub fn is_passing(&self) -> bool {
        match self.reason {
            FailureReason::ConflictOutToUnknown(_) => false,
            FailureReason::PivotDuringRead
            | FailureReason::PivotDuringConflictIn
            | FailureReason::PivotDuringWrite
            | FailureReason::ConflictOutToPivot(_)
            | FailureReason::ConflictOutToOldPivot
            | FailureReason::PivotDuringCommit => true,
        }
    }
}
