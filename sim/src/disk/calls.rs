//! Reading, writing, syncing and resizing an open file, each with the faults that can meet it.

use super::image::Image;
use super::inode::{Inode, InodeNumber, PendingKind};
use super::{Disk, FILE_BYTES_MAX, Handle, LateWrite, OpenFile, dead, input_output_error};
use env::{IoError, IoResult, Label};
use faults::{Call, Chance, Concern, FaultKind, Operation, Part, Place};
use std::io::{ErrorKind, IoSlice};
use std::path::Path;
use std::sync::Arc;

/// A late write lands within so many writes and syncs of the disk.
const LATE_CALLS_MAX: u32 = 16;

impl Disk {
    /// Reads up to `buffer.len()` bytes at `offset`; 0 means end of file.
    ///
    /// # Errors
    /// When the range holds a latent sector error, or the fault's.
    pub fn read(
        &mut self,
        handle: Handle,
        offset: u64,
        buffer: &mut [u8],
        fault: Option<FaultKind>,
        call: &mut Call<'_>,
    ) -> IoResult<usize> {
        let sector = u64::from(self.config.device.sector);
        let (file, inode) = self.opened(handle, call.label)?;
        let range = offset..offset.saturating_add(buffer.len() as u64);
        call.ledger.taken_up(Operation::Read, &file.path, range.clone());
        let mut wanted = buffer.len();
        let mut flip = None;
        if let Some(kind) = fault {
            let place = Place::new(&file.path, offset, buffer.len() as u64);
            let there = inode.cached.len().saturating_sub(offset).min(buffer.len() as u64) as usize;
            match kind {
                FaultKind::ReadError => {
                    call.inject(kind, place);
                    return Err(input_output_error(call.label, &file.path));
                }
                FaultKind::Interrupted => {
                    call.inject(kind, place);
                    return Err(IoError::new(call.label, &file.path, ErrorKind::Interrupted));
                }
                // A sector that cannot be read gives an error, and nothing else.
                FaultKind::ShortRead | FaultKind::MemoryFlip if inode.is_bad(&range) => {}
                FaultKind::ShortRead if there > 1 => {
                    wanted = 1 + call.part(Part::Length, small(there - 1)) as usize;
                    let left = (there - wanted) as u64;
                    call.inject(kind, Place::new(&file.path, offset + wanted as u64, left));
                }
                FaultKind::StaleRead | FaultKind::MisdirectedRead if there > 0 => {
                    if let Some(count) = read_wrong(kind, inode, sector, offset, buffer, call) {
                        call.inject(kind, place);
                        return Ok(count);
                    }
                }
                FaultKind::MemoryFlip if there > 0 => {
                    let bit = flipped_bit(there, call);
                    call.inject(kind, Place::new(&file.path, offset + bit.0 as u64, 1));
                    flip = Some(bit);
                }
                FaultKind::LatentSectorError if there > 0 => {
                    let at = (offset + u64::from(call.part(Part::Offset, small(there)))) / sector * sector;
                    inode.bad.push(at..at + sector);
                    call.inject(kind, Place::new(&file.path, at, sector));
                }
                _ => {}
            }
        }
        if !inode.bad.is_empty() && inode.is_bad(&range) {
            return Err(input_output_error(call.label, &file.path));
        }
        let count = inode.cached.read(offset, &mut buffer[..wanted]);
        if let Some((at, mask)) = flip {
            buffer[at] ^= mask;
        }
        call.ledger.resumed(Operation::Read, &file.path, offset..offset + count as u64);
        Ok(count)
    }

    /// Writes the bytes of `buffers` at `offset`; fewer is legal. Grows the file.
    ///
    /// # Errors
    /// `StorageFull` when the disk's capacity is reached, or the fault's.
    pub fn write(
        &mut self,
        handle: Handle,
        offset: u64,
        buffers: &[IoSlice<'_>],
        fault: Option<FaultKind>,
        call: &mut Call<'_>,
    ) -> IoResult<usize> {
        self.count_late_writes_down();
        let file = self.live(handle, call.label)?;
        let (number, path, writable) = (file.inode, Arc::clone(&file.path), file.writable);
        let total: usize = buffers.iter().map(|buffer| buffer.len()).sum();
        if !writable {
            return Err(IoError::new(call.label, &path, ErrorKind::PermissionDenied));
        }
        if offset.saturating_add(total as u64) > FILE_BYTES_MAX {
            return Err(IoError::new(call.label, &path, ErrorKind::FileTooLarge));
        }
        call.ledger.taken_up(Operation::Write, &path, offset..offset + total as u64);
        let count = self.fitting(number, offset, total);
        if count == 0 && total > 0 {
            return Err(full(&path, (offset, total as u64), call));
        }
        if let Some(kind) = fault {
            let mut bytes = Vec::with_capacity(total);
            buffers.iter().for_each(|buffer| bytes.extend_from_slice(buffer));
            if let Some(outcome) =
                self.write_with(kind, (handle, number), &path, (offset, &bytes[..count]), call)
            {
                return outcome;
            }
        }
        self.put_all(number, offset, (buffers, count), call.label)?;
        call.ledger.resumed(Operation::Write, &path, offset..offset + count as u64);
        call.ledger.call_succeeded(call.label, &path);
        Ok(count)
    }

    /// What fits on the disk of a write.
    fn fitting(&self, number: InodeNumber, offset: u64, total: usize) -> usize {
        let Some(capacity) = self.config.capacity else { return total };
        let length = self.inodes.get(&number).map_or(0, |inode| inode.cached.len());
        let end_max = length.saturating_add(capacity.saturating_sub(self.used));
        end_max.saturating_sub(offset).min(total as u64) as usize
    }

    fn put(&mut self, number: InodeNumber, offset: u64, bytes: &[u8], label: &'static Label) -> IoResult<()> {
        self.put_all(number, offset, (&[IoSlice::new(bytes)], bytes.len()), label)
    }

    /// Writes into cache and pending list, and keeps count of the space.
    fn put_all(
        &mut self,
        number: InodeNumber,
        offset: u64,
        (buffers, count): (&[IoSlice<'_>], usize),
        label: &'static Label,
    ) -> IoResult<()> {
        if count == 0 {
            return Ok(());
        }
        let sequence = self.next_sequence();
        let Some(inode) = self.inodes.get_mut(&number) else { return Err(dead(label)) };
        let before = inode.cached.len();
        inode.write(sequence, offset, buffers, count);
        self.used += inode.cached.len() - before;
        Ok(())
    }

    /// A write that meets a fault; `None` when the fault finds nothing to do.
    fn write_with(
        &mut self,
        kind: FaultKind,
        (handle, number): (Handle, InodeNumber),
        path: &Arc<Path>,
        (offset, bytes): (u64, &[u8]),
        call: &mut Call<'_>,
    ) -> Option<IoResult<usize>> {
        let place = Place::new(path, offset, bytes.len() as u64);
        match kind {
            FaultKind::Interrupted => {
                call.inject(kind, place);
                Some(Err(IoError::new(call.label, path, ErrorKind::Interrupted)))
            }
            FaultKind::ShortWrite if bytes.len() > 1 => {
                let count = 1 + call.part(Part::Length, small(bytes.len() - 1)) as usize;
                let left = (bytes.len() - count) as u64;
                call.inject(kind, Place::new(path, offset + count as u64, left));
                Some(self.put(number, offset, &bytes[..count], call.label).map(|()| count))
            }
            FaultKind::WriteError | FaultKind::NoSpace => {
                let count = call.part(Part::Length, small(bytes.len() + 1)) as usize;
                call.inject(kind, place);
                if count > 0
                    && let Err(error) = self.put(number, offset, &bytes[..count], call.label)
                {
                    return Some(Err(error));
                }
                Some(Err(if kind == FaultKind::NoSpace {
                    IoError::new(call.label, path, ErrorKind::StorageFull)
                } else {
                    input_output_error(call.label, path)
                }))
            }
            FaultKind::LateWrite => {
                let calls_left = 1 + call.part(Part::Delay, LATE_CALLS_MAX);
                let fault = call.inject(kind, place);
                self.late.push(LateWrite {
                    handle,
                    inode: number,
                    offset,
                    bytes: bytes.to_vec(),
                    calls_left,
                    fault,
                });
                Some(Err(IoError::new(call.label, path, ErrorKind::TimedOut)))
            }
            FaultKind::MemoryFlip if !bytes.is_empty() => {
                let (at, mask) = flipped_bit(bytes.len(), call);
                call.inject(kind, Place::new(path, offset + at as u64, 1));
                let mut flipped = bytes.to_vec();
                flipped[at] ^= mask;
                Some(self.put(number, offset, &flipped, call.label).map(|()| bytes.len()))
            }
            FaultKind::LostWrite => Some(self.lose_write(number, path, (offset, bytes), call)),
            FaultKind::MisdirectedWrite => self.misdirect_write(number, path, (offset, bytes), call),
            _ => None,
        }
    }

    /// The bytes never reach the device: they are in the cache until the crash, or were never seen again.
    fn lose_write(
        &mut self,
        number: InodeNumber,
        path: &Arc<Path>,
        (offset, bytes): (u64, &[u8]),
        call: &mut Call<'_>,
    ) -> IoResult<usize> {
        let place = Place::new(path, offset, bytes.len() as u64);
        let cached = call.part(Part::Variant, 2) == 0;
        self.grow_only(number, offset + bytes.len() as u64);
        if cached {
            call.inject_hidden(FaultKind::LostWrite, place);
            if let Some(inode) = self.inodes.get_mut(&number) {
                inode.cached.write(offset, bytes);
            }
        } else {
            call.inject(FaultKind::LostWrite, place);
        }
        Ok(bytes.len())
    }

    /// The bytes land on another sector of the same file, of which only what is there is overwritten.
    fn misdirect_write(
        &mut self,
        number: InodeNumber,
        path: &Arc<Path>,
        (offset, bytes): (u64, &[u8]),
        call: &mut Call<'_>,
    ) -> Option<IoResult<usize>> {
        let length = self.inodes.get(&number)?.cached.len();
        let wrong = other_sector(u64::from(self.config.device.sector), offset, length, call)?;
        let there = (length - wrong).min(bytes.len() as u64) as usize;
        // The fault is entered for both places: where the bytes are missing and where they should not be.
        call.inject(FaultKind::MisdirectedWrite, Place::new(path, offset, bytes.len() as u64));
        call.inject(FaultKind::MisdirectedWrite, Place::new(path, wrong, there as u64));
        self.grow_only(number, offset + bytes.len() as u64);
        Some(self.put(number, wrong, &bytes[..there], call.label).map(|()| bytes.len()))
    }

    /// The length follows a write whose bytes went elsewhere.
    fn grow_only(&mut self, number: InodeNumber, end: u64) {
        let sequence = self.next_sequence();
        if let Some(inode) = self.inodes.get_mut(&number)
            && end > inode.cached.len()
        {
            self.used += end - inode.cached.len();
            inode.set_len(sequence, end);
        }
    }

    /// Counts down late writes and lands those whose time has come.
    fn count_late_writes_down(&mut self) {
        for late in &mut self.late {
            late.calls_left -= 1;
        }
        self.land_late_writes(|late| late.calls_left == 0);
    }

    /// Lands the late writes that are `due`.
    pub(super) fn land_late_writes(&mut self, due: impl Fn(&LateWrite) -> bool) {
        if self.late.is_empty() {
            return;
        }
        for late in self.late.extract_if(.., |late| due(late)).collect::<Vec<_>>() {
            let sequence = self.next_sequence();
            if let Some(inode) = self.inodes.get_mut(&late.inode) {
                let before = inode.cached.len();
                inode.write(sequence, late.offset, &[IoSlice::new(&late.bytes)], late.bytes.len());
                self.used += inode.cached.len() - before;
            }
        }
    }

    /// Makes a file's bytes and length durable.
    ///
    /// # Errors
    /// The fault's.
    pub fn sync(&mut self, handle: Handle, fault: Option<FaultKind>, call: &mut Call<'_>) -> IoResult<()> {
        self.count_late_writes_down();
        let history = self.config.history;
        if let Some(kind) = fault {
            self.damage(kind, call);
        }
        let (file, inode) = self.opened(handle, call.label)?;
        match fault {
            Some(FaultKind::SyncFailed) => {
                call.inject(FaultKind::SyncFailed, Place::whole(&file.path));
                fail_sync(inode, call);
                return Err(input_output_error(call.label, &file.path));
            }
            Some(FaultKind::LyingSync) if !inode.pending.is_empty() => {
                call.inject_hidden(FaultKind::LyingSync, Place::whole(&file.path));
                return Ok(());
            }
            Some(_) | None => {}
        }
        inode.sync(history);
        Ok(())
    }

    /// Length in bytes.
    ///
    /// # Errors
    /// When the handle is dead.
    pub fn len(&self, handle: Handle, label: &'static Label) -> IoResult<u64> {
        let file = self.live(handle, label)?;
        self.inodes.get(&file.inode).map(|inode| inode.cached.len()).ok_or_else(|| dead(label))
    }

    /// Cuts or extends (with zeros) a file.
    ///
    /// # Errors
    /// `StorageFull` when the disk's capacity is reached, or the fault's.
    pub fn set_len(
        &mut self,
        handle: Handle,
        length: u64,
        fault: Option<FaultKind>,
        call: &mut Call<'_>,
    ) -> IoResult<()> {
        let file = self.live(handle, call.label)?;
        let (number, path, writable) = (file.inode, Arc::clone(&file.path), file.writable);
        if !writable {
            return Err(IoError::new(call.label, &path, ErrorKind::PermissionDenied));
        }
        let before = self.inodes.get(&number).map_or(0, |inode| inode.cached.len());
        let growth = length.saturating_sub(before);
        if fault == Some(FaultKind::LengthError) {
            return Err(self.refuse(FaultKind::LengthError, &path, call));
        }
        let fits = self.config.capacity.is_none_or(|capacity| self.used.saturating_add(growth) <= capacity);
        if growth > 0 && (fault == Some(FaultKind::NoSpace) || !fits) {
            return Err(full(&path, (before, growth), call));
        }
        if length > FILE_BYTES_MAX {
            return Err(IoError::new(call.label, &path, ErrorKind::FileTooLarge));
        }
        let sequence = self.next_sequence();
        let Some(inode) = self.inodes.get_mut(&number) else { return Err(dead(call.label)) };
        inode.set_len(sequence, length);
        self.used = self.used - before + length;
        call.ledger.call_succeeded(call.label, &path);
        Ok(())
    }

    fn opened(&mut self, handle: Handle, label: &'static Label) -> IoResult<(&OpenFile, &mut Inode)> {
        let file = match self.handles.get(handle.slot as usize) {
            Some(Some(file)) if handle.life == self.life => file,
            Some(_) | None => return Err(dead(label)),
        };
        let inode = self.inodes.get_mut(&file.inode).ok_or_else(|| dead(label))?;
        Ok((file, inode))
    }
}

/// Which bit of `length` bytes flips: the byte's index, and the bit as a mask.
fn flipped_bit(length: usize, call: &mut Call<'_>) -> (usize, u8) {
    let at = call.part(Part::Offset, small(length)) as usize;
    (at, 1 << call.part(Part::Bit, 8))
}

/// A read that gets other bytes than it should; `None` when there are none that differ.
fn read_wrong(
    kind: FaultKind,
    inode: &Inode,
    sector: u64,
    offset: u64,
    buffer: &mut [u8],
    call: &mut Call<'_>,
) -> Option<usize> {
    let (image, from): (&Image, u64) = match kind {
        FaultKind::StaleRead => (inode.older.as_ref()?, offset),
        _ => (&inode.cached, other_sector(sector, offset, inode.cached.len(), call)?),
    };
    let right = inode.cached.read(offset, buffer);
    let mut expected = vec![0; right];
    expected.copy_from_slice(&buffer[..right]);
    // What the wrong place lacks reads as zeros: a device always returns whole sectors.
    let count = image.read(from, &mut buffer[..right]);
    buffer[count..right].fill(0);
    (buffer[..right] != expected).then_some(right)
}

/// Another sector of the file, so that what stood at `offset` goes there.
fn other_sector(sector: u64, offset: u64, length: u64, call: &mut Call<'_>) -> Option<u64> {
    let sectors = length.div_ceil(sector);
    let own = offset / sector;
    if sectors < 2 {
        return None;
    }
    // Choosing among the others only: the sector after its own is the default.
    let others = u32::try_from(sectors - u64::from(own < sectors)).unwrap_or(u32::MAX);
    let chosen = (own + 1 + u64::from(call.part(Part::Offset, others))) % sectors;
    Some(chosen * sector).filter(|&wrong| wrong != own * sector && wrong < length)
}

/// The sync fails and the pages count as clean: some reached the device, the others are only in the cache now. Changes of
/// length go through a journal and stay to be written. Or, as on other file systems, everything stays dirty.
fn fail_sync(inode: &mut Inode, call: &mut Call<'_>) {
    if call.part(Part::Variant, 4) == 3 {
        return;
    }
    let mut pending = std::mem::take(&mut inode.pending);
    let mut index = 0;
    pending.retain(|change| {
        if matches!(change.kind, PendingKind::Length { .. }) {
            return true;
        }
        let name = (Part::Write, index);
        index += 1;
        if call.part_of(Concern::Faults, name, 2, Chance::Even) == 0 {
            inode.land(change);
        }
        false
    });
    inode.pending_bytes.clear();
    inode.pending = pending;
}

fn full(path: &Arc<Path>, (offset, length): (u64, u64), call: &mut Call<'_>) -> IoError {
    call.inject(FaultKind::NoSpace, Place::new(path, offset, length));
    IoError::new(call.label, path, ErrorKind::StorageFull)
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
