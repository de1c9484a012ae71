//! What the session remembers of sequences that were set.

use catalog::Oid;
use catalog::object::Sequence;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sequences that were set and whose entries do not say so.
#[derive(Debug, Clone, Default)]
pub struct Sets {
    /// Temporary ones, by the trees that their entries have.
    pub(crate) temporary: BTreeMap<u64, Set>,
    /// Those that the session's own transaction has made or changed, and those whose new entry it does not see yet: as long
    /// as it lasts.
    pub(crate) within: BTreeMap<u64, Set>,
    /// Those that others have changed since the transaction's view of the catalog, by the trees that they have there: as long as
    /// it lasts.
    pub(crate) newer: BTreeMap<u64, Arc<Sequence>>,
}

/// How a sequence counts since it was set.
#[derive(Debug, Clone, Copy)]
pub struct Set {
    /// Which sequence.
    pub sequence: Oid,
    /// Whether its entry says it already.
    pub entered: bool,
    pub(crate) tree: u64,
    pub(crate) first: i64,
    pub(crate) before: (i64, bool),
}

impl Sets {
    /// What was set in the transaction that is not entered with each sequence, by the trees that their entries have.
    pub fn within(&self) -> BTreeMap<u64, Set> {
        self.within.clone()
    }

    /// The transaction is over.
    pub fn end_transaction(&mut self) {
        self.within.clear();
        self.newer.clear();
    }

    /// A sequence as it counts now.
    pub fn as_set<'s>(&'s self, sequence: &'s Sequence) -> Cow<'s, Sequence> {
        let tree = sequence.tree;
        let sequence = self.newer.get(&tree).map_or(sequence, |newer| newer);
        match self.temporary.get(&tree).or_else(|| self.within.get(&tree)) {
            Some(Set { tree, first, before, .. }) => {
                let (tree, first, before) = (*tree, *first, *before);
                Cow::Owned(Sequence { tree, first, before, ..sequence.clone() })
            }
            None => Cow::Borrowed(sequence),
        }
    }
}
