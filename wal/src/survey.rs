//! What the whole file proves, before the chain is followed: all segment headers, and every frame at a sector bound.
//!
//! The chain alone cannot tell a torn tail from a damaged record. So recovery first looks everywhere, past any hole: each
//! intact frame, wherever it lies and whatever slot header stands before it, is a true statement of "durable up to" and
//! of an epoch that was in use.
//!
//! Invariants
//!
//! 1. Only frames whose checksum is right are believed, and what they say stays true; a checksum is only computed where the
//!    frame would tell news.
//! 2. `highest_epoch` is at least every epoch in any intact header and any intact frame at a sector bound. A new epoch
//!    above it is fresh: frames in the middle of a group, which are not looked at, follow a frame that is, or lie in a
//!    sector that recovery overwrites with zeros.
//! 3. `proven_epoch` is an epoch whose switch was durable: only a log that had finished opening writes frames that are
//!    not marked as kept.
//! 4. The work is bounded by the file's length as long as records are intact, whatever they hold.
//! 5. What recovery cuts or writes over rests on three readings of the whole file: two in turn that agree before the chain is
//!    followed, and one more after its end was found (`reader`), which agrees with them. So one old reading of anything, or two
//!    in turn, hides neither a proof nor a segment. Readings that do not come to agree are an error, and nothing is written.

use crate::LogError;
use crate::frame::{FRAME_HEADER_BYTES, FrameChecksum, FrameHeader};
use crate::geometry::Geometry;
use crate::header::{SEGMENT_HEADER_BYTES, SegmentHeader};
use crate::slot_note::SlotNotes;
use crate::window::{Window, data_sector};
use env::{AGREEING_READINGS, READINGS_MAX};

/// So many bytes are looked through for each byte of a file, in search of records, before what lies within records is left out. In
/// a log it is hardly more than one.
pub(crate) const CHECKED_FOR_EACH: u64 = 4;

/// The evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

impl Survey {
    /// Looks at the whole file until two readings in turn agree: what an old reading of the headers and notes lacks would be lost
    /// for good, because recovery writes over what no header claims, and what one of the frames lacks would make damage look
    /// like a torn tail. So a device that never says the same twice is refused: whichever of its answers were taken, commits
    /// could be written over.
    ///
    /// What frames prove adds up (invariant 1 makes it true whenever it was read), so a further reading computes few checksums.
    pub fn confirmed(window: &mut Window, geometry: &Geometry, database: u128) -> Result<Survey, LogError> {
        let mut survey = Survey::default();
        survey.look(window, geometry, database)?;
        survey.agreed(AGREEING_READINGS - 1, window, geometry, database)
    }

    /// Looks once more, and until three readings in turn agree if that one does not agree with what is known.
    pub fn again(
        mut self,
        window: &mut Window,
        geometry: &Geometry,
        database: u128,
    ) -> Result<Survey, LogError> {
        let before = self.clone();
        window.forget();
        self.look(window, geometry, database)?;
        if self == before {
            return Ok(self);
        }
        self.agreed(AGREEING_READINGS, window, geometry, database)
    }

    fn agreed(
        self,
        needed: usize,
        window: &mut Window,
        geometry: &Geometry,
        database: u128,
    ) -> Result<Survey, LogError> {
        agreed(self, needed, window, |survey, window| survey.look(window, geometry, database))
    }

    /// Looks at the whole file, from its end, where the highest marks are. Headers and notes are those of this reading.
    fn look(&mut self, window: &mut Window, geometry: &Geometry, database: u128) -> Result<(), LogError> {
        self.headers.clear();
        let checksum = FrameChecksum::new(database);
        for slot in (0..geometry.slots_in(window.length())).rev() {
            self.look_at_slot(window, geometry, checksum, slot)?;
            self.look_at_header(window, geometry, database, slot)?;
        }
        self.headers.sort_by_key(|header| (header.epoch, header.segment, header.slot));
        self.notes = SlotNotes::read(window, geometry, database)?;
        Ok(())
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
        let mut budget = geometry.capacity.saturating_mul(CHECKED_FOR_EACH);
        for index in (0..geometry.capacity / geometry.sector_size).rev() {
            let (offset, within) = data_sector(geometry, slot, index);
            if offset >= window.length() {
                continue;
            }
            let bytes = window.get_before(offset, FRAME_HEADER_BYTES)?;
            let Some(bytes) = bytes.first_chunk() else { continue };
            let Ok(frame) = FrameHeader::decode(bytes) else { continue };
            if !fits(geometry, &frame, within) || !self.is_news(&frame) {
                continue;
            }
            let length = FRAME_HEADER_BYTES + frame.length;
            let Some(left) = budget.checked_sub(length as u64) else {
                // Records hold what looks like records.
                return self.look_through_slot(window, geometry, checksum, slot);
            };
            budget = left;
            let bytes = window.get(offset, length)?;
            if bytes.len() == length && checksum.of(bytes) == frame.checksum {
                self.note(&frame);
            }
        }
        Ok(())
    }

    /// As [`Survey::look_at_slot`], from its beginning, so that what lies within records need not be looked at.
    fn look_through_slot(
        &mut self,
        window: &mut Window,
        geometry: &Geometry,
        checksum: FrameChecksum,
        slot: u32,
    ) -> Result<(), LogError> {
        let (start, _) = data_sector(geometry, slot, 0);
        let mut within = 0;
        while within < geometry.capacity && start + within < window.length() {
            let may_be = |frame: &FrameHeader, at: u64| fits(geometry, frame, at - start);
            let end = intact_frames(window, start + within, may_be, |frame, bytes| {
                let intact = checksum.of(bytes) == frame.checksum;
                if intact {
                    self.note(frame);
                }
                intact
            })?;
            within = end.map_or(within + geometry.sector_size, |end| geometry.sector_after(end - start));
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

/// Whether a frame that stands `within` bytes behind the beginning of a slot's data may be one.
fn fits(geometry: &Geometry, frame: &FrameHeader, within: u64) -> bool {
    frame.lsn % geometry.capacity == within
        && within + (FRAME_HEADER_BYTES + frame.length) as u64 <= geometry.capacity
        && frame.durable <= frame.lsn
}

/// Goes along the intact frames that follow one another from offset `from` on; answers where the last one ends, if there is any.
/// `may_be` says of a header and its offset whether a frame may be there, `is_intact` of its bytes whether one is.
pub(crate) fn intact_frames(
    window: &mut Window,
    from: u64,
    mut may_be: impl FnMut(&FrameHeader, u64) -> bool,
    mut is_intact: impl FnMut(&FrameHeader, &[u8]) -> bool,
) -> Result<Option<u64>, LogError> {
    let (mut at, mut follows) = (from, None);
    loop {
        let bytes = window.get(at, FRAME_HEADER_BYTES)?;
        let Some(Ok(frame)) = bytes.first_chunk().map(FrameHeader::decode) else { break };
        if follows.is_some_and(|lsn| frame.lsn != lsn) || !may_be(&frame, at) {
            break;
        }
        let length = FRAME_HEADER_BYTES + frame.length;
        let bytes = window.get(at, length)?;
        if bytes.len() < length || !is_intact(&frame, bytes) {
            break;
        }
        (at, follows) = (at + length as u64, Some(frame.end()));
    }
    Ok((at > from).then_some(at))
}

/// Reads again what `known` was made of, until `needed` readings in turn agree, that of `known` included.
///
/// # Errors
/// [`LogError::Unsteady`], and what `look` reports.
pub(crate) fn agreed<T: Clone + PartialEq>(
    mut known: T,
    needed: usize,
    window: &mut Window,
    mut look: impl FnMut(&mut T, &mut Window) -> Result<(), LogError>,
) -> Result<T, LogError> {
    let mut agreeing = 1;
    for _ in 1..READINGS_MAX {
        let before = known.clone();
        window.forget();
        look(&mut known, window)?;
        agreeing = if known == before { agreeing + 1 } else { 1 };
        if agreeing == needed {
            return Ok(known);
        }
    }
    Err(LogError::Unsteady { path: window.file().path().to_path_buf(), readings: READINGS_MAX })
}
