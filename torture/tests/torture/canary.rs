//! The canaries: a toy store with one planted defect each must be caught, and the toy without a defect must pass. So a
//! blind oracle, a workload that no longer goes where it should, or a tame simulator is noticed at once.

mod toy;

use std::sync::Arc;
use torture::profile::Profile;
use torture::promise::Promise;
use torture::run::{RunSettings, run};
use torture::subject::Subject;
use toy::{Defect, Toy};

/// Seeds that each defect gets.
const SEEDS: u64 = 3000;

fn subject(defect: Defect) -> Arc<dyn Subject> {
    Arc::new(Toy(defect))
}

/// The first seed under SEEDS that catches the defect, with the promise it breaks.
fn caught(defect: Defect, profile: Profile) -> Option<(u64, Promise)> {
    let subject = subject(defect);
    let mut settings = RunSettings::new(profile);
    // Not even a sector is written whole: small records tear too.
    settings.overrides.sector_size = Some(0);
    (0..SEEDS).find_map(|seed| Some((seed, run(&subject, seed, &settings).failure?.promise)))
}

const POWER: Profile = Profile::Faults(faults::Profile::Power);

#[test]
fn the_toy_without_a_defect_passes() {
    let subject = subject(Defect::None);
    for profile in [POWER, Profile::Cycles, Profile::Accounting] {
        for seed in 0..40 {
            let outcome = run(&subject, seed, &RunSettings::new(profile));
            if let Some(failure) = outcome.failure {
                panic!(
                    "seed {seed} under {profile}: {failure} at step {} life {}",
                    failure.step, failure.life
                );
            }
        }
    }
}

#[test]
fn every_planted_defect_is_caught() {
    let expected = [
        (Defect::NoSync, Profile::Accounting, &[Promise::DurableBeforeAcknowledged][..]),
        (Defect::NoSync, POWER, &[Promise::AcknowledgedSurvives, Promise::DurableBeforeAcknowledged]),
        (Defect::ShowsTooEarly, Profile::Accounting, &[Promise::OnlyDurableIsRead]),
        (Defect::ForgetsDeletes, Profile::Cycles, &[Promise::CommitIsAtomic]),
        (
            Defect::IgnoresChecksums,
            POWER,
            &[Promise::CommitIsAtomic, Promise::RefusedLeavesNothing, Promise::AcknowledgedSurvives],
        ),
        (Defect::SplitsCommits, POWER, &[Promise::CommitIsAtomic]),
        (Defect::LosesUpdates, Profile::Cycles, &[Promise::NoLostUpdate]),
        (
            Defect::KeepsRolledBackWrites,
            Profile::Cycles,
            &[Promise::CommitIsAtomic, Promise::ReadsMatchSnapshot],
        ),
        (Defect::SkewsWrites, POWER, &[Promise::IsolationHolds]),
        (Defect::Deadlocks, Profile::Cycles, &[Promise::NoDeadlock]),
    ];
    for (defect, profile, promises) in expected {
        match caught(defect, profile) {
            Some((seed, promise)) => {
                println!("{defect:?} under {profile}: seed {seed}");
                assert!(
                    promises.contains(&promise),
                    "{defect:?} under {profile}: seed {seed} says {promise:?}"
                );
            }
            None => panic!("{defect:?} was not caught under {profile}"),
        }
    }
}

#[test]
fn a_seed_gives_the_same_trace_again() {
    let subject = subject(Defect::None);
    for seed in 0..10 {
        let settings = RunSettings::new(POWER);
        let (first, second) = (run(&subject, seed, &settings), run(&subject, seed, &settings));
        assert_eq!((first.hash, first.steps), (second.hash, second.steps), "seed {seed}");
        let replay = RunSettings { decisions: Some(first.decisions()), ..settings };
        let third = run(&subject, seed, &replay);
        assert_eq!(third.drift(), 0, "seed {seed}");
        assert_eq!(first.hash, third.hash, "seed {seed} replayed from its choices");
    }
}
