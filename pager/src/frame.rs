//! Pages in memory: frames, references to them, and the place a frame gets when it is written.
//!
//! Invariants
//!
//! 1. A frame changes only through [`Frame::edit`]: its owner asks, nobody else holds it, and it has no place.
//! 2. A place is set once, after the page's bytes have been handed to the operating system, children before parents.
//!    A frame with a place is clean: what the place names is what the frame holds.
//! 3. The children of a frame that came from the cache are all [`PageRef::Stored`].
//! 4. A frame without a place is counted in the pager's dirty bytes, from its making to its placing or its end.

use crate::index::IndexNode;
use crate::watched::Touched;
use crate::{OwnerId, PageKind, PagePointer, Pager};
use env::sync::OnceLock;
use env::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::fmt;
use std::sync::Arc;

/// Where a frame was written, once it was. Shared by the frame and by the lists of freed pages: a page can be given
/// up before anyone wrote it, and be written afterwards for an older snapshot.
#[derive(Debug, Default)]
pub struct Place {
    pointer: OnceLock<PagePointer>,
    /// Position in the list of the write that is going on, counted from 1; 0 outside of one. Only the holder of the
    /// pager's writer lock reads or changes it.
    pub(crate) pending: AtomicU64,
}

impl Place {
    /// The pointer to the written page; `None` as long as it was never written.
    #[inline]
    pub fn get(&self) -> Option<PagePointer> {
        self.pointer.get().copied()
    }

    /// Sets the place; only the pager does, holding its writer lock.
    pub(crate) fn set(&self, pointer: PagePointer) {
        let first = self.pointer.set(pointer).is_ok();
        assert!(first, "invariant 2: a place is set once");
    }
}

/// A frame's place: known from the start for a page that was read, to come for one that was made.
enum Placing {
    Read(PagePointer),
    Made { place: Arc<Place>, dirty: Arc<DirtyBytes> },
}

/// Bytes of frames that have no place yet.
#[derive(Debug, Default)]
pub(crate) struct DirtyBytes {
    bytes: AtomicUsize,
}

impl DirtyBytes {
    pub(crate) fn get(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// What a frame is, beside its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// What the page holds.
    pub kind: PageKind,
    /// Height above the leaves; 0 for leaves and data.
    pub level: u8,
    /// The tree it belongs to (0: the pager itself).
    pub tree: u64,
    /// The generation in which it was born.
    pub birth: u64,
    /// The branch that may change it. [`Frame::NOBODY`] for pages that were read.
    pub owner: OwnerId,
}

/// The content of a page in memory.
pub enum Body {
    /// A whole page; its first [`HEADER_BYTES`](crate::HEADER_BYTES) belong to the page header and are meaningless
    /// in memory.
    Data(Box<[u8]>),
    /// A tree's index page, decoded.
    Index(IndexNode),
}

/// A page in memory. Always behind an `Arc`; holding one keeps it valid, whatever the cache does. What a reader asks for stands
/// first, beside the reference count: each line of memory that a look at a page takes is one more to wait for.
#[repr(C)]
pub struct Frame {
    body: Body,
    header: FrameHeader,
    placing: Placing,
    page_size: u32,
}

impl Frame {
    /// The owner of frames that nobody may change.
    pub const NOBODY: OwnerId = OwnerId(u64::MAX);

    /// A new dirty frame.
    pub fn new(pager: &Pager, header: FrameHeader, body: Body) -> Arc<Frame> {
        pager.touched(Touched::Made, 1);
        Frame::made(pager.dirty(), pager.page_size(), header, body)
    }

    pub(crate) fn made(
        dirty: &Arc<DirtyBytes>,
        page_size: usize,
        header: FrameHeader,
        body: Body,
    ) -> Arc<Frame> {
        debug_assert!(header.owner != Frame::NOBODY, "a made frame has an owner");
        if let Body::Data(bytes) = &body {
            assert_eq!(bytes.len(), page_size, "a data frame is a whole page");
        }
        dirty.bytes.fetch_add(page_size, Ordering::Relaxed);
        let placing = Placing::Made { place: Arc::new(Place::default()), dirty: Arc::clone(dirty) };
        Arc::new(Frame { header, page_size: page_size as u32, placing, body })
    }

    /// A clean frame for a page that stands at `pointer`.
    pub(crate) fn clean(
        pointer: PagePointer,
        page_size: usize,
        header: FrameHeader,
        body: Body,
    ) -> Arc<Frame> {
        let header = FrameHeader { owner: Frame::NOBODY, ..header };
        Arc::new(Frame { header, page_size: page_size as u32, placing: Placing::Read(pointer), body })
    }

    /// What the page holds.
    pub fn kind(&self) -> PageKind {
        self.header.kind
    }

    /// Height above the leaves.
    pub fn level(&self) -> u8 {
        self.header.level
    }

    /// The tree it belongs to.
    pub fn tree(&self) -> u64 {
        self.header.tree
    }

    /// The generation in which it was born.
    pub fn birth(&self) -> u64 {
        self.header.birth
    }

    /// The branch that may change it.
    pub fn owner(&self) -> OwnerId {
        self.header.owner
    }

    /// Everything but the content.
    pub fn header(&self) -> &FrameHeader {
        &self.header
    }

    /// The content.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The page's bytes; empty for an index frame.
    pub fn data(&self) -> &[u8] {
        match &self.body {
            Body::Data(bytes) => bytes,
            Body::Index(_) => &[],
        }
    }

    /// The decoded index node; `None` for a data frame.
    pub fn index(&self) -> Option<&IndexNode> {
        match &self.body {
            Body::Index(node) => Some(node),
            Body::Data(_) => None,
        }
    }

    /// Where it was written, once it was.
    #[inline]
    pub fn pointer(&self) -> Option<PagePointer> {
        match &self.placing {
            Placing::Read(pointer) => Some(*pointer),
            Placing::Made { place, .. } => place.get(),
        }
    }

    /// What goes on a list of freed pages when this page is given up.
    pub fn freed(&self) -> FreedPage {
        let page = match &self.placing {
            Placing::Read(pointer) => FreedRef::Stored(pointer.number),
            Placing::Made { place, .. } => match place.get() {
                Some(pointer) => FreedRef::Stored(pointer.number),
                None => FreedRef::Resident(Arc::clone(place)),
            },
        };
        FreedPage { page, birth: self.header.birth }
    }

    /// The content, to change it: only for its owner, while nobody else holds it and before it was written.
    /// `None` means: make a copy.
    #[inline]
    pub fn edit(frame: &mut Arc<Frame>, owner: OwnerId) -> Option<&mut Body> {
        if frame.header.owner != owner {
            return None;
        }
        let frame = Arc::get_mut(frame)?;
        if frame.pointer().is_some() {
            return None;
        }
        Some(&mut frame.body)
    }

    /// Whether [`Frame::edit`] would succeed now. Asks without writing to memory that others watch; the answer stays
    /// true for whoever has the only reference by exclusive borrow.
    #[inline]
    pub fn is_editable(frame: &mut Arc<Frame>, owner: OwnerId) -> bool {
        frame.header.owner == owner && Arc::strong_count(frame) == 1 && frame.pointer().is_none()
    }

    /// Bytes of memory that the frame takes, roughly.
    pub fn memory_bytes(&self) -> usize {
        let body = match &self.body {
            Body::Data(bytes) => bytes.len(),
            Body::Index(node) => node.memory_bytes(),
        };
        body + std::mem::size_of::<Frame>()
    }

    /// The place to be set when the frame is written; `None` for a page that was read.
    pub(crate) fn place(&self) -> Option<&Arc<Place>> {
        match &self.placing {
            Placing::Made { place, .. } => Some(place),
            Placing::Read(_) => None,
        }
    }

    /// Sets the place after the page was written: the frame is clean from here on.
    pub(crate) fn set_place(&self, pointer: PagePointer) {
        match &self.placing {
            Placing::Made { place, dirty } => {
                place.set(pointer);
                dirty.bytes.fetch_sub(self.page_size as usize, Ordering::Relaxed);
            }
            Placing::Read(_) => unreachable!("invariant 2: a page that was read has its place"),
        }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        if let Placing::Made { place, dirty } = &self.placing
            && place.get().is_none()
        {
            dirty.bytes.fetch_sub(self.page_size as usize, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} level {} of tree {}, born {}",
            self.kind().name(),
            self.level(),
            self.tree(),
            self.birth()
        )?;
        match self.pointer() {
            Some(pointer) => write!(formatter, ", at {pointer}"),
            None => formatter.write_str(", not written"),
        }
    }
}

/// How a parent (or a tree's root) refers to a page.
#[derive(Clone, Debug)]
pub enum PageRef {
    /// By its place in the file.
    Stored(PagePointer),
    /// By its frame, which may or may not have been written.
    Resident(Arc<Frame>),
}

impl PageRef {
    /// The pointer to the page, if it was written.
    pub fn pointer(&self) -> Option<PagePointer> {
        match self {
            PageRef::Stored(pointer) => Some(*pointer),
            PageRef::Resident(frame) => frame.pointer(),
        }
    }

    /// The generation in which the page was born.
    pub fn birth(&self) -> u64 {
        match self {
            PageRef::Stored(pointer) => pointer.birth,
            PageRef::Resident(frame) => frame.birth(),
        }
    }

    /// What goes on a list of freed pages when this page is given up.
    pub fn freed(&self) -> FreedPage {
        match self {
            PageRef::Stored(pointer) => {
                FreedPage { page: FreedRef::Stored(pointer.number), birth: pointer.birth }
            }
            PageRef::Resident(frame) => frame.freed(),
        }
    }

    /// Whether both are surely the same page. `false` may also mean that one of two references to one page was taken
    /// before it was written; whoever compares content then finds it equal.
    pub fn same_page(&self, other: &PageRef) -> bool {
        if let (PageRef::Resident(one), PageRef::Resident(two)) = (self, other)
            && Arc::ptr_eq(one, two)
        {
            return true;
        }
        matches!((self.pointer(), other.pointer()), (Some(one), Some(two)) if one == two)
    }
}

/// A page that a branch gave up.
#[derive(Debug, Clone)]
pub struct FreedPage {
    /// Which page.
    pub page: FreedRef,
    /// The generation in which it was born: decides whose it is to free.
    pub birth: u64,
}

impl FreedPage {
    /// The page number, if the page has ever been written.
    pub fn number(&self) -> Option<u64> {
        match &self.page {
            FreedRef::Stored(number) => Some(*number),
            FreedRef::Resident(place) => place.get().map(|pointer| pointer.number),
        }
    }
}

/// How a freed page is named.
#[derive(Debug, Clone)]
pub enum FreedRef {
    /// By its number.
    Stored(u64),
    /// By the place that it may still get: an older snapshot holds the frame and may have it written.
    Resident(Arc<Place>),
}
