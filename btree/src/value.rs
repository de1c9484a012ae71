//! Values as callers see them, and the description that a leaf keeps of a value that is not stored as it is.
//!
//! ```text
//! compressed   tag 1 u8, length u32, LZ4 block
//! overflow     tag 2 u8, level u8, length u32, stored u32, page pointer (20 bytes)
//! ```
//!
//! At level 0 the pointer names one overflow data page, and `stored` is the number of its bytes that count (top bit:
//! they are an LZ4 block). At level 1 and above it names an overflow index page of that level, and `stored` is the
//! number of pages that the value takes, index pages included. See [`crate::overflow`].
//!
//! Invariants
//!
//! 1. A [`Value`] is self-contained: it holds the frame its bytes lie in, never a lock, and never changes. As long as
//!    it lives, that frame is not edited in place; drop values before changing the tree they come from.
//! 2. Descriptions in frames are well formed: those from the file were looked at by [`validate_special`].

use crate::Result;
use crate::error::{Flaw, flaw, in_tree};
use crate::node::page_number;
use crate::overflow::read;
use pager::{Frame, PagePointer, Pager};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub(crate) const COMPRESSED_TAG: u8 = 1;
pub(crate) const OVERFLOW_TAG: u8 = 2;
/// Bytes before the block in the description of a compressed value.
pub(crate) const COMPRESSED_HEADER_BYTES: usize = 5;
/// Bytes of the description of a value in overflow pages.
pub(crate) const OVERFLOW_BYTES: usize = 10 + PagePointer::BYTES;
/// The bit of a stored length that says "LZ4 block".
pub(crate) const COMPRESSED_BIT: u32 = 1 << 31;
/// The longest value: 1 GiB, and a few bytes that a store puts before it.
pub const VALUE_LIMIT: usize = (1 << 30) + 16;
/// Levels of overflow index pages that a value may need: 1 GiB in pages of 512 bytes takes six.
pub(crate) const OVERFLOW_LEVELS: u8 = 8;

/// A value in overflow pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow {
    /// Height of the page that `pointer` names: 0 for a data page.
    pub level: u8,
    /// Bytes of the value.
    pub length: u32,
    /// See the module text.
    pub stored: u32,
    /// The first (or topmost) page.
    pub pointer: PagePointer,
}

impl Overflow {
    pub(crate) fn encode(&self) -> [u8; OVERFLOW_BYTES] {
        let mut bytes = [0; OVERFLOW_BYTES];
        bytes[0] = OVERFLOW_TAG;
        bytes[1] = self.level;
        bytes[2..6].copy_from_slice(&self.length.to_le_bytes());
        bytes[6..10].copy_from_slice(&self.stored.to_le_bytes());
        self.pointer.encode(&mut bytes[10..]);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Overflow> {
        if bytes.len() != OVERFLOW_BYTES || bytes[0] != OVERFLOW_TAG {
            return None;
        }
        Some(Overflow {
            level: bytes[1],
            length: u32::from_le_bytes(*bytes[2..].first_chunk()?),
            stored: u32::from_le_bytes(*bytes[6..].first_chunk()?),
            pointer: PagePointer::decode(&bytes[10..])?,
        })
    }

    /// Pages that the value takes.
    #[must_use]
    pub fn pages(&self) -> u64 {
        if self.level == 0 { 1 } else { u64::from(self.stored) }
    }
}

/// Whether the description of a special cell refers to overflow pages.
pub(crate) fn is_overflow(special: &[u8]) -> bool {
    special.first() == Some(&OVERFLOW_TAG)
}

/// Checks the description of a special cell from the file; tells whether it refers to overflow pages.
pub(crate) fn validate_special(bytes: &[u8]) -> Result<bool, Flaw> {
    match bytes.first() {
        Some(&COMPRESSED_TAG) => {
            if bytes.len() <= COMPRESSED_HEADER_BYTES {
                return Err(flaw(
                    "bytes of a compressed value (more than)",
                    COMPRESSED_HEADER_BYTES,
                    bytes.len(),
                ));
            }
            let length = u32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]) as usize;
            // LZ4 cannot make more of a byte than 255; a longer claim would only make a reader allocate.
            let limit = bytes.len() * 255;
            if length > limit {
                return Err(flaw("length of a compressed value (at most)", limit, length));
            }
            Ok(false)
        }
        Some(&OVERFLOW_TAG) => {
            let Some(overflow) = Overflow::decode(bytes) else {
                return Err(flaw("bytes of an overflow description", OVERFLOW_BYTES, bytes.len()));
            };
            if overflow.level > OVERFLOW_LEVELS {
                return Err(flaw(
                    "level of an overflow value (at most)",
                    OVERFLOW_LEVELS.into(),
                    overflow.level.into(),
                ));
            }
            if overflow.length as usize > VALUE_LIMIT {
                return Err(flaw("length of a value (at most)", VALUE_LIMIT, overflow.length as usize));
            }
            Ok(true)
        }
        Some(&tag) => Err(flaw("tag of a special value (at most)", OVERFLOW_TAG.into(), tag.into())),
        None => Err(flaw("bytes of a special value (at least)", 1, 0)),
    }
}

/// A value, borrowed from the leaf it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueRef<'a> {
    /// The bytes themselves.
    Inline(&'a [u8]),
    /// An LZ4 block in the leaf.
    Compressed {
        /// Bytes of the value.
        length: u32,
        /// What they were compressed to.
        block: &'a [u8],
    },
    /// Bytes in overflow pages.
    Overflow(Overflow),
}

impl<'a> ValueRef<'a> {
    #[inline]
    pub(crate) fn decode(special: bool, bytes: &'a [u8]) -> ValueRef<'a> {
        if special { ValueRef::decode_special(bytes) } else { ValueRef::Inline(bytes) }
    }

    fn decode_special(bytes: &'a [u8]) -> ValueRef<'a> {
        if let Some(overflow) = Overflow::decode(bytes) {
            return ValueRef::Overflow(overflow);
        }
        let length = u32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]);
        ValueRef::Compressed { length, block: &bytes[COMPRESSED_HEADER_BYTES..] }
    }

    /// Bytes of the value.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            ValueRef::Inline(bytes) => bytes.len(),
            ValueRef::Compressed { length, .. } => *length as usize,
            ValueRef::Overflow(overflow) => overflow.length as usize,
        }
    }

    /// Whether the value has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the value's bytes in `range` (cut to the value's length) to `into`. Errors name the tree and, for a value in
    /// the leaf itself, the page of its `home`.
    ///
    /// # Errors
    /// What reading overflow pages meets; a compressed value that does not decompress to its length.
    pub(crate) fn read_into(
        &self,
        pager: &Pager,
        home: Home,
        range: Range<usize>,
        into: &mut Vec<u8>,
    ) -> Result<()> {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        let appended = match self {
            ValueRef::Inline(bytes) => {
                into.extend_from_slice(&bytes[start..end]);
                return Ok(());
            }
            ValueRef::Compressed { length, block } => {
                read::decompress(pager, block, *length as usize, home.page)
                    .map(|bytes| into.extend_from_slice(&bytes[start..end]))
            }
            ValueRef::Overflow(overflow) => read::read_range(pager, overflow, start..end, into),
        };
        appended.map_err(|error| in_tree(home.tree, error))
    }
}

/// Where the row of a value is, for errors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home {
    /// Which tree.
    pub tree: u64,
    /// Its leaf; 0 for one that was never written.
    pub page: u64,
}

impl Home {
    pub fn of(leaf: &Frame) -> Home {
        Home { tree: leaf.tree(), page: page_number(leaf) }
    }
}

/// A value: its bytes where they lie in memory, or a pointer to them. Cloning copies no bytes.
#[derive(Clone)]
pub struct Value(Kept);

#[derive(Clone)]
enum Kept {
    Memory(Arc<[u8]>),
    Leaf { frame: Arc<Frame>, at: u32, length: u32, special: bool },
    Overflow { tree: u64, overflow: Overflow },
}

impl Value {
    /// A value with a copy of `bytes`.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Value {
        Value(Kept::Memory(Arc::from(bytes)))
    }

    /// A value of `tree` that lies in overflow pages.
    pub(crate) fn from_overflow(tree: u64, overflow: Overflow) -> Value {
        Value(Kept::Overflow { tree, overflow })
    }

    /// The value of cell `index` of the leaf in `frame`.
    pub(crate) fn in_leaf(frame: &Arc<Frame>, index: usize) -> Value {
        let leaf = crate::leaf::Leaf::new(frame.data());
        let cell = leaf.cell(index);
        if cell.special
            && let Some(overflow) = Overflow::decode(cell.value)
        {
            return Value::from_overflow(frame.tree(), overflow);
        }
        let at = (leaf.suffix_at(index) + cell.suffix.len()) as u32;
        let length = cell.value.len() as u32;
        Value(Kept::Leaf { frame: Arc::clone(frame), at, length, special: cell.special })
    }

    /// The value, borrowed.
    #[must_use]
    #[inline]
    pub fn borrow(&self) -> ValueRef<'_> {
        match &self.0 {
            Kept::Memory(bytes) => ValueRef::Inline(bytes),
            Kept::Leaf { frame, at, length, special } => {
                let at = *at as usize;
                ValueRef::decode(*special, &frame.data()[at..at + *length as usize])
            }
            Kept::Overflow { overflow, .. } => ValueRef::Overflow(*overflow),
        }
    }

    /// Bytes of the value.
    #[must_use]
    pub fn len(&self) -> usize {
        self.borrow().len()
    }

    /// Whether the value has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, when they lie in memory as they are: `None` for compressed values and those in overflow pages.
    #[must_use]
    #[inline]
    pub fn as_inline(&self) -> Option<&[u8]> {
        match self.borrow() {
            ValueRef::Inline(bytes) => Some(bytes),
            ValueRef::Compressed { .. } | ValueRef::Overflow(_) => None,
        }
    }

    /// Where the value lies, when it lies in overflow pages.
    #[must_use]
    pub fn overflow(&self) -> Option<Overflow> {
        match &self.0 {
            Kept::Overflow { overflow, .. } => Some(*overflow),
            Kept::Memory(_) | Kept::Leaf { .. } => None,
        }
    }

    /// Tells `visit` the number and birth of each overflow page that the value takes. Reads their index pages.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn overflow_pages(&self, pager: &Pager, visit: &mut dyn FnMut(u64, u64)) -> Result<()> {
        self.walk_overflow(pager, &mut |pointer| visit(pointer.number, pointer.birth))
    }

    /// Tells `visit` where each overflow page lies that the value takes.
    pub(crate) fn walk_overflow(&self, pager: &Pager, visit: &mut dyn FnMut(PagePointer)) -> Result<()> {
        let Kept::Overflow { tree, overflow } = &self.0 else { return Ok(()) };
        let walked = read::walk(pager, overflow, &mut |pointer, _| {
            visit(pointer);
            true
        });
        walked.map_err(|error| in_tree(*tree, error))
    }

    /// The description that a leaf keeps of the value: empty unless it lies compressed in a leaf.
    pub(crate) fn description(&self) -> &[u8] {
        match &self.0 {
            Kept::Leaf { frame, at, length, special: true } => {
                &frame.data()[*at as usize..(*at + *length) as usize]
            }
            Kept::Leaf { .. } | Kept::Memory(_) | Kept::Overflow { .. } => &[],
        }
    }

    /// All bytes of the value.
    ///
    /// # Errors
    /// What reading overflow pages meets; a compressed value that does not decompress to its length.
    pub fn read(&self, pager: &Pager) -> Result<Vec<u8>> {
        self.read_range(pager, 0..usize::MAX)
    }

    /// The bytes in `range`, cut to the value's length. Reads only the pages that hold them.
    ///
    /// # Errors
    /// As [`Value::read`].
    pub fn read_range(&self, pager: &Pager, range: Range<usize>) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(range.end.min(self.len()).saturating_sub(range.start));
        let home = match &self.0 {
            Kept::Leaf { frame, .. } => Home::of(frame),
            Kept::Overflow { tree, .. } => Home { tree: *tree, page: 0 },
            // What lies in memory can be read.
            Kept::Memory(_) => Home { tree: 0, page: 0 },
        };
        self.borrow().read_into(pager, home, range, &mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.borrow().fmt(formatter)
    }
}
