//! Hornbeam's store: one versioned tree, as a table would be.

use crate::engine::{Engine, Opening, Outcome, Session, VALUE_BYTES, fill};
use env::real::RealEnv;
use std::path::Path;
use std::sync::Arc;
use store::{Begin, Bounds, Isolation, MAIN_DATABASE, Store, StoreOptions, TreeId};

/// An open store.
pub struct Hornbeam {
    store: Store,
    tree: TreeId,
}

impl Hornbeam {
    pub fn open(directory: &Path, opening: Opening) -> Outcome<Hornbeam> {
        let mut options = StoreOptions { cache_bytes: opening.cache_bytes, ..StoreOptions::default() };
        if opening.keep_log {
            options.background = false;
            options.checkpoint_log_bytes = u64::MAX;
            options.large_commit_bytes = usize::MAX;
        }
        let store = Store::open(Arc::new(RealEnv::new()), &directory.join("hornbeam.db"), options)?;
        let tree = match store.trees(MAIN_DATABASE)?.first() {
            Some(tree) => *tree,
            None => {
                let mut transaction = store.begin(Begin::default())?;
                let tree = transaction.create_tree(true)?;
                transaction.commit()?;
                tree
            }
        };
        Ok(Hornbeam { store, tree })
    }

    fn reading() -> Begin {
        Begin { isolation: Isolation::RepeatableRead, read_only: true, ..Begin::default() }
    }
}

impl Engine for Hornbeam {
    fn with_session(&self, body: &mut dyn FnMut(&mut dyn Session) -> Outcome<()>) -> Outcome<()> {
        body(&mut HornbeamSession { session: self.store.session(), tree: self.tree })
    }

    fn load(&self, rows: u64) -> Outcome<()> {
        let mut transaction = self.store.begin(Begin::default())?;
        let mut value = [0; VALUE_BYTES];
        for key in 0..rows {
            fill(key, &mut value);
            transaction.put(self.tree, &key.to_be_bytes(), &value)?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn log_bytes(&self) -> Outcome<Option<u64>> {
        Ok(self.store.statistics().log.map(|log| log.written_bytes))
    }

    fn close(self: Box<Self>) -> Outcome<()> {
        Ok(self.store.close()?)
    }
}

struct HornbeamSession {
    session: store::Session,
    tree: TreeId,
}

impl Session for HornbeamSession {
    fn get(&mut self, key: u64) -> Outcome<usize> {
        let mut transaction = self.session.begin(Hornbeam::reading())?;
        Ok(transaction.get_with(self.tree, &key.to_be_bytes(), <[u8]>::len)?.unwrap_or(0))
    }

    fn get_all(&mut self, keys: &[u64]) -> Outcome<usize> {
        let mut transaction = self.session.begin(Hornbeam::reading())?;
        let mut bytes = 0;
        for key in keys {
            bytes += transaction.get_with(self.tree, &key.to_be_bytes(), <[u8]>::len)?.unwrap_or(0);
        }
        Ok(bytes)
    }

    fn scan(&mut self, from: u64, rows: usize) -> Outcome<usize> {
        let mut transaction = self.session.begin(Hornbeam::reading())?;
        let mut scan = transaction.scan(self.tree, Bounds { from: from.to_be_bytes().to_vec(), to: None })?;
        let mut bytes = 0;
        for _ in 0..rows {
            if !scan.next()? {
                break;
            }
            bytes += scan.value_with(<[u8]>::len)?;
        }
        Ok(bytes)
    }

    fn put(&mut self, key: u64, value: &[u8]) -> Outcome<()> {
        let mut transaction = self.session.begin(Begin::default())?;
        transaction.put(self.tree, &key.to_be_bytes(), value)?;
        transaction.commit()?;
        Ok(())
    }

    fn put_all(&mut self, keys: std::ops::Range<u64>, value: &[u8]) -> Outcome<()> {
        let mut transaction = self.session.begin(Begin::default())?;
        for key in keys {
            transaction.put(self.tree, &key.to_be_bytes(), value)?;
        }
        transaction.commit()?;
        Ok(())
    }
}
