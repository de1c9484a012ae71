//! The lock table in stormy worlds: whatever the schedule, nobody holds what conflicts, everybody comes to an end, and
//! nothing is left behind.
//!
//! Sessions lock random things in random modes, wait with and without limits, set savepoints, run into deadlocks and
//! are cancelled; worlds crash in the middle of it. A list of who believes to hold what is the oracle.

use env::Env;
use env::sync::Mutex;
use std::sync::Arc;
use std::time::Duration;
use store::locks::{
    Acquired, AdvisoryKey, AdvisoryMode, AdvisoryScope, Canceller, LockError, LockMode, LockOptions,
    LockTable, Locker, RelationMode, RowMode, SavepointDepth, WaitPolicy,
};
use store::{MAIN_DATABASE, RelationId, SessionId, TransactionId, TreeId};

env::labels! {
    TASK: "test.session", Task, "no session";
    HELD: "test.held", Lock, "the oracle is changed by two at once";
    PAUSE: "test.pause", Clock, "no pause";
}

const SESSIONS: u64 = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Thing {
    Row(u64),
    Key(u64),
    Relation(u64),
    Advisory(i64),
}

/// A belief: session, depth of savepoints, what, how.
type Belief = (u64, usize, Thing, LockMode);

fn conflict(one: LockMode, other: LockMode) -> bool {
    match (one, other) {
        (LockMode::Relation(one), LockMode::Relation(other)) => one.conflicts_with(other),
        (LockMode::Row(one), LockMode::Row(other)) => one.conflicts_with(other),
        (LockMode::Relation(_), LockMode::Row(_)) | (LockMode::Row(_), LockMode::Relation(_)) => false,
    }
}

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

struct Session {
    number: u64,
    locker: Locker,
    held: Arc<Mutex<Vec<Belief>>>,
    numbers: Numbers,
    savepoints: Vec<SavepointDepth>,
}

impl Session {
    fn believe(&self, thing: Thing, mode: LockMode) {
        let mut held = self.held.lock();
        for (session, _, other, other_mode) in held.iter() {
            let both = *session != self.number && *other == thing && conflict(mode, *other_mode);
            assert!(!both, "{session} and {} hold {thing:?} in {other_mode} and {mode}", self.number);
        }
        held.push((self.number, self.savepoints.len(), thing, mode));
    }

    fn forget_from(&self, depth: usize) {
        self.held.lock().retain(|(session, level, _, _)| *session != self.number || *level < depth);
    }

    fn lock_something(&mut self) -> Result<(), LockError> {
        let limit = Duration::from_micros(1 + self.numbers.below(2000));
        let policies = [
            WaitPolicy::FOREVER,
            WaitPolicy::FOREVER,
            WaitPolicy::Wait { limit: Some(limit) },
            WaitPolicy::NoWait,
            WaitPolicy::Skip,
        ];
        let policy = self.numbers.pick(&policies);
        let row_mode = self.numbers.pick(&RowMode::ALL);
        let relation_mode = self.numbers.pick(&RelationMode::ALL);
        let n = self.numbers.below(3);
        let (thing, mode, acquired) = match self.numbers.below(4) {
            0 => {
                let acquired = self.locker.lock_row(TreeId(1), &(4095 + n).to_be_bytes(), row_mode, policy);
                (Thing::Row(n), LockMode::Row(row_mode), acquired)
            }
            1 => {
                let acquired = self.locker.lock_row(TreeId(1), &[n as u8], row_mode, policy);
                (Thing::Key(n), LockMode::Row(row_mode), acquired)
            }
            2 => {
                let acquired = self.locker.lock_relation(RelationId(n), relation_mode, policy);
                (Thing::Relation(n), LockMode::Relation(relation_mode), acquired)
            }
            _ => {
                let scope = AdvisoryScope::Transaction;
                let key = AdvisoryKey::One(MAIN_DATABASE, n as i64);
                let acquired = self.locker.lock_advisory(key, AdvisoryMode::Exclusive, scope, policy);
                (Thing::Advisory(n as i64), LockMode::Relation(RelationMode::Exclusive), acquired)
            }
        };
        match acquired? {
            Acquired::Skipped => assert_eq!(policy, WaitPolicy::Skip),
            Acquired::AlreadyHeld => {}
            Acquired::Immediately | Acquired::AfterWaitingFor(_) => self.believe(thing, mode),
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), LockError> {
        match self.numbers.below(8) {
            0 => self.savepoints.push(self.locker.savepoint()),
            1 if !self.savepoints.is_empty() => {
                let index = self.numbers.below(self.savepoints.len() as u64) as usize;
                self.savepoints.truncate(index + 1);
                self.forget_from(index + 1);
                self.locker.rollback_to(self.savepoints[index]);
            }
            _ => match self.lock_something() {
                Err(LockError::NotAvailable { .. } | LockError::TimedOut { .. }) => {}
                other => return other,
            },
        }
        Ok(())
    }

    fn run(mut self, env: &dyn Env) {
        for transaction in 0..5 {
            self.locker.set_transaction(Some(TransactionId(self.number * 100 + transaction)));
            for _ in 0..1 + self.numbers.below(6) {
                match self.step() {
                    Ok(()) => {}
                    Err(LockError::Deadlock { steps }) => {
                        assert!(steps.len() >= 2, "{steps:?}");
                        break;
                    }
                    Err(LockError::Cancelled { .. }) => break,
                    Err(other) => panic!("{other}"),
                }
                if self.numbers.below(3) == 0 {
                    env.sleep(&PAUSE, Duration::from_micros(self.numbers.below(500)));
                }
            }
            self.savepoints.clear();
            self.forget_from(0);
            self.locker.end_transaction();
        }
    }
}

fn cancel_some(env: &dyn Env, cancellers: &[Canceller], numbers: &mut Numbers) {
    for _ in 0..4 {
        env.sleep(&PAUSE, Duration::from_micros(numbers.below(2000)));
        numbers.pick(&cancellers.iter().collect::<Vec<_>>()).cancel();
    }
}

fn work(env: &Arc<dyn Env>, seed: u64) {
    let deadlock_timeout = seed.is_multiple_of(3).then_some(Duration::from_micros(300));
    let options = LockOptions { shards: 1 << (seed % 3), deadlock_timeout, ..LockOptions::default() };
    let table = LockTable::new(env.clone(), options);
    let held = Arc::new(Mutex::new(&HELD, Vec::new()));
    let mut numbers = Numbers(seed);
    let mut cancellers = Vec::new();
    let mut tasks = Vec::new();
    for number in 0..SESSIONS {
        let locker = table.locker(SessionId(number));
        cancellers.push(locker.canceller());
        let numbers = Numbers(seed ^ number << 32);
        let session = Session { number, locker, held: held.clone(), numbers, savepoints: Vec::new() };
        let task_env = env.clone();
        let body = Box::new(move || session.run(&*task_env));
        tasks.extend(env.spawn(&TASK, &format!("session-{number}"), body));
    }
    cancel_some(&**env, &cancellers, &mut numbers);
    for task in tasks {
        task.join().expect("no panic");
    }
    assert_eq!((table.memory_bytes(), table.waiters()), (0, 0), "something was left behind");
}

#[test]
fn in_any_world_locks_exclude_and_everybody_comes_to_an_end() {
    let mut marks = std::collections::BTreeMap::new();
    let mut crashed = 0;
    for seed in 0..3000 {
        let run = sim::run(seed, move |env| work(&env, seed));
        assert!(!run.stop.is_failure(), "seed {seed}: {}", run.stop);
        crashed += u32::from(run.lives > 1);
        for (mark, count) in run.world.marks() {
            *marks.entry(mark).or_insert(0) += count;
        }
    }
    println!("{crashed} worlds crashed; {marks:?}");
    for mark in ["wait", "deadlock", "reorder", "timeout", "cancel", "race"] {
        let name = format!("locks.reached.{mark}");
        assert!(marks.contains_key(name.as_str()), "{name} was never reached: {marks:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..20 {
        let hash = || sim::run(seed, move |env| work(&env, seed)).world.hash();
        assert_eq!(hash(), hash(), "seed {seed}");
    }
}
