//! Several threads on one pager: readers through a cache of a few pages, while one thread writes, checkpoints and
//! reuses pages.

use super::support::*;

use env::Env;
use pager::{CheckpointInput, FreedPage, Options, PagePointer, PageRef, Pager, Placements, RootPointer};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

struct Published {
    root: PagePointer,
    commit: u64,
}

/// Commits that readers stand at, and the newest tree.
struct Shared {
    pager: Pager,
    newest: Mutex<(Published, Vec<u64>)>,
    reads: AtomicU64,
    reused: AtomicU64,
    done: AtomicBool,
}

fn read(shared: &Shared) {
    while !shared.done.load(Ordering::Relaxed) {
        let (root, commit) = {
            let mut newest = shared.newest.lock().unwrap();
            let commit = newest.0.commit;
            newest.1.push(commit);
            (newest.0.root, commit)
        };
        let found = values(&shared.pager, &PageRef::Stored(root)).unwrap();
        assert_eq!(found, (commit..commit + 40).collect::<Vec<_>>(), "a snapshot changed under its reader");
        let mut newest = shared.newest.lock().unwrap();
        let position = newest.1.iter().position(|other| *other == commit).unwrap();
        newest.1.swap_remove(position);
        shared.reads.fetch_add(1, Ordering::Relaxed);
    }
}

fn write(shared: &Shared) {
    let mut commit = 1;
    while commit < 300 || shared.reads.load(Ordering::Relaxed) < 300 {
        commit += 1;
        let pager = &shared.pager;
        let old = shared.newest.lock().unwrap().0.root;
        let freed = pages(pager, &PageRef::Stored(old));
        let (root, level) = tree(pager, commit, commit..commit + 40);
        let mut placed = Placements::new();
        let root = pager.write_tree(&[root], &mut placed).unwrap()[0];
        let mut input = CheckpointInput::repeat(&pager.superblock());
        input.commit = commit;
        input.root = RootPointer { pointer: root, level, rows: 40 };
        input.added = placed.take_all();
        input.removed = freed.iter().filter_map(FreedPage::number).collect();
        pager.checkpoint(input).unwrap();
        let oldest = {
            let mut newest = shared.newest.lock().unwrap();
            newest.0 = Published { root, commit };
            newest.1.iter().copied().min().unwrap_or(commit)
        };
        pager.retire(freed, commit);
        shared.reused.fetch_add(pager.advance(oldest).unwrap(), Ordering::Relaxed);
    }
    shared.done.store(true, Ordering::Relaxed);
}

#[test]
fn readers_keep_their_snapshots_while_pages_are_reused() {
    let env: std::sync::Arc<dyn Env> = memory();
    let options = Options { cache_bytes: 8 << 10, ..small() };
    let pager = Pager::create(env, Path::new(PATH), &options).unwrap();
    let (root, _) = tree(&pager, 1, 1..41);
    let mut placed = Placements::new();
    let root = pager.write_tree(&[root], &mut placed).unwrap()[0];
    let mut input = CheckpointInput::repeat(&pager.superblock());
    input.commit = 1;
    input.added = placed.take_all();
    pager.checkpoint(input).unwrap();
    let newest = Mutex::new((Published { root, commit: 1 }, Vec::new()));
    let shared = Shared {
        pager,
        newest,
        reads: AtomicU64::new(0),
        reused: AtomicU64::new(0),
        done: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        scope.spawn(|| read(&shared));
        scope.spawn(|| read(&shared));
        scope.spawn(|| write(&shared));
    });
    assert!(shared.pager.cache_bytes() <= 8 << 10);
    assert!(shared.reused.load(Ordering::Relaxed) > 0, "pages became free while others read");
}
