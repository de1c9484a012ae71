//! What a lock is on: a relation, an advisory key, a row, a unique key.
//!
//! Invariants
//!
//! 1. A key of exactly eight bytes is a row number (big-endian) and nothing else: one lockable thing never has two
//!    targets. An index whose keys happen to be eight bytes long is served by the same rule.
//! 2. Rows with neighbouring numbers share a block, and so do keys of one length that differ in their last twelve bits: those of
//!    whole numbers that follow one another. Each has an offset in its block, and no two the same.
//! 3. Equal targets have equal hashes on every machine and in every build: the hash picks the shard, and with it the
//!    order in which simulated tasks meet.

use super::shard::LockerId;
use crate::ids::{DatabaseId, RelationId, SessionId, TreeId};
use crate::session::named_by;
use foldhash::fast::FixedState;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

/// Rows of one tree are kept in blocks of this many consecutive numbers; keys in blocks of as many.
pub(super) const BLOCK_ROWS: u64 = 4096;
/// The bits of the last byte but one that tell a key from others of its block, beside its last byte.
const OFFSET_BITS: u8 = 0x0F;

/// The key of an advisory lock within a database: one large number, or two small ones. The two kinds never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdvisoryKey {
    /// `pg_advisory_lock(bigint)`.
    One(DatabaseId, i64),
    /// `pg_advisory_lock(int, int)`.
    Two(DatabaseId, i32, i32),
}

/// What a session is about that others may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// Its transaction.
    Transaction,
    /// The insertion of one row, which may be taken back without its transaction.
    Insertion,
}

/// What a session is about, for those who wait until it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Running {
    /// The session.
    pub session: SessionId,
    /// What of it.
    pub span: Span,
    pub(super) locker: LockerId,
    /// How many of the kind were over before it.
    pub(super) ended: u64,
}

/// What is locked as a whole, in relation modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ObjectKey {
    Relation(RelationId),
    Advisory(AdvisoryKey),
    /// Nobody locks it: who runs the transaction is taken to hold it.
    Transaction(Running),
}

/// Something that can be locked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A relation.
    Relation(RelationId),
    /// An advisory key.
    Advisory(AdvisoryKey),
    /// A transaction, or an insertion of its, which is waited for and never held.
    Transaction(Running),
    /// The row with this number.
    Row(TreeId, u64),
    /// A key of an index, or of any tree that is not keyed by row numbers.
    Key(TreeId, Arc<[u8]>),
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Relation(RelationId(name)) => match named_by(TreeId(*name)) {
                (database, TreeId(0)) => write!(formatter, "database {database}"),
                (DatabaseId(0), tree) => write!(formatter, "relation {tree}"),
                (database, tree) => write!(formatter, "relation {tree} of database {database}"),
            },
            Target::Advisory(AdvisoryKey::One(_, key)) => write!(formatter, "advisory lock {key}"),
            Target::Advisory(AdvisoryKey::Two(_, high, low)) => {
                write!(formatter, "advisory lock ({high}, {low})")
            }
            Target::Transaction(Running { session, span, .. }) => match span {
                Span::Transaction => write!(formatter, "the transaction of session {session}"),
                Span::Insertion => write!(formatter, "the insertion of session {session}"),
            },
            Target::Row(name, row) => write!(formatter, "row {row} of {}", Named(*name)),
            Target::Key(name, key) => {
                write!(formatter, "key ")?;
                for byte in key.iter().take(32) {
                    write!(formatter, "{byte:02x}")?;
                }
                if key.len() > 32 {
                    write!(formatter, "... ({} bytes)", key.len())?;
                }
                write!(formatter, " of {}", Named(*name))
            }
        }
    }
}

/// A tree by the name under which it is locked, which tells its database, too.
struct Named(TreeId);

impl fmt::Display for Named {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match named_by(self.0) {
            // A name that no store has given.
            (DatabaseId(0), tree) => write!(formatter, "tree {tree}"),
            (database, tree) => write!(formatter, "tree {tree} of database {database}"),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A target that borrows its key: what the uncontended path works with.
#[derive(Clone, Copy)]
pub(super) enum TargetRef<'a> {
    Object(ObjectKey),
    Row { tree: TreeId, row: u64 },
    Key { tree: TreeId, key: &'a [u8] },
}

impl<'a> TargetRef<'a> {
    /// The target of a key in a tree (invariant 1).
    pub(super) fn of_key(tree: TreeId, key: &'a [u8]) -> TargetRef<'a> {
        match <[u8; 8]>::try_from(key) {
            Ok(bytes) => TargetRef::Row { tree, row: u64::from_be_bytes(bytes) },
            Err(_) => TargetRef::Key { tree, key },
        }
    }

    /// The tree of a row or key, its block, and its offset in that.
    pub(super) fn place(self) -> Option<(TreeId, BlockRef<'a>, u16)> {
        match self {
            TargetRef::Object(_) => None,
            TargetRef::Row { tree, row } => {
                Some((tree, BlockRef::Rows(row / BLOCK_ROWS), (row % BLOCK_ROWS) as u16))
            }
            TargetRef::Key { tree, key } => {
                let (block, offset) = BlockRef::of_key(key);
                Some((tree, block, offset))
            }
        }
    }

    /// The hash that picks the shard and finds the entry in it. Rows and keys of one block share it.
    pub(super) fn hash(&self) -> u64 {
        match self {
            TargetRef::Object(key) => hash_of(key),
            TargetRef::Row { tree, row } => BlockRef::Rows(row / BLOCK_ROWS).hash(*tree),
            TargetRef::Key { tree, key } => BlockRef::of_key(key).0.hash(*tree),
        }
    }

    pub(super) fn to_target(self) -> Target {
        match self {
            TargetRef::Object(ObjectKey::Relation(relation)) => Target::Relation(relation),
            TargetRef::Object(ObjectKey::Advisory(key)) => Target::Advisory(key),
            TargetRef::Object(ObjectKey::Transaction(running)) => Target::Transaction(running),
            TargetRef::Row { tree, row } => Target::Row(tree, row),
            TargetRef::Key { tree, key } => Target::Key(tree, Arc::from(key)),
        }
    }
}

impl Target {
    pub(super) fn as_ref(&self) -> TargetRef<'_> {
        match self {
            Target::Relation(relation) => TargetRef::Object(ObjectKey::Relation(*relation)),
            Target::Advisory(key) => TargetRef::Object(ObjectKey::Advisory(*key)),
            Target::Transaction(running) => TargetRef::Object(ObjectKey::Transaction(*running)),
            Target::Row(tree, row) => TargetRef::Row { tree: *tree, row: *row },
            Target::Key(tree, key) => TargetRef::Key { tree: *tree, key },
        }
    }
}

pub(super) fn hash_of(value: &impl Hash) -> u64 {
    FixedState::default().hash_one(value)
}

/// A block of rows or keys of a tree, by what they have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockRef<'a> {
    /// Rows, by their number over [`BLOCK_ROWS`].
    Rows(u64),
    /// Keys: the bytes that all begin with, and what all have of the byte behind those. That is missing for keys of no more
    /// than a byte, which share a block.
    Keys { front: &'a [u8], last: Option<u8> },
}

impl<'a> BlockRef<'a> {
    fn of_key(key: &'a [u8]) -> (BlockRef<'a>, u16) {
        match key {
            [front @ .., next, last] => {
                let offset = u16::from(next & OFFSET_BITS) << 8 | u16::from(*last);
                (BlockRef::Keys { front, last: Some(next & !OFFSET_BITS) }, offset)
            }
            [only] => (BlockRef::Keys { front: &[], last: None }, u16::from(*only) + 1),
            [] => (BlockRef::Keys { front: &[], last: None }, 0),
        }
    }

    pub(super) fn hash(self, tree: TreeId) -> u64 {
        match self {
            BlockRef::Rows(number) => {
                let mut hasher = FixedState::default().build_hasher();
                hasher.write_u64(tree.0);
                hasher.write_u64(number);
                hasher.finish()
            }
            BlockRef::Keys { front, last } => {
                let mut hasher = FixedState::with_seed(tree.0).build_hasher();
                hasher.write(front);
                // What ends in nothing is not what ends in a zero: their lengths differ, and so do their fronts.
                hasher.write_u8(last.unwrap_or_default());
                hasher.finish()
            }
        }
    }

    pub(super) fn to_name(self) -> BlockName {
        match self {
            BlockRef::Rows(number) => BlockName::Rows(number),
            BlockRef::Keys { front, last } => BlockName::Keys(front.iter().copied().chain(last).collect()),
        }
    }
}

/// The same, to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BlockName {
    /// Rows.
    Rows(u64),
    /// Keys.
    Keys(Arc<[u8]>),
}

impl BlockName {
    pub(super) fn as_ref(&self) -> BlockRef<'_> {
        match self {
            BlockName::Rows(number) => BlockRef::Rows(*number),
            BlockName::Keys(name) => match name.split_last() {
                Some((last, front)) => BlockRef::Keys { front, last: Some(*last) },
                None => BlockRef::Keys { front: &[], last: None },
            },
        }
    }

    /// Whether it names this block.
    pub(super) fn is(&self, block: BlockRef<'_>) -> bool {
        self.as_ref() == block
    }

    /// The key of a tree that has an offset in the block.
    pub(super) fn key(&self, offset: u16) -> Vec<u8> {
        match self {
            BlockName::Rows(number) => (number * BLOCK_ROWS + u64::from(offset)).to_be_bytes().to_vec(),
            BlockName::Keys(name) => match name.split_last() {
                Some((last, front)) => [front, &[last | (offset >> 8) as u8, offset as u8]].concat(),
                None => offset.checked_sub(1).map(|only| only as u8).into_iter().collect(),
            },
        }
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            BlockName::Rows(_) => 0,
            // The two reference counts of an Arc precede its bytes.
            BlockName::Keys(name) => name.len() + 2 * size_of::<usize>(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::lock_name;

    #[test]
    fn eight_bytes_are_a_row_number_and_other_lengths_a_key() {
        let row = TargetRef::of_key(TreeId(1), &7u64.to_be_bytes()).to_target();
        assert_eq!(row, Target::Row(TreeId(1), 7));
        assert_eq!(row.to_string(), "row 7 of tree 1");
        let key = TargetRef::of_key(TreeId(1), b"seven").to_target();
        assert_eq!(key.to_string(), "key 736576656e of tree 1");
        assert_eq!(key.as_ref().hash(), TargetRef::of_key(TreeId(1), b"seven").hash());
    }

    #[test]
    fn keys_have_offsets_in_blocks_and_are_found_by_them() {
        let keys: [&[u8]; 9] =
            [b"", b"\0", b"\xFF", b"\0\0", b"\x0F\xFF", b"\x10\0", b"abc", b"abcdefgh", &[0xFF; 20]];
        let mut places = Vec::new();
        for key in keys {
            let target = TargetRef::of_key(TreeId(1), key);
            let (tree, block, offset) = target.place().expect("it is no object");
            let name = block.to_name();
            assert!(name.is(block) && u64::from(offset) < BLOCK_ROWS && tree == TreeId(1));
            assert_eq!((name.key(offset).as_slice(), name.as_ref().hash(tree)), (key, target.hash()));
            assert!(!places.contains(&(name.clone(), offset)), "{key:?}");
            places.push((name, offset));
        }
        assert!(places[3].0 == places[4].0 && places[4].0 != places[5].0);
    }

    #[test]
    fn what_a_store_locks_is_named_by_its_database_and_its_own_number() {
        let named =
            |database, tree| lock_name(DatabaseId(database), TreeId(tree)).expect("there may be such a tree");
        let row = TargetRef::of_key(named(2, 17), &7u64.to_be_bytes()).to_target();
        assert_eq!(row.to_string(), "row 7 of tree 17 of database 2");
        let key = Target::Key(named(1, 17), Arc::from(&b"seven"[..]));
        assert_eq!(key.to_string(), "key 736576656e of tree 17 of database 1");
        let relation = |database, tree| Target::Relation(RelationId(named(database, tree).0)).to_string();
        assert_eq!(relation(2, 17), "relation 17 of database 2");
        assert_eq!(relation(2, 0), "database 2");
    }
}
