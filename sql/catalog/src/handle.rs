//! What sessions share of a store's catalogs, and one session's handle.
//!
//! The newest snapshot of each database is kept with the view of the tree that it was made of; every other version is made
//! from it, or from the session's own last one, by what differs between the two trees. The kept view is replaced by each
//! newer one that a session shows, so that it does not hold back pages.

use crate::error::{CatalogError, CatalogResult};
use crate::first::FirstNames;
use crate::keys::TEMPORARY_SCHEMAS;
use crate::labels;
use crate::native::{Natives, WithNatives};
use crate::object::{Function, Object, Oid, Schema, Sequence, TEMPORARY_SCHEMA};
use crate::private::Private;
use crate::snapshot::Snapshot;
use env::sync::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{
    Begin, Bounds, CommitNumber, DatabaseId, MAIN_DATABASE, Store, Transaction, TreeId, TreeView, View,
};

/// The catalogs of a store, as its sessions share them.
pub struct Catalogs {
    kept: Mutex<BTreeMap<DatabaseId, Kept>>,
    natives: Natives,
}

#[derive(Clone)]
struct Kept {
    /// The commit that last changed the catalog.
    version: CommitNumber,
    /// The commit that the view shows.
    commit: CommitNumber,
    view: TreeView,
    snapshot: Arc<Snapshot>,
}

impl Default for Catalogs {
    fn default() -> Catalogs {
        Catalogs::new()
    }
}

impl Catalogs {
    /// Nothing is kept yet.
    pub fn new() -> Catalogs {
        Catalogs { kept: Mutex::new(&labels::KEPT_LOCK, BTreeMap::new()), natives: Natives::default() }
    }

    /// The catalog of a database. The main database of a new file gets one: public, owned by the superuser `superuser`, and
    /// the database's own entry under the name `database_name`.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn open(
        self: &Arc<Catalogs>,
        store: &Store,
        database: DatabaseId,
        first: FirstNames<'_>,
    ) -> CatalogResult<Catalog> {
        if let Some(tree) = first_tree(store, database)? {
            return Ok(Catalog::at(self.clone(), database, tree));
        }
        if database != MAIN_DATABASE {
            return Err(CatalogError::NoCatalog { database: database.0 });
        }
        let mut transaction = store.begin(Begin { database, ..Begin::default() })?;
        let tree = transaction.create_tree(false)?;
        let catalog = Catalog::at(self.clone(), database, tree);
        for object in first.objects() {
            catalog.create(&mut transaction, &object, &[])?;
        }
        catalog.make_large_object_trees(&mut transaction)?;
        transaction.commit().map_err(CatalogError::Commit)?;
        Ok(catalog)
    }

    /// Shows a function of the program in all databases from now on.
    ///
    /// # Errors
    /// When there is one of that name with the same arguments, given or built in.
    pub fn add_native(&self, function: Function) -> CatalogResult<()> {
        self.natives.add(function)
    }

    /// Forgets what is kept of a database: it was dropped.
    pub fn forget(&self, database: DatabaseId) {
        self.kept.lock().remove(&database);
    }

    /// A sequence as the newest commit has it, whatever the session's own transaction sees.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn committed_sequence(
        &self,
        store: &Store,
        database: DatabaseId,
        oid: Oid,
    ) -> CatalogResult<Option<Arc<Sequence>>> {
        let tree = first_tree(store, database)?;
        let tree = tree.ok_or(CatalogError::NoCatalog { database: database.0 })?;
        match self.newest(store, database, tree)?.snapshot.object(oid) {
            Some(Object::Sequence(sequence)) => Ok(Some(sequence.clone())),
            Some(_) | None => Ok(None),
        }
    }

    /// A database's catalog as the newest commit has it, without roles and databases, and what is temporary.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn committed(&self, store: &Store, database: DatabaseId) -> CatalogResult<Arc<Snapshot>> {
        let tree = first_tree(store, database)?;
        let tree = tree.ok_or(CatalogError::NoCatalog { database: database.0 })?;
        Ok(self.newest(store, database, tree)?.snapshot)
    }

    fn get(&self, database: DatabaseId) -> Option<Kept> {
        self.kept.lock().get(&database).cloned()
    }

    /// Keeps what is newer than what is kept.
    fn keep(&self, database: DatabaseId, new: Kept) {
        let mut kept = self.kept.lock();
        let old = kept.get(&database).map(|kept| kept.commit);
        if old.is_none_or(|old| old <= new.commit) {
            kept.insert(database, new);
        }
    }

    /// The newest snapshot of a database that its commits show, and what it was made of.
    fn newest(&self, store: &Store, database: DatabaseId, tree: TreeId) -> CatalogResult<Kept> {
        let view = store.view(database)?;
        let commit = view.commit();
        // A view of the store shows the newest visible commit: nothing that is recent is hidden from it. Should a commit
        // have come between, its change is found by the next comparison.
        let version = view.last_change(tree).unwrap_or(commit);
        let view = view.tree(tree)?;
        let kept = match self.get(database) {
            Some(kept) if kept.version == version => Kept { commit, view, ..kept },
            Some(kept) => {
                let snapshot = advance(&kept.snapshot, &kept.view, &view)?;
                Kept { version, commit, view, snapshot }
            }
            None => Kept { version, commit, snapshot: Arc::new(load(&view)?), view },
        };
        self.keep(database, kept.clone());
        Ok(kept)
    }
}

/// The commits by which a catalog is what it is: its own, and that of the session's temporary objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    shared: CommitNumber,
    temporary: Option<(TreeId, CommitNumber)>,
}

impl Version {
    /// The commit by which the catalog is what it is for all sessions alike; none if the session has temporary objects.
    pub fn of_all(&self) -> Option<CommitNumber> {
        self.temporary.is_none().then_some(self.shared)
    }
}

/// Reads a whole catalog.
fn load(view: &TreeView) -> CatalogResult<Snapshot> {
    let mut snapshot = Snapshot::empty();
    load_into(&mut snapshot, view)?;
    Ok(snapshot)
}

/// Adds all that stands in a tree to a snapshot.
pub(crate) fn load_into(snapshot: &mut Snapshot, view: &TreeView) -> CatalogResult<()> {
    let mut scan = view.scan(Bounds::all())?;
    while scan.next()? {
        scan.value_with(|value| snapshot.apply(scan.key(), Some(value)))??;
    }
    Ok(())
}

/// The snapshot of `to`, given that of `from`.
pub(crate) fn advance(
    snapshot: &Arc<Snapshot>,
    from: &TreeView,
    to: &TreeView,
) -> CatalogResult<Arc<Snapshot>> {
    let mut changed: Option<Snapshot> = None;
    // What is gone goes first: a name that has a new owner is then free.
    let mut there = Vec::new();
    to.changed_since(from, |key, value| match value {
        Some(value) => {
            there.push((key.to_vec(), value.to_vec()));
            Ok(())
        }
        None => changed.get_or_insert_with(|| (**snapshot).clone()).apply(key, None),
    })?;
    for (key, value) in there {
        changed.get_or_insert_with(|| (**snapshot).clone()).apply(&key, Some(&value))?;
    }
    Ok(changed.map_or_else(|| snapshot.clone(), Arc::new))
}

/// One session's way to the catalog of its database. A clone goes its own way from then on.
#[derive(Clone)]
pub struct Catalog {
    pub(crate) tree: TreeId,
    pub(crate) database: DatabaseId,
    shared: Arc<Catalogs>,
    /// The last snapshot of changes that are not committed, and what it was made of.
    own: Option<(TreeView, Arc<Snapshot>)>,
    /// The last snapshot that took roles and databases from the main database, and the two that it was made of.
    joined: Option<[Arc<Snapshot>; 3]>,
    /// The session's temporary objects.
    private: Private,
    /// The last snapshot that functions of the program were put on.
    natives: Option<WithNatives>,
}

impl Catalog {
    /// The branch of the store that its database is.
    pub fn branch(&self) -> u64 {
        self.database.0
    }

    /// The catalog of a database: it stands in the database's first tree.
    pub(crate) fn at(shared: Arc<Catalogs>, database: DatabaseId, tree: TreeId) -> Catalog {
        Catalog {
            tree,
            database,
            shared,
            own: None,
            joined: None,
            private: Private::default(),
            natives: None,
        }
    }

    /// The tree of the session's temporary objects, if it has any.
    pub(crate) fn temporary(&self) -> Option<TreeId> {
        self.private.tree()
    }

    /// The tree it stands in. A plan holds as long as [`View::last_change`] of it is the same.
    pub fn tree(&self) -> TreeId {
        self.tree
    }

    /// The catalog as `view` shows it, a statement's ([`store::Transaction::view`]). Without DDL since the last call it
    /// costs a comparison. A view of the store shows nothing temporary: see [`Catalog::shared_snapshot`].
    ///
    /// # Errors
    /// When a page cannot be read, or an entry is damaged.
    pub fn snapshot(&mut self, store: &Store, view: &View) -> CatalogResult<Arc<Snapshot>> {
        let shared = self.shared_snapshot(store, view)?;
        let joined = self.private.on(shared, view)?;
        Ok(self.shared.natives.on(joined, &mut self.natives))
    }

    /// The same without what is temporary, of any view: one of the store, too.
    ///
    /// # Errors
    /// As [`Catalog::snapshot`].
    pub fn shared_snapshot(&mut self, store: &Store, view: &View) -> CatalogResult<Arc<Snapshot>> {
        let own = self.own_snapshot(store, view)?;
        if self.database == MAIN_DATABASE {
            return Ok(own);
        }
        let no_catalog = CatalogError::NoCatalog { database: MAIN_DATABASE.0 };
        let main_tree = first_tree(store, MAIN_DATABASE)?.ok_or(no_catalog)?;
        let main = self.shared.newest(store, MAIN_DATABASE, main_tree)?.snapshot;
        if let Some([of_own, of_main, joined]) = &self.joined
            && Arc::ptr_eq(of_own, &own)
            && Arc::ptr_eq(of_main, &main)
        {
            return Ok(joined.clone());
        }
        let joined = Arc::new(own.with_shared_of(&main));
        self.joined = Some([own, main, joined.clone()]);
        Ok(joined)
    }

    fn own_snapshot(&mut self, store: &Store, view: &View) -> CatalogResult<Arc<Snapshot>> {
        let version = view.last_change(self.tree);
        let kept = match self.shared.get(self.database) {
            Some(kept) => kept,
            None => self.shared.newest(store, self.database, self.tree)?,
        };
        if version == Some(kept.version) {
            self.own = None;
            if view.commit() > kept.commit {
                let (commit, view) = (view.commit(), view.tree(self.tree)?);
                self.shared.keep(self.database, Kept { commit, view, ..kept.clone() });
            }
            return Ok(kept.snapshot);
        }
        let now = view.tree(self.tree)?;
        let snapshot = match &self.own {
            Some((from, snapshot)) => advance(snapshot, from, &now)?,
            None => advance(&kept.snapshot, &kept.view, &now)?,
        };
        match version {
            Some(version) if view.commit() >= kept.commit => {
                let new = Kept { version, commit: view.commit(), view: now, snapshot: snapshot.clone() };
                self.shared.keep(self.database, new);
                self.own = None;
            }
            Some(_) | None => self.own = Some((now, snapshot.clone())),
        }
        Ok(snapshot)
    }

    /// The last snapshot that this session, or any, has made.
    pub(crate) fn last_snapshot(&self) -> Option<Arc<Snapshot>> {
        let private = self.private.last();
        let own = private.or_else(|| self.own.as_ref().map(|(_, snapshot)| snapshot.clone()));
        own.or_else(|| self.shared.get(self.database).map(|kept| kept.snapshot))
    }

    /// By what a plan holds: as long as it is the same, nothing has been defined since. None while the transaction itself
    /// has defined something.
    pub fn version(&self, transaction: &mut Transaction) -> Option<Version> {
        let temporary = match self.temporary() {
            Some(tree) => Some((tree, transaction.last_change(tree)?)),
            None => None,
        };
        Some(Version { shared: transaction.last_change(self.tree)?, temporary })
    }

    /// Whether the transaction itself may have defined something.
    pub fn is_changed_by(&self, transaction: &Transaction) -> bool {
        transaction.has_written(self.tree)
            || self.temporary().is_some_and(|tree| transaction.has_written(tree))
    }

    /// Whether the transaction has defined something temporary, or changed it.
    pub fn changed_temporary(&self, transaction: &mut Transaction) -> bool {
        self.temporary().is_some_and(|tree| transaction.last_change(tree).is_none())
    }

    /// Makes the session's temporary schema, called after the number of the session. The next snapshot shows it.
    ///
    /// # Errors
    /// When there can be no temporary file.
    pub fn make_temporary_schema(&mut self, transaction: &mut Transaction, owner: Oid) -> CatalogResult<()> {
        if self.temporary().is_none() {
            self.private.begin(transaction.create_temporary_tree(false)?);
        }
        let name = format!("{TEMPORARY_SCHEMAS}{}", transaction.session().id());
        let schema = Schema { oid: TEMPORARY_SCHEMA, name, owner, acl: None };
        self.create(transaction, &Object::Schema(Arc::new(schema)), &[])
    }

    /// Numbers for new temporary objects: the first of `count` that follow each other.
    ///
    /// # Errors
    /// When none is left.
    pub fn new_temporary_oids(&mut self, count: u32) -> CatalogResult<Oid> {
        self.private.new_oids(count).ok_or(CatalogError::NoOidLeft)
    }

    /// A transaction has ended: lets go of what was made of it, so that its pages may be used again.
    pub fn end_transaction(&mut self) {
        self.own = None;
    }
}

/// The tree of a database's catalog: the first that was made.
pub(crate) fn first_tree(store: &Store, database: DatabaseId) -> CatalogResult<Option<TreeId>> {
    Ok(store.trees(database)?.into_iter().min())
}
