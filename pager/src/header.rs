//! The page header: 32 bytes that say what a page is, and the checksum over everything behind the first four.
//!
//! Invariants
//!
//! 1. The checksum covers everything behind its own four bytes, the rest of the header included.
//! 2. A page passes only if checksum, number and birth are those of the pointer that led to it: a lost, stale
//!    or misdirected write does not.
//! 3. An all-zero page never passes: no kind is 0.

use crate::{Frame, FrameHeader, PageKind, PagePointer};

/// Bytes of the page header.
pub const HEADER_BYTES: usize = 32;
/// The smallest page size.
pub const PAGE_SIZE_MIN: usize = 512;
/// The largest page size.
pub const PAGE_SIZE_MAX: usize = 65_536;

/// Whether a page size is one of those that files may have.
pub fn is_page_size(size: usize) -> bool {
    size.is_power_of_two() && (PAGE_SIZE_MIN..=PAGE_SIZE_MAX).contains(&size)
}

/// Fills in the header of a page about to be written to `number`; `rest` is the page behind the header.
/// Returns the header's bytes, and the pointer to the page.
pub(crate) fn seal(header: &FrameHeader, number: u64, rest: &[u8]) -> ([u8; HEADER_BYTES], PagePointer) {
    let mut bytes = [0u8; HEADER_BYTES];
    bytes[4] = header.kind as u8;
    bytes[5] = header.level;
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    bytes[16..24].copy_from_slice(&header.birth.to_le_bytes());
    bytes[24..32].copy_from_slice(&header.tree.to_le_bytes());
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes[4..]);
    hasher.update(rest);
    let checksum = hasher.finalize();
    bytes[0..4].copy_from_slice(&checksum.to_le_bytes());
    (bytes, PagePointer { number, checksum, birth: header.birth })
}

/// What is wrong with a page that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadPage {
    pub what: &'static str,
    pub expected: u64,
    pub found: u64,
}

/// Checks a page that was read against the pointer that led to it.
///
/// The pointer's checksum is compared with the page's content, not only with its header: the header's copy is among
/// the bytes that may have rotted.
pub(crate) fn verify(page: &[u8], pointer: &PagePointer) -> Result<FrameHeader, BadPage> {
    let stored = word(page, 0) as u32;
    let computed = crc32fast::hash(&page[4..]);
    let check = |what, expected: u64, found: u64| {
        if expected == found { Ok(()) } else { Err(BadPage { what, expected, found }) }
    };
    check("checksum of the content", u64::from(pointer.checksum), u64::from(computed))?;
    check("checksum in the header", u64::from(pointer.checksum), u64::from(stored))?;
    check("page number in the header", pointer.number, word(page, 8))?;
    check("birth in the header", pointer.birth, word(page, 16))?;
    let kind = PageKind::from_byte(page[4]).ok_or(BadPage {
        what: "kind in the header",
        expected: PageKind::Leaf as u64,
        found: u64::from(page[4]),
    })?;
    check("reserved bytes of the header", 0, u64::from(page[6]) | u64::from(page[7]) << 8)?;
    Ok(FrameHeader { kind, level: page[5], tree: word(page, 24), birth: pointer.birth, owner: Frame::NOBODY })
}

fn word(page: &[u8], at: usize) -> u64 {
    // A page is at least 512 bytes long, so its header is there.
    page.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
