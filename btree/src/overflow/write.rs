//! Writing large values, from memory or as a stream.
//!
//! Invariants
//!
//! 1. Pages are written as the value comes in; memory holds one segment and one index page per level.
//! 2. Until [`ValueWriter::finish`] has answered, nothing refers to the pages. A writer that is dropped before, or that
//!    fails, notes all of them as given up.
//!
//! Fails with `ValueTooLong`, and with what writing pages meets (a full device).

use super::{BRANCH_BYTES, ENTRIES_AT, Layout, SEGMENT_HEADER_BYTES};
use crate::error::{Result, TreeError};
use crate::leaf::inline_limit;
use crate::node::Edit;
use crate::tree::Tree;
use crate::value::{COMPRESSED_BIT, COMPRESSED_HEADER_BYTES, COMPRESSED_TAG, Overflow, VALUE_LIMIT, Value};
use pager::{HEADER_BYTES, PageKind, PagePointer, PageRef, PageSet};

/// A value in the form that goes into a leaf.
pub(crate) enum Prepared<'v> {
    /// As it is.
    Plain(&'v [u8]),
    /// A description, and the overflow pages that were written for it.
    Special { description: Vec<u8>, pages: PageSet },
}

impl Prepared<'_> {
    /// Whether the cell is special, and its bytes.
    pub fn cell(&self) -> (bool, &[u8]) {
        match self {
            Prepared::Plain(bytes) => (false, bytes),
            Prepared::Special { description, .. } => (true, description),
        }
    }

    /// Gives the pages up again, because no row came to refer to them.
    pub fn abandon(&self, edit: &mut Edit<'_>) {
        match self {
            Prepared::Plain(_) => {}
            Prepared::Special { pages, .. } => give_up(edit, pages),
        }
    }
}

/// Notes pages that this branch has just written as given up.
pub(crate) fn give_up(edit: &mut Edit<'_>, pages: &PageSet) {
    for number in pages.iter() {
        let pointer = PagePointer { number, checksum: 0, birth: edit.birth };
        edit.changes.freed.push(PageRef::Stored(pointer).freed());
    }
}

/// Brings `value` into the form that goes into a leaf of `tree`, writing overflow pages if it must.
pub(crate) fn prepare<'v>(edit: &mut Edit<'_>, tree: u64, value: &'v [u8]) -> Result<Prepared<'v>> {
    if value.len() <= inline_limit(edit.pager.page_size()) {
        return Ok(Prepared::Plain(value));
    }
    prepare_large(edit, tree, value)
}

#[cold]
fn prepare_large<'v>(edit: &mut Edit<'_>, tree: u64, value: &'v [u8]) -> Result<Prepared<'v>> {
    if value.len() > VALUE_LIMIT {
        return Err(TreeError::ValueTooLong { length: value.len() as u64, limit: VALUE_LIMIT as u64 });
    }
    let mut writer = ValueWriter::new(edit, tree);
    if value.len() <= writer.layout.segment_bytes()
        && let Some(description) = writer.single(value)?
    {
        return Ok(Prepared::Special { description, pages: std::mem::take(&mut writer.pages) });
    }
    writer.write(value)?;
    let overflow = writer.complete()?;
    let description = overflow.encode().to_vec();
    Ok(Prepared::Special { description, pages: std::mem::take(&mut writer.pages) })
}

/// Compresses `raw` into `into`, which grows to what that may take, when it saves at least an eighth; returns what came of it.
fn compress<'b>(raw: &[u8], into: &'b mut Vec<u8>) -> Option<&'b [u8]> {
    let most = lz4_flex::block::get_maximum_output_size(raw.len());
    if into.len() < most {
        *into = vec![0; most];
    }
    let length = lz4_flex::block::compress_into(raw, into).ok()?;
    (length <= raw.len() - raw.len() / 8).then(|| &into[..length])
}

/// One level of the index that is being built.
#[derive(Debug, Default)]
struct OpenIndex {
    entries: Vec<u8>,
    count: u16,
    raw: usize,
}

/// Writes one large value piece by piece. Made by [`Tree::value_writer`].
#[derive(Debug)]
pub struct ValueWriter<'e, 'a> {
    edit: &'e mut Edit<'a>,
    tree: u64,
    layout: Layout,
    /// Bytes that have come in and are not written: less than a segment, or one when nothing followed it yet.
    pending: Vec<u8>,
    length: usize,
    /// Index pages being filled; position 0 is level 1.
    open: Vec<OpenIndex>,
    block: Vec<u8>,
    page: Vec<u8>,
    /// Pages written so far that nothing refers to yet.
    pages: PageSet,
}

impl Tree {
    /// Starts a value that arrives piece by piece; put it in with [`Tree::insert_value`] when it is finished.
    pub fn value_writer<'e, 'a>(&self, edit: &'e mut Edit<'a>) -> ValueWriter<'e, 'a> {
        ValueWriter::new(edit, self.id)
    }
}

impl<'e, 'a> ValueWriter<'e, 'a> {
    fn new(edit: &'e mut Edit<'a>, tree: u64) -> ValueWriter<'e, 'a> {
        let layout = Layout::new(edit.pager.page_size());
        ValueWriter {
            edit,
            tree,
            layout,
            pending: Vec::new(),
            length: 0,
            open: Vec::new(),
            block: Vec::new(),
            page: Vec::new(),
            pages: PageSet::new(),
        }
    }

    /// Bytes written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing was written so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Appends `bytes` to the value.
    ///
    /// # Errors
    /// `ValueTooLong`, and what writing pages meets. The writer can then only be dropped.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        let length = self.length as u64 + bytes.len() as u64;
        if length > VALUE_LIMIT as u64 {
            return Err(TreeError::ValueTooLong { length, limit: VALUE_LIMIT as u64 });
        }
        self.length = length as usize;
        let full = self.layout.segment_bytes();
        while !bytes.is_empty() {
            if self.pending.len() == full {
                let segment = std::mem::take(&mut self.pending);
                self.segment(&segment)?;
                self.pending = segment;
                self.pending.clear();
            }
            if self.pending.is_empty() && bytes.len() > full {
                // Straight from the caller's memory.
                let (segment, rest) = bytes.split_at(full);
                self.segment(segment)?;
                bytes = rest;
                continue;
            }
            let (now, rest) = bytes.split_at(bytes.len().min(full - self.pending.len()));
            self.pending.extend_from_slice(now);
            bytes = rest;
        }
        Ok(())
    }

    /// Ends the value. It must be put into a tree, or given up by [`Edit::discard`]: its pages are taken.
    ///
    /// # Errors
    /// What writing pages meets.
    pub fn finish(mut self) -> Result<Value> {
        if self.open.is_empty() {
            // No more than one segment: how it is stored best is decided when it is put in.
            return Ok(Value::from_bytes(&self.pending));
        }
        let overflow = self.complete()?;
        self.pages = PageSet::new();
        Ok(Value::from_overflow(self.tree, overflow))
    }

    /// The description of a value of at most one segment that does not need an index; `None` when it needs one.
    fn single(&mut self, value: &[u8]) -> Result<Option<Vec<u8>>> {
        let mut block = std::mem::take(&mut self.block);
        let compressed = compress(value, &mut block);
        let length = value.len() as u32;
        let inline = inline_limit(self.edit.pager.page_size());
        if let Some(inside) = compressed.filter(|bytes| bytes.len() + COMPRESSED_HEADER_BYTES <= inline) {
            let mut description = vec![COMPRESSED_TAG];
            description.extend_from_slice(&length.to_le_bytes());
            description.extend_from_slice(inside);
            self.block = block;
            return Ok(Some(description));
        }
        let (stored, bytes) = if value.len() <= self.layout.payload {
            (length, value)
        } else if let Some(bytes) = compressed.filter(|bytes| bytes.len() <= self.layout.payload) {
            (bytes.len() as u32 | COMPRESSED_BIT, bytes)
        } else {
            return Ok(None);
        };
        let pointer = self.page(PageKind::OverflowData, 0, bytes)?;
        Ok(Some(Overflow { level: 0, length, stored, pointer }.encode().to_vec()))
    }

    /// Writes what is pending and all open index pages.
    fn complete(&mut self) -> Result<Overflow> {
        let segment = std::mem::take(&mut self.pending);
        if !segment.is_empty() {
            self.segment(&segment)?;
        }
        let mut at = 0;
        loop {
            let (pointer, raw) = self.close(at)?;
            at += 1;
            if at == self.open.len() {
                let stored = self.pages.len() as u32;
                return Ok(Overflow { level: at as u8, length: self.length as u32, stored, pointer });
            }
            self.branch(at, raw, pointer)?;
        }
    }

    /// Writes one segment and enters it into the index.
    fn segment(&mut self, raw: &[u8]) -> Result<()> {
        let mut block = std::mem::take(&mut self.block);
        let saves = |bytes: &&[u8]| self.layout.pages(bytes.len()) * 8 <= self.layout.pages(raw.len()) * 7;
        let compressed = compress(raw, &mut block).filter(saves);
        let (stored, flag) = compressed.map_or((raw, 0), |bytes| (bytes, COMPRESSED_BIT));
        let mut entry =
            Vec::with_capacity(SEGMENT_HEADER_BYTES + self.layout.segment_pages * PagePointer::BYTES);
        entry.extend_from_slice(&(raw.len() as u32).to_le_bytes());
        entry.extend_from_slice(&(stored.len() as u32 | flag).to_le_bytes());
        for pointer in self.data_pages(stored)? {
            push_pointer(&mut entry, &pointer);
        }
        self.block = block;
        self.enter(0, &entry, raw.len())
    }

    fn branch(&mut self, at: usize, raw: usize, pointer: PagePointer) -> Result<()> {
        let mut entry = Vec::with_capacity(BRANCH_BYTES);
        entry.extend_from_slice(&(raw as u32).to_le_bytes());
        push_pointer(&mut entry, &pointer);
        self.enter(at, &entry, raw)
    }

    /// Appends an entry to the open index page at position `at`; full ones are written and entered one level up.
    fn enter(&mut self, at: usize, entry: &[u8], raw: usize) -> Result<()> {
        if at == self.open.len() {
            self.open.push(OpenIndex::default());
        }
        if self.open[at].entries.len() + entry.len() > self.layout.entries {
            let (pointer, raw) = self.close(at)?;
            // One level up each time: as deep as the index is high.
            self.branch(at + 1, raw, pointer)?;
        }
        let open = &mut self.open[at];
        open.entries.extend_from_slice(entry);
        open.count += 1;
        open.raw += raw;
        Ok(())
    }

    /// Writes the open index page at position `at` and starts it anew; its pointer, and the bytes below it.
    fn close(&mut self, at: usize) -> Result<(PagePointer, usize)> {
        let open = std::mem::take(&mut self.open[at]);
        let mut content = Vec::with_capacity(ENTRIES_AT - HEADER_BYTES + open.entries.len());
        content.extend_from_slice(&open.count.to_le_bytes());
        content.extend_from_slice(&[0, 0]);
        content.extend_from_slice(&open.entries);
        let pointer = self.page(PageKind::OverflowIndex, at as u8 + 1, &content)?;
        Ok((pointer, open.raw))
    }

    /// Writes `bytes` to as many data pages as they need, in one go.
    fn data_pages(&mut self, bytes: &[u8]) -> Result<Vec<PagePointer>> {
        let page_size = self.edit.pager.page_size();
        self.page.clear();
        for part in bytes.chunks(self.layout.payload) {
            self.page.resize(self.page.len().next_multiple_of(page_size) + HEADER_BYTES, 0);
            self.page.extend_from_slice(part);
        }
        self.page.resize(self.page.len().next_multiple_of(page_size), 0);
        let pages: Vec<&[u8]> = self.page.chunks_exact(page_size).collect();
        let Edit { pager, birth, changes, .. } = &mut *self.edit;
        let kind = PageKind::OverflowData;
        let pointers = pager.write_pages(kind, 0, self.tree, *birth, &pages, &mut changes.allocated)?;
        for pointer in &pointers {
            self.pages.insert(pointer.number);
        }
        Ok(pointers)
    }

    /// Writes one page with `content` behind its header.
    fn page(&mut self, kind: PageKind, level: u8, content: &[u8]) -> Result<PagePointer> {
        self.page.clear();
        self.page.resize(HEADER_BYTES, 0);
        self.page.extend_from_slice(content);
        self.page.resize(self.edit.pager.page_size(), 0);
        let Edit { pager, birth, changes, .. } = &mut *self.edit;
        let pointer = pager.write_page(kind, level, self.tree, *birth, &self.page, &mut changes.allocated)?;
        self.pages.insert(pointer.number);
        Ok(pointer)
    }
}

impl Drop for ValueWriter<'_, '_> {
    fn drop(&mut self) {
        give_up(self.edit, &self.pages);
    }
}

fn push_pointer(entry: &mut Vec<u8>, pointer: &PagePointer) {
    let at = entry.len();
    entry.resize(at + PagePointer::BYTES, 0);
    pointer.encode(&mut entry[at..]);
}

impl Edit<'_> {
    /// Gives up a value that was finished by a [`ValueWriter`] and is not put into any tree.
    ///
    /// # Errors
    /// What reading its index pages meets.
    pub fn discard(&mut self, value: &Value) -> Result<()> {
        self.all_or_nothing(|edit| {
            let freed = &mut edit.changes.freed;
            value.walk_overflow(edit.pager, &mut |pointer| freed.push(PageRef::Stored(pointer).freed()))
        })
    }
}
