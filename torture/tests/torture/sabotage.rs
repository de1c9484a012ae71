//! Every sync, every directory sync and every ordering barrier of the engine is load-bearing: made to do nothing, one
//! after the other, each breaks a promise that torture notices. What could not be noticed would be superfluous, or a
//! hole in the simulator.

use env::{Label, LabelKind};
use std::collections::BTreeMap;
use torture::engine::Engine;
use torture::profile::Profile;
use torture::run::{RunSettings, run};
use torture::scenario::Scenario;

/// Seeds that each sabotage gets; most need a handful.
const SEEDS: u64 = 200;

/// A told scenario for a call that matters only where three things meet, which seeds hardly ever bring together.
const STORIES: [(&str, &str); 1] = [(
    "pager.reopen.superblock.sync",
    include_str!("../../../scenarios/superblock-found-is-made-durable.toml"),
)];

const PROFILES: [Profile; 5] = [
    Profile::Accounting,
    Profile::Faults(faults::Profile::Power),
    Profile::Cycles,
    Profile::Faults(faults::Profile::Storm),
    Profile::Restless,
];

fn load_bearing() -> Vec<&'static Label> {
    let kinds = [LabelKind::Sync, LabelKind::DirectorySync, LabelKind::Barrier];
    torture::labels::all(&Engine).into_iter().filter(|label| kinds.contains(&label.kind)).collect()
}

/// What notices the sabotage of `label`: the scenario that is told of it, or the first of the seeds.
fn noticed(label: &Label) -> Option<String> {
    let subject = Engine::subject();
    if let Some((_, story)) = STORIES.iter().find(|(name, _)| *name == label.name) {
        let scenario = Scenario::from_toml(story).expect("it is a scenario");
        let notices = scenario.notices_loss_of(&subject, label.name).expect("it names what exists");
        return notices.then_some(scenario.title);
    }
    let first = (0..SEEDS).find(|seed| {
        let profile = PROFILES[(*seed % PROFILES.len() as u64) as usize];
        let sound = RunSettings::new(profile);
        let sabotaged = RunSettings { sabotage: Some(label.name.to_owned()), ..sound.clone() };
        // What fails without sabotage shows nothing about it.
        run(&subject, *seed, &sabotaged).failure.is_some() && run(&subject, *seed, &sound).failure.is_none()
    });
    first.map(|seed| format!("seed {seed}"))
}

/// Every sync and barrier whose place in the list leaves `remainder`, so that two tests share them, side by side.
fn all_are_load_bearing(remainder: usize) {
    let labels = load_bearing();
    assert!(labels.len() >= 15, "the engine has more syncs and barriers than {}", labels.len());
    let ours = labels.iter().skip(remainder).step_by(2);
    let by: BTreeMap<&str, Option<String>> = ours.map(|label| (label.name, noticed(label))).collect();
    println!("noticed by: {by:#?}");
    let blind: Vec<&str> = by.iter().filter(|(_, by)| by.is_none()).map(|(name, _)| *name).collect();
    assert!(blind.is_empty(), "nobody notices when these do nothing: {}", blind.join(", "));
}

#[test]
fn every_second_sync_and_barrier_is_load_bearing() {
    all_are_load_bearing(0);
}

#[test]
fn the_other_syncs_and_barriers_are_load_bearing() {
    all_are_load_bearing(1);
}
