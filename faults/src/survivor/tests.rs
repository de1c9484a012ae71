use super::*;
use crate::decisions::Decisions;
use crate::ledger::Ledger;

env::labels! { CRASH: "test.crash", Sync, "a label for tests"; }

fn write(object: u64, offset: u64, length: u64) -> Unsynced {
    Unsynced { object, change: Change::Write { offset, length, grows: false } }
}

fn draw_with(changes: &[Unsynced], device: Device, mut decisions: Decisions) -> (Survivor, Decisions) {
    let mut ledger = Ledger::new();
    let task = decisions.task("main");
    let mut call = Call { decisions: &mut decisions, ledger: &mut ledger, task, label: &CRASH, step: 1 };
    (draw(changes, device, &mut call), decisions)
}

fn some_changes() -> Vec<Unsynced> {
    vec![
        Unsynced { object: 9, change: Change::Entry { rename: false } },
        write(1, 0, 512),
        Unsynced { object: 1, change: Change::Write { offset: 512, length: 1500, grows: true } },
        Unsynced { object: 1, change: Change::Length },
        write(2, 100, 300),
        write(2, 300, 100),
        Unsynced { object: 9, change: Change::Entry { rename: true } },
    ]
}

#[test]
fn a_tame_crash_keeps_everything() {
    let (survivor, decisions) = draw_with(&some_changes(), Device::default(), Decisions::tame(1));
    assert_eq!(survivor.fates, vec![Fate::Kept; 7]);
    assert_eq!(decisions.count(), 1);
}

#[test]
fn every_strategy_and_every_fate_is_reached() {
    let device = Device { sector: 512, atomic: false };
    let (mut strategies, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..400 {
        let (survivor, _) = draw_with(&some_changes(), device, Decisions::seeded(seed));
        strategies.insert(survivor.strategy);
        for (fate, unsynced) in survivor.fates.iter().zip(some_changes()) {
            kinds.extend(fate.fault(unsynced.change));
        }
    }
    assert_eq!(strategies.len(), Strategy::ALL.len());
    assert_eq!(kinds.len(), 6, "{kinds:?}");
}

#[test]
fn a_crash_replays_from_its_deviations() {
    for seed in 0..50 {
        let (survivor, decisions) = draw_with(&some_changes(), Device::default(), Decisions::seeded(seed));
        let again = Decisions::replay(seed, &decisions.deviations());
        assert_eq!(draw_with(&some_changes(), Device::default(), again).0, survivor);
    }
}

#[test]
fn a_device_with_atomic_sectors_never_cuts_one_or_harms_its_neighbours() {
    for seed in 0..200 {
        let (survivor, _) = draw_with(&some_changes(), Device::default(), Decisions::seeded(seed));
        for fate in survivor.fates {
            if let Fate::Torn(sectors) = fate {
                assert!(
                    !sectors.iter().any(|fate| matches!(fate, SectorFate::Cut(_) | SectorFate::Collateral))
                );
            }
        }
    }
}

#[test]
fn a_later_write_of_a_sector_never_survives_without_the_earlier_one() {
    let changes = [write(1, 0, 100), write(1, 100, 1000), write(1, 600, 10)];
    let device = Device::default();
    for seed in 0..500 {
        let (survivor, _) = draw_with(&changes, device, Decisions::seeded(seed));
        let mut reached = BTreeSet::new();
        for (unsynced, fate) in changes.iter().zip(&survivor.fates).rev() {
            let Change::Write { offset, length, .. } = unsynced.change else { continue };
            for (index, (at, _)) in device.pieces(offset, length).enumerate() {
                let there = match fate {
                    Fate::Kept => SectorFate::Kept,
                    Fate::Torn(sectors) => sectors[index],
                    Fate::Lost | Fate::LengthOnly(_) | Fate::Doubled => SectorFate::Lost,
                };
                assert!(
                    !reached.contains(&(at / 512)) || there == SectorFate::Kept,
                    "seed {seed}: {survivor:?}"
                );
                if there != SectorFate::Lost {
                    reached.insert(at / 512);
                }
            }
        }
    }
}

#[test]
fn pieces_end_at_sector_bounds() {
    let pieces: Vec<_> = Device::default().pieces(500, 1100).collect();
    assert_eq!(pieces, [(500, 12), (512, 512), (1024, 512), (1536, 64)]);
    assert_eq!(Device::default().pieces(512, 0).count(), 0);
}

#[test]
fn representatives_cover_each_change_alone_and_missing_and_hold_no_doubles_of_note() {
    let changes = some_changes();
    for device in
        [Device::default(), Device { sector: 4096, atomic: true }, Device { sector: 512, atomic: false }]
    {
        let states = representatives(&changes, device);
        assert!(states.iter().all(|state| state.fates.len() == changes.len()));
        for index in 0..changes.len() {
            let lone = |fate: &Fate, other: &Fate| {
                states.iter().any(|state| {
                    state.fates[index] == *fate
                        && state.fates.iter().enumerate().all(|(at, fate)| at == index || fate == other)
                })
            };
            // A later write of a sector is not there without the earlier one: 5 not without 4 and, in sectors of 4096
            // bytes, 2 not without 1.
            let (first, second) = if device.sector == 512 { ([4, 4], [5, 5]) } else { ([1, 4], [2, 5]) };
            assert!(lone(&Fate::Lost, &Fate::Kept) != first.contains(&index), "{index} is missing");
            assert!(lone(&Fate::Kept, &Fate::Lost) != second.contains(&index), "{index} alone");
        }
        let mut unique = states.clone();
        unique.dedup();
        assert_eq!(unique.len(), states.len());
        assert!(states.len() < 80, "{}", states.len());
        for strategy in [Strategy::PrefixByFile, Strategy::AnySectors] {
            assert!(states.iter().any(|state| state.strategy == strategy), "{}", strategy.name());
        }
    }
    assert_eq!(representatives(&[], Device::default()).len(), 1);
}
