//! Every sync, every directory sync and every ordering barrier of the engine is load-bearing: made to do nothing, one
//! after the other, each breaks a promise that torture notices. What could not be noticed would be superfluous, or a
//! hole in the simulator.

use env::{Label, LabelKind};
use torture::engine::Engine;
use torture::profile::Profile;
use torture::run::{RunSettings, run};

/// Seeds that each sabotage gets.
const SEEDS: u64 = 600;

const PROFILES: [Profile; 4] = [
    Profile::Accounting,
    Profile::Faults(faults::Profile::Power),
    Profile::Cycles,
    Profile::Faults(faults::Profile::Storm),
];

/// What these seeds do not prove, and why. The list may only shrink.
const UNPROVEN: [(&str, &str); 3] = [
    (
        "pager.create.directory.sync",
        "the log's creation syncs the same directory before anything is acknowledged",
    ),
    (
        "pager.open.directory.sync",
        "the log's creation syncs the same directory before anything is acknowledged",
    ),
    (
        "wal.recover.contents.sync",
        "needs a crash between two calls of one recovery that keeps the later write and loses the earlier; the story of trap 4 \
         tells it, and fails without it",
    ),
];

fn load_bearing() -> Vec<&'static Label> {
    let kinds = [LabelKind::Sync, LabelKind::DirectorySync, LabelKind::Barrier];
    let unproven = |label: &Label| UNPROVEN.iter().any(|(name, _)| *name == label.name);
    let all = torture::labels::all().into_iter();
    all.filter(|label| kinds.contains(&label.kind) && !unproven(label)).collect()
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
    let blind: Vec<&str> =
        labels.iter().filter(|label| noticed(label).is_none()).map(|label| label.name).collect();
    assert!(blind.is_empty(), "nobody notices when these do nothing: {}", blind.join(", "));
}
