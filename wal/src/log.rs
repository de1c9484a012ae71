//! The open log: append, make durable, release, mark, close.
//!
//! `append` only frames a record into the buffer. `sync_to` elects a leader (`group`), which takes the whole buffer,
//! writes it and syncs once; records appended meanwhile are the next leader's. A segment's header is written together
//! with the first group in it, in one call: header sector and first data sector are neighbours.
//!
//! Invariants
//!
//! 1. Only the leader writes, so groups reach the file in the order of the stream, and a group is written only when all
//!    before it are durable (marks aside, which nobody waits for).
//! 2. What is reported as durable was written before a sync that succeeded, and before any sync failed.
//! 3. After a failed write or sync the file is not touched again ([`LogError::Poisoned`]), be it only one of a new slot's
//!    zeros, unless the device was full: a write that failed may still land. The way out is reopening, where recovery
//!    believes nothing that only the operating system's cache may hold.

use crate::buffer::{Group, GroupBuffer};
use crate::geometry::Geometry;
use crate::group::{Failure, GroupCommit, GroupLabels, Waited};
use crate::header::{EpochStart, FORMAT_VERSION, SegmentHeader, encode_file_header};
use crate::orphan::refuse_needed;
use crate::segments::{LiveSegment, Segments, allocate_slot, write_zeros};
use crate::slot_note::{self, SlotNotes};
use crate::{LogError, LogOptions, LogStart, Lsn, label};
use env::sync::Mutex;
use env::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use env::{Env, File, FileExt, IoError, IoResult, Label, OpenMode, SharedFile};
use std::io::{ErrorKind, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const GROUP_LABELS: GroupLabels =
    GroupLabels { lock: &label::GROUP_LOCK, seat: &label::GROUP_SEAT, called: &label::GROUP_CALLED };

/// An open log. All methods take `&self`; the order of records is the order of the calls to [`Log::append`].
pub struct Log {
    env: Arc<dyn Env>,
    file: SharedFile,
    path: PathBuf,
    database: u128,
    epoch: u32,
    geometry: Geometry,
    buffer: Mutex<GroupBuffer>,
    group: GroupCommit<Arc<IoError>>,
    segments: Mutex<Segments>,
    /// Held while a slot is being allocated, so that writing zeros keeps nobody from the table of slots.
    growing: Mutex<SlotNotes>,
    /// Held while the file is being synced, see [`Log::sync`].
    syncing: Mutex<()>,
    /// Set with the first failure, so that appending can refuse without a lock.
    failed: AtomicBool,
    counters: Counters,
}

/// What a log has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogStatistics {
    /// Records appended.
    pub records: u64,
    /// Their payload.
    pub payload_bytes: u64,
    /// Groups written.
    pub groups: u64,
    /// Bytes written for them: whole sectors, and segment headers.
    pub written_bytes: u64,
    /// Syncs of commits.
    pub syncs: u64,
    /// Slots the file has.
    pub segments: u32,
    /// How many of them hold nothing that is needed.
    pub free_segments: u32,
    /// Length of the file.
    pub file_bytes: u64,
}

#[derive(Default)]
struct Counters {
    records: AtomicU64,
    payload_bytes: AtomicU64,
    groups: AtomicU64,
    written_bytes: AtomicU64,
    syncs: AtomicU64,
}

impl Counters {
    fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}

/// What recovery, or creation, hands over to the open log.
pub(crate) struct Opened {
    pub env: Arc<dyn Env>,
    pub file: SharedFile,
    pub path: PathBuf,
    pub database: u128,
    pub geometry: Geometry,
    /// Where the stream goes on; everything up to there is durable.
    pub position: LogStart,
    pub segments: Segments,
    /// What the file says of its length.
    pub notes: SlotNotes,
}

impl Log {
    /// Makes a new, empty log at `path` that goes on from `start`, durably. A stale log there, which by the caller's
    /// knowledge no superblock requires, is replaced.
    ///
    /// # Errors
    /// [`LogError::BadLayout`], those of [`refuse_needed`], or what the environment reports. A crash or error leaves no file, or a useless one that
    /// the next `create` replaces; the caller must not let a superblock require the log before this has returned.
    pub fn create(
        env: Arc<dyn Env>,
        path: &Path,
        database: u128,
        start: LogStart,
        options: LogOptions,
    ) -> Result<Log, LogError> {
        let geometry = Geometry::new(path, options, FORMAT_VERSION)?;
        let file = match env.open(&label::CREATE_OPEN, path, OpenMode::CreateNew) {
            Err(error) if error.kind == ErrorKind::AlreadyExists => {
                // What an earlier life left here: a log, whole or half made.
                refuse_needed(&*env, path, Some((database, start)))?;
                env.remove(&label::CREATE_REMOVE, path)?;
                env.open(&label::CREATE_OPEN, path, OpenMode::CreateNew)?
            }
            opened => opened?,
        };
        let segment = geometry.segment_of(geometry.frame_start(start.lsn.0));
        let epoch_start = EpochStart { cut: start.lsn.0, chain: start.chain, kept: start.lsn.0, previous: 0 };
        let header = SegmentHeader { slot: 0, segment, epoch: start.epoch, start: Some(epoch_start) };
        write_new_file(&*file, &geometry, database, &header)?;
        file.sync_all(&label::CREATE_SYNC)?;
        let directory =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        env.sync_directory(&label::CREATE_DIRECTORY_SYNC, directory)?;
        let end = geometry.segment_start(segment + 1);
        let live = vec![LiveSegment { segment, slot: 0, end }];
        let segments = Segments::new(geometry, 1, live);
        let path = path.to_path_buf();
        let notes = SlotNotes::CREATED;
        Ok(Log::open(Opened { env, file, path, database, geometry, position: start, segments, notes }))
    }

    pub(crate) fn open(opened: Opened) -> Log {
        let Opened { env, file, path, database, geometry, position, segments, notes } = opened;
        let buffer = GroupBuffer::new(geometry, database, position);
        Log {
            env,
            file,
            path,
            database,
            epoch: position.epoch,
            geometry,
            buffer: Mutex::new(&label::BUFFER_LOCK, buffer),
            group: GroupCommit::new(GROUP_LABELS, position.lsn.0),
            segments: Mutex::new(&label::SEGMENTS_LOCK, segments),
            growing: Mutex::new(&label::GROWING_LOCK, notes),
            syncing: Mutex::new(&label::SYNCING_LOCK, ()),
            failed: AtomicBool::new(false),
            counters: Counters::default(),
        }
    }

    /// Where the log lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes sure that a record of `payload_bytes` can be appended and written without growing the file. Callers that
    /// do this under the lock by which they order their appends never meet a full device in [`Log::sync_to`].
    ///
    /// # Errors
    /// What growing reports; if that is [`LogError::is_out_of_space`], the log is as good as before.
    pub fn reserve(&self, payload_bytes: u64) -> Result<(), LogError> {
        self.check_failed()?;
        let end = self.buffer.lock().end_with(payload_bytes);
        while self.grow_if(|segments| segments.room_until() < end)? {}
        Ok(())
    }

    /// Whether a write or a sync has failed: nothing can be appended any more.
    pub fn has_failed(&self) -> bool {
        self.check_failed().is_err()
    }

    /// Appends a record, in memory; returns where it ends. It is durable once [`Log::sync_to`] that position returns.
    ///
    /// # Errors
    /// [`LogError::Poisoned`] only.
    pub fn append(&self, payload: &[u8]) -> Result<Lsn, LogError> {
        self.check_failed()?;
        let durable = self.group.durable();
        let lsn = self.buffer.lock().append(payload, durable);
        Counters::add(&self.counters.records, 1);
        Counters::add(&self.counters.payload_bytes, payload.len() as u64);
        Ok(lsn)
    }

    /// Where the next record follows: what a checkpoint stores, after syncing up to it.
    pub fn position(&self) -> LogStart {
        self.buffer.lock().position()
    }

    /// Bytes that have been appended but not yet written by anyone.
    pub fn pending_bytes(&self) -> usize {
        self.buffer.lock().pending()
    }

    /// Returns when everything up to `lsn` is durable: by leading a group, or by waiting for who does.
    ///
    /// # Errors
    /// [`LogError::Poisoned`] or [`LogError::Abandoned`]: the outcome of what is not durable is unknown.
    pub fn sync_to(&self, lsn: Lsn) -> Result<(), LogError> {
        match self.group.wait_durable(lsn.0, || self.lead(lsn)) {
            Ok(Waited::Followed) => {
                self.env.reached(&label::FOLLOWED);
                Ok(())
            }
            Ok(Waited::Led | Waited::Not) => Ok(()),
            Err(failure) => Err(self.failure(failure)),
        }
    }

    /// Up to where everything is durable.
    pub fn durable(&self) -> Lsn {
        Lsn(self.group.durable())
    }

    /// Lets segments be recycled that hold only positions before `lsn`: the position from which the *older* of two
    /// durable superblocks would read.
    pub fn release_before(&self, lsn: Lsn) {
        self.segments.lock().release_before(lsn.0);
    }

    /// Bytes of the segments that hold something needed.
    pub fn needed_bytes(&self) -> u64 {
        let segments = self.segments.lock();
        let free = u32::try_from(segments.free()).unwrap_or(u32::MAX);
        u64::from(segments.slots().saturating_sub(free)) * self.geometry.segment_bytes
    }

    /// Allocates a free segment if there is none, so that no commit has to. For a background task.
    ///
    /// # Errors
    /// As [`Log::reserve`].
    pub fn prepare_spare(&self) -> Result<(), LogError> {
        self.check_failed()?;
        self.grow_if(|segments| segments.free() == 0)?;
        Ok(())
    }

    /// Writes a mark that says what is durable, if nothing written so far says it: for idle times, so that later rot in
    /// the last group can be told from a torn tail. It is not synced: nobody waits for it. Returns whether it wrote.
    ///
    /// # Errors
    /// As [`Log::sync_to`].
    pub fn write_mark(&self) -> Result<bool, LogError> {
        let mut written = false;
        let result = self.group.try_lead(|| {
            let group = {
                let mut buffer = self.buffer.lock();
                // Not idle: the next group carries it anyway.
                if buffer.pending() > 0 || !buffer.append_mark(self.group.durable()) {
                    return Ok(());
                }
                buffer.take()
            };
            written = true;
            group.map_or(Ok(()), |group| self.write_group(group, &label::MARK_WRITE))
        });
        match result {
            Ok(_) => Ok(written),
            Err(failure) => Err(self.failure(failure)),
        }
    }

    /// Removes the file. The caller has made a superblock durable that does not require the log; should the removal
    /// not survive a crash, that superblock says the file is stale.
    ///
    /// # Errors
    /// What removing reports.
    pub fn close(&self) -> Result<(), LogError> {
        self.env.remove(&label::REMOVE, &self.path)?;
        Ok(())
    }

    /// What has been done so far.
    pub fn statistics(&self) -> LogStatistics {
        let (slots, free) = {
            let segments = self.segments.lock();
            (segments.slots(), segments.free())
        };
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LogStatistics {
            records: read(&self.counters.records),
            payload_bytes: read(&self.counters.payload_bytes),
            groups: read(&self.counters.groups),
            written_bytes: read(&self.counters.written_bytes),
            syncs: read(&self.counters.syncs),
            segments: slots,
            free_segments: u32::try_from(free).unwrap_or(u32::MAX),
            file_bytes: self.geometry.slot_offset(slots),
        }
    }

    /// Writes and syncs whatever has been appended; returns up to where everything is durable then.
    fn lead(&self, target: Lsn) -> Result<u64, Arc<IoError>> {
        let (group, end) = {
            let mut buffer = self.buffer.lock();
            (buffer.take(), buffer.position().lsn)
        };
        assert!(target <= end, "only what was appended can become durable: {target} > {end}");
        if let Some(group) = group {
            self.write_group(group, &label::COMMIT_WRITE)?;
        }
        self.sync(&label::COMMIT_SYNC)?;
        Counters::add(&self.counters.syncs, 1);
        Ok(end.0)
    }

    /// Makes durable what has been written. One at a time, and none after one that failed: a system tells of bytes that it
    /// could not write only once, and whoever asks first, whosever they were.
    fn sync(&self, label: &'static Label) -> Result<(), Arc<IoError>> {
        let _syncing = self.syncing.lock();
        if let Some(Failure::Failed(cause)) = self.group.failure() {
            return Err(cause);
        }
        self.file.sync_data(label).map_err(|error| {
            let cause = self.poison(error);
            self.group.fail(Arc::clone(&cause));
            cause
        })
    }

    fn write_group(&self, group: Group, label: &'static Label) -> Result<(), Arc<IoError>> {
        let written = self.write_sectors(&group, label).map_err(|error| self.poison(error))?;
        Counters::add(&self.counters.groups, 1);
        Counters::add(&self.counters.written_bytes, written);
        self.buffer.lock().give_back(group.bytes);
        Ok(())
    }

    /// Writes a group into the segments it spans; a segment that begins with it gets its header in the same call.
    fn write_sectors(&self, group: &Group, label: &'static Label) -> IoResult<u64> {
        let mut written = 0;
        let mut lsn = group.base;
        let mut rest = &group.bytes[..];
        while !rest.is_empty() {
            let room = self.geometry.segment_end(lsn) - lsn;
            let (piece, after) = rest.split_at(rest.len().min(room as usize));
            written += self.write_piece(lsn, piece, label)?;
            lsn += piece.len() as u64;
            rest = after;
        }
        Ok(written)
    }

    fn write_piece(&self, lsn: u64, piece: &[u8], label: &'static Label) -> IoResult<u64> {
        let segment = self.geometry.segment_of(lsn);
        let (slot, fresh) = self.slot_for(segment)?;
        if !fresh {
            let offset = self.geometry.file_offset(slot, lsn);
            self.file.write_all_at(label, offset, piece)?;
            return Ok(piece.len() as u64);
        }
        assert_eq!(lsn, self.geometry.segment_start(segment), "a group enters a segment at its start");
        let header = SegmentHeader { slot, segment, epoch: self.epoch, start: None };
        let sector = header_sector(&self.geometry, self.database, &header);
        let mut buffers = [IoSlice::new(&sector), IoSlice::new(piece)];
        self.file.write_all_vectored_at(label, self.geometry.slot_offset(slot), &mut buffers)?;
        Ok((sector.len() + piece.len()) as u64)
    }

    /// The slot of `segment`, and whether it has just been given to it.
    fn slot_for(&self, segment: u64) -> IoResult<(u32, bool)> {
        loop {
            {
                let mut segments = self.segments.lock();
                if let Some(slot) = segments.slot_of(segment) {
                    return Ok((slot, false));
                }
                if let Some(slot) = segments.take_free() {
                    segments.adopt(segment, slot);
                    return Ok((slot, true));
                }
            }
            self.grow_if(|segments| segments.free() == 0)?;
        }
    }

    /// Allocates a slot if `needed` says so; returns whether it did.
    fn grow_if(&self, needed: impl Fn(&Segments) -> bool) -> IoResult<bool> {
        if !needed(&self.segments.lock()) {
            return Ok(false);
        }
        let mut notes = self.growing.lock();
        let slot = {
            let segments = self.segments.lock();
            // Whoever grew before us may have done it for us.
            if !needed(&segments) {
                return Ok(false);
            }
            segments.slots()
        };
        if let Some(Failure::Failed(cause)) = self.group.failure() {
            return Err((*cause).clone());
        }
        let sync = |label| self.sync(label).map_err(|cause| (*cause).clone());
        let allocated = allocate_slot(&self.geometry, &*self.file, self.database, (&mut notes, slot), sync);
        allocated.inspect_err(|error| {
            // They may land some day, over records that stand there by then, and would look like a torn tail.
            if !error.is_out_of_space() {
                self.group.fail(self.poison(error.clone()));
            }
        })?;
        self.env.reached(&label::GREW);
        self.segments.lock().add_free();
        Ok(true)
    }

    fn poison(&self, error: IoError) -> Arc<IoError> {
        self.failed.store(true, Ordering::Release);
        self.env.reached(&label::POISONED);
        Arc::new(error)
    }

    fn check_failed(&self) -> Result<(), LogError> {
        if !self.failed.load(Ordering::Acquire) {
            return Ok(());
        }
        match self.group.failure() {
            Some(failure) => Err(self.failure(failure)),
            // The leader has failed but not yet said so to the group; whoever appends now will hear of it in `sync_to`.
            None => Ok(()),
        }
    }

    fn failure(&self, failure: Failure<Arc<IoError>>) -> LogError {
        let path = self.path.clone();
        let durable = self.durable();
        match failure {
            Failure::Failed(cause) => LogError::Poisoned { path, durable, cause },
            Failure::Abandoned => LogError::Abandoned { path, durable },
        }
    }
}

/// A header, padded to its sector.
pub(crate) fn header_sector(geometry: &Geometry, database: u128, header: &SegmentHeader) -> Vec<u8> {
    let mut sector = header.encode(database).to_vec();
    sector.resize(geometry.sector_size as usize, 0);
    sector
}

/// Writes the headers and one segment of zeros.
fn write_new_file(
    file: &dyn File,
    geometry: &Geometry,
    database: u128,
    header: &SegmentHeader,
) -> IoResult<()> {
    let mut block = encode_file_header(database, geometry).to_vec();
    block.resize(geometry.slot_offset(0) as usize, 0);
    // The first slot becomes durable together with its note; until then the file is of no use to anybody.
    if let Some([place, _]) = geometry.note_places() {
        let note = slot_note::encode(database, 1);
        block[place as usize..][..note.len()].copy_from_slice(&note);
    }
    block.extend_from_slice(&header_sector(geometry, database, header));
    file.write_all_at(&label::CREATE_WRITE, 0, &block)?;
    write_zeros(geometry, file, 0, &label::CREATE_WRITE, geometry.sector_size)
}

impl std::fmt::Debug for Log {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Log")
            .field("path", &self.path)
            .field("epoch", &self.epoch)
            .field("durable", &self.group.durable())
            .finish_non_exhaustive()
    }
}
