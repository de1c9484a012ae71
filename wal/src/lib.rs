//! The log: a stream of records that survives crashes, in one file of recycled segments.
//!
//! A caller appends records (what they mean is none of the log's business), waits until they are durable, tells how far
//! back they are still needed, and reads them again after a crash. One file, `NAME-log`, holds a header block and equal
//! slots; a slot holds one *segment*, a fixed range of the logical stream. The bytes are described in docs/format.md;
//! [`annotate`] prints them.
//!
//! | file | is about |
//! |---|---|
//! | `geometry` | which slot and offset a position of the stream has |
//! | `frame` | one framed record: header, checksum, chain |
//! | `header` | the file's header and a segment's header |
//! | `buffer` | framing records into the group that the next leader writes |
//! | `group` | leader and followers: one sync for all who wait |
//! | `segments` | which slot holds which segment; growing, recycling, releasing |
//! | `log` | the open log: append, sync, release, mark, close |
//! | `window` | buffered reading with bounded retries |
//! | `survey` | what all headers and frames of the file prove before the chain is followed |
//! | `reader` | following the chain, judging where it ends |
//! | `orphan` | whose a file is that stands where a log is to be made, and whether it is needed |
//! | `recovery` | the reader, and taking the log into use again |
//!
//! Invariants
//!
//! 1. A position of the stream ([`Lsn`]) is written at most once in an epoch. A sector that holds bytes of a record
//!    somebody may have been told is durable is never written again while the record is needed.
//! 2. A record is durable when a sync that began after its last byte was written has succeeded. Nothing else counts: not
//!    a write, and not what a later process reads (it may come from the operating system's cache).
//! 3. Each record carries "durable up to" as it was known when the record was framed. Whatever any intact frame, any
//!    superblock or any epoch's header says was durable must be there at recovery; if it is not, recovery fails and
//!    names the place. What lies above all such marks may be cut, and then it is gone for good:
//! 4. after every unclean end the log continues in an epoch higher than any that occurs anywhere in the file, and the
//!    epoch's first header, written after everything it relies on is synced, is the switch. A record belongs to the
//!    stream only in the epoch whose range it lies in, so no discarded record can become valid again.
//! 5. After a failed write or sync nothing more is written: the log is poisoned and repeats the error to everyone.
//!    The records in flight are neither acknowledged nor refused, and only reopening finds out.
//! 6. No byte of the file can make this crate panic, or allocate more than a segment.

#![forbid(unsafe_code)]

mod annotate;
mod buffer;
mod error;
mod frame;
mod geometry;
pub mod group;
mod header;
pub mod label;
mod log;
mod orphan;
mod reader;
mod recovery;
mod segments;
mod slot_note;
mod survey;
mod window;

pub use annotate::{AnnotatedLine, annotate};
pub use error::{Damage, LogError};
pub use geometry::{LogOptions, LogStart, Lsn};
pub use header::MAGIC;
pub use log::{Log, LogStatistics};
pub use orphan::{holds_records, refuse_needed};
pub use reader::{LogReader, Record, Tail};
pub use recovery::{Recovery, RecoverySource};
