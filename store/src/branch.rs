//! A branch: the private state of a transaction, forked from a version.
//!
//! A branch edits its own copies of the pages it changes and writes down each operation in the bytes that the log
//! will hold. Both are the same fact twice: the trees to read from, the operations to commit and to rebase with.
//!
//! Invariants
//!
//! 1. `trees` holds the trees that differ from the base; everything else is read from the base.
//! 2. `operations` replayed on the base gives `trees`, unless the branch is `by_roots`: then the operations were
//!    dropped because there were too many, and the trees alone count.
//! 3. An edit or a rebase that fails half-way leaves the branch `broken`; only a return to a savepoint mends it.
//! 4. Going back to a savepoint is forgetting: the roots of then are put back, with the base they were made from, and
//!    places taken since are given back. (With another base, what others committed in between would be undone.)
//! 5. Places that a savepoint may need again (`pinned`) stay taken until the transaction ends.

use crate::error::{StoreError, StoreResult};
use crate::forest::TreeEntry;
use crate::forest::Version;
use crate::ids::{DatabaseId, TreeId};
use crate::record::{self, Operation};
use crate::snapshots::Snapshot;
use btree::Edit;
use pager::{FreedPage, FreedRef, OwnerId, PageChanges, PageSet, Pager};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Undo of a statement is kept up to so many bytes; then the roots are kept instead.
const STATEMENT_UNDO_BYTES: usize = 256 << 10;

/// The private state of a transaction.
pub struct Branch {
    /// Who may edit its frames in place.
    pub owner: OwnerId,
    /// The generation in which its pages are born.
    pub birth: u64,
    /// The generation of its oldest own page: a rebase onto others' changes goes on with the pages it has.
    pub oldest_birth: u64,
    /// The version it was forked from, or rebased to.
    pub base: Arc<Version>,
    /// What keeps the pages of `base` from being reused: a snapshot of it, or of an older version.
    pub hold: Snapshot,
    /// The database it works in.
    pub database: DatabaseId,
    /// Trees that differ from the base; `None` stands for a dropped one.
    pub trees: BTreeMap<TreeId, Option<TreeEntry>>,
    /// Places taken and pages given up.
    pub changes: PageChanges,
    /// What it did, as the log will hold it.
    pub operations: Vec<u8>,
    /// How many operations that is.
    pub count: u64,
    /// Whether `operations` was dropped.
    pub by_roots: bool,
    /// Sequences it dropped.
    pub dropped_sequences: Vec<u64>,
    /// Held by every scan of the branch's own pages: as long as one lives, pages are retired rather than given back.
    pub readers: Arc<()>,
    /// Places that trees of a savepoint may refer to.
    pinned: PageSet,
    has_savepoints: bool,
    broken: bool,
    statement: Option<StatementUndo>,
}

/// What a return to a savepoint puts back.
#[derive(Clone)]
pub struct SavedState {
    base: Arc<Version>,
    hold: Snapshot,
    birth: u64,
    oldest_birth: u64,
    trees: BTreeMap<TreeId, Option<TreeEntry>>,
    freed: Vec<FreedPage>,
    allocated: PageSet,
    operations: usize,
    count: u64,
    by_roots: bool,
    dropped_sequences: usize,
}

impl SavedState {
    /// How many bytes of operations belong to this state.
    pub fn operations_length(&self) -> usize {
        self.operations
    }
}

/// How to undo the statement that is running.
#[derive(Default)]
struct StatementUndo {
    steps: Vec<UndoStep>,
    bytes: usize,
    operations: usize,
    count: u64,
    by_roots: bool,
    /// The roots, once the steps alone no longer suffice: taken after the last step.
    state: Option<SavedState>,
}

struct UndoStep {
    tree: TreeId,
    key: Vec<u8>,
    old: Option<Vec<u8>>,
}

impl Branch {
    /// A branch off `base` that has changed nothing.
    pub fn new(owner: OwnerId, birth: u64, hold: Snapshot, database: DatabaseId) -> Branch {
        Branch {
            owner,
            birth,
            oldest_birth: birth,
            base: hold.version().clone(),
            hold,
            database,
            trees: BTreeMap::new(),
            changes: PageChanges::default(),
            operations: Vec::new(),
            count: 0,
            by_roots: false,
            dropped_sequences: Vec::new(),
            readers: Arc::new(()),
            pinned: PageSet::new(),
            has_savepoints: false,
            broken: false,
            statement: None,
        }
    }

    /// Whether it has changed anything.
    pub fn is_clean(&self) -> bool {
        self.count == 0
    }

    /// Whether the pages that it makes are younger than the last branching of its database as of `target`. If not, they
    /// would be taken for shared ones, so the branch must be made anew.
    pub fn birth_is_current(&self, target: &Version) -> bool {
        match target.forest.database(self.database) {
            Ok(database) => self.oldest_birth > target.forest.lineage.point(database.node),
            Err(_) => false,
        }
    }

    /// A rebase has failed half-way.
    pub fn set_broken(&mut self) {
        self.broken = true;
    }

    /// Takes in places that its pages were written to.
    pub fn took(&mut self, pages: &PageSet) {
        self.changes.allocated.union(pages);
        if self.has_savepoints {
            // Some of the pages may be those of a savepoint.
            self.pinned.union(pages);
        }
    }

    /// Whether a failed edit or rebase has left it unusable.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The tree as the branch sees it.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn entry(&self, pager: &Pager, tree: TreeId) -> StoreResult<Option<TreeEntry>> {
        if let Some(entry) = self.trees.get(&tree) {
            return Ok(entry.clone());
        }
        self.base.forest.database(self.database)?.tree(pager, tree)
    }

    /// Carries out one operation and writes it down.
    ///
    /// # Errors
    /// When a page cannot be read or written, or the tree does not exist.
    pub fn apply(&mut self, pager: &Pager, operation: &Operation<'_>) -> StoreResult<()> {
        self.remember_for_statement(pager, operation)?;
        let result = self.carry_out(pager, operation);
        if result.is_err() {
            self.broken = true;
            return result;
        }
        if !self.by_roots {
            record::encode_operation(operation, &mut self.operations);
        }
        if let Operation::DropSequence { sequence } = operation {
            self.dropped_sequences.push(*sequence);
        }
        self.count += 1;
        Ok(())
    }

    /// Applies an operation to the trees alone; also how a rebase and a recovery apply what is written down already.
    pub fn carry_out(&mut self, pager: &Pager, operation: &Operation<'_>) -> StoreResult<()> {
        match *operation {
            Operation::Put { tree, key, value } => {
                let (entry, mut edit) = self.touch(pager, TreeId(tree))?;
                entry.tree.insert(&mut edit, key, value)?;
            }
            Operation::Delete { tree, key } => {
                let (entry, mut edit) = self.touch(pager, TreeId(tree))?;
                entry.tree.delete(&mut edit, key)?;
            }
            Operation::DeleteRange { tree, from, to } => {
                let (entry, mut edit) = self.touch(pager, TreeId(tree))?;
                entry.tree.delete_range(&mut edit, from, to)?;
            }
            Operation::CreateTree { tree, versioned } => {
                let entry = TreeEntry { tree: btree::Tree::empty(tree), versioned };
                self.trees.insert(TreeId(tree), Some(entry));
            }
            Operation::DropTree { tree } => {
                let (entry, mut edit) = self.touch(pager, TreeId(tree))?;
                entry.tree.free_all(&mut edit)?;
                self.trees.insert(TreeId(tree), None);
            }
            Operation::DropSequence { .. } => {}
        }
        Ok(())
    }

    /// The tree to be changed, as the branch's own, and the means to change it.
    pub fn touch<'a>(
        &'a mut self,
        pager: &'a Pager,
        tree: TreeId,
    ) -> StoreResult<(&'a mut TreeEntry, Edit<'a>)> {
        if !self.trees.contains_key(&tree) {
            let entry = self.base.forest.database(self.database)?.tree(pager, tree)?;
            self.trees.insert(tree, entry);
        }
        let edit = Edit::new(pager, self.owner, self.birth, &mut self.changes);
        match self.trees.get_mut(&tree) {
            Some(Some(entry)) => Ok((entry, edit)),
            _ => Err(StoreError::NoSuchTree { tree }),
        }
    }

    /// The state to come back to.
    pub fn save(&mut self) -> SavedState {
        self.pinned.union(&self.changes.allocated);
        self.has_savepoints = true;
        SavedState {
            base: self.base.clone(),
            hold: self.hold.clone(),
            birth: self.birth,
            oldest_birth: self.oldest_birth,
            trees: self.trees.clone(),
            freed: self.changes.freed.clone(),
            allocated: self.changes.allocated.clone(),
            operations: self.operations.len(),
            count: self.count,
            by_roots: self.by_roots,
            dropped_sequences: self.dropped_sequences.len(),
        }
    }

    /// Goes back to `state`. The operations since are forgotten; places taken since are given back.
    pub fn restore(&mut self, pager: &Pager, state: &SavedState) -> StoreResult<()> {
        // Pages that were made before the savepoint may have been written since: those the savepoint still needs.
        let mut needed = state.allocated.clone();
        for entry in state.trees.values().flatten() {
            entry.tree.written_frames(self.owner, &mut |page| {
                needed.insert(page);
            });
        }
        let mut taken_since = std::mem::take(&mut self.changes.allocated);
        taken_since.difference(&needed);
        self.trees = state.trees.clone();
        self.changes.freed = state.freed.clone();
        self.pinned.union(&needed);
        self.changes.allocated = needed;
        self.let_go(pager, &taken_since)?;
        self.base = state.base.clone();
        self.hold = state.hold.clone();
        self.birth = state.birth;
        self.oldest_birth = state.oldest_birth;
        assert!(state.operations <= self.operations.len(), "operations before a savepoint are kept");
        self.operations.truncate(state.operations);
        self.by_roots = state.by_roots;
        self.count = state.count;
        self.dropped_sequences.truncate(state.dropped_sequences);
        self.broken = false;
        self.statement = None;
        Ok(())
    }

    /// Forgets the trees, so that they can be made anew on another base. Places that no savepoint needs are given back;
    /// the others stay taken, and count as given up.
    ///
    /// # Errors
    /// As [`Branch::let_go`].
    pub fn forget_trees(&mut self, pager: &Pager) -> StoreResult<()> {
        self.trees.clear();
        let mut unneeded = std::mem::take(&mut self.changes).allocated;
        let mut needed = unneeded.clone();
        unneeded.difference(&self.pinned);
        needed.difference(&unneeded);
        self.let_go(pager, &unneeded)?;
        // Nobody shares them, whatever has been branched since they were made.
        let birth = u64::MAX;
        self.changes.freed =
            needed.iter().map(|page| FreedPage { page: FreedRef::Stored(page), birth }).collect();
        self.changes.allocated = needed;
        Ok(())
    }

    /// Everything the branch took from the file is given back; it must not be used afterwards.
    pub fn abandon(&mut self, pager: &Pager) {
        self.trees.clear();
        let taken = std::mem::take(&mut self.changes).allocated;
        // A page that is found to be free already is damage that the next check or checkpoint reports.
        drop(self.let_go(pager, &taken));
    }

    /// Pages that the branch took and needs no more: free at once, unless a scan of the branch may still read them.
    ///
    /// # Errors
    /// When the pager finds that a page was free already: the file is damaged.
    pub fn let_go(&self, pager: &Pager, pages: &PageSet) -> StoreResult<()> {
        if pages.is_empty() {
            return Ok(());
        }
        if Arc::strong_count(&self.readers) == 1 {
            return Ok(pager.give_back(pages)?);
        }
        // The branch's own snapshot holds the horizon at or below its base until the transaction and its scans end.
        let retired =
            pages.iter().map(|number| FreedPage { page: FreedRef::Stored(number), birth: self.birth });
        pager.retire(retired.collect(), self.base.commit.0 + 1);
        Ok(())
    }

    /// A statement begins: [`Branch::undo_statement`] will undo what follows.
    pub fn begin_statement(&mut self) {
        let undo = StatementUndo {
            operations: self.operations.len(),
            count: self.count,
            by_roots: self.by_roots,
            ..StatementUndo::default()
        };
        self.statement = Some(undo);
    }

    /// The statement succeeded.
    pub fn end_statement(&mut self) {
        self.statement = None;
    }

    /// Undoes what was done since [`Branch::begin_statement`].
    ///
    /// # Errors
    /// When a page cannot be read; the branch is then broken.
    pub fn undo_statement(&mut self, pager: &Pager) -> StoreResult<()> {
        let Some(mut undo) = self.statement.take() else { return Ok(()) };
        match &mut undo.state {
            Some(state) => {
                // What the statement wrote down may have been dropped since; it is forgotten below in any case.
                state.operations = undo.operations;
                self.restore(pager, state)?;
            }
            None if self.broken => return Err(StoreError::Ended),
            None => {}
        }
        for step in undo.steps.iter().rev() {
            let key = &step.key;
            let tree = step.tree.0;
            let operation = match &step.old {
                Some(value) => Operation::Put { tree, key, value },
                None => Operation::Delete { tree, key },
            };
            if let Err(error) = self.carry_out(pager, &operation) {
                self.broken = true;
                return Err(error);
            }
        }
        self.operations.truncate(undo.operations);
        self.count = undo.count;
        self.by_roots = undo.by_roots;
        Ok(())
    }

    /// From here on the trees alone count: forgets the operations behind `keep`, the length up to which a savepoint
    /// may still bring them back (invariant 2).
    pub fn drop_operations(&mut self, keep: usize) {
        let statement = self.statement.as_ref().map_or(0, |undo| undo.operations);
        self.operations.truncate(keep.max(statement));
        self.operations.shrink_to_fit();
        self.by_roots = true;
    }

    fn remember_for_statement(&mut self, pager: &Pager, operation: &Operation<'_>) -> StoreResult<()> {
        let Some(undo) = &self.statement else { return Ok(()) };
        if undo.state.is_some() {
            return Ok(());
        }
        let (tree, key) = match *operation {
            Operation::Put { tree, key, .. } | Operation::Delete { tree, key }
                if undo.bytes < STATEMENT_UNDO_BYTES =>
            {
                (TreeId(tree), key)
            }
            Operation::Put { .. }
            | Operation::Delete { .. }
            | Operation::DeleteRange { .. }
            | Operation::CreateTree { .. }
            | Operation::DropTree { .. }
            | Operation::DropSequence { .. } => {
                let state = self.save();
                if let Some(undo) = &mut self.statement {
                    undo.state = Some(state);
                }
                return Ok(());
            }
        };
        let old = match self.entry(pager, tree)? {
            Some(entry) => match entry.tree.get(pager, key)? {
                Some(value) => Some(value.read(pager)?),
                None => None,
            },
            None => None,
        };
        if let Some(undo) = &mut self.statement {
            undo.bytes += key.len() + old.as_ref().map_or(0, Vec::len) + 64;
            undo.steps.push(UndoStep { tree, key: key.to_vec(), old });
        }
        Ok(())
    }
}
