//! The simulated face of `env::sync`, under a round-robin scheduler of a few lines: tasks are coroutines on one
//! thread, so anything here that really blocked would hang the test.

#![cfg(not(hornbeam_loom))]

use corosensei::{Coroutine, CoroutineResult, Yielder};
use env::Label;
use env::sync::{
    Condvar, Mutex, OnceLock, ResourceId, RwLock, Scheduler, WakeReason, install, mpsc, suspended,
};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

env::labels! {
    MUTEX: "test.mutex", Lock, "nothing";
    CONDITION: "test.condition", Lock, "nothing";
    CHANNEL: "test.channel", Lock, "nothing";
}

#[derive(Default)]
struct RoundRobin {
    yielder: Cell<*const Yielder<(), ()>>,
    running: Cell<usize>,
    resources: Cell<u64>,
    /// Tasks asleep: resource, task, whether it has a time limit.
    asleep: RefCell<Vec<(ResourceId, usize, bool)>>,
    timed_out: RefCell<BTreeSet<usize>>,
    preemptions: Cell<u64>,
}

impl RoundRobin {
    #[allow(unsafe_code)]
    fn switch(&self) {
        let yielder = self.yielder.get();
        // SAFETY: set by `run` to the yielder of the coroutine that is running, which lives while it runs.
        unsafe { (*yielder).suspend(()) };
    }
}

impl Scheduler for RoundRobin {
    fn new_resource(&self) -> ResourceId {
        self.resources.set(self.resources.get() + 1);
        self.resources.get()
    }

    fn preempt(&self, _label: &'static Label) {
        self.preemptions.set(self.preemptions.get() + 1);
        self.switch();
    }

    fn block(&self, _label: &'static Label, resource: ResourceId, limit: Option<Duration>) -> WakeReason {
        let task = self.running.get();
        self.asleep.borrow_mut().push((resource, task, limit.is_some()));
        self.switch();
        match self.timed_out.borrow_mut().remove(&task) {
            true => WakeReason::TimedOut,
            false => WakeReason::Woken,
        }
    }

    fn wake(&self, _label: &'static Label, resource: ResourceId, all: bool) {
        let mut asleep = self.asleep.borrow_mut();
        while let Some(index) = asleep.iter().position(|sleeper| sleeper.0 == resource) {
            asleep.remove(index);
            if !all {
                break;
            }
        }
    }
}

type Body = Box<dyn FnOnce()>;

/// Runs all tasks by turns until they end; returns the scheduler for what it counted, or the tasks left asleep.
fn run(bodies: Vec<Body>) -> Result<Rc<RoundRobin>, Vec<usize>> {
    let scheduler = Rc::new(RoundRobin::default());
    let _installed = install(scheduler.clone());
    let mut tasks: Vec<_> = bodies
        .into_iter()
        .map(|body| {
            let scheduler = scheduler.clone();
            let pointer = Rc::new(Cell::new(std::ptr::null()));
            let seen = pointer.clone();
            let coroutine = Coroutine::new(move |yielder: &Yielder<(), ()>, ()| {
                seen.set(yielder as *const _);
                scheduler.yielder.set(yielder);
                body();
            });
            (coroutine, pointer, false)
        })
        .collect();
    loop {
        let mut progressed = false;
        for (index, (coroutine, pointer, done)) in tasks.iter_mut().enumerate() {
            if *done || scheduler.asleep.borrow().iter().any(|sleeper| sleeper.1 == index) {
                continue;
            }
            progressed = true;
            scheduler.running.set(index);
            scheduler.yielder.set(pointer.get());
            *done = matches!(coroutine.resume(()), CoroutineResult::Return(()));
        }
        if tasks.iter().all(|task| task.2) {
            return Ok(scheduler);
        }
        if !progressed && !expire_one(&scheduler) {
            let left: Vec<usize> = scheduler.asleep.borrow().iter().map(|sleeper| sleeper.1).collect();
            for (coroutine, ..) in tasks {
                std::mem::forget(coroutine);
            }
            return Err(left);
        }
    }
}

/// Lets the time limit of one sleeper pass.
fn expire_one(scheduler: &RoundRobin) -> bool {
    let mut asleep = scheduler.asleep.borrow_mut();
    let Some(index) = asleep.iter().position(|sleeper| sleeper.2) else { return false };
    let (_, task, _) = asleep.remove(index);
    scheduler.timed_out.borrow_mut().insert(task);
    true
}

#[test]
fn a_contended_mutex_excludes_and_nobody_hangs() {
    let value = Rc::new(Mutex::new(&MUTEX, (0u32, false)));
    let bodies = (0..4).map(|_| {
        let value = value.clone();
        Box::new(move || {
            for _ in 0..10 {
                let mut guard = value.lock();
                assert!(!guard.1, "two tasks are inside");
                guard.1 = true;
                // A lock taken inside is a scheduling point inside the critical section.
                drop(Mutex::new(&MUTEX, ()).lock());
                guard.1 = false;
                guard.0 += 1;
            }
        }) as Body
    });
    let scheduler = run(bodies.collect()).expect("no deadlock");
    assert_eq!(value.lock().0, 40);
    assert!(scheduler.preemptions.get() >= 80, "each acquire and each release is a scheduling point");
}

#[test]
fn readers_share_and_a_writer_is_alone() {
    let lock = Rc::new(RwLock::new(&MUTEX, 0u32));
    let most = Rc::new(Cell::new(0u32));
    let inside = Rc::new(Cell::new(0u32));
    let mut bodies: Vec<Body> = Vec::new();
    for _ in 0..3 {
        let (lock, most, inside) = (lock.clone(), most.clone(), inside.clone());
        bodies.push(Box::new(move || {
            for _ in 0..5 {
                let guard = lock.read();
                inside.set(inside.get() + 1);
                most.set(most.get().max(inside.get()));
                drop(Mutex::new(&MUTEX, ()).lock());
                inside.set(inside.get() - 1);
                drop(guard);
            }
        }));
    }
    let (writer, inside_writer) = (lock.clone(), inside.clone());
    bodies.push(Box::new(move || {
        for _ in 0..5 {
            let mut guard = writer.write();
            drop(Mutex::new(&MUTEX, ()).lock());
            assert_eq!(inside_writer.get(), 0, "a reader is inside with the writer");
            *guard += 1;
        }
    }));
    run(bodies).expect("no deadlock");
    assert_eq!(*lock.read(), 5);
    assert!(most.get() > 1, "readers never shared");
}

#[test]
fn a_notification_between_unlock_and_sleep_is_not_lost() {
    for round in 0..20 {
        let shared = Rc::new((Mutex::new(&MUTEX, false), Condvar::new(&CONDITION)));
        let (waiter, notifier) = (shared.clone(), shared.clone());
        let bodies: Vec<Body> = vec![
            Box::new(move || {
                let mut ready = waiter.0.lock();
                while !*ready {
                    waiter.1.wait(&mut ready);
                }
            }),
            Box::new(move || {
                for _ in 0..round {
                    drop(Mutex::new(&MUTEX, ()).lock());
                }
                *notifier.0.lock() = true;
                notifier.1.notify_one();
            }),
        ];
        assert!(run(bodies).is_ok(), "the waiter slept for ever in round {round}");
    }
}

#[test]
fn a_forgotten_notification_is_seen_as_a_deadlock() {
    let shared = Rc::new((Mutex::new(&MUTEX, false), Condvar::new(&CONDITION)));
    let waiter = shared.clone();
    let bodies: Vec<Body> = vec![
        Box::new(move || {
            let mut ready = waiter.0.lock();
            while !*ready {
                waiter.1.wait(&mut ready);
            }
        }),
        Box::new(move || *shared.0.lock() = true),
    ];
    assert_eq!(run(bodies).err(), Some(vec![0]));
}

#[test]
fn a_timed_wait_ends_by_its_limit() {
    let timed_out = Rc::new(Cell::new(false));
    let seen = timed_out.clone();
    let body: Body = Box::new(move || {
        let mutex = Mutex::new(&MUTEX, ());
        let condition = Condvar::new(&CONDITION);
        seen.set(condition.wait_for(&mut mutex.lock(), Duration::from_secs(1)));
    });
    run(vec![body]).expect("the limit ends the wait");
    assert!(timed_out.get());
}

#[test]
fn channels_carry_everything_in_order_and_tell_the_end() {
    let (sender, receiver) = mpsc::bounded(&CHANNEL, 2);
    let received = Rc::new(RefCell::new(Vec::new()));
    let seen = received.clone();
    let bodies: Vec<Body> = vec![
        Box::new(move || {
            for value in 0..10 {
                sender.send(value).expect("the receiver lives until the senders are gone");
            }
        }),
        Box::new(move || {
            while let Ok(value) = receiver.receive() {
                seen.borrow_mut().push(value);
            }
            assert_eq!(receiver.try_receive(), Err(mpsc::ReceiveError::Disconnected));
        }),
    ];
    run(bodies).expect("no deadlock");
    assert_eq!(*received.borrow(), (0..10).collect::<Vec<_>>());
}

#[test]
fn racing_initialisers_of_a_cell_agree_and_do_not_block() {
    let cell = Rc::new(OnceLock::new());
    let bodies = (0..3).map(|task| {
        let cell = cell.clone();
        Box::new(move || {
            let value = *cell.get_or_init(|| {
                drop(Mutex::new(&MUTEX, ()).lock());
                task
            });
            assert_eq!(Some(&value), cell.get());
        }) as Body
    });
    run(bodies.collect()).expect("no deadlock");
    assert!(cell.get().is_some());
}

#[test]
fn a_suspended_scheduler_is_not_asked() {
    let counted = Rc::new(Cell::new(0));
    let seen = counted.clone();
    let body: Body = Box::new(move || {
        assert!(env::sync::is_simulated());
        suspended(|| {
            assert!(!env::sync::is_simulated());
            let mutex = Mutex::new(&MUTEX, 1);
            *mutex.lock() += 1;
            seen.set(*mutex.lock());
        });
        assert!(env::sync::is_simulated());
    });
    let scheduler = run(vec![body]).expect("no deadlock");
    assert_eq!((counted.get(), scheduler.preemptions.get()), (2, 0));
    assert!(!env::sync::is_simulated(), "the scheduler is gone when its guard is");
}

#[test]
fn a_lock_that_outlives_its_run_is_numbered_anew() {
    let mutex = Rc::new(Mutex::new(&MUTEX, 0));
    for _ in 0..2 {
        let bodies = (0..2).map(|_| {
            let mutex = mutex.clone();
            Box::new(move || {
                let mut guard = mutex.lock();
                drop(Mutex::new(&MUTEX, ()).lock());
                *guard += 1;
            }) as Body
        });
        let scheduler = run(bodies.collect()).expect("no deadlock");
        assert_eq!(scheduler.resources.get(), 1, "only what is waited for is numbered");
    }
    assert_eq!(*mutex.lock(), 4);
}
