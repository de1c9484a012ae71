//! Sessions for lock tests: those that must not wait run in the test's own task, those that wait in one of their own.
#![allow(dead_code, reason = "each test file uses a part of it")]

use env::sync::mpsc;
use env::{Env, Label, LabelKind, TaskHandle};
use std::sync::Arc;
use std::time::Duration;
use store::locks::{Acquired, LockError, LockOptions, LockTable, Locker, RelationMode, RowMode, WaitPolicy};
use store::{RelationId, SessionId, TransactionId, TreeId};

static TASK: Label = Label { name: "test.task", kind: LabelKind::Task, breaks: "nothing" };

pub const TREE: TreeId = TreeId(7);

pub fn env() -> Arc<dyn Env> {
    Arc::new(env::real::RealEnv::new())
}

pub fn table() -> Arc<LockTable> {
    LockTable::new(env(), LockOptions::default())
}

/// A locker that is also the session `n` with transaction `100 + n`.
pub fn session(table: &Arc<LockTable>, n: u64) -> Locker {
    let locker = table.locker(SessionId(n));
    locker.set_transaction(Some(TransactionId(100 + n)));
    locker
}

pub fn row(locker: &mut Locker, key: &[u8], mode: RowMode) -> Result<Acquired, LockError> {
    locker.lock_row(TREE, key, mode, WaitPolicy::NoWait)
}

pub fn relation(locker: &mut Locker, n: u64, mode: RelationMode) -> Result<Acquired, LockError> {
    locker.lock_relation(RelationId(n), mode, WaitPolicy::NoWait)
}

/// A request that sleeps in a task of its own.
pub struct Pending {
    answer: mpsc::Receiver<(Locker, Result<Acquired, LockError>)>,
    task: Box<dyn TaskHandle>,
}

impl Pending {
    /// Starts `request` and returns when it is really waiting.
    pub fn start(
        table: &Arc<LockTable>,
        locker: Locker,
        request: impl FnOnce(&mut Locker) -> Result<Acquired, LockError> + Send + 'static,
    ) -> Pending {
        let before = table.waiters();
        let pending = Pending::start_unseen(locker, request);
        while table.waiters() == before {
            assert!(!pending.task.is_finished(), "the request did not wait");
            env().sleep(&TASK, Duration::from_micros(50));
        }
        pending
    }

    /// Starts `request` and returns at once.
    pub fn start_unseen(
        mut locker: Locker,
        request: impl FnOnce(&mut Locker) -> Result<Acquired, LockError> + Send + 'static,
    ) -> Pending {
        let (sender, answer) = mpsc::channel(&TASK);
        let body = move || {
            let result = request(&mut locker);
            let _ = sender.send((locker, result));
        };
        let task = env().spawn(&TASK, "waiter", Box::new(body)).expect("a task can be started");
        Pending { answer, task }
    }

    /// Waits until the request has been answered.
    pub fn finish(self) -> (Locker, Result<Acquired, LockError>) {
        let answer = self.answer.receive().expect("the task answers");
        self.task.join().expect("the task does not panic");
        answer
    }

    /// As [`Pending::finish`], for a request that is granted.
    pub fn granted(self) -> Locker {
        let (locker, result) = self.finish();
        assert!(result.as_ref().is_ok_and(Acquired::waited), "{result:?}");
        locker
    }
}
