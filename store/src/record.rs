//! What the log's payloads mean: the bytes of a commit, of a commit by roots, of a reserved sequence range.
//!
//! A payload is one [`Header`] followed, for a commit, by its [`Operation`]s one after another; both are written by
//! `bincode` 2.0.1 with its standard configuration (variable-length integers, little-endian); docs/format.md shows the
//! bytes. A branch appends its operations to one buffer as it goes, so that committing copies them only once.
//!
//! Invariants
//!
//! 1. Decoding never panics: what cannot be decoded is [`RecordError`], which recovery turns into a corruption report.
//! 2. Operations of one commit are replayed in the order in which they were made.
//! 3. Decoding takes memory for what is there, not for what a length says.
//! 4. An operation never depends on anything but its tree's content: store never evaluates SQL.

use bincode::config::{self, Configuration};
use bincode::de::{BorrowDecoder, Decoder};
use bincode::enc::write::Writer;
use bincode::error::{DecodeError, EncodeError};
use bincode::{BorrowDecode, Decode, Encode};

/// The configuration of every payload.
const CONFIGURATION: Configuration = config::standard();

/// A sequence in a record (invariant 3): bincode's own would make room for as many elements as a damaged length says.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
pub struct List<T: Encode + 'static>(pub Vec<T>);

impl<T: Encode + 'static> From<Vec<T>> for List<T> {
    fn from(elements: Vec<T>) -> List<T> {
        List(elements)
    }
}

impl<Context, T: Encode + Decode<Context> + 'static> Decode<Context> for List<T> {
    fn decode<D: Decoder<Context = Context>>(decoder: &mut D) -> Result<List<T>, DecodeError> {
        let length = u64::decode(decoder)?;
        (0..length).map(|_| T::decode(decoder)).collect::<Result<Vec<T>, DecodeError>>().map(List)
    }
}

impl<'de, Context, T: Encode + Decode<Context> + 'static> BorrowDecode<'de, Context> for List<T> {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Context>>(
        decoder: &mut D,
    ) -> Result<List<T>, DecodeError> {
        List::decode(decoder)
    }
}

/// What a log record says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Header {
    /// A commit; its operations follow.
    Commit {
        /// The commit number it made.
        commit: u64,
        /// The transaction, the writer of its rows.
        transaction: u64,
        /// The database it belongs to.
        database: u64,
    },
    /// A large commit: its pages are in the file, synced before this record was written.
    CommitRoots {
        /// The commit number it made.
        commit: u64,
        /// The transaction, the writer of its rows.
        transaction: u64,
        /// The database it belongs to.
        database: u64,
        /// The new state of each tree that it changed.
        trees: List<TreeChange>,
        /// Every page, as runs of (first, length), that the roots may refer to and no checkpoint holds.
        pages: List<(u64, u64)>,
        /// Sequences that it dropped.
        dropped_sequences: List<u64>,
    },
    /// Sequence values below `upto` may have been handed out.
    Sequence {
        /// The database it belongs to.
        database: u64,
        /// Which sequence.
        sequence: u64,
        /// The first value that was not reserved.
        upto: u64,
    },
    /// A database was branched off another, as of the newest commit. The pages that the two share are in the file,
    /// synced before this record was written: recovery must come to share the same ones, because their birth says so.
    Branch {
        /// The commit number it made.
        commit: u64,
        /// The database that was copied.
        source: u64,
        /// The new one.
        database: u64,
        /// Pages born up to this generation are shared by the two.
        generation: u64,
        /// Every tree of the source.
        trees: List<TreeChange>,
        /// Every page, as runs of (first, length), that the roots may refer to and no checkpoint holds.
        pages: List<(u64, u64)>,
    },
    /// A database was dropped.
    DropDatabase {
        /// The commit number it made.
        commit: u64,
        /// Which one.
        database: u64,
    },
}

/// A tree after a commit by roots, or at a branching.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TreeChange {
    /// Which tree.
    pub tree: u64,
    /// Its entry in the directory (`forest::TreeEntry::encode`); `None` when it was dropped.
    pub entry: Option<List<u8>>,
}

/// One change to one tree, borrowing its bytes from the buffer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, BorrowDecode)]
pub enum Operation<'a> {
    /// Sets `key` to `value` (the stored bytes, writer included).
    Put {
        /// Which tree.
        tree: u64,
        /// The key.
        key: &'a [u8],
        /// The value as the tree holds it.
        value: &'a [u8],
    },
    /// Removes `key`.
    Delete {
        /// Which tree.
        tree: u64,
        /// The key.
        key: &'a [u8],
    },
    /// Removes every key in `[from, to)`; an empty `to` means up to the end.
    DeleteRange {
        /// Which tree.
        tree: u64,
        /// The first key.
        from: &'a [u8],
        /// The first key after the range; `None` for all that follow.
        to: Option<&'a [u8]>,
    },
    /// Makes an empty tree.
    CreateTree {
        /// Its id, never used before.
        tree: u64,
        /// Whether its values begin with their writer (`forest::TreeEntry::versioned`).
        versioned: bool,
    },
    /// Drops a tree.
    DropTree {
        /// Which tree.
        tree: u64,
    },
    /// Forgets a sequence.
    DropSequence {
        /// Which sequence.
        sequence: u64,
    },
}

impl Operation<'_> {
    /// Which tree it changes.
    pub fn tree(&self) -> Option<u64> {
        match *self {
            Operation::Put { tree, .. }
            | Operation::Delete { tree, .. }
            | Operation::DeleteRange { tree, .. }
            | Operation::CreateTree { tree, .. }
            | Operation::DropTree { tree } => Some(tree),
            Operation::DropSequence { .. } => None,
        }
    }

    /// About how many bytes it takes in the log.
    pub fn size(&self) -> usize {
        let bytes = match self {
            Operation::Put { key, value, .. } => key.len() + value.len(),
            Operation::Delete { key, .. } => key.len(),
            Operation::DeleteRange { from, to, .. } => from.len() + to.map_or(0, <[u8]>::len),
            Operation::CreateTree { .. } | Operation::DropTree { .. } | Operation::DropSequence { .. } => 0,
        };
        bytes + 8
    }
}

/// A payload that is not one of ours although its checksum is right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the log record's payload cannot be decoded at byte {at} of {length}")]
pub struct RecordError {
    /// Byte offset within the payload.
    pub at: usize,
    /// Length of the payload.
    pub length: usize,
}

/// Appends `header` to `buffer`.
pub fn encode_header(header: &Header, buffer: &mut Vec<u8>) {
    encode(header, buffer);
}

/// Appends `operation` to `buffer`.
pub fn encode_operation(operation: &Operation<'_>, buffer: &mut Vec<u8>) {
    match *operation {
        // The two that are written for every row are put together by hand: bincode takes several times as long.
        Operation::Put { tree, key, value } => {
            buffer.reserve(key.len() + value.len() + FRONT_BYTES);
            buffer.push(0);
            append_number(tree, buffer);
            append_bytes(key, buffer);
            append_bytes(value, buffer);
        }
        Operation::Delete { tree, key } => {
            buffer.reserve(key.len() + FRONT_BYTES);
            buffer.push(1);
            append_number(tree, buffer);
            append_bytes(key, buffer);
        }
        Operation::DeleteRange { .. }
        | Operation::CreateTree { .. }
        | Operation::DropTree { .. }
        | Operation::DropSequence { .. } => encode(operation, buffer),
    }
}

/// What stands before and between the bytes of an operation is no longer than this.
const FRONT_BYTES: usize = 32;

fn append_bytes(bytes: &[u8], buffer: &mut Vec<u8>) {
    append_number(bytes.len() as u64, buffer);
    buffer.extend_from_slice(bytes);
}

/// A number as bincode's standard configuration writes it.
#[inline]
fn append_number(number: u64, buffer: &mut Vec<u8>) {
    match number {
        0..=250 => buffer.push(number as u8),
        251..=0xFFFF => {
            buffer.push(251);
            buffer.extend_from_slice(&(number as u16).to_le_bytes());
        }
        0x1_0000..=0xFFFF_FFFF => {
            buffer.push(252);
            buffer.extend_from_slice(&(number as u32).to_le_bytes());
        }
        0x1_0000_0000.. => {
            buffer.push(253);
            buffer.extend_from_slice(&number.to_le_bytes());
        }
    }
}

/// A buffer to be appended to, without what writing to anything else may meet on the way.
struct Appended<'b>(&'b mut Vec<u8>);

impl Writer for Appended<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

fn encode<T: Encode>(value: &T, buffer: &mut Vec<u8>) {
    bincode::encode_into_writer(value, Appended(buffer), CONFIGURATION)
        .expect("writing to a vector cannot fail, and these types have no unsupported parts");
}

/// Reads the header; returns it and the operations' bytes.
///
/// # Errors
/// When the bytes are no header.
pub fn decode_header(payload: &[u8]) -> Result<(Header, &[u8]), RecordError> {
    let (header, used) = bincode::decode_from_slice(payload, CONFIGURATION)
        .map_err(|_| RecordError { at: 0, length: payload.len() })?;
    Ok((header, &payload[used..]))
}

/// The operations in a buffer, in order.
pub fn operations(bytes: &[u8]) -> Operations<'_> {
    Operations { bytes, at: 0 }
}

/// Iterator over the operations in a buffer. Ends after the first error.
pub struct Operations<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Operations<'a> {
    type Item = Result<Operation<'a>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        match bincode::borrow_decode_from_slice(&self.bytes[self.at..], CONFIGURATION) {
            Ok((operation, used)) => {
                self.at += used;
                Some(Ok(operation))
            }
            Err(_) => {
                let error = RecordError { at: self.at, length: self.bytes.len() };
                self.at = self.bytes.len();
                Some(Err(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_put_costs_few_bytes_and_comes_back() {
        let mut buffer = Vec::new();
        encode_header(&Header::Commit { commit: 7, transaction: 9, database: 1 }, &mut buffer);
        let head = buffer.len();
        encode_operation(&Operation::Put { tree: 5, key: b"key", value: b"value" }, &mut buffer);
        assert_eq!(head, 4);
        assert_eq!(buffer.len() - head, 1 + 1 + 1 + 3 + 1 + 5);
        let (header, rest) = decode_header(&buffer).expect("own bytes");
        assert_eq!(header, Header::Commit { commit: 7, transaction: 9, database: 1 });
        let all: Vec<_> = operations(rest).collect();
        assert_eq!(all, vec![Ok(Operation::Put { tree: 5, key: b"key", value: b"value" })]);
    }

    #[test]
    fn what_is_put_together_by_hand_is_what_bincode_writes() {
        let bytes = vec![7; 70_000];
        let lengths = [0, 1, 250, 251, 255, 256, 65_535, 65_536];
        let numbers = lengths.map(|length| length as u64).into_iter();
        for tree in numbers.chain([u64::from(u32::MAX), u64::from(u32::MAX) + 1, u64::MAX]) {
            for length in lengths {
                let (key, value) = (&bytes[..length], &bytes[length..]);
                for operation in [Operation::Put { tree, key, value }, Operation::Delete { tree, key }] {
                    let (mut ours, mut theirs) = (vec![1], vec![1]);
                    encode_operation(&operation, &mut ours);
                    encode(&operation, &mut theirs);
                    assert_eq!(ours, theirs, "tree {tree}, length {length}");
                }
            }
        }
    }

    #[test]
    fn every_cut_of_a_payload_is_an_error_or_a_shorter_list_never_a_panic() {
        let mut buffer = Vec::new();
        encode_operation(&Operation::DeleteRange { tree: 1, from: b"a", to: Some(b"b") }, &mut buffer);
        encode_operation(&Operation::Delete { tree: 1, key: b"c" }, &mut buffer);
        for cut in 0..buffer.len() {
            let found: Result<Vec<_>, _> = operations(&buffer[..cut]).collect();
            assert!(found.is_err() || found.is_ok_and(|list| list.len() < 2));
        }
    }
}
