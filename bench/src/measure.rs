//! How rates are measured: operations within a time, on one or several threads that keep their sessions.

use crate::engine::{Engine, Outcome, Session};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// A small generator of keys (SplitMix64): the same keys for every engine, at next to no cost.
pub struct Keys {
    state: u64,
    rows: u64,
}

impl Keys {
    pub fn new(seed: u64, rows: u64) -> Keys {
        Keys { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), rows }
    }

    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A key of the table.
    pub fn next(&mut self) -> u64 {
        self.number() % self.rows
    }

    /// Rows in the table.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

/// What one thread does again and again; returns how many operations that was.
pub type Work = fn(&mut dyn Session, &mut Keys) -> Outcome<u64>;

/// What a thread of a team is told to do.
#[derive(Clone, Copy)]
enum Order {
    Once(Work),
    UntilStopped(Work),
}

/// Threads that work on one engine. Each keeps its session and goes on in its sequence of keys from round to round, so
/// that what one round has brought into a cache is there in the next: SQLite's cache belongs to a connection.
pub struct Team {
    threads: Vec<Sender<Order>>,
    results: Receiver<Outcome<u64>>,
    stop: Arc<AtomicBool>,
}

impl Team {
    /// Starts `threads` threads on `engine`. They end when the team is dropped.
    pub fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        engine: &'scope dyn Engine,
        threads: u64,
        rows: u64,
    ) -> Team {
        let stop = Arc::new(AtomicBool::new(false));
        let (done, results) = channel();
        let threads = (0..threads)
            .map(|thread| {
                let (order, orders) = channel();
                let (stop, done) = (Arc::clone(&stop), done.clone());
                scope.spawn(move || serve(engine, Keys::new(thread + 1, rows), &orders, &stop, &done));
                order
            })
            .collect();
        Team { threads, results, stop }
    }

    /// Every thread does `work` once, unmeasured.
    pub fn once(&self, work: Work) -> Outcome<()> {
        self.order(Order::Once(work))?;
        self.finish().map(drop)
    }

    /// Operations per second of `work` for about `time`.
    pub fn rate(&self, time: Duration, work: Work) -> Outcome<f64> {
        let (done, took) = self.work_for(time, work)?;
        Ok(done as f64 / took.as_secs_f64())
    }

    /// Has every thread do `work` for about `time`; returns how many operations that were, and how long they took.
    pub fn work_for(&self, time: Duration, work: Work) -> Outcome<(u64, Duration)> {
        self.stop.store(false, Ordering::Relaxed);
        let began = Instant::now();
        self.order(Order::UntilStopped(work))?;
        std::thread::sleep(time);
        self.stop.store(true, Ordering::Relaxed);
        let done = self.finish()?;
        Ok((done, began.elapsed()))
    }

    fn order(&self, order: Order) -> Outcome<()> {
        self.threads.iter().try_for_each(|thread| thread.send(order)).map_err(|_| "a worker has ended".into())
    }

    /// Waits for all threads; returns how many operations they did.
    fn finish(&self) -> Outcome<u64> {
        let mut done = 0;
        for _ in &self.threads {
            done += self.results.recv()??;
        }
        Ok(done)
    }
}

/// The life of one thread. A failure is what it answers to every order: whoever waits for the team would wait for ever
/// for a worker that died without a word.
fn serve(
    engine: &dyn Engine,
    mut keys: Keys,
    orders: &Receiver<Order>,
    stop: &AtomicBool,
    done: &Sender<Outcome<u64>>,
) {
    let served = engine.with_session(&mut |session| {
        for order in orders {
            let result = catch_unwind(AssertUnwindSafe(|| perform(session, &mut keys, order, stop)));
            done.send(result.unwrap_or_else(|_| Err("a worker panicked".into())))?;
        }
        Ok(())
    });
    if let Err(error) = served {
        orders.iter().try_for_each(|_| done.send(Err(error.to_string().into()))).ok();
    }
}

fn perform(session: &mut dyn Session, keys: &mut Keys, order: Order, stop: &AtomicBool) -> Outcome<u64> {
    match order {
        Order::Once(work) => work(session, keys),
        Order::UntilStopped(work) => {
            let mut total = 0;
            while !stop.load(Ordering::Relaxed) {
                total += work(session, keys)?;
            }
            Ok(total)
        }
    }
}

/// The middle one of some figures; of an even number of them, the mean of the two in the middle.
pub fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let upper = *figures.get(figures.len() / 2)?;
    if figures.len() % 2 == 1 {
        return Some(upper);
    }
    Some(figures[figures.len() / 2 - 1].midpoint(upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
