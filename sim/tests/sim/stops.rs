//! Stops: crashes, kills, panics, cancellation, and how tasks are taken down.

use env::Env;
use env::sync::{Condvar, Mutex};
use faults::{Decisions, FaultKind, Plan};
use sim::{Policy, Recording, Scheduling, Stop, World, WorldConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

env::labels! {
    LOCK: "test.lock", Lock, "two tasks change it at once";
    CONDITION: "test.condition", Lock, "the waiter sleeps for ever";
    TASK: "test.task", Task, "no second task";
    SLEEP: "test.sleep", Clock, "no pause";
    CLOCK: "test.clock", Clock, "time stands still";
    CRASH: "test.crash", Mark, "the place of a crash";
}

/// Counts how often it was dropped.
struct Witness(Arc<AtomicU64>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn tame() -> World {
    World::new(WorldConfig { recording: Recording::All, ..WorldConfig::default() }, Decisions::tame(1))
}

#[test]
fn a_crash_unwinds_every_task_wherever_it_waits() {
    let world = tame();
    let dropped = Arc::new(AtomicU64::new(0));
    let (env, inside, count) = (world.env(), world.clone(), Arc::clone(&dropped));
    let stop = world.run(move || {
        let lock = Arc::new(Mutex::new(&LOCK, ()));
        let condition = Arc::new(Condvar::new(&CONDITION));
        let _main = Witness(Arc::clone(&count));
        let held = Arc::clone(&lock);
        let (sleeper, witness) = (Arc::clone(&env), Witness(Arc::clone(&count)));
        let holder = Box::new(move || {
            let _witness = witness;
            let _guard = held.lock();
            sleeper.sleep(&SLEEP, Duration::from_secs(1_000));
        });
        env.spawn(&TASK, "holder", holder).expect("a task");
        let (wanted, witness) = (Arc::clone(&lock), Witness(Arc::clone(&count)));
        let waiter = Box::new(move || {
            let _witness = witness;
            drop(wanted.lock());
        });
        env.spawn(&TASK, "waiter", waiter).expect("a task");
        let witness = Witness(Arc::clone(&count));
        let listener = Box::new(move || {
            let _witness = witness;
            let own = Mutex::new(&LOCK, ());
            let mut guard = own.lock();
            loop {
                condition.wait(&mut guard);
            }
        });
        env.spawn(&TASK, "listener", listener).expect("a task");
        env.sleep(&SLEEP, Duration::from_secs(1));
        // Never entered before the crash; its captures are dropped all the same.
        let witness = Witness(Arc::clone(&count));
        env.spawn(&TASK, "newborn", Box::new(move || drop(witness))).expect("a task");
        inside.crash_now(&CRASH, true);
    });
    assert!(matches!(stop, Stop::Crashed { at, power: true, .. } if *at == CRASH), "{stop}");
    assert_eq!(dropped.load(Ordering::Relaxed), 5);
    assert_eq!(world.live_tasks(), 0);
    assert_eq!(world.run(|| {}), Stop::Finished);
}

/// Needs the lock to be dropped, and asks the environment for things while it is.
struct Needy {
    lock: Arc<Mutex<u32>>,
    env: Arc<dyn Env>,
}

impl Drop for Needy {
    fn drop(&mut self) {
        *self.lock.lock() += 1;
        let mut bytes = [0; 4];
        assert!(self.env.random(&CLOCK, &mut bytes).is_err(), "a dead task's calls do nothing");
        self.env.sleep(&SLEEP, Duration::from_secs(1));
        assert!(self.env.spawn(&TASK, "too late", Box::new(|| {})).is_err());
    }
}

#[test]
fn a_destructor_waits_for_a_lock_that_another_dead_task_holds() {
    let world = tame();
    let lock = Arc::new(Mutex::new(&LOCK, 0));
    let (env, inside, kept) = (world.env(), world.clone(), Arc::clone(&lock));
    let stop = world.run(move || {
        let _needy = Needy { lock: Arc::clone(&kept), env: Arc::clone(&env) };
        let (held, sleeper) = (Arc::clone(&kept), Arc::clone(&env));
        let body = Box::new(move || {
            let _guard = held.lock();
            sleeper.sleep(&SLEEP, Duration::from_secs(1_000));
        });
        env.spawn(&TASK, "holder", body).expect("a task");
        env.sleep(&SLEEP, Duration::from_secs(1));
        inside.crash_now(&CRASH, false);
    });
    assert!(matches!(stop, Stop::Crashed { power: false, .. }), "{stop}");
    assert_eq!(*lock.lock(), 1);
}

/// Waits in its destructor for what nobody will do.
struct Hopeless(Arc<(Mutex<bool>, Condvar)>);

impl Drop for Hopeless {
    fn drop(&mut self) {
        let mut done = self.0.0.lock();
        while !*done {
            self.0.1.wait(&mut done);
        }
    }
}

#[test]
fn a_destructor_that_waits_for_ever_is_reported_and_the_world_goes_on() {
    let world = tame();
    let inside = world.clone();
    let stop = world.run(move || {
        let _hopeless = Hopeless(Arc::new((Mutex::new(&LOCK, false), Condvar::new(&CONDITION))));
        inside.crash_now(&CRASH, true);
    });
    match stop {
        Stop::Stuck { tasks } => assert_eq!(tasks[0].task, "main"),
        other => panic!("{other}"),
    }
    let (env, inside) = (world.env(), world.clone());
    let stop = world.run(move || {
        env.sleep(&SLEEP, Duration::from_secs(1));
        inside.crash_now(&CRASH, true);
    });
    assert!(matches!(stop, Stop::Crashed { .. }), "{stop}");
}

#[test]
fn a_panic_stops_the_run_with_its_message_place_and_task() {
    let world = tame();
    let env = world.env();
    let dropped = Arc::new(AtomicU64::new(0));
    let witness = Witness(Arc::clone(&dropped));
    let stop = world.run(move || {
        let _witness = witness;
        env.spawn(&TASK, "faulty", Box::new(|| panic!("the order is {}", "wrong"))).expect("a task");
        env.sleep(&SLEEP, Duration::from_secs(1));
        unreachable!("the panic of the other task stops the run first");
    });
    match &stop {
        Stop::Panicked { message, place, task, .. } => {
            assert_eq!((message.as_str(), task.as_str()), ("the order is wrong", "faulty"));
            assert!(place.as_ref().expect("a place").contains("stops.rs"));
        }
        other => panic!("{other}"),
    }
    assert!(stop.is_failure());
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    assert!(world.trace_lines().iter().any(|line| line.contains("a_panic_stops_the_run")), "no backtrace");
}

#[test]
fn a_cancelled_statement_unwinds_alone_and_its_destructors_work() {
    let world = tame();
    let (env, inside) = (world.env(), world.clone());
    let lock = Arc::new(Mutex::new(&LOCK, 0));
    let shared = Arc::clone(&lock);
    let stop = world.run(move || {
        let mut cancelled = 0;
        for call in 0..6 {
            let result = inside.cancel_after(call, || {
                let mut guard = shared.lock();
                for _ in 0..4 {
                    env.monotonic(&CLOCK);
                    *guard += 1;
                }
            });
            cancelled += u32::from(result.is_err());
        }
        assert_eq!(cancelled, 4);
    });
    assert_eq!(stop, Stop::Finished);
    // Not cancelled: call 0 (never) and 5 (beyond the end); cancelled before 1, 2, 3, 4.
    assert_eq!(*lock.lock(), 4 + 4 + 1 + 2 + 3);
}

#[test]
fn a_task_ordered_to_be_cancelled_ends_and_its_joiner_is_told() {
    let world = tame();
    let env = world.env();
    world.cancel_task("victim", 2);
    let stop = world.run(move || {
        let inside = Arc::clone(&env);
        let body = Box::new(move || {
            inside.monotonic(&CLOCK);
            inside.monotonic(&CLOCK);
            unreachable!("cancelled at the second call");
        });
        let victim = env.spawn(&TASK, "victim", body).expect("a task");
        assert!(victim.join().is_err());
    });
    assert_eq!(stop, Stop::Finished);
}

#[test]
fn a_killed_process_vanishes_and_the_other_goes_on() {
    let world = tame();
    let (first, second, inside) = (world.env(), world.env_of(2), world.clone());
    assert_ne!(first.process_id(), second.process_id());
    let reached = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&reached);
    let stop = world.run(move || {
        for name in ["p2/sleeper", "p2/other"] {
            let (env, count) = (Arc::clone(&second), Arc::clone(&count));
            let body = Box::new(move || {
                env.sleep(&SLEEP, Duration::from_secs(10));
                count.fetch_add(1, Ordering::Relaxed);
            });
            second.spawn(&TASK, name, body).expect("a task");
        }
        first.sleep(&SLEEP, Duration::from_secs(1));
        inside.kill(2);
        first.sleep(&SLEEP, Duration::from_secs(20));
        count.fetch_add(100, Ordering::Relaxed);
    });
    assert_eq!(stop, Stop::Finished);
    assert_eq!(reached.load(Ordering::Relaxed), 100);
}

#[test]
fn crashes_strike_at_calls_and_at_locks_as_the_plan_says() {
    let (mut crashes, mut at_locks, mut kills) = (0, 0, 0);
    for seed in 0..200 {
        let plan = Plan::of(&[(FaultKind::PowerLoss, 20_000), (FaultKind::ProcessKilled, 10_000)]);
        let policy = Policy::Random { preempt: 100_000, pick: 300_000 };
        let scheduling = Scheduling { policy, overlap: false };
        let config = WorldConfig { plan, scheduling, ..WorldConfig::default() };
        let world = World::new(config, Decisions::seeded(seed));
        let env = world.env();
        let stop = world.run(move || {
            let lock = Arc::new(Mutex::new(&LOCK, 0));
            for number in 0..2 {
                let (lock, env) = (Arc::clone(&lock), Arc::clone(&env));
                let body = Arc::clone(&env);
                env.spawn(
                    &TASK,
                    &format!("task-{number}"),
                    Box::new(move || {
                        for _ in 0..5 {
                            *lock.lock() += 1;
                            body.monotonic(&CLOCK);
                        }
                    }),
                )
                .expect("a task");
            }
        });
        match stop {
            Stop::Finished => {}
            Stop::Crashed { at, power, .. } => {
                crashes += 1;
                at_locks += u32::from(*at == LOCK);
                kills += u32::from(!power);
                assert_eq!(world.crashes().into_iter().collect::<Vec<_>>(), [(at.name, 1)]);
            }
            other => panic!("{other}"),
        }
    }
    assert!((60..190).contains(&crashes), "{crashes}");
    assert!(at_locks > 0 && at_locks < crashes, "{at_locks} of {crashes}");
    assert!(kills > 10 && kills < crashes, "{kills} of {crashes}");
}

#[test]
fn a_run_stops_at_the_step_that_was_asked_for() {
    let world = tame();
    let env = world.env();
    world.stop_at_step(5);
    let stop = world.run(move || {
        for _ in 0..100 {
            env.monotonic(&CLOCK);
        }
    });
    assert_eq!(stop, Stop::Paused { step: 5 });
}

/// Polls in its destructor for what another task will only do while it unwinds.
struct Polling(Arc<dyn Env>, Arc<AtomicU64>);

impl Drop for Polling {
    fn drop(&mut self) {
        while self.1.load(Ordering::Relaxed) == 0 {
            self.0.monotonic(&CLOCK);
        }
    }
}

#[test]
fn a_destructor_may_poll_for_another_task_to_unwind() {
    let world = tame();
    let (env, inside) = (world.env(), world.clone());
    let unwound = Arc::new(AtomicU64::new(0));
    let stop = world.run(move || {
        let _polling = Polling(Arc::clone(&env), Arc::clone(&unwound));
        let (witness, sleeper) = (Witness(unwound), Arc::clone(&env));
        let body = Box::new(move || {
            let _witness = witness;
            sleeper.sleep(&SLEEP, Duration::from_secs(1_000));
        });
        env.spawn(&TASK, "sleeper", body).expect("a task");
        env.sleep(&SLEEP, Duration::from_secs(1));
        inside.crash_now(&CRASH, true);
    });
    assert!(matches!(stop, Stop::Crashed { .. }), "{stop}");
}

#[test]
fn code_that_catches_the_unwinding_is_taken_down_all_the_same() {
    let world = tame();
    let (env, inside) = (world.env(), world.clone());
    let stop = world.run(move || {
        let sleeper = Arc::clone(&env);
        let stubborn = Box::new(move || {
            loop {
                let nap = || sleeper.sleep(&SLEEP, Duration::from_secs(1_000));
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(nap));
                sleeper.monotonic(&CLOCK);
            }
        });
        env.spawn(&TASK, "stubborn", stubborn).expect("a task");
        env.sleep(&SLEEP, Duration::from_secs(1));
        inside.crash_now(&CRASH, true);
    });
    assert!(matches!(stop, Stop::Crashed { .. }), "{stop}");
}

#[test]
fn a_killed_process_that_waits_for_ever_is_reported() {
    let world = tame();
    let (first, second, inside) = (world.env(), world.env_of(2), world.clone());
    let stop = world.run(move || {
        let hopeless = Hopeless(Arc::new((Mutex::new(&LOCK, false), Condvar::new(&CONDITION))));
        let sleeper = Arc::clone(&second);
        let body = Box::new(move || {
            let _hopeless = hopeless;
            sleeper.sleep(&SLEEP, Duration::from_secs(1_000));
        });
        second.spawn(&TASK, "p2/main", body).expect("a task");
        first.sleep(&SLEEP, Duration::from_secs(1));
        inside.kill(2);
        first.sleep(&SLEEP, Duration::from_secs(1_000));
    });
    assert!(matches!(&stop, Stop::Stuck { tasks } if tasks[0].task == "p2/main"), "{stop}");
}

#[test]
fn a_crash_can_be_ordered_after_any_call() {
    for step in 1..=5 {
        let world = tame();
        let env = world.env();
        world.crash_at_step(step, false);
        let stop = world.run(move || {
            for _ in 0..5 {
                env.monotonic(&CLOCK);
            }
        });
        assert_eq!(stop, Stop::Crashed { at: &CLOCK, step, power: false });
    }
}

#[test]
fn code_that_catches_every_unwinding_is_reported() {
    let world = tame();
    let (env, inside) = (world.env(), world.clone());
    let stop = world.run(move || {
        let sleeper = Arc::clone(&env);
        let immortal = Box::new(move || {
            loop {
                let nap = || sleeper.sleep(&SLEEP, Duration::from_secs(1_000));
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(nap));
            }
        });
        env.spawn(&TASK, "immortal", immortal).expect("a task");
        env.sleep(&SLEEP, Duration::from_secs(1));
        inside.crash_now(&CRASH, true);
    });
    assert!(matches!(&stop, Stop::Stuck { tasks } if tasks[0].task == "immortal"), "{stop}");
}
