//! What the simulator costs: environment calls, lock operations, switches, crashes.
//!
//! Run with `cargo run --release -p hornbeam-sim --example sim_speed`.

use env::real::RealEnv;
use env::sync::Mutex;
use env::{Env, FileExt, OpenMode};
use faults::{Decisions, Plan, Profile};
use sim::{Policy, Scheduling, Stop, World, WorldConfig};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    OPEN: "speed.open", Directory, "nothing";
    READ: "speed.read", Read, "nothing";
    WRITE: "speed.write", Write, "nothing";
    SYNC: "speed.sync", Sync, "nothing";
    CLOCK: "speed.clock", Clock, "nothing";
    LOCK: "speed.lock", Lock, "nothing";
    TASK: "speed.task", Task, "nothing";
    YIELD: "speed.yield", Task, "nothing";
    SLEEP: "speed.sleep", Clock, "nothing";
    CRASH: "speed.crash", Mark, "nothing";
}

const ROUNDS: u64 = 1_000_000;
const SETTLED: &str = "the world has no faults";

/// The processor time of this thread, so that a busy machine does not show; where the system does not tell, real time.
fn spent(real: &RealEnv) -> Duration {
    let told = || {
        let file = real.open(&OPEN, Path::new("/proc/thread-self/schedstat"), OpenMode::ReadOnly).ok()?;
        let mut text = [0; 64];
        let length = file.read_up_to(&READ, 0, &mut text).ok()?;
        let text = std::str::from_utf8(&text[..length]).ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    told().unwrap_or_else(|| real.monotonic(&CLOCK))
}

/// Prints what one of `count` operations took.
fn report(real: &RealEnv, what: &str, count: u64, work: impl FnOnce()) {
    let start = spent(real);
    work();
    let taken = spent(real) - start;
    println!("{what:<58} {:>9.1} ns", taken.as_nanos() as f64 / count as f64);
}

fn world(policy: Policy, plan: Plan) -> World {
    let scheduling = Scheduling { policy, overlap: false };
    World::new(WorldConfig { scheduling, plan, ..WorldConfig::default() }, Decisions::seeded(1))
}

/// Runs `body` in a world of one task.
fn alone(policy: Policy, plan: Plan, body: impl FnOnce(Arc<dyn Env>) + 'static) {
    let world = world(policy, plan);
    let env = world.env();
    let stop = world.run(move || body(env));
    assert_eq!(stop, Stop::Finished);
}

/// Runs `body` in two tasks at once.
fn in_pairs(policy: Policy, plan: Plan, body: impl Fn(&dyn Env) + Send + Sync + 'static) {
    let world = world(policy, plan);
    let env = world.env();
    let stop = world.run(move || {
        let body = Arc::new(body);
        for name in ["one", "two"] {
            let (env, inside, body) = (Arc::clone(&env), Arc::clone(&env), Arc::clone(&body));
            env.spawn(&TASK, name, Box::new(move || body(&*inside))).expect(SETTLED);
        }
    });
    assert_eq!(stop, Stop::Finished);
}

fn read_clock(env: &dyn Env) {
    for _ in 0..ROUNDS {
        env.monotonic(&CLOCK);
    }
}

fn calls(clock: &RealEnv) {
    let tame = Policy::Random { preempt: 0, pick: 0 };
    report(clock, "a clock read, one task", ROUNDS, || {
        alone(tame, Plan::none(), |env| read_clock(&*env));
    });
    let harmless = Plan::of(&[(faults::FaultKind::PowerLoss, 1)]).with(faults::FaultKind::PowerLoss, 0);
    let rare = harmless.with(faults::FaultKind::ClockForward, 1);
    report(clock, "a clock read, one task, a plan that draws", ROUNDS, || {
        alone(tame, rare, |env| read_clock(&*env));
    });
    report(clock, "a clock read, two tasks, 10 % preempted", 2 * ROUNDS, || {
        let often = Policy::Random { preempt: 100_000, pick: 100_000 };
        in_pairs(often, Plan::none(), |env| read_clock(env));
    });
    report(clock, "lock and unlock, one task", ROUNDS, || {
        alone(tame, Plan::none(), |_| {
            let lock = Mutex::new(&LOCK, 0);
            (0..ROUNDS).for_each(|_| *lock.lock() += 1);
        });
    });
    report(clock, "a yield to another task and back", 2 * ROUNDS, || {
        in_pairs(tame, Plan::none(), |env| (0..ROUNDS).for_each(|_| env.yield_now(&YIELD)));
    });
    report(clock, "a 512-byte write and a read of it, one task", 2 * ROUNDS, || {
        alone(tame, Plan::none(), |env| {
            let file = env.open(&OPEN, Path::new("/db/file"), OpenMode::Create).expect(SETTLED);
            let mut page = [7; 512];
            for number in 0..ROUNDS {
                file.write_all_at(&WRITE, number % 64 * 512, &page).expect(SETTLED);
                file.read_exact_at(&READ, number % 64 * 512, &mut page).expect(SETTLED);
                if number % 16 == 0 {
                    file.sync_data(&SYNC).expect(SETTLED);
                }
            }
        });
    });
}

/// Nested calls with something to drop in each, as a statement deep in an engine.
fn deep(levels: u32, env: &dyn Env) {
    let _held = Arc::new(levels);
    match levels {
        0 => env.sleep(&SLEEP, Duration::from_secs(1_000)),
        _ => deep(levels - 1, env),
    }
}

fn crashes(clock: &RealEnv) {
    const WORLDS: u64 = 20_000;
    report(clock, "a world made, run and dropped", WORLDS, || {
        (0..WORLDS).for_each(|_| alone(Policy::Random { preempt: 0, pick: 0 }, Plan::none(), drop));
    });
    let decisions = Decisions::seeded(1);
    let config = WorldConfig { plan: Plan::none(), ..WorldConfig::draw(Profile::Storm, &decisions) };
    let world = World::new(config, decisions);
    report(clock, "a run of 5 tasks, 20 frames deep, crashed", WORLDS, || {
        for _ in 0..WORLDS {
            let (env, inside) = (world.env(), world.clone());
            let stop = world.run(move || {
                for name in ["one", "two", "three", "four"] {
                    let theirs = Arc::clone(&env);
                    env.spawn(&TASK, name, Box::new(move || deep(20, &*theirs))).expect(SETTLED);
                }
                env.sleep(&SLEEP, Duration::from_secs(1));
                inside.crash_now(&CRASH, true);
            });
            assert!(matches!(stop, Stop::Crashed { .. }));
            world.with_ledger(|ledger| ledger.recovered());
        }
    });
}

fn main() {
    let clock = RealEnv::new();
    calls(&clock);
    crashes(&clock);
}
