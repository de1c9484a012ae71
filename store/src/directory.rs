//! A database's directory: the tree from tree id to entry, and the entries that were read from it lately, decoded.
//!
//! A transaction that reads one row would otherwise spend more time on finding the row's tree than on the row: a search
//! of the directory, a copy of the entry's bytes, and their checks.
//!
//! Invariants
//!
//! 1. What is kept decoded was read from this very tree, which never changes: whoever changes the tree makes a
//!    [`Directory`] with nothing decoded ([`Directory::replaced_by`]). So there is nothing to invalidate.
//! 2. At most [`DECODED_MAX`] entries are kept, whatever the number of trees.
//! 3. Only entries are kept, never that there is none: who asks for a tree that does not exist does not ask often.
//!
//! Fails as reading the tree does; what could not be read or decoded is not kept.

use crate::error::StoreResult;
use crate::forest::{DIRECTORY_TREE, TreeEntry};
use crate::ids::TreeId;
use crate::labels;
use btree::Tree;
use env::sync::RwLock;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use pager::Pager;
use std::fmt;
use std::sync::Arc;

/// How many decoded entries a directory keeps: about 30 KiB.
const DECODED_MAX: usize = 256;

/// Entries by the tree they describe. Looked up only, never walked through: its order reaches nobody.
type Decoded = HashMap<TreeId, TreeEntry, FixedState>;

/// The directory of one version of a database. Clones share what was decoded.
#[derive(Clone)]
pub struct Directory {
    tree: Tree,
    decoded: Arc<RwLock<Decoded>>,
}

impl Directory {
    /// The directory that `tree` holds.
    pub fn new(tree: Tree) -> Directory {
        let decoded = Decoded::with_hasher(FixedState::default());
        Directory { tree, decoded: Arc::new(RwLock::new(&labels::DIRECTORY_LOCK, decoded)) }
    }

    /// A directory without an entry.
    pub fn empty() -> Directory {
        Directory::new(Tree::empty(DIRECTORY_TREE))
    }

    /// Where the entries stand.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The directory that `tree` holds, which was made from this one's; what was decoded stays if nothing was changed.
    pub fn replaced_by(&self, tree: Tree) -> Directory {
        if tree.same_version(&self.tree) {
            return Directory { tree, decoded: self.decoded.clone() };
        }
        Directory::new(tree)
    }

    /// The entry of tree `id`, if there is one.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn entry(&self, pager: &Pager, id: TreeId) -> StoreResult<Option<TreeEntry>> {
        if let Some(entry) = self.decoded.read().get(&id) {
            return Ok(Some(entry.clone()));
        }
        let Some(value) = self.tree.get(pager, &id.0.to_be_bytes())? else { return Ok(None) };
        let entry = TreeEntry::decode(pager, id, &value.read(pager)?)?;
        let mut decoded = self.decoded.write();
        if decoded.len() >= DECODED_MAX {
            // Whoever uses more trees than that finds those in use again soon enough.
            decoded.clear();
        }
        decoded.insert(id, entry.clone());
        Ok(Some(entry))
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.tree, formatter)
    }
}

#[cfg(all(test, not(hornbeam_loom)))]
mod tests {
    use super::*;
    use btree::Edit;
    use env::Env;
    use env::memory::MemoryEnv;
    use pager::{Options, OwnerId, PageChanges};
    use std::path::Path;

    fn pager() -> Pager {
        let env = Arc::new(MemoryEnv::new()) as Arc<dyn Env>;
        Pager::create(env, Path::new("directory"), &Options::default()).expect("memory does not fail")
    }

    /// What the entry of a tree without rows says.
    fn entry(id: u64, versioned: bool) -> Vec<u8> {
        let entry = TreeEntry { tree: Tree::empty(id), versioned };
        entry.encode().expect("a tree without rows is stored as nothing")
    }

    fn changed(pager: &Pager, old: &Directory, change: impl FnOnce(&mut Tree, &mut Edit<'_>)) -> Directory {
        let mut tree = old.tree().clone();
        let mut changes = PageChanges::default();
        change(&mut tree, &mut Edit::new(pager, OwnerId(1), 1, &mut changes));
        old.replaced_by(tree)
    }

    fn put(pager: &Pager, old: &Directory, id: u64, bytes: &[u8]) -> Directory {
        changed(pager, old, |tree, edit| {
            tree.insert(edit, &id.to_be_bytes(), bytes).expect("memory does not fail");
        })
    }

    fn versioned(pager: &Pager, directory: &Directory, id: u64) -> Option<bool> {
        let entry = directory.entry(pager, TreeId(id)).expect("memory does not fail")?;
        assert_eq!(entry.tree.id(), id);
        Some(entry.versioned)
    }

    #[test]
    fn each_version_answers_with_its_own_entries_however_often_it_is_asked() {
        let pager = pager();
        let first = put(&pager, &Directory::empty(), 20, &entry(20, true));
        assert_eq!((versioned(&pager, &first, 20), versioned(&pager, &first, 21)), (Some(true), None));
        let second = put(&pager, &put(&pager, &first, 20, &entry(20, false)), 21, &entry(21, true));
        let third = changed(&pager, &second, |tree, edit| {
            tree.delete(edit, &20u64.to_be_bytes()).expect("memory does not fail");
        });
        for _ in 0..2 {
            let all = [&first, &second, &third]
                .map(|directory| [20, 21].map(|id| versioned(&pager, directory, id)));
            assert_eq!(all, [[Some(true), None], [Some(false), Some(true)], [None, Some(true)]]);
        }
    }

    #[test]
    fn what_was_decoded_is_shared_until_the_tree_changes() {
        let pager = pager();
        let first = put(&pager, &Directory::empty(), 20, &entry(20, true));
        versioned(&pager, &first, 20);
        let kept = |directory: &Directory| directory.decoded.read().len();
        assert_eq!([kept(&first), kept(&first.clone()), kept(&changed(&pager, &first, |_, _| {}))], [1; 3]);
        assert_eq!(kept(&put(&pager, &first, 21, &entry(21, true))), 0);
    }

    #[test]
    fn more_trees_than_are_kept_decoded_are_all_found() {
        let pager = pager();
        let ids = 16..16 + 2 * DECODED_MAX as u64 + 10;
        let directory = changed(&pager, &Directory::empty(), |tree, edit| {
            for id in ids.clone() {
                tree.insert(edit, &id.to_be_bytes(), &entry(id, id % 3 == 0)).expect("memory does not fail");
            }
        });
        for _ in 0..2 {
            for id in ids.clone() {
                assert_eq!(versioned(&pager, &directory, id), Some(id % 3 == 0));
                assert!(directory.decoded.read().len() <= DECODED_MAX);
            }
        }
    }

    #[test]
    fn an_entry_that_is_none_is_refused_each_time() {
        let pager = pager();
        let directory = put(&pager, &Directory::empty(), 20, b"no entry");
        for _ in 0..2 {
            assert!(directory.entry(&pager, TreeId(20)).is_err());
            assert_eq!(directory.decoded.read().len(), 0);
        }
    }
}
