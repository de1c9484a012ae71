//! Crashes: the process dies, or the power fails and only some of what was not synced survives.

use super::Disk;
use super::entries::PendingEntry;
use super::image::Image;
use super::inode::{Inode, InodeNumber, PendingChange, PendingKind, landed_length};
use faults::survivor::{self, Change, Device, Fate, Filler, SectorFate, Survivor, Unsynced};
use faults::{Call, FaultKind, Place};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// The object number of all directories together: names share one journal.
const DIRECTORIES: u64 = 0;

/// Where an unsynced change lies.
#[derive(Debug, Clone, Copy)]
enum Source {
    File { inode: InodeNumber, position: usize },
    Entry { position: usize },
}

impl Disk {
    /// The process dies: open files and locks are gone, the page cache stays, late writes complete.
    pub fn process_killed(&mut self, call: &mut Call<'_>) {
        call.inject(FaultKind::ProcessKilled, Place::default());
        self.land_late_writes(|_| true);
        self.drop_handles();
    }

    /// The power fails: the survivor choices decide what is left of the unsynced changes, which is then durable.
    pub fn power_loss(&mut self, call: &mut Call<'_>) -> Survivor {
        call.ledger.power_failed();
        call.inject(FaultKind::PowerLoss, Place::default());
        self.settle_late_writes(call);
        let (changes, sources) = self.unsynced_with_sources();
        let survivor = survivor::draw(&changes, self.config.device, call);
        self.enter_fates(&changes, &sources, &survivor, call);
        self.apply(&sources, &survivor);
        survivor
    }

    /// The power fails with these fates, one for each of [`Disk::unsynced`]; missing ones are kept.
    pub fn power_loss_with(&mut self, survivor: &Survivor) {
        self.late.clear();
        let (_, sources) = self.unsynced_with_sources();
        self.apply(&sources, survivor);
    }

    /// The changes that no sync has covered, in the order in which they were made.
    pub fn unsynced(&self) -> Vec<Unsynced> {
        self.unsynced_with_sources().0
    }

    /// The survivor states that an exhaustive search visits if the power fails now.
    pub fn representatives(&self) -> Vec<Survivor> {
        survivor::representatives(&self.unsynced(), self.config.device)
    }

    /// The power fails and nothing unsynced survives.
    pub(super) fn lose_unsynced(&mut self) {
        self.late.clear();
        for inode in self.inodes.values_mut() {
            inode.forget_pending();
        }
        self.entries.pending.clear();
        self.settle();
    }

    /// Late writes that had not landed are gone with the power, and so is the fault.
    fn settle_late_writes(&mut self, call: &mut Call<'_>) {
        for late in std::mem::take(&mut self.late) {
            call.ledger.not_reached(late.fault);
        }
    }

    fn unsynced_with_sources(&self) -> (Vec<Unsynced>, Vec<Source>) {
        let of_files = self.inodes.iter().flat_map(|(&number, inode)| {
            inode.pending.iter().enumerate().map(move |(position, pending)| {
                let change = match &pending.kind {
                    PendingKind::Write { offset, bytes, grows } => {
                        Change::Write { offset: *offset, length: bytes.len() as u64, grows: *grows }
                    }
                    PendingKind::Length { .. } => Change::Length,
                };
                let source = Source::File { inode: number, position };
                (pending.sequence, Unsynced { object: number.0, change }, source)
            })
        });
        let of_entries = self.entries.pending.iter().enumerate().map(|(position, entry)| {
            let change = Change::Entry { rename: entry.is_rename() };
            (entry.sequence, Unsynced { object: DIRECTORIES, change }, Source::Entry { position })
        });
        let mut all: Vec<(u64, Unsynced, Source)> = of_files.chain(of_entries).collect();
        all.sort_unstable_by_key(|&(sequence, _, _)| sequence);
        all.into_iter().map(|(_, change, source)| (change, source)).unzip()
    }

    /// Enters what happened: one fault for each file and kind, over the range of all that it happened to.
    fn enter_fates(
        &self,
        changes: &[Unsynced],
        sources: &[Source],
        survivor: &Survivor,
        call: &mut Call<'_>,
    ) {
        let mut ranges: BTreeMap<(u64, FaultKind), (Range<u64>, Source)> = BTreeMap::new();
        for ((unsynced, fate), &source) in changes.iter().zip(&survivor.fates).zip(sources) {
            let Some(kind) = fate.fault(unsynced.change) else { continue };
            let range = match unsynced.change {
                Change::Write { offset, length, .. } => offset..offset + length,
                Change::Length | Change::Entry { .. } => 0..u64::MAX,
            };
            let entry = ranges.entry((unsynced.object, kind)).or_insert_with(|| (range.clone(), source));
            entry.0 = entry.0.start.min(range.start)..entry.0.end.max(range.end);
        }
        for ((_, kind), (range, source)) in ranges {
            let file = self.path_of(source);
            call.inject(kind, Place { file, range });
        }
    }

    fn path_of(&self, source: Source) -> Option<Arc<Path>> {
        match source {
            Source::Entry { position } => {
                self.entries.pending.get(position).map(|entry| Arc::clone(entry.change.path()))
            }
            Source::File { inode, .. } => {
                let mut names = self.entries.current.iter().chain(&self.entries.durable);
                names.find(|&(_, &number)| number == inode).map(|(path, _)| Arc::clone(path))
            }
        }
    }

    /// Gives every unsynced change its fate; what is then durable is all there is.
    fn apply(&mut self, sources: &[Source], survivor: &Survivor) {
        self.crashes += 1;
        let mut fates_by_inode: BTreeMap<InodeNumber, Vec<(usize, &Fate)>> = BTreeMap::new();
        let kept = Fate::Kept;
        for (index, &source) in sources.iter().enumerate() {
            let fate = survivor.fates.get(index).unwrap_or(&kept);
            match source {
                Source::File { inode, position } => {
                    fates_by_inode.entry(inode).or_default().push((position, fate));
                }
                Source::Entry { position } => {
                    let entry: PendingEntry = self.entries.pending[position].clone();
                    self.entries.land(&entry, fate);
                }
            }
        }
        let (device, seed) = (self.config.device, self.crashes);
        for (number, fates) in fates_by_inode {
            if let Some(inode) = self.inodes.get_mut(&number) {
                land_by_fate(inode, &fates, device, seed ^ number.0 << 32);
            }
        }
        self.entries.pending.clear();
        self.settle();
    }

    /// After a power loss: the cache is what the device holds.
    fn settle(&mut self) {
        self.drop_handles();
        self.entries.current = self.entries.durable.clone();
        let history = self.config.history;
        for inode in self.inodes.values_mut() {
            inode.forget_pending();
            inode.cached = inode.durable.clone();
            if history && inode.older.is_none() {
                inode.older = Some(inode.durable.clone());
            }
        }
        self.free_unreachable();
        self.used = self.inodes.values().map(|inode| inode.cached.len()).sum();
    }

    fn drop_handles(&mut self) {
        self.life += 1;
        self.handles.clear();
        for inode in self.inodes.values_mut() {
            inode.opens = 0;
            inode.locks.clear();
        }
        self.free_unreachable();
    }
}

/// Applies the pending changes of one file to its durable image, each by its fate.
fn land_by_fate(inode: &mut Inode, fates: &[(usize, &Fate)], device: Device, seed: u64) {
    let pending = std::mem::take(&mut inode.pending);
    let length = surviving_length(inode.durable.len(), &pending, fates, device);
    let old_length = inode.durable.len();
    // What grew without its data shows garbage where the data would be; what survived is written over it below.
    if length > old_length {
        inode.durable.set_len(length);
        for &(position, fate) in fates {
            if let (Fate::LengthOnly(Filler::Garbage), PendingKind::Write { offset, bytes, .. }) =
                (fate, &pending[position].kind)
            {
                let start = (*offset).max(old_length);
                let end = (offset + bytes.len() as u64).min(length);
                garble(&mut inode.durable, start..end, seed);
            }
        }
    }
    for &(position, fate) in fates {
        let change: &PendingChange = &pending[position];
        match (fate, &change.kind) {
            (Fate::Kept, _) => inode.land(change),
            (Fate::Torn(sectors), PendingKind::Write { offset, bytes, .. }) => {
                let bytes = &inode.pending_bytes[bytes.clone()];
                land_torn(&mut inode.durable, *offset, bytes, sectors, device, seed);
            }
            (Fate::Torn(_) | Fate::Lost | Fate::LengthOnly(_) | Fate::Doubled, _) => {}
        }
    }
    inode.durable.set_len(length);
}

/// The length that the surviving changes add up to.
fn surviving_length(
    durable: u64,
    pending: &[PendingChange],
    fates: &[(usize, &Fate)],
    device: Device,
) -> u64 {
    fates.iter().fold(durable, |length, &(position, fate)| match (&pending[position].kind, fate) {
        (PendingKind::Length { from, to }, Fate::Kept) => landed_length(length, *from, *to),
        (PendingKind::Write { offset, bytes, .. }, Fate::Kept | Fate::LengthOnly(_)) => {
            length.max(offset + bytes.len() as u64)
        }
        (PendingKind::Write { offset, bytes, .. }, Fate::Torn(sectors)) => {
            let pieces = device.pieces(*offset, bytes.len() as u64).zip(sectors);
            let there = pieces.filter(|(_, fate)| !matches!(fate, SectorFate::Lost | SectorFate::Cut(0)));
            there.map(|((at, piece), _)| at + piece).max().map_or(length, |end| length.max(end))
        }
        (PendingKind::Write { .. } | PendingKind::Length { .. }, _) => length,
    })
}

fn land_torn(
    image: &mut Image,
    offset: u64,
    bytes: &[u8],
    sectors: &[SectorFate],
    device: Device,
    seed: u64,
) {
    for ((at, length), fate) in device.pieces(offset, bytes.len() as u64).zip(sectors) {
        let start = (at - offset) as usize;
        let piece = &bytes[start..start + length as usize];
        match fate {
            SectorFate::Kept => image.write(at, piece),
            SectorFate::Lost => {}
            SectorFate::Garbage => garble(image, at..at + length, seed),
            SectorFate::Cut(count) => image.write(at, &piece[..piece.len().min(*count as usize)]),
            SectorFate::Collateral => {
                let sector = u64::from(device.sector.max(1));
                let end = (at / sector + 1) * sector;
                garble(image, at / sector * sector..end.min(image.len().max(at + length)), seed);
            }
        }
    }
}

fn garble(image: &mut Image, range: Range<u64>, seed: u64) {
    if range.start < range.end {
        let mut bytes = vec![0; (range.end - range.start) as usize];
        survivor::fill_garbage(seed, range.start, &mut bytes);
        image.write(range.start, &bytes);
    }
}
