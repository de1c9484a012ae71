//! What runs of statements look like, pinned: the trace hashes of a few seeds, which are the same on every machine and in
//! every build profile. A change of the engine, of the simulator or of the workload changes them, and then they are pinned
//! anew (`INSTA_UPDATE=always cargo test --workspace --test statements`).

use sql_torture::SqlEngine;
use std::fmt::Write as _;
use torture::engine::Engine;
use torture::profile::Profile;
use torture::promise::Promise;
use torture::run::{RunSettings, run};
use torture::scenario::Scenario;

#[test]
fn a_few_seeds_keep_their_trace_hashes() {
    let subject = SqlEngine::subject();
    let mut text = String::new();
    for seed in 0..5 {
        let outcome = run(&subject, seed, &RunSettings::new(Profile::Sql));
        assert_eq!(outcome.failure, None, "seed {seed}");
        let commits = outcome.report.commits_acknowledged;
        writeln!(text, "{seed} {:6} steps {commits:3} commits {:016x}", outcome.steps, outcome.hash)
            .expect("a String takes everything");
    }
    insta::with_settings!({ snapshot_path => "../../../snapshots/torture", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("trace_hashes_of_statements", text);
    });
}

#[test]
fn a_seed_replays_from_its_choices_to_the_same_hash() {
    let subject = SqlEngine::subject();
    for seed in 5..7 {
        let settings = RunSettings::new(Profile::Sql);
        let first = run(&subject, seed, &settings);
        let replay = RunSettings { decisions: Some(first.decisions()), ..settings };
        let second = run(&subject, seed, &replay);
        assert_eq!((first.hash, first.steps, 0), (second.hash, second.steps, second.drift()), "seed {seed}");
        assert_eq!(first.told, second.told);
    }
}

#[test]
fn a_scenario_of_statements_reads_back_and_goes_as_its_script_says() {
    let settings = RunSettings { lives: 1, ..RunSettings::new(Profile::Sql) };
    let subject = SqlEngine::subject();
    let outcome = run(&subject, 7, &settings);
    let mut scenario = Scenario::of_run("statements".to_owned(), 7, &settings, &outcome);
    let text = scenario.to_toml().expect("every field has a TOML form");
    assert_eq!(Scenario::from_toml(&text).expect("just printed"), scenario);
    scenario.play(&subject).expect("it goes as it went");
    let lines = scenario.script.iter_mut().flat_map(|life| life.values_mut());
    lines.for_each(|lines| lines.insert(0, "SELECT 'nobody said this'".to_owned()));
    let surprise = scenario.play(&subject).err().expect("it is another script").to_string();
    assert!(surprise.contains("no longer say"), "{surprise}");
}

#[test]
fn the_bare_engine_has_no_statements() {
    let outcome = run(&Engine::subject(), 0, &RunSettings::new(Profile::Sql));
    let failure = outcome.failure.expect("it cannot be run");
    assert_eq!(failure.promise, Promise::NoFalseAlarm);
}
