//! Recovery: the log's records once more, and then taking the log into use again.
//!
//! After a crash the newest records may lie in the operating system's cache only (a sync may have failed and marked them
//! clean), and behind the last good record there may be intact ones that must never count again. So recovery goes on in
//! a new epoch, in a slot of its own:
//!
//! 1. what is read but not proven durable is copied to its old positions in new slots, under the new epoch; sync;
//! 2. the header of the first of these slots is written; sync. That header is the switch. Before it is durable, the old
//!    epochs hold; after, they end where it says.
//! 3. Switches that it makes void are wiped, mostly without a sync of its own: as long as they are there, the next recovery
//!    cannot know which of them is all that the device has. Where a former wiping has not lasted, this one is synced, so
//!    that openings that the power ends at once do not take one slot after the other.
//!
//! A crash at any point leaves one or the other, and recovery starts over. Nothing that either needs is overwritten, not
//! even by the same bytes: a power failure may turn a sector into garbage while it is written. So where an earlier
//! recovery's switch is in the cache only, for all anybody knows (its sync may have failed), neither is it written again nor is
//! anything built on it: the new epoch begins where that one began, and has copies of all its records.
//!
//! Invariants
//!
//! 1. The new epoch is higher than every epoch found anywhere in the file (`survey`), also those of broken-off recoveries.
//! 2. Until the switch is durable, only slots are written that no earlier state could need: those without an intact
//!    header, those whose segment lies wholly before `keep_from` or whose epoch is an earlier one, and those of epochs that
//!    certainly do not count, or have no records. An epoch that ends before its first record because of a later one counts as long as nothing
//!    proves the later one durable.
//! 3. A copied record keeps its position, so positions that callers know stay true.

use crate::frame::{FrameChecksum, NewFrame};
use crate::header::{EpochStart, SegmentHeader};
use crate::log::{Opened, header_sector};
use crate::reader::{Boundary, LogReader};
use crate::segments::{LiveSegment, Segments, allocate_slot, write_zeros};
use crate::slot_note::SlotNotes;
use crate::{Damage, Log, LogError, LogStart, Lsn, Record, Tail, label};
use env::{Env, FileExt, OpenMode};
use std::path::Path;
use std::sync::Arc;

/// So many switches are wiped without a sync.
const VOID_SWITCHES_UNSYNCED: usize = 1;

/// What the superblocks say about the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoverySource {
    /// Where reading begins: the newest superblock's position.
    pub start: LogStart,
    /// Up to where the newest superblock knew the log to be durable ([`Log::durable`] when it was written).
    pub durable: Lsn,
    /// What lies before this may be recycled: the older superblock's position, if it is valid, else the newest one's. Earlier
    /// epochs than its own may be, too: whoever reads from there never meets them.
    pub keep_from: LogStart,
}

/// A log that is being recovered: read all records, then [`Recovery::resume`].
pub struct Recovery {
    reader: LogReader,
    database: u128,
}

impl Log {
    /// Opens the log at `path` after a crash.
    ///
    /// # Errors
    /// [`LogError::Missing`], the errors that say what else is wrong with the file, or what the environment reports.
    pub fn recover(
        env: Arc<dyn Env>,
        path: &Path,
        database: u128,
        source: RecoverySource,
    ) -> Result<Recovery, LogError> {
        let reader = LogReader::open(env, path, database, source, OpenMode::ReadWrite)?;
        Ok(Recovery { reader, database })
    }

    /// Reads the log at `path` and writes nothing.
    ///
    /// # Errors
    /// As [`Log::recover`].
    pub fn read_only(
        env: Arc<dyn Env>,
        path: &Path,
        database: u128,
        source: RecoverySource,
    ) -> Result<LogReader, LogError> {
        LogReader::open(env, path, database, source, OpenMode::ReadOnly)
    }
}

/// The new epoch while its records are being written.
struct NewEpoch {
    epoch: u32,
    cut: Boundary,
    /// The epoch that holds up to the cut.
    previous: u32,
    /// Checksum of the last frame copied.
    chain: u32,
    /// Segments it has begun, with their slots.
    slots: Vec<(u64, u32)>,
    /// What the file says of its length.
    notes: SlotNotes,
    /// Bytes of the segment that is being filled, from `base` on.
    bytes: Vec<u8>,
    base: u64,
}

impl Recovery {
    /// The next record; `None` at the end. See [`LogReader::next_record`].
    ///
    /// # Errors
    /// As there.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, LogError> {
        self.reader.next_record()
    }

    /// Goes back to before the first record. See [`LogReader::restart`].
    pub fn restart(&mut self) {
        self.reader.restart();
    }

    /// Reading begins anew, where `source` says. See [`LogReader::restart_from`].
    ///
    /// # Errors
    /// As there.
    pub fn restart_from(&mut self, source: RecoverySource) -> Result<(), LogError> {
        self.reader.restart_from(source)
    }

    /// How the log ended; known once [`Recovery::next_record`] has returned `None`.
    pub fn tail(&self) -> Option<Tail> {
        self.reader.tail()
    }

    /// How many records have been read.
    pub fn records(&self) -> u64 {
        self.reader.records()
    }

    /// Takes the log into use again, after its last record. Records that were not read yet are read over.
    ///
    /// # Errors
    /// [`LogError::Corrupt`], or what the environment reports. After an error, the recovery can be started over.
    pub fn resume(mut self) -> Result<Log, LogError> {
        while self.reader.next_record()?.is_some() {}
        let (end, settled) = self.reader.ends();
        let highest = self.reader.survey.highest_epoch.max(self.reader.source.start.epoch);
        let Some(epoch) = highest.checked_add(1) else {
            return Err(self.reader.corrupt(Damage::OutOfRange { found: u64::from(highest) }, None));
        };
        let mut segments = self.usable_segments();
        self.assure_length(&segments)?;
        let geometry = self.reader.geometry;
        let first = geometry.segment_of(geometry.frame_start(settled.lsn));
        let mut new = NewEpoch {
            epoch,
            cut: settled,
            previous: self.reader.epoch_before(settled),
            chain: settled.chain,
            slots: Vec::new(),
            notes: self.reader.survey.notes,
            bytes: Vec::new(),
            base: 0,
        };
        self.begin_segment(&mut new, &mut segments, first)?;
        self.copy_tail(&mut new, &mut segments, end)?;
        self.write_switch(&new, end)?;
        // Whoever grew the file last may have come no further than its zeros; the switch's sync has covered them.
        let file = self.reader.window.file().clone();
        let whole = geometry.whole_slots_in(self.reader.window.length());
        new.notes.note(&*file, &geometry, self.database, whole)?;
        self.wipe_void_switches(&new)?;
        // From here on the old epochs end at the cut, and all that only they needed is free.
        let mut live = self.needed_segments(settled);
        let slots = segments.slots();
        for &(segment, slot) in &new.slots {
            live.push(LiveSegment { segment, slot, end: geometry.segment_start(segment + 1) });
        }
        let LogReader { env, path, .. } = self.reader;
        Ok(Log::open(Opened {
            env,
            file,
            path,
            database: self.database,
            geometry,
            position: LogStart { epoch, lsn: Lsn(end.lsn), chain: new.chain },
            segments: Segments::new(geometry, slots, live),
            notes: new.notes,
        }))
    }

    /// The table with only those slots free that nothing needs before the switch (invariant 2).
    fn usable_segments(&self) -> Segments {
        let geometry = self.reader.geometry;
        let length = self.reader.window.length();
        // Where the last slot was never wholly allocated, it is allocated again when it is needed.
        let mut slots = geometry.whole_slots_in(length);
        let mut live = Vec::new();
        for header in &self.reader.survey.headers {
            let end = geometry.segment_start(header.segment + 1);
            slots = slots.max(header.slot + 1);
            if self.may_count(header.epoch) && end > self.reader.source.keep_from.lsn.0 {
                live.push(LiveSegment { segment: header.segment, slot: header.slot, end });
            }
        }
        Segments::new(geometry, slots, live)
    }

    /// Whether records of `epoch` may be part of the log as the device has it, or as the older superblock needs it.
    fn may_count(&self, epoch: u32) -> bool {
        let possible = self.reader.possible_steps().any(|step| step.epoch == epoch);
        let source = self.reader.source;
        possible || (source.keep_from.epoch..=source.start.epoch).contains(&epoch)
    }

    /// The old segments that are still needed once the new epoch has begun at `cut`.
    fn needed_segments(&self, cut: Boundary) -> Vec<LiveSegment> {
        let geometry = self.reader.geometry;
        let source = self.reader.source;
        let mut live = Vec::new();
        for header in &self.reader.survey.headers {
            let own = self.reader.steps.iter().find(|step| step.epoch == header.epoch);
            let is_older = (source.keep_from.epoch..=source.start.epoch).contains(&header.epoch);
            if own.is_none() && !is_older {
                continue;
            }
            let later = self.reader.steps.iter().find(|step| step.epoch > header.epoch);
            let begins = own.map_or(0, |step| step.start.cut);
            let start = geometry.segment_start(header.segment).max(begins);
            let until = if header.epoch < source.start.epoch {
                // Only the older superblock can need it, and only up to where the newest one begins.
                source.start.lsn.0
            } else {
                later.map_or(cut.lsn, |step| step.start.cut.min(cut.lsn))
            };
            let end = until.min(geometry.segment_start(header.segment + 1));
            if start < end && end > source.keep_from.lsn.0 {
                live.push(LiveSegment { segment: header.segment, slot: header.slot, end });
            }
        }
        live
    }

    /// The zeros that once made the file so long may have met a failing sync, and not be on the device. What is in use
    /// has been synced since; a free slot at the end gets its last sector again, before this recovery's own syncs: whoever
    /// takes it later relies on its length.
    fn assure_length(&self, segments: &Segments) -> Result<(), LogError> {
        let geometry = self.reader.geometry;
        if let Some(slot) = segments.free_at_the_end() {
            let last = geometry.segment_bytes - geometry.sector_size;
            let file = self.reader.window.file();
            write_zeros(&geometry, &**file, slot, &label::GROW_WRITE, last)?;
        }
        Ok(())
    }

    fn begin_segment(
        &self,
        new: &mut NewEpoch,
        segments: &mut Segments,
        segment: u64,
    ) -> Result<(), LogError> {
        let geometry = self.reader.geometry;
        let file = self.reader.window.file();
        let slot = match segments.take_free() {
            Some(slot) => slot,
            None => {
                let slot = segments.slots();
                let sync = |label| file.sync_data(label);
                allocate_slot(&geometry, &**file, self.database, (&mut new.notes, slot), sync)?;
                self.reader.env.reached(&label::GREW);
                segments.add_free();
                segments.take_free().unwrap_or(slot)
            }
        };
        new.slots.push((segment, slot));
        Ok(())
    }

    /// Copies the records between the cut and `end` into the new epoch, and syncs them.
    fn copy_tail(
        &mut self,
        new: &mut NewEpoch,
        segments: &mut Segments,
        end: Boundary,
    ) -> Result<(), LogError> {
        if new.cut.lsn == end.lsn {
            return Ok(());
        }
        self.reader.env.reached(&label::RECOVERED_KEPT);
        let checksum = FrameChecksum::new(self.database);
        let mut payload = Vec::new();
        self.reader.rewind(new.cut);
        loop {
            let Some(frame) = self.reader.follow()? else {
                // It was there when the records were read: the file changes under us.
                return Err(self.reader.corrupt(Damage::Unfinished, None));
            };
            let header = frame.header;
            payload.clear();
            payload.extend_from_slice(self.reader.window.get(frame.payload_offset, header.length)?);
            self.place(new, segments, header.lsn)?;
            let copied = NewFrame {
                kind: header.kind,
                kept: true,
                previous: new.chain,
                epoch: new.epoch,
                lsn: header.lsn,
                durable: new.cut.lsn,
            };
            new.chain = checksum.append(&mut new.bytes, copied, &payload);
            self.reader.pass(&frame);
            if header.end() >= end.lsn {
                break;
            }
        }
        self.flush(new)?;
        self.reader.window.file().sync_data(&label::RECOVER_CONTENTS_SYNC)?;
        Ok(())
    }

    /// Makes the buffer end where the frame of `lsn` begins: zeros up to it, or the next segment.
    fn place(&mut self, new: &mut NewEpoch, segments: &mut Segments, lsn: u64) -> Result<(), LogError> {
        let geometry = self.reader.geometry;
        let segment = geometry.segment_of(lsn);
        let current = new.slots.last().map(|&(segment, _)| segment);
        if current != Some(segment) {
            self.flush(new)?;
            self.begin_segment(new, segments, segment)?;
        }
        if new.bytes.is_empty() {
            new.base = geometry.sector_before(lsn);
        }
        new.bytes.resize((lsn - new.base) as usize, 0);
        Ok(())
    }

    /// Writes the segment that has been filled; all but the epoch's first get their header with it.
    fn flush(&self, new: &mut NewEpoch) -> Result<(), LogError> {
        let Some(&(segment, slot)) = new.slots.last() else { return Ok(()) };
        let geometry = self.reader.geometry;
        let file = self.reader.window.file();
        if new.slots.len() > 1 {
            let header = SegmentHeader { slot, segment, epoch: new.epoch, start: None };
            let sector = header_sector(&geometry, self.database, &header);
            file.write_all_at(&label::RECOVER_WRITE, geometry.slot_offset(slot), &sector)?;
        }
        if !new.bytes.is_empty() {
            new.bytes.resize(new.bytes.len().next_multiple_of(geometry.sector_size as usize), 0);
            let offset = geometry.file_offset(slot, new.base);
            file.write_all_at(&label::RECOVER_WRITE, offset, &new.bytes)?;
            new.bytes.clear();
        }
        Ok(())
    }

    /// Begins the new epoch.
    fn write_switch(&self, new: &NewEpoch, end: Boundary) -> Result<(), LogError> {
        let Some(&(segment, slot)) = new.slots.first() else { return Ok(()) };
        let (cut, chain, previous) = (new.cut.lsn, new.cut.chain, new.previous);
        let start = EpochStart { cut, chain, kept: end.lsn, previous };
        let header = SegmentHeader { slot, segment, epoch: new.epoch, start: Some(start) };
        let sector = header_sector(&self.reader.geometry, self.database, &header);
        let offset = self.reader.geometry.slot_offset(slot);
        self.reader.window.file().write_all_at(&label::RECOVER_HEADER_WRITE, offset, &sector)?;
        self.sync_switches()
    }

    /// What was written of switches is on the device when this has returned.
    fn sync_switches(&self) -> Result<(), LogError> {
        Ok(self.reader.window.file().sync_data(&label::RECOVER_HEADER_SYNC)?)
    }

    /// Wipes the switches that the new one, durable by now, makes void. One of them needs no sync: whatever becomes durable
    /// next makes this durable, and if nothing does, the next recovery finds one possible epoch more and takes another slot.
    /// That it found more than one tells that this has just happened.
    fn wipe_void_switches(&self, new: &NewEpoch) -> Result<(), LogError> {
        let geometry = self.reader.geometry;
        let zeros = vec![0u8; geometry.sector_size as usize];
        let mut wiped = 0;
        for step in self.reader.possible_steps().filter(|step| step.start.cut >= new.cut.lsn) {
            let offset = geometry.slot_offset(step.slot);
            self.reader.window.file().write_all_at(&label::RECOVER_WIPE_WRITE, offset, &zeros)?;
            wiped += 1;
        }
        if wiped > VOID_SWITCHES_UNSYNCED { self.sync_switches() } else { Ok(()) }
    }
}
