//! Every small history: whatever the detector lets commit equals a serial order.

use crate::serializable_support;

use serializable_support::{Course, Op, Program, Tally, interleavings};
use store::serializable::SerializableOptions;

/// Programs of two operations on two keys, and scans; each read-only one also declared so.
fn programs() -> Vec<Program> {
    use Op::{Read, Scan, Write};
    let mut all: Vec<Program> = Vec::new();
    for (first, second) in [(0, 1), (1, 0), (0, 2), (2, 1), (1, 2)] {
        all.push(Program::new(&[Read(first), Write(second)]));
    }
    all.push(Program::new(&[Write(0), Read(1)]));
    all.push(Program::new(&[Scan(0), Write(1)]));
    all.push(Program::new(&[Read(0), Read(1)]));
    all.push(Program::declared(&[Read(0), Read(1)]));
    all.push(Program::declared(&[Read(2), Scan(0)]));
    all.push(Program::new(&[Write(0)]));
    all
}

#[test]
fn every_interleaving_of_every_three_small_transactions_is_serializable() {
    let programs = programs();
    let mut tally = Tally::default();
    for a in 0..programs.len() {
        for b in a..programs.len() {
            for c in b..programs.len() {
                let three = [&programs[a], &programs[b], &programs[c]].map(Clone::clone);
                let mut counts = [0, 1, 2].map(|n: usize| three[n].ops.len() + 1);
                interleavings(&mut counts, &mut Vec::new(), &mut |schedule| {
                    tally.count(&three, schedule, SerializableOptions::default(), Course::default());
                });
            }
        }
    }
    println!("{tally:?}");
    assert!(tally.anomalies > 1000, "plain snapshot isolation shows anomalies, else this tests nothing");
    assert!(tally.false_positives < tally.histories / 10, "{tally:?}");
}

/// The same with a log that fails in the midst of a commit, wherever one is: the store then goes on answering readers, and
/// whoever opens it anew may find that commit. Somebody has to read only: writers commit no more.
#[test]
fn nothing_that_is_read_after_the_log_has_failed_contradicts_what_may_turn_up() {
    let programs = programs();
    let reads_only = |program: &Program| !program.ops.iter().any(|op| matches!(op, Op::Write(_)));
    let mut tally = Tally::default();
    for a in 0..programs.len() {
        for b in a..programs.len() {
            for c in b..programs.len() {
                let three = [&programs[a], &programs[b], &programs[c]].map(Clone::clone);
                if !three.iter().any(reads_only) {
                    continue;
                }
                let mut counts = [0, 1, 2].map(|n: usize| three[n].ops.len() + 1);
                interleavings(&mut counts, &mut Vec::new(), &mut |schedule| {
                    for writer in (0..3).filter(|&n| !reads_only(&three[n])) {
                        let log_fails_in = schedule.iter().rposition(|&me| me == writer);
                        let course = Course { told_late: false, log_fails_in };
                        tally.count(&three, schedule, SerializableOptions::default(), course);
                    }
                });
            }
        }
    }
    println!("{tally:?}");
    assert!(tally.unknown > tally.histories / 2, "{tally:?}");
    assert!(tally.anomalies > 1000, "{tally:?}");
    assert!(tally.false_positives < tally.histories / 10, "{tally:?}");
}

/// Write skew, the read-only anomaly and a cycle of three; commits prepare, become visible in the same order, and are
/// told to the detector at any moments after one another; and once more with a log that fails in some step.
#[test]
fn nothing_is_hidden_while_commits_are_on_their_way() {
    use Op::{Read, Scan, Write};
    let skew = [Program::new(&[Read(0), Write(1)]), Program::new(&[Read(1), Write(0)])];
    let three = |last: Program| [skew[0].clone(), skew[1].clone(), last];
    let mut tally = Tally::default();
    for programs in [
        three(Program::declared(&[Scan(0)])),
        [Program::new(&[Scan(0), Write(0)]), Program::new(&[Write(1)]), Program::declared(&[Scan(0)])],
    ] {
        let mut counts = [0, 1, 2].map(|n: usize| programs[n].ops.len() + 3);
        interleavings(&mut counts, &mut Vec::new(), &mut |schedule| {
            let options = SerializableOptions::default();
            tally.count(&programs, schedule, options, Course { told_late: true, log_fails_in: None });
            // A different step each time.
            let log_fails_in = Some((tally.histories / 2) as usize % schedule.len());
            tally.count(&programs, schedule, options, Course { told_late: true, log_fails_in });
        });
    }
    println!("{tally:?}");
    assert!(tally.anomalies > 100, "{tally:?}");
}

/// A generator that is the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

fn random_program(numbers: &mut Numbers) -> Program {
    let ops: Vec<Op> = (0..1 + numbers.below(4))
        .map(|_| {
            let key = numbers.below(serializable_support::KEYS) as u8;
            match numbers.below(5) {
                0 | 1 => Op::Read(key),
                2 | 3 => Op::Write(key),
                _ => Op::Scan(key),
            }
        })
        .collect();
    if numbers.below(2) == 0 { Program::new(&ops) } else { Program::declared(&ops) }
}

fn random_histories(count: u64, seed: u64, options: SerializableOptions) -> Tally {
    let mut numbers = Numbers(seed);
    let mut tally = Tally::default();
    for _ in 0..count {
        let programs: Vec<Program> =
            (0..4 + numbers.below(2)).map(|_| random_program(&mut numbers)).collect();
        let mut counts: Vec<usize> = programs.iter().map(|program| program.ops.len() + 3).collect();
        let mut schedule = Vec::new();
        while counts.iter().any(|&count| count > 0) {
            let me = numbers.below(programs.len());
            if counts[me] > 0 {
                counts[me] -= 1;
                schedule.push(me);
            }
        }
        let told_late = numbers.below(2) == 0;
        let log_fails_in = (numbers.below(3) == 0).then(|| numbers.below(schedule.len()));
        tally.count(&programs, &schedule, options, Course { told_late, log_fails_in });
    }
    println!("{tally:?}");
    tally
}

#[test]
fn random_histories_of_four_and_five_transactions_are_serializable() {
    let tally = random_histories(40_000, 1, SerializableOptions::default());
    assert!(tally.anomalies > 100, "{tally:?}");
}

/// With no memory at all every committed transaction is summarised at once, and footprints are ranges.
#[test]
fn saving_memory_hides_no_conflict() {
    let options = SerializableOptions { entries_per_tree: 1, budget: 0 };
    let tally = random_histories(40_000, 2, options);
    assert!(tally.anomalies > 100, "{tally:?}");
    let options = SerializableOptions { entries_per_tree: 2, budget: 2500 };
    random_histories(40_000, 3, options);
}
