//! Runs seeds of statements and prints what came of each: `cargo run --release -p hornbeam-sql-torture --example statements -- FIRST COUNT`.
//! With `tell` after these the statements of each client are printed, too; with `server` they are clients of a server.

use sql_torture::SqlEngine;
use torture::profile::Profile;
use torture::run::{RunSettings, run};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |position: usize, usual: u64| {
        arguments.get(position).and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (first, count) = (number(1, 0), number(2, 20));
    let says = |word: &str| arguments.iter().skip(3).any(|argument| argument == word);
    let tells = says("tell");
    let profile = if says("server") { Profile::Server } else { Profile::Sql };
    let subject = SqlEngine::subject();
    let (mut failed, mut acknowledged, mut verified, mut steps) = (0, 0, 0, 0);
    for seed in first..first + count {
        let outcome = run(&subject, seed, &RunSettings::new(profile));
        acknowledged += outcome.report.commits_acknowledged;
        verified += outcome.report.reads_verified;
        steps += outcome.steps;
        if tells {
            for (life, clients) in outcome.told.iter().enumerate() {
                for (name, said) in clients {
                    println!("-- life {life}, {name}");
                    said.iter().for_each(|line| println!("{line};"));
                }
            }
        }
        match &outcome.failure {
            None => println!(
                "seed {seed}: {} steps, {} commits",
                outcome.steps, outcome.report.commits_acknowledged
            ),
            Some(failure) => {
                failed += 1;
                println!(
                    "seed {seed}: {:?} life {} step {}: {}",
                    failure.promise, failure.life, failure.step, failure.detail
                );
            }
        }
    }
    println!(
        "{count} seeds, {failed} failed, {acknowledged} commits, {verified} answers verified, {steps} steps"
    );
}
