//! The simulated disk against a naive one that keeps whole copies and applies every change byte by byte.
//!
//! Bytes that a crash turned into garbage match anything; everything else, also lengths and names, must be equal.

use super::common::{DIRECTORY, Desk, NAME, SYNC};
use env::OpenMode;
use faults::Decisions;
use faults::survivor::{Device, Fate, Filler, SectorFate, Survivor};
use proptest::prelude::*;
use sim::disk::{Disk, DiskConfig};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A byte of the naive disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// This value.
    Is(u8),
    /// Nothing was written here.
    Hole,
    /// A crash left garbage.
    Any,
}

#[derive(Debug, Clone)]
enum Change {
    Write { file: usize, offset: usize, bytes: Vec<u8> },
    Length { file: usize, from: usize, to: usize },
    Link { name: u8, file: usize },
    Unlink { name: u8 },
    Rename { from: u8, to: u8, file: usize },
}

#[derive(Debug, Default)]
struct Naive {
    cached: Vec<Vec<Cell>>,
    durable: Vec<Vec<Cell>>,
    names: BTreeMap<u8, usize>,
    durable_names: BTreeMap<u8, usize>,
    pending: Vec<Change>,
}

impl Naive {
    fn open(&mut self, name: u8) -> usize {
        if let Some(&file) = self.names.get(&name) {
            return file;
        }
        let file = self.cached.len();
        self.cached.push(Vec::new());
        self.durable.push(Vec::new());
        self.names.insert(name, file);
        self.pending.push(Change::Link { name, file });
        file
    }

    fn write(&mut self, file: usize, offset: usize, bytes: Vec<u8>) {
        put(&mut self.cached[file], offset, &bytes);
        self.pending.push(Change::Write { file, offset, bytes });
    }

    fn set_len(&mut self, file: usize, to: usize) {
        let from = self.cached[file].len();
        if from != to {
            self.cached[file].resize(to, Cell::Hole);
            self.pending.push(Change::Length { file, from, to });
        }
    }

    fn remove(&mut self, name: u8) {
        if self.names.remove(&name).is_some() {
            self.pending.push(Change::Unlink { name });
        }
    }

    fn rename(&mut self, from: u8, to: u8) {
        // Two names of one file (a doubled rename has left them) stay as they are.
        if self.names.get(&from) != self.names.get(&to)
            && let Some(file) = self.names.remove(&from)
        {
            self.names.insert(to, file);
            self.pending.push(Change::Rename { from, to, file });
        }
    }

    fn sync(&mut self, synced: usize) {
        for change in std::mem::take(&mut self.pending) {
            match change {
                Change::Write { file, offset, bytes } if file == synced => {
                    put(&mut self.durable[file], offset, &bytes)
                }
                Change::Length { file, to, .. } if file == synced => {
                    self.durable[file].resize(to, Cell::Hole)
                }
                other => self.pending.push(other),
            }
        }
    }

    fn sync_names(&mut self) {
        self.durable_names = self.names.clone();
        self.pending.retain(|change| matches!(change, Change::Write { .. } | Change::Length { .. }));
    }

    fn power_loss(&mut self, device: Device, survivor: &Survivor) {
        let old: Vec<usize> = self.durable.iter().map(Vec::len).collect();
        let mut collateral = Vec::new();
        for (change, fate) in std::mem::take(&mut self.pending).iter().zip(&survivor.fates) {
            match change {
                Change::Link { name, file } if *fate == Fate::Kept => {
                    self.durable_names.insert(*name, *file);
                }
                Change::Unlink { name } if *fate == Fate::Kept => {
                    self.durable_names.remove(name);
                }
                Change::Rename { from, to, file } if *fate != Fate::Lost => {
                    if *fate == Fate::Kept && self.durable_names.get(from) == Some(file) {
                        self.durable_names.remove(from);
                    }
                    self.durable_names.insert(*to, *file);
                }
                Change::Length { file, from, to } if *fate == Fate::Kept => {
                    let length = self.durable[*file].len();
                    let length = if to > from { length.max(*to) } else { length.min(*to) };
                    self.durable[*file].resize(length, Cell::Hole);
                }
                Change::Write { file, offset, bytes } => {
                    let cells = &mut self.durable[*file];
                    collateral.extend(
                        survive(cells, *offset, bytes, fate, device, old[*file])
                            .into_iter()
                            .map(|zone| (*file, zone)),
                    );
                }
                _ => {}
            }
        }
        for (file, zone) in collateral {
            // A surviving cut may have taken the whole zone away.
            let end = zone.end.min(self.durable[file].len());
            let zone = zone.start.min(end)..end;
            self.durable[file][zone]
                .iter_mut()
                .filter(|cell| **cell == Cell::Hole)
                .for_each(|cell| *cell = Cell::Any);
        }
        self.cached = self.durable.clone();
        self.names = self.durable_names.clone();
    }
}

fn put(cells: &mut Vec<Cell>, offset: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    cells.resize(cells.len().max(offset + bytes.len()), Cell::Hole);
    for (cell, &byte) in cells[offset..].iter_mut().zip(bytes) {
        *cell = Cell::Is(byte);
    }
}

/// Applies one write by its fate; returns the sectors whose other bytes are garbage too.
fn survive(
    cells: &mut Vec<Cell>,
    offset: usize,
    bytes: &[u8],
    fate: &Fate,
    device: Device,
    old_length: usize,
) -> Vec<std::ops::Range<usize>> {
    let end = offset + bytes.len();
    let mut collateral = Vec::new();
    match fate {
        Fate::Kept => put(cells, offset, bytes),
        Fate::Lost | Fate::Doubled => {}
        Fate::LengthOnly(filler) => {
            cells.resize(cells.len().max(end), Cell::Hole);
            if *filler == Filler::Garbage {
                let grown = &mut cells[offset.max(old_length).min(end)..end];
                grown.iter_mut().filter(|cell| **cell == Cell::Hole).for_each(|cell| *cell = Cell::Any);
            }
        }
        Fate::Torn(sectors) => {
            for ((at, length), fate) in device.pieces(offset as u64, bytes.len() as u64).zip(sectors) {
                let (at, length) = (at as usize, length as usize);
                let piece = &bytes[at - offset..at - offset + length];
                if matches!(fate, SectorFate::Lost | SectorFate::Cut(0)) {
                    continue;
                }
                cells.resize(cells.len().max(at + length), Cell::Hole);
                match fate {
                    SectorFate::Kept => put(cells, at, piece),
                    SectorFate::Cut(count) => put(cells, at, &piece[..*count as usize]),
                    SectorFate::Garbage => cells[at..at + length].fill(Cell::Any),
                    SectorFate::Collateral => {
                        let sector = device.sector as usize;
                        let start = at / sector * sector;
                        let end = (start + sector).min(cells.len());
                        cells[start..end].fill(Cell::Any);
                        collateral.push(start..start + sector);
                    }
                    SectorFate::Lost => {}
                }
            }
        }
    }
    collateral
}

#[derive(Debug, Clone)]
enum Step {
    Write { name: u8, offset: usize, length: usize, value: u8 },
    SetLen { name: u8, length: usize },
    Sync { name: u8 },
    SyncNames,
    Rename { from: u8, to: u8 },
    Remove { name: u8 },
    Kill,
    PowerLoss,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = || 0..3u8;
    let step = prop_oneof![
        8 => (name(), 0..9000usize, 0..3000usize, 1..255u8)
            .prop_map(|(name, offset, length, value)| Step::Write { name, offset, length, value }),
        4 => (name(), 0..12usize, 0..3usize, 1..255u8)
            .prop_map(|(name, page, pages, value)| Step::Write { name, offset: page * 512, length: pages * 512, value }),
        2 => (name(), 0..10_000usize).prop_map(|(name, length)| Step::SetLen { name, length }),
        3 => name().prop_map(|name| Step::Sync { name }),
        2 => Just(Step::SyncNames),
        2 => (name(), name()).prop_map(|(from, to)| Step::Rename { from, to }),
        1 => name().prop_map(|name| Step::Remove { name }),
        1 => Just(Step::Kill),
        2 => Just(Step::PowerLoss),
    ];
    proptest::collection::vec(step, 1..60)
}

fn path(name: u8) -> PathBuf {
    PathBuf::from(format!("/db/{name}"))
}

fn take(desk: &mut Desk, naive: &mut Naive, step: Step, device: Device) {
    match step {
        Step::Write { name, offset, length, value } => {
            let handle = desk.open(&path(name).to_string_lossy());
            let file = naive.open(name);
            // A few different bytes, so that a shifted write shows.
            let bytes: Vec<u8> = (0..length).map(|index| value ^ (index / 100) as u8).collect();
            if length > 0 {
                desk.put(handle, offset as u64, &bytes);
                naive.write(file, offset, bytes);
            }
            desk.disk.close(handle);
        }
        Step::SetLen { name, length } => {
            let handle = desk.open(&path(name).to_string_lossy());
            desk.set_len(handle, length as u64, None).expect("no fault");
            desk.disk.close(handle);
            let file = naive.open(name);
            naive.set_len(file, length);
        }
        Step::Sync { name } => {
            let handle = desk.open(&path(name).to_string_lossy());
            desk.sync(handle, None).expect("no fault");
            desk.disk.close(handle);
            let file = naive.open(name);
            naive.sync(file);
        }
        Step::SyncNames => {
            desk.with(&DIRECTORY, |disk, call| disk.sync_directory(Path::new("/db"), None, call))
                .expect("no fault");
            naive.sync_names();
            // Files that no name reaches any more are gone, with what was pending for them.
            forget_unreachable(naive);
        }
        Step::Rename { from, to } => {
            let outcome = desk.with(&NAME, |disk, call| disk.rename(&path(from), &path(to), None, call));
            assert_eq!(outcome.is_ok(), naive.names.contains_key(&from));
            naive.rename(from, to);
            forget_unreachable(naive);
        }
        Step::Remove { name } => {
            let outcome = desk.with(&NAME, |disk, call| disk.remove(&path(name), None, call));
            assert_eq!(outcome.is_ok(), naive.names.contains_key(&name));
            naive.remove(name);
            forget_unreachable(naive);
        }
        Step::Kill => desk.with(&SYNC, |disk, call| disk.process_killed(call)),
        Step::PowerLoss => {
            assert_eq!(desk.disk.unsynced_count(), naive.pending.len());
            let survivor = desk.with(&SYNC, |disk, call| disk.power_loss(call));
            assert_eq!(survivor.fates.len(), naive.pending.len());
            naive.power_loss(device, &survivor);
        }
    }
}

fn forget_unreachable(naive: &mut Naive) {
    let reached: Vec<usize> = naive
        .names
        .values()
        .chain(naive.durable_names.values())
        .copied()
        .chain(naive.pending.iter().filter_map(|change| match change {
            Change::Link { file, .. } | Change::Rename { file, .. } => Some(*file),
            Change::Write { .. } | Change::Length { .. } | Change::Unlink { .. } => None,
        }))
        .collect();
    naive.pending.retain(|change| match change {
        Change::Write { file, .. } | Change::Length { file, .. } => reached.contains(file),
        Change::Link { .. } | Change::Unlink { .. } | Change::Rename { .. } => true,
    });
}

fn assert_same(files: &BTreeMap<PathBuf, Vec<u8>>, names: &BTreeMap<u8, usize>, contents: &[Vec<Cell>]) {
    let expected: Vec<PathBuf> = names.keys().map(|&name| path(name)).collect();
    assert_eq!(files.keys().cloned().collect::<Vec<_>>(), expected);
    for (&name, &file) in names {
        let bytes = &files[&path(name)];
        assert_eq!(bytes.len(), contents[file].len(), "length of {name}");
        let differs = bytes.iter().zip(&contents[file]).position(|(&byte, cell)| match cell {
            Cell::Is(value) => byte != *value,
            Cell::Hole => byte != 0,
            Cell::Any => false,
        });
        assert_eq!(differs, None, "first differing byte of {name}");
    }
}

fn compare(disk: &Disk, naive: &Naive) {
    assert_same(&disk.cached_image(), &naive.names, &naive.cached);
    assert_same(&disk.synced_image(), &naive.durable_names, &naive.durable);
    // A doubled rename gives one file two names.
    let files: BTreeSet<usize> = naive.names.values().copied().collect();
    let used: usize = files.iter().map(|&file| naive.cached[file].len()).sum();
    assert!(disk.used() >= used as u64);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_disk_does_what_a_naive_disk_does(steps in steps(), seed: u64, which in 0..3usize) {
        let devices = [
            Device { sector: 512, atomic: true },
            Device { sector: 4096, atomic: true },
            Device { sector: 512, atomic: false },
        ];
        let device = devices[which];
        let mut desk = Desk::new(DiskConfig { device, ..DiskConfig::default() }, Decisions::seeded(seed));
        let mut naive = Naive::default();
        for step in steps {
            take(&mut desk, &mut naive, step, device);
            compare(&desk.disk, &naive);
        }
    }

    #[test]
    fn every_representative_leaves_a_disk_that_its_fates_describe(steps in steps()) {
        let device = Device { sector: 512, atomic: false };
        let mut desk = Desk::new(DiskConfig { device, ..DiskConfig::default() }, Decisions::tame(1));
        let mut naive = Naive::default();
        for step in steps.into_iter().filter(|step| !matches!(step, Step::Kill | Step::PowerLoss)) {
            take(&mut desk, &mut naive, step, device);
        }
        for survivor in desk.disk.representatives().iter().take(120) {
            let mut disk = desk.disk.clone();
            disk.power_loss_with(survivor);
            let mut naive = Naive {
                cached: Vec::new(),
                durable: naive.durable.clone(),
                names: BTreeMap::new(),
                durable_names: naive.durable_names.clone(),
                pending: naive.pending.clone(),
            };
            naive.power_loss(device, survivor);
            compare(&disk, &naive);
        }
        prop_assert_eq!(desk.disk.without_unsynced().cached_image(), desk.disk.synced_image());
    }
}

#[test]
fn an_open_file_can_be_created_exclusively_only_once() {
    let mut desk = Desk::tame();
    let mut create = || {
        desk.with(&NAME, |disk, call| disk.open(Path::new("/db/0"), OpenMode::CreateNew, 1, None, call))
            .is_ok()
    };
    assert!(create() && !create());
}
