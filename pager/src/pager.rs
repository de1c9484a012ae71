//! The pager: one open database file, its cache, and how a page is read.
//!
//! Invariants
//!
//! 1. A frame handed out was checked against the pointer that led to it: checksum of the content, page number, birth.
//! 2. A read that fails or does not match is tried again, [`READ_ATTEMPTS`] times in all: a stale or misdirected read
//!    is masked by that. What fails then is reported, and not remembered: a later call tries anew.
//! 3. After a failed sync, or a failed write of a checkpoint, the pager is *poisoned*: memory and disk may disagree,
//!    and a second sync that succeeds would prove nothing. Everything that writes fails from then on with the first
//!    failure; reading goes on. The only way out is to open the file anew.
//! 4. Locks are taken in the order map, writer, syncing, superblocks, space, cache. None but the map's is held while a
//!    page is read; readers take the cache's alone.

use crate::allocation::SpaceState;
use crate::cache::{Cache, Companion, Lookup};
use crate::checkpoint::Superblocks;
use crate::frame::DirtyBytes;
use crate::free_map::FreeMap;
use crate::header::{BadPage, verify};
use crate::index::IndexNode;
use crate::labels::{
    MARK_CORRUPT_PAGE, MARK_EVICTED, MARK_POISONED, MARK_RETRIED_READ, MARK_STALE_FRAME, OPEN_LENGTH,
    PAGE_READ,
};
use crate::scratch::Scratch;
use crate::watched::{Touched, Watches};
use crate::{Access, Body, Error, Frame, FrameHeader, PageKind, PagePointer, PageRef, Result, Superblock};
use env::sync::Mutex;
use env::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use env::{Env, File, FileExt, Label};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often a page is read before its failure is reported.
pub const READ_ATTEMPTS: usize = 3;

/// What is wrong with the content of a page, as the layer sees it that knows what the page means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadContent {
    /// The property, in words.
    pub what: &'static str,
    /// What it should be.
    pub expected: u64,
    /// What it is.
    pub found: u64,
}

/// Looks at a page that was just read: its kind, and all its bytes. See [`Pager::load_checked`].
pub type ContentCheck = fn(PageKind, &[u8]) -> std::result::Result<(), BadContent>;

/// An open database file. Shared by all who use it.
pub struct Pager {
    pub(crate) env: Arc<dyn Env>,
    pub(crate) file: Arc<dyn File>,
    pub(crate) path: PathBuf,
    pub(crate) page_size: usize,
    pub(crate) access: Access,
    /// Nothing in the file outlives the process: no checkpoint is ever made of it ([`Pager::temporary`]).
    pub(crate) temporary: bool,
    /// See [`Pager::unusable_superblock`].
    pub(crate) unusable_superblock: Option<String>,
    pub(crate) growth_pages: u64,
    pub(crate) database: u128,
    pub(crate) cache: Cache,
    pub(crate) dirty: Arc<DirtyBytes>,
    /// Pages that readers keep for themselves.
    pub(crate) kept: Arc<AtomicUsize>,
    /// Who counts pages.
    pub(crate) watches: Arc<Watches>,
    /// Length of the file in pages, as far as this pager made or found it.
    pub(crate) pages: AtomicU64,
    pub(crate) space: Mutex<SpaceState>,
    pub(crate) scratch: Scratch,
    pub(crate) writer: Mutex<()>,
    pub(crate) syncing: Mutex<()>,
    /// The file was written or made longer since the last sync began.
    pub(crate) unsynced: AtomicBool,
    /// The newest checkpoint's free-space map; held while the next one is made. Absent until it is needed when the
    /// file was opened read-only.
    pub(crate) map: Mutex<Option<FreeMap>>,
    pub(crate) superblocks: Mutex<Superblocks>,
    pub(crate) poisoned: AtomicBool,
    pub(crate) poison: Mutex<Option<Error>>,
}

impl Pager {
    /// Bytes of a page.
    pub fn page_size(&self) -> usize {
        self.page_size
    }

    /// The database's id: log records carry it.
    pub fn database(&self) -> u128 {
        self.database
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What may be done with the file.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The environment in which the file is open.
    pub fn env(&self) -> &Arc<dyn Env> {
        &self.env
    }

    /// Bytes of frames that were never written. Not part of the cache's budget: whoever makes dirty frames watches
    /// this figure and has them written.
    pub fn dirty_bytes(&self) -> usize {
        self.dirty.get()
    }

    /// Bytes of clean frames in the cache, and of what is kept beside them.
    pub fn cache_bytes(&self) -> usize {
        self.cache.bytes()
    }

    /// Bytes that the cache may keep.
    pub fn cache_budget(&self) -> usize {
        self.cache.budget()
    }

    /// Changes how many bytes of clean frames the cache may keep, from now on. What is too much goes at once.
    pub fn set_cache_bytes(&self, bytes: usize) {
        for _ in 0..self.cache.set_budget(bytes) {
            self.env.reached(&crate::labels::MARK_EVICTED);
        }
    }

    /// The newest checkpoint.
    pub fn superblock(&self) -> Superblock {
        self.superblocks.lock().newest.clone()
    }

    /// The checkpoint before the newest; equal to it, but for the generation, when there is none. The log is needed
    /// from its position on.
    pub fn older_superblock(&self) -> Superblock {
        self.superblocks.lock().older.clone()
    }

    /// What is wrong with one of the two superblocks, in a file that is open for reading only. (Opening for writing has
    /// written it anew.) A crash in the midst of a checkpoint leaves one, and so does rot.
    pub fn unusable_superblock(&self) -> Option<&str> {
        self.unusable_superblock.as_deref()
    }

    pub(crate) fn dirty(&self) -> &Arc<DirtyBytes> {
        &self.dirty
    }

    /// The frame behind a reference.
    ///
    /// # Errors
    /// As [`Pager::load`].
    #[inline]
    pub fn resolve(&self, page: &PageRef) -> Result<Arc<Frame>> {
        match page {
            PageRef::Resident(frame) => Ok(Arc::clone(frame)),
            PageRef::Stored(pointer) => self.load(pointer),
        }
    }

    /// The page at `pointer`, from the cache or from the file.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the page is not what the pointer says, [`Error::Truncated`] when the file ends before
    /// it, [`Error::Io`] when it cannot be read.
    #[inline]
    pub fn load(&self, pointer: &PagePointer) -> Result<Arc<Frame>> {
        self.load_checked(pointer, |_, _| Ok(()))
    }

    /// As [`Pager::load`]; `check` looks at the kind and the bytes of a page that comes from the file, before anyone
    /// uses it. What is in the cache already is not looked at again, so whoever relies on a check makes all its loads
    /// with it.
    ///
    /// # Errors
    /// As [`Pager::load`]; [`Error::Corrupt`] when `check` refuses the page.
    #[inline]
    pub fn load_checked(&self, pointer: &PagePointer, check: ContentCheck) -> Result<Arc<Frame>> {
        match self.cache.get(pointer) {
            Lookup::Hit(frame) => {
                self.touched(Touched::Found, 1);
                Ok(frame)
            }
            Lookup::Miss => self.load_from_file(pointer, check),
            Lookup::Stale => {
                self.env.reached(&MARK_STALE_FRAME);
                self.load_from_file(pointer, check)
            }
        }
    }

    #[cold]
    fn load_from_file(&self, pointer: &PagePointer, check: ContentCheck) -> Result<Arc<Frame>> {
        let (header, page) = self.read_page(&PAGE_READ, pointer)?;
        self.touched(Touched::Read, 1);
        check(header.kind, &page)
            .map_err(|bad| self.corrupt(pointer.number, bad.what, bad.expected, bad.found))?;
        let body = match header.kind {
            PageKind::Leaf | PageKind::OverflowData | PageKind::OverflowIndex => Body::Data(page),
            PageKind::TreeIndex => match IndexNode::decode(&page) {
                Ok(node) => Body::Index(node),
                Err(bad) => return Err(self.corrupt(pointer.number, bad.what, bad.expected, bad.found)),
            },
            PageKind::Bitmap | PageKind::FreeSpaceIndex => {
                return Err(self.corrupt(
                    pointer.number,
                    "kind of a tree's page",
                    PageKind::Leaf as u64,
                    header.kind as u64,
                ));
            }
        };
        let frame = Frame::clean(*pointer, self.page_size, header, body);
        Ok(self.cache_insert(pointer, frame))
    }

    pub(crate) fn cache_insert(&self, pointer: &PagePointer, frame: Arc<Frame>) -> Arc<Frame> {
        let (frame, evicted) = self.cache.insert(pointer, frame);
        if evicted > 0 {
            self.env.reached(&MARK_EVICTED);
        }
        frame
    }

    /// What is kept beside the page at `pointer`, if anything is. Asking counts as no use of the page.
    pub fn companion(&self, pointer: &PagePointer) -> Option<Companion> {
        self.cache.companion(pointer)
    }

    /// The same, for who asks in place of reading the page: that counts as a use of it, so that page and companion stay.
    pub fn companion_in_use(&self, pointer: &PagePointer) -> Option<Companion> {
        self.cache.companion_in_use(pointer)
    }

    /// Keeps something beside the page at `pointer` for as long as the page stays in the cache and its room of `bytes`
    /// is not needed, in place of what was kept there. Whatever depends on the page's bytes alone may be kept: the page
    /// never changes, so nothing makes it untrue.
    pub fn keep_companion(&self, pointer: &PagePointer, companion: Companion, bytes: usize) {
        if self.cache.keep(pointer, companion, bytes) > 0 {
            self.env.reached(&MARK_EVICTED);
        }
    }

    /// Reads and checks the page at `pointer`, past the cache.
    pub(crate) fn read_page(
        &self,
        label: &'static Label,
        pointer: &PagePointer,
    ) -> Result<(FrameHeader, Box<[u8]>)> {
        let pages = self.pages.load(Ordering::Relaxed);
        if let Some(page) = self.scratch_page(pointer.number, pages) {
            return match verify(&page, pointer) {
                Ok(header) => Ok((header, page)),
                Err(bad) => Err(self.corrupt(pointer.number, bad.what, bad.expected, bad.found)),
            };
        }
        if pointer.number >= pages || pointer.number < crate::superblock::first_page(self.page_size) {
            return Err(self.corrupt(pointer.number, "page number in a pointer", pages, pointer.number));
        }
        let offset = pointer.number * self.page_size as u64;
        let mut page = vec![0u8; self.page_size].into_boxed_slice();
        let mut failure = None;
        for attempt in 0..READ_ATTEMPTS {
            match self.file.read_exact_at(label, offset, &mut page) {
                Ok(()) => match verify(&page, pointer) {
                    Ok(header) => {
                        if attempt > 0 {
                            self.env.reached(&MARK_RETRIED_READ);
                        }
                        return Ok((header, page));
                    }
                    Err(BadPage { what, expected, found }) => {
                        failure = Some(self.corrupt(pointer.number, what, expected, found));
                    }
                },
                Err(error) if error.kind == ErrorKind::UnexpectedEof => {
                    failure = Some(self.cut_off(offset + self.page_size as u64));
                }
                Err(error) => failure = Some(self.io(error)),
            }
        }
        Err(failure.unwrap_or_else(|| self.corrupt(pointer.number, "number of attempts", 1, 0)))
    }

    /// A page that is in memory only, because the file is only read.
    fn scratch_page(&self, number: u64, file_pages: u64) -> Option<Box<[u8]>> {
        if self.access == Access::ReadOnly { self.scratch.page(number, file_pages) } else { None }
    }

    /// The error for a file that ends before byte `expected`.
    fn cut_off(&self, expected: u64) -> Error {
        match self.file.len(&OPEN_LENGTH) {
            Ok(found) => Error::Truncated { file: self.path.clone(), expected, found },
            Err(error) => self.io(error),
        }
    }

    pub(crate) fn corrupt(&self, page: u64, what: &'static str, expected: u64, found: u64) -> Error {
        self.env.reached(&MARK_CORRUPT_PAGE);
        Error::Corrupt { file: self.path.clone(), page, what, expected, found }
    }

    pub(crate) fn io(&self, mut error: env::IoError) -> Error {
        // A file that this pager created was opened under another name.
        error.path.clone_from(&self.path);
        Error::from_io(&self.path, error)
    }

    /// Whether anything may be written.
    pub(crate) fn check_writable(&self) -> Result<()> {
        if self.access == Access::ReadOnly {
            return Err(Error::ReadOnly { file: self.path.clone() });
        }
        match self.poison_cause() {
            Some(cause) => Err(Error::Poisoned { file: self.path.clone(), cause: Box::new(cause) }),
            None => Ok(()),
        }
    }

    /// Whether a failure made the pager read-only (invariant 3).
    pub fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Acquire)
    }

    /// The failure that made the pager read-only, if one did (invariant 3).
    pub fn poison_cause(&self) -> Option<Error> {
        if !self.poisoned.load(Ordering::Acquire) {
            return None;
        }
        self.poison.lock().clone()
    }

    /// Makes the pager read-only for good; answers the cause, for the caller to pass on.
    pub(crate) fn poison(&self, cause: Error) -> Error {
        let mut poison = self.poison.lock();
        if poison.is_none() {
            *poison = Some(cause.clone());
            self.poisoned.store(true, Ordering::Release);
            self.env.reached(&MARK_POISONED);
        }
        cause
    }
}

impl std::fmt::Debug for Pager {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "pager of {}", self.path.display())
    }
}
