//! Which slot of the file holds which segment of the stream.
//!
//! Invariants
//!
//! 1. A slot is live (its segment may be needed by a recovery) or free. Slots are numbered without gaps.
//! 2. Live slots are in the order of the positions they are needed for: by epoch, then by segment.
//! 3. A slot becomes free only when its last needed position is released: both superblocks have moved past it.
//! 4. A slot is allocated by writing zeros over its whole length, so that a later commit neither grows the file nor
//!    finds the device full. They are synced before a note (`slot_note`) tells of the slot.

use crate::geometry::Geometry;
use crate::label;
use crate::slot_note::SlotNotes;
use env::{File, FileExt, IoResult, Label};

/// How many bytes of zeros are written at a time.
const ZEROS_AT_ONCE: usize = 256 << 10;

/// A slot in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LiveSegment {
    pub segment: u64,
    pub slot: u32,
    /// Positions from here on are not in it, or not any more.
    pub end: u64,
}

/// The slots of one file.
#[derive(Debug)]
pub(crate) struct Segments {
    geometry: Geometry,
    live: Vec<LiveSegment>,
    free: Vec<u32>,
    /// Slots that the file has room for.
    slots: u32,
}

impl Segments {
    /// A table of `slots` slots, of which all that are not in `live` are free.
    pub fn new(geometry: Geometry, slots: u32, live: Vec<LiveSegment>) -> Segments {
        let mut used = vec![false; slots as usize];
        for segment in &live {
            if let Some(used) = used.get_mut(segment.slot as usize) {
                *used = true;
            }
        }
        // The lowest slot is taken first: the file stays dense.
        let free = (0..slots).rev().filter(|&slot| !used[slot as usize]).collect();
        Segments { geometry, live, free, slots }
    }

    /// How many slots the file has.
    pub fn slots(&self) -> u32 {
        self.slots
    }

    /// How many of them are free.
    pub fn free(&self) -> usize {
        self.free.len()
    }

    /// The last slot of the file, if it is free.
    pub fn free_at_the_end(&self) -> Option<u32> {
        let last = self.slots.checked_sub(1)?;
        self.free.contains(&last).then_some(last)
    }

    /// The position before which a group can be written without growing the file.
    pub fn room_until(&self) -> u64 {
        let next = self.live.last().map_or(0, |last| last.segment + 1);
        self.geometry.segment_start(next + self.free.len() as u64)
    }

    /// The slot that holds `segment` now.
    pub fn slot_of(&self, segment: u64) -> Option<u32> {
        // Only the newest segments are written to.
        self.live.iter().rev().find(|live| live.segment == segment).map(|live| live.slot)
    }

    /// A free slot for a segment that is about to be written.
    pub fn take_free(&mut self) -> Option<u32> {
        self.free.pop()
    }

    /// Notes that `slot`, which was taken, holds `segment`, the next of the stream.
    pub fn adopt(&mut self, segment: u64, slot: u32) {
        let end = self.geometry.segment_start(segment + 1);
        self.live.push(LiveSegment { segment, slot, end });
    }

    /// Notes that the slot behind the last one, [`Segments::slots`], has been allocated and is free.
    pub fn add_free(&mut self) {
        self.free.push(self.slots);
        self.slots += 1;
    }

    /// Frees the slots of segments that nobody needs who needs positions from `keep_from` on.
    pub fn release_before(&mut self, keep_from: u64) {
        // The newest segment stays, also when all of it is released: its slot is where the stream goes on.
        let Some(newest) = self.live.pop() else { return };
        let free = &mut self.free;
        self.live.retain(|live| {
            let needed = live.end > keep_from;
            if !needed {
                free.push(live.slot);
            }
            needed
        });
        self.live.push(newest);
    }
}

/// Makes the slot behind the last one, `slot`: zeros, their `sync`, and the note that the file has it.
pub(crate) fn allocate_slot(
    geometry: &Geometry,
    file: &dyn File,
    database: u128,
    (notes, slot): (&mut SlotNotes, u32),
    sync: impl FnOnce(&'static Label) -> IoResult<()>,
) -> IoResult<()> {
    write_zeros(geometry, file, slot, &label::GROW_WRITE, 0)?;
    sync(&label::GROW_SYNC)?;
    notes.note(file, geometry, database, slot + 1)
}

/// Writes zeros over slot `slot` from its byte `from` on.
pub(crate) fn write_zeros(
    geometry: &Geometry,
    file: &dyn File,
    slot: u32,
    label: &'static Label,
    from: u64,
) -> IoResult<()> {
    let zeros = vec![0u8; ZEROS_AT_ONCE.min(geometry.segment_bytes as usize)];
    let mut done = from;
    while done < geometry.segment_bytes {
        let step = (geometry.segment_bytes - done).min(zeros.len() as u64);
        file.write_all_at(label, geometry.slot_offset(slot) + done, &zeros[..step as usize])?;
        done += step;
    }
    Ok(())
}
