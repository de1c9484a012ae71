//! Rows that are handed over when a commit is published: the next one goes on from them while the log is being written.

use crate::support;

use std::io::ErrorKind;
use std::sync::Arc;
use store::locks::{RowMode, WaitPolicy};
use store::{CommitError, CommitNumber, Isolation, RowLock, Store, StoreResult, Transaction, TreeId};
use support::faulty::{Fault, FaultyEnv};
use support::{begin, begin_at, key, memory, open, tree_with};

const ROW: u32 = 3;

struct Scene {
    env: Arc<FaultyEnv>,
    store: Arc<Store>,
    tree: TreeId,
}

/// Lets the commit go on, also when the test fails.
struct Released<'s>(&'s FaultyEnv);

impl Drop for Released<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Scene {
    fn new() -> Scene {
        let env = FaultyEnv::new(memory());
        let store = Arc::new(open(&env));
        let tree = tree_with(&store, 0..10);
        Scene { env, store, tree }
    }

    /// Runs `meanwhile` while a commit that has written the row is published and not durable. What became of that commit.
    fn while_unsynced(&self, fails: bool, meanwhile: impl FnOnce()) -> Result<CommitNumber, CommitError> {
        self.env.at(&wal::label::COMMIT_SYNC, 0, 1, Fault::Hold);
        if fails {
            self.env.at(&wal::label::COMMIT_SYNC, 0, 1, Fault::Fail(ErrorKind::Other));
        }
        std::thread::scope(|scope| {
            let committing = scope.spawn(|| {
                let mut first = begin(&self.store);
                first.put(self.tree, &key(ROW), b"first").expect("puts");
                first.commit()
            });
            while !self.env.holds() {
                std::thread::yield_now();
            }
            let released = Released(&self.env);
            meanwhile();
            drop(released);
            committing.join().expect("does not panic")
        })
    }

    fn lock_ahead(&self, transaction: &mut Transaction) -> StoreResult<RowLock> {
        transaction.lock_row_ahead(self.tree, &key(ROW), RowMode::Update, WaitPolicy::NoWait)
    }

    fn read(&self, transaction: &mut Transaction) -> Vec<u8> {
        transaction.get(self.tree, &key(ROW)).expect("reads").expect("is there")
    }

    /// Goes on from the row that the first has written.
    fn second(&self) -> Transaction {
        let mut second = begin(&self.store);
        second.allow_ahead(true);
        assert_eq!(self.lock_ahead(&mut second).expect("is handed over"), RowLock::HeldChanged);
        assert_eq!(self.read(&mut second), b"first");
        second.put(self.tree, &key(ROW), b"second").expect("puts");
        second.allow_ahead(false);
        second
    }
}

#[test]
fn the_next_goes_on_from_a_row_before_the_log_is_durable() {
    let scene = Scene::new();
    let mut second = None;
    let first = scene.while_unsynced(false, || {
        let mut other = begin(&scene.store);
        assert!(scene.lock_ahead(&mut other).is_err(), "it has not said that it may");
        let mut strict = begin_at(&scene.store, Isolation::RepeatableRead);
        strict.allow_ahead(true);
        assert!(scene.lock_ahead(&mut strict).is_err(), "its snapshot stays");
        second = Some(scene.second());
        other.allow_ahead(true);
        assert!(scene.lock_ahead(&mut other).is_err(), "the second has it");
        assert_eq!(scene.read(&mut begin(&scene.store)), ROW.to_le_bytes(), "nobody else hears of it");
    });
    let first = first.expect("commits");
    let second = second.expect("has begun").commit().expect("commits");
    assert!(first < second);
    assert!(scene.env.was_reached(&store::labels::AHEAD));
    assert_eq!(scene.read(&mut begin(&scene.store)), b"second");
}

#[test]
fn who_may_tell_of_what_he_reads_waits_before_he_reads_it() {
    let scene = Scene::new();
    // Nobody waits for the log when he commits: whoever reads has it written then.
    scene.env.sabotage(&store::labels::COMMIT_DURABLE);
    type Look = fn(&Scene, &mut Transaction);
    let looks: [Look; 7] = [
        |scene, second| {
            second.get(scene.tree, &key(1)).expect("reads");
        },
        |scene, second| {
            second.count(scene.tree).expect("reads");
        },
        |_, second| {
            second.view().expect("looks");
        },
        |scene, second| {
            second.get_newest(scene.tree, &key(1)).expect("reads");
        },
        |scene, second| {
            second.take_row(scene.tree, &key(1), &mut Vec::new()).expect("takes");
        },
        |scene, second| {
            second.delete_range(scene.tree, &key(8), None).expect("deletes");
        },
        |_, second| second.settle().expect("settles"),
    ];
    for look in looks {
        let mut first = begin(&scene.store);
        first.put(scene.tree, &key(ROW), b"first").expect("puts");
        first.commit().expect("commits");
        let mut second = scene.second();
        scene.env.calls();
        look(&scene, &mut second);
        assert!(scene.env.calls().contains(&wal::label::COMMIT_SYNC.name));
        second.rollback();
        assert_eq!(scene.read(&mut begin(&scene.store)), b"first");
    }
}

#[test]
fn a_commit_that_wrote_nothing_is_not_acknowledged_before_what_it_saw_is_durable() {
    let scene = Scene::new();
    scene.env.sabotage(&store::labels::COMMIT_DURABLE);
    let mut first = begin(&scene.store);
    first.put(scene.tree, &key(ROW), b"first").expect("puts");
    first.commit().expect("commits");
    let mut second = begin(&scene.store);
    second.allow_ahead(true);
    assert_eq!(scene.lock_ahead(&mut second).expect("is free"), RowLock::HeldChanged);
    scene.env.calls();
    second.commit().expect("commits");
    assert!(scene.env.calls().contains(&wal::label::COMMIT_SYNC.name));
    assert_eq!(scene.read(&mut begin(&scene.store)), b"first");
}

#[test]
fn what_is_lost_takes_with_it_what_was_built_on_it() {
    let scene = Scene::new();
    let mut second = None;
    let first = scene.while_unsynced(true, || second = Some(scene.second()));
    assert!(matches!(first, Err(CommitError::Unknown { .. })), "{first:?}");
    let mut second = second.expect("has begun");
    assert!(second.settle().is_err());
    assert!(second.get(scene.tree, &key(1)).is_err());
    assert!(second.commit().is_err());
    assert_eq!(scene.read(&mut begin(&scene.store)), ROW.to_le_bytes());
}

#[test]
fn a_savepoint_of_before_is_gone_back_to() {
    let scene = Scene::new();
    let mut second = None;
    let first = scene.while_unsynced(false, || {
        let mut transaction = begin(&scene.store);
        transaction.put(scene.tree, &key(1), b"mine").expect("puts");
        let before = transaction.savepoint().expect("sets");
        transaction.allow_ahead(true);
        assert_eq!(scene.lock_ahead(&mut transaction).expect("is handed over"), RowLock::HeldChanged);
        transaction.put(scene.tree, &key(ROW), b"second").expect("puts");
        transaction.allow_ahead(false);
        transaction.rollback_to(before).expect("goes back");
        assert_eq!(scene.read(&mut transaction), ROW.to_le_bytes(), "the base of before is visible");
        second = Some(transaction);
    });
    first.expect("commits");
    second.expect("has begun").commit().expect("commits");
    let mut reader = begin(&scene.store);
    assert_eq!(scene.read(&mut reader), b"first");
    assert_eq!(reader.get(scene.tree, &key(1)).expect("reads").as_deref(), Some(&b"mine"[..]));
}
