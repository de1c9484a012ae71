//! What can go wrong with a tree.
//!
//! Invariants
//!
//! 1. After any error the tree has the rows it had before.
//! 2. Damage names the file, the page, what was expected and what was found.

use pager::Pager;

/// What a tree operation answers.
pub type Result<T, E = TreeError> = std::result::Result<T, E>;

/// Why a tree operation did not happen. The tree then has the rows it had before.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The pager could not read or write a page, or a page is damaged: its bytes are not what the pointer to it says,
    /// or they are, but are no page of a tree (a defect of the program that wrote it).
    #[error(transparent)]
    Pager(#[from] pager::Error),
    /// A page of a tree could not be read, or is damaged.
    #[error("{cause} (in tree {tree})")]
    Page {
        /// Which tree.
        tree: u64,
        /// The file, the page, and what is wrong with it.
        cause: pager::Error,
    },
    /// A key that no page of this size takes.
    #[error("a key of {length} bytes is too long: with this page size, keys have at most {limit} bytes")]
    KeyTooLong {
        /// Its bytes.
        length: usize,
        /// The bytes that are allowed.
        limit: usize,
    },
    /// A value beyond 1 GiB.
    #[error("a value of {length} bytes is too long: values have at most {limit} bytes")]
    ValueTooLong {
        /// Its bytes.
        length: u64,
        /// The bytes that are allowed.
        limit: u64,
    },
    /// A bulk build was given a key that is not greater than the one before.
    #[error("keys must arrive in strictly ascending order in a bulk build: key number {position} does not")]
    OutOfOrder {
        /// Which one, counted from 0.
        position: u64,
    },
}

impl TreeError {
    /// The page that is damaged, if that is what is wrong.
    #[must_use]
    pub fn page(&self) -> Option<u64> {
        match self {
            TreeError::Pager(error) | TreeError::Page { cause: error, .. } => {
                if let pager::Error::Corrupt { page, .. } = error { Some(*page) } else { None }
            }
            TreeError::KeyTooLong { .. } | TreeError::ValueTooLong { .. } | TreeError::OutOfOrder { .. } => {
                None
            }
        }
    }

    /// Whether the failure was for want of space: nothing was changed, and all else goes on.
    #[must_use]
    pub fn is_out_of_space(&self) -> bool {
        match self {
            TreeError::Pager(error) | TreeError::Page { cause: error, .. } => error.is_out_of_space(),
            TreeError::KeyTooLong { .. } | TreeError::ValueTooLong { .. } | TreeError::OutOfOrder { .. } => {
                false
            }
        }
    }
}

/// Names the tree in an error that was met on the way through it.
#[cold]
pub(crate) fn in_tree(tree: u64, error: impl Into<TreeError>) -> TreeError {
    match error.into() {
        TreeError::Pager(cause) => TreeError::Page { tree, cause },
        other => other,
    }
}

/// What is wrong with a page's content.
pub(crate) use pager::BadContent as Flaw;

/// A flaw in numbers of memory's size.
pub(crate) fn flaw(what: &'static str, expected: usize, found: usize) -> Flaw {
    Flaw { what, expected: expected as u64, found: found as u64 }
}

/// The error that names the file, the page (0: one that was never written) and what is wrong with it.
#[cold]
pub(crate) fn corrupt(pager: &Pager, page: u64, flaw: Flaw) -> TreeError {
    let Flaw { what, expected, found } = flaw;
    TreeError::Pager(pager::Error::Corrupt { file: pager.path().to_path_buf(), page, what, expected, found })
}
