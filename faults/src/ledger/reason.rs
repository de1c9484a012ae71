//! What explains what: which fault can be the reason for an error, and which for acknowledged commits that are gone.

use super::{Closing, Fault};
use crate::kind::{FaultKind, Nature};
use env::IoError;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

/// Bytes of the smallest group of the log: each of a misdirected write's sectors may have held one.
const GROUP_BYTES_MIN: u64 = 512;

/// What an error points at.
#[derive(Debug, Clone)]
pub enum Pointer<'a> {
    /// A call that failed.
    Call(&'a IoError),
    /// Damaged contents of a file.
    Damage {
        /// The file.
        file: &'a Path,
        /// Its bytes, where the error says which.
        range: Option<Range<u64>>,
    },
    /// A file as a whole: it is gone, or another one.
    Whole(&'a Path),
    /// Somebody who holds a lock.
    Holder,
    /// An earlier failure, by no name.
    Earlier,
}

impl Fault {
    /// Whether it changed what is stored. A read that was wrong once has not, whatever came of it.
    pub(super) fn lasts(&self) -> bool {
        let written = self.label.is_none_or(|label| label.kind != env::LabelKind::Read);
        match self.kind {
            FaultKind::MisdirectedRead | FaultKind::StaleRead => false,
            FaultKind::MemoryFlip => written,
            kind => kind.nature() == Nature::Content,
        }
    }

    /// Whether it can be the reason for an error of life number `life`: what passes explains nothing in a later life, which
    /// has called and read for itself.
    pub(super) fn explains(&self, pointer: &Pointer<'_>, life: u32) -> bool {
        let present = self.lasts() || self.life == life || self.kind.nature() == Nature::Survivor;
        present
            && match pointer {
                Pointer::Call(error) => self.explains_call(error),
                Pointer::Damage { file, range } => {
                    self.damages(file) && range.as_ref().is_none_or(|range| self.place.touches(range))
                }
                Pointer::Whole(file) => self.takes_away(file),
                Pointer::Holder => self.kind == FaultKind::SecondProcess,
                Pointer::Earlier => {
                    self.kind.nature() == Nature::CallError || self.kind == FaultKind::TaskBrokenOff
                }
            }
    }

    fn explains_call(&self, error: &IoError) -> bool {
        // A label is one call site; the file may have another name by now, so it is not compared for failed calls.
        let same_call = self.label == Some(error.label);
        match self.kind.nature() {
            Nature::CallError | Nature::Process => same_call,
            Nature::Content => self.place.is_on(&error.path) && content_may_answer(self.kind, error.kind),
            Nature::Timing => same_call && error.kind == ErrorKind::TimedOut,
            Nature::Survivor => self.kind == FaultKind::EntryLost && error.kind == ErrorKind::NotFound,
            Nature::Crash | Nature::Resumable => false,
        }
    }

    /// Whether damage of `file` may be this fault's. Of a whole file that is another one or an older one, both files of
    /// a database tell: they no longer belong together.
    fn damages(&self, file: &Path) -> bool {
        self.kind.nature() == Nature::Content && (self.place.is_on(file) || self.takes_away(file))
    }

    /// Whether `file`, or the other file of its database, is gone, an older one, or not what a sync has promised.
    fn takes_away(&self, file: &Path) -> bool {
        use FaultKind::{FileDeleted, FileReplaced, LyingSync};
        matches!(self.kind, FileDeleted | FileReplaced | LyingSync)
            && self
                .place
                .file
                .as_deref()
                .is_some_and(|own| own == file || is_log_of(own, file) || is_log_of(file, own))
    }

    /// How many groups of commits, one acknowledged before the next was written, can be gone without an error because of
    /// it: see `docs/faults.md`. Everything in the database file is held by checksums and two superblocks, and the log as
    /// far as something later proves it: a group that is there proves all before it. What is left are the newest records of
    /// the log, which nothing tells from a torn tail, and a whole file that is gone or old.
    pub(super) fn groups_lost_silently(&self, database: &Path) -> u64 {
        use FaultKind::{
            BitRot, FileDeleted, FileReplaced, LostWrite, LyingSync, MemoryFlip, MisdirectedWrite,
        };
        let Some(file) = self.place.file.as_deref() else { return 0 };
        let log = is_log_of(file, database);
        match self.kind {
            BitRot | LostWrite | LyingSync | MemoryFlip if log && self.lasts() => 1,
            // It is entered for both places: its own group, and as many as it was written over.
            MisdirectedWrite if log => {
                let bytes = self.place.range.end.saturating_sub(self.place.range.start);
                1 + bytes / GROUP_BYTES_MIN
            }
            FileDeleted | FileReplaced if log || file == database => u64::MAX,
            _ => 0,
        }
    }

    /// Whether it can still be the reason for something: nothing has shown since its own life that all is well.
    pub(super) fn counts_still(&self) -> bool {
        match self.closing {
            Some(Closing::NotReached) => false,
            Some(Closing::Masked) => self.closed_in == self.life,
            _ => true,
        }
    }

    /// Whether a call on the files of `database` failed.
    pub(super) fn failed_in(&self, database: &Path) -> bool {
        self.kind.nature() == Nature::CallError && self.is_in(database)
    }

    /// Whether it lies in one of the two files of `database`.
    pub(super) fn is_in(&self, database: &Path) -> bool {
        self.place.file.as_deref().is_some_and(|file| file == database || is_log_of(file, database))
    }
}

/// Whether `log` is the log of the database in `file`: it has the name with `-log` behind it.
fn is_log_of(log: &Path, file: &Path) -> bool {
    let (log, file) = (log.as_os_str().as_encoded_bytes(), file.as_os_str().as_encoded_bytes());
    log.strip_prefix(file) == Some(b"-log")
}

/// Whether damaged contents of this kind make a call answer this error (damage that only a checksum finds does not).
fn content_may_answer(kind: FaultKind, error: ErrorKind) -> bool {
    let short = error == ErrorKind::UnexpectedEof;
    let missing = error == ErrorKind::NotFound;
    match kind {
        FaultKind::LatentSectorError => true,
        FaultKind::LateWrite => error == ErrorKind::TimedOut,
        FaultKind::FileCut => short,
        FaultKind::FileReplaced => short || missing,
        FaultKind::FileDeleted => missing,
        _ => false,
    }
}
