//! Backups while others write, the power fails and the device fills up: a copy that has its name is complete, sound, and
//! shows exactly the commits up to the one whose number it carries.

#![allow(clippy::disallowed_types, clippy::unwrap_used)] // what the tasks of a run tell the test goes by a plain lock

use crate::support;

use env::Env;
use faults::{Decisions, FaultKind, Plan};
use sim::{Scheduling, WorldConfig, run_with};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use store::{Begin, MAIN_DATABASE, Store, StoreError, StoreOptions, TreeId};
use support::{check, contents};

env::labels! {
    WRITER: "test.backup.writer", Task, "nobody writes beside the backup";
    WRITER_END: "test.backup.writer.end", Task, "a writer is not waited for";
    COPIES: "test.backup.copies", Directory, "the copies are not found";
}

const PATH: &str = "/db/app.db";
const WRITERS: u32 = 2;
const COMMITS: u32 = 12;

fn options() -> StoreOptions {
    StoreOptions {
        cache_bytes: 16 << 10,
        log_segment_bytes: 16 << 10,
        checkpoint_log_bytes: 8 << 10,
        large_commit_bytes: 4 << 10,
        background: true,
        ..support::options()
    }
}

/// What was tried and what was acknowledged, over all lives.
#[derive(Default)]
struct History {
    lives: u32,
    next: u32,
    tried: BTreeSet<Vec<u8>>,
    /// By key: the number of the commit.
    acknowledged: BTreeMap<Vec<u8>, u64>,
    compared: u32,
}

type Shared = Arc<Mutex<History>>;

fn write(store: &Store, tree: TreeId, history: &Shared) {
    for _ in 0..COMMITS {
        let number = {
            let mut history = history.lock().unwrap();
            history.next += 1;
            let number = history.next;
            history.tried.insert(support::key(number));
            number
        };
        let length = [20, 90, 700, 5_000][number as usize % 4];
        let Ok(mut transaction) = store.begin(Begin::default()) else { return };
        if transaction.put(tree, &support::key(number), &vec![number as u8; length]).is_err() {
            continue;
        }
        if let Ok(commit) = transaction.commit() {
            history.lock().unwrap().acknowledged.insert(support::key(number), commit.0);
        }
    }
}

/// Holds every copy that has its name against the history.
fn compare_copies(env: &Arc<dyn Env>, tree: TreeId, history: &Shared) {
    let Ok(names) = env.list(&COPIES, Path::new("/db")) else { return };
    let is_copy = |path: &PathBuf| {
        let name = path.to_string_lossy();
        name.contains("copy") && !name.contains("-partial") && !name.ends_with("-log")
    };
    for path in names.iter().filter(|path| is_copy(path)) {
        let path = Path::new("/db").join(path.file_name().expect("a file has a name"));
        let read_only = StoreOptions { read_only: true, create: false, ..options() };
        let copy = match Store::open(env.clone(), &path, read_only) {
            Ok(copy) => copy,
            Err(error) => panic!("{} does not open: {error}", path.display()),
        };
        assert!(copy.recovery().clean, "a copy is one file");
        check(&copy);
        let commit = copy.visible_commit().0;
        let rows = contents(&copy, tree);
        let mut history = history.lock().unwrap();
        history.compared += 1;
        for (key, value) in &rows {
            assert!(history.tried.contains(key), "nobody wrote this");
            let number: u32 = String::from_utf8_lossy(&key[4..]).parse().expect("a number");
            assert!(value.iter().all(|byte| *byte == number as u8));
        }
        for (key, made) in &history.acknowledged {
            assert_eq!(rows.contains_key(key), *made <= commit, "commit {made} in a copy of commit {commit}");
        }
    }
}

fn is_excused(error: &StoreError) -> bool {
    error.is_out_of_space() || matches!(error, StoreError::Poisoned { .. })
}

fn life(env: Arc<dyn Env>, history: &Shared, faults: bool) {
    let life = {
        let mut history = history.lock().unwrap();
        history.lives += 1;
        history.lives
    };
    let store = match Store::open(env.clone(), Path::new(PATH), options()) {
        Ok(store) => store,
        Err(error) => {
            assert!(faults && is_excused(&error), "does not open: {error}");
            return;
        }
    };
    let tree = match store.trees(MAIN_DATABASE).expect("lists").first() {
        Some(tree) => *tree,
        None => {
            let mut transaction = store.begin(Begin::default()).expect("begins");
            let made = transaction.create_tree(true).expect("creates");
            match transaction.commit() {
                Ok(_) => made,
                Err(_) => return,
            }
        }
    };
    compare_copies(&env, tree, history);
    let writers: Vec<_> = (0..WRITERS)
        .filter_map(|_| {
            let (store, history) = (store.clone(), history.clone());
            env.spawn(&WRITER, "writer", Box::new(move || write(&store, tree, &history))).ok()
        })
        .collect();
    for nth in 0..3 {
        let target = PathBuf::from(format!("/db/copy-{life}-{nth}"));
        if let Err(error) = store.backup(&target, &mut |_, _| {}) {
            assert!(faults && is_excused(&error), "no backup: {error}");
        }
    }
    for writer in writers {
        writer.join().expect("a writer ends");
    }
    drop(store);
    compare_copies(&env, tree, history);
}

fn tell(seed: u64, plan: Plan, faults: bool) -> u32 {
    let decisions = Decisions::seeded(seed);
    let config = WorldConfig { plan, scheduling: Scheduling::draw(&decisions), ..WorldConfig::default() };
    let history = Shared::default();
    let shared = history.clone();
    let run = run_with(config, decisions, move |env| life(env, &shared, faults));
    assert!(!run.stop.is_failure(), "seed {seed}: {}", run.stop);
    let history = history.lock().unwrap();
    history.compared
}

#[test]
fn a_copy_made_beside_writers_is_the_snapshot_it_was_made_from() {
    let compared: u32 = (0..40).map(|seed| tell(seed, Plan::none(), false)).sum();
    assert_eq!(compared, 40 * 3);
}

#[test]
fn a_power_failure_during_a_backup_leaves_a_whole_copy_or_none() {
    let plan = || Plan::of(&[(FaultKind::PowerLoss, 2_000), (FaultKind::ProcessKilled, 1_000)]);
    let compared: u32 = (0..80).map(|seed| tell(seed, plan(), false)).sum();
    assert!(compared > 100, "{compared} copies");
}

#[test]
fn a_device_that_is_full_now_and_then_leaves_a_whole_copy_or_none() {
    let plan = || Plan::of(&[(FaultKind::NoSpace, 10_000), (FaultKind::PowerLoss, 500)]);
    let compared: u32 = (0..80).map(|seed| tell(seed, plan(), true)).sum();
    assert!(compared > 100, "{compared} copies");
}

/// Two tasks that want the same copy: exactly one of them makes it, the other is refused, and the copy is whole.
#[test]
fn two_backups_to_one_target_leave_the_copy_of_one() {
    let mut refused = BTreeSet::new();
    for seed in 0..60 {
        let decisions = Decisions::seeded(seed);
        let config = WorldConfig { scheduling: Scheduling::draw(&decisions), ..WorldConfig::default() };
        let answers: Arc<Mutex<Vec<Result<(), String>>>> = Arc::default();
        let shared = answers.clone();
        let run = run_with(config, decisions, move |env| {
            let store = Store::open(env.clone(), Path::new(PATH), options()).expect("opens");
            let tree = support::tree_with(&store, 0..40);
            // What a backup that was cut off has left.
            if seed % 2 == 0 {
                store.backup(Path::new("/db/copy-partial"), &mut |_, _| {}).expect("makes");
            }
            let tasks: Vec<_> = (0..2)
                .map(|_| {
                    let (store, shared) = (store.clone(), shared.clone());
                    let body = move || {
                        let made = store.backup(Path::new("/db/copy"), &mut |_, _| {});
                        shared.lock().unwrap().push(made.map_err(|error| error.to_string()));
                    };
                    env.spawn(&WRITER, "backup", Box::new(body)).expect("starts")
                })
                .collect();
            for task in tasks {
                task.join().expect("a backup ends");
            }
            let names = env.list(&COPIES, Path::new("/db")).expect("lists");
            assert!(!names.iter().any(|name| name.to_string_lossy().contains("partial")), "{names:?}");
            let read_only = StoreOptions { read_only: true, create: false, ..options() };
            let copy = Store::open(env, Path::new("/db/copy"), read_only).expect("the copy is there");
            check(&copy);
            assert_eq!(contents(&copy, tree).len(), 40);
        });
        assert!(!run.stop.is_failure(), "seed {seed}: {}", run.stop);
        let answers = answers.lock().unwrap();
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "seed {seed}: {answers:?}");
        refused.extend(answers.iter().filter_map(|answer| answer.clone().err()));
    }
    assert!(refused.iter().all(|text| text.contains("/db/copy")), "{refused:?}");
}
