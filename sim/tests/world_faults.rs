//! The faults that the world itself executes: delays, standing clocks, failing tasks and entropy. Each must show to the
//! caller and stand in the ledger.

use env::{Env, OpenMode};
use faults::{Decisions, FaultKind, Plan};
use sim::{Stop, World, WorldConfig};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    OPEN: "test.open", Directory, "there is no file";
    SYNC: "test.sync", Sync, "the bytes are lost with the power";
    CLOCK: "test.clock", Clock, "no time";
    ENTROPY: "test.entropy", Entropy, "no id";
    TASK: "test.task", Task, "no second task";
}

/// Runs `body` in a world in which only `kind` happens, at every tenth call or so; returns how often it did.
fn with(kind: FaultKind, body: impl FnOnce(Arc<dyn Env>) + 'static) -> usize {
    let plan = Plan::of(&[(kind, 100_000)]);
    let world = World::new(WorldConfig { plan, ..WorldConfig::default() }, Decisions::seeded(5));
    let env = world.env();
    assert_eq!(world.run(move || body(env)), Stop::Finished);
    world.with_ledger(|ledger| {
        assert!(ledger.faults().iter().all(|fault| fault.kind == kind));
        ledger.faults().len()
    })
}

/// The longest of a hundred syncs.
fn longest_sync(env: &dyn Env) -> Duration {
    let file = env.open(&OPEN, Path::new("/db/file"), OpenMode::Create).expect("a file");
    let timed = (0..100).map(|_| {
        let before = env.monotonic(&CLOCK);
        file.sync_data(&SYNC).expect("it takes long but works");
        env.monotonic(&CLOCK) - before
    });
    timed.max().expect("a hundred of them")
}

#[test]
fn slow_and_stuck_calls_take_their_time() {
    let usual = |kind| with(kind, |env| assert!(longest_sync(&*env) < Duration::from_millis(10)));
    assert_eq!(usual(FaultKind::EntropyError), 0, "nothing happens at a sync");
    let slow = with(FaultKind::SlowIo, |env| {
        let longest = longest_sync(&*env);
        assert!(longest >= Duration::from_millis(10) && longest < Duration::from_secs(1), "{longest:?}");
    });
    let stuck = with(FaultKind::StuckIo, |env| assert!(longest_sync(&*env) >= Duration::from_secs(5)));
    assert!(slow > 2 && stuck > 2, "{slow} {stuck}");
}

#[test]
fn a_clock_that_stands_shows_one_time_again_and_again() {
    let stood = with(FaultKind::ClockStands, |env| {
        let times: Vec<Duration> = (0..2000).map(|_| env.monotonic(&CLOCK)).collect();
        let same = times.windows(2).filter(|pair| pair[0] == pair[1]).count();
        assert!(same > 100, "{same}");
        assert!(times.is_sorted(), "it never runs back");
    });
    assert!(stood > 2);
}

#[test]
fn entropy_that_fails_says_so() {
    let failed = with(FaultKind::EntropyError, |env| {
        let failed = (0..200).filter(|_| env.random(&ENTROPY, &mut [0; 8]).is_err()).count();
        assert!((5..60).contains(&failed), "{failed}");
    });
    assert!(failed > 2);
}

#[test]
fn a_task_that_cannot_start_says_so_and_never_runs() {
    let refused = with(FaultKind::SpawnError, |env| {
        let ran = Arc::new(env::sync::atomic::AtomicU32::new(0));
        let mut started = 0;
        for _ in 0..100 {
            let ran = Arc::clone(&ran);
            let count = move || {
                ran.fetch_add(1, env::sync::atomic::Ordering::Relaxed);
            };
            if let Ok(task) = env.spawn(&TASK, "worker", Box::new(count)) {
                started += 1;
                task.join().expect("it ends well");
            }
        }
        assert!((50..100).contains(&started), "{started}");
        assert_eq!(ran.load(env::sync::atomic::Ordering::Relaxed), started);
    });
    assert!(refused > 0);
}
