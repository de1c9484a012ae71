//! Isolation scripts: those of `snapshots/isolation`, whose outputs are PostgreSQL's own, and those of the public corpora, where
//! they are at hand (`HORNBEAM_CORPORA` names the folder), whose count may only grow. Each in real time and in simulated worlds; of the
//! short ones all orders of their steps.

use std::path::{Path, PathBuf};
use suite::isolation::explore::explore;
use suite::isolation::spec::Spec;
use suite::isolation::{Script, passed, permutations, run, scripts, simulated};

/// Permutations of the corpora that pass at least.
const PASSING: usize = 525;

/// Of its many orders most are circles in which somebody waits until he looks: a quarter of a minute that simulated worlds do not take.
const NOT_IN_REAL_TIME: &str = "short_deadlock_of_three";

/// Each script is run in worlds of so many seeds.
const SEEDS: u64 = 3;

/// The texts of a folder's files with such an end, by the stems of their names.
fn texts(folder: &Path, end: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == end));
    paths.sort();
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let read = |path: PathBuf| (stem(&path), std::fs::read_to_string(&path).unwrap_or_default());
    paths.into_iter().map(read).collect()
}

fn of_folder(folder: &Path) -> Vec<Script> {
    scripts(texts(&folder.join("specs"), "spec"), &texts(&folder.join("expected"), "out"))
}

fn printed(script: &Script) -> String {
    run(&script.text).unwrap_or_else(|error| panic!("{}: {error}", script.name))
}

fn of_snapshots() -> Vec<Script> {
    let scripts = of_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots/isolation"));
    assert!(scripts.len() >= 4, "the scripts are there");
    scripts
}

fn of_corpora() -> Vec<Script> {
    let corpora: PathBuf =
        std::env::var("HORNBEAM_CORPORA").unwrap_or("../../../shared/corpora".to_owned()).into();
    of_folder(&corpora.join("postgresql-isolation"))
}

#[test]
fn sessions_wait_and_fail_as_in_postgresql() {
    for script in of_snapshots().into_iter().filter(|script| script.name != NOT_IN_REAL_TIME) {
        let (found, expected) = (printed(&script), &script.expected[0]);
        for (found, expected) in permutations(&found).into_iter().zip(permutations(expected)) {
            assert_eq!(found, expected, "{}", script.name);
        }
        assert_eq!(&found, expected, "{}", script.name);
    }
}

#[test]
fn isolation_scripts_go_on_passing() {
    let scripts = of_corpora();
    if scripts.is_empty() {
        return;
    }
    let passing: usize = scripts.iter().map(|script| passed(&printed(script), &script.expected)).sum();
    println!("{passing} permutations are alike");
    assert!(passing >= PASSING, "{passing}, and {PASSING} before");
}

#[test]
fn no_schedule_of_a_simulated_world_shows() {
    for script in of_snapshots() {
        for seed in 0..SEEDS {
            let found =
                simulated::run(&script.text, seed).unwrap_or_else(|error| panic!("{}: {error}", script.name));
            for (found, expected) in permutations(&found).into_iter().zip(permutations(&script.expected[0])) {
                assert_eq!(found, expected, "{}, seed {seed}", script.name);
            }
            assert_eq!(found, script.expected[0], "{}, seed {seed}", script.name);
        }
    }
}

/// What is printed in real time is printed in a simulated world, whether PostgreSQL prints it or not.
#[test]
fn simulated_worlds_print_what_the_real_one_prints() {
    for (seed, script) in (0..).zip(of_corpora()) {
        let found =
            simulated::run(&script.text, seed).unwrap_or_else(|error| panic!("{}: {error}", script.name));
        assert_eq!(
            passed(&found, &script.expected),
            passed(&printed(&script), &script.expected),
            "{}, seed {seed}",
            script.name
        );
    }
}

/// A seed is one run and no other.
#[test]
fn a_seed_gives_the_same_run_again() {
    let scripts = of_snapshots();
    let script = scripts.iter().find(|script| script.name == "short_deadlock").unwrap();
    let spec = Spec::parse(&script.text).unwrap();
    let given = |seed| simulated::simulate(&spec, spec.orders(), seed).unwrap();
    assert_eq!(given(3), given(3));
    assert_ne!(given(3).hash, given(4).hash, "other seeds are other runs");
}

/// The scripts of few steps: every order that can be is one of PostgreSQL's snapshot, and prints what it prints there.
#[test]
fn all_orders_of_short_scripts_hold() {
    let scripts = of_snapshots().into_iter().filter(|script| script.name.starts_with("short_"));
    let mut orders = 0;
    for script in scripts {
        let spec = Spec::parse(&script.text).unwrap();
        let explored = explore(&spec, SEEDS).unwrap_or_else(|error| panic!("{}: {error}", script.name));
        let expected: Vec<&str> = permutations(&script.expected[0]);
        let found: Vec<&str> = explored.possible.values().map(|printed| printed.trim()).collect();
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{}", script.name);
        }
        assert_eq!(found.len(), expected.len(), "{}", script.name);
        orders += found.len() + explored.impossible;
    }
    assert!(orders >= 300, "{orders} orders");
}

/// The judges find what they are there for: the same scripts, of sessions at a level at which it may be.
#[test]
fn what_must_not_be_is_found() {
    let text = of_snapshots().into_iter().find(|script| script.name == "short_write_skew").unwrap().text;
    // Serialisable by a comment's word only.
    let lower =
        text.replace("ISOLATION LEVEL SERIALIZABLE", "ISOLATION LEVEL REPEATABLE READ /* SERIALIZABLE */");
    let error = explore(&Spec::parse(&lower).unwrap(), 1).unwrap_err();
    assert!(error.contains("no serial order"), "{error}");
    let again = text
        .replace("ISOLATION LEVEL SERIALIZABLE", "/* REPEATABLE READ */")
        .replace("UPDATE duty SET here = false WHERE id = 1", "SELECT count(*) FROM duty WHERE here");
    let error = explore(&Spec::parse(&again).unwrap(), 1).unwrap_err();
    assert!(error.contains("something else than before"), "{error}");
}
