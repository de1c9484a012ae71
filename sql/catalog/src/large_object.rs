//! Large objects: values of up to 4 TB that are read and written in pieces.
//!
//! There may be millions of them, so they are no objects of the catalog's: they are in no snapshot, and making one changes
//! nothing by which plans hold. They have two trees: one says of each who owns it and who may do what with it, the other has
//! its pages, as `pg_largeobject` shows them. An entry of the catalog tells which the trees are; both come with the database. In
//! one from before there were large objects they come with the first of these, whose maker has them to himself until he commits.
//! Comments on large objects are the catalog's.
//!
//! Invariants
//!
//! 1. A page holds at most [`PAGE_OF_LARGE_OBJECT`] bytes. What lies between its end and the next page, and where there is no page,
//!    reads as zeros; the object ends where its last page does.
//! 2. Who changes a page, or what is said of an object, has locked it and looks at the newest.
//! 3. Who changes pages shares the object with other writers until he is done: nobody takes it away meanwhile, so no page is without
//!    one.

use crate::access::{AccessError, Actor};
use crate::codec;
use crate::dependency::Address;
use crate::error::{CatalogError, CatalogResult};
use crate::handle::Catalog;
use crate::keys;
use crate::object::{Acl, Oid, Privileges, class};
use crate::privilege::default_grants;
use crate::snapshot::Snapshot;
use bincode::{Decode, Encode};
use store::locks::RowMode;
use store::{Bounds, Store, StoreError, Transaction, TreeId, TreeView, View};

/// How many bytes a page has at most.
pub const PAGE_OF_LARGE_OBJECT: usize = 2048;
/// How long one may be.
pub const LARGE_OBJECT_MAX: u64 = PAGE as u64 * i32::MAX as u64;

const PAGE: usize = PAGE_OF_LARGE_OBJECT;

/// The trees in which large objects lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct LargeObjectTrees {
    /// What is said of each, by its number.
    objects: u64,
    /// Pages, by the object's number and their own.
    pages: u64,
}

/// What is said of one.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct LargeObject {
    /// Whose it is.
    pub owner: Oid,
    /// Who may do what with it.
    pub acl: Acl,
}

impl LargeObject {
    /// All that there is to be allowed.
    pub const PRIVILEGES: Privileges = Privileges(Privileges::SELECT.0 | Privileges::UPDATE.0);

    /// Its grants, written out where nothing was granted.
    pub fn grants(&self) -> Vec<crate::object::Grant> {
        let defaults = || default_grants(self.owner, LargeObject::PRIVILEGES, Privileges::NONE);
        self.acl.clone().unwrap_or_else(defaults)
    }

    /// Whether its grants name a role that does not own it.
    pub fn mentions(&self, role: Oid) -> bool {
        let mut grants = self.acl.iter().flatten();
        self.owner != role && grants.any(|grant| grant.grantee == role || grant.grantor == role)
    }
}

impl Actor {
    /// What it may do with a large object.
    pub fn privileges_on(&self, scope: &Snapshot, object: &LargeObject) -> Privileges {
        let all = LargeObject::PRIVILEGES;
        if self.superuser {
            return all;
        }
        let roles = self.roles().collect();
        scope.granted(&roles, &object.acl, object.owner, all, Privileges::NONE)
    }

    /// That it owns a large object.
    ///
    /// # Errors
    /// When it does not.
    pub fn require_owner_of(&self, oid: Oid, object: &LargeObject) -> Result<(), AccessError> {
        match self.has_rights_of(object.owner) {
            true => Ok(()),
            false => Err(AccessError::NotOwner { kind: KIND, name: oid.to_string() }),
        }
    }
}

/// What messages call one.
const KIND: &str = "large object";

/// That somebody may not do something with a large object.
pub fn denied_large_object(oid: Oid) -> AccessError {
    AccessError::Denied { kind: KIND, name: oid.to_string() }
}

fn page_key(oid: Oid, page: u32) -> [u8; 8] {
    let mut key = [0; 8];
    key[..4].copy_from_slice(&oid.to_be_bytes());
    key[4..].copy_from_slice(&page.to_be_bytes());
    key
}

/// The object and the page that a key is of.
fn page_of(key: &[u8]) -> CatalogResult<(Oid, u32)> {
    let halves = key.split_first_chunk::<4>();
    let halves = halves.and_then(|(oid, page)| Some((*oid, <[u8; 4]>::try_from(page).ok()?)));
    let (oid, page) = halves.ok_or_else(|| CatalogError::damaged(key, "it is no page's".to_owned()))?;
    Ok((u32::from_be_bytes(oid), u32::from_be_bytes(page)))
}

/// Pages of an object from one on.
fn pages_from(oid: Oid, page: u32) -> Bounds {
    let to = oid.checked_add(1).map(|next| next.to_be_bytes().to_vec());
    Bounds { from: page_key(oid, page).to_vec(), to }
}

/// A page that holds a byte, and where within.
fn place(offset: u64) -> (u32, usize) {
    let page = PAGE as u64;
    (u32::try_from(offset / page).unwrap_or(u32::MAX), (offset % page) as usize)
}

impl LargeObjectTrees {
    /// What is said of an object.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn find(self, view: &View, oid: Oid) -> CatalogResult<Option<LargeObject>> {
        let key = oid.to_be_bytes();
        let tree = match view.tree(TreeId(self.objects)) {
            // The view is older than the first large object.
            Err(StoreError::NoSuchTree { .. }) => return Ok(None),
            tree => tree?,
        };
        let bytes = tree.get(&key)?;
        bytes.map(|bytes| codec::decode(&key, &bytes)).transpose()
    }

    /// Tells of all, by number.
    ///
    /// # Errors
    /// When they cannot be read, and what `tell` answers.
    pub fn each(
        self,
        view: &View,
        mut tell: impl FnMut(Oid, LargeObject) -> CatalogResult<()>,
    ) -> CatalogResult<()> {
        let mut scan = view.tree(TreeId(self.objects))?.scan(Bounds::all())?;
        while scan.next()? {
            let key = <[u8; 4]>::try_from(scan.key());
            let key = key.map_err(|_| CatalogError::damaged(scan.key(), "it is no number".to_owned()))?;
            let object = scan.value_with(|bytes| codec::decode(&key, bytes))??;
            tell(u32::from_be_bytes(key), object)?;
        }
        Ok(())
    }

    /// Tells of pages from one on, at most `limit` of them: their object's number, their own, and their bytes. Answers which comes
    /// next; none at the end.
    ///
    /// # Errors
    /// When they cannot be read, and what `tell` answers.
    pub(crate) fn some_pages(
        self,
        view: &View,
        (oid, page): (Oid, u32),
        limit: usize,
        mut tell: impl FnMut(Oid, u32, &[u8]) -> CatalogResult<()>,
    ) -> CatalogResult<Option<(Oid, u32)>> {
        let bounds = Bounds { from: page_key(oid, page).to_vec(), to: None };
        let (mut scan, mut told) = (self.pages(view)?.scan(bounds)?, 0);
        while scan.next()? {
            let (oid, page) = page_of(scan.key())?;
            if told == limit {
                return Ok(Some((oid, page)));
            }
            scan.value_with(|bytes| tell(oid, page, bytes))??;
            told += 1;
        }
        Ok(None)
    }

    /// What a role has of them, a line each.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn uses(self, view: &View, role: Oid) -> CatalogResult<Vec<(Oid, String)>> {
        let mut uses = Vec::new();
        self.each(view, |oid, object| {
            if object.owner == role {
                uses.push((oid, format!("owner of {KIND} {oid}")));
            } else if object.mentions(role) {
                uses.push((oid, format!("privileges for {KIND} {oid}")));
            }
            Ok(())
        })?;
        Ok(uses)
    }

    fn pages(self, view: &View) -> CatalogResult<TreeView> {
        Ok(view.tree(TreeId(self.pages))?)
    }

    /// How long an object is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn length(self, view: &View, oid: Oid) -> CatalogResult<u64> {
        let mut scan = self.pages(view)?.scan(pages_from(oid, 0))?;
        if !scan.prev()? {
            return Ok(0);
        }
        let (_, page) = page_of(scan.key())?;
        Ok(u64::from(page) * PAGE as u64 + scan.value_with(|bytes| bytes.len() as u64)?)
    }

    /// Bytes of an object from `offset` on: `length` of them, or fewer where it ends.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read(self, view: &View, oid: Oid, offset: u64, length: usize) -> CatalogResult<Vec<u8>> {
        let mut read = Vec::new();
        let (first, _) = place(offset);
        let mut scan = self.pages(view)?.scan(pages_from(oid, first))?;
        while read.len() < length && scan.next()? {
            let (_, page) = page_of(scan.key())?;
            let (begins, at) = (u64::from(page) * PAGE as u64, offset + read.len() as u64);
            if let Some(hole) = begins.checked_sub(at) {
                let zeros = usize::try_from(hole).unwrap_or(usize::MAX).min(length - read.len());
                read.resize(read.len() + zeros, 0);
            }
            let from = (offset + read.len() as u64).saturating_sub(begins) as usize;
            let left = length - read.len();
            scan.value_with(|bytes| {
                let piece = bytes.get(from..).unwrap_or_default();
                read.extend_from_slice(&piece[..piece.len().min(left)]);
            })?;
        }
        Ok(read)
    }

    /// All of them go.
    pub(crate) fn drop(self, transaction: &mut Transaction) -> CatalogResult<()> {
        transaction.drop_tree(TreeId(self.objects))?;
        Ok(transaction.drop_tree(TreeId(self.pages))?)
    }

    /// Locks something, which is read again from the newest then.
    fn hold(
        transaction: &mut Transaction,
        tree: u64,
        key: &[u8],
        mode: RowMode,
    ) -> CatalogResult<Option<Vec<u8>>> {
        let (tree, wait) = (TreeId(tree), transaction.wait());
        transaction.lock_row(tree, key, mode, wait)?;
        Ok(transaction.get_newest(tree, key)?)
    }

    /// Keeps an object from being taken away.
    fn share(self, transaction: &mut Transaction, oid: Oid) -> CatalogResult<()> {
        let key = oid.to_be_bytes();
        match LargeObjectTrees::hold(transaction, self.objects, &key, RowMode::KeyShare)? {
            Some(_) => Ok(()),
            None => Err(CatalogError::UndefinedLargeObject { oid }),
        }
    }

    /// Writes bytes at a place; they lie within [`LARGE_OBJECT_MAX`].
    ///
    /// # Errors
    /// When the store cannot.
    pub fn write(
        self,
        transaction: &mut Transaction,
        oid: Oid,
        offset: u64,
        bytes: &[u8],
    ) -> CatalogResult<()> {
        self.share(transaction, oid)?;
        let (mut at, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            let (page, within) = place(at);
            let (piece, after) = rest.split_at(rest.len().min(PAGE - within));
            let key = page_key(oid, page);
            let found = LargeObjectTrees::hold(transaction, self.pages, &key, RowMode::Update)?;
            let mut content = found.unwrap_or_default();
            content.resize(content.len().max(within + piece.len()), 0);
            content[within..within + piece.len()].copy_from_slice(piece);
            transaction.put(TreeId(self.pages), &key, &content)?;
            (at, rest) = (at + piece.len() as u64, after);
        }
        Ok(())
    }

    /// Makes an object as long as that. Its last page is there then, though it may have no bytes.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn truncate(self, transaction: &mut Transaction, oid: Oid, length: u64) -> CatalogResult<()> {
        self.share(transaction, oid)?;
        let (last, within) = place(length);
        let key = page_key(oid, last);
        let found = LargeObjectTrees::hold(transaction, self.pages, &key, RowMode::Update)?;
        let mut content = found.unwrap_or_default();
        content.resize(within, 0);
        transaction.put(TreeId(self.pages), &key, &content)?;
        match last.checked_add(1) {
            Some(next) => self.remove_pages(transaction, oid, next),
            None => Ok(()),
        }
    }

    fn remove_pages(self, transaction: &mut Transaction, oid: Oid, from: u32) -> CatalogResult<()> {
        let mut scan = transaction.scan(TreeId(self.pages), pages_from(oid, from))?;
        let mut keys = Vec::new();
        while scan.next()? {
            keys.push(page_of(scan.key())?);
        }
        drop(scan);
        for (oid, page) in keys {
            transaction.delete(TreeId(self.pages), &page_key(oid, page))?;
        }
        Ok(())
    }
}

impl Catalog {
    /// Where large objects lie now; with `make` there is such a place then.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn large_object_trees(
        &self,
        transaction: &mut Transaction,
        make: bool,
    ) -> CatalogResult<Option<LargeObjectTrees>> {
        let key = keys::LARGE_OBJECTS;
        if let Some(trees) = self.known_trees(transaction)? {
            return Ok(Some(trees));
        }
        if !make {
            return Ok(None);
        }
        self.lock(transaction, key, RowMode::Update)?;
        if let Some(trees) = self.known_trees(transaction)? {
            return Ok(Some(trees));
        }
        Ok(Some(self.make_large_object_trees(transaction)?))
    }

    /// Makes them, for a database that has none.
    pub(crate) fn make_large_object_trees(
        &self,
        transaction: &mut Transaction,
    ) -> CatalogResult<LargeObjectTrees> {
        let (objects, pages) = (transaction.create_tree(true)?.0, transaction.create_tree(true)?.0);
        let trees = LargeObjectTrees { objects, pages };
        self.put(transaction, keys::LARGE_OBJECTS, &codec::encode(&trees, KIND)?)?;
        Ok(trees)
    }

    /// The trees that there are. A transaction that began before they were made cannot see them as long as it stays where it is.
    fn known_trees(&self, transaction: &mut Transaction) -> CatalogResult<Option<LargeObjectTrees>> {
        let key = keys::LARGE_OBJECTS;
        let Some(bytes) = self.get(transaction, key)? else { return Ok(None) };
        let trees: LargeObjectTrees = codec::decode(key, &bytes)?;
        for _ in 0..2 {
            match transaction.contains(TreeId(trees.objects), &[]) {
                Err(StoreError::NoSuchTree { .. }) => transaction.refresh()?,
                there => return Ok(there.map(|_| Some(trees))?),
            }
        }
        Err(CatalogError::Outdated { oid: class::LARGE_OBJECT })
    }

    /// Makes an empty large object under a number, or under one that is free if that is 0.
    ///
    /// # Errors
    /// When there is one of that number.
    pub fn create_large_object(
        &self,
        transaction: &mut Transaction,
        store: &Store,
        (oid, owner): (Oid, Oid),
    ) -> CatalogResult<(Oid, LargeObjectTrees)> {
        let none = CatalogError::UndefinedLargeObject { oid };
        let trees = self.large_object_trees(transaction, true)?.ok_or(none)?;
        self.keep_each_role(transaction, std::iter::once(owner))?;
        let object = codec::encode(&LargeObject { owner, acl: None }, KIND)?;
        loop {
            let chosen = if oid == 0 { self.new_oids(store, 1)? } else { oid };
            let key = chosen.to_be_bytes();
            if LargeObjectTrees::hold(transaction, trees.objects, &key, RowMode::Update)?.is_none() {
                transaction.put(TreeId(trees.objects), &key, &object)?;
                return Ok((chosen, trees));
            }
            if oid != 0 {
                return Err(CatalogError::DuplicateLargeObject { oid });
            }
        }
    }

    /// What is said of a large object now, whatever the transaction's snapshot shows.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn newest_large_object(
        &self,
        transaction: &mut Transaction,
        oid: Oid,
    ) -> CatalogResult<Option<LargeObject>> {
        let Some(trees) = self.large_object_trees(transaction, false)? else { return Ok(None) };
        let key = oid.to_be_bytes();
        let bytes = transaction.get_newest(TreeId(trees.objects), &key)?;
        bytes.map(|bytes| codec::decode(&key, &bytes)).transpose()
    }

    /// What is said of a large object now, held so that nobody else changes it; others may go on writing to it.
    ///
    /// # Errors
    /// When it is not there.
    pub fn hold_large_object(&self, transaction: &mut Transaction, oid: Oid) -> CatalogResult<LargeObject> {
        self.hold_it(transaction, oid, RowMode::NoKeyUpdate)
    }

    fn hold_it(&self, transaction: &mut Transaction, oid: Oid, mode: RowMode) -> CatalogResult<LargeObject> {
        let none = CatalogError::UndefinedLargeObject { oid };
        let Some(trees) = self.large_object_trees(transaction, false)? else { return Err(none) };
        if self.newest_large_object(transaction, oid)?.is_none() {
            return Err(none);
        }
        let key = oid.to_be_bytes();
        let found = LargeObjectTrees::hold(transaction, trees.objects, &key, mode)?;
        codec::decode(&key, &found.ok_or(none)?)
    }

    /// Says something else of a large object, which is held.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn alter_large_object(
        &self,
        transaction: &mut Transaction,
        oid: Oid,
        object: &LargeObject,
    ) -> CatalogResult<()> {
        let none = CatalogError::UndefinedLargeObject { oid };
        let trees = self.large_object_trees(transaction, false)?.ok_or(none)?;
        let named = object.grants().into_iter().flat_map(|grant| [grant.grantee, grant.grantor]);
        self.keep_each_role(transaction, named.chain([object.owner]))?;
        Ok(transaction.put(TreeId(trees.objects), &oid.to_be_bytes(), &codec::encode(object, KIND)?)?)
    }

    /// Removes a large object, when nobody else writes to it, and what is said of it.
    ///
    /// # Errors
    /// When it is not there, when the store cannot.
    pub fn drop_large_object(&self, transaction: &mut Transaction, oid: Oid) -> CatalogResult<()> {
        let none = CatalogError::UndefinedLargeObject { oid };
        self.hold_it(transaction, oid, RowMode::Update)?;
        let trees = self.large_object_trees(transaction, false)?.ok_or(none)?;
        transaction.delete(TreeId(trees.objects), &oid.to_be_bytes())?;
        trees.remove_pages(transaction, oid, 0)?;
        self.comment(transaction, class::LARGE_OBJECT, Address::of(oid), None)
    }

    /// What a role has of large objects, a line each.
    pub(crate) fn uses_of_large_objects(
        &self,
        transaction: &mut Transaction,
        role: Oid,
    ) -> CatalogResult<Vec<(Oid, String)>> {
        let Some(trees) = self.large_object_trees(transaction, false)? else { return Ok(Vec::new()) };
        trees.uses(&transaction.view()?, role)
    }

    /// The large objects that a role owns, and those that others own and on which it may do something; each held.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn large_objects_of(
        &self,
        transaction: &mut Transaction,
        roles: &[Oid],
    ) -> CatalogResult<Vec<(Oid, LargeObject)>> {
        let Some(trees) = self.large_object_trees(transaction, false)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        trees.each(&transaction.view()?, |oid, object| {
            if roles.iter().any(|role| object.owner == *role || object.mentions(*role)) {
                found.push(oid);
            }
            Ok(())
        })?;
        let held = found.into_iter().map(|oid| Ok((oid, self.hold_large_object(transaction, oid)?)));
        held.collect()
    }
}
