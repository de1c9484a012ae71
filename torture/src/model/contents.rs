//! The logical contents of a database: trees of rows, and what a transaction does to them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A key.
pub type Key = Arc<[u8]>;
/// A value.
pub type Value = Arc<[u8]>;
/// The rows of a tree.
pub type Rows = BTreeMap<Key, Value>;

/// One change of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Sets (`Some`) or removes (`None`) a row.
    Row {
        /// Which tree.
        tree: u64,
        /// Which row.
        key: Key,
        /// Its new value.
        value: Option<Value>,
    },
    /// Makes an empty tree.
    CreateTree(u64),
    /// Drops a tree with all its rows.
    DropTree(u64),
}

/// What a database holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// By tree id. Shared between states that do not differ in it: a copy of the contents costs what is changed in it.
    pub trees: BTreeMap<u64, Arc<Rows>>,
}

impl Contents {
    /// Does what a transaction did.
    pub fn apply(&mut self, effect: &Effect) {
        match effect {
            Effect::Row { tree, key, value } => {
                // A row of a tree that another transaction dropped in between is gone with the tree.
                let Some(rows) = self.trees.get_mut(tree).map(Arc::make_mut) else { return };
                match value {
                    Some(value) => rows.insert(key.clone(), value.clone()),
                    None => rows.remove(key),
                };
            }
            Effect::CreateTree(tree) => {
                self.trees.entry(*tree).or_default();
            }
            Effect::DropTree(tree) => {
                self.trees.remove(tree);
            }
        }
    }

    /// How many rows all trees have together.
    pub fn rows(&self) -> usize {
        self.trees.values().map(|rows| rows.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tree: u64, key: &[u8], value: Option<&[u8]>) -> Effect {
        Effect::Row { tree, key: key.into(), value: value.map(Into::into) }
    }

    #[test]
    fn effects_apply_in_order() {
        let mut contents = Contents::default();
        for effect in [
            Effect::CreateTree(20),
            row(20, b"a", Some(b"1")),
            row(20, b"a", Some(b"2")),
            row(20, b"b", Some(b"3")),
            row(20, b"b", None),
            row(21, b"nowhere", Some(b"x")),
        ] {
            contents.apply(&effect);
        }
        assert_eq!(contents.rows(), 1);
        assert_eq!(&contents.trees[&20][&b"a"[..]][..], b"2");
        contents.apply(&Effect::DropTree(20));
        assert_eq!(contents, Contents::default());
    }
}
