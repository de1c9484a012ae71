//! A file's bytes in words: for dumps, for the format's snapshot, and for whoever looks at a damaged file.
//!
//! Invariants
//!
//! 1. The lines of a part follow one another without gap or overlap: every byte is shown or counted once.
//! 2. Nothing here trusts the bytes: what makes no sense is shown as it is, and never a panic.

use crate::superblock::{EXTRA_BYTES, SUPERBLOCK_BYTES, SUPERBLOCK_OFFSETS, Superblock};
use crate::{HEADER_BYTES, PageKind, PagePointer};
use std::fmt;

/// Bytes of a field that are shown; the rest of a longer one is counted.
const SHOWN_BYTES: usize = 20;

/// One field of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it begins in the file.
    pub offset: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What they say.
    pub meaning: String,
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08x}  ", self.offset)?;
        let mut shown = String::new();
        for byte in self.bytes.iter().take(SHOWN_BYTES) {
            shown.push_str(&format!("{byte:02x} "));
        }
        if self.bytes.len() > SHOWN_BYTES {
            shown.push_str(&format!("… {} bytes ", self.bytes.len()));
        }
        write!(formatter, "{shown:<61} {}", self.meaning)
    }
}

/// Cuts bytes into fields, one after another.
pub struct Fields<'a> {
    base: u64,
    bytes: &'a [u8],
    at: usize,
    lines: Vec<Line>,
}

impl<'a> Fields<'a> {
    /// Fields of `bytes`, which stand at `base` in the file, from byte `start` on.
    pub fn new(base: u64, bytes: &'a [u8], start: usize) -> Fields<'a> {
        Fields { base, bytes, at: start.min(bytes.len()), lines: Vec::new() }
    }

    /// The next `length` bytes (fewer at the end), and what they mean. Answers them.
    pub fn take(&mut self, length: usize, meaning: impl FnOnce(&[u8]) -> String) -> &'a [u8] {
        let end = (self.at + length).min(self.bytes.len());
        let bytes = &self.bytes[self.at..end];
        if !bytes.is_empty() {
            let offset = self.base + self.at as u64;
            self.lines.push(Line { offset, bytes: bytes.to_vec(), meaning: meaning(bytes) });
        }
        self.at = end;
        bytes
    }

    /// The next little-endian number of `length` bytes, at most eight. Answers it.
    pub fn number(&mut self, length: usize, name: &str) -> u64 {
        number(self.take(length, |bytes| format!("{name}: {}", number(bytes))))
    }

    /// The next pointer.
    pub fn pointer(&mut self, name: &str) -> PagePointer {
        let pointer = |bytes: &[u8]| PagePointer::decode(bytes).unwrap_or_default();
        pointer(self.take(PagePointer::BYTES, |bytes| format!("{name}: {}", pointer(bytes))))
    }

    /// Everything up to byte `end`: zeros if `name` says so and they are.
    pub fn rest(&mut self, end: usize, name: &str) {
        let length = end.saturating_sub(self.at);
        self.take(length, |bytes| {
            let zero = bytes.iter().all(|byte| *byte == 0);
            format!("{name}{}", if zero { " (zero)" } else { "" })
        });
    }

    /// Position of the next field.
    pub fn position(&self) -> usize {
        self.at
    }

    /// All fields.
    pub fn finish(self) -> Vec<Line> {
        self.lines
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The superblock in `slot`. `bytes` begin where the slot begins.
pub fn superblock(slot: usize, bytes: &[u8]) -> Vec<Line> {
    let name = if slot == 0 { "superblock A" } else { "superblock B" };
    let bytes = &bytes[..bytes.len().min(SUPERBLOCK_BYTES)];
    let mut fields = Fields::new(SUPERBLOCK_OFFSETS[slot.min(1)], bytes, 0);
    fields.take(8, |bytes| format!("{name}: magic \"{}\"", bytes.escape_ascii()));
    fields.number(4, "format version");
    fields.number(4, "page size");
    fields.take(16, |bytes| {
        format!("database id {:016x}{:016x}", number(bytes.get(8..).unwrap_or(&[])), number(bytes))
    });
    fields.number(8, "generation");
    fields.number(8, "commit");
    fields.pointer("root of the forest's directory");
    fields.number(1, "its level");
    fields.rest(72, "reserved");
    fields.number(8, "its rows");
    fields.pointer("root of the free-space map");
    fields.number(1, "its level");
    fields.take(1, |bytes| {
        let flags = number(bytes);
        format!("flags: log {}required", if flags & 1 == 1 { "" } else { "not " })
    });
    fields.rest(104, "reserved");
    fields.number(4, "log epoch");
    fields.take(4, |bytes| format!("log chain: checksum {:08x}", number(bytes)));
    fields.number(8, "log LSN");
    fields.number(8, "next transaction");
    fields.number(8, "next tree");
    fields.number(8, "next branch");
    fields.number(8, "length of the file in pages");
    fields.take(EXTRA_BYTES, |_| "the store's own".to_string());
    fields.rest(SUPERBLOCK_BYTES - 4, "reserved");
    let valid = match <&[u8; SUPERBLOCK_BYTES]>::try_from(bytes) {
        Ok(whole) => match Superblock::decode(whole, slot.min(1)) {
            Ok(_) => "valid".to_string(),
            Err(bad) => bad.to_string(),
        },
        Err(_) => "cut off".to_string(),
    };
    fields.take(4, |bytes| format!("checksum {:08x}: {valid}", number(bytes)));
    fields.finish()
}

/// The header of the page whose bytes begin at `offset` of the file.
pub fn header(offset: u64, page: &[u8]) -> Vec<Line> {
    let mut fields = Fields::new(offset, &page[..page.len().min(HEADER_BYTES)], 0);
    let computed = crc32fast::hash(page.get(4..).unwrap_or(&[]));
    fields.take(4, |bytes| {
        let valid = if number(bytes) == u64::from(computed) { "valid" } else { "WRONG" };
        format!("checksum {:08x}: {valid}", number(bytes))
    });
    fields.take(1, |bytes| match PageKind::from_byte(number(bytes) as u8) {
        Some(kind) => format!("kind: {}", kind.name()),
        None => format!("kind: {}, unknown", number(bytes)),
    });
    fields.number(1, "level");
    fields.rest(8, "reserved");
    fields.number(8, "page number");
    fields.number(8, "birth");
    fields.number(8, "tree");
    fields.finish()
}

/// A whole page, as far as the pager knows it: of a leaf or an overflow page, the header alone.
pub fn page(offset: u64, page: &[u8]) -> Vec<Line> {
    let mut lines = header(offset, page);
    match page.get(4).copied().and_then(PageKind::from_byte) {
        Some(PageKind::TreeIndex) => lines.extend(index_page(offset, page)),
        Some(PageKind::Bitmap) => lines.extend(bitmap_page(offset, page)),
        Some(PageKind::FreeSpaceIndex) => lines.extend(free_space_index_page(offset, page)),
        Some(PageKind::Leaf | PageKind::OverflowData | PageKind::OverflowIndex) | None => {}
    }
    lines
}

/// The body of a tree's index page.
pub fn index_page(offset: u64, page: &[u8]) -> Vec<Line> {
    let mut fields = Fields::new(offset, page, HEADER_BYTES);
    let children = fields.number(2, "children");
    let length = fields.number(2, "length of all separators");
    fields.rest(HEADER_BYTES + 8, "reserved");
    for child in 0..children {
        fields.pointer(&format!("child {child}"));
        fields.take(8, |bytes| {
            let rows = number(bytes);
            let overflow = if rows >> 63 == 1 { ", overflow below" } else { "" };
            format!("child {child}: {} rows{overflow}", rows << 1 >> 1)
        });
    }
    let mut ends = Vec::new();
    for separator in 1..children {
        ends.push(fields.number(2, &format!("end of separator {}", separator - 1)));
    }
    let mut start = 0;
    for (separator, end) in ends.into_iter().enumerate() {
        let end = end.min(length);
        fields.take(end.saturating_sub(start) as usize, |bytes| {
            format!("separator {separator}: \"{}\"", bytes.escape_ascii())
        });
        start = end;
    }
    fields.rest(page.len(), "unused");
    fields.finish()
}

/// The body of a free-space bitmap page. The pages it speaks of are counted from its first bit.
pub fn bitmap_page(offset: u64, page: &[u8]) -> Vec<Line> {
    let mut fields = Fields::new(offset, page, HEADER_BYTES);
    while fields.position() < page.len() {
        let first = (fields.position() - HEADER_BYTES) * 8;
        let zeros = page[fields.position()..].iter().take_while(|byte| **byte == 0).count();
        if zeros > 0 {
            fields.take(zeros, |_| format!("bits {first} to {}: not in use", first + zeros * 8 - 1));
            continue;
        }
        let used = page[fields.position()..].iter().take(SHOWN_BYTES).take_while(|byte| **byte != 0).count();
        fields.take(used, |bytes| format!("in use: {}", used_bits(first, bytes)));
    }
    fields.finish()
}

fn used_bits(first: usize, bytes: &[u8]) -> crate::PageSet {
    let bits = bytes.iter().enumerate().flat_map(|(index, byte)| {
        (0..8).filter(move |bit| byte >> bit & 1 == 1).map(move |bit| (first + index * 8 + bit) as u64)
    });
    bits.collect()
}

/// The body of a free-space index page.
pub fn free_space_index_page(offset: u64, page: &[u8]) -> Vec<Line> {
    let mut fields = Fields::new(offset, page, HEADER_BYTES);
    let entries = (page.len().saturating_sub(HEADER_BYTES)) / PagePointer::BYTES;
    for entry in 0..entries {
        let at = fields.position();
        if page[at..].iter().all(|byte| *byte == 0) {
            break;
        }
        fields.pointer(&format!("part {entry}"));
    }
    fields.rest(page.len(), "unused");
    fields.finish()
}
