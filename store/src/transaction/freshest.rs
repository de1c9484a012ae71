//! Reading what is newest, whatever the transaction's snapshot: for what must not be decided on an old one. That two
//! rows have no key in common, that a row which is referred to is there, what the catalog says of a relation that was
//! just locked.
//!
//! What is read is the newest visible version with the transaction's own changes on it, at every level of isolation.
//! The key, or the relation, is locked first: what is read then stays true until the transaction ends.
//!
//! Invariants
//!
//! 1. The transaction's base stays where it is.
//! 2. A key that the transaction has changed is its own; others cannot have changed it since, as it is locked. Whether it
//!    has is told by comparing what the branch and its base keep of the key: rows of versioned trees carry their writer.
//! 3. Nothing of it is told to `serializable` here, as a lock decides what is read and not a snapshot. Whoever reads decides,
//!    as PostgreSQL has decided (its `SIReadLock`s tell):
//!    * the catalog is not told of: definitions exclude one another by their locks;
//!    * unique checks are not told of: what they find absent they write, and two writers of one key meet by its lock;
//!    * foreign keys are told of ([`Transaction::note_newest`]): that a row is there that is referred to, or that none refers
//!      to it, orders this transaction before whoever changes that later. Locks alone do not see a cycle through that one's
//!      older snapshot.

use super::Transaction;
use crate::error::{StoreError, StoreResult};
use crate::forest::TreeEntry;
use crate::ids::TreeId;
use crate::locks::RelationMode;
use crate::row;
use crate::scan::{Bounds, Holding, Scan};
use crate::snapshots::Snapshot;

/// A tree as the transaction would see it on the newest version.
enum Newest {
    /// Only one side has changed since the base.
    One(Holding, TreeEntry),
    /// The transaction has changed it, and others have.
    Both { own: Layer, base: Layer, now: Layer },
}

struct Layer {
    holding: Holding,
    entry: TreeEntry,
}

impl Layer {
    fn scan(self, bounds: &Bounds) -> StoreResult<Side> {
        let mut scan = Scan::new(self.holding, &self.entry, bounds.clone());
        let more = scan.next()?;
        Ok(Side { scan, more })
    }

    fn stored(&self, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        let pager = &self.holding.inner.pager;
        match self.entry.tree.get(pager, key)? {
            Some(value) => Ok(Some(value.read(pager)?)),
            None => Ok(None),
        }
    }
}

impl Transaction {
    /// Reads a key as it is now: the newest committed value, or what this transaction has made of it. The key is to be
    /// locked before ([`Transaction::lock_row`], or the relation as a whole), so that this does not change any more.
    ///
    /// # Errors
    /// When the tree does not exist or a page cannot be read.
    pub fn get_newest(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.get_newest(tree, key);
        }
        if self.inner.snapshots.visible_commit() <= self.branch.base.commit {
            // The base is the newest there is: what the transaction sees.
            self.readable(tree)?;
            let (entry, pager) = (self.opened_entry(tree)?, &self.inner.pager);
            return Ok(match entry.tree.get(pager, key)? {
                Some(value) => {
                    Some(row::with_writer(pager, &value, entry.versioned, |_, content| content.to_vec())?)
                }
                None => None,
            });
        }
        let (holding, stored, versioned) = match self.newest_of(tree)? {
            Newest::One(holding, entry) => {
                let versioned = entry.versioned;
                let layer = Layer { holding, entry };
                let stored = layer.stored(key)?;
                (layer.holding, stored, versioned)
            }
            Newest::Both { own, base, now } => {
                let mine = own.stored(key)?;
                let stored = if mine == base.stored(key)? { now.stored(key)? } else { mine };
                (own.holding, stored, own.entry.versioned)
            }
        };
        let Some(stored) = stored else { return Ok(None) };
        let (_, content) = row::split(&holding.inner.pager, &stored, versioned)?;
        Ok(Some(content.to_vec()))
    }

    /// The keys within `bounds` as they are now: see [`Transaction::get_newest`].
    ///
    /// # Errors
    /// When the tree does not exist or a page cannot be read.
    pub fn scan_newest(&mut self, tree: TreeId, bounds: Bounds) -> StoreResult<NewestScan> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.scan_newest(tree, bounds);
        }
        let inner = match self.newest_of(tree)? {
            Newest::One(holding, entry) => Sides::One(Box::new(Scan::new(holding, &entry, bounds))),
            Newest::Both { own, base, now } => {
                let versioned = own.entry.versioned;
                let merge = Merge {
                    own: own.scan(&bounds)?,
                    base: base.scan(&bounds)?,
                    now: now.scan(&bounds)?,
                    versioned,
                    key: Vec::new(),
                    stored: Vec::new(),
                };
                Sides::Both(Box::new(merge))
            }
        };
        Ok(NewestScan { inner })
    }

    fn newest_of(&mut self, tree: TreeId) -> StoreResult<Newest> {
        self.check_open()?;
        self.settle_to_read()?;
        self.hold_tree(tree, RelationMode::AccessShare, self.wait)?;
        let hold = self.inner.snapshots.take();
        let base = self.published_tree(tree, None)?;
        // A base that is not visible yet is newer than what is.
        let newer = (self.branch.base.commit <= hold.commit()).then_some(&hold);
        let now = self.published_tree(tree, newer)?;
        let gone = StoreError::NoSuchTree { tree };
        self.branch.bring_up(&self.inner.pager, tree)?;
        let here = Holding::of_branch(&self.inner, &mut self.branch);
        let there = Holding::of_snapshot(&self.inner, hold);
        let own = match self.branch.trees.get(&tree) {
            None => return now.map(|now| Newest::One(there, now)).ok_or(gone),
            Some(None) => return Err(gone),
            Some(Some(own)) => own.clone(),
        };
        match (base, now) {
            // Made by this transaction.
            (None, None) => Ok(Newest::One(here, own)),
            (Some(base), Some(now)) if base.tree.same_version(&now.tree) => Ok(Newest::One(here, own)),
            (Some(base), Some(now)) => Ok(Newest::Both {
                own: Layer { holding: here.clone(), entry: own },
                base: Layer { holding: here, entry: base },
                now: Layer { holding: there, entry: now },
            }),
            (Some(_), None) | (None, Some(_)) => Err(gone),
        }
    }

    /// The tree in the branch's base, or in a newer snapshot.
    fn published_tree(&self, tree: TreeId, newer: Option<&Snapshot>) -> StoreResult<Option<TreeEntry>> {
        let version = newer.map_or(&self.branch.base, Snapshot::version);
        version.forest.database(self.branch.database)?.tree(&self.inner.pager, tree)
    }
}

/// Keys of a tree as they are now, in order. Stands before the first until it is moved.
pub struct NewestScan {
    inner: Sides,
}

enum Sides {
    One(Box<Scan>),
    Both(Box<Merge>),
}

/// A scan, and whether it stands on a row.
struct Side {
    scan: Scan,
    more: bool,
}

impl Side {
    fn key(&self) -> Option<&[u8]> {
        self.more.then(|| self.scan.key())
    }

    /// What the side keeps of `key`, which is not before its place; it goes on when it stands there.
    fn take(&mut self, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        if self.key() != Some(key) {
            return Ok(None);
        }
        let stored = self.scan.stored_value()?;
        self.more = self.scan.next()?;
        Ok(Some(stored))
    }
}

struct Merge {
    own: Side,
    base: Side,
    now: Side,
    versioned: bool,
    key: Vec<u8>,
    stored: Vec<u8>,
}

impl Merge {
    fn next(&mut self) -> StoreResult<bool> {
        loop {
            let sides = [&self.own, &self.base, &self.now];
            let Some(key) = sides.into_iter().filter_map(Side::key).min().map(<[u8]>::to_vec) else {
                return Ok(false);
            };
            let (own, base) = (self.own.take(&key)?, self.base.take(&key)?);
            let now = self.now.take(&key)?;
            if let Some(stored) = if own == base { now } else { own } {
                (self.key, self.stored) = (key, stored);
                return Ok(true);
            }
        }
    }
}

impl NewestScan {
    /// Moves to the next key; `false` behind the last.
    ///
    /// # Errors
    /// When a page cannot be read.
    #[allow(clippy::should_implement_trait)] // a lending cursor, and it can fail: no iterator
    pub fn next(&mut self) -> StoreResult<bool> {
        match &mut self.inner {
            Sides::One(scan) => scan.next(),
            Sides::Both(merge) => merge.next(),
        }
    }

    /// The key at which the scan stands.
    pub fn key(&self) -> &[u8] {
        match &self.inner {
            Sides::One(scan) => scan.key(),
            Sides::Both(merge) => &merge.key,
        }
    }

    /// Its value.
    ///
    /// # Errors
    /// When a large value cannot be read, or the row is damaged.
    pub fn value(&self) -> StoreResult<Vec<u8>> {
        match &self.inner {
            Sides::One(scan) => scan.value(),
            Sides::Both(merge) => {
                let pager = merge.own.scan.pager();
                Ok(row::split(pager, &merge.stored, merge.versioned)?.1.to_vec())
            }
        }
    }
}
