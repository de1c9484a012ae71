//! Plays every scenario file and holds it to its verdict and to the labels that it must reach. Each of the eight traps is
//! there as a told story, which goes into it in one run, and as stretches of seeds, which go where nobody thought of.

use env::real::RealEnv;
use env::{Env, FileExt, OpenMode};
use std::path::{Path, PathBuf};
use torture::engine::Engine;
use torture::scenario::Scenario;

env::labels! {
    LIST: "test.scenarios.list", Directory, "no scenario is played";
    OPEN: "test.scenarios.open", Directory, "no scenario is played";
    LENGTH: "test.scenarios.length", Length, "no scenario is played";
    READ: "test.scenarios.read", Read, "no scenario is played";
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios")
}

fn scenarios() -> Vec<(String, Scenario)> {
    let env = RealEnv::new();
    let mut scenarios = Vec::new();
    for name in env.list(&LIST, &directory()).expect("the scenarios are there") {
        if name.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let file = env.open(&OPEN, &directory().join(&name), OpenMode::ReadOnly).expect("it can be read");
        let mut bytes = vec![0; file.len(&LENGTH).expect("it has a length") as usize];
        file.read_exact_at(&READ, 0, &mut bytes).expect("it can be read");
        let name = name.file_stem().expect("it has a name").to_string_lossy().into_owned();
        let text = String::from_utf8(bytes).expect("it is text");
        let scenario = Scenario::from_toml(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        scenarios.push((name, scenario));
    }
    scenarios
}

fn play(chosen: impl Fn(&str) -> bool) {
    let mut surprises = Vec::new();
    let mut played = 0;
    for (name, scenario) in scenarios().into_iter().filter(|(name, _)| chosen(name)) {
        played += 1;
        if let Err(surprise) = scenario.play(&Engine::subject()) {
            surprises.push(format!("{name}: {surprise}"));
        }
    }
    assert!(played > 0, "no scenario was chosen");
    assert!(surprises.is_empty(), "{} of {played}:\n{}", surprises.len(), surprises.join("\n"));
}

/// A trap's story is named like its stretches of seeds, without a sector size.
fn is_story(name: &str) -> bool {
    name.starts_with("trap-") && !["-512", "-4096", "-none"].iter().any(|size| name.ends_with(size))
}

#[test]
fn the_stories_of_the_traps_go_as_told_at_every_sector_size() {
    play(is_story);
}

#[test]
fn each_trap_needs_the_calls_that_its_story_names() {
    let mut blind = Vec::new();
    let mut named = 0;
    for (name, scenario) in scenarios() {
        for label in &scenario.fails_without {
            named += 1;
            if !scenario.notices_loss_of(&Engine::subject(), label).expect("it was read") {
                blind.push(format!("{name} goes as told without {label}"));
            }
        }
    }
    assert!(named >= 7, "{named}");
    assert!(blind.is_empty(), "{}", blind.join("\n"));
}

#[test]
fn the_traps_are_avoided_on_sectors_of_512_bytes() {
    play(|name| name.starts_with("trap-") && name.ends_with("-512"));
}

#[test]
fn the_traps_are_avoided_on_sectors_of_4096_bytes() {
    play(|name| name.starts_with("trap-") && name.ends_with("-4096"));
}

#[test]
fn the_traps_are_avoided_where_nothing_is_written_whole() {
    play(|name| name.starts_with("trap-") && name.ends_with("-none"));
}

#[test]
fn every_other_scenario_ends_as_it_says() {
    play(|name| !name.starts_with("trap-"));
}

#[test]
fn there_are_the_eight_traps_as_stories_and_as_stretches_and_a_dozen_others() {
    let names: Vec<String> = scenarios().into_iter().map(|(name, _)| name).collect();
    for trap in 1..=8 {
        let begins = format!("trap-{trap}-");
        let of_trap = || names.iter().filter(|name| name.starts_with(&begins));
        assert_eq!(of_trap().filter(|name| is_story(name)).count(), 1, "{begins}");
        assert_eq!(of_trap().count(), 4, "{begins}");
    }
    assert!(names.len() >= 44, "{}", names.len());
}
