//! Replay of a log by name.
//!
//! Entries are grouped by (concern, task, label). A choice of a group that the log does not mention costs one lookup in
//! a small ordered map; the strings are compared once per task and label.

use super::{Concern, Decision, Part, TaskId};
use env::Label;
use std::collections::BTreeMap;

/// Why an entry of the log was not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftReason {
    /// The run never came to that choice.
    NeverAsked,
    /// The choice came up with so few options that the entry's does not exist.
    NoSuchOption {
        /// How many options there were.
        options: u32,
    },
}

/// An entry of a replayed log that no longer fits the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The entry.
    pub decision: Decision,
    /// What is wrong with it.
    pub reason: DriftReason,
}

#[derive(Debug)]
struct Entry {
    decision: Decision,
    asked: Option<Result<(), DriftReason>>,
}

#[derive(Debug, Default)]
struct Group {
    /// Whole choices that came up so far.
    asked: u32,
    entries: BTreeMap<(u32, Part, u32), Entry>,
}

#[derive(Debug)]
pub(super) struct Replay {
    groups: Vec<Group>,
    by_name: BTreeMap<(Concern, String, String), usize>,
    /// The same by identity: a label is a static, so its address stands for its name within a run. Only looked up, never
    /// iterated: addresses differ between runs.
    by_identity: BTreeMap<(Concern, TaskId, usize), Option<usize>>,
}

impl Replay {
    pub fn new(log: &[Decision]) -> Replay {
        let mut replay =
            Replay { groups: Vec::new(), by_name: BTreeMap::new(), by_identity: BTreeMap::new() };
        for decision in log {
            let name = (decision.concern, decision.task.clone(), decision.label.clone());
            let number = *replay.by_name.entry(name).or_insert_with(|| {
                replay.groups.push(Group::default());
                replay.groups.len() - 1
            });
            let key = (decision.nth, decision.part, decision.index);
            replay.groups[number].entries.insert(key, Entry { decision: decision.clone(), asked: None });
        }
        replay
    }

    /// What the log says about this choice.
    pub fn answer(
        &mut self,
        concern: Concern,
        (task, task_name): (TaskId, &str),
        label: &'static Label,
        (part, index): (Part, u32),
        options: u32,
    ) -> Option<u32> {
        let identity = (concern, task, std::ptr::from_ref(label) as usize);
        let by_name = &self.by_name;
        let number = *self
            .by_identity
            .entry(identity)
            .or_insert_with(|| by_name.get(&(concern, task_name.to_owned(), label.name.to_owned())).copied());
        let group = &mut self.groups[number?];
        if part == Part::Whole {
            group.asked += 1;
        }
        let entry = group.entries.get_mut(&(group.asked.saturating_sub(1), part, index))?;
        let fits = entry.decision.chosen < options.max(1);
        entry.asked = Some(if fits { Ok(()) } else { Err(DriftReason::NoSuchOption { options }) });
        Some(if fits { entry.decision.chosen } else { 0 })
    }

    pub fn drift(&self) -> Vec<Drift> {
        let mut drift = Vec::new();
        for entry in self.by_name.values().flat_map(|&number| self.groups[number].entries.values()) {
            let reason = match entry.asked {
                Some(Ok(())) => continue,
                Some(Err(reason)) => reason,
                None => DriftReason::NeverAsked,
            };
            drift.push(Drift { decision: entry.decision.clone(), reason });
        }
        drift
    }
}
