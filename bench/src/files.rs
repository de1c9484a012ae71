//! Lines about files instead of rates of work: opening, log bytes, recovery.

use crate::engine::{Kind, Opening, Outcome, VALUE_BYTES};
use crate::kv::{Benchmark, ROUNDS, turns};
use crate::measure::Team;
use crate::report::{Aim, Line, number};
use crate::work::{self, expect};
use std::path::Path;
use std::time::{Duration, Instant};

/// Turns of each engine in this file.
pub const TURNS: usize = 2 * ROUNDS + 2;
/// Transactions whose log is read back, and rows of each.
const REPLAYED: (u64, u64) = (200, 1000);
/// Rows of the table whose commits' log bytes are counted.
const LOGGED_ROWS: u64 = 1000;
/// What a commit's record may take when it shares its sectors with others: twice the row and its key, and 64 bytes.
const GROUPED_BYTES: f64 = (2 * (VALUE_BYTES + 8) + 64) as f64;

/// Opening a table that was closed cleanly, up to the first row that is read.
pub fn openings(benchmark: &mut Benchmark<'_>) -> Outcome<()> {
    let work = "opening after a clean close, and a read".to_string();
    if !benchmark.wanted(&work) {
        return Ok(());
    }
    let mut rounds = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        for kind in turns(round) {
            benchmark.progress.step(&work, kind, round, ROUNDS);
            let opening = Opening { cache_bytes: 64 << 20, keep_log: false };
            let began = Instant::now();
            let engine = kind.open(&benchmark.directory(kind), opening)?;
            expect(engine.get_once(benchmark.arguments.rows / 2)? == VALUE_BYTES)?;
            rounds[kind as usize].push(1.0 / began.elapsed().as_secs_f64());
            engine.close()?;
        }
    }
    // 50 ms, whatever the size of the file.
    benchmark.report(Line { work, unit: "openings/s", rounds, aim: Aim::AtLeast(20.0) });
    Ok(())
}

/// Opening a large file after a clean close, up to the first row that is read. Ours alone: the file takes its time to make.
pub fn large_opening(benchmark: &mut Benchmark<'_>) -> Outcome<()> {
    let Some(gigabytes) = benchmark.arguments.gigabytes else { return Ok(()) };
    let work = format!("opening a file of {gigabytes} GB, and a read");
    if !benchmark.wanted(&work) {
        return Ok(());
    }
    let kind = Kind::Hornbeam;
    let directory = benchmark.root.join("large");
    std::fs::create_dir_all(&directory)?;
    // A row takes a few bytes beside its key and its value.
    let rows = (gigabytes << 30) / (VALUE_BYTES as u64 + 24);
    let opening = Opening { cache_bytes: 64 << 20, keep_log: false };
    benchmark.progress.say(&format!("making a file of {gigabytes} GB"));
    let engine = kind.open(&directory, opening)?;
    engine.load(rows)?;
    engine.close()?;
    let mut rounds = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let engine = kind.open(&directory, opening)?;
        expect(engine.get_once(rows / 2)? == VALUE_BYTES)?;
        rounds[kind as usize].push(1.0 / began.elapsed().as_secs_f64());
        engine.close()?;
    }
    std::fs::remove_dir_all(&directory)?;
    benchmark.report(Line { work, unit: "openings/s", rounds, aim: Aim::AtLeast(20.0) });
    Ok(())
}

/// Bytes that a commit of one small row adds to the log: when it is alone, and beside those of other threads.
pub fn log_bytes(benchmark: &mut Benchmark<'_>) -> Outcome<()> {
    let alone = "log bytes of a one-row commit".to_string();
    if !benchmark.wanted(&alone) {
        return Ok(());
    }
    let beside = format!("{alone}, 8 threads");
    let mut lone = [const { Vec::new() }; 3];
    let mut grouped = [const { Vec::new() }; 3];
    for kind in Kind::ALL {
        let directory = benchmark.root.join(format!("{}-log-bytes", kind.name()));
        std::fs::create_dir_all(&directory)?;
        let engine = kind.open(&directory, Opening { cache_bytes: 64 << 20, keep_log: true })?;
        engine.load(LOGGED_ROWS)?;
        for (rounds, work, threads) in [(&mut lone, &alone, 1), (&mut grouped, &beside, 8)] {
            benchmark.progress.step(work, kind, 0, 1);
            std::thread::scope(|scope| {
                let team = Team::start(scope, &*engine, threads, LOGGED_ROWS);
                team.once(work::commit)?;
                let before = engine.log_bytes()?;
                let (commits, _) = team.work_for(Duration::from_millis(500), work::commit)?;
                if let (Some(before), Some(after)) = (before, engine.log_bytes()?) {
                    rounds[kind as usize].push((after - before) as f64 / commits as f64);
                }
                Outcome::Ok(())
            })?;
        }
    }
    for (work, rounds, most) in [(alone, lone, 512.0), (beside, grouped, GROUPED_BYTES)] {
        benchmark.report(Line { work, unit: "bytes", rounds, aim: Aim::AtMost(most) });
    }
    Ok(())
}

/// Opening after a crash: the files are copied while the database is in use, and the copy is opened.
pub fn recovery(benchmark: &mut Benchmark<'_>) -> Outcome<()> {
    let (transactions, rows) = REPLAYED;
    let work = format!("recovery of {} row changes", number((transactions * rows) as f64));
    if !benchmark.wanted(&work) {
        return Ok(());
    }
    let opening = Opening { cache_bytes: 256 << 20, keep_log: true };
    let directory = |kind: Kind, name: &str| benchmark.root.join(format!("{}-{name}", kind.name()));
    let mut engines = Vec::new();
    for kind in Kind::ALL {
        std::fs::create_dir_all(directory(kind, "live"))?;
        let engine = kind.open(&directory(kind, "live"), opening)?;
        engine.with_session(&mut |session| {
            (0..transactions).try_for_each(|transaction| {
                session.put_all(transaction * rows..(transaction + 1) * rows, &[3; VALUE_BYTES])
            })
        })?;
        engines.push(engine);
    }
    let mut rounds = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        for kind in turns(round) {
            benchmark.progress.step(&work, kind, round, ROUNDS);
            let copy = directory(kind, &format!("copy-{round}"));
            copy_files(&directory(kind, "live"), &copy)?;
            let began = Instant::now();
            let recovered = kind.open(&copy, opening)?;
            rounds[kind as usize].push((transactions * rows) as f64 / began.elapsed().as_secs_f64());
            expect(recovered.get_once(transactions * rows - 1)? == VALUE_BYTES)?;
        }
    }
    benchmark.report(Line { work, unit: "rows/s", rounds, aim: Aim::AtLeast(500_000.0) });
    Ok(())
}

fn copy_files(from: &Path, to: &Path) -> Outcome<()> {
    std::fs::create_dir_all(to)?;
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
