//! The scheduler: interleavings come from the seed, replay exactly, and really differ; waits, time and deadlocks.

use env::Env;
use env::sync::{Condvar, Mutex, mpsc};
use faults::{Concern, Decisions, FaultKind, Plan};
use sim::{Event, Limits, Policy, Recording, Scheduling, Stop, World, WorldConfig};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

env::labels! {
    LOCK: "test.lock", Lock, "two tasks change the list at once";
    OTHER_LOCK: "test.other.lock", Lock, "nothing, it is for a deadlock";
    CONDITION: "test.condition", Lock, "the consumer sleeps for ever";
    TASK: "test.task", Task, "no second task";
    CLOCK: "test.clock", Clock, "time stands still";
    SLEEP: "test.sleep", Clock, "no pause";
    YIELD: "test.yield", Task, "no switch";
    ENTROPY: "test.entropy", Entropy, "all zeros";
    BARRIER: "test.barrier", Barrier, "the check is skipped";
    MARK: "test.mark", Mark, "a rare state";
}

fn world(seed: u64, policy: Policy, plan: Plan) -> World {
    let scheduling = Scheduling { policy, overlap: true };
    let config = WorldConfig { scheduling, plan, recording: Recording::All, ..WorldConfig::default() };
    World::new(config, Decisions::seeded(seed))
}

const OFTEN: Policy = Policy::Random { preempt: 200_000, pick: 500_000 };

/// Three tasks append their numbers to one list, under a lock, several times; returns the order.
fn interleaving(world: &World) -> Vec<u32> {
    let list = Arc::new(Mutex::new(&LOCK, Vec::new()));
    let result = Arc::clone(&list);
    let env = world.env();
    let stop = world.run(move || {
        let tasks: Vec<_> = (0..3)
            .map(|number| {
                let list = Arc::clone(&list);
                let body = Box::new(move || {
                    for _ in 0..4 {
                        list.lock().push(number);
                    }
                });
                env.spawn(&TASK, &format!("task-{number}"), body).expect("a task")
            })
            .collect();
        for task in tasks {
            task.join().expect("no panic");
        }
    });
    assert_eq!(stop, Stop::Finished);
    result.lock().clone()
}

#[test]
fn the_same_seed_gives_the_same_run_and_other_seeds_other_interleavings() {
    for (policy, least) in [(OFTEN, 25), (Policy::Priority { sink: 50_000 }, 15)] {
        let mut orders = BTreeSet::new();
        let mut hashes = BTreeSet::new();
        for seed in 0..40 {
            let (first, second) = (world(seed, policy, Plan::none()), world(seed, policy, Plan::none()));
            let order = interleaving(&first);
            assert_eq!(order, interleaving(&second));
            assert_eq!(first.hash(), second.hash());
            assert_eq!(first.trace_lines(), second.trace_lines());
            orders.insert(order);
            hashes.insert(first.hash());
        }
        assert!(orders.len() > least, "{policy:?}: only {} interleavings", orders.len());
        assert!(hashes.len() > least, "{policy:?}: only {} hashes", hashes.len());
    }
}

#[test]
fn tame_decisions_let_each_task_run_to_its_end() {
    let world = World::new(WorldConfig::default(), Decisions::tame(1));
    assert_eq!(interleaving(&world), [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
}

#[test]
fn a_run_replays_from_the_choices_that_were_not_tame() {
    let mut differed = 0;
    for seed in 0..20 {
        let original = world(seed, OFTEN, Plan::none());
        let order = interleaving(&original);
        let log = original.with_decisions(|decisions| decisions.deviations());
        let scheduling = Scheduling { policy: OFTEN, overlap: true };
        let config = WorldConfig { scheduling, ..WorldConfig::default() };
        let replay = World::new(config, Decisions::replay(seed, &log));
        assert_eq!(interleaving(&replay), order);
        assert_eq!(replay.hash(), original.hash());
        assert!(replay.with_decisions(|decisions| decisions.drift()).is_empty());
        differed += u32::from(order != [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    }
    assert!(differed > 10);
}

#[test]
fn opposite_lock_orders_end_in_a_deadlock_that_names_both() {
    let mut deadlocks = 0;
    for seed in 0..60 {
        let world = world(seed, OFTEN, Plan::none());
        let env = world.env();
        let stop = world.run(move || {
            let first = Arc::new(Mutex::new(&LOCK, ()));
            let second = Arc::new(Mutex::new(&OTHER_LOCK, ()));
            let (one, two) = (Arc::clone(&first), Arc::clone(&second));
            let body = Box::new(move || {
                let _two = two.lock();
                let _one = one.lock();
            });
            env.spawn(&TASK, "rival", body).expect("a task");
            let _first = first.lock();
            let _second = second.lock();
        });
        match stop {
            Stop::Finished => {}
            Stop::Deadlock { waits } => {
                deadlocks += 1;
                let names: BTreeSet<&str> =
                    waits.iter().filter_map(|task| task.waits_on).map(|label| label.name).collect();
                assert_eq!(names, BTreeSet::from(["test.lock", "test.other.lock"]));
            }
            other => panic!("{other}"),
        }
        assert_eq!(world.live_tasks(), 0);
    }
    assert!((5..60).contains(&deadlocks), "{deadlocks}");
}

fn produce_and_consume(world: &World) -> Stop {
    let env = world.env();
    world.run(move || {
        let state = Arc::new((Mutex::new(&LOCK, false), Condvar::new(&CONDITION)));
        let shared = Arc::clone(&state);
        let consumer = env
            .spawn(
                &TASK,
                "consumer",
                Box::new(move || {
                    let mut filled = shared.0.lock();
                    while !*filled {
                        shared.1.wait(&mut filled);
                    }
                }),
            )
            .expect("a task");
        env.sleep(&SLEEP, Duration::from_millis(1));
        *state.0.lock() = true;
        state.1.notify_one();
        consumer.join().expect("no panic");
    })
}

#[test]
fn a_sabotaged_condition_loses_its_wake_ups() {
    assert_eq!(produce_and_consume(&world(1, OFTEN, Plan::none())), Stop::Finished);
    let config =
        WorldConfig { sabotage: BTreeSet::from([CONDITION.name.to_owned()]), ..WorldConfig::default() };
    let sabotaged = World::new(config, Decisions::seeded(1));
    match produce_and_consume(&sabotaged) {
        Stop::Deadlock { waits } => {
            assert!(waits.iter().any(|task| task.waits_on == Some(&CONDITION)), "{waits:?}");
        }
        other => panic!("{other}"),
    }
    assert!(sabotaged.sabotage_not_reached().is_empty());
}

#[test]
fn time_passes_only_as_tasks_sleep_and_limited_waits_end() {
    let world = world(3, OFTEN, Plan::none());
    let env = world.env();
    let before = world.time();
    let stop = world.run(move || {
        let start = env.monotonic(&CLOCK);
        env.sleep(&SLEEP, Duration::from_secs(3_600));
        let slept = env.monotonic(&CLOCK) - start;
        assert!(slept >= Duration::from_secs(3_600) && slept < Duration::from_secs(3_601), "{slept:?}");
        let lock = Mutex::new(&LOCK, ());
        let condition = Condvar::new(&CONDITION);
        assert!(condition.wait_for(&mut lock.lock(), Duration::from_secs(10)), "nobody notifies");
        let (sender, receiver) = mpsc::channel::<u32>(&LOCK);
        let body = Box::new(move || sender.send(7).expect("the receiver lives"));
        env.spawn(&TASK, "sender", body).expect("a task").join().expect("no panic");
        assert_eq!(receiver.receive(), Ok(7));
    });
    assert_eq!(stop, Stop::Finished);
    let passed = world.time() - before;
    assert!(passed >= Duration::from_secs(3_610) && passed < Duration::from_secs(3_612), "{passed:?}");
}

#[test]
fn a_loop_of_yields_waits_for_a_sleeper() {
    let world = World::new(WorldConfig::default(), Decisions::tame(1));
    let env = world.env();
    let flag = Arc::new(AtomicU64::new(0));
    let stop = world.run(move || {
        let (inside, sleeper) = (Arc::clone(&flag), Arc::clone(&env));
        let body = Box::new(move || {
            sleeper.sleep(&SLEEP, Duration::from_secs(5));
            inside.store(1, Ordering::Relaxed);
        });
        env.spawn(&TASK, "sleeper", body).expect("a task");
        while flag.load(Ordering::Relaxed) == 0 {
            env.yield_now(&YIELD);
        }
    });
    assert_eq!(stop, Stop::Finished);
    assert!(world.step() < 20, "{}", world.step());
}

#[test]
fn endless_runs_meet_their_limits() {
    let small = Limits { steps: 1_000, lock_operations: 1_000, time: Duration::from_secs(60) };
    type Body = fn(Arc<dyn Env>);
    let endless: [(&str, Body); 3] = [
        ("calls", |env| {
            loop {
                env.monotonic(&CLOCK);
            }
        }),
        ("locks", |_| {
            let lock = Mutex::new(&LOCK, ());
            loop {
                drop(lock.lock());
            }
        }),
        ("time", |env| {
            loop {
                env.sleep(&SLEEP, Duration::from_secs(1));
            }
        }),
    ];
    for (name, body) in endless {
        let world = World::new(WorldConfig { limits: small, ..WorldConfig::default() }, Decisions::tame(1));
        let env = world.env();
        match world.run(move || body(env)) {
            Stop::TimeLimit { unfinished } => assert_eq!(unfinished[0].task, "main", "{name}"),
            other => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn a_starved_task_comes_late() {
    let plan = Plan::of(&[(FaultKind::TaskStarved, 200_000)]);
    let world = world(5, Policy::Random { preempt: 0, pick: 0 }, plan);
    let before = world.time();
    let order = interleaving(&world);
    let starved = world.trace().iter().filter(|entry| matches!(entry.event, Event::Starved { .. })).count();
    assert!(starved > 0);
    assert!(world.time() - before > Duration::from_micros(100));
    assert_ne!(order, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    assert_eq!(world.with_ledger(|ledger| ledger.faults().len()), starved);
}

#[test]
fn clocks_lie_only_as_their_faults_say() {
    let plan = Plan::of(&[(FaultKind::ClockForward, 200_000), (FaultKind::ClockBackward, 200_000)]);
    let world = world(6, OFTEN, plan);
    let env = world.env();
    let stop = world.run(move || {
        let (mut forward, mut backward) = (0, 0);
        let mut last = env.wall_clock(&CLOCK);
        let start = env.monotonic(&CLOCK);
        for _ in 0..200 {
            let now = env.wall_clock(&CLOCK);
            forward += i32::from(now > last + 900_000);
            backward += i32::from(now < last);
            last = now;
        }
        assert!(forward > 10 && backward > 10, "{forward} {backward}");
        assert!(env.monotonic(&CLOCK) - start < Duration::from_secs(1));
    });
    assert_eq!(stop, Stop::Finished);
}

#[test]
fn weak_entropy_repeats_and_good_entropy_does_not() {
    for (plan, repeats) in [(Plan::none(), false), (Plan::of(&[(FaultKind::WeakEntropy, 500_000)]), true)] {
        let world = world(8, OFTEN, plan);
        let env = world.env();
        let stop = world.run(move || {
            let mut seen = BTreeSet::new();
            for _ in 0..50 {
                let mut id = [0; 16];
                env.random(&ENTROPY, &mut id).expect("entropy");
                seen.insert(id);
            }
            assert_eq!(seen.len() < 50, repeats, "{}", seen.len());
        });
        assert_eq!(stop, Stop::Finished);
    }
}

#[test]
fn barriers_hold_unless_sabotaged_and_marks_are_counted() {
    let config =
        WorldConfig { sabotage: BTreeSet::from([BARRIER.name.to_owned()]), ..WorldConfig::default() };
    let sabotaged = World::new(config, Decisions::tame(1));
    let honest = World::new(WorldConfig::default(), Decisions::tame(1));
    assert!(honest.env().enforce(&BARRIER));
    assert_eq!(sabotaged.sabotage_not_reached(), [BARRIER.name]);
    assert!(!sabotaged.env().enforce(&BARRIER));
    assert!(sabotaged.sabotage_not_reached().is_empty());
    honest.env().reached(&MARK);
    honest.env().reached(&MARK);
    assert_eq!(honest.marks().into_iter().collect::<Vec<_>>(), [(MARK.name, 2)]);
}

#[test]
fn choices_made_by_the_workload_carry_its_tasks_name() {
    let world = World::new(WorldConfig::default(), Decisions::seeded(4));
    let inside = world.clone();
    world.run(move || {
        inside.choose(Concern::Workload, &MARK, 10, faults::Chance::Even);
    });
    let log = world.with_decisions(|decisions| decisions.log());
    let named = log.iter().find(|choice| choice.label == MARK.name).expect("recorded");
    assert_eq!((named.task.as_str(), named.concern), ("main", Concern::Workload));
}
