//! The log on a real file system, with several threads at once.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types)] // a test

use crate::support;

use env::real::RealEnv;
use std::sync::Arc;
use support::{DATABASE, Disk, PATH};
use wal::{Log, LogOptions, LogStart, Lsn, RecoverySource};

const SOURCE: RecoverySource =
    RecoverySource { start: LogStart::FIRST, durable: Lsn(0), keep_from: LogStart::FIRST };

#[test]
fn commits_of_many_threads_share_syncs_and_are_all_recovered() {
    const THREADS: u64 = 8;
    const COMMITS: u64 = 50;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("db-log");
    let env: Arc<dyn env::Env> = Arc::new(RealEnv::new());
    let options = LogOptions { segment_bytes: 64 << 10, sector_size: 512 };
    let log = Log::create(env.clone(), &path, DATABASE, LogStart::FIRST, options).unwrap();
    let order = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (log, order) = (&log, &order);
            scope.spawn(move || {
                for number in 0..COMMITS {
                    let payload = [thread.to_le_bytes(), number.to_le_bytes()].concat();
                    let lsn = {
                        let mut order = order.lock().unwrap();
                        log.reserve(payload.len() as u64).unwrap();
                        let lsn = log.append(&payload).unwrap();
                        order.push((lsn, payload));
                        lsn
                    };
                    log.sync_to(lsn).unwrap();
                    assert!(log.durable() >= lsn);
                }
            });
        }
    });
    let statistics = log.statistics();
    assert_eq!(statistics.records, THREADS * COMMITS);
    assert!(statistics.syncs <= statistics.records);
    drop(log);
    let mut recovery = Log::recover(env.clone(), &path, DATABASE, SOURCE).unwrap();
    let mut found = Vec::new();
    while let Some(record) = recovery.next_record().unwrap() {
        found.push((record.lsn, record.payload.to_vec()));
    }
    assert_eq!(found, order.into_inner().unwrap());
    let log = recovery.resume().unwrap();
    log.close().unwrap();
    assert!(!path.exists());
}

/// The accounting: at every acknowledgement, with all threads running, the disk itself holds the record as synced.
#[test]
fn whatever_is_acknowledged_is_on_the_disk_at_that_moment() {
    const THREADS: u64 = 8;
    const COMMITS: u64 = 40;
    let disk = Disk::new(512);
    let options = LogOptions { segment_bytes: 64 << 10, sector_size: 512 };
    let log = Log::create(disk.env(), PATH.as_ref(), DATABASE, LogStart::FIRST, options).unwrap();
    let commits = std::sync::Mutex::new(());
    std::thread::scope(|scope| {
        for thread in 1..=THREADS {
            let (log, disk, commits) = (&log, &disk, &commits);
            scope.spawn(move || {
                for number in 1..=COMMITS {
                    let payload = [thread.to_le_bytes(), (number << 32).to_be_bytes()].concat();
                    let lsn = {
                        let _order = commits.lock().unwrap();
                        log.append(&payload).unwrap()
                    };
                    log.sync_to(lsn).unwrap();
                    let durable = disk.durable_log();
                    assert!(durable.windows(payload.len()).any(|bytes| bytes == payload));
                }
            });
        }
    });
    let statistics = log.statistics();
    assert_eq!(statistics.records, THREADS * COMMITS);
    let synced = disk.calls().iter().filter(|call| **call == "wal.commit.sync").count();
    assert_eq!(synced as u64, statistics.syncs);
}
