//! What changed between two versions of a tree, without looking at what they share.
//!
//! Two walks run side by side. Each one's head is a subtree that was not looked into, or a row. Two heads that are the
//! same page are passed over together; otherwise the one that begins at the lower separator is looked into (the higher
//! one, if both begin there). So the cost is that of the pages that differ, and of those on the way to them.
//!
//! Invariants
//!
//! 1. All rows before the two heads have been dealt with: what is left of both versions begins at the heads.
//! 2. Rows are told in ascending order of their keys, each once.
//! 3. A page that both versions have, but that the walks met at different times, has been looked into twice. Such pages
//!    are found at the end, before any page is told: each page told belongs to one version alone.

use crate::error::{Result, TreeError};
use crate::node::{index_of, leaf_of, load};
use crate::tree::Tree;
use crate::value::Value;
use pager::{Frame, PageRef, Pager};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What happened to a row.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its value before; `None` for a row that is new.
    pub old: Option<Value>,
    /// Its value now; `None` for a row that is gone.
    pub new: Option<Value>,
}

/// Learns how two versions differ: first all rows, in key order, then the pages.
pub trait DiffVisitor {
    /// What it answers when it wants to stop, or has failed.
    type Error: From<TreeError>;

    /// A row differs.
    fn change(&mut self, key: &[u8], change: Change) -> Result<(), Self::Error>;

    /// A page of the tree (not an overflow page) that only the base has. `first_key`: the smallest key below it.
    fn only_in_base(&mut self, page: &PageRef, level: u8, first_key: &[u8]) -> Result<(), Self::Error>;

    /// A page of the tree (not an overflow page) that only the new version has.
    fn only_in_new(&mut self, page: &PageRef, level: u8) -> Result<(), Self::Error>;
}

/// Tells `visitor` how `new` differs from `base`.
///
/// # Errors
/// What reading pages meets, and what the visitor answers.
pub fn diff<V: DiffVisitor>(pager: &Pager, base: &Tree, new: &Tree, visitor: &mut V) -> Result<(), V::Error> {
    let mut old = Walk::new(pager, base, true);
    let mut new = Walk::new(pager, new, true);
    rows(&mut old, &mut new, &mut |key, change| visitor.change(key, change))?;
    let (in_base, in_new) = (identities(&old.opened), identities(&new.opened));
    for (page, level) in &old.opened {
        if !is_in(page, &in_new) {
            let first_key = first_key(pager, base.id, page, *level)?;
            visitor.only_in_base(page, *level, &first_key)?;
        }
    }
    for (page, level) in &new.opened {
        if !is_in(page, &in_base) {
            visitor.only_in_new(page, *level)?;
        }
    }
    Ok(())
}

/// Tells `visit` each row of which `new` differs from `base`, in key order.
///
/// # Errors
/// What reading pages meets, and what `visit` answers.
pub fn diff_rows<E: From<TreeError>>(
    pager: &Pager,
    base: &Tree,
    new: &Tree,
    mut visit: impl FnMut(&[u8], Change) -> Result<(), E>,
) -> Result<(), E> {
    rows(&mut Walk::new(pager, base, false), &mut Walk::new(pager, new, false), &mut visit)
}

type Visit<'v, E> = &'v mut dyn FnMut(&[u8], Change) -> Result<(), E>;

fn rows<E: From<TreeError>>(old: &mut Walk<'_>, new: &mut Walk<'_>, visit: Visit<'_, E>) -> Result<(), E> {
    loop {
        match (&old.head, &new.head) {
            (Head::End, Head::End) => return Ok(()),
            (Head::Subtree { page: one, .. }, Head::Subtree { page: two, .. }) if one.same_page(two) => {
                old.pass();
                new.pass();
            }
            (Head::Subtree { level: one, .. }, Head::Subtree { level: two, .. }) => {
                let order = old.lower_bound().cmp(&new.lower_bound()).then(two.cmp(one));
                if order != Ordering::Greater {
                    old.open()?;
                }
                if order != Ordering::Less {
                    new.open()?;
                }
            }
            (Head::Subtree { .. }, Head::End) => old.open()?,
            (Head::End, Head::Subtree { .. }) => new.open()?,
            (Head::Row { .. }, Head::Subtree { .. }) => {
                if new.lower_bound().is_some_and(|bound| old.key.as_slice() < bound) {
                    old.tell_gone(visit)?;
                } else {
                    new.open()?;
                }
            }
            (Head::Subtree { .. }, Head::Row { .. }) => {
                if old.lower_bound().is_some_and(|bound| new.key.as_slice() < bound) {
                    new.tell_new(visit)?;
                } else {
                    old.open()?;
                }
            }
            (Head::Row { .. }, Head::End) => old.tell_gone(visit)?,
            (Head::End, Head::Row { .. }) => new.tell_new(visit)?,
            (Head::Row { .. }, Head::Row { .. }) => match old.key.cmp(&new.key) {
                Ordering::Less => old.tell_gone(visit)?,
                Ordering::Greater => new.tell_new(visit)?,
                Ordering::Equal => {
                    if !old.same_value(new) {
                        visit(&new.key, Change { old: old.value(), new: new.value() })?;
                    }
                    old.pass();
                    new.pass();
                }
            },
        }
    }
}

/// What a page is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Number(u64),
    /// The address of a frame that the list of opened pages keeps alive.
    Frame(usize),
}

/// A frame may be written at any moment, so a resident page is known by its address and, from then on, its number.
fn identity(page: &PageRef) -> impl Iterator<Item = Identity> {
    let frame = match page {
        PageRef::Resident(frame) => Some(Identity::Frame(Arc::as_ptr(frame) as usize)),
        PageRef::Stored(_) => None,
    };
    frame.into_iter().chain(page.pointer().map(|pointer| Identity::Number(pointer.number)))
}

fn identities(pages: &[(PageRef, u8)]) -> BTreeSet<Identity> {
    pages.iter().flat_map(|(page, _)| identity(page)).collect()
}

fn is_in(page: &PageRef, identities: &BTreeSet<Identity>) -> bool {
    identity(page).any(|identity| identities.contains(&identity))
}

/// The smallest key below `page`.
pub(crate) fn first_key(pager: &Pager, tree: u64, page: &PageRef, level: u8) -> Result<Vec<u8>> {
    let mut frame = load(pager, page, tree, level)?;
    for below in (0..level).rev() {
        let next = load(pager, &index_of(&frame).child(0).page, tree, below)?;
        frame = next;
    }
    let mut key = Vec::new();
    leaf_of(&frame).copy_key(0, &mut key);
    Ok(key)
}

/// Where a walk stands.
enum Head {
    Subtree { page: PageRef, level: u8 },
    Row { frame: Arc<Frame>, slot: usize },
    End,
}

/// A walk over one version that looks into pages only when told to.
struct Walk<'a> {
    pager: &'a Pager,
    tree: u64,
    /// The pages above the head, root first, and the child through which each was left.
    path: Vec<(Arc<Frame>, usize)>,
    head: Head,
    /// The key of the head, when it is a row.
    key: Vec<u8>,
    /// Pages that were looked into and their levels, if they are to be kept.
    opened: Vec<(PageRef, u8)>,
    keep_opened: bool,
}

impl<'a> Walk<'a> {
    fn new(pager: &'a Pager, tree: &Tree, keep_opened: bool) -> Walk<'a> {
        let head = match &tree.root {
            Some(page) => Head::Subtree { page: page.clone(), level: tree.level },
            None => Head::End,
        };
        let (path, key, opened) = (Vec::new(), Vec::new(), Vec::new());
        Walk { pager, tree: tree.id, path, head, key, opened, keep_opened }
    }

    /// The separator at which the head, a subtree, begins; `None` when nothing bounds it.
    fn lower_bound(&self) -> Option<&[u8]> {
        let bounded = self.path.iter().rev().find(|(_, child)| *child > 0);
        bounded.map(|(frame, child)| index_of(frame).separator(*child - 1))
    }

    /// The value of the head, when it is a row.
    fn value(&self) -> Option<Value> {
        match &self.head {
            Head::Row { frame, slot } => Some(Value::in_leaf(frame, *slot)),
            Head::Subtree { .. } | Head::End => None,
        }
    }

    /// Whether both heads are rows with the same value. Equal descriptions of overflow name the same pages, checksums
    /// included.
    fn same_value(&self, other: &Walk<'_>) -> bool {
        match (&self.head, &other.head) {
            (Head::Row { frame: one, slot: at }, Head::Row { frame: two, slot: to }) => {
                let (one, two) = (leaf_of(one).cell(*at), leaf_of(two).cell(*to));
                one.special == two.special && one.value == two.value
            }
            _ => false,
        }
    }

    /// Tells that the head, a row, is gone, and goes on.
    fn tell_gone<E>(&mut self, visit: Visit<'_, E>) -> Result<(), E> {
        visit(&self.key, Change { old: self.value(), new: None })?;
        self.pass();
        Ok(())
    }

    /// Tells that the head, a row, is new, and goes on.
    fn tell_new<E>(&mut self, visit: Visit<'_, E>) -> Result<(), E> {
        visit(&self.key, Change { old: None, new: self.value() })?;
        self.pass();
        Ok(())
    }

    /// Looks into the head, a subtree: the head becomes its first part.
    fn open(&mut self) -> Result<()> {
        let Head::Subtree { page, level } = &self.head else { return Ok(()) };
        let level = *level;
        let frame = load(self.pager, page, self.tree, level)?;
        if self.keep_opened {
            self.opened.push((page.clone(), level));
        }
        if level == 0 {
            self.stand_on(frame, 0);
            return Ok(());
        }
        let page = index_of(&frame).child(0).page.clone();
        self.path.push((frame, 0));
        self.head = Head::Subtree { page, level: level - 1 };
        Ok(())
    }

    /// Goes on to what follows the head.
    fn pass(&mut self) {
        let mut level = 0;
        match std::mem::replace(&mut self.head, Head::End) {
            Head::Row { frame, slot } if slot + 1 < leaf_of(&frame).count() => {
                self.stand_on(frame, slot + 1);
                return;
            }
            Head::Subtree { level: of_head, .. } => level = of_head,
            Head::Row { .. } | Head::End => {}
        }
        while let Some((frame, child)) = self.path.last_mut() {
            let node = index_of(frame);
            if *child + 1 < node.len() {
                *child += 1;
                self.head = Head::Subtree { page: node.child(*child).page.clone(), level };
                return;
            }
            self.path.pop();
            level += 1;
        }
    }

    fn stand_on(&mut self, frame: Arc<Frame>, slot: usize) {
        leaf_of(&frame).copy_key(slot, &mut self.key);
        self.head = Head::Row { frame, slot };
    }
}
