//! The record of all choices of a run, and its readable form.

use env::Label;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a choice is about. Each concern has its own stream of random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Concern {
    /// Which task runs next.
    Schedule,
    /// What goes wrong at a call.
    Faults,
    /// What the clients do.
    Workload,
    /// The bytes they do it with.
    Data,
    /// What a crash leaves on the disk.
    Survivor,
}

impl Concern {
    /// How many there are.
    pub const COUNT: usize = 5;
    /// All of them, in the order of their streams.
    pub const ALL: [Concern; Concern::COUNT] =
        [Concern::Schedule, Concern::Faults, Concern::Workload, Concern::Data, Concern::Survivor];
}

/// Which aspect of a choice is decided. Everything but [`Part::Whole`] refines the latest whole choice of the same name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Part {
    /// The choice itself.
    #[default]
    Whole,
    /// Which variant of what was chosen.
    Variant,
    /// How many bytes.
    Length,
    /// Where in the file.
    Offset,
    /// Which bit.
    Bit,
    /// Which file.
    File,
    /// How long.
    Delay,
    /// What became of an unsynced write.
    Write,
    /// What became of a sector of an unsynced write.
    Sector,
    /// What became of an unsynced change of a directory.
    Entry,
    /// Where a sequence is cut.
    Cut,
    /// What stands where nothing was written.
    Filler,
}

impl Part {
    fn is_whole(&self) -> bool {
        *self == Part::Whole
    }
}

fn is_zero(index: &u32) -> bool {
    *index == 0
}

/// The id of a task's name within one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u16);

impl TaskId {
    /// Its position among the names of this run, in order of first mention.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// One choice, by name: what a scenario file holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What the choice is about.
    pub concern: Concern,
    /// Who asked.
    pub task: String,
    /// At which call.
    pub label: String,
    /// How many choices of this concern, task and label came before.
    pub nth: u32,
    /// Which aspect of that choice.
    #[serde(default, skip_serializing_if = "Part::is_whole")]
    pub part: Part,
    /// Which of several pieces of that aspect.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub index: u32,
    /// How many options there were.
    pub options: u32,
    /// Which one was taken; 0 is the default.
    pub chosen: u32,
}

/// One choice as it is recorded while the run goes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub label: &'static Label,
    pub index: u32,
    pub options: u32,
    pub chosen: u32,
    pub task: TaskId,
    pub concern: Concern,
    pub part: Part,
}

const _: () = assert!(size_of::<Record>() == 24, "a choice is recorded in 24 bytes");

/// All choices of a run.
#[derive(Debug, Default)]
pub(super) struct Records {
    records: Vec<Record>,
    names: Vec<String>,
    ids: BTreeMap<String, TaskId>,
}

impl Records {
    pub fn task(&mut self, name: &str) -> TaskId {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        // More than 65,535 differently named tasks share the last name's id: their choices stay ordered, only less readable.
        let id = TaskId(u16::try_from(self.names.len()).unwrap_or(u16::MAX));
        if id.0 < u16::MAX || self.names.len() == usize::from(u16::MAX) {
            self.names.push(name.to_owned());
        }
        self.ids.insert(name.to_owned(), id);
        id
    }

    pub fn task_name(&self, task: TaskId) -> &str {
        self.names.get(task.index()).map_or("", String::as_str)
    }

    #[inline]
    pub fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// The records that `keep` accepts, named. `nth` counts all whole choices, kept or not.
    pub fn export(&self, keep: impl Fn(&Record) -> bool) -> Vec<Decision> {
        let mut labels = LabelIds::default();
        // One count for each label, task and concern, side by side: a run makes a hundred thousand choices.
        let (tasks, concerns) = (self.names.len().max(1), Concern::COUNT);
        let mut counts: Vec<u32> = Vec::new();
        let mut decisions = Vec::new();
        for record in &self.records {
            let label = labels.id(record.label);
            let task = record.task.index().min(tasks - 1);
            let position = (label * tasks + task) * concerns + record.concern as usize;
            if position >= counts.len() {
                counts.resize((label + 1) * tasks * concerns, 0);
            }
            let count = &mut counts[position];
            *count += u32::from(record.part == Part::Whole);
            if keep(record) {
                decisions.push(Decision {
                    concern: record.concern,
                    task: self.task_name(record.task).to_owned(),
                    label: record.label.name.to_owned(),
                    nth: count.saturating_sub(1),
                    part: record.part,
                    index: record.index,
                    options: record.options,
                    chosen: record.chosen,
                });
            }
        }
        decisions
    }
}

/// Small numbers for labels, by name, found by address: a label is a static. Only looked up, never iterated.
#[derive(Default)]
struct LabelIds {
    by_address: env::hash::HashMap<usize, usize>,
    by_name: BTreeMap<&'static str, usize>,
    latest: Option<(usize, usize)>,
}

impl LabelIds {
    fn id(&mut self, label: &'static Label) -> usize {
        let address = std::ptr::from_ref(label) as usize;
        match self.latest {
            Some((latest, id)) if latest == address => return id,
            Some(_) | None => {}
        }
        let by_name = &mut self.by_name;
        let id = *self.by_address.entry(address).or_insert_with(|| {
            let next = by_name.len();
            *by_name.entry(label.name).or_insert(next)
        });
        self.latest = Some((address, id));
        id
    }
}
