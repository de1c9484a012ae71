//! What can go wrong with the file: each error names it, what was expected and found, and what the user can do.
//!
//! Invariants
//!
//! 1. Every error names the file, what was expected and found where that applies, and what the user can do.
//! 2. After `OutOfSpace` nothing was changed; after `Poisoned` nothing will be.

use env::IoError;
use std::path::{Path, PathBuf};

/// The result of a pager call.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed pager call. Cheap to clone, so that a poisoned pager can repeat the first failure to everyone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The first bytes are not a Hornbeam superblock.
    #[error("{}: not a Hornbeam database (its first bytes are {found}); check the path", file.display())]
    NotADatabase {
        /// The file.
        file: PathBuf,
        /// Its first bytes, readable.
        found: String,
    },
    /// A later version of Hornbeam wrote the file.
    #[error(
        "{}: written in format version {found}, this program reads up to version {supported}; \
         use a newer Hornbeam", file.display()
    )]
    NewerFormat {
        /// The file.
        file: PathBuf,
        /// Its format version.
        found: u32,
        /// The newest version this program knows.
        supported: u32,
    },
    /// The file is shorter than its superblock says.
    #[error(
        "{}: truncated: {expected} bytes expected, {found} found; restore the file from a backup{}",
        file.display(), if *found == 0 { ", or remove it if it never held a database" } else { "" }
    )]
    Truncated {
        /// The file.
        file: PathBuf,
        /// Length in bytes that the file must have at least.
        expected: u64,
        /// Length in bytes that it has.
        found: u64,
    },
    /// The file is far longer than its superblock says: no database made it so.
    #[error(
        "{}: {found} bytes long, {expected} expected at the most; restore the file from a backup, or open it \
         read-only and copy out what is in it", file.display()
    )]
    TooLong {
        /// The file.
        file: PathBuf,
        /// Length in bytes that the file may have.
        expected: u64,
        /// Length in bytes that it has.
        found: u64,
    },
    /// Neither superblock can be used.
    #[error(
        "{}: both superblocks are damaged (first: {first}; second: {second}); restore the file from a backup",
        file.display()
    )]
    NoSuperblock {
        /// The file.
        file: PathBuf,
        /// What is wrong with the first one.
        first: String,
        /// What is wrong with the second one.
        second: String,
    },
    /// A page is not what the pointer to it says.
    #[error(
        "{}: page {page} is damaged: {what}: expected {expected:#x}, found {found:#x}; \
         run `hornbeam check`, and restore the file from a backup or copy out what can be read", file.display()
    )]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// The page's number.
        page: u64,
        /// Which part of it is wrong.
        what: &'static str,
        /// What the pointer or the format demands.
        expected: u64,
        /// What stands there.
        found: u64,
    },
    /// Another process, or another open database of this one, has the file.
    #[error("{}: in use by {}; close it there first", file.display(), user(*by))]
    InUse {
        /// The file.
        file: PathBuf,
        /// The process that holds it, where the system tells.
        by: Option<u32>,
    },
    /// The device or a quota is full. Nothing was changed.
    #[error("{}: no space left ({cause}); free some space and try again, nothing was lost", file.display())]
    OutOfSpace {
        /// The file.
        file: PathBuf,
        /// The call that failed.
        cause: IoError,
    },
    /// The environment failed.
    #[error("{cause}; {}", cause.advice())]
    Io {
        /// The call that failed.
        #[from]
        cause: IoError,
    },
    /// An earlier write or sync of a checkpoint failed, so memory and disk may disagree. Only opening anew helps.
    #[error(
        "{}: read-only after a failure ({cause}); close the database and open it again",
        file.display()
    )]
    Poisoned {
        /// The file.
        file: PathBuf,
        /// The first failure.
        cause: Box<Error>,
    },
    /// The path no longer leads to the file that is open.
    #[error(
        "{}: the file was replaced, moved or deleted while open; put the original back and open it again",
        file.display()
    )]
    Replaced {
        /// The file.
        file: PathBuf,
    },
    /// The database was opened read-only.
    #[error("{}: opened read-only; open it for writing", file.display())]
    ReadOnly {
        /// The file.
        file: PathBuf,
    },
    /// A file stands where one should be created.
    #[error("{}: exists already; open it, or choose another path", file.display())]
    AlreadyExists {
        /// The file.
        file: PathBuf,
    },
    /// No file stands where one should be opened.
    #[error("{}: no such database; check the path, or create it", file.display())]
    NotFound {
        /// The file.
        file: PathBuf,
    },
    /// An option has a value that cannot work.
    #[error("{option} is {given}; it must be {expected}")]
    BadOption {
        /// Which option.
        option: &'static str,
        /// Its value.
        given: u64,
        /// What is allowed.
        expected: &'static str,
    },
}

fn user(by: Option<u32>) -> String {
    match by {
        Some(process) => format!("process {process}"),
        None => "another process".to_string(),
    }
}

impl Error {
    /// Wraps a failed environment call on `file`: a full device has an error of its own.
    pub(crate) fn from_io(file: &Path, cause: IoError) -> Error {
        if cause.is_out_of_space() {
            Error::OutOfSpace { file: file.to_path_buf(), cause }
        } else {
            Error::Io { cause }
        }
    }

    /// Whether what the file holds is wrong, and will be when it is read again; not what a device or a lock refused.
    pub fn is_damage(&self) -> bool {
        match self {
            Error::NotADatabase { .. }
            | Error::Truncated { .. }
            | Error::TooLong { .. }
            | Error::NoSuperblock { .. }
            | Error::Corrupt { .. } => true,
            Error::NewerFormat { .. }
            | Error::InUse { .. }
            | Error::OutOfSpace { .. }
            | Error::Io { .. }
            | Error::Poisoned { .. }
            | Error::Replaced { .. }
            | Error::ReadOnly { .. }
            | Error::AlreadyExists { .. }
            | Error::NotFound { .. }
            | Error::BadOption { .. } => false,
        }
    }

    /// Whether the failure was for want of space: nothing was changed, and all else goes on.
    pub fn is_out_of_space(&self) -> bool {
        matches!(self, Error::OutOfSpace { .. })
    }

    /// Whether the file may not be written, or not even be read.
    pub fn is_permission_denied(&self) -> bool {
        matches!(self, Error::Io { cause } if cause.is_permission_denied())
    }
}
