//! A branch: the private state of a transaction, forked from a version.
//!
//! A branch edits its own copies of the pages it changes and writes down each operation in the bytes that the log
//! will hold. Both are the same fact twice: the trees to read from, the operations to commit and to rebase with.
//!
//! Invariants
//!
//! 1. `trees` holds the trees that differ from the base; everything else is read from the base, but for the trees that are
//!    `behind`: those were changed on an older base, and differ from this one by their operations. Whoever asks for one has
//!    it made first ([`Branch::bring_up`]), so a transaction that goes from statement to statement, each on a newer base,
//!    carries out again what it looks at, and the rest once, when it commits.
//! 2. `operations` replayed on the base gives `trees`, unless the branch is `by_roots`: then the operations were
//!    dropped because there were too many, and the trees alone count; none is behind then.
//! 3. An edit, a spill or a rebase that fails leaves the branch with the rows that it had, and a tree that cannot be brought up
//!    stays behind. Its base is the old one then, unless all that failed was giving back what it had made on that
//!    ([`Branch::fall_behind`]). Only an undoing of a statement may fail half-way: the branch is then `broken` until the undoing is
//!    tried again and succeeds, or until a return to a savepoint.
//! 4. Going back to a savepoint is forgetting: the roots of then are put back, with the base they were made from, and
//!    places taken since are given back. (With another base, what others committed in between would be undone.)
//! 5. Places that a savepoint may need again (`pinned`) stay taken until the transaction ends.
//! 6. A place to which neither the trees nor a savepoint, a running statement or a reader refer is used again before the
//!    transaction ends (`places`).

mod places;
mod statement;

use crate::error::{StoreError, StoreResult};
use crate::forest::TreeEntry;
use crate::forest::Version;
use crate::freed::Settled;
use crate::ids::{CommitNumber, DatabaseId, TreeId};
use crate::recent::MovedRow;
use crate::record::{self, Operation};
use crate::snapshots::Snapshot;
use btree::{Edit, RunRow, Taken, Value};
use pager::{FreedPage, FreedRef, OwnerId, PageChanges, PageSet, Pager};
use places::{Places, Reference};
use statement::{StatementMark, StatementUndo};

pub use places::Reading;
use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The private state of a transaction.
pub struct Branch {
    /// Who may edit its frames in place.
    pub owner: OwnerId,
    /// The generation in which its pages are born. Those from before a rebase onto others' changes are older; but its
    /// database was not branched in between, or they would have been made anew.
    pub birth: u64,
    /// The version it was forked from, or rebased to.
    pub base: Arc<Version>,
    /// What keeps the pages of `base` from being reused: a snapshot of it, or of an older version.
    pub hold: Snapshot,
    /// The database it works in.
    pub database: DatabaseId,
    /// Trees that differ from the base; `None` stands for a dropped one.
    pub trees: BTreeMap<TreeId, Option<TreeEntry>>,
    /// Trees that differ from the base by their operations, and are yet to be made.
    behind: BTreeSet<TreeId>,
    /// Places taken and pages given up.
    pub changes: PageChanges,
    /// The pages given up before the last savepoint; those since are in `changes`.
    settled: Settled,
    /// What it did, as the log will hold it.
    pub operations: Vec<u8>,
    /// How many operations that is.
    pub count: u64,
    /// Whether `operations` was dropped.
    pub by_roots: bool,
    /// Sequences it dropped.
    pub dropped_sequences: Vec<u64>,
    /// Rows that it removed because they go on in another tree.
    pub moved: Vec<MovedRow>,
    /// Held by every scan of the branch's own pages: as long as one lives, pages are retired rather than given back.
    /// `None` before the first: most transactions have no scan.
    readers: Option<Arc<()>>,
    /// No snapshot that came with such a token is newer. The base may have gone back since.
    newest_read: CommitNumber,
    /// Places that trees of a savepoint may refer to.
    pinned: PageSet,
    /// When its places may be taken again.
    places: Places,
    has_savepoints: bool,
    broken: bool,
    /// The statements that are running, each within the one before: a statement calls functions, whose statements are some too.
    statements: Vec<StatementUndo>,
    /// The number of the next one.
    next_statement: u64,
}

/// What a return to a savepoint puts back.
#[derive(Clone)]
pub struct SavedState {
    _reference: Reference,
    base: Arc<Version>,
    hold: Snapshot,
    birth: u64,
    trees: BTreeMap<TreeId, Option<TreeEntry>>,
    behind: BTreeSet<TreeId>,
    freed: Settled,
    allocated: PageSet,
    operations: usize,
    count: u64,
    by_roots: bool,
    dropped_sequences: usize,
    moved: usize,
    statements: Vec<StatementMark>,
}

impl SavedState {
    /// How many bytes of operations belong to this state.
    pub fn operations_length(&self) -> usize {
        self.operations
    }
}

impl Branch {
    /// A branch off the version of `hold` that has changed nothing.
    pub fn new(owner: OwnerId, hold: Snapshot, database: DatabaseId) -> Branch {
        Branch::on(owner, hold.version().clone(), hold, database)
    }

    /// A branch off `base` that has changed nothing. `hold` keeps the pages of that version, or of an older one.
    pub fn on(owner: OwnerId, base: Arc<Version>, hold: Snapshot, database: DatabaseId) -> Branch {
        Branch {
            owner,
            birth: base.forest.lineage.generation(),
            base,
            hold,
            database,
            trees: BTreeMap::new(),
            behind: BTreeSet::new(),
            changes: PageChanges::default(),
            settled: Settled::default(),
            operations: Vec::new(),
            count: 0,
            by_roots: false,
            dropped_sequences: Vec::new(),
            moved: Vec::new(),
            readers: None,
            newest_read: CommitNumber::default(),
            pinned: PageSet::new(),
            places: Places::new(),
            has_savepoints: false,
            broken: false,
            statements: Vec::new(),
            next_statement: 0,
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
            Ok(database) => self.birth > target.forest.lineage.point(database.node),
            Err(_) => false,
        }
    }

    /// Whether a failed undoing has left it unusable (invariant 3).
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The tree as the branch sees it.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn entry(&mut self, pager: &Pager, tree: TreeId) -> StoreResult<Option<TreeEntry>> {
        self.bring_up(pager, tree)?;
        if let Some(entry) = self.trees.get(&tree) {
            return Ok(entry.clone());
        }
        self.base.forest.database(self.database)?.tree(pager, tree)
    }

    /// The tree as the branch sees it. Clones no entry of the branch's own, see [`Branch::is_versioned`].
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn tree(&mut self, pager: &Pager, tree: TreeId) -> StoreResult<Option<Cow<'_, TreeEntry>>> {
        self.bring_up(pager, tree)?;
        Ok(match self.trees.get(&tree) {
            Some(own) => own.as_ref().map(Cow::Borrowed),
            None => self.base.forest.database(self.database)?.tree(pager, tree)?.map(Cow::Owned),
        })
    }

    /// A value as the branch sees it.
    fn value(&mut self, pager: &Pager, tree: TreeId, key: &[u8]) -> StoreResult<Option<Value>> {
        Ok(match self.tree(pager, tree)? {
            Some(entry) => entry.tree.get(pager, key)?,
            None => None,
        })
    }

    /// Whether the rows of `tree`, as the branch sees it, carry their writer; `None` when it does not exist. Clones no
    /// entry: that of a tree that is being written shares its root, and counting the reference costs as much as a search.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn is_versioned(&mut self, pager: &Pager, tree: TreeId) -> StoreResult<Option<bool>> {
        self.bring_up(pager, tree)?;
        match self.trees.get(&tree) {
            Some(own) => Ok(own.as_ref().map(|entry| entry.versioned)),
            None => Ok(self.entry(pager, tree)?.map(|entry| entry.versioned)),
        }
    }

    /// Carries out one operation and writes it down; answers whether there was anything to do: not if a row that is not
    /// there was to be deleted.
    ///
    /// # Errors
    /// When a page cannot be read or written, or the tree does not exist. The branch is then as it was.
    pub fn apply(&mut self, pager: &Pager, operation: &Operation<'_>) -> StoreResult<bool> {
        self.remember_for_statement(pager, operation)?;
        // A step that is remembered for an operation that then fails, or does nothing, puts back what is there.
        if !self.carry_out(pager, operation)? {
            return Ok(false);
        }
        self.done(operation);
        if let Operation::DropSequence { sequence } = operation {
            self.dropped_sequences.push(*sequence);
        }
        Ok(true)
    }

    /// Writes down what was carried out.
    fn done(&mut self, operation: &Operation<'_>) {
        if !self.by_roots {
            record::encode_operation(operation, &mut self.operations);
        }
        self.count += 1;
    }

    /// Puts rows in that are not there, their keys going up, and writes that down.
    ///
    /// # Errors
    /// When a page cannot be read or written, or the tree does not exist. The branch then has the rows before the one that
    /// failed.
    pub fn put_run(&mut self, pager: &Pager, tree: TreeId, rows: &[RunRow<'_>]) -> StoreResult<()> {
        self.remember_new(tree, rows);
        let (entry, mut edit) = self.touch(pager, tree)?;
        let before = entry.tree.len();
        let (done, result) = entry.tree.insert_run(&mut edit, rows);
        debug_assert_eq!(entry.tree.len() - before, done as u64, "the rows of a run are new");
        if !self.by_roots {
            for RunRow { key, value } in &rows[..done] {
                record::encode_operation(&Operation::Put { tree: tree.0, key, value }, &mut self.operations);
            }
        }
        self.count += done as u64;
        Ok(result?)
    }

    /// Puts a row in unless its key is there, and writes that down; answers whether it is in.
    ///
    /// # Errors
    /// As [`Branch::apply`].
    pub fn put_new(&mut self, pager: &Pager, tree: TreeId, row: RunRow<'_>) -> StoreResult<bool> {
        // The state that a statement goes back to is that before the row; a step is kept only of a row that is in.
        let by_steps = self.takes_steps();
        let (entry, mut edit) = self.touch(pager, tree)?;
        if !entry.tree.insert_new(&mut edit, row.key, row.value)? {
            return Ok(false);
        }
        // Nothing fails from here on.
        if by_steps {
            self.remember_steps(tree, &[row]);
        }
        if !self.by_roots {
            let RunRow { key, value } = row;
            record::encode_operation(&Operation::Put { tree: tree.0, key, value }, &mut self.operations);
        }
        self.count += 1;
        Ok(true)
    }

    /// Removes a row of a tree that the branch has changed before, and writes that down; what was stored is appended to `stored`. One
    /// that cannot be handed over so, or is not there, stays as it is: `false`.
    ///
    /// # Errors
    /// As [`Branch::apply`].
    pub fn take(
        &mut self,
        pager: &Pager,
        tree: TreeId,
        key: &[u8],
        stored: &mut Vec<u8>,
    ) -> StoreResult<bool> {
        self.bring_up(pager, tree)?;
        // A tree that stays as it is does not become one of ours.
        if !self.trees.contains_key(&tree) {
            return Ok(false);
        }
        // As in `put_new`: what is taken is what the step needs, so nothing is looked up for it.
        let by_steps = self.takes_steps();
        let before = stored.len();
        let (entry, mut edit) = self.touch(pager, tree)?;
        match entry.tree.take(&mut edit, key, stored)? {
            Taken::Row => {}
            Taken::Nothing | Taken::Elsewhere => return Ok(false),
        }
        // Nothing fails from here on.
        if by_steps {
            self.remember_was(tree, key, Some(stored[before..].to_vec()));
        }
        self.done(&Operation::Delete { tree: tree.0, key });
        Ok(true)
    }

    /// Applies an operation to the trees alone; also how a rebase and a recovery apply what is written down already. The
    /// answer is that of [`Branch::apply`].
    ///
    /// # Errors
    /// When a page cannot be read or written, or the tree does not exist. The trees then have the rows they had.
    pub fn carry_out(&mut self, pager: &Pager, operation: &Operation<'_>) -> StoreResult<bool> {
        match *operation {
            Operation::Put { tree, key, value } => {
                let (entry, mut edit) = self.touch(pager, TreeId(tree))?;
                entry.tree.insert(&mut edit, key, value)?;
            }
            Operation::Delete { tree, key } => {
                let id = TreeId(tree);
                self.bring_up(pager, id)?;
                if !self.trees.contains_key(&id) {
                    let before = self.base.forest.database(self.database)?.tree(pager, id)?;
                    if !before.ok_or(StoreError::NoSuchTree { tree: id })?.tree.contains(pager, key)? {
                        // A tree that stays as it is does not become one of ours.
                        return Ok(false);
                    }
                }
                let (entry, mut edit) = self.touch(pager, id)?;
                return Ok(entry.tree.delete(&mut edit, key)?);
            }
            Operation::DeleteRange { tree, from, to } => {
                let (entry, mut edit) = self.touch(pager, TreeId(tree))?;
                entry.tree.delete_range(&mut edit, from, to)?;
            }
            Operation::CreateTree { tree, versioned } => {
                debug_assert!(!self.behind.contains(&TreeId(tree)), "a new tree has a new number");
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
        Ok(true)
    }

    /// The tree to be changed, as the branch's own, and the means to change it.
    pub fn touch<'a>(
        &'a mut self,
        pager: &'a Pager,
        tree: TreeId,
    ) -> StoreResult<(&'a mut TreeEntry, Edit<'a>)> {
        self.bring_up(pager, tree)?;
        let own = match self.trees.entry(tree) {
            Entry::Occupied(own) => own.into_mut(),
            Entry::Vacant(place) => {
                let entry = self.base.forest.database(self.database)?.tree(pager, tree)?;
                place.insert(Some(entry.ok_or(StoreError::NoSuchTree { tree })?))
            }
        };
        let edit = Edit::new(pager, self.owner, self.birth, &mut self.changes);
        match own {
            Some(entry) => Ok((entry, edit)),
            None => Err(StoreError::NoSuchTree { tree }),
        }
    }

    /// The pages that it has given up.
    pub fn freed(&self) -> Vec<FreedPage> {
        self.settled.pages().chain(&self.changes.freed).cloned().collect()
    }

    /// Pages that are not asked for were not given up after all.
    pub fn retain_freed(&mut self, keep: impl Fn(&FreedPage) -> bool) {
        self.settled.retain(&keep);
        self.changes.freed.retain(&keep);
    }

    /// The state to come back to.
    pub fn save(&mut self) -> SavedState {
        let reference = self.refer_as_state();
        self.pinned.union(&self.changes.allocated);
        self.has_savepoints = true;
        self.settled.add(std::mem::take(&mut self.changes.freed));
        self.places.settled();
        SavedState {
            _reference: reference,
            statements: self.statement_marks(),
            base: self.base.clone(),
            hold: self.hold.clone(),
            birth: self.birth,
            trees: self.trees.clone(),
            behind: self.behind.clone(),
            freed: self.settled.clone(),
            allocated: self.changes.allocated.clone(),
            operations: self.operations.len(),
            count: self.count,
            by_roots: self.by_roots,
            dropped_sequences: self.dropped_sequences.len(),
            moved: self.moved.len(),
        }
    }

    /// Goes back to `state`. The operations since are forgotten; places taken since are given back.
    ///
    /// # Errors
    /// As [`Branch::let_go`]; the branch has gone back nevertheless.
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
        self.places.forget();
        self.trees = state.trees.clone();
        self.behind = state.behind.clone();
        self.changes.freed.clear();
        self.settled = state.freed.clone();
        self.pinned.union(&needed);
        self.changes.allocated = needed;
        self.base = state.base.clone();
        self.hold = state.hold.clone();
        self.birth = state.birth;
        assert!(state.operations <= self.operations.len(), "operations before a savepoint are kept");
        self.operations.truncate(state.operations);
        self.by_roots = state.by_roots;
        self.count = state.count;
        self.dropped_sequences.truncate(state.dropped_sequences);
        self.moved.truncate(state.moved);
        self.broken = false;
        self.go_back_in_statements(&state.statements);
        self.let_go(pager, &taken_since)
    }

    /// Moves to `base`, on which the branch's trees are yet to be made, as born in `generation`. Those of now are forgotten:
    /// places that no savepoint needs are given back; the others stay taken, and count as given up.
    ///
    /// # Errors
    /// As [`Branch::let_go`]; the branch has moved nevertheless.
    pub fn fall_behind(&mut self, pager: &Pager, base: &Arc<Version>, generation: u64) -> StoreResult<()> {
        debug_assert!(self.is_clean() || !self.by_roots, "invariant 2: there is nothing to make them of");
        let trees = std::mem::take(&mut self.trees);
        if self.is_clean() {
            // Trees that were changed and changed back are those of the base.
            self.behind.clear();
        } else {
            self.behind.extend(trees.keys());
        }
        drop(trees);
        self.base = base.clone();
        self.birth = generation;
        self.places.forget();
        self.settled = Settled::default();
        let mut unneeded = std::mem::take(&mut self.changes).allocated;
        let mut needed = unneeded.clone();
        unneeded.difference(&self.pinned);
        needed.difference(&unneeded);
        // Nobody shares them, whatever has been branched since they were made.
        let birth = u64::MAX;
        let given_up = needed.iter().map(|page| FreedPage { page: FreedRef::Stored(page), birth });
        self.changes.freed.extend(given_up);
        self.changes.allocated.union(&needed);
        self.let_go(pager, &unneeded)
    }

    /// Makes a tree that is behind: carries out its operations on the base.
    ///
    /// # Errors
    /// When a page cannot be read or written, or the tree is gone. It is behind then, as before.
    #[inline]
    pub fn bring_up(&mut self, pager: &Pager, tree: TreeId) -> StoreResult<()> {
        if self.behind.is_empty() || !self.behind.remove(&tree) {
            return Ok(());
        }
        self.make(pager, BTreeSet::from([tree]))
    }

    /// Whether no tree is behind.
    pub fn is_brought_up(&self) -> bool {
        self.behind.is_empty()
    }

    /// Makes all trees that are behind.
    ///
    /// # Errors
    /// As [`Branch::bring_up`], of all of them.
    pub fn bring_all_up(&mut self, pager: &Pager) -> StoreResult<()> {
        if self.behind.is_empty() {
            return Ok(());
        }
        let trees = std::mem::take(&mut self.behind);
        self.make(pager, trees)
    }

    fn make(&mut self, pager: &Pager, trees: BTreeSet<TreeId>) -> StoreResult<()> {
        let (freed, allocated) = (self.changes.freed.len(), self.changes.allocated.clone());
        let operations = std::mem::take(&mut self.operations);
        let result = record::operations(&operations).try_for_each(|operation| {
            let operation = operation.expect("a branch wrote these operations itself");
            match operation.tree() {
                Some(tree) if trees.contains(&TreeId(tree)) => self.carry_out(pager, &operation).map(drop),
                Some(_) | None => Ok(()),
            }
        });
        self.operations = operations;
        if result.is_err() {
            self.trees.retain(|tree, _| !trees.contains(tree));
            self.changes.freed.truncate(freed);
            self.behind.extend(trees);
            let mut taken = std::mem::replace(&mut self.changes.allocated, allocated);
            taken.difference(&self.changes.allocated);
            self.let_go(pager, &taken)?;
        }
        result
    }

    /// Whether a tree differs from the base, as far as that is known without looking.
    pub fn has_changed(&self, tree: TreeId) -> bool {
        self.trees.contains_key(&tree) || self.behind.contains(&tree)
    }

    /// Everything the branch took from the file is given back; it must not be used afterwards.
    pub fn abandon(&mut self, pager: &Pager) {
        self.trees.clear();
        self.behind.clear();
        let taken = std::mem::take(&mut self.changes).allocated;
        // A page that is found to be free already is damage that the next check or checkpoint reports.
        drop(self.give_back_free(pager));
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
        if self.readers.as_ref().is_none_or(|readers| Arc::strong_count(readers) == 1) {
            return Ok(pager.give_back(pages)?);
        }
        // The readers' snapshots hold the horizon below this until the last of them has gone. Not the base's number: a
        // reader may have come at a later base, which was left again for that of a savepoint.
        let retired =
            pages.iter().map(|number| FreedPage { page: FreedRef::Stored(number), birth: self.birth });
        pager.retire(retired.collect(), self.newest_read.next().0);
        Ok(())
    }

    /// From here on the trees alone count: forgets the operations behind `keep`, the length up to which a savepoint
    /// may still bring them back (invariant 2).
    ///
    /// # Errors
    /// As [`Branch::bring_up`]; nothing is forgotten then.
    pub fn drop_operations(&mut self, pager: &Pager, keep: usize) -> StoreResult<()> {
        self.bring_all_up(pager)?;
        self.operations.truncate(keep.max(self.operations_before_statement()));
        self.operations.shrink_to_fit();
        self.by_roots = true;
        Ok(())
    }
}
