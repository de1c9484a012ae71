//! The key-value benchmark: which work, with how much cache, and what is aimed at.
//!
//! Each engine gets a directory of its own and the same rows. Within a line the engines take turns for several rounds and
//! the median counts, so that a disturbance of the machine does not fall on one of them alone.

use crate::KvArguments;
use crate::engine::{Engine, Kind, Opening, Outcome, VALUE_BYTES};
use crate::measure::{Work, median, rate};
use crate::report::{Aim, Line, table};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often the engines take turns within a line.
const ROUNDS: u32 = 3;
/// Rows of a range scan.
const SCANNED: usize = 100;
/// Transactions whose log is read back, and rows of each.
const REPLAYED: (u64, u64) = (200, 1000);

struct Benchmark<'a> {
    arguments: &'a KvArguments,
    root: PathBuf,
    progress: ProgressBar,
    lines: Vec<Line>,
}

/// Measures everything and returns the table as text.
pub fn run(arguments: &KvArguments) -> Outcome<String> {
    let parent = arguments.dir.clone().unwrap_or_else(std::env::temp_dir);
    let directory = tempfile::tempdir_in(&parent)?;
    let progress = ProgressBar::new(60);
    progress.set_style(ProgressStyle::with_template("{bar:30} {elapsed_precise} {msg}")?);
    let mut benchmark =
        Benchmark { arguments, root: directory.path().to_path_buf(), progress, lines: Vec::new() };
    let sync = benchmark.sync_cost()?;
    benchmark.load()?;
    let bytes = arguments.rows as usize * (VALUE_BYTES + 16);
    benchmark.reads("in cache", bytes * 4)?;
    benchmark.writes("in cache", bytes * 4)?;
    benchmark.reads("cache a tenth", bytes / 10)?;
    benchmark.writes("cache a tenth", bytes / 10)?;
    benchmark.log_bytes()?;
    benchmark.recovery()?;
    benchmark.progress.finish_and_clear();
    let head = format!(
        "{} rows of {VALUE_BYTES} bytes; a write of 512 bytes and its sync take {:.0} µs here; {} cores",
        arguments.rows,
        sync.as_secs_f64() * 1e6,
        std::thread::available_parallelism().map_or(0, std::num::NonZero::get)
    );
    Ok(format!("{head}\n{}", table(&benchmark.lines)))
}

impl Benchmark<'_> {
    /// What the device charges for durability: a rewritten sector and its sync, the median of many.
    fn sync_cost(&self) -> Outcome<Duration> {
        use std::os::unix::fs::FileExt;
        let file = std::fs::File::create(self.root.join("sync"))?;
        file.write_all_at(&[1; 4096], 0)?;
        file.sync_all()?;
        let mut costs = Vec::new();
        for round in 0..200u8 {
            let began = Instant::now();
            file.write_all_at(&[round; 512], 0)?;
            file.sync_data()?;
            costs.push(began.elapsed());
        }
        costs.sort();
        Ok(costs[costs.len() / 2])
    }

    fn wanted(&self, work: &str) -> bool {
        self.arguments.only.as_ref().is_none_or(|only| work.contains(only.as_str()))
    }

    fn step(&self, text: &str) {
        self.progress.set_message(text.to_string());
        self.progress.inc(1);
    }

    fn directory(&self, kind: Kind) -> PathBuf {
        self.root.join(kind.name())
    }

    /// Loads every engine's table; that is also the line "bulk load".
    fn load(&mut self) -> Outcome<()> {
        let mut figures = [None; 3];
        for (kind, figure) in Kind::ALL.into_iter().zip(&mut figures) {
            self.step(&format!("bulk load: {}", kind.name()));
            std::fs::create_dir_all(self.directory(kind))?;
            let engine =
                kind.open(&self.directory(kind), Opening { cache_bytes: 256 << 20, keep_log: false })?;
            let began = Instant::now();
            engine.load(self.arguments.rows)?;
            *figure = Some(self.arguments.rows as f64 / began.elapsed().as_secs_f64());
        }
        let work = format!("bulk load, {} rows in one transaction", self.arguments.rows);
        self.lines.push(Line { work, unit: "rows/s", figures, aim: Aim::Sqlite(2.0) });
        Ok(())
    }

    fn reads(&mut self, cache: &str, cache_bytes: usize) -> Outcome<()> {
        let engines = self.open_all(cache_bytes)?;
        let point: Work<'_> = &|session, keys| {
            for _ in 0..64 {
                expect(session.get(keys.next())? == VALUE_BYTES)?;
            }
            Ok(64)
        };
        self.line(&engines, &format!("point read, {cache}"), "reads/s", 1, Aim::Sqlite(1.5), point)?;
        let many: Work<'_> = &|session, keys| {
            let wanted: Vec<u64> = (0..1000).map(|_| keys.next()).collect();
            expect(session.get_all(&wanted)? == 1000 * VALUE_BYTES)?;
            Ok(1000)
        };
        let work = format!("point read, 1,000 in a transaction, {cache}");
        self.line(&engines, &work, "reads/s", 1, Aim::Sqlite(1.5), many)?;
        let scan: Work<'_> = &|session, keys| {
            let from = keys.next();
            Ok(session.scan(from, SCANNED)? as u64 / VALUE_BYTES as u64)
        };
        self.line(&engines, &format!("range scan of {SCANNED}, {cache}"), "rows/s", 1, Aim::Level, scan)
    }

    fn writes(&mut self, cache: &str, cache_bytes: usize) -> Outcome<()> {
        let engines = self.open_all(cache_bytes)?;
        let commit: Work<'_> = &|session, keys| {
            session.put(keys.next(), &[7; VALUE_BYTES])?;
            Ok(1)
        };
        for (threads, factor) in [(1, 1.2), (8, 4.0)] {
            let plural = if threads == 1 { "" } else { "s" };
            let work = format!("durable commit, {threads} thread{plural}, {cache}");
            self.line(&engines, &work, "commits/s", threads, Aim::Sqlite(factor), commit)?;
        }
        let mixed: Work<'_> = &|session, keys| {
            let key = keys.next();
            if keys.number().is_multiple_of(10) {
                session.put(key, &[8; VALUE_BYTES])?;
            } else {
                expect(session.get(key)? == VALUE_BYTES)?;
            }
            Ok(1)
        };
        for threads in [1, 8] {
            let plural = if threads == 1 { "" } else { "s" };
            let work = format!("mixed 90/10, {threads} thread{plural}, {cache}");
            self.line(&engines, &work, "operations/s", threads, Aim::Level, mixed)?;
        }
        Ok(())
    }

    fn open_all(&self, cache_bytes: usize) -> Outcome<Vec<Box<dyn Engine>>> {
        let opening = Opening { cache_bytes, keep_log: false };
        Kind::ALL.into_iter().map(|kind| kind.open(&self.directory(kind), opening)).collect()
    }

    fn line(
        &mut self,
        engines: &[Box<dyn Engine>],
        work: &str,
        unit: &'static str,
        threads: u64,
        aim: Aim,
        body: Work<'_>,
    ) -> Outcome<()> {
        if !self.wanted(work) {
            return Ok(());
        }
        let time = Duration::from_secs_f64(self.arguments.seconds / f64::from(ROUNDS));
        let mut figures = vec![Vec::new(); engines.len()];
        for round in 0..ROUNDS {
            for ((kind, engine), figures) in Kind::ALL.into_iter().zip(engines).zip(&mut figures) {
                self.step(&format!("{work}: {} ({} of {ROUNDS})", kind.name(), round + 1));
                figures.push(rate(&**engine, threads, time, self.arguments.rows, body)?);
            }
        }
        let mut medians = figures.into_iter().map(|figures| Some(median(figures)));
        let figures = std::array::from_fn(|_| medians.next().flatten());
        self.lines.push(Line { work: work.to_string(), unit, figures, aim });
        Ok(())
    }

    /// Bytes that a commit of one small row adds to the log, when it is alone.
    fn log_bytes(&mut self) -> Outcome<()> {
        const COMMITS: u64 = 200;
        let mut figures = [None; 3];
        for (kind, figure) in Kind::ALL.into_iter().zip(&mut figures) {
            self.step(&format!("log bytes per commit: {}", kind.name()));
            let directory = self.root.join(format!("{}-log-bytes", kind.name()));
            std::fs::create_dir_all(&directory)?;
            let engine = kind.open(&directory, Opening { cache_bytes: 64 << 20, keep_log: true })?;
            let mut session = engine.session()?;
            session.put(0, &[1; VALUE_BYTES])?;
            let before = engine.log_bytes()?;
            for key in 0..COMMITS {
                session.put(key, &[2; VALUE_BYTES])?;
            }
            if let (Some(before), Some(after)) = (before, engine.log_bytes()?) {
                *figure = Some((after - before) as f64 / COMMITS as f64);
            }
        }
        let work = "log bytes of a one-row commit".to_string();
        self.lines.push(Line { work, unit: "bytes", figures, aim: Aim::AtMost(512.0) });
        Ok(())
    }

    /// Opening after a crash: the files are copied while the database is in use, and the copy is opened.
    fn recovery(&mut self) -> Outcome<()> {
        let (transactions, rows) = REPLAYED;
        let mut figures = [None; 3];
        for (kind, figure) in Kind::ALL.into_iter().zip(&mut figures) {
            self.step(&format!("recovery: {}", kind.name()));
            let live = self.root.join(format!("{}-live", kind.name()));
            let copy = self.root.join(format!("{}-copy", kind.name()));
            std::fs::create_dir_all(&live)?;
            std::fs::create_dir_all(&copy)?;
            let opening = Opening { cache_bytes: 256 << 20, keep_log: true };
            let engine = kind.open(&live, opening)?;
            {
                let mut session = engine.session()?;
                for transaction in 0..transactions {
                    session.put_all(transaction * rows..(transaction + 1) * rows, &[3; VALUE_BYTES])?;
                }
            }
            copy_files(&live, &copy)?;
            let began = Instant::now();
            let recovered = kind.open(&copy, opening)?;
            let took = began.elapsed();
            expect(recovered.session()?.get(transactions * rows - 1)? == VALUE_BYTES)?;
            *figure = Some((transactions * rows) as f64 / took.as_secs_f64());
        }
        let work = format!("recovery of {} row changes", transactions * rows);
        self.lines.push(Line { work, unit: "rows/s", figures, aim: Aim::AtLeast(500_000.0) });
        Ok(())
    }
}

fn copy_files(from: &Path, to: &Path) -> Outcome<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        // SQLite's shared memory belongs to the living process.
        if !name.to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

/// A benchmark of wrong answers is worth nothing.
fn expect(right: bool) -> Outcome<()> {
    if right { Ok(()) } else { Err("an engine returned a wrong value".into()) }
}
