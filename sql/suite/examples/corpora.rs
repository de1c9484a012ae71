//! Runs public corpora and reports counts: `cargo run --release -p hornbeam-sql-suite --example corpora -- FOLDER [PART]`.
//!
//! FOLDER holds `sqllogictest/` and `cases/`. With PART only files whose path contains it are run, and failures are listed.

#![allow(clippy::disallowed_methods)] // it reads what people keep in folders

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: corpora FOLDER [PART]");
        std::process::exit(2);
    };
    let part = arguments.next();
    let folder = PathBuf::from(folder);
    let shown = |path: &Path| part.as_ref().is_none_or(|part| path.to_string_lossy().contains(part.as_str()));
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    logic(&folder.join("sqllogictest"), &shown, part.is_some(), &mut reasons);
    cases(&folder.join("cases"), &shown, part.is_some(), &mut reasons);
    let mut counted: Vec<(usize, String)> =
        reasons.into_iter().map(|(reason, count)| (count, reason)).collect();
    counted.sort_by(|one, other| other.cmp(one));
    for (count, reason) in counted.iter().take(40) {
        println!("{count:8} {reason}");
    }
}

fn logic(folder: &Path, shown: &dyn Fn(&Path) -> bool, list: bool, reasons: &mut BTreeMap<String, usize>) {
    let known = known_failures(&folder.join("postgresql-15-fails.json"));
    let (mut run, mut failed) = (0, 0);
    for path in files(folder, "test").iter().filter(|path| shown(path)) {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned();
        let meant = known.get(&name).cloned().unwrap_or_default();
        let outcome = suite::logic::run(&text);
        let wrong: Vec<_> =
            outcome.failures.iter().filter(|failure| !meant.contains(&failure.line)).collect();
        run += outcome.run;
        failed += wrong.len();
        println!("{name}: {} of {} records pass", outcome.run - wrong.len(), outcome.run);
        for failure in wrong {
            let kind: String = failure.reason.chars().take(90).collect();
            *reasons.entry(kind.split(": expected").next().unwrap_or_default().to_owned()).or_default() += 1;
            if list {
                println!("  {}: {}\n      {}", failure.line, failure.reason, failure.sql.replace('\n', " "));
            }
        }
    }
    println!("sqllogictest: {} of {run} records pass", run - failed);
}

fn cases(folder: &Path, shown: &dyn Fn(&Path) -> bool, list: bool, reasons: &mut BTreeMap<String, usize>) {
    let (mut run, mut failed) = (0, 0);
    for path in files(folder, "sql").iter().filter(|path| shown(path)) {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        run += 1;
        if let Err(reason) = suite::cases::Case::read(&text).run() {
            failed += 1;
            let kind: String = reason.chars().take(90).collect();
            *reasons.entry(format!("case: {kind}")).or_default() += 1;
            if list {
                println!("{}: {reason}", path.display());
            }
        }
    }
    println!("cases: {} of {run} pass", run - failed);
}

/// Lines of records that PostgreSQL itself does not pass, by file.
fn known_failures(path: &Path) -> BTreeMap<String, Vec<usize>> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut known: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for line in text.lines() {
        let Some((name, rest)) = line.trim_start_matches('"').split_once("\":") else { continue };
        let numbers = rest.split(|found: char| !found.is_ascii_digit()).filter_map(|word| word.parse().ok());
        known.insert(name.to_owned(), numbers.collect());
    }
    known
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}
