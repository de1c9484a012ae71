//! Writing pages: trees of dirty frames, and single pages that are known when they are made.
//!
//! Invariants
//!
//! 1. Children get their places before their parents; a parent's page holds its children's checksums.
//! 2. All or nothing: places are set after every page of the call was written. When one fails, or the task is broken
//!    off in it, no frame has got a place, and all places that were taken are free again.
//! 3. One call writes at a time, so that a frame reachable from two roots is written once.
//! 4. A file that is opened for reading is never written: pages of large values stay in memory then.
//! 5. Nothing is synced here. What a page was written for decides when it must be durable.

use crate::allocation::Taken;
use crate::header::{HEADER_BYTES, seal};
use crate::index::IndexNode;
use crate::labels::{MARK_OUT_OF_SPACE, MOVE_WRITE, PAGE_WRITE, PAGES_WRITE};
use crate::watched::Touched;
use crate::{
    Access, Body, Frame, FrameHeader, PageKind, PagePointer, PageRef, PageSet, Pager, Placements, Region,
    Result,
};
use env::sync::atomic::Ordering;
use env::{FileExt, Label};
use std::io::IoSlice;
use std::ops::Range;
use std::sync::Arc;

/// Pages in one write call at most: two slices each, within what one vectored write takes.
const BATCH_PAGES: usize = 256;

/// A page ready to be written.
pub(crate) struct SealedPage<'a> {
    pub number: u64,
    pub header: [u8; HEADER_BYTES],
    /// The page behind its header.
    pub rest: &'a [u8],
}

/// Frames without places, children before parents. Forgets the frames' marks when it goes, however it goes.
#[derive(Default)]
struct Unwritten {
    frames: Vec<Arc<Frame>>,
}

impl Unwritten {
    fn collect(&mut self, frame: &Arc<Frame>) {
        let Some(place) = frame.place() else { return };
        if place.get().is_some() || place.pending.load(Ordering::Relaxed) != 0 {
            return;
        }
        if let Body::Index(node) = frame.body() {
            for child in node.unwritten() {
                self.collect(child);
            }
        }
        self.frames.push(Arc::clone(frame));
        place.pending.store(self.frames.len() as u64, Ordering::Relaxed);
    }
}

impl Drop for Unwritten {
    fn drop(&mut self) {
        for frame in &self.frames {
            if let Some(place) = frame.place() {
                place.pending.store(0, Ordering::Relaxed);
            }
        }
    }
}

impl Pager {
    /// Writes every frame below `roots` that has no place yet, and answers where the roots stand. `placed` learns
    /// the places taken, by the branch that made each frame. Nothing is synced.
    ///
    /// # Errors
    /// [`Error::OutOfSpace`](crate::Error::OutOfSpace) and [`Error::Io`](crate::Error::Io): nothing was changed.
    pub fn write_tree(&self, roots: &[PageRef], placed: &mut Placements) -> Result<Vec<PagePointer>> {
        self.check_writable()?;
        let writer = self.writer.lock();
        let mut unwritten = Unwritten::default();
        for root in roots {
            if let PageRef::Resident(frame) = root {
                unwritten.collect(frame);
            }
        }
        if !unwritten.frames.is_empty() {
            let taken = self.take(unwritten.frames.len() as u64)?;
            let (pointers, nodes) = self.write_frames(&unwritten.frames, taken.runs())?;
            taken.keep();
            self.touched(Touched::Written, unwritten.frames.len());
            self.settle(&unwritten.frames, &pointers, nodes, placed);
        }
        drop(unwritten);
        drop(writer);
        // Every root is written now.
        Ok(roots.iter().map(|root| root.pointer().unwrap_or(PagePointer::NONE)).collect())
    }

    /// Encodes and writes frames to the places of `runs`, in order. Answers their pointers, and the index nodes with
    /// stored children, in order.
    fn write_frames(
        &self,
        frames: &[Arc<Frame>],
        runs: &[Range<u64>],
    ) -> Result<(Vec<PagePointer>, Vec<IndexNode>)> {
        let mut pointers: Vec<PagePointer> = Vec::with_capacity(frames.len());
        let mut nodes = Vec::new();
        let mut numbers = runs.iter().cloned().flatten();
        for batch in frames.chunks(BATCH_PAGES) {
            let mut headers = Vec::with_capacity(batch.len());
            let mut encoded = Vec::new();
            for (frame, number) in batch.iter().zip(&mut numbers) {
                let (header, pointer) = match frame.body() {
                    Body::Data(bytes) => seal(frame.header(), number, &bytes[HEADER_BYTES..]),
                    Body::Index(node) => {
                        let mut page = vec![0u8; self.page_size];
                        nodes.push(node.encode(&mut page, |child| place_of(child, &pointers)));
                        let sealed = seal(frame.header(), number, &page[HEADER_BYTES..]);
                        encoded.push(page);
                        sealed
                    }
                };
                headers.push(header);
                pointers.push(pointer);
            }
            let mut encoded = encoded.iter();
            let first = pointers.len() - batch.len();
            let pages =
                batch.iter().zip(headers).zip(&pointers[first..]).filter_map(|((frame, header), pointer)| {
                    let rest = match frame.body() {
                        Body::Data(bytes) => &bytes[HEADER_BYTES..],
                        Body::Index(_) => &encoded.next()?[HEADER_BYTES..],
                    };
                    Some(SealedPage { number: pointer.number, header, rest })
                });
            self.write_sealed(&PAGES_WRITE, pages)?;
        }
        Ok((pointers, nodes))
    }

    /// Makes written frames clean: places, cache, and who owns which place.
    fn settle(
        &self,
        frames: &[Arc<Frame>],
        pointers: &[PagePointer],
        nodes: Vec<IndexNode>,
        placed: &mut Placements,
    ) {
        let mut nodes = nodes.into_iter();
        for (frame, pointer) in frames.iter().zip(pointers) {
            frame.set_place(*pointer);
            placed.add(frame.owner(), pointer.number);
            let clean = match frame.body() {
                Body::Data(_) => Some(Arc::clone(frame)),
                // In the cache the children are stored: a cached page holds no other page in memory.
                Body::Index(_) => nodes
                    .next()
                    .map(|node| Frame::clean(*pointer, self.page_size, *frame.header(), Body::Index(node))),
            };
            if let Some(clean) = clean {
                self.cache_insert(pointer, clean);
            }
        }
    }

    /// Writes one page that is complete: an overflow page. `page` is a whole page; its first
    /// [`HEADER_BYTES`] are ignored. Not synced, not cached.
    ///
    /// # Errors
    /// As [`Pager::write_tree`].
    pub fn write_page(
        &self,
        kind: PageKind,
        level: u8,
        tree: u64,
        birth: u64,
        page: &[u8],
        allocated: &mut PageSet,
    ) -> Result<PagePointer> {
        let pointers = self.write_pages(kind, level, tree, birth, &[page], allocated)?;
        // One page in, one pointer out.
        Ok(pointers.first().copied().unwrap_or_default())
    }

    /// Writes several complete pages of one kind, as far as possible side by side. In a file that is only read they are
    /// kept in memory instead: recovery carries out the log there, too.
    ///
    /// # Errors
    /// As [`Pager::write_tree`].
    pub fn write_pages<P: AsRef<[u8]>>(
        &self,
        kind: PageKind,
        level: u8,
        tree: u64,
        birth: u64,
        pages: &[P],
        allocated: &mut PageSet,
    ) -> Result<Vec<PagePointer>> {
        let header = FrameHeader { kind, level, tree, birth, owner: Frame::NOBODY };
        if self.access == Access::ReadOnly {
            let file_pages = self.pages.load(Ordering::Relaxed);
            return Ok(pages
                .iter()
                .map(|page| self.scratch.keep(&header, page.as_ref(), file_pages))
                .collect());
        }
        self.check_writable()?;
        if pages.is_empty() {
            return Ok(Vec::new());
        }
        let taken = self.take(pages.len() as u64)?;
        let pointers = self.fill(&PAGE_WRITE, taken, &header, pages, allocated)?;
        self.touched(Touched::Made, pages.len());
        self.touched(Touched::Written, pages.len());
        Ok(pointers)
    }

    /// Writes copies of pages, each all bytes of a page with this header, to other places: as old as the originals. `None`
    /// when the region has no room for all of them. Not synced, not cached.
    ///
    /// # Errors
    /// As [`Pager::write_tree`].
    pub fn copy_pages<P: AsRef<[u8]>>(
        &self,
        header: &FrameHeader,
        pages: &[P],
        region: Region,
        allocated: &mut PageSet,
    ) -> Result<Option<Vec<PagePointer>>> {
        self.check_writable()?;
        let Some(taken) = self.take_in(pages.len() as u64, region)? else { return Ok(None) };
        self.fill(&MOVE_WRITE, taken, header, pages, allocated).map(Some)
    }

    /// Writes pages to the places that were taken for them.
    fn fill<P: AsRef<[u8]>>(
        &self,
        label: &'static Label,
        taken: Taken<'_>,
        header: &FrameHeader,
        pages: &[P],
        allocated: &mut PageSet,
    ) -> Result<Vec<PagePointer>> {
        let mut pointers = Vec::with_capacity(pages.len());
        let mut sealed = Vec::with_capacity(pages.len());
        for (number, page) in taken.runs().iter().cloned().flatten().zip(pages) {
            let page = page.as_ref();
            assert_eq!(page.len(), self.page_size, "a page is written whole");
            let rest = &page[HEADER_BYTES..];
            let (header, pointer) = seal(header, number, rest);
            pointers.push(pointer);
            sealed.push(SealedPage { number, header, rest });
        }
        self.write_sealed(label, sealed.into_iter())?;
        for run in taken.keep() {
            allocated.insert_run(run);
        }
        Ok(pointers)
    }

    /// Writes pages, neighbours together.
    pub(crate) fn write_sealed<'a>(
        &self,
        label: &'static Label,
        pages: impl Iterator<Item = SealedPage<'a>>,
    ) -> Result<()> {
        let pages: Vec<SealedPage<'a>> = pages.collect();
        let mut slices = Vec::with_capacity(2 * pages.len().min(BATCH_PAGES));
        let neighbours = pages.chunk_by(|one, two| one.number + 1 == two.number);
        for batch in neighbours.flat_map(|run| run.chunks(BATCH_PAGES)) {
            slices.clear();
            for page in batch {
                slices.push(IoSlice::new(&page.header));
                slices.push(IoSlice::new(page.rest));
            }
            let offset = batch[0].number * self.page_size as u64;
            let written = self.file.write_all_vectored_at(label, offset, &mut slices);
            self.changed();
            written.map_err(|error| {
                if error.is_out_of_space() {
                    self.env.reached(&MARK_OUT_OF_SPACE);
                }
                self.io(error)
            })?;
        }
        Ok(())
    }

    /// The file was written or made longer, or that failed half-way. Said afterwards: a sync that began earlier may not
    /// have covered it.
    pub(crate) fn changed(&self) {
        self.unsynced.store(true, Ordering::Release);
    }

    /// Makes everything written so far durable. Calls nothing if nothing was written since the last time.
    ///
    /// # Errors
    /// Any failure poisons the pager.
    pub fn sync(&self, label: &'static Label) -> Result<()> {
        // One at a time: the system tells of a failed write once, to one of those who are syncing. The other would
        // believe that its own pages are durable.
        let _one = self.syncing.lock();
        self.check_writable()?;
        if !self.unsynced.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        self.file.sync_data(label).map_err(|error| self.poison(self.io(error)))
    }
}

/// A child's place: its own, or the one it gets in the write that is going on.
fn place_of(child: &PageRef, pointers: &[PagePointer]) -> PagePointer {
    match child {
        PageRef::Stored(pointer) => *pointer,
        PageRef::Resident(frame) => match frame.pointer() {
            Some(pointer) => pointer,
            None => {
                let position = frame.place().map_or(0, |place| place.pending.load(Ordering::Relaxed));
                // Invariant 1: the child stands before its parent in the list.
                pointers[position as usize - 1]
            }
        },
    }
}
