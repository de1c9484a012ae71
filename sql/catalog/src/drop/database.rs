//! DROP DATABASE: the entry goes; and a database that was copied is emptied.

use super::remove::trees_of;
use crate::change::names_of;
use crate::dependency::Address;
use crate::error::{CatalogError, CatalogResult};
use crate::first::FirstNames;
use crate::handle::Catalog;
use crate::keys;
use crate::object::{Object, Oid, SettingsOf, class};
use crate::snapshot::{Scope, Snapshot};
use store::locks::RowMode;
use store::{Bounds, SequenceId, Transaction, TreeId};

impl Catalog {
    /// Drops something that all databases share, and what is said of it.
    ///
    /// # Errors
    /// When it is gone.
    pub fn drop_shared(&self, transaction: &mut Transaction, oid: Oid, of: Oid) -> CatalogResult<()> {
        let key = keys::of(keys::OBJECTS, oid);
        self.lock(transaction, &key, RowMode::Update)?;
        let object = self.newest(transaction, oid)?;
        let object = object.ok_or(CatalogError::UndefinedObject { oid })?;
        for (kind, space, name) in names_of(&object) {
            transaction.delete(self.tree, &keys::name(kind, space, &name))?;
        }
        transaction.delete(self.tree, &key)?;
        self.comment(transaction, of, Address::of(oid), None)
    }

    /// Drops the entry of a database, with its comment and its settings. To be called on the catalog of the main database; the
    /// branch of the store is the caller's to drop, once this is committed.
    ///
    /// # Errors
    /// When it is gone.
    pub fn drop_database(
        &self,
        transaction: &mut Transaction,
        scope: &Scope,
        database: Oid,
    ) -> CatalogResult<()> {
        let key = keys::of(keys::OBJECTS, database);
        self.lock(transaction, &key, RowMode::Update)?;
        let object = self.newest(transaction, database)?;
        let object = object.ok_or(CatalogError::UndefinedObject { oid: database })?;
        for (kind, space, name) in names_of(&object) {
            transaction.delete(self.tree, &keys::name(kind, space, &name))?;
        }
        transaction.delete(self.tree, &key)?;
        self.comment(transaction, class::DATABASE, Address::of(database), None)?;
        let settings: Vec<SettingsOf> =
            scope.all_settings().filter(|of_whom| of_whom.database == database).collect();
        for of_whom in settings {
            self.set_settings(transaction, of_whom, &[])?;
        }
        Ok(())
    }

    /// Takes everything from a database that users have made: it is as a new one then. `snapshot` shows it as the transaction
    /// does, and nobody else is in it.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn make_empty(&self, transaction: &mut Transaction, snapshot: &Snapshot) -> CatalogResult<()> {
        for object in snapshot.objects() {
            for tree in trees_of(object) {
                transaction.drop_tree(TreeId(tree))?;
                transaction.drop_sequence(SequenceId(tree))?;
            }
        }
        if let Some(trees) = snapshot.large_objects() {
            trees.drop(transaction)?;
        }
        let mut scan = transaction.scan_newest(self.tree, Bounds::all())?;
        let mut keys = Vec::new();
        while scan.next()? {
            keys.push(scan.key().to_vec());
        }
        drop(scan);
        for key in keys {
            transaction.delete(self.tree, &key)?;
        }
        for object in FirstNames::default().objects() {
            // Roles and databases are the main database's.
            if let Object::Schema(_) = object {
                self.create(transaction, &object, &[])?;
            }
        }
        self.make_large_object_trees(transaction).map(drop)
    }
}
