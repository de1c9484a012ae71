//! Rebase: bringing a branch onto a newer version, by applying the smaller side.
//!
//! Either the branch's own operations are carried out again on the newer version's trees, each tree when somebody asks for
//! it ([`Branch::bring_up`]), or what others changed since the base is carried out on the branch's trees, found by
//! comparing base and target and skipping what they share. So a one-row commit beside a bulk load costs one row, whichever
//! of the two commits first.
//!
//! Invariants
//!
//! 1. The two sides touch different keys: conflicts were decided by locks and version checks before.
//! 2. Afterwards the branch's trees are reached from nothing that the target has given up. A page of the base that the
//!    target no longer has (`only_in_base`) was retired by another commit: the branch copies it if it still refers to
//!    it, and never gives it up a second time.
//! 3. Afterwards the branch gives up exactly the target's pages that its trees do not refer to.
//! 4. A row that both sides have although the target's lies elsewhere was moved by a vacuum: whoever rebases goes along with
//!    it, or gives up the new pages in place of the old ones. Its writer tells it from a row that was changed.
//! 5. A failed rebase leaves the branch with the rows that it had: as it was, on its old base, or on the new one with its trees
//!    behind, if all that failed was giving back what it had made on the old one.

use crate::branch::Branch;
use crate::error::{StoreError, StoreResult};
use crate::forest::{TreeEntry, Version};
use crate::ids::TreeId;
use crate::labels;
use crate::row;
use btree::{Change, DiffVisitor, Edit, TreeError, Value};
use env::Env;
use pager::{FreedPage, FreedRef, PageRef, Pager};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Brings `branch` onto `target`, which is newer than its base. Trees may be behind afterwards.
///
/// # Errors
/// When a page cannot be read or written, or a tree that the branch changed is gone.
pub fn rebase(env: &dyn Env, pager: &Pager, branch: &mut Branch, target: &Arc<Version>) -> StoreResult<()> {
    assert!(branch.base.commit <= target.commit, "a branch is only ever rebased forwards");
    let generation = target.forest.lineage.generation();
    if branch.is_clean() {
        // Trees that were changed and changed back are of the old base still: they are forgotten like the rest.
        return branch.fall_behind(pager, target, generation);
    }
    let others = target.operations - branch.base.operations;
    if branch.by_roots || (others < branch.count && branch.birth_is_current(target)) {
        env.reached(&labels::REBASED_OTHERS);
        apply_others(pager, branch, target)
    } else {
        env.reached(&labels::REBASED_OWN);
        branch.fall_behind(pager, target, generation)
    }
}

/// Has the pages of `branch` made anew, on the base that it has, as born in the generation of `newest`.
///
/// # Errors
/// As [`Branch::fall_behind`].
pub fn renew(pager: &Pager, branch: &mut Branch, newest: &Version) -> StoreResult<()> {
    let base = branch.base.clone();
    branch.fall_behind(pager, &base, newest.forest.lineage.generation())
}

/// Carries out what others changed since the base, on the branch's trees.
fn apply_others(pager: &Pager, branch: &mut Branch, target: &Arc<Version>) -> StoreResult<()> {
    // Invariant 5: as others' rows and values are in the file already, nothing is taken from it here.
    let (trees, freed, birth) = (branch.trees.clone(), branch.changes.freed.len(), branch.birth);
    // The target's pages may be younger than the branch, and no page is younger than the one above it.
    branch.birth = target.forest.lineage.generation();
    let mut gone = PageIdentities::default();
    let mut new_pages = Vec::new();
    if let Err(error) = apply_others_to_trees(pager, branch, target, &mut gone, &mut new_pages) {
        branch.trees = trees;
        branch.changes.freed.truncate(freed);
        branch.birth = birth;
        return Err(error);
    }
    branch.retain_freed(|page| !gone.contains(page));
    branch.changes.freed.append(&mut new_pages);
    branch.base = target.clone();
    Ok(())
}

fn apply_others_to_trees(
    pager: &Pager,
    branch: &mut Branch,
    target: &Arc<Version>,
    gone: &mut PageIdentities,
    new_pages: &mut Vec<FreedPage>,
) -> StoreResult<()> {
    let database = branch.database;
    let base = branch.base.clone();
    let touched: Vec<TreeId> = branch.trees.keys().copied().collect();
    for tree in touched {
        let before = base.forest.database(database)?.tree(pager, tree)?;
        let after = target.forest.database(database)?.tree(pager, tree)?;
        let (before, after) = match (before, after) {
            (Some(before), Some(after)) => (before, after),
            (None, None) => continue, // made by this branch
            (Some(_), None) | (None, Some(_)) => return Err(StoreError::NoSuchTree { tree }),
        };
        apply_others_to_tree(pager, branch, tree, &before, &after, gone, new_pages)?;
    }
    Ok(())
}

fn apply_others_to_tree(
    pager: &Pager,
    branch: &mut Branch,
    tree: TreeId,
    before: &TreeEntry,
    after: &TreeEntry,
    gone: &mut PageIdentities,
    new_pages: &mut Vec<FreedPage>,
) -> StoreResult<()> {
    let mut difference = Difference::default();
    btree::diff(pager, &before.tree, &after.tree, &mut difference)?;
    let moved = difference.take_moved(pager, before.versioned)?;
    let mut edit = Edit::new(pager, branch.owner, branch.birth, &mut branch.changes).keep_overflow();
    match branch.trees.get_mut(&tree) {
        Some(Some(entry)) => {
            for (key, _, value) in &difference.changes {
                match value {
                    Some(value) => entry.tree.insert_value(&mut edit, key, value)?,
                    None => entry.tree.delete(&mut edit, key)?,
                };
            }
            for Moved { key, from, to } in &moved {
                let mine = entry.tree.get(pager, key)?;
                if mine.is_some_and(|mine| mine.borrow() == from.borrow()) {
                    entry.tree.insert_value(&mut edit, key, to)?;
                } else {
                    // The branch has changed the row, and given up pages that the target had given up before.
                    from.overflow_pages(pager, &mut |page, _| gone.insert_number(page))?;
                    to.overflow_pages(pager, &mut |page, birth| new_pages.push(stored(page, birth)))?;
                }
            }
            for (page, level, first_key) in &difference.gone {
                entry.tree.privatise(&mut edit, first_key, *level, page)?;
            }
        }
        Some(None) => {
            assert!(
                difference.changes.is_empty(),
                "a tree is dropped under a lock that keeps others from changing it, on its newest state"
            );
            for Moved { from, to, .. } in &moved {
                from.overflow_pages(pager, &mut |page, _| gone.insert_number(page))?;
                to.overflow_pages(pager, &mut |page, birth| new_pages.push(stored(page, birth)))?;
            }
        }
        None => {}
    }
    for (page, _, _) in &difference.gone {
        gone.insert(page);
    }
    new_pages.extend(difference.new_pages.iter().map(PageRef::freed));
    Ok(())
}

fn stored(number: u64, birth: u64) -> FreedPage {
    FreedPage { page: FreedRef::Stored(number), birth }
}

/// Whether two values of a key, in pages of their own, are one value that was moved. In a versioned tree the writer tells: a
/// transaction commits one value of a row.
///
/// # Errors
/// When the values cannot be read.
pub fn is_moved(pager: &Pager, versioned: bool, old: &Value, new: &Value) -> StoreResult<bool> {
    if old.overflow().is_none() || new.overflow().is_none() || old.len() != new.len() {
        return Ok(false);
    }
    if versioned {
        return Ok(row::writer(pager, old)? == row::writer(pager, new)?);
    }
    let mut at = 0;
    while at < old.len() {
        let range = at..at + COMPARED_AT_ONCE;
        if old.read_range(pager, range.clone())? != new.read_range(pager, range)? {
            return Ok(false);
        }
        at += COMPARED_AT_ONCE;
    }
    Ok(true)
}

/// So many bytes of large values are compared at a time.
const COMPARED_AT_ONCE: usize = 1 << 20;

/// A large value that a vacuum has moved.
struct Moved {
    key: Vec<u8>,
    from: Value,
    to: Value,
}

/// What others did to one tree: keys with their values before and now, and whole pages.
#[derive(Default)]
struct Difference {
    changes: Vec<(Vec<u8>, Option<Value>, Option<Value>)>,
    gone: Vec<(PageRef, u8, Vec<u8>)>,
    new_pages: Vec<PageRef>,
}

impl Difference {
    /// Takes out of the changes those that are none: values that lie elsewhere.
    fn take_moved(&mut self, pager: &Pager, versioned: bool) -> StoreResult<Vec<Moved>> {
        let (mut moved, mut changed) = (Vec::new(), Vec::new());
        for (key, old, new) in std::mem::take(&mut self.changes) {
            match (old, new) {
                (Some(from), Some(to)) if is_moved(pager, versioned, &from, &to)? => {
                    moved.push(Moved { key, from, to });
                }
                (old, new) => changed.push((key, old, new)),
            }
        }
        self.changes = changed;
        Ok(moved)
    }
}

impl DiffVisitor for Difference {
    type Error = TreeError;

    fn change(&mut self, key: &[u8], change: Change) -> Result<(), TreeError> {
        self.changes.push((key.to_vec(), change.old, change.new));
        Ok(())
    }

    fn only_in_base(&mut self, page: &PageRef, level: u8, first_key: &[u8]) -> Result<(), TreeError> {
        self.gone.push((page.clone(), level, first_key.to_vec()));
        Ok(())
    }

    fn only_in_new(&mut self, page: &PageRef, _level: u8) -> Result<(), TreeError> {
        self.new_pages.push(page.clone());
        Ok(())
    }
}

/// A set of pages, each known by its number once it was written and by its place's address before.
#[derive(Default)]
struct PageIdentities {
    numbers: BTreeSet<u64>,
    places: BTreeSet<usize>,
}

impl PageIdentities {
    fn insert_number(&mut self, number: u64) {
        self.numbers.insert(number);
    }

    fn insert(&mut self, page: &PageRef) {
        match page.freed().page {
            FreedRef::Stored(number) => self.numbers.insert(number),
            FreedRef::Resident(place) => self.places.insert(Arc::as_ptr(&place) as usize),
        };
    }

    /// Looked up after all insertions: a page that was unwritten when it was inserted is found by its place, one that
    /// was written by then has its number by now.
    fn contains(&self, page: &FreedPage) -> bool {
        match &page.page {
            FreedRef::Stored(number) => self.numbers.contains(number),
            FreedRef::Resident(place) => {
                self.places.contains(&(Arc::as_ptr(place) as usize))
                    || place.get().is_some_and(|pointer| self.numbers.contains(&pointer.number))
            }
        }
    }
}
