//! What the door costs: uncontended `env::sync` locks beside the plain `parking_lot` ones they stand on.
//!
//! `cargo run --release -p hornbeam-env --example lock_cost`. The promise is a difference of at most 2 ns. The last
//! column is the simulated face under a scheduler that does nothing: what a simulation pays before it decides anything.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // it measures what the lists forbid

use env::Label;
use env::sync::{Mutex, ResourceId, RwLock, Scheduler, WakeReason, install};
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

env::labels! {
    LOCK: "example.lock", Lock, "nothing";
}

const ROUNDS: u32 = 20;
const TURNS: u32 = 2_000_000;

/// A scheduler with nothing to schedule.
struct Idle;

impl Scheduler for Idle {
    fn new_resource(&self) -> ResourceId {
        1
    }

    fn preempt(&self, _label: &'static Label) {}

    fn block(&self, _label: &'static Label, _resource: ResourceId, _limit: Option<Duration>) -> WakeReason {
        WakeReason::Woken
    }

    fn wake(&self, _label: &'static Label, _resource: ResourceId, _all: bool) {}
}

/// The best of several rounds, in nanoseconds for one turn: the disturbed rounds tell about the machine only.
fn nanoseconds(mut turn: impl FnMut()) -> f64 {
    let round = |_| {
        let started = Instant::now();
        (0..TURNS).for_each(|_| turn());
        started.elapsed().as_secs_f64() * 1e9 / f64::from(TURNS)
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

fn main() {
    let plain = parking_lot::Mutex::new(0u64);
    let ours = Mutex::new(&LOCK, 0u64);
    let plain_shared = parking_lot::RwLock::new(0u64);
    let ours_shared = RwLock::new(&LOCK, 0u64);
    let lock = || *black_box(&ours).lock() += 1;
    let read = || {
        black_box(*black_box(&ours_shared).read());
    };
    let write = || *black_box(&ours_shared).write() += 1;
    let simulated = |turn: &dyn Fn()| {
        let _installed = install(Rc::new(Idle));
        nanoseconds(turn)
    };
    let rows = [
        ("Mutex::lock", nanoseconds(|| *black_box(&plain).lock() += 1), nanoseconds(lock), simulated(&lock)),
        (
            "RwLock::read",
            nanoseconds(|| {
                black_box(*black_box(&plain_shared).read());
            }),
            nanoseconds(read),
            simulated(&read),
        ),
        (
            "RwLock::write",
            nanoseconds(|| *black_box(&plain_shared).write() += 1),
            nanoseconds(write),
            simulated(&write),
        ),
    ];
    println!(
        "{:<14} {:>12} {:>12} {:>12} {:>16}",
        "", "plain (ns)", "env (ns)", "more (ns)", "simulated (ns)"
    );
    for (name, plain, ours, simulated) in rows {
        println!("{name:<14} {plain:>12.2} {ours:>12.2} {:>12.2} {simulated:>16.2}", ours - plain);
    }
}
