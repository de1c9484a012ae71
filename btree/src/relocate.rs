//! Moving pages of a tree to other places of the file: rows, shape and ages stay as they are.
//!
//! A published page never changes, so its copy can be made at leisure, while others go on with the tree
//! ([`Relocation::copy`]). Then the references to it are changed, in the newest versions of all trees that may have it
//! ([`Relocation::apply`]): index pages on the way are made anew, once for all trees that share them.
//!
//! Invariants
//!
//! 1. A page keeps its birth, and so does an index page that is made anew: who may free it does not change.
//! 2. What is applied was copied from that very page: a page that the tree no longer has is left out, and the places of its
//!    copy are among [`Relocation::unused`].
//! 3. A large value moves as a whole, and each leaf that refers to it is made anew. Leaves of several trees may share it: so
//!    all trees with one id are applied to.
//! 4. The way to a page is a key of a row below it: in every version that still has the page it leads there.
//!
//! Fails with what reading and writing pages meets. Then nothing was moved; [`Relocation::taken`] says what was taken.

use crate::diff::first_key;
use crate::error::{Result, corrupt, in_tree};
use crate::leaf::Leaf;
use crate::leaf::edit::LeafMut;
use crate::node::{index_of, leaf_of, load};
use crate::overflow::{entries, read};
use crate::tree::Tree;
use crate::value::{Overflow, ValueRef};
use pager::{
    Body, Frame, FrameHeader, FreedPage, FreedRef, OwnerId, PageKind, PagePointer, PageRef, PageSet, Pager,
    Region,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// So many leaves are copied in one call at most.
const BATCH_LEAVES: usize = 32;

/// A page that was copied.
#[derive(Debug, Clone, Copy)]
struct Copied {
    birth: u64,
    to: PagePointer,
}

/// A large value that was copied.
#[derive(Debug)]
struct CopiedValue {
    from: Overflow,
    to: Overflow,
    /// Old number, birth, new number of each page.
    pages: Vec<(u64, u64, u64)>,
}

/// Where something lies that moves: a page, or a row whose value does.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    key: Vec<u8>,
    level: u8,
    /// The page that is to be made anew; none for a leaf that was copied, or a row.
    anew: Option<u64>,
}

/// A page that was moved, for lists that know pages by their numbers.
#[derive(Debug, Clone)]
pub struct Renamed {
    /// Its number until now.
    pub from: u64,
    /// When it was born.
    pub birth: u64,
    to: NewPlace,
}

#[derive(Debug, Clone)]
enum NewPlace {
    Number(u64),
    /// Known when the frame has been written.
    Frame(Arc<Frame>),
}

impl Renamed {
    /// Its number from now on; `None` as long as it has not been written.
    #[must_use]
    pub fn to(&self) -> Option<u64> {
        match &self.to {
            NewPlace::Number(number) => Some(*number),
            NewPlace::Frame(frame) => frame.pointer().map(|pointer| pointer.number),
        }
    }
}

/// Which pages are to be moved, and where to.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    /// Whether the page of that number is to be moved.
    pub page: &'w dyn Fn(u64) -> bool,
    /// Where to.
    pub region: Region,
    /// Stop when so many have been moved.
    pub limit: u64,
}

/// How copying ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// At the end of the tree.
    End,
    /// At the limit: go on from this key.
    Before(Vec<u8>),
    /// There is no room where the pages are to go.
    Full,
}

/// Pages of the trees with one id on their way to other places.
#[derive(Debug, Default)]
pub struct Relocation {
    leaves: BTreeMap<u64, Copied>,
    /// By the number of their first (or topmost) page.
    values: BTreeMap<u64, CopiedValue>,
    ways: Vec<Way>,
    /// Places taken for copies.
    taken: PageSet,
    /// Leaves that were looked at.
    looked_at: u64,
    /// Pages copied, and index pages to be made anew.
    moved: u64,
    /// By number: what became of pages while the relocation was applied.
    replaced: BTreeMap<u64, Option<PageRef>>,
    /// By the address of frames that are kept here: the same for those without a number.
    unwritten: BTreeMap<usize, (Arc<Frame>, Option<PageRef>)>,
    used_leaves: BTreeSet<u64>,
    used_values: BTreeSet<u64>,
    freed: Vec<FreedPage>,
    renamed: Vec<Renamed>,
}

/// A leaf whose copy waits to be written.
struct Waiting {
    frame: Arc<Frame>,
    pointer: PagePointer,
}

/// A walk through one tree that copies.
struct Copying<'a> {
    pager: &'a Pager,
    tree: u64,
    wanted: Wanted<'a>,
    relocation: &'a mut Relocation,
    waiting: Vec<Waiting>,
}

impl Relocation {
    /// Copies pages of `tree` that are wanted, in key order, from the leaf on that `from` leads to.
    ///
    /// # Errors
    /// See the module text.
    pub fn copy(&mut self, pager: &Pager, tree: &Tree, from: &[u8], wanted: Wanted<'_>) -> Result<Stopped> {
        let Some(root) = &tree.root else { return Ok(Stopped::End) };
        let mut copying = Copying { pager, tree: tree.id, wanted, relocation: self, waiting: Vec::new() };
        let mut stopped = copying.page(root, tree.level, true, Some(from))?;
        if !copying.flush()? {
            stopped = Stopped::Full;
        }
        self.ways.sort();
        Ok(stopped)
    }

    /// Pages copied, and to be made anew.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// Leaves that were looked at.
    #[must_use]
    pub fn looked_at(&self) -> u64 {
        self.looked_at
    }

    /// Places taken for copies.
    #[must_use]
    pub fn taken(&self) -> &PageSet {
        &self.taken
    }

    /// Whether a page of that number was copied, or is to be made anew.
    fn has(&self, number: u64) -> bool {
        self.leaves.contains_key(&number)
    }

    /// Applies the relocation to a tree with the id of those that were copied from; `None` when it has none of the pages.
    /// Frames that are made belong to `owner`.
    ///
    /// # Errors
    /// See the module text.
    pub fn apply(&mut self, pager: &Pager, owner: OwnerId, tree: &Tree) -> Result<Option<Tree>> {
        let Some(root) = &tree.root else { return Ok(None) };
        let ways = std::mem::take(&mut self.ways);
        let all: Vec<&Way> = ways.iter().collect();
        let applied = Applying { pager, owner, tree: tree.id, relocation: self }.page(root, tree.level, &all);
        drop(all);
        self.ways = ways;
        Ok(applied?.map(|root| Tree { root: Some(root), ..tree.clone() }))
    }

    /// Pages that no tree refers to any more, now that it has been applied to all.
    #[must_use]
    pub fn freed(&self) -> &[FreedPage] {
        &self.freed
    }

    /// Pages that have other numbers now.
    #[must_use]
    pub fn renamed(&self) -> &[Renamed] {
        &self.renamed
    }

    /// Places that were taken and that no tree has come to refer to.
    #[must_use]
    pub fn unused(&self) -> PageSet {
        let mut unused = self.taken.clone();
        for copied in self.used_leaves.iter().filter_map(|number| self.leaves.get(number)) {
            unused.remove(copied.to.number);
        }
        for value in self.used_values.iter().filter_map(|number| self.values.get(number)) {
            for (_, _, to) in &value.pages {
                unused.remove(*to);
            }
        }
        unused
    }
}

impl Copying<'_> {
    /// Looks at `page` and what is below it, from the key `from` on. The depth is bounded by the level.
    fn page(
        &mut self,
        page: &PageRef,
        level: u8,
        has_overflow: bool,
        from: Option<&[u8]>,
    ) -> Result<Stopped> {
        if level == 0 {
            return self.leaf(page, has_overflow);
        }
        if let Some(pointer) = page.pointer().filter(|pointer| (self.wanted.page)(pointer.number)) {
            let key = first_key(self.pager, self.tree, page, level)?;
            self.relocation.ways.push(Way { key, level, anew: Some(pointer.number) });
            self.relocation.moved += 1;
        }
        let frame = load(self.pager, page, self.tree, level)?;
        let node = index_of(&frame);
        let start = from.map_or(0, |from| node.search(from));
        for index in start..node.len() {
            if index > start && self.relocation.moved >= self.wanted.limit {
                return Ok(Stopped::Before(node.separator(index - 1).to_vec()));
            }
            let child = node.child(index);
            let from = if index == start { from } else { None };
            match self.page(&child.page, level - 1, child.has_overflow, from)? {
                Stopped::End => {}
                stopped @ (Stopped::Before(_) | Stopped::Full) => return Ok(stopped),
            }
        }
        Ok(Stopped::End)
    }

    fn leaf(&mut self, page: &PageRef, has_overflow: bool) -> Result<Stopped> {
        self.relocation.looked_at += 1;
        // What was never written gets its place by the next checkpoint.
        let Some(pointer) = page.pointer() else { return Ok(Stopped::End) };
        let wanted = (self.wanted.page)(pointer.number) && !self.relocation.has(pointer.number);
        if !wanted && !has_overflow {
            return Ok(Stopped::End);
        }
        let frame = load(self.pager, page, self.tree, 0)?;
        let leaf = leaf_of(&frame);
        let Some(values_move) = self.values(leaf)? else { return Ok(Stopped::Full) };
        if !wanted {
            return Ok(Stopped::End);
        }
        self.relocation.moved += 1;
        let mut key = Vec::new();
        leaf.copy_key(0, &mut key);
        if values_move {
            self.relocation.ways.push(Way { key, level: 0, anew: Some(pointer.number) });
            return Ok(Stopped::End);
        }
        self.relocation.ways.push(Way { key, level: 0, anew: None });
        self.waiting.push(Waiting { frame, pointer });
        if self.waiting.len() >= BATCH_LEAVES && !self.flush()? {
            return Ok(Stopped::Full);
        }
        Ok(Stopped::End)
    }

    /// Copies the leaf's large values of which a page is wanted. Whether any of its values moves; `None` when there is no
    /// room for one.
    fn values(&mut self, leaf: Leaf<'_>) -> Result<Option<bool>> {
        let mut any = false;
        if leaf.overflow_count() == 0 {
            return Ok(Some(false));
        }
        for index in 0..leaf.count() {
            let cell = leaf.cell(index);
            let ValueRef::Overflow(overflow) = ValueRef::decode(cell.special, cell.value) else { continue };
            let number = overflow.pointer.number;
            if !self.relocation.values.contains_key(&number) {
                let mut wanted = false;
                read::walk(self.pager, &overflow, &mut |pointer, _| {
                    wanted |= (self.wanted.page)(pointer.number);
                    true
                })
                .map_err(|error| in_tree(self.tree, error))?;
                if !wanted {
                    continue;
                }
                let Some(copied) = self.value(&overflow)? else { return Ok(None) };
                self.relocation.moved += copied.pages.len() as u64;
                self.relocation.values.insert(number, copied);
            }
            any = true;
            let mut key = Vec::new();
            leaf.copy_key(index, &mut key);
            self.relocation.ways.push(Way { key, level: 0, anew: None });
        }
        Ok(Some(any))
    }

    /// Copies a large value; `None` when there is no room.
    fn value(&mut self, from: &Overflow) -> Result<Option<CopiedValue>> {
        let mut pages = Vec::new();
        let Some(pointer) = self.value_page(&from.pointer, from.level, &mut pages)? else { return Ok(None) };
        Ok(Some(CopiedValue { from: *from, to: Overflow { pointer, ..*from }, pages }))
    }

    /// Copies a page of a large value after those below it.
    fn value_page(
        &mut self,
        from: &PagePointer,
        level: u8,
        pages: &mut Vec<(u64, u64, u64)>,
    ) -> Result<Option<PagePointer>> {
        let frame = read::load(self.pager, from, level).map_err(|error| in_tree(self.tree, error))?;
        if level == 0 {
            return self.copy_page(&frame, frame.data(), from, pages);
        }
        let mut bytes = frame.data().to_vec();
        for entry in entries(frame.data(), level) {
            let wrong = |flaw| in_tree(self.tree, corrupt(self.pager, from.number, flaw));
            let (place, entry) = entry.map_err(wrong)?;
            let children: Vec<PagePointer> = entry.pointers().collect();
            let mut at = place.end - children.len() * PagePointer::BYTES;
            for child in children {
                let Some(copy) = self.value_page(&child, level - 1, pages)? else { return Ok(None) };
                copy.encode(&mut bytes[at..]);
                at += PagePointer::BYTES;
            }
        }
        self.copy_page(&frame, &bytes, from, pages)
    }

    fn copy_page(
        &mut self,
        frame: &Frame,
        bytes: &[u8],
        from: &PagePointer,
        pages: &mut Vec<(u64, u64, u64)>,
    ) -> Result<Option<PagePointer>> {
        let (region, taken) = (self.wanted.region, &mut self.relocation.taken);
        let Some(pointers) = self.pager.copy_pages(frame.header(), &[bytes], region, taken)? else {
            return Ok(None);
        };
        let Some(&copy) = pointers.first() else { return Ok(None) };
        pages.push((from.number, from.birth, copy.number));
        Ok(Some(copy))
    }

    /// Writes the copies of leaves that wait; whether there was room.
    fn flush(&mut self) -> Result<bool> {
        let waiting = std::mem::take(&mut self.waiting);
        for alike in waiting.chunk_by(|one, two| one.pointer.birth == two.pointer.birth) {
            let Some(first) = alike.first() else { continue };
            let bytes: Vec<&[u8]> = alike.iter().map(|leaf| leaf.frame.data()).collect();
            let (region, taken) = (self.wanted.region, &mut self.relocation.taken);
            let copies = self.pager.copy_pages(first.frame.header(), &bytes, region, taken)?;
            let Some(copies) = copies else { return Ok(false) };
            for (leaf, to) in alike.iter().zip(copies) {
                let copied = Copied { birth: leaf.pointer.birth, to };
                self.relocation.leaves.insert(leaf.pointer.number, copied);
            }
        }
        Ok(true)
    }
}

/// A relocation while it is applied to one tree.
struct Applying<'a> {
    pager: &'a Pager,
    owner: OwnerId,
    tree: u64,
    relocation: &'a mut Relocation,
}

impl Applying<'_> {
    /// What takes the place of `page`, given the ways that lead into it; `None` if it stays. The depth is bounded by the
    /// level.
    fn page(&mut self, page: &PageRef, level: u8, ways: &[&Way]) -> Result<Option<PageRef>> {
        if ways.is_empty() {
            return Ok(None);
        }
        if let Some(known) = self.known(page) {
            return Ok(known);
        }
        let new = if level == 0 { self.leaf(page, ways)? } else { self.index(page, level, ways)? };
        match (page.pointer(), page) {
            (Some(pointer), _) => {
                self.relocation.replaced.insert(pointer.number, new.clone());
            }
            (None, PageRef::Resident(frame)) => {
                let address = Arc::as_ptr(frame) as usize;
                self.relocation.unwritten.insert(address, (frame.clone(), new.clone()));
            }
            (None, PageRef::Stored(_)) => {}
        }
        Ok(new)
    }

    /// What was found for `page` in another tree that shares it.
    fn known(&self, page: &PageRef) -> Option<Option<PageRef>> {
        if let Some(pointer) = page.pointer() {
            return self.relocation.replaced.get(&pointer.number).cloned();
        }
        let PageRef::Resident(frame) = page else { return None };
        let known = self.relocation.unwritten.get(&(Arc::as_ptr(frame) as usize));
        known.map(|(_, new)| new.clone())
    }

    fn leaf(&mut self, page: &PageRef, ways: &[&Way]) -> Result<Option<PageRef>> {
        let number = page.pointer().map(|pointer| pointer.number);
        if let Some(number) = number
            && let Some(copied) = self.relocation.leaves.get(&number).copied()
        {
            self.relocation.used_leaves.insert(number);
            self.gone(number, copied.birth, NewPlace::Number(copied.to.number));
            return Ok(Some(PageRef::Stored(copied.to)));
        }
        let frame = load(self.pager, page, self.tree, 0)?;
        let leaf = leaf_of(&frame);
        let mut bytes: Option<Box<[u8]>> = None;
        for way in ways {
            if way.anew.is_some() && way.anew == number {
                bytes.get_or_insert_with(|| frame.data().into());
            }
            let Ok(slot) = leaf.search(&way.key) else { continue };
            let cell = leaf.cell(slot);
            let ValueRef::Overflow(overflow) = ValueRef::decode(cell.special, cell.value) else { continue };
            let Some(value) = self.relocation.values.get(&overflow.pointer.number) else { continue };
            if value.from != overflow {
                continue;
            }
            let bytes = bytes.get_or_insert_with(|| frame.data().into());
            let fits = LeafMut::new(bytes).replace(slot, true, &value.to.encode());
            assert!(fits, "a description takes the place of another one of the same length");
            self.use_value(overflow.pointer.number);
        }
        Ok(bytes.map(|bytes| self.make(page, &frame, Body::Data(bytes))))
    }

    fn index(&mut self, page: &PageRef, level: u8, ways: &[&Way]) -> Result<Option<PageRef>> {
        let frame = load(self.pager, page, self.tree, level)?;
        let node = index_of(&frame);
        let number = page.pointer().map(|pointer| pointer.number);
        let is_anew = |way: &&&Way| way.level == level && way.anew.is_some() && way.anew == number;
        let mut new = ways.iter().any(|way| is_anew(&way)).then(|| node.copy_by_place());
        let below: Vec<&Way> = ways.iter().filter(|way| way.level < level).copied().collect();
        for of_child in below.chunk_by(|one, two| node.search(&one.key) == node.search(&two.key)) {
            let Some(first) = of_child.first() else { continue };
            let index = node.search(&first.key);
            if let Some(child) = self.page(&node.child(index).page, level - 1, of_child)? {
                new.get_or_insert_with(|| node.copy_by_place()).child_mut(index).page = child;
            }
        }
        Ok(new.map(|new| self.make(page, &frame, Body::Index(new))))
    }

    /// A frame in the place of `page`, as old as it.
    fn make(&mut self, page: &PageRef, old: &Frame, body: Body) -> PageRef {
        let kind = old.kind();
        debug_assert!(matches!(kind, PageKind::Leaf | PageKind::TreeIndex), "other pages are copied");
        let header =
            FrameHeader { kind, level: old.level(), tree: self.tree, birth: old.birth(), owner: self.owner };
        let frame = Frame::new(self.pager, header, body);
        match page.pointer() {
            Some(pointer) => self.gone(pointer.number, pointer.birth, NewPlace::Frame(frame.clone())),
            None => self.relocation.freed.push(page.freed()),
        }
        PageRef::Resident(frame)
    }

    fn use_value(&mut self, number: u64) {
        if !self.relocation.used_values.insert(number) {
            return;
        }
        let Some(value) = self.relocation.values.get(&number) else { return };
        let pages = value.pages.clone();
        for (from, birth, to) in pages {
            self.gone(from, birth, NewPlace::Number(to));
        }
    }

    fn gone(&mut self, from: u64, birth: u64, to: NewPlace) {
        self.relocation.freed.push(FreedPage { page: FreedRef::Stored(from), birth });
        self.relocation.renamed.push(Renamed { from, birth, to });
    }
}

/// How well a tree's leaves lie for a scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScanOrder {
    /// Leaves that have been written.
    pub leaves: u64,
    /// Those that do not lie close behind the one before.
    pub breaks: u64,
}

/// A leaf so many places behind the one before it is still reached by reading on.
const NEAR: u64 = 32;

impl Tree {
    /// How the leaves lie. Reads index pages only.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn scan_order(&self, pager: &Pager) -> Result<ScanOrder> {
        let mut order = ScanOrder::default();
        let mut last = None;
        if let Some(root) = &self.root {
            self.order_below(pager, root, self.level, &mut last, &mut order)?;
        }
        Ok(order)
    }

    /// The depth is bounded by the level.
    fn order_below(
        &self,
        pager: &Pager,
        page: &PageRef,
        level: u8,
        last: &mut Option<u64>,
        order: &mut ScanOrder,
    ) -> Result<()> {
        if level > 0 {
            let frame = load(pager, page, self.id, level)?;
            for child in index_of(&frame).children() {
                self.order_below(pager, &child.page, level - 1, last, order)?;
            }
            return Ok(());
        }
        if let Some(pointer) = page.pointer() {
            let near = last.is_none_or(|last| (last..last + NEAR).contains(&pointer.number));
            order.leaves += 1;
            order.breaks += u64::from(!near);
            *last = Some(pointer.number);
        }
        Ok(())
    }
}
