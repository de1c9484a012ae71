//! What can go wrong with a log. Every error names the file, the place, and what the user can do.
//!
//! Invariants
//!
//! 1. Every error names the file, and every damage the LSN, what was expected and what was found.
//! 2. An error that leaves the outcome of a commit unknown says up to where everything is durable.
//! 3. No error is made out of bytes that were not read: what the bytes say is quoted, not believed.

use crate::Lsn;
use env::IoError;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A failed operation of the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The environment failed and nothing was lost by it: opening, reading, growing.
    #[error("{}; {}", .0, .0.advice())]
    Io(#[from] IoError),

    /// A log is required but not there.
    #[error(
        "{}: the log is missing, and the database was not closed cleanly: commits that are only in the log would be \
         lost. Put the file back beside the database, or restore both from a backup",
        path.display()
    )]
    Missing {
        /// Where it was expected.
        path: PathBuf,
    },

    /// The file does not begin as a log does.
    #[error("{}: this is not a Hornbeam log (it begins with {found:02x?}); put the right file in its place", path.display())]
    NotALog {
        /// The file.
        path: PathBuf,
        /// Its first bytes.
        found: [u8; 8],
    },

    /// A file that is no log stands where a log is to be made.
    #[error(
        "{}: the log must be made here, but a file stands here that is no Hornbeam log (it begins with \"{}\"); \
         move it away, or give the database another name",
        path.display(), found.escape_ascii()
    )]
    InTheWay {
        /// The file.
        path: PathBuf,
        /// Its first bytes.
        found: [u8; 13],
    },

    /// The database says that it was closed where its log went on.
    #[error(
        "{}: the log holds commits behind LSN {start}, where the database beside it says that it was closed: it has lost its \
         newest state, or an older copy of it was put in its place; restore it from a backup, or move the log away to go on \
         without these commits",
        path.display()
    )]
    Ahead {
        /// The log.
        path: PathBuf,
        /// Where the database was closed, as it says.
        start: Lsn,
    },

    /// A log with commits of another database stands where a log is to be made, or where none can be needed.
    #[error(
        "{}: a file without anybody's commits was expected here at most, but a log with commits of database {database:032x} \
         was found; put it beside the database that it belongs to, or move it away",
        path.display()
    )]
    HoldsCommits {
        /// The log.
        path: PathBuf,
        /// Whose commits they are.
        database: u128,
    },

    /// The log was written by a newer program.
    #[error(
        "{}: the log has format version {found}, this program reads up to version {supported}; open it with the program \
         that wrote it, close it cleanly there, and open it again",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version that is understood here.
        supported: u32,
    },

    /// The log belongs to another database.
    #[error(
        "{}: the log belongs to database {found:032x}, not to {expected:032x}; put the log that belongs to the database \
         beside it",
        path.display()
    )]
    WrongDatabase {
        /// The file.
        path: PathBuf,
        /// The id of the database that is being opened.
        expected: u128,
        /// The id in the log.
        found: u128,
    },

    /// The file's own header is damaged.
    #[error(
        "{}: the log's file header (bytes 0 to 64) is damaged: {damage}. Restore database and log from a backup",
        path.display()
    )]
    HeaderDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },

    /// A record that was durable is damaged or gone.
    #[error(
        "{}: the log is damaged at LSN {lsn}{}: {damage}. Records up to LSN {proven} were durable, so this is no torn \
         tail and commits would be lost. Restore database and log from a backup, or copy the file from a sound device",
        path.display(), OffsetSuffix(*offset)
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where the chain of good records ends.
        lsn: Lsn,
        /// Where that is in the file, if its segment is there.
        offset: Option<u64>,
        /// Up to where records are known to have been durable.
        proven: Lsn,
        /// What was expected and what was found.
        damage: Damage,
    },

    /// Readings of the whole file, one after the other, never agreed, or do not agree with what was read before.
    #[error(
        "{}: the log was read {readings} times, and the readings do not agree: the device does not say what it holds. \
         Nothing was written; open the database again, or copy it with its log to a sound device and open them there",
        path.display()
    )]
    Unsteady {
        /// The file.
        path: PathBuf,
        /// How often it was read.
        readings: usize,
    },

    /// A write or a sync of the log has failed before.
    #[error(
        "{}: the log cannot be written any more since a call failed ({cause}); records behind LSN {durable} may or may \
         not have become durable. Close the database and open it again to find out",
        path.display()
    )]
    Poisoned {
        /// The file.
        path: PathBuf,
        /// Up to here everything is durable.
        durable: Lsn,
        /// The failure.
        cause: Arc<IoError>,
    },

    /// The task that wrote for all who waited ended in the middle of it.
    #[error(
        "{}: writing the log was broken off; records behind LSN {durable} may or may not have become durable. Close the \
         database and open it again to find out",
        path.display()
    )]
    Abandoned {
        /// The file.
        path: PathBuf,
        /// Up to here everything is durable.
        durable: Lsn,
    },

    /// The layout asked for is impossible.
    #[error(
        "{}: a log cannot have segments of {segment_bytes} bytes and sectors of {sector_size}: sectors are 512 or 4096 \
         bytes, segments a multiple of that between 8 KiB and 256 MiB",
        path.display()
    )]
    BadLayout {
        /// The file.
        path: PathBuf,
        /// Bytes of a segment.
        segment_bytes: u64,
        /// Bytes of a sector.
        sector_size: u32,
    },
}

impl LogError {
    /// Whether a device or quota is full, and nothing else is wrong.
    pub fn is_out_of_space(&self) -> bool {
        matches!(self, LogError::Io(error) if error.is_out_of_space())
    }

    /// Whether the log's file may not be written, or made.
    pub fn is_permission_denied(&self) -> bool {
        matches!(self, LogError::Io(error) if error.is_permission_denied())
    }

    /// Whether the outcome of records in flight is unknown and the log takes no more.
    pub fn is_poisoned(&self) -> bool {
        matches!(self, LogError::Poisoned { .. } | LogError::Abandoned { .. })
    }

    /// Whether the file's bytes are wrong, as opposed to a call that failed.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            LogError::NotALog { .. }
                | LogError::WrongDatabase { .. }
                | LogError::HeaderDamaged { .. }
                | LogError::Corrupt { .. }
        )
    }
}

/// What was expected and what was found at the place that an error names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file ends before it.
    #[error("the file ends before it")]
    EndOfFile,
    /// The file was longer once.
    #[error("the file was at least {expected} bytes long and has {found} now: its end was cut off")]
    CutOff {
        /// So long it was for certain.
        expected: u64,
        /// So long it is.
        found: u64,
    },
    /// There are only zeros.
    #[error("a record was expected, zeros were found")]
    Nothing,
    /// A checksum does not match.
    #[error("checksum {expected:08x} was expected, {found:08x} was found")]
    Checksum {
        /// What is stored.
        expected: u32,
        /// What the bytes give.
        found: u32,
    },
    /// The header of a record is impossible.
    #[error("a record header was expected, the word {found:08x} was found in place of kind and length")]
    NotARecord {
        /// The word that holds kind and length.
        found: u32,
    },
    /// It is a record of another position.
    #[error("a record of LSN {expected} was expected, one of LSN {found} was found")]
    Position {
        /// The position it should have.
        expected: u64,
        /// The position it says it has.
        found: u64,
    },
    /// It is a record of another epoch.
    #[error("a record of epoch {expected} was expected, one of epoch {found} was found")]
    Epoch {
        /// The epoch that the chain is in.
        expected: u32,
        /// The epoch of the record.
        found: u32,
    },
    /// It does not follow the record before.
    #[error(
        "a record that follows checksum {expected:08x} was expected, one that follows {found:08x} was found"
    )]
    Chain {
        /// The checksum of the record before.
        expected: u32,
        /// The checksum that the record repeats.
        found: u32,
    },
    /// A record in several fragments has no end.
    #[error("the rest of a record in several fragments was expected, something else was found")]
    Unfinished,
    /// No slot holds the segment.
    #[error("no slot holds segment {segment} of epoch {epoch}")]
    SegmentMissing {
        /// The segment.
        segment: u64,
        /// The epoch that the chain is in.
        epoch: u32,
    },
    /// A later epoch exists, but the chain does not lead there.
    #[error("the log went on in epoch {found}, but nothing leads there from epoch {expected}")]
    LostEpoch {
        /// The epoch that the chain is in.
        expected: u32,
        /// The epoch that is known to have been in use.
        found: u32,
    },
    /// A number is out of every sensible range.
    #[error("the number {found} is out of range")]
    OutOfRange {
        /// The number.
        found: u64,
    },
}

/// Prints " (byte N of the file)" where the place is known.
struct OffsetSuffix(Option<u64>);

impl fmt::Display for OffsetSuffix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(offset) => write!(formatter, " (byte {offset} of the file)"),
            None => Ok(()),
        }
    }
}
