//! Who is refused, when, and with which words; snapshots that need no tracking; memory.

use crate::serializable_support;

use env::sync::atomic::{AtomicU64, Ordering};
use env::{Env, Label, LabelKind};
use serializable_support::{TREE, detector};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;
use store::serializable::{
    Access, FailureReason, Overwritten, Serializable, SerializableOptions, SerializationFailure,
    TransactionHandle,
};
use store::{CommitNumber, SessionId, TransactionId, TreeId};

/// The session of the deferrable transactions.
const REPORT: SessionId = SessionId(1);

static TASK: Label = Label { name: "test.task", kind: LabelKind::Task, breaks: "nothing" };

/// A detector with commit numbers counted for it.
struct Store {
    detector: Serializable,
    commits: AtomicU64,
}

impl Store {
    fn new() -> Store {
        Store::with(SerializableOptions::default())
    }

    fn with(options: SerializableOptions) -> Store {
        Store { detector: detector(options), commits: AtomicU64::new(0) }
    }

    fn snapshot(&self) -> (CommitNumber, ()) {
        (CommitNumber(self.commits.load(Ordering::SeqCst)), ())
    }

    fn begin(&self, access: Access) -> TransactionHandle {
        self.detector.begin(SessionId(0), access, || self.snapshot()).0
    }

    fn writer(&self) -> TransactionHandle {
        self.begin(Access::ReadWrite)
    }

    fn read(&self, handle: TransactionHandle, key: &str) -> Result<(), SerializationFailure> {
        self.detector.read_point(handle, TREE, key.as_bytes())
    }

    fn write(&self, handle: TransactionHandle, key: &str) -> Result<(), SerializationFailure> {
        self.detector.write(handle, TREE, key.as_bytes(), Overwritten::Unknown)
    }

    /// Writes over a version that became visible with a commit.
    fn overwrite(
        &self,
        handle: TransactionHandle,
        key: &str,
        commit: u64,
    ) -> Result<(), SerializationFailure> {
        self.detector.write(handle, TREE, key.as_bytes(), Overwritten::Version(CommitNumber(commit)))
    }

    fn commit(&self, handle: TransactionHandle) -> Result<(), SerializationFailure> {
        self.detector.prepare(handle).inspect_err(|_| self.detector.rolled_back(handle))?;
        let number = self.commits.fetch_add(1, Ordering::SeqCst) + 1;
        self.detector.committed(handle, Some(CommitNumber(number)));
        Ok(())
    }
}

/// PostgreSQL's isolation script `multiple-row-versions`: the reader of x conflicts with who wrote the next version of it, and
/// not with who wrote the one after. So that one may commit, and only the reader's own write is refused.
#[test]
fn who_overwrites_a_version_that_a_reader_never_saw_does_not_conflict_with_it() {
    let store = Store::new();
    let (reader, next) = (store.writer(), store.writer());
    assert_eq!((store.read(reader, "x"), store.write(next, "x")), (Ok(()), Ok(())));
    assert_eq!(store.commit(next), Ok(()));
    let (after, last) = (store.writer(), store.writer());
    assert_eq!((store.overwrite(after, "x", 1), store.read(after, "y")), (Ok(()), Ok(())));
    assert_eq!((store.write(last, "y"), store.read(last, "z")), (Ok(()), Ok(())));
    assert_eq!((store.commit(last), store.commit(after)), (Ok(()), Ok(())));
    let refused = store.write(reader, "z").expect_err("last, reader, next: a structure");
    assert_eq!(refused.reason, FailureReason::PivotDuringWrite);
}

/// The same, but the one after overwrites what the reader has seen: now that one is a pivot.
#[test]
fn who_overwrites_the_version_that_a_reader_saw_conflicts_with_it() {
    let store = Store::new();
    let reader = store.writer();
    assert_eq!(store.read(reader, "x"), Ok(()));
    let (after, last) = (store.writer(), store.writer());
    assert_eq!((store.overwrite(after, "x", 0), store.read(after, "y")), (Ok(()), Ok(())));
    assert_eq!((store.write(last, "y"), store.read(last, "z")), (Ok(()), Ok(())));
    assert_eq!(store.commit(last), Ok(()));
    let refused = store.commit(after).expect_err("reader, after, last: a structure");
    assert_eq!(refused.reason, FailureReason::PivotDuringCommit);
    assert_eq!((store.write(reader, "z"), store.commit(reader)), (Ok(()), Ok(())));
}

#[test]
fn of_two_that_skew_the_first_to_commit_wins_and_the_other_is_the_pivot() {
    let store = Store::new();
    let (a, b) = (store.writer(), store.writer());
    assert_eq!(store.read(a, "x"), Ok(()));
    assert_eq!(store.read(b, "y"), Ok(()));
    assert_eq!(store.write(a, "y"), Ok(()));
    assert_eq!(store.write(b, "x"), Ok(()));
    assert_eq!(store.commit(a), Ok(()));
    let refused = store.commit(b).expect_err("both would be write skew");
    assert_eq!(refused.reason, FailureReason::PivotDuringCommit);
    assert_eq!(
        refused.to_string(),
        "could not serialize access due to read/write dependencies among transactions (reason code: \
         Canceled on identification as a pivot, during commit attempt.)"
    );
    let again = store.writer();
    assert_eq!((store.read(again, "y"), store.write(again, "x")), (Ok(()), Ok(())));
    assert_eq!(store.commit(again), Ok(()), "tried again, it succeeds");
    assert!(store.detector.is_empty());
}

#[test]
fn the_pivot_in_the_middle_fails_and_its_neighbours_do_not() {
    let store = Store::new();
    let [first, pivot, last] = [store.writer(), store.writer(), store.writer()];
    assert_eq!((store.read(first, "x"), store.write(pivot, "x")), (Ok(()), Ok(())));
    assert_eq!((store.read(pivot, "y"), store.write(last, "y")), (Ok(()), Ok(())));
    assert_eq!(store.write(first, "z"), Ok(()));
    assert_eq!(store.commit(last), Ok(()));
    let read = store.read(pivot, "z").expect_err("it was chosen when the last committed");
    assert_eq!(read.reason, FailureReason::PivotDuringRead);
    let write = store.write(pivot, "z").expect_err("it was chosen when the last committed");
    assert_eq!(write.reason, FailureReason::PivotDuringConflictIn);
    store.detector.rolled_back(pivot);
    assert_eq!(store.commit(first), Ok(()));
}

#[test]
fn who_reads_from_a_committed_pivot_is_refused_and_told_its_number() {
    let store = Store::new();
    let (reader, pivot, last) = (store.writer(), store.writer(), store.writer());
    store.detector.set_transaction(pivot, TransactionId(77));
    assert_eq!((store.read(pivot, "y"), store.write(last, "y")), (Ok(()), Ok(())));
    assert_eq!(store.commit(last), Ok(()));
    assert_eq!((store.write(pivot, "x"), store.commit(pivot)), (Ok(()), Ok(())));
    let refused = store.read(reader, "x").expect_err("reader -> pivot -> last, and last was first");
    assert_eq!(refused.reason, FailureReason::ConflictOutToPivot(Some(TransactionId(77))));
    store.detector.rolled_back(reader);
    // The same reader, declared read-only: harmless, since its snapshot is older than the last one's commit.
    let reader = store.begin(Access::ReadOnly);
    assert_eq!((store.read(reader, "x"), store.commit(reader)), (Ok(()), Ok(())));
}

#[test]
fn a_range_read_meets_what_is_inserted_into_it_and_nothing_beside_it() {
    let store = Store::new();
    let skew = |inserted: &str| {
        let (a, b) = (store.writer(), store.writer());
        for handle in [a, b] {
            let range = (Bound::Included(&b"k"[..]), Bound::Excluded(&b"m"[..]));
            assert_eq!(store.detector.read_range(handle, TREE, range.0, range.1), Ok(()));
        }
        assert_eq!((store.write(a, inserted), store.write(b, "l")), (Ok(()), Ok(())));
        assert_eq!(store.commit(a), Ok(()));
        store.commit(b).is_ok()
    };
    assert!(!skew("k"));
    assert!(!skew("lzz"));
    assert!(skew("jz"));
    assert!(skew("m"));
}

#[test]
fn a_change_of_a_whole_range_meets_every_read_in_it() {
    let store = Store::new();
    let (a, b) = (store.writer(), store.writer());
    assert_eq!((store.read(a, "x"), store.read(b, "y")), (Ok(()), Ok(())));
    let all = || (Bound::Unbounded, Bound::Unbounded);
    assert_eq!(store.detector.write_range(b, TREE, all().0, all().1), Ok(()));
    assert_eq!(store.detector.write_range(a, TreeId(2), all().0, all().1), Ok(()));
    assert_eq!(store.commit(a), Ok(()), "b's own read is of another tree than a's change");
    assert_eq!(store.commit(b), Ok(()));
    let (a, b) = (store.writer(), store.writer());
    assert_eq!((store.read(a, "x"), store.read(b, "y")), (Ok(()), Ok(())));
    assert_eq!(store.detector.write_range(b, TREE, all().0, all().1), Ok(()));
    assert_eq!(store.detector.write_range(a, TREE, all().0, all().1), Ok(()));
    assert_eq!(store.commit(a), Ok(()));
    assert!(store.commit(b).is_err());
}

#[test]
fn a_reader_alone_is_safe_at_once_and_costs_nothing() {
    let store = Store::new();
    let reader = store.begin(Access::ReadOnly);
    assert!(store.detector.is_safe(reader));
    let before = store.detector.memory_bytes();
    assert_eq!(store.read(reader, "x"), Ok(()));
    assert_eq!(store.detector.memory_bytes(), before);
    assert_eq!(store.detector.view(), []);
    assert_eq!(store.commit(reader), Ok(()));
}

#[test]
fn a_reader_becomes_safe_when_the_writers_before_it_end_harmlessly() {
    let store = Store::new();
    let (one, two) = (store.writer(), store.writer());
    let reader = store.begin(Access::ReadOnly);
    let later = store.writer();
    assert_eq!(store.read(reader, "x"), Ok(()));
    assert_eq!(store.detector.view().len(), 1);
    assert_eq!((store.write(one, "x"), store.commit(one)), (Ok(()), Ok(())));
    assert!(!store.detector.is_safe(reader));
    store.detector.rolled_back(two);
    assert!(store.detector.is_safe(reader), "who begins later cannot harm it");
    assert_eq!(store.detector.view(), [], "what it has read is forgotten");
    store.detector.rolled_back(later);
    assert_eq!(store.commit(reader), Ok(()));
}

/// The read-only anomaly: `batch` and `receipt` alone are serialisable, `report` shows a state that no order explains.
#[test]
fn a_report_that_would_show_the_read_only_anomaly_is_refused() {
    let store = Store::new();
    let receipt = store.writer();
    assert_eq!(store.read(receipt, "batch number"), Ok(()));
    let closing = store.writer();
    assert_eq!((store.read(closing, "batch number"), store.write(closing, "batch number")), (Ok(()), Ok(())));
    assert_eq!(store.commit(closing), Ok(()));
    let report = store.begin(Access::ReadOnly);
    assert_eq!((store.read(report, "batch number"), store.read(report, "receipts")), (Ok(()), Ok(())));
    assert_eq!(store.commit(report), Ok(()));
    let refused = store.write(receipt, "receipts").expect_err("the report has shown the batch without it");
    assert_eq!(refused.reason, FailureReason::PivotDuringWrite);
    store.detector.rolled_back(receipt);
}

/// A deferrable transaction waits while a writer runs; takes another snapshot when the first turns out unsafe.
#[test]
fn a_deferrable_reader_waits_for_a_snapshot_that_cannot_mislead() {
    let env = env::real::RealEnv::new();
    let store = Arc::new(Store::new());
    let receipt = store.writer();
    assert_eq!(store.read(receipt, "batch number"), Ok(()));
    let closing = store.writer();
    assert_eq!((store.write(closing, "batch number"), store.commit(closing)), (Ok(()), Ok(())));
    let snapshots = Arc::new(AtomicU64::new(0));
    let (task_store, task_snapshots) = (store.clone(), snapshots.clone());
    let body = move || {
        let take = || {
            task_snapshots.fetch_add(1, Ordering::SeqCst);
            task_store.snapshot()
        };
        let begun =
            task_store.detector.begin_deferrable(REPORT, take, || false).expect("no outcome is unknown");
        let (report, ()) = begun.expect("it is not cancelled");
        assert!(task_store.detector.is_safe(report));
        assert_eq!((task_store.read(report, "receipts"), task_store.commit(report)), (Ok(()), Ok(())));
    };
    let task = env.spawn(&TASK, "report", Box::new(body)).expect("a task can be started");
    while snapshots.load(Ordering::SeqCst) == 0 {
        env.sleep(&TASK, Duration::from_micros(50));
    }
    assert_eq!(store.detector.waited_for(REPORT), BTreeSet::from([SessionId(0)]));
    assert_eq!(store.detector.waited_for(SessionId(0)), BTreeSet::new());
    // Commits with a conflict out to one that committed before the report's first snapshot: that snapshot is unsafe.
    assert_eq!((store.write(receipt, "receipts"), store.commit(receipt)), (Ok(()), Ok(())));
    task.join().expect("the report does not panic");
    assert_eq!(snapshots.load(Ordering::SeqCst), 2);
    assert!(store.detector.is_empty());
}

#[test]
fn a_deferrable_reader_that_is_cancelled_leaves_nothing() {
    let store = Store::new();
    let writer = store.writer();
    assert_eq!(store.detector.begin_deferrable(REPORT, || store.snapshot(), || true), Ok(None));
    assert_eq!(store.detector.len(), 1);
    store.detector.rolled_back(writer);
    assert!(store.detector.is_empty());
    // Where there is nothing to wait for, nobody asks.
    assert!(matches!(store.detector.begin_deferrable(REPORT, || store.snapshot(), || true), Ok(Some(_))));
}

#[test]
fn a_deferrable_reader_does_not_wait_for_what_nobody_will_ever_know() {
    let env = env::real::RealEnv::new();
    let store = Arc::new(Store::new());
    let receipt = store.writer();
    store.detector.set_transaction(receipt, TransactionId(77));
    assert_eq!(store.read(receipt, "batch number"), Ok(()));
    let closing = store.writer();
    assert_eq!((store.write(closing, "batch number"), store.commit(closing)), (Ok(()), Ok(())));
    let snapshots = Arc::new(AtomicU64::new(0));
    let (task_store, task_snapshots) = (store.clone(), snapshots.clone());
    let body = move || {
        let take = || {
            task_snapshots.fetch_add(1, Ordering::SeqCst);
            task_store.snapshot()
        };
        let refused =
            task_store.detector.begin_deferrable(REPORT, take, || false).expect_err("it is never safe");
        assert_eq!(refused.reason, FailureReason::ConflictOutToUnknown(Some(TransactionId(77))));
        let reason = "(reason code: Canceled on conflict out to pivot 77, whose commit is unknown until the \
                      database is opened again.)";
        assert!(refused.to_string().ends_with(reason), "{refused}");
    };
    let task = env.spawn(&TASK, "report", Box::new(body)).expect("a task can be started");
    while snapshots.load(Ordering::SeqCst) == 0 {
        env.sleep(&TASK, Duration::from_micros(50));
    }
    assert_eq!((store.write(receipt, "receipts"), store.detector.prepare(receipt)), (Ok(()), Ok(())));
    store.detector.unknown(receipt, Some(CommitNumber(2)));
    task.join().expect("the report does not panic");
    assert_eq!(store.detector.len(), 1, "the unknown one is kept");
}

/// As without durability, where a commit is shown before it is known that the log cannot be written.
#[test]
fn whoever_sees_what_an_unknown_commit_wrote_is_in_no_danger() {
    let store = Store::new();
    let pivot = store.writer();
    assert_eq!(store.read(pivot, "y"), Ok(()));
    let first = store.writer();
    assert_eq!((store.write(first, "y"), store.commit(first)), (Ok(()), Ok(())));
    assert_eq!((store.write(pivot, "x"), store.detector.prepare(pivot)), (Ok(()), Ok(())));
    let before = store.begin(Access::ReadOnly);
    let number = CommitNumber(store.commits.fetch_add(1, Ordering::SeqCst) + 1);
    store.detector.unknown(pivot, Some(number));
    let after = store.begin(Access::ReadOnly);
    assert_eq!((store.read(after, "x"), store.detector.is_safe(after)), (Ok(()), true));
    assert!(store.read(before, "x").is_err());
}

#[test]
fn memory_stays_within_its_budget_however_much_is_read_and_however_long_one_runs() {
    let options = SerializableOptions { entries_per_tree: 100, budget: 200_000 };
    let store = Store::with(options);
    let old = store.writer();
    assert_eq!(store.read(old, "old"), Ok(()));
    for round in 0..2000u32 {
        let handle = store.writer();
        for n in 0..20u32 {
            let key = format!("key {}", (round * 7919 + n * 104_729) % 100_000);
            assert_eq!(store.read(handle, &key), Ok(()));
        }
        store.detector.rolled_back(handle);
        let handle = store.writer();
        assert_eq!(store.read(handle, &format!("own {round}")), Ok(()));
        assert_eq!(store.commit(handle), Ok(()));
        assert!(store.detector.memory_bytes() <= options.budget, "{}", store.detector.memory_bytes());
    }
    // The old one still meets what it must: somebody whose detail is gone has read where it writes now.
    store.detector.rolled_back(old);
    assert_eq!(store.detector.memory_bytes(), 0);
}

/// The bound only catches a change of order; the figure is printed.
#[test]
fn tracking_a_read_is_cheap() {
    static CLOCK: Label = Label { name: "test.clock", kind: LabelKind::Clock, breaks: "nothing" };
    let (store, env) = (Store::new(), env::real::RealEnv::new());
    let mut best = Duration::MAX;
    for _ in 0..20 {
        let (other, handle) = (store.writer(), store.writer());
        let begun = env.monotonic(&CLOCK);
        for n in 0..1000u64 {
            assert_eq!(store.detector.read_point(handle, TREE, &n.to_be_bytes()), Ok(()));
        }
        best = best.min(env.monotonic(&CLOCK).saturating_sub(begun) / 1000);
        store.detector.rolled_back(other);
        assert_eq!(store.commit(handle), Ok(()));
    }
    println!("tracking a read takes {best:?}");
    assert!(best < Duration::from_micros(10), "{best:?}");
}

/// One looks that a row is there, under a lock, and commits; another one, whose snapshot is older than what the first saw,
/// removes it afterwards. Neither lock nor newest version tells that the two fit in no order.
#[test]
fn what_is_read_as_it_is_now_orders_its_reader_before_later_writers() {
    let refused = |told: bool| {
        let store = Store::new();
        let remover = store.writer();
        store.read(remover, "x").unwrap();
        let changer = store.writer();
        store.write(changer, "x").unwrap();
        store.commit(changer).unwrap();
        let reader = store.writer();
        store.read(reader, "x").unwrap();
        if told {
            let point = |key: &'static [u8]| (Bound::Included(key), Bound::Included(key));
            let (from, to) = point(b"p");
            store.detector.read_newest(reader, TREE, from, to).unwrap();
        }
        store.write(reader, "child").unwrap();
        store.commit(reader).unwrap();
        store.write(remover, "p").is_err() || store.commit(remover).is_err()
    };
    assert_eq!((refused(true), refused(false)), (true, false));
}

#[test]
fn what_is_read_as_it_is_now_was_written_before() {
    let store = Store::new();
    let (reader, writer, other) = (store.writer(), store.writer(), store.writer());
    store.read(writer, "y").unwrap();
    store.write(writer, "p").unwrap();
    store.commit(writer).unwrap();
    // On its snapshot the reader would be before the writer; it sees what that one wrote.
    let key: &[u8] = b"p";
    store.detector.read_newest(reader, TREE, Bound::Included(key), Bound::Included(key)).unwrap();
    store.write(other, "z").unwrap();
    store.write(reader, "y").unwrap();
    store.commit(reader).unwrap();
    store.commit(other).unwrap();
}
