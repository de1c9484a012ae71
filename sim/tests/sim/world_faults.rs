//! The faults that the world itself executes: delays, standing clocks, failing tasks and entropy. Each must show to the
//! caller and stand in the ledger.

use env::{Address, Env, FileExt, FileLockKind, OpenMode, StreamExt};
use faults::survivor::Device;
use faults::{Decisions, FaultKind, Plan, Profile};
use sim::disk::DiskConfig;
use sim::{Stop, World, WorldConfig};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    OPEN: "test.open", Directory, "there is no file";
    READ: "test.read", Read, "nothing is read";
    WRITE: "test.write", Write, "nothing is written";
    LENGTH: "test.length", Length, "the length is another";
    RENAME: "test.rename", Directory, "the old name stays";
    REMOVE: "test.remove", Directory, "the file stays";
    DIRECTORY: "test.directory", DirectorySync, "the file is lost with the power";
    MUTEX: "test.mutex", Lock, "two tasks at once";
    LOCK: "test.lock", FileLock, "two processes write";
    SYNC: "test.sync", Sync, "the bytes are lost with the power";
    CLOCK: "test.clock", Clock, "no time";
    ENTROPY: "test.entropy", Entropy, "no id";
    TASK: "test.task", Task, "no second task";
    SOCKET: "test.socket", Network, "nothing";
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

/// A program that makes every sort of call and lives with whatever comes of it.
fn use_everything(env: &Arc<dyn Env>) {
    let (data, journal, other) = (Path::new("/db/data"), Path::new("/db/journal"), Path::new("/db/other"));
    let mutex = env::sync::Mutex::new(&MUTEX, ());
    let mut id = [0; 8];
    let _ = env.random(&ENTROPY, &mut id);
    let Ok(file) = env.open(&OPEN, data, OpenMode::Create) else { return };
    let _ = file.try_lock(&LOCK, FileLockKind::Exclusive);
    let _ = env.sync_directory(&DIRECTORY, Path::new("/db"));
    for round in 0..12_u64 {
        let _ = file.set_len(&LENGTH, 4096 * (1 + round % 4));
        let _ = file.write_all_at(&WRITE, round * 600, &[round as u8; 1500]);
        let _ = file.read_up_to(&READ, round * 100, &mut [0; 2000]);
        let _ = file.sync_data(&SYNC);
        // Grows with every write, and is synced now and then.
        if let Ok(journal) = env.open(&OPEN, journal, OpenMode::Create) {
            let _ = journal.write_all_at(&WRITE, round * 700, &[2; 700]);
            if round % 4 == 3 {
                let _ = journal.sync_data(&SYNC);
            }
        }
        (0..30).for_each(|_| drop(mutex.lock()));
        env.sleep(&CLOCK, Duration::from_micros(10));
        env.yield_now(&TASK);
    }
    if let Ok(file) = env.open(&OPEN, other, OpenMode::Create) {
        let _ = file.write_all_at(&WRITE, 0, &[1; 700]);
        let _ = file.sync_all(&SYNC);
        let _ = env.rename(&RENAME, other, Path::new("/db/renamed"));
        let _ = env.remove(&REMOVE, Path::new("/db/renamed"));
        let _ = env.sync_directory(&DIRECTORY, Path::new("/db"));
    }
    talk(env);
    let task = Arc::clone(env);
    if let Ok(task) = env.spawn(&TASK, "worker", Box::new(move || task.yield_now(&TASK))) {
        let _ = task.join();
    }
}

/// A few words over a connection, if there is one.
fn talk(env: &Arc<dyn Env>) {
    let address = Address::Ip(([127, 0, 0, 1], 5432).into());
    let Some(network) = env.network() else { return };
    let Ok(listener) = network.listen(&SOCKET, &address) else { return };
    let Ok(near) = network.connect(&SOCKET, &address, None) else { return };
    let Ok(Some(far)) = listener.accept(&SOCKET) else { return };
    for _ in 0..10 {
        let _ = near.write_all(&SOCKET, b"a few words");
        let _ = far.read_some(&SOCKET, &mut [0; 100]);
    }
}

#[test]
fn memory_is_short_as_the_plan_says() {
    let plan = Plan::of(&[(FaultKind::MemoryPressure, 300_000)]);
    let world = World::new(WorldConfig { plan, ..WorldConfig::default() }, Decisions::seeded(1));
    let asked = world.clone();
    let counted = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&counted);
    world.run(move || {
        let short = (0..1000).filter(|_| asked.is_memory_short(&TASK)).count();
        count.store(short, std::sync::atomic::Ordering::Relaxed);
    });
    let short = counted.load(std::sync::atomic::Ordering::Relaxed);
    assert!((240..360).contains(&short), "{short}");
    world.with_ledger(|ledger| {
        assert_eq!(ledger.faults().len(), short);
        ledger.settled();
        assert_eq!(ledger.unclosed().count(), 0);
    });
}

#[test]
fn every_kind_of_fault_is_met_within_a_few_hundred_runs() {
    // Only whoever drives a world breaks its tasks off.
    let mut met = BTreeSet::from([FaultKind::TaskBrokenOff]);
    // A fault that is drawn by nothing would be a promise that nobody tests.
    let wanted = FaultKind::ALL.len();
    for seed in 0..600 {
        let decisions = Decisions::seeded(seed);
        let profile = Profile::ALL[seed as usize % Profile::ALL.len()];
        let device = Device { sector: 512, atomic: seed % 2 == 0 };
        let disk = DiskConfig { device, history: true, ..DiskConfig::default() };
        let plan = Plan::draw(profile, &decisions);
        let world = World::new(WorldConfig { plan, disk, ..WorldConfig::default() }, decisions);
        for _ in 0..4 {
            let env = world.env();
            let asked = world.clone();
            world.run(move || {
                asked.is_memory_short(&TASK);
                use_everything(&env);
            });
        }
        world.with_ledger(|ledger| met.extend(ledger.faults().iter().map(|fault| fault.kind)));
        if met.len() == wanted {
            return;
        }
    }
    let missed: Vec<&FaultKind> = FaultKind::ALL.iter().filter(|&kind| !met.contains(kind)).collect();
    panic!("never met: {missed:?}");
}
