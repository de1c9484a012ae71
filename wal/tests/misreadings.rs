//! A sector that is read as it was before, once or twice: the device answers old bytes, and right ones the next time. At
//! the log's end nothing tells old bytes from the end itself, so an end is read again before it is believed.

#![allow(clippy::unwrap_used)] // a test

mod support;

use support::{DATABASE, Disk, PATH};
use wal::{Log, LogError, LogOptions, LogStart, Lsn, RecoverySource};

const OPTIONS: LogOptions = LogOptions { segment_bytes: 8192, sector_size: 512 };
const START: LogStart = LogStart { epoch: 1, lsn: Lsn(0), chain: 0 };
const SOURCE: RecoverySource = RecoverySource { start: START, durable: Lsn(0), keep_from: Lsn(0) };

/// A log of two records, each a group of its own; where the second one's sector lies, and what stood there before.
fn log() -> (Vec<u8>, usize, Vec<u8>) {
    let disk = Disk::new(512);
    let log = Log::create(disk.env(), PATH.as_ref(), DATABASE, START, OPTIONS).unwrap();
    log.sync_to(log.append(b"first").unwrap()).unwrap();
    let before = disk.cached_log();
    log.sync_to(log.append(b"second").unwrap()).unwrap();
    let after = disk.cached_log();
    let changed = before.iter().zip(&after).position(|(before, after)| before != after).unwrap();
    let at = changed / 512 * 512;
    (after, at, before[at..at + 512].to_vec())
}

/// The records, and how often the last one's sector was read, when the readings `wrong` of it answer what stood there before.
fn read(wrong: &[usize]) -> (Result<Vec<Vec<u8>>, LogError>, usize) {
    let (bytes, at, old) = log();
    let disk = Disk::with_log(512, bytes);
    disk.misread(at, &old, wrong);
    let records = || {
        let mut recovery = Log::recover(disk.env(), PATH.as_ref(), DATABASE, SOURCE)?;
        let mut records = Vec::new();
        while let Some(record) = recovery.next_record()? {
            records.push(record.payload.to_vec());
        }
        recovery.resume()?;
        Ok(records)
    };
    (records(), disk.readings())
}

#[test]
fn one_or_two_old_readings_of_the_last_record_lose_nothing() {
    let whole = vec![b"first".to_vec(), b"second".to_vec()];
    let (records, readings) = read(&[]);
    assert_eq!(records.unwrap(), whole);
    assert!(readings >= 2, "{readings}");
    // Each wrong reading makes room for more.
    for one in 0..readings + 4 {
        for two in one..readings + 4 {
            let (records, _) = read(&[one, two]);
            assert_eq!(records.unwrap(), whole, "the readings {one} and {two} were old");
        }
    }
}
