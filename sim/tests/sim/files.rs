//! The disk as tasks see it: the promises of every world, crashes, sabotage, faults, two processes.

use env::conformance::{CLOCKS_AND_ENTROPY, FILES, SOCKETS, TASKS};
use env::{FileExt, FileLockKind, FileLockOutcome, OpenMode};
use faults::{Decisions, FaultKind, Plan};
use sim::disk::DiskConfig;
use sim::{Policy, Recording, Scheduling, Stop, World, WorldConfig};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

env::labels! {
    OPEN: "test.open", Directory, "there is no file";
    READ: "test.read", Read, "nothing is read";
    WRITE: "test.write", Write, "nothing is written";
    SYNC: "test.sync", Sync, "the bytes are lost with the power";
    DIRECTORY_SYNC: "test.directory.sync", DirectorySync, "the file is lost with the power";
    LENGTH: "test.length", Length, "the length is another";
    FILE_LOCK: "test.lock", FileLock, "two processes write";
    CRASH: "test.crash", Mark, "the place of a crash";
    SLEEP: "test.sleep", Clock, "no pause";
    TASK: "test.task", Task, "no second task";
}

const PATH: &str = "/db/file";

fn world(config: WorldConfig, seed: u64) -> World {
    World::new(WorldConfig { recording: Recording::All, ..config }, Decisions::seeded(seed))
}

#[test]
fn a_simulated_world_keeps_every_promise() {
    let policies = [Policy::Random { preempt: 200_000, pick: 500_000 }, Policy::Priority { sink: 50_000 }];
    let mild = Plan::of(&[
        (FaultKind::ShortRead, 100_000),
        (FaultKind::ShortWrite, 100_000),
        (FaultKind::Interrupted, 100_000),
        (FaultKind::StreamSplit, 100_000),
        (FaultKind::StreamDelayed, 20_000),
    ]);
    for (policy, overlap, plan) in
        [(policies[0], true, Plan::none()), (policies[0], false, mild.clone()), (policies[1], true, mild)]
    {
        for (number, promise) in [FILES, CLOCKS_AND_ENTROPY, TASKS, SOCKETS].into_iter().flatten().enumerate()
        {
            let directory = PathBuf::from("/conformance");
            let config = WorldConfig {
                disk: DiskConfig { directories: vec![directory.clone()], ..DiskConfig::default() },
                scheduling: Scheduling { policy, overlap },
                plan: plan.clone(),
                ..WorldConfig::default()
            };
            let world = world(config, number as u64);
            let env = world.env();
            let stop = world.run(move || (promise.check)(&*env, &directory));
            assert_eq!(stop, Stop::Finished, "{}: {stop}", promise.name);
        }
    }
}

/// Writes a file, syncs what is asked for, and crashes; returns what is left of it.
fn write_and_crash(sabotage: &[&str], sync: bool, sync_directory: bool, seed: u64) -> Option<Vec<u8>> {
    let sabotage: BTreeSet<String> = sabotage.iter().map(|name| (*name).to_owned()).collect();
    let world = world(WorldConfig { sabotage, ..WorldConfig::default() }, seed);
    let (env, inside) = (world.env(), world.clone());
    let stop = world.run(move || {
        let file = env.open(&OPEN, Path::new(PATH), OpenMode::CreateNew).expect("a new file");
        file.write_all_at(&WRITE, 0, b"precious").expect("writable");
        if sync {
            file.sync_data(&SYNC).expect("synced");
        }
        if sync_directory {
            env.sync_directory(&DIRECTORY_SYNC, Path::new("/db")).expect("synced");
        }
        inside.crash_now(&CRASH, true);
    });
    assert!(matches!(stop, Stop::Crashed { .. }), "{stop}");
    world.with_disk(|disk| disk.image(Path::new(PATH)).map(|image| image.to_vec()))
}

#[test]
fn what_was_synced_survives_and_what_was_not_may_be_lost() {
    let whole = Some(b"precious".to_vec());
    let lost = |sabotage: &[&str], sync, sync_directory| {
        (0..40).filter(|&seed| write_and_crash(sabotage, sync, sync_directory, seed) != whole).count()
    };
    assert_eq!(lost(&[], true, true), 0);
    assert!(lost(&[], false, true) > 5);
    assert!(lost(&[], true, false) > 5);
    assert!(lost(&[SYNC.name], true, true) > 5, "a sabotaged sync makes nothing durable");
    assert!(lost(&[DIRECTORY_SYNC.name], true, true) > 5, "nor does a sabotaged directory sync");
    assert_eq!(lost(&[WRITE.name], true, true), 40, "a sabotaged write writes nothing");
}

#[test]
fn a_killed_process_keeps_what_the_page_cache_has_and_loses_its_lock() {
    let world = world(WorldConfig::default(), 1);
    let (env, inside) = (world.env(), world.clone());
    world.run(move || {
        let file = env.open(&OPEN, Path::new(PATH), OpenMode::CreateNew).expect("a new file");
        file.write_all_at(&WRITE, 0, b"cached").expect("writable");
        assert_eq!(file.try_lock(&FILE_LOCK, FileLockKind::Exclusive), Ok(FileLockOutcome::Acquired));
        inside.crash_now(&CRASH, false);
    });
    let env = world.env();
    let stop = world.run(move || {
        let file = env.open(&OPEN, Path::new(PATH), OpenMode::ReadWrite).expect("still there");
        assert_eq!(file.len(&LENGTH), Ok(6));
        assert_eq!(file.try_lock(&FILE_LOCK, FileLockKind::Exclusive), Ok(FileLockOutcome::Acquired));
    });
    assert_eq!(stop, Stop::Finished, "{stop}");
}

#[test]
fn two_processes_exclude_one_another_until_one_is_killed() {
    let world = world(WorldConfig::default(), 1);
    let (first, second, inside) = (world.env(), world.env_of(2), world.clone());
    let stop = world.run(move || {
        let theirs = std::sync::Arc::clone(&second);
        let body = Box::new(move || {
            let file = theirs.open(&OPEN, Path::new(PATH), OpenMode::Create).expect("a file");
            let _ = file.try_lock(&FILE_LOCK, FileLockKind::Exclusive);
            theirs.sleep(&SLEEP, std::time::Duration::from_secs(1_000));
        });
        second.spawn(&TASK, "p2/main", body).expect("a task");
        first.sleep(&SLEEP, std::time::Duration::from_secs(1));
        let file = first.open(&OPEN, Path::new(PATH), OpenMode::Create).expect("a file");
        let held = file.try_lock(&FILE_LOCK, FileLockKind::Exclusive);
        assert_eq!(held, Ok(FileLockOutcome::HeldBy(Some(second.process_id()))));
        inside.kill(2);
        let taken = file.try_lock(&FILE_LOCK, FileLockKind::Exclusive);
        assert_eq!(taken, Ok(FileLockOutcome::Acquired));
    });
    assert_eq!(stop, Stop::Finished, "{stop}");
}

#[test]
fn faults_of_the_plan_reach_the_calls_and_the_ledger() {
    let plan = Plan::of(&[(FaultKind::ReadError, 100_000), (FaultKind::NoSpace, 100_000)]);
    let world = world(WorldConfig { plan, ..WorldConfig::default() }, 3);
    let env = world.env();
    let stop = world.run(move || {
        let file = env.open(&OPEN, Path::new(PATH), OpenMode::Create).expect("a file");
        let (mut full, mut unreadable) = (0, 0);
        for number in 0..100_u64 {
            match file.write_all_at(&WRITE, number * 8, &[7; 8]) {
                Ok(()) => {}
                Err(error) => full += u32::from(error.is_out_of_space()),
            }
            unreadable += u32::from(file.read_up_to(&READ, 0, &mut [0; 8]).is_err());
        }
        assert!(full > 2 && unreadable > 2, "{full} {unreadable}");
    });
    assert_eq!(stop, Stop::Finished, "{stop}");
    let kinds: BTreeSet<FaultKind> =
        world.with_ledger(|ledger| ledger.faults().iter().map(|fault| fault.kind).collect());
    assert_eq!(kinds, BTreeSet::from([FaultKind::ReadError, FaultKind::NoSpace]));
}

#[test]
fn files_can_be_used_outside_a_run_with_no_faults() {
    let plan = Plan::of(&[(FaultKind::OpenError, 1_000_000), (FaultKind::PowerLoss, 1_000_000)]);
    let world = world(WorldConfig { plan, ..WorldConfig::default() }, 3);
    let env = world.env();
    let file = env.open(&OPEN, Path::new(PATH), OpenMode::Create).expect("no faults outside a run");
    file.write_all_at(&WRITE, 0, b"prepared").expect("nor here");
    assert_eq!(
        env.open(&OPEN, Path::new("/nowhere/file"), OpenMode::Create).err().map(|error| error.kind),
        Some(ErrorKind::NotFound)
    );
}

#[test]
fn the_written_bytes_are_part_of_the_hash() {
    let hash_of = |byte: u8| {
        let world = world(WorldConfig::default(), 1);
        let env = world.env();
        world.run(move || {
            let file = env.open(&OPEN, Path::new(PATH), OpenMode::Create).expect("a file");
            file.write_all_at(&WRITE, 0, &[byte; 100]).expect("writable");
        });
        world.hash()
    };
    assert_eq!(hash_of(1), hash_of(1));
    assert_ne!(hash_of(1), hash_of(2));
}

#[test]
fn every_life_of_a_stormy_run_ends_and_the_same_seed_tells_the_same_story() {
    let story = |seed| {
        let run = sim::run(seed, |env| {
            let write = || -> env::IoResult<()> {
                let file = env.open(&OPEN, Path::new(PATH), OpenMode::Create)?;
                for number in 0..50_u64 {
                    file.write_all_at(&WRITE, number * 100, &[number as u8; 100])?;
                    file.sync_data(&SYNC)?;
                }
                env.sync_directory(&DIRECTORY_SYNC, Path::new("/db"))
            };
            // Whatever fails, the next life tries again.
            let _ = write();
        });
        assert!(!run.stop.is_failure(), "{}", run.stop);
        (run.world.hash(), run.lives, run.world.with_disk(|disk| disk.hash(true)))
    };
    let stories: Vec<_> = (0..30).map(story).collect();
    assert_eq!(stories, (0..30).map(story).collect::<Vec<_>>());
    let lives: BTreeSet<u32> = stories.iter().map(|&(_, lives, _)| lives).collect();
    assert!(lives.len() > 1, "{lives:?}");
}
