//! The survivor states that an exhaustive search visits at one crash point.
//!
//! All subsets of all sectors are too many; these stand for them: every prefix, every prefix with its last write torn in
//! each telling way, every prefix of one file's changes with all and with none of the others', every single change missing,
//! every single change alone, and every other sector of all writes. A change that only matters together with others missing
//! is covered by the prefixes. Random survivors ([`super::draw`]) go where these do not. The caller drops states whose images
//! are equal.

use super::{
    Change, Device, Fate, Filler, SectorFate, Strategy, Survivor, Unsynced, keep_order_within_sectors,
};
use std::collections::BTreeSet;

/// Representative survivor states for `changes`, the tame one first. Their number grows linearly with the changes.
pub fn representatives(changes: &[Unsynced], device: Device) -> Vec<Survivor> {
    let count = changes.len();
    let mut states = vec![survivor(Strategy::Everything, vec![Fate::Kept; count])];
    if count == 0 {
        return states;
    }
    states.push(survivor(Strategy::Nothing, vec![Fate::Lost; count]));
    for kept in 1..count {
        states.push(survivor(Strategy::Prefix, super::prefix(count, kept)));
    }
    for (last, unsynced) in changes.iter().enumerate() {
        for fate in partial_fates(unsynced.change, device) {
            let mut fates = super::prefix(count, last);
            fates[last] = fate;
            states.push(survivor(Strategy::TornLast, fates));
        }
    }
    states.extend(prefixes_by_file(changes, device));
    states.extend([0, 1].map(|first| every_other_sector(changes, device, first)));
    // With one change these are the first two states.
    for index in 0..if count > 1 { count } else { 0 } {
        for (rest, single) in [(Fate::Kept, Fate::Lost), (Fate::Lost, Fate::Kept)] {
            let mut fates = vec![rest; count];
            fates[index] = single;
            keep_order_within_sectors(changes, device, &mut fates);
            states.push(survivor(Strategy::AnyWrites, fates));
        }
    }
    states
}

/// Of each file every prefix, with everything that the others have, and with nothing of it.
fn prefixes_by_file(changes: &[Unsynced], device: Device) -> Vec<Survivor> {
    let objects: BTreeSet<u64> = changes.iter().map(|change| change.object).collect();
    let mut states = Vec::new();
    // Of one file the prefixes are there already.
    for object in objects.iter().filter(|_| objects.len() > 1) {
        let own = changes.iter().filter(|change| change.object == *object).count();
        for kept in 0..=own {
            for others in [Fate::Kept, Fate::Lost] {
                let mut seen = 0;
                let mut fates = Vec::with_capacity(changes.len());
                for change in changes {
                    if change.object != *object {
                        fates.push(others.clone());
                        continue;
                    }
                    fates.push(if seen < kept { Fate::Kept } else { Fate::Lost });
                    seen += 1;
                }
                keep_order_within_sectors(changes, device, &mut fates);
                states.push(survivor(Strategy::PrefixByFile, fates));
            }
        }
    }
    states
}

/// Every write has lost every other sector, counted over all of them from `first`.
fn every_other_sector(changes: &[Unsynced], device: Device, first: usize) -> Survivor {
    let mut number = first;
    let mut fates = Vec::with_capacity(changes.len());
    for unsynced in changes {
        let Change::Write { offset, length, .. } = unsynced.change else {
            fates.push(Fate::Kept);
            continue;
        };
        let sectors = (0..device.sectors(offset, length)).map(|_| {
            number += 1;
            if number.is_multiple_of(2) { SectorFate::Kept } else { SectorFate::Lost }
        });
        fates.push(Fate::Torn(sectors.collect()));
    }
    keep_order_within_sectors(changes, device, &mut fates);
    survivor(Strategy::AnySectors, fates)
}

fn survivor(strategy: Strategy, fates: Vec<Fate>) -> Survivor {
    Survivor { strategy, fates }
}

/// The ways in which a change can be there in part.
fn partial_fates(change: Change, device: Device) -> Vec<Fate> {
    let Change::Write { offset, length, grows } = change else {
        return match change {
            Change::Entry { rename: true } => vec![Fate::Doubled],
            Change::Entry { rename: false } | Change::Length | Change::Write { .. } => Vec::new(),
        };
    };
    let sectors = device.sectors(offset, length);
    let mut fates = Vec::new();
    if grows {
        fates.push(Fate::LengthOnly(Filler::Zeros));
        fates.push(Fate::LengthOnly(Filler::Garbage));
    }
    let with = |position: usize, fate: SectorFate, rest: SectorFate| {
        let mut all = vec![rest; sectors];
        all[position] = fate;
        Fate::Torn(all)
    };
    // The first sector is where a header stands, the last where a record ends.
    let mut telling = vec![0, sectors / 2, sectors - 1];
    telling.dedup();
    for &position in &telling {
        fates.push(with(position, SectorFate::Garbage, SectorFate::Kept));
        if sectors > 1 {
            fates.push(with(position, SectorFate::Lost, SectorFate::Kept));
            fates.push(with(position, SectorFate::Kept, SectorFate::Lost));
        }
        if !device.atomic {
            let (_, length) = device.pieces(offset, length).nth(position).unwrap_or((0, 1));
            let half = u32::try_from(length / 2).unwrap_or(u32::MAX);
            fates.push(with(position, SectorFate::Cut(half), SectorFate::Kept));
            fates.push(with(position, SectorFate::Collateral, SectorFate::Kept));
        }
    }
    fates
}
