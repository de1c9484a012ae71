//! The stance after a failed write or sync: read-only, until the store is opened again.
//!
//! Way in: a sync fails, or a write of the log or of a superblock fails. Then memory and device may disagree, and
//! syncing again would prove nothing (the operating system may have dropped the dirty pages and report success).
//! Way out: none but opening the file anew, which reads what the device has.
//!
//! Invariants
//!
//! 1. The first cause is kept and repeated to everyone; later ones add nothing.
//! 2. Once poisoned, no commit is acknowledged and no snapshot gets a newer version.

use crate::error::{StoreError, StoreResult};
use crate::labels;
use env::sync::Mutex;
use env::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// Whether the store may write.
pub struct Health {
    poisoned: AtomicBool,
    cause: Mutex<Option<Arc<StoreError>>>,
}

impl Health {
    /// A store that may write.
    pub fn new() -> Health {
        Health { poisoned: AtomicBool::new(false), cause: Mutex::new(&labels::HEALTH_LOCK, None) }
    }

    /// Stops all writing because of `cause`.
    pub fn poison(&self, cause: &StoreError) {
        let mut first = self.cause.lock();
        if first.is_none() {
            *first = Some(Arc::new(cause.clone()));
        }
        self.poisoned.store(true, Ordering::Release);
    }

    /// Whether writing goes on.
    ///
    /// # Errors
    /// [`StoreError::Poisoned`] with the first cause.
    pub fn check(&self) -> StoreResult<()> {
        if !self.poisoned.load(Ordering::Acquire) {
            return Ok(());
        }
        match self.cause.lock().clone() {
            Some(cause) => Err(StoreError::Poisoned { cause }),
            None => Ok(()),
        }
    }
}
