//! Plans: which faults a run may meet, and how often.
//!
//! A [`Profile`] says how often each kind may happen at most. A [`Plan`] is one run's own mix: each kind of the profile is
//! switched on or off and given a rate, all drawn from the seed (swarm testing: a run in which only two kinds happen, but
//! often, goes where an even mix never does). One choice per call decides what goes wrong there, so that a plan costs one
//! draw per call however many kinds it holds.

use crate::decisions::{Chance, Concern, Decisions, TaskId, Weights};
use crate::kind::{FaultKind, Operation};
use env::Label;
use rand_core::Rng;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A family of plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Nothing but what every program must bear: short and interrupted calls, some delay.
    Calm,
    /// Crashes and every fault that a call reports.
    Storm,
    /// Crashes, many.
    Power,
    /// The disk keeps other bytes than it was given.
    Rot,
    /// Syncs fail, pages are marked clean.
    Fsyncgate,
    /// Syncs and writes lie.
    Liar,
    /// Space runs out.
    FullDisk,
    /// Clocks jump, stand, run back.
    Clock,
    /// Tasks starve, calls hang, memory is short.
    Starve,
    /// Files are cut, deleted and replaced by others.
    Meddler,
    /// Everything at once.
    Adversary,
    /// Connections break, bytes come late and in pieces, processes die.
    Network,
}

impl Profile {
    /// All profiles.
    pub const ALL: &[Profile] = &[
        Profile::Calm,
        Profile::Storm,
        Profile::Power,
        Profile::Rot,
        Profile::Fsyncgate,
        Profile::Liar,
        Profile::FullDisk,
        Profile::Clock,
        Profile::Starve,
        Profile::Meddler,
        Profile::Adversary,
        Profile::Network,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Calm => "calm",
            Profile::Storm => "storm",
            Profile::Power => "power",
            Profile::Rot => "rot",
            Profile::Fsyncgate => "fsyncgate",
            Profile::Liar => "liar",
            Profile::FullDisk => "full-disk",
            Profile::Clock => "clock",
            Profile::Starve => "starve",
            Profile::Meddler => "meddler",
            Profile::Adversary => "adversary",
            Profile::Network => "server",
        }
    }

    /// The profile of that name.
    pub fn from_name(name: &str) -> Option<Profile> {
        Profile::ALL.iter().copied().find(|profile| profile.name() == name)
    }

    /// How often a kind may happen at most, in a million of the calls at which it can happen.
    pub fn rate_max(self, kind: FaultKind) -> u32 {
        let happens = match self {
            Profile::Calm => is_mild(kind),
            Profile::Storm => {
                is_mild(kind) || is_crash(kind) || is_call_error(kind) || kind == FaultKind::LateWrite
            }
            Profile::Power => is_mild(kind) || is_crash(kind),
            Profile::Rot => is_crash(kind) || is_damage(kind),
            Profile::Fsyncgate => {
                is_crash(kind) || matches!(kind, FaultKind::SyncFailed | FaultKind::DirectorySyncFailed)
            }
            Profile::Liar => is_crash(kind) || matches!(kind, FaultKind::LyingSync | FaultKind::LostWrite),
            Profile::FullDisk => is_crash(kind) || kind == FaultKind::NoSpace,
            Profile::Clock => is_mild(kind) || is_clock(kind),
            Profile::Starve => {
                use FaultKind::{MemoryPressure, StuckIo, TaskStarved};
                is_mild(kind) || matches!(kind, StuckIo | TaskStarved | MemoryPressure)
            }
            Profile::Meddler => is_crash(kind) || is_meddling(kind),
            Profile::Network => is_mild(kind) || is_crash(kind) || is_network(kind),
            Profile::Adversary => true,
        };
        let rate = match (happens, self) {
            (false, _) => 0,
            (true, Profile::Power) if is_crash(kind) => 6_000,
            (true, Profile::Fsyncgate) if !is_crash(kind) => 60_000,
            (true, Profile::FullDisk) if !is_crash(kind) => 40_000,
            (true, _) => usual_rate(kind),
        };
        if kind.contract().operations.is_empty() { 0 } else { rate }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

fn is_mild(kind: FaultKind) -> bool {
    use FaultKind::{Interrupted, ShortRead, ShortWrite, SlowIo};
    matches!(kind, ShortRead | ShortWrite | Interrupted | SlowIo)
}

fn is_crash(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::ProcessKilled | FaultKind::PowerLoss)
}

/// Whether the call changes what is on the disk, or what of it is durable.
fn is_change(operation: Operation) -> bool {
    use Operation::{DirectorySync, Remove, Rename, SetLength, Sync, Write};
    matches!(operation, Write | Sync | SetLength | Rename | Remove | DirectorySync)
}

fn is_call_error(kind: FaultKind) -> bool {
    kind.nature() == crate::kind::Nature::CallError
}

fn is_damage(kind: FaultKind) -> bool {
    use FaultKind::*;
    matches!(
        kind,
        BitRot | LatentSectorError | LostWrite | MemoryFlip | MisdirectedRead | MisdirectedWrite | StaleRead
    )
}

fn is_meddling(kind: FaultKind) -> bool {
    use FaultKind::{FileCut, FileDeleted, FileReplaced, SecondProcess};
    matches!(kind, FileCut | FileDeleted | FileReplaced | SecondProcess)
}

fn is_network(kind: FaultKind) -> bool {
    use FaultKind::{ConnectionBroken, ConnectionRefused, StreamDelayed, StreamSplit};
    matches!(kind, StreamSplit | StreamDelayed | ConnectionBroken | ConnectionRefused)
}

fn is_clock(kind: FaultKind) -> bool {
    use FaultKind::{ClockBackward, ClockForward, ClockStands, WeakEntropy};
    matches!(kind, ClockForward | ClockBackward | ClockStands | WeakEntropy)
}

/// Rates that let a run of a few thousand calls meet each kind a few times and still get work done. No wildcard, so that
/// a new kind cannot be forgotten.
fn usual_rate(kind: FaultKind) -> u32 {
    use FaultKind::*;
    match kind {
        ProcessKilled => 600,
        PowerLoss => 2_500,
        ShortRead | ShortWrite | Interrupted => 30_000,
        ReadError | WriteError => 3_000,
        NoSpace => 6_000,
        // A life makes a handful of these calls, or one.
        OpenError | LengthError => 20_000,
        SpawnError => 40_000,
        RenameError | RemoveError | DirectorySyncFailed => 60_000,
        // A database draws random bytes once, when it is made.
        EntropyError => 200_000,
        WeakEntropy => 1_000_000,
        SyncFailed => 6_000,
        LyingSync => 30_000,
        LostWrite | LateWrite | MemoryFlip => 3_000,
        MisdirectedWrite => 6_000,
        MisdirectedRead | StaleRead => 20_000,
        BitRot | LatentSectorError => 30_000,
        FileCut | FileDeleted => 30_000,
        // Only between lives.
        FileReplaced => 500_000,
        SlowIo => 10_000,
        StuckIo => 1_000,
        TaskStarved => 500,
        ClockForward | ClockBackward | ClockStands => 60_000,
        SecondProcess => 200_000,
        // One transaction in ten.
        MemoryPressure => 100_000,
        StreamSplit => 100_000,
        StreamDelayed => 10_000,
        // A transaction takes a dozen of these calls.
        ConnectionBroken => 8_000,
        ConnectionRefused => 200_000,
        UnsyncedLost | TornWrite | CollateralTear | LengthLost | GrownWithoutData | EntryLost
        | TaskBrokenOff => 0,
    }
}

/// How much more often syncs fail while power losses are pressed for, and how often at the most.
const SYNCS_PRESSED: u32 = 5;
const SYNCS_PRESSED_MAX: u32 = 300_000;

/// How many power losses there are for each kill of the process while power losses are pressed for: what was written and not
/// synced is then read by the next opening, and a power loss after that may take it back.
const KILLS_PRESSED: u32 = 3;

/// How much rarer crashes are at locks than at calls.
const YIELDS_PER_CRASH: u32 = 40;

/// One run's mix of faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    rates: [u32; FaultKind::COUNT],
    weights: Vec<Weights>,
}

impl Plan {
    /// Nothing goes wrong.
    pub fn none() -> Plan {
        Plan::with_rates([0; FaultKind::COUNT])
    }

    /// A mix of `profile`, drawn from the seed of `decisions`: each kind is off with probability one half, else it has
    /// the profile's highest rate or a half, a quarter, an eighth of it. Drawing it shifts no choice of the run.
    pub fn draw(profile: Profile, decisions: &Decisions) -> Plan {
        let mut stream = decisions.split(Concern::Faults, profile.name(), 0);
        let mut rates = [0; FaultKind::COUNT];
        for &kind in FaultKind::ALL {
            let draw = stream.next_u32();
            // A calm run may have nothing at all, but a run of the crashing profiles without any crash shows little.
            let always = kind == FaultKind::PowerLoss && profile != Profile::Adversary;
            if always || draw & 1 == 1 {
                rates[kind as usize] = profile.rate_max(kind) >> (draw >> 1 & 3);
            }
        }
        Plan::with_rates(rates)
    }

    /// Exactly these faults, each so many times in a million calls.
    pub fn of(rates: &[(FaultKind, u32)]) -> Plan {
        let mut table = [0; FaultKind::COUNT];
        for &(kind, rate) in rates {
            table[kind as usize] = rate;
        }
        Plan::with_rates(table)
    }

    fn with_rates(rates: [u32; FaultKind::COUNT]) -> Plan {
        Plan::pressed(rates, 0)
    }

    /// At calls that change something the power fails at least `at_changes` times in a million, and the process is killed a
    /// third as often; syncs that fail at all fail more often then, too.
    fn pressed(rates: [u32; FaultKind::COUNT], at_changes: u32) -> Plan {
        let weights = Operation::ALL
            .iter()
            .map(|operation| {
                let table: Vec<u32> = FaultKind::ALL
                    .iter()
                    .map(|&kind| {
                        let applies = kind.contract().operations.contains(operation);
                        // Locks are taken far more often than the disk is used, and dying between two of them is
                        // the same as dying at the next call of the disk.
                        let rare = *operation == Operation::Yield && is_crash(kind);
                        let rate = rates[kind as usize] / if rare { YIELDS_PER_CRASH } else { 1 };
                        match kind {
                            _ if !applies => 0,
                            FaultKind::PowerLoss if is_change(*operation) => rate.max(at_changes),
                            FaultKind::ProcessKilled if is_change(*operation) => {
                                rate.max(at_changes / KILLS_PRESSED)
                            }
                            FaultKind::SyncFailed if at_changes > 0 => {
                                rate.max(SYNCS_PRESSED_MAX.min(rate.saturating_mul(SYNCS_PRESSED)))
                            }
                            _ => rate,
                        }
                    })
                    .collect();
                Weights::new(&table)
            })
            .collect();
        Plan { rates, weights }
    }

    /// The same plan with another rate for one kind.
    #[must_use]
    pub fn with(&self, kind: FaultKind, per_million: u32) -> Plan {
        let mut rates = self.rates;
        rates[kind as usize] = per_million;
        Plan::with_rates(rates)
    }

    /// The same plan, but at calls that change what is on the disk the power fails at least so often. There alone its
    /// failing shows something new, and in an opening they are a handful among hundreds of reads. Syncs fail several times as
    /// often as else: what matters may be that two in a row do.
    #[must_use]
    pub fn with_power_loss_at_changes(&self, per_million: u32) -> Plan {
        Plan::pressed(self.rates, per_million)
    }

    /// How often a kind happens, in a million of the calls at which it can happen.
    pub fn rate(&self, kind: FaultKind) -> u32 {
        self.rates[kind as usize]
    }

    /// The kinds that can happen, with their rates.
    pub fn rates(&self) -> impl Iterator<Item = (FaultKind, u32)> + '_ {
        FaultKind::ALL.iter().map(|&kind| (kind, self.rate(kind))).filter(|&(_, rate)| rate > 0)
    }

    /// Decides what goes wrong at one call. This is one recorded choice, whatever the plan holds.
    #[inline]
    pub fn decide(
        &self,
        decisions: &mut Decisions,
        task: TaskId,
        label: &'static Label,
        operation: Operation,
    ) -> Option<FaultKind> {
        let chance = Chance::Weighted(&self.weights[operation as usize]);
        match decisions.choose(Concern::Faults, task, label, FaultKind::OPTIONS, chance) {
            0 => None,
            option => FaultKind::from_option(option),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    env::labels! { WRITE: "test.write", Write, "a label for tests"; }

    #[test]
    fn every_kind_that_is_drawn_at_calls_is_in_some_profile() {
        for &kind in FaultKind::ALL {
            let named = Profile::ALL.iter().filter(|&&profile| profile != Profile::Adversary);
            let happens = named.clone().any(|profile| profile.rate_max(kind) > 0);
            assert_eq!(happens, !kind.contract().operations.is_empty(), "{kind}");
        }
    }

    #[test]
    fn each_seed_draws_a_mix_of_its_own() {
        let plan = |seed| Plan::draw(Profile::Storm, &Decisions::seeded(seed));
        assert_eq!(plan(1), plan(1));
        assert_ne!(plan(1), plan(2));
        let mixes = (0..50).map(|seed| plan(seed).rates().count());
        assert!(mixes.clone().min() < mixes.max());
    }

    #[test]
    fn a_plan_decides_only_what_can_happen_at_the_call() {
        let mut decisions = Decisions::seeded(3);
        let task = decisions.task("main");
        let plan = Plan::of(&[(FaultKind::ShortWrite, 300_000), (FaultKind::ReadError, 300_000)]);
        let decided: Vec<Option<FaultKind>> =
            (0..1000).map(|_| plan.decide(&mut decisions, task, &WRITE, Operation::Write)).collect();
        let hits = decided.iter().filter(|&&fault| fault == Some(FaultKind::ShortWrite)).count();
        assert!((240..360).contains(&hits), "{hits}");
        assert!(decided.iter().all(|&fault| fault.is_none_or(|kind| kind == FaultKind::ShortWrite)));
        assert_eq!(decisions.deviations().len(), hits);
    }

    #[test]
    fn power_fails_more_often_at_changes_and_nowhere_else() {
        let (mut decisions, calm) = (Decisions::seeded(5), Plan::none());
        let task = decisions.task("main");
        let pressed = calm.with_power_loss_at_changes(300_000);
        let mut losses = |operation| {
            let decided = (0..1000).map(|_| pressed.decide(&mut decisions, task, &WRITE, operation));
            decided.filter(|fault| *fault == Some(FaultKind::PowerLoss)).count()
        };
        assert!((240..360).contains(&losses(Operation::Write)));
        assert!((240..360).contains(&losses(Operation::Sync)));
        assert_eq!(losses(Operation::Read), 0);
        assert_eq!(losses(Operation::Yield), 0);
        let decided = (0..1000).map(|_| pressed.decide(&mut decisions, task, &WRITE, Operation::Write));
        let kills = decided.filter(|fault| *fault == Some(FaultKind::ProcessKilled)).count();
        assert!((60..150).contains(&kills), "{kills}");
        let failing = calm.with(FaultKind::SyncFailed, 20_000).with_power_loss_at_changes(1);
        let decided = (0..1000).map(|_| failing.decide(&mut decisions, task, &WRITE, Operation::Sync));
        let failures = decided.filter(|fault| *fault == Some(FaultKind::SyncFailed)).count();
        assert!((60..150).contains(&failures), "{failures}");
    }
}
