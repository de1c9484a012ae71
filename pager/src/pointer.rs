//! What names a page: its kind, its owner in memory, and the checksummed pointer to its place.
//!
//! Invariants
//!
//! 1. A pointer names one version of one page: number, content and birth. Two equal pointers lead to equal
//!    bytes.
//! 2. Number 0 is no page; a pointer with it points nowhere.
//! 3. Kinds keep their numbers for ever: they are in files.

use std::fmt;

/// What a page holds. The value is byte 4 of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PageKind {
    /// Keys and values of a tree.
    Leaf = 1,
    /// Separators and child pointers of a tree.
    TreeIndex = 2,
    /// Bytes of one large value.
    OverflowData = 3,
    /// Pointers to the data pages of one large value.
    OverflowIndex = 4,
    /// One bit for each page of a stretch of the file: used by the checkpoint or not.
    Bitmap = 5,
    /// Pointers to bitmap pages, or to index pages one level below.
    FreeSpaceIndex = 6,
}

impl PageKind {
    /// The kind with this number, if there is one.
    pub fn from_byte(byte: u8) -> Option<PageKind> {
        Some(match byte {
            1 => PageKind::Leaf,
            2 => PageKind::TreeIndex,
            3 => PageKind::OverflowData,
            4 => PageKind::OverflowIndex,
            5 => PageKind::Bitmap,
            6 => PageKind::FreeSpaceIndex,
            _ => return None,
        })
    }

    /// The kind in words, for errors and dumps.
    pub fn name(self) -> &'static str {
        match self {
            PageKind::Leaf => "leaf",
            PageKind::TreeIndex => "tree index",
            PageKind::OverflowData => "overflow data",
            PageKind::OverflowIndex => "overflow index",
            PageKind::Bitmap => "free-space bitmap",
            PageKind::FreeSpaceIndex => "free-space index",
        }
    }
}

/// The branch that made a frame and may still change it. Never reused within a process, never on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerId(pub u64);

/// Where a written page stands and what it must contain: the edge of the Merkle tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PagePointer {
    /// Page number: the page begins at `number * page_size`. 0 is never a page (a superblock stands there).
    pub number: u64,
    /// The checksum that the page's header carries.
    pub checksum: u32,
    /// The generation in which the page was born, as its header carries it.
    pub birth: u64,
}

impl PagePointer {
    /// Bytes of a pointer on disk: number, checksum, birth, little-endian.
    pub const BYTES: usize = 20;

    /// The pointer that points nowhere (an empty tree, an empty stretch of the bitmap).
    pub const NONE: PagePointer = PagePointer { number: 0, checksum: 0, birth: 0 };

    /// Whether this points nowhere.
    pub fn is_none(&self) -> bool {
        self.number == 0
    }

    /// Writes the pointer to the first [`PagePointer::BYTES`] of `target`, which must be that long.
    pub fn encode(&self, target: &mut [u8]) {
        target[0..8].copy_from_slice(&self.number.to_le_bytes());
        target[8..12].copy_from_slice(&self.checksum.to_le_bytes());
        target[12..20].copy_from_slice(&self.birth.to_le_bytes());
    }

    /// Reads a pointer from the first [`PagePointer::BYTES`] of `source`; `None` when it is shorter.
    pub fn decode(source: &[u8]) -> Option<PagePointer> {
        Some(PagePointer {
            number: u64::from_le_bytes(*source.first_chunk()?),
            checksum: u32::from_le_bytes(*source.get(8..)?.first_chunk()?),
            birth: u64::from_le_bytes(*source.get(12..)?.first_chunk()?),
        })
    }
}

impl fmt::Debug for PagePointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl fmt::Display for PagePointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return formatter.write_str("nowhere");
        }
        write!(formatter, "page {} (checksum {:08x}, born {})", self.number, self.checksum, self.birth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_survives_its_encoding() {
        let pointer = PagePointer { number: 0x0102_0304_0506_0708, checksum: 0x090a_0b0c, birth: 77 };
        let mut bytes = [0u8; PagePointer::BYTES];
        pointer.encode(&mut bytes);
        assert_eq!(PagePointer::decode(&bytes), Some(pointer));
        assert_eq!(PagePointer::decode(&bytes[..19]), None);
        assert_eq!(bytes[0], 0x08, "little-endian");
    }

    #[test]
    fn every_kind_has_its_own_byte() {
        let known: Vec<_> = (0..=255u8).filter_map(PageKind::from_byte).collect();
        assert_eq!(known.len(), 6);
        assert!(known.iter().all(|kind| PageKind::from_byte(*kind as u8) == Some(*kind)));
    }
}
