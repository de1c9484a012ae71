//! Single promises of the log, each with the smallest history that shows it.

#![allow(clippy::unwrap_used)] // a test

use crate::support;

use env::Label;
use support::{DATABASE, Disk, Fate, PATH};
use wal::{Log, LogError, LogOptions, LogStart, Lsn, Recovery, RecoverySource, label};

const OPTIONS: LogOptions = LogOptions { segment_bytes: 8192, sector_size: 512 };
const SOURCE: RecoverySource =
    RecoverySource { start: LogStart::FIRST, durable: Lsn(0), keep_from: LogStart::FIRST };

fn create(disk: &Disk) -> Log {
    Log::create(disk.env(), PATH.as_ref(), DATABASE, LogStart::FIRST, OPTIONS).unwrap()
}

fn commit(log: &Log, payload: &[u8]) {
    let lsn = log.append(payload).unwrap();
    log.sync_to(lsn).unwrap();
}

fn open(disk: &Disk) -> Result<(Recovery, Vec<Vec<u8>>), LogError> {
    let mut recovery = Log::recover(disk.env(), PATH.as_ref(), DATABASE, SOURCE)?;
    let mut records = Vec::new();
    while let Some(record) = recovery.next_record()? {
        records.push(record.payload.to_vec());
    }
    Ok((recovery, records))
}

fn recover(disk: &Disk) -> (Log, Vec<Vec<u8>>) {
    let (recovery, records) = open(disk).unwrap();
    (recovery.resume().unwrap(), records)
}

#[test]
fn a_small_commit_takes_one_sector_and_one_sync() {
    let disk = Disk::new(512);
    let log = create(&disk);
    let before = disk.calls().len();
    commit(&log, &[7; 100]);
    assert_eq!(log.statistics().written_bytes, 512);
    assert_eq!(disk.calls()[before..], ["wal.commit.write", "wal.commit.sync"]);
}

#[test]
fn commits_in_one_group_cost_their_bytes_and_a_header_each() {
    let disk = Disk::new(512);
    let log = create(&disk);
    let mut end = Lsn(0);
    for _ in 0..10 {
        end = log.append(&[1; 100]).unwrap();
    }
    log.sync_to(end).unwrap();
    assert_eq!(end, Lsn(10 * 132));
    assert_eq!(log.statistics().syncs, 1);
    assert_eq!(log.statistics().written_bytes, 1536);
}

#[test]
fn appending_behind_a_torn_tail_loses_nothing_at_the_crash_after() {
    let disk = Disk::new(512);
    let log = create(&disk);
    commit(&log, b"first");
    log.append(&[2; 2000]).unwrap();
    let end = log.append(b"torn").unwrap();
    disk.stop_after(2);
    assert!(log.sync_to(end).unwrap_err().is_poisoned());
    // Only the first two of the group's five sectors survive.
    let mut sectors = 0;
    disk.power_loss(|| {
        sectors += 1;
        if sectors <= 2 { Fate::Kept } else { Fate::Lost }
    });
    let (log, records) = recover(&disk);
    assert_eq!(records, [b"first".to_vec()]);
    commit(&log, b"second");
    disk.power_loss(|| Fate::Lost);
    let (log, records) = recover(&disk);
    assert_eq!(records, [b"first".to_vec(), b"second".to_vec()]);
    commit(&log, b"third");
    disk.power_loss(|| Fate::Lost);
    assert_eq!(recover(&disk).1, [b"first".to_vec(), b"second".to_vec(), b"third".to_vec()]);
}

#[test]
fn a_cut_record_never_comes_back_although_all_its_bytes_are_there() {
    let disk = Disk::new(512);
    let log = create(&disk);
    commit(&log, b"first");
    // One group of two records, each in a sector of its own; the power loss keeps the second only.
    log.append(&[2; 480]).unwrap();
    let end = log.append(&[3; 480]).unwrap();
    disk.stop_after(2);
    assert!(log.sync_to(end).is_err());
    let mut sectors = 0;
    disk.power_loss(|| {
        sectors += 1;
        if sectors == 2 { Fate::Kept } else { Fate::Lost }
    });
    let (log, records) = recover(&disk);
    assert_eq!(records, [b"first".to_vec()]);
    // The same record again, which would complete the old chain.
    commit(&log, &[2; 480]);
    disk.power_loss(|| Fate::Lost);
    assert_eq!(recover(&disk).1, [b"first".to_vec(), vec![2; 480]]);
}

#[test]
fn what_a_failed_sync_left_in_the_cache_is_written_again_before_it_counts() {
    let disk = Disk::new(512);
    let log = create(&disk);
    commit(&log, b"first");
    let end = log.append(b"unknown").unwrap();
    disk.fail_next_sync();
    let error = log.sync_to(end).unwrap_err();
    assert!(error.is_poisoned(), "{error}");
    assert_eq!(log.append(b"more").unwrap_err(), error, "the log takes nothing more");
    disk.restart();
    let (log, records) = recover(&disk);
    assert_eq!(records, [b"first".to_vec(), b"unknown".to_vec()]);
    drop(log);
    // It was seen, so it is there, although the disk never had what the first sync was to write.
    disk.power_loss(|| Fate::Lost);
    assert_eq!(recover(&disk).1, records);
}

#[test]
fn a_length_that_met_a_failed_sync_is_not_believed_either() {
    for reserved in [8192, 20_000] {
        let disk = Disk::new(512);
        let log = create(&disk);
        let end = log.append(b"first").unwrap();
        log.reserve(reserved).unwrap();
        disk.fail_next_sync();
        assert!(log.sync_to(end).unwrap_err().is_poisoned());
        drop(log);
        disk.restart();
        let (log, mut expected) = recover(&disk);
        // Each ends within another sector of the slots that the cache shows.
        for number in 0..40u8 {
            commit(&log, &[number; 400]);
            expected.push(vec![number; 400]);
            let (_, records) = open(&Disk::with_log(512, disk.durable_log())).unwrap();
            assert_eq!(records, expected);
        }
    }
}

#[test]
fn the_header_of_an_epoch_is_not_believed_from_the_cache_either() {
    let disk = Disk::new(512);
    let log = create(&disk);
    commit(&log, b"first");
    drop(log);
    let (recovery, _) = open(&disk).unwrap();
    let before = disk.calls().len();
    drop(recovery.resume().unwrap());
    let last = disk.calls()[before..].last().copied();
    assert_eq!(last, Some("wal.recover.header.sync"));
    // Again, but with that sync failing: contents durable, header in the cache only.
    let (recovery, _) = open(&disk).unwrap();
    disk.fail_next_sync();
    assert!(recovery.resume().is_err());
    disk.restart();
    let (log, records) = recover(&disk);
    assert_eq!(records, [b"first".to_vec()]);
    commit(&log, b"second");
    disk.power_loss(|| Fate::Lost);
    assert_eq!(recover(&disk).1, [b"first".to_vec(), b"second".to_vec()]);
}

/// What a power failure may leave of `count` unsynced sectors, the newest last: all alike, or one of the last two unlike the rest.
fn leftovers(count: usize) -> impl Iterator<Item = Vec<Fate>> {
    let fates = [Fate::Lost, Fate::Kept, Fate::Garbage];
    let last = fates.into_iter().flat_map(move |fate| fates.map(|other| [fate, other]));
    fates.into_iter().flat_map(move |rest| {
        last.clone().map(move |last| {
            let mut left = vec![rest; count];
            let from = count.saturating_sub(2);
            left[from..].copy_from_slice(&last[..count - from]);
            left
        })
    })
}

/// Cuts an opening off at each of its calls, with each of `leftovers`, and opens again; and that once more.
fn every_cut_off_opening_keeps_one_record(history: impl Fn(&Disk)) {
    let opened = |disk: &Disk| {
        let (recovery, records) = open(disk).unwrap();
        assert_eq!(records.len(), 1);
        recovery
    };
    let cut_off = |disk: &Disk, calls: u32, leftover: Option<usize>| {
        disk.stop_after(calls);
        let done = opened(disk).resume().is_ok();
        match leftover {
            None => disk.restart(),
            Some(chosen) => {
                let mut fates = leftovers(disk.pending_sectors()).nth(chosen).unwrap().into_iter();
                disk.power_loss(|| fates.next().unwrap());
            }
        }
        done
    };
    let ends = || (0..27).map(Some).chain([None]);
    // The second time, all sectors meet the same fate.
    let alike = [Some(0), Some(13), Some(26), None];
    for first in 1.. {
        let mut all = true;
        for end in ends() {
            for second in 1.. {
                let mut done = true;
                for last in alike {
                    let disk = Disk::new(512);
                    history(&disk);
                    all &= cut_off(&disk, first, end);
                    done &= cut_off(&disk, second, last);
                    drop(opened(&disk));
                }
                if done {
                    break;
                }
            }
        }
        if all {
            break;
        }
    }
}

#[test]
fn a_switch_that_may_be_all_there_is_is_not_written_over_by_itself() {
    // Only the cache has the record where it was written first, and only the second epoch has it on the device.
    let history = |disk: &Disk| {
        let log = create(disk);
        let end = log.append(b"unknown").unwrap();
        disk.fail_next_sync();
        assert!(log.sync_to(end).is_err());
        disk.restart();
        assert_eq!(recover(disk).1.len(), 1);
    };
    every_cut_off_opening_keeps_one_record(history);
}

#[test]
fn what_a_switch_made_void_is_kept_until_the_switch_is_durable() {
    // The third epoch begins where the second does, and its switch is in the cache only.
    let history = |disk: &Disk| {
        drop(create(disk));
        commit(&recover(disk).0, b"acknowledged");
        let (recovery, _) = open(disk).unwrap();
        // A slot, contents, their sync, header: and the process is killed before the header's sync.
        disk.stop_after(5);
        assert!(recovery.resume().is_err());
        disk.restart();
        let (recovery, _) = open(disk).unwrap();
        disk.fail_next_sync();
        assert!(recovery.resume().is_err());
        disk.restart();
    };
    every_cut_off_opening_keeps_one_record(history);
}

#[test]
fn the_older_superblock_needs_no_switch_that_the_newer_one_has_let_go() {
    let disk = Disk::new(512);
    drop(create(&disk));
    // Both superblocks stand at the beginning, the newer one in the second epoch, whose slot the third one takes.
    let newer = recover(&disk).0.position();
    let source = RecoverySource { start: newer, durable: newer.lsn, keep_from: newer };
    let reopen = || {
        let recovery = Log::recover(disk.env(), PATH.as_ref(), DATABASE, source).unwrap();
        recovery.resume().unwrap()
    };
    commit(&reopen(), &[1; 14_000]);
    commit(&reopen(), b"second");
    commit(&reopen(), b"third");
    assert_eq!(open(&disk).unwrap().1.len(), 3);
}

#[test]
fn a_full_device_refuses_the_reservation_and_nothing_else() {
    let disk = Disk::new(512);
    let log = create(&disk);
    commit(&log, b"first");
    disk.limit(Some(4096 + 8192));
    assert!(log.reserve(100_000).unwrap_err().is_out_of_space());
    log.reserve(100).unwrap();
    commit(&log, b"second");
    disk.limit(None);
    log.reserve(100_000).unwrap();
    let grown = disk.calls().len();
    commit(&log, &[3; 100_000]);
    assert!(!disk.calls()[grown..].contains(&"wal.grow.write"), "what was reserved is there");
    drop(log);
    assert_eq!(recover(&disk).1.len(), 3);
}

#[test]
fn a_growth_that_failed_is_not_tried_again() {
    let disk = Disk::new(512);
    let log = create(&disk);
    commit(&log, b"first");
    disk.fail_next_write();
    // The zeros may land later, when a commit stands in their place.
    assert!(!log.prepare_spare().unwrap_err().is_out_of_space());
    let calls = disk.calls().len();
    assert!(log.reserve(20_000).unwrap_err().is_poisoned());
    assert!(log.append(b"second").unwrap_err().is_poisoned());
    assert_eq!(disk.calls().len(), calls);
    drop(log);
    let (log, records) = recover(&disk);
    assert_eq!(records, [b"first".to_vec()]);
    commit(&log, b"second");
}

#[test]
fn released_segments_are_used_again() {
    let disk = Disk::new(512);
    let log = create(&disk);
    for round in 0..200u8 {
        commit(&log, &[round; 1000]);
        log.release_before(log.durable());
    }
    assert!(log.statistics().segments <= 2, "{:?}", log.statistics());
    let position = log.position();
    commit(&log, b"after");
    drop(log);
    let source = RecoverySource { start: position, durable: position.lsn, keep_from: position };
    let mut recovery = Log::recover(disk.env(), PATH.as_ref(), DATABASE, source).unwrap();
    assert_eq!(recovery.next_record().unwrap().unwrap().payload, b"after");
    assert!(recovery.next_record().unwrap().is_none());
}

#[test]
fn crashing_again_and_again_does_not_grow_the_file() {
    let few = 4096 + 4 * 8192;
    let disk = Disk::new(512);
    commit(&create(&disk), b"first");
    for round in 0..50 {
        let (_, records) = recover(&disk);
        assert_eq!(records.len(), 1);
        // Whether the system dies too, makes no difference as long as what was written got to the device some day.
        if round % 2 == 0 { disk.restart() } else { disk.power_loss(|| Fate::Kept) }
    }
    assert!(disk.durable_log().len() <= few, "{}", disk.durable_log().len());
    // If it never does, an opening that finds more than one possible switch makes sure of it.
    for _ in 0..30 {
        drop(recover(&disk));
        disk.power_loss(|| Fate::Lost);
    }
    let log = recover(&disk).0;
    commit(&log, b"second");
    assert!(log.statistics().segments <= 5, "{:?}", log.statistics());
}

#[test]
fn a_start_within_a_group_and_one_before_a_later_epoch_are_both_found() {
    let disk = Disk::new(512);
    let log = create(&disk);
    commit(&log, b"first");
    log.append(b"second").unwrap();
    let middle = log.position();
    let end = log.append(b"third").unwrap();
    log.sync_to(end).unwrap();
    drop(log);
    // An opening that cannot read the newest superblock starts at the older one and copies around the newer position.
    drop(recover(&disk));
    for _ in 0..2 {
        let source = RecoverySource { start: middle, durable: middle.lsn, keep_from: LogStart::FIRST };
        let mut recovery = Log::recover(disk.env(), PATH.as_ref(), DATABASE, source).unwrap();
        assert_eq!(recovery.next_record().unwrap().unwrap().payload, b"third");
        assert!(recovery.next_record().unwrap().is_none());
        drop(recovery.resume().unwrap());
    }
}

/// A crash after which something is missing or wrong if `skipped` did nothing.
fn broken_without(skipped: &'static Label, history: impl Fn(&Disk)) -> bool {
    let broken = |sabotaged: bool| {
        let disk = Disk::new(512);
        if sabotaged {
            disk.skip(skipped);
        }
        history(&disk);
        disk.power_loss(|| Fate::Lost);
        // Two records were acknowledged or seen.
        !matches!(open(&disk), Ok((_, records)) if records.len() == 2)
    };
    assert!(!broken(false), "the history is harmless as such");
    broken(true)
}

#[test]
fn every_sync_is_needed() {
    let two = |disk: &Disk| {
        let log = create(disk);
        commit(&log, b"first");
        commit(&log, b"second");
    };
    assert!(broken_without(&label::CREATE_SYNC, |disk| {
        drop(create(disk));
        disk.power_loss(|| Fate::Lost);
        if let Ok((recovery, _)) = open(disk) {
            let log = recovery.resume().unwrap();
            commit(&log, b"first");
            commit(&log, b"second");
        }
    }));
    assert!(broken_without(&label::COMMIT_SYNC, two));
    let reopened_after_a_failed_sync = |disk: &Disk| {
        let log = create(disk);
        commit(&log, b"first");
        let end = log.append(b"unknown").unwrap();
        disk.fail_next_sync();
        if log.sync_to(end).is_err() {
            disk.restart();
            drop(recover(disk));
        }
    };
    assert!(broken_without(&label::RECOVER_HEADER_SYNC, reopened_after_a_failed_sync));
    // Without it a note may be durable, and the slot that it tells of not.
    assert!(broken_without(&label::GROW_SYNC, |disk| {
        let log = create(disk);
        commit(&log, b"first");
        commit(&log, b"second");
        log.prepare_spare().unwrap();
        let sectors = disk.pending_sectors();
        let mut sector = 0;
        disk.power_loss(|| {
            sector += 1;
            if sector == sectors { Fate::Kept } else { Fate::Lost }
        });
    }));
    // Without the first sync the header may be durable and what it vouches for not.
    assert!(broken_without(&label::RECOVER_CONTENTS_SYNC, |disk| {
        let log = create(disk);
        commit(&log, b"first");
        commit(&log, b"second");
        drop(log);
        let (recovery, _) = open(disk).unwrap();
        // A slot, its sync and note, contents, their sync, header: and the power fails in the sync of the header.
        disk.stop_after(7);
        assert!(recovery.resume().is_err());
        let header = disk.pending_sectors();
        let mut sectors = 0;
        disk.power_loss(|| {
            sectors += 1;
            if sectors == header { Fate::Kept } else { Fate::Lost }
        });
    }));
}

#[test]
fn recovering_writes_little() {
    let disk = Disk::new(512);
    let log = create(&disk);
    commit(&log, b"first");
    log.prepare_spare().unwrap();
    assert!(log.write_mark().unwrap());
    drop(log);
    let before = disk.calls().len();
    drop(recover(&disk));
    // Nothing proves the mark itself, so it is copied.
    let first = [
        "wal.grow.write",
        "wal.recover.write",
        "wal.recover.contents.sync",
        "wal.recover.header.write",
        "wal.recover.header.sync",
    ];
    assert_eq!(disk.calls()[before..], first);
    // Nor does anything prove the new switch, so that nothing is built on it; once another one is durable it goes.
    let before = disk.calls().len();
    drop(recover(&disk));
    let grown = ["wal.grow.write", "wal.grow.sync", "wal.note.write"];
    assert_eq!(disk.calls()[before..], [&grown, &first[1..], &["wal.recover.wipe.write"]].concat());
    let log = recover(&disk).0;
    commit(&log, b"second");
    assert!(disk.marks().contains(&label::RECOVERED_KEPT.name));
    assert!(disk.marks().contains(&label::RECOVERED_EPOCH.name));
    // A switch with nothing behind it is as good as never made: the next one takes its place.
    let disk = Disk::new(512);
    drop(create(&disk));
    drop(recover(&disk));
    let before = disk.calls().len();
    drop(recover(&disk));
    // The first write is the last sector of the slot, whose length is not believed either.
    let again = ["wal.grow.write", "wal.recover.header.write", "wal.recover.header.sync"];
    assert_eq!(disk.calls()[before..], again);
}

#[test]
fn a_file_that_only_has_the_logs_name_is_left_alone() {
    let database = b"Hornbeam\x01\0\0\0\0\x20\0\0";
    for foreign in [b"2026-11-21 server started\n".as_slice(), database, b"SQLite format 3\0"] {
        let disk = Disk::with_log(512, foreign.to_vec());
        let result = Log::create(disk.env(), PATH.as_ref(), DATABASE, LogStart::FIRST, OPTIONS);
        let error = result.map(|_| ()).unwrap_err();
        assert!(matches!(error, LogError::InTheWay { .. }), "{error}");
        assert!(error.to_string().contains("move it away"), "{error}");
        assert_eq!(disk.cached_log(), foreign);
    }
    // What a torn creation, an earlier life or rot can have left is replaced.
    for ours in
        [b"".as_slice(), b"HB", b"\0\0EAM", b"HBEAMLOG\x7f and more", b"HBEAMLoG", &[0; 9000], &[0xd1; 700]]
    {
        let disk = Disk::with_log(512, ours.to_vec());
        Log::create(disk.env(), PATH.as_ref(), DATABASE, LogStart::FIRST, OPTIONS).unwrap();
        assert_eq!(open(&disk).unwrap().1, Vec::<Vec<u8>>::new());
    }
}
