//! Decisions: everything in a simulated run that could have gone otherwise.
//!
//! A run asks [`Decisions::choose`] for each thing that is not determined: which task runs next, whether a call fails,
//! which sectors survive a crash. A choice has a *name*: concern, task, label, how often that name came up before
//! (`nth`), and, for what refines a choice already made (how short a short read is), a [`Part`]. Because choices are
//! named and not merely numbered, a log of them survives small changes of the code, can be shrunk by editing, and reads
//! as a story.
//!
//! Invariants
//!
//! 1. Choice 0 is the tame default: nothing goes wrong, the running task keeps running, what was written survives.
//!    A run in which every choice is 0 is an ordinary run in a kind world.
//! 2. Each concern draws from a stream of its own, so one more draw in one never shifts another.
//! 3. Every choice is recorded, also those with nothing to choose, so that `nth` depends on the code's path alone and
//!    not on the rates of the plan.
//! 4. A part belongs to the latest whole choice of its concern, task and label; undoing a choice therefore renames no
//!    later one.
//! 5. Recording costs one push of 24 bytes: no hashing, no allocation once warm. Names are made on export.
//!
//! Bulk randomness (keys, values, rot patterns) comes from [`Decisions::random`]: reproducible from the seed, not recorded.
//!
//! How it fails: it does not. A replayed log that no longer fits falls back to the default and is told by
//! [`Decisions::drift`]; an enumeration whose code takes another path on the same choices is told by [`Search::diverged`].

mod chance;
mod log;
mod replay;
mod search;
mod stream;

pub use chance::{Chance, Weights};
pub use log::{Concern, Decision, Part, TaskId};
pub use replay::{Drift, DriftReason};
pub use search::Search;

use env::Label;
use log::{Record, Records};
use rand_chacha::ChaCha8Rng;
use rand_core::Rng;
use replay::Replay;
use search::Path;

/// Who answers the choices of one concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The concern's stream.
    Seeded,
    /// Always the default.
    Tame,
    /// The search that this run is part of.
    Enumerated,
}

/// The decision source of one run.
#[derive(Debug)]
pub struct Decisions {
    seed: u64,
    streams: [ChaCha8Rng; Concern::COUNT],
    sources: [Source; Concern::COUNT],
    replay: Option<Replay>,
    path: Path,
    records: Records,
}

impl Decisions {
    /// Every concern draws from its stream of `seed`.
    pub fn seeded(seed: u64) -> Decisions {
        Decisions::with_sources(seed, [Source::Seeded; Concern::COUNT])
    }

    /// Every choice is the default; bulk randomness still comes from `seed`.
    pub fn tame(seed: u64) -> Decisions {
        Decisions::with_sources(seed, [Source::Tame; Concern::COUNT])
    }

    /// Replays the choices of `log` by name. What the log does not name takes the default, except the workload's and the
    /// data's choices, which come from `seed` as they did in the run that was recorded.
    pub fn replay(seed: u64, log: &[Decision]) -> Decisions {
        let mut decisions = Decisions::tame(seed);
        decisions.set_source(Concern::Workload, Source::Seeded);
        decisions.set_source(Concern::Data, Source::Seeded);
        decisions.replay = Some(Replay::new(log));
        decisions
    }

    fn with_sources(seed: u64, sources: [Source; Concern::COUNT]) -> Decisions {
        Decisions {
            seed,
            streams: Concern::ALL.map(|concern| stream::stream(seed, concern as u64)),
            sources,
            replay: None,
            path: Path::default(),
            records: Records::default(),
        }
    }

    /// Says who answers the choices of `concern` from now on (a replayed log still goes first).
    pub fn set_source(&mut self, concern: Concern, source: Source) {
        self.sources[concern as usize] = source;
    }

    /// The seed of this run.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The id of the task called `name`, by which its choices are named. A name has one id for the whole run.
    pub fn task(&mut self, name: &str) -> TaskId {
        self.records.task(name)
    }

    /// The name of a task.
    pub fn task_name(&self, task: TaskId) -> &str {
        self.records.task_name(task)
    }

    /// Makes a choice among `options`: 0 is the tame default, anything else deviates from it with the given chance.
    #[inline]
    pub fn choose(
        &mut self,
        concern: Concern,
        task: TaskId,
        label: &'static Label,
        options: u32,
        chance: Chance<'_>,
    ) -> u32 {
        // A run asks at every call and lock operation; a plain run's answer is a draw and a push.
        if self.replay.is_none() && self.sources[concern as usize] == Source::Seeded {
            let chosen = chance.draw(&mut self.streams[concern as usize], options);
            self.records.push(Record { label, index: 0, options, chosen, task, concern, part: Part::Whole });
            return chosen;
        }
        self.choose_part(concern, task, label, (Part::Whole, 0), options, chance)
    }

    /// Refines the latest choice of the same concern, task and label: how many bytes, which offset, which of its
    /// `index`-numbered pieces. The pair of part and index is used once per choice.
    pub fn choose_part(
        &mut self,
        concern: Concern,
        task: TaskId,
        label: &'static Label,
        (part, index): (Part, u32),
        options: u32,
        chance: Chance<'_>,
    ) -> u32 {
        let scripted = match &mut self.replay {
            None => None,
            Some(replay) => {
                replay.answer(concern, (task, self.records.task_name(task)), label, (part, index), options)
            }
        };
        let chosen = match scripted {
            Some(chosen) => chosen,
            None => match self.sources[concern as usize] {
                Source::Seeded => chance.draw(&mut self.streams[concern as usize], options),
                Source::Tame => 0,
                Source::Enumerated => self.path.answer(options, chance),
            },
        };
        self.records.push(Record { label, index, options, chosen, task, concern, part });
        chosen
    }

    /// Bulk randomness of `concern`, reproducible from the seed and not recorded. Meant for [`Concern::Workload`] and
    /// [`Concern::Data`]; using it for another concern shifts that concern's later choices.
    pub fn random(&mut self, concern: Concern) -> &mut ChaCha8Rng {
        &mut self.streams[concern as usize]
    }

    /// A generator of its own, split off `concern`'s stream by name: `purpose` and `number` select it, and using it
    /// shifts nothing else.
    pub fn split(&self, concern: Concern, purpose: &str, number: u64) -> ChaCha8Rng {
        stream::split(self.seed, concern as u64, purpose, number)
    }

    /// A number below `bound` (0 when `bound` is 0) from the bulk randomness of `concern`.
    pub fn below(&mut self, concern: Concern, bound: u32) -> u32 {
        stream::below(self.streams[concern as usize].next_u32(), bound)
    }

    /// How many choices were made so far.
    pub fn count(&self) -> usize {
        self.records.len()
    }

    /// Every choice made so far, named, in the order in which they were made.
    pub fn log(&self) -> Vec<Decision> {
        self.records.export(|_| true)
    }

    /// The choices that were not the default: with the seed, all that a scenario needs.
    pub fn deviations(&self) -> Vec<Decision> {
        self.records.export(|record| record.chosen != 0)
    }

    /// Which entries of the replayed log did not fit: never asked for, or asked with fewer options than they need.
    pub fn drift(&self) -> Vec<Drift> {
        self.replay.as_ref().map(Replay::drift).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
