//! The superblock: the one place in the file that is ever overwritten, and the switch from a checkpoint to the next.
//!
//! Invariants
//!
//! 1. Superblock A stands at byte 0, B at byte 4,096, 512 bytes each: never in one sector, so that writing one cannot
//!    tear the other.
//! 2. Generation `g` stands in slot A if `g` is even, in B if it is odd. A superblock in the wrong slot is a
//!    misdirected write and does not count.
//! 3. The magic (bytes 0..8), the version (8..12) and the checksum (508..512, over 0..508) stay where they are in all
//!    versions of the format, so that a newer file can be told from a damaged one.
//! 4. The newest valid superblock is the database. The other one is what it was at the checkpoint before, and all
//!    its pages are untouched.
//!
//! Fails: `decode` names the first thing that is wrong; it never panics on any bytes.

use crate::PagePointer;
use crate::header::is_page_size;
use std::fmt;

/// The format version that this program writes, and the newest that it reads.
pub const FORMAT_VERSION: u32 = 1;
/// The first eight bytes of a database.
pub const MAGIC: [u8; 8] = *b"Hornbeam";
/// Bytes of a superblock.
pub const SUPERBLOCK_BYTES: usize = 512;
/// Offsets of superblock A and B.
pub const SUPERBLOCK_OFFSETS: [u64; 2] = [0, 4096];
/// Bytes at the front of the file that belong to the superblocks.
pub const SUPERBLOCK_AREA: u64 = 8192;
/// Bytes that the store may keep in the superblock.
pub const EXTRA_BYTES: usize = 128;

const CHECKSUM_AT: usize = SUPERBLOCK_BYTES - 4;
const LOG_REQUIRED: u8 = 1;
/// No number that is only ever counted up comes here in any file's life, so that the next one always exists.
pub const COUNTER_LIMIT: u64 = 1 << 62;

/// Where reading the log starts: kept for the log, opaque to the pager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogPosition {
    /// The log's epoch.
    pub epoch: u32,
    /// Checksum of the record before the first to be read.
    pub chain: u32,
    /// LSN of the first record to be read.
    pub lsn: u64,
}

/// A tree's root as the superblock keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RootPointer {
    /// The root page; [`PagePointer::NONE`] for an empty tree.
    pub pointer: PagePointer,
    /// Height of the root above the leaves.
    pub level: u8,
    /// Rows in the tree.
    pub rows: u64,
}

/// The content of a superblock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superblock {
    /// Bytes of a page.
    pub page_size: u32,
    /// The database's id, drawn at creation; log records carry it.
    pub database: u128,
    /// Number of the checkpoint: one more than the one before.
    pub generation: u64,
    /// The newest commit that the trees hold.
    pub commit: u64,
    /// The forest's directory.
    pub root: RootPointer,
    /// The free-space map of this checkpoint.
    pub free_space: PagePointer,
    /// Height of the free-space map: 0 if its root is a bitmap page.
    pub free_space_level: u8,
    /// Whether commits may stand in the log: a missing log is then an error.
    pub log_required: bool,
    /// Where the log continues behind this checkpoint.
    pub log: LogPosition,
    /// The next transaction id that was never used.
    pub next_transaction: u64,
    /// The next tree id that was never used.
    pub next_tree: u64,
    /// The next id of a persistent branch that was never used.
    pub next_owner: u64,
    /// Length of the file, in pages, that this checkpoint needs.
    pub file_pages: u64,
    /// The store's own.
    pub extra: [u8; EXTRA_BYTES],
}

/// Why bytes are not a usable superblock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadSuperblock {
    /// The magic is missing.
    Magic,
    /// The checksum does not fit: torn, rotten or never written.
    Checksum {
        /// The one that stands there.
        stored: u32,
        /// The one that the content has.
        computed: u32,
    },
    /// A valid superblock of a newer format.
    Newer {
        /// Its version.
        version: u32,
    },
    /// A valid superblock in the other one's place.
    WrongSlot {
        /// Its generation.
        generation: u64,
    },
    /// A valid checksum over a field that cannot be.
    Field {
        /// Which field.
        what: &'static str,
        /// Its value.
        found: u64,
    },
    /// It could not be read at all.
    Unreadable,
}

impl fmt::Display for BadSuperblock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadSuperblock::Magic => formatter.write_str("no magic"),
            BadSuperblock::Checksum { stored, computed } => {
                write!(formatter, "checksum {stored:08x} stored, {computed:08x} computed")
            }
            BadSuperblock::Newer { version } => write!(formatter, "format version {version}"),
            BadSuperblock::WrongSlot { generation } => {
                write!(formatter, "generation {generation} in the wrong slot")
            }
            BadSuperblock::Field { what, found } => write!(formatter, "{what} is {found}"),
            BadSuperblock::Unreadable => formatter.write_str("unreadable"),
        }
    }
}

/// The slot in which a generation stands (invariant 2).
pub fn slot_of(generation: u64) -> usize {
    (generation % 2) as usize
}

/// Number of the first page that is not part of the superblock area.
pub fn first_page(page_size: usize) -> u64 {
    SUPERBLOCK_AREA.div_ceil(page_size as u64)
}

impl Superblock {
    /// The superblock's bytes.
    pub fn encode(&self) -> [u8; SUPERBLOCK_BYTES] {
        let mut bytes = [0u8; SUPERBLOCK_BYTES];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        let mut pointer = [0u8; PagePointer::BYTES];
        put(0, &MAGIC);
        put(8, &FORMAT_VERSION.to_le_bytes());
        put(12, &self.page_size.to_le_bytes());
        put(16, &self.database.to_le_bytes());
        put(32, &self.generation.to_le_bytes());
        put(40, &self.commit.to_le_bytes());
        self.root.pointer.encode(&mut pointer);
        put(48, &pointer);
        put(68, &[self.root.level]);
        put(72, &self.root.rows.to_le_bytes());
        self.free_space.encode(&mut pointer);
        put(80, &pointer);
        put(100, &[self.free_space_level, if self.log_required { LOG_REQUIRED } else { 0 }]);
        put(104, &self.log.epoch.to_le_bytes());
        put(108, &self.log.chain.to_le_bytes());
        put(112, &self.log.lsn.to_le_bytes());
        put(120, &self.next_transaction.to_le_bytes());
        put(128, &self.next_tree.to_le_bytes());
        put(136, &self.next_owner.to_le_bytes());
        put(144, &self.file_pages.to_le_bytes());
        put(152, &self.extra);
        let checksum = crc32fast::hash(&bytes[..CHECKSUM_AT]);
        bytes[CHECKSUM_AT..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads what stands in `slot`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn decode(bytes: &[u8; SUPERBLOCK_BYTES], slot: usize) -> Result<Superblock, BadSuperblock> {
        let fields = Fields(bytes);
        if bytes[..8] != MAGIC {
            return Err(BadSuperblock::Magic);
        }
        let (stored, computed) = (fields.u32(CHECKSUM_AT), crc32fast::hash(&bytes[..CHECKSUM_AT]));
        if stored != computed {
            return Err(BadSuperblock::Checksum { stored, computed });
        }
        let version = fields.u32(8);
        if version > FORMAT_VERSION {
            return Err(BadSuperblock::Newer { version });
        }
        if version == 0 {
            return Err(BadSuperblock::Field { what: "format version", found: 0 });
        }
        let mut extra = [0u8; EXTRA_BYTES];
        extra.copy_from_slice(&bytes[152..152 + EXTRA_BYTES]);
        let superblock = Superblock {
            page_size: fields.u32(12),
            database: u128::from(fields.u64(16)) | u128::from(fields.u64(24)) << 64,
            generation: fields.u64(32),
            commit: fields.u64(40),
            root: RootPointer { pointer: fields.pointer(48), level: bytes[68], rows: fields.u64(72) },
            free_space: fields.pointer(80),
            free_space_level: bytes[100],
            log_required: bytes[101] & LOG_REQUIRED != 0,
            log: LogPosition { epoch: fields.u32(104), chain: fields.u32(108), lsn: fields.u64(112) },
            next_transaction: fields.u64(120),
            next_tree: fields.u64(128),
            next_owner: fields.u64(136),
            file_pages: fields.u64(144),
            extra,
        };
        superblock.check(slot)?;
        Ok(superblock)
    }

    /// Checks the fields that the pager itself leans on, and that every counter can still be counted up.
    fn check(&self, slot: usize) -> Result<(), BadSuperblock> {
        let bad = |what, found| Err(BadSuperblock::Field { what, found });
        if !is_page_size(self.page_size as usize) {
            return bad("page size", u64::from(self.page_size));
        }
        if slot_of(self.generation) != slot {
            return Err(BadSuperblock::WrongSlot { generation: self.generation });
        }
        for (what, counter) in [
            ("generation", self.generation),
            ("commit number", self.commit),
            ("position in the log", self.log.lsn),
            ("next transaction id", self.next_transaction),
            ("next tree id", self.next_tree),
            ("next branch id", self.next_owner),
        ] {
            if counter >= COUNTER_LIMIT {
                return bad(what, counter);
            }
        }
        if self.log.epoch == u32::MAX {
            return bad("epoch of the log", u64::from(self.log.epoch));
        }
        let first = first_page(self.page_size as usize);
        if self.file_pages < first || self.file_pages.checked_mul(u64::from(self.page_size)).is_none() {
            return bad("length of the file in pages", self.file_pages);
        }
        for (what, pointer) in [("root page", self.root.pointer), ("free-space root", self.free_space)] {
            if !pointer.is_none() && !(first..self.file_pages).contains(&pointer.number) {
                return bad(what, pointer.number);
            }
        }
        Ok(())
    }
}

/// Little-endian fields of a superblock. All offsets are constants below 512.
struct Fields<'a>(&'a [u8; SUPERBLOCK_BYTES]);

impl Fields<'_> {
    fn u32(&self, at: usize) -> u32 {
        self.0[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    fn u64(&self, at: usize) -> u64 {
        self.0[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    fn pointer(&self, at: usize) -> PagePointer {
        PagePointer::decode(&self.0[at..]).unwrap_or_default()
    }
}
