//! `hornbeam check`.

use crate::arguments::CheckArguments;
use crate::errors::CliError;
use env::Env;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;
use store::{Problem, Store, StoreError, StoreOptions};

/// How many problems are named.
const PROBLEMS_SHOWN: usize = 20;

/// Verifies a file without writing to it; whether it is sound.
pub fn check(env: &Arc<dyn Env>, arguments: &CheckArguments) -> Result<bool, CliError> {
    let options =
        StoreOptions { read_only: true, create: false, background: false, ..StoreOptions::default() };
    let store = match Store::open(env.clone(), &arguments.file, options) {
        Ok(store) => store,
        Err(error) => return damaged(&error),
    };
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:28} {percent:>3}%  {pos}/{len} pages") {
        bar.set_style(style);
    }
    let report = store.check(&mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let report = match report {
        Ok(report) => report,
        Err(error) => return damaged(&error),
    };
    for problem in report.problems.iter().take(PROBLEMS_SHOWN) {
        println!("{problem}");
    }
    let file = arguments.file.display();
    if report.is_sound() {
        println!(
            "{file}: sound: {}, {}, {}, {} in use{}",
            count(report.databases as u64, "database"),
            count(report.trees, "tree"),
            count(report.rows, "row"),
            count(report.pages, "page"),
            match store.recovery().records {
                0 => String::new(),
                records => format!("; {} in the log", count(records, "record")),
            }
        );
        if let Some(torn) = &report.torn_superblock {
            println!(
                "(one of its two superblocks was torn when it was last written to: {torn}; the next opening for writing makes it anew)"
            );
        }
    } else {
        let problems = count(report.problems.len() as u64, "problem");
        let spare = |problem: &Problem| matches!(problem, Problem::Superblock { .. });
        let advice = if report.problems.iter().all(spare) { "" } else { "; restore it from a backup" };
        println!("{file}: DAMAGED: {problems}{advice}");
    }
    Ok(report.is_sound())
}

/// So many of a thing.
pub fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A file that cannot be read to its end is damaged: that is a verdict. A failed call is none, and neither is a file that
/// is not there, not ours, or newer than this program.
fn damaged(error: &StoreError) -> Result<bool, CliError> {
    if !error.is_not_ours() && torture::engine::is_damage(error) {
        println!("DAMAGED: {error}");
        return Ok(false);
    }
    Err(CliError::Store(error.clone()))
}
