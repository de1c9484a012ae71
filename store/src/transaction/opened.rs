//! The trees of its base that a transaction has read.
//!
//! Invariants
//!
//! 1. Each is locked against being dropped, and is as the present base has it: whoever moves the base, or gives such
//!    locks back, clears the list.
//! 2. Ascending by tree, each once. A transaction reads few trees, most of them one: a list costs less than a map.
//! 3. The root pages of the first [`ROOTS_MAX`] are in hand, outside of the cache's budget; of the others none is, however many
//!    trees a transaction reads.

use crate::forest::TreeEntry;
use crate::ids::TreeId;

/// So many root pages a transaction has in hand at most.
const ROOTS_MAX: usize = 16;

/// See the module's text; `None` stands for a tree that the base lacks.
#[derive(Default)]
pub(super) struct OpenedTrees {
    trees: Vec<(TreeId, Option<TreeEntry>)>,
}

impl OpenedTrees {
    /// What was found when the tree was opened; `None` when it was not opened.
    pub(super) fn get(&self, tree: TreeId) -> Option<&Option<TreeEntry>> {
        let index = self.position(tree).ok()?;
        Some(&self.trees[index].1)
    }

    /// Whether the next tree may come with its root page in hand.
    pub(super) fn has_room_for_a_root(&self) -> bool {
        self.trees.len() < ROOTS_MAX
    }

    /// The tree was locked, and this is what the base says of it.
    pub(super) fn insert(&mut self, tree: TreeId, entry: Option<TreeEntry>) {
        match self.position(tree) {
            Ok(index) => self.trees[index].1 = entry,
            Err(index) => self.trees.insert(index, (tree, entry)),
        }
    }

    /// The base has moved, or locks were given back.
    pub(super) fn clear(&mut self) {
        self.trees.clear();
    }

    fn position(&self, tree: TreeId) -> Result<usize, usize> {
        self.trees.binary_search_by_key(&tree, |(known, _)| *known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use btree::Tree;

    #[test]
    fn every_opened_tree_is_found_in_whatever_order_it_was_opened() {
        let mut opened = OpenedTrees::default();
        for id in [30, 10, 20, 40, 20] {
            let entry = TreeEntry { tree: Tree::empty(id), versioned: true };
            opened.insert(TreeId(id), Some(entry));
        }
        opened.insert(TreeId(15), None);
        assert_eq!(opened.trees.len(), 5);
        for id in [10, 20, 30, 40] {
            let found = opened.get(TreeId(id)).expect("was opened").as_ref();
            assert_eq!(found.map(|entry| entry.tree.id()), Some(id));
        }
        assert!(opened.get(TreeId(15)).is_some_and(Option::is_none));
        assert!(opened.get(TreeId(11)).is_none());
        opened.clear();
        assert!(opened.get(TreeId(10)).is_none());
    }
}
