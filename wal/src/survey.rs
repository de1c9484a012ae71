//! What the whole file proves, before the chain is followed: all segment headers, and every frame at a sector bound.
//!
//! The chain alone cannot tell a torn tail from a damaged record. So recovery first looks everywhere, past any hole: each
//! intact frame, wherever it lies and whatever slot header stands before it, is a true statement of "durable up to" and
//! of an epoch that was in use.
//!
//! Invariants
//!
//! 1. Only frames whose checksum is right are believed; a checksum is only computed where the frame would tell news.
//! 2. `highest_epoch` is at least every epoch in any intact header and any intact frame at a sector bound. A new epoch
//!    above it is fresh: frames in the middle of a group, which are not looked at, follow a frame that is, or lie in a
//!    sector that recovery overwrites with zeros.
//! 3. `proven_epoch` is an epoch whose switch was durable: only a log that had finished opening writes frames that are
//!    not marked as kept.

use crate::LogError;
use crate::frame::{FRAME_HEADER_BYTES, FrameChecksum, FrameHeader};
use crate::geometry::Geometry;
use crate::header::{SEGMENT_HEADER_BYTES, SegmentHeader};
use crate::slot_note::SlotNotes;
use crate::window::{Window, data_sector};

/// The evidence.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Intact segment headers, by epoch, then by segment.
    pub headers: Vec<SegmentHeader>,
    /// All up to here was durable once.
    pub durable: u64,
    /// The highest epoch that is known to have been in use.
    pub proven_epoch: u32,
    /// The highest epoch found at all.
    pub highest_epoch: u32,
    /// How many slots the file had.
    pub notes: SlotNotes,
}

/// How often headers and notes are looked at again until two readings agree. By chance alone so many never differ.
const CONFIRMATIONS: usize = 5;

impl Survey {
    /// As [`Survey::of`], and headers and notes once more until two readings agree: what an old reading of them lacks would be
    /// lost for good, because recovery writes over what no header claims. So a device that never says the same twice is
    /// refused: whichever of its answers were taken, commits could be written over.
    pub fn confirmed(window: &mut Window, geometry: &Geometry, database: u128) -> Result<Survey, LogError> {
        let mut survey = Survey::of(window, geometry, database)?;
        for _ in 0..CONFIRMATIONS {
            let mut again = Survey::default();
            window.forget();
            for slot in (0..geometry.slots_in(window.length())).rev() {
                again.look_at_header(window, geometry, database, slot)?;
            }
            again.headers.sort_by_key(|header| (header.epoch, header.segment, header.slot));
            again.notes = SlotNotes::read(window, geometry, database)?;
            if again.headers == survey.headers && again.notes == survey.notes {
                return Ok(survey);
            }
            window.forget();
            survey = Survey::of(window, geometry, database)?;
        }
        Err(LogError::Unsteady { path: window.file().path().to_path_buf(), readings: 2 * CONFIRMATIONS + 1 })
    }

    /// Looks at the whole file, from its end, where the highest marks are.
    pub fn of(window: &mut Window, geometry: &Geometry, database: u128) -> Result<Survey, LogError> {
        let mut survey = Survey::default();
        let checksum = FrameChecksum::new(database);
        // A small file is one read, and then already in the window for the chain's reader.
        window.get(0, 0)?;
        for slot in (0..geometry.slots_in(window.length())).rev() {
            survey.look_at_slot(window, geometry, checksum, slot)?;
            survey.look_at_header(window, geometry, database, slot)?;
        }
        survey.headers.sort_by_key(|header| (header.epoch, header.segment, header.slot));
        survey.notes = SlotNotes::read(window, geometry, database)?;
        Ok(survey)
    }

    fn look_at_header(
        &mut self,
        window: &mut Window,
        geometry: &Geometry,
        database: u128,
        slot: u32,
    ) -> Result<(), LogError> {
        let offset = geometry.slot_offset(slot);
        let bytes = window.get_before(offset, SEGMENT_HEADER_BYTES)?;
        if let Some(header) = SegmentHeader::decode(database, geometry, slot, bytes) {
            self.highest_epoch = self.highest_epoch.max(header.epoch);
            self.headers.push(header);
        }
        Ok(())
    }

    fn look_at_slot(
        &mut self,
        window: &mut Window,
        geometry: &Geometry,
        checksum: FrameChecksum,
        slot: u32,
    ) -> Result<(), LogError> {
        for index in (0..geometry.capacity / geometry.sector_size).rev() {
            let (offset, within) = data_sector(geometry, slot, index);
            if offset >= window.length() {
                continue;
            }
            let bytes = window.get_before(offset, FRAME_HEADER_BYTES)?;
            let Some(bytes) = bytes.first_chunk() else { continue };
            let Ok(frame) = FrameHeader::decode(bytes) else { continue };
            let fits = frame.lsn % geometry.capacity == within
                && within + (FRAME_HEADER_BYTES + frame.length) as u64 <= geometry.capacity
                && frame.durable <= frame.lsn;
            if !fits || !self.is_news(&frame) {
                continue;
            }
            let bytes = window.get(offset, FRAME_HEADER_BYTES + frame.length)?;
            let whole = bytes.len() == FRAME_HEADER_BYTES + frame.length;
            if whole && checksum.of(bytes) == frame.checksum {
                self.note(&frame);
            }
        }
        Ok(())
    }

    fn is_news(&self, frame: &FrameHeader) -> bool {
        frame.durable > self.durable
            || frame.epoch > self.highest_epoch
            || (!frame.kept && frame.epoch > self.proven_epoch)
    }

    fn note(&mut self, frame: &FrameHeader) {
        self.durable = self.durable.max(frame.durable);
        self.highest_epoch = self.highest_epoch.max(frame.epoch);
        if !frame.kept {
            self.proven_epoch = self.proven_epoch.max(frame.epoch);
        }
    }
}
