//! `setval` of sequences that everyone sees: at once, in a transaction of its own; or, where the session's own transaction has
//! made or changed the sequence, when that commits.

use crate::engine::Engine;
use crate::error::SessionError;
use crate::session::Session;
use catalog::object::{Object, first_behind};
use catalog::{Catalog, CatalogError, Oid, Scope};
use std::sync::Arc;
use store::locks::{LockError, WaitPolicy};
use store::{Begin, DatabaseId, StoreError, Transaction};

/// Sets a sequence so that `first` comes next, `before` being the value that it shows until then, and answers the tree by which
/// it counts from now on. None if it is the session's own transaction, whose view `scope` is, that has the sequence.
pub(crate) fn set(
    engine: &Engine,
    database: DatabaseId,
    scope: &Scope,
    (oid, first, before): (Oid, i64, (i64, bool)),
) -> Result<Option<u64>, SessionError> {
    let mut transaction = engine
        .store
        // Whoever has the entry may be the session's own transaction, which waits for this one.
        .begin(Begin { database, wait: WaitPolicy::NoWait, ..Begin::default() })?;
    let mut catalog = engine.catalogs.open(&engine.store, database, Default::default())?;
    match count_anew(&catalog, &mut transaction, oid, first, before) {
        Ok(tree) => {
            transaction.commit()?;
            Ok(Some(tree))
        }
        Err(CatalogError::UndefinedObject { .. } | CatalogError::Outdated { .. }) => Ok(None),
        Err(error @ CatalogError::Store(StoreError::Lock(LockError::NotAvailable { .. }))) => {
            let committed = catalog.snapshot(&engine.store, &transaction.view()?)?;
            match committed.sequence(oid) == scope.sequence(oid) {
                true => Err(error.into()),
                false => Ok(None),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives a sequence's entry another count, and answers its tree.
fn count_anew(
    catalog: &Catalog,
    transaction: &mut Transaction,
    oid: Oid,
    first: i64,
    before: (i64, bool),
) -> Result<u64, CatalogError> {
    let tree = transaction.create_tree(false)?;
    let changed = catalog.alter::<CatalogError>(transaction, oid, |object| {
        if let Object::Sequence(sequence) = object {
            let sequence = Arc::make_mut(sequence);
            (sequence.tree, sequence.first, sequence.before) = (tree.0, first, before);
        }
        Ok(())
    });
    changed.map(|_| tree.0)
}

impl Session {
    /// Before a transaction commits: sequences that were set within it, and that it has made or changed, count from there.
    pub(crate) fn settle_sequences(&mut self) -> Result<(), SessionError> {
        let within = self.sets.borrow().within();
        if within.is_empty() || self.block.begun().is_none() {
            return Ok(());
        }
        let scope = self.scope()?;
        let text = self.text_settings();
        for (entry, set) in within {
            // One that is gone, or got another count by what was done to it later, is no concern any more.
            let found = scope.sequence(set.sequence).filter(|found| found.tree == entry && !set.entered);
            let Some(sequence) = found else { continue };
            let (last, called) = self.sequence_state(&self.sets.borrow().as_set(sequence))?;
            let first = first_behind((last, called), sequence.increment);
            let (transaction, catalog, _) = self.split_catalog(&text)?;
            count_anew(catalog, transaction, sequence.oid, first, (last, called))?;
        }
        Ok(())
    }
}
