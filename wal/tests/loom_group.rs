//! Group commit under every interleaving that loom can find. Run with `RUSTFLAGS="--cfg hornbeam_loom"`.
//!
//! What is looked for: two leaders at once, an answer before the sync, a follower that is never woken (loom ends a run in which
//! all sleep), be it because who was to call him was unwound, a lead after a failure, a failure that somebody does not learn of.

#![cfg(hornbeam_loom)]

use env::sync::loom;
use env::sync::loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use wal::group::{Failure, GroupCommit, GroupLabels, Waited};

env::labels! {
    LOCK: "test.group.lock", Lock, "nothing";
    SEAT: "test.group.seat", Lock, "nothing";
    CALLED: "test.group.called", Lock, "nothing";
}

/// A log without bytes: what was appended, what reached the disk.
struct Log {
    group: GroupCommit<&'static str>,
    appended: AtomicU64,
    synced: AtomicU64,
    leaders: AtomicUsize,
    broken: AtomicBool,
}

impl Log {
    fn new() -> Arc<Log> {
        Arc::new(Log {
            group: GroupCommit::new(GroupLabels { lock: &LOCK, seat: &SEAT, called: &CALLED }, 0),
            appended: AtomicU64::new(0),
            synced: AtomicU64::new(0),
            leaders: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
        })
    }

    /// Appends one record; returns its end.
    fn append(&self) -> u64 {
        self.appended.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// What a leader does: takes what was appended by now, and "syncs" it.
    fn lead(&self) -> Result<u64, &'static str> {
        assert_eq!(self.leaders.fetch_add(1, Ordering::SeqCst), 0, "two lead at once");
        assert!(!self.broken.load(Ordering::SeqCst), "a lead after a failure");
        let upto = self.appended.load(Ordering::SeqCst);
        loom::thread::yield_now();
        self.synced.store(upto, Ordering::SeqCst);
        self.leaders.fetch_sub(1, Ordering::SeqCst);
        Ok(upto)
    }

    /// A lead whose sync fails.
    fn fail(&self) -> Result<u64, &'static str> {
        assert_eq!(self.leaders.fetch_add(1, Ordering::SeqCst), 0, "two lead at once");
        assert!(!self.broken.swap(true, Ordering::SeqCst), "a lead after a failure");
        self.leaders.fetch_sub(1, Ordering::SeqCst);
        Err("the device is gone")
    }

    fn commit(&self) -> Waited {
        let target = self.append();
        let waited = self.group.wait_durable(target, || self.lead()).expect("nothing fails here");
        assert!(self.synced.load(Ordering::SeqCst) >= target, "answered before the sync");
        assert!(self.group.durable() >= target);
        waited
    }
}

fn explore(preemptions: usize, body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(body);
}

#[test]
fn nobody_is_answered_before_the_sync_and_everybody_is_answered() {
    explore(3, || {
        let log = Log::new();
        let threads = [(); 2].map(|()| {
            let log = Arc::clone(&log);
            loom::thread::spawn(move || log.commit())
        });
        let mut answers = vec![log.commit()];
        answers.extend(threads.into_iter().map(|thread| thread.join().expect("no panic")));
        assert!(answers.contains(&Waited::Led), "somebody has to lead: {answers:?}");
        assert_eq!(log.group.durable(), 3);
    });
}

#[test]
fn a_failed_sync_is_told_to_all_who_waited_for_it_and_is_never_repeated() {
    explore(3, || {
        let log = Log::new();
        let work = || {
            let log = Arc::clone(&log);
            move || {
                let target = log.append();
                let answer = log.group.wait_durable(target, || log.fail());
                assert_eq!(answer, Err(Failure::Failed("the device is gone")));
            }
        };
        let threads = [loom::thread::spawn(work()), loom::thread::spawn(work())];
        work()();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_eq!(log.group.durable(), 0);
        assert_eq!(log.group.failure(), Some(Failure::Failed("the device is gone")));
    });
}

#[test]
fn what_was_durable_before_a_failure_stays_answered() {
    explore(3, || {
        let log = Log::new();
        let first = log.append();
        let early = Arc::clone(&log);
        let thread = loom::thread::spawn(move || early.group.wait_durable(first, || early.lead()));
        let target = log.append();
        let late = log.group.wait_durable(target, || log.fail());
        match thread.join().expect("no panic") {
            Ok(_) => assert!(log.synced.load(Ordering::SeqCst) >= first, "answered before the sync"),
            Err(failure) => assert_eq!(Err(failure), late),
        }
        if late.is_ok() {
            assert!(log.synced.load(Ordering::SeqCst) >= target, "answered before the sync");
        }
    });
}

#[test]
fn followers_of_a_leader_that_is_unwound_are_woken_with_a_failure() {
    explore(3, || {
        let log = Log::new();
        let target = log.append();
        let doomed = Arc::clone(&log);
        let thread = loom::thread::spawn(move || {
            // Without a message: a panic hook would print one for every interleaving.
            let lead = || std::panic::resume_unwind(Box::new("planned"));
            let unwound = catch_unwind(AssertUnwindSafe(|| doomed.group.wait_durable(target, lead)));
            assert!(matches!(unwound, Err(_) | Ok(Ok(_))));
        });
        match log.group.wait_durable(target, || log.lead()) {
            Ok(_) => assert!(log.synced.load(Ordering::SeqCst) >= target, "answered before the sync"),
            Err(failure) => assert_eq!(failure, Failure::Abandoned),
        }
        thread.join().expect("no panic");
    });
}

#[test]
fn work_beside_commits_takes_turns_with_the_leaders() {
    explore(3, || {
        let log = Log::new();
        let aside = Arc::clone(&log);
        let thread = loom::thread::spawn(move || {
            let led = aside.group.try_lead(|| {
                assert_eq!(aside.leaders.fetch_add(1, Ordering::SeqCst), 0, "two lead at once");
                loom::thread::yield_now();
                aside.leaders.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            });
            assert!(led.is_ok());
        });
        log.commit();
        thread.join().expect("no panic");
        assert_eq!(log.group.durable(), 1);
    });
}

#[test]
fn who_comes_later_does_not_keep_those_who_were_called_from_their_sync() {
    explore(2, || {
        let log = Log::new();
        let threads = [1, 2].map(|commits| {
            let log = Arc::clone(&log);
            loom::thread::spawn(move || (0..commits).for_each(|_| drop(log.commit())))
        });
        log.commit();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_eq!(log.group.durable(), 4);
    });
}

#[test]
fn work_aside_that_ends_calls_who_waited_for_it() {
    explore(3, || {
        let log = Log::new();
        let threads = [(); 2].map(|()| {
            let log = Arc::clone(&log);
            loom::thread::spawn(move || log.commit())
        });
        assert!(log.group.try_lead(|| Ok(())).is_ok());
        threads.into_iter().for_each(|thread| drop(thread.join().expect("no panic")));
        assert_eq!(log.group.durable(), 2);
    });
}

#[test]
fn a_failure_that_is_told_from_outside_reaches_all_who_sit() {
    explore(3, || {
        let log = Log::new();
        let target = log.append();
        let waiting = [(); 2].map(|()| {
            let log = Arc::clone(&log);
            loom::thread::spawn(move || {
                let lead = || {
                    loom::thread::yield_now();
                    Err("the device is gone")
                };
                assert!(log.group.wait_durable(target, lead).is_err());
            })
        });
        log.group.fail("the device is gone");
        waiting.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_eq!(log.group.durable(), 0);
    });
}
