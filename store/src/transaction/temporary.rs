//! What a transaction does in its session's temporary forest.
//!
//! The forest is a store of its own: unlogged, in a temporary file, for one session. A transaction that comes to it begins
//! one there, its *half*, and each call that names a tree of the forest goes to the half. Savepoints and statements are
//! those of both; the half is committed when the transaction is.
//!
//! Invariants
//!
//! 1. Whatever undoes what the transaction did undoes what its half did: a half that began after a savepoint, or within
//!    a statement, goes back to where it began.
//! 2. The half is committed after the transaction, by what cannot fail; all that can fail of it comes before.
//! 3. Reading only concerns what others see: a transaction that may only read writes in its temporary forest.

use super::{Begin, Transaction};
use crate::commit::Prepared;
use crate::error::StoreResult;
use crate::ids::{TransactionId, TreeId};
use crate::options::{Durability, StoreOptions};
use crate::recovery;
use crate::session::is_temporary;
use crate::store::Inner;

/// Bytes of memory for the pages of a temporary forest; what does not fit goes to its file.
const CACHE_BYTES: usize = 8 << 20;

impl Transaction {
    /// Makes a tree in the session's temporary forest, and the forest if there is none. Only the session sees the tree; it
    /// is gone when the session ends. In all else it is a tree as [`Transaction::create_tree`] makes it.
    ///
    /// # Errors
    /// When there can be no temporary file.
    pub fn create_temporary_tree(&mut self, versioned: bool) -> StoreResult<TreeId> {
        self.check_open()?;
        self.session.or_make_temporary()?;
        match self.temporary()? {
            Some(half) => half.create_tree(versioned),
            // It is the half itself.
            None => self.create_tree(versioned),
        }
    }

    /// The half, begun, if the session has a temporary forest.
    pub(super) fn temporary(&mut self) -> StoreResult<Option<&mut Transaction>> {
        if self.temporary.is_none()
            && let Some(session) = self.session.temporary()
        {
            let mut half = session.begin(Begin::default())?;
            (0..self.branch.statements()).for_each(|_| half.begin_statement());
            self.temporary = Some(Box::new(half));
        }
        Ok(self.temporary.as_deref_mut())
    }

    /// The half, if the tree stands there.
    #[inline]
    pub(super) fn temporary_of(&mut self, tree: TreeId) -> StoreResult<Option<&mut Transaction>> {
        if !is_temporary(tree) || self.inner.unlogged {
            return Ok(None);
        }
        self.check_open()?;
        self.temporary()
    }

    /// Everything of the half's commit that can fail.
    pub(super) fn prepare_temporary(&mut self) -> StoreResult<Option<PreparedHalf>> {
        let Some(mut half) = self.temporary.take() else { return Ok(None) };
        half.check_open()?;
        let Some(id) = half.id.filter(|_| !half.branch.is_clean()) else { return Ok(None) };
        let inner = half.inner.clone();
        let prepared = inner.prepare_unlogged(&mut half.branch)?;
        Ok(Some(PreparedHalf { half, id, prepared }))
    }
}

/// A half whose commit cannot fail any more. Dropping it rolls it back.
pub(super) struct PreparedHalf {
    half: Box<Transaction>,
    id: TransactionId,
    prepared: Prepared,
}

impl PreparedHalf {
    /// Commits it.
    pub(super) fn publish(self) {
        let PreparedHalf { mut half, id, prepared } = self;
        let inner = half.inner.clone();
        inner.publish_unlogged(&mut half.branch, prepared, id);
        // What is left of it is let go of as of one that has done nothing.
    }
}

impl Inner {
    /// A temporary forest for one of the store's sessions.
    pub(crate) fn temporary_forest(&self) -> StoreResult<Inner> {
        let options = StoreOptions {
            page_size: self.pager.page_size(),
            cache_bytes: self.cache_bytes().min(CACHE_BYTES),
            durability: Durability::Off,
            background: false,
            read_only: false,
            ..self.options.clone()
        };
        recovery::temporary(self.env.clone(), self.temporary_file()?, options)
    }
}
