//! A tiny snapshot-isolation store over a handful of keys, with the real detector beside it, and a check of whether a
//! finished history equals some serial order, by trying all of them.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::ops::Bound;
use std::sync::Arc;
use store::serializable::{Access, Serializable, SerializableOptions, TransactionHandle};
use store::{CommitNumber, TreeId};

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
            newest: [None; KEYS],
            written_at: [0; KEYS],
            running: running.collect(),
        }
    }

    /// Runs the next operation of a transaction; after the last, it prepares; then it becomes visible; then the
    /// detector is told.
    pub fn step(&mut self, programs: &[Program], me: usize) {
        if let Some(number) = self.running[me].prepared {
            self.show_through(number);
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
        if let (End::LostUpdate | End::Refused, Some(detector), Some(handle)) =
            (end, &self.detector, self.running[me].handle)
        {
            detector.rolled_back(handle);
        }
    }

    fn begin(&mut self, program: &Program, me: usize) {
        let number = self.commits;
        self.running[me].snapshot = number;
        self.running[me].view = self.newest;
        self.running[me].handle = self
            .detector
            .as_ref()
            .map(|detector| detector.begin(program.access, || (CommitNumber(number), ())).0);
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
            let holds = running.end == End::Running || running.prepared.is_some();
            other != me && holds && running.writes[at]
        };
        // A real store would let it wait; that is the schedule in which the other one ends first.
        let taken = self.running.iter().enumerate().any(another);
        if taken || self.written_at[at] > self.running[me].snapshot {
            return End::LostUpdate;
        }
        if let (Some(detector), Some(handle)) = (&self.detector, self.running[me].handle)
            && detector.write(handle, TREE, &[key]).is_err()
        {
            return End::Refused;
        }
        self.running[me].writes[at] = true;
        End::Running
    }

    fn commit(&mut self, me: usize) -> End {
        if let (Some(detector), Some(handle)) = (&self.detector, self.running[me].handle)
            && detector.prepare(handle).is_err()
        {
            return End::Refused;
        }
        self.prepared += 1;
        self.running[me].prepared = Some(self.prepared);
        End::Committed
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

    /// Whether the committed transactions read and left what some serial order of them would.
    fn is_serializable(&self) -> bool {
        let committed: Vec<usize> =
            (0..self.running.len()).filter(|&n| self.running[n].end == End::Committed).collect();
        let mut order = committed.clone();
        permutations(&mut order, 0, &mut |order| {
            let mut state: [Version; KEYS] = [None; KEYS];
            for &n in order {
                let running = &self.running[n];
                if running.reads.iter().any(|(key, version)| state[usize::from(*key)] != *version) {
                    return false;
                }
                (0..KEYS).filter(|&key| running.writes[key]).for_each(|key| state[key] = Some(n));
            }
            state == self.newest
        })
    }

    pub fn finish(mut self) -> Outcome {
        self.show_through(self.prepared);
        for me in 0..self.running.len() {
            self.tell(me);
        }
        if let Some(detector) = &self.detector {
            assert_eq!(detector.memory_bytes(), 0, "nothing is remembered when nobody runs");
            assert!(detector.is_empty());
        }
        Outcome {
            serializable: self.is_serializable(),
            ends: self.running.iter().map(|running| running.end).collect(),
        }
    }
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

/// Runs one schedule: whose turn it is, step by step. Steps of those who have ended do nothing.
pub fn run(
    programs: &[Program],
    schedule: &[usize],
    detector: Option<Serializable>,
    told_late: bool,
) -> Outcome {
    let mut world = World::new(programs.len(), detector);
    for &me in schedule {
        let before = world.running[me].end;
        world.step(programs, me);
        if !told_late && before == End::Running && world.running[me].end == End::Committed {
            world.show_through(world.prepared);
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
        told_late: bool,
    ) {
        self.histories += 1;
        let plain = run(programs, schedule, None, told_late);
        self.anomalies += u64::from(!plain.serializable);
        let checked = run(programs, schedule, Some(detector(options)), told_late);
        let refused = checked.ends.contains(&End::Refused);
        self.refused += u64::from(refused);
        self.false_positives += u64::from(refused && plain.serializable);
        assert!(
            checked.serializable,
            "a non-serialisable history was let through\n{programs:#?}\n{schedule:?}\n{:?}",
            checked.ends
        );
    }
}
