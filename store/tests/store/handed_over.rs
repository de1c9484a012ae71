//! Rows that are handed over when a commit is published: the next one goes on from them while the log is being written.
#![allow(
    clippy::disallowed_methods,
    reason = "the test's own threads borrow from it, which tasks of a world cannot"
)]

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
            let committing = scope.spawn(|| self.first());
            self.until_held();
            let released = Released(&self.env);
            meanwhile();
            drop(released);
            committing.join().expect("does not panic")
        })
    }

    /// Looks at something with what was prepared while a commit is published and not durable: that is not done before it is.
    fn only_when_durable(
        &self,
        prepared: impl FnOnce() -> Transaction,
        look: impl FnOnce(&mut Transaction) + Send,
    ) -> Transaction {
        self.env.at(&wal::label::COMMIT_SYNC, 0, 1, Fault::Hold);
        std::thread::scope(|scope| {
            let committing = scope.spawn(|| self.first());
            self.until_held();
            let released = Released(&self.env);
            let mut second = prepared();
            let looking = scope.spawn(move || {
                look(&mut second);
                second
            });
            (0..1000).for_each(|_| std::thread::yield_now());
            assert!(!looking.is_finished(), "it did not wait");
            drop(released);
            committing.join().expect("does not panic").expect("commits");
            looking.join().expect("does not panic")
        })
    }

    fn first(&self) -> Result<CommitNumber, CommitError> {
        let mut first = begin(&self.store);
        first.put(self.tree, &key(ROW), b"first").expect("puts");
        first.commit()
    }

    fn until_held(&self) {
        while !self.env.holds() {
            std::thread::yield_now();
        }
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
        scene.only_when_durable(|| scene.second(), |second| look(&scene, second)).rollback();
        assert_eq!(scene.read(&mut begin(&scene.store)), b"first");
        // So that the next one finds it changed.
        let mut back = begin(&scene.store);
        back.put(scene.tree, &key(ROW), b"before").expect("puts");
        back.commit().expect("commits");
    }
}

#[test]
fn a_commit_that_wrote_nothing_is_not_acknowledged_before_what_it_saw_is_durable() {
    let scene = Scene::new();
    scene.env.at(&wal::label::COMMIT_SYNC, 0, 1, Fault::Hold);
    std::thread::scope(|scope| {
        let committing = scope.spawn(|| scene.first());
        scene.until_held();
        let released = Released(&scene.env);
        let mut second = begin(&scene.store);
        second.allow_ahead(true);
        assert_eq!(scene.lock_ahead(&mut second).expect("is handed over"), RowLock::HeldChanged);
        let ending = scope.spawn(move || second.commit());
        (0..1000).for_each(|_| std::thread::yield_now());
        assert!(!ending.is_finished(), "it did not wait");
        drop(released);
        committing.join().expect("does not panic").expect("commits");
        ending.join().expect("does not panic").expect("commits");
    });
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

#[test]
fn what_was_seen_under_a_lock_that_stays_is_visible_when_a_statement_is_undone() {
    let scene = Scene::new();
    let mut second = begin(&scene.store);
    second.put(scene.tree, &key(1), b"mine").expect("puts");
    second.begin_statement();
    // So much that roots are kept to undo it by, and with them the base of before.
    for byte in [7, 8] {
        (100..900).for_each(|number| second.put(scene.tree, &key(number), &[byte; 1000]).expect("puts"));
    }
    let prepared = || {
        second.allow_ahead(true);
        assert_eq!(scene.lock_ahead(&mut second).expect("is handed over"), RowLock::HeldChanged);
        second.allow_ahead(false);
        second
    };
    let mut second = scene.only_when_durable(prepared, |second| second.undo_statement().expect("undoes"));
    second.end_statement();
    second.refresh().expect("refreshes");
    assert_eq!(scene.read(&mut second), b"first", "it is locked, and nothing says that it has changed");
    second.put(scene.tree, &key(ROW), b"second").expect("puts");
    second.commit().expect("commits");
    assert_eq!(scene.read(&mut begin(&scene.store)), b"second");
}

#[test]
fn who_looks_for_the_owner_of_a_key_waits_for_the_end_of_who_handed_it_over() {
    let scene = Scene::new();
    let owner = u64::from(ROW).to_be_bytes();
    let mut transaction = begin(&scene.store);
    transaction.put(scene.tree, &owner, b"owner").expect("puts");
    transaction.commit().expect("commits");
    scene.env.at(&wal::label::COMMIT_SYNC, 0, 1, Fault::Hold);
    std::thread::scope(|scope| {
        let committing = scope.spawn(|| {
            let mut first = begin(&scene.store);
            first.put(scene.tree, &owner, b"first").expect("puts");
            first.commit()
        });
        scene.until_held();
        let released = Released(&scene.env);
        let looking = scope.spawn(|| {
            let mut second = begin(&scene.store);
            second.allow_ahead(true);
            let locked = second.lock_row_ahead(scene.tree, &owner, RowMode::Update, WaitPolicy::FOREVER);
            assert_eq!(locked.expect("is handed over"), RowLock::HeldChanged);
            let mut looks = 0;
            second.lock_key(scene.tree, b"a key", (scene.tree, RowMode::Share), |_| {
                looks += 1;
                Ok::<_, store::StoreError>(((), vec![owner]))
            })?;
            Ok::<_, store::StoreError>(looks)
        });
        while !scene.env.was_reached(&store::labels::AHEAD) {
            std::thread::yield_now();
        }
        drop(released);
        committing.join().expect("does not panic").expect("commits");
        let looks = looking.join().expect("does not panic").expect("locks");
        assert!(looks < 10, "it looked {looks} times");
    });
}
