//! Survivor states: what a power loss leaves of the changes that no sync has covered.
//!
//! Pure functions. The caller lists the unsynced changes of all files and directories in the order in which they were
//! made; [`draw`] decides the fate of each from the decision source, [`representatives`] lists the states that an
//! exhaustive search visits. The caller then applies the fates to its images.
//!
//! What can happen to a change, by the strategy that the crash's one whole choice selects:
//!
//! | strategy | what survives |
//! |---|---|
//! | everything | all of it (the tame default) |
//! | nothing | only what was synced |
//! | prefix | all changes up to a point of time, across files |
//! | prefix by file | of each file and directory its own prefix |
//! | any writes | each change on its own: kept, lost, its length without its data, or torn |
//! | any sectors | each sector of each write on its own: kept, lost, garbage |
//! | torn last | a prefix whose last write is torn by sectors |
//!
//! Invariants
//!
//! 1. Synced bytes are never touched, except, on a device without sector atomicity, the rest of a sector that an
//!    unsynced write was tearing ([`SectorFate::Collateral`]).
//! 2. Two unsynced writes of one sector reach the device in their order: a cache writes a sector with all it holds, so the
//!    later one never survives without the earlier.
//! 3. Fate 0 of every choice is "kept".

mod representatives;
mod words;

pub use representatives::representatives;
pub use words::{meaning, word};

use crate::call::Call;
use crate::decisions::{Chance, Concern, Part, Weights};
use crate::kind::FaultKind;
use std::collections::BTreeSet;

/// The device's promise about one sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Bytes of a sector: 512 or 4096.
    pub sector: u32,
    /// Whether a sector is written wholly or not at all, if it is not destroyed. If not, it can be cut at any byte, and
    /// the old bytes in it can be damaged.
    pub atomic: bool,
}

impl Default for Device {
    fn default() -> Device {
        Device { sector: 512, atomic: true }
    }
}

impl Device {
    /// The sectors that a write touches, as (offset, length) of the write's part in each.
    pub fn pieces(self, offset: u64, length: u64) -> impl Iterator<Item = (u64, u64)> {
        let sector = u64::from(self.sector.max(1));
        let end = offset.saturating_add(length);
        let mut next = offset;
        std::iter::from_fn(move || {
            let start = next;
            if start >= end {
                return None;
            }
            next = ((start / sector + 1) * sector).min(end);
            Some((start, next - start))
        })
    }

    fn sectors(self, offset: u64, length: u64) -> usize {
        self.pieces(offset, length).count()
    }
}

/// What was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Bytes of a file.
    Write {
        /// Where.
        offset: u64,
        /// How many.
        length: u64,
        /// Whether it reaches beyond the durable length, so that the length can survive without the bytes.
        grows: bool,
    },
    /// A file's length.
    Length,
    /// A directory's entry.
    Entry {
        /// It is a rename, which a crash can leave with both names.
        rename: bool,
    },
}

/// One change that no sync has covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsynced {
    /// The file or directory, by any number that tells them apart.
    pub object: u64,
    /// What was changed.
    pub change: Change,
}

/// What stands where a length survived without its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filler {
    /// Zeros.
    Zeros,
    /// Bytes of something else.
    Garbage,
}

/// What became of the part of a write that lies in one sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectorFate {
    /// It is there.
    Kept,
    /// The old bytes are there.
    Lost,
    /// Neither: garbage.
    Garbage,
    /// Its first bytes are there, then the old ones (no sector atomicity).
    Cut(u32),
    /// The whole sector is garbage, also what the write did not touch (no sector atomicity).
    Collateral,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It survived.
    Kept,
    /// It is as if it had not been made.
    Lost,
    /// The file's growth survived, the bytes did not.
    LengthOnly(Filler),
    /// Sector by sector.
    Torn(Vec<SectorFate>),
    /// A rename left both names.
    Doubled,
}

impl Fate {
    /// The fault that this fate is; `None` when nothing happened.
    pub fn fault(&self, change: Change) -> Option<FaultKind> {
        match (self, change) {
            (Fate::Kept, _) => None,
            (Fate::Lost | Fate::Doubled, Change::Entry { .. }) => Some(FaultKind::EntryLost),
            (Fate::Lost, Change::Length) => Some(FaultKind::LengthLost),
            (Fate::Torn(sectors), _) if sectors.contains(&SectorFate::Collateral) => {
                Some(FaultKind::CollateralTear)
            }
            (Fate::Torn(_), _) => Some(FaultKind::TornWrite),
            (Fate::LengthOnly(_), _) => Some(FaultKind::GrownWithoutData),
            (Fate::Lost | Fate::Doubled, _) => Some(FaultKind::UnsyncedLost),
        }
    }
}

/// How the fates of a crash are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Strategy {
    /// Everything survives.
    Everything,
    /// Only what was synced survives.
    Nothing,
    /// All changes up to a point of time survive.
    Prefix,
    /// Of each file and directory a prefix of its own survives.
    PrefixByFile,
    /// Each change meets its own fate.
    AnyWrites,
    /// Each sector of each write meets its own fate.
    AnySectors,
    /// A prefix survives, and its last write is torn.
    TornLast,
}

impl Strategy {
    /// All strategies, in the order of their options.
    pub const ALL: [Strategy; 7] = [
        Strategy::Everything,
        Strategy::Nothing,
        Strategy::Prefix,
        Strategy::PrefixByFile,
        Strategy::AnyWrites,
        Strategy::AnySectors,
        Strategy::TornLast,
    ];

    /// Its name in traces and stories.
    pub fn name(self) -> &'static str {
        match self {
            Strategy::Everything => "everything survives",
            Strategy::Nothing => "nothing unsynced survives",
            Strategy::Prefix => "a prefix survives",
            Strategy::PrefixByFile => "a prefix of each file survives",
            Strategy::AnyWrites => "any writes survive",
            Strategy::AnySectors => "any sectors survive",
            Strategy::TornLast => "a prefix survives, its last write torn",
        }
    }
}

/// The fates of all changes at one crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// How they were drawn.
    pub strategy: Strategy,
    /// One for each change, in order.
    pub fates: Vec<Fate>,
}

/// Chances of the strategies, in parts of a million.
const STRATEGY_RATES: [u32; 6] = [170_000, 160_000, 120_000, 240_000, 120_000, 140_000];
/// Chances of lost, length with zeros, length with garbage, torn. Where no length can survive, both mean lost.
const WRITE_RATES: [u32; 4] = [250_000, 100_000, 100_000, 120_000];
/// Chances of lost, garbage, cut, collateral.
const SECTOR_RATES: [u32; 4] = [400_000, 60_000, 100_000, 60_000];
/// Chances of lost, doubled.
const ENTRY_RATES: [u32; 2] = [450_000, 80_000];

/// Decides the fate of each change by the choices of [`Concern::Survivor`] at `call`: one whole choice of the strategy,
/// refined by cut, write, sector and entry.
pub fn draw(changes: &[Unsynced], device: Device, call: &mut Call<'_>) -> Survivor {
    let weights = Weights::new(&STRATEGY_RATES);
    let options = Strategy::ALL.len() as u32;
    // With nothing unsynced there is nothing to decide, but the choice is still recorded.
    let chance = if changes.is_empty() { Chance::Never } else { Chance::Weighted(&weights) };
    let chosen = call.decisions.choose(Concern::Survivor, call.task, call.label, options, chance);
    let strategy = Strategy::ALL.get(chosen as usize).copied().unwrap_or(Strategy::Everything);
    let fates = match strategy {
        Strategy::Everything => vec![Fate::Kept; changes.len()],
        Strategy::Nothing => vec![Fate::Lost; changes.len()],
        Strategy::Prefix => prefix(changes.len(), cut(call, 0, changes.len())),
        Strategy::PrefixByFile => prefix_by_file(changes, call),
        Strategy::AnyWrites => any_writes(changes, device, call),
        Strategy::AnySectors => any_sectors(changes, device, call),
        Strategy::TornLast => torn_last(changes, device, call),
    };
    Survivor { strategy, fates }
}

/// How many of `count` changes survive; the default is all.
fn cut(call: &mut Call<'_>, index: u32, count: usize) -> usize {
    let options = u32::try_from(count + 1).unwrap_or(u32::MAX);
    let lost = call.part_of(Concern::Survivor, (Part::Cut, index), options, Chance::Even);
    count.saturating_sub(lost as usize)
}

fn prefix(count: usize, kept: usize) -> Vec<Fate> {
    (0..count).map(|index| if index < kept { Fate::Kept } else { Fate::Lost }).collect()
}

fn prefix_by_file(changes: &[Unsynced], call: &mut Call<'_>) -> Vec<Fate> {
    let objects: BTreeSet<u64> = changes.iter().map(|change| change.object).collect();
    let mut fates = vec![Fate::Kept; changes.len()];
    for (index, object) in objects.into_iter().enumerate() {
        let of_object = || changes.iter().enumerate().filter(move |(_, change)| change.object == object);
        let kept = cut(call, index as u32, of_object().count());
        for (position, _) in of_object().skip(kept) {
            fates[position] = Fate::Lost;
        }
    }
    fates
}

fn any_writes(changes: &[Unsynced], device: Device, call: &mut Call<'_>) -> Vec<Fate> {
    let (writes, sectors, entries) =
        (Weights::new(&WRITE_RATES), Weights::new(&SECTOR_RATES), Weights::new(&ENTRY_RATES));
    let mut sector_number = 0;
    let mut fates = Vec::with_capacity(changes.len());
    for (index, unsynced) in changes.iter().enumerate() {
        let index = index as u32;
        fates.push(match unsynced.change {
            Change::Entry { rename } => entry_fate(rename, index, &entries, call),
            Change::Length => length_fate(index, call),
            Change::Write { offset, length, grows } => {
                match call.part_of(Concern::Survivor, (Part::Write, index), 5, Chance::Weighted(&writes)) {
                    0 => Fate::Kept,
                    2 if grows => Fate::LengthOnly(Filler::Zeros),
                    3 if grows => Fate::LengthOnly(Filler::Garbage),
                    4 => torn(offset, length, device, &mut sector_number, &sectors, call),
                    _ => Fate::Lost,
                }
            }
        });
    }
    keep_order_within_sectors(changes, device, &mut fates);
    fates
}

fn any_sectors(changes: &[Unsynced], device: Device, call: &mut Call<'_>) -> Vec<Fate> {
    let (sectors, entries) = (Weights::new(&SECTOR_RATES), Weights::new(&ENTRY_RATES));
    let mut sector_number = 0;
    let mut fates = Vec::with_capacity(changes.len());
    for (index, unsynced) in changes.iter().enumerate() {
        fates.push(match unsynced.change {
            Change::Entry { rename } => entry_fate(rename, index as u32, &entries, call),
            Change::Length => length_fate(index as u32, call),
            Change::Write { offset, length, .. } => {
                torn(offset, length, device, &mut sector_number, &sectors, call)
            }
        });
    }
    keep_order_within_sectors(changes, device, &mut fates);
    fates
}

fn torn_last(changes: &[Unsynced], device: Device, call: &mut Call<'_>) -> Vec<Fate> {
    let kept = cut(call, 0, changes.len());
    let mut fates = prefix(changes.len(), kept);
    let last = changes[..kept].iter().rposition(|unsynced| matches!(unsynced.change, Change::Write { .. }));
    if let Some(last) = last
        && let Change::Write { offset, length, .. } = changes[last].change
    {
        fates[last] = torn(offset, length, device, &mut 0, &Weights::new(&SECTOR_RATES), call);
    }
    fates
}

fn entry_fate(rename: bool, index: u32, weights: &Weights, call: &mut Call<'_>) -> Fate {
    match call.part_of(Concern::Survivor, (Part::Entry, index), 3, Chance::Weighted(weights)) {
        0 => Fate::Kept,
        2 if rename => Fate::Doubled,
        _ => Fate::Lost,
    }
}

fn length_fate(index: u32, call: &mut Call<'_>) -> Fate {
    match call.part_of(Concern::Survivor, (Part::Write, index), 2, Chance::Even) {
        0 => Fate::Kept,
        _ => Fate::Lost,
    }
}

/// Decides sector by sector. `number` counts the sectors of the whole crash, so that each has a name.
fn torn(
    offset: u64,
    length: u64,
    device: Device,
    number: &mut u32,
    weights: &Weights,
    call: &mut Call<'_>,
) -> Fate {
    let mut sectors = Vec::with_capacity(device.sectors(offset, length));
    for (_, length) in device.pieces(offset, length) {
        let name = (Part::Sector, *number);
        *number = number.saturating_add(1);
        let chosen = call.part_of(Concern::Survivor, name, 5, Chance::Weighted(weights));
        sectors.push(match chosen {
            0 => SectorFate::Kept,
            2 => SectorFate::Garbage,
            3 if !device.atomic => {
                let options = u32::try_from(length).unwrap_or(u32::MAX);
                let index = name.1;
                SectorFate::Cut(call.part_of(Concern::Survivor, (Part::Length, index), options, Chance::Even))
            }
            4 if !device.atomic => SectorFate::Collateral,
            _ => SectorFate::Lost,
        });
    }
    settle_torn(sectors)
}

/// A write all of whose sectors met the simplest fates is not torn.
fn settle_torn(sectors: Vec<SectorFate>) -> Fate {
    if sectors.iter().all(|&fate| fate == SectorFate::Kept) {
        Fate::Kept
    } else if sectors.iter().all(|&fate| fate == SectorFate::Lost) {
        Fate::Lost
    } else {
        Fate::Torn(sectors)
    }
}

/// Invariant 2: where a later write's sector reached the device in any form, the earlier ones of that sector did too.
fn keep_order_within_sectors(changes: &[Unsynced], device: Device, fates: &mut [Fate]) {
    let mut reached: BTreeSet<(u64, u64)> = BTreeSet::new();
    for (unsynced, fate) in changes.iter().zip(fates.iter_mut()).rev() {
        let Change::Write { offset, length, .. } = unsynced.change else { continue };
        let key = |at: u64| (unsynced.object, at / u64::from(device.sector.max(1)));
        let forced =
            *fate != Fate::Kept && device.pieces(offset, length).any(|(at, _)| reached.contains(&key(at)));
        if forced {
            let count = device.sectors(offset, length);
            let mut sectors = match std::mem::replace(fate, Fate::Kept) {
                Fate::Torn(sectors) => sectors,
                Fate::Kept => vec![SectorFate::Kept; count],
                Fate::Lost | Fate::LengthOnly(_) | Fate::Doubled => vec![SectorFate::Lost; count],
            };
            for (sector, (at, _)) in sectors.iter_mut().zip(device.pieces(offset, length)) {
                if reached.contains(&key(at)) {
                    *sector = SectorFate::Kept;
                }
            }
            *fate = settle_torn(sectors);
        }
        match fate {
            Fate::Kept => reached.extend(device.pieces(offset, length).map(|(at, _)| key(at))),
            Fate::Torn(sectors) => {
                let there = sectors.iter().zip(device.pieces(offset, length));
                reached
                    .extend(there.filter(|(fate, _)| **fate != SectorFate::Lost).map(|(_, (at, _))| key(at)));
            }
            Fate::Lost | Fate::LengthOnly(_) | Fate::Doubled => {}
        }
    }
}

/// Garbage, the same for the same seed and offset: what stands in a destroyed sector.
pub fn fill_garbage(seed: u64, offset: u64, bytes: &mut [u8]) {
    let mut state = seed ^ offset.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for byte in bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = (state >> 24) as u8;
    }
}

#[cfg(test)]
mod tests;
