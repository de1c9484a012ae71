//! The two headers: the file's, written once, and a segment's, in the first sector of its slot.
//!
//! ```text
//! file, at byte 0                                  slot, at its first byte
//!  0  8 bytes "HBEAMLOG"                            0  8 bytes "HBEAMSEG"
//!  8  u32     checksum: CRC-32 of bytes 12 to 64    8  u32     checksum: CRC-32 of bytes 12 to 80
//! 12  u32     format version                       12  u32     kind: 1 first of its epoch, 2 continues it
//! 16  u128    database id                          16  u128    database id
//! 32  u64     bytes of a slot                      32  u64     slot: the number of this slot in the file
//! 40  u32     bytes of a sector                    40  u64     segment: which range of the stream it holds
//! 44  20 zero bytes                                48  u32     epoch
//!                                                  52  u32     chain: checksum of the record that ends at `cut`
//!                                                  56  u64     cut: where the epoch begins
//!                                                  64  u64     kept: up to where recovery copied records before
//!                                                              it wrote this header
//!                                                  72  u32     previous: the epoch that holds up to `cut`; 0 if none
//!                                                  76  4 zero bytes
//! ```
//!
//! Chain, cut, kept and previous are zero in a header that continues an epoch.
//!
//! Invariants
//!
//! 1. The file header is written and synced when the log is created, and never again.
//! 2. A header that begins an epoch is written after everything the epoch relies on has been synced: it is the switch
//!    by which all older epochs end at `cut`.
//! 3. A header is only ever written over one that nothing needs any more, not even over itself: what may be in the
//!    operating system's cache only is neither trusted nor touched, but made void by a switch elsewhere.
//! 4. A switch continues an epoch whose own switch is durable, and counts only if that one counts.

use crate::geometry::{Geometry, HIGHEST_LSN};
use crate::{Damage, LogError, LogOptions};
use env::{TELLING_BYTES, is_text};
use std::path::Path;

/// The newest format that this program reads, and what it writes. Version 1 had no notes of the file's length.
pub(crate) const FORMAT_VERSION: u32 = 2;
/// Bytes of the file header.
pub(crate) const FILE_HEADER_BYTES: usize = 64;
/// Bytes of a segment header.
pub(crate) const SEGMENT_HEADER_BYTES: usize = 80;
/// What a log begins with.
pub const MAGIC: [u8; 8] = *b"HBEAMLOG";
const SEGMENT_MAGIC: [u8; 8] = *b"HBEAMSEG";
/// Where the bytes begin that a header's checksum covers.
const COVERED_FROM: usize = 12;

/// The first bytes of the file.
pub(crate) fn encode_file_header(database: u128, geometry: &Geometry) -> [u8; FILE_HEADER_BYTES] {
    let options = geometry.options();
    let mut bytes = [0u8; FILE_HEADER_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[12..16].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    bytes[16..32].copy_from_slice(&database.to_le_bytes());
    bytes[32..40].copy_from_slice(&options.segment_bytes.to_le_bytes());
    bytes[40..44].copy_from_slice(&options.sector_size.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[COVERED_FROM..]);
    bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Whether a file that begins with `bytes` is surely somebody's: text, or a database. What a torn creation or rot has left
/// of a log may begin with anything else, noise included; a log's own byte 12 is never text.
pub(crate) fn is_somebodys(bytes: &[u8; TELLING_BYTES]) -> bool {
    is_text(bytes) || bytes.starts_with(b"Hornbeam")
}

/// Checks the first bytes of the file at `path` and returns the layout.
pub(crate) fn decode_file_header(path: &Path, database: u128, bytes: &[u8]) -> Result<Geometry, LogError> {
    let path_buf = || path.to_path_buf();
    let Some(bytes) = bytes.first_chunk::<FILE_HEADER_BYTES>() else {
        return Err(LogError::HeaderDamaged { path: path_buf(), damage: Damage::EndOfFile });
    };
    let expected = read_u32(bytes, 8);
    let found = crc32fast::hash(&bytes[COVERED_FROM..]);
    if bytes[..8] != MAGIC {
        // With one flipped bit in it, the rest still tells that it is a log.
        if expected == found && expected != 0 {
            let found = u64::from_le_bytes(read_array(bytes, 0));
            return Err(LogError::HeaderDamaged { path: path_buf(), damage: Damage::OutOfRange { found } });
        }
        return Err(LogError::NotALog { path: path_buf(), found: read_array(bytes, 0) });
    }
    if expected != found {
        return Err(LogError::HeaderDamaged {
            path: path_buf(),
            damage: Damage::Checksum { expected, found },
        });
    }
    let version = read_u32(bytes, 12);
    if version > FORMAT_VERSION {
        return Err(LogError::NewerFormat { path: path_buf(), found: version, supported: FORMAT_VERSION });
    }
    let found = u128::from_le_bytes(read_array(bytes, 16));
    if found != database {
        return Err(LogError::WrongDatabase { path: path_buf(), expected: database, found });
    }
    let options = LogOptions {
        segment_bytes: u64::from_le_bytes(read_array(bytes, 32)),
        sector_size: read_u32(bytes, 40),
    };
    Geometry::new(path, options, version)
}

/// The database id that a file header claims; no more than a claim.
pub(crate) fn claimed_database(bytes: &[u8; FILE_HEADER_BYTES]) -> u128 {
    u128::from_le_bytes(read_array(bytes, 16))
}

/// The format version that a file header claims.
pub(crate) fn claimed_version(bytes: &[u8; FILE_HEADER_BYTES]) -> u32 {
    read_u32(bytes, 12)
}

/// The file header that stands in `bytes`, or stood there before one bit rotted. Noise is none, and hardly ever becomes one.
pub(crate) fn mended_file_header(bytes: &[u8; FILE_HEADER_BYTES]) -> Option<[u8; FILE_HEADER_BYTES]> {
    let is_header = |bytes: &[u8; FILE_HEADER_BYTES]| {
        bytes[..8] == MAGIC && read_u32(bytes, 8) == crc32fast::hash(&bytes[COVERED_FROM..])
    };
    if is_header(bytes) {
        return Some(*bytes);
    }
    (0..FILE_HEADER_BYTES * 8).find_map(|bit| {
        let mut mended = *bytes;
        mended[bit / 8] ^= 1 << (bit % 8);
        is_header(&mended).then_some(mended)
    })
}

/// The database and the slot that an intact segment header claims to be of, whatever the layout around it.
pub(crate) fn claimed_slot(bytes: &[u8]) -> Option<(u128, u64)> {
    let bytes = intact_segment_header(bytes)?;
    Some((u128::from_le_bytes(read_array(bytes, 16)), u64::from_le_bytes(read_array(bytes, 32))))
}

fn intact_segment_header(bytes: &[u8]) -> Option<&[u8; SEGMENT_HEADER_BYTES]> {
    let bytes = bytes.first_chunk::<SEGMENT_HEADER_BYTES>()?;
    let intact = bytes[..8] == SEGMENT_MAGIC && read_u32(bytes, 8) == crc32fast::hash(&bytes[COVERED_FROM..]);
    intact.then_some(bytes)
}

/// How a segment's epoch began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EpochStart {
    /// Older epochs end here.
    pub cut: u64,
    /// The checksum of the record that ends there.
    pub chain: u32,
    /// Up to here the epoch's records were synced before its header was written.
    pub kept: u64,
    /// The epoch that holds up to `cut`, without which this one means nothing; 0 where a log begins.
    pub previous: u32,
}

/// A segment's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// The slot it was written to.
    pub slot: u32,
    /// The range of the stream.
    pub segment: u64,
    pub epoch: u32,
    /// Given in the first segment of an epoch.
    pub start: Option<EpochStart>,
}

impl SegmentHeader {
    pub fn encode(&self, database: u128) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0u8; SEGMENT_HEADER_BYTES];
        bytes[..8].copy_from_slice(&SEGMENT_MAGIC);
        let kind: u32 = if self.start.is_some() { 1 } else { 2 };
        bytes[12..16].copy_from_slice(&kind.to_le_bytes());
        bytes[16..32].copy_from_slice(&database.to_le_bytes());
        bytes[32..40].copy_from_slice(&u64::from(self.slot).to_le_bytes());
        bytes[40..48].copy_from_slice(&self.segment.to_le_bytes());
        bytes[48..52].copy_from_slice(&self.epoch.to_le_bytes());
        if let Some(start) = self.start {
            bytes[52..56].copy_from_slice(&start.chain.to_le_bytes());
            bytes[56..64].copy_from_slice(&start.cut.to_le_bytes());
            bytes[64..72].copy_from_slice(&start.kept.to_le_bytes());
            bytes[72..76].copy_from_slice(&start.previous.to_le_bytes());
        }
        let checksum = crc32fast::hash(&bytes[COVERED_FROM..]);
        bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// The header in `bytes`, if it is an intact one of this slot and database. Anything else is simply not a header:
    /// a slot that was never used, or whose first use was torn.
    pub fn decode(database: u128, geometry: &Geometry, slot: u32, bytes: &[u8]) -> Option<SegmentHeader> {
        let bytes = intact_segment_header(bytes)?;
        let segment = u64::from_le_bytes(read_array(bytes, 40));
        let epoch = read_u32(bytes, 48);
        let start = match read_u32(bytes, 12) {
            1 => Some(EpochStart {
                chain: read_u32(bytes, 52),
                cut: u64::from_le_bytes(read_array(bytes, 56)),
                kept: u64::from_le_bytes(read_array(bytes, 64)),
                previous: read_u32(bytes, 72),
            }),
            2 => None,
            _ => return None,
        };
        let in_range = segment < HIGHEST_LSN / geometry.capacity
            && epoch > 0
            && start.is_none_or(|start| {
                start.cut <= start.kept && start.kept < HIGHEST_LSN && start.previous < epoch
            });
        let ours = u128::from_le_bytes(read_array(bytes, 16)) == database
            && u64::from_le_bytes(read_array(bytes, 32)) == u64::from(slot);
        (in_range && ours).then_some(SegmentHeader { slot, segment, epoch, start })
    }
}

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(read_array(bytes, at))
}

/// `N` bytes at `at`; both are constants within the header sizes checked before.
fn read_array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}
