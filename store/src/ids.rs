//! The numbers that name things in a store: transactions, commits, trees, databases.
//!
//! Invariants
//!
//! 1. None of these numbers is ever used twice in the life of a file: the counters behind them are part of the
//!    superblock and are moved on by recovery before anything new is named.
//! 2. Zero names nothing: counters start at one, so that a zeroed field is never mistaken for a name.
//!
//! There is nothing here that can fail.

use std::fmt;

/// Defines a number that names one kind of thing; the kinds cannot be mixed up.
macro_rules! identifier {
    ($(#[$attribute:meta])* $name:ident, $prefix:literal) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u64);

        impl $name {
            /// The number that follows.
            pub const fn next(self) -> $name {
                $name(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!($prefix, "{}"), self.0)
            }
        }
    };
}

identifier! {
    /// A transaction: given when it first writes or locks, in order of that moment, never in order of commit.
    TransactionId, "transaction "
}

identifier! {
    /// A place in the order of commits. A snapshot at commit `n` sees the commits `1..=n` and no other.
    CommitNumber, "commit "
}

identifier! {
    /// A tree of the forest: a table's rows, an index, a catalog.
    TreeId, "tree "
}

identifier! {
    /// A database of the file; branching one makes another.
    DatabaseId, "database "
}

identifier! {
    /// A relation as lock tables name it: for a table the number of its main tree, for what has no tree (a view, a
    /// schema, a database) whatever number the layer above keeps unique.
    RelationId, "relation "
}

identifier! {
    /// A session: whoever runs one transaction after another. What `pg_locks` shows as `pid`.
    SessionId, "session "
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_print_as_numbers_and_debug_with_their_kind() {
        assert_eq!(TransactionId(7).to_string(), "7");
        assert_eq!(format!("{:?}", CommitNumber(7).next()), "commit 8");
    }
}
