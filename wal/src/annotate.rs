//! A log file in words: each structure with its offset, its bytes and what it says. For people and for snapshots.
//!
//! Invariants
//!
//! 1. It works on any bytes at all; only what has an intact checksum is described as what it says it is.
//! 2. Lines are in the order of the file, and nothing but padding zeros and unused sectors is left out.

use crate::Damage;
use crate::frame::{FRAME_HEADER_BYTES, FrameChecksum, FrameHeader};
use crate::geometry::Geometry;
use crate::header::{
    FILE_HEADER_BYTES, SEGMENT_HEADER_BYTES, SegmentHeader, claimed_database, decode_file_header,
};
use crate::slot_note::{self, SLOT_NOTE_BYTES};
use std::fmt;
use std::path::Path;

/// A stretch of the file and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotatedLine {
    /// Where it begins.
    pub offset: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What they say.
    pub meaning: String,
}

impl fmt::Display for AnnotatedLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 16;
        write!(formatter, "{:08x} ", self.offset)?;
        for byte in self.bytes.iter().take(SHOWN) {
            write!(formatter, " {byte:02x}")?;
        }
        let more = self.bytes.len().saturating_sub(SHOWN);
        let gap = 3 * SHOWN.saturating_sub(self.bytes.len());
        match more {
            0 => write!(formatter, "{:gap$}          {}", "", self.meaning),
            more => write!(formatter, " +{more:<7} {}", self.meaning),
        }
    }
}

/// Describes the bytes of a log file. Works on anything; what is not understood is called that.
pub fn annotate(file: &[u8]) -> Vec<AnnotatedLine> {
    let mut lines = Vec::new();
    let mut push = |offset: u64, length: usize, meaning: String| {
        let from = offset as usize;
        let bytes = file.get(from..(from + length).min(file.len())).unwrap_or_default().to_vec();
        lines.push(AnnotatedLine { offset, bytes, meaning });
    };
    let Some(head) = file.first_chunk::<FILE_HEADER_BYTES>() else {
        push(0, file.len(), "too short for a log".into());
        return lines;
    };
    let database = claimed_database(head);
    let geometry = match decode_file_header(Path::new("the log"), database, head) {
        Ok(geometry) => geometry,
        Err(error) => {
            push(0, FILE_HEADER_BYTES, error.to_string());
            return lines;
        }
    };
    let options = geometry.options();
    let meaning = format!(
        "file header: database {database:032x}, slots of {} bytes, sectors of {}",
        options.segment_bytes, options.sector_size
    );
    push(0, FILE_HEADER_BYTES, meaning);
    for offset in geometry.note_places().into_iter().flatten() {
        let bytes = file.get(offset as usize..).unwrap_or_default();
        if let Some(slots) = slot_note::decode(database, bytes) {
            push(offset, SLOT_NOTE_BYTES, format!("note: the file has {slots} slots"));
        }
    }
    for slot in 0..geometry.slots_in(file.len() as u64) {
        annotate_slot(file, &geometry, database, slot, &mut push);
    }
    lines
}

fn annotate_slot(
    file: &[u8],
    geometry: &Geometry,
    database: u128,
    slot: u32,
    push: &mut dyn FnMut(u64, usize, String),
) {
    let offset = geometry.slot_offset(slot);
    let bytes = file.get(offset as usize..).unwrap_or_default();
    match SegmentHeader::decode(database, geometry, slot, bytes) {
        None => push(offset, SEGMENT_HEADER_BYTES, format!("slot {slot}: no intact segment header")),
        Some(header) => {
            let from = geometry.segment_start(header.segment);
            let mut meaning = format!(
                "slot {slot}: segment {} (LSN {from} to {}), epoch {}",
                header.segment,
                from + geometry.capacity,
                header.epoch
            );
            if let Some(start) = header.start {
                meaning += &format!(
                    "; follows epoch {} at LSN {} (chain {:08x}); records kept up to LSN {}",
                    start.previous, start.cut, start.chain, start.kept
                );
            }
            push(offset, SEGMENT_HEADER_BYTES, meaning);
        }
    }
    annotate_frames(file, geometry, database, offset + geometry.sector_size, push);
}

/// Frames one behind the other, and from the next sector bound where none follows.
fn annotate_frames(
    file: &[u8],
    geometry: &Geometry,
    database: u128,
    data: u64,
    push: &mut dyn FnMut(u64, usize, String),
) {
    let checksum = FrameChecksum::new(database);
    let mut within = 0;
    while within < geometry.capacity {
        let offset = data + within;
        let Some(bytes) = file.get(offset as usize..) else { return };
        let Some(head) = bytes.first_chunk::<FRAME_HEADER_BYTES>() else { return };
        let next_sector = geometry.sector_after(within + 1);
        match FrameHeader::decode(head) {
            Ok(frame) => {
                let length = FRAME_HEADER_BYTES + frame.length;
                let room = (geometry.capacity - within) as usize;
                let whole = bytes.get(..length).filter(|_| length <= room);
                let intact = whole.is_some_and(|whole| checksum.of(whole) == frame.checksum);
                if intact {
                    push(offset, length, describe(&frame));
                    within += length as u64;
                    continue;
                }
                push(offset, FRAME_HEADER_BYTES, "a damaged record, or a record's payload".into());
            }
            Err(Damage::Nothing) => {}
            Err(damage) if within.is_multiple_of(geometry.sector_size) => {
                push(offset, FRAME_HEADER_BYTES, format!("not understood: {damage}"));
            }
            Err(_) => {}
        }
        within = next_sector;
    }
}

fn describe(frame: &FrameHeader) -> String {
    format!(
        "{}{:?} record at LSN {}, epoch {}, {} bytes, checksum {:08x} after {:08x}, durable up to LSN {}",
        if frame.kept { "kept " } else { "" },
        frame.kind,
        frame.lsn,
        frame.epoch,
        frame.length,
        frame.checksum,
        frame.previous,
        frame.durable
    )
}
