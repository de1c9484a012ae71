//! What a world is made of: the plan of faults, the manner of scheduling, latencies, limits, and what is recorded.

use crate::disk::DiskConfig;
use crate::trace::Recording;
use faults::{Concern, Decisions, FaultKind, Plan, Profile};
use rand_core::Rng;
use std::collections::BTreeSet;
use std::time::Duration;

/// How the scheduler picks among tasks that could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// At each scheduling point the running task goes on, or with a chance any other takes its place.
    Random {
        /// Chance, in a million, that a task is interrupted at a scheduling point.
        preempt: u32,
        /// Chance, in a million, that not the first in line is taken when a choice has to be made.
        pick: u32,
    },
    /// Each task has a drawn priority and the highest that can run does, as in probabilistic concurrency testing;
    /// now and then the running task sinks below all others. Finds what needs one task to be late for long.
    Priority {
        /// Chance, in a million, that the running task sinks at a scheduling point.
        sink: u32,
    },
}

/// How tasks are scheduled in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheduling {
    /// Who runs.
    pub policy: Policy,
    /// Whether others run while a task waits for the disk. If not, calls take time, but nobody uses it.
    pub overlap: bool,
}

impl Scheduling {
    /// The running task goes on as long as it can.
    pub fn tame() -> Scheduling {
        Scheduling { policy: Policy::Random { preempt: 0, pick: 0 }, overlap: false }
    }

    /// A manner drawn from the seed; drawing it shifts no choice of the run.
    pub fn draw(decisions: &Decisions) -> Scheduling {
        let mut stream = decisions.split(Concern::Schedule, "scheduling", 0);
        let draw = stream.next_u32();
        let policy = match draw & 7 {
            0 => Policy::Random { preempt: 0, pick: 0 },
            1 => Policy::Random { preempt: 2_000, pick: 100_000 },
            2 => Policy::Random { preempt: 20_000, pick: 300_000 },
            3 | 4 => Policy::Random { preempt: 100_000, pick: 500_000 },
            5 => Policy::Random { preempt: 400_000, pick: 700_000 },
            6 => Policy::Priority { sink: 2_000 },
            _ => Policy::Priority { sink: 20_000 },
        };
        Scheduling { policy, overlap: draw & 8 == 8 }
    }
}

/// How long calls take. Each is stretched by up to as much again, depending on seed, task and call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latencies {
    /// Reading.
    pub read: Duration,
    /// Writing (to the cache).
    pub write: Duration,
    /// Making a file durable.
    pub sync: Duration,
    /// Opening, renaming, removing, listing; lengths and identities.
    pub directory: Duration,
    /// Making a directory durable.
    pub directory_sync: Duration,
}

impl Default for Latencies {
    fn default() -> Latencies {
        Latencies {
            read: Duration::from_micros(20),
            write: Duration::from_micros(5),
            sync: Duration::from_micros(400),
            directory: Duration::from_micros(8),
            directory_sync: Duration::from_micros(500),
        }
    }
}

/// Bounds on a run (from one `World::run` to its stop), beyond which it counts as hanging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Environment calls.
    pub steps: u64,
    /// Lock operations: a loop of them makes no environment call.
    pub lock_operations: u64,
    /// Virtual time.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { steps: 20_000_000, lock_operations: 200_000_000, time: Duration::from_secs(24 * 3600) }
    }
}

/// The calls after one that sabotage has skipped, at which the power fails more often: that is when it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aftermath {
    /// So many calls.
    pub calls: u32,
    /// Power losses in a million of them.
    pub power_losses: u32,
}

/// What a world is made of.
#[derive(Debug, Clone)]
pub struct WorldConfig {
    /// Which faults happen, and how often.
    pub plan: Plan,
    /// The disk.
    pub disk: DiskConfig,
    /// Who runs.
    pub scheduling: Scheduling,
    /// How long calls take.
    pub latencies: Latencies,
    /// When a run counts as hanging.
    pub limits: Limits,
    /// How much of the trace is kept.
    pub recording: Recording,
    /// Names of labels whose calls claim success and do nothing. Supported are labels of writes, syncs, lengths
    /// being set, renames, removals, directory syncs, file locks, sleeps, entropy, barriers, and of locks and
    /// conditions (whose wake-ups are then lost). Reads, opens, lists and clocks have no way to do nothing.
    pub sabotage: BTreeSet<String>,
    /// What happens after a call that sabotage has skipped; `None` leaves it to the plan.
    pub aftermath: Option<Aftermath>,
    /// Stack of each task, in bytes.
    pub stack_bytes: usize,
    /// What `Env::parallelism` says.
    pub parallelism: usize,
    /// The wall clock at the world's start, in microseconds since 1970.
    pub start_wall_clock: i64,
}

impl Default for WorldConfig {
    fn default() -> WorldConfig {
        WorldConfig {
            plan: Plan::none(),
            disk: DiskConfig::default(),
            scheduling: Scheduling::tame(),
            latencies: Latencies::default(),
            limits: Limits::default(),
            recording: Recording::Off,
            sabotage: BTreeSet::new(),
            aftermath: None,
            stack_bytes: 512 * 1024,
            parallelism: 4,
            // 2026-01-01 00:00 UTC: a fixed date, since a run must not depend on when it is made.
            start_wall_clock: 1_767_225_600_000_000,
        }
    }
}

impl WorldConfig {
    /// A plan of `profile` and a manner of scheduling, both drawn from the seed of `decisions`.
    pub fn draw(profile: Profile, decisions: &Decisions) -> WorldConfig {
        let plan = Plan::draw(profile, decisions);
        let needs_history = [FaultKind::StaleRead, FaultKind::FileReplaced];
        let history = needs_history.iter().any(|&kind| plan.rate(kind) > 0);
        WorldConfig {
            disk: DiskConfig { history, ..DiskConfig::default() },
            plan,
            scheduling: Scheduling::draw(decisions),
            ..WorldConfig::default()
        }
    }
}
