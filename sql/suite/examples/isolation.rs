//! PostgreSQL's isolation scripts, counted: `cargo run -p hornbeam-sql-suite --example isolation -- FOLDER [SCRIPT…]`.
//!
//! FOLDER is the one that holds `specs/` and `expected/`. With names only those are run, and what differs is shown. A permutation
//! passes when all that is printed of it is alike.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // it reads what people keep in folders

use std::path::{Path, PathBuf};
use suite::isolation::{Script, passed, permutations, run, scripts};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: isolation FOLDER [SCRIPT…]");
        std::process::exit(2);
    };
    let chosen: Vec<String> = arguments.collect();
    let (mut alike, mut all) = (0, 0);
    for script in of_folder(&folder) {
        if !chosen.is_empty() && !chosen.contains(&script.name) {
            continue;
        }
        let begun = std::time::Instant::now();
        let printed = match run(&script.text) {
            Ok(printed) => printed,
            Err(error) => format!("{error}\n"),
        };
        let passing = passed(&printed, &script.expected);
        let count = script.expected.first().map_or(0, |expected| permutations(expected).len());
        println!("{}: {passing} of {count}, {:.1} s", script.name, begun.elapsed().as_secs_f64());
        (alike, all) = (alike + passing, all + count);
        if !chosen.is_empty() {
            show(&printed, script.expected.first().map_or("", String::as_str));
        }
    }
    println!("{alike} of {all} permutations are alike");
}

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

fn show(printed: &str, expected: &str) {
    let (printed, expected) = (permutations(printed), permutations(expected));
    for (place, expected) in expected.iter().enumerate() {
        let found = printed.get(place).copied().unwrap_or_default();
        if found != *expected {
            println!("--- PostgreSQL\n{expected}\n--- here\n{found}\n");
        }
    }
}
