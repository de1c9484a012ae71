//! Following the chain of records, epoch by epoch, and judging where it ends.
//!
//! Two candidates follow a record that ends at `p`: a frame at `p` (the same group goes on) and one at the next sector
//! bound (a later group). A frame is the next one if its position, epoch, checksum and chain are right; where neither is,
//! the log ends. Whether that end is a torn tail or damage is decided by what the survey has found everywhere else.
//!
//! Invariants
//!
//! 1. An end before a position that was durable once is damage and an error, never a shorter log.
//! 2. An epoch is left exactly where a later epoch's header says, with the checksum that it says.
//! 3. `settled`, from which recovery copies, is a record's end up to which the records are durable on the device itself, and
//!    all switches on the way to them: that never rests on bytes which this process has merely read.
//! 4. A record in fragments is handed out whole or, at a torn end, not at all.
//! 5. An end is believed when its place has been read again and again, when the whole file has been surveyed once more since it
//!    was found and says what it said before (`survey`), and never where an earlier pass from the same start read further.

use crate::frame::{FRAME_HEADER_BYTES, FrameChecksum, FrameHeader, FrameKind};
use crate::geometry::{Geometry, HIGHEST_LSN};
use crate::header::{EpochStart, FILE_HEADER_BYTES, decode_file_header};
use crate::survey::Survey;
use crate::window::{Window, retried};
use crate::{Damage, LogError, LogStart, Lsn, RecoverySource, label};
use env::{AGREEING_READINGS, Env, FileExt, IoResult, OpenMode};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often a place is read before it counts as the log's end.
const READINGS: usize = 3;

/// A record, borrowed until the next one is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Where it ends.
    pub lsn: Lsn,
    /// What was appended.
    pub payload: &'a [u8],
}

/// How a log ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// The end of the last record.
    pub end: Lsn,
    /// Up to here something in the file proves that the records are durable; those behind may be in the operating
    /// system's cache only, until recovery has copied them.
    pub settled: Lsn,
    /// What stands behind the last record, where that is not simply nothing: a torn tail, never acknowledged.
    pub torn: Option<Damage>,
}

/// A point between two records of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Boundary {
    /// Where the record before ends.
    pub lsn: u64,
    /// Its checksum.
    pub chain: u32,
    /// The epoch that holds up to here.
    pub epoch: u32,
    /// How many epoch switches lie before.
    steps: usize,
}

/// A later epoch, on the way or perhaps on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub epoch: u32,
    /// Where its first header is.
    pub slot: u32,
    pub start: EpochStart,
}

/// An intact frame that follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FoundFrame {
    pub header: FrameHeader,
    /// Where its payload lies in the file.
    pub payload_offset: u64,
}

/// Where no frame follows, and why.
#[derive(Debug, Clone, Copy)]
struct Ended {
    damage: Damage,
    offset: Option<u64>,
}

/// Reads the records of a log in order; writes nothing.
pub struct LogReader {
    pub(crate) env: Arc<dyn Env>,
    pub(crate) path: PathBuf,
    pub(crate) geometry: Geometry,
    pub(crate) window: Window,
    pub(crate) survey: Survey,
    pub(crate) source: RecoverySource,
    /// The epochs that lead to the end.
    pub(crate) steps: Vec<Step>,
    /// Those that may: the same, and what they have left nothing of, if they themselves are in the cache only.
    possible: Vec<Step>,
    database: u128,
    checksum: FrameChecksum,
    /// Whether the whole file has been surveyed since an end was found.
    end_surveyed: bool,
    /// The end of the last frame; within a record in fragments this is ahead of `boundary`.
    at: Boundary,
    /// Where reading began.
    first: Boundary,
    /// The end of the last whole record.
    boundary: Boundary,
    /// The furthest of them that a pass came to, by where it began: what was read right once is there, whatever a later pass
    /// reads.
    furthest: Vec<(LogStart, u64)>,
    settled: Boundary,
    /// Everything up to here must be there.
    durable: u64,
    /// The pieces of a record in fragments.
    pieces: Vec<u8>,
    tail: Option<Tail>,
    records: u64,
}

impl LogReader {
    pub(crate) fn open(
        env: Arc<dyn Env>,
        path: &Path,
        database: u128,
        source: RecoverySource,
        mode: OpenMode,
    ) -> Result<LogReader, LogError> {
        let file = match env.open(&label::OPEN, path, mode) {
            Ok(file) => file,
            Err(error) if error.kind == ErrorKind::NotFound => {
                return Err(LogError::Missing { path: path.to_path_buf() });
            }
            Err(error) => return Err(error.into()),
        };
        let geometry = read_geometry(&*file, path, database)?;
        let mut window = Window::new(file)?;
        let survey = Survey::confirmed(&mut window, &geometry, database)?;
        let LogStart { epoch, lsn, chain } = source.start;
        let at = Boundary { lsn: lsn.0, chain, epoch, steps: 0 };
        let mut reader = LogReader {
            env,
            path: path.to_path_buf(),
            geometry,
            window,
            survey,
            source,
            steps: Vec::new(),
            possible: Vec::new(),
            database,
            checksum: FrameChecksum::new(database),
            end_surveyed: false,
            at,
            first: at,
            boundary: at,
            furthest: Vec::new(),
            settled: at,
            durable: 0,
            pieces: Vec::new(),
            tail: None,
            records: 0,
        };
        reader.plan()?;
        Ok(reader)
    }

    /// The next record; `None` at the log's end.
    ///
    /// # Errors
    /// [`LogError::Corrupt`] when the log ends before something that was durable, [`LogError::Io`] when it cannot be
    /// read. What was handed out before an error is not the whole log: the caller must not use it.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, LogError> {
        let start = self.source.start.lsn.0;
        let frame = loop {
            let before = self.boundary.lsn;
            let Some(frame) = self.advance_to_record()? else { return Ok(None) };
            if self.boundary.lsn > start {
                if before < start {
                    let damage = Damage::Position { expected: start, found: self.boundary.lsn };
                    return Err(self.corrupt(damage, Some(frame.payload_offset)));
                }
                break frame;
            }
        };
        self.records += 1;
        let lsn = Lsn(self.boundary.lsn);
        if frame.header.kind == FrameKind::Last {
            self.env.reached(&label::RECOVERED_FRAGMENTS);
            return Ok(Some(Record { lsn, payload: &self.pieces }));
        }
        let payload = self.window.slice(frame.payload_offset, frame.header.length);
        Ok(Some(Record { lsn, payload }))
    }

    /// Goes back to before the first record, to read them all once more. Cheaper than opening again: what the whole
    /// file proves is known already.
    pub fn restart(&mut self) {
        self.at = self.first;
        self.boundary = self.first;
        self.settled = self.first;
        self.tail = None;
        self.records = 0;
    }

    /// As [`LogReader::restart`], but reading begins where `source` says. After an error it can be called again with
    /// another source.
    ///
    /// # Errors
    /// As [`Log::recover`](crate::Log::recover) with that source.
    pub fn restart_from(&mut self, source: RecoverySource) -> Result<(), LogError> {
        let LogStart { epoch, lsn, chain } = source.start;
        self.source = source;
        self.first = Boundary { lsn: lsn.0, chain, epoch, steps: 0 };
        self.steps.clear();
        self.restart();
        self.plan()
    }

    /// How the log ended; known once [`LogReader::next_record`] has returned `None`.
    pub fn tail(&self) -> Option<Tail> {
        self.tail
    }

    /// How many records have been read.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The ends of the last whole record and of what is settled.
    pub(crate) fn ends(&self) -> (Boundary, Boundary) {
        (self.boundary, self.settled)
    }

    /// Goes back to `boundary`, to read what follows it again.
    pub(crate) fn rewind(&mut self, boundary: Boundary) {
        self.at = boundary;
    }

    /// The next frame behind the last one, if the chain goes on there.
    pub(crate) fn follow(&mut self) -> Result<Option<FoundFrame>, LogError> {
        self.enter_epoch()?;
        Ok(self.find_frame()?.ok())
    }

    /// Decides, from all evidence, which epochs lead to the end and what must be there.
    fn plan(&mut self) -> Result<(), LogError> {
        self.plan_steps();
        if self.lost_epoch().is_some() {
            // A header may have been misread.
            self.survey_again()?;
            self.plan_steps();
        }
        self.weigh()?;
        self.begin_before_start()
    }

    /// What must be there, by the evidence and the steps as they are known now; an error where it cannot be.
    fn weigh(&mut self) -> Result<(), LogError> {
        let start = self.source.start.lsn.0;
        // Copied records were synced before the header that vouches for them was written, wherever that is now.
        let kept = self.steps.last().map_or(start, |step| step.start.kept);
        self.durable = self.survey.durable.max(self.source.durable.0).max(start).max(kept);
        if start >= HIGHEST_LSN {
            return Err(self.corrupt(Damage::OutOfRange { found: start }, None));
        }
        if let Some(damage) = self.lost_epoch() {
            return Err(self.corrupt(damage, None));
        }
        let (length, noted) = (self.window.length(), self.geometry.slot_offset(self.survey.notes.slots()));
        if length < noted && self.survey.notes.slots() > 0 {
            return Err(self.corrupt(Damage::CutOff { expected: noted, found: length }, Some(length)));
        }
        if let Some(offset) = self.cut_file() {
            return Err(self.corrupt(Damage::EndOfFile, Some(offset)));
        }
        Ok(())
    }

    /// Where the file ends, if it ends within a slot that holds something durable: slots are allocated whole, and the
    /// sync that made the first record in one durable made its length durable too. So somebody has cut the file. This
    /// needs no notes: a log of format version 1 has none, and they may be damaged.
    fn cut_file(&self) -> Option<u64> {
        let length = self.window.length();
        self.survey.headers.iter().find_map(|header| {
            let step = self.steps.iter().find(|step| step.epoch == header.epoch);
            let begun = header.epoch == self.source.start.epoch;
            let start = self.geometry.segment_start(header.segment);
            let synced = match (header.start, step) {
                // The log, or the superblock's epoch, began here.
                (Some(_), None) => begun,
                (_, Some(step)) => self.durable > start.max(step.start.cut),
                (None, None) => begun && self.durable > start,
            };
            let needed = start + self.geometry.capacity > self.source.start.lsn.0;
            let cut = length < self.geometry.slot_offset(header.slot + 1);
            (synced && needed && cut).then_some(length)
        })
    }

    /// Where a later epoch begins before the start: an opening that could not read the newest superblock, and began at
    /// the older one, has copied the records around the start. They have kept their positions but not their checksums, so
    /// reading begins with that epoch and passes over what lies before the start.
    fn begin_before_start(&mut self) -> Result<(), LogError> {
        let start = self.source.start;
        let Some(index) = self.steps.iter().rposition(|step| step.start.cut < start.lsn.0) else {
            return Ok(());
        };
        let step = self.steps[index];
        if step.start.kept < start.lsn.0 {
            let damage = Damage::LostEpoch { expected: start.epoch, found: step.epoch };
            return Err(self.corrupt(damage, None));
        }
        self.at =
            Boundary { lsn: step.start.cut, chain: step.start.chain, epoch: step.epoch, steps: index + 1 };
        self.first = self.at;
        self.boundary = self.at;
        self.settled = self.at;
        Ok(())
    }

    /// Looks at the whole file once more. Returns whether it says something else than before.
    fn survey_again(&mut self) -> Result<bool, LogError> {
        self.window.forget();
        let known = self.survey.clone();
        let again = known.again(&mut self.window, &self.geometry, self.database)?;
        let before = std::mem::replace(&mut self.survey, again);
        Ok(self.survey != before)
    }

    /// The chain seems to have ended: whether what the whole file says now leads on, or tells more of the end. Asked once.
    ///
    /// # Errors
    /// [`LogError::Unsteady`] where the records up to here are none by what is known now, and what [`LogReader::weigh`] finds.
    fn survey_end(&mut self) -> Result<bool, LogError> {
        if std::mem::replace(&mut self.end_surveyed, true) || !self.survey_again()? {
            return Ok(false);
        }
        let passed = self.steps[..self.at.steps].to_vec();
        self.plan_steps();
        let leads_here = self.steps.get(..passed.len()) == Some(&passed[..])
            && self.steps.get(passed.len()).is_none_or(|step| step.start.cut >= self.at.lsn);
        if !leads_here {
            // What was handed out cannot be taken back; who opens the log anew reads it as it is.
            let path = self.path.clone();
            return Err(LogError::Unsteady { path, readings: AGREEING_READINGS });
        }
        self.weigh()?;
        Ok(true)
    }

    fn plan_steps(&mut self) {
        let begun = self.source.start.epoch;
        let mut linked = Vec::new();
        self.steps.clear();
        self.possible.clear();
        for header in &self.survey.headers {
            let Some(start) = header.start.filter(|_| header.epoch > begun) else { continue };
            // A switch whose forerunner is gone does not count: it was written when that one was durable.
            if start.previous > begun && !linked.contains(&start.previous) {
                continue;
            }
            linked.push(header.epoch);
            let step = Step { epoch: header.epoch, slot: header.slot, start };
            // A later epoch that begins at or before an earlier one leaves nothing of it.
            self.steps.retain(|before| before.start.cut < start.cut);
            self.steps.push(step);
            if self.is_proven(step.epoch) {
                self.possible.retain(|before| before.start.cut < start.cut);
            }
            self.possible.push(step);
        }
    }

    /// Whether the switch to `epoch`, or a later one that builds on it, is known to be durable.
    fn is_proven(&self, epoch: u32) -> bool {
        epoch <= self.survey.proven_epoch.max(self.source.start.epoch)
    }

    /// The later epochs of which, as far as anything proves, one or the other may be all that the device has.
    pub(crate) fn possible_steps(&self) -> impl Iterator<Item = &Step> {
        // One without a record that nothing proves is as good as never begun.
        let end = self.boundary.lsn;
        self.possible
            .iter()
            .filter(move |step| self.is_proven(step.epoch) || step.start.cut != end || step.start.kept != end)
    }

    /// The epoch that holds up to `boundary`: not one that only begins there, whose headers nobody will keep. 0 where
    /// the log itself begins.
    pub(crate) fn epoch_before(&self, boundary: Boundary) -> u32 {
        let mut epoch = boundary.epoch;
        loop {
            let begins = self.survey.headers.iter().find_map(|header| {
                let start = header.start.filter(|start| start.cut == boundary.lsn);
                start.filter(|_| header.epoch == epoch)
            });
            match begins {
                // A previous epoch is always a lower one: the header was not taken for intact otherwise.
                Some(start) => epoch = start.previous,
                None => return epoch,
            }
        }
    }

    fn lost_epoch(&self) -> Option<Damage> {
        let known = self.steps.last().map_or(self.source.start.epoch, |step| step.epoch);
        let found = self.survey.proven_epoch;
        (found > known).then_some(Damage::LostEpoch { expected: known, found })
    }

    /// Moves to the next frame that completes a record; `None` at the end.
    fn advance_to_record(&mut self) -> Result<Option<FoundFrame>, LogError> {
        if self.tail.is_some() {
            return Ok(None);
        }
        let mut within = false;
        loop {
            if !within {
                self.enter_epoch()?;
            }
            let frame = match self.find_frame()? {
                Ok(frame) => frame,
                Err(ended) => {
                    if self.survey_end()? {
                        continue;
                    }
                    return self.finish(ended, within);
                }
            };
            let expected = match frame.header.kind {
                FrameKind::Full | FrameKind::First | FrameKind::Mark => !within,
                FrameKind::Middle | FrameKind::Last => within,
            };
            if !expected {
                let ended = Ended { damage: Damage::Unfinished, offset: Some(frame.payload_offset) };
                return self.finish(ended, true);
            }
            self.collect(&frame)?;
            self.pass(&frame);
            within = matches!(frame.header.kind, FrameKind::First | FrameKind::Middle);
            if !within {
                self.boundary = self.at;
                self.note_furthest();
                if frame.header.kind != FrameKind::Mark {
                    return Ok(Some(frame));
                }
            }
        }
    }

    fn note_furthest(&mut self) {
        let (start, end) = (self.source.start, self.boundary.lsn);
        match self.furthest.iter_mut().find(|(from, _)| *from == start) {
            Some((_, furthest)) => *furthest = end.max(*furthest),
            None => self.furthest.push((start, end)),
        }
    }

    /// How far any pass has come that began where this one did.
    fn furthest(&self) -> u64 {
        self.furthest.iter().find(|(from, _)| *from == self.source.start).map_or(0, |(_, furthest)| *furthest)
    }

    /// Puts pieces of a record together.
    fn collect(&mut self, frame: &FoundFrame) -> Result<(), LogError> {
        match frame.header.kind {
            FrameKind::Full | FrameKind::Mark => {}
            FrameKind::First | FrameKind::Middle | FrameKind::Last => {
                if frame.header.kind == FrameKind::First {
                    self.pieces.clear();
                }
                let piece = self.window.get(frame.payload_offset, frame.header.length)?;
                self.pieces.extend_from_slice(piece);
            }
        }
        Ok(())
    }

    /// Steps behind `frame`.
    pub(crate) fn pass(&mut self, frame: &FoundFrame) {
        // A copy begins at a sector bound, where the survey sees it, so only ends of groups are settled on the way.
        let begins_group = frame.header.lsn.is_multiple_of(self.geometry.sector_size);
        if begins_group && self.at == self.boundary {
            self.settle();
        }
        self.at.lsn = frame.header.end();
        self.at.chain = frame.header.checksum;
    }

    fn settle(&mut self) {
        if self.boundary.lsn <= self.durable && self.is_proven(self.boundary.epoch) {
            self.settled = self.boundary;
        }
    }

    /// Where the chain is at the beginning of a later epoch, goes on in that epoch.
    fn enter_epoch(&mut self) -> Result<(), LogError> {
        while let Some(step) = self.steps.get(self.at.steps).copied() {
            if self.at.lsn < step.start.cut {
                break;
            }
            if self.at.lsn > step.start.cut {
                let damage = Damage::Position { expected: step.start.cut, found: self.at.lsn };
                return Err(self.corrupt(damage, None));
            }
            if self.at.chain != step.start.chain {
                let damage = Damage::Chain { expected: self.at.chain, found: step.start.chain };
                return Err(self.corrupt(damage, None));
            }
            self.env.reached(&label::RECOVERED_EPOCH);
            self.at.epoch = step.epoch;
            self.at.steps += 1;
            if self.boundary.lsn == self.at.lsn {
                let proven = self.is_proven(self.boundary.epoch);
                self.boundary = self.at;
                if proven && self.boundary.lsn <= self.durable {
                    // Its writer began at what was settled. If nothing proves its switch, no more is.
                    self.settled = self.boundary;
                }
            }
        }
        Ok(())
    }

    /// The frame that follows; its absence is believed when it has been read as often as it takes.
    fn find_frame(&mut self) -> IoResult<Result<FoundFrame, Ended>> {
        let mut found = self.try_candidates()?;
        for _ in 1..READINGS {
            if found.is_ok() {
                break;
            }
            self.window.forget();
            self.window.set_narrow(true);
            let again = self.try_candidates();
            self.window.set_narrow(false);
            found = again?;
            if found.is_ok() {
                self.env.reached(&label::READ_AGAIN);
            }
        }
        Ok(found)
    }

    fn try_candidates(&mut self) -> IoResult<Result<FoundFrame, Ended>> {
        let next = self.geometry.frame_start(self.at.lsn);
        let first = match self.try_frame(next)? {
            Ok(frame) => return Ok(Ok(frame)),
            Err(ended) => ended,
        };
        let group = self.geometry.group_start(self.at.lsn);
        if group == next {
            return Ok(Err(first));
        }
        Ok(match self.try_frame(group)? {
            Ok(frame) => Ok(frame),
            // Padding is zero; then the next group's place tells more.
            Err(second) if first.damage == Damage::Nothing => Err(second),
            Err(_) => Err(first),
        })
    }

    /// The frame at `lsn`, if it continues the chain.
    fn try_frame(&mut self, lsn: u64) -> IoResult<Result<FoundFrame, Ended>> {
        let segment = self.geometry.segment_of(lsn);
        let epoch = self.at.epoch;
        let Some(slot) = self.slot_of(epoch, segment) else {
            return Ok(Err(Ended { damage: Damage::SegmentMissing { segment, epoch }, offset: None }));
        };
        let offset = self.geometry.file_offset(slot, lsn);
        let ended = |damage| Ok(Err(Ended { damage, offset: Some(offset) }));
        let Some(bytes) = self.window.get(offset, FRAME_HEADER_BYTES)?.first_chunk() else {
            return ended(Damage::EndOfFile);
        };
        let header = match FrameHeader::decode(bytes) {
            Ok(header) => header,
            Err(damage) => return ended(damage),
        };
        if header.lsn != lsn {
            return ended(Damage::Position { expected: lsn, found: header.lsn });
        }
        if header.epoch != epoch {
            return ended(Damage::Epoch { expected: epoch, found: header.epoch });
        }
        if header.end() > self.geometry.segment_end(lsn) {
            return ended(Damage::OutOfRange { found: header.length as u64 });
        }
        let bytes = self.window.get(offset, FRAME_HEADER_BYTES + header.length)?;
        if bytes.len() < FRAME_HEADER_BYTES + header.length {
            return ended(Damage::EndOfFile);
        }
        let found = self.checksum.of(bytes);
        if found != header.checksum {
            return ended(Damage::Checksum { expected: header.checksum, found });
        }
        if header.previous != self.at.chain {
            return ended(Damage::Chain { expected: self.at.chain, found: header.previous });
        }
        Ok(Ok(FoundFrame { header, payload_offset: offset + FRAME_HEADER_BYTES as u64 }))
    }

    fn slot_of(&self, epoch: u32, segment: u64) -> Option<u32> {
        let headers = &self.survey.headers;
        let at = headers.partition_point(|header| (header.epoch, header.segment) < (epoch, segment));
        headers
            .get(at)
            .filter(|found| found.epoch == epoch && found.segment == segment)
            .map(|found| found.slot)
    }

    /// Judges the end of the chain.
    fn finish(&mut self, ended: Ended, within: bool) -> Result<Option<FoundFrame>, LogError> {
        let end = self.boundary.lsn;
        let damage = if within { Damage::Unfinished } else { ended.damage };
        let missing = matches!(ended.damage, Damage::SegmentMissing { .. }) && !self.stands_on_a_segment();
        if end < self.durable.max(self.furthest()) || missing {
            return Err(self.corrupt(if missing { ended.damage } else { damage }, ended.offset));
        }
        self.settle();
        let nothing = !within && matches!(damage, Damage::Nothing | Damage::SegmentMissing { .. });
        let mark = if nothing { &label::RECOVERED_CLEAN } else { &label::RECOVERED_TORN };
        self.env.reached(mark);
        let torn = (!nothing).then_some(damage);
        self.tail = Some(Tail { end: Lsn(end), settled: Lsn(self.settled.lsn), torn });
        Ok(None)
    }

    /// Whether the segment in which the last record ends, or in which the next one would begin, is there. One of them
    /// always is: the next segment may not have been begun, but the last one is not released before it is.
    fn stands_on_a_segment(&self) -> bool {
        let has = |lsn: u64| self.slot_of(self.at.epoch, self.geometry.segment_of(lsn)).is_some();
        has(self.geometry.frame_start(self.at.lsn)) || self.at.lsn.checked_sub(1).is_some_and(has)
    }

    pub(crate) fn corrupt(&self, damage: Damage, offset: Option<u64>) -> LogError {
        self.env.reached(&label::FOUND_CORRUPT);
        LogError::Corrupt {
            path: self.path.clone(),
            lsn: Lsn(self.boundary.lsn),
            offset,
            proven: Lsn(self.durable),
            damage,
        }
    }
}

/// Reads the file header, more than once if it looks wrong.
pub(crate) fn read_geometry(file: &dyn env::File, path: &Path, database: u128) -> Result<Geometry, LogError> {
    let mut reading = 1;
    loop {
        let mut bytes = [0u8; FILE_HEADER_BYTES];
        let count = retried(|| file.read_up_to(&label::READ_HEADER, 0, &mut bytes))?;
        match decode_file_header(path, database, &bytes[..count]) {
            Err(_) if reading < READINGS => reading += 1,
            result => return result,
        }
    }
}
