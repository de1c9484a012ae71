//! Every sync, every directory sync and every ordering barrier of the engine is load-bearing: made to do nothing, one
//! after the other, each breaks a promise that torture notices. What could not be noticed would be superfluous, or a
//! hole in the simulator.

use env::{Label, LabelKind};
use std::collections::BTreeMap;
use torture::engine::Engine;
use torture::profile::Profile;
use torture::run::{RunSettings, run};

/// Seeds that each sabotage gets.
const SEEDS: u64 = 1500;

/// Calls that are known to matter and that no seed of these profiles notices so far: a list that may only shrink.
///
/// * `pager.reopen.superblock.sync`: a superblock found at opening must be durable before its predecessor's pages and log are
///   used again. One seed in some 1,500 of the fourth trap at 4,096 bytes did not open before the call was there.
const UNPROVEN: [&str; 1] = ["pager.reopen.superblock.sync"];

const PROFILES: [Profile; 4] = [
    Profile::Accounting,
    Profile::Faults(faults::Profile::Power),
    Profile::Cycles,
    Profile::Faults(faults::Profile::Storm),
];

fn load_bearing() -> Vec<&'static Label> {
    let kinds = [LabelKind::Sync, LabelKind::DirectorySync, LabelKind::Barrier];
    torture::labels::all().into_iter().filter(|label| kinds.contains(&label.kind)).collect()
}

/// The first seed that notices the sabotage of `label`.
fn noticed(label: &Label) -> Option<u64> {
    let subject = Engine::subject();
    (0..SEEDS).find(|seed| {
        let profile = PROFILES[(*seed % PROFILES.len() as u64) as usize];
        let sound = RunSettings::new(profile);
        let sabotaged = RunSettings { sabotage: Some(label.name.to_owned()), ..sound.clone() };
        // What fails without sabotage shows nothing about it.
        run(&subject, *seed, &sabotaged).failure.is_some() && run(&subject, *seed, &sound).failure.is_none()
    })
}

#[test]
fn every_sync_and_every_barrier_is_load_bearing() {
    let labels = load_bearing();
    assert!(labels.len() >= 15, "the engine has more syncs and barriers than {}", labels.len());
    let first: BTreeMap<&str, Option<u64>> = labels
        .iter()
        .filter(|label| !UNPROVEN.contains(&label.name))
        .map(|label| (label.name, noticed(label)))
        .collect();
    println!("first seed that notices: {first:?}");
    let blind: Vec<&str> = first.iter().filter(|(_, seed)| seed.is_none()).map(|(name, _)| *name).collect();
    assert!(blind.is_empty(), "nobody notices when these do nothing: {}", blind.join(", "));
}
