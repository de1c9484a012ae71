//! The log under random histories of appends, syncs, marks, checkpoints, failing syncs, kills, power losses and recoveries
//! that are themselves cut off. Promised after every recovery: the records are a prefix of what was appended, with
//! everything that was acknowledged or seen by an earlier recovery in it; what an earlier recovery cut never comes back.

#![allow(clippy::unwrap_used)] // a test

use crate::support;

use proptest::prelude::*;
use support::{DATABASE, Disk, Fate, PATH};
use wal::{Log, LogError, LogOptions, LogStart, Lsn, RecoverySource};

#[derive(Debug, Clone)]
enum Step {
    /// Append records of these lengths, then perhaps make them durable.
    Commit {
        lengths: Vec<usize>,
        sync: bool,
    },
    Mark,
    Checkpoint,
    /// A commit whose sync fails, if anything is in flight; then the process ends.
    FailSync,
    /// The process stops at one of its next changing calls.
    StopAfter(u32),
    /// The process ends, the operating system lives.
    Kill,
    /// The power fails; the seed decides each sector's fate.
    PowerLoss(u64),
    /// The newest superblock cannot be read any more.
    LoseSuperblock,
}

fn step() -> impl Strategy<Value = Step> {
    let length = prop_oneof![6 => 0usize..200, 2 => 200usize..1500, 1 => 7000usize..20_000];
    prop_oneof![
        8 => (prop::collection::vec(length, 1..6), any::<bool>())
            .prop_map(|(lengths, sync)| Step::Commit { lengths, sync }),
        1 => Just(Step::Mark),
        2 => Just(Step::Checkpoint),
        1 => Just(Step::FailSync),
        2 => (1u32..12).prop_map(Step::StopAfter),
        2 => Just(Step::Kill),
        3 => any::<u64>().prop_map(Step::PowerLoss),
        1 => Just(Step::LoseSuperblock),
    ]
}

/// The two superblocks, as the store keeps them.
#[derive(Debug, Clone, Copy)]
struct Superblock {
    start: LogStart,
    durable: Lsn,
    /// How many records of the history lie before.
    records: usize,
}

struct World {
    disk: Disk,
    log: Option<Log>,
    older: Superblock,
    newer: Superblock,
    /// Whether the newest superblock is unreadable.
    fall_back: bool,
    /// The number in each record that was appended and not cut; a record is its number, then filler.
    history: Vec<(u32, usize)>,
    /// How many of them must survive.
    certain: usize,
    next: u32,
}

fn payload(number: u32, length: usize) -> Vec<u8> {
    let mut bytes = number.to_le_bytes().to_vec();
    bytes.resize(length.max(4), (number % 251) as u8);
    bytes
}

impl World {
    fn new(sector: usize) -> World {
        let disk = Disk::new(sector);
        let options = LogOptions { segment_bytes: 8192, sector_size: sector as u32 };
        let start = LogStart { epoch: 1, lsn: Lsn(777), chain: 99 };
        let log = Log::create(disk.env(), PATH.as_ref(), DATABASE, start, options).unwrap();
        let superblock = Superblock { start, durable: start.lsn, records: 0 };
        World {
            disk,
            log: Some(log),
            older: superblock,
            newer: superblock,
            fall_back: false,
            history: Vec::new(),
            certain: 0,
            next: 0,
        }
    }

    /// Runs a step of the living process; an error ends it.
    fn run(&mut self, step: &Step) {
        let Some(log) = &self.log else { return };
        let alive = match step {
            Step::Commit { lengths, sync } => {
                let mut end = log.durable();
                let mut alive = true;
                for &length in lengths {
                    match log.append(&payload(self.next, length)) {
                        Ok(lsn) => end = lsn,
                        Err(_) => alive = false,
                    }
                    if alive {
                        self.history.push((self.next, length));
                        self.next += 1;
                    }
                }
                if *sync && alive {
                    alive = log.sync_to(end).is_ok();
                    if alive {
                        self.certain = self.history.len();
                    }
                }
                alive
            }
            Step::Mark => log.write_mark().is_ok(),
            Step::Checkpoint => {
                let position = log.position();
                let done = log.sync_to(position.lsn).is_ok();
                if done {
                    self.certain = self.history.len();
                    // The slot that cannot be read is the one that is written.
                    if !std::mem::take(&mut self.fall_back) {
                        self.older = self.newer;
                    }
                    let records = self.history.len();
                    self.newer = Superblock { start: position, durable: log.durable(), records };
                    log.release_before(self.older.start.lsn);
                }
                done
            }
            Step::FailSync => {
                self.disk.fail_next_sync();
                let failed = log.sync_to(log.position().lsn);
                assert!(failed.is_ok() || failed.unwrap_err().is_poisoned());
                false
            }
            Step::StopAfter(calls) => {
                self.disk.stop_after(*calls);
                true
            }
            Step::Kill | Step::PowerLoss(_) => false,
            Step::LoseSuperblock => {
                self.fall_back = true;
                true
            }
        };
        if !alive {
            self.log = None;
        }
    }

    fn power_loss(&mut self, seed: u64) {
        let mut state = seed | 1;
        self.disk.power_loss(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            match (seed % 4, state % 8) {
                (0, _) => Fate::Lost,
                (1, _) => Fate::Kept,
                (2, 0..4) | (3, 0..3) => Fate::Lost,
                (3, 3) => Fate::Garbage,
                _ => Fate::Kept,
            }
        });
    }

    fn source(&self) -> (RecoverySource, usize) {
        let block = if self.fall_back { self.older } else { self.newer };
        let source =
            RecoverySource { start: block.start, durable: block.durable, keep_from: self.older.start };
        (source, block.records)
    }

    /// Recovers; `None` when recovery itself was cut off.
    fn recover(&mut self) -> Option<()> {
        let (source, skipped) = self.source();
        let recovered = read(&self.disk, source);
        let mut recovery = match Log::recover(self.disk.env(), PATH.as_ref(), DATABASE, source) {
            Ok(recovery) => recovery,
            Err(error) => panic!("{error}"),
        };
        let mut numbers = Vec::new();
        while let Some(record) = recovery.next_record().unwrap() {
            numbers.push((record.lsn, record.payload.to_vec()));
        }
        assert_eq!(numbers, recovered, "reading twice reads the same");
        recovery.restart();
        let mut again = recovered.iter();
        while let Some(record) = recovery.next_record().unwrap() {
            let (lsn, payload) = again.next().unwrap();
            assert_eq!((record.lsn, record.payload), (*lsn, &payload[..]));
        }
        assert!(again.next().is_none());
        let count = skipped + numbers.len();
        assert!(count >= self.certain, "{} certain, {count} recovered", self.certain);
        assert!(count <= self.history.len(), "records from nowhere");
        for ((_, bytes), &(number, length)) in numbers.iter().zip(&self.history[skipped..]) {
            assert_eq!(*bytes, payload(number, length), "record {number}");
        }
        match recovery.resume() {
            Ok(log) => {
                assert_eq!(log.durable(), log.position().lsn);
                // What recovery has shown is certain from here on; what it cut must never come back.
                self.history.truncate(count);
                self.certain = count;
                self.log = Some(log);
                Some(())
            }
            Err(error) => {
                assert!(self.disk.stopped(), "{error}");
                None
            }
        }
    }
}

/// Reads without writing.
fn read(disk: &Disk, source: RecoverySource) -> Vec<(Lsn, Vec<u8>)> {
    let before = disk.calls().len();
    let mut reader = Log::read_only(disk.env(), PATH.as_ref(), DATABASE, source).unwrap();
    let mut records = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        records.push((record.lsn, record.payload.to_vec()));
    }
    assert_eq!(disk.calls().len(), before, "read-only writes nothing");
    records
}

fn run(sector: usize, steps: &[Step]) {
    let mut world = World::new(sector);
    for step in steps {
        world.run(step);
        if world.log.is_some() {
            continue;
        }
        loop {
            match step {
                Step::PowerLoss(seed) => world.power_loss(*seed),
                _ if world.next.is_multiple_of(3) => world.power_loss(u64::from(world.next)),
                _ => world.disk.restart(),
            }
            if let Step::StopAfter(calls) = step {
                world.disk.stop_after(*calls);
            }
            if world.recover().is_some() {
                break;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn recovery_returns_a_prefix_with_all_that_is_certain(steps in prop::collection::vec(step(), 1..60)) {
        run(512, &steps);
    }

    #[test]
    fn the_same_with_sectors_of_4096(steps in prop::collection::vec(step(), 1..40)) {
        run(4096, &steps);
    }
}

#[test]
fn errors_are_errors() {
    // The enum is used here so that a missing log is one of the promises of this file.
    let disk = Disk::new(512);
    let start = LogStart::FIRST;
    let source = RecoverySource { start, durable: start.lsn, keep_from: start };
    let missing = Log::recover(disk.env(), PATH.as_ref(), DATABASE, source).err();
    assert_eq!(missing, Some(LogError::Missing { path: PATH.into() }));
}

#[test]
fn openings_that_the_power_ends_at_once_do_not_lengthen_the_log() {
    for sector in [512, 4096] {
        let mut world = World::new(sector);
        world.run(&Step::Commit { lengths: vec![100, 200], sync: true });
        let before = world.log.as_ref().unwrap().statistics().segments;
        for _ in 0..40 {
            world.log = None;
            world.disk.power_loss(|| Fate::Lost);
            world.recover().unwrap();
            let segments = world.log.as_ref().unwrap().statistics().segments;
            // Each opening copies what nothing proves; three of them may count.
            assert!(segments <= 4 * before, "{segments} segments, {before} at first");
        }
    }
}
