//! How fast the tree is: `cargo run --release -p hornbeam-btree --example btree_speed [ROWS]`.
//!
//! Keys are 8-byte numbers, values have 16 bytes, pages 8 KiB; the cache holds everything, so that what is measured is
//! the tree and not the device.

use btree::{Builder, Edit, Tree, TreeError};
use env::memory::MemoryEnv;
use env::real::RealEnv;
use env::{Env, Label, LabelKind, OpenMode};
use pager::{Options, OwnerId, PageChanges, Pager, Placements};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

static CLOCK: Label = Label { name: "speed.clock", kind: LabelKind::Clock, breaks: "no figures" };

struct Bench {
    env: RealEnv,
    pager: Pager,
    changes: PageChanges,
    rows: u64,
}

impl Bench {
    fn edit(&mut self) -> Edit<'_> {
        Edit::new(&self.pager, OwnerId(1), 1, &mut self.changes)
    }

    /// Prints how long `work` on `rows` rows took.
    fn time<T>(
        &mut self,
        name: &str,
        rows: u64,
        work: impl FnOnce(&mut Self) -> Result<T, TreeError>,
    ) -> Result<T, TreeError> {
        let start = self.processor_time();
        let result = work(self)?;
        let elapsed = self.processor_time().saturating_sub(start).max(Duration::from_nanos(1));
        let each = elapsed.as_nanos() as f64 / rows as f64;
        println!("{name:<34} {each:>9.1} ns a row {:>9.2} M rows/s", 1e3 / each);
        Ok(result)
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

    fn written(&self, tree: &Tree) -> Result<Tree, TreeError> {
        let Some(root) = tree.root() else { return Ok(tree.clone()) };
        let pointers = self.pager.write_tree(std::slice::from_ref(root), &mut Placements::new())?;
        Ok(tree.with_root(pointers[0]))
    }
}

/// The `n`-th of some numbers in no order, each once.
fn scattered(n: u64) -> u64 {
    let mut number = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number ^= number >> 32;
    number.wrapping_mul(0xd6e8_feb8_6659_fd93)
}

fn main() -> Result<(), TreeError> {
    let rows = std::env::args().nth(1).and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000u64);
    let env = Arc::new(MemoryEnv::new()) as Arc<dyn Env>;
    let options = Options { cache_bytes: 4 << 30, ..Options::default() };
    let pager = Pager::create(Arc::clone(&env), Path::new("speed"), &options)?;
    let mut bench = Bench { env: RealEnv::new(), pager, changes: PageChanges::default(), rows };
    inserts(&mut bench)?;
    reads(&mut bench)?;
    let pager = Pager::create(
        Arc::clone(&env),
        Path::new("cold"),
        &Options { cache_bytes: 2 << 20, ..options.clone() },
    )?;
    cold_reads(&mut Bench { env: RealEnv::new(), pager, changes: PageChanges::default(), rows })?;
    let pager = Pager::create(env, Path::new("small"), &Options { page_size: 512, ..options })?;
    small_pages(&mut Bench { env: RealEnv::new(), pager, changes: PageChanges::default(), rows })
}

/// Reads of rows of 100 bytes whose leaf is not in the cache: what a cache fill costs beside the device.
fn cold_reads(bench: &mut Bench) -> Result<(), TreeError> {
    let rows = bench.rows.min(300_000);
    let mut edit = bench.edit();
    let mut builder = Builder::new(&mut edit, 6);
    (0..rows).try_for_each(|n| builder.push(&n.to_be_bytes(), &[9; 92]))?;
    let tree = builder.finish()?;
    let tree = bench.written(&tree)?;
    bench.time("get, random, leaf from the file", 100_000, |bench| {
        (0..100_000).try_for_each(|n| {
            assert!(tree.contains(&bench.pager, &(scattered(n) % rows).to_be_bytes())?);
            Ok::<(), TreeError>(())
        })
    })
}

/// What a simulated run does: few rows in small pages, every change a version of its own.
fn small_pages(bench: &mut Bench) -> Result<(), TreeError> {
    let mut tree = Tree::empty(5);
    let mut edit = bench.edit();
    for n in 0..500u64 {
        tree.insert(&mut edit, &scattered(n).to_be_bytes(), &[7; 16])?;
    }
    let mut tree = bench.written(&tree)?;
    println!("{} rows in pages of 512 bytes, {} levels", tree.len(), tree.level() + 1);
    bench.time("  update, one per version", 400_000, |bench| {
        (0..400_000u64).try_for_each(|n| {
            let snapshot = tree.clone();
            let mut edit = bench.edit();
            tree.insert(&mut edit, &scattered(n * 37 % 500).to_be_bytes(), &[8; 16])?;
            drop(snapshot);
            bench.changes.freed.clear();
            Ok::<(), TreeError>(())
        })
    })?;
    bench.time("  update and write, twenty each", 100_000, |bench| {
        (0..5_000u64).try_for_each(|round| {
            for n in round * 20..round * 20 + 20 {
                let mut edit = bench.edit();
                tree.insert(&mut edit, &scattered(n * 37 % 500).to_be_bytes(), &[8; 16])?;
            }
            tree = bench.written(&tree)?;
            let freed = std::mem::take(&mut bench.changes.freed);
            bench.pager.give_back(&freed.iter().filter_map(pager::FreedPage::number).collect())?;
            Ok::<(), TreeError>(())
        })
    })?;
    bench.time("  scan", 5_000_000, |bench| {
        let mut cursor = tree.cursor();
        (0..10_000).try_for_each(|_| {
            let mut found = cursor.seek_first(&bench.pager)?;
            while found {
                found = cursor.next(&bench.pager)?;
            }
            Ok::<(), TreeError>(())
        })
    })
}

fn inserts(bench: &mut Bench) -> Result<(), TreeError> {
    let (rows, value) = (bench.rows, [7u8; 16]);
    let mut sequential = Tree::empty(1);
    bench.time("insert, ascending", rows, |bench| {
        let mut edit = bench.edit();
        (0..rows).try_for_each(|n| sequential.insert(&mut edit, &n.to_be_bytes(), &value).map(|_| ()))
    })?;
    let mut random = Tree::empty(2);
    bench.time("insert, random", rows, |bench| {
        let mut edit = bench.edit();
        (0..rows).try_for_each(|n| random.insert(&mut edit, &scattered(n).to_be_bytes(), &value).map(|_| ()))
    })?;
    bench.time("update, random, own pages", rows, |bench| {
        let mut edit = bench.edit();
        (0..rows).try_for_each(|n| random.insert(&mut edit, &scattered(n).to_be_bytes(), &value).map(|_| ()))
    })?;
    let mut written = bench.written(&random)?;
    let few = rows.min(20_000);
    bench.time("update, random, one per version", few, |bench| {
        (0..few).try_for_each(|n| {
            let snapshot = written.clone();
            let mut edit = bench.edit();
            written.insert(&mut edit, &scattered(n * 37 % rows).to_be_bytes(), &value)?;
            drop(snapshot);
            Ok::<(), TreeError>(())
        })
    })?;
    bench.time("delete, random", rows, |bench| {
        let mut edit = bench.edit();
        (0..rows).try_for_each(|n| random.delete(&mut edit, &scattered(n).to_be_bytes()).map(|_| ()))
    })?;
    bench.time("bulk build", rows, |bench| {
        let mut edit = bench.edit();
        let mut builder = Builder::new(&mut edit, 3);
        (0..rows).try_for_each(|n| builder.push(&n.to_be_bytes(), &value))?;
        builder.finish()
    })?;
    Ok(())
}

fn reads(bench: &mut Bench) -> Result<(), TreeError> {
    let rows = bench.rows;
    let mut tree = Tree::empty(4);
    let mut edit = bench.edit();
    for n in 0..rows {
        tree.insert(&mut edit, &scattered(n).to_be_bytes(), &[7; 16])?;
    }
    let stored = bench.written(&tree)?;
    for (name, tree) in [("resident", &tree), ("cached", &stored)] {
        println!("{} rows {name}, {} levels", tree.len(), tree.level() + 1);
        bench.time("  get, random", rows, |bench| {
            (0..rows).try_for_each(|n| {
                let found = tree.get(&bench.pager, &scattered(n).to_be_bytes())?;
                assert!(found.is_some_and(|value| value.len() == 16));
                Ok::<(), TreeError>(())
            })
        })?;
        bench.time("  scan, forwards", rows, |bench| {
            let (mut cursor, mut bytes) = (tree.cursor(), 0);
            let mut found = cursor.seek_first(&bench.pager)?;
            while found {
                bytes += cursor.key().len() + cursor.value_ref().len();
                found = cursor.next(&bench.pager)?;
            }
            assert_eq!(bytes as u64, rows * 24);
            Ok(())
        })?;
        bench.time("  scan, backwards", rows, |bench| {
            let (mut cursor, mut count) = (tree.cursor(), 0);
            let mut found = cursor.seek_last(&bench.pager)?;
            while found {
                count += 1;
                found = cursor.prev(&bench.pager)?;
            }
            assert_eq!(count, rows);
            Ok(())
        })?;
        bench.time("  nth and rank", 100_000, |bench| {
            (0..100_000u64).try_for_each(|n| {
                let position = scattered(n) % rows;
                let cursor = tree.nth(&bench.pager, position)?;
                assert_eq!(tree.rank(&bench.pager, cursor.key())?, position);
                Ok::<(), TreeError>(())
            })
        })?;
    }
    Ok(())
}
