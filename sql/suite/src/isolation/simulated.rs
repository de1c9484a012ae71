//! Isolation scripts under the simulator's scheduler: sessions are simulated tasks, and all that is not decided by a script is
//! decided by a seed: who runs after each lock and each call, how long calls take, when time is over. No real time passes.
//!
//! The steps are begun in the order of the permutation as always. What the seed changes is what happens within them, which must not
//! show in what is printed.
//!
//! How it fails: a task that panics or waits for ever, and a lock that nobody is left to give back, are told instead.

use super::play::{Heard, Play};
use super::spec::{Spec, Turn};
use env::Env;
use faults::Decisions;
use session::Engine;
use sim::{Limits, Scheduling, Stop, World, WorldConfig};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreOptions};

/// Bytes of stack of a task that runs statements.
const STACK_BYTES: usize = 8 << 20;
/// Beyond so much of its time a world counts as hanging: longer than a script's longest wait.
const TIME: Duration = Duration::from_secs(1800);

/// What a run has given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// What is printed of its permutations.
    pub printed: String,
    /// What each session gave.
    pub heard: Vec<Heard>,
    /// Whether all permutations came to their ends.
    pub is_complete: bool,
    /// What tells the run from others: of all that has happened in its world.
    pub hash: u64,
    /// Locks that are there when every session is gone.
    left: Vec<String>,
}

/// Runs a script in the given orders, one after another, in a world of this seed.
///
/// # Errors
/// What is wrong when a task panics or hangs, or a lock is left.
pub fn simulate(spec: &Spec, orders: Vec<Vec<Turn>>, seed: u64) -> Result<Given, String> {
    let decisions = Decisions::seeded(seed);
    let config = WorldConfig {
        scheduling: Scheduling::draw(&decisions),
        stack_bytes: STACK_BYTES,
        limits: Limits { time: TIME, ..Limits::default() },
        ..WorldConfig::default()
    };
    let world = World::new(config, decisions);
    let given = Rc::new(RefCell::new(Given::default()));
    let (inside, env, spec) = (Rc::clone(&given), world.env(), spec.clone());
    let stop = world.run(move || {
        let found = whole(&env, &spec, &orders);
        *inside.borrow_mut() = found;
    });
    if stop != Stop::Finished {
        return Err(format!("seed {seed}: {stop}"));
    }
    let given = Given { hash: world.hash(), ..given.take() };
    match given.left.is_empty() {
        true => Ok(given),
        false => Err(format!("seed {seed}: locks of sessions that are gone: {}", given.left.join("; "))),
    }
}

#[allow(clippy::expect_used)] // nothing goes wrong in this world: a panic is told as one
fn whole(env: &Arc<dyn Env>, spec: &Spec, orders: &[Vec<Turn>]) -> Given {
    let store =
        Store::open(env.clone(), Path::new("/db/suite.db"), StoreOptions::default()).expect("a store");
    let engine = Engine::new(env.clone(), store.clone()).expect("a catalog");
    let mut given = Given { is_complete: true, ..Given::default() };
    let mut play = Play::new(spec, env.clone(), &engine);
    for order in orders {
        if !play.permutation(order, &mut given.printed) {
            given.is_complete = false;
            break;
        }
    }
    given.heard = play.end();
    given.left = store.locks().iter().map(|line| format!("{line:?}")).collect();
    drop(engine);
    store.close().expect("a store that closes");
    given
}

/// A script as [`super::run`] runs it, under the scheduler of this seed.
///
/// # Errors
/// When it is no script, and as [`simulate`].
pub fn run(text: &str, seed: u64) -> Result<String, String> {
    let spec = Spec::parse(text).map_err(|error| error.to_string())?;
    let sessions = spec.sessions.len();
    let given = simulate(&spec, spec.orders(), seed)?;
    Ok(format!("Parsed test spec with {sessions} sessions\n{}", given.printed))
}
