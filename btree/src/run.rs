//! Runs of rows: many whose keys go up, put in or looked for in one walk.
//!
//! A page on the way down is made editable once for all rows of the run that belong below it.
//!
//! Invariants
//!
//! 1. A run that fails has put in the rows before the one that failed, and no other: the tree is whole, and counts them.
//! 2. A page gets those rows alone that are below the separator above it; the walk comes back for the others.

use crate::error::{Result, TreeError};
use crate::insert::{Edge, Row, Split, put_into_leaf, take_in};
use crate::leaf::Leaf;
use crate::node::{Edit, index_of, leaf_of, load};
use crate::overflow::write::prepare;
use crate::tree::{Tree, check_key};
use pager::{PageRef, Pager};

/// A row of a run.
#[derive(Debug, Clone, Copy)]
pub struct RunRow<'r> {
    /// Its key.
    pub key: &'r [u8],
    /// Its value.
    pub value: &'r [u8],
}

/// A run that is being put in.
struct Run<'r> {
    tree: u64,
    rows: &'r [RunRow<'r>],
    /// How many of them are in.
    done: usize,
    /// Why the next one is not.
    failed: Option<TreeError>,
}

impl<'r> Run<'r> {
    /// The next row, if it belongs below `bound`.
    fn next_below(&self, bound: Option<&[u8]>) -> Option<RunRow<'r>> {
        let row = *self.rows.get(self.done)?;
        (self.failed.is_none() && bound.is_none_or(|bound| row.key < bound)).then_some(row)
    }
}

/// What putting rows in below a page has come to.
struct Ran {
    /// Rows that were not there before.
    added: u64,
    /// Whether the page (the left one after a split) has overflow below it now.
    has_overflow: bool,
    split: Option<Split>,
}

impl Tree {
    /// Puts rows in whose keys go up, as [`Tree::insert`] does one. Answers how many are in: all, unless it fails, and then
    /// those before the one that failed.
    ///
    /// # Errors
    /// As [`Tree::insert`].
    pub fn insert_run(&mut self, edit: &mut Edit<'_>, rows: &[RunRow<'_>]) -> (usize, Result<()>) {
        debug_assert!(rows.is_sorted_by(|one, next| one.key < next.key), "the keys of a run go up");
        let mut run = Run { tree: self.id, rows, done: 0, failed: None };
        while run.done < rows.len() && run.failed.is_none() {
            let RunRow { key, value } = rows[run.done];
            let Some(root) = &mut self.root else {
                match self.insert(edit, key, value) {
                    Ok(_) => run.done += 1,
                    Err(error) => run.failed = Some(error),
                }
                continue;
            };
            let edge = Edge { rightmost: true, had_overflow: false };
            let ran = run_below(edit, root, &mut run, self.level, None, edge);
            self.rows += ran.added;
            self.grow(edit, ran.split);
        }
        (run.done, run.failed.map_or(Ok(()), Err))
    }

    /// Whether the tree has a row with one of some keys, which go up.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn has_any(&self, pager: &Pager, keys: &[RunRow<'_>]) -> Result<bool> {
        let Some(root) = &self.root else { return Ok(false) };
        let mut rest = keys;
        any_below(pager, root, (self.id, self.level), &mut rest, None)
    }
}

/// Puts the rows of a run in that belong below `page`. The depth is bounded by the level.
fn run_below(
    edit: &mut Edit<'_>,
    page: &mut PageRef,
    run: &mut Run<'_>,
    level: u8,
    bound: Option<&[u8]>,
    edge: Edge,
) -> Ran {
    if level == 0 {
        return run_into_leaf(edit, page, run, bound, edge);
    }
    let mut ran = Ran { added: 0, has_overflow: edge.had_overflow, split: None };
    let node = match edit.editable_index(page, run.tree, level) {
        Ok(node) => node,
        Err(error) => {
            run.failed = Some(error);
            return ran;
        }
    };
    let mut changed = false;
    while let Some(row) = run.next_below(bound) {
        let index = node.search(row.key);
        let rightmost = edge.rightmost && index + 1 == node.len();
        let (child, separator) = node.child_below(index);
        let edge = Edge { rightmost, had_overflow: child.has_overflow };
        let below = run_below(edit, &mut child.page, run, level - 1, separator.or(bound), edge);
        child.rows += below.added;
        ran.added += below.added;
        changed |= child.has_overflow != below.has_overflow;
        child.has_overflow = below.has_overflow;
        if let Some(made) = below.split {
            changed = true;
            ran.split = take_in(edit, node, index, made, (run.tree, level), rightmost);
            if ran.split.is_some() {
                // The rest may belong to the page that was split off.
                break;
            }
        }
    }
    if changed {
        ran.has_overflow = node.has_overflow();
    }
    ran
}

fn run_into_leaf(
    edit: &mut Edit<'_>,
    page: &mut PageRef,
    run: &mut Run<'_>,
    bound: Option<&[u8]>,
    edge: Edge,
) -> Ran {
    let mut ran = Ran { added: 0, has_overflow: edge.had_overflow, split: None };
    let bytes = match edit.editable_leaf(page, run.tree) {
        Ok(bytes) => bytes,
        Err(error) => {
            run.failed = Some(error);
            return ran;
        }
    };
    while let Some(row) = run.next_below(bound) {
        match put_one(edit, bytes, run.tree, row, edge.rightmost) {
            Ok((replaced, split)) => {
                run.done += 1;
                ran.added += u64::from(!replaced);
                ran.split = split;
                if ran.split.is_some() {
                    break;
                }
            }
            Err(error) => run.failed = Some(error),
        }
    }
    ran.has_overflow = Leaf::new(bytes).overflow_count() > 0;
    ran
}

/// Puts one row into a leaf; answers whether it replaced one, and the page that was split off.
fn put_one(
    edit: &mut Edit<'_>,
    bytes: &mut Box<[u8]>,
    tree: u64,
    row: RunRow<'_>,
    rightmost: bool,
) -> Result<(bool, Option<Split>)> {
    check_key(edit.pager, row.key)?;
    let prepared = prepare(edit, tree, row.value)?;
    let (special, value) = prepared.cell();
    let result =
        put_into_leaf(edit, bytes, tree, Row { key: row.key, special, value, if_new: false }, rightmost);
    if result.is_err() {
        prepared.abandon(edit);
    }
    result
}

/// Whether one of the keys that belong below `page` is there; they are taken off `rest`. The depth is bounded by the level.
fn any_below(
    pager: &Pager,
    page: &PageRef,
    (tree, level): (u64, u8),
    rest: &mut &[RunRow<'_>],
    bound: Option<&[u8]>,
) -> Result<bool> {
    let frame = load(pager, page, tree, level)?;
    if level == 0 {
        return Ok(any_in_leaf(leaf_of(&frame), rest, bound));
    }
    let node = index_of(&frame);
    while let Some(first) = rest.first()
        && bound.is_none_or(|bound| first.key < bound)
    {
        let index = node.search(first.key);
        let above = (index < node.separators()).then(|| node.separator(index)).or(bound);
        if any_below(pager, &node.child(index).page, (tree, level - 1), rest, above)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn any_in_leaf(leaf: Leaf<'_>, rest: &mut &[RunRow<'_>], bound: Option<&[u8]>) -> bool {
    let is_below = |row: &RunRow<'_>| bound.is_none_or(|bound| row.key < bound);
    while let Some((first, others)) = rest.split_first()
        && is_below(first)
    {
        match leaf.search_to_insert(first.key) {
            Ok(_) => return true,
            Err(index) if index == leaf.count() => {
                // All that follow are behind the leaf's last row, too.
                *rest = match bound {
                    None => &[],
                    Some(_) => &others[others.partition_point(is_below)..],
                };
                return false;
            }
            Err(_) => *rest = others,
        }
    }
    false
}
