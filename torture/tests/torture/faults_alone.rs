//! The contract of each fault, held with that fault alone: nothing else goes wrong but crashes, and the ledger closes each
//! one with a verdict that `docs/faults.md` allows, or the run fails.

use faults::{FaultKind, Plan, Profile as Family};
use std::sync::Arc;
use torture::engine::Engine;
use torture::profile::Profile;
use torture::report::FaultCounts;
use torture::run::{Overrides, RunSettings, run};
use torture::subject::Subject;

/// A fault counts as tried when something has run into it so often.
const HITS: u64 = 5;
/// Seeds within which that has to happen.
const SEEDS: u64 = 400;
/// Crashes come with every plan, so that what a fault did to a file is also recovered from.
const CRASHES: (FaultKind, u32) = (FaultKind::PowerLoss, 400);

/// The highest rate at which a family of plans draws it; none for what only a power loss or the workload makes happen.
fn rate(kind: FaultKind) -> Option<u32> {
    Family::ALL.iter().map(|family| family.rate_max(kind)).max().filter(|rate| *rate > 0)
}

fn add(sum: &mut FaultCounts, other: &FaultCounts) {
    sum.injected += other.injected;
    sum.not_reached += other.not_reached;
}

/// What is wrong with the fault's contract, or with the test of it.
fn alone(subject: &Arc<dyn Subject>, kind: FaultKind, rate: u32) -> Result<(), String> {
    let mut counts = FaultCounts::default();
    for seed in 0..SEEDS {
        let plan = Plan::of(&[CRASHES, (kind, rate)]);
        let overrides = Overrides { plan: Some(plan), ..Overrides::default() };
        let settings = RunSettings { overrides, ..RunSettings::new(Profile::Faults(Family::Storm)) };
        let outcome = run(subject, seed, &settings);
        if let Some(failure) = outcome.failure {
            return Err(format!("{kind}, seed {seed}: {} ({})", failure.promise, failure.detail));
        }
        if let Some(seen) = outcome.report.faults.get(kind.name()) {
            add(&mut counts, seen);
        }
        if counts.hit() >= HITS {
            return Ok(());
        }
    }
    Err(format!("{kind}: met {} times in {SEEDS} seeds", counts.hit()))
}

#[test]
fn each_fault_alone_keeps_to_its_contract() {
    let subject = Engine::subject();
    // The bare engine has no connections.
    let of_engine =
        |kind: &&FaultKind| Family::Storm.rate_max(**kind) > 0 || Family::Network.rate_max(**kind) == 0;
    let drawn =
        FaultKind::ALL.iter().filter(of_engine).filter_map(|kind| rate(*kind).map(|rate| (*kind, rate)));
    let broken: Vec<String> =
        drawn.clone().filter_map(|(kind, rate)| alone(&subject, kind, rate).err()).collect();
    assert!(drawn.count() > 25, "most faults are drawn by some plan");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
