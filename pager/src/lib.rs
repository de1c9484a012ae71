//! One file of checksummed pages: superblocks, cache, allocation, and the writing of dirty trees.
//!
//! A database is one file. Two superblocks in its first 8 KiB take turns; everything else is pages that are never
//! overwritten while anything can reach them. A pointer to a page carries the page's checksum and the generation of
//! its birth, so that the file is a Merkle tree below the superblock.
//!
//! * [`Pager::open`], [`Pager::create`]: the file, its lock, its newest checkpoint.
//! * [`Pager::load`], [`Pager::resolve`]: from a [`PagePointer`] or [`PageRef`] to a [`Frame`].
//! * [`Frame::new`], [`Frame::edit`], [`Pager::write_tree`]: pages in memory, and how they get their places.
//! * [`Pager::retire`], [`Pager::advance`]: when a place may be used again.
//! * [`Pager::checkpoint`]: the switch to a new superblock.
//!
//! Invariants
//!
//! 1. A page that a superblock in force, a live snapshot, or a commit in the log can reach is never overwritten.
//! 2. A superblock is written only after everything it refers to is durable.
//! 3. Every page that is read is checked against the pointer that led to it; what does not match is an error that
//!    names the page, never an answer.
//! 4. After a failed sync nothing is written any more (the poisoned state, see `pager.rs`).
//! 5. No panic can be reached from a file's bytes.
//!
//! Keys, values and transactions are unknown here. `docs/format.md` has the file byte by byte.

#![forbid(unsafe_code)]

mod allocation;
pub mod annotate;
mod cache;
mod changes;
mod checkpoint;
mod error;
mod frame;
mod free_bits;
mod free_map;
mod header;
mod index;
mod kept;
pub mod labels;
mod open;
mod options;
mod page_set;
#[allow(clippy::module_inception)] // the crate's main type has the crate's name
mod pager;
mod pointer;
mod scratch;
mod space;
mod superblock;
mod trim;
mod watched;
mod write;

pub use allocation::{Region, Usage};
pub use cache::Companion;
pub use changes::{PageChanges, Placements};
pub use checkpoint::CheckpointInput;
pub use error::{Error, Error as PagerError, Result};
pub use frame::{Body, Frame, FrameHeader, FreedPage, FreedRef, PageRef, Place};
pub use header::{HEADER_BYTES, PAGE_SIZE_MAX, PAGE_SIZE_MIN, is_page_size};
pub use index::{Child, IndexNode, separator_limit};
pub use kept::KeptPages;
pub use options::{Access, Options};
pub use page_set::{NotAPageSet, PageSet};
pub use pager::{BadContent, ContentCheck, Pager, READ_ATTEMPTS};
pub use pointer::{OwnerId, PageKind, PagePointer};
pub use superblock::{
    BadSuperblock, COUNTER_LIMIT, EXTRA_BYTES, FORMAT_VERSION, LogPosition, MAGIC, RootPointer,
    SUPERBLOCK_AREA, SUPERBLOCK_BYTES, SUPERBLOCK_OFFSETS, Superblock, first_page, slot_of,
};
pub use watched::{PageCounts, PageWatch, Touched};
