//! The one error of the environment: which call, on what, failed how.

use crate::Label;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A failed environment call: its text tells the file, what was to be done with it and the reason, and last the label,
/// for whoever looks into the code. Cheap to clone, so that a poisoned store can repeat it to everyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IoError {
    /// The call that failed.
    pub label: &'static Label,
    /// The file or directory it was about (empty for clocks, tasks, entropy).
    pub path: PathBuf,
    /// The kind of failure, as the standard library classifies it.
    pub kind: ErrorKind,
    /// The operating system's error number, where there is one.
    pub code: Option<i32>,
}

/// The result of an environment call.
pub type IoResult<T> = Result<T, IoError>;

impl IoError {
    /// An error of `kind` at `label` on `path`.
    pub fn new(label: &'static Label, path: &Path, kind: ErrorKind) -> IoError {
        IoError { label, path: path.to_path_buf(), kind, code: None }
    }

    /// Wraps what the standard library reported.
    pub fn from_std(label: &'static Label, path: &Path, error: &std::io::Error) -> IoError {
        IoError { label, path: path.to_path_buf(), kind: error.kind(), code: error.raw_os_error() }
    }

    /// What the user can do about it.
    pub fn advice(&self) -> &'static str {
        match self.kind {
            ErrorKind::NotFound => "check the path: a file or directory on it is not there",
            ErrorKind::PermissionDenied => "check the permissions of the file and of its directory",
            ErrorKind::IsADirectory | ErrorKind::InvalidInput => "give the path of a file",
            ErrorKind::NotADirectory => "check the path: a part of it is no directory",
            ErrorKind::ReadOnlyFilesystem => {
                "the file system takes no writes: open the database for reading only"
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                "free some space and try again"
            }
            // The system says what it is; what is left is the device.
            _ => "check the device and its permissions",
        }
    }

    /// Whether the device or a quota is full.
    pub fn is_out_of_space(&self) -> bool {
        matches!(self.kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
    }

    /// Whether the file, its directory or its file system may not be written, or not even be read.
    pub fn is_permission_denied(&self) -> bool {
        matches!(self.kind, ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
    }
}

impl fmt::Display for IoError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.code {
            Some(code) => std::io::Error::from_raw_os_error(code).to_string(),
            // A pipe, a device, a socket.
            None if self.kind == ErrorKind::InvalidInput => "it is no regular file".to_owned(),
            None => self.kind.to_string(),
        };
        if !self.path.as_os_str().is_empty() {
            write!(formatter, "{}: ", self.path.display())?;
        }
        write!(formatter, "{} failed: {reason} [{}]", self.label.activity(), self.label)
    }
}

impl std::error::Error for IoError {}
