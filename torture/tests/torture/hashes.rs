//! What runs look like, pinned: the trace hashes of fifty seeds, the report of a few, one trace whole, the labels. They are
//! the same on every machine and in every build profile.
//!
//! A change of the engine, of the simulator or of the workload changes them, and then they are pinned anew
//! (`INSTA_UPDATE=always cargo test --workspace --test torture hashes`). A change that nobody made shows here.

use std::fmt::Write as _;
use torture::engine::Engine;
use torture::labels;
use torture::profile::Profile;
use torture::report::Report;
use torture::run::{Keep, RunSettings, run};
use torture::scenario::Scenario;

/// Compares with the pinned text.
fn pinned(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../../../snapshots/torture", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

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
    pinned("trace_hashes_of_50_seeds", &text);
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

/// The report of a dozen stormy seeds, and of one that fails because it is sabotaged. It has no times in it: these runs are
/// made one by one, and nobody looks at a clock.
fn report() -> Report {
    let storm = Profile::Faults(faults::Profile::Storm);
    let settings = RunSettings::new(storm);
    let sabotaged = RunSettings { sabotage: Some("wal.commit.sync".into()), ..settings.clone() };
    let mut report = Report::new();
    for seed in 0..12 {
        report.merge(&run(&Engine::subject(), seed, &settings).report);
    }
    for seed in 12.. {
        let outcome = run(&Engine::subject(), seed, &sabotaged);
        report.merge(&outcome.report);
        if outcome.failure.is_some() {
            break;
        }
    }
    report
}

#[test]
fn the_report_reads_as_it_did() {
    pinned("report_as_tables", &report().to_text(0));
}

#[test]
fn the_report_has_the_json_form_it_had() {
    pinned("report_as_json", &report().to_json().expect("a report always has a JSON form"));
}

#[test]
fn the_trace_of_a_story_reads_as_it_did() {
    let text = include_str!("../../../scenarios/trap-5-shared-sector.toml");
    let story = Scenario::from_toml(text).expect("it is played by the tests").variants().swap_remove(0);
    let settings = story.settings_of_runs().expect("it is played by the tests");
    let settings = RunSettings { keep: Keep::Everything, ..settings };
    let outcome = run(&Engine::subject(), story.seed, &settings);
    pinned("trace_of_a_story", &outcome.world.trace_lines().join("\n"));
}

#[test]
fn every_label_says_what_breaks_without_it() {
    pinned("labels", &labels::table(&labels::all(&Engine)));
}
