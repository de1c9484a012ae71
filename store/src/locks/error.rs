//! Why a lock was not granted. SQLSTATE is given at the edge; the variants map one to one.
//!
//! Invariants
//!
//! 1. After an error nothing was acquired, and what was held before is still held.
//! 2. An error names the target, the mode and who is in the way, as they were when the wait ended.

use super::mode::LockMode;
use super::queue::Holder;
use super::target::Target;
use std::fmt;
use std::time::Duration;
use thiserror::Error;

/// One step of a deadlock: who waits for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlockStep {
    /// Who waits.
    pub waiter: Holder,
    /// For what.
    pub target: Target,
    /// In which mode.
    pub mode: LockMode,
    /// Who is in the way: the waiter of the next step, and of the first after the last.
    pub blocked_by: Holder,
}

/// A lock that was not granted. Nothing was acquired; what was held before is still held.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LockError {
    /// `NOWAIT` was asked for and someone is in the way (55P03).
    #[error("could not obtain {mode} on {target}: held by {}", Names(holders))]
    NotAvailable {
        /// What was wanted.
        target: Target,
        /// In which mode.
        mode: LockMode,
        /// Who is in the way.
        holders: Vec<Holder>,
    },
    /// The time limit (`lock_timeout`) passed (55P03).
    #[error("gave up waiting for {mode} on {target} after {limit:?}: held by {}", Names(holders))]
    TimedOut {
        /// What was wanted.
        target: Target,
        /// In which mode.
        mode: LockMode,
        /// The time limit.
        limit: Duration,
        /// Who is in the way.
        holders: Vec<Holder>,
    },
    /// Waiting would never have ended (40P01).
    #[error("deadlock detected: {}", Cycle(steps))]
    Deadlock {
        /// The cycle, beginning with the one who is refused.
        steps: Vec<DeadlockStep>,
    },
    /// Another session asked this one to stop (57014).
    #[error("cancelled while waiting for {mode} on {target}")]
    Cancelled {
        /// What was wanted.
        target: Target,
        /// In which mode.
        mode: LockMode,
    },
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.transaction {
            Some(transaction) => write!(formatter, "transaction {transaction} of session {}", self.session),
            None => write!(formatter, "session {}", self.session),
        }
    }
}

struct Names<'a>(&'a [Holder]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            // Blocked by a waiter that is ahead, not by a holder.
            return formatter.write_str("nobody, but others wait ahead");
        }
        for (index, holder) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(formatter, "{comma}{holder}")?;
        }
        Ok(())
    }
}

struct Cycle<'a>(&'a [DeadlockStep]);

impl fmt::Display for Cycle<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let DeadlockStep { waiter, target, mode, blocked_by } = step;
            write!(formatter, "{separator}{waiter} waits for {mode} on {target}, blocked by {blocked_by}")?;
        }
        Ok(())
    }
}
