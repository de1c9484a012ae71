//! How fast the store is apart from the device: `cargo run --release -p hornbeam-store --example store_speed [ROWS [ONLY [TIMES]]]`.
//!
//! Rows have 8-byte keys and 100-byte values; the file lies in memory. `ONLY` runs the parts whose name contains it, so that
//! a profiler sees one of them alone; `TIMES` makes them longer than the loading before them.

use env::memory::MemoryEnv;
use env::real::RealEnv;
use env::{Env, Label, LabelKind, OpenMode};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Begin, Bounds, Isolation, Session, Store, StoreOptions, TreeId};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

static CLOCK: Label = Label { name: "speed.clock", kind: LabelKind::Clock, breaks: "no figures" };

struct Bench {
    env: RealEnv,
    only: String,
    times: u64,
    rows: u64,
}

/// An open store with one table.
struct Table {
    store: Store,
    session: Session,
    tree: TreeId,
}

/// The `n`-th of some numbers in no order.
fn scattered(n: u64) -> u64 {
    let mut number = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number ^= number >> 32;
    number.wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// What is measured; a function of its own for `valgrind --tool=callgrind --toggle-collect='*repeat*'`.
#[inline(never)]
fn repeat(count: u64, work: &mut dyn FnMut(u64) -> Outcome) -> Outcome {
    (0..count).try_for_each(work)
}

impl Bench {
    /// Prints how long one of `count` operations took.
    fn time(&self, name: &str, count: u64, mut work: impl FnMut(u64) -> Outcome) -> Outcome {
        if !name.contains(&self.only) {
            return Ok(());
        }
        let start = self.processor_time();
        let count = count * self.times;
        repeat(count, &mut work)?;
        let elapsed = self.processor_time().saturating_sub(start).max(Duration::from_nanos(1));
        println!("{name:<42} {:>9.1} ns", elapsed.as_nanos() as f64 / count as f64);
        Ok(())
    }

    /// Time that this thread has run, where the system tells (so that neighbours on the machine do not count); else the
    /// clock's.
    fn processor_time(&self) -> Duration {
        let mut text = [0; 64];
        let file = self.env.open(&CLOCK, Path::new("/proc/thread-self/schedstat"), OpenMode::ReadOnly);
        let read = file.and_then(|file| file.read_at(&CLOCK, 0, &mut text)).unwrap_or(0);
        let text = String::from_utf8_lossy(&text[..read]);
        match text.split_whitespace().next().and_then(|nanoseconds| nanoseconds.parse().ok()) {
            Some(nanoseconds) => Duration::from_nanos(nanoseconds),
            None => self.env.monotonic(&CLOCK),
        }
    }

    fn key(&self, n: u64) -> [u8; 8] {
        (scattered(n) % self.rows).to_be_bytes()
    }

    fn table(&self, cache_bytes: usize) -> Outcome<Table> {
        let options = StoreOptions { cache_bytes, background: false, ..StoreOptions::default() };
        let store = Store::open(Arc::new(MemoryEnv::new()), Path::new("speed"), options)?;
        let session = store.session();
        let mut transaction = session.begin(Begin::default())?;
        let tree = transaction.create_tree(true)?;
        for n in 0..self.rows {
            transaction.put(tree, &n.to_be_bytes(), &[7; 100])?;
        }
        transaction.commit()?;
        store.checkpoint()?;
        Ok(Table { store, session, tree })
    }

    fn reads(&self, table: &Table, cache: &str) -> Outcome {
        let Table { session, tree, .. } = table;
        let reading = Begin { isolation: Isolation::RepeatableRead, read_only: true, ..Begin::default() };
        let mut transaction = session.begin(reading)?;
        let count = 200_000;
        for round in 0..2u64 {
            self.time(&format!("get, {cache}, round {round}"), count, |n| {
                let found = transaction.get_with(*tree, &self.key(n), <[u8]>::len)?;
                assert_eq!(found, Some(100));
                Ok(())
            })?;
        }
        drop(transaction);
        self.time(&format!("transaction of a get, {cache}"), count, |n| {
            let mut transaction = session.begin(reading)?;
            let found = transaction.get_with(*tree, &self.key(n), <[u8]>::len)?;
            assert_eq!(found, Some(100));
            Ok(())
        })?;
        self.time(&format!("scan of 100 rows, {cache}"), count / 10, |n| {
            let mut transaction = session.begin(reading)?;
            let bounds = Bounds { from: self.key(n).to_vec(), to: None };
            let mut scan = transaction.scan(*tree, bounds)?;
            let mut rows = 0;
            while rows < 100 && scan.next()? {
                rows += scan.value_with(|_| 1)?;
            }
            Ok(())
        })
    }

    fn writes(&self, table: &Table, cache: &str) -> Outcome {
        let Table { session, tree, .. } = table;
        self.time(&format!("commit of a put, {cache}"), 50_000, |n| {
            let mut transaction = session.begin(Begin::default())?;
            transaction.put(*tree, &self.key(n), &[8; 100])?;
            transaction.commit()?;
            Ok(())
        })
    }
}

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let rows = arguments.next().and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000u64);
    let only = arguments.next().unwrap_or_default();
    let times = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(1);
    let bench = Bench { env: RealEnv::new(), only, times, rows };
    let bytes = rows as usize * 116;
    for (cache, cache_bytes) in [("in cache", bytes * 4), ("cache a tenth", bytes / 10)] {
        let table = bench.table(cache_bytes)?;
        bench.reads(&table, cache)?;
        bench.writes(&table, cache)?;
        table.store.close()?;
    }
    Ok(())
}
