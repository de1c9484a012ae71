//! The decoded form of a tree's index page: separators and children.
//!
//! Invariants
//!
//! 1. There is one separator fewer than there are children; child `i` holds the keys from separator `i - 1`
//!    (included) up to separator `i` (excluded).
//! 2. `encoded_size` is exactly what [`IndexNode::encode`] writes, whether the children have places yet or not:
//!    pointers and counts have a fixed width, so a change of a count or a place never makes a page overflow.
//! 3. `heads[i]` is the first eight bytes of separator `i` as a big-endian number, zero-padded: it orders like the
//!    separator, except among separators with equal heads.
//! 4. Separators of a page that was read ascend strictly and keep [`separator_limit`]: a search finds the one child that
//!    holds a key, and no change makes a page overflow.
//!
//! Fails: `decode` answers with what was wrong on any bytes that are not such a page; it never panics.

use crate::{Frame, HEADER_BYTES, PagePointer, PageRef};
use std::fmt;
use std::sync::Arc;

/// Bytes of the node's own header, after the page header: number of children (u16), length of all separators (u16),
/// and four reserved bytes that are zero.
const NODE_HEADER_BYTES: usize = 8;
/// Bytes of one child on disk: its pointer and its row count (the top bit says whether there is overflow below).
const CHILD_BYTES: usize = PagePointer::BYTES + 8;
/// Bytes of one separator on disk, beside the separator itself: where it ends.
const SEPARATOR_BYTES: usize = 2;
/// The bit of a child's row count that says "overflow pages below".
const OVERFLOW_BIT: u64 = 1 << 63;

/// More rows than any file holds; below it, sums over all pages on a way down do not overflow.
const ROWS_MAX: u64 = 1 << 48;

/// The longest separator in pages of this size. So a node that has one entry too many can be cut into two that fit.
#[must_use]
pub const fn separator_limit(page_size: usize) -> usize {
    page_size / 4 - HEADER_BYTES
}

/// A child of an index node.
#[derive(Clone, Debug)]
pub struct Child {
    /// The page.
    pub page: PageRef,
    /// Rows in the leaves below. Below 2^63.
    pub rows: u64,
    /// Whether any leaf below refers to overflow pages.
    pub has_overflow: bool,
}

/// An index page in memory. See the invariants above.
#[derive(Clone, Default)]
pub struct IndexNode {
    children: Vec<Child>,
    heads: Vec<u64>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

/// Why bytes are not an index page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotAnIndexPage {
    pub what: &'static str,
    pub expected: u64,
    pub found: u64,
}

/// The first eight bytes of `key` as a number that orders like it.
fn head(key: &[u8]) -> u64 {
    match key.first_chunk() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => {
            let mut bytes = [0u8; 8];
            bytes[..key.len()].copy_from_slice(key);
            u64::from_be_bytes(bytes)
        }
    }
}

impl IndexNode {
    /// A node with one child and no separator.
    pub fn new(child: Child) -> IndexNode {
        IndexNode { children: vec![child], ..IndexNode::default() }
    }

    /// A copy for a new frame. Children that have been written are named by their places, so that their frames can
    /// leave memory.
    #[must_use]
    pub fn copy_by_place(&self) -> IndexNode {
        let by_place = |child: &Child| {
            let page = match &child.page {
                // Asked before the frame is referred to once more: a commit of one row makes hundreds of such references.
                PageRef::Resident(frame) => match frame.pointer() {
                    Some(pointer) => PageRef::Stored(pointer),
                    None => PageRef::Resident(Arc::clone(frame)),
                },
                PageRef::Stored(pointer) => PageRef::Stored(*pointer),
            };
            Child { page, rows: child.rows, has_overflow: child.has_overflow }
        };
        IndexNode {
            children: self.children.iter().map(by_place).collect(),
            heads: self.heads.clone(),
            ends: self.ends.clone(),
            bytes: self.bytes.clone(),
        }
    }

    /// Number of children.
    pub fn len(&self) -> usize {
        self.children.len()
    }

    /// Whether there is no child: only while a node is being built or emptied, never on disk.
    pub fn is_empty(&self) -> bool {
        self.children.is_empty()
    }

    /// All children, in key order.
    pub fn children(&self) -> &[Child] {
        &self.children
    }

    /// Child `index`.
    pub fn child(&self, index: usize) -> &Child {
        &self.children[index]
    }

    /// Child `index`, to change its page or its counts.
    pub fn child_mut(&mut self, index: usize) -> &mut Child {
        &mut self.children[index]
    }

    /// Child `index`, to change its page or its counts, and the separator above its keys, unless it is the last.
    pub fn child_below(&mut self, index: usize) -> (&mut Child, Option<&[u8]>) {
        let start = self.start(index);
        let above = self.ends.get(index).map(|end| &self.bytes[start..*end as usize]);
        (&mut self.children[index], above)
    }

    /// Separator `index`: the lower bound of child `index + 1`.
    pub fn separator(&self, index: usize) -> &[u8] {
        &self.bytes[self.start(index)..self.ends[index] as usize]
    }

    /// Number of separators.
    pub fn separators(&self) -> usize {
        self.ends.len()
    }

    /// Which child holds `key`.
    pub fn search(&self, key: &[u8]) -> usize {
        let head = head(key);
        // All separators with a smaller head are below the key, those with a greater head above it. Rows that come in
        // order go to the last child.
        if self.heads.last().is_none_or(|last| *last < head) {
            return self.heads.len();
        }
        let mut low = self.heads.partition_point(|other| *other < head);
        // Heads that are equal say nothing. Mostly it is none or one.
        let mut high = match &self.heads[low..] {
            [first, ..] if *first != head => return low,
            [_, second, ..] if *second == head => {
                low + self.heads[low..].partition_point(|other| *other == head)
            }
            [_, ..] => low + 1,
            [] => low,
        };
        while low < high {
            let middle = low.midpoint(high);
            if self.separator(middle) <= key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Before how many of its rows `key` would stand in child `index`, whose it is, if keys rose evenly; none where the child lies
    /// at an end of the node, and nothing is known of how far its keys reach.
    #[inline]
    pub fn guess_within(&self, index: usize, key: &[u8]) -> Option<usize> {
        let (low, high) = (*self.heads.get(index.checked_sub(1)?)?, *self.heads.get(index)?);
        let (span, offset) = (high.checked_sub(low)?, head(key).checked_sub(low)?);
        if span == 0 {
            return None;
        }
        // A guess is enough.
        Some((offset as f64 / span as f64 * self.children.get(index)?.rows as f64) as usize)
    }

    /// Rows in all leaves below.
    pub fn rows(&self) -> u64 {
        // Counts come from a file; the tree's check finds out when they do not add up.
        self.children.iter().fold(0, |rows, child| rows.saturating_add(child.rows))
    }

    /// Whether any leaf below refers to overflow pages.
    pub fn has_overflow(&self) -> bool {
        self.children.iter().any(|child| child.has_overflow)
    }

    /// Bytes of the page that would be written, header included.
    pub fn encoded_size(&self) -> usize {
        HEADER_BYTES
            + NODE_HEADER_BYTES
            + self.children.len() * CHILD_BYTES
            + self.ends.len() * SEPARATOR_BYTES
            + self.bytes.len()
    }

    /// Bytes by which one more child behind a separator of this length makes the page larger.
    pub const fn entry_size(separator_length: usize) -> usize {
        CHILD_BYTES + SEPARATOR_BYTES + separator_length
    }

    /// Puts `child` right of child `index`, with `separator` between the two.
    pub fn insert_after(&mut self, index: usize, separator: &[u8], child: Child) {
        self.children.insert(index + 1, child);
        self.insert_separator(index, separator);
    }

    /// Puts `child` right of the last one; the fast way to build a node.
    pub fn push(&mut self, separator: &[u8], child: Child) {
        debug_assert!(!self.children.is_empty(), "the first child has no separator");
        self.children.push(child);
        self.bytes.extend_from_slice(separator);
        self.ends.push(self.bytes.len() as u32);
        self.heads.push(head(separator));
    }

    /// Puts `child` left of the first one; `separator` is the lower bound of what was first.
    pub fn insert_first(&mut self, child: Child, separator: &[u8]) {
        self.children.insert(0, child);
        self.insert_separator(0, separator);
    }

    /// Puts `child` in the place of child `index`; returns what was there.
    pub fn replace(&mut self, index: usize, child: Child) -> Child {
        std::mem::replace(&mut self.children[index], child)
    }

    /// Changes separator `index`.
    pub fn set_separator(&mut self, index: usize, separator: &[u8]) {
        let (start, end) = (self.start(index), self.ends[index] as usize);
        self.bytes.splice(start..end, separator.iter().copied());
        let removed = (end - start) as u32;
        for end in &mut self.ends[index..] {
            *end = *end - removed + separator.len() as u32;
        }
        self.heads[index] = head(separator);
    }

    /// Takes out child `index` and the separator to its left (for the first child: to its right).
    pub fn remove(&mut self, index: usize) -> Child {
        if !self.ends.is_empty() {
            self.remove_separator(index.saturating_sub(1));
        }
        self.children.remove(index)
    }

    /// Takes out the children `range`, which must leave at least one, with the separators to their left (for a range
    /// that begins with the first child: to their right).
    pub fn remove_range(&mut self, range: std::ops::Range<usize>) -> Vec<Child> {
        assert!(range.len() < self.children.len(), "a node keeps at least one child");
        let first = range.start.saturating_sub(1);
        let separators = first..first + range.len();
        if !separators.is_empty() {
            let (start, end) = (self.start(first), self.ends[separators.end - 1] as usize);
            self.bytes.drain(start..end);
            self.ends.drain(separators.clone());
            self.heads.drain(separators);
            for later in &mut self.ends[first..] {
                *later -= (end - start) as u32;
            }
        }
        self.children.drain(range).collect()
    }

    /// Cuts the node before child `index` (not the first): what is right of it, and the separator between the two.
    pub fn split_at(&mut self, index: usize) -> (Vec<u8>, IndexNode) {
        assert!(index > 0 && index < self.children.len(), "both halves keep a child");
        let children = self.children.split_off(index);
        let separator = self.separator(index - 1).to_vec();
        let cut = self.ends[index - 1];
        let bytes = self.bytes.split_off(cut as usize);
        let ends = self.ends.split_off(index).into_iter().map(|end| end - cut).collect();
        let heads = self.heads.split_off(index);
        self.ends.truncate(index - 1);
        self.heads.truncate(index - 1);
        self.bytes.truncate(cut as usize - separator.len());
        (separator, IndexNode { children, heads, ends, bytes })
    }

    /// The child before which to cut, so that both halves are about equally large on disk.
    pub fn middle(&self) -> usize {
        let half = self.encoded_size() / 2;
        let mut size = HEADER_BYTES + NODE_HEADER_BYTES + CHILD_BYTES;
        for index in 1..self.children.len().saturating_sub(1) {
            size += IndexNode::entry_size(self.separator(index - 1).len());
            if size >= half {
                return index;
            }
        }
        self.children.len().saturating_sub(1).max(1)
    }

    /// Appends all of `right`, which lies behind `separator`.
    pub fn merge(&mut self, separator: &[u8], mut right: IndexNode) {
        self.bytes.extend_from_slice(separator);
        let offset = self.bytes.len() as u32;
        self.ends.push(offset);
        self.heads.push(head(separator));
        self.bytes.append(&mut right.bytes);
        self.ends.extend(right.ends.iter().map(|end| end + offset));
        self.heads.append(&mut right.heads);
        self.children.append(&mut right.children);
    }

    /// Bytes of memory, roughly.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.children.capacity() * std::mem::size_of::<Child>()
            + self.heads.capacity() * 8
            + self.ends.capacity() * 4
            + self.bytes.capacity()
    }

    /// Writes everything behind the page header into `page`, which is zero there. `pointer_of` names each child's
    /// place; the answer is the node as a later reader of the page would see it.
    pub(crate) fn encode(
        &self,
        page: &mut [u8],
        mut pointer_of: impl FnMut(&PageRef) -> PagePointer,
    ) -> IndexNode {
        assert!(self.encoded_size() <= page.len(), "the tree splits a node before it overflows");
        assert_eq!(self.ends.len() + 1, self.children.len(), "invariant 1");
        let node = HEADER_BYTES;
        page[node..node + 2].copy_from_slice(&(self.children.len() as u16).to_le_bytes());
        page[node + 2..node + 4].copy_from_slice(&(self.bytes.len() as u16).to_le_bytes());
        let mut at = node + NODE_HEADER_BYTES;
        let mut children = Vec::with_capacity(self.children.len());
        for child in &self.children {
            let pointer = pointer_of(&child.page);
            debug_assert!(!pointer.is_none(), "children are placed before their parents");
            pointer.encode(&mut page[at..]);
            let rows = child.rows | if child.has_overflow { OVERFLOW_BIT } else { 0 };
            page[at + PagePointer::BYTES..at + CHILD_BYTES].copy_from_slice(&rows.to_le_bytes());
            at += CHILD_BYTES;
            children.push(Child { page: PageRef::Stored(pointer), ..child.clone() });
        }
        for end in &self.ends {
            page[at..at + 2].copy_from_slice(&(*end as u16).to_le_bytes());
            at += SEPARATOR_BYTES;
        }
        page[at..at + self.bytes.len()].copy_from_slice(&self.bytes);
        IndexNode { children, heads: self.heads.clone(), ends: self.ends.clone(), bytes: self.bytes.clone() }
    }

    /// Reads an index page.
    pub(crate) fn decode(page: &[u8]) -> Result<IndexNode, NotAnIndexPage> {
        let bad = |what, expected: usize, found: usize| NotAnIndexPage {
            what,
            expected: expected as u64,
            found: found as u64,
        };
        let number = |at: usize| match page.get(at..).and_then(|rest| rest.first_chunk()) {
            Some(bytes) => usize::from(u16::from_le_bytes(*bytes)),
            None => 0,
        };
        let count = number(HEADER_BYTES);
        let length = number(HEADER_BYTES + 2);
        if count == 0 {
            return Err(bad("number of children", 1, 0));
        }
        let size =
            HEADER_BYTES + NODE_HEADER_BYTES + count * CHILD_BYTES + (count - 1) * SEPARATOR_BYTES + length;
        if size > page.len() {
            return Err(bad("length of the node", page.len(), size));
        }
        // From here on every slice lies within `size`.
        let (pointers, rest) = page[HEADER_BYTES + NODE_HEADER_BYTES..size].split_at(count * CHILD_BYTES);
        let (ends_bytes, bytes) = rest.split_at((count - 1) * SEPARATOR_BYTES);
        let mut children = Vec::with_capacity(count);
        for child in pointers.chunks_exact(CHILD_BYTES) {
            let (Some(pointer), Some(rows)) =
                (PagePointer::decode(child), child[PagePointer::BYTES..].first_chunk())
            else {
                return Err(bad("length of a child", CHILD_BYTES, child.len()));
            };
            let rows = u64::from_le_bytes(*rows);
            let counted = rows & !OVERFLOW_BIT;
            if counted == 0 || counted > ROWS_MAX {
                let what = "rows below a child";
                return Err(NotAnIndexPage { what, expected: 1, found: counted });
            }
            children.push(Child {
                page: PageRef::Stored(pointer),
                rows: counted,
                has_overflow: rows & OVERFLOW_BIT != 0,
            });
        }
        let mut ends = Vec::with_capacity(count - 1);
        let mut heads = Vec::with_capacity(count - 1);
        let (mut start, mut previous): (usize, &[u8]) = (0, &[]);
        let limit = separator_limit(page.len());
        for (index, end) in ends_bytes.chunks_exact(SEPARATOR_BYTES).enumerate() {
            let end = usize::from(u16::from_le_bytes([end[0], end[1]]));
            if end < start || end > length {
                return Err(bad("end of a separator", start, end));
            }
            let separator = &bytes[start..end];
            if separator.len() > limit {
                return Err(bad("length of a separator (at most)", limit, separator.len()));
            }
            // Also the first one: nothing is below the empty key.
            if separator <= previous {
                return Err(bad("position of a separator out of order", count - 1, index));
            }
            heads.push(head(separator));
            ends.push(end as u32);
            (start, previous) = (end, separator);
        }
        if start != length {
            return Err(bad("length of the separators", length, start));
        }
        Ok(IndexNode { children, heads, ends, bytes: bytes.to_vec() })
    }

    /// Frames among the children that were not written yet.
    pub(crate) fn unwritten(&self) -> impl Iterator<Item = &Arc<Frame>> {
        self.children.iter().filter_map(|child| match &child.page {
            PageRef::Resident(frame) if frame.pointer().is_none() => Some(frame),
            PageRef::Resident(_) | PageRef::Stored(_) => None,
        })
    }

    fn start(&self, index: usize) -> usize {
        if index == 0 { 0 } else { self.ends[index - 1] as usize }
    }

    fn insert_separator(&mut self, index: usize, separator: &[u8]) {
        let start = self.start(index);
        self.bytes.splice(start..start, separator.iter().copied());
        self.ends.insert(index, start as u32);
        for end in &mut self.ends[index..] {
            *end += separator.len() as u32;
        }
        self.heads.insert(index, head(separator));
    }

    fn remove_separator(&mut self, index: usize) {
        let (start, end) = (self.start(index), self.ends[index] as usize);
        self.bytes.drain(start..end);
        self.ends.remove(index);
        self.heads.remove(index);
        for later in &mut self.ends[index..] {
            *later -= (end - start) as u32;
        }
    }
}

impl fmt::Debug for IndexNode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} children, {} rows", self.len(), self.rows())
    }
}
