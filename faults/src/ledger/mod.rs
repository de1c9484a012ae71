//! The ledger: every injected fault has a number, and at the end of a run each must be closed by evidence.
//!
//! A fault that nothing closes is a finding of its own: an error was swallowed, a short call was taken for a whole one, or
//! the runner forgot to look. Which evidence closes which fault follows from its [`Nature`]:
//!
//! | nature | closed by | as |
//! |---|---|---|
//! | crash, survivor | [`Ledger::recovered`]: recovery ran and the comparison with the model passed | masked |
//! | | [`Ledger::abandoned`]: other damage, answered for before, has ended the run, and no recovery follows | not reached |
//! | resumable | [`Ledger::taken_up`]: a later call took up exactly where the short one stopped | masked |
//! | call error | [`Ledger::told`]: an error naming call and file reached a caller | reported |
//! | | [`Ledger::outcome_unknown`]: a commit in flight was answered "unknown" | unknown |
//! | | [`Ledger::resumed`], [`Ledger::call_succeeded`]: the same call on the same file worked later | masked, where allowed |
//! | | [`Ledger::compared`]: nobody was told, and everything is as it should be | masked, where allowed |
//! | | [`Ledger::abandoned`]: nobody was told, and other damage, answered for, has ended the run before that could be seen | not reached, where masked is allowed |
//! | content | [`Ledger::told`]: an error named what is damaged | reported |
//! | | [`Ledger::told_for_good`]: an error named what is damaged, and nothing stands in for that | lost, reported |
//! | | [`Ledger::loss_seen`]: acknowledged commits are gone, and it could have done that | silent, where allowed |
//! | | [`Ledger::abandoned`]: other damage, answered for, has ended the run | not reached |
//! | | [`Ledger::compared`]: a check of the whole file and of all contents passed | masked |
//! | timing, process | [`Ledger::settled`]: all tasks ended in bounded time | masked |
//! | resumable, call error | [`Ledger::crashed`], [`Ledger::left`]: the process ended before anyone could be told | not reached |
//! | every | [`Ledger::not_reached`], [`Ledger::ended`] | not reached |
//!
//! Invariants
//!
//! 1. A verdict that the kind's contract does not allow never closes a fault, with one exception: when damage of contents
//!    and a crash meet, the crash and its survivors share the verdict of the damage (each fault alone masked means
//!    that both together are at least reported).
//! 2. A closed fault stays closed. Only "reported" becomes "lost, reported" when what was damaged turns out to be gone.
//! 3. What a page cache may still hide (a lying sync, a write lost behind the cache) is not masked before a power loss has
//!    emptied the cache; the end of a process does not.
//! 4. An error that no fault explains is a false alarm: the methods that take errors say so.

mod reason;
mod report;

pub use reason::Pointer;
pub use report::{KindCount, Summary};

use crate::kind::{FaultKind, Nature, Operation, Verdict};
use env::Label;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// The number of an injected fault, counted from 1 within a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultNumber(pub u32);

impl fmt::Display for FaultNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.0)
    }
}

/// How a fault was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// Nobody saw more than delay.
    Masked,
    /// An error told it.
    Reported {
        /// The error's text.
        error: String,
        /// Who saw it.
        to: String,
    },
    /// A commit was answered "unknown".
    Unknown {
        /// Who saw it.
        to: String,
    },
    /// Acknowledged commits are gone, and an error told so.
    LostReported {
        /// The error's text.
        error: String,
        /// Who saw it.
        to: String,
    },
    /// Acknowledged commits are gone, and nothing could tell.
    Silent,
    /// It had no effect: nothing ever touched it, or the process died before it could tell anyone.
    NotReached,
}

impl Closing {
    /// The verdict this stands for; `None` when the fault was not reached.
    pub fn verdict(&self) -> Option<Verdict> {
        match self {
            Closing::Masked => Some(Verdict::Masked),
            Closing::Reported { .. } => Some(Verdict::Reported),
            Closing::Unknown { .. } => Some(Verdict::Unknown),
            Closing::LostReported { .. } => Some(Verdict::LostReported),
            Closing::Silent => Some(Verdict::Silent),
            Closing::NotReached => None,
        }
    }
}

/// Where a fault was injected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file or directory.
    pub file: Option<Arc<Path>>,
    /// The bytes it is about.
    pub range: Range<u64>,
}

impl Place {
    /// A range of a file.
    pub fn new(file: &Arc<Path>, offset: u64, length: u64) -> Place {
        Place { file: Some(Arc::clone(file)), range: offset..offset.saturating_add(length) }
    }

    /// A whole file or directory.
    pub fn whole(file: &Arc<Path>) -> Place {
        Place::new(file, 0, u64::MAX)
    }

    fn is_on(&self, path: &Path) -> bool {
        self.file.as_deref() == Some(path)
    }

    fn touches(&self, range: &Range<u64>) -> bool {
        self.range.start < range.end && range.start < self.range.end
    }
}

/// One injected fault.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Its number.
    pub number: FaultNumber,
    /// What it is.
    pub kind: FaultKind,
    /// The call at which it was injected; `None` for what happened to the disk at rest.
    pub label: Option<&'static Label>,
    /// The step of the trace.
    pub step: u64,
    /// The processes that had ended before it.
    pub life: u32,
    /// The power losses before it.
    pub power_cycle: u32,
    /// Where.
    pub place: Place,
    /// A page cache may hide it until the next power loss.
    pub hidden: bool,
    /// How it was closed.
    pub closing: Option<Closing>,
    /// The processes that had ended when it was closed.
    closed_in: u32,
}

impl Fault {
    /// Whether a call of this sort on these bytes takes up what the fault left undone.
    fn waits_for(&self, operation: Operation, file: &Path, range: &Range<u64>) -> bool {
        let first = self.place.range.start;
        self.kind.contract().operations.contains(&operation)
            && self.label.is_some_and(|label| label.kind == kind_of(operation))
            && self.place.is_on(file)
            && range.start <= first
            && (first < range.end || range.start == first)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "fault {} {}", self.number, self.kind)?;
        if let Some(label) = self.label {
            write!(formatter, " at {label}")?;
        }
        write!(formatter, ", step {}", self.step)?;
        if let Some(file) = &self.place.file {
            write!(formatter, ", {}", file.display())?;
            if self.place.range.end != u64::MAX {
                write!(formatter, " bytes {}..{}", self.place.range.start, self.place.range.end)?;
            }
        }
        Ok(())
    }
}

/// All faults of one run.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    faults: Vec<Fault>,
    /// Indexes of those not yet closed, in order.
    open: Vec<usize>,
    /// How many open ones wait for a call that takes them up.
    waiting: usize,
    life: u32,
    power_cycle: u32,
    /// Names that were given to a file, and how many faults there were when it was last done.
    named: BTreeMap<Arc<Path>, usize>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Ledger {
        Ledger::default()
    }

    /// Enters a fault.
    pub fn inject(
        &mut self,
        kind: FaultKind,
        label: Option<&'static Label>,
        step: u64,
        place: Place,
    ) -> FaultNumber {
        self.enter(kind, label, step, place, false)
    }

    /// Enters a fault that the page cache hides until the next power loss.
    pub fn inject_hidden(
        &mut self,
        kind: FaultKind,
        label: Option<&'static Label>,
        step: u64,
        place: Place,
    ) -> FaultNumber {
        self.enter(kind, label, step, place, true)
    }

    fn enter(
        &mut self,
        kind: FaultKind,
        label: Option<&'static Label>,
        step: u64,
        place: Place,
        hidden: bool,
    ) -> FaultNumber {
        let number = FaultNumber(self.faults.len() as u32 + 1);
        self.open.push(self.faults.len());
        self.waiting += usize::from(is_waiting(kind));
        let (life, power_cycle) = (self.life, self.power_cycle);
        self.faults.push(Fault {
            number,
            kind,
            label,
            step,
            life,
            power_cycle,
            place,
            hidden,
            closing: None,
            closed_in: 0,
        });
        number
    }

    /// Whether a later call could close something: false nearly always, so that the success path costs one comparison.
    #[inline]
    pub fn is_waiting(&self) -> bool {
        self.waiting > 0
    }

    /// A read or write of `range` is asked for: it takes up what a short or interrupted call of the same sort left undone
    /// there, whatever comes of it. Answers are waited for at the first byte that was not done.
    pub fn taken_up(&mut self, operation: Operation, file: &Path, range: Range<u64>) {
        if !self.is_waiting() {
            return;
        }
        self.close_where(|fault| {
            let matches =
                fault.kind.nature() == Nature::Resumable && fault.waits_for(operation, file, &range);
            matches.then_some(Closing::Masked)
        });
    }

    /// A read or write of `range` succeeded: what failed there before has been masked by a retry.
    pub fn resumed(&mut self, operation: Operation, file: &Path, range: Range<u64>) {
        if !self.is_waiting() {
            return;
        }
        self.close_where(|fault| {
            (is_waiting(fault.kind) && fault.waits_for(operation, file, &range)).then_some(Closing::Masked)
        });
    }

    /// The call at `label` on `file` succeeded: if it failed before, a retry has masked that (where the contract lets it).
    pub fn call_succeeded(&mut self, label: &'static Label, file: &Path) {
        if !self.is_waiting() {
            return;
        }
        self.close_where(|fault| {
            let matches = fault.kind.nature() == Nature::CallError
                && fault.label == Some(label)
                && (fault.place.is_on(file) || fault.place.file.is_none());
            matches.then_some(Closing::Masked)
        });
    }

    /// A file has another name from now on, and so have the places of faults on it.
    pub fn renamed(&mut self, from: &Path, to: &Arc<Path>) {
        self.named.insert(Arc::clone(to), self.faults.len());
        for fault in self.faults.iter_mut().filter(|fault| fault.place.is_on(from)) {
            fault.place.file = Some(Arc::clone(to));
        }
    }

    /// An error that points at `pointer` reached `to`. Returns whether a fault explains it; if none does, it is a false
    /// alarm.
    pub fn told(&mut self, pointer: &Pointer<'_>, error: &str, to: &str) -> bool {
        let life = self.life;
        if self.close_where(|fault| fault.explains(pointer, life).then(|| reported(error, to))) > 0 {
            return true;
        }
        // A fault that is closed already explains it too: the error is repeated to everyone, or a retry of another task
        // has masked the fault before this task's error came through.
        let closed =
            |fault: &&Fault| fault.closing.as_ref().is_some_and(|closing| *closing != Closing::NotReached);
        self.faults.iter().rev().filter(closed).any(|fault| fault.explains(pointer, life))
    }

    /// Whether what explains such an error is damage that stays: trying again does not help.
    pub fn is_destroyed(&self, pointer: &Pointer<'_>) -> bool {
        let mut reasons = self.reasons(pointer);
        reasons.any(|fault| fault.lasts() && fault.kind.nature() == Nature::Content)
    }

    fn reasons<'a>(&'a self, pointer: &'a Pointer<'_>) -> impl Iterator<Item = &'a Fault> + 'a {
        let stands = |fault: &&Fault| fault.closing != Some(Closing::NotReached);
        self.faults.iter().filter(stands).filter(move |fault| fault.explains(pointer, self.life))
    }

    /// What an error points at that has reached `to` is refused for good: nothing stands in for what a fault has destroyed.
    /// Returns whether a fault explains that. What a crash left behind together with it goes the same way (invariant 1).
    pub fn told_for_good(&mut self, pointer: &Pointer<'_>, error: &str, to: &str) -> bool {
        if self.reasons(pointer).next().is_none() {
            return false;
        }
        let life = self.life;
        let (told, lost) = (reported(error, to), lost_reported(error, to));
        let verdict = |fault: &Fault| match fault.lasts() && fault.kind.allows(Verdict::LostReported) {
            true => lost.clone(),
            false => told.clone(),
        };
        for fault in &mut self.faults {
            if matches!(fault.closing, Some(Closing::Reported { .. })) && fault.explains(pointer, life) {
                fault.closing = Some(verdict(fault));
            }
        }
        self.close_where(|fault| fault.explains(pointer, life).then(|| verdict(fault)));
        self.close_any(|fault| {
            matches!(fault.kind.nature(), Nature::Crash | Nature::Survivor).then(|| told.clone())
        });
        true
    }

    /// `database` says that it takes no more writes, and names the failure that stopped it: the first one. A call of its
    /// own that failed later in this life, under a task that was at work already, is told by the same word.
    pub fn stopped(&mut self, database: &Path, error: &str, to: &str) {
        let life = self.life;
        let is_told = |fault: &Fault| {
            let answered = matches!(fault.closing, Some(Closing::Reported { .. } | Closing::Unknown { .. }));
            answered && fault.life == life && fault.failed_in(database)
        };
        let Some(first) = self.faults.iter().find(|fault| is_told(fault)).map(|fault| fault.number) else {
            return;
        };
        self.close_where(|fault| {
            let later = fault.number > first && fault.life == life;
            (later && fault.failed_in(database)).then(|| reported(error, to))
        });
    }

    /// A commit in flight was answered "unknown" to `to`.
    pub fn outcome_unknown(&mut self, to: &str) {
        self.close_where(|fault| {
            let failed = fault.kind.nature() == Nature::CallError || fault.kind == FaultKind::LateWrite;
            failed.then(|| Closing::Unknown { to: to.to_owned() })
        });
    }

    /// Acknowledged commits of `database` are gone after a recovery, and no error has told so: `groups` of them at least, each
    /// acknowledged before the next was written. Returns whether faults explain that: some that allow it, on a file and of a
    /// kind that can have done it, so many that all groups can be gone, and that no comparison since their life has shown to
    /// be harmless. If none do, the engine has lost them. What the crash left behind goes with it (invariant 1).
    pub fn loss_seen(&mut self, database: &Path, groups: u64) -> bool {
        let explained = self.faults.iter().filter(|fault| fault.counts_still());
        let explained = explained.map(|fault| fault.groups_lost_silently(database));
        if explained.fold(0, u64::saturating_add) < groups.max(1) {
            return false;
        }
        self.close_where(|fault| (fault.groups_lost_silently(database) > 0).then_some(Closing::Silent));
        self.close_any(|fault| {
            matches!(fault.kind.nature(), Nature::Crash | Nature::Survivor).then_some(Closing::Silent)
        });
        true
    }

    /// A value of a sequence was handed out again by `database`. As [`Ledger::loss_seen`], but no comparison shows that
    /// sequences are well: a fault from before counts as well.
    pub fn sequence_loss_seen(&mut self, database: &Path) -> bool {
        let explains = |fault: &Fault| fault.groups_lost_silently(database) > 0;
        let mut faults = self.faults.iter().filter(|fault| fault.closing != Some(Closing::NotReached));
        let explained = faults.any(explains);
        if explained {
            self.close_where(|fault| explains(fault).then_some(Closing::Silent));
        }
        explained
    }

    /// Something is destroyed, was answered for, and ends the run: other damage is never looked at any more, and whether an
    /// error that nobody was told did harm, as when a checkpoint of the background met a full device, no comparison says.
    /// What a comparison may not mask stays open.
    pub fn abandoned(&mut self) {
        self.close_any(|fault| {
            let unseen = match fault.kind.nature() {
                Nature::Content => true,
                Nature::CallError => fault.kind.allows(Verdict::Masked),
                // It struck while what was held was let go: the answer that ended the run has closed those before.
                Nature::Crash | Nature::Survivor => true,
                Nature::Resumable | Nature::Timing | Nature::Process => false,
            };
            unseen.then_some(Closing::NotReached)
        });
    }

    /// The process has crashed. What it had been told and had not passed on reached nobody.
    pub fn crashed(&mut self) {
        self.life += 1;
        self.close_any(|fault| {
            matches!(fault.kind.nature(), Nature::Resumable | Nature::CallError)
                .then_some(Closing::NotReached)
        });
    }

    /// A task was broken off at the call at `label`: what a short or interrupted call there left undone, it can take up no more.
    pub fn broken_off(&mut self, label: &'static Label) {
        self.close_any(|fault| {
            let undone = fault.kind.nature() == Nature::Resumable && fault.label == Some(label);
            undone.then_some(Closing::NotReached)
        });
    }

    /// The process gave its files up without closing them properly, when `before` faults had been injected. An error
    /// from then on reached nobody; one from before could have been told, and stays open.
    pub fn left(&mut self, before: usize) {
        self.close_any(|fault| {
            let silent = matches!(fault.kind.nature(), Nature::Resumable | Nature::CallError);
            (silent && fault.number.0 as usize > before).then_some(Closing::NotReached)
        });
        self.life += 1;
    }

    /// The process has closed its files properly. Whoever opens them next reads for himself.
    pub fn closed(&mut self) {
        self.life += 1;
    }

    /// The power has failed: no page cache hides anything any more.
    pub fn power_failed(&mut self) {
        self.power_cycle += 1;
    }

    /// Recovery ran and the recovered state was compared with the model: what the crash did is masked.
    pub fn recovered(&mut self) {
        self.close_where(|fault| {
            matches!(fault.kind.nature(), Nature::Crash | Nature::Survivor).then_some(Closing::Masked)
        });
    }

    /// The whole file was checked and all contents were compared with the model: damage that is still there lies where
    /// nothing reaches it, and errors that nobody was told did no harm. What the page cache may hide stays open until a
    /// power loss has emptied it (invariant 3).
    pub fn compared(&mut self) {
        let power_cycle = self.power_cycle;
        self.close_where(|fault| match fault.kind.nature() {
            Nature::Content => (!fault.hidden || fault.power_cycle < power_cycle).then_some(Closing::Masked),
            Nature::CallError => Some(Closing::Masked),
            Nature::Crash | Nature::Survivor | Nature::Resumable | Nature::Timing | Nature::Process => None,
        });
        // What its own life found harmless, from memory perhaps, this one has read for itself.
        for fault in &mut self.faults {
            let seen = fault.life < self.life && (!fault.hidden || fault.power_cycle < power_cycle);
            if seen && fault.closing == Some(Closing::Masked) {
                fault.closed_in = self.life;
            }
        }
    }

    /// All tasks ended in bounded virtual time: delays, clocks and other processes did no harm.
    pub fn settled(&mut self) {
        self.close_where(|fault| {
            matches!(fault.kind.nature(), Nature::Timing | Nature::Process).then_some(Closing::Masked)
        });
    }

    /// Nothing ever touched this fault (its file is gone, its sector was never read).
    pub fn not_reached(&mut self, number: FaultNumber) {
        self.close_any(|fault| (fault.number == number).then_some(Closing::NotReached));
    }

    /// The run is over: what a page cache hid, and no power loss came to show, had no effect.
    pub fn ended(&mut self) {
        let power_cycle = self.power_cycle;
        self.close_any(|fault| {
            let unseen =
                fault.hidden && fault.power_cycle == power_cycle && fault.kind.nature() == Nature::Content;
            unseen.then_some(Closing::NotReached)
        });
    }

    /// Every fault, in order of injection.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// A fault by its number.
    pub fn fault(&self, number: FaultNumber) -> Option<&Fault> {
        self.faults.get((number.0 as usize).checked_sub(1)?)
    }

    /// The faults that nothing has closed. At the end of a run each is a finding.
    pub fn unclosed(&self) -> impl Iterator<Item = &Fault> {
        self.open.iter().map(|&index| &self.faults[index])
    }

    /// Whether the two files of `database` may be damaged: oracles that look at them without the engine must allow for that.
    /// What a later life has read and found right is not.
    pub fn may_be_damaged(&self, database: &Path) -> bool {
        self.faults.iter().any(|fault| fault.lasts() && fault.is_in(database) && fault.counts_still())
    }

    /// As [`Ledger::may_be_damaged`], but what no comparison reads counts as well: the older of two checkpoints, and the log
    /// behind it.
    pub fn may_ever_be_damaged(&self, database: &Path) -> bool {
        let stands = |fault: &Fault| fault.closing != Some(Closing::NotReached);
        self.faults.iter().any(|fault| fault.lasts() && fault.is_in(database) && stands(fault))
    }

    /// Whether the file of `database` has been deleted while this process had it open. One that was deleted while it was made
    /// has another one in its place, if that was given the name afterwards.
    pub fn is_taken_away(&self, database: &Path) -> bool {
        let named = self.named.get(database).copied().unwrap_or(0);
        // A disk at rest is damaged between two processes: the next one has opened what was left.
        let in_use = |fault: &Fault| {
            let at_sync = fault.label.is_some_and(|label| label.kind == env::LabelKind::Sync);
            let since = fault.number.0 as usize > named;
            at_sync && since && fault.life == self.life && fault.closing != Some(Closing::NotReached)
        };
        let mut deleted = self.faults.iter().filter(|fault| fault.kind == FaultKind::FileDeleted);
        deleted.any(|fault| in_use(fault) && fault.place.is_on(database))
    }

    /// Closes the open faults for which `decide` answers, where their contract allows it; returns how many.
    fn close_where(&mut self, decide: impl Fn(&Fault) -> Option<Closing>) -> usize {
        self.close_any(|fault| {
            decide(fault).filter(|closing| closing.verdict().is_none_or(|verdict| fault.kind.allows(verdict)))
        })
    }

    fn close_any(&mut self, decide: impl Fn(&Fault) -> Option<Closing>) -> usize {
        let before = self.open.len();
        let (faults, waiting, life) = (&mut self.faults, &mut self.waiting, self.life);
        self.open.retain(|&index| {
            let fault = &mut faults[index];
            fault.closing = decide(fault);
            fault.closed_in = life;
            *waiting -= usize::from(fault.closing.is_some() && is_waiting(fault.kind));
            fault.closing.is_none()
        });
        before - self.open.len()
    }
}

fn reported(error: &str, to: &str) -> Closing {
    Closing::Reported { error: error.to_owned(), to: to.to_owned() }
}

fn lost_reported(error: &str, to: &str) -> Closing {
    Closing::LostReported { error: error.to_owned(), to: to.to_owned() }
}

fn is_waiting(kind: FaultKind) -> bool {
    matches!(kind.nature(), Nature::Resumable | Nature::CallError)
}

/// The label kind of a read or write; other operations are never resumed.
fn kind_of(operation: Operation) -> env::LabelKind {
    if operation == Operation::Read { env::LabelKind::Read } else { env::LabelKind::Write }
}

#[cfg(test)]
mod tests;
