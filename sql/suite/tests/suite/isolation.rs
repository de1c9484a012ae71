//! Isolation scripts: those of `snapshots/isolation`, whose outputs are PostgreSQL's own, and those of the public corpora, where
//! they are at hand (`HORNBEAM_CORPORA` names the folder), whose count may only grow.

use std::path::{Path, PathBuf};
use suite::isolation::{Script, passed, permutations, run, scripts};

/// Permutations of the corpora that pass at least.
const PASSING: usize = 525;

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

#[test]
fn sessions_wait_and_fail_as_in_postgresql() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots/isolation");
    let scripts = of_folder(&folder);
    assert!(scripts.len() >= 4, "the scripts are there");
    for script in scripts {
        let (found, expected) = (printed(&script), &script.expected[0]);
        for (found, expected) in permutations(&found).into_iter().zip(permutations(expected)) {
            assert_eq!(found, expected, "{}", script.name);
        }
        assert_eq!(&found, expected, "{}", script.name);
    }
}

#[test]
fn isolation_scripts_go_on_passing() {
    let corpora: PathBuf =
        std::env::var("HORNBEAM_CORPORA").unwrap_or("../../../shared/corpora".to_owned()).into();
    let scripts = of_folder(&corpora.join("postgresql-isolation"));
    if scripts.is_empty() {
        return;
    }
    let passing: usize = scripts.iter().map(|script| passed(&printed(script), &script.expected)).sum();
    println!("{passing} permutations are alike");
    assert!(passing >= PASSING, "{passing}, and {PASSING} before");
}
