//! A story is told once undisturbed, and then once for each of its calls and each way in which that call can fail.

use env::{Env, LabelKind};
use faults::{Concern, Decision, Decisions, FaultKind, Part};
use sim::{Event, Recording, Stop, World, WorldConfig};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// A call of the story: the `nth` of this task at this label.
#[derive(Debug, Clone)]
pub struct Call {
    task: String,
    pub label: String,
    nth: u32,
    kind: LabelKind,
}

/// A call, and what goes wrong there.
#[derive(Debug, Clone)]
pub struct Mishap {
    pub call: Call,
    pub fault: FaultKind,
}

impl std::fmt::Display for Mishap {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} at call {} of {}", self.fault, self.call.nth, self.call.label)
    }
}

/// What is told by the main task of a world. It panics when something is not as it must be.
pub trait Tale: Default + 'static {
    /// The story itself.
    fn tell(&mut self, env: Arc<dyn Env>, mishap: Option<&Mishap>);

    /// What there must be when the power has failed after it.
    fn afterwards(&mut self, env: Arc<dyn Env>);
}

/// The ways in which a call can fail: not all calls of a kind know all of them.
fn ways(kind: LabelKind) -> &'static [FaultKind] {
    match kind {
        LabelKind::Write => &[FaultKind::WriteError, FaultKind::NoSpace],
        LabelKind::Sync => &[FaultKind::SyncFailed],
        LabelKind::DirectorySync => &[FaultKind::DirectorySyncFailed],
        LabelKind::Length => &[FaultKind::LengthError, FaultKind::NoSpace],
        LabelKind::Directory => &[FaultKind::OpenError, FaultKind::RenameError, FaultKind::RemoveError],
        LabelKind::Entropy => &[FaultKind::EntropyError],
        // A failed read is tried again, a task that is not started is the background's.
        LabelKind::Read
        | LabelKind::FileLock
        | LabelKind::Clock
        | LabelKind::Task
        | LabelKind::Lock
        | LabelKind::Barrier
        | LabelKind::Network
        | LabelKind::Mark => &[],
    }
}

/// Tells the story with the decisions given, lets the power fail, and has a look.
fn told<T: Tale>(decisions: Decisions, mishap: Option<&Mishap>) -> World {
    // All of it to find its calls, else the end of it, to be shown when it ends badly.
    let recording = if mishap.is_some() { Recording::Last(25) } else { Recording::All };
    let config = WorldConfig { recording, ..WorldConfig::default() };
    let world = World::new(config, decisions);
    let tale = Rc::new(RefCell::new(T::default()));
    let (env, owned, told) = (world.env(), mishap.cloned(), Rc::clone(&tale));
    finish(&world, mishap, world.run(move || told.borrow_mut().tell(env, owned.as_ref())));
    world.with_disk(|disk| *disk = disk.without_unsynced());
    let env = world.env();
    finish(&world, mishap, world.run(move || tale.borrow_mut().afterwards(env)));
    world
}

fn finish(world: &World, mishap: Option<&Mishap>, stop: Stop) {
    if stop != Stop::Finished {
        let place = mishap.map_or("undisturbed".to_owned(), Mishap::to_string);
        panic!("{place}: {stop}\n{}", world.trace_lines().join("\n"));
    }
}

/// The calls of an undisturbed telling.
fn calls(world: &World) -> Vec<Call> {
    let mut kinds = BTreeMap::new();
    for entry in world.trace() {
        if let Event::Call { label, .. } = entry.event {
            kinds.insert(label.name, label.kind);
        }
    }
    let log = world.with_decisions(|decisions| decisions.log());
    log.into_iter()
        .filter(|it| it.concern == Concern::Faults && it.part == Part::Whole)
        .filter_map(|it| {
            let kind = *kinds.get(it.label.as_str())?;
            Some(Call { task: it.task, label: it.label, nth: it.nth, kind })
        })
        .collect()
}

/// Tells the story undisturbed, then with each mishap alone. Answers how many mishaps there were, by label.
pub fn tell<T: Tale>() -> BTreeMap<String, u32> {
    let undisturbed = told::<T>(Decisions::tame(1), None);
    let mut met = BTreeMap::new();
    for call in calls(&undisturbed) {
        for &fault in ways(call.kind) {
            let mishap = Mishap { call: call.clone(), fault };
            let decision = Decision {
                concern: Concern::Faults,
                task: call.task.clone(),
                label: call.label.clone(),
                nth: call.nth,
                part: Part::Whole,
                index: 0,
                options: FaultKind::OPTIONS,
                chosen: fault.option(),
            };
            let world = told::<T>(Decisions::replay(1, &[decision]), Some(&mishap));
            if world.with_ledger(|ledger| ledger.faults().iter().any(|it| it.kind == fault)) {
                *met.entry(call.label.clone()).or_insert(0) += 1;
            }
        }
    }
    met
}
