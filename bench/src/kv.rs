//! The key-value benchmark: which work, with how much cache, and what is aimed at.
//!
//! Each engine gets a directory of its own and the same rows. Within a line the engines take turns for several rounds,
//! and the median of the rounds' ratios counts, so that a disturbance of the machine does not fall on one of them alone.

use crate::KvArguments;
use crate::engine::{Kind, Opening, Outcome, VALUE_BYTES};
use crate::measure::{Team, Work};
use crate::progress::Progress;
use crate::report::{Aim, Line, number, table};
use crate::{files, rest, work};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often the engines take turns within a line.
pub const ROUNDS: usize = 5;
/// How often the table is loaded; the last one is kept.
const LOADS: usize = 3;
/// Lines of [`reads`] and [`writes`], each with two sizes of cache.
const RATES: usize = 7 * 2;
/// The whole memory for pages while a table is loaded.
const LOADING_CACHE: usize = 256 << 20;

/// What all parts of the benchmark share.
pub struct Benchmark<'a> {
    pub arguments: &'a KvArguments,
    pub root: PathBuf,
    pub progress: Progress,
    pub lines: Vec<Line>,
}

/// Measures everything and returns the table as text.
pub fn run(arguments: &KvArguments) -> Outcome<String> {
    let parent = arguments.dir.clone().unwrap_or_else(std::env::temp_dir);
    let directory = tempfile::tempdir_in(&parent)?;
    let turns = RATES * ROUNDS + LOADS + files::TURNS + rest::TURNS;
    let mut benchmark = Benchmark {
        arguments,
        root: directory.path().to_path_buf(),
        progress: Progress::new(turns * Kind::ALL.len())?,
        lines: Vec::new(),
    };
    let sync = benchmark.sync_cost()?;
    benchmark.load()?;
    files::openings(&mut benchmark)?;
    files::large_opening(&mut benchmark)?;
    rest::memory(&mut benchmark)?;
    let bytes = arguments.rows as usize * (VALUE_BYTES + 16);
    for (cache, cache_bytes) in [("in cache", bytes * 4), ("cache a tenth", bytes / 10)] {
        benchmark.reads(cache, cache_bytes)?;
        benchmark.writes(cache, cache_bytes)?;
    }
    files::log_bytes(&mut benchmark)?;
    files::recovery(&mut benchmark)?;
    benchmark.progress.end();
    let head = format!(
        "{} rows of {VALUE_BYTES} bytes; a write of 512 bytes and its sync take {:.0} µs here; {} cores",
        number(arguments.rows as f64),
        sync.as_secs_f64() * 1e6,
        std::thread::available_parallelism().map_or(0, std::num::NonZero::get)
    );
    Ok(format!("{head}\n{}", table(&benchmark.lines)))
}

/// The engines' turns of round `round`: each is first as often as the others.
pub fn turns(round: usize) -> impl Iterator<Item = Kind> {
    (0..Kind::ALL.len()).map(move |turn| Kind::ALL[(round + turn) % Kind::ALL.len()])
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

    pub fn wanted(&self, work: &str) -> bool {
        self.arguments.only.as_ref().is_none_or(|only| work.contains(only.as_str()))
    }

    /// Notes a line that has been measured.
    pub fn report(&mut self, line: Line) {
        self.progress.line(&line);
        self.lines.push(line);
    }

    pub fn directory(&self, kind: Kind) -> PathBuf {
        self.root.join(kind.name())
    }

    /// Loads every engine's table; that is also the line "bulk load".
    fn load(&mut self) -> Outcome<()> {
        let work = format!("bulk load, {} rows in one transaction", number(self.arguments.rows as f64));
        let loads = if self.wanted(&work) { LOADS } else { 1 };
        let mut rounds = [const { Vec::new() }; 3];
        for round in 0..loads {
            for kind in turns(round) {
                self.progress.step(&work, kind, round, loads);
                let directory = self.directory(kind);
                empty_directory(&directory)?;
                let engine =
                    kind.open(&directory, Opening { cache_bytes: LOADING_CACHE, keep_log: false })?;
                let began = Instant::now();
                engine.load(self.arguments.rows)?;
                rounds[kind as usize].push(self.arguments.rows as f64 / began.elapsed().as_secs_f64());
                engine.close()?;
            }
        }
        if self.wanted(&work) {
            self.report(Line { work, unit: "rows/s", rounds, aim: Aim::Sqlite(2.0) });
        }
        Ok(())
    }

    fn reads(&mut self, cache: &str, cache_bytes: usize) -> Outcome<()> {
        let lines: [(&str, &'static str, Aim, Work); 3] = [
            ("point read", "reads/s", Aim::Sqlite(1.5), work::point_reads),
            ("point read, 1,000 in a transaction", "reads/s", Aim::Sqlite(1.5), work::thousand_reads),
            ("range scan of 100", "rows/s", Aim::Level, work::range_scan),
        ];
        let lines = lines.map(|(name, unit, aim, work)| Rate {
            work: format!("{name}, {cache}"),
            unit,
            aim,
            body: work,
        });
        self.rates(cache_bytes, 1, &lines)
    }

    fn writes(&mut self, cache: &str, cache_bytes: usize) -> Outcome<()> {
        for (threads, factor, plural) in [(1, 1.2, ""), (8, 4.0, "s")] {
            let lines: [(&str, &'static str, Aim, Work); 2] = [
                ("durable commit", "commits/s", Aim::Sqlite(factor), work::commit),
                ("mixed 90/10", "operations/s", Aim::Level, work::mixed),
            ];
            let lines = lines.map(|(name, unit, aim, body)| Rate {
                work: format!("{name}, {threads} thread{plural}, {cache}"),
                unit,
                aim,
                body,
            });
            self.rates(cache_bytes, threads, &lines)?;
        }
        Ok(())
    }

    /// Measures lines on the loaded tables, with the same sessions throughout.
    fn rates(&mut self, cache_bytes: usize, threads: u64, lines: &[Rate]) -> Outcome<()> {
        if !lines.iter().any(|line| self.wanted(&line.work)) {
            return Ok(());
        }
        let opening = Opening { cache_bytes, keep_log: false };
        let mut engines = Vec::new();
        for kind in Kind::ALL {
            engines.push(kind.open(&self.directory(kind), opening)?);
        }
        let rows = self.arguments.rows;
        std::thread::scope(|scope| {
            let teams: Vec<_> =
                engines.iter().map(|engine| Team::start(scope, &**engine, threads, rows)).collect();
            for (kind, team) in Kind::ALL.into_iter().zip(&teams) {
                self.progress.say(&format!("warming up: {}", kind.name()));
                team.once(work::scan_all)?;
            }
            lines.iter().try_for_each(|line| self.rate(&teams, line))
        })?;
        engines.into_iter().try_for_each(|engine| engine.close())
    }

    fn rate(&mut self, teams: &[Team], line: &Rate) -> Outcome<()> {
        if !self.wanted(&line.work) {
            return Ok(());
        }
        let time = Duration::from_secs_f64(self.arguments.seconds / ROUNDS as f64);
        for team in teams {
            team.rate(time / 4, line.body)?;
        }
        let mut rounds = [const { Vec::new() }; 3];
        for round in 0..ROUNDS {
            for kind in turns(round) {
                self.progress.step(&line.work, kind, round, ROUNDS);
                rounds[kind as usize].push(teams[kind as usize].rate(time, line.body)?);
            }
        }
        self.report(Line { work: line.work.clone(), unit: line.unit, rounds, aim: line.aim });
        Ok(())
    }
}

/// A line that is a rate of some work.
struct Rate {
    work: String,
    unit: &'static str,
    aim: Aim,
    body: Work,
}

fn empty_directory(directory: &Path) -> Outcome<()> {
    if directory.exists() {
        std::fs::remove_dir_all(directory)?;
    }
    Ok(std::fs::create_dir_all(directory)?)
}
