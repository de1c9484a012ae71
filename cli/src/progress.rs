//! Progress on the terminal; silent when nobody looks.

use env::sync::Mutex;
use env::sync::atomic::{AtomicU64, Ordering};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;
use torture::jobs::Listener;
use torture::report::Report;

env::labels! {
    BAR_LOCK: "cli.progress", Lock, "two jobs draw over each other";
}

/// Milliseconds between two drawings.
const INTERVAL: u64 = 100;

/// A bar over seeds or over time.
pub struct Bar {
    bar: Mutex<ProgressBar>,
    by_time: bool,
    last: AtomicU64,
}

impl Bar {
    /// A bar over so many seeds.
    pub fn over_seeds(count: u64) -> Bar {
        Bar::new(count, false)
    }

    /// A bar over a time.
    pub fn over_time(time: Duration) -> Bar {
        Bar::new(time.as_millis() as u64, true)
    }

    fn new(length: u64, by_time: bool) -> Bar {
        let bar = ProgressBar::new(length);
        if let Ok(style) = ProgressStyle::with_template("{bar:28} {percent:>3}%  {msg}") {
            bar.set_style(style);
        }
        Bar { bar: Mutex::new(&BAR_LOCK, bar), by_time, last: AtomicU64::new(0) }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.lock().finish_and_clear();
    }
}

/// What is known so far of work whose end is not.
pub struct Spinner {
    bar: ProgressBar,
}

impl Spinner {
    /// Nothing is known yet.
    pub fn new() -> Spinner {
        Spinner { bar: ProgressBar::new_spinner() }
    }

    /// Shows what is known now.
    pub fn show(&self, message: String) {
        self.bar.set_message(message);
        self.bar.tick();
    }

    /// Takes it away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Listener for Bar {
    fn run_ended(&self, so_far: &Report, elapsed: Duration) {
        let now = elapsed.as_millis() as u64;
        let last = self.last.load(Ordering::Relaxed);
        if now < last + INTERVAL {
            return;
        }
        self.last.store(now, Ordering::Relaxed);
        let seconds = elapsed.as_secs_f64().max(0.001);
        let runs = so_far.total_runs();
        let bar = self.bar.lock();
        bar.set_position(if self.by_time { now } else { runs });
        bar.set_message(format!(
            "{:.0} seeds/s  {} crashes  {} commits verified  {:.0} s virtual{}",
            runs as f64 / seconds,
            so_far.crashes,
            so_far.commits_verified,
            so_far.virtual_microseconds as f64 / 1e6,
            match so_far.failures.len() {
                0 => String::new(),
                count => format!("  {count} FAILED"),
            }
        ));
    }
}
