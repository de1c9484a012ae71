//! PostgreSQL's isolation scripts, counted: `cargo run -p hornbeam-sql-suite --example isolation -- FOLDER [SCRIPT…]`.
//!
//! FOLDER is the one that holds `specs/` and `expected/`. With names only those are run, and what differs is shown. A permutation
//! passes when all that is printed of it is alike. Under the simulator's scheduler: `simulated FOLDER SEED [SCRIPT…]`.
//!
//! `orders FILE` prints the orders of a short script that can be, as its permutations; `replay FILE SEED STEP…` runs one order in the
//! simulated world of a seed, as tests that explore them name it.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // it reads what people keep in folders

use std::path::{Path, PathBuf};
use suite::isolation::explore::explore;
use suite::isolation::spec::{Spec, Turn};
use suite::isolation::{Script, passed, permutations, run, scripts, simulated};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["orders", file] => orders(file),
        ["replay", file, seed, steps @ ..] => replay(file, seed, steps),
        ["simulated", folder, seed, chosen @ ..] => {
            number(seed).map(|seed| count(folder, chosen, Some(seed)))
        }
        [folder, chosen @ ..] => {
            count(folder, chosen, None);
            Ok(())
        }
        [] => {
            Err("usage: isolation [simulated] FOLDER [SEED] [SCRIPT…] | orders FILE | replay FILE SEED STEP…"
                .to_owned())
        }
    };
    if let Err(error) = done {
        eprintln!("{error}");
        std::process::exit(2);
    }
}

fn number(seed: &str) -> Result<u64, String> {
    seed.parse().map_err(|_| format!("{seed} is no seed"))
}

fn spec_of(file: &str) -> Result<Spec, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    Spec::parse(&text).map_err(|error| format!("{file}: {error}"))
}

fn orders(file: &str) -> Result<(), String> {
    for names in explore(&spec_of(file)?, 1)?.possible.keys() {
        println!("permutation {names}");
    }
    Ok(())
}

fn replay(file: &str, seed: &str, steps: &[&str]) -> Result<(), String> {
    let spec = spec_of(file)?;
    let named = |turns: &[Turn]| turns.iter().map(|turn| turn.name.as_str()).eq(steps.iter().copied());
    let order = spec.orders().into_iter().chain(spec.interleavings()).find(|turns| named(turns));
    let order = order.ok_or("there is no such order of the steps")?;
    print!("{}", simulated::simulate(&spec, vec![order], number(seed)?)?.printed);
    Ok(())
}

fn count(folder: &str, chosen: &[&str], seed: Option<u64>) {
    let folder = PathBuf::from(folder);
    let (mut alike, mut all) = (0, 0);
    for script in of_folder(&folder) {
        if !chosen.is_empty() && !chosen.contains(&script.name.as_str()) {
            continue;
        }
        let begun = std::time::Instant::now();
        let printed = match seed {
            None => run(&script.text).map_err(|error| error.to_string()),
            Some(seed) => simulated::run(&script.text, seed),
        };
        let printed = printed.unwrap_or_else(|error| format!("{error}\n"));
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
