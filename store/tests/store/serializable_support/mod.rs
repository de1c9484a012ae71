//! A tiny snapshot-isolation store over a handful of keys, with the real detector beside it, and a check of whether a
//! finished history equals some serial order, by trying all of them.
//!
//! The log may fail: then nothing more becomes visible, and no writer commits. Those who have prepared and are not visible
//! are *unknown*: opening the store again shows the first so many of them, any number. Readers go on, and whatever number
//! it is, what they were acknowledged must fit.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::ops::Bound;
use std::sync::Arc;
use store::serializable::{Access, Overwritten, Serializable, SerializableOptions, TransactionHandle};
use store::{CommitNumber, SessionId, TreeId};

pub const TREE: TreeId = TreeId(1);
pub const KEYS: usize = 4;

/// What a transaction does at one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Read(u8),
    Write(u8),
    /// Reads every key from this one on.
    Scan(u8),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub ops: Vec<Op>,
    pub access: Access,
}

impl Program {
    pub fn new(ops: &[Op]) -> Program {
        Program { ops: ops.to_vec(), access: Access::ReadWrite }
    }

    /// The same, declared read-only if it is.
    pub fn declared(ops: &[Op]) -> Program {
        let writes = ops.iter().any(|op| matches!(op, Op::Write(_)));
        let access = if writes { Access::ReadWrite } else { Access::ReadOnly };
        Program { ops: ops.to_vec(), access }
    }
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Running,
    Committed,
    /// Prepared when the log failed.
    Unknown,
    /// The log had failed before.
    NoLog,
    /// Lost against another writer of the same key: snapshot isolation's own rule.
    LostUpdate,
    /// Refused by the detector.
    Refused,
}

/// The number of the transaction that wrote a version; nobody wrote the first.
type Version = Option<usize>;

struct Running {
    handle: Option<TransactionHandle>,
    snapshot: u64,
    view: [Version; KEYS],
    writes: [bool; KEYS],
    reads: Vec<(u8, Version)>,
    next: usize,
    end: End,
    /// Committed, but not visible yet: as a group commit, it becomes so with all that prepared before it.
    prepared: Option<u64>,
    /// Visible, but the detector has not been told.
    untold: Option<CommitNumber>,
}

pub struct World {
    detector: Option<Serializable>,
    /// Prepared to commit so far, and of them visible.
    prepared: u64,
    commits: u64,
    log_failed: bool,
    newest: [Version; KEYS],
    /// The commit that wrote each newest version.
    written_at: [u64; KEYS],
    running: Vec<Running>,
}

/// What came of a schedule.
pub struct Outcome {
    pub ends: Vec<End>,
    pub serializable: bool,
}

pub fn detector(options: SerializableOptions) -> Serializable {
    Serializable::new(Arc::new(env::memory::MemoryEnv::new()), options)
}

impl World {
    /// `detector` is `None` for plain snapshot isolation.
    pub fn new(transactions: usize, detector: Option<Serializable>) -> World {
        let running = (0..transactions).map(|_| Running {
            handle: None,
            snapshot: 0,
            view: [None; KEYS],
            writes: [false; KEYS],
            reads: Vec::new(),
            next: 0,
            end: End::Running,
            prepared: None,
            untold: None,
        });
        World {
            detector,
            prepared: 0,
            commits: 0,
            log_failed: false,
            newest: [None; KEYS],
            written_at: [0; KEYS],
            running: running.collect(),
        }
    }

    /// Runs the next operation of a transaction; after the last, it prepares; then it becomes visible; then the
    /// detector is told.
    pub fn step(&mut self, programs: &[Program], me: usize) {
        if let Some(number) = self.running[me].prepared {
            if self.log_failed {
                self.end_without_log(me);
            } else {
                self.show_through(number);
            }
            return;
        }
        if self.running[me].end == End::Committed {
            self.tell(me);
            return;
        }
        if self.running[me].end != End::Running {
            return;
        }
        if self.running[me].next == 0 {
            self.begin(&programs[me], me);
        }
        let next = self.running[me].next;
        self.running[me].next += 1;
        let end = match programs[me].ops.get(next) {
            Some(Op::Read(key)) => self.read(me, *key, *key),
            Some(Op::Scan(key)) => self.read(me, *key, KEYS as u8 - 1),
            Some(Op::Write(key)) => self.write(me, *key),
            None => self.commit(me),
        };
        self.running[me].end = end;
        if let (End::LostUpdate | End::Refused | End::NoLog, Some(detector), Some(handle)) =
            (end, &self.detector, self.running[me].handle)
        {
            detector.rolled_back(handle);
        }
    }

    fn begin(&mut self, program: &Program, me: usize) {
        let number = self.commits;
        self.running[me].snapshot = number;
        self.running[me].view = self.newest;
        self.running[me].handle = self.detector.as_ref().map(|detector| {
            detector.begin(SessionId(me as u64), program.access, || (CommitNumber(number), ())).0
        });
    }

    fn read(&mut self, me: usize, first: u8, last: u8) -> End {
        if let (Some(detector), Some(handle)) = (&self.detector, self.running[me].handle) {
            let told = if first == last {
                detector.read_point(handle, TREE, &[first])
            } else {
                detector.read_range(handle, TREE, Bound::Included(&[first]), Bound::Unbounded)
            };
            if told.is_err() {
                return End::Refused;
            }
        }
        let running = &mut self.running[me];
        for key in first..=last {
            if !running.writes[usize::from(key)] {
                running.reads.push((key, running.view[usize::from(key)]));
            }
        }
        End::Running
    }

    fn write(&mut self, me: usize, key: u8) -> End {
        let at = usize::from(key);
        let another = |(other, running): (usize, &Running)| {
            let on_its_way = running.end == End::Committed && running.prepared.is_some();
            let holds = running.end == End::Running || on_its_way;
            other != me && holds && running.writes[at]
        };
        // A real store would let it wait; that is the schedule in which the other one ends first.
        let taken = self.running.iter().enumerate().any(another);
        if taken || self.written_at[at] > self.running[me].snapshot {
            return End::LostUpdate;
        }
        let overwritten = match (self.running[me].writes[at], self.written_at[at]) {
            (true, _) => Overwritten::Own,
            (false, 0) => Overwritten::Unknown,
            (false, commit) => Overwritten::Version(CommitNumber(commit)),
        };
        if let (Some(detector), Some(handle)) = (&self.detector, self.running[me].handle)
            && detector.write(handle, TREE, &[key], overwritten).is_err()
        {
            return End::Refused;
        }
        self.running[me].writes[at] = true;
        End::Running
    }

    fn commit(&mut self, me: usize) -> End {
        let writes = self.running[me].writes.contains(&true);
        if self.log_failed && writes {
            return End::NoLog;
        }
        if let (Some(detector), Some(handle)) = (&self.detector, self.running[me].handle)
            && detector.prepare(handle).is_err()
        {
            return End::Refused;
        }
        self.prepared += 1;
        self.running[me].prepared = Some(self.prepared);
        End::Committed
    }

    /// One that has prepared learns that the log has failed: it need not mind if it only reads.
    fn end_without_log(&mut self, me: usize) {
        let running = &mut self.running[me];
        let Some(number) = running.prepared.filter(|_| running.end == End::Committed) else { return };
        if running.writes.contains(&true) {
            running.end = End::Unknown;
            if let (Some(detector), Some(handle)) = (&self.detector, running.handle) {
                detector.unknown(handle, Some(CommitNumber(number)));
            }
        } else {
            running.prepared = None;
            running.untold = Some(CommitNumber(number));
            self.tell(me);
        }
    }

    /// Makes everything visible that prepared as the first `number`.
    fn show_through(&mut self, number: u64) {
        while self.commits < number {
            self.commits += 1;
            let next = Some(self.commits);
            let Some(me) = self.running.iter().position(|running| running.prepared == next) else { return };
            for key in 0..KEYS {
                if self.running[me].writes[key] {
                    self.newest[key] = Some(me);
                    self.written_at[key] = self.commits;
                }
            }
            self.running[me].prepared = None;
            self.running[me].untold = Some(CommitNumber(self.commits));
        }
    }

    fn tell(&mut self, me: usize) {
        let running = &mut self.running[me];
        if let (Some(number), Some(detector), Some(handle)) =
            (running.untold.take(), &self.detector, running.handle)
        {
            let wrote = running.writes.contains(&true);
            detector.committed(handle, wrote.then_some(number));
        }
    }

    /// Whether the committed transactions read and left what some serial order of them would, however many of the unknown
    /// ones have committed, too.
    fn is_serializable(&self) -> bool {
        let has_ended = |end| (0..self.running.len()).filter(move |&n| self.running[n].end == end);
        let mut committed: Vec<usize> = has_ended(End::Committed).collect();
        let mut unknown: Vec<usize> = has_ended(End::Unknown).collect();
        unknown.sort_by_key(|&n| self.running[n].prepared);
        let mut newest = self.newest;
        let mut serializable = has_serial_order(&self.running, &committed, newest);
        for n in unknown {
            committed.push(n);
            (0..KEYS).filter(|&key| self.running[n].writes[key]).for_each(|key| newest[key] = Some(n));
            serializable &= has_serial_order(&self.running, &committed, newest);
        }
        serializable
    }

    pub fn finish(mut self) -> Outcome {
        if !self.log_failed {
            self.show_through(self.prepared);
        }
        for me in 0..self.running.len() {
            if self.log_failed {
                self.end_without_log(me);
            }
            self.tell(me);
        }
        if let Some(detector) = &self.detector {
            let unknown = self.running.iter().filter(|running| running.end == End::Unknown).count();
            assert_eq!(detector.len(), unknown, "when nobody runs, only what is unknown is remembered");
            assert_eq!(detector.memory_bytes() > 0, unknown > 0);
        }
        Outcome {
            serializable: self.is_serializable(),
            ends: self.running.iter().map(|running| running.end).collect(),
        }
    }
}

/// Whether these transactions read what they would have in some serial order that leaves `newest`.
fn has_serial_order(running: &[Running], committed: &[usize], newest: [Version; KEYS]) -> bool {
    permutations(&mut committed.to_vec(), 0, &mut |order| {
        let mut state: [Version; KEYS] = [None; KEYS];
        for &n in order {
            let running = &running[n];
            if running.reads.iter().any(|(key, version)| state[usize::from(*key)] != *version) {
                return false;
            }
            (0..KEYS).filter(|&key| running.writes[key]).for_each(|key| state[key] = Some(n));
        }
        state == newest
    })
}

/// Whether `accept` accepts any permutation.
fn permutations(order: &mut Vec<usize>, from: usize, accept: &mut impl FnMut(&[usize]) -> bool) -> bool {
    if from >= order.len() {
        return accept(order);
    }
    for swap in from..order.len() {
        order.swap(from, swap);
        let accepted = permutations(order, from + 1, accept);
        order.swap(from, swap);
        if accepted {
            return true;
        }
    }
    false
}

/// How a schedule is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Course {
    /// To become visible, and to be told to the detector, are steps of their own, and not part of the one that prepares.
    pub told_late: bool,
    /// The log fails in this step: who prepares in it is the last.
    pub log_fails_in: Option<usize>,
}

/// Runs one schedule: whose turn it is, step by step. Steps of those who have ended do nothing.
pub fn run(
    programs: &[Program],
    schedule: &[usize],
    detector: Option<Serializable>,
    course: Course,
) -> Outcome {
    let mut world = World::new(programs.len(), detector);
    for (step, &me) in schedule.iter().enumerate() {
        let before = world.running[me].end;
        world.step(programs, me);
        world.log_failed |= course.log_fails_in == Some(step);
        if !course.told_late && before == End::Running && world.running[me].end == End::Committed {
            world.step(programs, me);
            world.tell(me);
        }
    }
    world.finish()
}

/// Calls `visit` with every interleaving of `counts[n]` steps of each transaction `n`.
pub fn interleavings(counts: &mut [usize], schedule: &mut Vec<usize>, visit: &mut impl FnMut(&[usize])) {
    if counts.iter().all(|&count| count == 0) {
        visit(schedule);
        return;
    }
    for me in 0..counts.len() {
        if counts[me] > 0 {
            counts[me] -= 1;
            schedule.push(me);
            interleavings(counts, schedule, visit);
            schedule.pop();
            counts[me] += 1;
        }
    }
}

/// What a search has seen.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub histories: u64,
    /// Some outcome was unknown.
    pub unknown: u64,
    /// Plain snapshot isolation let something non-serialisable commit.
    pub anomalies: u64,
    pub refused: u64,
    /// Refused although plain snapshot isolation would have given a serialisable history.
    pub false_positives: u64,
}

impl Tally {
    /// Runs a schedule with and without the detector, and panics at a non-serialisable history that was let through.
    pub fn count(
        &mut self,
        programs: &[Program],
        schedule: &[usize],
        options: SerializableOptions,
        course: Course,
    ) {
        self.histories += 1;
        let plain = run(programs, schedule, None, course);
        self.anomalies += u64::from(!plain.serializable);
        let checked = run(programs, schedule, Some(detector(options)), course);
        self.unknown += u64::from(checked.ends.contains(&End::Unknown));
        let refused = checked.ends.contains(&End::Refused);
        self.refused += u64::from(refused);
        self.false_positives += u64::from(refused && plain.serializable);
        assert!(
            checked.serializable,
            "a non-serialisable history was let through\n{programs:#?}\n{schedule:?}, {course:?}\n{:?}",
            checked.ends
        );
    }
}
