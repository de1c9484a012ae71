//! Memory at rest: what a process has that has used a database for a while, beyond the memory for pages that it was given.
//!
//! Each engine is used in a process of its own, so that nothing of another one is counted.

use crate::RestArguments;
use crate::engine::{Kind, Opening, Outcome, VALUE_BYTES};
use crate::kv::Benchmark;
use crate::report::{Aim, Line};
use crate::work::expect;
use std::process::Command;
use std::time::Duration;

/// Turns of each engine in this file.
pub const TURNS: usize = 1;
/// Commits of a row before memory is looked at.
const COMMITS: u64 = 2_000;
/// The memory for pages; the table is larger.
const CACHE_BYTES: usize = 64 << 20;
const PAGE_BYTES: f64 = 4096.0;

/// The line "memory at rest".
pub fn memory(benchmark: &mut Benchmark<'_>) -> Outcome<()> {
    let work = "memory at rest, beyond the cache".to_string();
    if !benchmark.wanted(&work) {
        return Ok(());
    }
    let rows = benchmark.arguments.rows;
    let cache_bytes = CACHE_BYTES.min(rows as usize * VALUE_BYTES / 2);
    let mut rounds = [const { Vec::new() }; 3];
    for kind in Kind::ALL {
        benchmark.progress.step(&work, kind, 0, 1);
        let used = Command::new(std::env::current_exe()?)
            .arg("rest")
            .arg(kind.name().to_lowercase())
            .arg(benchmark.directory(kind))
            .args([rows.to_string(), cache_bytes.to_string()])
            .output()?;
        if !used.status.success() {
            return Err(String::from_utf8_lossy(&used.stderr).into_owned().into());
        }
        let bytes: f64 = String::from_utf8_lossy(&used.stdout).trim().parse()?;
        rounds[kind as usize].push((bytes - cache_bytes as f64) / f64::from(1 << 20));
    }
    benchmark.report(Line { work, unit: "MiB", rounds, aim: Aim::AtMost(32.0) });
    Ok(())
}

/// Opens a table, reads it once, commits some rows, and answers the bytes of memory that the process has then.
pub fn use_and_tell(arguments: &RestArguments) -> Outcome<u64> {
    let RestArguments { kind, directory, rows, cache_bytes } = arguments;
    let engine = kind.open(directory, Opening { cache_bytes: *cache_bytes, keep_log: false })?;
    engine.with_session(&mut |session| {
        expect(session.scan(0, *rows as usize)? == *rows as usize * VALUE_BYTES)?;
        (0..COMMITS).try_for_each(|nth| session.put(nth * 7919 % rows, &[3; VALUE_BYTES]))
    })?;
    // What works in the background has settled by then.
    std::thread::sleep(Duration::from_millis(500));
    let resident = std::fs::read_to_string("/proc/self/statm")?;
    let pages: f64 = resident.split_whitespace().nth(1).ok_or("no figure in statm")?.parse()?;
    engine.close()?;
    Ok((pages * PAGE_BYTES) as u64)
}
