//! Damage at rest: every byte of a small log flipped, every length cut. Promised: all records, or an error that says what
//! is wrong; never fewer records without a word, never a panic.

#![allow(clippy::unwrap_used)] // a test

use crate::support;

use support::{DATABASE, Disk, PATH};
use wal::{Damage, Log, LogError, LogOptions, LogStart, Lsn, RecoverySource};

const OPTIONS: LogOptions = LogOptions { segment_bytes: 8192, sector_size: 512 };
const START: LogStart = LogStart { epoch: 1, lsn: Lsn(0), chain: 0 };
const SOURCE: RecoverySource = RecoverySource { start: START, durable: Lsn(0), keep_from: LogStart::FIRST };

/// A log with a recovery in its past, several groups, a record in fragments, a spare segment and an idle mark.
fn bytes() -> (Vec<u8>, Vec<Vec<u8>>) {
    let disk = Disk::new(512);
    let mut records = Vec::new();
    let log = Log::create(disk.env(), PATH.as_ref(), DATABASE, START, OPTIONS).unwrap();
    for number in 0..6u8 {
        add(&log, &mut records, vec![number; 40 + usize::from(number) * 100]);
    }
    drop(log);
    let log = Log::recover(disk.env(), PATH.as_ref(), DATABASE, SOURCE).unwrap().resume().unwrap();
    for number in 6..12u8 {
        add(&log, &mut records, vec![number; if number == 8 { 9000 } else { 33 }]);
    }
    log.prepare_spare().unwrap();
    assert!(log.write_mark().unwrap());
    assert!(!log.write_mark().unwrap(), "one mark says it all");
    (disk.cached_log(), records)
}

fn add(log: &Log, records: &mut Vec<Vec<u8>>, payload: Vec<u8>) {
    let lsn = log.append(&payload).unwrap();
    log.sync_to(lsn).unwrap();
    records.push(payload);
}

fn read(bytes: Vec<u8>, source: RecoverySource) -> Result<Vec<Vec<u8>>, LogError> {
    let disk = Disk::with_log(512, bytes);
    let mut recovery = Log::recover(disk.env(), PATH.as_ref(), DATABASE, source)?;
    let mut records = Vec::new();
    while let Some(record) = recovery.next_record()? {
        records.push(record.payload.to_vec());
    }
    let log = recovery.resume()?;
    assert_eq!(log.durable(), log.position().lsn);
    Ok(records)
}

/// Where the records of a log end.
fn ends(bytes: &[u8]) -> Vec<u64> {
    let disk = Disk::with_log(512, bytes.to_vec());
    let mut reader = Log::read_only(disk.env(), PATH.as_ref(), DATABASE, SOURCE).unwrap();
    let mut ends = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        ends.push(record.lsn.0);
    }
    ends
}

/// The highest "durable up to" that any intact frame in `bytes` carries.
fn proven(bytes: &[u8]) -> u64 {
    let lines = wal::annotate(bytes);
    let marks = lines.iter().filter_map(|line| line.meaning.split("durable up to LSN ").nth(1)?.parse().ok());
    marks.max().unwrap_or(0)
}

#[test]
fn an_undamaged_log_is_read_whole() {
    let (bytes, records) = bytes();
    assert_eq!(read(bytes, SOURCE).unwrap(), records);
}

#[test]
fn every_flipped_bit_of_the_first_half_is_masked_or_reported() {
    let (masked, reported) = flip(|length| 0..length * 4);
    assert!(masked > 1000 && reported > 1000, "{masked} masked, {reported} reported");
}

#[test]
fn every_flipped_bit_of_the_other_half_is_masked_or_reported() {
    let (masked, reported) = flip(|length| length * 4..length * 8);
    assert!(masked > 100 && reported > 100, "{masked} masked, {reported} reported");
}

/// Flips each of the `bits` of a log of so many bytes. How many flips were masked, and how many reported.
fn flip(bits: impl Fn(usize) -> std::ops::Range<usize>) -> (usize, usize) {
    let (bytes, records) = bytes();
    let (mut masked, mut reported) = (0, 0);
    for bit in bits(bytes.len()) {
        // Bytes within a stretch of the same ones are many and alike: one bit in 67 of them will do.
        let byte = bit / 8;
        let around = bytes.get(byte.saturating_sub(4)..byte + 5);
        if around.is_some_and(|around| around.iter().all(|other| *other == bytes[byte])) && bit % 67 != 5 {
            continue;
        }
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        match read(damaged, SOURCE) {
            Ok(found) => {
                assert_eq!(found, records, "bit {bit} changed the records without a word");
                masked += 1;
            }
            Err(error) => {
                assert!(
                    error.is_damage() || matches!(error, LogError::NewerFormat { .. }),
                    "bit {bit}: {error}"
                );
                reported += 1;
            }
        }
    }
    (masked, reported)
}

#[test]
fn every_cut_of_the_file_is_reported() {
    let (bytes, _) = bytes();
    for length in (0..bytes.len()).step_by(64) {
        match read(bytes[..length].to_vec(), SOURCE) {
            Ok(found) => panic!("cut at {length}: {} records without a word", found.len()),
            Err(error) => assert!(error.is_damage(), "cut at {length}: {error}"),
        }
    }
}

/// A log of format version 1 has no notes, or they are damaged: what the records prove has to do.
#[test]
fn every_cut_of_a_file_without_notes_is_reported_or_harmless() {
    let (mut bytes, records) = bytes();
    bytes[512..1536].fill(0);
    let spare = bytes.len() - 8192;
    let ends = ends(&bytes);
    for length in (0..bytes.len()).step_by(64) {
        match read(bytes[..length].to_vec(), SOURCE) {
            Ok(found) if length > spare => assert_eq!(found, records, "cut at {length}"),
            // Cut before the first proof that its last segment was in use, the file is what a crash may have left while
            // that segment was being begun; only a superblock that has seen more can tell.
            Ok(found) => {
                assert_eq!(found, records[..found.len()], "cut at {length}");
                let end = found.len().checked_sub(1).map_or(0, |last| ends[last]);
                assert!(end >= proven(&bytes[..length]), "cut at {length}");
            }
            Err(error) => assert!(error.is_damage(), "cut at {length}: {error}"),
        }
        let known = RecoverySource { durable: Lsn(14913), ..SOURCE };
        match read(bytes[..length].to_vec(), known) {
            Ok(found) => assert!(length >= spare && found == records, "cut at {length}"),
            Err(error) => assert!(error.is_damage(), "cut at {length}: {error}"),
        }
    }
}

#[test]
fn a_superblock_that_knows_more_than_the_log_shows_it() {
    let (bytes, records) = bytes();
    let end = {
        let disk = Disk::with_log(512, bytes.clone());
        let mut reader = Log::read_only(disk.env(), PATH.as_ref(), DATABASE, SOURCE).unwrap();
        while reader.next_record().unwrap().is_some() {}
        reader.tail().unwrap().end
    };
    assert_eq!(read(bytes.clone(), RecoverySource { durable: end, ..SOURCE }).unwrap(), records);
    let beyond = RecoverySource { durable: Lsn(end.0 + 1), ..SOURCE };
    assert!(matches!(read(bytes, beyond), Err(LogError::Corrupt { proven, .. }) if proven > end));
}

#[test]
fn what_is_wrong_is_said() {
    let (bytes, _) = bytes();
    let open = |bytes: Vec<u8>, database, source| {
        let disk = Disk::with_log(512, bytes);
        Log::read_only(disk.env(), PATH.as_ref(), database, source).err().map(|error| error.to_string())
    };
    let mut newer = bytes.clone();
    newer[12] = 9;
    let checksum = crc32fast::hash(&newer[12..64]);
    newer[8..12].copy_from_slice(&checksum.to_le_bytes());
    let mut torn = bytes.clone();
    torn[40] ^= 1;
    let mut lost = bytes.clone();
    // The header of the slot to which the recovery moved.
    lost[4096 + 8192] ^= 1;
    let messages = [
        open(b"SQLite format 3\0".repeat(40), DATABASE, SOURCE),
        open(bytes.clone(), 7, SOURCE),
        open(newer, DATABASE, SOURCE),
        open(torn, DATABASE, SOURCE),
        open(lost, DATABASE, SOURCE),
        open(bytes[..5000].to_vec(), DATABASE, SOURCE),
        open(Vec::new(), DATABASE, SOURCE),
        Some(LogError::Missing { path: PATH.into() }.to_string()),
        Some(Damage::Unfinished.to_string()),
    ];
    let text: Vec<String> =
        messages.into_iter().map(|message| message.unwrap_or("no error".into())).collect();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots/wal");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!("errors", text.join("\n")));
}

#[test]
fn the_format_is_what_the_document_says() {
    let (bytes, _) = bytes();
    let text: Vec<String> = wal::annotate(&bytes).iter().map(ToString::to_string).collect();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots/wal");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!("annotated_log", text.join("\n")));
}

#[test]
fn annotating_never_fails() {
    let (bytes, _) = bytes();
    assert!(!wal::annotate(&[]).is_empty());
    for length in (0..bytes.len()).step_by(333) {
        wal::annotate(&bytes[..length]);
    }
    let noise: Vec<u8> = bytes.iter().enumerate().map(|(at, byte)| byte ^ (at as u8)).collect();
    assert!(!wal::annotate(&noise).is_empty());
}
