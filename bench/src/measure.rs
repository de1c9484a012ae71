//! How rates are measured: operations within a time, on one or several threads.

use crate::engine::{Engine, Outcome, Session};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
}

/// What one thread does again and again; returns how many operations that was.
pub type Work<'a> = &'a (dyn Fn(&mut dyn Session, &mut Keys) -> Outcome<u64> + Sync);

/// Operations per second of `work` on `threads` threads for about `time`.
pub fn rate(engine: &dyn Engine, threads: u64, time: Duration, rows: u64, work: Work<'_>) -> Outcome<f64> {
    let stop = AtomicBool::new(false);
    let total = AtomicU64::new(0);
    let began = Instant::now();
    let results = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let (stop, total) = (&stop, &total);
                scope.spawn(move || -> Outcome<()> {
                    let mut session = engine.session()?;
                    let mut keys = Keys::new(thread + 1, rows);
                    while !stop.load(Ordering::Relaxed) {
                        let done = work(&mut *session, &mut keys)?;
                        total.fetch_add(done, Ordering::Relaxed);
                    }
                    Ok(())
                })
            })
            .collect();
        std::thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        workers.into_iter().map(|worker| worker.join()).collect::<Vec<_>>()
    });
    for result in results {
        result.map_err(|_| "a worker panicked")??;
    }
    Ok(total.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

/// The middle one of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
