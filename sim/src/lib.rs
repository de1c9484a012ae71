//! A seeded world: disk, clocks, randomness, tasks and locks behind the traits of [`env`], all decided by one seed.
//!
//! Code that asks [`env::Env`] for everything it does runs here as it runs on a real machine, only that the world is
//! worse: it crashes at any call, tears what was not synced, fails calls, lets tasks overtake one another, and does it
//! all again, exactly, when the same seed is given.
//!
//! ```
//! use env::{Env, FileExt, OpenMode};
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! env::labels! {
//!     OPEN: "example.open", Directory, "there is no file";
//!     WRITE: "example.write", Write, "nothing is written";
//!     SYNC: "example.sync", Sync, "the count is lost when the power fails";
//!     READ: "example.read", Read, "nothing is read";
//! }
//!
//! /// Counts how often it was started. Every world may crash it anywhere; it is started again.
//! fn count_starts(env: Arc<dyn Env>) -> env::IoResult<()> {
//!     let file = env.open(&OPEN, Path::new("/db/starts"), OpenMode::Create)?;
//!     let mut count = [0];
//!     file.read_up_to(&READ, 0, &mut count)?;
//!     file.write_all_at(&WRITE, 0, &[count[0] + 1])?;
//!     file.sync_data(&SYNC)
//! }
//!
//! for seed in 0..20 {
//!     let run = sim::run(seed, |env| drop(count_starts(env)));
//!     // A task that panics, waits for ever or never ends would be told here, with all that is needed to replay it.
//!     assert!(!run.stop.is_failure(), "seed {seed}: {}", run.stop);
//!     let starts = run.world.with_disk(|disk| disk.image(Path::new("/db/starts")).map(|file| file.to_vec()));
//!     assert!(starts.is_none_or(|starts| starts.len() <= 1 && u32::from(starts.first().copied().unwrap_or(0)) <= run.lives));
//! }
//! ```
//!
//! * [`World`] is the whole of it: [`World::env`] is what the code under test gets, [`World::run`] runs it until it ends
//!   or is crashed, and disk and clock live on for the next run.
//! * [`WorldConfig`] says what the world is made of: which faults ([`faults::Plan`]), what scheduling, which disk.
//! * [`faults::Decisions`] makes every choice, and logs it: the same seed, or the same log, gives the same run.
//! * [`Stop`] says how a run ended; [`World::trace_lines`] what happened; [`World::hash`] whether it is the same run.
//! * [`disk`] is the simulated disk alone.
//!
//! Simulated tasks are coroutines on the thread that calls [`World::run`]; exactly one runs at any time, and the world
//! may switch at every environment call and every operation of `env::sync`. A run costs no threads and no real time.
//!
//! What does not belong into simulated code: threads, locks of `std`, clocks, files or randomness other than [`env`]'s,
//! and iteration over hash maps with random state. They would not be seen, and the same seed would not give the same run.

#![deny(unsafe_code)]

mod clock;
mod config;
mod core;
mod coroutine;
pub mod disk;
mod effects;
mod environment;
mod file;
mod labels;
mod network;
mod scheduler;
mod state;
mod stop;
mod tasks;
mod thread_bound;
mod trace;
mod unwind;
mod world;

pub use config::{Aftermath, Latencies, Limits, Policy, Scheduling, WorldConfig};
pub use stop::{Stop, Unfinished};
pub use trace::{Event, Outcome, Recording, TraceEntry};
pub use world::{Cancelled, MAIN_PROCESS, World};

use env::Env;
use faults::{Decisions, Plan, Profile};
use std::rc::Rc;
use std::sync::Arc;

/// A run of [`run`] or [`run_with`] that has come to its end.
pub struct Run {
    /// The world, to be looked at.
    pub world: World,
    /// How the last life ended.
    pub stop: Stop,
    /// How often the body was started.
    pub lives: u32,
}

/// After so many crashes the world lets the body come to its end.
const CRASHES_MAX: u32 = 8;

/// Runs `body` in a stormy world of `seed`, and again after each crash, until it ends by itself.
pub fn run(seed: u64, body: impl Fn(Arc<dyn Env>) + 'static) -> Run {
    let decisions = Decisions::seeded(seed);
    let config = WorldConfig::draw(Profile::Storm, &decisions);
    run_with(config, decisions, body)
}

/// As [`run`], in a world of one's own making. After eight crashes nothing more goes wrong, so that every run ends.
pub fn run_with(config: WorldConfig, decisions: Decisions, body: impl Fn(Arc<dyn Env>) + 'static) -> Run {
    let world = World::new(config, decisions);
    let body = Rc::new(body);
    let mut lives = 0;
    loop {
        lives += 1;
        if lives > CRASHES_MAX {
            world.set_plan(Plan::none());
        }
        let (env, body) = (world.env(), Rc::clone(&body));
        let stop = world.run(move || body(env));
        match stop {
            Stop::Crashed { .. } => {}
            Stop::Finished
            | Stop::Deadlock { .. }
            | Stop::TimeLimit { .. }
            | Stop::Panicked { .. }
            | Stop::Stuck { .. }
            | Stop::Paused { .. } => return Run { world, stop, lives },
        }
    }
}
