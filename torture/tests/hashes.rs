//! Fifty seeds and the trace hashes they give, pinned: the same on every machine and in every build profile.
//!
//! A change of the engine, of the simulator or of the workload changes them, and then they are pinned anew
//! (`INSTA_UPDATE=always cargo test -p hornbeam-torture --test hashes`). A change that nobody made shows here.

use std::fmt::Write as _;
use torture::engine::Engine;
use torture::profile::Profile;
use torture::run::{RunSettings, run};

#[test]
fn fifty_seeds_keep_their_trace_hashes() {
    let subject = Engine::subject();
    let mut text = String::new();
    for seed in 0..50 {
        let profile = Profile::of_seed(seed);
        let outcome = run(&subject, seed, &RunSettings::new(profile));
        writeln!(text, "{seed:2} {:10} {:6} steps {:016x}", profile.name(), outcome.steps, outcome.hash)
            .expect("a String takes everything");
    }
    insta::with_settings!({ snapshot_path => "../../snapshots/torture", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("trace_hashes_of_50_seeds", text);
    });
}

#[test]
fn a_seed_replays_from_its_choices_to_the_same_hash() {
    let subject = Engine::subject();
    for seed in 50..60 {
        let settings = RunSettings::new(Profile::of_seed(seed));
        let first = run(&subject, seed, &settings);
        let replay = RunSettings { decisions: Some(first.decisions()), ..settings.clone() };
        let second = run(&subject, seed, &replay);
        assert_eq!((first.hash, first.steps, 0), (second.hash, second.steps, second.drift()), "seed {seed}");
        assert_eq!(run(&subject, seed, &settings).hash, first.hash, "seed {seed} again");
    }
}
