//! An opening that is cut off leaves a store whose fallback is as good as what it falls back from.
//!
//! Opening a new or closed store makes two checkpoints, so that both superblocks ask for the log. A power loss between
//! them leaves an older one that does not. Commits of the next life stand in the log alone: when the newer superblock
//! then rots, the older one must still lead to them. (It did not: the log was taken for superfluous, and removed.)

use env::Env;
use env::memory::MemoryEnv;
use faults::Decisions;
use sim::{Stop, World, WorldConfig};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Begin, MAIN_DATABASE, Store, StoreOptions, StoreResult};

const NAME: &str = "/db/app";
const SUPERBLOCKS: [usize; 2] = [0, 4096];

fn options() -> StoreOptions {
    StoreOptions { page_size: 512, log_segment_bytes: 16 << 10, background: false, ..StoreOptions::default() }
}

fn open(env: Arc<dyn Env>) -> StoreResult<Store> {
    Store::open(env, Path::new(NAME), options())
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The files that a power loss at `step` of opening `files` leaves; `None` when the opening needs fewer steps.
fn cut_off_at(step: u64, files: &Files) -> Option<Files> {
    let world = World::new(WorldConfig::default(), Decisions::tame(1));
    for (name, bytes) in files {
        world.with_disk(|disk| disk.install(name, bytes));
    }
    world.crash_at_step(step, true);
    let env = world.env();
    let stop = world.run(move || {
        let store = open(env);
        // A crash unwinds out of the opening; only one that was not cut off comes here.
        drop(store.expect("nothing fails in a tame world"));
    });
    match stop {
        Stop::Crashed { .. } => {}
        Stop::Finished => return None,
        other => panic!("{other}"),
    }
    let names = ["", "-new", "-log"].map(|suffix| PathBuf::from(format!("{NAME}{suffix}")));
    let image = |name: PathBuf| {
        let bytes = world.with_disk(|disk| disk.image(&name).map(|file| file.to_vec()))?;
        Some((name, bytes))
    };
    Some(names.into_iter().filter_map(image).collect())
}

/// Makes a tree with one row and leaves the store as a power loss would.
fn commit_one(files: Files) -> Files {
    let env = Arc::new(MemoryEnv::from_files(files));
    let store = open(env.clone()).expect("a cut-off opening is repeated");
    let mut transaction = store.begin(Begin::default()).expect("it begins");
    let tree = transaction.create_tree(true).expect("it makes a tree");
    transaction.put(tree, b"key", b"value").expect("it writes");
    transaction.commit().expect("it commits");
    env.files()
}

fn reads_it(files: Files) -> StoreResult<bool> {
    let store = open(Arc::new(MemoryEnv::from_files(files)))?;
    let Some(tree) = store.trees(MAIN_DATABASE)?.first().copied() else { return Ok(false) };
    let mut transaction = store.begin(Begin::default())?;
    Ok(transaction.get(tree, b"key")?.as_deref() == Some(b"value"))
}

/// The files of a store that was made and closed.
fn closed() -> Files {
    let env = Arc::new(MemoryEnv::from_files(Files::new()));
    let store = open(env.clone()).expect("it opens");
    store.close().expect("it closes");
    env.files()
}

/// Cuts the opening of `files` off at every step, goes on, and damages each superblock.
fn check_every_cut(files: &Files) {
    let mut cuts = 0;
    while let Some(files) = cut_off_at(cuts + 1, files) {
        cuts += 1;
        let files = commit_one(files);
        assert_eq!(reads_it(files.clone()).ok(), Some(true), "cut off at step {cuts}");
        for superblock in SUPERBLOCKS {
            let mut files = files.clone();
            let file = files.get_mut(Path::new(NAME)).expect("the database file");
            file[superblock + 100] ^= 0xff;
            let read = reads_it(files);
            assert!(
                matches!(read, Ok(true)),
                "cut off at step {cuts}, superblock at {superblock} damaged: {read:?}"
            );
        }
    }
    assert!(cuts > 20, "an opening takes more than {cuts} calls");
}

#[test]
fn a_first_opening_that_was_cut_off_loses_nothing_later() {
    check_every_cut(&Files::new());
}

#[test]
fn an_opening_of_a_closed_store_that_was_cut_off_loses_nothing_later() {
    check_every_cut(&closed());
}
