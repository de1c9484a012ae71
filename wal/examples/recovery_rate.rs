//! How fast a log is read back: `cargo run --release -p hornbeam-wal --example recovery_rate`.
//!
//! Appends a million records of a hundred bytes on a temporary file, reads them again, and prints both rates.

#![allow(clippy::unwrap_used)] // an example
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // it measures real time

use env::real::RealEnv;
use std::sync::Arc;
use std::time::Instant;
use wal::{Log, LogOptions, LogStart, Lsn, RecoverySource};

fn main() {
    const RECORDS: u64 = 1_000_000;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("db-log");
    let env: Arc<dyn env::Env> = Arc::new(RealEnv::new());
    let log = Log::create(env.clone(), &path, 1, LogStart::FIRST, LogOptions::default()).unwrap();
    let began = Instant::now();
    for number in 0..RECORDS {
        let mut payload = [0u8; 100];
        payload[..8].copy_from_slice(&number.to_le_bytes());
        let lsn = log.append(&payload).unwrap();
        if number % 1000 == 999 {
            log.sync_to(lsn).unwrap();
        }
    }
    let rate = |began: Instant| RECORDS as f64 / began.elapsed().as_secs_f64() / 1e6;
    println!("append, a sync per thousand: {:.2} M records/s", rate(began));
    drop(log);
    let source = RecoverySource { start: LogStart::FIRST, durable: Lsn(0), keep_from: LogStart::FIRST };
    let began = Instant::now();
    let mut recovery = Log::recover(env, &path, 1, source).unwrap();
    let opened = began.elapsed();
    while recovery.next_record().unwrap().is_some() {}
    assert_eq!(recovery.records(), RECORDS);
    println!("recover: {:.2} M records/s, of which the survey took {opened:?}", rate(began));
    let began = Instant::now();
    recovery.resume().unwrap();
    println!("resume: {:?}", began.elapsed());
    small_logs();
}

/// Recoveries of a log as small as the simulator's, in memory: what a crash-and-recover cycle pays.
fn small_logs() {
    const ROUNDS: u32 = 20_000;
    let options = LogOptions { segment_bytes: 8192, sector_size: 512 };
    let env: Arc<dyn env::Env> = Arc::new(env::memory::MemoryEnv::new());
    let path = std::path::Path::new("db-log");
    let log = Log::create(env.clone(), path, 1, LogStart::FIRST, options).unwrap();
    for _ in 0..20 {
        let lsn = log.append(&[7; 150]).unwrap();
        log.sync_to(lsn).unwrap();
    }
    drop(log);
    let source = RecoverySource { start: LogStart::FIRST, durable: Lsn(0), keep_from: LogStart::FIRST };
    let began = Instant::now();
    for _ in 0..ROUNDS {
        let mut recovery = Log::recover(env.clone(), path, 1, source).unwrap();
        while recovery.next_record().unwrap().is_some() {}
        recovery.resume().unwrap();
    }
    println!("recover and resume 20 small records in memory: {:?}", began.elapsed() / ROUNDS);
}
