//! Public corpora, where they are at hand: `HORNBEAM_CORPORA` names the folder; without it the test has nothing to do. The
//! example `corpora` runs all files; here are those that take seconds. The counts may only grow.

use std::path::{Path, PathBuf};
use suite::cases::Case;

/// Statement cases that pass at least.
const CASES_PASSING: usize = 591;

fn corpora() -> PathBuf {
    std::env::var("HORNBEAM_CORPORA").unwrap_or("../../../shared/corpora".to_owned()).into()
}

#[test]
fn statement_cases_go_on_passing() {
    let Ok(entries) = std::fs::read_dir(corpora().join("cases")) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let failing: Vec<String> = paths
        .iter()
        .filter_map(|path| {
            Case::read(&read(path)).run().err().map(|why| format!("{}: {why}", path.display()))
        })
        .collect();
    let passing = paths.len() - failing.len();
    println!("{passing} of {} statement cases pass", paths.len());
    assert!(passing >= CASES_PASSING, "only {passing} pass:\n{}", failing.join("\n"));
}

fn passes_whole(name: &str) {
    let path = corpora().join("sqllogictest").join(Path::new(name));
    let Ok(text) = std::fs::read_to_string(&path) else { return };
    let outcome = suite::logic::run(&text);
    let first = outcome.failures.first();
    assert!(
        first.is_none(),
        "{name}: {} of {} records fail, first: {first:?}",
        outcome.failures.len(),
        outcome.run
    );
    assert!(outcome.run > 1000, "{name} has more than {} records", outcome.run);
}

#[test]
fn the_first_sqllogictest_file_passes_whole() {
    passes_whole("select1.test");
}

#[test]
fn the_second_sqllogictest_file_passes_whole() {
    passes_whole("select2.test");
}

#[test]
fn the_third_sqllogictest_file_passes_whole() {
    passes_whole("select3.test");
}
