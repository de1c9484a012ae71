//! The forest: which trees each database has, as an immutable value.
//!
//! A [`Version`] is what a commit publishes: the forest after it, and where the log has its record. Versions share all
//! they have in common; cloning one is O(1). On disk a database is a *directory*, a B+tree from tree id to
//! [`TreeEntry`]; the databases are entries of one more tree, whose root the superblock holds. Between checkpoints
//! what changed stands in an overlay above the directory.
//!
//! Invariants
//!
//! 1. A version never changes once it has been published.
//! 2. Overlay before directory: an entry of the overlay is newer than the directory's of the same id; `None` means dropped.
//! 3. A directory's entries hold stored roots only; resident roots stand in overlays alone.
//! 4. Tree ids below [`FIRST_TREE`] are the store's own and appear in no directory.

use crate::directory::Directory;
use crate::error::{StoreError, StoreResult};
use crate::ids::{CommitNumber, DatabaseId, TreeId};
use crate::lineage::Lineage;
use btree::{StoredTree, Tree, Value};
use imbl::OrdMap;
use pager::{PagePointer, Pager};
use wal::Lsn;

/// Page-header tree id of the tree that lists the databases.
pub const FOREST_TREE: u64 = 1;
/// Page-header tree id of every database's directory.
pub const DIRECTORY_TREE: u64 = 2;
/// Page-header tree id of every database's sequence table.
pub const SEQUENCE_TREE: u64 = 3;
/// Page-header tree id of the lists of dead pages that branches keep.
pub const DEAD_PAGES_TREE: u64 = 4;
/// The first tree id that is handed out.
pub const FIRST_TREE: u64 = 16;
/// The database that every file has.
pub const MAIN_DATABASE: DatabaseId = DatabaseId(1);

/// What a directory says of one tree.
#[derive(Debug, Clone)]
pub struct TreeEntry {
    /// Its content.
    pub tree: Tree,
    /// Whether its values begin with the id of the transaction that wrote them.
    pub versioned: bool,
}

impl TreeEntry {
    /// The directory's bytes for a tree whose root is stored: versioned u8, then the stored root. `None` for a tree
    /// whose root has not been written (invariant 3 forbids those in a directory).
    pub fn encode(&self) -> Option<Vec<u8>> {
        let mut bytes = vec![u8::from(self.versioned)];
        encode_root(&self.tree.stored()?, &mut bytes);
        Some(bytes)
    }

    /// Reads an entry back.
    ///
    /// # Errors
    /// When the bytes are no entry.
    pub fn decode(pager: &Pager, tree: TreeId, bytes: &[u8]) -> StoreResult<TreeEntry> {
        let damaged =
            || StoreError::corrupt(pager, "directory entry of tree", tree.0, "30 bytes, a flag first");
        let (&versioned, rest) = bytes.split_first().ok_or_else(damaged)?;
        if versioned > 1 || rest.len() != ROOT_BYTES {
            return Err(damaged());
        }
        let stored = decode_root(tree.0, rest).ok_or_else(damaged)?;
        Ok(TreeEntry { tree: Tree::from_stored(pager, &stored)?, versioned: versioned == 1 })
    }
}

/// Bytes of a stored root: pointer (20), level u8, rows u64.
pub const ROOT_BYTES: usize = PagePointer::BYTES + 9;

/// Appends a stored root.
pub fn encode_root(stored: &StoredTree, bytes: &mut Vec<u8>) {
    let mut pointer = [0; PagePointer::BYTES];
    stored.root.encode(&mut pointer);
    bytes.extend_from_slice(&pointer);
    bytes.push(stored.level);
    bytes.extend_from_slice(&stored.rows.to_le_bytes());
}

/// Reads a stored root from the front of `bytes`.
pub fn decode_root(tree: u64, bytes: &[u8]) -> Option<StoredTree> {
    let root = PagePointer::decode(bytes)?;
    let level = *bytes.get(PagePointer::BYTES)?;
    let rows = u64::from_le_bytes(*bytes.get(PagePointer::BYTES + 1..)?.first_chunk()?);
    Some(StoredTree { id: tree, root, level, rows })
}

/// One database: a directory on disk and what changed above it.
#[derive(Debug, Clone)]
pub struct Database {
    /// Tree id → entry, as of some checkpoint.
    pub directory: Directory,
    /// What changed since; `None` stands for a dropped tree.
    pub overlay: OrdMap<TreeId, Option<TreeEntry>>,
    /// Its sequences' reserved ends, as of some checkpoint (the newest stand in `sequence::Sequences`).
    pub sequences: Tree,
    /// Its node in the lineage.
    pub node: u64,
}

impl Database {
    /// A database without a tree.
    pub fn empty(node: u64) -> Database {
        Database {
            directory: Directory::empty(),
            overlay: OrdMap::new(),
            sequences: Tree::empty(SEQUENCE_TREE),
            node,
        }
    }

    /// The entry of `tree`, if it exists.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn tree(&self, pager: &Pager, tree: TreeId) -> StoreResult<Option<TreeEntry>> {
        match self.overlay.get(&tree) {
            Some(entry) => Ok(entry.clone()),
            None => self.directory.entry(pager, tree),
        }
    }

    /// Every tree, in order of id.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn trees(&self, pager: &Pager) -> StoreResult<Vec<(TreeId, TreeEntry)>> {
        let stored = |id: TreeId, value: Value| TreeEntry::decode(pager, id, &value.read(pager)?);
        self.merged(pager, stored, TreeEntry::clone)
    }

    /// The id of every tree, in order.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn tree_ids(&self, pager: &Pager) -> StoreResult<Vec<TreeId>> {
        let ids = self.merged(pager, |_, _| Ok(()), |_| ())?;
        Ok(ids.into_iter().map(|(id, ())| id).collect())
    }

    /// Directory and overlay as one list, in order of id: what `stored` makes of the directory's values, and `changed` of
    /// the overlay's entries.
    fn merged<T>(
        &self,
        pager: &Pager,
        stored: impl Fn(TreeId, Value) -> StoreResult<T>,
        changed: impl Fn(&TreeEntry) -> T,
    ) -> StoreResult<Vec<(TreeId, T)>> {
        let mut all = Vec::new();
        let mut overlay = self.overlay.iter().peekable();
        let mut cursor = self.directory.tree().cursor();
        let mut found = cursor.seek_first(pager)?;
        while found {
            let id = tree_id_of_key(pager, cursor.key())?;
            while let Some((above, entry)) = overlay.next_if(|(above, _)| **above < id) {
                all.extend(entry.as_ref().map(|entry| (*above, changed(entry))));
            }
            if overlay.peek().is_none_or(|(above, _)| **above != id) {
                all.push((id, stored(id, cursor.value())?));
            }
            found = cursor.next(pager)?;
        }
        for (above, entry) in overlay {
            all.extend(entry.as_ref().map(|entry| (*above, changed(entry))));
        }
        Ok(all)
    }
}

/// The tree id that a directory's key names.
pub fn tree_id_of_key(pager: &Pager, key: &[u8]) -> StoreResult<TreeId> {
    match key.try_into() {
        Ok(bytes) => Ok(TreeId(u64::from_be_bytes(bytes))),
        Err(_) => Err(StoreError::corrupt(pager, "directory key", key.len() as u64, "eight bytes")),
    }
}

/// All databases of a file.
#[derive(Debug, Clone)]
pub struct Forest {
    /// By id.
    pub databases: OrdMap<DatabaseId, Database>,
    /// Who branched off whom, and which shared pages each line gave up.
    pub lineage: Lineage,
}

impl Forest {
    /// The forest of a new file: the main database, empty.
    pub fn new() -> Forest {
        let lineage = Lineage::new();
        let databases = OrdMap::unit(MAIN_DATABASE, Database::empty(Lineage::FIRST_NODE));
        Forest { databases, lineage }
    }

    /// The database with this id.
    ///
    /// # Errors
    /// When there is none.
    pub fn database(&self, id: DatabaseId) -> StoreResult<&Database> {
        self.databases.get(&id).ok_or(StoreError::NoSuchDatabase { database: id })
    }
}

/// What a commit publishes.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its place in the order of commits.
    pub commit: CommitNumber,
    /// End of its record in the log: durable up to here, the version is durable.
    pub lsn: Lsn,
    /// Row operations of all commits up to this one, ever, and pages that were moved: the difference of two versions' counts is the size of the
    /// difference between them.
    pub operations: u64,
    /// The trees.
    pub forest: Forest,
}
