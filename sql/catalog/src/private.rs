//! A session's temporary objects: a catalog of their own on top of the database's.
//!
//! They stand in a tree of the session's temporary forest, under the same kinds of keys as other objects. Their numbers
//! tell them apart: which tree has a key follows from the key ([`keys::is_temporary`]). Nobody else ever sees them.
//!
//! Invariants
//!
//! 1. No object outside refers to one of them; they may refer to what is outside.
//! 2. The tree may go, by a rollback of what made it: the next snapshot finds that, and there are no such objects any more.
//! 3. Numbers are not used twice in a session, whatever is rolled back.

use crate::error::CatalogResult;
use crate::handle::{Catalog, advance, load_into};
use crate::keys;
use crate::object::{Oid, TEMPORARY_SCHEMA};
use crate::snapshot::Snapshot;
use std::sync::Arc;
use store::{StoreError, Transaction, TreeId, TreeView, View};

/// See the module's text.
#[derive(Clone, Default)]
pub(crate) struct Private {
    tree: Option<TreeId>,
    /// How many numbers have been given out, without the schema's.
    numbers: u32,
    kept: Option<Joined>,
}

/// A snapshot with temporary objects, and what it was made of.
#[derive(Clone)]
struct Joined {
    shared: Arc<Snapshot>,
    view: TreeView,
    snapshot: Arc<Snapshot>,
}

impl Private {
    pub(crate) fn tree(&self) -> Option<TreeId> {
        self.tree
    }

    /// The last snapshot that was made.
    pub(crate) fn last(&self) -> Option<Arc<Snapshot>> {
        self.kept.as_ref().map(|kept| kept.snapshot.clone())
    }

    /// There is a tree now.
    pub(crate) fn begin(&mut self, tree: TreeId) {
        (self.tree, self.kept) = (Some(tree), None);
    }

    pub(crate) fn new_oids(&mut self, count: u32) -> Option<Oid> {
        let end = self.numbers.checked_add(count)?;
        let first = TEMPORARY_SCHEMA.checked_add(self.numbers)?.checked_add(1)?;
        first.checked_add(count)?;
        self.numbers = end;
        Some(first)
    }

    /// What `shared` is together with the temporary objects that `view` shows.
    pub(crate) fn on(&mut self, shared: Arc<Snapshot>, view: &View) -> CatalogResult<Arc<Snapshot>> {
        let Some(tree) = self.tree else { return Ok(shared) };
        let view = match view.tree(tree) {
            Ok(view) => view,
            Err(StoreError::NoSuchTree { .. }) => {
                (self.tree, self.kept) = (None, None);
                return Ok(shared);
            }
            Err(error) => return Err(error.into()),
        };
        let snapshot = match &self.kept {
            Some(kept) if Arc::ptr_eq(&kept.shared, &shared) => advance(&kept.snapshot, &kept.view, &view)?,
            Some(_) | None => {
                let mut joined = (*shared).clone();
                load_into(&mut joined, &view)?;
                Arc::new(joined)
            }
        };
        self.kept = Some(Joined { shared, view, snapshot: snapshot.clone() });
        Ok(snapshot)
    }
}

/// Reading and writing entries, wherever they stand.
impl Catalog {
    /// The tree that has a key, or would have it; none for temporary objects of a session that has none.
    pub(crate) fn tree_of(&self, key: &[u8]) -> Option<TreeId> {
        if keys::is_temporary(key) { self.temporary() } else { Some(self.tree) }
    }

    /// What stands under a key now: see [`Transaction::get_newest`].
    pub(crate) fn get(
        &self,
        transaction: &mut Transaction,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        match self.tree_of(key) {
            Some(tree) => transaction.get_newest(tree, key),
            None => Ok(None),
        }
    }

    pub(crate) fn put(
        &self,
        transaction: &mut Transaction,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StoreError> {
        transaction.put(self.writable(key)?, key, value)
    }

    /// See [`Transaction::put_keeping_keys`].
    pub(crate) fn put_keeping_keys(
        &self,
        transaction: &mut Transaction,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StoreError> {
        transaction.put_keeping_keys(self.writable(key)?, key, value)
    }

    pub(crate) fn delete(&self, transaction: &mut Transaction, key: &[u8]) -> Result<bool, StoreError> {
        match self.tree_of(key) {
            Some(tree) => transaction.delete(tree, key),
            None => Ok(false),
        }
    }

    /// Nothing temporary is written before the schema was made.
    fn writable(&self, key: &[u8]) -> Result<TreeId, StoreError> {
        self.tree_of(key).ok_or(StoreError::NoSuchTree { tree: TreeId(0) })
    }
}
