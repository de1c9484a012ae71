//! Runs of clients of a server: they keep every promise, and replay. (What more seeds find, `hornbeam torture` finds.)

use sql_torture::SqlEngine;
use sql_torture::server::marks;
use std::collections::BTreeSet;
use torture::engine::Engine;
use torture::profile::Profile;
use torture::promise::Promise;
use torture::run::{Overrides, RunSettings, run};

/// All that a client may do and meet happens, or nothing would be said about it.
#[test]
fn clients_over_connections_that_break_find_what_was_promised() {
    let subject = SqlEngine::subject();
    let (mut acknowledged, mut unknown, mut broken) = (0, 0, 0);
    let mut reached = BTreeSet::new();
    for seed in 0..100 {
        let outcome = run(&subject, seed, &RunSettings::new(Profile::Server));
        assert_eq!(outcome.failure, None, "seed {seed}: {:#?}", outcome.told);
        acknowledged += outcome.report.commits_acknowledged;
        unknown += outcome.report.commits_unknown;
        broken += outcome.world.with_ledger(|ledger| {
            let kind = faults::FaultKind::ConnectionBroken;
            ledger.faults().iter().filter(|fault| fault.kind == kind).count()
        });
        reached.extend(outcome.report.marks.into_keys());
    }
    assert!(acknowledged > 500 && unknown > 25 && broken > 25, "{acknowledged} {unknown} {broken}");
    let missing: Vec<&str> =
        marks::ALL.iter().map(|mark| mark.name).filter(|name| !reached.contains(*name)).collect();
    assert_eq!(missing, [""; 0]);
}

/// What the bare engine never meets.
#[test]
fn each_fault_of_connections_alone_is_met_and_answered() {
    let subject = SqlEngine::subject();
    let mut kinds = 0;
    for kind in faults::FaultKind::ALL {
        let rate = faults::Profile::Network.rate_max(*kind);
        if rate == 0 || faults::Profile::Storm.rate_max(*kind) > 0 {
            continue;
        }
        kinds += 1;
        let mut met = 0;
        for seed in 0..30 {
            let plan = faults::Plan::of(&[(faults::FaultKind::PowerLoss, 300), (*kind, rate)]);
            let overrides = Overrides { plan: Some(plan), ..Overrides::default() };
            let settings = RunSettings { overrides, ..RunSettings::new(Profile::Server) };
            let outcome = run(&subject, seed, &settings);
            assert_eq!(outcome.failure, None, "{kind}, seed {seed}");
            met += outcome.report.faults.get(kind.name()).map_or(0, |counts| counts.injected);
        }
        assert!(met > 5, "{kind} was met {met} times");
    }
    assert!(kinds > 0, "no fault is one of connections alone");
}

#[test]
fn a_seed_replays_from_its_choices_to_the_same_hash() {
    let subject = SqlEngine::subject();
    for seed in 40..44 {
        let settings = RunSettings::new(Profile::Server);
        let first = run(&subject, seed, &settings);
        let replay = RunSettings { decisions: Some(first.decisions()), ..settings };
        let second = run(&subject, seed, &replay);
        assert_eq!((first.hash, first.steps, 0), (second.hash, second.steps, second.drift()), "seed {seed}");
        assert_eq!(first.told, second.told);
    }
}

#[test]
fn the_bare_engine_has_no_server() {
    let outcome = run(&Engine::subject(), 0, &RunSettings::new(Profile::Server));
    let failure = outcome.failure.expect("it cannot be run");
    assert_eq!(failure.promise, Promise::NoFalseAlarm);
}
