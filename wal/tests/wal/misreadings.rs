//! A sector that is read as it was before, once or twice: the device answers old bytes, and right ones the next time. At
//! the log's end nothing tells old bytes from the end itself, so an end is read again before it is believed; and which
//! segments there are, and what records prove of those before them, is believed when two readings in turn agree and one more
//! that is made when the end was found. Nor is a file removed on the strength of two old readings.

#![allow(clippy::unwrap_used)] // a test

use crate::support;

use support::{DATABASE, Disk, PATH};
use wal::{Log, LogError, LogOptions, LogStart, Lsn, RecoverySource};

const OPTIONS: LogOptions = LogOptions { segment_bytes: 8192, sector_size: 512 };
const START: LogStart = LogStart { epoch: 1, lsn: Lsn(0), chain: 0 };
const SOURCE: RecoverySource = RecoverySource { start: START, durable: Lsn(0), keep_from: LogStart::FIRST };

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

/// A write that was lost is followed by records that prove it. Old readings of these take the proof away, and what is left
/// looks like a torn tail.
#[test]
fn old_readings_of_what_proves_a_lost_record_do_not_make_a_torn_tail_of_it() {
    let disk = Disk::new(512);
    let log = Log::create(disk.env(), PATH.as_ref(), DATABASE, START, OPTIONS).unwrap();
    let mut states = vec![disk.cached_log()];
    for payload in [b"first", b"other", b"third"] {
        log.sync_to(log.append(payload).unwrap()).unwrap();
        states.push(disk.cached_log());
    }
    let sector = |index: usize| {
        let changed =
            states[index].iter().zip(&states[index + 1]).position(|(before, after)| before != after);
        changed.unwrap() / 512 * 512
    };
    let mut bytes = states[3].clone();
    let (lost, proof) = (sector(1), sector(2));
    bytes[lost..lost + 512].copy_from_slice(&states[1][lost..lost + 512]);
    for wrong in (0..12).flat_map(|one| [vec![one], vec![one, one + 1]]) {
        let disk = Disk::with_log(512, bytes.clone());
        disk.misread(proof, &states[0][proof..proof + 512], &wrong);
        let mut recovery = Log::recover(disk.env(), PATH.as_ref(), DATABASE, SOURCE).unwrap();
        assert_eq!(recovery.next_record().unwrap().unwrap().payload, b"first");
        let end = recovery.next_record().map(|record| record.map(|record| record.payload.to_vec()));
        assert!(matches!(end, Err(LogError::Corrupt { .. })), "the readings {wrong:?} were old: {end:?}");
    }
}

/// Three old readings of the last record make an end of it, but none that a former pass has passed.
#[test]
fn a_pass_that_ends_before_what_another_has_read_is_damage() {
    let (bytes, at, old) = log();
    let mut told = 0;
    for from in 0..8 {
        let disk = Disk::with_log(512, bytes.clone());
        disk.misread(at, &old, &[from, from + 1, from + 2]);
        let mut recovery = Log::recover(disk.env(), PATH.as_ref(), DATABASE, SOURCE).unwrap();
        let mut passes = Vec::new();
        for _ in 0..2 {
            recovery.restart_from(SOURCE).unwrap();
            let mut records = 0;
            let end = loop {
                match recovery.next_record() {
                    Ok(Some(_)) => records += 1,
                    Ok(None) => break Ok(records),
                    Err(error) => break Err(error),
                }
            };
            passes.push(end);
        }
        match &passes[..] {
            [Ok(first), Ok(second)] => assert!(first <= second, "{from}: {first}, then {second}"),
            [Ok(_), Err(LogError::Corrupt { .. })] => told += 1,
            other => panic!("{from}: {other:?}"),
        }
    }
    assert!(told > 0, "no pass ended before the first");
}

/// A log of two segments, and where the header of the second one stands.
fn two_segments() -> (Vec<u8>, usize) {
    let disk = Disk::new(512);
    let log = Log::create(disk.env(), PATH.as_ref(), DATABASE, START, OPTIONS).unwrap();
    for _ in 0..2 {
        log.sync_to(log.append(&[7; 5000]).unwrap()).unwrap();
    }
    let bytes = disk.cached_log();
    let header = bytes.len() - OPTIONS.segment_bytes as usize;
    assert!(bytes[header..header + 512].iter().any(|byte| *byte != 0));
    (bytes, header)
}

/// Opens the log of two segments when these readings of the second one's header find nothing there.
fn open(bytes: &[u8], header: usize, wrong: &[usize]) -> (Disk, Result<u64, LogError>) {
    let disk = Disk::with_log(512, bytes.to_vec());
    disk.misread(header, &[0; 512], wrong);
    let records = || {
        let mut recovery = Log::recover(disk.env(), PATH.as_ref(), DATABASE, SOURCE)?;
        while recovery.next_record()?.is_some() {}
        let records = recovery.records();
        recovery.resume()?;
        Ok(records)
    };
    let records = records();
    (disk, records)
}

#[test]
fn a_device_that_never_says_the_same_twice_is_refused_and_nothing_is_written() {
    let (bytes, header) = two_segments();
    for wrong in [(0..100).step_by(2).collect::<Vec<_>>(), (1..100).step_by(2).collect()] {
        let (disk, opened) = open(&bytes, header, &wrong);
        let error = opened.unwrap_err();
        assert!(matches!(error, LogError::Unsteady { readings: 11, .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.starts_with("db-log: the log was read 11 times"), "{text}");
        assert_eq!((disk.calls(), disk.cached_log()), (Vec::new(), bytes.clone()));
        // What it said in between has taken nothing away.
        disk.misread(header, &[], &[]);
        assert_eq!(
            Log::recover(disk.env(), PATH.as_ref(), DATABASE, SOURCE).unwrap().resume().err().map(drop),
            None
        );
    }
}

#[test]
fn a_header_that_is_not_seen_now_and_then_is_seen_in_the_end() {
    let (bytes, header) = two_segments();
    for one in 0..12 {
        for two in one..12 {
            let (_, opened) = open(&bytes, header, &[one, two]);
            assert_eq!(opened, Ok(2), "the readings {one} and {two} saw no header");
        }
    }
}

/// What making a log at the place of a file does to it, when some readings of its beginning answer what stood there before.
fn replaced(bytes: &[u8], old: &[u8], wrong: &[usize]) -> (Disk, Result<(), LogError>) {
    let disk = Disk::with_log(512, bytes.to_vec());
    disk.misread(0, old, wrong);
    let start = LogStart { epoch: 2, ..START };
    let made = Log::create(disk.env(), PATH.as_ref(), DATABASE, start, OPTIONS).map(drop);
    (disk, made)
}

#[test]
fn one_or_two_old_readings_of_somebodys_file_do_not_remove_it() {
    let text = b"2026-11-21 server started\n".as_slice();
    for one in 0..6 {
        for two in one..6 {
            let (disk, made) = replaced(text, &[0; 26], &[one, two]);
            assert!(matches!(made, Err(LogError::InTheWay { .. })), "{one} {two} {made:?}");
            assert_eq!(disk.cached_log(), text);
        }
    }
}

#[test]
fn one_or_two_old_readings_of_the_file_header_do_not_remove_a_log_that_is_needed() {
    // A log that went on, one of another database, and one that a later program wrote.
    let newer = newer(&log().0, false);
    let same_commits = |database: u128, start| {
        let disk = Disk::new(512);
        let log = Log::create(disk.env(), PATH.as_ref(), database, start, OPTIONS).unwrap();
        log.sync_to(log.append(b"first").unwrap()).unwrap();
        disk.cached_log()
    };
    let ahead = same_commits(DATABASE, LogStart { epoch: 2, ..START });
    let others = same_commits(DATABASE + 1, START);
    for wrong in (0..6).flat_map(|one| [vec![], vec![one], vec![one, one + 1]]) {
        for old in [vec![0u8; 4096 + 512], vec![0xd1; 64]] {
            let (disk, made) = replaced(&ahead, &old, &wrong);
            assert!(matches!(made, Err(LogError::Ahead { .. })), "{wrong:?} {made:?}");
            assert_eq!(disk.cached_log(), ahead);
            let (disk, made) = replaced(&others, &old, &wrong);
            assert!(matches!(made, Err(LogError::HoldsCommits { .. })), "{wrong:?} {made:?}");
            assert_eq!(disk.cached_log(), others);
            let (disk, made) = replaced(&newer, &old, &wrong);
            assert!(matches!(made, Err(LogError::NewerFormat { found: 3, .. })), "{wrong:?} {made:?}");
            assert_eq!(disk.cached_log(), newer);
        }
    }
}

/// The bytes of a log as a later program would have written its file header, with one bit of it rotten or not.
fn newer(bytes: &[u8], rotten: bool) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[12] = 3;
    let checksum = crc32fast::hash(&bytes[12..64]);
    bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
    if rotten {
        bytes[20] ^= 4;
    }
    bytes
}

#[test]
fn rot_in_the_file_header_removes_nothing_that_is_needed() {
    let (bytes, ..) = log();
    let refused = |bytes: &[u8]| {
        let (disk, made) = replaced(bytes, &[], &[]);
        assert_eq!(disk.cached_log(), bytes);
        made.unwrap_err()
    };
    let rotten = newer(&bytes, true);
    let error = refused(&rotten);
    assert!(matches!(error, LogError::HeaderDamaged { .. }), "{error}");
    // Whatever has become of the header's sector and of the first segment's: the records are there.
    let commits = {
        let disk = Disk::new(512);
        let log = Log::create(disk.env(), PATH.as_ref(), DATABASE, LogStart { epoch: 2, ..START }, OPTIONS);
        let log = log.unwrap();
        log.sync_to(log.append(b"first").unwrap()).unwrap();
        disk.cached_log()
    };
    for end in [512, 4096, 4096 + 512] {
        let mut bytes = commits.clone();
        bytes[..end].fill(0xd1);
        let error = refused(&bytes);
        assert!(matches!(error, LogError::Ahead { .. }), "{end} {error}");
    }
    // A log of several segments that nothing can be read of is not the rest of a creation either.
    let (mut grown, header) = two_segments();
    for (at, byte) in grown.iter_mut().enumerate() {
        if at < header || at >= header + 512 {
            *byte = 0xd1;
        }
    }
    let error = refused(&grown);
    assert!(matches!(error, LogError::HeaderDamaged { .. } | LogError::NotALog { .. }), "{error}");
    // What ended where the database was closed goes.
    let disk = Disk::new(512);
    let log = Log::create(disk.env(), PATH.as_ref(), DATABASE, START, OPTIONS).unwrap();
    log.sync_to(log.append(b"first").unwrap()).unwrap();
    for end in [0, 512, 4096, 4096 + 512] {
        let mut bytes = disk.cached_log();
        bytes[..end].fill(0xd1);
        assert_eq!(replaced(&bytes, &[], &[]).1, Ok(()), "{end}");
    }
}

/// Bytes of which each sector looks like the beginning of a record that reaches to the end of a file of `length` bytes, where
/// they begin at `offset`.
fn like_records(length: usize, offset: usize) -> Vec<u8> {
    let mut bytes = vec![0u8; length];
    for (index, sector) in bytes[offset..].chunks_mut(512).enumerate() {
        let rest = (length - offset - index * 512 - 32) as u32;
        sector[4..8].copy_from_slice(&(1 << 28 | rest).to_le_bytes());
        sector[12..16].copy_from_slice(&7u32.to_le_bytes());
        sector[16..24].copy_from_slice(&((index as u64 + 1) * 512).to_le_bytes());
    }
    bytes.split_off(offset)
}

#[test]
fn records_are_asked_for_within_bounds_whatever_the_file_holds() {
    let bytes = like_records(4 << 20, 0);
    let (disk, made) = replaced(&bytes, &[], &[]);
    assert!(matches!(made, Err(LogError::InTheWay { .. })), "{made:?}");
    assert_eq!(disk.cached_log(), bytes);
}

#[test]
fn what_a_record_holds_is_no_record_whatever_it_looks_like() {
    let options = LogOptions { segment_bytes: 1 << 20, sector_size: 512 };
    let disk = Disk::new(512);
    let log = Log::create(disk.env(), PATH.as_ref(), DATABASE, START, options).unwrap();
    // Two records of one group, of which the second begins within a sector, and a group behind them.
    let length = disk.cached_log().len();
    log.append(b"first").unwrap();
    let (offset, header, block) = (32 + 5 + 32, 512, 4096);
    let next = 512;
    let mut payload = vec![1; next - offset];
    payload.extend(like_records(length, block + header + next));
    payload.truncate(600_000);
    log.sync_to(log.append(&payload).unwrap()).unwrap();
    log.sync_to(log.append(b"last").unwrap()).unwrap();
    let (bytes, end) = (disk.cached_log(), log.position());
    drop(log);
    assert_eq!(&bytes[block + header + next..][16..24], &512u64.to_le_bytes(), "a sector of the payload");
    let closed_at = |lsn| {
        let disk = Disk::with_log(512, bytes.clone());
        let made =
            Log::create(disk.env(), PATH.as_ref(), DATABASE, LogStart { epoch: 2, lsn, chain: 0 }, OPTIONS);
        (made.map(drop), disk.cached_log() == bytes)
    };
    // It ended where the database was closed: it goes.
    assert_eq!(closed_at(end.lsn), (Ok(()), false));
    // It went on: the group behind such a record counts.
    let (made, stays) = closed_at(Lsn(0));
    assert!(matches!(made, Err(LogError::Ahead { .. })) && stays, "{made:?}");
}

/// What looks like records of the log itself, and tells of more that was durable, is not asked for again and again where it lies
/// within a record.
#[test]
fn what_a_record_holds_is_looked_through_once() {
    let options = LogOptions { segment_bytes: 4 << 20, sector_size: 512 };
    let capacity = options.segment_bytes - 512;
    let disk = Disk::new(512);
    let log = Log::create(disk.env(), PATH.as_ref(), DATABASE, START, options).unwrap();
    let mut payload = vec![1; 512 - 32];
    for within in (512..capacity - 512).step_by(512) {
        let mut sector = [0; 512];
        sector[4..8].copy_from_slice(&(1 << 28 | (capacity - within - 32) as u32).to_le_bytes());
        sector[12..16].copy_from_slice(&7u32.to_le_bytes());
        let lsn = (capacity * 1000 + within).to_le_bytes();
        sector[16..24].copy_from_slice(&lsn);
        sector[24..32].copy_from_slice(&lsn);
        payload.extend(sector);
    }
    log.sync_to(log.append(&payload).unwrap()).unwrap();
    log.sync_to(log.append(b"last").unwrap()).unwrap();
    let bytes = disk.cached_log();
    drop(log);
    // How often the segment's end is read says how often something was read that seems to reach to it.
    let end = 4096 + options.segment_bytes as usize - 1;
    let last = [bytes[end]];
    let disk = Disk::with_log(512, bytes);
    disk.misread(end, &last, &[]);
    let mut recovery = Log::recover(disk.env(), PATH.as_ref(), DATABASE, SOURCE).unwrap();
    assert!(recovery.next_record().unwrap().unwrap().payload == payload);
    assert_eq!(recovery.next_record().unwrap().unwrap().payload, b"last");
    assert!(recovery.next_record().unwrap().is_none());
    assert!(disk.readings() < 1000, "{} readings", disk.readings());
}
